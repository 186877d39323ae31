//! Records on both databases, and somebody who can write to the database but has no key.

use std::path::PathBuf;
use std::sync::Arc;

use backend::records::Records;
use backend::store;
use backend::vault::keys::KeyRingLimits;
use backend::vault::{KeyRing, LocalMasterKeys};

use crate::postgres;

pub const NOW: i64 = 1_800_000_000;

/// A database with the service's records, and its intruder.
pub struct Opened {
    pub name: &'static str,
    pub records: Records,
    directory: tempfile::TempDir,
    postgres: Option<postgres::Database>,
}

/// One of each kind, empty.
pub async fn both() -> Vec<Opened> {
    let mut all = Vec::new();
    for postgres in [None, Some(postgres::Database::start().await)] {
        let directory = tempfile::tempdir().unwrap();
        let name = if postgres.is_some() {
            "postgres"
        } else {
            "sqlite"
        };
        let url = url(&directory, postgres.as_ref());
        let records = records(&directory, &url).await;
        all.push(Opened {
            name,
            records,
            directory,
            postgres,
        });
    }
    all
}

fn url(directory: &tempfile::TempDir, postgres: Option<&postgres::Database>) -> String {
    match postgres {
        Some(database) => database.service_url(),
        None => format!("sqlite://{}/golpo.db", directory.path().display()),
    }
}

async fn records(directory: &tempfile::TempDir, url: &str) -> Records {
    let masters = LocalMasterKeys::read_or_create(&directory.path().join("master.key")).unwrap();
    let keys = KeyRing::new(Arc::new(masters), KeyRingLimits::default());
    Records::new(store::open(url).await.unwrap(), Arc::new(keys))
}

impl Opened {
    /// The same once more, as another process has it.
    pub async fn again(&self) -> Records {
        records(
            &self.directory,
            &url(&self.directory, self.postgres.as_ref()),
        )
        .await
    }

    /// Statements of one who may do everything in the database, past all triggers.
    pub async fn intrude(&self, sql: &str) {
        match &self.postgres {
            Some(database) => {
                database.admin(&format!("SET session_replication_role = replica; {sql}"));
            }
            None => {
                let pool = self.pool().await;
                let triggers = "DROP TRIGGER IF EXISTS audit_entries_stay;
                    DROP TRIGGER IF EXISTS audit_entries_remain;
                    DROP TRIGGER IF EXISTS audit_head_grows;
                    DROP TRIGGER IF EXISTS audit_head_remains;";
                let sql = format!("{triggers} {sql}");
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                    .execute(&pool)
                    .await
                    .unwrap();
                pool.close().await;
            }
        }
    }

    /// Why the database refuses a statement of the service's own rights.
    pub async fn refused(&self, sql: &str) -> String {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let result = match &self.postgres {
            Some(database) => {
                let pool = sqlx::PgPool::connect(&database.service_url())
                    .await
                    .unwrap();
                sqlx::raw_sql(sql).execute(&pool).await.map(|_| ())
            }
            None => sqlx::raw_sql(sql)
                .execute(&self.pool().await)
                .await
                .map(|_| ()),
        };
        result.unwrap_err().to_string()
    }

    /// Of PostgreSQL, why a statement of the role that owns the tables does nothing.
    pub async fn owner_refused(&self, sql: &str) -> Option<String> {
        let database = self.postgres.as_ref()?;
        let pool = sqlx::PgPool::connect(&database.owner_url()).await.unwrap();
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let result = sqlx::raw_sql(sql).execute(&pool).await;
        Some(match result {
            Err(error) => error.to_string(),
            // Row-level security shows it none.
            Ok(done) if done.rows_affected() == 0 => "permission denied: no rows".to_owned(),
            Ok(done) => panic!("{} rows", done.rows_affected()),
        })
    }

    async fn pool(&self) -> sqlx::SqlitePool {
        let file: PathBuf = self.directory.path().join("golpo.db");
        sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display()))
            .await
            .unwrap()
    }
}
