//! What Golpo answers, read liberally: documented answers come in more than one shape, and fields
//! that are not needed may be anything. What cannot be understood is logged by its shape, names and
//! kinds of fields, and never by its content, which is the customer's.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How a job stands.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Job {
    /// Not done; how far, where that is told.
    Working(Option<u8>),
    /// Only a script was wanted, and here it is.
    Script(String),
    /// Done.
    Done(Film),
    /// Given up.
    Failed,
}

/// Where a finished video is.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Film {
    /// The presigned address of the file; absent where another call tells it.
    pub url: Option<String>,
    /// What is told.
    pub transcript: Option<String>,
}

// A presigned address is a secret, and what is told is page content (P13, P14).
impl std::fmt::Debug for Job {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Working(_) => "Working",
            Self::Script(_) => "Script(..)",
            Self::Done(_) => "Done(..)",
            Self::Failed => "Failed",
        })
    }
}

/// By what a submission is known at Golpo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Submitted {
    pub job: Option<String>,
    pub video: Option<String>,
}

/// A video of the list.
#[derive(Clone)]
pub(super) struct Listed {
    pub submitted: Submitted,
    /// When it was made, in seconds since 1970, where that is told.
    pub created_at: Option<i64>,
    /// Whether its prompt is told, so that a reference in it would be seen.
    pub tells_prompt: bool,
    texts: String,
}

impl Listed {
    /// Whether a reference stands in anything that is told of it.
    pub(super) fn mentions(&self, reference: &str) -> bool {
        self.texts.contains(reference)
    }
}

const GOOD: [&str; 5] = ["completed", "ready", "done", "success", "finished"];
const BAD: [&str; 5] = ["failed", "error", "errored", "cancelled", "canceled"];

/// The object that an answer is about: flat, or within another by one of these names.
fn unwrapped(answer: &Value) -> Option<&Map<String, Value>> {
    let outer = answer.as_object()?;
    let inner = ["video", "job", "data", "result"]
        .iter()
        .find_map(|name| outer.get(*name)?.as_object());
    let told = |object: &Map<String, Value>| {
        ["status", "job_id", "video_id", "id", "video_url"]
            .iter()
            .any(|name| object.contains_key(*name))
    };
    match inner {
        Some(inner) if told(inner) && !outer.contains_key("status") => Some(inner),
        _ => Some(outer),
    }
}

fn text<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    let texts = names.iter().filter_map(|name| object.get(*name)?.as_str());
    texts.map(str::trim).find(|text| !text.is_empty())
}

/// An id that may stand in a path: Golpo's are UUIDs, and what is not like one is refused.
fn id(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let fits = |text: &str| {
        (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    names.iter().find_map(|name| match object.get(*name)? {
        Value::String(text) if fits(text) => Some(text.clone()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    })
}

/// What a submission is known by; none where neither id is told.
pub(super) fn submitted(answer: &Value) -> Option<Submitted> {
    let object = unwrapped(answer)?;
    let submitted = Submitted {
        job: id(object, &["job_id", "jobId"]),
        video: id(object, &["video_id", "videoId", "id"]),
    };
    (submitted.job.is_some() || submitted.video.is_some()).then_some(submitted)
}

/// How a job stands; none where the answer cannot be understood.
pub(super) fn job(answer: &Value) -> Option<Job> {
    let object = unwrapped(answer)?;
    let word = text(object, &["status", "state"]).map(str::to_ascii_lowercase);
    let word = word.as_deref();
    let film = Film {
        url: text(object, &["video_url", "videoUrl", "download_url"]).map(str::to_owned),
        transcript: text(object, &["script_text", "transcript", "podcast_script"])
            .map(str::to_owned),
    };
    // A bad word counts even beside an address: what failed may be half a video.
    if word.is_some_and(|word| BAD.contains(&word)) {
        return Some(Job::Failed);
    }
    if film.url.is_some() || word.is_some_and(|word| GOOD.contains(&word)) {
        return Some(Job::Done(film));
    }
    match (word?, film.transcript) {
        ("script_ready", Some(script)) => Some(Job::Script(script)),
        _ => Some(Job::Working(percent(object))),
    }
}

/// How far: a number or a text, of a hundred or of one.
fn percent(object: &Map<String, Value>) -> Option<u8> {
    let number = match object.get("progress").or_else(|| object.get("percent"))? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().trim_end_matches('%').parse().ok()?,
        _ => return None,
    };
    let of_a_hundred = if number > 0.0 && number < 1.0 {
        number * 100.0
    } else {
        number
    };
    of_a_hundred
        .is_finite()
        .then(|| of_a_hundred.clamp(0.0, 100.0) as u8)
}

/// The videos of a page of the list, and how many there are in all; none where it is no list.
pub(super) fn list(answer: &Value) -> Option<(Vec<Listed>, Option<u64>)> {
    let (videos, total) = match answer {
        Value::Array(videos) => (videos, None),
        Value::Object(object) => {
            let names = ["videos", "data", "items", "results"];
            let videos = names
                .iter()
                .find_map(|name| object.get(*name)?.as_array())?;
            (videos, object.get("total").and_then(Value::as_u64))
        }
        _ => return None,
    };
    Some((videos.iter().map(listed).collect(), total))
}

fn listed(entry: &Value) -> Listed {
    let mut texts = String::new();
    gather(entry, &mut texts);
    let empty = Map::new();
    let object = unwrapped(entry).unwrap_or(&empty);
    let created = ["created_at", "createdAt", "created"]
        .iter()
        .find_map(|name| object.get(*name));
    Listed {
        submitted: Submitted {
            job: id(object, &["job_id", "jobId"]),
            video: id(object, &["video_id", "videoId", "id"]),
        },
        created_at: created.and_then(instant),
        tells_prompt: text(object, &["prompt"]).is_some(),
        texts,
    }
}

/// Every text in a value, however deep; serde_json has bounded the depth.
fn gather(value: &Value, texts: &mut String) {
    match value {
        Value::String(text) => {
            texts.push_str(text);
            texts.push('\n');
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, texts)),
        Value::Object(object) => object.values().for_each(|value| gather(value, texts)),
        _ => {}
    }
}

/// An instant: RFC 3339 with or without its zone (UTC then), or seconds or milliseconds since 1970.
fn instant(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => {
            let number = number.as_f64()?;
            let seconds = if number > 1e11 {
                number / 1000.0
            } else {
                number
            };
            Some(seconds as i64)
        }
        Value::String(text) => {
            let text = text.trim().replacen(' ', "T", 1);
            let parsed = OffsetDateTime::parse(&text, &Rfc3339)
                .or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339));
            parsed.ok().map(OffsetDateTime::unix_timestamp)
        }
        _ => None,
    }
}

