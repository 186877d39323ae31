//! Everything an operation can fail with.

use content::ContentError;
use protocol::{ErrorCode, Failure, Problem, ScriptError};

use crate::{HostError, Scope};

/// Why an operation failed. None of the texts holds content, identities or secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// No such operation.
    #[error("unknown operation")]
    UnknownOperation,
    /// The payload or the invocation's context does not parse; says where.
    #[error("{0}")]
    Malformed(String),
    /// The installation lacks a scope.
    #[error("the scope {} is missing", .0.as_str())]
    ScopeMissing(Scope),
    /// Nobody is signed in, or with an account without access to Confluence.
    #[error("nobody with access is signed in")]
    SignInRequired,
    /// The licence for this site has ended.
    #[error("the licence is not active")]
    LicenceInactive,
    /// The Custom UI is of a version that is not understood.
    #[error("the Custom UI is of version {0}")]
    VersionMismatch(u32),
    /// A view that is about a page, without one.
    #[error("there is no page")]
    NoPage,
    /// Not an administrator (P4).
    #[error("not an administrator")]
    AdminRequired,
    /// Not there, or not for this user.
    #[error("page not found")]
    PageNotFound,
    /// Not for this user.
    #[error("page forbidden")]
    PageForbidden,
    /// The page says something else than the preview did.
    #[error("the page has changed since the preview")]
    PageChanged,
    /// No such video for this user.
    #[error("video not found")]
    VideoNotFound,
    /// The page cannot be turned into a script.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The script that came back is beyond its limits.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// A chosen attachment has no text to give; which of those chosen, counted from 1, since its
    /// name may hold a person's.
    #[error("attachment {number} of those chosen: {code}")]
    Attachment {
        /// Why.
        code: ErrorCode,
        /// Which.
        number: usize,
    },
    /// Confluence or Forge asked us to slow down.
    #[error("the platform limits the rate of requests")]
    RateLimited,
    /// Confluence failed.
    #[error("Confluence did not answer ({0:?})")]
    Confluence(Option<u16>),
    /// The backend could not be reached, or its answer was none of ours.
    #[error("the backend did not answer ({0:?})")]
    Backend(Option<u16>),
    /// The backend refused.
    #[error("the backend refused: {}", .0.code)]
    Refused(Box<Problem>),
    /// Forge's storage failed.
    #[error("Forge's storage did not answer")]
    Storage,
}

impl AppError {
    /// What a failed call of Forge's storage becomes.
    pub(crate) fn of_storage(error: HostError) -> Self {
        match error {
            HostError::RateLimited => Self::RateLimited,
            HostError::Failed => Self::Storage,
        }
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownOperation => ErrorCode::UnknownOperation,
            Self::Malformed(_) => ErrorCode::InvalidRequest,
            Self::ScopeMissing(_) => ErrorCode::ScopeMissing,
            Self::SignInRequired => ErrorCode::SignInRequired,
            Self::LicenceInactive => ErrorCode::LicenceInactive,
            Self::VersionMismatch(_) => ErrorCode::VersionMismatch,
            Self::NoPage => ErrorCode::NoPage,
            Self::AdminRequired => ErrorCode::AdminRequired,
            Self::PageNotFound => ErrorCode::PageNotFound,
            Self::PageForbidden => ErrorCode::PageForbidden,
            Self::PageChanged => ErrorCode::PageChanged,
            Self::VideoNotFound => ErrorCode::VideoNotFound,
            Self::Content(error) => error.code(),
            Self::Script(error) => error.code(),
            Self::Attachment { code, .. } => *code,
            Self::RateLimited => ErrorCode::RateLimited,
            Self::Confluence(_) => ErrorCode::ConfluenceUnavailable,
            Self::Backend(_) => ErrorCode::BackendUnavailable,
            Self::Refused(problem) => problem.code,
            Self::Storage => ErrorCode::StorageUnavailable,
        }
    }

    /// The failure that the Custom UI shows.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Malformed(place) => Failure::with_detail(ErrorCode::InvalidRequest, place),
            Self::ScopeMissing(scope) => Failure::with_detail(
                ErrorCode::ScopeMissing,
                &format!("Missing: {}.", scope.as_str()),
            ),
            Self::Refused(problem) => Failure::from((**problem).clone()),
            Self::Script(error) => Failure::with_detail(error.code(), &format!("Limit: {error}.")),
            Self::Attachment { code, number } => {
                Failure::with_detail(*code, &format!("It is number {number} of those chosen."))
            }
            other => Failure::new(other.code()),
        }
    }
}
