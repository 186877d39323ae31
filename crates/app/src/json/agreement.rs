//! Holds each reader beside serde's of the same type: on samples of every type, and on each of those
//! with one member left out, doubled or exchanged for something else, anywhere inside, both give the
//! same value or both refuse.

use std::fmt::Debug;

use protocol::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{FromJson, read};

/// What stands in the place of a value, one after the other.
fn others() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(7),
        json!(255),
        json!(256),
        json!(65_536),
        json!(-1),
        json!(1.5),
        json!(4_294_967_295_u64),
        json!(4_294_967_296_u64),
        json!(u64::MAX),
        json!(""),
        json!("en"),
        json!("other"),
        json!("65601"),
        json!("done"),
        json!([]),
        json!([1]),
        json!([null]),
        json!({}),
        json!({"title": "t"}),
    ]
}

/// A value with each change in turn, at every place inside.
fn changed(value: &Value) -> Vec<Value> {
    let mut all = others();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let mut less = members.clone();
                less.remove(name);
                all.push(Value::Object(less));
                for other in changed(member) {
                    let mut with = members.clone();
                    with.insert(name.clone(), other);
                    all.push(Value::Object(with));
                }
            }
            let mut more = members.clone();
            more.insert("one_more".to_owned(), json!(1));
            all.push(Value::Object(more));
        }
        Value::Array(values) => {
            for (index, inner) in values.iter().enumerate() {
                for other in changed(inner) {
                    let mut with = values.clone();
                    with[index] = other;
                    all.push(Value::Array(with));
                }
            }
            let mut twice = values.clone();
            twice.extend(values.iter().cloned());
            all.push(Value::Array(twice));
        }
        _ => {}
    }
    all
}

fn agree_on<T: FromJson + DeserializeOwned + Debug>(text: &str) -> bool {
    let serde = serde_json::from_str::<T>(text).ok();
    let ours = read::<T>(text).ok();
    // `Debug` of some types shows little, so that their JSON is compared by the caller as well.
    assert_eq!(
        serde.as_ref().map(|it| format!("{it:?}")),
        ours.as_ref().map(|it| format!("{it:?}")),
        "{text}"
    );
    ours.is_some()
}

/// serde takes an array for an object, member by member. Nobody sends that and ours refuses it.
fn holds_array_for_object(sample: &Value, changed: &Value) -> bool {
    match (sample, changed) {
        (Value::Object(_), Value::Array(_)) => true,
        (Value::Object(sample), Value::Object(changed)) => changed.iter().any(|(name, value)| {
            sample
                .get(name)
                .is_some_and(|sample| holds_array_for_object(sample, value))
        }),
        (Value::Array(sample), Value::Array(changed)) => sample
            .iter()
            .zip(changed)
            .any(|(sample, changed)| holds_array_for_object(sample, changed)),
        _ => false,
    }
}

fn agree<T: FromJson + DeserializeOwned + Debug>(sample: Value) {
    assert!(agree_on::<T>(&sample.to_string()), "{sample}");
    for changed in changed(&sample) {
        if !holds_array_for_object(&sample, &changed) {
            agree_on::<T>(&changed.to_string());
        }
    }
    let text = sample.to_string();
    // The first member doubled.
    if let Some((first, _)) = text.split_once(',') {
        agree_on::<T>(&format!("{first},{}", &text[1..]));
    }
}

/// For types that serde also writes: what was read is what was written.
fn agree_and_keep<T: FromJson + DeserializeOwned + Serialize + Debug>(sample: Value) {
    let read: T = read(&sample.to_string()).expect("a sample");
    assert_eq!(serde_json::to_value(&read).unwrap(), sample);
    agree::<T>(sample);
}

fn script() -> Value {
    json!({"title": "Heron", "sections": [
        {"heading": "", "text": "A \"quoted\" line\nand é 語 😀"},
        {"heading": "Two", "text": "- one\n  - two"},
    ]})
}

fn options() -> Value {
    json!({"style": "chalkboard", "voice": "male2", "language": "pt-BR", "length": "seconds30",
        "music": "lofi", "orientation": "portrait"})
}

fn video() -> Value {
    json!({"id": "0198c0de-0000-7000-8000-000000000001", "pageId": "65601", "pageVersion": 3,
        "sourceFingerprint": format!("1-{}", "0a".repeat(16)), "title": "Heron", "state": "failed",
        "stage": "drawing", "percent": 40,
        "failure": {"code": "engine_failed", "message": "No.", "action": "Again."},
        "options": options(), "createdAt": "2026-11-24T10:00:00Z",
        "finishedAt": "2026-11-24T10:00:09.5Z", "durationMs": 1200, "engine": "golpo"})
}

