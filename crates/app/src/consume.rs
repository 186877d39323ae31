//! The queue's consumer: keeps what the byline shows of a page in Forge's key-value store, so that
//! a page view costs one cheap read instead of a call to the backend. Runs without a user.
//!
//! Forge delivers an event at least once. What is stored says which look is expected next, so that
//! an event that comes again, or a second video of the same page, starts no second row of looks.

use protocol::{Fingerprint, PageId, VideoId, VideoState};
use serde::Serialize;

use crate::{
    AppError, Host, LogLevel, LogLine, Scope, backend,
    freshness::Source,
    json::{self, object},
    scope,
};

/// The event that a page's videos have changed or are about to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageVideosChanged {
    page_id: PageId,
    /// The video that was asked for, the name of its row of looks; absent in events that an older
    /// version of the app queued.
    video_id: Option<VideoId>,
    /// How often it has been looked at already, so that a stuck video does not keep the queue busy.
    looks: u32,
}

/// Enough for two hours, the longest that an engine may take.
const MAX_LOOKS: u32 = 15;

impl PageVideosChanged {
    /// The event right after a video was asked for.
    pub(crate) fn first(page_id: PageId, video_id: VideoId) -> Self {
        Self {
            page_id,
            video_id: Some(video_id),
            looks: 0,
        }
    }

    /// Seconds until the look: soon at first, since short videos take half a minute, then ever
    /// later, up to the longest delay that Forge takes.
    fn delay_seconds(&self) -> u32 {
        match self.looks {
            0 => 5,
            1..3 => 10,
            3 => 15,
            looks => (30 << (looks - 4).min(5)).min(900),
        }
    }

    /// Whether this look is due, by what is stored: the next of its row, a later one after a write
    /// that failed, or the first of another row, which takes over.
    fn is_due(&self, expected: Option<&Looking>) -> bool {
        match expected {
            Some(next) if next.video_id == self.video_id => self.looks >= next.looks,
            Some(_) => self.looks == 0,
            // Also after a first look that failed before it could store anything.
            None => true,
        }
    }
}

/// The look that comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Looking {
    video_id: Option<VideoId>,
    looks: u32,
}

/// What the byline needs of a page's videos, as it is stored. Its versions, each of which is read:
///
/// - 0: `versions` alone, without a number
/// - 1: `fingerprints` as well, without a number
/// - 2: `v`, and `looking` while a video is made
///
/// Of a later version, which an app that was set back may meet, nothing is read: the next look
/// counts anew. `crates/app/tests/fixtures/page-videos` holds one of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageVideos {
    v: u32,
    /// The page version of each finished video, newest first.
    pub versions: Vec<u32>,
    /// What the page said then, in the same order.
    pub fingerprints: Vec<Option<Fingerprint>>,
    /// None when nothing is looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    looking: Option<Looking>,
}

object! {
    PageVideosChanged open {
        page_id: "pageId",
        video_id: "videoId",
        looks: "looks",
    }
    Looking open {
        video_id: "videoId",
        looks: "looks",
    }
    PageVideos open {
        v: "v" or default,
        versions: "versions",
        fingerprints: "fingerprints" or default,
        looking: "looking",
    }
}

/// The version of [`PageVideos`] that is written.
const VERSION: u32 = 2;

impl PageVideos {
    /// What each of the videos was made from.
    pub(crate) fn sources(&self) -> impl Iterator<Item = Source> {
        let fingerprints = self.fingerprints.iter().copied();
        self.versions
            .iter()
            .zip(fingerprints.chain(std::iter::repeat(None)))
            .map(|(version, fingerprint)| Source {
                version: *version,
                fingerprint,
            })
    }

    /// The key of a page's summary.
    pub(crate) fn key(page_id: &PageId) -> String {
        format!("page-videos:{page_id}")
    }

    /// The summary of a page; none where there are no videos, or where an older version of the app
    /// wrote something else.
    pub(crate) async fn read<H: Host>(
        host: &H,
        page_id: &PageId,
    ) -> Result<Option<Self>, AppError> {
        scope::require(host, Scope::Storage)?;
        let json = host
            .kvs_get(&Self::key(page_id))
            .await
            .map_err(AppError::of_storage)?;
        Ok(json
            .and_then(|json| json::read(&json).ok())
            .filter(|videos: &Self| videos.v <= VERSION))
    }
}

/// Puts the event into the queue. A failure is logged and not passed on: the byline is then late.
pub(crate) async fn enqueue<H: Host>(host: &H, event: PageVideosChanged) {
    let sent = match serde_json::to_string(&event) {
        Ok(json) => host.queue(&json, event.delay_seconds()).await.is_ok(),
        Err(_) => false,
    };
    if !sent {
        host.log(
            LogLevel::Warn,
            LogLine::new("queue=page-videos the event could not be queued"),
        );
    }
}

/// Consumes one event, a JSON text. Doing it twice does no harm.
pub async fn consume<H: Host>(host: &H, event: &str) {
    let Ok(event) = json::read::<PageVideosChanged>(event) else {
        return report(
            host,
            &AppError::Malformed("The event is malformed.".to_owned()),
        );
    };
    if let Err(error) = look(host, &event).await {
        report(host, &error);
        // What did not answer may do so later; nobody else would look again.
        if !matches!(error, AppError::ScopeMissing(_)) {
            look_again(host, &event).await;
        }
    }
}

fn report<H: Host>(host: &H, error: &AppError) {
    let line = format!("consumer=page-videos code={} {error}", error.code());
    host.log(LogLevel::Error, LogLine::new(&line));
}

async fn look<H: Host>(host: &H, event: &PageVideosChanged) -> Result<(), AppError> {
    let stored = PageVideos::read(host, &event.page_id).await?;
    let before = stored.clone().unwrap_or_default();
    if !event.is_due(before.looking.as_ref()) {
        return Ok(());
    }
    let videos = backend::videos(host, Some(&event.page_id), None)
        .await?
        .videos;
    let unfinished = videos
        .iter()
        .any(|video| matches!(video.state, VideoState::Queued | VideoState::Running));
    // Queued before it is written: after a crash in between, the same look comes again and finds
    // itself due, where the other way round nobody would look any more.
    let looking = match unfinished {
        true => Some(look_again(host, event).await),
        false => None,
    };
    let (versions, fingerprints): (Vec<u32>, Vec<_>) = videos
        .iter()
        .filter(|video| video.state == VideoState::Done)
        .map(|video| (video.page_version, video.source_fingerprint))
        .unzip();
    let now = PageVideos {
        v: VERSION,
        versions,
        fingerprints,
        looking,
    };
    if now == before {
        return Ok(());
    }
    let key = PageVideos::key(&event.page_id);
    let is_empty = now.versions.is_empty() && now.looking.is_none();
    if is_empty && stored.is_none() {
        return Ok(());
    }
    match serde_json::to_string(&now) {
        Ok(json) if !is_empty => host.kvs_set(&key, &json).await,
        _ => host.kvs_delete(&key).await,
    }
    .map_err(AppError::of_storage)
}

/// Queues the next look, unless there were enough; gives what is then expected, after the last look
/// one that nobody makes.
async fn look_again<H: Host>(host: &H, event: &PageVideosChanged) -> Looking {
    let next = PageVideosChanged {
        looks: event.looks + 1,
        ..event.clone()
    };
    let looking = Looking {
        video_id: next.video_id.clone(),
        looks: next.looks,
    };
    if next.looks < MAX_LOOKS {
        enqueue(host, next).await;
    }
    looking
}
