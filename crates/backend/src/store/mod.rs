//! The database. [`Store`] is what the service needs of one, [`SqliteStore`] and [`PostgresStore`]
//! are the two there are; both run the statements of `queries.rs`. A store handles rows and sealed
//! bytes: it must never see a key or content in clear (P7), which is `records`' business.
//!
//! Every method that touches a tenant's rows takes an [`Owner`], and an owner comes from a verified
//! token ([`Tenant`]), from a job's lease ([`Lease`]) or from the operator's list ([`Registered`]);
//! nothing else can name a tenant (P5). The methods that look over tenants say so in their first
//! line; they give ids and states only.

use async_trait::async_trait;
use fit::Tenant;
use protocol::{PageId, VideoId};

mod postgres;
mod sqlite;

pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;

use crate::audit::rows::AuditRows;
use crate::incidents::rows::IncidentRows;
use crate::vault::WrappedKey;

/// Something between the program and its database went wrong. Holds no values of rows.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The address is not that of a database we know.
    #[error("a database address begins with sqlite:// or postgres://")]
    Address,
    /// The schema is not the one this program was built for.
    #[error("the database's schema is of another version: run golpo-backend migrate")]
    Schema,
    /// The role could see every tenant's rows (P5).
    #[error(
        "the database role {0}: give the service a role of its own that is a member of golpo_service"
    )]
    Role(&'static str),
    /// A row holds what this program never wrote; the name is the column's.
    #[error("the column {0} holds a value of another form")]
    Corrupt(&'static str),
}

/// Who may name a tenant.
pub trait Owner: sealed::Sealed + Send + Sync {
    /// [`Tenant::id`] of the token that first named this tenant.
    fn tenant_id(&self) -> &str;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for fit::Tenant {}
    impl Sealed for super::Lease {}
    impl Sealed for super::Registered {}
}

impl Owner for Tenant {
    fn tenant_id(&self) -> &str {
        self.id()
    }
}

/// A job in this worker's hands. Only [`Store::claim`] makes one.
#[derive(Debug)]
pub struct Lease {
    video_id: VideoId,
    tenant_id: String,
    worker: String,
    attempt: i64,
}

impl Lease {
    /// The video to make.
    pub fn video_id(&self) -> &VideoId {
        &self.video_id
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> i64 {
        self.attempt
    }
}

impl Owner for Lease {
    fn tenant_id(&self) -> &str {
        &self.tenant_id
    }
}

/// A tenant that the store found in its own rows: for operators and for the upkeep.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Registered(String);

impl Owner for Registered {
    fn tenant_id(&self) -> &str {
        &self.0
    }
}

/// What a tenant may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantState {
    /// Everything.
    Active,
    /// Nothing, until an operator says otherwise (P19).
    Suspended,
    /// It is being deleted (P22).
    Deleting,
}

impl TenantState {
    /// The word in the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleting => "deleting",
        }
    }

    fn of(word: &str) -> Result<Self, StoreError> {
        [Self::Active, Self::Suspended, Self::Deleting]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(StoreError::Corrupt("state"))
    }
}

/// A tenant's row.
#[derive(Debug, Clone)]
pub struct TenantRow {
    /// What stands for the tenant in object names.
    pub folder: String,
    /// The data key, as it is kept.
    pub key: WrappedKey,
    /// What the tenant may do.
    pub state: TenantState,
    /// The admin's allowance of videos a calendar month; none when absent.
    pub monthly_videos: Option<i64>,
    /// How many days the admin keeps videos; the service's default when absent.
    pub retention_days: Option<i64>,
    /// When it was first seen.
    pub created_at: i64,
}

/// A line of the operator's list of tenants.
#[derive(Debug, Clone)]
pub struct TenantSummary {
    /// Which.
    pub tenant: Registered,
    /// What it may do.
    pub state: TenantState,
    /// The master key that wraps its data key.
    pub master: String,
    /// When it was first seen.
    pub created_at: i64,
}

/// An API key's row.
#[derive(Debug, sqlx::FromRow)]
pub struct ApiKeyRow {
    /// Sealed.
    pub api_key: Vec<u8>,
    /// What may be shown of it.
    pub fingerprint: String,
    /// When it was saved.
    pub saved_at: i64,
}

/// What was answered to a POST.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AnswerRow {
    /// Keyed hash of the request.
    pub request_hash: Vec<u8>,
    /// HTTP status.
    pub status: i64,
    /// Sealed body.
    pub answer: Vec<u8>,
}

