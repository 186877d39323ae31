//! The site's API key (P10, P11): saved, replaced, removed; never given out. What is answered is
//! that it is there, a fingerprint and a date.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use fit::Tenant;
use protocol::{ApiKey, ApiKeyState, ErrorCode, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::audit::{Act, Note, Role};
use crate::error::ApiError;
use crate::idempotency;
use crate::request::{Caller, JsonBody, MaybeIdempotencyKey};

/// The key to save (overwritten in memory by the type it becomes). A text first, so that one that cannot be a key is told apart from a body of
/// another form.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApiKey {
    #[schema(value_type = ApiKey)]
    api_key: String,
}

/// Whether there is a key.
#[utoipa::path(get, path = "/v1/api-key", operation_id = "getApiKey", security(("fit" = [])),
    responses((status = 200, body = ApiKeyState), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn get(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
) -> Result<Json<ApiKeyState>, ApiError> {
    Ok(Json(app.records.api_key_state(&tenant).await?))
}

/// Asks the engine whether it takes the key that is saved, and what its account has left; the answer
/// is noted, so that a key that was mended at Golpo ends the wait of what waits for it.
#[utoipa::path(post, path = "/v1/api-key/test", operation_id = "testApiKey", security(("fit" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A UUID of the caller's making.")),
    responses((status = 200, body = ApiKeyState), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn test(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    MaybeIdempotencyKey(idempotency_key): MaybeIdempotencyKey,
) -> Result<Response, ApiError> {
    let act = test_key(&app, &tenant);
    let idempotency_key = idempotency_key.as_deref();
    idempotency::once(
        &app,
        &tenant,
        idempotency_key,
        &"testApiKey",
        StatusCode::OK,
        act,
    )
    .await
}

async fn test_key(app: &App, tenant: &Tenant) -> Result<ApiKeyState, ApiError> {
    if app.records.in_force().await?.api_keys {
        return Err(ErrorCode::ServicePaused.into());
    }
    let Some(key) = app.records.api_key(tenant).await? else {
        return Err(ErrorCode::ApiKeyMissing.into());
    };
    let now = app.clock.unix_seconds();
    let told = asked(app, &key).await;
    match &told {
        Told::Good(credits) => {
            // An account with nothing left is no better than it was.
            if *credits != Some(0) {
                app.records.note_key_problem(tenant, None, now).await?;
                app.notify.notify_one();
            }
        }
        Told::Refused(code) => {
            app.records
                .note_key_problem(tenant, Some(*code), now)
                .await?
        }
        Told::Nothing => {}
    }
    let mut state = app.records.api_key_state(tenant).await?;
    told.show(&mut state);
    Ok(state)
}

/// What an engine told of a key.
enum Told {
    /// It takes it; the credits that are left.
    Good(Option<u32>),
    /// It does not.
    Refused(ErrorCode),
    /// It did not answer.
    Nothing,
}

impl Told {
    fn show(&self, state: &mut ApiKeyState) {
        match self {
            Self::Good(credits) => {
                state.works = Some(true);
                state.credits = *credits;
            }
            Self::Refused(_) => state.works = Some(false),
            Self::Nothing => {}
        }
    }
}

async fn asked(app: &App, key: &ApiKey) -> Told {
    match app.engine.account(key).await {
        // More than fits is as good as without end.
        Ok(None) => Told::Nothing,
        Ok(Some(account)) => Told::Good(
            account
                .credits
                .map(|credits| credits.clamp(0.0, 1e9) as u32),
        ),
        Err(error) if error.is_about_the_key() => Told::Refused(error.code()),
        Err(error) => {
            tracing::warn!(%error, "the engine could not be asked about a key");
            Told::Nothing
        }
    }
}

/// Saves or replaces the key. One that the engine refuses is not saved.
#[utoipa::path(put, path = "/v1/api-key", operation_id = "putApiKey", security(("fit" = [])), request_body = NewApiKey,
    responses((status = 200, body = ApiKeyState), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn put(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    JsonBody(new): JsonBody<NewApiKey>,
) -> Result<Json<ApiKeyState>, ApiError> {
    let key = ApiKey::try_from(new.api_key)
        .map_err(|error| ApiError::with_detail(ErrorCode::ApiKeyInvalid, format!("{error}.")))?;
    let now = app.clock.unix_seconds();
    if app.records.in_force().await?.api_keys {
        return Err(ErrorCode::ServicePaused.into());
    }
    let told = asked(&app, &key).await;
    if matches!(told, Told::Refused(ErrorCode::ApiKeyRefused)) {
        return Err(ApiError::with_detail(
            ErrorCode::ApiKeyInvalid,
            "Golpo does not accept it.",
        ));
    }
    let before = app.records.api_key_state(&tenant).await?;
    let act = if before.present {
        Act::ApiKeyReplaced
    } else {
        Act::ApiKeySaved
    };
    note(&app, &tenant, act).await?;
    let mut state = app.records.put_api_key(&tenant, &key, now).await?;
    told.show(&mut state);
    // What waited for another key is due now.
    app.notify.notify_one();
    metrics::counter!("golpo_api_key_changes_total", "change" => "saved").increment(1);
    Ok(Json(state))
}

/// Removes the key.
#[utoipa::path(delete, path = "/v1/api-key", operation_id = "deleteApiKey", security(("fit" = [])),
    responses((status = 200, body = ApiKeyState), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn delete(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
) -> Result<Json<ApiKeyState>, ApiError> {
    note(&app, &tenant, Act::ApiKeyRemoved).await?;
    let state = app.records.delete_api_key(&tenant).await?;
    metrics::counter!("golpo_api_key_changes_total", "change" => "removed").increment(1);
    Ok(Json(state))
}

/// Before it is done: no key changes without an entry.
async fn note(app: &App, tenant: &Tenant, act: Act) -> Result<(), ApiError> {
    let note = Note::new(act, Role::Admin).of(tenant);
    let now = app.clock.unix_seconds();
    Ok(app.records.trail().append(note, now).await?)
}
