//! What a site may use and what it used.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use protocol::{ErrorCode, Problem, SiteLimits, UsageReport};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::audit::{Act, Note, Role};
use crate::error::ApiError;
use crate::request::{Caller, JsonBody, QueryValues};

/// The most videos a month that can be allowed.
const MOST_VIDEOS: u32 = 1_000_000;
/// The longest retention, in days.
const MOST_DAYS: u32 = 3650;

/// What an administrator allows.
#[utoipa::path(get, path = "/v1/limits", operation_id = "getLimits", security(("fit" = [])),
    responses((status = 200, body = SiteLimits), (status = "default", body = Problem)))]
pub async fn get(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
) -> Result<Json<SiteLimits>, ApiError> {
    Ok(Json(app.records.limits(&tenant).await?))
}

/// Allows so much and no more, from the next request on; what is left out is not limited.
#[utoipa::path(put, path = "/v1/limits", operation_id = "putLimits", security(("fit" = [])), request_body = SiteLimits,
    responses((status = 200, body = SiteLimits), (status = "default", body = Problem)))]
pub async fn put(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    JsonBody(limits): JsonBody<SiteLimits>,
) -> Result<Json<SiteLimits>, ApiError> {
    let refused = |detail| Err(ApiError::with_detail(ErrorCode::InvalidRequest, detail));
    if limits
        .monthly_videos
        .is_some_and(|videos| videos > MOST_VIDEOS)
    {
        return refused("monthlyVideos must be at most 1000000.");
    }
    if limits
        .retention_days
        .is_some_and(|days| !(1..=MOST_DAYS).contains(&days))
    {
        return refused("retentionDays must be from 1 to 3650.");
    }
    let note = Note::new(Act::LimitsChanged, Role::Admin).of(&tenant);
    let now = app.clock.unix_seconds();
    app.records.trail().append(note, now).await?;
    app.records.set_limits(&tenant, limits).await?;
    Ok(Json(app.records.limits(&tenant).await?))
}

/// Which months.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Months {
    /// The first, as `YYYY-MM` (UTC).
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    from: String,
    /// The last.
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    to: String,
}

/// Usage by month, space and engine.
#[utoipa::path(get, path = "/v1/usage/report", operation_id = "getUsageReport", security(("fit" = [])), params(Months),
    responses((status = 200, body = UsageReport), (status = "default", body = Problem)))]
pub async fn report(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    QueryValues(months): QueryValues<Months>,
) -> Result<Json<UsageReport>, ApiError> {
    if !is_month(&months.from) || !is_month(&months.to) {
        return Err(ApiError::with_detail(
            ErrorCode::InvalidRequest,
            "from and to must be months as YYYY-MM.",
        ));
    }
    let lines = app
        .records
        .usage_lines(&tenant, &months.from, &months.to)
        .await?;
    Ok(Json(UsageReport { lines }))
}

fn is_month(text: &str) -> bool {
    match text.as_bytes() {
        [y1, y2, y3, y4, b'-', m1, m2] => {
            [y1, y2, y3, y4].iter().all(|digit| digit.is_ascii_digit())
                && matches!((m1, m2), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'))
        }
        _ => false,
    }
}
