//! The reviewers' example, by its own functions: files in, lines and verdict out.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use std::path::Path;

use clap::{CommandFactory, Parser};
use serde_json::{Value, json};

#[path = "../examples/preview.rs"]
mod preview;

/// The example's verdict and lines for arguments.
fn run(arguments: &[&str]) -> (bool, Vec<Value>) {
    let arguments = preview::Arguments::parse_from([&["preview"], arguments].concat());
    let mut out = Vec::new();
    let all = preview::run(&arguments, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    (
        all,
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

fn page(name: &str) -> String {
    format!("{}/tests/pages/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A file of that text in a folder.
fn file(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_line_says_what_leaves_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let body = r#"<p>Ask <ac:link><ri:user ri:account-id="5b10ac8d82e05b22cc7d4ef5" /><ac:link-body>Ilse Korrigan</ac:link-body></ac:link>.</p><h2>Next</h2><p>Ilse Korrigan and Ilse answer.</p>"#;
    let (all, lines) = run(&[&file(folder.path(), "Notes.xml", body)]);
    assert!(all);
    let line = &lines[0];
    assert_eq!(line["title"], "Notes");
    assert_eq!(
        line["script"],
        "Ask a colleague.\n\n## Next\n\nThe team answer."
    );
    assert_eq!(
        line["removals"],
        json!([{"kind": "mention", "count": 1}, {"kind": "name", "count": 2}])
    );
    assert_eq!((&line["words"], &line["minutes"]), (&json!(8), &json!(0.1)));
    assert_eq!(line["warnings"], json!([]));
    let members: Vec<&String> = line.as_object().unwrap().keys().collect();
    assert_eq!(members.len(), 7, "{members:?}");
}

#[test]
fn a_line_says_what_may_be_missed() {
    let folder = tempfile::tempdir().unwrap();
    let body = r#"<ac:structured-macro ac:name="no-such-macro"><ac:rich-text-body><p>Kept.</p></ac:rich-text-body></ac:structured-macro>"#;
    let (all, lines) = run(&[&file(folder.path(), "Notes.xml", body)]);
    assert!(all);
    assert_eq!(lines[0]["script"], "Kept.");
    assert_eq!(
        lines[0]["warnings"],
        json!([{"kind": "unknownMacro", "name": "no-such-macro", "count": 1}])
    );
}

#[test]
fn each_form_of_a_page_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let adf = std::fs::read_to_string(page("guide.adf.json")).unwrap();
    let storage = std::fs::read_to_string(page("guide.storage.xml")).unwrap();
    let answer =
        |body: Value| json!({"id": "7", "title": "Harbour guide", "body": body}).to_string();
    let forms = [
        answer(json!({"atlas_doc_format": {"value": adf, "representation": "atlas_doc_format"}})),
        answer(json!({"storage": {"value": storage}})),
        format!("\u{feff}\n {adf}"),
        storage,
    ];
    let scripts: Vec<(Value, String)> = forms
        .iter()
        .map(|text| {
            let (all, lines) = run(&[&file(folder.path(), "guide.txt", text)]);
            assert!(all, "{lines:?}");
            let script = lines[0]["script"].as_str().unwrap().replace('’', "'");
            (lines[0]["title"].clone(), script)
        })
        .collect();
    let titles: Vec<&Value> = scripts.iter().map(|(title, _)| title).collect();
    assert_eq!(titles, ["Harbour guide", "Harbour guide", "guide", "guide"]);
    assert!(scripts[0].1.contains("High water at 06:40"));
    assert!(scripts.iter().all(|(_, script)| *script == scripts[0].1));
}

#[test]
fn a_file_that_cannot_be_read_has_an_error_and_the_others_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let good = page("guide.adf.json");
    let bad = [
        file(folder.path(), "broken.json", "{\"type\":"),
        file(
            folder.path(),
            "other.json",
            r#"{"title":"T","body":{"view":{"value":"x"}}}"#,
        ),
        file(folder.path(), "latin1.xml", b"<p>caf\xe9</p>"),
        folder
            .path()
            .join("missing.xml")
            .to_str()
            .unwrap()
            .to_owned(),
    ];
    for bad in &bad {
        let (all, lines) = run(&[bad, &good]);
        assert!(!all, "{bad}");
        assert_eq!(lines[0]["file"], json!(bad));
        assert!(!lines[0]["error"].as_str().unwrap().is_empty(), "{bad}");
        assert_eq!(lines[0]["code"], "page_unreadable", "{bad}");
        assert_eq!(lines[0].get("script"), None);
        assert!(lines[1]["script"].as_str().unwrap().contains("harbour"));
    }
    let (all, lines) = run(&["--format", "adf", &page("guide.storage.xml")]);
    assert_eq!((all, &lines[0]["code"]), (false, &json!("page_unreadable")));
}

#[test]
fn p09_a_page_with_nothing_to_tell_is_read_and_its_title_cleaned() {
    let folder = tempfile::tempdir().unwrap();
    let body = r#"{"type":"doc","version":1,"content":[]}"#;
    let title = "Ask ilse.korrigan@example.com";
    let answer = json!({"title": title, "body": {"atlas_doc_format": {"value": body}}});
    let (all, lines) = run(&[&file(folder.path(), "page.json", answer.to_string())]);
    assert!(all);
    assert_eq!(lines[0]["script"], "");
    assert!(!lines[0].to_string().contains("korrigan"), "{}", lines[0]);
    assert_eq!(lines[0]["removals"], json!([{"kind": "email", "count": 1}]));
    let kinds: Vec<&Value> = lines[0]["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["kind"])
        .collect();
    assert!(kinds.contains(&&json!("nothingToTell")), "{kinds:?}");
}

#[test]
fn usage_is_checked() {
    preview::Arguments::command().debug_assert();
    for wrong in [&["preview"][..], &["preview", "--format", "html", "a"]] {
        let error = preview::Arguments::try_parse_from(wrong).err().unwrap();
        assert_eq!(error.exit_code(), 2);
    }
}
