//! Videos: asked for, listed, looked up, deleted. All of the caller's tenant alone (P5): another
//! tenant's video does not exist here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use protocol::{
    Deletion, DeletionReason, ErrorCode, NewVideo, PageId, Problem, Video, VideoId, VideoPage,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::deletion::Target;
use crate::error::ApiError;
use crate::idempotency;
use crate::records::{ACCEPTED, Created};
use crate::request::{
    Caller, IdempotencyKey, JsonBody, MaybeIdempotencyKey, QueryValues, VideoPath, no_such_video,
};
use crate::store::Cancelled;

/// Asks for a video. The same `Idempotency-Key` with the same body gives the same video.
#[utoipa::path(post, path = "/v1/videos", operation_id = "createVideo", security(("fit" = [])), request_body = NewVideo,
    params(("Idempotency-Key" = String, Header, description = "A UUID of the caller's making.")),
    responses((status = 202, body = Video), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn create(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    IdempotencyKey(key): IdempotencyKey,
    JsonBody(new): JsonBody<NewVideo>,
) -> Result<Response, ApiError> {
    let now = app.clock.unix_seconds();
    let has_key = app.records.api_key_state(&tenant).await?.present;
    if app.engine_description(has_key).requires_api_key && !has_key {
        return Err(ErrorCode::ApiKeyMissing.into());
    }
    match app.records.create_video(&tenant, &new, &key, now).await? {
        Created::New(video, answer) => {
            tracing::info!(%video, words = new.script.words(), "video queued");
            app.notify.notify_one();
            Ok(idempotency::json(ACCEPTED, &answer))
        }
        Created::Same(answer) => Ok(idempotency::json(ACCEPTED, &answer)),
        Created::Conflict => Err(ErrorCode::IdempotencyConflict.into()),
        Created::AllowanceUsed => Err(ErrorCode::AllowanceUsed.into()),
    }
}

/// Which videos to list.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only those of this page.
    page_id: Option<PageId>,
    /// `nextCursor` of the answer before.
    cursor: Option<VideoId>,
    /// At most so many, 1 to 100; 50 when left out.
    limit: Option<u32>,
}

/// The site's videos, newest first.
#[utoipa::path(get, path = "/v1/videos", operation_id = "listVideos", security(("fit" = [])), params(ListQuery),
    responses((status = 200, body = VideoPage), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    QueryValues(query): QueryValues<ListQuery>,
) -> Result<Json<VideoPage>, ApiError> {
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(ApiError::with_detail(
            ErrorCode::InvalidRequest,
            "The value of limit must be 1 to 100.",
        ));
    }
    let page = app
        .records
        .videos(
            &tenant,
            query.page_id.as_ref(),
            query.cursor.as_ref(),
            limit,
        )
        .await?;
    Ok(Json(page))
}

/// One video.
#[utoipa::path(get, path = "/v1/videos/{id}", operation_id = "getVideo", security(("fit" = [])),
    params(("id" = VideoId, Path)),
    responses((status = 200, body = Video), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn get(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    VideoPath(id): VideoPath,
) -> Result<Json<Video>, ApiError> {
    let video = app.records.video(&tenant, &id).await?;
    match video {
        Some(video) => Ok(Json(video)),
        None => Err(no_such_video(&app, &tenant, &id).await?),
    }
}

/// Ends the making of a video, which fails as cancelled and is not charged. One that is cancelled
/// already is given as it is.
#[utoipa::path(post, path = "/v1/videos/{id}/cancel", operation_id = "cancelVideo", security(("fit" = [])),
    params(("id" = VideoId, Path), ("Idempotency-Key" = Option<String>, Header, description = "A UUID of the caller's making.")),
    responses((status = 200, body = Video), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn cancel(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    VideoPath(id): VideoPath,
    MaybeIdempotencyKey(key): MaybeIdempotencyKey,
) -> Result<Response, ApiError> {
    let code = ErrorCode::VideoCancelled;
    let request = ("cancelVideo", &id);
    let act = async {
        let now = app.clock.unix_seconds();
        let store = app.records.store();
        let cancelled = store.cancel(&tenant, &id, code.as_str(), now).await?;
        let video = app.records.video(&tenant, &id).await?;
        let video = video.ok_or(ErrorCode::VideoNotFound)?;
        match cancelled {
            Cancelled::Yes => {
                tracing::info!(video = %id, "video cancelled");
                Ok(video)
            }
            Cancelled::Ended if video.failure.as_ref().is_some_and(|it| it.code == code) => {
                Ok(video)
            }
            Cancelled::Ended => Err(ErrorCode::VideoEnded.into()),
            Cancelled::NotFound => Err(ErrorCode::VideoNotFound.into()),
        }
    };
    idempotency::once(&app, &tenant, key.as_deref(), &request, StatusCode::OK, act).await
}

/// Deletes a video with its job and its files, and says so by a signed receipt.
#[utoipa::path(delete, path = "/v1/videos/{id}", operation_id = "deleteVideo", security(("fit" = [])),
    params(("id" = VideoId, Path)),
    responses((status = 200, body = Deletion), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn delete(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    VideoPath(id): VideoPath,
) -> Result<Json<Deletion>, ApiError> {
    if app.records.store().video(&tenant, &id).await?.is_none() {
        return Err(no_such_video(&app, &tenant, &id).await?);
    }
    let target = Target::Video(id);
    let deletion = app
        .deletions
        .delete(&tenant, &target, DeletionReason::Request)
        .await?;
    Ok(Json(deletion))
}
