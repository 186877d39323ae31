//! POSTs that are sent again: the same key gets the same answer for a day, and another request under
//! the same key is a conflict (draft-ietf-httpapi-idempotency-key-header). Answers are kept sealed
//! under the tenant's key. Making a video has its own way, since its answer is kept in the
//! transaction that queues it.

use std::future::Future;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use fit::Tenant;
use protocol::ErrorCode;
use serde::Serialize;

use crate::app::App;
use crate::error::ApiError;
use crate::records::Earlier;

/// Does what is asked and keeps the answer, or gives the one that was kept. `request` is all that
/// makes it another request: the route's name, its path and its body. A refusal is not kept.
pub async fn once<T: Serialize>(
    app: &App,
    tenant: &Tenant,
    key: Option<&str>,
    request: &impl Serialize,
    status: StatusCode,
    act: impl Future<Output = Result<T, ApiError>>,
) -> Result<Response, ApiError> {
    let request = serde_json::to_vec(request).map_err(|_| ErrorCode::Internal)?;
    if let Some(key) = key {
        match app.records.earlier(tenant, key, &request).await? {
            Earlier::None => {}
            Earlier::Conflict => return Err(ErrorCode::IdempotencyConflict.into()),
            Earlier::Same(status, answer) => return Ok(json(status, &answer)),
        }
    }
    let answer = serde_json::to_vec(&act.await?).map_err(|_| ErrorCode::Internal)?;
    if let Some(key) = key {
        let now = app.clock.unix_seconds();
        let status = status.as_u16();
        let kept = app
            .records
            .keep(tenant, key, &request, status, &answer, now);
        // Of two at once, the first one's answer is both's.
        match kept.await? {
            Earlier::None => {}
            Earlier::Conflict => return Err(ErrorCode::IdempotencyConflict.into()),
            Earlier::Same(status, answer) => return Ok(json(status, &answer)),
        }
    }
    Ok(json(status.as_u16(), &answer))
}

/// An answer of bytes that were kept; that there is nothing to say has none.
pub fn json(status: u16, body: &[u8]) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status == StatusCode::NO_CONTENT {
        return status.into_response();
    }
    let kind = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, kind)], body.to_vec()).into_response()
}
