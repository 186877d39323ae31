//! Deprecated: the objects before tenants had folders of their own making; a thin layer over
//! [`super::store::Objects`]. It goes when the store keeps a folder a tenant; nothing new may use it.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use protocol::VideoId;

use super::store;
use super::{MediaFile, ObjectError, TenantFolder};
use crate::vault::Vault;

/// Where videos' files are.
#[derive(Clone)]
pub struct Objects {
    inner: store::Objects,
    vault: Arc<Vault>,
}

impl Objects {
    /// Files under a local directory, which is made when it is missing.
    pub fn local(directory: &Path, vault: Arc<Vault>) -> Result<Self, ObjectError> {
        let inner = store::Objects::local(directory)?;
        Ok(Self { inner, vault })
    }

    fn folder(&self, tenant_id: &str) -> Result<TenantFolder, ObjectError> {
        let folder = self.vault.tenant_folder(tenant_id);
        TenantFolder::parse(&folder).ok_or(ObjectError::NotFound)
    }

    /// Copies a local file in, whole or not at all.
    pub async fn put(
        &self,
        tenant_id: &str,
        video: &VideoId,
        file: MediaFile,
        source: &Path,
    ) -> Result<(), ObjectError> {
        let folder = self.folder(tenant_id)?;
        self.inner.put(&folder, video, file, source).await
    }

    /// The file's length in bytes.
    pub async fn length(
        &self,
        tenant_id: &str,
        video: &VideoId,
        file: MediaFile,
    ) -> Result<u64, ObjectError> {
        let folder = self.folder(tenant_id)?;
        self.inner.length(&folder, video, file).await
    }

    /// The bytes of a range, as they are read.
    pub async fn stream(
        &self,
        tenant_id: &str,
        video: &VideoId,
        file: MediaFile,
        range: Range<u64>,
    ) -> Result<Body, ObjectError> {
        let folder = self.folder(tenant_id)?;
        self.inner.stream(&folder, video, file, range).await
    }

    /// Removes all files of a video; that some or all are not there is no error.
    pub async fn delete_video(&self, tenant_id: &str, video: &VideoId) -> Result<(), ObjectError> {
        let folder = self.folder(tenant_id)?;
        self.inner.delete_video(&folder, video).await
    }

    /// Whether the store can be written to.
    pub async fn probe(&self) -> Result<(), ObjectError> {
        self.inner.probe().await
    }
}
