//! The resolver: an operation's name and payload in, an [`Answer`] out, both as JSON text.

use std::pin::Pin;

use protocol::{Answer, OLDEST_UI_VERSION, Operation, UI_VERSION};
use serde::Serialize;

use crate::{
    AppError, Host, LogLevel, LogLine, backend,
    invocation::Invocation,
    json::{self, FromJson, Wrong},
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
            let operation = Operation::parse(operation);
            let name = operation.map_or("unknown", Operation::as_str);
            let level = if error.code().status() >= 500 {
                LogLevel::Error
            } else {
                LogLevel::Warn
            };
            let line = format!("operation={name} code={} {error}", error.code());
            host.log(level, LogLine::new(&line));
            // What the backend refused it has counted, and where it is out of reach it hears nothing;
            // for somebody who is not signed in nothing is called at all.
            if !matches!(
                error,
                AppError::Refused(_) | AppError::Backend(_) | AppError::SignInRequired
            ) {
                backend::report(host, error.code(), operation).await;
            }
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
    let from = &from;
    // A future of its own for each operation, so that the wasm of the others is not compiled where
    // one is asked for, and no future holds room for all.
    type Answering<'a> = Pin<Box<dyn Future<Output = Result<String, AppError>> + 'a>>;
    let answering: Answering<'_> = match operation {
        Operation::Context => Box::pin(async { ok(&context::context(host, from.clone()).await?) }),
        Operation::Preview => {
            let request = parse(payload)?;
            Box::pin(async { ok(&preview::preview(host, from, request).await?) })
        }
        Operation::ListAttachments => {
            let request = parse(payload)?;
            Box::pin(async { ok(&attachments::list_attachments(host, from, request).await?) })
        }
        Operation::CreateVideo => {
            let request = parse(payload)?;
            Box::pin(async { ok(&create_video::create_video(host, from, request).await?) })
        }
        Operation::VideoStatus => {
            let request = parse(payload)?;
            Box::pin(async { ok(&video_status::video_status(host, request).await?) })
        }
        Operation::ListVideos => {
            let request = parse(payload)?;
            Box::pin(async { ok(&list_videos::list_videos(host, request).await?) })
        }
        Operation::SaveApiKey => {
            let request = parse(payload)?;
            Box::pin(async { ok(&api_key::save(host, request).await?) })
        }
        Operation::RemoveApiKey => Box::pin(async { ok(&api_key::remove(host).await?) }),
        Operation::Settings => Box::pin(async { ok(&api_key::settings(host).await?) }),
    };
    answering.await
}

fn ok<T: Serialize>(value: &T) -> Result<String, AppError> {
    serde_json::to_string(&Answer::Ok(value))
        .map_err(|_| AppError::Malformed("The answer has no JSON form.".to_owned()))
}

/// The typed request of a payload. The error says where it breaks, never what stood there.
fn parse<T: FromJson>(payload: &str) -> Result<T, AppError> {
    json::read(payload).map_err(|wrong| match wrong {
        Wrong::Script(error) => AppError::Script(error),
        wrong => AppError::Malformed(wrong.to_string()),
    })
}
