//! Deletion on request, at uninstall and when the time is over (P22, P23): one code for all of them.
//! A deletion is noted before anything is deleted, so that one that was interrupted is ended by
//! whoever comes next; it ends with a look whether anything is left, and with a receipt that is
//! signed. Must never call something deleted that it has not looked for, nor touch what a tenant
//! made after it came back.

use std::sync::Arc;
use std::time::Duration;

use fit::Clock;
use protocol::{Deletion, DeletionKind, DeletionReason, DeletionState, PageId, VideoId};
use tokio::sync::Notify;

use crate::audit::{Act, Note, Role};
use crate::objects::{ObjectError, Objects, TenantFolder};
use crate::receipts::{self, Receipt, Removed};
use crate::records::{Records, RecordsError, text_of, timestamp, word};
use crate::store::{DeletionRow, Owner, StoreError, Which};
use crate::vault::VaultError;

/// Why a deletion did not come to its end; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// The rows.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The files.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// After everything was deleted, something was still there.
    #[error("{0} rows or files were still there after they were deleted")]
    Remains(u64),
}

impl From<VaultError> for DeletionError {
    fn from(error: VaultError) -> Self {
        Self::Records(error.into())
    }
}

impl From<StoreError> for DeletionError {
    fn from(error: StoreError) -> Self {
        Self::Records(error.into())
    }
}

/// What is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One video.
    Video(VideoId),
    /// All videos of a page.
    Page(PageId),
    /// All that there is of the tenant, its key last.
    Tenant,
}

impl Target {
    fn kind(&self) -> DeletionKind {
        match self {
            Self::Video(_) => DeletionKind::Video,
            Self::Page(_) => DeletionKind::Page,
            Self::Tenant => DeletionKind::Tenant,
        }
    }

    fn of(row: &DeletionRow) -> Result<Self, StoreError> {
        let corrupt = StoreError::Corrupt("target");
        Ok(match word(&row.kind).ok_or(StoreError::Corrupt("kind"))? {
            DeletionKind::Video => Self::Video(row.target.parse().map_err(|_| corrupt)?),
            DeletionKind::Page => Self::Page(row.target.parse().map_err(|_| corrupt)?),
            DeletionKind::Tenant => Self::Tenant,
        })
    }

    fn id(&self) -> &str {
        match self {
            Self::Video(id) => id.as_str(),
            Self::Page(id) => id.as_str(),
            Self::Tenant => "",
        }
    }

    fn which(&self) -> Which<'_> {
        match self {
            Self::Video(id) => Which::One(id),
            Self::Page(id) => Which::OfPage(id),
            Self::Tenant => Which::All,
        }
    }
}

