//! P3: the manifest asks for the scopes that the calls in the code need and for no other, and none
//! of those calls is made without its scope. Which call needs which is Atlassian's to say:
//! `fixtures/confluence-scopes.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use app::Scope;
use protocol::Operation;
use serde_json::{Value, json};

use crate::support::{FakeHost, PAGE, REQUEST, VIDEO};

const MANIFEST: &str = include_str!("../../../../manifest.yml");
const SHIM: &str = include_str!("../../../../src-js-shim/index.mjs");

/// `METHOD PATH` with `{}` for ids, and the granular scope of each.
fn calls_and_scopes() -> BTreeMap<String, String> {
    let text = include_str!("../fixtures/confluence-scopes.json");
    let fixture: Value = serde_json::from_str(text).unwrap();
    serde_json::from_value(fixture["calls"].clone()).unwrap()
}

fn manifest_scopes() -> BTreeSet<String> {
    MANIFEST
        .lines()
        .skip_while(|line| line.trim() != "scopes:")
        .skip(1)
        .map_while(|line| line.trim().strip_prefix("- "))
        .map(str::to_owned)
        .collect()
}

/// The sources of a folder, without their tests.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            found.push((path, code.to_owned()));
        }
    }
    found
}

fn crate_sources(name: &str) -> Vec<(PathBuf, String)> {
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../{name}/src")))
}

