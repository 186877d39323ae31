//! A panic reaches the log by its place alone. In a program of its own, since a hook is for all.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use std::sync::{Arc, Mutex};

/// Content that a panic's message may quote, and the log must not.
fn parse(text: &str) -> u32 {
    text.parse().unwrap()
}

fn refuse(text: &str) {
    if !text.is_empty() {
        panic!("cannot read {text}");
    }
}

#[test]
fn p14_a_panic_is_logged_with_its_place_and_without_its_words() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&lines);
    std::panic::set_hook(Box::new(move |panic| {
        seen.lock()
            .unwrap()
            .push(app::panic_line(panic).as_str().to_owned());
    }));
    let words = "the heron plan of Mira Vale";
    for panics in [
        Box::new(move || refuse(words)) as Box<dyn Fn() + Send + std::panic::UnwindSafe>,
        Box::new(move || assert_eq!(words, "something else")),
        Box::new(move || assert_eq!(parse(words), 1)),
    ] {
        std::panic::catch_unwind(panics).unwrap_err();
    }
    let _ = std::panic::take_hook();
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 3);
    for line in lines.iter() {
        let place = line.strip_prefix("panicked at ").unwrap();
        let mut parts = place.rsplit(':');
        assert!(parts.next().unwrap().parse::<u32>().is_ok(), "{line}");
        assert!(parts.next().unwrap().parse::<u32>().is_ok(), "{line}");
        assert!(parts.next().unwrap().ends_with(".rs"), "{line}");
        assert!(!line.contains("heron") && !line.contains("Mira"), "{line}");
    }
}
