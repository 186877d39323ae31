//! Allowance, usage and cancellation: what is counted is what was made, once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::support::{Behaviour, KEY_A, KEY_B, Service, answer, new_video};

impl Service {
    async fn put_limits(&self, site: &str, limits: Value) -> Value {
        let request = self.of(site, "PUT", "/v1/limits").json(&limits);
        answer(request.send().await.unwrap()).await
    }

    async fn cancel(&self, site: &str, id: &str, key: Option<&str>) -> Value {
        let mut request = self.of(site, "POST", &format!("/v1/videos/{id}/cancel"));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        answer(request.send().await.unwrap()).await
    }
}

fn key(number: u32) -> String {
    format!("6b0f8f5e-2a54-4a0e-9a51-{number:012}")
}

#[tokio::test]
async fn p10_usage_adds_up_with_the_jobs_by_month_space_and_engine() {
    let service = Service::start().await;
    let worker = service.worker(Behaviour::FailsFirst(2));
    let mut expected = BTreeMap::<(String, Option<String>), u64>::new();
    let mut number = 0;
    for month in ["2027-01", "2027-02"] {
        for (space, videos) in [(Some("98306"), 3), (Some("98307"), 2), (None, 1)] {
            for _ in 0..videos {
                number += 1;
                let mut body = new_video("65601");
                if let Some(space) = space {
                    body["spaceId"] = space.into();
                }
                let made = service.post("site-a", &key(number), &body).await;
                let id = made["body"]["id"].as_str().unwrap().to_owned();
                // Asked for twice, tried more than once: one video, one charge.
                service.post("site-a", &key(number), &body).await;
                service.wait("site-a", &id, "done").await;
            }
            expected.insert((month.to_owned(), space.map(str::to_owned)), videos);
        }
        service.clock.forward(31 * 86_400);
    }
    worker.stop().await;
    let path = "/v1/usage/report?from=2027-01&to=2027-12";
    let report = service.get("site-a", path).await["body"].clone();
    let lines = report["lines"].as_array().unwrap();
    let counted: BTreeMap<_, _> = lines
        .iter()
        .map(|line| {
            assert_eq!(line["engine"], "test");
            let videos = line["videos"].as_u64().unwrap();
            assert_eq!(line["seconds"], videos * 13, "12.5 s each, rounded up");
            let space = line["spaceId"].as_str().map(str::to_owned);
            ((line["month"].as_str().unwrap().to_owned(), space), videos)
        })
        .collect();
    assert_eq!(counted, expected);
    let done = service.get("site-a", "/v1/videos?limit=100").await["body"]["videos"].clone();
    let done = done.as_array().unwrap().len() as u64;
    assert_eq!(counted.values().sum::<u64>(), done);
    // Deleting a video takes nothing back.
    let id = service.get("site-a", "/v1/videos").await["body"]["videos"][0]["id"].clone();
    let path = format!("/v1/videos/{}", id.as_str().unwrap());
    service.of("site-a", "DELETE", &path).send().await.unwrap();
    let path = "/v1/usage/report?from=2027-01&to=2027-12";
    assert_eq!(service.get("site-a", path).await["body"], report);
    // One month alone, and what is no month.
    let one = service
        .get("site-a", "/v1/usage/report?from=2027-02&to=2027-02")
        .await;
    assert_eq!(one["body"]["lines"].as_array().unwrap().len(), 3);
    for bad in [
        "from=2027-13&to=2027-12",
        "from=2027-1&to=2027-12",
        "from=2027-01",
        "from=x&to=y",
    ] {
        let refused = service
            .get("site-a", &format!("/v1/usage/report?{bad}"))
            .await;
        assert_eq!(refused["body"]["code"], "invalid_request", "{bad}");
    }
    let other = service.get("site-b", path).await;
    assert_eq!(other["body"]["lines"], json!([]));
}

