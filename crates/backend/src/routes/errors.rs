//! Failures inside the app in Confluence, which no log of ours would otherwise show (P14): a code
//! and an operation, both out of closed lists, counted and forgotten. Must never take a text.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use protocol::{ErrorReport, Operation, Problem};

use crate::app::App;
use crate::error::ApiError;
use crate::idempotency;
use crate::request::{Caller, JsonBody, MaybeIdempotencyKey};

/// Counts a failure inside the app. Of each site a few a second are counted, so that one broken
/// window does not drown the others'.
#[utoipa::path(post, path = "/v1/errors", operation_id = "reportError", security(("fit" = [])),
    request_body = ErrorReport,
    params(("Idempotency-Key" = Option<String>, Header, description = "A UUID of the caller's making.")),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 429, body = Problem)))]
pub async fn report(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    MaybeIdempotencyKey(key): MaybeIdempotencyKey,
    JsonBody(report): JsonBody<ErrorReport>,
) -> Result<Response, ApiError> {
    app.limits.check_report(&tenant)?;
    let code = report.code.as_str();
    let operation = report.operation.map_or("unknown", Operation::as_str);
    let act = async {
        metrics::counter!("golpo_app_errors_total", "code" => code, "operation" => operation)
            .increment(1);
        tracing::info!(code, operation, "the app reports a failure");
        Ok(())
    };
    let (status, request) = (StatusCode::NO_CONTENT, ("reportError", code, operation));
    idempotency::once(&app, &tenant, key.as_deref(), &request, status, act).await
}