/// A video to be made.
#[derive(Debug)]
pub struct NewVideoRow<'a> {
    /// The id.
    pub id: &'a VideoId,
    /// The page.
    pub page_id: &'a PageId,
    /// Its space, where the app told it.
    pub space_id: Option<&'a str>,
    /// Its version.
    pub page_version: u32,
    /// What the page said.
    pub source_fingerprint: Option<String>,
    /// Sealed.
    pub title: Vec<u8>,
    /// JSON.
    pub options: String,
    /// Sealed.
    pub script: Vec<u8>,
    /// `YYYY-MM` of now, for the allowance.
    pub month: &'a str,
}

/// What became of a request to make a video.
#[derive(Debug)]
pub enum Inserted {
    /// It is queued.
    New,
    /// This key was used before, and this was answered.
    Answered(AnswerRow),
    /// The month's allowance is used up.
    AllowanceUsed,
    /// The tenant has no row, or was suspended, or is being deleted.
    NotActive,
}

/// A video's row.
#[derive(Debug, sqlx::FromRow)]
pub struct VideoRow {
    /// The id.
    pub id: String,
    /// The page.
    pub page_id: String,
    /// Its version.
    pub page_version: i64,
    /// What the page said.
    pub source_fingerprint: Option<String>,
    /// Sealed.
    pub title: Vec<u8>,
    /// JSON.
    pub options: String,
    /// `protocol::VideoState`'s word.
    pub state: String,
    /// `protocol::Stage`'s word.
    pub stage: String,
    /// 0 to 100.
    pub percent: i64,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// When it was asked for.
    pub created_at: i64,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// How long it plays.
    pub duration_ms: Option<i64>,
    /// Who made it.
    pub engine: Option<String>,
}

/// Which of a tenant's videos.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// This one.
    One(&'a VideoId),
    /// Those of a page.
    OfPage(&'a PageId),
    /// Every one.
    All,
}

/// How jobs are claimed.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Who claims.
    pub worker: &'a str,
    /// When the lease ends without news.
    pub lease_until: i64,
    /// Now.
    pub now: i64,
    /// How often a job is tried.
    pub max_attempts: i64,
    /// How many jobs of one tenant may run at once.
    pub per_tenant: i64,
}

/// What a job needs.
#[derive(Debug, sqlx::FromRow)]
pub struct JobRow {
    /// Sealed.
    pub script: Vec<u8>,
    /// JSON.
    pub options: String,
    /// Sealed; absent where the tenant has none.
    pub api_key: Option<Vec<u8>>,
    /// Sealed: what the engine noted of the order.
    pub note: Option<Vec<u8>>,
    /// Why the engine refused the key, and when.
    pub problem: Option<String>,
    /// See `problem`.
    pub problem_at: Option<i64>,
}

/// Why a job waits that nobody works on.
#[derive(Debug, Clone, Copy)]
pub struct Postponed<'a> {
    /// When it is due again.
    pub not_before: i64,
    /// Whether it is being made elsewhere; else it is only queued.
    pub underway: bool,
    /// `protocol::Stage`'s word; none for the one that is there.
    pub stage: Option<&'a str>,
    /// How far it is.
    pub percent: i64,
    /// `protocol::ErrorCode`: what it waits for, where that is worth telling.
    pub why: Option<&'a str>,
}

/// A finished video's numbers.
#[derive(Debug)]
pub struct FinishedRow<'a> {
    /// Sealed.
    pub chapters: Vec<u8>,
    /// Length in milliseconds.
    pub duration_ms: i64,
    /// What is charged: the month, `YYYY-MM`,
    pub month: &'a str,
    /// the engine,
    pub engine: &'a str,
    /// and seconds, rounded up.
    pub seconds: i64,
    /// Now.
    pub now: i64,
}

/// What became of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// The job is gone, and the video failed as cancelled.
    Yes,
    /// It had ended before.
    Ended,
    /// There is no such video.
    NotFound,
}

/// Jobs by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct QueueCounts {
    /// Due, or pausing before a retry.
    pub waiting: i64,
    /// Held by a worker.
    pub running: i64,
    /// Parked for an operator.
    pub dead: i64,
}

