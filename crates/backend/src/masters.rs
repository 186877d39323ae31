//! The master keys that the settings name, and the proof that they are those of the database: a key
//! of the service lies there wrapped, and who cannot unwrap it does not start. Must never let a
//! service with other keys go on: it would seal what nobody who has the right keys can open.

use std::sync::Arc;

use crate::aws::Credentials;
use crate::config::MasterKeySource;
use crate::objects::ObjectError;
use crate::store::{Store, StoreError};
use crate::vault::keys::KeyRing;
use crate::vault::master::{MasterKeyError, MasterKeys};
use crate::vault::{KmsMasterKeys, LocalMasterKeys};

/// The key that proves it. It is the one that receipts are signed with, so that a rotation, which
/// wraps that one anew, takes the proof along.
const PURPOSE: &str = "receipts";

/// Why the master keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MastersError {
    /// They could not be had, or are not those that the database's keys are wrapped by.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// No credentials of AWS could be had.
    #[error("no credentials of AWS could be had")]
    Credentials(#[source] ObjectError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The master keys; a file's can be changed by the program, others not.
pub enum Masters {
    /// Of a file or of the environment.
    Local(Arc<LocalMasterKeys>),
    /// Of AWS KMS.
    Kms(Arc<KmsMasterKeys>),
}

impl Masters {
    /// The keys that the settings name. Asks no service.
    pub fn open(source: &MasterKeySource) -> Result<Self, MastersError> {
        let local = match source {
            MasterKeySource::File { path, create: true } => LocalMasterKeys::read_or_create(path)?,
            MasterKeySource::File { path, .. } => LocalMasterKeys::read(path)?,
            MasterKeySource::Text(text) => LocalMasterKeys::from_text(text.expose())?,
            MasterKeySource::Kms(config) => {
                let credentials = Credentials::from_environment(&config.limits);
                let credentials =
                    credentials.map_err(|error| MastersError::Credentials(error.into()))?;
                return Ok(Self::Kms(Arc::new(KmsMasterKeys::new(
                    config,
                    &credentials,
                )?)));
            }
        };
        Ok(Self::Local(Arc::new(local)))
    }

    /// The keys, whatever they are.
    pub fn shared(&self) -> Arc<dyn MasterKeys> {
        match self {
            Self::Local(masters) => Arc::clone(masters) as Arc<dyn MasterKeys>,
            Self::Kms(masters) => Arc::clone(masters) as Arc<dyn MasterKeys>,
        }
    }

    /// The keys of a file; none where they are not in one.
    pub fn file(&self) -> Option<&Arc<LocalMasterKeys>> {
        match self {
            Self::Local(masters) if masters.is_file() => Some(masters),
            _ => None,
        }
    }
}

/// Unwraps the database's proof, and makes it where there is none. That KMS does not answer now is
/// no proof of anything: the service starts, and its readiness tells.
pub async fn check(store: &dyn Store, keys: &KeyRing) -> Result<(), MastersError> {
    match prove(store, keys).await {
        Err(MastersError::MasterKey(error)) if error.is_passing() => {
            let code = error.code();
            tracing::warn!(%error, code, "whether the master key is the database's is not known");
            Ok(())
        }
        done => done,
    }
}

async fn prove(store: &dyn Store, keys: &KeyRing) -> Result<(), MastersError> {
    // No tenant's id has a space in it.
    let context = format!("service {PURPOSE}");
    let mut wrapped = store.service_key(PURPOSE).await?;
    if wrapped.is_none() {
        // Where tenants are already, theirs must open before anything is said to be right.
        if let Some(first) = store.tenants("", 1).await?.first()
            && let Some(row) = store.tenant(&first.tenant).await?
        {
            let masters = keys.masters();
            masters
                .unwrap(&row.key, crate::store::Owner::tenant_id(&first.tenant))
                .await?;
        }
        let new = keys.create(&context).await?;
        store.put_service_key(PURPOSE, None, &new).await?;
        // Where another replica was faster, its key counts.
        wrapped = store.service_key(PURPOSE).await?;
    }
    let wrapped = wrapped.ok_or(StoreError::Corrupt("service key"))?;
    keys.key(&context, &wrapped).await?;
    Ok(())
}
