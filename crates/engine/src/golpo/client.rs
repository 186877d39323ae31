//! One call to Golpo and its answer. The key is put into a header that is marked sensitive, of one
//! request at a time; nothing of a request or an answer is in an error, and errors of the HTTP
//! library, which hold addresses, end here. It must never follow a redirect or use a proxy: the
//! address that was looked at is the one that is connected to.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use protocol::ApiKey;
use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, redirect, retry, tls};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

use super::answer;
use super::guard::{AddressError, Guard};
use super::options::Uploaded;
use super::patience::{self, World};

/// The most bytes of an answer that are read.
const ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// The most bytes of a file that Golpo takes.
pub(super) const UPLOAD_BYTES: usize = 15 * 1024 * 1024;

/// How long things may take and how large they may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A connection.
    pub connect: Duration,
    /// An answer, or the next bytes of a file.
    pub answer: Duration,
    /// A whole file.
    pub file: Duration,
    /// The most bytes of a video.
    pub video_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(60),
            file: Duration::from_secs(30 * 60),
            video_bytes: 1024 * 1024 * 1024,
        }
    }
}

/// Why a call brought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum CallError {
    /// No connection: Golpo knows nothing of the call.
    #[error("no connection")]
    Unreached,
    /// A connection and no answer that counts: Golpo may have done what it was asked.
    #[error("no usable answer")]
    Unanswered(Option<Duration>),
    /// 429.
    #[error("too many requests or jobs")]
    Busy(Option<Duration>),
    /// 401.
    #[error("the key was refused")]
    KeyRefused,
    /// 402 or 403.
    #[error("the plan or the credits do not allow it")]
    Plan,
    /// 400, 413 or 422, and the field where one of ours was named.
    #[error("the request was refused")]
    Invalid(Option<&'static str>),
    /// 404 or 410.
    #[error("there is no such thing")]
    NotFound,
    /// Another refusal.
    #[error("status {0}")]
    Refused(u16),
}

impl CallError {
    /// Whether Golpo answered at all.
    pub(super) fn is_answer(self) -> bool {
        !matches!(self, Self::Unreached | Self::Unanswered(_))
    }
}

/// Why a file could not be fetched or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum FileError {
    /// Not where files may be.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No connection, or one that broke or fell silent.
    #[error("the connection broke")]
    Broken,
    /// Any other status than success; redirects are not followed.
    #[error("status {0}")]
    Status(u16),
    /// Not a video by its media type.
    #[error("it is not a video")]
    MediaType,
    /// More bytes than are taken.
    #[error("it is too large")]
    TooLarge,
    /// Fewer or more bytes than were announced.
    #[error("its length is not the one announced")]
    Length,
    /// It could not be written or read here.
    #[error("it could not be written")]
    Disk,
}

/// The way to one deployment of Golpo; holds no key.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    guard: Guard,
    limits: Limits,
    world: Arc<dyn World>,
}

/// The calls of one order, with its key.
pub(super) struct Session<'a> {
    client: &'a Client,
    key: HeaderValue,
}

impl Client {
    pub(super) fn new(
        base: &Url,
        guard: Guard,
        limits: Limits,
        world: Arc<dyn World>,
    ) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .dns_resolver(guard.clone())
            .redirect(redirect::Policy::none())
            // Sending once means once.
            .retry(retry::never())
            .no_proxy()
            .tls_version_min(tls::Version::TLS_1_2)
            .connect_timeout(limits.connect)
            .read_timeout(limits.answer)
            .pool_idle_timeout(Duration::from_secs(20))
            .user_agent(concat!("golpo-confluence/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(reqwest::Error::without_url)?;
        Ok(Self {
            http,
            base: base.as_str().trim_end_matches('/').to_owned(),
            guard,
            limits,
            world,
        })
    }

    /// Calls with this key. A key that no header can hold is refused as Golpo would.
    pub(super) fn session(&self, key: &ApiKey) -> Result<Session<'_>, CallError> {
        let mut key = HeaderValue::from_str(key.expose()).map_err(|_| CallError::KeyRefused)?;
        key.set_sensitive(true);
        Ok(Session { client: self, key })
    }

