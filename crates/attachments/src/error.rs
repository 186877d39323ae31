//! Why a file's text cannot be told.

use protocol::ErrorCode;

/// Why a file has no text to give. Never quotes the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    /// More bytes, or more text, than the limits allow; also a file that unpacks to too much.
    #[error("the file is too large")]
    TooLarge,
    /// A kind of file that is not read.
    #[error("the file is of a kind that is not read")]
    Unsupported,
    /// A password is needed, or the file says that it is encrypted.
    #[error("the file is encrypted")]
    Encrypted,
    /// Not what its name says, or broken.
    #[error("the file is broken")]
    Broken,
    /// Nothing but pictures or blanks.
    #[error("the file holds no text")]
    WithoutText,
}

impl AttachmentError {
    /// The stable code.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::TooLarge => ErrorCode::AttachmentTooLarge,
            Self::Unsupported => ErrorCode::AttachmentUnsupported,
            Self::Encrypted => ErrorCode::AttachmentEncrypted,
            Self::Broken => ErrorCode::AttachmentUnreadable,
            Self::WithoutText => ErrorCode::AttachmentWithoutText,
        }
    }
}
