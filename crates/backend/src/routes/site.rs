//! What is known of the site as a whole.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use protocol::{Problem, Site, Usage};

use crate::app::App;
use crate::error::ApiError;
use crate::request::Caller;

/// The engine, the API key's state and this month's usage.
#[utoipa::path(get, path = "/v1/site", operation_id = "getSite", security(("fit" = [])),
    responses((status = 200, body = Site), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn get(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
) -> Result<Json<Site>, ApiError> {
    let api_key = app.records.api_key_state(&tenant).await?;
    Ok(Json(Site {
        engine: app.engine_description(api_key.present),
        api_key,
        usage: app.records.usage(&tenant, app.clock.unix_seconds()).await?,
    }))
}

/// This month's usage.
#[utoipa::path(get, path = "/v1/usage", operation_id = "getUsage", security(("fit" = [])),
    responses((status = 200, body = Usage), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn usage(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
) -> Result<Json<Usage>, ApiError> {
    let now = app.clock.unix_seconds();
    Ok(Json(app.records.usage(&tenant, now).await?))
}
