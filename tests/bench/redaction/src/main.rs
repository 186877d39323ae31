//! Prints one line of JSON: nanoseconds for an object or a line, one figure a round.
//! `redaction-bench OBJECTS.json ROUNDS`

use std::hint::black_box;
use std::time::Duration;

use serde_json::{Value, json};

#[path = "../../nanoseconds.rs"]
mod nanoseconds;
use nanoseconds::nanoseconds;

/// Long enough for the clock, short enough that what is compared meets the same weather.
const ROUND: Duration = Duration::from_millis(60);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "redaction-bench OBJECTS.json ROUNDS";
    let file = arguments.next().ok_or(usage)?;
    let rounds: usize = arguments.next().ok_or(usage)?.parse()?;
    let objects: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let lines: Vec<String> = objects.iter().map(Value::to_string).collect();
    for line in &lines {
        // What is measured must have been redacted.
        let redacted = redaction::redact(line);
        if redacted.contains("4711") || serde_json::from_str::<Value>(&redacted).is_err() {
            return Err(format!("not redacted: {redacted}").into());
        }
    }
    let clean = clean_line();
    let (mut whole, mut redact, mut one) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        whole.push(nanoseconds(ROUND, 256, objects.len(), || {
            for object in &objects {
                // Into a buffer: `to_string` would go the slow way of `Display`.
                if let Ok(line) = serde_json::to_string(black_box(object)) {
                    black_box(redaction::redact(&line));
                }
            }
        }));
        redact.push(nanoseconds(ROUND, 256, lines.len(), || {
            for line in &lines {
                black_box(redaction::redact(black_box(line)));
            }
        }));
        one.push(nanoseconds(ROUND, 256, 1, || {
            black_box(redaction::redact(black_box(&clean)));
        }));
    }
    println!(
        "{}",
        json!({ "object to line": whole, "line": redact, "clean line": one })
    );
    Ok(())
}

/// A line of the backend's own log without anything to mask, 200 bytes long.
fn clean_line() -> String {
    let mut line = r#"{"timestamp":"2026-11-24T10:00:00.123456Z","level":"INFO","message":"answered","status":200,"code":"ok","seconds":0.0123,"method":"GET","route":"/v1/videos","request_id":"0198c0de-0000-7000-8000-"#.to_owned();
    line.push_str("001\"}");
    assert_eq!(line.len(), 200, "the goal is for 200 bytes");
    assert!(matches!(
        redaction::redact(&line),
        std::borrow::Cow::Borrowed(_)
    ));
    line
}