#[tokio::test]
async fn p10_an_allowance_holds_back_what_is_beyond_it_and_the_next_month_is_new() {
    let service = Service::start().await;
    assert_eq!(service.get("site-a", "/v1/limits").await["body"], json!({}));
    let set = service
        .put_limits("site-a", json!({ "monthlyVideos": 2 }))
        .await;
    assert_eq!(set["body"], json!({ "monthlyVideos": 2 }));
    service.create("site-a", &key(1)).await;
    let second = service.create("site-a", &key(2)).await;
    let refused = service.post("site-a", &key(3), &new_video("65601")).await;
    assert_eq!(
        (&refused["status"], &refused["body"]["code"]),
        (&json!(403), &json!("allowance_used"))
    );
    // What was asked for before is answered as before, and other sites are not concerned.
    assert_eq!(service.create("site-a", &key(2)).await, second);
    service.create("site-b", &key(1)).await;
    // A cancelled one is given back; so is the wish that was refused.
    assert_eq!(service.cancel("site-a", &second, None).await["status"], 200);
    service.create("site-a", &key(3)).await;
    let worker = service.worker(Behaviour::Makes);
    while service.get("site-a", "/v1/usage").await["body"]["videos"] != 2 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    worker.stop().await;
    let refused = service.post("site-a", &key(4), &new_video("65601")).await;
    assert_eq!(refused["body"]["code"], "allowance_used");
    service.clock.forward(31 * 86_400);
    service.create("site-a", &key(4)).await;
    for bad in [
        json!({ "monthlyVideos": 1_000_001 }),
        json!({ "retentionDays": 0 }),
        json!({ "retentionDays": 3651 }),
        json!({ "monthly": 1 }),
        json!({ "monthlyVideos": -1 }),
    ] {
        let refused = service.put_limits("site-a", bad.clone()).await;
        assert_eq!(refused["body"]["code"], "invalid_request", "{bad}");
    }
}

#[tokio::test]
async fn p10_a_cancelled_video_stops_and_is_not_charged() {
    let service = Service::start().await;
    let id = service.create("site-a", KEY_A).await;
    let worker = service.worker(Behaviour::Hangs);
    let running = service.wait("site-a", &id, "running").await;
    assert_eq!(running["state"], "running");
    assert_eq!(
        service.cancel("site-b", &id, None).await["body"]["code"],
        "video_not_found"
    );
    let first = service.cancel("site-a", &id, Some(KEY_B)).await;
    assert_eq!(first["body"]["state"], "failed");
    assert_eq!(first["body"]["failure"]["code"], "video_cancelled");
    // With its key or without, the same.
    assert_eq!(service.cancel("site-a", &id, Some(KEY_B)).await, first);
    assert_eq!(service.cancel("site-a", &id, None).await, first);
    // The engine was told, and nothing of it is left.
    worker.stop().await;
    assert_eq!(service.object_names(), Vec::<String>::new());
    assert_eq!(
        service.get("site-a", "/v1/usage").await["body"]["videos"],
        0
    );

    let done = service.create("site-a", &key(7)).await;
    let worker = service.worker(Behaviour::Makes);
    service.wait("site-a", &done, "done").await;
    worker.stop().await;
    // The key was for another video.
    let other = service.cancel("site-a", &done, Some(KEY_B)).await;
    assert_eq!(other["body"]["code"], "idempotency_conflict");
    let ended = service.cancel("site-a", &done, Some(&key(8))).await;
    assert_eq!(ended["body"]["code"], "video_ended");
}

#[tokio::test]
async fn the_same_key_has_the_same_answer_for_a_day() {
    let service = Service::start().await;
    let body = new_video("65601");
    let first = service.post("site-a", KEY_A, &body).await;
    let mut upkeep = service.upkeep();
    let worker = service.worker(Behaviour::Makes);
    let id = first["body"]["id"].as_str().unwrap().to_owned();
    service.wait("site-a", &id, "done").await;
    worker.stop().await;
    service.clock.forward(86_400);
    upkeep.once().await;
    // As it was answered then, though the video is done since.
    assert_eq!(service.post("site-a", KEY_A, &body).await, first);
    let other = service.post("site-a", KEY_A, &new_video("65602")).await;
    assert_eq!(other["body"]["code"], "idempotency_conflict");
    service.clock.forward(1);
    upkeep.once().await;
    let new = service.post("site-a", KEY_A, &body).await;
    assert_ne!(new["body"]["id"], first["body"]["id"]);
}

/// So that a POST that comes new is not forgotten here.
#[tokio::test]
async fn every_post_takes_an_idempotency_key() {
    let service = Service::start().await;
    let api = answer(service.bare("GET", "/openapi.json").send().await.unwrap()).await;
    let mut posts = Vec::new();
    for (path, methods) in api["body"]["paths"].as_object().unwrap() {
        if let Some(post) = methods.get("post") {
            let takes = post["parameters"].as_array().unwrap().iter().any(|one| {
                one["in"] == "header"
                    && one["name"]
                        .as_str()
                        .unwrap()
                        .eq_ignore_ascii_case("idempotency-key")
            });
            assert!(takes, "{path}");
            posts.push(path.as_str());
        }
    }
    assert_eq!(
        posts,
        [
            "/v1/api-key/test",
            "/v1/errors",
            "/v1/uninstalled",
            "/v1/videos",
            "/v1/videos/{id}/cancel"
        ]
    );
}
