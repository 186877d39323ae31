//! What a request is turned into before a handler sees it: a caller, a body, a query. Each
//! refuses with problem details, and none of its words are the request's.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use fit::Tenant;
use protocol::{ErrorCode, ScriptError, VideoId};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::error::ApiError;
use crate::incidents::rules::Signal;
use crate::incidents::signals;

/// The tenant of a verified token (P2), whether or not it is let in: for deletions, which a suspended
/// site may ask for and look at too, and which make no tenant of one that has gone.
pub struct Verified(pub Tenant);

impl FromRequestParts<Arc<App>> for Verified {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let mut headers = parts.headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (headers.next(), headers.next()) else {
            return Err(ApiError::NoToken);
        };
        let text = value.to_str().map_err(|_| ApiError::NoToken)?;
        let (scheme, token) = text.split_once(' ').ok_or(ApiError::NoToken)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(ApiError::NoToken);
        }
        let tenant = app.verifier.verify(token).await?;
        app.limits.check(&tenant)?;
        refuse_contained(app, &tenant, &parts.method).await?;
        Ok(Self(tenant))
    }
}

/// The tenant of a verified token (P2). It is the first argument of every handler behind
/// authentication, so that nothing else of the request is looked at before.
pub struct Caller(pub Tenant);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Verified(tenant) = Verified::from_request_parts(parts, app).await?;
        app.records.admit(&tenant, app.clock.unix_seconds()).await?;
        Ok(Self(tenant))
    }
}

/// What contains an incident comes before everything that a caller may do (P19).
async fn refuse_contained(app: &App, tenant: &Tenant, method: &Method) -> Result<(), ApiError> {
    let in_force = app.records.in_force().await?;
    if in_force.blocks_app(tenant.app_id()) {
        return Err(ErrorCode::AppBlocked.into());
    }
    if in_force.writes && !method.is_safe() {
        return Err(ErrorCode::ServicePaused.into());
    }
    Ok(())
}

/// The refusal of a video that the tenant does not have. That it is another's is a security signal
/// (P18), which the answer does not tell.
pub async fn no_such_video(app: &App, tenant: &Tenant, id: &VideoId) -> Result<ApiError, ApiError> {
    if app.records.store().owner_of_video(id).await?.is_some() {
        signals::note(Signal::ForeignId, Some(tenant.id()));
    }
    Ok(ErrorCode::VideoNotFound.into())
}

/// How long a body may take, put on each request by the router.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub Duration);

/// A JSON body. What does not parse is told by its place, since serde's own words quote values.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let limit = request.extensions().get::<BodyLimit>().copied();
        let bytes = Bytes::from_request(request, app);
        let bytes = match limit {
            Some(BodyLimit(limit)) => tokio::time::timeout(limit, bytes)
                .await
                .map_err(|_| ApiError::BodySlow)?,
            None => bytes.await,
        };
        let bytes = bytes.map_err(|rejection| unreadable(&rejection))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            if let Some(limit) = ScriptError::of_message(&error.to_string()) {
                return ApiError::with_detail(limit.code(), format!("Limit: {limit}."));
            }
            let what = match error.classify() {
                serde_json::error::Category::Data => {
                    "a field is missing, unknown or beyond its limits"
                }
                _ => "this is not JSON",
            };
            ApiError::with_detail(
                ErrorCode::InvalidRequest,
                format!(
                    "At line {}, column {} of the body: {what}.",
                    error.line(),
                    error.column()
                ),
            )
        })
    }
}

fn unreadable(rejection: &BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::with_detail(ErrorCode::TooLarge, "The body has more than 2 MB.")
    } else {
        ApiError::with_detail(ErrorCode::InvalidRequest, "The body could not be read.")
    }
}

/// The video id of the path; anything else names no video.
pub struct VideoPath(pub VideoId);

impl FromRequestParts<Arc<App>> for VideoPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let path: Result<Path<VideoId>, PathRejection> = Path::from_request_parts(parts, app).await;
        path.map(|Path(id)| Self(id))
            .map_err(|_| ErrorCode::VideoNotFound.into())
    }
}

/// A query string's values.
pub struct QueryValues<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for QueryValues<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        Query::from_request_parts(parts, app)
            .await
            .map(|Query(values)| Self(values))
            .map_err(|_| {
                ApiError::with_detail(
                    ErrorCode::InvalidRequest,
                    "A value of the query is missing or of another form.",
                )
            })
    }
}

/// The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): a UUID.
pub struct IdempotencyKey(pub String);

impl FromRequestParts<Arc<App>> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let MaybeIdempotencyKey(key) = MaybeIdempotencyKey::from_request_parts(parts, app).await?;
        key.map(Self).ok_or_else(no_key)
    }
}

/// The same header where it may be left out, since what is asked for is the same however often.
pub struct MaybeIdempotencyKey(pub Option<String>);

impl FromRequestParts<Arc<App>> for MaybeIdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        value
            .to_str()
            .ok()
            // The draft writes the value as a structured-field string, in quotes.
            .map(|text| text.trim_matches('"'))
            .and_then(|text| uuid::Uuid::try_parse(text).ok())
            .map(|key| Self(Some(key.hyphenated().to_string())))
            .ok_or_else(no_key)
    }
}

fn no_key() -> ApiError {
    ApiError::with_detail(
        ErrorCode::InvalidRequest,
        "The header Idempotency-Key must hold a UUID.",
    )
}
