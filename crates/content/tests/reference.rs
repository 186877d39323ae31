//! docs/content.md says what the code does.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

#[test]
fn the_documentation_is_what_the_code_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/content.md");
    let made = content::reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == made,
        "docs/content.md is out of date: UPDATE_DOCS=1 cargo test -p content --test reference"
    );
}
