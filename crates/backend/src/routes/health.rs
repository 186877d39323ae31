//! For those who run the service: whether it lives, whether it can work, what it counts, what it
//! answers. No token is needed, and nothing here tells of a tenant.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use fit::KeysState;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::telemetry;

/// The process answers.
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn live() -> &'static str {
    "ok\n"
}

/// A part's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum PartState {
    /// It works.
    Ok,
    /// It does not.
    Failed,
    /// Not there yet; fetched when it is first needed.
    Pending,
    /// There, and older than it should be; it still works.
    Stale,
}

/// Whether each part that the service stands on works.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    /// The parts that do not work, by the names below; empty when requests can be served.
    down: Vec<&'static str>,
    /// The database answers.
    database: PartState,
    /// The object store can be written to.
    objects: PartState,
    /// The master key wraps and unwraps.
    master_key: PartState,
    /// The keys of Forge have been fetched.
    keys: PartState,
}

/// Whether requests can be served. That the keys are pending does not make the service unready:
/// taking a replica away does not bring the key server back, and requests fetch the keys.
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Readiness>) {
    let readiness = look(&app).await;
    let status = if readiness.down.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness))
}

/// Looks at each part, and says in the metrics what it saw.
async fn look(app: &App) -> Readiness {
    let state = |name: &'static str, failure: Option<String>| match failure {
        None => PartState::Ok,
        Some(error) => {
            tracing::error!(part = name, error, "not ready");
            PartState::Failed
        }
    };
    let database = app.records.store().probe().await.err();
    let objects = app.objects.probe().await.err();
    let masters = app.records.keys().masters();
    let master_key = masters.probe().await.err();
    let master_key = state("masterKey", master_key.map(|error| error.to_string()));
    let database = state("database", database.map(|error| error.to_string()));
    let objects = state("objects", objects.map(|error| error.to_string()));
    let parts = [
        ("database", database),
        ("objects", objects),
        ("masterKey", master_key),
    ];
    let failed = parts
        .iter()
        .filter(|(_, state)| *state == PartState::Failed);
    let readiness = Readiness {
        down: failed.map(|(name, _)| *name).collect(),
        database,
        objects,
        master_key,
        keys: match app.verifier.keys_state() {
            KeysState::Fresh => PartState::Ok,
            KeysState::Stale => PartState::Stale,
            KeysState::Missing => PartState::Pending,
        },
    };
    for (part, state) in [
        ("database", readiness.database),
        ("objects", readiness.objects),
        ("keys", readiness.keys),
    ] {
        let up = matches!(state, PartState::Ok | PartState::Pending);
        metrics::gauge!("golpo_part_up", "part" => part).set(if up { 1.0 } else { 0.0 });
    }
    readiness
}

/// Metrics in the Prometheus text format. Labels are of our own few words (P14). Answered also while
/// a part is down: that is when they are looked at.
#[utoipa::path(get, path = "/metrics", operation_id = "getMetrics",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    if look(&app).await.database == PartState::Ok
        && let Ok(jobs) = app.records.store().queue(app.clock.unix_seconds()).await
    {
        for (state, jobs) in [
            ("waiting", jobs.waiting),
            ("running", jobs.running),
            ("dead", jobs.dead),
        ] {
            // A count of jobs is far from where a double stops being exact.
            #[allow(clippy::cast_precision_loss)]
            metrics::gauge!("golpo_jobs", "state" => state).set(jobs as f64);
        }
    }
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        telemetry::render_metrics(),
    )
}

/// The description of all routes (OpenAPI 3.1).
#[utoipa::path(get, path = "/openapi.json", operation_id = "getDescription",
    responses((status = 200, body = serde_json::Value)))]
pub async fn openapi(
    Extension(api): Extension<Arc<utoipa::openapi::OpenApi>>,
) -> impl IntoResponse {
    Json((*api).clone())
}
