//! The program itself: started as an operator does, told to stop as a supervisor does, and all
//! that it wrote to its log looked through (P13, P14).
#![allow(clippy::unwrap_used)]
#![cfg(unix)]

#[path = "../../fit/tests/support/mod.rs"]
#[allow(dead_code)]
mod tokens;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tokens::{AUDIENCE, Signer, claims};

const CANARIES: [&str; 5] = [
    "pelican-key-93f1",
    "Title of the pelican",
    "Sentence of the pelican",
    "712020",
    "eyJ",
];

#[tokio::test]
async fn p13_p14_the_log_holds_no_key_token_content_or_person() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).display().to_string();
    let signer = Signer::new("key-1");
    let jwks = signer.jwks();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let jwks_url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let keys = axum::Router::new().route("/jwks.json", axum::routing::get(|| async { jwks }));
    tokio::spawn(async move { axum::serve(listener, keys).await.unwrap() });

    let log = std::fs::File::create(at("log")).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_golpo-backend"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--log",
            "trace",
            "--create-master-key",
        ])
        .args([
            "--master-key-file",
            &at("master.key"),
            "--objects",
            &at("objects"),
        ])
        .args(["--database-url", &format!("sqlite://{}", at("golpo.db"))])
        .args(["--jwks-url", &jwks_url, "--audience", AUDIENCE])
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let started = Instant::now();
    let address = loop {
        let text = std::fs::read_to_string(at("log")).unwrap();
        let serving = text.lines().find(|line| line.contains("\"serving\""));
        if let Some(line) = serving {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            break line["address"].as_str().unwrap().to_owned();
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };

    let now = fit::Clock::unix_seconds(&fit::SystemClock);
    let token = signer.sign(&claims("site-a", now));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = |method: reqwest::Method, path: &str| {
        http.request(method, format!("http://{address}{path}"))
            .bearer_auth(&token)
            .header("idempotency-key", "6b0f8f5e-2a54-4a0e-9a51-0f3f6a1f0a01")
    };
    let put = call(reqwest::Method::PUT, "/v1/api-key").json(&json!({ "apiKey": CANARIES[0] }));
    assert_eq!(put.send().await.unwrap().status(), 200);
    let video = json!({
        "pageId": "65601",
        "pageVersion": 1,
        "script": {
            "title": CANARIES[1],
            "sections": [{ "heading": "", "text": format!("{}. ", CANARIES[2]).repeat(400) }],
        },
    });
    let post = call(reqwest::Method::POST, "/v1/videos").json(&video);
    assert_eq!(post.send().await.unwrap().status(), 202);
    let bad = call(reqwest::Method::POST, "/v1/videos").body(format!("{{\"{}\"", CANARIES[1]));
    assert_eq!(bad.send().await.unwrap().status(), 400);
    let nowhere = call(
        reqwest::Method::GET,
        "/Title%20of%20the%20pelican?key=pelican-key-93f1",
    );
    assert_eq!(nowhere.send().await.unwrap().status(), 404);
    let forged = http
        .get(format!("http://{address}/v1/site"))
        .bearer_auth(format!("{token}x"));
    assert_eq!(forged.send().await.unwrap().status(), 401);
    // Long enough for the worker to be at it, too short for it to be done.
    tokio::time::sleep(Duration::from_millis(1500)).await;

    let killed = Command::new("kill")
        .arg(program.id().to_string())
        .status()
        .unwrap();
    assert!(killed.success());
    let stopping = Instant::now();
    let status = loop {
        if let Some(status) = program.try_wait().unwrap() {
            break status;
        }
        if stopping.elapsed() > Duration::from_secs(20) {
            program.kill().unwrap();
            panic!("the program did not stop");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(status.success());
    let mut printed = String::new();
    std::io::Read::read_to_string(&mut program.stdout.take().unwrap(), &mut printed).unwrap();
    assert_eq!(printed, "");

    let log = std::fs::read_to_string(at("log")).unwrap();
    for line in log.lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok(),
            "{line}"
        );
    }
    for words in ["job claimed", "answered", "token refused", "stopped"] {
        assert!(log.contains(words), "{words} is not in the log");
    }
    let master = std::fs::read_to_string(at("master.key")).unwrap();
    assert!(!log.contains(master.trim()));
    for canary in CANARIES {
        assert!(!log.contains(canary), "{canary} is in the log");
    }
}

/// Runs `token verify` with a token on standard input: exit code and standard output.
fn token_verify(jwks: &str, at: i64, token: &[u8]) -> (i32, String) {
    use std::io::Write as _;
    let mut program = Command::new(env!("CARGO_BIN_EXE_golpo-backend"))
        .args(["token", "verify", "--jwks", jwks, "--audience", AUDIENCE])
        .args(["--at", &at.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // A program that has seen enough closes its end.
    let _ = program.stdin.take().unwrap().write_all(token);
    let output = program.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text.trim().to_owned())
}

#[test]
fn p02_a_token_can_be_looked_at_on_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    let jwks = directory.path().join("jwks.json").display().to_string();
    let signer = Signer::new("key-1");
    std::fs::write(&jwks, signer.jwks()).unwrap();
    let now = 1_800_000_000;
    let token = signer.sign(&claims("site-a", now));
    let (code, text) = token_verify(&jwks, now, format!("{token}\n").as_bytes());
    let tenant: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &tenant["cloudId"]), (0, &json!("site-a")));
    assert_eq!(
        tenant["tenant"],
        json!(format!(
            "site-a:{}",
            tenant["environmentId"].as_str().unwrap()
        ))
    );
    for (at, token, expected) in [
        (now + 86_400, token.clone(), "token_expired"),
        (now, token[..token.len() - 4].to_owned(), "token_invalid"),
        (now, String::new(), "token_invalid"),
        (now, "x".repeat(100_000), "token_invalid"),
    ] {
        let got = token_verify(&jwks, at, token.as_bytes());
        assert_eq!(got, (1, expected.to_owned()));
    }
    assert_eq!(token_verify(&jwks, now, b"\xff\xfe.a.b").0, 1);
    assert_eq!(token_verify("no-such-file", now, token.as_bytes()).0, 2);
}