fn without_comments(code: &str) -> String {
    let lines = code.lines().filter(|line| !line.trim().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The path of a call as in the fixture: no query, `{}` for every id.
fn template(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let parts = path.split('/').map(|part| {
        let is_id = part.starts_with('{') && part != "{kind}"
            || part == PAGE
            || part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty()
            || part.starts_with("att");
        if is_id && part != "attachments" && part != "attachment" {
            "{}"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The calls that stand in the code as texts, each once for pages and once for blog posts.
fn calls_in_code() -> BTreeSet<String> {
    let mut calls = BTreeSet::new();
    for (_, code) in crate_sources("app") {
        for literal in without_comments(&code).split('"').skip(1).step_by(2) {
            if !literal.starts_with("/wiki") {
                continue;
            }
            for kind in ["pages", "blogposts"] {
                let path = template(literal).replace("{kind}", kind);
                calls.insert(format!("GET {path}"));
            }
        }
    }
    calls
}

#[test]
fn p03_the_manifest_asks_for_the_scopes_of_the_calls_in_the_code_and_for_no_other() {
    let known = calls_and_scopes();
    let calls = calls_in_code();
    assert_eq!(
        calls,
        known.keys().cloned().collect(),
        "the calls in crates/app/src and those whose scope is known"
    );
    let mut needed: BTreeSet<String> = known.into_values().collect();
    let stores = crate_sources("app").iter().any(|(_, code)| {
        let code = without_comments(code);
        code.contains(".kvs_") || code.contains(".secret_")
    });
    if stores {
        needed.insert("storage:app".to_owned());
    }
    assert_eq!(manifest_scopes(), needed);
    let listed: BTreeSet<String> = Scope::ALL.iter().map(|it| it.as_str().to_owned()).collect();
    assert_eq!(listed, needed, "crates/app/src/scope.rs");
}

#[test]
fn p03_every_scope_is_granular_and_only_reads() {
    for scope in manifest_scopes() {
        let parts: Vec<&str> = scope.split(':').collect();
        let is_granular = matches!(parts[..], ["read", _, "confluence"]);
        assert!(is_granular || scope == "storage:app", "{scope}");
        // The classic ones, such as `read:confluence-content.all`.
        assert!(
            !scope.contains('.') && !scope.contains("confluence-"),
            "{scope}"
        );
    }
}

#[test]
fn p03_nothing_is_called_as_the_app_without_a_reason_beside_it() {
    let mut texts = vec![(PathBuf::from("src-js-shim/index.mjs"), SHIM.to_owned())];
    for name in ["app", "app-wasm"] {
        texts.extend(crate_sources(name));
    }
    for (path, text) in texts {
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if !["asApp", "as_app", "Actor::App"]
                .iter()
                .any(|it| code.contains(it))
            {
                continue;
            }
            let before = index.checked_sub(1).map_or("", |index| lines[index].trim());
            let reason = before.strip_prefix("// As the app:").unwrap_or_default();
            assert!(
                reason.len() > 20,
                "{}:{} calls as the app: say why in a line above, `// As the app: …`",
                path.display(),
                index + 1
            );
        }
    }
    assert!(SHIM.contains("asUser()"), "the shim calls as the user");
}

/// Every operation with a payload that it takes.
fn operations() -> Vec<(Operation, Value)> {
    let script = json!({"title":"T","sections":[{"heading":"","text":"Words."}]});
    let wish = json!({"pageId":PAGE,"pageVersion":3,"requestId":REQUEST,"script":script,
        "attachmentIds":["att1"]});
    let payload = |operation| match operation {
        Operation::Preview => json!({"pageId":PAGE,"attachmentIds":["att1"]}),
        Operation::ListAttachments => json!({"pageId":PAGE}),
        Operation::CreateVideo => wish.clone(),
        Operation::VideoStatus => json!({"videoId":VIDEO}),
        Operation::SaveApiKey => json!({"apiKey":"golpo-key-1234"}),
        Operation::Context
        | Operation::ListVideos
        | Operation::RemoveApiKey
        | Operation::Settings => json!({}),
    };
    let all = Operation::ALL.iter().copied();
    all.map(|operation| (operation, payload(operation)))
        .collect()
}

fn with_files(host: FakeHost) -> FakeHost {
    let files = json!({"results":[{"id":"att1","title":"notes.txt","mediaType":"text/plain","fileSize":5}]});
    let mut host = host
        .confluence_answer(
            &format!("/wiki/api/v2/pages/{PAGE}/attachments"),
            200,
            files,
        )
        .backend_answer(
            "GET /v1/videos/",
            (200, crate::support::video("done", 2).to_string()),
        );
    let download = format!("/wiki/rest/api/content/{PAGE}/child/attachment/att1/download");
    let text = json!({"text":"Notes."}).to_string();
    host.attachment_texts.insert(download, (200, text));
    host
}

fn confluence_calls(host: &FakeHost) -> BTreeSet<String> {
    let listed = host.confluence_calls.borrow().clone();
    let downloads = host.attachment_calls.borrow().clone();
    let paths = listed.into_iter().chain(downloads);
    paths
        .map(|path| {
            let path = path.split(' ').next().unwrap_or_default().to_owned();
            format!("GET {}", template(&path))
        })
        .collect()
}

#[test]
fn p03_a_missing_scope_is_found_before_its_call_and_named_with_what_to_click() {
    let known = calls_and_scopes();
    let mut made = BTreeSet::new();
    for missing in Scope::ALL {
        let mut refused = 0;
        for (operation, payload) in operations() {
            let host = with_files(FakeHost {
                missing_scopes: vec![*missing],
                ..FakeHost::admin()
            });
            let answer = host.run(operation.as_str(), payload);
            for call in confluence_calls(&host) {
                let needed = &known[&call];
                assert_ne!(needed, missing.as_str(), "{operation:?} made {call}");
                made.insert(call);
            }
            if missing == &Scope::Storage {
                assert!(host.secrets.borrow().is_empty() && host.kvs.borrow().is_empty());
            }
            let error = &answer["error"];
            if error["code"] == "scope_missing" {
                refused += 1;
                let message = error["message"].as_str().unwrap();
                assert!(message.contains(missing.as_str()), "{message}");
                let action = error["action"].as_str().unwrap();
                assert!(action.contains("Connected apps") && action.contains("update"));
            }
        }
        // A space's name is nice to have: without it a preview goes on.
        let wanted = usize::from(*missing != Scope::ReadSpace);
        assert!(refused >= wanted, "{missing:?} was missed by nobody");
    }
    let pages = |call: &&String| !call.contains("blogposts");
    assert_eq!(
        made.iter().filter(pages).collect::<Vec<_>>(),
        known.keys().filter(pages).collect::<Vec<_>>(),
        "each call was made by some operation"
    );
}

#[test]
fn p03_a_scope_revoked_a_moment_ago_is_named_by_the_refused_call() {
    let refusal = json!({"code":401,"message":"Unauthorized; scope does not match"});
    for (path, operation, payload, scope) in [
        (
            "/wiki/api/v2/pages/",
            "preview",
            json!({"pageId":PAGE}),
            "read:page:confluence",
        ),
        (
            "/wiki/rest/api/user/",
            "settings",
            json!({}),
            "read:content-details:confluence",
        ),
        (
            "/wiki/api/v2/pages/",
            "listAttachments",
            json!({"pageId":PAGE}),
            "read:attachment:confluence",
        ),
    ] {
        let host = FakeHost::admin().confluence_answer(path, 401, refusal.clone());
        let answer = host.run(operation, payload);
        assert_eq!(answer["error"]["code"], "scope_missing", "{operation}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(scope), "{message}");
    }
}

#[test]
fn p04_every_operation_for_administrators_refuses_others_before_anything_else() {
    let mut refused = BTreeSet::new();
    for (operation, payload) in operations() {
        let host = with_files(FakeHost::default());
        let answer = host.run(operation.as_str(), payload);
        if answer["error"]["code"] == "admin_required" {
            assert!(host.remote_calls.borrow().is_empty(), "{operation:?}");
            refused.insert(operation.as_str());
        }
    }
    assert_eq!(
        refused.into_iter().collect::<Vec<_>>(),
        ["removeApiKey", "saveApiKey", "settings"]
    );
}

#[test]
fn p05_every_operation_on_a_page_that_the_user_may_not_read_gives_nothing_of_it() {
    for (operation, payload) in operations() {
        let mut host = with_files(FakeHost::default());
        // As Confluence answers of a page that is restricted: not found, and in no list.
        for path in [
            format!("/wiki/api/v2/pages/{PAGE}"),
            format!("/wiki/api/v2/blogposts/{PAGE}"),
        ] {
            host = host.confluence_answer(&path, 404, json!({}));
        }
        host = host.confluence_answer(
            &format!("/wiki/api/v2/pages/{PAGE}/attachments"),
            404,
            json!({}),
        );
        host = host.confluence_answer("/wiki/api/v2/pages?id=", 200, json!({"results":[]}));
        let answer = host.run(operation.as_str(), payload).to_string();
        for hidden in [
            "Release guide",
            "Deploying",
            "notes.txt",
            "https://v",
            VIDEO,
        ] {
            assert!(!answer.contains(hidden), "{operation:?} {answer}");
        }
        let paths = host.remote_paths();
        let leaks = |path: &String| path.ends_with("/media") || path == "POST /v1/videos";
        assert!(!paths.iter().any(leaks), "{operation:?} {paths:?}");
    }
}
