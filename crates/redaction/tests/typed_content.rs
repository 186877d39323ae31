//! Content, secrets and identities carry types that do not print them (P8, P13, P14): no type that
//! derives `Debug` has a field of plain text under a name that tells of such. The type is the
//! wall, patterns are the net below.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// Names of fields whose text is content, a secret or an identity.
const NAMES: &[&str] = &[
    "title",
    "text",
    "texts",
    "heading",
    "headings",
    "selection",
    "selected_text",
    "body",
    "script",
    "prompt",
    "caption",
    "line",
    "lines",
    "narration",
    "sentence",
    "sentences",
    "paragraph",
    "display_name",
    "account_id",
    "email",
    "person",
    "people",
    "names",
    "api_key",
    "token",
    "secret",
    "password",
    "key_text",
    "signature",
    "video_url",
    "captions_url",
    "poster_url",
    "bullets",
    "words",
    "shown",
    "told",
    "chapter",
    "number_text",
];

/// Fields that are none of these for all their names: `FILE: TYPE.FIELD`.
const HARMLESS: &[&str] = &[
    // The title of the problem's kind, a sentence of our own (RFC 9457).
    "crates/protocol/src/error.rs: Problem.title",
    // "2 videos", a sentence of our own.
    "crates/app/src/byline.rs: Properties.title",
    // What is said instead of an address.
    "crates/content/src/phrases.rs: Phrases.email",
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// `TYPE.FIELD` of each plain text under a telling name in a type that derives `Debug`.
fn telling(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut derives = false;
    let mut holder: Option<String> = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[cfg(test)]") {
            break;
        }
        if line.starts_with("#[derive(") {
            derives = line.contains("Debug");
        } else if let Some(name) = declared(line) {
            holder = derives.then_some(name);
            derives = false;
        } else if line == "}" {
            holder = None;
        } else if let Some(holder) = &holder {
            // A struct's field, or one of a variant on a line of its own.
            let line = line
                .trim_start_matches("pub(crate) ")
                .trim_start_matches("pub(super) ")
                .trim_start_matches("pub ");
            if let Some((name, kind)) = line.split_once(": ")
                && NAMES.contains(&name)
                && ["String", "str>", "&'", "Cow<"]
                    .iter()
                    .any(|plain| kind.contains(plain))
                && !["Content<", "Secret<", "Person<", "&'a Script", "ApiKey"]
                    .iter()
                    .any(|wall| kind.contains(wall))
            {
                found.push(format!("{holder}.{name}"));
            }
        }
    }
    found
}

/// The name of a type that a line declares.
fn declared(line: &str) -> Option<String> {
    let line = line
        .trim_start_matches("pub(crate) ")
        .trim_start_matches("pub(super) ")
        .trim_start_matches("pub ");
    let rest = line
        .strip_prefix("struct ")
        .or_else(|| line.strip_prefix("enum "))?;
    Some(
        rest.chars()
            .take_while(|character| character.is_alphanumeric())
            .collect(),
    )
}

#[test]
fn p14_no_derived_debug_prints_content_secrets_or_identities() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(root.join("crates")).unwrap().flatten() {
        if entry.file_name() == "xtask" {
            continue;
        }
        for path in files(&entry.path().join("src")) {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            let text = std::fs::read_to_string(&path).unwrap();
            seen += usize::from(text.contains("derive(Debug"));
            found.extend(
                telling(&text)
                    .into_iter()
                    .map(|field| format!("{name}: {field}")),
            );
        }
    }
    found.sort();
    assert!(seen > 20, "the types were not found");
    let mut harmless = HARMLESS.to_vec();
    harmless.sort_unstable();
    assert_eq!(
        found, harmless,
        "write a `Debug` that tells sizes alone, or wrap the field"
    );
}

#[test]
fn a_telling_field_is_found() {
    let text = "#[derive(Debug, Clone)]\npub struct Page {\n    /// Text.\n    pub title: String,\n    pub id: String,\n}\n\
        #[derive(Clone)]\nstruct Quiet {\n    title: String,\n}\n#[derive(Debug)]\nenum Part {\n    Text {\n        text: Option<String>,\n    },\n}\n";
    assert_eq!(telling(text), ["Page.title", "Part.text"]);
}
