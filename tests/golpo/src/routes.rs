//! The documented calls.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Query, State as Extract};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post, put};
use serde_json::{Value, json};

use crate::faults::{Call, Fault, Lie};
use crate::state::{Job, Shape, Submission, job_id, number, video_id};
use crate::{Shared, lock};

type Parameters = HashMap<String, String>;

pub(crate) fn router(state: Shared) -> Router {
    Router::new()
        .route("/api/v2/videos/generate", post(generate))
        .route("/api/v1/videos/status/{job}", get(status))
        .route("/api/v2/videos", get(videos))
        .route("/api/v2/videos/{id}", get(video))
        .route("/api/v2/users/credits", get(credits))
        .route("/api/v1/videos/upload-file", post(upload))
        .route("/put/{number}", put(store))
        .route("/files/{name}", get(file))
        .layer(DefaultBodyLimit::max(32 * 1024 * 1024))
        .with_state(state)
}

/// The answer to a call that went well, or as its fault says.
async fn answer(fault: Option<Fault>, status: StatusCode, answer: Value) -> Response {
    let plain = |status: StatusCode, text: String| {
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = status;
        let json = header::HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    };
    match fault {
        None => plain(status, answer.to_string()),
        Some(Fault::Status(code, after)) => {
            let status = StatusCode::from_u16(code).unwrap_or_default();
            let mut response = plain(
                status,
                json!({"detail": "Canary words of a server."}).to_string(),
            );
            if let Some(after) = after.and_then(|after| after.parse().ok()) {
                response.headers_mut().insert(header::RETRY_AFTER, after);
            }
            response
        }
        Some(Fault::DoneBut(code)) => plain(
            StatusCode::from_u16(code).unwrap_or_default(),
            "{}".to_owned(),
        ),
        Some(Fault::DoneButCut | Fault::Cut) => {
            let broken = futures_util::stream::iter([
                Ok(Bytes::from_static(b"{\"job_id\": \"jo")),
                Err(std::io::Error::other("cut on purpose")),
            ]);
            Response::new(Body::from_stream(broken))
        }
        Some(Fault::Slow(pause)) => {
            tokio::time::sleep(pause).await;
            plain(status, answer.to_string())
        }
        Some(Fault::Garbage) => plain(
            StatusCode::OK,
            "<html>Bad gateway: canary</html>".to_owned(),
        ),
        Some(Fault::Surprise | Fault::Lies(_)) => plain(
            StatusCode::OK,
            json!({"outcome": {"Canary name": "canary value"}}).to_string(),
        ),
        Some(Fault::Redirect(to)) => {
            let mut response = plain(StatusCode::TEMPORARY_REDIRECT, String::new());
            if let Ok(to) = to.parse() {
                response.headers_mut().insert(header::LOCATION, to);
            }
            response
        }
    }
}

/// Whether what was asked is done in spite of the fault.
fn is_done(fault: &Option<Fault>) -> bool {
    !matches!(
        fault,
        Some(Fault::Status(..) | Fault::Cut | Fault::Redirect(_))
    )
}

fn wrap(shape: Shape, name: &str, answer: Value) -> Value {
    match shape {
        Shape::Flat => answer,
        Shape::Wrapped => json!({ name: answer }),
    }
}

/// Whose call it is, or the refusal.
fn caller(state: &Shared, headers: &HeaderMap) -> Result<String, (StatusCode, Value)> {
    let key = headers.get("x-api-key").and_then(|key| key.to_str().ok());
    let Some(key) = key else {
        let detail = "API v2 requires API key authentication. Provide 'x-api-key' header.";
        return Err((StatusCode::FORBIDDEN, json!({ "detail": detail })));
    };
    let state = lock(state);
    match &state.behaviour.keys {
        Some(keys) if !keys.contains(key) => Err((
            StatusCode::UNAUTHORIZED,
            json!({"detail": "Invalid API key"}),
        )),
        _ => Ok(key.to_owned()),
    }
}

async fn generate(Extract(state): Extract<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let fault = lock(&state).fault(Call::Generate);
    let key = match caller(&state, &headers) {
        Ok(key) => key,
        Err((status, refusal)) => return answer(None, status, refusal).await,
    };
    if !is_done(&fault) {
        return answer(fault, StatusCode::OK, Value::Null).await;
    }
    let order: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let (status, said) = take(&state, key, order);
    // A refusal is one whatever else goes wrong.
    let fault = fault.filter(|_| status == StatusCode::OK);
    answer(fault, status, said).await
}

