//! Everything outside that the app may touch: Forge's storage, Confluence's REST API, our backend,
//! the queue and the log. Implemented over JavaScript by `app-wasm` and in memory by the tests.

use redaction::LogLine;

use crate::Scope;

/// A call of Confluence's REST API on behalf of the person who uses the app, with their permissions
/// and never with the app's own: what they may not read, the app does not read (P3, P5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfluenceRequest {
    /// `GET` alone, so far.
    pub method: &'static str,
    /// Path and query, from `/wiki/` on.
    pub path: String,
}

/// A call of our backend; Forge adds the invocation token.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteRequest {
    /// The HTTP method.
    pub method: &'static str,
    /// Path and query, from `/v1/` on.
    pub path: String,
    /// The `Idempotency-Key`, for calls that must not happen twice.
    pub idempotency_key: Option<String>,
    /// A JSON text; may be page content or hold the API key, so `Debug` tells its length alone.
    pub body: Option<String>,
}

impl std::fmt::Debug for RemoteRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.body.as_ref().map_or(0, String::len);
        write!(
            formatter,
            "RemoteRequest({} {}, {bytes} bytes)",
            self.method, self.path
        )
    }
}

/// An HTTP answer of either.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The body; may be page content or hold identities, so it has no `Debug`.
    pub body: String,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Response({}, {} bytes)",
            self.status,
            self.body.len()
        )
    }
}

/// A call that did not come to an answer. What the platform said is not kept: it may hold content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The platform limits the rate of calls.
    #[error("the platform limits the rate of calls")]
    RateLimited,
    /// Anything else.
    #[error("the call did not come to an answer")]
    Failed,
}

/// How loud a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// A refusal that the user can mend.
    Warn,
    /// Something that should not happen.
    Error,
}

/// The outside. Values of the key-value store are JSON texts.
#[allow(async_fn_in_trait)] // The wasm runtime has one thread; no caller needs `Send` futures.
pub trait Host {
    /// The value of a key; `None` when there is none.
    async fn kvs_get(&self, key: &str) -> Result<Option<String>, HostError>;
    /// Sets a value.
    async fn kvs_set(&self, key: &str, json: &str) -> Result<(), HostError>;
    /// Deletes a value; deleting what is not there is no error.
    async fn kvs_delete(&self, key: &str) -> Result<(), HostError>;
    /// A secret; `None` when there is none.
    async fn secret_get(&self, key: &str) -> Result<Option<String>, HostError>;
    /// Sets a secret.
    async fn secret_set(&self, key: &str, secret: &str) -> Result<(), HostError>;
    /// Deletes a secret; deleting what is not there is no error.
    async fn secret_delete(&self, key: &str) -> Result<(), HostError>;
    /// Calls Confluence on the user's behalf. Only `confluence` calls this: it checks the scope before.
    async fn confluence(&self, request: ConfluenceRequest) -> Result<Response, HostError>;
    /// The text of an attachment of this name and media type: downloads it on the user's behalf from
    /// a path and reads it. The answer's body is `{"text": …}` or `{"error": CODE}`, a JSON text;
    /// with another status than 200, nothing. Only `confluence` calls this: it checks the scope before.
    async fn attachment_text(
        &self,
        path: &str,
        name: &str,
        media_type: &str,
    ) -> Result<Response, HostError>;
    /// Calls our backend.
    async fn remote(&self, request: RemoteRequest) -> Result<Response, HostError>;
    /// Puts an event (a JSON text) into the queue `page-videos`, to be consumed after a delay.
    async fn queue(&self, event: &str, delay_seconds: u32) -> Result<(), HostError>;
    /// Whether the installation was granted a scope.
    fn has_scope(&self, scope: Scope) -> bool;
    /// Writes one line; its type proves that it was redacted (P13, P14).
    fn log(&self, level: LogLevel, line: LogLine);
}
