//! Any text: nothing panics, redacting twice changes nothing more, JSON stays JSON, and a marker
//! planted as a password on a line of its own is gone.
//!
//! `cargo xtask fuzz redact --seconds 60` (`cargo install cargo-fuzz`).
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use redaction::Redactor;

const MARKER: &str = "Qz7Heron4Kx9";

static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(["Mira Vale", "Renée Oduya-Lind", "Anneke van Dorst"]));

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let once = REDACTOR.redact(&text).into_owned();
    assert_eq!(REDACTOR.redact(&once), once.as_str(), "{text:?}");
    if serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|value| value.is_object()) {
        let parsed = serde_json::from_str::<serde_json::Value>(&once);
        assert!(parsed.is_ok(), "{text}\n{once}");
    }
    if !text.contains(MARKER) {
        let planted = format!("{text}\npassword={MARKER}\n{text}");
        assert!(!REDACTOR.redact(&planted).contains(MARKER), "{text:?}");
    }
});