    /// Copies a presigned file to a path, as it comes. No key goes along.
    pub(super) async fn fetch(&self, address: &str, path: &Path) -> Result<u64, FileError> {
        let url = self.guard.parse(address)?;
        let copied = self.copy(url, path);
        match tokio::time::timeout(self.limits.file, copied).await {
            Ok(copied) => copied,
            Err(_) => Err(FileError::Broken),
        }
    }

    async fn copy(&self, url: Url, path: &Path) -> Result<u64, FileError> {
        let sent = self.http.get(url).send().await;
        let mut response = sent.map_err(|_| FileError::Broken)?;
        if response.status() != StatusCode::OK {
            return Err(FileError::Status(response.status().as_u16()));
        }
        let kind = response.headers().get(CONTENT_TYPE);
        let kind = kind
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or("video/mp4");
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let known = [
            "video/mp4",
            "application/mp4",
            "application/octet-stream",
            "binary/octet-stream",
        ];
        if !known.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err(FileError::MediaType);
        }
        let announced = response.content_length();
        if announced.is_some_and(|bytes| bytes > self.limits.video_bytes) {
            return Err(FileError::TooLarge);
        }
        let file = tokio::fs::File::create(path)
            .await
            .map_err(|_| FileError::Disk)?;
        let mut file = tokio::io::BufWriter::new(file);
        let mut copied = 0u64;
        while let Some(chunk) = response.chunk().await.map_err(|_| FileError::Broken)? {
            copied += chunk.len() as u64;
            if copied > self.limits.video_bytes {
                return Err(FileError::TooLarge);
            }
            file.write_all(&chunk).await.map_err(|_| FileError::Disk)?;
        }
        file.flush().await.map_err(|_| FileError::Disk)?;
        if announced.is_some_and(|announced| announced != copied) {
            return Err(FileError::Length);
        }
        Ok(copied)
    }
}

