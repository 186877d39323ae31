//! Each measure, on the real program while it serves: in force within two seconds, and lifted (P19).

use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::program::Program;
use crate::tokens::AUDIENCE;
use crate::trail_program::{command, lines};

/// A running service, and an incident that is open.
struct Scene {
    program: Program,
    id: String,
}

impl Scene {
    async fn start(flags: &[&str]) -> Self {
        let program = Program::start(flags, &[]).await;
        let words = [
            "incident",
            "open",
            "--severity",
            "high",
            "--kind",
            "video",
            "--json",
        ];
        let (code, text) = command(&program, &words);
        assert_eq!(code, 0, "{text}");
        let id = lines(&text)[0]["incident"].as_str().unwrap().to_owned();
        Self { program, id }
    }

    fn contain(&self, words: &[&str]) -> i32 {
        let words = [&["incident", "contain", &self.id][..], words].concat();
        command(&self.program, &words).0
    }

    /// Sends until the answer has this status, for two seconds and what a look takes at most.
    async fn until(&self, status: u16, request: impl Fn() -> RequestBuilder) -> Value {
        let began = Instant::now();
        loop {
            let answer = request().send().await.unwrap();
            if answer.status() == status {
                return answer.json().await.unwrap_or(Value::Null);
            }
            let late = began.elapsed() > Duration::from_secs(3);
            assert!(!late, "{} and not {status}", answer.status());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn ask(&self) -> RequestBuilder {
        let body = json!({
            "pageId": "65601",
            "pageVersion": 3,
            "script": { "title": "Plan", "sections": [{ "heading": "Why", "text": "A short sentence." }] },
        });
        let key = uuid::Uuid::new_v4().to_string();
        let request = self.program.of("site-a", "POST", "/v1/videos");
        request.header("idempotency-key", key).json(&body)
    }

    fn put_key(&self) -> RequestBuilder {
        let key = json!({ "apiKey": "golpo-heron-key-1" });
        self.program.of("site-a", "PUT", "/v1/api-key").json(&key)
    }

    fn list(&self) -> RequestBuilder {
        self.program.of("site-a", "GET", "/v1/videos")
    }

    async fn video(&self, id: &str) -> Value {
        let request = self
            .program
            .of("site-a", "GET", &format!("/v1/videos/{id}"));
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn until_state(&self, id: &str, state: &str) {
        let began = Instant::now();
        while self.video(id).await["state"] != state {
            assert!(began.elapsed() < Duration::from_secs(240), "not {state}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test]
async fn p19_read_only_api_keys_and_an_app_are_refused_within_seconds_and_served_again() {
    let mut scene = Scene::start(&["--no-worker"]).await;
    scene.until(202, || scene.ask()).await;

    assert_eq!(scene.contain(&["--read-only"]), 0);
    let answer = scene.until(503, || scene.ask()).await;
    assert_eq!(answer["code"], "service_paused");
    assert!(
        answer["action"]
            .as_str()
            .unwrap()
            .starts_with("Try again later")
    );
    scene.until(200, || scene.list()).await;
    // Twice the same is said, and changes nothing.
    assert_eq!(scene.contain(&["--read-only"]), 1);
    assert_eq!(scene.contain(&["--read-only", "--lift"]), 0);
    scene.until(202, || scene.ask()).await;
    assert_eq!(scene.contain(&["--read-only", "--lift"]), 1);

    assert_eq!(scene.contain(&["--refuse-api-keys"]), 0);
    let answer = scene.until(503, || scene.put_key()).await;
    assert_eq!(answer["code"], "service_paused");
    scene.until(202, || scene.ask()).await;
    assert_eq!(scene.contain(&["--refuse-api-keys", "--lift"]), 0);
    scene.until(200, || scene.put_key()).await;

    let key = || scene.program.of("site-a", "GET", "/v1/api-key");
    assert_eq!(scene.until(200, key).await["present"], true);
    let (_, text) = command(&scene.program, &["audit", "list", "--json"]);
    let tenant = lines(&text).last().unwrap()["tenant"].clone();
    let tenant = tenant.as_str().unwrap();
    assert_eq!(scene.contain(&["--revoke-api-key", tenant]), 0);
    assert_eq!(scene.until(200, key).await["present"], false);

    assert_eq!(
        scene.contain(&["--block-app", "ari:cloud:ecosystem::app/another"]),
        0
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    scene.until(200, || scene.list()).await;
    assert_eq!(scene.contain(&["--block-app", AUDIENCE]), 0);
    let answer = scene.until(403, || scene.list()).await;
    assert_eq!(answer["code"], "app_blocked");
    assert_eq!(scene.contain(&["--block-app", AUDIENCE, "--lift"]), 0);
    scene.until(200, || scene.list()).await;

    assert_eq!(scene.contain(&["--suspend-tenant", "no-such:tenant"]), 1);
    let (code, text) = command(
        &scene.program,
        &["audit", "list", "--json", "--incident", &scene.id],
    );
    assert_eq!(code, 0);
    let acts: Vec<_> = lines(&text)
        .iter()
        .map(|entry| entry["act"].as_str().unwrap().to_owned())
        .collect();
    for act in [
        "contained_writes",
        "lifted_writes",
        "contained_api_keys",
        "lifted_api_keys",
        "contained_api_key",
        "contained_app",
        "lifted_app",
    ] {
        assert!(acts.iter().any(|one| one == act), "{act}: {acts:?}");
    }
    scene.program.stop().await;
}

#[tokio::test]
async fn p19_jobs_are_stopped_and_made_later_and_links_are_revoked() {
    let mut scene = Scene::start(&[]).await;
    assert_eq!(scene.contain(&["--stop-jobs"]), 0);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let video = scene.until(202, || scene.ask()).await;
    let id = video["id"].as_str().unwrap().to_owned();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(scene.video(&id).await["state"], "queued");
    assert_eq!(scene.contain(&["--stop-jobs", "--lift"]), 0);
    scene.until_state(&id, "done").await;

    let path = format!("/v1/videos/{id}/media");
    let media = || scene.program.of("site-a", "GET", &path);
    let link = scene.until(200, media).await["posterUrl"]
        .as_str()
        .unwrap()
        .to_owned();
    let file = link
        .strip_prefix(&scene.program.address)
        .unwrap()
        .to_owned();
    scene.until(200, || scene.program.bare("GET", &file)).await;
    assert_eq!(scene.contain(&["--revoke-links"]), 0);
    let answer = scene.until(403, || scene.program.bare("GET", &file)).await;
    assert_eq!(answer["code"], "media_link_expired");
    // One that is given out from then on works.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let link = scene.until(200, media).await["posterUrl"]
        .as_str()
        .unwrap()
        .to_owned();
    let file = link
        .strip_prefix(&scene.program.address)
        .unwrap()
        .to_owned();
    scene.until(200, || scene.program.bare("GET", &file)).await;
    assert_eq!(scene.contain(&["--revoke-links", "--lift"]), 1);
    scene.program.stop().await;
}
