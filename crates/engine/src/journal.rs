//! What an engine notes of an order, so that the next attempt goes on where this one ended, whoever
//! makes it. The caller keeps the note beside the order and erases it with it; it must never be
//! readable to others, since it names the order at the engine.

/// Why a note could not be read or written. Holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The order is in other hands by now, or was cancelled: nothing more may be done for it here.
    #[error("the order is no longer in these hands")]
    Lost,
    /// It could not be kept or found; another time it may.
    #[error("the journal could not be reached")]
    Unreachable,
    /// It holds what this engine never wrote.
    #[error("the journal holds what no engine wrote")]
    Corrupt,
}

/// Keeps the one note of an order.
#[async_trait::async_trait]
pub trait Journal: std::fmt::Debug + Send + Sync {
    /// The note; none where nothing was noted. An empty one says that nothing is begun.
    async fn read(&self) -> Result<Option<Vec<u8>>, JournalError>;

    /// Replaces the note. Once this returns it outlives the process. [`JournalError::Lost`] where
    /// the order is not in these hands any more.
    async fn write(&self, note: &[u8]) -> Result<(), JournalError>;
}

/// The journal of an order that nobody keeps: for engines that end what they begin in one attempt.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoJournal;

#[async_trait::async_trait]
impl Journal for NoJournal {
    async fn read(&self) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(None)
    }

    async fn write(&self, _note: &[u8]) -> Result<(), JournalError> {
        Err(JournalError::Unreachable)
    }
}
