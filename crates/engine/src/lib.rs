//! The video engines behind one trait. An engine takes a checked script and options and leaves
//! files in a directory; it knows nothing of tenants, stores or HTTP routes.
//!
//! Architecture invariant: an engine never sees who asked, and never logs a script.

pub mod local;

use std::path::{Path, PathBuf};

use protocol::{ApiKey, Chapter, EngineDescription, ErrorCode, Script, Stage, VideoOptions};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How far an engine is. `percent` is 0 to 100 over all stages and never falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// How much of all is done.
    pub percent: u8,
}

/// One video to make.
#[derive(Debug)]
pub struct Order<'a> {
    /// What to tell.
    pub script: &'a Script,
    /// How; every choice is one of the engine's catalogue.
    pub options: &'a VideoOptions,
    /// The tenant's key, where [`EngineDescription::requires_api_key`].
    pub api_key: Option<&'a ApiKey>,
    /// An empty directory for the files; the caller owns and removes it.
    pub directory: &'a Path,
}

/// The files of a finished video, all inside the order's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeVideo {
    /// An MP4, index first: H.264 unless the operator chose otherwise, and Opus where there is sound.
    pub video: PathBuf,
    /// WebVTT captions.
    pub captions: PathBuf,
    /// What is told, as plain text under the chapters' titles.
    pub transcript: PathBuf,
    /// A PNG.
    pub poster: PathBuf,
    /// Chapters in order; the first begins at 0.
    pub chapters: Vec<Chapter>,
    /// Length in milliseconds.
    pub duration_ms: u32,
}

/// Why an engine did not make a video. The text never holds script or key.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The caller cancelled.
    #[error("the video was cancelled")]
    Cancelled,
    /// The order needs a key and has none.
    #[error("the engine needs an API key")]
    ApiKeyMissing,
    /// The engine refused the key.
    #[error("the engine refused the API key")]
    ApiKeyRefused,
    /// The script asks for what the engine cannot do.
    #[error("the engine cannot make this video: {0}")]
    Unsupported(&'static str),
    /// The script is longer than one video of this engine may be.
    #[error("the script is too long for one video")]
    TooLong,
    /// A file could not be written or read.
    #[error("a file could not be handled")]
    File(#[from] std::io::Error),
    /// A library or program that the engine stands on failed.
    #[error("{part} failed: {reason}")]
    Part {
        /// Which: `encoder`, `muxer`, `speech`, `sound`, `fonts`.
        part: &'static str,
        /// Its own words, without content.
        reason: String,
    },
}

impl EngineError {
    /// The stable code that a user is shown.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::ApiKeyMissing => ErrorCode::ApiKeyMissing,
            Self::ApiKeyRefused => ErrorCode::ApiKeyInvalid,
            Self::Unsupported(_) => ErrorCode::InvalidRequest,
            Self::TooLong => ErrorCode::TooLarge,
            Self::Cancelled | Self::File(_) | Self::Part { .. } => ErrorCode::EngineFailed,
        }
    }
}

/// Makes videos.
#[async_trait::async_trait]
pub trait VideoEngine: Send + Sync {
    /// What it is and offers. Cheap; asked on each request.
    fn describe(&self) -> EngineDescription;

    /// Makes one video, sending each change of progress, stopping soon after a cancellation.
    /// Never blocks the async runtime: work that needs a core goes to a blocking thread.
    async fn make(
        &self,
        order: Order<'_>,
        progress: watch::Sender<Progress>,
        cancel: CancellationToken,
    ) -> Result<MadeVideo, EngineError>;
}
