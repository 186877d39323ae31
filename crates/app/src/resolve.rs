//! The resolver: an operation's name and payload in, an [`Answer`] out, both as JSON text.

use protocol::{Answer, OLDEST_UI_VERSION, Operation, ScriptError, UI_VERSION};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    AppError, Host, LogLevel, LogLine,
    invocation::Invocation,
    operations::{api_key, attachments, context, create_video, list_videos, preview, video_status},
};

/// Runs one operation for a Custom UI of the version that it says, if any. Never fails: every error
/// is an `Answer::Error` with its code.
pub async fn resolve<H: Host>(
    host: &H,
    operation: &str,
    payload: &str,
    context: &str,
    ui_version: Option<u32>,
) -> String {
    let answered = match ui_version {
        // An older app cannot know what a newer window means, nor the other way round.
        Some(version) if !(OLDEST_UI_VERSION..=UI_VERSION).contains(&version) => {
            Err(AppError::VersionMismatch(version))
        }
        _ => dispatch(host, operation, payload, context).await,
    };
    match answered {
        Ok(answer) => answer,
        Err(error) => {
            // An unknown name comes from outside and is not repeated in the log.
            let name = Operation::parse(operation).map_or("unknown", Operation::as_str);
            let level = if error.code().status() >= 500 {
                LogLevel::Error
            } else {
                LogLevel::Warn
            };
            let line = format!("operation={name} code={} {error}", error.code());
            host.log(level, LogLine::new(&line));
            serde_json::to_string(&Answer::<()>::Error(error.failure())).unwrap_or_default()
        }
    }
}

async fn dispatch<H: Host>(
    host: &H,
    operation: &str,
    payload: &str,
    context: &str,
) -> Result<String, AppError> {
    let operation = Operation::parse(operation).ok_or(AppError::UnknownOperation)?;
    let from = Invocation::parse(context)?;
    match operation {
        Operation::Context => ok(context::context(host, from).await?),
        Operation::Preview => ok(preview::preview(host, &from, parse(payload)?).await?),
        Operation::ListAttachments => {
            ok(attachments::list_attachments(host, &from, parse(payload)?).await?)
        }
        Operation::CreateVideo => {
            ok(create_video::create_video(host, &from, parse(payload)?).await?)
        }
        Operation::VideoStatus => ok(video_status::video_status(host, parse(payload)?).await?),
        Operation::ListVideos => ok(list_videos::list_videos(host, parse(payload)?).await?),
        Operation::SaveApiKey => ok(api_key::save(host, parse(payload)?).await?),
        Operation::RemoveApiKey => ok(api_key::remove(host).await?),
        Operation::Settings => ok(api_key::settings(host).await?),
    }
}

fn ok<T: Serialize>(value: T) -> Result<String, AppError> {
    serde_json::to_string(&Answer::Ok(value))
        .map_err(|_| AppError::Malformed("The answer has no JSON form.".to_owned()))
}

/// The typed request of a payload. The error says where it breaks, never what stood there.
fn parse<T: DeserializeOwned>(payload: &str) -> Result<T, AppError> {
    serde_json::from_str(payload).map_err(|error| {
        if let Some(error) = ScriptError::of_message(&error.to_string()) {
            return AppError::Script(error);
        }
        AppError::Malformed(match error.classify() {
            serde_json::error::Category::Data => data_error(&error),
            _ => "The payload is not JSON.".to_owned(),
        })
    })
}

/// serde's words for a wrong value may quote it, so only the name of a missing or unknown field,
/// which is ours or short, is kept.
fn data_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let field = |prefix: &str| {
        text.strip_prefix(prefix)
            .and_then(|rest| rest.split('`').next())
            .map(str::to_owned)
    };
    match field("missing field `") {
        Some(name) => format!("The field {name} is missing."),
        None => format!("A value is wrong at column {}.", error.column()),
    }
}
