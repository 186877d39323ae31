//! What the service keeps, in clear: between handlers and worker, which speak in the types of
//! `protocol`, and [`Store`], which sees sealed bytes alone. Everything that a page, a person's choice
//! of words or an account gave is sealed on the way in and opened on the way out under the tenant's
//! own data key (P7), so that no other module handles an envelope. Must never keep a key longer than
//! the [`KeyRing`] does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fit::Tenant;
use protocol::{ErrorCode, Timestamp, VideoId};
use serde::{Serialize, de::DeserializeOwned};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use crate::audit::Trail;
use crate::incidents::containment::{Containment, InForce};
use crate::objects::TenantFolder;
use crate::store::{Owner, Store, StoreError, TenantState};
use crate::vault::master::MasterKeyError;
use crate::vault::{DataKey, Field, KeyRing, Place, VaultError};

mod answers;
mod jobs;
mod site;
mod videos;

pub use answers::Earlier;
pub use jobs::{ClaimedJob, Finished, JobJournal};
pub use videos::{ACCEPTED, Created};

/// How long a tenant's row is believed: a suspension works everywhere within this time (P19).
const BELIEVED: Duration = Duration::from_secs(2);

/// At most so many tenants' rows are remembered.
const REMEMBERED: usize = 10_000;

/// Why something could not be kept or found. Holds no values of rows.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The database failed, or holds what this program never wrote.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tenant's data key could not be had.
    #[error("the tenant's data key could not be had")]
    MasterKey(#[from] MasterKeyError),
    /// A sealed value could not be sealed or opened.
    #[error("a sealed value could not be handled")]
    Vault(#[from] VaultError),
    /// The system gave no random bytes.
    #[error("the system's random number generator failed")]
    Random,
    /// The tenant was suspended by an operator.
    #[error("the tenant is suspended")]
    Suspended,
    /// The tenant's data are being deleted.
    #[error("the tenant is being deleted")]
    Deleting,
    /// The tenant has no row.
    #[error("the tenant has no row")]
    Unknown,
}

impl RecordsError {
    /// The code of a refusal; none of a failure of ours.
    pub fn refusal(&self) -> Option<ErrorCode> {
        match self {
            Self::Suspended => Some(ErrorCode::SiteSuspended),
            Self::Deleting => Some(ErrorCode::SiteDeleting),
            _ => None,
        }
    }
}

/// A tenant's row with its key at hand.
#[derive(Clone)]
struct Known {
    folder: TenantFolder,
    key: Arc<DataKey>,
    state: TenantState,
}

impl Known {
    fn state(&self) -> Result<(), RecordsError> {
        match self.state {
            TenantState::Active => Ok(()),
            TenantState::Suspended => Err(RecordsError::Suspended),
            TenantState::Deleting => Err(RecordsError::Deleting),
        }
    }
}

/// What the service keeps.
#[derive(Clone)]
pub struct Records {
    store: Arc<dyn Store>,
    keys: Arc<KeyRing>,
    trail: Trail,
    containment: Arc<Containment>,
    known: Arc<Mutex<HashMap<String, (Instant, Known)>>>,
}

impl Records {
    /// Records in a store, sealed under keys of the ring.
    pub fn new(store: Arc<dyn Store>, keys: Arc<KeyRing>) -> Self {
        Self {
            trail: Trail::new(Arc::clone(&store), Arc::clone(&keys)),
            containment: Arc::new(Containment::new(Arc::clone(&store))),
            store,
            keys,
            known: Arc::default(),
        }
    }

    /// The rows.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The keys.
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.keys
    }

    /// The audit trail.
    pub fn trail(&self) -> &Trail {
        &self.trail
    }

    /// What contains incidents at this moment.
    pub async fn in_force(&self) -> Result<Arc<InForce>, RecordsError> {
        Ok(self.containment.in_force().await?)
    }

    /// Lets a tenant of a verified token in, or says why not.
    pub async fn admit(&self, tenant: &Tenant, now: i64) -> Result<(), RecordsError> {
        let known = match self.remembered(tenant) {
            Some(known) => known,
            None => match self.look_up(tenant).await? {
                Some(known) => known,
                None => self.register(tenant, now).await?,
            },
        };
        known.state()
    }

    /// Whether a tenant's files may be given to who holds their addresses.
    pub async fn may_serve(&self, owner: &dyn Owner) -> Result<(), RecordsError> {
        self.known(owner).await?.state()
    }

    /// The tenant's folder in the object store.
    pub async fn folder(&self, owner: &dyn Owner) -> Result<TenantFolder, RecordsError> {
        Ok(self.known(owner).await?.folder)
    }

    /// The tenant's data key.
    pub async fn key(&self, owner: &dyn Owner) -> Result<Arc<DataKey>, RecordsError> {
        Ok(self.known(owner).await?.key)
    }

    /// The service's own key of a purpose, made when it is first asked for.
    pub async fn service_key(&self, purpose: &str) -> Result<Arc<DataKey>, RecordsError> {
        // No tenant's id has a space in it.
        let context = format!("service {purpose}");
        let wrapped = match self.store.service_key(purpose).await? {
            Some(wrapped) => wrapped,
            None => {
                let new = self.keys.create(&context).await?;
                self.store.put_service_key(purpose, None, &new).await?;
                // Where another replica was faster, its key counts.
                let kept = self.store.service_key(purpose).await?;
                kept.ok_or(StoreError::Corrupt("purpose"))?
            }
        };
        Ok(self.keys.key(&context, &wrapped).await?)
    }

    /// Wraps the service's own key of a purpose under the current master key. Whether it was not yet.
    pub async fn rewrap_service_key(&self, purpose: &str) -> Result<bool, RecordsError> {
        let Some(wrapped) = self.store.service_key(purpose).await? else {
            return Ok(false);
        };
        let context = format!("service {purpose}");
        let Some(new) = self.keys.rewrap(&context, &wrapped).await? else {
            return Ok(false);
        };
        let from = Some(wrapped.master.as_str());
        Ok(self.store.put_service_key(purpose, from, &new).await?)
    }

    /// Drops what is in memory of a tenant: its state or its key has changed.
    pub fn forget(&self, owner: &dyn Owner) {
        self.remember().remove(owner.tenant_id());
        self.keys.forget(owner.tenant_id());
    }

    /// Drops what is too old to be believed. To be called every minute or so.
    pub fn tidy(&self) {
        self.remember()
            .retain(|_, (since, _)| since.elapsed() < BELIEVED);
        self.keys.tidy();
    }

    async fn known(&self, owner: &dyn Owner) -> Result<Known, RecordsError> {
        match self.remembered(owner) {
            Some(known) => Ok(known),
            None => self.look_up(owner).await?.ok_or(RecordsError::Unknown),
        }
    }

    fn remember(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Instant, Known)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self, owner: &dyn Owner) -> Option<Known> {
        let known = self.remember();
        let (since, known) = known.get(owner.tenant_id())?;
        (since.elapsed() < BELIEVED).then(|| known.clone())
    }

    async fn look_up(&self, owner: &dyn Owner) -> Result<Option<Known>, RecordsError> {
        match self.store.tenant(owner).await? {
            Some(row) => Ok(Some(self.learn(owner, row).await?)),
            None => Ok(None),
        }
    }

    async fn register(&self, tenant: &Tenant, now: i64) -> Result<Known, RecordsError> {
        let folder = TenantFolder::generate().map_err(|_| RecordsError::Random)?;
        let key = self.keys.create(tenant.id()).await?;
        // Where another request was faster, its row counts.
        let row = self
            .store
            .register(tenant, folder.as_str(), &key, now)
            .await?;
        self.learn(tenant, row).await
    }

    async fn learn(
        &self,
        owner: &dyn Owner,
        row: crate::store::TenantRow,
    ) -> Result<Known, RecordsError> {
        let known = Known {
            folder: TenantFolder::parse(&row.folder).ok_or(StoreError::Corrupt("folder"))?,
            key: self.keys.key(owner.tenant_id(), &row.key).await?,
            state: row.state,
        };
        let mut remembered = self.remember();
        if remembered.len() >= REMEMBERED {
            remembered.retain(|_, (since, _)| since.elapsed() < BELIEVED);
        }
        if remembered.len() < REMEMBERED {
            let entry = (Instant::now(), known.clone());
            remembered.insert(owner.tenant_id().to_owned(), entry);
        }
        Ok(known)
    }
}

