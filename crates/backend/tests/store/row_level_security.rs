//! The second wall: what PostgreSQL itself refuses, whatever the program forgets (P5).

use backend::store::{self, Store as _, StoreError};
use sqlx::{Connection as _, PgConnection, Row as _};

use crate::support::postgres::Database;
use crate::support::{queued, registered};

/// Every table with a tenant.
async fn tables(connection: &mut PgConnection) -> Vec<String> {
    let rows = sqlx::query(
        "SELECT DISTINCT table_name::text AS name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1",
    );
    let rows = rows.fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get("name")).collect()
}

#[tokio::test]
async fn p05_every_table_with_a_tenant_is_under_forced_row_level_security() {
    let database = Database::start().await;
    let mut owner = PgConnection::connect(&database.owner_url()).await.unwrap();
    let names = tables(&mut owner).await;
    assert_eq!(
        names,
        [
            "api_keys",
            "charges",
            "deletions",
            "idempotency_keys",
            "jobs",
            "tenants",
            "videos"
        ]
    );
    for name in names {
        let row = sqlx::query(
            "SELECT relrowsecurity AND relforcerowsecurity AS forced FROM pg_class
             WHERE relname = $1 AND relkind = 'r'",
        )
        .bind(&name)
        .fetch_one(&mut owner)
        .await
        .unwrap();
        assert!(row.get::<bool, _>("forced"), "{name}");
    }
    let others = sqlx::query(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'
         AND tablename NOT IN ('_sqlx_migrations', 'service_keys') AND NOT rowsecurity",
    );
    let others = others.fetch_one(&mut owner).await.unwrap();
    assert_eq!(others.get::<i64, _>(0), 0, "a table nobody thought of");
}

/// A database with rows of two tenants in every table, and a connection of the service's role.
async fn filled() -> (Database, PgConnection, [String; 2]) {
    let database = Database::start().await;
    let store = store::PostgresStore::open(&database.service_url())
        .await
        .unwrap();
    let mut ids = Vec::new();
    for site in ["site-a", "site-b"] {
        let tenant = registered(&store, site).await;
        queued(&store, &tenant).await;
        ids.push(tenant.id().to_owned());
        for statement in [
            "INSERT INTO api_keys VALUES ('T', '\\x00', '01234567', 1)",
            "INSERT INTO charges VALUES ('video of T', 'T', '2027-01', NULL, 'local', 1, 1)",
            "INSERT INTO deletions VALUES ('deletion of T', 'T', 'video', 'v', 'f', 'request', 1, NULL, NULL)",
        ] {
            database.admin(
                &statement
                    .replace("'T'", &format!("'{}'", tenant.id()))
                    .replace("of T", &format!("of {site}")),
            );
        }
    }
    let service = PgConnection::connect(&database.service_url())
        .await
        .unwrap();
    store.close().await;
    let [first, second] = <[String; 2]>::try_from(ids).unwrap();
    (database, service, [first, second])
}

async fn count(connection: &mut PgConnection, table: &str) -> i64 {
    let statement = format!("SELECT count(*) FROM {table}");
    let row = sqlx::query(sqlx::AssertSqlSafe(statement))
        .fetch_one(connection)
        .await
        .unwrap();
    row.get(0)
}

#[tokio::test]
async fn p05_the_service_sees_nothing_without_a_tenant_and_one_tenants_rows_with_it() {
    let (database, mut service, [first, second]) = filled().await;
    for table in tables(&mut service).await {
        assert_eq!(count(&mut service, &table).await, 0, "{table}");
        let all = database.admin(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(all.trim(), "2", "{table}");
        for (own, other) in [(&first, &second), (&second, &first)] {
            let mut transaction = service.begin().await.unwrap();
            sqlx::query("SELECT set_config('golpo.tenant', $1, true)")
                .bind(own)
                .execute(&mut *transaction)
                .await
                .unwrap();
            let rows = format!("SELECT tenant_id FROM {table}");
            let rows = sqlx::query(sqlx::AssertSqlSafe(rows))
                .fetch_all(&mut *transaction)
                .await
                .unwrap();
            assert_eq!(rows.len(), 1, "{table}");
            assert_eq!(&rows[0].get::<String, _>(0), own, "{table}");
            // Nor does a statement that names the other one reach it.
            for statement in [
                format!("DELETE FROM {table} WHERE tenant_id = $1"),
                format!("UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = $1"),
            ] {
                let changed = sqlx::query(sqlx::AssertSqlSafe(statement))
                    .bind(other)
                    .execute(&mut *transaction)
                    .await
                    .unwrap();
                assert_eq!(changed.rows_affected(), 0, "{table}");
            }
            // Nor can a row be given away.
            let given = format!("UPDATE {table} SET tenant_id = $1");
            let given = sqlx::query(sqlx::AssertSqlSafe(given))
                .bind(other)
                .execute(&mut *transaction)
                .await
                .unwrap_err();
            assert!(given.to_string().contains("row-level security"), "{given}");
            transaction.rollback().await.unwrap();
        }
        // The name of the transaction's tenant went with it.
        assert_eq!(count(&mut service, &table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn p05_the_service_cannot_take_the_wall_down() {
    let (_database, mut service, _) = filled().await;
    for statement in [
        "ALTER TABLE videos DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE videos NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY of_tenant ON videos",
        "CREATE POLICY all_of_it ON videos USING (true)",
        "ALTER ROLE service BYPASSRLS",
        "ALTER ROLE service SUPERUSER",
        "SET ROLE owner",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION owner",
        "CREATE OR REPLACE FUNCTION owner_of_video(id text) RETURNS TABLE (tenant_id text)
         LANGUAGE sql AS 'SELECT 1::text'",
        "TRUNCATE videos",
        "CREATE TABLE of_its_own (id text)",
        "SELECT * FROM pg_authid",
    ] {
        let refused = sqlx::query(statement).execute(&mut service).await;
        assert!(refused.is_err(), "{statement}");
    }
    // Asked not to filter, PostgreSQL refuses instead of showing.
    sqlx::query("SET row_security = off")
        .execute(&mut service)
        .await
        .unwrap();
    let refused = sqlx::query("SELECT * FROM videos")
        .execute(&mut service)
        .await;
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("row-level security")
    );
}

#[tokio::test]
async fn p05_the_service_does_not_start_as_a_role_that_no_policy_binds() {
    let database = Database::start().await;
    let refused = |url: String| async move {
        match store::open(&url).await {
            Err(StoreError::Role(what)) => what,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it opened"),
        }
    };
    assert_eq!(
        refused(database.superuser_url()).await,
        "bypasses row-level security"
    );
    assert_eq!(refused(database.owner_url()).await, "owns the tables");
    assert!(store::open(&database.service_url()).await.is_ok());
}
