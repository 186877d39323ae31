//! Videos: asked for, listed, looked up, deleted. All of the caller's tenant alone (P5): another
//! tenant's video does not exist here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use protocol::{ErrorCode, NewVideo, PageId, Problem, Video, VideoId, VideoPage};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::error::ApiError;
use crate::records::Created;
use crate::request::{Caller, IdempotencyKey, JsonBody, QueryValues, VideoPath};
use crate::store::Which;

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
            Ok(accepted(&answer))
        }
        Created::Same(answer) => Ok(accepted(&answer)),
        Created::Conflict => Err(ErrorCode::IdempotencyConflict.into()),
        Created::AllowanceUsed => Err(ErrorCode::AllowanceUsed.into()),
    }
}

/// The answer to a request for a video: the same bytes however often it is made.
fn accepted(answer: &[u8]) -> Response {
    let kind = HeaderValue::from_static("application/json");
    let headers = [(header::CONTENT_TYPE, kind)];
    (StatusCode::ACCEPTED, headers, answer.to_vec()).into_response()
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
    video.map(Json).ok_or(ErrorCode::VideoNotFound.into())
}

/// Deletes a video: its row, its job if it still has one, its files (P22).
#[utoipa::path(delete, path = "/v1/videos/{id}", operation_id = "deleteVideo", security(("fit" = [])),
    params(("id" = VideoId, Path)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn delete(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    VideoPath(id): VideoPath,
) -> Result<StatusCode, ApiError> {
    if app.records.video(&tenant, &id).await?.is_none() {
        return Err(ErrorCode::VideoNotFound.into());
    }
    let folder = app.records.folder(&tenant).await?;
    // The files first: a deletion that fails half-way can be asked for again while there is a row.
    app.objects.delete_video(&folder, &id).await?;
    app.records
        .store()
        .delete_videos(&tenant, Which::One(&id))
        .await?;
    // Once more, for a worker that was just storing them; from here on it finds no job, and
    // removes what it stored by itself.
    app.objects.delete_video(&folder, &id).await?;
    tracing::info!(video = %id, "video deleted");
    Ok(StatusCode::NO_CONTENT)
}
