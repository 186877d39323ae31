//! What can be wrong with a page.

use protocol::{ErrorCode, ScriptError};

/// Why a page does not become a script. Never quotes the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// The body is not JSON, or not an ADF document.
    #[error("the page's body is not an ADF document")]
    NotAdf,
    /// More bytes than [`crate::MAX_BODY_BYTES`].
    #[error("the page's body is too large")]
    BodyTooLarge,
    /// More than a script may hold.
    #[error(transparent)]
    Script(#[from] ScriptError),
}

impl ContentError {
    /// The stable code.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::NotAdf => ErrorCode::PageUnreadable,
            Self::BodyTooLarge => ErrorCode::TooLarge,
            Self::Script(ScriptError::Empty) => ErrorCode::PageEmpty,
            Self::Script(error) => error.code(),
        }
    }
}
