//! Nothing behind authentication answers without a verified token (P2).

use serde_json::Value;

use super::support::{Service, answer};
use super::tokens::{Signer, claims};

/// What anybody may ask for.
const PUBLIC: [&str; 7] = [
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/.well-known/deletion-receipts.json",
    "/.well-known/security.txt",
    "/media/{id}/{file}",
];

#[tokio::test]
async fn p02_every_route_of_the_description_refuses_bad_tokens() {
    let service = Service::start().await;
    let api = service.bare("GET", "/openapi.json").send().await.unwrap();
    let api: Value = api.json().await.unwrap();
    let forger = Signer::new("test-key");
    let stranger = Signer::new("another-key");
    let now = 1_800_000_000;
    let mut expired = claims("site-a", now);
    expired["exp"] = (now - 100).into();
    let bad = [
        None,
        Some("Basic YTpi".to_owned()),
        Some("Bearer".to_owned()),
        Some("Bearer not-a-token".to_owned()),
        Some(format!("Bearer {}", forger.sign(&claims("site-a", now)))),
        Some(format!("Bearer {}", forger.sign(&expired))),
        Some(format!("Bearer {}", stranger.sign(&claims("site-a", now)))),
        Some(service.token("site-a")),
    ];
    let mut checked = 0;
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let open = operation.get("security").is_none();
            assert_eq!(open, PUBLIC.contains(&path.as_str()), "{path}");
            if open {
                continue;
            }
            let path = path.replace("{id}", "0198c0de-0000-7000-8000-000000000001");
            for header in &bad {
                // A body that does not parse: the token is looked at first.
                let mut request = service.bare(&method.to_uppercase(), &path).body("{");
                if let Some(header) = header {
                    request = request.header("authorization", header);
                }
                let answer = answer(request.send().await.unwrap()).await;
                assert_eq!(answer["status"], 401, "{method} {path} {header:?}");
                assert_eq!(answer["body"]["code"], "token_invalid");
                checked += 1;
            }
        }
    }
    assert!(checked >= 10 * bad.len(), "{checked}");
}

#[tokio::test]
async fn p02_an_expired_token_has_a_code_of_its_own() {
    let service = Service::start().await;
    let request = service.of("site-a", "GET", "/v1/site");
    service.clock.forward(400);
    insta::assert_json_snapshot!(answer(request.send().await.unwrap()).await, @r#"
    {
      "body": {
        "action": "Try again; if it happens repeatedly, the clock of the video service may be wrong.",
        "code": "token_expired",
        "status": 401,
        "title": "The request took too long to reach the video service.",
        "type": "urn:golpo:error:token_expired"
      },
      "status": 401
    }
    "#);
}

#[tokio::test]
async fn p02_the_tenant_is_not_taken_from_headers_or_query() {
    let service = Service::start().await;
    let key = serde_json::json!({ "apiKey": "golpo-canary-key-1" });
    service
        .of("site-a", "PUT", "/v1/api-key")
        .json(&key)
        .send()
        .await
        .unwrap();
    let request = service
        .of("site-b", "GET", "/v1/api-key?tenant=site-a&cloudId=site-a")
        .header("x-tenant-id", "site-a")
        .header("x-forge-cloud-id", "site-a")
        .send();
    assert_eq!(
        answer(request.await.unwrap()).await["body"]["present"],
        false
    );
}

#[tokio::test]
async fn p02_two_tokens_are_none() {
    let service = Service::start().await;
    let request = service
        .of("site-a", "GET", "/v1/site")
        .bearer_auth(service.token("site-b"));
    assert_eq!(answer(request.send().await.unwrap()).await["status"], 401);
}

#[tokio::test]
async fn one_tenants_flood_is_refused_and_another_tenant_is_served() {
    let service = Service::start().await;
    let token = service.token("site-a");
    let mut refused = None;
    for _ in 0..200 {
        let requests = (0..25).map(|_| service.bare("GET", "/v1/usage").bearer_auth(&token).send());
        let tasks: Vec<_> = requests.map(tokio::spawn).collect();
        for task in tasks {
            let response = task.await.unwrap().unwrap();
            if response.status() != 200 {
                refused = Some(answer(response).await);
            }
        }
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(
        (&refused["status"], &refused["body"]["code"]),
        (&429.into(), &"rate_limited".into())
    );
    assert_eq!(service.get("site-b", "/v1/usage").await["status"], 200);
}