/// The id of a deletion that a request with this key asked for: the same for the same tenant and key.
pub fn id_of(owner: &dyn Owner, idempotency_key: &str) -> String {
    let text = format!("{}\n{idempotency_key}", owner.tenant_id());
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// How often files are looked for that were deleted and are there.
const LOOKS: u32 = 10;
/// The time between.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Deletes.
#[derive(Clone)]
pub struct Deletions {
    /// The rows.
    pub records: Records,
    /// The files.
    pub objects: Objects,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Wakes this process's upkeep, which ends what was begun.
    pub wake: Arc<Notify>,
}

impl Deletions {
    /// Notes what is to be deleted and gives the deletion's id; from here on it will be deleted,
    /// whatever happens to this process. A tenant's deletion also ends everything that the tenant
    /// may do. One of the same that is open already is the one that is given. `id` is what a request that is made
    /// again has in common with the first one; a new id where there is none.
    pub async fn note(
        &self,
        owner: &dyn Owner,
        target: &Target,
        reason: DeletionReason,
        id: Option<String>,
    ) -> Result<String, DeletionError> {
        let store = self.records.store();
        if let Some(id) = &id
            && store.deletion(owner, id).await?.is_some()
        {
            return Ok(id.clone());
        }
        // Of a page there may be new videos since the other was asked for, which may end meanwhile.
        if !matches!(target, Target::Page(_)) {
            let kind = text_of(&target.kind())?;
            if let Some(open) = store.open_deletion(owner, &kind, target.id()).await? {
                return Ok(open);
            }
        }
        // Of a tenant that is not known there is nothing, and nothing is what the receipt will say.
        let known = store.tenant(owner).await?;
        let row = DeletionRow {
            id: id.unwrap_or_else(|| uuid::Uuid::now_v7().to_string()),
            kind: text_of(&target.kind())?,
            target: target.id().to_owned(),
            folder: known.map(|row| row.folder).unwrap_or_default(),
            reason: text_of(&reason)?,
            requested_at: self.clock.unix_seconds(),
            completed_at: None,
            receipt: None,
        };
        let act = match target {
            Target::Video(_) => Act::VideoDeleted,
            Target::Page(_) => Act::PageDeleted,
            Target::Tenant => Act::TenantDeleted,
        };
        let role = match reason {
            DeletionReason::Request if *target == Target::Tenant => Role::Admin,
            DeletionReason::Request => Role::User,
            DeletionReason::Operator => Role::Operator,
            DeletionReason::Uninstalled | DeletionReason::Retention => Role::System,
        };
        let note = Note::new(act, role).of(owner);
        self.records.trail().append(note, row.requested_at).await?;
        store.note_deletion(owner, &row).await?;
        if *target == Target::Tenant {
            self.records.forget(owner);
            self.wake.notify_one();
        }
        tracing::info!(
            deletion = row.id,
            kind = row.kind,
            reason = row.reason,
            "deletion noted"
        );
        Ok(row.id)
    }

    /// Notes and deletes at once.
    pub async fn delete(
        &self,
        owner: &dyn Owner,
        target: &Target,
        reason: DeletionReason,
    ) -> Result<Deletion, DeletionError> {
        let id = self.note(owner, target, reason, None).await?;
        self.finish(owner, &id).await
    }

    /// How far a deletion is; `None` where the tenant has none of this id.
    pub async fn find(
        &self,
        owner: &dyn Owner,
        id: &str,
    ) -> Result<Option<Deletion>, DeletionError> {
        let row = self.records.store().deletion(owner, id).await?;
        Ok(row.map(|row| shown(&row)).transpose()?)
    }

    /// Brings a deletion to its end. One that has ended is given as it is.
    pub async fn finish(&self, owner: &dyn Owner, id: &str) -> Result<Deletion, DeletionError> {
        let store = self.records.store();
        let row = store.deletion(owner, id).await?;
        let row = row.ok_or(StoreError::Corrupt("id"))?;
        if row.completed_at.is_some() {
            return Ok(shown(&row)?);
        }
        let target = Target::of(&row)?;
        let removed = match target {
            Target::Tenant => self.delete_tenant(owner, &row).await?,
            _ => self.delete_videos(owner, &row, target.which()).await?,
        };
        let now = self.clock.unix_seconds();
        let receipt = Receipt {
            id: &row.id,
            tenant: owner.tenant_id(),
            kind: &row.kind,
            target: &row.target,
            reason: &row.reason,
            requested_at: timestamp(row.requested_at)?,
            completed_at: timestamp(now)?,
            removed,
            // Looked for, and not found: it is an error otherwise, and there is no receipt.
            remaining: 0,
        };
        let key = self.records.service_key(receipts::PURPOSE).await?;
        let text = receipts::sign(&key, &receipt)?;
        store.complete_deletion(owner, &row.id, &text, now).await?;
        let (kind, reason) = (row.kind.clone(), row.reason.clone());
        metrics::counter!("golpo_deletions_total", "kind" => kind, "reason" => reason).increment(1);
        tracing::info!(deletion = row.id, kind = row.kind, "deletion verified");
        // As it stands now: another process may have been faster, and its receipt counts.
        let row = store.deletion(owner, id).await?;
        Ok(shown(&row.ok_or(StoreError::Corrupt("id"))?)?)
    }

    async fn delete_videos(
        &self,
        owner: &dyn Owner,
        row: &DeletionRow,
        which: Which<'_>,
    ) -> Result<Removed, DeletionError> {
        let store = self.records.store();
        let mut removed = Removed::default();
        let Some(folder) = TenantFolder::parse(&row.folder) else {
            return Ok(removed);
        };
        let mut ids = store.video_ids(owner, which).await?;
        if let (true, Which::One(id)) = (ids.is_empty(), which) {
            // Interrupted after the row went: its files are known by its name all the same.
            ids.push(id.clone());
        }
        for id in &ids {
            // The files first: while there is a row, it is known what to look for.
            removed.objects += self.objects.delete_video(&folder, id).await?;
            removed.add(store.delete_videos(owner, Which::One(id)).await?);
            // Once more, for a worker that was just storing them; from here on it finds no job, and
            // removes what it stored by itself.
            removed.objects += self.objects.delete_video(&folder, id).await?;
        }
        let mut remains = store.video_ids(owner, which).await?.len() as u64;
        for id in &ids {
            remains += self.gone(&folder, id, &mut removed).await?;
        }
        match remains {
            0 => Ok(removed),
            remains => Err(DeletionError::Remains(remains)),
        }
    }

    /// Looks for a video's files, some times where a worker was in the middle of storing one; how many
    /// remain.
    async fn gone(
        &self,
        folder: &TenantFolder,
        id: &VideoId,
        removed: &mut Removed,
    ) -> Result<u64, DeletionError> {
        for _ in 1..LOOKS {
            if self.objects.count(folder, id).await? == 0 {
                return Ok(0);
            }
            removed.objects += self.objects.delete_video(folder, id).await?;
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Ok(self.objects.count(folder, id).await?)
    }

    async fn delete_tenant(
        &self,
        owner: &dyn Owner,
        row: &DeletionRow,
    ) -> Result<Removed, DeletionError> {
        let store = self.records.store();
        let mut removed = Removed::default();
        let Some(folder) = TenantFolder::parse(&row.folder) else {
            return Ok(removed);
        };
        // Jobs first, so that no worker stores more than it is storing now. Under another folder it is
        // the same site come back, whose data are none of this deletion's.
        removed.add(store.erase_videos(owner, &row.folder).await?);
        removed.objects += self.objects.delete_folder(&folder).await?;
        removed.add(store.erase_tenant(owner, &row.folder).await?);
        self.records.forget(owner);
        // What a worker stored meanwhile; and the last look.
        removed.objects += self.objects.delete_folder(&folder).await?;
        let known = store.tenant(owner).await?;
        if known.is_some_and(|known| known.folder == row.folder) {
            return Err(DeletionError::Remains(1));
        }
        Ok(removed)
    }
}

fn shown(row: &DeletionRow) -> Result<Deletion, StoreError> {
    Ok(Deletion {
        id: row.id.clone(),
        kind: word(&row.kind).ok_or(StoreError::Corrupt("kind"))?,
        reason: word(&row.reason).ok_or(StoreError::Corrupt("reason"))?,
        state: match row.completed_at {
            Some(_) => DeletionState::Verified,
            None => DeletionState::Running,
        },
        requested_at: timestamp(row.requested_at)?,
        completed_at: row.completed_at.map(timestamp).transpose()?,
        receipt: row.receipt.clone(),
    })
}
