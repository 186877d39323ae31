//! What both databases run: the statements, and what is read of their answers. Each transaction is
//! begun for a tenant, and each statement names it too, so that SQLite has the first wall of
//! PostgreSQL's two (P5). Compiled twice, with `Database` and `Handle` of the module around it.

use async_trait::async_trait;
use protocol::{PageId, VideoId};
use sqlx::{FromRow as _, Row as _};

use super::{
    ALLOWANCE, CLAIM, Database, Handle, JOBS, OPEN_DELETIONS, OWNER_OF_VIDEO, PAST_RETENTION,
    PURGE_ANSWERS, PURGE_DEAD, QUEUE, REAP, TENANTS,
};
use crate::store::{
    AnswerRow, ApiKeyRow, Cancelled, Claim, DeletionRow, ErasedRows, FinishedRow, Inserted, JobRow,
    JobSummary, Lease, NewVideoRow, Owner, Postponed, QueueCounts, Registered, Store, StoreError,
    TenantRow, TenantState, TenantSummary, UsageRow, VideoRow, Which,
};
use crate::vault::WrappedKey;

type Row = <Database as sqlx::Database>::Row;
type Connection = <Database as sqlx::Database>::Connection;

#[async_trait]
impl Store for Handle {
    async fn probe(&self) -> Result<(), StoreError> {
        // A table, so that a database that was never migrated does not pass.
        sqlx::query("SELECT count(*) FROM service_keys WHERE purpose = ''")
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn close(&self) {
        self.pool.close().await;
    }

    // --- tenants ---

    async fn tenant(&self, owner: &dyn Owner) -> Result<Option<TenantRow>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        tenant(&mut transaction, owner.tenant_id()).await
    }

