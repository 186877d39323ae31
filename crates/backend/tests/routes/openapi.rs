//! The description is the routes, answers carry what every answer must, metrics stay bounded.

use std::collections::BTreeSet;

use serde_json::Value;

use super::support::{KEY_A, Service, answer};

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"];

#[tokio::test]
async fn the_description_is_what_answers() {
    let service = Service::start().await;
    let api: Value = service
        .bare("GET", "/openapi.json")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(api["openapi"], "3.1.0");
    let mut routes = BTreeSet::new();
    for (path, described) in api["paths"].as_object().unwrap() {
        for method in METHODS {
            let lower = method.to_lowercase();
            // HEAD answers wherever GET does.
            let known = described.get(&lower).is_some()
                || method == "HEAD" && described.get("get").is_some();
            let real = path.replace("{id}", "0198c0de-0000-7000-8000-000000000001");
            let response = service.of("site-a", method, &real).send().await.unwrap();
            assert_eq!(response.status() != 405, known, "{method} {path}");
            let text = response.text().await.unwrap();
            assert!(!known || !text.contains("\"not_found\""), "{method} {path}");
            if known && method != "HEAD" {
                routes.insert(format!("{method} {path}"));
            }
        }
    }
    insta::assert_json_snapshot!(routes, @r#"
    [
      "DELETE /v1/api-key",
      "DELETE /v1/pages/{id}/videos",
      "DELETE /v1/site",
      "DELETE /v1/videos/{id}",
      "GET /.well-known/deletion-receipts.json",
      "GET /.well-known/security.txt",
      "GET /healthz",
      "GET /media/{id}/{file}",
      "GET /metrics",
      "GET /openapi.json",
      "GET /readyz",
      "GET /v1/api-key",
      "GET /v1/deletions/{id}",
      "GET /v1/limits",
      "GET /v1/site",
      "GET /v1/usage",
      "GET /v1/usage/report",
      "GET /v1/videos",
      "GET /v1/videos/{id}",
      "GET /v1/videos/{id}/media",
      "POST /v1/api-key/test",
      "POST /v1/errors",
      "POST /v1/uninstalled",
      "POST /v1/videos",
      "POST /v1/videos/{id}/cancel",
      "PUT /v1/api-key",
      "PUT /v1/limits"
    ]
    "#);
    // Every type that is referred to is described.
    let text = api.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(api["components"]["schemas"].get(name).is_some(), "{name}");
    }
}

#[tokio::test]
async fn p06_every_answer_carries_the_security_headers_and_an_id() {
    let service = Service::start().await;
    for (path, status) in [
        ("/healthz", 200),
        ("/v1/site", 401),
        ("/nowhere", 404),
        ("/media/a/b", 403),
    ] {
        let response = service
            .bare("GET", path)
            .header("x-request-id", "forged")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{path}");
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(
            headers["content-security-policy"],
            "default-src 'none'; frame-ancestors 'none'"
        );
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
        assert_eq!(headers["cache-control"], "no-store");
        // HSTS goes with TLS alone (RFC 6797, 7.2), and no other site may read an answer.
        assert!(headers.get("strict-transport-security").is_none());
        assert!(headers.get("access-control-allow-origin").is_none());
        assert_eq!(headers["x-request-id"].len(), 36);
    }
    let nowhere = service
        .bare("POST", "/v1/site/../canary?canary=1")
        .send()
        .await
        .unwrap();
    assert!(!answer(nowhere).await.to_string().contains("canary"));
    let allowed = service.bare("PATCH", "/v1/videos").send().await.unwrap();
    let mut allow: Vec<_> = allowed.headers()["allow"]
        .to_str()
        .unwrap()
        .split(',')
        .collect();
    allow.sort_unstable();
    assert_eq!(allow, ["GET", "HEAD", "POST"]);
    assert_eq!(answer(allowed).await["status"], 405);
}

#[tokio::test]
async fn p06_other_sites_pages_are_not_let_in() {
    let service = Service::start().await;
    for path in [
        "/v1/videos",
        "/v1/api-key",
        "/v1/site",
        "/healthz",
        "/nowhere",
    ] {
        let preflight = service
            .bare("OPTIONS", path)
            .header("origin", "https://elsewhere.example.com")
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "authorization");
        let simple = service
            .of("site-a", "GET", path)
            .header("origin", "https://elsewhere.example.com");
        for request in [preflight, simple] {
            let response = request.send().await.unwrap();
            let names = response.headers().keys().map(ToString::to_string);
            let open: Vec<_> = names
                .filter(|name| name.starts_with("access-control-"))
                .collect();
            assert!(open.is_empty(), "{path}: {open:?}");
        }
    }
}

