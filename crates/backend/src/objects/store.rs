//! Reading, writing and deleting videos' files, the same on every kind of store. Must never leave
//! a part of a file under a file's name: it is there as a whole or not at all.

use std::collections::BTreeSet;
use std::future::Future;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Attributes, GetOptions, ObjectStore, ObjectStoreExt as _};
use protocol::VideoId;

use super::{MediaFile, ObjectError, TenantFolder, upload};

/// A call that moves no file is done within this, retries included.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// Where videos' files are.
#[derive(Clone)]
pub struct Objects {
    pub(super) store: Arc<dyn ObjectStore>,
    kind: Kind,
}

/// What one kind of store can do and another cannot.
#[derive(Clone)]
enum Kind {
    /// No attributes; what an upload left behind lies beside the files.
    Local(PathBuf),
}

impl Objects {
    /// Files under a local directory, which is made when it is missing, for its owner alone.
    pub fn local(directory: &FilePath) -> Result<Self, ObjectError> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
        let directory = directory.canonicalize()?;
        let store = LocalFileSystem::new_with_prefix(&directory)?
            .with_automatic_cleanup(true)
            .with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            kind: Kind::Local(directory),
        })
    }

    /// Copies a local file in, whole or not at all; an object of that name is replaced. What was
    /// uploaded is removed when the copy fails or is dropped half way.
    pub async fn put(
        &self,
        folder: &TenantFolder,
        video: &VideoId,
        file: MediaFile,
        source: &FilePath,
    ) -> Result<(), ObjectError> {
        let source = tokio::fs::File::open(source).await?;
        let attributes = match self.kind {
            Kind::Local(_) => Attributes::new(),
        };
        upload::put(&self.store, path(folder, video, file), attributes, source).await
    }

    /// The file's length in bytes.
    pub async fn length(
        &self,
        folder: &TenantFolder,
        video: &VideoId,
        file: MediaFile,
    ) -> Result<u64, ObjectError> {
        let path = path(folder, video, file);
        Ok(in_time(self.store.head(&path)).await?.size)
    }

    /// The bytes of a range, as they are read.
    pub async fn stream(
        &self,
        folder: &TenantFolder,
        video: &VideoId,
        file: MediaFile,
        range: Range<u64>,
    ) -> Result<Body, ObjectError> {
        let path = path(folder, video, file);
        let options = GetOptions {
            range: Some(range.into()),
            ..GetOptions::default()
        };
        let result = in_time(self.store.get_opts(&path, options)).await?;
        Ok(Body::from_stream(result.into_stream()))
    }

    /// Removes all files of a video; that some or all are not there is no error.
    pub async fn delete_video(
        &self,
        folder: &TenantFolder,
        video: &VideoId,
    ) -> Result<(), ObjectError> {
        for file in MediaFile::ALL {
            match in_time(self.store.delete(&path(folder, video, file))).await {
                Ok(()) | Err(ObjectError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The videos that have files in a tenant's folder.
    pub async fn list_videos(
        &self,
        folder: &TenantFolder,
    ) -> Result<BTreeSet<VideoId>, ObjectError> {
        let prefix = prefix(folder);
        let mut listing = self.store.list(Some(&prefix));
        let mut videos = BTreeSet::new();
        while let Some(object) = in_time(listing.try_next()).await? {
            videos.extend(super::sweep::owner(&object.location).map(|(_, video)| video));
        }
        Ok(videos)
    }

    /// Removes everything in a tenant's folder, also what is no video's, and gives how many objects
    /// that were. Looks again at the end: what is still there is an error.
    pub async fn delete_folder(&self, folder: &TenantFolder) -> Result<u64, ObjectError> {
        const TRIES: u32 = 3;
        let prefix = prefix(folder);
        let mut deleted = 0;
        for _ in 0..TRIES {
            let locations = self.store.list(Some(&prefix));
            let locations = locations.map_ok(|object| object.location).boxed();
            let mut answers = self.store.delete_stream(locations);
            while let Some(answer) = in_time(next(&mut answers)).await? {
                match answer {
                    Ok(_) => deleted += 1,
                    Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            self.delete_remains(folder).await?;
            if in_time(self.store.list(Some(&prefix)).try_next())
                .await?
                .is_none()
            {
                return Ok(deleted);
            }
        }
        let left = self
            .store
            .list(Some(&prefix))
            .try_fold(0, async |sum, _| Ok(sum + 1));
        Err(ObjectError::NotEmptied(in_time(left).await?))
    }

    /// Removes what uploads that never ended left in a tenant's folder.
    async fn delete_remains(&self, folder: &TenantFolder) -> Result<(), ObjectError> {
        match &self.kind {
            Kind::Local(directory) => {
                let directory = directory.join("videos").join(folder.as_str());
                match tokio::fs::remove_dir_all(&directory).await {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Whether the store can be written to.
    pub async fn probe(&self) -> Result<(), ObjectError> {
        let path = Path::from("health/probe");
        in_time(self.store.put(&path, "ok".into())).await?;
        match in_time(self.store.delete(&path)).await {
            // Another replica's probe was faster.
            Err(ObjectError::NotFound) => Ok(()),
            done => done,
        }
    }
}

async fn next<S: futures_util::Stream + Unpin>(
    stream: &mut S,
) -> Result<Option<S::Item>, object_store::Error> {
    Ok(stream.next().await)
}

/// A tenant's folder as a prefix.
fn prefix(folder: &TenantFolder) -> Path {
    Path::from(format!("videos/{folder}"))
}

/// A file's object name.
pub(super) fn path(folder: &TenantFolder, video: &VideoId, file: MediaFile) -> Path {
    Path::from(format!("videos/{folder}/{video}/{}", file.name()))
}

/// Bounds a call that moves no file.
pub(super) async fn in_time<T>(
    call: impl Future<Output = Result<T, object_store::Error>>,
) -> Result<T, ObjectError> {
    match tokio::time::timeout(CALL_LIMIT, call).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(ObjectError::Timeout),
    }
}
