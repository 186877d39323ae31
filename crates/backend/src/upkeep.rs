//! What has to be done now and then without anyone remembering it (P23): deletions that were begun
//! are ended, videos past their retention are deleted, old answers and parked jobs forgotten, files
//! without a row swept. Every process does it; two at once do no harm. Must never stop because one
//! part failed.

use std::time::Duration;

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::deletion::{DeletionError, Deletions, Target};
use protocol::DeletionReason;

/// The same answer to the same key for so long.
pub const ANSWERS_SECONDS: i64 = 24 * 3600;
/// How often everything is looked at.
const PAUSE: Duration = Duration::from_secs(60);
/// How often ages are looked at, and files held against rows.
const AGES_SECONDS: i64 = 3600;
/// A file's row may be on its way for so long.
const YOUNG: Duration = Duration::from_secs(3600);
/// Videos past their retention in one go.
const AT_ONCE: i64 = 100;

/// For how many days what is kept is kept.
#[derive(Debug, Clone, Copy)]
pub struct KeptDays {
    /// A video, where its tenant chose nothing else.
    pub videos: u32,
    /// A job after its last try, and the script in it; never longer than its video.
    pub parked: u32,
}

impl Default for KeptDays {
    fn default() -> Self {
        Self {
            videos: 90,
            parked: 7,
        }
    }
}

/// Does it.
pub struct Upkeep {
    deletions: Deletions,
    kept: KeptDays,
    aged_at: i64,
}

impl Upkeep {
    /// Ends what `deletions` begins.
    pub fn new(deletions: Deletions, kept: KeptDays) -> Self {
        Self {
            deletions,
            kept,
            aged_at: 0,
        }
    }

    /// Until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            self.once().await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.deletions.wake.notified() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// Everything once.
    pub async fn once(&mut self) {
        let now = self.deletions.clock.unix_seconds();
        self.deletions.records.tidy();
        told("deletions", self.end_deletions().await);
        let store = self.deletions.records.store();
        let answers = store.purge_answers(now - ANSWERS_SECONDS).await;
        told("answers", answers.map(drop).map_err(DeletionError::from));
        let parked = store
            .purge_dead(now - i64::from(self.kept.parked) * 86_400)
            .await;
        told("parked_jobs", parked.map(drop).map_err(DeletionError::from));
        if now - self.aged_at >= AGES_SECONDS {
            self.aged_at = now;
            told("retention", self.keep_retention(now).await);
            told("files", self.sweep(now).await);
        }
    }

    /// Ends what was begun.
    pub async fn end_deletions(&self) -> Result<(), DeletionError> {
        let open = self.deletions.records.store().open_deletions().await?;
        let mut result = Ok(());
        for (owner, id) in open {
            if let Err(error) = self.deletions.finish(&owner, &id).await {
                // The others must not wait for it.
                tracing::error!(deletion = id, %error, "a deletion did not end yet");
                result = Err(error);
            }
        }
        result
    }

    async fn keep_retention(&self, now: i64) -> Result<(), DeletionError> {
        let store = self.deletions.records.store();
        loop {
            let old = store
                .past_retention(now, self.kept.videos.into(), AT_ONCE)
                .await?;
            let whole = i64::try_from(old.len()) == Ok(AT_ONCE);
            let mut result = Ok(());
            for (owner, id) in old {
                let target = Target::Video(id);
                let reason = DeletionReason::Retention;
                if let Err(error) = self.deletions.delete(&owner, &target, reason).await {
                    // It is open now, and the others must not wait for it.
                    result = Err(error);
                }
            }
            if result.is_err() || !whole {
                return result;
            }
        }
    }

    async fn sweep(&self, now: i64) -> Result<(), DeletionError> {
        let store = self.deletions.records.store();
        let instant =
            OffsetDateTime::from_unix_timestamp(now).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let swept = self
            .deletions
            .objects
            .sweep::<DeletionError, _, _>(instant, YOUNG, |_, video| async move {
                Ok(store.owner_of_video(&video).await?.is_some())
            })
            .await?;
        let uploads = self.deletions.objects.sweep_uploads(instant, YOUNG).await?;
        if uploads > 0 {
            tracing::info!(uploads, "uploads that never ended were removed");
        }
        if swept.orphans > 0 || swept.foreign > 0 {
            tracing::warn!(
                orphans = swept.orphans,
                foreign = swept.foreign,
                "files without a row"
            );
        }
        Ok(())
    }
}

fn told(part: &'static str, result: Result<(), DeletionError>) {
    if let Err(error) = result {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        metrics::counter!("golpo_upkeep_failures_total", "part" => part).increment(1);
        tracing::error!(part, %error, cause, "upkeep failed; it is tried again");
    }
}
