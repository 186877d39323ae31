//! Schemas: brought up to date once, by whoever comes first, and by nobody else.

use backend::store::{self, StoreError};

use crate::support::postgres::Database;
use crate::support::{NOW, claim, queued, registered, tenant};

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

/// The last schema in which rows of a release lie; migrations before it made its tables anew.
const RELEASED: (i64, i64) = (3, 1);

#[tokio::test]
async fn rows_survive_every_migration_since_the_first_release() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("golpo.db");
    let sqlite = format!("sqlite://{}?mode=rwc", file.display());
    let pool = sqlx::SqlitePool::connect(&sqlite).await.unwrap();
    let mut then = sqlx::migrate!("./migrations/sqlite");
    let versions = then.migrations.iter().cloned();
    then.migrations = versions.filter(|it| it.version <= RELEASED.0).collect();
    then.run(&pool).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(rows("x'00FF'")))
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;

    let database = Database::empty();
    let pool = sqlx::PgPool::connect(&database.owner_url()).await.unwrap();
    let mut then = sqlx::migrate!("./migrations/postgres");
    let versions = then.migrations.iter().cloned();
    then.migrations = versions.filter(|it| it.version <= RELEASED.1).collect();
    then.run(&pool).await.unwrap();
    pool.close().await;
    database.admin(&rows("'\\x00FF'::bytea"));
    store::migrate(&database.owner_url()).await.unwrap();
    database.admin("GRANT golpo_service TO service");

    for url in [sqlite, database.service_url()] {
        let store = store::open(&url).await.unwrap();
        let tenant = tenant("site-a");
        let row = store.tenant(&tenant).await.unwrap().unwrap();
        assert_eq!(
            (row.folder.as_str(), row.key.bytes),
            ("folder", vec![0, 255])
        );
        assert_eq!((row.monthly_videos, row.retention_days), (Some(5), None));
        let id = "0198c0de-0000-7000-8000-000000000001".parse().unwrap();
        let video = store.video(&tenant, &id).await.unwrap().unwrap();
        assert_eq!((video.page_version, video.title), (3, vec![0, 255]));
        assert_eq!(store.jobs(true, "", 10).await.unwrap().len(), 1);
        assert!(store.answer(&tenant, "key").await.unwrap().is_some());
        let key = store.api_key(&tenant).await.unwrap().unwrap();
        assert_eq!(key.fingerprint, "0123abcd");
        let used = store.usage(&tenant, "2027-01", "2027-01").await.unwrap();
        assert_eq!((used.len(), used[0].seconds), (1, 13));
        let deletion = store.deletion(&tenant, "deletion").await.unwrap();
        assert_eq!(deletion.unwrap().receipt.as_deref(), Some("receipt"));
        assert!(store.service_key("receipts").await.unwrap().is_some());
        // And what was parked then can be let run now.
        assert!(store.requeue(&tenant, &id, NOW).await.unwrap());
        assert!(claim(store.as_ref()).await.is_some());
    }
}

/// A row of every table, in words that both databases know.
fn rows(bytes: &str) -> String {
    let tenant = tenant("site-a");
    let (tenant, id) = (tenant.id(), "0198c0de-0000-7000-8000-000000000001");
    format!(
        "INSERT INTO tenants (tenant_id, folder, master, data_key, state, monthly_videos, created_at)
             VALUES ('{tenant}', 'folder', 'first', {bytes}, 'active', 5, {NOW});
         INSERT INTO videos (id, tenant_id, page_id, page_version, title, options, state, stage, percent, created_at)
             VALUES ('{id}', '{tenant}', '65601', 3, {bytes}, '{{}}', 'failed', 'waiting', 0, {NOW});
         INSERT INTO jobs (video_id, tenant_id, script, state, attempts, not_before, died_at)
             VALUES ('{id}', '{tenant}', {bytes}, 'dead', 3, {NOW}, {NOW});
         INSERT INTO idempotency_keys (tenant_id, key, request_hash, status, answer, video_id, created_at)
             VALUES ('{tenant}', 'key', {bytes}, 202, {bytes}, '{id}', {NOW});
         INSERT INTO api_keys (tenant_id, api_key, fingerprint, saved_at)
             VALUES ('{tenant}', {bytes}, '0123abcd', {NOW});
         INSERT INTO charges (video_id, tenant_id, month, engine, seconds, charged_at)
             VALUES ('{id}', '{tenant}', '2027-01', 'local', 13, {NOW});
         INSERT INTO deletions (id, tenant_id, kind, target, folder, reason, requested_at, completed_at, receipt)
             VALUES ('deletion', '{tenant}', 'page', '65602', 'folder', 'request', {NOW}, {NOW}, 'receipt');
         INSERT INTO service_keys (purpose, master, data_key) VALUES ('receipts', 'first', {bytes});"
    )
}

#[tokio::test]
async fn an_address_of_another_kind_is_refused() {
    for url in ["mysql://localhost/golpo", "golpo.db", ""] {
        let error = store::open(url).await.err().unwrap();
        assert!(matches!(error, StoreError::Address), "{url}");
    }
}
