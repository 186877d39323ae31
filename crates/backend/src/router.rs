//! The router: every route, with what is true of every answer (request id, security headers,
//! problem details, a time limit, one log line, metrics). HSTS is `transport`'s, which knows whether
//! there is TLS.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use protocol::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;
use utoipa::openapi::OpenApi;

use crate::app::App;
use crate::error::{AnsweredCode, ApiError};
use crate::request::BodyLimit;
use crate::routes;
use crate::telemetry::method_label;

/// The most bytes of a request's body: a script of 200,000 characters fits in any encoding that
/// JSON serializers write.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// How long a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// Until its body is there, however slowly it dribbles.
    pub body: Duration,
    /// Until the answer begins. A video's bytes may then take as long as they pass.
    pub answer: Duration,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            body: Duration::from_secs(15),
            answer: Duration::from_secs(30),
        }
    }
}

/// The router with the usual limits, and the description of all its routes.
pub fn router(app: Arc<App>) -> (Router, OpenApi) {
    router_with(app, RequestLimits::default())
}

/// The router, and the description of all its routes.
pub fn router_with(app: Arc<App>, limits: RequestLimits) -> (Router, OpenApi) {
    let (router, api) = routes::all().split_for_parts();
    let router = router
        .fallback(|| async { ApiError::from(ErrorCode::NotFound) })
        .method_not_allowed_fallback(|| async { ApiError::Method })
        .layer(axum::Extension(Arc::new(api.clone())))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(|_| {
            // The panic hook has logged where; what is in it may be content.
            ApiError::from(ErrorCode::Internal).into_response()
        }))
        .layer(from_fn(move |request: Request, next: Next| {
            in_time(limits, request, next)
        }))
        .layer(from_fn(observe))
        .with_state(app);
    (router, api)
}

/// Ends a request whose answer does not begin in time.
async fn in_time(limits: RequestLimits, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(BodyLimit(limits.body));
    tokio::time::timeout(limits.answer, next.run(request))
        .await
        .unwrap_or_else(|_| ApiError::Slow.into_response())
}

/// Around every request: an id, a span, a log line, metrics and security headers.
async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    // Always our own: a caller's would put foreign text into the log.
    let request_id = uuid::Uuid::now_v7().to_string();
    // The pattern, never the path: paths hold ids, and addresses that do not exist hold anything.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = method_label(request.method().as_str());
    let (status, code) = (tracing::field::Empty, tracing::field::Empty);
    let span = tracing::info_span!("request", request_id, method, route, status, code);
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let code = response.extensions().get::<AnsweredCode>();
    let code = code.map_or("", |code| code.0.as_str());
    let seconds = started.elapsed().as_secs_f64();
    metrics::counter!("golpo_http_requests_total", "method" => method, "route" => route.clone(), "status" => status.as_u16().to_string())
        .increment(1);
    metrics::histogram!("golpo_http_request_seconds", "method" => method, "route" => route)
        .record(seconds);
    span.in_scope(|| tracing::info!(status = status.as_u16(), code, seconds, "answered"));
    // After the line, which says both itself: for the trace.
    span.record("status", status.as_u16());
    if !code.is_empty() {
        span.record("code", code);
    }

    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(request_id) {
        headers.insert("x-request-id", value);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    // Of no use to other sites' pages; media say otherwise, since the player's frame is one.
    headers
        .entry("cross-origin-resource-policy")
        .or_insert(HeaderValue::from_static("same-origin"));
    response
}
