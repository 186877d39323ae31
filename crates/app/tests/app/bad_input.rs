//! What the platform, a page or a window of another age may send: each has its code, and nothing
//! is done halfway.

use app::{HostError, Scope};
use protocol::{OLDEST_UI_VERSION, UI_VERSION};
use serde_json::{Value, json};

use crate::support::{FakeHost, PAGE, REQUEST, adf_body, page};

fn context(members: Value) -> String {
    let mut context =
        json!({"moduleKey":"golpo-content-action","extension":{"content":{"id":PAGE}}});
    for (name, value) in members.as_object().unwrap() {
        context[name] = value.clone();
    }
    context.to_string()
}

fn run(
    host: &FakeHost,
    operation: &str,
    payload: Value,
    context: &str,
    version: Option<u32>,
) -> Value {
    let payload = payload.to_string();
    let answer = app::resolve(host, operation, &payload, context, version);
    serde_json::from_str(&pollster::block_on(answer)).unwrap()
}

fn calls(host: &FakeHost) -> usize {
    host.confluence_calls.borrow().len() + host.remote_calls.borrow().len()
}

#[test]
fn storage_that_fails_or_limits_has_its_codes_and_leaves_no_half_removal() {
    for (error, code) in [
        (HostError::Failed, "storage_unavailable"),
        (HostError::RateLimited, "rate_limited"),
    ] {
        let host = FakeHost {
            storage_fails: Some(error),
            ..FakeHost::admin()
        };
        assert_eq!(host.code("removeApiKey", json!({})), code);
        assert!(
            !host
                .remote_paths()
                .contains(&"DELETE /v1/api-key".to_owned()),
            "while Forge's copy is there, the backend's stays"
        );
        let key = json!({"apiKey":"golpo-key-1234"});
        assert_eq!(host.code("saveApiKey", key), code);
        // The byline only loses its number.
        let byline = pollster::block_on(app::byline(
            &host,
            &json!({"extension":{"content":{"id":PAGE}}}).to_string(),
        ));
        assert!(byline.contains("\"Explainer video\""), "{byline}");
        assert!(host.log.borrow().iter().any(|line| line.contains(code)));
    }
}

#[test]
fn p03_the_stored_key_is_not_asked_for_without_the_storage_scope() {
    let host = FakeHost {
        missing_scopes: vec![Scope::Storage],
        ..FakeHost::default()
    }
    .backend_answer(
        "POST /v1/videos",
        crate::support::problem("api_key_missing", 409),
    );
    let script = json!({"title":"T","sections":[{"heading":"","text":"Words."}]});
    let wish = json!({"pageId":PAGE,"pageVersion":3,"requestId":REQUEST,"script":script});
    assert_eq!(host.code("createVideo", wish), "scope_missing");
}

#[test]
fn without_a_signed_in_user_nothing_is_called() {
    for kind in ["anonymous", "unlicensed", "customer"] {
        let host = FakeHost::admin();
        let from = context(json!({"accountId":"unidentified","accountType":kind}));
        for (operation, payload) in [
            ("context", json!({})),
            ("preview", json!({"pageId":PAGE})),
            ("listVideos", json!({})),
            ("settings", json!({})),
        ] {
            let answer = run(&host, operation, payload, &from, None);
            assert_eq!(answer["error"]["code"], "sign_in_required", "{kind}");
        }
        assert_eq!(calls(&host), 0);
    }
    let from = context(json!({"accountType":"licensed"}));
    let answer = run(&FakeHost::default(), "context", json!({}), &from, None);
    assert!(answer["ok"].is_object(), "{answer}");
}

#[test]
fn views_of_a_page_say_that_there_is_none_and_others_need_none() {
    for (module, code) in [
        ("golpo-content-action", Some("no_page")),
        ("golpo-context-menu", Some("no_page")),
        ("golpo-byline", Some("no_page")),
        ("golpo-library", None),
        ("golpo-settings", None),
        // A macro in a template or a draft.
        ("golpo-video", None),
    ] {
        let host = FakeHost::default();
        for extension in [
            json!({}),
            json!({"content":{}}),
            json!({"content":{"id":null}}),
        ] {
            let from = json!({"moduleKey":module,"extension":extension}).to_string();
            let answer = run(&host, "context", json!({}), &from, None);
            assert_eq!(answer["error"]["code"].as_str(), code, "{module} {answer}");
        }
    }
}

#[test]
fn windows_of_another_age_are_told_so_before_anything_is_called() {
    let host = FakeHost::default();
    let from = context(json!({}));
    for version in [OLDEST_UI_VERSION - 1, UI_VERSION + 1] {
        // A newer window may ask for what this app has never heard of.
        for operation in ["context", "fromTheFuture"] {
            let answer = run(&host, operation, json!({"new":1}), &from, Some(version));
            assert_eq!(answer["error"]["code"], "version_mismatch");
        }
    }
    assert_eq!(calls(&host), 0);
    for version in [None, Some(OLDEST_UI_VERSION), Some(UI_VERSION)] {
        let answer = run(&host, "context", json!({}), &from, version);
        assert!(answer["ok"].is_object(), "{answer}");
    }
}

#[test]
fn a_page_of_an_unknown_adf_version_is_read_and_says_so() {
    let body = |version: Value| {
        let adf = json!({"type":"doc","version":version,"content":[
            {"type":"paragraph","content":[{"type":"text","text":"Herons are patient."}]}]});
        page(3, adf_body(&adf.to_string()))
    };
    let preview = |version: Value| {
        let host = FakeHost::default().confluence_answer(
            &format!("/wiki/api/v2/pages/{PAGE}?"),
            200,
            body(version),
        );
        host.run("preview", json!({"pageId":PAGE}))["ok"].clone()
    };
    assert_eq!(preview(json!(1))["warnings"], json!([]));
    for version in [json!(2), json!("3"), json!(1.5)] {
        let answer = preview(version);
        assert!(answer["script"].to_string().contains("Herons"), "{answer}");
        let warning = &answer["warnings"][0];
        assert_eq!(warning["kind"], "unknownVersion");
        assert!(warning["message"].as_str().unwrap().ends_with('.'));
    }
}

#[test]
fn a_licence_that_ended_stops_new_videos_and_nothing_else() {
    let script = json!({"title":"T","sections":[{"heading":"","text":"Words."}]});
    let wish = json!({"pageId":PAGE,"pageVersion":3,"requestId":REQUEST,"script":script});
    for (license, is_active) in [
        (Value::Null, true),
        (json!({}), true),
        (json!({"isActive":true}), true),
        (
            json!({"active":true,"isEvaluation":true,"trialEndDate":"2027-01-01T00:00:00.000Z"}),
            true,
        ),
        (json!({"isActive":false}), false),
        (json!({"active":false,"isEvaluation":true}), false),
    ] {
        let from = context(json!({"license":license}));
        let host = FakeHost::default();
        let answer = run(&host, "createVideo", wish.clone(), &from, None);
        if is_active {
            assert!(answer["ok"].is_object(), "{license} {answer}");
        } else {
            assert_eq!(answer["error"]["code"], "licence_inactive", "{license}");
            assert_eq!(calls(&host), 0);
        }
        for (operation, payload) in [
            ("preview", json!({"pageId":PAGE})),
            ("listVideos", json!({})),
            ("videoStatus", json!({"videoId":crate::support::VIDEO})),
        ] {
            let answer = run(&host, operation, payload, &from, None);
            assert!(answer["ok"].is_object(), "{operation} {answer}");
        }
    }
}
