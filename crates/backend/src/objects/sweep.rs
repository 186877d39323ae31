//! Finding and removing files whose video the database does not know: a process died between the
//! file and the row, or between the row's deletion and the file's. Must never remove a file that is
//! younger than the caller says: its row may be on its way.

use std::future::Future;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use object_store::path::Path;
use protocol::VideoId;
use time::OffsetDateTime;

use super::store::Objects;
use super::{ObjectError, TenantFolder};

/// What a sweep saw and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Videos that have files.
    pub videos: u64,
    /// Those whose files were removed, since no row is there.
    pub orphans: u64,
    /// Objects of other names than ours; left alone.
    pub foreign: u64,
}

/// The tenant's folder and the video of an object's name; none for a name that is not ours.
pub(super) fn owner(location: &Path) -> Option<(TenantFolder, VideoId)> {
    let mut parts = location.parts();
    if parts.next()?.as_ref() != "videos" {
        return None;
    }
    let folder = TenantFolder::parse(parts.next()?.as_ref())?;
    let video = parts.next()?.as_ref().parse().ok()?;
    (parts.count() == 1).then_some((folder, video))
}

/// A video's files that were listed so far.
struct Found {
    folder: TenantFolder,
    video: VideoId,
    /// Unix seconds at which the youngest of them was written.
    youngest: i64,
}

impl Objects {
    /// Asks `exists` for each video that has files, and removes the files of those that do not
    /// exist and were all written longer than `age` before `now`.
    pub async fn sweep<E, F, Answer>(
        &self,
        now: OffsetDateTime,
        age: Duration,
        mut exists: F,
    ) -> Result<Swept, E>
    where
        E: From<ObjectError>,
        F: FnMut(TenantFolder, VideoId) -> Answer,
        Answer: Future<Output = Result<bool, E>>,
    {
        let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        let young = now.unix_timestamp().saturating_sub(age);
        let mut swept = Swept::default();
        let mut listing = self.store.list(Some(&Path::from("videos")));
        let mut found: Option<Found> = None;
        // A video's files come one after the other: S3 lists by name, a disk by directory. Were they
        // torn apart, the video would be looked at twice and nothing else.
        loop {
            let object = self.in_time(listing.try_next()).await?;
            let next = object.as_ref().map(|object| owner(&object.location));
            if let (Some(object), Some(Some((folder, video)))) = (&object, &next)
                && let Some(found) = &mut found
                && (&found.folder, &found.video) == (folder, video)
            {
                found.youngest = found.youngest.max(object.last_modified.timestamp());
                continue;
            }
            if let Some(found) = found.take() {
                swept.videos += 1;
                if found.youngest < young
                    && !exists(found.folder.clone(), found.video.clone()).await?
                {
                    self.delete_video(&found.folder, &found.video).await?;
                    swept.orphans += 1;
                }
            }
            let Some(object) = object else {
                return Ok(swept);
            };
            match next.flatten() {
                None => swept.foreign += 1,
                Some((folder, video)) => {
                    let youngest = object.last_modified.timestamp();
                    found = Some(Found {
                        folder,
                        video,
                        youngest,
                    });
                }
            }
        }
    }
}
