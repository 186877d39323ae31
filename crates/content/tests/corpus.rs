//! Real bodies, read from the folder `GOLPO_CORPUS` (default: `shared/corpus` beside the project).
//! Every one parses, and nobody whom its markup names is in the script.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use content::{ContentError, Document, parse_adf, parse_storage, remove_identities, script};
use protocol::Removal;

fn corpus(kind: &str) -> Vec<PathBuf> {
    let root = std::env::var_os("GOLPO_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    let Ok(entries) = std::fs::read_dir(root.join(kind)) else {
        // Straight to stderr: what a passing test prints is kept from the reader.
        let line = format!(
            "SKIPPED, nothing was checked: there is no corpus at {} (set GOLPO_CORPUS)\n",
            root.join(kind).display()
        );
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn told(document: &Document) -> Option<(String, Vec<Removal>)> {
    match script(remove_identities("Title", document)) {
        Ok((script, removals)) => Some((serde_json::to_string(&script).unwrap(), removals)),
        Err(ContentError::Script(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

/// The values of an attribute or JSON member in a text, up to the closing quote.
fn values<'a>(body: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    body.split(before)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|value| value.len() > 3)
}

#[test]
fn p09_storage_bodies_parse_and_name_nobody() {
    for path in corpus("storage") {
        let body = std::fs::read_to_string(&path).unwrap();
        let document =
            parse_storage(&body).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let Some((text, _)) = told(&document) else {
            continue;
        };
        for attribute in ["ri:account-id=\"", "ri:userkey=\"", "ri:username=\""] {
            for value in values(&body, attribute) {
                assert!(!text.contains(value), "{}: {value}", path.display());
            }
        }
        for markup in ["<ac:", "<ri:", "</p>", "&nbsp;", "CDATA"] {
            assert!(!text.contains(markup), "{}: {markup}", path.display());
        }
    }
}

/// The words of every mention, without their sign.
fn mentioned<'a>(node: &'a serde_json::Value, names: &mut Vec<&'a str>) {
    if node["type"] == "mention" {
        let text = node["attrs"]["text"].as_str().unwrap_or_default();
        names.push(text.trim_start_matches('@').trim());
    }
    for child in node["content"].as_array().into_iter().flatten() {
        mentioned(child, names);
    }
}

#[test]
fn p09_adf_documents_parse_and_name_nobody() {
    for path in corpus("adf") {
        let body = std::fs::read_to_string(&path).unwrap();
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        let is_doc = value["type"] == "doc";
        // Samples of single nodes are put into a document.
        let body = if is_doc {
            body
        } else {
            serde_json::json!({"type":"doc","content":[value]}).to_string()
        };
        let document =
            parse_adf(&body).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut named = Vec::new();
        let root: serde_json::Value = serde_json::from_str(&body).unwrap();
        mentioned(&root, &mut named);
        let mentions = named.len();
        let Some((text, removals)) = told(&document) else {
            continue;
        };
        for name in named.iter().filter(|name| name.contains(' ')) {
            assert!(!text.contains(name), "{}: {name}", path.display());
        }
        if mentions > 0 {
            assert!(!removals.is_empty(), "{}", path.display());
        }
    }
}