fn video_place<'a>(owner: &'a dyn Owner, field: Field, video: &'a VideoId) -> Place<'a> {
    Place {
        tenant_id: owner.tenant_id(),
        field,
        record: video.as_str(),
    }
}

fn api_key_place(owner: &dyn Owner) -> Place<'_> {
    Place {
        tenant_id: owner.tenant_id(),
        field: Field::ApiKey,
        record: "",
    }
}

/// JSON for sealing or hashing; overwritten when dropped.
fn json<T: Serialize + ?Sized>(value: &T) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let bytes = serde_json::to_vec(value).map_err(|_| StoreError::Corrupt("json"))?;
    Ok(Zeroizing::new(bytes))
}

/// The enum value that serde writes as this word.
pub(crate) fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    use serde::de::IntoDeserializer as _;
    use serde::de::value::{Error, StrDeserializer};
    let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(deserializer).ok()
}

/// The word that serde writes for an enum value.
pub(crate) fn text_of<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        _ => Err(StoreError::Corrupt("word")),
    }
}

/// The timestamp of an instant in Unix seconds.
pub fn timestamp(unix_seconds: i64) -> Result<Timestamp, StoreError> {
    OffsetDateTime::from_unix_timestamp(unix_seconds)
        .ok()
        .and_then(|instant| instant.format(&Rfc3339).ok())
        .and_then(|text| text.parse().ok())
        .ok_or(StoreError::Corrupt("instant"))
}

/// The calendar month of an instant (UTC), as `YYYY-MM`.
pub fn month(unix_seconds: i64) -> Result<String, StoreError> {
    let instant = OffsetDateTime::from_unix_timestamp(unix_seconds)
        .map_err(|_| StoreError::Corrupt("instant"))?;
    Ok(format!(
        "{:04}-{:02}",
        instant.year(),
        u8::from(instant.month())
    ))
}
