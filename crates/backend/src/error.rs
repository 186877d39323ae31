//! Everything a request can end with but success, as problem details (RFC 9457). The answer says
//! what a person can act on; causes go to the log. Must never repeat anything of the request.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fit::FitError;
use protocol::{ErrorCode, Problem};

use crate::deletion::DeletionError;
use crate::incidents::signals;
use crate::objects::ObjectError;
use crate::records::RecordsError;
use crate::store::StoreError;
use crate::vault::VaultError;

/// A refusal or failure on its way to an answer.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A refusal of our own, with a detail that is one of our sentences.
    #[error("{0}")]
    Refused(ErrorCode, Option<String>),
    /// The address exists but not with this method.
    #[error("method not allowed")]
    Method,
    /// A byte range outside of a file of this length (RFC 9110, 15.5.17).
    #[error("range not satisfiable")]
    Range(u64),
    /// The body did not come in time (RFC 9110, 15.5.9).
    #[error("the body did not come in time")]
    BodySlow,
    /// The answer did not begin in time.
    #[error("the answer did not begin in time")]
    Slow,
    /// The token was missing.
    #[error("no token")]
    NoToken,
    /// The token was refused.
    #[error(transparent)]
    Token(#[from] FitError),
    /// What is kept could not be kept or found.
    #[error(transparent)]
    Records(RecordsError),
    /// The object store failed.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// A deletion did not end; the upkeep goes on with it.
    #[error("a deletion did not end yet: {0} rows or files remain")]
    Remains(u64),
}

impl From<DeletionError> for ApiError {
    fn from(error: DeletionError) -> Self {
        match error {
            DeletionError::Records(error) => error.into(),
            DeletionError::Objects(error) => error.into(),
            DeletionError::Remains(remains) => Self::Remains(remains),
        }
    }
}

impl From<VaultError> for ApiError {
    fn from(error: VaultError) -> Self {
        Self::Records(error.into())
    }
}

impl From<RecordsError> for ApiError {
    fn from(error: RecordsError) -> Self {
        match error.refusal() {
            Some(code) => Self::Refused(code, None),
            None => Self::Records(error),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Records(error.into())
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code, None)
    }
}

impl ApiError {
    /// A refusal with a sentence that names a field or a limit.
    pub fn with_detail(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self::Refused(code, Some(detail.into()))
    }

    fn problem(&self) -> Problem {
        let detailed = |code, detail: &str| Problem::new(code, Some(detail.to_owned()));
        match self {
            Self::Refused(code, detail) => Problem::new(*code, detail.clone()),
            Self::Method => Problem {
                status: 405,
                ..detailed(
                    ErrorCode::NotFound,
                    "This address does not answer this method.",
                )
            },
            Self::Range(_) => Problem {
                status: 416,
                ..detailed(
                    ErrorCode::InvalidRequest,
                    "The file is shorter than the range asks for.",
                )
            },
            Self::BodySlow => Problem {
                status: 408,
                ..detailed(ErrorCode::InvalidRequest, "The body did not come in time.")
            },
            Self::Slow => Problem::new(ErrorCode::BackendUnavailable, None),
            Self::NoToken => detailed(
                ErrorCode::TokenInvalid,
                "A Forge Invocation Token is needed in the Authorization header.",
            ),
            Self::Token(error) => Problem::new(error.code(), None),
            Self::Records(_) | Self::Objects(_) | Self::Remains(_) => {
                Problem::new(ErrorCode::Internal, None)
            }
        }
    }
}

/// The answer's code, for the request's log line and metrics.
#[derive(Debug, Clone, Copy)]
pub struct AnsweredCode(pub ErrorCode);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match &self {
            Self::Records(_) | Self::Objects(_) | Self::Remains(_) => {
                let cause = std::error::Error::source(&self).map(ToString::to_string);
                tracing::error!(error = %self, cause, "request failed");
            }
            Self::Token(error) => refused_token(error.reason()),
            Self::NoToken => refused_token("missing"),
            _ => {}
        }
        let problem = self.problem();
        let code = problem.code;
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        if matches!(self, Self::BodySlow) {
            // The rest of the body may never come, so there is no next request on this connection.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Self::Range(length) = self
            && let Ok(value) = HeaderValue::try_from(format!("bytes */{length}"))
        {
            headers.insert(header::CONTENT_RANGE, value);
        }
        response.extensions_mut().insert(AnsweredCode(code));
        response
    }
}

/// Refused tokens are a security signal (P18).
fn refused_token(reason: &'static str) {
    metrics::counter!("golpo_tokens_refused_total", "reason" => reason).increment(1);
    signals::note_refused_token(reason);
    tracing::warn!(reason, "token refused");
}
