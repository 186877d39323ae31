//! Jobs, as the worker sees them: for whichever tenant's turn it is.

use std::sync::Arc;

use protocol::{ApiKey, Chapter, ErrorCode, Script, VideoId, VideoOptions};

use super::{Records, RecordsError, api_key_place, json, month, text_of, video_place};
use crate::objects::TenantFolder;
use crate::store::{Claim, FinishedRow, JobRow, Lease, StoreError};
use crate::vault::{DataKey, Field};

/// A job that this worker holds the lease of.
#[derive(Debug)]
pub struct ClaimedJob {
    lease: Lease,
    /// Where its files go.
    pub folder: TenantFolder,
    /// What to tell.
    pub script: Script,
    /// How.
    pub options: VideoOptions,
    /// The tenant's API key, where there is one.
    pub api_key: Option<ApiKey>,
}

impl ClaimedJob {
    /// The video to make.
    pub fn video_id(&self) -> &VideoId {
        self.lease.video_id()
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> i64 {
        self.lease.attempt()
    }
}

/// A finished video's numbers.
#[derive(Debug)]
pub struct Finished<'a> {
    /// Chapters.
    pub chapters: &'a [Chapter],
    /// Length in milliseconds.
    pub duration_ms: u32,
    /// Who made it.
    pub engine: &'a str,
}

impl Records {
    /// Takes the lease of a job that is due: new, paused long enough, or left by a worker whose lease
    /// ran out. One that cannot be read is failed, and the next one tried.
    pub async fn claim(&self, claim: Claim<'_>) -> Result<Option<ClaimedJob>, RecordsError> {
        loop {
            let Some(lease) = self.store.claim(claim).await? else {
                return Ok(None);
            };
            match self.start(&lease).await {
                Ok(Some((folder, job))) => {
                    let (script, options, api_key) = job;
                    return Ok(Some(ClaimedJob {
                        lease,
                        folder,
                        script,
                        options,
                        api_key,
                    }));
                }
                // Deleted or cancelled between the two statements.
                Ok(None) => {}
                // The database or the key store is down: the lease runs out, and somebody tries again.
                Err(
                    error @ (RecordsError::Store(StoreError::Database(_))
                    | RecordsError::MasterKey(_)),
                ) => {
                    // Best effort: the lease ends by itself too.
                    let _ = self.store.release(&lease, claim.now + 30, false).await;
                    return Err(error);
                }
                Err(error) => {
                    tracing::error!(%error, "a job could not be read and is failed");
                    let code = ErrorCode::Internal.as_str();
                    self.store.fail(&lease, code, claim.now).await?;
                }
            }
        }
    }

    async fn start(&self, lease: &Lease) -> Result<Option<(TenantFolder, Opened)>, RecordsError> {
        let Some(row) = self.store.start(lease).await? else {
            return Ok(None);
        };
        let known = self.known(lease).await?;
        Ok(Some((known.folder, open(lease, &known.key, &row)?)))
    }

    /// Prolongs the lease and writes how far the video is; the percentage never falls. `false`
    /// when the job is no longer this worker's: deleted, cancelled, or claimed by another after a
    /// pause.
    pub async fn beat(
        &self,
        job: &ClaimedJob,
        progress: engine::Progress,
        lease_until: i64,
    ) -> Result<bool, RecordsError> {
        let stage = text_of(&progress.stage)?;
        let percent = i64::from(progress.percent.min(99));
        Ok(self
            .store
            .beat(&job.lease, &stage, percent, lease_until)
            .await?)
    }

    /// Whether the video has not been deleted.
    pub async fn exists(&self, job: &ClaimedJob) -> Result<bool, RecordsError> {
        let video = self.store.video(&job.lease, job.video_id()).await?;
        Ok(video.is_some())
    }

    /// Marks the video done, charges it once and erases the job with its script. `false` when the
    /// job is no longer this worker's; nothing is changed then.
    pub async fn finish(
        &self,
        job: &ClaimedJob,
        finished: Finished<'_>,
        now: i64,
    ) -> Result<bool, RecordsError> {
        let key = match self.key(&job.lease).await {
            Ok(key) => key,
            // Deleted as a whole, and the job with it.
            Err(RecordsError::Unknown) => return Ok(false),
            Err(error) => return Err(error),
        };
        let place = video_place(&job.lease, Field::Chapters, job.video_id());
        let row = FinishedRow {
            chapters: key.seal(place, &json(finished.chapters)?)?,
            duration_ms: i64::from(finished.duration_ms),
            month: &month(now)?,
            engine: finished.engine,
            seconds: i64::from(finished.duration_ms.div_ceil(1000)),
            now,
        };
        Ok(self.store.finish(&job.lease, &row).await?)
    }

    /// Marks the video failed and erases the job with its script, if it is still this worker's.
    pub async fn fail(
        &self,
        job: &ClaimedJob,
        code: ErrorCode,
        now: i64,
    ) -> Result<bool, RecordsError> {
        Ok(self.store.fail(&job.lease, code.as_str(), now).await?)
    }

    /// Marks the video failed and parks the job for an operator, if it is still this worker's.
    pub async fn park(
        &self,
        job: &ClaimedJob,
        code: ErrorCode,
        now: i64,
    ) -> Result<bool, RecordsError> {
        Ok(self.store.park(&job.lease, code.as_str(), now).await?)
    }

    /// Gives the job back to be claimed from `not_before` on. `counts` says whether the attempt
    /// counts: it does not when the worker was told to stop.
    pub async fn release(
        &self,
        job: &ClaimedJob,
        not_before: i64,
        counts: bool,
    ) -> Result<(), RecordsError> {
        Ok(self.store.release(&job.lease, not_before, counts).await?)
    }
}

type Opened = (Script, VideoOptions, Option<ApiKey>);

fn open(lease: &Lease, key: &Arc<DataKey>, row: &JobRow) -> Result<Opened, RecordsError> {
    let corrupt = StoreError::Corrupt;
    let place = video_place(lease, Field::Script, lease.video_id());
    let script = key.open(place, &row.script)?;
    let api_key = match &row.api_key {
        Some(sealed) => {
            let text = key.open(api_key_place(lease), sealed)?;
            let text = String::from_utf8(text.to_vec()).map_err(|_| corrupt("api_key"))?;
            Some(ApiKey::try_from(text).map_err(|_| corrupt("api_key"))?)
        }
        None => None,
    };
    Ok((
        serde_json::from_slice(&script).map_err(|_| corrupt("script"))?,
        serde_json::from_str(&row.options).map_err(|_| corrupt("options"))?,
        api_key,
    ))
}
