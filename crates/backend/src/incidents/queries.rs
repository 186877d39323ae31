//! The statements of incidents, compiled for each database as `store/queries.rs` is.

use async_trait::async_trait;

use super::{AFFECTED, Handle};
use crate::incidents::rows::{AffectedRow, ContainmentRow, IncidentRow, IncidentRows, Moment};
use crate::store::StoreError;

#[async_trait]
impl IncidentRows for Handle {
    async fn insert_incident(&self, row: &IncidentRow) -> Result<bool, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO incidents (id, cause, severity, kinds, tenant, opened_at, last_signal_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(&row.id)
        .bind(&row.cause)
        .bind(&row.severity)
        .bind(&row.kinds)
        .bind(&row.tenant)
        .bind(row.opened_at)
        .bind(row.last_signal_at)
        .execute(&self.pool)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    async fn incident(&self, id: &str) -> Result<Option<IncidentRow>, StoreError> {
        Ok(sqlx::query_as("SELECT * FROM incidents WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?)
    }

    async fn open_incident(&self, cause: &str) -> Result<Option<IncidentRow>, StoreError> {
        let statement = "SELECT * FROM incidents WHERE cause = $1 AND closed_at IS NULL";
        Ok(sqlx::query_as(statement)
            .bind(cause)
            .fetch_optional(&self.pool)
            .await?)
    }

    async fn incidents(&self, open_only: bool) -> Result<Vec<IncidentRow>, StoreError> {
        let statement = if open_only {
            "SELECT * FROM incidents WHERE closed_at IS NULL ORDER BY id"
        } else {
            "SELECT * FROM incidents ORDER BY id"
        };
        Ok(sqlx::query_as(statement).fetch_all(&self.pool).await?)
    }

    async fn note_moment(
        &self,
        id: &str,
        moment: Moment<'_>,
        now: i64,
    ) -> Result<bool, StoreError> {
        const OPEN: &str = "WHERE id = $1 AND closed_at IS NULL";
        let set = match moment {
            Moment::Signal => "last_signal_at = $2",
            Moment::Contained => "contained_at = coalesce(contained_at, $2)",
            Moment::Affected(..) => "affected_from = $2, affected_to = $3",
            Moment::Notified => "notified_at = $2",
            Moment::Reviewed(_) => "reviewed_at = $2, review_hash = $3",
            Moment::Closed => "closed_at = $2",
        };
        let statement = sqlx::AssertSqlSafe(format!("UPDATE incidents SET {set} {OPEN}"));
        let query = sqlx::query(statement).bind(id);
        let query = match moment {
            Moment::Affected(from, to) => query.bind(from).bind(to),
            Moment::Reviewed(hash) => query.bind(now).bind(hash),
            _ => query.bind(now),
        };
        Ok(query.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn insert_containment(&self, row: &ContainmentRow) -> Result<bool, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO containments (id, incident, kind, target, begun_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(&row.id)
        .bind(&row.incident)
        .bind(&row.kind)
        .bind(&row.target)
        .bind(row.begun_at)
        .execute(&self.pool)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    async fn lift_containment(
        &self,
        kind: &str,
        target: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let lifted = sqlx::query(
            "UPDATE containments SET lifted_at = $3
             WHERE kind = $1 AND target = $2 AND lifted_at IS NULL",
        )
        .bind(kind)
        .bind(target)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(lifted.rows_affected() > 0)
    }

    async fn containments_in_force(&self) -> Result<Vec<ContainmentRow>, StoreError> {
        let statement = "SELECT * FROM containments WHERE lifted_at IS NULL ORDER BY id";
        Ok(sqlx::query_as(statement).fetch_all(&self.pool).await?)
    }

    async fn containments_of(&self, incident: &str) -> Result<Vec<ContainmentRow>, StoreError> {
        let statement = "SELECT * FROM containments WHERE incident = $1 ORDER BY id";
        Ok(sqlx::query_as(statement)
            .bind(incident)
            .fetch_all(&self.pool)
            .await?)
    }

    async fn affected(&self, from: i64, to: i64) -> Result<Vec<AffectedRow>, StoreError> {
        Ok(sqlx::query_as(AFFECTED)
            .bind(from)
            .bind(to)
            .fetch_all(&self.pool)
            .await?)
    }
}
