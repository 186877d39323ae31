//! What a site may use, and what it used: by month, space and engine, never by person (P8).

use serde::{Deserialize, Serialize};

use crate::SpaceId;

/// What an administrator allows. What is left out is not limited, or is as the service has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SiteLimits {
    /// Videos a calendar month (UTC); at most 1,000,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_videos: Option<u32>,
    /// Days that a video is kept, 1 to 3650.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

/// Finished videos of a month, a space and an engine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageLine {
    /// The month as `YYYY-MM` (UTC).
    pub month: String,
    /// The space; none of personal spaces, which stand for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub space_id: Option<SpaceId>,
    /// The engine.
    pub engine: String,
    /// Videos finished.
    pub videos: u64,
    /// Seconds of finished video, each video's rounded up.
    pub seconds: u64,
}

/// Usage of several months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageReport {
    /// By month, space and engine.
    pub lines: Vec<UsageLine>,
}