/// A line of the operator's list of jobs.
#[derive(Debug, Clone)]
pub struct JobSummary {
    /// Which.
    pub video_id: VideoId,
    /// Whose.
    pub tenant: Registered,
    /// Parked for an operator.
    pub dead: bool,
    /// Held by a worker, or was when it was last heard of.
    pub leased: bool,
    /// How often it was tried.
    pub attempts: i64,
    /// End of the lease or of the pause.
    pub not_before: i64,
    /// When it was parked.
    pub died_at: Option<i64>,
}

/// Finished videos of a month, a space and an engine.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct UsageRow {
    /// `YYYY-MM`.
    pub month: String,
    /// The space, where the app told it.
    pub space_id: Option<String>,
    /// The engine.
    pub engine: String,
    /// How many.
    pub videos: i64,
    /// How long they play together.
    pub seconds: i64,
}

/// A deletion that was asked for (P22).
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DeletionRow {
    /// The id, also of its receipt.
    pub id: String,
    /// `video`, `page` or `tenant`.
    pub kind: String,
    /// The video's or page's id; empty of a tenant.
    pub target: String,
    /// Where the tenant's files are.
    pub folder: String,
    /// `request`, `uninstalled`, `retention` or `operator`.
    pub reason: String,
    /// When it was asked for.
    pub requested_at: i64,
    /// When it was verified.
    pub completed_at: Option<i64>,
    /// The signed receipt.
    pub receipt: Option<String>,
}

/// Rows of a tenant that a deletion removes, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErasedRows {
    /// Videos.
    pub videos: u64,
    /// Jobs with their scripts.
    pub jobs: u64,
    /// Kept answers.
    pub answers: u64,
    /// API keys.
    pub api_keys: u64,
    /// Charges.
    pub charges: u64,
    /// Data keys: with this row nothing sealed can be opened again.
    pub data_keys: u64,
}

