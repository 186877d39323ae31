//! A finished video's files. Addresses are given to the tenant; they carry their own proof, since
//! a browser's `<video>` sends no token: an HMAC over video, file and expiry, 15 minutes long.

use std::ops::Range;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use protocol::{ErrorCode, Media, Problem, VideoId, VideoState};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::error::ApiError;
use crate::incidents::rules::Signal;
use crate::incidents::signals;
use crate::objects::{MediaFile, ObjectError};
use crate::records::timestamp;
use crate::request::{Caller, QueryValues, VideoPath, no_such_video};

/// How long a signed address works.
const VALID_SECONDS: i64 = 15 * 60;

/// Signed addresses of the video's files, and its chapters.
#[utoipa::path(get, path = "/v1/videos/{id}/media", operation_id = "getMedia", security(("fit" = [])),
    params(("id" = VideoId, Path)),
    responses((status = 200, body = Media), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn addresses(
    Caller(tenant): Caller,
    State(app): State<Arc<App>>,
    VideoPath(id): VideoPath,
) -> Result<Json<Media>, ApiError> {
    let video = app.records.video(&tenant, &id).await?;
    let Some(video) = video else {
        return Err(no_such_video(&app, &tenant, &id).await?);
    };
    if video.state != VideoState::Done {
        return Err(ErrorCode::VideoNotReady.into());
    }
    let chapters = app.records.chapters(&tenant, &id).await?;
    let chapters = chapters.ok_or(ErrorCode::VideoNotFound)?;
    let key = app.records.key(&tenant).await?;
    let expires = app.clock.unix_seconds() + VALID_SECONDS;
    let address = |file: MediaFile| {
        let signature = key.sign_link(id.as_str(), file.name(), expires);
        format!(
            "{}/media/{id}/{}?expires={expires}&signature={signature}",
            app.public_url,
            file.name()
        )
    };
    Ok(Json(Media {
        video_url: address(MediaFile::Video),
        captions_url: address(MediaFile::Captions),
        poster_url: address(MediaFile::Poster),
        chapters,
        expires_at: timestamp(expires)?,
    }))
}

/// The proof in a signed address.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Proof {
    /// When the address stops working, in Unix seconds.
    expires: i64,
    /// The signature, as lower-case hexadecimal digits.
    signature: String,
}

/// A file, or a byte range of it (RFC 9110, 14).
#[utoipa::path(get, path = "/media/{id}/{file}", operation_id = "getMediaFile",
    params(("id" = VideoId, Path), ("file" = String, Path, description = "`video.mp4`, `captions.vtt` or `poster.png`"), Proof,
        ("Range" = Option<String>, Header, description = "One byte range.")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn file(
    State(app): State<Arc<App>>,
    method: Method,
    headers: HeaderMap,
    path: Option<Path<(String, String)>>,
    proof: Result<QueryValues<Proof>, ApiError>,
) -> Result<Response, ApiError> {
    let invalid = || ApiError::from(ErrorCode::MediaLinkInvalid);
    let Path((id, file)) = path.ok_or_else(invalid)?;
    let id: VideoId = id.parse().map_err(|_| invalid())?;
    let file = MediaFile::from_name(&file).ok_or_else(invalid)?;
    let QueryValues(proof) = proof.map_err(|_| invalid())?;
    // Signed with the key of the tenant whose video it is; that of a video that never was, or is not
    // any more, cannot be told from one with a wrong signature.
    let refused = |reason: &'static str| {
        if reason == "signature" {
            signals::note(Signal::LinkForged, None);
        }
        metrics::counter!("golpo_media_links_refused_total", "reason" => reason).increment(1);
    };
    let Some(owner) = app.records.store().owner_of_video(&id).await? else {
        refused("signature");
        return Err(invalid());
    };
    let key = app.records.key(&owner).await?;
    // The signature before the expiry: only who held a right address learns that it is too old.
    if !key.verify_link(id.as_str(), file.name(), proof.expires, &proof.signature) {
        refused("signature");
        return Err(invalid());
    }
    if app.clock.unix_seconds() >= proof.expires {
        refused("expired");
        return Err(ErrorCode::MediaLinkExpired.into());
    }
    // Given out before all were revoked (P19); none works for longer than these seconds.
    let revoked = app.records.in_force().await?.links_until;
    if revoked.is_some_and(|revoked| proof.expires - VALID_SECONDS <= revoked) {
        refused("revoked");
        return Err(ErrorCode::MediaLinkExpired.into());
    }
    app.records.may_serve(&owner).await?;
    let folder = app.records.folder(&owner).await?;
    let gone = |error| match error {
        ObjectError::NotFound => ErrorCode::VideoNotFound.into(),
        error => ApiError::from(error),
    };
    let length = app.objects.length(&folder, &id, file).await.map_err(gone)?;

    let etag = format!("\"{id}\"");
    let range = requested_range(&headers, &etag, length);
    let (status, range) = match range {
        Requested::Whole => (StatusCode::OK, 0..length),
        Requested::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Requested::Outside => return Err(ApiError::Range(length)),
    };
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, file.content_type())
        .header(header::CONTENT_LENGTH, range.end - range.start)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, etag)
        // The address is the permission, so nobody but the one who has it may keep the answer.
        .header(header::CACHE_CONTROL, "private, max-age=900")
        // The player's frame is of another origin, and the address carries its own proof.
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .header("cross-origin-resource-policy", "cross-origin");
    if status == StatusCode::PARTIAL_CONTENT {
        let value = format!("bytes {}-{}/{length}", range.start, range.end - 1);
        response = response.header(header::CONTENT_RANGE, value);
    }
    let body = if method == Method::HEAD || range.is_empty() {
        Body::empty()
    } else {
        app.objects
            .stream(&folder, &id, file, range)
            .await
            .map_err(gone)?
    };
    response
        .body(body)
        .map_err(|_| ApiError::from(ErrorCode::Internal))
}

