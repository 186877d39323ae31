//! Failures inside the app in Confluence, which no log of ours would otherwise show (P14): a code
//! and an operation, both out of closed lists, counted and forgotten. Must never take a text.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use protocol::{ErrorReport, Operation, Problem};

use crate::app::App;
use crate::error::ApiError;
use crate::request::{Caller, JsonBody};

/// Counts a failure inside the app. Of each site a few a second are counted, so that one broken
/// window does not drown the others'.
#[utoipa::path(post, path = "/v1/errors", operation_id = "reportError", security(("fit" = [])),
    request_body = ErrorReport,
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 429, body = Problem)))]
pub async fn report(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    JsonBody(report): JsonBody<ErrorReport>,
) -> Result<StatusCode, ApiError> {
    app.limits.check_report(&tenant)?;
    let code = report.code.as_str();
    let operation = report.operation.map_or("unknown", Operation::as_str);
    metrics::counter!("golpo_app_errors_total", "code" => code, "operation" => operation)
        .increment(1);
    tracing::info!(code, operation, "the app reports a failure");
    Ok(StatusCode::NO_CONTENT)
}
