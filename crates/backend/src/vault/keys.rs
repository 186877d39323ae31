//! Tenants' data keys in memory: as few as are at work, for minutes, each unwrapped once however
//! many requests wait for it. Must never give a key for another wrapped key than the caller's row
//! holds: a tenant that was deleted and came back has a new one, perhaps made by another replica.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::envelope::DataKey;
use super::master::{MasterKeyError, MasterKeys, WrappedKey};

/// How many keys are kept, and how long.
#[derive(Debug, Clone, Copy)]
pub struct KeyRingLimits {
    /// At most so many tenants' keys; the one that was not used for longest goes first.
    pub tenants: usize,
    /// A key is unwrapped anew after this time, so that a key taken away in KMS stops working.
    pub age: Duration,
}

impl Default for KeyRingLimits {
    fn default() -> Self {
        Self {
            tenants: 1000,
            age: Duration::from_secs(5 * 60),
        }
    }
}

/// An unwrapped key, and of what.
struct Unwrapped {
    of: WrappedKey,
    key: Arc<DataKey>,
    since: Instant,
}

/// A tenant's place. Whoever unwraps holds the lock, so that all others wait for the same key.
type Slot = Arc<tokio::sync::Mutex<Option<Unwrapped>>>;

struct Entry {
    slot: Slot,
    used: Instant,
    /// When the key in the slot is too old, if there is one.
    until: Instant,
}

/// The unwrapped data keys.
pub struct KeyRing {
    masters: Arc<dyn MasterKeys>,
    limits: KeyRingLimits,
    /// Locked for a look-up only, never while a key is unwrapped.
    entries: Mutex<HashMap<String, Entry>>,
}

impl KeyRing {
    /// An empty ring over the master keys.
    pub fn new(masters: Arc<dyn MasterKeys>, limits: KeyRingLimits) -> Self {
        Self {
            masters,
            limits,
            entries: Mutex::default(),
        }
    }

    /// The master keys, for wrapping and rotation.
    pub fn masters(&self) -> &Arc<dyn MasterKeys> {
        &self.masters
    }

    /// A new data key for a tenant that has none, and what to keep of it. The key is in the ring
    /// only when [`Self::key`] is asked for it: another replica's row may win.
    pub async fn create(&self, tenant_id: &str) -> Result<WrappedKey, MasterKeyError> {
        let key = DataKey::generate()?;
        self.masters.wrap(&key, tenant_id).await
    }

    /// The tenant's data key of this row.
    pub async fn key(
        &self,
        tenant_id: &str,
        wrapped: &WrappedKey,
    ) -> Result<Arc<DataKey>, MasterKeyError> {
        let slot = self.slot(tenant_id);
        let mut unwrapped = slot.lock().await;
        let now = Instant::now();
        if let Some(known) = &*unwrapped
            && known.of == *wrapped
            && now < known.since + self.limits.age
        {
            return Ok(Arc::clone(&known.key));
        }
        // Dropped first: a key that no longer unwraps must not stay.
        *unwrapped = None;
        let key = Arc::new(self.masters.unwrap(wrapped, tenant_id).await?);
        *unwrapped = Some(Unwrapped {
            of: wrapped.clone(),
            key: Arc::clone(&key),
            since: Instant::now(),
        });
        Ok(key)
    }

    /// The same key wrapped by the current master key; none where it is already.
    pub async fn rewrap(
        &self,
        tenant_id: &str,
        wrapped: &WrappedKey,
    ) -> Result<Option<WrappedKey>, MasterKeyError> {
        if wrapped.master == self.masters.current() {
            return Ok(None);
        }
        let key = self.masters.unwrap(wrapped, tenant_id).await?;
        Ok(Some(self.masters.wrap(&key, tenant_id).await?))
    }

    /// Drops a tenant's key, also one that is being unwrapped now: a tenant is being deleted.
    pub fn forget(&self, tenant_id: &str) {
        self.entries().remove(tenant_id);
    }

    /// Drops all keys that are too old. To be called every minute or so.
    pub fn tidy(&self) {
        let now = Instant::now();
        self.entries().retain(|_, entry| now < entry.until);
    }

    /// How many tenants have a place.
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether no tenant has a place.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, tenant_id: &str) -> Slot {
        let now = Instant::now();
        let mut entries = self.entries();
        if let Some(entry) = entries.get_mut(tenant_id)
            && now < entry.until
        {
            entry.used = now;
            return Arc::clone(&entry.slot);
        }
        if entries.len() >= self.limits.tenants.max(1) {
            entries.retain(|_, entry| now < entry.until);
        }
        while entries.len() >= self.limits.tenants.max(1) {
            let oldest = entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(id, _)| id.clone()) else {
                break;
            };
            entries.remove(&oldest);
        }
        let slot = Slot::default();
        let entry = Entry {
            slot: Arc::clone(&slot),
            used: now,
            until: now + self.limits.age,
        };
        entries.insert(tenant_id.to_owned(), entry);
        slot
    }
}
