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
use object_store::{Attribute, Attributes, GetOptions, ObjectStore, ObjectStoreExt as _};
use protocol::VideoId;
use time::OffsetDateTime;

use super::config::ObjectsConfig;
use super::s3::{self, Bucket};
use super::{MediaFile, ObjectError, ObjectsStartError, TenantFolder, upload};
use crate::aws::{Credentials, Limits};

/// Where videos' files are.
#[derive(Clone)]
pub struct Objects {
    pub(super) store: Arc<dyn ObjectStore>,
    kind: Kind,
    pub(super) limits: Limits,
}

/// What one kind of store can do and another cannot.
#[derive(Clone)]
enum Kind {
    /// No attributes; what an upload left behind lies beside the files.
    Local(PathBuf),
    /// Media types are set; what an upload left behind is asked for.
    S3(Arc<Bucket>),
}

impl Objects {
    /// The store that a configuration names. A bucket is written to and asked whether it encrypts
    /// as it was told to; one that does not is refused (P7).
    pub async fn open(
        config: &ObjectsConfig,
        credentials: impl FnOnce(&Limits) -> Result<Credentials, object_store::Error>,
    ) -> Result<Self, ObjectsStartError> {
        match config {
            ObjectsConfig::Local(directory) => Ok(Self::local(directory)?),
            ObjectsConfig::S3(config) => {
                let limits = config.limits;
                let credentials = credentials(&limits).map_err(ObjectError::from)?;
                let bucket = Bucket::new(config, &credentials)?;
                let objects = Self {
                    store: bucket.store(),
                    kind: Kind::S3(Arc::new(bucket)),
                    limits,
                };
                if let Kind::S3(bucket) = &objects.kind {
                    s3::check(bucket).await?;
                }
                Ok(objects)
            }
        }
    }

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
            limits: Limits::default(),
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
            Kind::S3(_) => Attributes::from_iter([(Attribute::ContentType, file.content_type())]),
        };
        let path = path(folder, video, file);
        upload::put(&self.store, &self.limits, path, attributes, source).await
    }

    /// The file's length in bytes.
    pub async fn length(
        &self,
        folder: &TenantFolder,
        video: &VideoId,
        file: MediaFile,
    ) -> Result<u64, ObjectError> {
        let path = path(folder, video, file);
        Ok(self.in_time(self.store.head(&path)).await?.size)
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
        let result = self.in_time(self.store.get_opts(&path, options)).await?;
        Ok(Body::from_stream(result.into_stream()))
    }

    /// Removes all files of a video, and what an upload left of one; gives how many there were.
    pub async fn delete_video(
        &self,
        folder: &TenantFolder,
        video: &VideoId,
    ) -> Result<u64, ObjectError> {
        let there = self.names(folder, video).await?;
        for path in &there {
            match self.in_time(self.store.delete(path)).await {
                // Another process is deleting the same.
                Ok(()) | Err(ObjectError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        self.delete_remains(&format!("{folder}/{video}")).await?;
        Ok(there.len() as u64)
    }

    /// How many files there are of a video.
    pub async fn count(&self, folder: &TenantFolder, video: &VideoId) -> Result<u64, ObjectError> {
        Ok(self.names(folder, video).await?.len() as u64)
    }

    async fn names(
        &self,
        folder: &TenantFolder,
        video: &VideoId,
    ) -> Result<Vec<Path>, ObjectError> {
        let prefix = Path::from(format!("videos/{folder}/{video}"));
        let listing = self.store.list(Some(&prefix));
        let names = listing.map_ok(|object| object.location).try_collect();
        self.in_time(names).await
    }

    /// The videos that have files in a tenant's folder.
    pub async fn list_videos(
        &self,
        folder: &TenantFolder,
    ) -> Result<BTreeSet<VideoId>, ObjectError> {
        let prefix = prefix(folder);
        let mut listing = self.store.list(Some(&prefix));
        let mut videos = BTreeSet::new();
        while let Some(object) = self.in_time(listing.try_next()).await? {
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
            while let Some(answer) = self.in_time(next(&mut answers)).await? {
                match answer {
                    Ok(_) => deleted += 1,
                    Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            self.delete_remains(folder.as_str()).await?;
            if self
                .in_time(self.store.list(Some(&prefix)).try_next())
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
        Err(ObjectError::NotEmptied(self.in_time(left).await?))
    }

    /// Removes what uploads that never ended left in a folder under that of videos.
    async fn delete_remains(&self, folder: &str) -> Result<(), ObjectError> {
        match &self.kind {
            Kind::Local(directory) => {
                let directory = directory.join("videos").join(folder);
                match tokio::fs::remove_dir_all(&directory).await {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
                    _ => Ok(()),
                }
            }
            Kind::S3(bucket) => bucket.abort_uploads(&format!("videos/{folder}/")).await,
        }
    }

    /// Aborts uploads that were begun more than `age` before `now` and never ended, in all folders,
    /// and gives how many. A crashed program leaves such.
    pub async fn sweep_uploads(
        &self,
        now: OffsetDateTime,
        age: Duration,
    ) -> Result<u64, ObjectError> {
        match &self.kind {
            Kind::Local(directory) => sweep_remains(directory.join("videos"), now, age).await,
            Kind::S3(bucket) => bucket.abort_old_uploads("videos/", now - age).await,
        }
    }

    /// Bounds a call that moves no file.
    pub(super) async fn in_time<T>(
        &self,
        call: impl Future<Output = Result<T, object_store::Error>>,
    ) -> Result<T, ObjectError> {
        in_time(&self.limits, call).await
    }

    /// Whether the store can be written to.
    pub async fn probe(&self) -> Result<(), ObjectError> {
        let path = Path::from("health/probe");
        self.in_time(self.store.put(&path, "ok".into())).await?;
        match self.in_time(self.store.delete(&path)).await {
            // Another replica's probe was faster.
            Err(ObjectError::NotFound) => Ok(()),
            done => done,
        }
    }
}

/// Removes the half-written files that `object_store` keeps beside the ones they are to become,
/// under their name, `#` and a number; it never lists them.
async fn sweep_remains(
    root: PathBuf,
    now: OffsetDateTime,
    age: Duration,
) -> Result<u64, ObjectError> {
    let mut folders = vec![root];
    let mut removed = 0;
    while let Some(folder) = folders.pop() {
        let mut entries = match tokio::fs::read_dir(&folder).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        while let Some(entry) = entries.next_entry().await? {
            let kind = entry.file_type().await?;
            if kind.is_dir() {
                folders.push(entry.path());
                continue;
            }
            let name = entry.file_name();
            let is_remains = name
                .to_string_lossy()
                .rsplit_once('#')
                .is_some_and(|(_, number)| {
                    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
                });
            if is_remains && OffsetDateTime::from(entry.metadata().await?.modified()?) < now - age {
                tokio::fs::remove_file(entry.path()).await?;
                removed += 1;
            }
        }
    }
    Ok(removed)
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
    limits: &Limits,
    call: impl Future<Output = Result<T, object_store::Error>>,
) -> Result<T, ObjectError> {
    match tokio::time::timeout(limits.call, call).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(ObjectError::Timeout),
    }
}