impl Session<'_> {
    /// Orders a video or script.
    pub(super) async fn generate(&self, body: &Value) -> Result<answer::Submitted, CallError> {
        let answer = self
            .post("generate", "/api/v2/videos/generate", body)
            .await?;
        // Accepted in words that are not understood: it may well be begun.
        answer::submitted(&answer).ok_or_else(|| self.surprise("generate", &answer))
    }

    /// How a job stands.
    pub(super) async fn status(&self, job: &str) -> Result<answer::Job, CallError> {
        let answer = self
            .get("status", &format!("/api/v1/videos/status/{job}"))
            .await?;
        answer::job(&answer).ok_or_else(|| self.surprise("status", &answer))
    }

    /// How a video stands.
    pub(super) async fn video(&self, video: &str) -> Result<answer::Job, CallError> {
        let answer = self
            .get("video", &format!("/api/v2/videos/{video}"))
            .await?;
        answer::job(&answer).ok_or_else(|| self.surprise("video", &answer))
    }

    /// A page of the key's videos, and how many there are.
    pub(super) async fn videos(
        &self,
        limit: usize,
        offset: usize,
    ) -> Result<(Vec<answer::Listed>, Option<u64>), CallError> {
        let path = format!("/api/v2/videos?limit={limit}&offset={offset}");
        let answer = self.get("videos", &path).await?;
        answer::list(&answer).ok_or_else(|| self.surprise("videos", &answer))
    }

    /// What the account has left, where that is told.
    pub(super) async fn credits(&self) -> Result<Option<f64>, CallError> {
        let answer = self.get("credits", "/api/v2/users/credits").await?;
        Ok(answer::credits(&answer))
    }

    /// Uploads a file in two steps: Golpo names a place, and the bytes are put there.
    pub(super) async fn upload(
        &self,
        name: &str,
        kind: &str,
        bytes: Vec<u8>,
    ) -> Result<Uploaded, UploadError> {
        if bytes.is_empty() || bytes.len() > UPLOAD_BYTES {
            return Err(UploadError::Size);
        }
        let boundary = super::hex(&self.client.world.random());
        let form = form(&boundary, name, kind, &bytes);
        let request = self
            .request(Method::POST, "/api/v1/videos/upload-file")
            .header(
                CONTENT_TYPE,
                format!("multipart/form-data; boundary={boundary}"),
            )
            .body(form);
        let answer = self.answer("upload", request).await?;
        let Some(place) = answer::upload(&answer) else {
            return Err(self.surprise("upload", &answer).into());
        };
        // What is told here is sent back to Golpo later; the bytes go where it says, if that may be.
        let file = self
            .client
            .guard
            .parse(&place.file_url)
            .map_err(FileError::from)?;
        if let Some(address) = &place.upload_url {
            let url = self.client.guard.parse(address).map_err(FileError::from)?;
            let kind = place.content_type.as_deref().unwrap_or(kind);
            let kind = HeaderValue::from_str(kind).map_err(|_| FileError::MediaType)?;
            let put = self
                .client
                .http
                .put(url)
                .header(CONTENT_TYPE, kind)
                .body(bytes);
            let put = put.send().await.map_err(|_| FileError::Broken)?;
            if !put.status().is_success() {
                return Err(FileError::Status(put.status().as_u16()).into());
            }
        }
        Ok(Uploaded(file.into()))
    }

    async fn get(&self, what: &'static str, path: &str) -> Result<Value, CallError> {
        self.answer(what, self.request(Method::GET, path)).await
    }

    async fn post(&self, what: &'static str, path: &str, body: &Value) -> Result<Value, CallError> {
        let request = self
            .request(Method::POST, path)
            .header(CONTENT_TYPE, "application/json");
        self.answer(what, request.body(body.to_string())).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = format!("{}{path}", self.client.base);
        let request = self.client.http.request(method, address);
        request
            .timeout(self.client.limits.answer)
            .header("x-api-key", self.key.clone())
    }

    async fn answer(
        &self,
        what: &'static str,
        request: RequestBuilder,
    ) -> Result<Value, CallError> {
        let mut response = request.send().await.map_err(|error| {
            // Its words may hold the address, so only what kind it is of is told.
            let (connect, timeout) = (error.is_connect(), error.is_timeout());
            tracing::warn!(call = what, connect, timeout, "Golpo gave no answer");
            if connect {
                CallError::Unreached
            } else {
                CallError::Unanswered(None)
            }
        })?;
        let status = response.status();
        let wait = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        let wait =
            wait.and_then(|value| patience::retry_after(value, self.client.world.unix_seconds()));
        let answer = body(&mut response).await;
        if tracing::enabled!(tracing::Level::DEBUG) {
            let shape = answer.as_ref().map(answer::shape);
            tracing::debug!(
                call = what,
                status = status.as_u16(),
                shape,
                "Golpo answered"
            );
        }
        if status.is_success() {
            return answer.ok_or(CallError::Unanswered(None));
        }
        let shape = answer.as_ref().map(answer::shape);
        tracing::warn!(
            call = what,
            status = status.as_u16(),
            shape,
            "Golpo refused a call"
        );
        Err(match status.as_u16() {
            401 => CallError::KeyRefused,
            402 | 403 => CallError::Plan,
            400 | 413 | 422 => CallError::Invalid(answer.as_ref().and_then(answer::refused_field)),
            404 | 410 => CallError::NotFound,
            429 => CallError::Busy(wait),
            // A redirect is no answer of Golpo's: something stands in between.
            300..=399 | 408 | 500.. => CallError::Unanswered(wait),
            other => CallError::Refused(other),
        })
    }

    /// An answer that is not understood, told by its shape.
    fn surprise(&self, what: &'static str, answer: &Value) -> CallError {
        tracing::warn!(
            call = what,
            shape = answer::shape(answer),
            "Golpo's answer is not understood"
        );
        CallError::Unanswered(None)
    }
}

/// Why a file was not uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum UploadError {
    /// Empty, or more than 15 MB.
    #[error("a file has 1 byte to 15 MB")]
    Size,
    /// The first step.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The second step.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The body, if it is JSON of a decent size.
async fn body(response: &mut Response) -> Option<Value> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if bytes.len() + chunk.len() > ANSWER_BYTES {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&bytes).ok()
}

/// A form with one file (RFC 7578). Names are ours, so that nothing in them needs escaping.
fn form(boundary: &str, name: &str, kind: &str, bytes: &[u8]) -> Vec<u8> {
    let name: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        .collect();
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: {kind}\r\n\r\n"
    );
    let mut form = head.into_bytes();
    form.extend_from_slice(bytes);
    form.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    form
}
