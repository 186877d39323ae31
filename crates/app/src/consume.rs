//! The queue's consumer: keeps what the byline shows of a page in Forge's key-value store, so that
//! a page view costs one cheap read instead of a call to the backend. Runs without a user.

use protocol::{Fingerprint, PageId, VideoState};
use serde::{Deserialize, Serialize};

use crate::{AppError, Host, LogLevel, LogLine, Scope, backend, freshness::Source, scope};

/// The event that a page's videos have changed or are about to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PageVideosChanged {
    page_id: PageId,
    /// How often it has been looked at already, so that a stuck video does not keep the queue busy.
    looks: u32,
}

/// Enough for two hours, the longest that an engine may take.
const MAX_LOOKS: u32 = 72;

impl PageVideosChanged {
    /// The event right after a video was asked for.
    pub(crate) fn first(page_id: PageId) -> Self {
        Self { page_id, looks: 0 }
    }

    /// Seconds until the next look: soon at first, since short videos take half a minute.
    fn delay_seconds(&self) -> u32 {
        match self.looks {
            0..4 => 5,
            4..12 => 15,
            _ => 120,
        }
    }
}

/// What the byline needs of a page's videos.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageVideos {
    /// The page version of each finished video, newest first.
    pub versions: Vec<u32>,
    /// What the page said then, in the same order; absent in what older versions of the app wrote.
    #[serde(default)]
    pub fingerprints: Vec<Option<Fingerprint>>,
}

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
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
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
    if let Err(error) = try_consume(host, event).await {
        let line = format!("consumer=page-videos code={} {error}", error.code());
        host.log(LogLevel::Error, LogLine::new(&line));
    }
}

async fn try_consume<H: Host>(host: &H, event: &str) -> Result<(), AppError> {
    let event: PageVideosChanged = serde_json::from_str(event).map_err(|error| {
        AppError::Malformed(format!(
            "The event is malformed at column {}.",
            error.column()
        ))
    })?;
    let again = PageVideosChanged {
        looks: event.looks + 1,
        ..event.clone()
    };
    let videos = match backend::videos(host, Some(&event.page_id), None).await {
        Ok(page) => page.videos,
        Err(error) => {
            if again.looks < MAX_LOOKS {
                enqueue(host, again).await;
            }
            return Err(error);
        }
    };
    let before = PageVideos::read(host, &event.page_id).await?;
    let (versions, fingerprints): (Vec<u32>, Vec<_>) = videos
        .iter()
        .filter(|video| video.state == VideoState::Done)
        .map(|video| (video.page_version, video.source_fingerprint))
        .unzip();
    let now = (!versions.is_empty()).then_some(PageVideos {
        versions,
        fingerprints,
    });
    if now != before {
        write(host, &event.page_id, now).await?;
    }
    let unfinished = videos
        .iter()
        .any(|video| matches!(video.state, VideoState::Queued | VideoState::Running));
    if unfinished && again.looks < MAX_LOOKS {
        enqueue(host, again).await;
    }
    Ok(())
}

async fn write<H: Host>(
    host: &H,
    page_id: &PageId,
    now: Option<PageVideos>,
) -> Result<(), AppError> {
    let key = PageVideos::key(page_id);
    let json = now
        .as_ref()
        .and_then(|videos| serde_json::to_string(videos).ok());
    match json {
        Some(json) => host.kvs_set(&key, &json).await,
        None => host.kvs_delete(&key).await,
    }
    .map_err(AppError::of_storage)
}
