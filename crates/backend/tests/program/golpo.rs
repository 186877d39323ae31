//! The program with both engines: a site with a key has its videos made at Golpo (its double here),
//! one without has none of that, and the key is nowhere but where it must be.

use std::time::{Duration, Instant};

use golpo_double::{Behaviour, Double};
use serde_json::{Value, json};

use crate::support::Program;

const KEY: &str = "heron-golpo-key-7d1f";
const FILM: &[u8] = include_bytes!("../../../engine/tests/golpo/film.mp4");

async fn answer(request: reqwest::RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn p13_the_key_chooses_the_engine_and_is_in_no_line_of_the_log() {
    let mut behaviour = Behaviour::documented(FILM);
    behaviour.looks = 0;
    behaviour.keys = Some([KEY.to_owned()].into());
    behaviour.credits = Some(10);
    let double = Double::start(behaviour).await.unwrap();
    let mut program = Program::start(
        &[
            "--engine",
            "either",
            "--engine-url",
            &double.url(),
            "--log",
            "debug",
        ],
        &[],
    )
    .await;
    let engine = |site: Value| site["engine"]["name"].as_str().unwrap().to_owned();
    assert_eq!(
        engine(answer(program.of("site-a", "GET", "/v1/site")).await),
        "local"
    );
    let save = |key: &str| {
        let request = program.of("site-a", "PUT", "/v1/api-key");
        request.json(&json!({ "apiKey": key }))
    };
    assert_eq!(
        answer(save("walrus-wrong-key-1")).await["code"],
        "api_key_invalid"
    );
    let saved = answer(save(KEY)).await;
    assert_eq!(
        (&saved["works"], &saved["credits"]),
        (&json!(true), &json!(10))
    );
    assert_eq!(
        engine(answer(program.of("site-a", "GET", "/v1/site")).await),
        "golpo"
    );
    assert_eq!(
        engine(answer(program.of("site-b", "GET", "/v1/site")).await),
        "local"
    );
    let video = json!({
        "pageId": "65601",
        "pageVersion": 1,
        "script": {
            "title": "Title of the pelican",
            "sections": [{ "heading": "", "text": "Sentence of the pelican." }],
        },
    });
    let create = program
        .of("site-a", "POST", "/v1/videos")
        .header("idempotency-key", "6b0f8f5e-2a54-4a0e-9a51-0f3f6a1f0a02")
        .json(&video);
    let id = answer(create).await["id"].as_str().unwrap().to_owned();
    let started = Instant::now();
    let done = loop {
        let video = answer(program.of("site-a", "GET", &format!("/v1/videos/{id}"))).await;
        if video["state"] == "done" {
            break video;
        }
        assert_ne!(video["state"], "failed", "{video}");
        assert!(started.elapsed() < Duration::from_secs(40), "{video}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(
        (&done["engine"], &done["durationMs"]),
        (&json!("golpo"), &json!(10_000))
    );
    let media = answer(program.of("site-a", "GET", &format!("/v1/videos/{id}/media"))).await;
    let address = media["videoUrl"].as_str().unwrap();
    assert!(
        address.starts_with(&program.address),
        "ours, not Golpo's: {address}"
    );
    let path = address.strip_prefix(&program.address).unwrap().to_owned();
    let film = program.bare("GET", &path).send().await.unwrap();
    assert_eq!(film.bytes().await.unwrap(), FILM);
    let tested = answer(program.of("site-a", "POST", "/v1/api-key/test")).await;
    assert_eq!(tested["credits"], 8, "two were spent");
    program.stop().await;
    let log = program.read("log");
    assert!(
        log.contains("Golpo answered"),
        "what it was asked to log is there"
    );
    for word in [
        "heron",
        "walrus-wrong",
        "pelican",
        "signature",
        "job-00000001",
    ] {
        assert!(!log.contains(word), "the log holds {word}");
    }
    assert_eq!(double.counts().offences, Vec::<String>::new());
    assert_eq!(double.counts().submissions, 1);
}
