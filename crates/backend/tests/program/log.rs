//! Everything that is logged, at the loudest level, looked through.

use std::time::Duration;

use serde_json::json;

use crate::support::Program;

const CANARIES: [&str; 5] = [
    "pelican-key-93f1",
    "Title of the pelican",
    "Sentence of the pelican",
    "712020",
    "eyJ",
];

#[tokio::test]
async fn p13_p14_the_log_holds_no_key_token_content_or_person() {
    let mut program = Program::start(&["--log", "trace"], &[]).await;
    let call = |method: &str, path: &str| {
        program
            .of("site-a", method, path)
            .header("idempotency-key", "6b0f8f5e-2a54-4a0e-9a51-0f3f6a1f0a01")
    };
    let put = call("PUT", "/v1/api-key").json(&json!({ "apiKey": CANARIES[0] }));
    assert_eq!(put.send().await.unwrap().status(), 200);
    let video = json!({
        "pageId": "65601",
        "pageVersion": 1,
        "script": {
            "title": CANARIES[1],
            "sections": [{ "heading": "", "text": format!("{}. ", CANARIES[2]).repeat(400) }],
        },
    });
    let post = call("POST", "/v1/videos").json(&video);
    assert_eq!(post.send().await.unwrap().status(), 202);
    let bad = call("POST", "/v1/videos").body(format!("{{\"{}\"", CANARIES[1]));
    assert_eq!(bad.send().await.unwrap().status(), 400);
    let nowhere = call("GET", "/Title%20of%20the%20pelican?key=pelican-key-93f1");
    assert_eq!(nowhere.send().await.unwrap().status(), 404);
    let forged = program
        .bare("GET", "/v1/site")
        .bearer_auth(format!("{}x", program.token("site-a")));
    assert_eq!(forged.send().await.unwrap().status(), 401);
    // Long enough for the worker to be at it, too short for it to be done.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    program.stop().await;

    let log = program.read("log");
    for line in log.lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok(),
            "{line}"
        );
    }
    for words in ["job claimed", "answered", "token refused", "stopped"] {
        assert!(log.contains(words), "{words} is not in the log");
    }
    assert!(!log.contains(program.read("master.key").trim()));
    for canary in CANARIES {
        assert!(!log.contains(canary), "{canary} is in the log");
    }
}
