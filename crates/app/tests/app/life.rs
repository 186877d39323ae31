//! The life of an installation: work that outlasts a call, data of earlier versions, uninstalling.

use protocol::Operation;
use serde_json::{Value, json};

use crate::support::{FakeHost, PAGE, REQUEST, VIDEO, problem, video};

const OTHER: &str = "0198c0de-0000-7000-8000-000000000002";

fn running() -> (u16, String) {
    let list = json!({"videos":[video("running", 3)],"nextCursor":null});
    (200, list.to_string())
}

fn done() -> (u16, String) {
    let list = json!({"videos":[video("done", 3)],"nextCursor":null});
    (200, list.to_string())
}

fn deliver(host: &FakeHost, event: &str) {
    pollster::block_on(app::consume(host, event));
}

fn first(video: &str) -> String {
    json!({"pageId":PAGE,"videoId":video,"looks":0}).to_string()
}

fn key() -> String {
    format!("page-videos:{PAGE}")
}

#[test]
fn an_event_delivered_again_starts_no_second_row_of_looks() {
    let host = FakeHost::default().backend_answer("GET /v1/videos?", running());
    let mut event = first(VIDEO);
    let mut looks = 0;
    let mut waited = 0;
    // Each event comes three times, and the first one once more in between.
    loop {
        let calls = host.remote_calls.borrow().len();
        for _ in 0..3 {
            deliver(&host, &event);
        }
        deliver(&host, &first(VIDEO));
        let made = host.remote_calls.borrow().len() - calls;
        let queued: Vec<_> = host.events.borrow_mut().drain(..).collect();
        looks += 1;
        assert_eq!(made, 1, "look {looks}");
        if queued.is_empty() {
            break;
        }
        assert_eq!(queued.len(), 1, "look {looks}");
        event = queued[0].0.clone();
        waited += queued[0].1;
        assert!(queued[0].1 <= 900, "Forge's longest delay");
        assert!(
            event.len() < 200,
            "an event says which page and nothing of it"
        );
        if looks > 20 {
            break;
        }
    }
    assert_eq!(looks, 15);
    assert!(
        (6_000..=7_200).contains(&waited),
        "{waited} s, about two hours"
    );
}

#[test]
fn two_videos_of_a_page_have_one_row_of_looks() {
    let host = FakeHost::default().backend_answer("GET /v1/videos?", running());
    deliver(&host, &first(VIDEO));
    deliver(&host, &first(OTHER));
    let queued: Vec<_> = host.events.borrow_mut().drain(..).collect();
    assert_eq!(queued.len(), 2);
    for (event, _) in &queued {
        deliver(&host, event);
    }
    assert_eq!(host.events.borrow().len(), 1, "the newer row goes on alone");
}

#[test]
fn the_same_wish_sent_again_is_looked_after_once() {
    let script = json!({"title":"T","sections":[{"heading":"","text":"Words."}]});
    let wish = json!({"pageId":PAGE,"pageVersion":3,"requestId":REQUEST,"script":script});
    let host = FakeHost::default().backend_answer("GET /v1/videos?", running());
    for _ in 0..2 {
        assert!(host.run("createVideo", wish.clone())["ok"].is_object());
    }
    let keys: Vec<_> = host
        .remote_calls
        .borrow()
        .iter()
        .filter_map(|call| call.idempotency_key.clone())
        .collect();
    assert_eq!(
        keys,
        [REQUEST, REQUEST],
        "the backend knows that it is the same"
    );
    let queued: Vec<_> = host.events.borrow_mut().drain(..).collect();
    for (event, _) in &queued {
        deliver(&host, event);
    }
    assert_eq!(host.events.borrow().len(), 1);
}

#[test]
fn a_look_that_fails_is_made_again_and_a_write_that_failed_ends_nothing() {
    let down = FakeHost {
        backend_down: true,
        ..FakeHost::default()
    };
    deliver(&down, &first(VIDEO));
    assert!(down.kvs.borrow().is_empty());
    let (again, _) = down.events.borrow()[0].clone();
    let up = FakeHost::default().backend_answer("GET /v1/videos?", running());
    for _ in 0..2 {
        deliver(&up, &again);
    }
    assert_eq!(up.remote_calls.borrow().len(), 1, "the second try looks");
    assert_eq!(up.events.borrow().len(), 1);
    let full = FakeHost {
        storage_fails: Some(app::HostError::RateLimited),
        ..FakeHost::default()
    };
    deliver(&full, &first(VIDEO));
    let (event, _) = full.events.borrow()[0].clone();
    // Storage is back, and still says what was expected before, or nothing at all.
    for looking in [Some(json!({"videoId":VIDEO,"looks":0})), None] {
        let back = FakeHost::default().backend_answer("GET /v1/videos?", done());
        if let Some(looking) = looking {
            let stored = json!({"v":2,"versions":[],"looking":looking}).to_string();
            back.kvs.borrow_mut().insert(key(), stored);
        }
        deliver(&back, &event);
        assert!(back.kvs.borrow()[&key()].contains("\"versions\":[3]"));
    }
}

