//! The trail of the real program, and the commands that look at it.

use std::process::Command;

use serde_json::{Value, json};

use crate::program::Program;

/// Runs the program's other commands on the same settings: exit code and standard output.
pub fn command(program: &Program, words: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_golpo-backend"))
        .args(words)
        .args(["--config", &program.at("backend.toml")])
        .envs(program.variables().iter().cloned())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text)
}

pub fn lines(text: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap();
    text.lines().map(parse).collect()
}

#[tokio::test]
async fn p11_p18_changes_of_an_api_key_stand_in_the_trail_and_the_key_does_not() {
    let mut program = Program::start(&[], &[]).await;
    let key = |text: &str| json!({ "apiKey": text });
    for body in [key("golpo-heron-key-1"), key("golpo-heron-key-2")] {
        let put = program.of("site-a", "PUT", "/v1/api-key").json(&body);
        assert_eq!(put.send().await.unwrap().status(), 200);
    }
    let delete = program.of("site-a", "DELETE", "/v1/api-key");
    assert_eq!(delete.send().await.unwrap().status(), 200);

    let (code, text) = command(&program, &["audit", "list", "--json"]);
    assert_eq!(code, 0);
    let acts: Vec<_> = lines(&text)
        .iter()
        .map(|entry| entry["act"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        acts,
        [
            "trail_begun",
            "api_key_saved",
            "api_key_replaced",
            "api_key_removed"
        ]
    );
    assert!(
        lines(&text)[1]["tenant"]
            .as_str()
            .unwrap()
            .starts_with("site-a:")
    );
    assert_eq!(lines(&text)[1]["role"], "admin");
    assert!(
        !text.contains("heron") && !text.contains("712020"),
        "{text}"
    );

    let (code, text) = command(&program, &["audit", "verify"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("good: 4 entries\nanchor 4:"), "{text}");
    let anchor = text.trim().rsplit(' ').next().unwrap().to_owned();
    let (code, text) = command(&program, &["audit", "verify", "--json", "--since", &anchor]);
    assert_eq!((code, &lines(&text)[0]["anchor"]), (0, &json!(anchor)));

    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", program.at("golpo.db")))
        .await
        .unwrap();
    sqlx::raw_sql(
        "DROP TRIGGER audit_entries_stay; UPDATE audit_entries SET happened_at = 1 WHERE number = 3",
    )
    .execute(&pool)
    .await
    .unwrap();
    let (code, text) = command(&program, &["audit", "verify"]);
    assert_eq!(code, 1);
    assert_eq!(
        text,
        "bad: entry 3 was changed, moved or put in (audit_changed)\n"
    );
    let (code, text) = command(&program, &["audit", "verify", "--json"]);
    assert_eq!(code, 1);
    assert_eq!(
        (&lines(&text)[0]["good"], &lines(&text)[0]["fault"]["entry"]),
        (&json!(false), &json!(3))
    );
    program.stop().await;
}
