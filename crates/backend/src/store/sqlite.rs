//! SQLite: the embedded default. One writer at a time; what is written survives a power cut.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use super::StoreError;

// One text of statements, compiled for each database with its own types: sqlx's runtime-generic
// driver would give up typed columns, and generic code over both would be bounds rather than SQL.
#[path = "queries.rs"]
#[allow(clippy::duplicate_mod)]
mod queries;

#[path = "../audit/queries.rs"]
#[allow(clippy::duplicate_mod)]
mod audit_queries;

#[path = "../incidents/queries.rs"]
#[allow(clippy::duplicate_mod)]
mod incident_queries;

type Database = Sqlite;
type Handle = SqliteStore;

/// A store in a SQLite file.
pub struct SqliteStore {
    pool: SqlitePool,
}

impl SqliteStore {
    /// Opens the file of a `sqlite://` address, making and migrating it when needed.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let pool = connect(url).await?;
        sqlx::migrate!("./migrations/sqlite").run(&pool).await?;
        Ok(Self { pool })
    }

    /// To read a tenant's rows.
    async fn read(&self, _tenant_id: &str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin().await?)
    }

    /// To write a tenant's rows. Takes the write lock at once: a transaction that read first and
    /// then wants to write could not wait for another writer.
    async fn write(&self, _tenant_id: &str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// After an erasure: what is erased must not stay in the log until somebody writes over it (P22). A
    /// reader who is in the way only delays it to the next one.
    async fn settle(&self) -> Result<(), StoreError> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// To look over all tenants.
    async fn over_all(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Brings the file's schema up to date.
pub(super) async fn migrate(url: &str) -> Result<(), StoreError> {
    SqliteStore::open(url).await?.pool.close().await;
    Ok(())
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

// The statements in which the two databases differ; the others are in `queries.rs`.

// As PostgreSQL's function of the same name.
const AFFECTED: &str = "
    SELECT tenant_id AS tenant, 'page-content' AS kind, count(*) AS amount, min(created_at) AS first_at,
        max(coalesce(finished_at, created_at)) AS last_at
    FROM videos WHERE created_at <= $2 AND coalesce(finished_at, $2) >= $1 GROUP BY tenant_id
    UNION ALL
    SELECT tenant_id, 'video', count(*), min(charged_at), max(charged_at)
    FROM charges WHERE charged_at BETWEEN $1 AND $2 GROUP BY tenant_id
    UNION ALL
    SELECT tenant_id, 'api-key', count(*), min(saved_at), max(saved_at)
    FROM api_keys WHERE saved_at <= $2 AND (saved_at >= $1 OR EXISTS (
        SELECT 1 FROM videos WHERE videos.tenant_id = api_keys.tenant_id
            AND created_at <= $2 AND coalesce(finished_at, $2) >= $1))
    GROUP BY tenant_id";

const AUDIT_HEAD: &str = "SELECT entries, mac, seal FROM audit_head WHERE one = 1";

const ALLOWANCE: &str = "SELECT monthly_videos FROM tenants WHERE tenant_id = $1";

const CLAIM: &str = "
    UPDATE jobs SET lease_owner = $1, not_before = $2, attempts = attempts + 1
    WHERE video_id = (
        SELECT due.video_id FROM (
            SELECT tenants.served, (
                SELECT jobs.video_id FROM jobs
                WHERE jobs.tenant_id = tenants.tenant_id AND jobs.state = 'due'
                    AND jobs.not_before <= $3 AND jobs.attempts < $4
                ORDER BY jobs.video_id LIMIT 1) AS video_id
            FROM tenants
            WHERE tenants.state = 'active' AND $5 > (
                SELECT count(*) FROM jobs
                WHERE jobs.tenant_id = tenants.tenant_id AND jobs.lease_owner IS NOT NULL
                    AND jobs.not_before > $3)) AS due
        WHERE due.video_id IS NOT NULL ORDER BY due.served LIMIT 1)
    RETURNING video_id, tenant_id, attempts";

const REAP: &[&str] = &[
    "UPDATE videos SET state = 'failed', failure_code = $3, finished_at = $2
     WHERE id IN (SELECT video_id FROM jobs WHERE state = 'due' AND attempts >= $1 AND not_before <= $2)",
    "UPDATE jobs SET state = 'dead', died_at = $2, lease_owner = NULL
     WHERE state = 'due' AND attempts >= $1 AND not_before <= $2 AND $3 <> ''",
];

const QUEUE: &str = "
    SELECT count(*) FILTER (WHERE state = 'due' AND (lease_owner IS NULL OR not_before <= $1)) AS waiting,
           count(*) FILTER (WHERE state = 'due' AND lease_owner IS NOT NULL AND not_before > $1) AS running,
           count(*) FILTER (WHERE state = 'dead') AS dead
    FROM jobs";

const JOBS: &str = "
    SELECT video_id, tenant_id, state, attempts, not_before, died_at, (lease_owner IS NOT NULL) AS leased
    FROM jobs WHERE ($1 = '' OR state = $1) AND video_id > $2 ORDER BY video_id LIMIT $3";

const OWNER_OF_VIDEO: &str = "SELECT tenant_id FROM videos WHERE id = $1";

const TENANTS: &str = "
    SELECT tenant_id, state, master, created_at FROM tenants
    WHERE tenant_id > $1 ORDER BY tenant_id LIMIT $2";

const PURGE_ANSWERS: &str = "DELETE FROM idempotency_keys WHERE created_at < $1";

const PURGE_DEAD: &str = "DELETE FROM jobs WHERE state = 'dead' AND died_at < $1";

const PAST_RETENTION: &str = "
    SELECT videos.tenant_id, videos.id
    FROM videos JOIN tenants ON tenants.tenant_id = videos.tenant_id
    WHERE videos.created_at < $1 - coalesce(tenants.retention_days, $2) * 86400
    ORDER BY videos.created_at LIMIT $3";

const OPEN_DELETIONS: &str =
    "SELECT tenant_id, id FROM deletions WHERE completed_at IS NULL ORDER BY id";