fn take(state: &Shared, key: String, order: Value) -> (StatusCode, Value) {
    let mut state = lock(state);
    if order["is_public"] != json!(false) {
        state
            .counts
            .offences
            .push("a video was not ordered as private".to_owned());
    }
    if order.get("sketch_style_variant").is_some() && order.get("canvas_style_variant").is_some() {
        state
            .counts
            .offences
            .push("Sketch and Canvas were ordered at once".to_owned());
    }
    for (field, good) in [
        ("prompt", order["prompt"].is_string()),
        ("timing", order["timing"].is_string()),
    ] {
        if !good {
            let detail = json!([{"loc": ["body", field], "msg": "Canary words: should be a string", "type": "t"}]);
            return (
                StatusCode::UNPROCESSABLE_ENTITY,
                json!({ "detail": detail }),
            );
        }
    }
    if state
        .behaviour
        .credits
        .is_some_and(|credits| state.spent(&key) >= credits)
    {
        return (
            StatusCode::FORBIDDEN,
            json!({"detail": "Not enough credits"}),
        );
    }
    if state.open(&key) >= state.behaviour.at_once {
        return (
            StatusCode::TOO_MANY_REQUESTS,
            json!({"detail": "Too many jobs at once"}),
        );
    }
    let number = state.jobs.len() as u64 + 1;
    let made_at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    state.counts.submissions += 1;
    state.jobs.push(Job {
        submission: Submission { key, order },
        number,
        looked: 0,
        ended: false,
        made_at: made_at.unwrap_or(Duration::ZERO).as_secs(),
    });
    let mut said = json!({"video_id": video_id(number), "status": "queued"});
    if state.behaviour.tells_job {
        said["job_id"] = json!(job_id(number));
    }
    (StatusCode::OK, wrap(state.behaviour.shape, "data", said))
}

async fn status(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Path(job): Path<String>,
) -> Response {
    let fault = lock(&state).fault(Call::Status);
    let key = match caller(&state, &headers) {
        Ok(key) => key,
        Err((status, refusal)) => return answer(None, status, refusal).await,
    };
    let said = {
        let mut state = lock(&state);
        let number = number(&job).filter(|number| owns(&state.jobs, *number, &key));
        let look = number
            .filter(|_| is_done(&fault))
            .map(|number| state.look(number));
        match (number, look.flatten()) {
            (Some(_), Some(answer)) => {
                (StatusCode::OK, wrap(state.behaviour.shape, "data", answer))
            }
            (Some(_), None) => (StatusCode::OK, Value::Null),
            (None, _) => (StatusCode::NOT_FOUND, json!({"detail": "Job not found"})),
        }
    };
    answer(fault, said.0, said.1).await
}

fn owns(jobs: &[Job], number: u64, key: &str) -> bool {
    jobs.iter()
        .any(|job| job.number == number && job.submission.key == key)
}

async fn videos(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Query(asked): Query<Parameters>,
) -> Response {
    let fault = lock(&state).fault(Call::Videos);
    let key = match caller(&state, &headers) {
        Ok(key) => key,
        Err((status, refusal)) => return answer(None, status, refusal).await,
    };
    let asked = |name: &str| asked.get(name).and_then(|text| text.parse::<usize>().ok());
    let said = {
        let state = lock(&state);
        let mut videos: Vec<Value> = state
            .jobs
            .iter()
            .filter(|job| job.submission.key == key)
            .map(|job| state.video(job))
            .collect();
        if !state.behaviour.oldest_first {
            videos.reverse();
        }
        let total = videos.len();
        let (offset, limit) = (asked("offset").unwrap_or(0), asked("limit").unwrap_or(20));
        let page: Vec<Value> = videos.into_iter().skip(offset).take(limit).collect();
        json!({"videos": page, "total": total})
    };
    answer(fault, StatusCode::OK, said).await
}

async fn video(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let fault = lock(&state).fault(Call::Video);
    let key = match caller(&state, &headers) {
        Ok(key) => key,
        Err((status, refusal)) => return answer(None, status, refusal).await,
    };
    let said = {
        let mut state = lock(&state);
        let number = number(&id).filter(|number| owns(&state.jobs, *number, &key));
        // Where no job's id is told, looks at the video bring it on.
        if let Some(number) = number
            && !state.behaviour.tells_job
        {
            state.look(number);
        }
        let job = state.jobs.iter().find(|job| Some(job.number) == number);
        match job {
            Some(job) => (
                StatusCode::OK,
                wrap(state.behaviour.shape, "video", state.video(job)),
            ),
            None => (StatusCode::NOT_FOUND, json!({"detail": "Video not found"})),
        }
    };
    answer(fault, said.0, said.1).await
}

