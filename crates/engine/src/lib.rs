//! The video engines behind one trait. An engine takes a checked script and options and leaves
//! files in a directory; it knows nothing of tenants, stores or HTTP routes.
//!
//! Architecture invariant: an engine never sees who asked, and never logs a script.

mod chosen;
pub mod golpo;
mod journal;
pub mod local;

use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::{ApiKey, Chapter, EngineDescription, ErrorCode, Script, Stage, VideoOptions};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use chosen::ByKey;
pub use journal::{Journal, JournalError, NoJournal};

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
    /// What earlier attempts at this order noted, and where this one notes what it does.
    pub journal: &'a dyn Journal,
    /// An empty directory for the files; the caller owns and removes it.
    pub directory: &'a Path,
}

/// Why an order waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// The engine is at it, elsewhere.
    Working,
    /// The engine makes as many videos of this tenant as it makes at once.
    Busy,
    /// The engine does not answer, or not as it should.
    Unavailable,
}

impl Waiting {
    /// What a person is told while the order waits; nothing where all is well.
    pub fn code(self) -> Option<ErrorCode> {
        match self {
            Self::Working => None,
            Self::Busy => Some(ErrorCode::EngineBusy),
            Self::Unavailable => Some(ErrorCode::EngineUnavailable),
        }
    }
}

/// What an engine tells of the account that a key belongs to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// What is left to be spent, in the engine's own unit.
    pub credits: Option<f64>,
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
    /// The key's account may not have this video made, or has nothing left to pay it with.
    #[error("the account's plan or credits do not allow this video")]
    Plan,
    /// Nothing went wrong, and the order is not done: it is to be given again, with its journal.
    #[error("the order is not done yet ({why:?})")]
    Later {
        /// When, at the earliest.
        after: Duration,
        /// Why.
        why: Waiting,
    },
    /// What was ordered breaks a limit of the engine.
    #[error("{field}: {limit}")]
    Option {
        /// The field.
        field: &'static str,
        /// The limit, in a sentence.
        limit: &'static str,
    },
    /// The engine gave the video up, and would do so again.
    #[error("the engine gave the video up")]
    GivenUp,
    /// The engine took longer than an order may take.
    #[error("the engine took too long")]
    TimedOut,
    /// Whether the engine has begun this video cannot be found out, so that it is not ordered again.
    #[error("whether the engine has begun this video could not be found out")]
    Unclear,
    /// What is noted of an order could not be read or written.
    #[error("the order's journal could not be used")]
    Journal(#[from] JournalError),
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
            Self::ApiKeyRefused => ErrorCode::ApiKeyRefused,
            Self::Plan => ErrorCode::EnginePlan,
            Self::Unsupported(_) | Self::Option { .. } => ErrorCode::InvalidRequest,
            Self::TooLong => ErrorCode::TooLarge,
            Self::TimedOut => ErrorCode::EngineTimedOut,
            Self::Unclear => ErrorCode::EngineUnclear,
            Self::Later { why, .. } => why.code().unwrap_or(ErrorCode::EngineFailed),
            Self::GivenUp
            | Self::Cancelled
            | Self::Journal(_)
            | Self::File(_)
            | Self::Part { .. } => ErrorCode::EngineFailed,
        }
    }

    /// Whether the same order could succeed later without anybody doing anything about it.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Cancelled
            | Self::Later { .. }
            | Self::Journal(_)
            | Self::File(_)
            | Self::Part { .. } => true,
            Self::ApiKeyMissing
            | Self::ApiKeyRefused
            | Self::Plan
            | Self::Option { .. }
            | Self::GivenUp
            | Self::TimedOut
            | Self::Unclear
            | Self::Unsupported(_)
            | Self::TooLong => false,
        }
    }

    /// Whether it is the tenant's key or account that must change before any order succeeds.
    pub fn is_about_the_key(&self) -> bool {
        matches!(self, Self::ApiKeyMissing | Self::ApiKeyRefused | Self::Plan)
    }
}

/// Makes videos.
#[async_trait::async_trait]
pub trait VideoEngine: Send + Sync {
    /// What it is and offers. Cheap; asked on each request.
    fn describe(&self) -> EngineDescription;

    /// The same for a tenant that has an API key, or has none.
    fn describe_for(&self, _has_key: bool) -> EngineDescription {
        self.describe()
    }

    /// Asks whether a key is good, and what its account has left. An engine without keys knows
    /// nothing of either.
    async fn account(&self, _key: &ApiKey) -> Result<Option<Account>, EngineError> {
        Ok(None)
    }

    /// Makes one video, sending each change of progress, stopping soon after a cancellation. One that
    /// is made elsewhere is not waited for: [`EngineError::Later`] says when to give the order again.
    /// Never blocks the async runtime: work that needs a core goes to a blocking thread.
    async fn make(
        &self,
        order: Order<'_>,
        progress: watch::Sender<Progress>,
        cancel: CancellationToken,
    ) -> Result<MadeVideo, EngineError>;
}
