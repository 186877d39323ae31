//! What is known of the site as a whole.

use serde::{Deserialize, Serialize};

use crate::{ApiKeyState, OptionCatalogue};

/// The engine that makes this site's videos.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EngineDescription {
    /// `local` or `golpo`.
    pub name: String,
    /// Whether a video can be made only with an API key.
    pub requires_api_key: bool,
    /// What it offers.
    pub options: OptionCatalogue,
}

/// What the site used this calendar month (UTC).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// The month as `YYYY-MM`.
    pub month: String,
    /// Videos finished.
    pub videos: u32,
    /// Seconds of finished video.
    pub seconds: u32,
}

/// Everything the app needs to know of the site, in one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Site {
    /// The engine.
    pub engine: EngineDescription,
    /// The API key's state.
    pub api_key: ApiKeyState,
    /// This month's usage.
    pub usage: Usage,
}
