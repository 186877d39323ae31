//! PostgreSQL 15 or newer: for any number of replicas. Each transaction names its tenant, and
//! row-level security shows it that tenant's rows alone, whatever a statement forgot (P5).

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Postgres, Row as _, Transaction};

use super::StoreError;

// See sqlite.rs.
#[path = "queries.rs"]
#[allow(clippy::duplicate_mod)]
mod queries;

#[path = "../audit/queries.rs"]
#[allow(clippy::duplicate_mod)]
mod audit_queries;

#[path = "../incidents/queries.rs"]
#[allow(clippy::duplicate_mod)]
mod incident_queries;

type Database = Postgres;
type Handle = PostgresStore;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations/postgres");

/// A store in PostgreSQL.
pub struct PostgresStore {
    pool: PgPool,
}

impl PostgresStore {
    /// Connects to the database of a `postgres://` address as the service. Refuses a role that could
    /// see all tenants' rows, and a schema of another version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let pool = connect(url, 16).await?;
        let store = Self { pool };
        store.check_role().await?;
        store.check_schema().await?;
        Ok(store)
    }

    async fn check_role(&self) -> Result<(), StoreError> {
        let row = sqlx::query(
            "SELECT r.rolsuper OR r.rolbypassrls AS bypasses,
                EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'public' AND c.relkind = 'r'
                        AND pg_has_role(current_user, c.relowner, 'MEMBER')) AS owns
             FROM pg_roles r WHERE r.rolname = current_user",
        )
        .fetch_one(&self.pool)
        .await?;
        if row.try_get("bypasses")? {
            return Err(StoreError::Role("bypasses row-level security"));
        }
        if row.try_get("owns")? {
            return Err(StoreError::Role("owns the tables"));
        }
        Ok(())
    }

    /// Newer is fine: a migration leaves the version before it working.
    async fn check_schema(&self) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT max(version) AS version FROM _sqlx_migrations WHERE success")
            .fetch_one(&self.pool)
            .await
            // No table, or no right to read it: nobody migrated this database.
            .map_err(|error| match error {
                sqlx::Error::Database(_) => StoreError::Schema,
                error => error.into(),
            })?;
        let ours = MIGRATOR.iter().map(|migration| migration.version).max();
        if row.try_get::<Option<i64>, _>("version")? < ours {
            return Err(StoreError::Schema);
        }
        Ok(())
    }

    /// To read a tenant's rows.
    async fn read(&self, tenant_id: &str) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.write(tenant_id).await
    }

    /// To write a tenant's rows.
    async fn write(&self, tenant_id: &str) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // For this transaction only: a connection that goes back to the pool names nobody.
        sqlx::query("SELECT set_config('golpo.tenant', $1, true)")
            .bind(tenant_id)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction)
    }

    /// After an erasure: PostgreSQL reuses and overwrites by itself; see docs/operating.md.
    async fn settle(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// To call the functions that look over all tenants; the tables themselves show nothing here.
    async fn over_all(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.pool.begin().await?)
    }
}

/// Brings the schema up to date, as the role that owns it. Two at a time take turns.
pub(super) async fn migrate(url: &str) -> Result<(), StoreError> {
    let pool = connect(url, 1).await?;
    MIGRATOR.run(&pool).await?;
    pool.close().await;
    Ok(())
}

async fn connect(url: &str, connections: u32) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("golpo-backend")
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await?;
    Ok(pool)
}

// The statements in which the two databases differ; the others are in `queries.rs`.

const AFFECTED: &str = "SELECT * FROM affected_tenants($1, $2)";

// Locks the row: whoever comes second links to the entry of the first.
const AUDIT_HEAD: &str = "SELECT entries, mac, seal FROM audit_head WHERE one = 1 FOR UPDATE";

// Locks the row: two requests at once would both see the last place free.
const ALLOWANCE: &str = "SELECT monthly_videos FROM tenants WHERE tenant_id = $1 FOR NO KEY UPDATE";

const CLAIM: &str = "SELECT video_id, tenant_id, attempts FROM claim_job($1, $2, $3, $4, $5)";

const REAP: &[&str] = &["SELECT reap_jobs($1, $2, $3)"];

const QUEUE: &str = "SELECT waiting, running, dead FROM queue_counts($1)";

const JOBS: &str = "SELECT * FROM list_jobs($1, $2, $3)";

const OWNER_OF_VIDEO: &str = "SELECT tenant_id FROM owner_of_video($1)";

const TENANTS: &str = "SELECT * FROM list_tenants($1, $2)";

const PURGE_ANSWERS: &str = "SELECT purge_answers($1)";

const PURGE_DEAD: &str = "SELECT purge_dead_jobs($1)";

const PAST_RETENTION: &str = "SELECT * FROM videos_past_retention($1, $2, $3)";

const OPEN_DELETIONS: &str = "SELECT * FROM open_deletions()";
