//! A video: asked for, in the making, done.

use serde::{Deserialize, Serialize};

use crate::{Failure, Fingerprint, PageId, Script, Timestamp, VideoId, VideoOptions};

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

/// A video as the app and the Custom UI see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What was chosen.
    pub options: VideoOptions,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was done or failed.
    pub finished_at: Option<Timestamp>,
    /// How long it plays, in milliseconds, once done.
    pub duration_ms: Option<u32>,
}

/// A chapter of a finished video.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chapter {
    /// Where it begins, in milliseconds.
    pub start_ms: u32,
    /// The section's heading.
    pub title: String,
}

/// Signed addresses of a finished video's files. They need no token and work until `expires_at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What the app asks the backend for: `POST /v1/videos`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewVideo {
    /// The page.
    pub page_id: PageId,
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
