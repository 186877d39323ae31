//! The audit trail (P18, P20): which security-relevant acts there were, when, in which role and about which
//! tenant. Only ever added to. Each entry's MAC covers the entry before it, and the trail's end is
//! sealed, so that an entry that was changed, taken away, moved or cut off the end shows. An entry is written
//! before its act, but for an incident's opening: nothing that is recorded here is done without its entry. Must never take a text, a
//! person or content: an entry is made of closed lists, ids and numbers.

use std::sync::Arc;

use serde::Serialize;

use crate::incidents::IncidentId;
use crate::records::RecordsError;
use crate::store::{Owner, Store, StoreError};
use crate::vault::KeyRing;
use crate::vault::chain::ChainKey;

pub mod acts;
pub mod chain;
pub mod command;
pub mod rows;

pub use acts::{Act, Role};
pub use chain::{Anchor, Fault, Verdict};
use rows::{EntryRow, HeadRow};

/// The service's own key whose chain key binds the trail.
pub const KEY_PURPOSE: &str = "audit";

/// How many entries are read at once.
const PAGE: i64 = 1000;

/// What is to be noted.
#[derive(Debug, Clone, Copy)]
pub struct Note<'a> {
    act: Act,
    role: Role,
    tenant: Option<&'a str>,
    incident: Option<IncidentId>,
    amount: i64,
}

impl<'a> Note<'a> {
    /// An act in a role, that happened once and is about no tenant.
    pub fn new(act: Act, role: Role) -> Self {
        Self {
            act,
            role,
            tenant: None,
            incident: None,
            amount: 1,
        }
    }

    /// About this tenant.
    pub fn of(self, owner: &'a dyn Owner) -> Self {
        self.of_id(owner.tenant_id())
    }

    /// About the tenant of this id, which may be gone.
    pub fn of_id(self, tenant: &'a str) -> Self {
        Self {
            tenant: Some(tenant),
            ..self
        }
    }

    /// Done for this incident.
    pub fn for_incident(self, incident: IncidentId) -> Self {
        Self {
            incident: Some(incident),
            ..self
        }
    }

    /// So many.
    pub fn times(self, amount: i64) -> Self {
        Self { amount, ..self }
    }
}

/// An entry, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub number: i64,
    /// Unix seconds.
    pub at: i64,
    /// [`Act`]'s word; perhaps one of a later version of this program.
    pub act: String,
    /// [`Role`]'s word.
    pub role: String,
    /// The tenant's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The incident's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// How many.
    pub amount: i64,
}

impl From<EntryRow> for Entry {
    fn from(row: EntryRow) -> Self {
        Self {
            number: row.number,
            at: row.happened_at,
            act: row.act,
            role: row.role,
            tenant: row.tenant,
            incident: row.incident,
            amount: row.amount,
        }
    }
}

/// The trail.
#[derive(Clone)]
pub struct Trail {
    store: Arc<dyn Store>,
    keys: Arc<KeyRing>,
}

impl Trail {
    /// The trail of a store, bound by a key of the ring.
    pub fn new(store: Arc<dyn Store>, keys: Arc<KeyRing>) -> Self {
        Self { store, keys }
    }

    /// Adds an entry. To be called before what it is about is done.
    pub async fn append(&self, note: Note<'_>, now: i64) -> Result<(), RecordsError> {
        let key = self.key().await?;
        self.store
            .append_entries(&|head| chain::link(&key, head, note, now))
            .await?;
        metrics::counter!("golpo_audit_entries_total").increment(1);
        Ok(())
    }

    /// Looks at every entry, and at the end.
    pub async fn verify(&self) -> Result<Verdict, RecordsError> {
        self.verify_after(&Anchor::default()).await
    }

    /// Looks at the entries behind one that was seen before, and at whether that one still stands.
    pub async fn verify_after(&self, anchor: &Anchor) -> Result<Verdict, RecordsError> {
        let extent = self.store.audit_extent().await?;
        let Some(key) = self.existing_key().await? else {
            return Ok(chain::without_key(&extent));
        };
        let mut look = chain::Look::new(&key, anchor);
        if anchor.entries > 0 {
            let there = self.store.audit_entries(anchor.entries - 1, 1).await?;
            look.anchored(there.first());
        }
        while look.is_good() && look.next() <= extent.head.entries {
            let entries = self.store.audit_entries(look.next() - 1, PAGE).await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                // What was added while this looks is for the next look.
                if entry.number > extent.head.entries || !look.entry(entry) {
                    break;
                }
            }
        }
        Ok(look.end(&extent))
    }

    /// Entries after a number, in order.
    pub async fn entries(&self, after: i64, at_most: i64) -> Result<Vec<Entry>, StoreError> {
        let rows = self.store.audit_entries(after, at_most).await?;
        Ok(rows.into_iter().map(Entry::from).collect())
    }

    /// Entries of an incident, in order.
    pub async fn entries_of(&self, incident: IncidentId) -> Result<Vec<Entry>, StoreError> {
        let rows = self.store.audit_entries_of(&incident.to_string()).await?;
        Ok(rows.into_iter().map(Entry::from).collect())
    }

    /// Entries from one instant to another, both included, in order.
    pub async fn entries_between(&self, from: i64, to: i64) -> Result<Vec<Entry>, StoreError> {
        let rows = self.store.audit_entries_between(from, to).await?;
        Ok(rows.into_iter().map(Entry::from).collect())
    }

    async fn existing_key(&self) -> Result<Option<ChainKey>, RecordsError> {
        let Some(wrapped) = self.store.service_key(KEY_PURPOSE).await? else {
            return Ok(None);
        };
        let key = self.keys.key(&Self::context(), &wrapped).await?;
        Ok(Some(ChainKey::of(&key)?))
    }

    async fn key(&self) -> Result<ChainKey, RecordsError> {
        if let Some(key) = self.existing_key().await? {
            return Ok(key);
        }
        let new = self.keys.create(&Self::context()).await?;
        // Where another process was faster, its key counts.
        self.store.put_service_key(KEY_PURPOSE, None, &new).await?;
        let key = self.existing_key().await?;
        key.ok_or_else(|| StoreError::Corrupt("purpose").into())
    }

    /// No tenant's id has a space in it.
    fn context() -> String {
        format!("service {KEY_PURPOSE}")
    }
}

/// What is bound of a head that nobody has written yet.
fn is_new(head: &HeadRow) -> bool {
    head.entries == 0 && head.mac.is_empty() && head.seal.is_empty()
}