/// Where an uploaded file is to be put, and what it is called afterwards.
pub(super) struct Upload {
    pub file_url: String,
    pub upload_url: Option<String>,
    pub content_type: Option<String>,
}

/// The answer to the first step of an upload.
pub(super) fn upload(answer: &Value) -> Option<Upload> {
    let object = answer.as_object()?;
    let object = object
        .get("data")
        .and_then(Value::as_object)
        .unwrap_or(object);
    Some(Upload {
        file_url: text(object, &["file_url", "fileUrl"])?.to_owned(),
        upload_url: text(object, &["upload_url", "uploadUrl"]).map(str::to_owned),
        content_type: text(object, &["content_type", "contentType"]).map(str::to_owned),
    })
}

/// What is left to be spent.
pub(super) fn credits(answer: &Value) -> Option<f64> {
    let object = unwrapped(answer)?;
    match object.get("credits").or_else(|| object.get("balance"))? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|credits| credits.is_finite())
}

/// The fields that a refusal names (`detail: [{loc: ["body", "timing"], …}]`), by those names of
/// ours that are among them: what else stands there may be anything.
pub(super) fn refused_field(answer: &Value) -> Option<&'static str> {
    const FIELDS: [&str; 16] = [
        "prompt",
        "custom_script",
        "timing",
        "narration_language",
        "display_language",
        "language_variants",
        "narration_voice",
        "narration_instructions",
        "background_track",
        "video_orientation",
        "canvas_style_variant",
        "sketch_style_variant",
        "scene_pacing",
        "visual_instructions",
        "logo",
        "user_images",
    ];
    let details = answer.get("detail")?.as_array()?;
    let places = details
        .iter()
        .filter_map(|detail| detail.get("loc")?.as_array());
    let names: Vec<&str> = places.flatten().filter_map(Value::as_str).collect();
    FIELDS.iter().copied().find(|field| names.contains(field))
}

