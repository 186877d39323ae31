//! The worker: claims jobs, runs the engine, stores the files. A job is held by a lease that is
//! prolonged while its worker lives, so that a job outlives any worker: whoever comes next claims
//! it when the lease has run out. Must never log a script, leave a temporary directory behind, or
//! write for a job whose lease it has lost.

use std::sync::Arc;
use std::time::Duration;

use engine::{EngineError, MadeVideo, Order, Progress, VideoEngine};
use fit::Clock;
use protocol::{ErrorCode, Stage};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, interval_at};
use tokio_util::sync::CancellationToken;

use crate::incidents::containment::InForce;
use crate::incidents::rules::Signal;
use crate::incidents::signals;
use crate::objects::{MediaFile, ObjectError, Objects};
use crate::records::{ClaimedJob, Finished, Records, RecordsError};
use crate::store::Claim;

/// How the worker waits and retries.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How long a lease lasts without news of its worker.
    pub lease_seconds: i64,
    /// How often progress is written and the lease prolonged.
    pub heartbeat: Duration,
    /// How often to look for jobs without being notified: jobs of other processes, ended leases.
    pub poll: Duration,
    /// How often a job is tried.
    pub max_attempts: i64,
    /// The pause after the first failed attempt; twice that after the second.
    pub retry_seconds: i64,
    /// How many jobs of one tenant may run at once, over all workers.
    pub per_tenant: i64,
    /// How long an engine may take: longer than any real one does. An engine that never answers must
    /// not hold its job, and this worker, for ever.
    pub attempt: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease_seconds: 15,
            heartbeat: Duration::from_millis(500),
            poll: Duration::from_secs(1),
            max_attempts: 3,
            retry_seconds: 2,
            per_tenant: 4,
            attempt: Duration::from_secs(2 * 3600),
        }
    }
}

/// Makes videos of jobs, one at a time: an engine takes all the cores it gets.
pub struct Worker {
    /// Where jobs are.
    pub records: Records,
    /// Where files go.
    pub objects: Objects,
    /// Who makes them.
    pub engine: Arc<dyn VideoEngine>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Woken when this process queues a job.
    pub notify: Arc<Notify>,
    /// How.
    pub settings: Settings,
}

/// Why an attempt ended without a video.
#[derive(Debug, thiserror::Error)]
enum AttemptError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("the engine panicked")]
    Panicked,
    #[error("the engine did not end in time")]
    TooSlow,
    #[error("a file is not where the engine should have put it")]
    Astray,
    #[error(transparent)]
    Objects(#[from] ObjectError),
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error("the temporary directory could not be made")]
    Directory(#[source] std::io::Error),
}

impl AttemptError {
    /// Whether the same order could succeed later.
    fn is_passing(&self) -> bool {
        match self {
            Self::Engine(error) => error.is_passing(),
            _ => true,
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::Engine(error) => error.code(),
            _ => ErrorCode::EngineFailed,
        }
    }
}

enum Outcome {
    Made(MadeVideo),
    /// Nothing went wrong, and it is to be looked at again.
    Waits {
        after: Duration,
        why: Option<ErrorCode>,
        progress: Option<Progress>,
    },
    /// Deleted, or claimed by another worker.
    Lost,
    /// This worker is to stop.
    Stopped,
}

