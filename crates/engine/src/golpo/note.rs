//! What is noted of an order: that it is about to be sent, and by what Golpo knows it. It is written
//! before each step that costs something, so that whoever goes on knows what may have happened.

use serde::{Deserialize, Serialize};

use super::answer::Submitted;
use crate::{Journal, JournalError};

/// How far an order has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(super) enum Note {
    /// Nothing is at Golpo. Kept as no bytes at all.
    #[serde(skip)]
    Nothing,
    /// It is being sent, or was, under this reference.
    Sending {
        /// Stands in the prompt.
        reference: String,
        /// When, in seconds since 1970.
        at: i64,
        /// Which key it was sent with, as a hash: another account's list tells nothing of it.
        key: u64,
    },
    /// It is at Golpo.
    Sent {
        /// The job's id, if it was told.
        job: Option<String>,
        /// The video's id, if it was told.
        video: Option<String>,
        /// When it was sent.
        at: i64,
    },
}

impl Note {
    pub(super) async fn read(journal: &dyn Journal) -> Result<Self, JournalError> {
        match journal.read().await? {
            None => Ok(Self::Nothing),
            Some(bytes) if bytes.is_empty() => Ok(Self::Nothing),
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|_| JournalError::Corrupt),
        }
    }

    pub(super) async fn write(&self, journal: &dyn Journal) -> Result<(), JournalError> {
        let bytes = match self {
            Self::Nothing => Vec::new(),
            noted => serde_json::to_vec(noted).map_err(|_| JournalError::Corrupt)?,
        };
        journal.write(&bytes).await
    }

    pub(super) fn sent(submitted: Submitted, at: i64) -> Self {
        Self::Sent {
            job: submitted.job,
            video: submitted.video,
            at,
        }
    }
}
