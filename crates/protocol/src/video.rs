//! A video: asked for, in the making, done.

use serde::{Deserialize, Serialize};

use crate::{Failure, Fingerprint, PageId, Script, SpaceId, Timestamp, VideoId, VideoOptions};

/// Where a video stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VideoState {
    /// Waiting for a worker.
    Queued,
    /// A worker is at it.
    Running,
    /// Its files are there.
    Done,
    /// It failed; `failure` says why.
    Failed,
}

/// What the engine is doing, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Stage {
    /// Waiting.
    Waiting,
    /// Laying out scenes.
    Storyboard,
    /// Speaking.
    Narration,
    /// Drawing and encoding.
    Drawing,
    /// Copying into the object store.
    Storing,
}

/// A video as the app and the Custom UI see it. Its title is page content, so `Debug` does not print
/// it (P14).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Video {
    /// The id.
    pub id: VideoId,
    /// The page it was made from.
    pub page_id: PageId,
    /// That page's version then.
    pub page_version: u32,
    /// What the page said then; absent of videos from before there were fingerprints.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub source_fingerprint: Option<Fingerprint>,
    /// The title.
    pub title: String,
    /// Where it stands.
    pub state: VideoState,
    /// What is being done.
    pub stage: Stage,
    /// 0 to 100 over all stages; never falls.
    pub percent: u8,
    /// Why it failed; of one that is not done, what it waits for.
    pub failure: Option<Failure>,
    /// What was chosen.
    pub options: VideoOptions,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was done or failed.
    pub finished_at: Option<Timestamp>,
    /// How long it plays, in milliseconds, once done.
    pub duration_ms: Option<u32>,
    /// Who made it, once done: `local` or `golpo`; absent of videos from before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub engine: Option<String>,
}

/// A chapter of a finished video. Its title is page content, so `Debug` does not print it (P14).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chapter {
    /// Where it begins, in milliseconds.
    pub start_ms: u32,
    /// The section's heading.
    pub title: String,
}

/// Signed addresses of a finished video's files. They need no token and work until `expires_at`, so
/// `Debug` does not print them (P13).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Media {
    /// The MP4; answers byte ranges.
    pub video_url: String,
    /// The captions as WebVTT.
    pub captions_url: String,
    /// The poster as PNG.
    pub poster_url: String,
    /// The chapters.
    pub chapters: Vec<Chapter>,
    /// When the addresses stop working.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Video {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Video")
            .field("id", &self.id)
            .field("page_id", &self.page_id)
            .field("page_version", &self.page_version)
            .field("state", &self.state)
            .field("stage", &self.stage)
            .field("percent", &self.percent)
            .field("failure", &self.failure)
            .field("finished_at", &self.finished_at)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Chapter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Chapter(at {} ms)", self.start_ms)
    }
}

impl std::fmt::Debug for Media {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Media({} chapters, until {})",
            self.chapters.len(),
            self.expires_at
        )
    }
}

/// What the app asks the backend for: `POST /v1/videos`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewVideo {
    /// The page.
    pub page_id: PageId,
    /// Its space, for the usage by space. Left out of a personal space, which stands for a person (P8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub space_id: Option<SpaceId>,
    /// The version that the script was made from.
    pub page_version: u32,
    /// What the page said then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub source_fingerprint: Option<Fingerprint>,
    /// The narration source; its title is the video's.
    pub script: Script,
    /// What was chosen.
    #[serde(default)]
    pub options: VideoOptions,
}

/// A page of a list of videos, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VideoPage {
    /// At most as many as were asked for.
    pub videos: Vec<Video>,
    /// Ask with this cursor for the next ones; absent at the end.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p13_p14_debug_shows_no_title_and_no_signed_address() {
        let at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let chapter = Chapter {
            start_ms: 12,
            title: "The heron plan".into(),
        };
        let media = Media {
            video_url: "https://media.example.org/v?sig=heron".into(),
            captions_url: "https://media.example.org/c?sig=heron".into(),
            poster_url: "https://media.example.org/p?sig=heron".into(),
            chapters: vec![chapter],
            expires_at: at.clone(),
        };
        let video = Video {
            id: "0198c0de-0000-7000-8000-000000000001".parse().unwrap(),
            page_id: "65601".parse().unwrap(),
            page_version: 1,
            source_fingerprint: None,
            title: "The heron plan".into(),
            state: VideoState::Done,
            stage: Stage::Storing,
            percent: 100,
            failure: None,
            options: VideoOptions::default(),
            created_at: at.clone(),
            finished_at: Some(at),
            duration_ms: Some(1),
            engine: None,
        };
        let shown = format!("{media:?} {:?} {video:?}", media.chapters);
        assert!(!shown.contains("heron"), "{shown}");
        assert!(
            shown.contains("Done") && shown.contains("at 12 ms"),
            "{shown}"
        );
    }
}