async fn credits(Extract(state): Extract<Shared>, headers: HeaderMap) -> Response {
    let fault = lock(&state).fault(Call::Credits);
    let key = match caller(&state, &headers) {
        Ok(key) => key,
        Err((status, refusal)) => return answer(None, status, refusal).await,
    };
    let said = {
        let state = lock(&state);
        let all = state.behaviour.credits.unwrap_or(200);
        json!({"plan": "api", "credits": all.saturating_sub(state.spent(&key)), "status": "active"})
    };
    answer(fault, StatusCode::OK, said).await
}

async fn upload(Extract(state): Extract<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let fault = lock(&state).fault(Call::Upload);
    if let Err((status, refusal)) = caller(&state, &headers) {
        return answer(None, status, refusal).await;
    }
    let said = {
        let mut state = lock(&state);
        let kind = headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        if !kind
            .unwrap_or_default()
            .starts_with("multipart/form-data; boundary=")
        {
            state
                .counts
                .offences
                .push("an upload was no form".to_owned());
        }
        if body.len() > 16 * 1024 * 1024 {
            state
                .counts
                .offences
                .push("an upload was larger than 15 MB".to_owned());
        }
        state.uploads += 1;
        let number = state.uploads;
        let own = format!(
            "http://{}/put/{number}?X-Signature=canary-signature",
            state.address
        );
        let place = state.behaviour.upload_address.clone().unwrap_or(own);
        json!({
            "file_url": format!("http://{}/uploaded/{number}", state.address), "upload_url": place,
            "file_name": "logo.png", "content_type": "image/png",
        })
    };
    answer(fault, StatusCode::OK, said).await
}

async fn store(Extract(state): Extract<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let fault = lock(&state).fault(Call::Put);
    {
        let mut state = lock(&state);
        if headers.contains_key("x-api-key") {
            state
                .counts
                .offences
                .push("the key went to a presigned address".to_owned());
        }
        let kind = headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        state
            .counts
            .uploads
            .push((body.len(), kind.unwrap_or_default().to_owned()));
    }
    answer(fault, StatusCode::OK, json!({})).await
}

async fn file(Extract(state): Extract<Shared>, headers: HeaderMap) -> Response {
    let (fault, film) = {
        let mut state = lock(&state);
        let fault = state.fault(Call::File);
        if headers.contains_key("x-api-key") {
            state
                .counts
                .offences
                .push("the key went to a presigned address".to_owned());
        }
        (fault, state.behaviour.film.clone())
    };
    let html = b"<!doctype html><title>Sign in</title>".to_vec();
    let (kind, bytes, announced) = match &fault {
        Some(Fault::Lies(Lie::Html)) => ("text/html", html, None),
        Some(Fault::Lies(Lie::HtmlAsVideo)) => ("video/mp4", html, None),
        Some(Fault::Lies(Lie::Half)) => (
            "video/mp4",
            film[..film.len() / 2].to_vec(),
            Some(film.len()),
        ),
        Some(Fault::Lies(Lie::Shortened)) => ("video/mp4", film[..film.len() / 2].to_vec(), None),
        Some(Fault::Lies(Lie::Endless)) => {
            let endless = futures_util::stream::repeat_with(|| {
                Ok::<_, std::io::Error>(Bytes::from(vec![0; 65536]))
            });
            return Response::new(Body::from_stream(endless));
        }
        Some(Fault::Cut | Fault::DoneButCut) => {
            let broken = futures_util::stream::iter([
                Ok(Bytes::copy_from_slice(&film[..film.len() / 2])),
                Err(std::io::Error::other("cut on purpose")),
            ]);
            return Response::new(Body::from_stream(broken));
        }
        Some(Fault::Slow(pause)) => {
            tokio::time::sleep(*pause).await;
            ("video/mp4", film.to_vec(), None)
        }
        Some(_) => return answer(fault, StatusCode::OK, Value::Null).await,
        None => ("video/mp4", film.to_vec(), None),
    };
    let stream = match announced {
        // What was announced never comes, and the connection ends.
        Some(_) => Body::from_stream(futures_util::stream::iter([
            Ok(Bytes::from(bytes)),
            Err(std::io::Error::other("cut on purpose")),
        ])),
        None => Body::from(bytes),
    };
    let mut response = Response::new(stream);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    if let Some(announced) = announced {
        headers.insert(header::CONTENT_LENGTH, announced.into());
    }
    response
}
