//! The trail's rows: what the audit trail needs of a database. Must never change or remove an entry.

use async_trait::async_trait;

use crate::store::StoreError;

/// An entry as the database keeps it. Words are not yet looked at: its MAC is over what is there.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EntryRow {
    /// From 1, without gaps.
    pub number: i64,
    /// Unix seconds.
    pub happened_at: i64,
    /// `Act`'s word.
    pub act: String,
    /// `Role`'s word.
    pub role: String,
    /// The tenant's id.
    pub tenant: Option<String>,
    /// The incident's id.
    pub incident: Option<String>,
    /// How many; 1 of what happened once.
    pub amount: i64,
    /// Over the entry before and this one.
    pub mac: Vec<u8>,
}

/// The trail's end.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct HeadRow {
    /// How many entries there are.
    pub entries: i64,
    /// The last one's MAC.
    pub mac: Vec<u8>,
    /// Over both.
    pub seal: Vec<u8>,
}

/// The trail's end, and what is there of entries at the same instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// What the head says.
    pub head: HeadRow,
    /// How many entries there are.
    pub count: i64,
    /// The greatest number.
    pub last: i64,
}

/// Makes the rows to add of the head that is there, and the head behind them.
pub type Link<'a> = &'a (dyn Fn(&HeadRow) -> (Vec<EntryRow>, HeadRow) + Send + Sync);

/// What the audit trail needs of a database. All of it looks over all tenants.
#[async_trait]
pub trait AuditRows {
    /// Adds entries behind the head: in one transaction, one appender at a time over all processes.
    async fn append_entries(&self, link: Link<'_>) -> Result<(), StoreError>;

    /// Entries after a number, in order.
    async fn audit_entries(&self, after: i64, at_most: i64) -> Result<Vec<EntryRow>, StoreError>;

    /// Entries of an incident, in order.
    async fn audit_entries_of(&self, incident: &str) -> Result<Vec<EntryRow>, StoreError>;

    /// Entries from one instant to another, both included, in order.
    async fn audit_entries_between(&self, from: i64, to: i64) -> Result<Vec<EntryRow>, StoreError>;

    /// The trail's end.
    async fn audit_extent(&self) -> Result<Extent, StoreError>;
}
