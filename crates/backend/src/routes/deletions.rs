//! Deletion on request and at uninstall (P22, P23), and the receipts. Everything of a site is deleted
//! in the background, since it may take longer than a request may; what was noted is done, whatever
//! happens to this process. A suspended site's data can be deleted like any other's.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::{Deletion, DeletionNoted, DeletionReason, ErrorCode, PageId, Problem};
use serde_json::Value;

use crate::app::App;
use crate::deletion::Target;
use crate::error::ApiError;
use crate::receipts;
use crate::request::{Caller, MaybeIdempotencyKey, Verified};

/// Deletes all videos of a page. Of a page without videos nothing is deleted, which is verified too.
#[utoipa::path(delete, path = "/v1/pages/{id}/videos", operation_id = "deleteVideosOfPage", security(("fit" = [])),
    params(("id" = String, Path, description = "A page's id.")),
    responses((status = 200, body = Deletion), (status = "default", body = Problem)))]
pub async fn delete_page(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    page: Result<Path<PageId>, axum::extract::rejection::PathRejection>,
) -> Result<Json<Deletion>, ApiError> {
    let Path(page) = page.map_err(|_| {
        ApiError::with_detail(ErrorCode::InvalidRequest, "This is not the id of a page.")
    })?;
    let deletion = app
        .deletions
        .delete(&tenant, &Target::Page(page), DeletionReason::Request)
        .await?;
    Ok(Json(deletion))
}

/// Deletes everything of the site, its key last.
#[utoipa::path(delete, path = "/v1/site", operation_id = "deleteSite", security(("fit" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A UUID of the caller's making.")),
    responses((status = 202, body = DeletionNoted), (status = "default", body = Problem)))]
pub async fn delete_site(
    verified: Verified,
    State(app): State<Arc<App>>,
    key: MaybeIdempotencyKey,
) -> Result<(StatusCode, Json<DeletionNoted>), ApiError> {
    note(&app, &verified, key, DeletionReason::Request).await
}

/// The app was uninstalled from the site that the token names: everything of it is deleted.
#[utoipa::path(post, path = "/v1/uninstalled", operation_id = "uninstalled", security(("fit" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A UUID of the caller's making.")),
    responses((status = 202, body = DeletionNoted), (status = "default", body = Problem)))]
pub async fn uninstalled(
    verified: Verified,
    State(app): State<Arc<App>>,
    key: MaybeIdempotencyKey,
) -> Result<(StatusCode, Json<DeletionNoted>), ApiError> {
    note(&app, &verified, key, DeletionReason::Uninstalled).await
}

async fn note(
    app: &App,
    Verified(tenant): &Verified,
    MaybeIdempotencyKey(key): MaybeIdempotencyKey,
    reason: DeletionReason,
) -> Result<(StatusCode, Json<DeletionNoted>), ApiError> {
    // The answers that are kept go with the tenant, so that the deletion itself carries the key. Of
    // the tenant's own, since another tenant's key is none of its business.
    let id = key.map(|key| crate::deletion::id_of(tenant, &key));
    let id = app
        .deletions
        .note(tenant, &Target::Tenant, reason, id)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(DeletionNoted { id })))
}

/// How far a deletion is, with its receipt once it is verified; also after the site's own is.
#[utoipa::path(get, path = "/v1/deletions/{id}", operation_id = "getDeletion", security(("fit" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = Deletion), (status = "default", body = Problem)))]
pub async fn get(
    Verified(tenant): Verified,
    State(app): State<Arc<App>>,
    id: Result<Path<uuid::Uuid>, axum::extract::rejection::PathRejection>,
) -> Result<Json<Deletion>, ApiError> {
    let Path(id) = id.map_err(|_| ErrorCode::DeletionNotFound)?;
    let deletion = app.deletions.find(&tenant, &id.to_string()).await?;
    deletion.map(Json).ok_or(ErrorCode::DeletionNotFound.into())
}

/// The key that verifies receipts of deletions, as a key set (RFC 7517, RFC 8037).
#[utoipa::path(get, path = "/.well-known/deletion-receipts.json", operation_id = "getReceiptKeys",
    responses((status = 200, body = serde_json::Value), (status = "default", body = Problem)))]
pub async fn keys(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let key = app.records.service_key(receipts::PURPOSE).await?;
    Ok(Json(receipts::jwks(&key)?))
}
