//! What must be true when it is quiet again.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use backend::objects::{MediaFile, ObjectError, TenantFolder};
use protocol::VideoId;
use time::OffsetDateTime;

use crate::load::Asked;
use crate::pause;
use crate::place::Place;
use crate::worker::VIDEO_LEN;

const HOUR: Duration = Duration::from_secs(3600);

/// What was counted.
pub struct Figures {
    pub accepted: usize,
    pub deleted: usize,
    pub again: u64,
    pub charged: usize,
    /// Videos whose files the sweeper found without a row, and uploads that never ended.
    pub orphans: u64,
    pub remains: u64,
    /// How long the last job took after the load had ended, in seconds.
    pub settled: f64,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            accepted,
            deleted,
            again,
            charged,
            orphans,
            remains,
            settled,
        } = self;
        write!(
            formatter,
            "{accepted} videos accepted ({again} requests made again), {deleted} deleted, {charged} charged \
             once; 0 lost, 0 twice; the sweeper found files of {orphans} and {remains} half files; quiet \
             after {settled:.1} s"
        )
    }
}

/// Waits until no job is left, and looks at everything.
pub async fn look(place: &Place, asked: &Asked) -> Figures {
    let started = Instant::now();
    loop {
        let left = place.rows("SELECT video_id FROM jobs").await.len();
        if left == 0 {
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(90),
            "{left} jobs are never done: {}",
            std::fs::read_to_string(place.at("worker-0.log")).unwrap_or_default()
        );
        pause(100).await;
    }
    let settled = started.elapsed().as_secs_f64();

    // Every accepted video is there and done, but for those that were deleted; and no other is.
    let ids = |rows: Vec<String>| -> BTreeSet<VideoId> {
        let count = rows.len();
        let ids: BTreeSet<VideoId> = rows.iter().map(|id| id.parse().unwrap()).collect();
        assert_eq!(ids.len(), count, "a video is there twice");
        ids
    };
    let wanted: BTreeSet<VideoId> = asked
        .accepted
        .keys()
        .filter(|id| !asked.deleted.contains_key(id))
        .cloned()
        .collect();
    let done = ids(place
        .rows("SELECT id FROM videos WHERE state = 'done'")
        .await);
    let all = ids(place.rows("SELECT id FROM videos").await);
    assert_eq!(done, wanted, "lost, or made of no request");
    assert_eq!(all, wanted);

    // Each is charged once; of the deleted ones those that were done before.
    let charges = ids(place.rows("SELECT video_id FROM charges").await);
    assert!(charges.is_superset(&wanted), "a video was not charged");
    for id in &charges {
        assert!(asked.accepted.contains_key(id), "{id} is nobody's");
    }

    // After the sweeper, files and rows are of the same videos, and each has all of its files.
    let (store, objects) = (place.store().await, place.objects().await);
    let later = OffsetDateTime::now_utc() + HOUR * 2;
    let sweep = async || {
        objects
            .sweep::<ObjectError, _, _>(later, HOUR, |_, video| {
                let store = &store;
                async move { Ok(store.owner_of_video(&video).await.unwrap().is_some()) }
            })
            .await
            .unwrap()
    };
    // One more that nobody knows, so that it is seen to sweep.
    let stray = TenantFolder::generate().unwrap();
    let poster = place.at("stray.png");
    std::fs::write(&poster, "png").unwrap();
    let unknown: VideoId = uuid::Uuid::now_v7().to_string().parse().unwrap();
    let put = objects.put(&stray, &unknown, MediaFile::Poster, &poster);
    put.await.unwrap();
    let swept = sweep().await;
    assert!(swept.orphans > 0);
    let remains = objects.sweep_uploads(later, HOUR).await.unwrap();
    let again = sweep().await;
    assert_eq!((again.orphans, again.foreign), (0, 0));
    let mut with_files = BTreeSet::new();
    for folder in place.rows("SELECT folder FROM tenants").await {
        let folder = TenantFolder::parse(&folder).unwrap();
        for video in objects.list_videos(&folder).await.unwrap() {
            for file in MediaFile::ALL {
                let length = objects.length(&folder, &video, file).await.unwrap();
                assert!(file != MediaFile::Video || length == VIDEO_LEN as u64);
            }
            with_files.insert(video);
        }
    }
    assert_eq!(
        with_files, wanted,
        "files without a row, or a video without"
    );
    store.close().await;
    Figures {
        accepted: asked.accepted.len(),
        deleted: asked.deleted.len(),
        again: asked.again,
        charged: charges.len(),
        orphans: swept.orphans - 1,
        remains,
        settled,
    }
}
