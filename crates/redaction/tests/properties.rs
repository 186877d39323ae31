//! What holds for every text: nothing panics, redacting twice changes nothing more, a planted
//! marker is gone wherever it stands, JSON stays JSON, and no line costs more than its length.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)] // Each test file needs a part of it.
mod support;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use redaction::{Redactor, redact};
use support::{NAMES, cases};

/// Pieces that redaction looks at, so that random texts reach its corners.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "\"",
        "'",
        "`",
        "\\",
        "\\\"",
        "\\n",
        "\\u0040",
        "%40",
        "%3D",
        "%2540",
        "=",
        ":",
        ": ",
        ", ",
        ";",
        "&",
        "?",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "://",
        "@",
        ".",
        "…",
        "...",
        "\n",
        " ",
        "--",
        "-----BEGIN ",
        "PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "password",
        "apiKey",
        "token",
        "authorization",
        "Bearer ",
        "Basic ",
        "cookie",
        "prompt",
        "script",
        "title",
        "name",
        "value",
        "email",
        "author",
        "accountId",
        "sessionKey",
        "key",
        "is ",
        "Some(",
        "invalid type: string ",
        "unknown field ",
        "mira",
        "@example.com",
        "ghp_",
        "AKIA",
        "sk-",
        "golpo_",
        "eyJhbGciOi",
        "MIIEvQIBAD",
        "712020:",
        "0198c0de-0000-7000-8000-000000000001",
        "5b10ac8d82e05b22cc7d4ef5",
        "a1B2c3D4e5F6g7H8i9J0",
        "bWlyYUBleGFtcGxlLmNvbQ",
        "[secret]",
        "[email]",
        "[content]",
        "[private key]",
        "Mira",
        "Vale",
        "né",
        "💡",
        "\u{2028}",
    ];
    prop_oneof![
        6 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9]{1,24}",
        1 => any::<char>().prop_map(String::from),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default() })]

    #[test]
    fn redacting_twice_changes_nothing_more(text in text()) {
        let redactor = Redactor::new(NAMES);
        let once = redactor.redact(&text).into_owned();
        prop_assert_eq!(redactor.redact(&once), once.as_str());
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once), once.as_str());
    }

    #[test]
    fn p13_a_marker_in_a_secrets_place_never_survives(
        before in text(),
        after in text(),
        place in 0_usize..12,
    ) {
        const MARKER: &str = "Qz7Heron4Kx9Pelican2Wv";
        let planted = match place {
            0 => format!("\"password\":\"{MARKER}\""),
            1 => format!(" password={MARKER} "),
            2 => format!(" ghp_{MARKER}"),
            3 => format!(" Authorization: Bearer {MARKER}"),
            4 => format!(" https://{MARKER}:{MARKER}@host/"),
            5 => format!(" {MARKER}@example.com "),
            6 => format!("\\\"apiKey\\\":\\\"{MARKER}\\\""),
            7 => format!("\"prompt\":\"{MARKER}\""),
            8 => format!("?access_token={MARKER}&"),
            9 => format!(" -----BEGIN PRIVATE KEY-----\n{MARKER}\n-----END PRIVATE KEY-----"),
            10 => format!(" token%3D{MARKER} "),
            _ => format!(" AKIA{} ", "QZ7HERON4KX9PELI"),
        };
        let line = format!("{before}\n{planted}\n{after}");
        let redacted = redact(&line);
        prop_assert!(!redacted.contains("Heron4Kx9"), "{line:?} -> {redacted:?}");
        prop_assert!(!redacted.contains("QZ7HERON4KX9PELI"), "{line:?} -> {redacted:?}");
    }

    #[test]
    fn json_stays_json(
        values in prop::collection::vec((text(), text()), 1..6),
        number in any::<u32>(),
        nested in text(),
    ) {
        let mut object = serde_json::Map::new();
        for (name, value) in values {
            object.insert(name, serde_json::Value::String(value));
        }
        object.insert("password".into(), number.into());
        object.insert("script".into(), serde_json::json!({ "title": nested, "list": [number, null, true] }));
        object.insert("token".into(), serde_json::json!(null));
        object.insert("inner".into(), serde_json::to_string(&object).unwrap().into());
        let line = serde_json::to_string(&object).unwrap();
        let redacted = redact(&line);
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&redacted);
        prop_assert!(parsed.is_ok(), "{line}\n{redacted}\n{parsed:?}");
    }
}

#[test]
fn labelled_lines_keep_the_properties_too() {
    let redactor = Redactor::new(NAMES);
    for case in cases(3, 99) {
        let once = redactor.redact(&case.line).into_owned();
        assert_eq!(redactor.redact(&once), once.as_str());
        if serde_json::from_str::<serde_json::Value>(&case.line).is_ok() {
            let parsed = serde_json::from_str::<serde_json::Value>(&once);
            assert!(parsed.is_ok(), "{}\n{once}", case.line);
        }
    }
}

/// Lines that made other redactors slow: repeated beginnings that never end.
#[test]
fn hostile_lines_take_linear_time() {
    let units = [
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY",
        "@",
        "%40",
        "a@",
        "a@b.",
        "%",
        "%25",
        "\\",
        "\\u0040",
        "\"",
        "\"key=\"",
        "key='",
        "key=\"",
        "key=\\\"",
        "password=\"",
        "password={",
        "{\"script\":",
        "[",
        "{",
        "://",
        "a://b@",
        "a:",
        "eyJ",
        "eyJ-",
        "eyJh.",
        "sk-",
        "sk-a1B2-",
        "ghp_",
        "golpo_",
        "AKIA",
        "MII",
        "Bearer ",
        "Authorization: ",
        "cookie: a; ",
        "prompt: ",
        "invalid type: string \"",
        "name=value ",
        "\"name\":\"token\",",
        "\"value\":\"x\",",
        "Some(",
        "a/",
        "aGVsbG8gd29ybGQgaGVsbG8/",
        "bWlyYUBleGFtcGxlLmNvbQ/",
        "712020:",
        "12345:AA",
        "Mira ",
        "Mira Vale ",
        "…",
        "é",
        "ghp_\",\"",
        "a@\",\"b",
        "token ",
        "key is ",
        "\\n",
        "1//0",
        "5b10ac8d82e05b22cc7d4ef5",
        "author: M ",
        "%2525252540",
        "abc8Q~",
    ];
    let redactor = Redactor::new(NAMES);
    for unit in units {
        let time = |length: usize| {
            let line = unit.repeat(length / unit.len());
            let started = processor_time();
            let _ = redactor.redact(&line);
            processor_time() - started
        };
        // Eight times as long: sixty-four times as slow would be quadratic.
        let linear = (0..3).any(|_| {
            let small = time(60_000).max(Duration::from_millis(4));
            time(480_000) < small * 24
        });
        assert!(linear, "{unit:?} takes more than linear time");
    }
}

/// What this thread has spent on a processor, where the system tells; a machine under load does not
/// distort it.
fn processor_time() -> Duration {
    static STARTED: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let started = *STARTED.get_or_init(Instant::now);
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .map_or_else(|| started.elapsed(), Duration::from_nanos)
}
