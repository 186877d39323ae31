//! Calls signed with SigV4, each done within its time.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, StatusCode};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsAuthorizer, AwsCredentialProvider};
use object_store::client::{HttpClient, HttpConnector as _, HttpRequest, ReqwestConnector};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use super::Endpoint;

/// No answer of the calls made here is longer, in bytes.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

/// How long S3 and KMS may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// Without a byte of an answer.
    pub read: Duration,
    /// For a call that moves no file, retries included.
    pub call: Duration,
    /// For one part of a file, retries included.
    pub part: Duration,
    /// How often a call that failed in passing is made again.
    pub retries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(15),
            call: Duration::from_secs(30),
            part: Duration::from_secs(180),
            retries: 4,
        }
    }
}

impl Limits {
    pub(crate) fn client_options(&self, endpoint: Option<&Endpoint>) -> ClientOptions {
        ClientOptions::new()
            .with_allow_http(endpoint.is_some_and(Endpoint::is_http))
            .with_connect_timeout(self.connect)
            .with_read_timeout(self.read)
            // A long video to a slow reader takes longer than any call.
            .with_timeout_disabled()
    }

    pub(crate) fn retry_config(&self) -> RetryConfig {
        RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(5),
                base: 2.0,
            },
            max_retries: self.retries as usize,
            retry_timeout: self.call,
        }
    }
}

/// Who we are at AWS: keys of the environment, a web identity (EKS), the container's role (ECS, EKS
/// Pod Identity) or the machine's (EC2), in this order.
#[derive(Debug, Clone)]
pub struct Credentials(AwsCredentialProvider);

impl Credentials {
    /// Credentials as AWS's own variables say.
    pub fn from_environment(limits: &Limits) -> Result<Self, object_store::Error> {
        Self::of(limits, |name| std::env::var(name).ok())
    }

    /// The same with the variables that `lookup` tells.
    pub fn of(
        limits: &Limits,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, object_store::Error> {
        // These alone: `AmazonS3Builder::from_env` would also take addresses, and switches that
        // turn signatures off.
        const NAMES: &[&str] = &[
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_ROLE_ARN",
            "AWS_ROLE_SESSION_NAME",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "AWS_REGION",
        ];
        // No bucket is ever asked with it: it makes the credentials' provider.
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name("credentials")
            .with_client_options(limits.client_options(None))
            .with_retry(limits.retry_config());
        for name in NAMES {
            let value = lookup(name).filter(|value| !value.is_empty());
            if let (Some(value), Ok(key)) = (
                value,
                name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>(),
            ) {
                builder = builder.with_config(key, value);
            }
        }
        Ok(Self(builder.build()?.credentials().clone()))
    }

    pub(crate) fn provider(&self) -> AwsCredentialProvider {
        self.0.clone()
    }
}

/// Why a call got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// No credentials were found, or none could be had.
    #[error("no AWS credentials could be had")]
    Credentials(#[source] object_store::Error),
    /// The request could not be made or signed.
    #[error("a request could not be signed")]
    Request,
    /// The service could not be reached, or broke the connection.
    #[error("the service could not be reached")]
    Connection(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The service did not answer in time.
    #[error("the service did not answer in time")]
    Timeout,
}

impl CallError {
    /// Whether the same call may succeed a little later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Connection(_) | Self::Timeout)
    }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Makes signed calls to one service in one region.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: HttpClient,
    credentials: Credentials,
    service: &'static str,
    region: String,
    limits: Limits,
}

impl Client {
    pub(crate) fn new(
        service: &'static str,
        region: &str,
        endpoint: Option<&Endpoint>,
        credentials: &Credentials,
        limits: Limits,
    ) -> Result<Self, object_store::Error> {
        let options = limits.client_options(endpoint);
        Ok(Self {
            http: ReqwestConnector::default().connect(&options)?,
            credentials: credentials.clone(),
            service,
            region: region.to_owned(),
            limits,
        })
    }

    /// Makes a call once. What `read` of the limits bounds is silence; all of it is bounded by
    /// `call`.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<Answer, CallError> {
        tokio::time::timeout(self.limits.call, self.send_unbounded(request))
            .await
            .map_err(|_| CallError::Timeout)?
    }

    async fn send_unbounded(&self, mut request: HttpRequest) -> Result<Answer, CallError> {
        let credential = self.credentials.0.get_credential().await;
        let credential = credential.map_err(CallError::Credentials)?;
        AwsAuthorizer::new(&credential, self.service, &self.region)
            .try_authorize(&mut request, None)
            .map_err(|_| CallError::Request)?;
        let response = self.http.execute(request).await;
        let response = response.map_err(|error| CallError::Connection(error.into()))?;
        let (parts, body) = response.into_parts();
        let body = to_bytes(Body::new(body), ANSWER_LIMIT).await;
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.map_err(|error| CallError::Connection(error.into()))?,
        })
    }
}