#[tokio::test]
async fn p16_weaknesses_can_be_reported() {
    let service = Service::start().await;
    let response = service.bare("GET", "/.well-known/security.txt").send();
    let response = response.await.unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    let text = response.text().await.unwrap();
    insta::assert_snapshot!(text.replace('\r', ""), @r"
    Contact: mailto:security@golpoai.com
    Expires: 2027-07-14T00:00:00Z
    Preferred-Languages: en
    Canonical: https://videos.example.com/.well-known/security.txt
    Policy: https://golpoai.com/security
    ");
    let field = |name: &str| {
        let line = text.split("\r\n").find_map(|line| line.strip_prefix(name));
        line.unwrap().to_owned()
    };
    let format = &time::format_description::well_known::Rfc3339;
    let expires = time::OffsetDateTime::parse(&field("Expires: "), format).unwrap();
    // RFC 9116 (2.5.5): in the future, and less than a year in it.
    let left = expires.unix_timestamp() - 1_800_000_000;
    assert!((90 * 86_400..365 * 86_400).contains(&left), "{expires}");
    // It is counted anew each day.
    service.clock.forward(400 * 86_400);
    let later = service.bare("GET", "/.well-known/security.txt").send();
    assert_ne!(later.await.unwrap().text().await.unwrap(), text);
}

#[tokio::test]
async fn p08_p14_metrics_have_labels_of_our_own_words_only() {
    let service = Service::start().await;
    let id = service.create("canary-site", KEY_A).await;
    service
        .get("canary-site", &format!("/v1/videos/{id}"))
        .await;
    for method in ["GET", "CANARYMETHOD"] {
        service
            .bare(method, "/canary/path?canary=1")
            .send()
            .await
            .unwrap();
        service
            .bare(method, &format!("/v1/videos/{id}"))
            .send()
            .await
            .unwrap();
    }
    let metrics = service
        .bare("GET", "/metrics")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for name in [
        "golpo_http_requests_total{",
        "golpo_tokens_refused_total{reason=\"missing\"}",
        "golpo_jobs",
    ] {
        assert!(metrics.contains(name), "{name}");
    }
    assert!(
        metrics.contains(r#"method="other",route="none",status="404""#),
        "{metrics}"
    );
    for text in ["canary", "CANARY", &id, "712020", "65601"] {
        assert!(!metrics.contains(text), "{text}");
    }
}

#[tokio::test]
async fn readiness_tells_of_each_part() {
    let service = Service::start().await;
    let ready = answer(service.bare("GET", "/readyz").send().await.unwrap()).await;
    assert_eq!(
        ready.to_string(),
        r#"{"body":{"database":"ok","down":[],"keys":"pending","masterKey":"ok","objects":"ok"},"status":200}"#
    );
    service.get("site-a", "/v1/site").await;
    let ready = answer(service.bare("GET", "/readyz").send().await.unwrap()).await;
    assert_eq!(ready["body"]["keys"], "ok");
    // Without new ones for an hour, the keys are still used.
    service.clock.forward(3600);
    let ready = answer(service.bare("GET", "/readyz").send().await.unwrap()).await;
    assert_eq!(
        (&ready["status"], &ready["body"]["keys"]),
        (&200.into(), &"stale".into())
    );
    service.records.store().close().await;
    let broken = service.bare("GET", "/readyz").send().await.unwrap();
    assert_eq!(broken.status(), 503);
    let broken: Value = broken.json().await.unwrap();
    assert_eq!(broken["down"], serde_json::json!(["database"]));
    assert_eq!(
        (&broken["database"], &broken["objects"]),
        (&"failed".into(), &"ok".into())
    );
    // What is counted is looked at most while something is down.
    let metrics = service.bare("GET", "/metrics").send().await.unwrap();
    assert_eq!(metrics.status(), 200);
    assert!(metrics.text().await.unwrap().contains("golpo_part_up{"));
}
