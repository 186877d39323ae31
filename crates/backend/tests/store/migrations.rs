//! Schemas: brought up to date once, by whoever comes first, and by nobody else.

use backend::store::{self, StoreError};

use crate::support::postgres::Database;
use crate::support::{queued, registered};

#[tokio::test]
async fn a_database_is_migrated_once_however_many_try_at_once() {
    let database = Database::empty();
    let tries = (0..4).map(|_| {
        let url = database.owner_url();
        tokio::spawn(async move { store::migrate(&url).await })
    });
    for attempt in tries.collect::<Vec<_>>() {
        attempt.await.unwrap().unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/golpo.db", directory.path().display());
    for _ in 0..2 {
        store::migrate(&url).await.unwrap();
    }
    assert!(store::open(&url).await.is_ok());
}

#[tokio::test]
async fn the_service_says_what_to_do_where_nobody_migrated() {
    let database = Database::empty();
    let error = store::open(&database.service_url()).await.err().unwrap();
    assert!(matches!(error, StoreError::Schema), "{error:?}");
    assert!(error.to_string().contains("golpo-backend migrate"));
}

#[tokio::test]
async fn a_service_starts_on_a_schema_newer_than_its_own() {
    // As while replicas of two versions run: the migration came first.
    let database = Database::start().await;
    database.admin(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'of the next version', true, '\\x00', 1)",
    );
    assert!(store::open(&database.service_url()).await.is_ok());
    database.admin("DELETE FROM _sqlx_migrations");
    let error = store::open(&database.service_url()).await.err().unwrap();
    assert!(matches!(error, StoreError::Schema), "{error:?}");
}

#[tokio::test]
async fn a_file_of_the_first_versions_is_brought_up_to_date() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/golpo.db?mode=rwc", directory.path().display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let mut first = sqlx::migrate!("./migrations/sqlite");
    first.migrations = first.migrations.iter().take(2).cloned().collect();
    first.run(&pool).await.unwrap();
    pool.close().await;
    let store = store::open(&url).await.unwrap();
    let tenant = registered(store.as_ref(), "site-a").await;
    let id = queued(store.as_ref(), &tenant).await;
    assert!(store.video(&tenant, &id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_address_of_another_kind_is_refused() {
    for url in ["mysql://localhost/golpo", "golpo.db", ""] {
        let error = store::open(url).await.err().unwrap();
        assert!(matches!(error, StoreError::Address), "{url}");
    }
}
