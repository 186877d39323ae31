//! Attachments: which are listed, which are read, and that their people are taken out as well.

use app::Scope;
use serde_json::{Value, json};

use crate::support::{FakeHost, PAGE, REQUEST};

const LIST: &str = "/wiki/api/v2/pages/65601/attachments?";

fn raw(id: &str, title: &str, media_type: &str, bytes: u64) -> Value {
    json!({"id":id,"status":"current","title":title,"pageId":PAGE,"mediaType":media_type,"fileSize":bytes,
        "comment":"by Mira Vale","version":{"number":1,"authorId":"5b10ac8d82e05b22cc7d4ef5"}})
}

fn path(id: &str) -> String {
    format!("/wiki/rest/api/content/{PAGE}/child/attachment/{id}/download")
}

fn with_files(files: &[(&str, &str, &str, Value)]) -> FakeHost {
    let results: Vec<Value> = files
        .iter()
        .map(|(id, name, media_type, _)| raw(id, name, media_type, 100))
        .collect();
    let mut host =
        FakeHost::default().confluence_answer(LIST, 200, json!({"results":results,"_links":{}}));
    for (id, _, _, answer) in files {
        host.attachment_texts
            .insert(path(id), (200, answer.to_string()));
    }
    host
}

fn chosen(host: &FakeHost, ids: &[&str]) -> Value {
    host.run("preview", json!({"pageId":PAGE,"attachmentIds":ids}))
}

#[test]
fn files_are_listed_with_what_can_be_done_with_them() {
    let results = json!([
        raw("att1", "notes.md", "text/plain", 20),
        raw("att2", "scan.png", "image/png", 20),
        raw("att3", "book.pdf", "application/pdf", 6_000_000),
    ]);
    let host =
        FakeHost::default().confluence_answer(LIST, 200, json!({"results":results,"_links":{}}));
    let answer = host.run("listAttachments", json!({"pageId":PAGE}));
    let files = &answer["ok"]["attachments"];
    let of = |index: usize, member: &str| files[index][member].clone();
    assert_eq!(of(0, "kind"), "markdown", "{answer}");
    assert_eq!(of(0, "problem"), Value::Null);
    assert_eq!(of(1, "problem"), "unsupported");
    assert_eq!(of(2, "problem"), "tooLarge");
    assert_eq!(answer["ok"]["maxBytes"], 5 * 1024 * 1024);
    assert_eq!(answer["ok"]["maxChosen"], 10);
    assert_eq!(answer["ok"]["more"], false);
    assert!(!answer.to_string().contains("Vale"), "{answer}");
}

#[test]
fn a_long_list_is_read_by_its_own_links_alone() {
    let next = format!("{LIST}limit=250&cursor=abc");
    for bad in [
        "https://elsewhere.example/x",
        "/wiki/api/v2/pages/1/attachments?",
        "x y",
    ] {
        let host = FakeHost::default().confluence_answer(
            LIST,
            200,
            json!({"results":[],"_links":{"next":bad}}),
        );
        assert_eq!(
            host.code("listAttachments", json!({"pageId":PAGE})),
            "confluence_unavailable"
        );
        assert_eq!(host.confluence_calls.borrow().len(), 1, "{bad}");
    }
    // A list that never ends is cut.
    let host = FakeHost::default().confluence_answer(
        LIST,
        200,
        json!({"results":[raw("att1", "a.txt", "", 1)],"_links":{"next":next}}),
    );
    let answer = host.run("listAttachments", json!({"pageId":PAGE}));
    assert_eq!(answer["ok"]["more"], true);
    assert_eq!(host.confluence_calls.borrow().len(), 4);
    assert_eq!(host.confluence_calls.borrow()[1], next);
}

#[test]
fn files_of_blog_posts_are_found() {
    let list = json!({"results":[raw("att1", "a.txt", "", 1)],"_links":{}});
    let host =
        FakeHost::default().confluence_answer("/wiki/api/v2/blogposts/777/attachments?", 200, list);
    let answer = host.run("listAttachments", json!({"pageId":"777"}));
    assert_eq!(answer["ok"]["attachments"][0]["name"], "a.txt", "{answer}");
    assert_eq!(
        host.code("listAttachments", json!({"pageId":"778"})),
        "page_not_found"
    );
}