fn site() -> Value {
    json!({"engine": {"name": "local", "requiresApiKey": false, "options": {
            "styles": ["whiteboard"], "voices": ["female1", "female2"], "languages": ["en", "de"],
            "lengths": ["auto", "minute1"], "music": ["none"], "orientations": ["landscape"]}},
        "apiKey": {"present": true, "fingerprint": "0a1b2c3d", "savedAt": "2026-11-24T10:00:00Z",
            "problem": {"code": "engine_plan", "message": "No.", "action": "Fill it."}, "works": false,
            "credits": 41},
        "usage": {"month": "2026-11", "videos": 3, "seconds": 200}})
}

#[test]
fn what_the_custom_ui_asks() {
    agree_and_keep::<Preview>(
        json!({"pageId": "65601", "selection": "words", "keepCode": true,
        "length": "minutes2", "attachmentIds": ["att1", "att2"],
        "edits": {"base": script(), "edited": script()}}),
    );
    agree_and_keep::<CreateVideo>(json!({"pageId": "65601", "pageVersion": 3,
        "sourceFingerprint": format!("1-{}", "0a".repeat(16)), "script": script(),
        "options": options(), "attachmentIds": ["att1"],
        "requestId": "0198c0de-0000-7000-8000-000000000001"}));
    agree_and_keep::<ListAttachments>(json!({"pageId": "65601"}));
    agree_and_keep::<VideoStatus>(json!({"videoId": "0198c0de-0000-7000-8000-000000000001"}));
    agree_and_keep::<ListVideos>(json!({"pageId": "65601", "cursor": "abc"}));
    agree::<SaveApiKey>(json!({"apiKey": "golpo-canary-key-1"}));
}

#[test]
fn what_the_backend_answers() {
    agree_and_keep::<Site>(site());
    agree_and_keep::<Video>(video());
    agree_and_keep::<VideoPage>(json!({"videos": [video()], "nextCursor": "abc"}));
    agree_and_keep::<Media>(
        json!({"videoUrl": "v", "captionsUrl": "c", "posterUrl": "p",
        "chapters": [{"startMs": 12, "title": "One"}], "expiresAt": "2026-11-24T10:00:00Z"}),
    );
    agree_and_keep::<Problem>(json!({"type": "urn:golpo:error:too_large", "title": "No.",
        "status": 413, "detail": "At most 200.", "code": "too_large", "action": "Less."}));
}

#[test]
fn every_name_is_known() {
    for code in ErrorCode::ALL {
        agree_on::<ErrorCode>(&format!("\"{code}\""));
    }
    let names = [
        "queued running done failed waiting storyboard narration drawing storing",
        "whiteboard chalkboard modernMinimal female1 female2 male1 male2 none jazz lofi dramatic",
        "whimsical engaging inspirational documentary landscape square portrait auto seconds30",
        "minute1 minutes2 minutes4 Auto AUTO",
    ];
    let mut known = 0;
    for name in names.iter().flat_map(|names| names.split(' ')) {
        let text = format!("\"{name}\"");
        known += usize::from(agree_on::<VideoState>(&text));
        known += usize::from(agree_on::<Stage>(&text));
        known += usize::from(agree_on::<Style>(&text));
        known += usize::from(agree_on::<Voice>(&text));
        known += usize::from(agree_on::<Music>(&text));
        known += usize::from(agree_on::<Orientation>(&text));
        known += usize::from(agree_on::<Length>(&text));
    }
    assert_eq!(known, 4 + 5 + 3 + 4 + 8 + 3 + 5);
}

#[test]
fn scripts_beyond_their_limits_say_which() {
    let long = json!({"title": "t".repeat(301), "sections": []}).to_string();
    let error = read::<Script>(&long).map(drop);
    assert_eq!(error, Err(super::Wrong::Script(ScriptError::TitleTooLong)));
}

#[test]
fn p14_errors_name_members_of_ours_alone() {
    let table = [
        ("{", "The payload is not JSON."),
        ("[]", "The payload is not of the expected form."),
        ("{}", "The field pageId is missing."),
        (r#"{"pageId":"heron"}"#, "The value of pageId is wrong."),
        (r#"{"pageId":"1","heron":1}"#, "There is a field too many."),
        (
            r#"{"pageId":"1","attachmentIds":["heron!"]}"#,
            "The value of attachmentIds is wrong.",
        ),
    ];
    for (text, words) in table {
        let error = read::<Preview>(text).expect_err(text);
        assert_eq!(error.to_string(), words);
    }
}
