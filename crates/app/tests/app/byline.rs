//! The byline and the consumer that keeps its numbers.

use crate::support::{FakeHost, PAGE, VIDEO, video};
use serde_json::{Value, json};

fn byline(host: &FakeHost) -> String {
    // Forge gives this context without a module key.
    let context = json!({"cloudId":"c","extension":{"content":{"id":PAGE,"type":"page"}}});
    let text = pollster::block_on(app::byline(host, &context.to_string()));
    serde_json::from_str::<Value>(&text).unwrap()["title"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn consume(host: &FakeHost, looks: u32) {
    let event = json!({"pageId":PAGE,"videoId":VIDEO,"looks":looks}).to_string();
    pollster::block_on(app::consume(host, &event));
}

fn videos(list: Value) -> (u16, String) {
    (200, json!({"videos":list,"nextCursor":null}).to_string())
}

#[test]
fn the_byline_counts_videos_and_those_out_of_date() {
    let host = FakeHost::default();
    assert_eq!(byline(&host), "Explainer video");
    assert!(
        host.confluence_calls.borrow().is_empty(),
        "a page without videos costs one read"
    );
    let list = json!([video("done", 3), video("done", 2), video("failed", 1)]);
    let host = host.backend_answer("GET /v1/videos?", videos(list));
    consume(&host, 0);
    assert_eq!(byline(&host), "2 videos · 1 out of date");
}

#[test]
fn the_consumer_writes_only_what_changed_and_stops_when_all_is_done() {
    let host = FakeHost::default();
    consume(&host, 0);
    consume(&host, 1);
    assert_eq!(*host.kvs_writes.borrow(), 1);
    assert!(host.events.borrow().is_empty());
    let gone = FakeHost {
        kvs: host.kvs,
        ..FakeHost::default()
    }
    .backend_answer("GET /v1/videos?", videos(json!([])));
    consume(&gone, 0);
    assert!(gone.kvs.borrow().is_empty());
}

#[test]
fn the_consumer_looks_again_while_a_video_is_made_but_not_for_ever() {
    let running = videos(json!([video("running", 3)]));
    let host = FakeHost::default().backend_answer("GET /v1/videos?", running);
    consume(&host, 0);
    consume(&host, 14);
    let events = host.events.borrow();
    assert_eq!(events.len(), 1);
    let event: Value = serde_json::from_str(&events[0].0).unwrap();
    assert_eq!(event, json!({"pageId":PAGE,"videoId":VIDEO,"looks":1}));
    let down = FakeHost {
        backend_down: true,
        ..FakeHost::default()
    };
    consume(&down, 0);
    assert_eq!(down.events.borrow().len(), 1);
    assert!(down.log.borrow()[0].contains("backend_unavailable"));
}

#[test]
fn hostile_events_are_refused() {
    for event in [
        "",
        "[]",
        "{\"pageId\":\"x\",\"looks\":0}",
        "{\"pageId\":\"1\",\"looks\":-1}",
    ] {
        let host = FakeHost::default();
        pollster::block_on(app::consume(&host, event));
        assert!(host.remote_calls.borrow().is_empty());
        assert!(host.log.borrow()[0].contains("invalid_request"), "{event}");
    }
}
