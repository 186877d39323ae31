//! What an object store may answer instead of what it was asked for.

use crate::aws::CallError;

/// The object store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The object is not there.
    #[error("the object does not exist")]
    NotFound,
    /// The store does not know who asks, or does not let them.
    #[error("the object store denied access: check its credentials and their policy")]
    Denied(#[source] object_store::Error),
    /// The store could not be reached, or failed on its side, also when it was asked again.
    #[error("the object store failed")]
    Store(#[source] object_store::Error),
    /// The store did not answer in time.
    #[error("the object store did not answer in time")]
    Timeout,
    /// The file to store could not be read.
    #[error("a file could not be copied to the object store")]
    Copy(#[from] std::io::Error),
    /// After everything in a folder was deleted, something was still there.
    #[error("{0} objects were still there after they were deleted")]
    NotEmptied(u64),
}

impl ObjectError {
    /// A stable name for logs, metrics and readiness.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "object_not_found",
            Self::Denied(_) => "objects_denied",
            Self::Store(_) => "objects_failed",
            Self::Timeout => "objects_timeout",
            Self::Copy(_) => "object_copy",
            Self::NotEmptied(_) => "objects_not_emptied",
        }
    }

    /// Whether the same call may succeed a little later, with nothing changed by anybody.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Store(_) | Self::Timeout | Self::NotEmptied(_) => true,
            Self::NotFound | Self::Denied(_) | Self::Copy(_) => false,
        }
    }
}

/// Why a store is not used.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsStartError {
    /// It could not be opened, written to or asked.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// The bucket, or the gateway before it, does not encrypt as it was asked to.
    #[error(
        "the bucket does not encrypt as configured: it was asked for {asked} and an object shows {found}. Enable server-side encryption there, or name another bucket (P7)"
    )]
    NotEncrypted {
        /// What was asked for.
        asked: String,
        /// What the object's headers tell.
        found: String,
    },
    /// The bucket keeps what is deleted.
    #[error(
        "the bucket keeps old versions of objects, so that deleted videos would stay in it: suspend its versioning, or name another bucket (P22)"
    )]
    KeepsVersions,
    /// Anybody may read what is in the bucket.
    #[error(
        "{0} opens the bucket to the public: take that back and block all public access to it, or name another bucket (P7)"
    )]
    Public(&'static str),
}

impl ObjectsStartError {
    /// A stable name for logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Objects(error) => error.code(),
            Self::NotEncrypted { .. } => "objects_not_encrypted",
            Self::KeepsVersions => "objects_keep_versions",
            Self::Public(_) => "objects_public",
        }
    }
}

impl From<CallError> for ObjectError {
    fn from(error: CallError) -> Self {
        let source: Box<dyn std::error::Error + Send + Sync> = match error {
            CallError::Timeout => return Self::Timeout,
            CallError::Credentials(error) => return Self::Denied(error),
            other => other.into(),
        };
        Self::Store(object_store::Error::Generic {
            store: "S3",
            source,
        })
    }
}

impl From<object_store::Error> for ObjectError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            error @ (object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. }) => Self::Denied(error),
            other => Self::Store(other),
        }
    }
}
