//! The calls of our backend, typed. The tenant is not among their arguments: the backend takes it
//! from the token that Forge adds, and from nowhere else (P2).

use protocol::{
    ApiKey, ApiKeyState, ErrorCode, Media, NewVideo, Operation, PageId, Problem, Site, Video,
    VideoId, VideoPage,
};
use serde::Serialize;

use crate::{
    AppError, Host, RemoteRequest, Response,
    json::{self, FromJson},
};

pub(crate) async fn site<H: Host>(host: &H) -> Result<Site, AppError> {
    call(host, request("GET", "/v1/site".to_owned())).await
}

pub(crate) async fn put_api_key<H: Host>(host: &H, key: &ApiKey) -> Result<ApiKeyState, AppError> {
    // A body of its own, since an `ApiKey` cannot be serialized by accident.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        api_key: &'a str,
    }
    let body = text(&Body {
        api_key: key.expose(),
    })?;
    call(
        host,
        RemoteRequest {
            body: Some(body),
            ..request("PUT", "/v1/api-key".to_owned())
        },
    )
    .await
}

pub(crate) async fn delete_api_key<H: Host>(host: &H) -> Result<ApiKeyState, AppError> {
    call(host, request("DELETE", "/v1/api-key".to_owned())).await
}

pub(crate) async fn post_video<H: Host>(
    host: &H,
    video: &NewVideo,
    idempotency_key: &VideoId,
) -> Result<Video, AppError> {
    let request = RemoteRequest {
        idempotency_key: Some(idempotency_key.to_string()),
        body: Some(text(video)?),
        ..request("POST", "/v1/videos".to_owned())
    };
    call(host, request).await
}

pub(crate) async fn video<H: Host>(host: &H, id: &VideoId) -> Result<Video, AppError> {
    call(host, request("GET", format!("/v1/videos/{id}"))).await
}

pub(crate) async fn media<H: Host>(host: &H, id: &VideoId) -> Result<Media, AppError> {
    call(host, request("GET", format!("/v1/videos/{id}/media"))).await
}

pub(crate) async fn videos<H: Host>(
    host: &H,
    page_id: Option<&PageId>,
    cursor: Option<&str>,
) -> Result<VideoPage, AppError> {
    let mut path = format!("/v1/videos?limit={VIDEOS_PER_CALL}");
    if let Some(page_id) = page_id {
        path.push_str(&format!("&pageId={page_id}"));
    }
    if let Some(cursor) = cursor {
        path.push_str(&format!("&cursor={cursor}"));
    }
    call(host, request("GET", path)).await
}

/// Videos that one list call asks for.
const VIDEOS_PER_CALL: u32 = 50;

fn request(method: &'static str, path: String) -> RemoteRequest {
    RemoteRequest {
        method,
        path,
        idempotency_key: None,
        body: None,
    }
}

fn text<T: Serialize>(value: &T) -> Result<String, AppError> {
    serde_json::to_string(value)
        .map_err(|_| AppError::Malformed("The value has no JSON form.".to_owned()))
}

/// The site uninstalled the app. The answer's body is nobody's concern.
pub(crate) async fn uninstalled<H: Host>(host: &H) -> Result<(), AppError> {
    send(host, request("POST", "/v1/uninstalled".to_owned()))
        .await
        .map(drop)
}

/// Tells of a failure inside the app by its code, for the operators' metrics (P14). What becomes of
/// it is nobody's concern: the failure itself is what the user hears of.
pub(crate) async fn report<H: Host>(host: &H, code: ErrorCode, operation: Option<Operation>) {
    let operation = operation.map_or_else(String::new, |operation| {
        format!(r#","operation":"{}""#, operation.as_str())
    });
    let request = RemoteRequest {
        // Of our own words alone, so that nothing in it needs escaping.
        body: Some(format!(r#"{{"code":"{code}"{operation}}}"#)),
        ..request("POST", "/v1/errors".to_owned())
    };
    let _ = host.remote(request).await;
}

async fn call<H: Host, T: FromJson>(host: &H, request: RemoteRequest) -> Result<T, AppError> {
    let response = send(host, request).await?;
    json::read(&response.body).map_err(|_| AppError::Backend(Some(response.status)))
}

/// The answer, if it is none of a refusal.
async fn send<H: Host>(host: &H, request: RemoteRequest) -> Result<Response, AppError> {
    let response = host
        .remote(request)
        .await
        .map_err(|_| AppError::Backend(None))?;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    // A gateway in between may answer in its own words; those are not shown.
    match json::read::<Problem>(&response.body) {
        Ok(problem) => Err(AppError::Refused(Box::new(problem))),
        Err(_) => Err(AppError::Backend(Some(response.status))),
    }
}