/// What the service needs of a database. Methods end in one transaction each; after an error
/// nothing of them happened.
#[async_trait]
pub trait Store: AuditRows + IncidentRows + Send + Sync + 'static {
    /// Whether the database answers.
    async fn probe(&self) -> Result<(), StoreError>;

    /// Closes the connections.
    async fn close(&self);

    // --- tenants ---

    /// The tenant's row.
    async fn tenant(&self, owner: &dyn Owner) -> Result<Option<TenantRow>, StoreError>;

    /// The tenant's row, made of the folder and key given here where there was none.
    async fn register(
        &self,
        owner: &dyn Owner,
        folder: &str,
        key: &WrappedKey,
        now: i64,
    ) -> Result<TenantRow, StoreError>;

    /// Says what a tenant may do; `false` when there is no such tenant, or it is being deleted. That it
    /// is to be deleted is said by [`Self::note_deletion`].
    async fn set_state(&self, owner: &dyn Owner, state: TenantState) -> Result<bool, StoreError>;

    /// Sets the admin's allowance and retention.
    async fn set_limits(
        &self,
        owner: &dyn Owner,
        monthly_videos: Option<i64>,
        retention_days: Option<i64>,
    ) -> Result<(), StoreError>;

    /// Replaces the wrapping of the data key, if it is still the one of master key `from`.
    async fn rewrap(
        &self,
        owner: &dyn Owner,
        from: &str,
        key: &WrappedKey,
    ) -> Result<bool, StoreError>;

    /// Removes all videos of a tenant that is being deleted, if it is still the one of this folder: the
    /// same site may have come back, and another process may be at the same deletion.
    async fn erase_videos(&self, owner: &dyn Owner, folder: &str)
    -> Result<ErasedRows, StoreError>;

    /// Removes every row of the tenant of this folder, the data key last. Its deletions stay: they are
    /// the receipts.
    async fn erase_tenant(&self, owner: &dyn Owner, folder: &str)
    -> Result<ErasedRows, StoreError>;

    /// Over all tenants: those after an id, in order.
    async fn tenants(&self, after: &str, at_most: i64) -> Result<Vec<TenantSummary>, StoreError>;

    /// Over all tenants: the one of this id.
    async fn registered(&self, tenant_id: &str) -> Result<Option<Registered>, StoreError>;

    // --- API key ---

    /// The tenant's API key.
    async fn api_key(&self, owner: &dyn Owner) -> Result<Option<ApiKeyRow>, StoreError>;

    /// Saves the tenant's API key, replacing the one before. What was said of that one is forgotten,
    /// and jobs that waited for another are due.
    async fn put_api_key(&self, owner: &dyn Owner, row: &ApiKeyRow) -> Result<(), StoreError>;

    /// Forgets the tenant's API key. Whether there was one.
    async fn delete_api_key(&self, owner: &dyn Owner) -> Result<bool, StoreError>;

    /// Why the engine refuses the tenant's API key, if it does, and since when.
    async fn key_problem(&self, owner: &dyn Owner) -> Result<Option<(String, i64)>, StoreError>;

    /// Notes why the engine refuses the tenant's API key; with none, that it does not, and then jobs
    /// that waited for it are due.
    async fn set_key_problem(
        &self,
        owner: &dyn Owner,
        code: Option<&str>,
        now: i64,
    ) -> Result<(), StoreError>;

    // --- answers ---

    /// What was answered to the POST of this key.
    async fn answer(&self, owner: &dyn Owner, key: &str) -> Result<Option<AnswerRow>, StoreError>;

    /// Keeps an answer, unless there is one of this key already: then that one is given.
    async fn keep_answer(
        &self,
        owner: &dyn Owner,
        key: &str,
        row: &AnswerRow,
        now: i64,
    ) -> Result<Option<AnswerRow>, StoreError>;

    /// Over all tenants: forgets answers from before this instant. How many.
    async fn purge_answers(&self, before: i64) -> Result<u64, StoreError>;

    // --- videos ---

    /// Queues a video, its job and the answer to its request in one transaction, once for each key.
    async fn insert_video(
        &self,
        owner: &dyn Owner,
        new: &NewVideoRow<'_>,
        key: &str,
        answer: &AnswerRow,
        now: i64,
    ) -> Result<Inserted, StoreError>;

    /// One video.
    async fn video(&self, owner: &dyn Owner, id: &VideoId) -> Result<Option<VideoRow>, StoreError>;

    /// Videos, newest first: at most `limit` of those made before `cursor`.
    async fn videos(
        &self,
        owner: &dyn Owner,
        page_id: Option<&PageId>,
        cursor: Option<&VideoId>,
        limit: i64,
    ) -> Result<Vec<VideoRow>, StoreError>;

    /// A finished video's sealed chapters.
    async fn chapters(
        &self,
        owner: &dyn Owner,
        id: &VideoId,
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// The ids of videos.
    async fn video_ids(
        &self,
        owner: &dyn Owner,
        which: Which<'_>,
    ) -> Result<Vec<VideoId>, StoreError>;

    /// Removes videos' rows, and with them jobs, scripts and kept answers.
    async fn delete_videos(
        &self,
        owner: &dyn Owner,
        which: Which<'_>,
    ) -> Result<ErasedRows, StoreError>;

    /// Over all tenants: whose video this is. For addresses whose signature that tenant's key will
    /// have to verify.
    async fn owner_of_video(&self, id: &VideoId) -> Result<Option<Registered>, StoreError>;

    /// Over all tenants: videos past their retention, oldest first.
    async fn past_retention(
        &self,
        now: i64,
        default_days: i64,
        at_most: i64,
    ) -> Result<Vec<(Registered, VideoId)>, StoreError>;

    /// Ends a video before it is done.
    async fn cancel(
        &self,
        owner: &dyn Owner,
        id: &VideoId,
        code: &str,
        now: i64,
    ) -> Result<Cancelled, StoreError>;

    // --- usage ---

    /// Finished videos of the months from `first` to `last`, by month, space and engine.
    async fn usage(
        &self,
        owner: &dyn Owner,
        first: &str,
        last: &str,
    ) -> Result<Vec<UsageRow>, StoreError>;

    // --- jobs ---

    /// Over all tenants: takes the lease of a job that is due, of the tenant that has waited longest
    /// for its turn.
    async fn claim(&self, claim: Claim<'_>) -> Result<Option<Lease>, StoreError>;

    /// Marks the leased video running and gives what its job needs; `None` when it was deleted or
    /// cancelled since.
    async fn start(&self, lease: &Lease) -> Result<Option<JobRow>, StoreError>;

    /// Prolongs the lease and writes how far the video is; the percentage never falls. `false` when
    /// the job is no longer this worker's.
    async fn beat(
        &self,
        lease: &Lease,
        stage: &str,
        percent: i64,
        lease_until: i64,
    ) -> Result<bool, StoreError>;

    /// Marks the video done, charges it once and erases the job. `false` when the job is no longer
    /// this worker's; nothing is changed then.
    async fn finish(&self, lease: &Lease, row: &FinishedRow<'_>) -> Result<bool, StoreError>;

    /// Marks the video failed and erases the job, if it is still this worker's.
    async fn fail(&self, lease: &Lease, code: &str, now: i64) -> Result<bool, StoreError>;

    /// Marks the video failed and parks the job for an operator, if it is still this worker's.
    async fn park(&self, lease: &Lease, code: &str, now: i64) -> Result<bool, StoreError>;

    /// Gives the job back to be claimed from `not_before` on. `counts` says whether the attempt
    /// counts: it does not when the worker was told to stop.
    async fn release(&self, lease: &Lease, not_before: i64, counts: bool)
    -> Result<(), StoreError>;

    /// Over all tenants: parks jobs whose last attempt ended without a word. How many.
    async fn reap(&self, max_attempts: i64, code: &str, now: i64) -> Result<u64, StoreError>;

    /// Keeps the engine's sealed note of the order, once and for all of what it said before. `false`
    /// when the job is no longer this worker's.
    async fn note(&self, lease: &Lease, note: &[u8]) -> Result<bool, StoreError>;

    /// Gives a job back of which nothing went wrong: it is not an attempt that counts.
    async fn postpone(&self, lease: &Lease, until: Postponed<'_>) -> Result<bool, StoreError>;

    /// Lets a parked job run again. Whether there was one.
    async fn requeue(&self, owner: &dyn Owner, id: &VideoId, now: i64) -> Result<bool, StoreError>;

    /// Over all tenants: jobs by state.
    async fn queue(&self, now: i64) -> Result<QueueCounts, StoreError>;

    /// Over all tenants: jobs after an id, in order; the parked ones alone where asked.
    async fn jobs(
        &self,
        dead_only: bool,
        after: &str,
        at_most: i64,
    ) -> Result<Vec<JobSummary>, StoreError>;

    /// Over all tenants: erases jobs parked before this instant. How many.
    async fn purge_dead(&self, before: i64) -> Result<u64, StoreError>;

    // --- deletions ---

    /// Notes that a deletion was asked for, before anything is deleted; once for each id. From here on
    /// a tenant that is to be deleted may do nothing.
    async fn note_deletion(&self, owner: &dyn Owner, row: &DeletionRow) -> Result<(), StoreError>;

    /// The id of a deletion of the same that was begun and not ended.
    async fn open_deletion(
        &self,
        owner: &dyn Owner,
        kind: &str,
        target: &str,
    ) -> Result<Option<String>, StoreError>;

    /// Keeps the receipt of a verified deletion, unless it has one.
    async fn complete_deletion(
        &self,
        owner: &dyn Owner,
        id: &str,
        receipt: &str,
        now: i64,
    ) -> Result<(), StoreError>;

    /// One deletion.
    async fn deletion(
        &self,
        owner: &dyn Owner,
        id: &str,
    ) -> Result<Option<DeletionRow>, StoreError>;

    /// Over all tenants: deletions that were begun and not ended.
    async fn open_deletions(&self) -> Result<Vec<(Registered, String)>, StoreError>;

    // --- keys of the service ---

    /// The wrapped key of a purpose.
    async fn service_key(&self, purpose: &str) -> Result<Option<WrappedKey>, StoreError>;

    /// Keeps the key of a purpose: where there was none, or in place of the one wrapped by `from`.
    async fn put_service_key(
        &self,
        purpose: &str,
        from: Option<&str>,
        key: &WrappedKey,
    ) -> Result<bool, StoreError>;
}

/// Opens the database of an address for the service. SQLite's is made and migrated when needed;
/// PostgreSQL's must have been migrated (see [`migrate`]), and the role must be one that row-level
/// security binds.
pub async fn open(url: &str) -> Result<std::sync::Arc<dyn Store>, StoreError> {
    if is_postgres(url) {
        Ok(std::sync::Arc::new(PostgresStore::open(url).await?))
    } else if url.starts_with("sqlite:") {
        Ok(std::sync::Arc::new(SqliteStore::open(url).await?))
    } else {
        Err(StoreError::Address)
    }
}

/// Brings the schema of a database up to date; for PostgreSQL, as the role that owns it.
pub async fn migrate(url: &str) -> Result<(), StoreError> {
    if is_postgres(url) {
        postgres::migrate(url).await
    } else if url.starts_with("sqlite:") {
        sqlite::migrate(url).await
    } else {
        Err(StoreError::Address)
    }
}

/// Whether an address is that of PostgreSQL.
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}
