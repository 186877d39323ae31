//! `/.well-known/security.txt` (RFC 9116): where to report a weakness (P16).

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use protocol::ErrorCode;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, Time};

use crate::app::App;
use crate::error::ApiError;

/// How long the file may be relied on: under the year that RFC 9116 (2.5.5) recommends, and long
/// enough for a scanner that comes twice a year.
const VALID: Duration = Duration::days(180);

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityTxt {
    /// `mailto:` or `https:` addresses, the preferred one first.
    pub contacts: Vec<String>,
    /// How reports are handled.
    pub policy: String,
}

impl Default for SecurityTxt {
    fn default() -> Self {
        Self {
            contacts: vec!["mailto:security@golpoai.com".to_owned()],
            policy: "https://golpoai.com/security".to_owned(),
        }
    }
}

/// The file. `Expires` is counted from today: a service that runs is one that is looked after.
#[utoipa::path(get, path = "/.well-known/security.txt", operation_id = "getSecurityTxt",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn get(State(app): State<Arc<App>>) -> Result<impl IntoResponse, ApiError> {
    let now = app.clock.unix_seconds();
    let today = OffsetDateTime::from_unix_timestamp(now)
        .map_err(|_| ErrorCode::Internal)?
        .replace_time(Time::MIDNIGHT);
    let expires = (today + VALID)
        .format(&Rfc3339)
        .map_err(|_| ErrorCode::Internal)?;
    let mut text = String::new();
    for contact in &app.security_txt.contacts {
        text.push_str(&format!("Contact: {contact}\r\n"));
    }
    let (url, policy) = (&app.public_url, &app.security_txt.policy);
    text.push_str(&format!(
        "Expires: {expires}\r\nPreferred-Languages: en\r\n\
         Canonical: {url}/.well-known/security.txt\r\nPolicy: {policy}\r\n"
    ));
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text))
}