#[test]
fn p09_chosen_files_are_told_behind_the_page_without_people() {
    let host = with_files(&[
        (
            "att1",
            "Plan of Mira Vale.docx",
            "",
            json!({"text":"# Budget\n\nMira Vale asked for \\*ten\\* desks.\n"}),
        ),
        (
            "att2",
            "desks.csv",
            "text/csv",
            json!({"text":"Room,Desks\nNorth,4\n"}),
        ),
    ]);
    let answer = chosen(&host, &["att2", "att1"]);
    let script = answer["ok"]["script"].to_string();
    for words in [
        "before you deploy",
        "asked for ten desks",
        "Budget",
        "North",
    ] {
        assert!(script.contains(words), "{words}: {script}");
    }
    assert!(!script.contains("Vale"), "{script}");
    let at = |words: &str| script.find(words).unwrap();
    assert!(at("before you deploy") < at("North") && at("North") < at("Budget"));
    assert_eq!(
        *host.attachment_calls.borrow(),
        [
            format!("{} desks.csv text/csv", path("att2")),
            format!("{} Plan of Mira Vale.docx ", path("att1"))
        ]
    );
}

#[test]
fn no_file_is_touched_that_was_not_chosen() {
    let host = with_files(&[("att1", "a.txt", "", json!({"text":"never"}))]);
    host.run("preview", json!({"pageId":PAGE}));
    assert!(host.attachment_calls.borrow().is_empty());
    let calls = host.confluence_calls.borrow();
    assert!(
        !calls.iter().any(|call| call.contains("attachments")),
        "{calls:?}"
    );
}

#[test]
fn p09_a_script_is_cleaned_by_the_people_whom_a_file_names() {
    let markdown = "Ask [Noor Musterova](https://site.example/wiki/people/557058:1) first.";
    let host = with_files(&[("att1", "notes.md", "", json!({"text":markdown}))]);
    let script =
        json!({"title":"Desks","sections":[{"heading":"","text":"Noor Musterova decides."}]});
    let payload = json!({"pageId":PAGE,"pageVersion":3,"requestId":REQUEST,"script":script,
        "attachmentIds":["att1"]});
    let answer = host.run("createVideo", payload);
    assert_eq!(answer["ok"]["state"], "queued", "{answer}");
    let calls = host.remote_calls.borrow();
    let body = calls[0].body.as_deref().unwrap();
    assert!(
        body.contains("decides") && !body.contains("Musterova"),
        "{body}"
    );
}

#[test]
fn each_refusal_has_its_code_and_says_which_file() {
    let files = [
        ("att1", "a.txt", "", json!({"text":"fine"})),
        ("att2", "b.pdf", "", json!({"error":"attachment_encrypted"})),
        ("att3", "c.png", "", json!({"text":"never asked for"})),
    ];
    let host = with_files(&files);
    let table = [
        (vec!["att1", "att2"], "attachment_encrypted", "number 2"),
        (vec!["att3"], "attachment_unsupported", "number 1"),
        (vec!["att9"], "attachment_not_found", "number 1"),
        (vec!["att1", "att1"], "invalid_request", "twice"),
        (vec!["../x"], "invalid_request", ""),
        (vec!["att1"; 11], "invalid_request", "At most 10"),
    ];
    for (ids, code, words) in table {
        let answer = chosen(&host, &ids);
        assert_eq!(answer["error"]["code"], code, "{answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
    let log = host.log.borrow().join("\n");
    assert!(!log.contains("b.pdf"), "{log}");
    assert_eq!(host.attachment_calls.borrow().len(), 2);
}

#[test]
fn what_the_download_answers_is_told() {
    for (status, code) in [
        (404, "attachment_not_found"),
        (403, "attachment_not_found"),
        (401, "scope_missing"),
        (429, "rate_limited"),
        (503, "confluence_unavailable"),
    ] {
        let mut host = with_files(&[("att1", "a.txt", "", json!({"text":"fine"}))]);
        host.attachment_texts
            .insert(path("att1"), (status, String::new()));
        assert_eq!(chosen(&host, &["att1"])["error"]["code"], code, "{status}");
    }
}

#[test]
fn p03_without_the_scope_nothing_is_called() {
    let host = FakeHost {
        missing_scopes: vec![Scope::ReadAttachment],
        ..FakeHost::default()
    };
    let answer = host.run("listAttachments", json!({"pageId":PAGE}));
    assert_eq!(answer["error"]["code"], "scope_missing");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("read:attachment:confluence"), "{message}");
    assert!(host.confluence_calls.borrow().is_empty());
}

#[test]
fn p09_a_page_that_may_not_be_read_says_nothing_of_its_files() {
    let host = with_files(&[("att1", "a.txt", "", json!({"text":"fine"}))]).confluence_answer(
        "/wiki/api/v2/pages/65601?",
        404,
        json!({}),
    );
    assert_eq!(chosen(&host, &["att9"])["error"]["code"], "page_not_found");
}
