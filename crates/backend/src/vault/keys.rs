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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use tokio::sync::Semaphore;

    use super::super::local::LocalMasterKeys;
    use super::*;

    /// Master keys that count what they unwrap, and wait to be let.
    struct Counting {
        keys: LocalMasterKeys,
        unwrapped: AtomicU32,
        let_through: Semaphore,
    }

    #[async_trait]
    impl MasterKeys for Counting {
        fn current(&self) -> String {
            self.keys.current()
        }
        async fn wrap(&self, key: &DataKey, context: &str) -> Result<WrappedKey, MasterKeyError> {
            self.keys.wrap(key, context).await
        }
        async fn unwrap(
            &self,
            wrapped: &WrappedKey,
            context: &str,
        ) -> Result<DataKey, MasterKeyError> {
            self.unwrapped.fetch_add(1, Ordering::SeqCst);
            let _permit = self.let_through.acquire().await.unwrap();
            self.keys.unwrap(wrapped, context).await
        }
        async fn probe(&self) -> Result<(), MasterKeyError> {
            self.keys.probe().await
        }
    }

    fn ring(limits: KeyRingLimits, permits: usize) -> (Arc<KeyRing>, Arc<Counting>) {
        let text = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
        let masters = Arc::new(Counting {
            keys: LocalMasterKeys::from_text(text).unwrap(),
            unwrapped: AtomicU32::new(0),
            let_through: Semaphore::new(permits),
        });
        let ring = KeyRing::new(Arc::clone(&masters) as Arc<dyn MasterKeys>, limits);
        (Arc::new(ring), masters)
    }

    #[tokio::test]
    async fn p07_a_key_is_unwrapped_once_however_many_wait_for_it() {
        let (ring, masters) = ring(KeyRingLimits::default(), 0);
        let wrapped = ring.create("site-a").await.unwrap();
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let (ring, wrapped) = (Arc::clone(&ring), wrapped.clone());
                tokio::spawn(async move { ring.key("site-a", &wrapped).await.unwrap() })
            })
            .collect();
        tokio::task::yield_now().await;
        masters.let_through.add_permits(1);
        let mut keys = Vec::new();
        for key in waiting {
            keys.push(key.await.unwrap());
        }
        assert!(keys.iter().all(|key| Arc::ptr_eq(key, &keys[0])));
        assert_eq!(masters.unwrapped.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn p07_a_key_is_in_memory_for_minutes_at_most() {
        let (ring, masters) = ring(KeyRingLimits::default(), 1);
        let wrapped = ring.create("site-a").await.unwrap();
        let key = Arc::downgrade(&ring.key("site-a", &wrapped).await.unwrap());
        tokio::time::advance(Duration::from_secs(299)).await;
        ring.tidy();
        ring.key("site-a", &wrapped).await.unwrap();
        assert_eq!(masters.unwrapped.load(Ordering::SeqCst), 1);
        tokio::time::advance(Duration::from_secs(2)).await;
        ring.tidy();
        assert!(ring.is_empty() && key.upgrade().is_none());
        ring.key("site-a", &wrapped).await.unwrap();
        assert_eq!(masters.unwrapped.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn p22_a_forgotten_key_is_gone_also_when_it_was_being_unwrapped() {
        let (ring, masters) = ring(KeyRingLimits::default(), 0);
        let wrapped = ring.create("site-a").await.unwrap();
        let task = tokio::spawn({
            let (ring, wrapped) = (Arc::clone(&ring), wrapped.clone());
            async move { ring.key("site-a", &wrapped).await.unwrap() }
        });
        while masters.unwrapped.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        ring.forget("site-a");
        masters.let_through.add_permits(1);
        let key = Arc::downgrade(&task.await.unwrap());
        assert!(ring.is_empty() && key.upgrade().is_none());
    }

    #[tokio::test]
    async fn p22_a_tenant_that_came_back_gets_its_new_key() {
        let (ring, _) = ring(KeyRingLimits::default(), 1);
        let first = ring.create("site-a").await.unwrap();
        let second = ring.create("site-a").await.unwrap();
        let old = ring.key("site-a", &first).await.unwrap();
        let new = ring.key("site-a", &second).await.unwrap();
        assert_ne!(old.fingerprint("x"), new.fingerprint("x"));
        let error = ring.key("site-b", &second).await.unwrap_err();
        assert!(matches!(error, MasterKeyError::Refused));
    }

    #[tokio::test]
    async fn p07_only_so_many_keys_are_kept_and_the_longest_unused_goes() {
        let limits = KeyRingLimits {
            tenants: 2,
            ..KeyRingLimits::default()
        };
        let (ring, masters) = ring(limits, 1);
        let mut rows = Vec::new();
        for tenant in ["a", "b", "c"] {
            rows.push((tenant, ring.create(tenant).await.unwrap()));
        }
        let get = async |index: usize| {
            let before = masters.unwrapped.load(Ordering::SeqCst);
            ring.key(rows[index].0, &rows[index].1).await.unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
            masters.unwrapped.load(Ordering::SeqCst) > before
        };
        assert!(get(0).await && get(1).await && !get(0).await);
        assert!(get(2).await);
        assert_eq!(ring.len(), 2);
        assert!(!get(0).await && get(1).await);
    }
}