#[derive(Debug, PartialEq, Eq)]
enum Requested {
    Whole,
    Part(Range<u64>),
    Outside,
}

/// What of a file of `length` bytes is asked for. A header that is not one byte range is ignored,
/// as RFC 9110 (14.2) allows, and so is one whose `If-Range` does not match.
fn requested_range(headers: &HeaderMap, etag: &str, length: u64) -> Requested {
    let text = |name| headers.get(name).map(HeaderValue::to_str);
    let Some(Ok(range)) = text(header::RANGE) else {
        return Requested::Whole;
    };
    if text(header::IF_RANGE).is_some_and(|value| value.ok() != Some(etag)) {
        return Requested::Whole;
    }
    parse_range(range, length)
}

fn parse_range(text: &str, length: u64) -> Requested {
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Requested::Whole;
    };
    let number = |text: &str| -> Option<u64> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // A number too large for the type lies beyond every file all the same.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    match (number(first), number(last)) {
        (Some(first), _) if last.is_empty() && first < length => Requested::Part(first..length),
        (Some(first), _) if last.is_empty() && first >= length => Requested::Outside,
        (Some(first), Some(last)) if first > last => Requested::Whole,
        (Some(first), Some(_)) if first >= length => Requested::Outside,
        (Some(first), Some(last)) => Requested::Part(first..last.saturating_add(1).min(length)),
        (None, Some(0)) if first.is_empty() => Requested::Outside,
        (None, Some(_)) if first.is_empty() && length == 0 => Requested::Outside,
        (None, Some(last)) if first.is_empty() => {
            Requested::Part(length.saturating_sub(last)..length)
        }
        _ => Requested::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_ranges() {
        let table = [
            ("bytes=0-0", Requested::Part(0..1)),
            ("bytes=0-9", Requested::Part(0..10)),
            ("bytes=0-", Requested::Part(0..10)),
            ("bytes=9-", Requested::Part(9..10)),
            ("bytes=3-100", Requested::Part(3..10)),
            ("bytes=3-99999999999999999999999", Requested::Part(3..10)),
            ("bytes=-1", Requested::Part(9..10)),
            ("bytes=-99", Requested::Part(0..10)),
            ("bytes=10-", Requested::Outside),
            ("bytes=10-11", Requested::Outside),
            ("bytes=99999999999999999999999-", Requested::Outside),
            ("bytes=-0", Requested::Outside),
            ("bytes=5-4", Requested::Whole),
            ("bytes=-", Requested::Whole),
            ("bytes=a-b", Requested::Whole),
            ("bytes=+1-2", Requested::Whole),
            ("bytes=0-1,3-4", Requested::Whole),
            ("lines=0-1", Requested::Whole),
            ("", Requested::Whole),
        ];
        for (text, expected) in table {
            assert_eq!(parse_range(text, 10), expected, "{text}");
        }
        assert_eq!(parse_range("bytes=-1", 0), Requested::Outside);
        assert_eq!(parse_range("bytes=0-", 0), Requested::Outside);
    }
}