impl Worker {
    /// Works until `stop`; then cancels the engine and gives the job back.
    pub async fn run(self, stop: CancellationToken) {
        let name = uuid::Uuid::new_v4().to_string();
        tracing::info!("worker started");
        while !stop.is_cancelled() {
            let idle = match self.next(&name, &stop).await {
                Ok(worked) => !worked,
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::error!(%error, cause, "the worker could not handle its job");
                    true
                }
            };
            if idle {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.notify.notified() => {}
                    () = tokio::time::sleep(self.settings.poll) => {}
                }
            }
        }
        tracing::info!("worker stopped");
    }

    /// Works on the next job; `false` when there is none.
    async fn next(&self, name: &str, stop: &CancellationToken) -> Result<bool, RecordsError> {
        let settings = &self.settings;
        let now = self.clock.unix_seconds();
        let in_force = self.records.in_force().await?;
        if self.is_stopped(&in_force) {
            return Ok(false);
        }
        let code = ErrorCode::EngineFailed.as_str();
        let reaped = self
            .records
            .store()
            .reap(settings.max_attempts, code, now)
            .await?;
        if reaped > 0 {
            count("abandoned", reaped);
        }
        let Some(job) = self
            .records
            .claim(Claim {
                worker: name,
                lease_until: now + settings.lease_seconds,
                now,
                max_attempts: settings.max_attempts,
                per_tenant: settings.per_tenant,
            })
            .await?
        else {
            return Ok(false);
        };
        let video = job.video_id().clone();
        tracing::info!(%video, attempt = job.attempt(), "job claimed");
        let started = Instant::now();
        let job = Arc::new(job);
        let outcome = self.attempt(&job, stop).await;
        let seconds = started.elapsed().as_secs_f64();
        metrics::histogram!("golpo_job_attempt_seconds").record(seconds);
        let now = self.clock.unix_seconds();
        let word = match outcome {
            Ok(Outcome::Made(made)) => {
                let finished = Finished {
                    chapters: &made.chapters,
                    duration_ms: made.duration_ms,
                    engine: &self.engine.describe_for(job.api_key.is_some()).name,
                };
                if self.records.finish(&job, finished, now).await? {
                    if matches!(job.problem, Some((ErrorCode::ApiKeyRefused, _))) {
                        self.records.set_key_problem(&job, None, now).await?;
                    }
                    "done"
                } else {
                    self.discard_if_unwanted(&job).await?;
                    "lost"
                }
            }
            Ok(Outcome::Lost) => {
                self.discard_if_unwanted(&job).await?;
                "lost"
            }
            Ok(Outcome::Stopped) => {
                self.records.release(&job, now, false).await?;
                "released"
            }
            Ok(Outcome::Waits {
                after,
                why,
                progress,
            }) => self.wait(&job, after, why, progress, now).await?,
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%video, %error, cause, "job attempt failed");
                if matches!(error, AttemptError::Engine(EngineError::ApiKeyRefused)) {
                    signals::note(Signal::ApiKeyRefused, Some(job.tenant_id()));
                }
                if error.is_passing() && job.attempt() < settings.max_attempts {
                    let pause = pause(settings.retry_seconds, job.attempt());
                    self.records.release(&job, now + pause, true).await?;
                    "retried"
                } else {
                    let code = error.code();
                    // What could succeed another day waits for an operator; what cannot is erased.
                    let (held, word) = if error.is_passing() {
                        (self.records.park(&job, code, now).await?, "parked")
                    } else {
                        (self.records.fail(&job, code, now).await?, "failed")
                    };
                    if held {
                        self.discard(&job).await;
                    } else {
                        self.discard_if_unwanted(&job).await?;
                    }
                    word
                }
            }
        };
        count(word, 1);
        tracing::info!(%video, outcome = word, seconds, "job ended");
        Ok(true)
    }

    /// One attempt. The temporary directory is removed whatever happens.
    async fn attempt(
        &self,
        job: &Arc<ClaimedJob>,
        stop: &CancellationToken,
    ) -> Result<Outcome, AttemptError> {
        let directory = tempfile::Builder::new()
            .prefix("golpo-video-")
            .tempdir()
            .map_err(AttemptError::Directory)?;
        let result = match self.make(job, directory.path(), stop).await {
            Ok(Outcome::Made(made)) => self.store_files(job, directory.path(), made).await,
            other => other,
        };
        if let Err(error) = directory.close() {
            tracing::warn!(%error, "a temporary directory could not be removed");
        }
        result
    }

    async fn make(
        &self,
        job: &Arc<ClaimedJob>,
        directory: &std::path::Path,
        stop: &CancellationToken,
    ) -> Result<Outcome, AttemptError> {
        // A key that was refused is tried now and then by one job, not by all of them.
        // What is paid for already goes on in an account with nothing left.
        if let Some((code, at)) = job.problem
            && !(code == ErrorCode::EnginePlan && job.is_begun())
            && self.engine.describe_for(true).requires_api_key
        {
            let left = at.saturating_add(KEY_PAUSE) - self.clock.unix_seconds();
            if left > 0 {
                return Ok(Outcome::Waits {
                    after: Duration::from_secs(left.cast_unsigned()),
                    why: Some(code),
                    progress: None,
                });
            }
        }
        let (sender, progress) = watch::channel(Progress {
            stage: Stage::Storyboard,
            percent: 0,
        });
        let cancel = CancellationToken::new();
        let with_key = !self.records.in_force().await?.api_keys;
        // A task of its own, so that a panic of the engine is an error of this job and no more.
        let mut making = tokio::spawn({
            let (engine, job, cancel) = (Arc::clone(&self.engine), Arc::clone(job), cancel.clone());
            let directory = directory.to_owned();
            let journal = self.records.journal(&job);
            async move {
                let order = Order {
                    script: &job.script,
                    options: &job.options,
                    api_key: job.api_key.as_ref().filter(|_| with_key),
                    journal: &journal,
                    directory: &directory,
                };
                engine.make(order, sender, cancel).await
            }
        });
        let heartbeat = self.settings.heartbeat;
        let mut ticks = interval_at(Instant::now() + heartbeat, heartbeat);
        let mut ended_by: Option<Outcome> = None;
        let end = tokio::time::sleep(self.settings.attempt);
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => {
                    // A thread of its own hears the first; its task is not waited for.
                    cancel.cancel();
                    making.abort();
                    return ended_by.ok_or(AttemptError::TooSlow);
                }
                made = &mut making => {
                    let made = made.map_err(|_| AttemptError::Panicked)?;
                    return match (ended_by, made) {
                        // A video that was finished all the same is kept.
                        (Some(Outcome::Stopped) | None, Ok(made)) => Ok(Outcome::Made(made)),
                        (Some(outcome), _) => Ok(outcome),
                        (None, Err(error)) => {
                            let now = *progress.borrow();
                            waits(&error, now).ok_or_else(|| error.into())
                        }
                    };
                }
                () = stop.cancelled(), if ended_by.is_none() => {
                    ended_by = Some(Outcome::Stopped);
                    cancel.cancel();
                }
                _ = ticks.tick(), if !matches!(ended_by, Some(Outcome::Lost)) => {
                    let now = *progress.borrow();
                    // Given back, and made when that is lifted.
                    let in_force = self.records.in_force().await;
                    if ended_by.is_none() && in_force.is_ok_and(|in_force| self.is_stopped(&in_force)) {
                        ended_by = Some(Outcome::Stopped);
                        cancel.cancel();
                    }
                    match self.heartbeat(job, now).await {
                        Ok(true) => {}
                        Ok(false) => {
                            ended_by = Some(Outcome::Lost);
                            cancel.cancel();
                        }
                        // The lease lasts over several beats: the next one may succeed.
                        Err(error) => tracing::warn!(%error, "progress could not be written"),
                    }
                }
            }
        }
    }

    /// Gives a job back that waits, and notes what that says of its tenant's key.
    async fn wait(
        &self,
        job: &ClaimedJob,
        after: Duration,
        why: Option<ErrorCode>,
        progress: Option<Progress>,
        now: i64,
    ) -> Result<&'static str, RecordsError> {
        let refused = matches!(why, Some(ErrorCode::ApiKeyRefused | ErrorCode::EnginePlan));
        if why == Some(ErrorCode::ApiKeyRefused) {
            signals::note(Signal::ApiKeyRefused, Some(job.tenant_id()));
        }
        let answered = match job.problem {
            // Only an order that was taken shows that there are credits again.
            Some((ErrorCode::EnginePlan, _)) => why.is_none() && !job.is_begun(),
            _ => matches!(why, None | Some(ErrorCode::EngineBusy)),
        };
        if refused
            && job
                .problem
                .is_none_or(|(_, at)| at.saturating_add(KEY_PAUSE) <= now)
        {
            self.records.set_key_problem(job, why, now).await?;
        } else if answered && job.problem.is_some() {
            self.records.set_key_problem(job, None, now).await?;
        }
        let seconds = i64::try_from(after.as_secs_f64().ceil() as u64).unwrap_or(KEY_PAUSE);
        let until = now.saturating_add(seconds);
        if self.records.postpone(job, progress, until, why).await? {
            Ok("waiting")
        } else {
            self.discard_if_unwanted(job).await?;
            Ok("lost")
        }
    }

    /// Whether what contains an incident forbids to make videos (P19): all of them, whatever is written,
    /// or those that need an API key.
    fn is_stopped(&self, in_force: &InForce) -> bool {
        let needs_key = || self.engine.describe_for(true).requires_api_key;
        in_force.jobs || in_force.writes || (in_force.api_keys && needs_key())
    }

    async fn heartbeat(&self, job: &ClaimedJob, progress: Progress) -> Result<bool, RecordsError> {
        let lease_until = self.clock.unix_seconds() + self.settings.lease_seconds;
        self.records.beat(job, progress, lease_until).await
    }

    async fn store_files(
        &self,
        job: &ClaimedJob,
        directory: &std::path::Path,
        made: MadeVideo,
    ) -> Result<Outcome, AttemptError> {
        let root = directory.canonicalize().map_err(AttemptError::Directory)?;
        let files = [
            (MediaFile::Video, &made.video),
            (MediaFile::Captions, &made.captions),
            (MediaFile::Poster, &made.poster),
        ];
        for (file, path) in files {
            let path = path.canonicalize().map_err(|_| AttemptError::Astray)?;
            if !path.starts_with(&root) {
                return Err(AttemptError::Astray);
            }
            // A beat for each file, so that a slow object store does not cost the lease.
            let storing = Progress {
                stage: Stage::Storing,
                percent: 99,
            };
            if !self.heartbeat(job, storing).await? {
                return Ok(Outcome::Lost);
            }
            self.objects
                .put(&job.folder, job.video_id(), file, &path)
                .await?;
        }
        Ok(Outcome::Made(made))
    }

    /// Removes what was stored for a video that was deleted or cancelled meanwhile. One that another worker has
    /// taken over keeps its files: they may be that worker's.
    async fn discard_if_unwanted(&self, job: &ClaimedJob) -> Result<(), RecordsError> {
        if !self.records.is_wanted(job).await? {
            self.discard(job).await;
        }
        Ok(())
    }

    /// Removes files of a video that is not to be.
    async fn discard(&self, job: &ClaimedJob) {
        let removed = self.objects.delete_video(&job.folder, job.video_id());
        if let Err(error) = removed.await {
            tracing::error!(%error, video = %job.video_id(), "files of a dropped video remain");
        }
    }
}

