//! Whether a video is out of date: by what the page says, not by how often it was saved.

use crate::support::{FakeHost, PAGE, VIDEO, adf_body, page, page_adf, video};
use serde_json::{Value, json};

/// A paragraph of the page; the editor gives a new local id with each save.
fn adf(words: &str, local_id: &str) -> String {
    json!({"type":"doc","version":1,"content":[
        {"type":"paragraph","attrs":{"localId":local_id},"content":[{"type":"text","text":words}]}
    ]})
    .to_string()
}

const WORDS: &str = "Deploy on Tuesday.";

/// The fingerprint of a page that says this.
fn fingerprint(words: &str) -> Value {
    let host = on_page(3, &adf(words, "first"));
    host.run("preview", json!({"pageId":PAGE}))["ok"]["fingerprint"].clone()
}

/// A site whose page has this version and body.
fn on_page(version: u32, adf: &str) -> FakeHost {
    let listed = json!({"results":[{"id":PAGE,"version":{"number":version}}],"_links":{}});
    FakeHost::default()
        .confluence_answer(
            &format!("/wiki/api/v2/pages/{PAGE}?"),
            200,
            page(version, adf_body(adf)),
        )
        .confluence_answer("/wiki/api/v2/pages?id=", 200, listed)
}

/// With one finished video of version 3 that has this fingerprint.
fn with_video(host: FakeHost, fingerprint: &Value) -> FakeHost {
    let mut made = video("done", 3);
    made["sourceFingerprint"] = fingerprint.clone();
    let list = json!({"videos":[made],"nextCursor":null}).to_string();
    host.backend_answer(&format!("GET /v1/videos/{VIDEO}/media"), (200, media()))
        .backend_answer("GET /v1/videos?", (200, list))
        .backend_answer(&format!("GET /v1/videos/{VIDEO}"), (200, made.to_string()))
}

fn media() -> String {
    json!({"videoUrl":"https://v","captionsUrl":"https://c","posterUrl":"https://p","chapters":[],
        "expiresAt":"2026-11-24T10:15:00Z"})
    .to_string()
}

/// What videoStatus, listVideos and the byline say.
fn out_of_date(host: &FakeHost) -> (bool, bool, String) {
    let status = host.run("videoStatus", json!({"videoId":VIDEO}));
    let list = host.run("listVideos", json!({"pageId":PAGE}));
    assert_eq!(list["ok"]["mayBeOutOfDate"], json!([]), "{list}");
    let event = json!({"pageId":PAGE,"looks":0}).to_string();
    pollster::block_on(app::consume(host, &event));
    (
        status["ok"]["outOfDate"].as_bool().unwrap(),
        list["ok"]["outOfDate"] == json!([VIDEO]),
        byline(host),
    )
}

fn byline(host: &FakeHost) -> String {
    let context = json!({"extension":{"content":{"id":PAGE,"type":"page"}}}).to_string();
    let answer = pollster::block_on(app::byline(host, &context));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["title"].as_str().unwrap().to_owned()
}

fn bodies_read(host: &FakeHost) -> usize {
    let calls = host.confluence_calls.borrow();
    calls
        .iter()
        .filter(|path| path.contains("body-format"))
        .count()
}

#[test]
fn a_save_that_changes_nothing_is_not_a_change() {
    let host = with_video(on_page(9, &adf(WORDS, "second")), &fingerprint(WORDS));
    assert_eq!(out_of_date(&host), (false, false, "1 video".to_owned()));
    assert_eq!(bodies_read(&host), 3);
}

#[test]
fn a_changed_word_is_a_change() {
    let changed = adf("Deploy on Wednesday.", "first");
    let host = with_video(on_page(4, &changed), &fingerprint(WORDS));
    let late = "1 video · 1 out of date".to_owned();
    assert_eq!(out_of_date(&host), (true, true, late));
}

#[test]
fn a_page_that_was_not_saved_is_not_read() {
    let host = with_video(on_page(3, &adf(WORDS, "first")), &fingerprint(WORDS));
    assert_eq!(out_of_date(&host), (false, false, "1 video".to_owned()));
    assert_eq!(bodies_read(&host), 0);
}

#[test]
fn a_video_without_a_fingerprint_of_todays_rules_goes_by_the_version() {
    let other_rules = json!("2-0123456789abcdef0123456789abcdef");
    for fingerprint in [Value::Null, other_rules] {
        let host = with_video(on_page(4, &adf(WORDS, "first")), &fingerprint);
        let late = "1 video · 1 out of date".to_owned();
        assert_eq!(out_of_date(&host), (true, true, late));
        assert_eq!(bodies_read(&host), 0);
    }
}

#[test]
fn a_page_that_cannot_be_read_goes_by_the_version() {
    let host = with_video(on_page(4, "{"), &fingerprint(WORDS));
    let late = "1 video · 1 out of date".to_owned();
    assert_eq!(out_of_date(&host), (true, true, late));
}

#[test]
fn the_byline_reads_what_an_older_version_of_the_app_wrote() {
    let host = on_page(4, &adf(WORDS, "first"));
    let old = json!({"versions":[4, 3]}).to_string();
    let key = format!("page-videos:{PAGE}");
    host.kvs.borrow_mut().insert(key, old);
    assert_eq!(byline(&host), "2 videos · 1 out of date");
}

#[test]
fn a_list_of_many_pages_reads_five_and_says_may_of_the_rest() {
    let page_id = |index: usize| format!("{}", 1000 + index);
    let video_id = |index: usize| format!("0198c0de-0000-7000-8000-0000000000{index:02}");
    let mut host = FakeHost::default();
    let listed: Vec<Value> = (10..18)
        .map(|index| json!({"id":page_id(index),"version":{"number":4}}))
        .collect();
    host = host.confluence_answer("/wiki/api/v2/pages?id=", 200, json!({"results":listed}));
    for index in 10..18 {
        let path = format!("/wiki/api/v2/pages/{}?", page_id(index));
        host = host.confluence_answer(&path, 200, page(4, adf_body(&page_adf())));
    }
    let videos: Vec<Value> = (10..18)
        .map(|index| {
            let mut made = video("done", 3);
            made["id"] = video_id(index).into();
            made["pageId"] = page_id(index).into();
            made["sourceFingerprint"] = fingerprint(WORDS);
            made
        })
        .collect();
    let list = json!({"videos":videos,"nextCursor":null}).to_string();
    let host = host.backend_answer("GET /v1/videos?", (200, list));
    let answer = host.run("listVideos", json!({}));
    let ids = |range: std::ops::Range<usize>| -> Value { range.map(video_id).collect() };
    assert_eq!(answer["ok"]["outOfDate"], ids(10..15));
    assert_eq!(answer["ok"]["mayBeOutOfDate"], ids(15..18));
    assert_eq!(bodies_read(&host), 5);
}
