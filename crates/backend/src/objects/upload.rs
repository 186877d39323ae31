//! Copying a file into the store in parts. Must never hold more than a few parts in memory, nor
//! leave parts behind: an upload that fails or is dropped is aborted.

use std::sync::Arc;

use object_store::path::Path;
use object_store::{
    Attributes, MultipartUpload, ObjectStore, PutMultipartOptions, PutOptions, PutPayload,
};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinSet;

use super::ObjectError;
use super::store::in_time;
use crate::aws::Limits;

/// S3 takes no part under 5 MiB but the last, and at most 10,000 parts: 80 GiB.
const PART_LEN: usize = 8 * 1024 * 1024;
/// Parts under way at once: at most 24 MiB of a file are in memory.
const PARTS_AT_ONCE: usize = 2;

/// Copies a file to its end.
pub(super) async fn put(
    store: &Arc<dyn ObjectStore>,
    limits: &Limits,
    path: Path,
    attributes: Attributes,
    mut source: File,
) -> Result<(), ObjectError> {
    let first = part(&mut source).await?;
    if first.len() < PART_LEN {
        let options = PutOptions {
            attributes,
            ..PutOptions::default()
        };
        let put = store.put_opts(&path, PutPayload::from(first), options);
        let put = tokio::time::timeout(limits.part, put).await;
        put.map_err(|_| ObjectError::Timeout)??;
        return Ok(());
    }
    let options = PutMultipartOptions {
        attributes,
        ..PutMultipartOptions::default()
    };
    let upload = in_time(limits, store.put_multipart_opts(&path, options)).await?;
    let mut upload = Unfinished {
        upload: Some(upload),
        limits: *limits,
    };
    let copied = copy(&mut upload, first, source).await;
    match copied {
        Ok(()) => {
            upload.upload = None;
            Ok(())
        }
        Err(error) => {
            upload.abort().await;
            Err(error)
        }
    }
}

async fn copy(
    upload: &mut Unfinished,
    first: Vec<u8>,
    mut source: File,
) -> Result<(), ObjectError> {
    let limits = upload.limits;
    let Some(upload) = &mut upload.upload else {
        return Ok(());
    };
    let mut under_way = JoinSet::new();
    let mut next = first;
    while !next.is_empty() {
        while under_way.len() >= PARTS_AT_ONCE {
            joined(under_way.join_next().await)?;
        }
        under_way.spawn(tokio::time::timeout(
            limits.part,
            upload.put_part(PutPayload::from(next)),
        ));
        next = part(&mut source).await?;
    }
    while let Some(done) = under_way.join_next().await {
        joined(Some(done))?;
    }
    in_time(&limits, upload.complete()).await?;
    Ok(())
}

type Joined =
    Result<Result<object_store::Result<()>, tokio::time::error::Elapsed>, tokio::task::JoinError>;

fn joined(done: Option<Joined>) -> Result<(), ObjectError> {
    match done {
        None => Ok(()),
        Some(Ok(Ok(done))) => Ok(done?),
        Some(Ok(Err(_))) => Err(ObjectError::Timeout),
        Some(Err(error)) => Err(object_store::Error::from(error).into()),
    }
}

/// The next part of a file; shorter than [`PART_LEN`] only at its end.
async fn part(source: &mut File) -> Result<Vec<u8>, ObjectError> {
    let mut part = Vec::with_capacity(PART_LEN);
    source.take(PART_LEN as u64).read_to_end(&mut part).await?;
    Ok(part)
}

/// An upload that is aborted unless it is taken out.
struct Unfinished {
    upload: Option<Box<dyn MultipartUpload>>,
    limits: Limits,
}

impl Unfinished {
    async fn abort(mut self) {
        if let Some(upload) = self.upload.take() {
            abort(upload, self.limits).await;
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Dropped half way: the video's job was cancelled, or the program is stopping.
        if let Some(upload) = self.upload.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(abort(upload, self.limits));
        }
    }
}

/// Best effort: the copy's own error is the one to tell, and the sweeper looks for remains.
async fn abort(mut upload: Box<dyn MultipartUpload>, limits: Limits) {
    if let Err(error) = in_time(&limits, upload.abort()).await {
        let code = error.code();
        tracing::warn!(%error, code, "an upload that failed could not be aborted");
    }
}