    async fn register(
        &self,
        owner: &dyn Owner,
        folder: &str,
        key: &WrappedKey,
        now: i64,
    ) -> Result<TenantRow, StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        // Its turn comes at once: nobody has waited longer than one that was never served.
        sqlx::query(
            "INSERT INTO tenants (tenant_id, folder, master, data_key, state, created_at)
             VALUES ($1, $2, $3, $4, 'active', $5) ON CONFLICT (tenant_id) DO NOTHING",
        )
        .bind(owner.tenant_id())
        .bind(folder)
        .bind(&key.master)
        .bind(&key.bytes)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        let row = tenant(&mut transaction, owner.tenant_id()).await?;
        transaction.commit().await?;
        row.ok_or(StoreError::Corrupt("tenant_id"))
    }

    async fn set_state(&self, owner: &dyn Owner, state: TenantState) -> Result<bool, StoreError> {
        self.change(
            owner,
            sqlx::query(
                "UPDATE tenants SET state = $2 WHERE tenant_id = $1 AND state <> 'deleting'",
            )
            .bind(owner.tenant_id())
            .bind(state.as_str()),
        )
        .await
    }

    async fn set_limits(
        &self,
        owner: &dyn Owner,
        monthly_videos: Option<i64>,
        retention_days: Option<i64>,
    ) -> Result<(), StoreError> {
        self.change(
            owner,
            sqlx::query(
                "UPDATE tenants SET monthly_videos = $2, retention_days = $3 WHERE tenant_id = $1",
            )
            .bind(owner.tenant_id())
            .bind(monthly_videos)
            .bind(retention_days),
        )
        .await?;
        Ok(())
    }

    async fn rewrap(
        &self,
        owner: &dyn Owner,
        from: &str,
        key: &WrappedKey,
    ) -> Result<bool, StoreError> {
        self.change(
            owner,
            sqlx::query(
                "UPDATE tenants SET master = $3, data_key = $4 WHERE tenant_id = $1 AND master = $2",
            )
            .bind(owner.tenant_id())
            .bind(from)
            .bind(&key.master)
            .bind(&key.bytes),
        )
        .await
    }

    async fn erase_videos(
        &self,
        owner: &dyn Owner,
        folder: &str,
    ) -> Result<ErasedRows, StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        if !begin_erasing(&mut transaction, owner, folder).await? {
            return Ok(ErasedRows::default());
        }
        let erased = delete_videos(&mut transaction, owner, Which::All).await?;
        transaction.commit().await?;
        Ok(erased)
    }

    async fn erase_tenant(
        &self,
        owner: &dyn Owner,
        folder: &str,
    ) -> Result<ErasedRows, StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        if !begin_erasing(&mut transaction, owner, folder).await? {
            return Ok(ErasedRows::default());
        }
        let mut erased = delete_videos(&mut transaction, owner, Which::All).await?;
        for (statement, count) in [
            (
                "DELETE FROM idempotency_keys WHERE tenant_id = $1",
                &mut erased.answers,
            ),
            (
                "DELETE FROM api_keys WHERE tenant_id = $1",
                &mut erased.api_keys,
            ),
            (
                "DELETE FROM charges WHERE tenant_id = $1",
                &mut erased.charges,
            ),
            // Last: what escaped all the others cannot be opened without it.
            (
                "DELETE FROM tenants WHERE tenant_id = $1",
                &mut erased.data_keys,
            ),
        ] {
            *count += sqlx::query(statement)
                .bind(owner.tenant_id())
                .execute(&mut *transaction)
                .await?
                .rows_affected();
        }
        transaction.commit().await?;
        self.settle().await?;
        Ok(erased)
    }

    async fn tenants(&self, after: &str, at_most: i64) -> Result<Vec<TenantSummary>, StoreError> {
        let mut transaction = self.over_all().await?;
        let rows = sqlx::query(TENANTS)
            .bind(after)
            .bind(at_most)
            .fetch_all(&mut *transaction)
            .await?;
        rows.iter().map(tenant_summary).collect()
    }

    async fn registered(&self, tenant_id: &str) -> Result<Option<Registered>, StoreError> {
        let named = Registered(tenant_id.to_owned());
        Ok(self.tenant(&named).await?.map(|_| named))
    }

    // --- API key ---

    async fn api_key(&self, owner: &dyn Owner) -> Result<Option<ApiKeyRow>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        let row = sqlx::query_as(
            "SELECT api_key, fingerprint, saved_at FROM api_keys WHERE tenant_id = $1",
        )
        .bind(owner.tenant_id())
        .fetch_optional(&mut *transaction)
        .await?;
        Ok(row)
    }

    async fn put_api_key(&self, owner: &dyn Owner, row: &ApiKeyRow) -> Result<(), StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        sqlx::query(
            "INSERT INTO api_keys (tenant_id, api_key, fingerprint, saved_at)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant_id) DO UPDATE SET
                 api_key = excluded.api_key,
                 fingerprint = excluded.fingerprint,
                 saved_at = excluded.saved_at,
                 problem = NULL,
                 problem_at = NULL",
        )
        .bind(owner.tenant_id())
        .bind(&row.api_key)
        .bind(&row.fingerprint)
        .bind(row.saved_at)
        .execute(&mut *transaction)
        .await?;
        wake_jobs(&mut transaction, owner, row.saved_at).await?;
        Ok(transaction.commit().await?)
    }

    async fn delete_api_key(&self, owner: &dyn Owner) -> Result<bool, StoreError> {
        self.change(
            owner,
            sqlx::query("DELETE FROM api_keys WHERE tenant_id = $1").bind(owner.tenant_id()),
        )
        .await
    }

    async fn key_problem(&self, owner: &dyn Owner) -> Result<Option<(String, i64)>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        let row = sqlx::query(
            "SELECT problem, problem_at FROM api_keys
             WHERE tenant_id = $1 AND problem IS NOT NULL AND problem_at IS NOT NULL",
        )
        .bind(owner.tenant_id())
        .fetch_optional(&mut *transaction)
        .await?;
        row.map(|row| Ok((row.try_get("problem")?, row.try_get("problem_at")?)))
            .transpose()
    }

    async fn set_key_problem(
        &self,
        owner: &dyn Owner,
        code: Option<&str>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        sqlx::query(
            "UPDATE api_keys SET problem = $2,
                 problem_at = CASE WHEN $2 IS NULL THEN NULL ELSE $3 END
             WHERE tenant_id = $1",
        )
        .bind(owner.tenant_id())
        .bind(code)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        if code.is_none() {
            wake_jobs(&mut transaction, owner, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    // --- answers ---

    async fn answer(&self, owner: &dyn Owner, key: &str) -> Result<Option<AnswerRow>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        answer(&mut transaction, owner, key).await
    }

    async fn keep_answer(
        &self,
        owner: &dyn Owner,
        key: &str,
        row: &AnswerRow,
        now: i64,
    ) -> Result<Option<AnswerRow>, StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        let earlier = keep_answer(&mut transaction, owner, key, row, None, now).await?;
        transaction.commit().await?;
        Ok(earlier)
    }

    async fn purge_answers(&self, before: i64) -> Result<u64, StoreError> {
        self.change_all(sqlx::query(PURGE_ANSWERS).bind(before))
            .await
    }

    // --- videos ---

    async fn insert_video(
        &self,
        owner: &dyn Owner,
        new: &NewVideoRow<'_>,
        key: &str,
        answer: &AnswerRow,
        now: i64,
    ) -> Result<Inserted, StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        // The key first: of two requests with one key, the second waits here for the first.
        let earlier = keep_answer(&mut transaction, owner, key, answer, Some(new.id), now).await?;
        if let Some(earlier) = earlier {
            return Ok(Inserted::Answered(earlier));
        }
        match place(&mut transaction, owner, new.month).await? {
            Place::Free => {}
            Place::Taken => return Ok(Inserted::AllowanceUsed),
            Place::None => return Ok(Inserted::NotActive),
        }
        sqlx::query(
            "INSERT INTO videos (id, tenant_id, page_id, space_id, page_version,
                 source_fingerprint, title, options, state, stage, percent, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 'waiting', 0, $9)",
        )
        .bind(new.id.as_str())
        .bind(owner.tenant_id())
        .bind(new.page_id.as_str())
        .bind(new.space_id)
        .bind(i64::from(new.page_version))
        .bind(&new.source_fingerprint)
        .bind(&new.title)
        .bind(&new.options)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO jobs (video_id, tenant_id, script, state, not_before)
             VALUES ($1, $2, $3, 'due', 0)",
        )
        .bind(new.id.as_str())
        .bind(owner.tenant_id())
        .bind(&new.script)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Inserted::New)
    }

    async fn video(&self, owner: &dyn Owner, id: &VideoId) -> Result<Option<VideoRow>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        let row = sqlx::query_as("SELECT * FROM videos WHERE tenant_id = $1 AND id = $2")
            .bind(owner.tenant_id())
            .bind(id.as_str())
            .fetch_optional(&mut *transaction)
            .await?;
        Ok(row)
    }

    async fn videos(
        &self,
        owner: &dyn Owner,
        page_id: Option<&PageId>,
        cursor: Option<&VideoId>,
        limit: i64,
    ) -> Result<Vec<VideoRow>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        // No id is greater than this one. Two statements, so that each has an index of its own.
        let cursor = cursor.map_or("g", VideoId::as_str);
        let query = match page_id {
            Some(page_id) => sqlx::query_as(
                "SELECT * FROM videos WHERE tenant_id = $1 AND id < $2 AND page_id = $4
                 ORDER BY id DESC LIMIT $3",
            )
            .bind(owner.tenant_id())
            .bind(cursor)
            .bind(limit)
            .bind(page_id.as_str()),
            None => sqlx::query_as(
                "SELECT * FROM videos WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            )
            .bind(owner.tenant_id())
            .bind(cursor)
            .bind(limit),
        };
        Ok(query.fetch_all(&mut *transaction).await?)
    }

    async fn chapters(
        &self,
        owner: &dyn Owner,
        id: &VideoId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        let row = sqlx::query(
            "SELECT chapters FROM videos WHERE tenant_id = $1 AND id = $2 AND state = 'done'",
        )
        .bind(owner.tenant_id())
        .bind(id.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
        Ok(row.map(|row| row.try_get("chapters")).transpose()?)
    }

    async fn video_ids(
        &self,
        owner: &dyn Owner,
        which: Which<'_>,
    ) -> Result<Vec<VideoId>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        let (statement, target) = match which {
            Which::One(id) => (
                "SELECT id FROM videos WHERE tenant_id = $1 AND id = $2",
                id.as_str(),
            ),
            Which::OfPage(page) => (
                "SELECT id FROM videos WHERE tenant_id = $1 AND page_id = $2",
                page.as_str(),
            ),
            Which::All => ("SELECT id FROM videos WHERE tenant_id = $1 AND $2 = ''", ""),
        };
        let rows = sqlx::query(statement)
            .bind(owner.tenant_id())
            .bind(target)
            .fetch_all(&mut *transaction)
            .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }

    async fn delete_videos(
        &self,
        owner: &dyn Owner,
        which: Which<'_>,
    ) -> Result<ErasedRows, StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        let erased = delete_videos(&mut transaction, owner, which).await?;
        transaction.commit().await?;
        Ok(erased)
    }

    async fn owner_of_video(&self, id: &VideoId) -> Result<Option<Registered>, StoreError> {
        let row = sqlx::query(OWNER_OF_VIDEO)
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok(Registered(row.try_get("tenant_id")?)))
            .transpose()
    }

    async fn past_retention(
        &self,
        now: i64,
        default_days: i64,
        at_most: i64,
    ) -> Result<Vec<(Registered, VideoId)>, StoreError> {
        let mut transaction = self.over_all().await?;
        let rows = sqlx::query(PAST_RETENTION)
            .bind(now)
            .bind(default_days)
            .bind(at_most)
            .fetch_all(&mut *transaction)
            .await?;
        rows.iter()
            .map(|row| Ok((Registered(row.try_get("tenant_id")?), parsed(row, "id")?)))
            .collect()
    }

    async fn cancel(
        &self,
        owner: &dyn Owner,
        id: &VideoId,
        code: &str,
        now: i64,
    ) -> Result<Cancelled, StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        // The job first, as its worker does: two that lock in turn would wait for each other. Where it
        // waits for an operator the video has failed already, and its script goes all the same.
        let jobs = sqlx::query("DELETE FROM jobs WHERE tenant_id = $1 AND video_id = $2")
            .bind(owner.tenant_id())
            .bind(id.as_str())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        let videos = sqlx::query(
            "UPDATE videos SET state = 'failed', failure_code = $3, finished_at = $4
             WHERE tenant_id = $1 AND id = $2 AND state IN ('queued', 'running')",
        )
        .bind(owner.tenant_id())
        .bind(id.as_str())
        .bind(code)
        .bind(now)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if jobs + videos > 0 {
            transaction.commit().await?;
            return Ok(Cancelled::Yes);
        }
        let row = sqlx::query("SELECT 1 FROM videos WHERE tenant_id = $1 AND id = $2")
            .bind(owner.tenant_id())
            .bind(id.as_str())
            .fetch_optional(&mut *transaction)
            .await?;
        Ok(match row {
            Some(_) => Cancelled::Ended,
            None => Cancelled::NotFound,
        })
    }

    // --- usage ---

    async fn usage(
        &self,
        owner: &dyn Owner,
        first: &str,
        last: &str,
    ) -> Result<Vec<UsageRow>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        let rows = sqlx::query_as(
            "SELECT month, space_id, engine, count(*) AS videos,
                 CAST(sum(seconds) AS BIGINT) AS seconds
             FROM charges WHERE tenant_id = $1 AND month >= $2 AND month <= $3
             GROUP BY month, space_id, engine ORDER BY month, space_id, engine",
        )
        .bind(owner.tenant_id())
        .bind(first)
        .bind(last)
        .fetch_all(&mut *transaction)
        .await?;
        Ok(rows)
    }

    // --- jobs ---

    async fn claim(&self, claim: Claim<'_>) -> Result<Option<Lease>, StoreError> {
        let mut transaction = self.over_all().await?;
        let row = sqlx::query(CLAIM)
            .bind(claim.worker)
            .bind(claim.lease_until)
            .bind(claim.now)
            .bind(claim.max_attempts)
            .bind(claim.per_tenant)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        row.map(|row| {
            Ok(Lease {
                video_id: parsed(&row, "video_id")?,
                tenant_id: row.try_get("tenant_id")?,
                worker: claim.worker.to_owned(),
                attempt: row.try_get("attempts")?,
            })
        })
        .transpose()
    }

    async fn start(&self, lease: &Lease) -> Result<Option<JobRow>, StoreError> {
        let mut transaction = self.write(&lease.tenant_id).await?;
        let row = sqlx::query_as(
            "SELECT jobs.script, jobs.note, videos.options,
                 api_keys.api_key, api_keys.problem, api_keys.problem_at
             FROM jobs JOIN videos ON videos.id = jobs.video_id
             LEFT JOIN api_keys ON api_keys.tenant_id = jobs.tenant_id
             WHERE jobs.tenant_id = $1 AND jobs.video_id = $2 AND jobs.lease_owner = $3",
        )
        .bind(&lease.tenant_id)
        .bind(lease.video_id.as_str())
        .bind(&lease.worker)
        .fetch_optional(&mut *transaction)
        .await?;
        if row.is_some() {
            sqlx::query("UPDATE videos SET state = 'running' WHERE tenant_id = $1 AND id = $2")
                .bind(&lease.tenant_id)
                .bind(lease.video_id.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(row)
    }

    async fn beat(
        &self,
        lease: &Lease,
        stage: &str,
        percent: i64,
        lease_until: i64,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.write(&lease.tenant_id).await?;
        let held = sqlx::query(
            "UPDATE jobs SET not_before = $4
             WHERE tenant_id = $1 AND video_id = $2 AND lease_owner = $3",
        )
        .bind(&lease.tenant_id)
        .bind(lease.video_id.as_str())
        .bind(&lease.worker)
        .bind(lease_until)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            == 1;
        if held {
            sqlx::query(
                "UPDATE videos SET stage = $3,
                     percent = CASE WHEN percent < $4 THEN $4 ELSE percent END
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(&lease.tenant_id)
            .bind(lease.video_id.as_str())
            .bind(stage)
            .bind(percent)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(held)
    }

    async fn finish(&self, lease: &Lease, row: &FinishedRow<'_>) -> Result<bool, StoreError> {
        let mut transaction = self.write(&lease.tenant_id).await?;
        if !erase_job(&mut transaction, lease).await? {
            return Ok(false);
        }
        sqlx::query(
            "UPDATE videos SET state = 'done', stage = 'storing', percent = 100, failure_code = NULL,
                 finished_at = $3, duration_ms = $4, chapters = $5, engine = $6
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(&lease.tenant_id)
        .bind(lease.video_id.as_str())
        .bind(row.now)
        .bind(row.duration_ms)
        .bind(&row.chapters)
        .bind(row.engine)
        .execute(&mut *transaction)
        .await?;
        // Once a video, however often its job was tried or asked for again.
        sqlx::query(
            "INSERT INTO charges (video_id, tenant_id, month, space_id, engine, seconds, charged_at)
             SELECT id, tenant_id, $3, space_id, $4, $5, $6 FROM videos
             WHERE tenant_id = $1 AND id = $2
             ON CONFLICT (video_id) DO NOTHING",
        )
        .bind(&lease.tenant_id)
        .bind(lease.video_id.as_str())
        .bind(row.month)
        .bind(row.engine)
        .bind(row.seconds)
        .bind(row.now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn fail(&self, lease: &Lease, code: &str, now: i64) -> Result<bool, StoreError> {
        let mut transaction = self.write(&lease.tenant_id).await?;
        if !erase_job(&mut transaction, lease).await? {
            return Ok(false);
        }
        fail_video(&mut transaction, lease, code, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn park(&self, lease: &Lease, code: &str, now: i64) -> Result<bool, StoreError> {
        let mut transaction = self.write(&lease.tenant_id).await?;
        let held = sqlx::query(
            "UPDATE jobs SET state = 'dead', died_at = $4, lease_owner = NULL
             WHERE tenant_id = $1 AND video_id = $2 AND lease_owner = $3",
        )
        .bind(&lease.tenant_id)
        .bind(lease.video_id.as_str())
        .bind(&lease.worker)
        .bind(now)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            == 1;
        if held {
            fail_video(&mut transaction, lease, code, now).await?;
        }
        transaction.commit().await?;
        Ok(held)
    }

    async fn release(
        &self,
        lease: &Lease,
        not_before: i64,
        counts: bool,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write(&lease.tenant_id).await?;
        let released = sqlx::query(
            "UPDATE jobs SET lease_owner = NULL, not_before = $4, attempts = attempts - $5
             WHERE tenant_id = $1 AND video_id = $2 AND lease_owner = $3",
        )
        .bind(&lease.tenant_id)
        .bind(lease.video_id.as_str())
        .bind(&lease.worker)
        .bind(not_before)
        .bind(i64::from(!counts))
        .execute(&mut *transaction)
        .await?;
        if released.rows_affected() == 1 {
            sqlx::query("UPDATE videos SET state = 'queued' WHERE tenant_id = $1 AND id = $2")
                .bind(&lease.tenant_id)
                .bind(lease.video_id.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn note(&self, lease: &Lease, note: &[u8]) -> Result<bool, StoreError> {
        self.change(
            lease,
            sqlx::query(
                "UPDATE jobs SET note = $4
                 WHERE tenant_id = $1 AND video_id = $2 AND lease_owner = $3",
            )
            .bind(&lease.tenant_id)
            .bind(lease.video_id.as_str())
            .bind(&lease.worker)
            .bind(note),
        )
        .await
    }

    async fn postpone(&self, lease: &Lease, until: Postponed<'_>) -> Result<bool, StoreError> {
        let mut transaction = self.write(&lease.tenant_id).await?;
        let held = sqlx::query(
            "UPDATE jobs SET lease_owner = NULL, not_before = $4, attempts = attempts - 1
             WHERE tenant_id = $1 AND video_id = $2 AND lease_owner = $3",
        )
        .bind(&lease.tenant_id)
        .bind(lease.video_id.as_str())
        .bind(&lease.worker)
        .bind(until.not_before)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            == 1;
        if held {
            sqlx::query(
                "UPDATE videos SET state = $3, stage = COALESCE($4, stage), failure_code = $5,
                     percent = CASE WHEN percent < $6 THEN $6 ELSE percent END
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(&lease.tenant_id)
            .bind(lease.video_id.as_str())
            .bind(if until.underway { "running" } else { "queued" })
            .bind(until.stage)
            .bind(until.why)
            .bind(until.percent)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(held)
    }

    async fn reap(&self, max_attempts: i64, code: &str, now: i64) -> Result<u64, StoreError> {
        let mut transaction = self.over_all().await?;
        let mut parked = 0;
        for statement in REAP {
            parked = sqlx::query(*statement)
                .bind(max_attempts)
                .bind(now)
                .bind(code)
                .execute(&mut *transaction)
                .await?
                .rows_affected();
        }
        transaction.commit().await?;
        Ok(parked)
    }

    async fn requeue(&self, owner: &dyn Owner, id: &VideoId, now: i64) -> Result<bool, StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        let found = sqlx::query(
            "UPDATE jobs SET state = 'due', attempts = 0, died_at = NULL, not_before = $3
             WHERE tenant_id = $1 AND video_id = $2 AND state = 'dead'",
        )
        .bind(owner.tenant_id())
        .bind(id.as_str())
        .bind(now)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            == 1;
        if found {
            sqlx::query(
                "UPDATE videos SET state = 'queued', stage = 'waiting', failure_code = NULL,
                     finished_at = NULL
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(owner.tenant_id())
            .bind(id.as_str())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(found)
    }

    async fn queue(&self, now: i64) -> Result<QueueCounts, StoreError> {
        let counts = sqlx::query_as(QUEUE)
            .bind(now)
            .fetch_one(&self.pool)
            .await?;
        Ok(counts)
    }

    async fn jobs(
        &self,
        dead_only: bool,
        after: &str,
        at_most: i64,
    ) -> Result<Vec<JobSummary>, StoreError> {
        let mut transaction = self.over_all().await?;
        let rows = sqlx::query(JOBS)
            .bind(if dead_only { "dead" } else { "" })
            .bind(after)
            .bind(at_most)
            .fetch_all(&mut *transaction)
            .await?;
        rows.iter().map(job_summary).collect()
    }

    async fn purge_dead(&self, before: i64) -> Result<u64, StoreError> {
        self.change_all(sqlx::query(PURGE_DEAD).bind(before)).await
    }

    // --- deletions ---

    async fn note_deletion(&self, owner: &dyn Owner, row: &DeletionRow) -> Result<(), StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        sqlx::query(
            "INSERT INTO deletions (id, tenant_id, kind, target, folder, reason, requested_at)
                 VALUES ($2, $1, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
        )
        .bind(owner.tenant_id())
        .bind(&row.id)
        .bind(&row.kind)
        .bind(&row.target)
        .bind(&row.folder)
        .bind(&row.reason)
        .bind(row.requested_at)
        .execute(&mut *transaction)
        .await?;
        if row.kind == "tenant" {
            begin_erasing(&mut transaction, owner, &row.folder).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn open_deletion(
        &self,
        owner: &dyn Owner,
        kind: &str,
        target: &str,
    ) -> Result<Option<String>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        let row = sqlx::query(
            "SELECT id FROM deletions
             WHERE tenant_id = $1 AND kind = $2 AND target = $3 AND completed_at IS NULL
             ORDER BY id LIMIT 1",
        )
        .bind(owner.tenant_id())
        .bind(kind)
        .bind(target)
        .fetch_optional(&mut *transaction)
        .await?;
        Ok(row.map(|row| row.try_get("id")).transpose()?)
    }

    async fn complete_deletion(
        &self,
        owner: &dyn Owner,
        id: &str,
        receipt: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        self.change(
            owner,
            sqlx::query(
                "UPDATE deletions SET completed_at = $3, receipt = $4
                 WHERE tenant_id = $1 AND id = $2 AND completed_at IS NULL",
            )
            .bind(owner.tenant_id())
            .bind(id)
            .bind(now)
            .bind(receipt),
        )
        .await?;
        Ok(())
    }

    async fn deletion(
        &self,
        owner: &dyn Owner,
        id: &str,
    ) -> Result<Option<DeletionRow>, StoreError> {
        let mut transaction = self.read(owner.tenant_id()).await?;
        let row = sqlx::query_as("SELECT * FROM deletions WHERE tenant_id = $1 AND id = $2")
            .bind(owner.tenant_id())
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await?;
        Ok(row)
    }

    async fn open_deletions(&self) -> Result<Vec<(Registered, String)>, StoreError> {
        let mut transaction = self.over_all().await?;
        let rows = sqlx::query(OPEN_DELETIONS)
            .fetch_all(&mut *transaction)
            .await?;
        rows.iter()
            .map(|row| Ok((Registered(row.try_get("tenant_id")?), row.try_get("id")?)))
            .collect()
    }

    // --- keys of the service ---

    async fn service_key(&self, purpose: &str) -> Result<Option<WrappedKey>, StoreError> {
        let row = sqlx::query("SELECT master, data_key FROM service_keys WHERE purpose = $1")
            .bind(purpose)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| wrapped_key(&row)).transpose()
    }

    async fn put_service_key(
        &self,
        purpose: &str,
        from: Option<&str>,
        key: &WrappedKey,
    ) -> Result<bool, StoreError> {
        let query = match from {
            None => sqlx::query(
                "INSERT INTO service_keys (purpose, master, data_key) VALUES ($1, $2, $3)
                 ON CONFLICT (purpose) DO NOTHING",
            )
            .bind(purpose)
            .bind(&key.master)
            .bind(&key.bytes),
            Some(from) => sqlx::query(
                "UPDATE service_keys SET master = $2, data_key = $3
                 WHERE purpose = $1 AND master = $4",
            )
            .bind(purpose)
            .bind(&key.master)
            .bind(&key.bytes)
            .bind(from),
        };
        Ok(self.change_all(query).await? == 1)
    }
}

type Query<'q> = sqlx::query::Query<'q, Database, <Database as sqlx::Database>::Arguments>;

impl Handle {
    /// One statement about a tenant; whether it changed a row.
    async fn change(&self, owner: &dyn Owner, query: Query<'_>) -> Result<bool, StoreError> {
        let mut transaction = self.write(owner.tenant_id()).await?;
        let result = query.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(result.rows_affected() > 0)
    }

    /// One statement over all tenants; how many rows it changed.
    async fn change_all(&self, query: Query<'_>) -> Result<u64, StoreError> {
        let mut transaction = self.over_all().await?;
        let result = query.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(result.rows_affected())
    }
}

async fn tenant(
    connection: &mut Connection,
    tenant_id: &str,
) -> Result<Option<TenantRow>, StoreError> {
    let row = sqlx::query("SELECT * FROM tenants WHERE tenant_id = $1")
        .bind(tenant_id)
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(TenantRow {
            folder: row.try_get("folder")?,
            key: wrapped_key(&row)?,
            state: TenantState::of(row.try_get("state")?)?,
            monthly_videos: row.try_get("monthly_videos")?,
            retention_days: row.try_get("retention_days")?,
            created_at: row.try_get("created_at")?,
        })
    })
    .transpose()
}

async fn answer(
    connection: &mut Connection,
    owner: &dyn Owner,
    key: &str,
) -> Result<Option<AnswerRow>, StoreError> {
    let row = sqlx::query(
        "SELECT request_hash, status, answer FROM idempotency_keys
         WHERE tenant_id = $1 AND key = $2",
    )
    .bind(owner.tenant_id())
    .bind(key)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| AnswerRow::from_row(&row)).transpose()?)
}

async fn keep_answer(
    connection: &mut Connection,
    owner: &dyn Owner,
    key: &str,
    row: &AnswerRow,
    video: Option<&VideoId>,
    now: i64,
) -> Result<Option<AnswerRow>, StoreError> {
    let kept = sqlx::query(
        "INSERT INTO idempotency_keys
             (tenant_id, key, request_hash, status, answer, video_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, key) DO NOTHING",
    )
    .bind(owner.tenant_id())
    .bind(key)
    .bind(&row.request_hash)
    .bind(row.status)
    .bind(&row.answer)
    .bind(video.map(VideoId::as_str))
    .bind(now)
    .execute(&mut *connection)
    .await?
    .rows_affected()
        == 1;
    if kept {
        return Ok(None);
    }
    answer(connection, owner, key).await
}

/// Whether one more video may be asked for.
enum Place {
    Free,
    /// The allowance of the month is used up.
    Taken,
    /// The tenant may ask for none.
    None,
}

/// Counts finished videos of this month and those on their way against the admin's allowance.
async fn place(
    connection: &mut Connection,
    owner: &dyn Owner,
    month: &str,
) -> Result<Place, StoreError> {
    let row =
        sqlx::query("SELECT monthly_videos FROM tenants WHERE tenant_id = $1 AND state = 'active'")
            .bind(owner.tenant_id())
            .fetch_optional(&mut *connection)
            .await?;
    let Some(row) = row else {
        return Ok(Place::None);
    };
    // Most tenants have no allowance, and their requests need not wait for each other.
    if row.try_get::<Option<i64>, _>("monthly_videos")?.is_none() {
        return Ok(Place::Free);
    }
    let row = sqlx::query(ALLOWANCE)
        .bind(owner.tenant_id())
        .fetch_one(&mut *connection)
        .await?;
    let Some(allowed) = row.try_get::<Option<i64>, _>("monthly_videos")? else {
        return Ok(Place::Free);
    };
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM charges WHERE tenant_id = $1 AND month = $2)
              + (SELECT count(*) FROM jobs WHERE tenant_id = $1 AND state = 'due') AS used",
    )
    .bind(owner.tenant_id())
    .bind(month)
    .fetch_one(connection)
    .await?;
    if row.try_get::<i64, _>("used")? < allowed {
        Ok(Place::Free)
    } else {
        Ok(Place::Taken)
    }
}

/// Locks the tenant's row, if it is still the one of this folder, and ends what the tenant may do.
async fn begin_erasing(
    connection: &mut Connection,
    owner: &dyn Owner,
    folder: &str,
) -> Result<bool, StoreError> {
    let changed =
        sqlx::query("UPDATE tenants SET state = 'deleting' WHERE tenant_id = $1 AND folder = $2")
            .bind(owner.tenant_id())
            .bind(folder)
            .execute(connection)
            .await?;
    Ok(changed.rows_affected() == 1)
}

async fn delete_videos(
    connection: &mut Connection,
    owner: &dyn Owner,
    which: Which<'_>,
) -> Result<ErasedRows, StoreError> {
    // Answers and jobs first: they are found by the videos.
    let (answers, jobs, videos, target) = match which {
        Which::One(id) => (
            "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND video_id = $2",
            "DELETE FROM jobs WHERE tenant_id = $1 AND video_id = $2",
            "DELETE FROM videos WHERE tenant_id = $1 AND id = $2",
            id.as_str(),
        ),
        Which::OfPage(page) => (
            "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND video_id IN
                 (SELECT id FROM videos WHERE tenant_id = $1 AND page_id = $2)",
            "DELETE FROM jobs WHERE tenant_id = $1 AND video_id IN
                 (SELECT id FROM videos WHERE tenant_id = $1 AND page_id = $2)",
            "DELETE FROM videos WHERE tenant_id = $1 AND page_id = $2",
            page.as_str(),
        ),
        Which::All => (
            "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND video_id IS NOT NULL AND $2 = ''",
            "DELETE FROM jobs WHERE tenant_id = $1 AND $2 = ''",
            "DELETE FROM videos WHERE tenant_id = $1 AND $2 = ''",
            "",
        ),
    };
    let mut erased = ErasedRows::default();
    for (statement, count) in [
        (answers, &mut erased.answers),
        (jobs, &mut erased.jobs),
        (videos, &mut erased.videos),
    ] {
        *count = sqlx::query(statement)
            .bind(owner.tenant_id())
            .bind(target)
            .execute(&mut *connection)
            .await?
            .rows_affected();
    }
    Ok(erased)
}

/// Makes jobs due that only wait; those that a worker holds are its own.
async fn wake_jobs(
    connection: &mut Connection,
    owner: &dyn Owner,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE jobs SET not_before = $2
         WHERE tenant_id = $1 AND state = 'due' AND lease_owner IS NULL AND not_before > $2",
    )
    .bind(owner.tenant_id())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

async fn erase_job(connection: &mut Connection, lease: &Lease) -> Result<bool, StoreError> {
    let erased =
        sqlx::query("DELETE FROM jobs WHERE tenant_id = $1 AND video_id = $2 AND lease_owner = $3")
            .bind(&lease.tenant_id)
            .bind(lease.video_id.as_str())
            .bind(&lease.worker)
            .execute(connection)
            .await?;
    Ok(erased.rows_affected() == 1)
}

async fn fail_video(
    connection: &mut Connection,
    lease: &Lease,
    code: &str,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE videos SET state = 'failed', failure_code = $3, finished_at = $4
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(&lease.tenant_id)
    .bind(lease.video_id.as_str())
    .bind(code)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

fn wrapped_key(row: &Row) -> Result<WrappedKey, StoreError> {
    Ok(WrappedKey {
        master: row.try_get("master")?,
        bytes: row.try_get("data_key")?,
    })
}

fn tenant_summary(row: &Row) -> Result<TenantSummary, StoreError> {
    Ok(TenantSummary {
        tenant: Registered(row.try_get("tenant_id")?),
        state: TenantState::of(row.try_get("state")?)?,
        master: row.try_get("master")?,
        created_at: row.try_get("created_at")?,
    })
}

fn job_summary(row: &Row) -> Result<JobSummary, StoreError> {
    Ok(JobSummary {
        video_id: parsed(row, "video_id")?,
        tenant: Registered(row.try_get("tenant_id")?),
        dead: row.try_get::<String, _>("state")? == "dead",
        leased: row.try_get::<i64, _>("leased")? == 1,
        attempts: row.try_get("attempts")?,
        not_before: row.try_get("not_before")?,
        died_at: row.try_get("died_at")?,
    })
}

fn parsed<T: std::str::FromStr>(row: &Row, column: &'static str) -> Result<T, StoreError> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| StoreError::Corrupt(column))
}
