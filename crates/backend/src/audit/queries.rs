//! The trail's statements, compiled for each database as `store/queries.rs` is.

use async_trait::async_trait;
use sqlx::{FromRow as _, Row as _};

use super::{AUDIT_HEAD, Handle};
use crate::audit::rows::{AuditRows, EntryRow, Extent, HeadRow, Link};
use crate::store::StoreError;

const COLUMNS: &str = "number, happened_at, act, role, tenant, incident, amount, mac";

#[async_trait]
impl AuditRows for Handle {
    async fn append_entries(&self, link: Link<'_>) -> Result<(), StoreError> {
        let mut transaction = self.over_all().await?;
        let head: HeadRow = sqlx::query_as(AUDIT_HEAD)
            .fetch_one(&mut *transaction)
            .await?;
        let (entries, head) = link(&head);
        for entry in &entries {
            sqlx::query(
                "INSERT INTO audit_entries
                     (number, happened_at, act, role, tenant, incident, amount, mac)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(entry.number)
            .bind(entry.happened_at)
            .bind(&entry.act)
            .bind(&entry.role)
            .bind(&entry.tenant)
            .bind(&entry.incident)
            .bind(entry.amount)
            .bind(&entry.mac)
            .execute(&mut *transaction)
            .await?;
        }
        sqlx::query("UPDATE audit_head SET entries = $1, mac = $2, seal = $3 WHERE one = 1")
            .bind(head.entries)
            .bind(&head.mac)
            .bind(&head.seal)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn audit_entries(&self, after: i64, at_most: i64) -> Result<Vec<EntryRow>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM audit_entries WHERE number > $1 ORDER BY number LIMIT $2"
        );
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(after)
            .bind(at_most)
            .fetch_all(&self.pool)
            .await?)
    }

    async fn audit_entries_of(&self, incident: &str) -> Result<Vec<EntryRow>, StoreError> {
        let statement =
            format!("SELECT {COLUMNS} FROM audit_entries WHERE incident = $1 ORDER BY number");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(incident)
            .fetch_all(&self.pool)
            .await?)
    }

    async fn audit_entries_between(&self, from: i64, to: i64) -> Result<Vec<EntryRow>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM audit_entries
             WHERE happened_at >= $1 AND happened_at <= $2 ORDER BY number"
        );
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(from)
            .bind(to)
            .fetch_all(&self.pool)
            .await?)
    }

    async fn audit_extent(&self) -> Result<Extent, StoreError> {
        // One statement: head and entries of the same instant.
        let row = sqlx::query(
            "SELECT entries, mac, seal, (SELECT count(*) FROM audit_entries) AS there,
                 (SELECT coalesce(max(number), 0) FROM audit_entries) AS last
             FROM audit_head WHERE one = 1",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Extent {
            head: HeadRow::from_row(&row)?,
            count: row.try_get("there")?,
            last: row.try_get("last")?,
        })
    }
}
