//! What is exported after traffic of several tenants is what the list of metrics allows; the app's
//! failures become a metric.

use backend::telemetry::list::{self, Kind};
use serde_json::json;

use super::support::{Behaviour, KEY_A, Service, answer, new_video};

const SITES: [&str; 4] = ["walrus-site", "heron-site", "pelican-site", "turnip-site"];

/// One line of an exposition: name, labels, value.
type Series = (String, Vec<(String, String)>, f64);

/// The lines of an exposition.
fn series(text: &str) -> Vec<Series> {
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = series
                .strip_suffix('}')
                .and_then(|series| series.split_once('{'))
                .unwrap_or((series, ""));
            let labels = labels.split("\",").filter(|label| !label.is_empty());
            let labels = labels.map(|label| {
                let (key, value) = label.split_once("=\"").unwrap();
                (key.to_owned(), value.trim_end_matches('"').to_owned())
            });
            (name.to_owned(), labels.collect(), value.parse().unwrap())
        })
        .collect()
}

async fn scrape(service: &Service) -> String {
    let answer = service.bare("GET", "/metrics").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

async fn routes(service: &Service) -> Vec<String> {
    let api = service.bare("GET", "/openapi.json").send().await.unwrap();
    let api: serde_json::Value = api.json().await.unwrap();
    api["paths"].as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn p08_p14_after_traffic_of_several_tenants_every_label_is_one_of_its_list() {
    let service = Service::start().await;
    let worker = service.worker(Behaviour::FailsFirst(1));
    for (number, site) in SITES.iter().enumerate() {
        let key = json!({ "apiKey": format!("{site}-key-1") });
        let put = service.of(site, "PUT", "/v1/api-key").json(&key);
        assert_eq!(put.send().await.unwrap().status(), 200);
        let video = new_video(&format!("9{number}77"));
        let id = service.post(site, KEY_A, &video).await["body"]["id"].clone();
        let id = id.as_str().unwrap();
        service.wait(site, id, "done").await;
        let media = service.media(site, id).await;
        for name in ["videoUrl", "captionsUrl"] {
            let path = media[name].as_str().unwrap().to_owned();
            service.bare("GET", &path).send().await.unwrap();
            service
                .bare("GET", &format!("{path}0"))
                .send()
                .await
                .unwrap();
        }
        for (method, path) in [
            ("GET", "/v1/site".to_owned()),
            ("GET", format!("/v1/videos?pageId=9{number}77")),
            ("GET", format!("/v1/videos/{site}")),
            ("DELETE", "/v1/api-key".to_owned()),
            ("WALRUS", format!("/v1/{site}")),
            ("GET", format!("/{site}/{id}?tenant={site}")),
        ] {
            service.of(site, method, &path).send().await.unwrap();
            service.bare(method, &path).send().await.unwrap();
        }
        let token = format!("{}x", service.token(site));
        let forged = service.bare("GET", "/v1/site").bearer_auth(token);
        assert_eq!(forged.send().await.unwrap().status(), 401);
        let report = json!({"code": "page_unreadable", "operation": "preview"});
        let report = service.of(site, "POST", "/v1/errors").json(&report);
        assert_eq!(report.send().await.unwrap().status(), 204);
        service
            .of(site, "DELETE", &format!("/v1/videos/{id}"))
            .send()
            .await
            .unwrap();
    }
    worker.stop().await;

    let text = scrape(&service).await;
    let routes = routes(&service).await;
    let mut seen = std::collections::BTreeSet::new();
    for (name, labels, _) in series(&text) {
        let (metric, part) = match list::find(&name) {
            Some(metric) => (metric, ""),
            None => {
                let parts = ["_bucket", "_sum", "_count"];
                let part = parts.into_iter().find(|part| name.ends_with(part));
                let part = part.unwrap_or_else(|| panic!("{name} is not on the list"));
                let metric = list::find(name.trim_end_matches(part));
                (
                    metric.unwrap_or_else(|| panic!("{name} is not on the list")),
                    part,
                )
            }
        };
        assert_eq!(part.is_empty(), metric.kind != Kind::Seconds, "{name}");
        let mut missing: Vec<_> = metric.labels.iter().map(|(label, _)| *label).collect();
        for (label, value) in &labels {
            if part == "_bucket" && label == "le" {
                assert!(value == "+Inf" || value.parse::<f64>().is_ok(), "{value}");
                continue;
            }
            let allowed = metric.labels.iter().find(|(known, _)| known == label);
            let (_, values) = allowed.unwrap_or_else(|| panic!("{name} has the label {label}"));
            assert!(
                values.allow(value, &routes),
                "{name}{{{label}=\"{value}\"}}"
            );
            missing.retain(|known| known != label);
        }
        assert!(missing.is_empty(), "{name} lacks {missing:?}");
        seen.insert(metric.name);
    }
    for name in [
        "golpo_http_requests_total",
        "golpo_http_request_seconds",
        "golpo_tokens_refused_total",
        "golpo_app_errors_total",
        "golpo_api_key_changes_total",
        "golpo_media_links_refused_total",
        "golpo_jobs_total",
        "golpo_job_attempt_seconds",
        "golpo_part_up",
    ] {
        assert!(seen.contains(name), "{name} was not exported");
    }
}

#[tokio::test]
async fn p14_the_apps_failures_are_counted_by_code_and_not_without_end() {
    let service = Service::start().await;
    let send = |site: &'static str, body: serde_json::Value| {
        let request = service.of(site, "POST", "/v1/errors").json(&body);
        async move { request.send().await.unwrap() }
    };
    let count = |text: &str| {
        let series = series(text).into_iter();
        let ours = series.filter(|(name, labels, _)| {
            name == "golpo_app_errors_total"
                && labels
                    .iter()
                    .any(|(_, value)| value == "storage_unavailable")
        });
        ours.map(|(_, _, value)| value).sum::<f64>()
    };
    let good = json!({"code": "storage_unavailable"});
    let before = count(&scrape(&service).await);
    assert_eq!(send("site-a", good.clone()).await.status(), 204);
    assert!((count(&scrape(&service).await) - before - 1.0).abs() < 0.1);
    for wrong in [
        json!({"code": "The heron plan"}),
        json!({"code": "internal", "message": "The heron plan"}),
        json!({"code": "internal", "operation": "heron"}),
        json!([]),
    ] {
        let refused = answer(send("site-b", wrong).await).await;
        assert_eq!(refused["status"], 400);
        assert!(!refused.to_string().contains("heron"));
    }
    let bare = service.bare("POST", "/v1/errors").json(&good).send();
    assert_eq!(bare.await.unwrap().status(), 401);
    let mut limited = 0;
    for _ in 0..40 {
        let status = send("site-c", good.clone()).await.status();
        limited += u32::from(status == 429);
    }
    assert!(limited >= 5, "{limited}");
    // Another site's failures are still heard.
    assert_eq!(send("site-d", good).await.status(), 204);
}
