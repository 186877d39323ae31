//! `token verify`: what an operator asks when a token is refused.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::tokens::{AUDIENCE, Signer, claims};

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
