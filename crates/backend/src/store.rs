//! The database: SQLite through sqlx. Every method that serves a request takes a [`Tenant`] and
//! puts its id into every `WHERE` (P5); methods whose name begins with `worker_` serve jobs of
//! all tenants and are called by `jobs` alone; `signed_media` serves an address whose signature
//! has been verified. Page content and secrets are sealed on the way in and opened on the way out
//! (P7), so that no other module handles an envelope.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use fit::Tenant;
use protocol::{
    ApiKey, ApiKeyState, Chapter, ErrorCode, Failure, Fingerprint, NewVideo, PageId, Script, Stage,
    Timestamp, Usage, Video, VideoId, VideoOptions, VideoPage, VideoState,
};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Row as _};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use crate::vault::{Field, Place, Vault, VaultError};

/// Something between the program and its database went wrong. Holds no values of rows.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A sealed value could not be sealed or opened.
    #[error("a sealed value could not be handled")]
    Vault(#[from] VaultError),
    /// A row holds what this program never wrote; the name is the column's.
    #[error("the column {0} holds a value of another form")]
    Corrupt(&'static str),
}

/// What became of a request to make a video.
#[derive(Debug)]
pub enum Created {
    /// It is queued.
    New(Video),
    /// The same request was made before; this is its video as it stands now.
    Same(Video),
    /// The idempotency key was used for another request.
    Conflict,
}

/// A job that this worker holds the lease of.
#[derive(Debug)]
pub struct ClaimedJob {
    /// The video to make.
    pub video_id: VideoId,
    /// Whose it is, as [`Tenant::id`] said when it was asked for.
    pub tenant_id: String,
    /// What to tell.
    pub script: Script,
    /// How.
    pub options: VideoOptions,
    /// The tenant's API key, where there is one.
    pub api_key: Option<ApiKey>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// A finished video's numbers, for [`Store::worker_finish`].
#[derive(Debug)]
pub struct Finished<'a> {
    /// Chapters.
    pub chapters: &'a [Chapter],
    /// Length in milliseconds.
    pub duration_ms: u32,
}

/// The database.
#[derive(Clone)]
pub struct Store {
    pool: SqlitePool,
    vault: Arc<Vault>,
}

impl Store {
    /// Opens the database at a `sqlite://` address, making the file when it is missing.
    pub async fn open(url: &str, vault: Arc<Vault>) -> Result<Self, StoreError> {
        let pool = connect(url).await?;
        Ok(Self { pool, vault })
    }

    /// Brings the schema of the database at this address up to date; needs no master key.
    pub async fn migrate_at(url: &str) -> Result<(), StoreError> {
        let pool = connect(url).await?;
        migrate(&pool).await?;
        pool.close().await;
        Ok(())
    }
    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        migrate(&self.pool).await
    }

    /// Whether the database answers.
    pub async fn probe(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT count(*) FROM videos WHERE id = ''")
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Closes the connections, writing the log back into the database file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    // --- API key ---

    /// What may be shown of the tenant's API key.
    pub async fn api_key_state(&self, tenant: &Tenant) -> Result<ApiKeyState, StoreError> {
        let row = sqlx::query("SELECT fingerprint, saved_at FROM api_keys WHERE tenant_id = ?")
            .bind(tenant.id())
            .fetch_optional(&self.pool)
            .await?;
        Ok(match row {
            Some(row) => ApiKeyState {
                present: true,
                fingerprint: row.try_get("fingerprint")?,
                saved_at: Some(timestamp(row.try_get("saved_at")?)?),
            },
            None => ApiKeyState {
                present: false,
                fingerprint: None,
                saved_at: None,
            },
        })
    }

    /// Saves the tenant's API key, replacing the one before.
    pub async fn put_api_key(
        &self,
        tenant: &Tenant,
        key: &ApiKey,
        now: i64,
    ) -> Result<ApiKeyState, StoreError> {
        let fingerprint = self.vault.fingerprint(tenant.id(), key.expose());
        let sealed = self
            .vault
            .seal(api_key_place(tenant.id()), key.expose().as_bytes())?;
        sqlx::query(
            "INSERT INTO api_keys (tenant_id, api_key, fingerprint, saved_at) VALUES (?, ?, ?, ?)
             ON CONFLICT (tenant_id) DO UPDATE SET
                 api_key = excluded.api_key,
                 fingerprint = excluded.fingerprint,
                 saved_at = excluded.saved_at",
        )
        .bind(tenant.id())
        .bind(sealed)
        .bind(&fingerprint)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(ApiKeyState {
            present: true,
            fingerprint: Some(fingerprint),
            saved_at: Some(timestamp(now)?),
        })
    }

    /// Forgets the tenant's API key.
    pub async fn delete_api_key(&self, tenant: &Tenant) -> Result<ApiKeyState, StoreError> {
        sqlx::query("DELETE FROM api_keys WHERE tenant_id = ?")
            .bind(tenant.id())
            .execute(&self.pool)
            .await?;
        self.api_key_state(tenant).await
    }

    // --- usage ---

    /// What the tenant used in the month of `now`.
    pub async fn usage(&self, tenant: &Tenant, now: i64) -> Result<Usage, StoreError> {
        let month = month(now)?;
        let row =
            sqlx::query("SELECT videos, seconds FROM usage WHERE tenant_id = ? AND month = ?")
                .bind(tenant.id())
                .bind(&month)
                .fetch_optional(&self.pool)
                .await?;
        let (videos, seconds) = match row {
            Some(row) => (row.try_get("videos")?, row.try_get("seconds")?),
            None => (0, 0),
        };
        Ok(Usage {
            month,
            videos,
            seconds,
        })
    }

    // --- videos ---

    /// Queues a video and its job in one transaction, once for each idempotency key.
    pub async fn create_video(
        &self,
        tenant: &Tenant,
        new: &NewVideo,
        idempotency_key: &str,
        now: i64,
    ) -> Result<Created, StoreError> {
        let hash = self.vault.request_hash(&json(new)?);
        // Takes the write lock at once: two requests with one key come one after the other.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let earlier = sqlx::query(
            "SELECT request_hash, video_id FROM idempotency_keys WHERE tenant_id = ? AND key = ?",
        )
        .bind(tenant.id())
        .bind(idempotency_key)
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(earlier) = earlier {
            drop(transaction);
            if earlier.try_get::<Vec<u8>, _>("request_hash")? != hash {
                return Ok(Created::Conflict);
            }
            let id: VideoId = text_column(&earlier, "video_id")?;
            // It cannot be missing: its deletion takes the key along.
            let video = self.video(tenant, &id).await?;
            return video
                .map(Created::Same)
                .ok_or(StoreError::Corrupt("video_id"));
        }
        let id: VideoId = uuid::Uuid::now_v7()
            .hyphenated()
            .to_string()
            .parse()
            .map_err(|_| StoreError::Corrupt("id"))?;
        let place = |field| video_place(tenant.id(), field, &id);
        let title = self
            .vault
            .seal(place(Field::Title), new.script.title().as_bytes())?;
        let script = self.vault.seal(place(Field::Script), &json(&new.script)?)?;
        sqlx::query(
            "INSERT INTO videos (id, tenant_id, page_id, page_version, source_fingerprint, title, options, state, stage, percent, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', 'waiting', 0, ?)",
        )
        .bind(id.as_str())
        .bind(tenant.id())
        .bind(new.page_id.as_str())
        .bind(new.page_version)
        .bind(new.source_fingerprint.map(String::from))
        .bind(title)
        .bind(serde_json::to_string(&new.options).map_err(|_| StoreError::Corrupt("options"))?)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO jobs (video_id, tenant_id, script, not_before) VALUES (?, ?, ?, 0)",
        )
        .bind(id.as_str())
        .bind(tenant.id())
        .bind(script)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO idempotency_keys (tenant_id, key, request_hash, video_id) VALUES (?, ?, ?, ?)",
        )
        .bind(tenant.id())
        .bind(idempotency_key)
        .bind(hash)
        .bind(id.as_str())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Created::New(Video {
            id,
            page_id: new.page_id.clone(),
            page_version: new.page_version,
            source_fingerprint: new.source_fingerprint,
            title: new.script.title().to_owned(),
            state: VideoState::Queued,
            stage: Stage::Waiting,
            percent: 0,
            failure: None,
            options: new.options.clone(),
            created_at: timestamp(now)?,
            finished_at: None,
            duration_ms: None,
        }))
    }

    /// One video of the tenant.
    pub async fn video(&self, tenant: &Tenant, id: &VideoId) -> Result<Option<Video>, StoreError> {
        let row = sqlx::query("SELECT * FROM videos WHERE tenant_id = ? AND id = ?")
            .bind(tenant.id())
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| self.read_video(tenant, &row)).transpose()
    }

    /// The tenant's videos, newest first: at most `limit` of those made before `cursor`.
    pub async fn videos(
        &self,
        tenant: &Tenant,
        page_id: Option<&PageId>,
        cursor: Option<&VideoId>,
        limit: u32,
    ) -> Result<VideoPage, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM videos
             WHERE tenant_id = ?1 AND (?2 IS NULL OR page_id = ?2) AND (?3 IS NULL OR id < ?3)
             ORDER BY id DESC LIMIT ?4",
        )
        .bind(tenant.id())
        .bind(page_id.map(PageId::as_str))
        .bind(cursor.map(VideoId::as_str))
        // One more than asked for tells whether there is a next page.
        .bind(i64::from(limit) + 1)
        .fetch_all(&self.pool)
        .await?;
        let more = rows.len() > limit as usize;
        let videos = rows
            .iter()
            .take(limit as usize)
            .map(|row| self.read_video(tenant, row))
            .collect::<Result<Vec<_>, _>>()?;
        let next_cursor = videos
            .last()
            .filter(|_| more)
            .map(|video| video.id.to_string());
        Ok(VideoPage {
            videos,
            next_cursor,
        })
    }

    /// The chapters of one of the tenant's videos; `None` when there is no such finished video.
    pub async fn chapters(
        &self,
        tenant: &Tenant,
        id: &VideoId,
    ) -> Result<Option<Vec<Chapter>>, StoreError> {
        let row = sqlx::query(
            "SELECT chapters FROM videos WHERE tenant_id = ? AND id = ? AND state = 'done'",
        )
        .bind(tenant.id())
        .bind(id.as_str())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let place = video_place(tenant.id(), Field::Chapters, id);
        let chapters = self.vault.open(place, row.try_get("chapters")?)?;
        let chapters = serde_json::from_slice(&chapters);
        chapters
            .map(Some)
            .map_err(|_| StoreError::Corrupt("chapters"))
    }

    /// Removes a video's row, and with it job, script and idempotency key. Whether there was one.
    pub async fn delete_video(&self, tenant: &Tenant, id: &VideoId) -> Result<bool, StoreError> {
        let result = sqlx::query("DELETE FROM videos WHERE tenant_id = ? AND id = ?")
            .bind(tenant.id())
            .bind(id.as_str())
            .execute(&self.pool)
            .await?;
        Ok(result.rows_affected() == 1)
    }

    /// Whose finished video a verified signed address means. The signature was made for that
    /// tenant alone, in answer to its token.
    pub async fn signed_media(&self, id: &VideoId) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT tenant_id FROM videos WHERE id = ? AND state = 'done'")
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get("tenant_id")).transpose()?)
    }

    fn read_video(&self, tenant: &Tenant, row: &SqliteRow) -> Result<Video, StoreError> {
        let id: VideoId = text_column(row, "id")?;
        let title = self.vault.open(
            video_place(tenant.id(), Field::Title, &id),
            row.try_get("title")?,
        )?;
        let failure: Option<String> = row.try_get("failure_code")?;
        let failure = failure
            .map(|code| word::<ErrorCode>(&code).ok_or(StoreError::Corrupt("failure_code")))
            .transpose()?
            .map(Failure::new);
        let finished: Option<i64> = row.try_get("finished_at")?;
        Ok(Video {
            page_id: text_column(row, "page_id")?,
            page_version: row.try_get("page_version")?,
            source_fingerprint: row
                .try_get::<Option<String>, _>("source_fingerprint")?
                .map(Fingerprint::try_from)
                .transpose()
                .map_err(|_| StoreError::Corrupt("source_fingerprint"))?,
            title: String::from_utf8(title.to_vec()).map_err(|_| StoreError::Corrupt("title"))?,
            state: word(row.try_get("state")?).ok_or(StoreError::Corrupt("state"))?,
            stage: word(row.try_get("stage")?).ok_or(StoreError::Corrupt("stage"))?,
            percent: row.try_get("percent")?,
            failure,
            options: serde_json::from_str(row.try_get("options")?)
                .map_err(|_| StoreError::Corrupt("options"))?,
            created_at: timestamp(row.try_get("created_at")?)?,
            finished_at: finished.map(timestamp).transpose()?,
            duration_ms: row.try_get("duration_ms")?,
            id,
        })
    }

    // --- worker: jobs of all tenants ---

    /// How many jobs wait or run.
    pub async fn worker_jobs(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT count(*) AS jobs FROM jobs")
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get("jobs")?)
    }

    /// Fails the videos whose last attempt ended without a word: its worker is gone. Gives how many.
    pub async fn worker_reap(&self, max_attempts: u32, now: i64) -> Result<u64, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let failed = sqlx::query(
            "UPDATE videos SET state = 'failed', failure_code = ?1, finished_at = ?2
             WHERE id IN (SELECT video_id FROM jobs WHERE attempts >= ?3 AND not_before <= ?2)",
        )
        .bind(ErrorCode::EngineFailed.as_str())
        .bind(now)
        .bind(max_attempts)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM jobs WHERE attempts >= ? AND not_before <= ?")
            .bind(max_attempts)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(failed.rows_affected())
    }

    /// Takes the lease of the oldest job that is due: new, paused long enough, or left by a worker
    /// whose lease ran out. A job whose script does not open is failed, and the next one tried.
    pub async fn worker_claim(
        &self,
        worker: &str,
        max_attempts: u32,
        lease_seconds: i64,
        now: i64,
    ) -> Result<Option<ClaimedJob>, StoreError> {
        loop {
            let row = sqlx::query(
                "UPDATE jobs SET lease_owner = ?1, not_before = ?2, attempts = attempts + 1
                 WHERE video_id = (
                     SELECT video_id FROM jobs WHERE not_before <= ?3 AND attempts < ?4
                     ORDER BY video_id LIMIT 1)
                 RETURNING video_id, tenant_id, script, attempts",
            )
            .bind(worker)
            .bind(now + lease_seconds)
            .bind(now)
            .bind(max_attempts)
            .fetch_optional(&self.pool)
            .await?;
            let Some(row) = row else { return Ok(None) };
            let video_id: VideoId = text_column(&row, "video_id")?;
            match self.open_job(&row, &video_id).await {
                Ok(Some(job)) => return Ok(Some(job)),
                // Deleted between the two statements.
                Ok(None) => {}
                Err(StoreError::Database(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::error!(%error, "a job could not be read and is failed");
                    self.worker_fail(worker, &video_id, ErrorCode::Internal, now)
                        .await?;
                }
            }
        }
    }

    async fn open_job(
        &self,
        row: &SqliteRow,
        video_id: &VideoId,
    ) -> Result<Option<ClaimedJob>, StoreError> {
        let tenant_id: String = row.try_get("tenant_id")?;
        let video = sqlx::query(
            "UPDATE videos SET state = 'running' WHERE id = ? AND tenant_id = ? RETURNING options",
        )
        .bind(video_id.as_str())
        .bind(&tenant_id)
        .fetch_optional(&self.pool)
        .await?;
        let Some(video) = video else { return Ok(None) };
        let place = video_place(&tenant_id, Field::Script, video_id);
        let script = self.vault.open(place, row.try_get("script")?)?;
        let key = sqlx::query("SELECT api_key FROM api_keys WHERE tenant_id = ?")
            .bind(&tenant_id)
            .fetch_optional(&self.pool)
            .await?;
        let api_key = match key {
            Some(key) => {
                let sealed = key.try_get("api_key")?;
                Some(self.open_api_key(&tenant_id, sealed)?)
            }
            None => None,
        };
        Ok(Some(ClaimedJob {
            video_id: video_id.clone(),
            script: serde_json::from_slice(&script).map_err(|_| StoreError::Corrupt("script"))?,
            options: serde_json::from_str(video.try_get("options")?)
                .map_err(|_| StoreError::Corrupt("options"))?,
            api_key,
            attempt: row.try_get("attempts")?,
            tenant_id,
        }))
    }

    fn open_api_key(&self, tenant_id: &str, sealed: &[u8]) -> Result<ApiKey, StoreError> {
        let key = self.vault.open(api_key_place(tenant_id), sealed)?;
        let key = String::from_utf8(key.to_vec()).map_err(|_| StoreError::Corrupt("api_key"))?;
        ApiKey::try_from(key).map_err(|_| StoreError::Corrupt("api_key"))
    }

    /// Prolongs the lease and writes how far the video is; the percentage never falls. `false`
    /// when the job is no longer this worker's: deleted, or claimed by another after a pause.
    pub async fn worker_progress(
        &self,
        worker: &str,
        video_id: &VideoId,
        progress: engine::Progress,
        lease_until: i64,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let held =
            sqlx::query("UPDATE jobs SET not_before = ? WHERE video_id = ? AND lease_owner = ?")
                .bind(lease_until)
                .bind(video_id.as_str())
                .bind(worker)
                .execute(&mut *transaction)
                .await?
                .rows_affected()
                == 1;
        if held {
            sqlx::query("UPDATE videos SET stage = ?, percent = max(percent, ?) WHERE id = ?")
                .bind(text_of(&progress.stage)?)
                .bind(progress.percent.min(99))
                .bind(video_id.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(held)
    }

    /// Whether the video has not been deleted.
    pub async fn worker_video_exists(&self, video_id: &VideoId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM videos WHERE id = ?")
            .bind(video_id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// Marks the video done, meters it and erases the job with its script. `false` when the job
    /// is no longer this worker's; nothing is changed then.
    pub async fn worker_finish(
        &self,
        worker: &str,
        job: &ClaimedJob,
        finished: Finished<'_>,
        now: i64,
    ) -> Result<bool, StoreError> {
        let place = video_place(&job.tenant_id, Field::Chapters, &job.video_id);
        let chapters = self.vault.seal(place, &json(finished.chapters)?)?;
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        if !erase_job(&mut transaction, worker, &job.video_id).await? {
            return Ok(false);
        }
        sqlx::query(
            "UPDATE videos SET state = 'done', stage = 'storing', percent = 100, finished_at = ?,
                 duration_ms = ?, chapters = ? WHERE id = ?",
        )
        .bind(now)
        .bind(finished.duration_ms)
        .bind(chapters)
        .bind(job.video_id.as_str())
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO usage (tenant_id, month, videos, seconds) VALUES (?, ?, 1, ?)
             ON CONFLICT (tenant_id, month) DO UPDATE SET
                 videos = videos + 1, seconds = seconds + excluded.seconds",
        )
        .bind(&job.tenant_id)
        .bind(month(now)?)
        .bind(finished.duration_ms.div_ceil(1000))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Marks the video failed and erases the job with its script, if it is still this worker's.
    pub async fn worker_fail(
        &self,
        worker: &str,
        video_id: &VideoId,
        code: ErrorCode,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        if !erase_job(&mut transaction, worker, video_id).await? {
            return Ok(false);
        }
        sqlx::query(
            "UPDATE videos SET state = 'failed', failure_code = ?, finished_at = ? WHERE id = ?",
        )
        .bind(code.as_str())
        .bind(now)
        .bind(video_id.as_str())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Gives the job back to be claimed from `not_before` on. `counts` says whether the attempt
    /// counts: it does not when the worker was told to stop.
    pub async fn worker_release(
        &self,
        worker: &str,
        video_id: &VideoId,
        not_before: i64,
        counts: bool,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let released = sqlx::query(
            "UPDATE jobs SET lease_owner = NULL, not_before = ?, attempts = attempts - ?
             WHERE video_id = ? AND lease_owner = ?",
        )
        .bind(not_before)
        .bind(i64::from(!counts))
        .bind(video_id.as_str())
        .bind(worker)
        .execute(&mut *transaction)
        .await?;
        if released.rows_affected() == 1 {
            sqlx::query("UPDATE videos SET state = 'queued' WHERE id = ?")
                .bind(video_id.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}

async fn connect(url: &str) -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An accepted job survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        // Deleted rows are overwritten, not just unlinked (P22).
        .pragma("secure_delete", "ON")
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await?;
    Ok(pool)
}

async fn migrate(pool: &SqlitePool) -> Result<(), StoreError> {
    Ok(sqlx::migrate!("./migrations").run(pool).await?)
}

async fn erase_job(
    transaction: &mut sqlx::SqliteConnection,
    worker: &str,
    video_id: &VideoId,
) -> Result<bool, StoreError> {
    let erased = sqlx::query("DELETE FROM jobs WHERE video_id = ? AND lease_owner = ?")
        .bind(video_id.as_str())
        .bind(worker)
        .execute(transaction)
        .await?;
    Ok(erased.rows_affected() == 1)
}

fn api_key_place(tenant_id: &str) -> Place<'_> {
    Place {
        tenant_id,
        field: Field::ApiKey,
        record: "",
    }
}

fn video_place<'a>(tenant_id: &'a str, field: Field, video: &'a VideoId) -> Place<'a> {
    Place {
        tenant_id,
        field,
        record: video.as_str(),
    }
}

/// JSON for sealing or hashing; overwritten when dropped.
fn json<T: Serialize + ?Sized>(value: &T) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let bytes = serde_json::to_vec(value).map_err(|_| StoreError::Corrupt("json"))?;
    Ok(Zeroizing::new(bytes))
}

/// The enum value that serde writes as this word.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    use serde::de::IntoDeserializer as _;
    use serde::de::value::{Error, StrDeserializer};
    let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(deserializer).ok()
}

/// The word that serde writes for an enum value.
fn text_of<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        _ => Err(StoreError::Corrupt("word")),
    }
}

fn text_column<T: std::str::FromStr>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|_| StoreError::Corrupt(column))
}

/// The timestamp of an instant in Unix seconds.
pub fn timestamp(unix_seconds: i64) -> Result<Timestamp, StoreError> {
    OffsetDateTime::from_unix_timestamp(unix_seconds)
        .ok()
        .and_then(|instant| instant.format(&Rfc3339).ok())
        .and_then(|text| text.parse().ok())
        .ok_or(StoreError::Corrupt("instant"))
}

fn month(unix_seconds: i64) -> Result<String, StoreError> {
    let instant = OffsetDateTime::from_unix_timestamp(unix_seconds)
        .map_err(|_| StoreError::Corrupt("instant"))?;
    Ok(format!(
        "{:04}-{:02}",
        instant.year(),
        u8::from(instant.month())
    ))
}