/// An answer's shape: names and kinds of its fields, two levels deep. No value is in it, and no name
/// that a field of an API would not have.
pub(super) fn shape(answer: &Value) -> String {
    fn of(value: &Value, depth: usize, out: &mut String) {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(_) => out.push_str("bool"),
            Value::Number(_) => out.push_str("number"),
            Value::String(_) => out.push_str("text"),
            Value::Array(values) => match values.first() {
                Some(first) if depth > 0 => {
                    out.push('[');
                    of(first, depth - 1, out);
                    out.push(']');
                }
                _ => out.push_str("list"),
            },
            Value::Object(object) if depth > 0 => {
                out.push('{');
                for (at, (name, value)) in object.iter().take(24).enumerate() {
                    if at > 0 {
                        out.push(' ');
                    }
                    let plain = (1..=24).contains(&name.len())
                        && name
                            .bytes()
                            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                    out.push_str(if plain { name } else { "?" });
                    out.push(':');
                    of(value, depth - 1, out);
                }
                out.push('}');
            }
            Value::Object(_) => out.push_str("object"),
        }
    }
    let mut out = String::new();
    of(answer, 2, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_shapes_of_an_answer_are_the_same_answer() {
        let flat = json!({"job_id": "j-1", "video_id": "v-1", "status": "queued"});
        let both = Some(Submitted {
            job: Some("j-1".into()),
            video: Some("v-1".into()),
        });
        assert_eq!(submitted(&flat), both);
        assert_eq!(submitted(&json!({"data": flat})), both);
        let done = json!({"id": "v-1", "status": "completed", "video_url": "https://x/v"});
        let film = Film {
            url: Some("https://x/v".into()),
            transcript: None,
        };
        assert!(job(&done) == Some(Job::Done(film.clone())));
        assert!(job(&json!({"video": done})) == Some(Job::Done(film)));
    }

    #[test]
    fn every_terminal_word_ends_a_job_and_no_other() {
        for word in GOOD {
            assert!(
                matches!(job(&json!({"status": word})), Some(Job::Done(_))),
                "{word}"
            );
            assert!(matches!(
                job(&json!({"status": word.to_uppercase()})),
                Some(Job::Done(_))
            ));
        }
        for word in BAD {
            let answer = json!({"status": word, "video_url": "https://x/half"});
            assert!(job(&answer) == Some(Job::Failed), "{word}");
        }
        for word in ["processing", "queued", "generating", "a word of tomorrow"] {
            assert!(
                job(&json!({"status": word})) == Some(Job::Working(None)),
                "{word}"
            );
        }
        let script = json!({"status": "script_ready", "script_text": "Told."});
        assert!(job(&script) == Some(Job::Script("Told.".into())));
        let url = json!({"status": "generating", "video_url": "https://x/v", "transcript": "T"});
        assert!(matches!(
            job(&url),
            Some(Job::Done(Film {
                url: Some(_),
                transcript: Some(_)
            }))
        ));
        for answer in [
            json!(null),
            json!([]),
            json!("done"),
            json!({}),
            json!({"status": 7}),
        ] {
            assert!(job(&answer).is_none(), "{answer}");
        }
    }

    #[test]
    fn progress_is_a_number_or_a_text() {
        for (progress, percent) in [
            (json!(40), Some(40)),
            (json!(0.4), Some(40)),
            (json!("40%"), Some(40)),
            (json!(1), Some(1)),
            (json!(1000), Some(100)),
            (json!(-3), Some(0)),
            (json!("half"), None),
            (json!(null), None),
        ] {
            let answer = json!({"status": "processing", "progress": progress});
            assert!(job(&answer) == Some(Job::Working(percent)), "{progress}");
        }
    }

    #[test]
    fn an_id_that_is_no_id_is_not_taken() {
        for bad in [
            json!("../users"),
            json!("a/b"),
            json!("a b"),
            json!(""),
            json!("x".repeat(129)),
            json!({}),
        ] {
            assert_eq!(submitted(&json!({"job_id": bad})), None, "{bad}");
        }
        assert!(submitted(&json!({"job_id": 7})).is_some());
    }

    #[test]
    fn lists_are_searched_by_any_text() {
        let answer = json!({"videos": [
            {"id": "v1", "prompt": "A plan\n\n[ref abc]", "created_at": "2026-11-25T10:00:00Z"},
            {"video_id": "v2", "meta": {"title": "x [ref def]"}, "created_at": "2026-11-25 10:00:00"},
            {"id": "v3", "created_at": 1_795_600_800_000_i64}, 7,
        ], "total": 4});
        let (videos, total) = list(&answer).unwrap();
        assert_eq!(total, Some(4));
        assert!(
            videos[0].mentions("ref abc")
                && !videos[0].mentions("ref def")
                && videos[0].tells_prompt
        );
        assert!(videos[1].mentions("ref def") && !videos[1].tells_prompt);
        assert_eq!(videos[0].created_at, videos[1].created_at);
        assert_eq!(videos[2].created_at, Some(1_795_600_800));
        assert!(list(&json!([{"id": "v"}])).is_some());
        assert!(list(&json!({"detail": "no"})).is_none());
    }

    #[test]
    fn p14_a_shape_holds_no_content() {
        let answer = json!({"status": "heron", "Heron Plan": 1, "video": {"url": "heron", "n": [{"heron_": 1}]}});
        assert_eq!(
            shape(&answer),
            "{?:number status:text video:{n:list url:text}}"
        );
        assert_eq!(shape(&json!(["heron"])), "[text]");
    }

    #[test]
    fn a_refusal_names_a_field_of_ours_or_none() {
        let detail = |loc: Value| json!({"detail": [{"loc": loc, "msg": "secret", "type": "t"}]});
        assert_eq!(
            refused_field(&detail(json!(["body", "timing"]))),
            Some("timing")
        );
        assert_eq!(refused_field(&detail(json!(["body", "other"]))), None);
        assert_eq!(refused_field(&json!({"detail": "not found"})), None);
    }
}
