//! What wraps tenants' data keys: a master key that is in no database. One trait, kept by a key
//! file ([`super::local`]) and by AWS KMS. A wrapped key is bound to its tenant and to the master
//! key that wrapped it. Must never give a master key's bytes to anybody, nor take a master key's id
//! from a row for more than the choice among keys that the operator has configured.

use std::path::PathBuf;

use async_trait::async_trait;

use super::envelope::{DataKey, VaultError};

/// A data key as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The id of the master key that wraps it. Another one than [`MasterKeys::current`] means that
    /// it is to be wrapped anew.
    pub master: String,
    /// The encrypted key: opaque.
    pub bytes: Vec<u8>,
}

/// Why a master key could not be used, made or changed.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// Not base64 of 32 bytes, or no key at all.
    #[error(
        "a master key is 32 bytes in base64, one a line in the key file, parted by commas in GOLPO_MASTER_KEY"
    )]
    Malformed,
    /// Others than its owner can read or write the file.
    #[error(
        "the master key file {} has mode {mode:o}, so that others can reach the key: run `chmod 600 {}`, and make a new key (`golpo-backend key rotate`) if others could have read it",
        path.display(), path.display()
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not there.
    #[error(
        "there is no master key file {}: name the right one, or have it made with --create-master-key",
        .0.display()
    )]
    Missing(PathBuf),
    /// The file could not be read, made or replaced.
    #[error("the master key file {} could not be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Keys that do not come from a file cannot be changed by the program.
    #[error(
        "a new master key can be made in a key file alone: name one by hand, behind the former one in the variable or as another KMS key with the former one beside it, then run `golpo-backend key rotate --no-new-key`"
    )]
    NotAFile,
    /// A key is wrapped by a master key that is not configured.
    #[error(
        "a data key is wrapped by master key {0}, which is not configured: give the program that key as well until `golpo-backend key rotate` has wrapped all data keys anew"
    )]
    Unknown(String),
    /// A master key that still wraps data keys must not be dropped.
    #[error(
        "master key {0} still wraps data keys: run `golpo-backend key rotate` to its end first"
    )]
    StillInUse(String),
    /// The wrapped key was changed, or is another tenant's.
    #[error("a wrapped data key does not open here: it was changed, or belongs to another tenant")]
    Refused,
    /// Encryption itself failed, or the system gave no random bytes.
    #[error("encryption failed")]
    Cipher,
    /// Not the ARN of a KMS key.
    #[error(
        "{0} is not the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID (an alias may come to mean another key)"
    )]
    NotAnArn(String),
    /// KMS does not know who asks, or does not let them.
    #[error(
        "KMS denied access ({0}): the program's credentials need kms:Encrypt and kms:Decrypt on the key"
    )]
    Denied(String),
    /// The key is gone, disabled, waits for its deletion, or is for something else.
    #[error("the KMS key cannot be used ({0}): enable it, or configure another one")]
    Unusable(String),
    /// KMS asks for fewer calls.
    #[error("KMS asks for fewer calls")]
    Throttled,
    /// KMS failed on its side.
    #[error("KMS failed with status {0}")]
    Failed(u16),
    /// KMS could not be reached.
    #[error("KMS could not be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// KMS did not answer in time.
    #[error("KMS did not answer in time")]
    Timeout,
    /// What answered does not speak as KMS does, or used another key than it was asked to.
    #[error("what answered is not KMS, or used another key: check the endpoint")]
    Garbled,
}

impl MasterKeyError {
    /// A stable name for logs, metrics and readiness.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "master_key_malformed",
            Self::OpenToOthers { .. } => "master_key_open_to_others",
            Self::Missing(_) => "master_key_missing",
            Self::File { .. } => "master_key_file",
            Self::NotAFile => "master_key_not_a_file",
            Self::Unknown(_) => "master_key_unknown",
            Self::StillInUse(_) => "master_key_in_use",
            Self::Refused => "master_key_refused",
            Self::Cipher => "master_key_cipher",
            Self::NotAnArn(_) => "kms_not_an_arn",
            Self::Denied(_) => "kms_denied",
            Self::Unusable(_) => "kms_unusable",
            Self::Throttled => "kms_throttled",
            Self::Failed(_) => "kms_failed",
            Self::Unreachable(_) => "kms_unreachable",
            Self::Timeout => "kms_timeout",
            Self::Garbled => "kms_garbled",
        }
    }

    /// Whether the same call may succeed a little later, with nothing changed by anybody.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Throttled | Self::Unreachable(_) | Self::Timeout => true,
            Self::Failed(status) => *status >= 500,
            _ => false,
        }
    }
}

impl From<VaultError> for MasterKeyError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Cipher => Self::Cipher,
            VaultError::Malformed | VaultError::OtherKey | VaultError::Refused => Self::Refused,
        }
    }
}

/// Master keys: one that new wraps use, and former ones that still unwrap.
#[async_trait]
pub trait MasterKeys: Send + Sync {
    /// The id of the master key that new wraps use, as far as is known without asking anybody.
    fn current(&self) -> String;

    /// Wraps a data key with the current master key. `context` is the tenant's id; the same is
    /// needed to unwrap.
    async fn wrap(&self, key: &DataKey, context: &str) -> Result<WrappedKey, MasterKeyError>;

    /// Unwraps a data key with the master key that wrapped it, if that one is configured.
    async fn unwrap(&self, wrapped: &WrappedKey, context: &str) -> Result<DataKey, MasterKeyError>;

    /// Whether keys can be wrapped and unwrapped now, for readiness.
    async fn probe(&self) -> Result<(), MasterKeyError>;
}
