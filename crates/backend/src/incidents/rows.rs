//! Rows of incidents and of what contains them: what they need of a database. All of it looks over all
//! tenants, and gives ids, kinds, numbers and instants only.

use async_trait::async_trait;

use crate::store::StoreError;

/// An incident's row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct IncidentRow {
    /// The id.
    pub id: String,
    /// The rule, with the tenant where it is about one; or [`BY_HAND`].
    pub cause: String,
    /// `Severity`'s word.
    pub severity: String,
    /// `DataKind`'s words, parted by commas.
    pub kinds: String,
    /// The tenant that the signal is about.
    pub tenant: Option<String>,
    /// When it was opened.
    pub opened_at: i64,
    /// When its rule last fired.
    pub last_signal_at: i64,
    /// From when the affected were last looked for,
    pub affected_from: Option<i64>,
    /// and until when.
    pub affected_to: Option<i64>,
    /// When it was first contained.
    pub contained_at: Option<i64>,
    /// When notifications were sent.
    pub notified_at: Option<i64>,
    /// When its review was accepted.
    pub reviewed_at: Option<i64>,
    /// SHA-256 of the review, as hexadecimal digits.
    pub review_hash: Option<String>,
    /// When it was closed.
    pub closed_at: Option<i64>,
}

/// The cause of an incident that an operator opened.
pub const BY_HAND: &str = "by hand";

/// A row of what contains an incident.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ContainmentRow {
    /// The id.
    pub id: String,
    /// The incident's.
    pub incident: String,
    /// `Measure`'s word.
    pub kind: String,
    /// The tenant's or the app's id; else empty.
    pub target: String,
    /// Since when.
    pub begun_at: i64,
    /// Until when.
    pub lifted_at: Option<i64>,
}

/// A tenant with a kind of its data that was touched.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AffectedRow {
    /// The tenant's id.
    pub tenant: String,
    /// `DataKind`'s word.
    pub kind: String,
    /// How many rows.
    pub amount: i64,
    /// The earliest of them.
    pub first_at: i64,
    /// The latest.
    pub last_at: i64,
}

/// A moment in an incident's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment<'a> {
    /// Its rule fired again.
    Signal,
    /// It was contained; the first time counts.
    Contained,
    /// The affected were looked for between these moments.
    Affected(i64, i64),
    /// Notifications were sent.
    Notified,
    /// The review of this hash was accepted.
    Reviewed(&'a str),
    /// It was closed.
    Closed,
}

/// What incidents need of a database.
#[async_trait]
pub trait IncidentRows {
    /// Adds an incident, unless one of the same cause is open. Whether it was added.
    async fn insert_incident(&self, row: &IncidentRow) -> Result<bool, StoreError>;

    /// One incident.
    async fn incident(&self, id: &str) -> Result<Option<IncidentRow>, StoreError>;

    /// The open incident of a cause.
    async fn open_incident(&self, cause: &str) -> Result<Option<IncidentRow>, StoreError>;

    /// Incidents, oldest first; the open ones alone where asked.
    async fn incidents(&self, open_only: bool) -> Result<Vec<IncidentRow>, StoreError>;

    /// Writes a moment down. `false` when there is no such open incident.
    async fn note_moment(&self, id: &str, moment: Moment<'_>, now: i64)
    -> Result<bool, StoreError>;

    /// Begins to contain; `false` when the same is in force already.
    async fn insert_containment(&self, row: &ContainmentRow) -> Result<bool, StoreError>;

    /// Lifts what is in force. Whether there was any.
    async fn lift_containment(
        &self,
        kind: &str,
        target: &str,
        now: i64,
    ) -> Result<bool, StoreError>;

    /// What is in force, and the last revocation of links.
    async fn containments_in_force(&self) -> Result<Vec<ContainmentRow>, StoreError>;

    /// What contains or contained an incident.
    async fn containments_of(&self, incident: &str) -> Result<Vec<ContainmentRow>, StoreError>;

    /// Tenants with data that was written, used or being worked on between two moments, by kind.
    async fn affected(&self, from: i64, to: i64) -> Result<Vec<AffectedRow>, StoreError>;
}
