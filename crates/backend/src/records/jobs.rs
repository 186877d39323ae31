//! Jobs, as the worker sees them: for whichever tenant's turn it is.

use std::sync::{Arc, Mutex, PoisonError};

use engine::{Journal, JournalError};
use protocol::{ApiKey, Chapter, ErrorCode, Script, VideoId, VideoOptions};

use super::{Records, RecordsError, api_key_place, json, month, text_of, video_place, word};
use crate::objects::TenantFolder;
use crate::store::{Claim, FinishedRow, JobRow, Lease, Owner as _, Postponed, StoreError};
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
    /// Why the engine refused that key, and when.
    pub problem: Option<(ErrorCode, i64)>,
    note: Option<Vec<u8>>,
}

impl ClaimedJob {
    /// The video to make.
    pub fn video_id(&self) -> &VideoId {
        self.lease.video_id()
    }

    /// Whether its engine had begun it when it was claimed.
    pub fn is_begun(&self) -> bool {
        self.note.as_ref().is_some_and(|note| !note.is_empty())
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> i64 {
        self.lease.attempt()
    }

    /// Whose it is.
    pub fn tenant_id(&self) -> &str {
        self.lease.tenant_id()
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
                    let Opened {
                        script,
                        options,
                        api_key,
                        problem,
                        note,
                    } = job;
                    return Ok(Some(ClaimedJob {
                        lease,
                        folder,
                        script,
                        options,
                        api_key,
                        problem,
                        note,
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

    /// Whether the video is still to be: neither deleted nor cancelled.
    pub async fn is_wanted(&self, job: &ClaimedJob) -> Result<bool, RecordsError> {
        let video = self.store.video(&job.lease, job.video_id()).await?;
        Ok(video.is_some_and(|video| video.state != "failed"))
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

    /// Gives the job back of which nothing went wrong, to be claimed from `not_before` on; `why` is
    /// told to who waits for it.
    pub async fn postpone(
        &self,
        job: &ClaimedJob,
        progress: Option<engine::Progress>,
        not_before: i64,
        why: Option<ErrorCode>,
    ) -> Result<bool, RecordsError> {
        let stage = progress.map(|progress| text_of(&progress.stage));
        let stage = stage.transpose()?;
        let until = Postponed {
            not_before,
            underway: why.is_none(),
            stage: stage.as_deref(),
            percent: progress.map_or(0, |progress| i64::from(progress.percent.min(99))),
            why: why.map(ErrorCode::as_str),
        };
        Ok(self.store.postpone(&job.lease, until).await?)
    }

    /// Notes that the engine refuses the key of the job's tenant, or that it does not any more.
    pub async fn set_key_problem(
        &self,
        job: &ClaimedJob,
        code: Option<ErrorCode>,
        now: i64,
    ) -> Result<(), RecordsError> {
        let code = code.map(ErrorCode::as_str);
        Ok(self.store.set_key_problem(&job.lease, code, now).await?)
    }

    /// The journal of a job, for its engine.
    pub fn journal(&self, job: &Arc<ClaimedJob>) -> JobJournal {
        JobJournal {
            records: self.clone(),
            job: Arc::clone(job),
            note: Mutex::new(job.note.clone()),
        }
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

/// An engine's note, sealed on the job's row: it is erased with the job, and opens for its tenant
/// and its video alone.
pub struct JobJournal {
    records: Records,
    job: Arc<ClaimedJob>,
    /// As it is in the database; nobody else writes it while the lease holds.
    note: Mutex<Option<Vec<u8>>>,
}

impl std::fmt::Debug for JobJournal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "JobJournal({})", self.job.video_id())
    }
}

#[async_trait::async_trait]
impl Journal for JobJournal {
    async fn read(&self) -> Result<Option<Vec<u8>>, JournalError> {
        let note = self.note.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(note.clone())
    }

    async fn write(&self, note: &[u8]) -> Result<(), JournalError> {
        let lease = &self.job.lease;
        let key = self.records.key(lease).await.map_err(unreachable)?;
        let place = video_place(lease, Field::Note, lease.video_id());
        let sealed = key.seal(place, note).map_err(unreachable)?;
        let kept = self.records.store.note(lease, &sealed).await;
        if !kept.map_err(unreachable)? {
            return Err(JournalError::Lost);
        }
        *self.note.lock().unwrap_or_else(PoisonError::into_inner) = Some(note.to_vec());
        Ok(())
    }
}

/// Whatever it is, it is logged here: the engine only has to know that there is no journal now.
fn unreachable(error: impl std::error::Error) -> JournalError {
    let cause = error.source().map(ToString::to_string);
    tracing::error!(%error, cause, "a job's journal could not be used");
    JournalError::Unreachable
}

struct Opened {
    script: Script,
    options: VideoOptions,
    api_key: Option<ApiKey>,
    problem: Option<(ErrorCode, i64)>,
    note: Option<Vec<u8>>,
}

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
    let place = video_place(lease, Field::Note, lease.video_id());
    let note = match &row.note {
        Some(sealed) => Some(key.open(place, sealed)?.to_vec()),
        None => None,
    };
    // A word of a later version is none that stops the queue.
    let problem = row.problem.as_deref().and_then(word);
    Ok(Opened {
        script: serde_json::from_slice(&script).map_err(|_| corrupt("script"))?,
        options: serde_json::from_str(&row.options).map_err(|_| corrupt("options"))?,
        api_key,
        problem: problem.zip(row.problem_at),
        note,
    })
}