/// How long a tenant's jobs wait for a key that was refused, or for one at all, before one of them
/// tries again. Another key, once it is saved, ends the wait.
const KEY_PAUSE: i64 = 15 * 60;

/// What an engine's error says of waiting: some are none, and some wait for an administrator.
fn waits(error: &EngineError, progress: Progress) -> Option<Outcome> {
    let progress = (progress.percent > 0).then_some(progress);
    match error {
        EngineError::Later { after, why } => Some(Outcome::Waits {
            after: *after,
            why: why.code(),
            progress,
        }),
        error if error.is_about_the_key() => Some(Outcome::Waits {
            after: Duration::from_secs(KEY_PAUSE.cast_unsigned()),
            why: Some(error.code()),
            progress,
        }),
        _ => None,
    }
}

/// How long to wait before the next attempt, in seconds: four times as long after each, at most ten
/// minutes, and a part of it by chance, so that jobs that failed together do not come back together.
fn pause(first: i64, attempt: i64) -> i64 {
    let exponent = u32::try_from(attempt.clamp(1, 10) - 1).unwrap_or(0);
    let pause = first.saturating_mul(4_i64.pow(exponent)).min(600);
    let by_chance = i64::from(uuid::Uuid::new_v4().as_bytes()[0]);
    pause - pause * by_chance / 512
}

fn count(outcome: &'static str, jobs: u64) {
    metrics::counter!("golpo_jobs_total", "outcome" => outcome).increment(jobs);
}
