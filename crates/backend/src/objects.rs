//! The files of finished videos. Object names hold a keyed hash in place of the tenant (P8), a
//! video id and one of three fixed file names; never a title or anything a user wrote. Files are
//! streamed: a whole video is never in memory.

use std::ops::Range;
use std::path::Path as FilePath;
use std::sync::Arc;

use axum::body::Body;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt as _};
use protocol::VideoId;

use crate::vault::Vault;

/// One of a video's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaFile {
    /// `video.mp4`
    Video,
    /// `captions.vtt`
    Captions,
    /// `poster.png`
    Poster,
}

impl MediaFile {
    /// Every file of a video.
    pub const ALL: [Self; 3] = [Self::Video, Self::Captions, Self::Poster];

    /// The file's name in addresses and object names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Video => "video.mp4",
            Self::Captions => "captions.vtt",
            Self::Poster => "poster.png",
        }
    }

    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Video => "video/mp4",
            Self::Captions => "text/vtt; charset=utf-8",
            Self::Poster => "image/png",
        }
    }

    /// The file of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.name() == name)
    }
}

/// The object store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The object is not there.
    #[error("the object does not exist")]
    NotFound,
    /// The store failed.
    #[error("the object store failed")]
    Store(#[source] object_store::Error),
    /// The file to store could not be read, or not be written to the end.
    #[error("a file could not be copied to the object store")]
    Copy(#[from] std::io::Error),
}

impl From<object_store::Error> for ObjectError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            other => Self::Store(other),
        }
    }
}

/// Where videos' files are.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    vault: Arc<Vault>,
}

impl Objects {
    /// Files under a local directory, which is made when it is missing.
    pub fn local(directory: &FilePath, vault: Arc<Vault>) -> Result<Self, ObjectError> {
        std::fs::create_dir_all(directory)?;
        let store = LocalFileSystem::new_with_prefix(directory)?.with_automatic_cleanup(true);
        Ok(Self {
            store: Arc::new(store),
            vault,
        })
    }

    fn path(&self, tenant_id: &str, video: &VideoId, file: MediaFile) -> Path {
        let folder = self.vault.tenant_folder(tenant_id);
        Path::from(format!("videos/{folder}/{video}/{}", file.name()))
    }

    /// Copies a local file in, whole or not at all.
    pub async fn put(
        &self,
        tenant_id: &str,
        video: &VideoId,
        file: MediaFile,
        source: &FilePath,
    ) -> Result<(), ObjectError> {
        let mut source = tokio::fs::File::open(source).await?;
        let mut target = BufWriter::new(Arc::clone(&self.store), self.path(tenant_id, video, file));
        if let Err(error) = tokio::io::copy(&mut source, &mut target).await {
            // Best effort: the copy's own error is the one to tell.
            let _ = target.abort().await;
            return Err(error.into());
        }
        tokio::io::AsyncWriteExt::shutdown(&mut target).await?;
        Ok(())
    }

    /// The file's length in bytes.
    pub async fn length(
        &self,
        tenant_id: &str,
        video: &VideoId,
        file: MediaFile,
    ) -> Result<u64, ObjectError> {
        let path = self.path(tenant_id, video, file);
        Ok(self.store.head(&path).await?.size)
    }

    /// The bytes of a range, as they are read.
    pub async fn stream(
        &self,
        tenant_id: &str,
        video: &VideoId,
        file: MediaFile,
        range: Range<u64>,
    ) -> Result<Body, ObjectError> {
        let path = self.path(tenant_id, video, file);
        let options = GetOptions {
            range: Some(range.into()),
            ..GetOptions::default()
        };
        let result = self.store.get_opts(&path, options).await?;
        Ok(Body::from_stream(result.into_stream()))
    }

    /// Removes all files of a video; that some or all are not there is no error.
    pub async fn delete_video(&self, tenant_id: &str, video: &VideoId) -> Result<(), ObjectError> {
        for file in MediaFile::ALL {
            match self.store.delete(&self.path(tenant_id, video, file)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Whether the store can be written to.
    pub async fn probe(&self) -> Result<(), ObjectError> {
        let path = Path::from("health/probe");
        self.store.put(&path, "ok".into()).await?;
        self.store.delete(&path).await?;
        Ok(())
    }
}