#[test]
fn data_of_every_earlier_version_is_read_and_written_anew() {
    let byline = |host: &FakeHost| {
        let context = json!({"extension":{"content":{"id":PAGE}}}).to_string();
        let text = pollster::block_on(app::byline(host, &context));
        serde_json::from_str::<Value>(&text).unwrap()["title"].clone()
    };
    for (version, text, shown) in [
        (
            0,
            include_str!("../fixtures/page-videos/v0.json"),
            "2 videos",
        ),
        (
            1,
            include_str!("../fixtures/page-videos/v1.json"),
            "2 videos",
        ),
        (
            2,
            include_str!("../fixtures/page-videos/v2.json"),
            "2 videos",
        ),
        // What an app of the future wrote, and one that was set back meets.
        (
            3,
            include_str!("../fixtures/page-videos/v3.json"),
            "Explainer video",
        ),
    ] {
        let host = FakeHost::default().backend_answer("GET /v1/videos?", done());
        host.kvs.borrow_mut().insert(key(), text.trim().to_owned());
        assert_eq!(byline(&host), shown, "version {version}");
        assert_eq!(*host.kvs_writes.borrow(), 0, "reading writes nothing");
        let looks = if version == 2 { 2 } else { 0 };
        let event = json!({"pageId":PAGE,"videoId":VIDEO,"looks":looks}).to_string();
        deliver(&host, &event);
        let stored: Value = serde_json::from_str(&host.kvs.borrow()[&key()]).unwrap();
        let expected = json!({"v":2,"versions":[3],"fingerprints":[null]});
        assert_eq!(stored, expected, "version {version}");
        deliver(&host, &event);
        assert_eq!(*host.kvs_writes.borrow(), 1, "and once is enough");
    }
    // An event that the version before this one queued.
    let host = FakeHost::default().backend_answer("GET /v1/videos?", done());
    deliver(&host, &json!({"pageId":PAGE,"looks":3}).to_string());
    assert_eq!(byline(&host), "1 video");
}

#[test]
fn every_key_in_storage_has_fixtures_of_its_versions() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let source = include_str!("../../src/consume.rs");
    let prefixes: Vec<&str> = source
        .split("format!(\"")
        .skip(1)
        .filter_map(|rest| rest.split_once(":{page_id}\")"))
        .map(|(prefix, _)| prefix)
        .collect();
    assert_eq!(prefixes, ["page-videos"]);
    for prefix in prefixes {
        assert!(folder.join(prefix).join("v0.json").is_file(), "{prefix}");
    }
}

#[test]
fn p23_uninstalling_tells_the_backend_and_tries_again() {
    let host = FakeHost::default().backend_answer("POST /v1/uninstalled", (204, String::new()));
    pollster::block_on(app::uninstall(&host));
    assert_eq!(host.remote_paths(), ["POST /v1/uninstalled"]);
    let call = &host.remote_calls.borrow()[0];
    assert_eq!(
        call.body, None,
        "the token says which site, and nothing else does"
    );
    assert!(host.log.borrow().is_empty());

    for (answer, tries) in [
        ((502, "<html>".to_owned()), 3),
        (problem("token_invalid", 401), 1),
    ] {
        let host = FakeHost::default().backend_answer("POST /v1/uninstalled", answer);
        pollster::block_on(app::uninstall(&host));
        assert_eq!(host.remote_paths().len(), tries);
        assert_eq!(host.log.borrow().len(), tries);
    }
}

#[test]
fn installed_again_the_app_starts_with_empty_storage() {
    let host = FakeHost::admin().backend_answer("GET /v1/videos?", done());
    for operation in Operation::ALL {
        let payload = match operation {
            Operation::Preview | Operation::ListAttachments => json!({"pageId":PAGE}),
            Operation::VideoStatus => json!({"videoId":VIDEO}),
            Operation::SaveApiKey | Operation::CreateVideo => continue,
            _ => json!({}),
        };
        let answer = host.run(operation.as_str(), payload);
        let code = answer["error"]["code"].as_str();
        assert!(
            code.is_none() || code == Some("page_not_found"),
            "{operation:?} {answer}"
        );
    }
}
