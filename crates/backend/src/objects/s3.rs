//! What is particular to S3: the client, the look at a bucket before it is used, and uploads that
//! were begun and never ended, which S3 keeps, and bills, and does not list among the objects.

use std::sync::Arc;

use axum::http::{HeaderMap, Method, StatusCode};
use object_store::aws::AmazonS3Builder;
use object_store::client::{HttpRequest, HttpRequestBody};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt as _};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::config::{Encryption, S3Config};
use super::store::in_time;
use super::{ObjectError, ObjectsStartError};
use crate::aws::{Answer, Client, Credentials, Limits};

/// A bucket that is used.
pub(super) struct Bucket {
    store: Arc<dyn ObjectStore>,
    client: Client,
    /// The bucket's address, without a slash at its end.
    address: String,
    /// The configured prefix with a slash at its end, or empty.
    prefix: String,
    encryption: Encryption,
    limits: Limits,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Uploads {
    #[serde(rename = "Upload", default)]
    uploads: Vec<Upload>,
    #[serde(default)]
    is_truncated: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Upload {
    key: String,
    upload_id: String,
    initiated: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct PublicAccessBlock {
    block_public_acls: bool,
    ignore_public_acls: bool,
    block_public_policy: bool,
    restrict_public_buckets: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyStatus {
    #[serde(default)]
    is_public: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Versioning {
    #[serde(default)]
    status: String,
}

impl Bucket {
    pub(super) fn new(config: &S3Config, credentials: &Credentials) -> Result<Self, ObjectError> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_credentials(credentials.provider())
            .with_client_options(config.limits.client_options(config.endpoint.as_ref()))
            .with_retry(config.limits.retry_config());
        let address = match &config.endpoint {
            Some(endpoint) => {
                builder = builder.with_endpoint(endpoint.as_str());
                builder = builder.with_allow_http(endpoint.is_http());
                endpoint.as_str().to_owned()
            }
            None => format!("https://s3.{}.amazonaws.com", config.region),
        };
        builder = match &config.encryption {
            // The key's type is not public; its name is.
            Encryption::S3 => builder.with_config("aws_server_side_encryption".parse()?, "AES256"),
            // With a bucket key, KMS is asked once in a while instead of for each object.
            Encryption::Kms(key) => builder.with_sse_kms_encryption(key).with_bucket_key(true),
        };
        let store = builder.build()?;
        let (store, prefix): (Arc<dyn ObjectStore>, _) = if config.prefix.is_empty() {
            (Arc::new(store), String::new())
        } else {
            let prefix = Path::from(config.prefix.as_str());
            let with_slash = format!("{}/", config.prefix);
            (Arc::new(PrefixStore::new(store, prefix)), with_slash)
        };
        Ok(Self {
            store,
            client: Client::new(
                "s3",
                &config.region,
                config.endpoint.as_ref(),
                credentials,
                config.limits,
            )?,
            address: format!("{address}/{}", config.bucket),
            prefix,
            encryption: config.encryption.clone(),
            limits: config.limits,
        })
    }

    pub(super) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    /// Aborts all uploads under a prefix.
    pub(super) async fn abort_uploads(&self, prefix: &str) -> Result<(), ObjectError> {
        let far = OffsetDateTime::from_unix_timestamp(i64::from(u32::MAX));
        let far = far.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        self.abort_old_uploads(prefix, far).await.map(|_| ())
    }

    /// Aborts the uploads under a prefix that were begun before an instant, and gives how many.
    pub(super) async fn abort_old_uploads(
        &self,
        prefix: &str,
        before: OffsetDateTime,
    ) -> Result<u64, ObjectError> {
        let prefix = encoded(&format!("{}{prefix}", self.prefix));
        let mut aborted = 0;
        // Each page is aborted before the next is asked for, so that the first page is always
        // another one; a page on which nothing is old ends the search, as S3 lists an object's
        // uploads by their age and the rest comes with the next sweep.
        loop {
            let answer = self
                .ask(Method::GET, "", &format!("uploads=&prefix={prefix}"))
                .await?;
            let page: Uploads = parsed(&answer)?;
            let mut progress = false;
            for upload in &page.uploads {
                let initiated = OffsetDateTime::parse(&upload.initiated, &Rfc3339);
                if initiated.is_ok_and(|initiated| initiated < before) {
                    let query = format!("uploadId={}", encoded(&upload.upload_id));
                    let key = encoded_path(&upload.key);
                    match self.ask(Method::DELETE, &key, &query).await {
                        Ok(_) | Err(ObjectError::NotFound) => {}
                        Err(error) => return Err(error),
                    }
                    aborted += 1;
                    progress = true;
                }
            }
            if !page.is_truncated || !progress {
                return Ok(aborted);
            }
        }
    }

    /// Asks the bucket, or one of its objects, by a signed call of our own.
    async fn ask(&self, method: Method, key: &str, query: &str) -> Result<Answer, ObjectError> {
        let slash = if key.is_empty() { "" } else { "/" };
        let question = if query.is_empty() { "" } else { "?" };
        let uri = format!("{}{slash}{key}{question}{query}", self.address);
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| {
            ObjectError::Store(object_store::Error::Generic {
                store: "S3",
                source,
            })
        };
        let request = || -> Result<HttpRequest, ObjectError> {
            axum::http::Request::builder()
                .method(method.clone())
                .uri(&uri)
                .body(HttpRequestBody::empty())
                .map_err(|error| failed(error.into()))
        };
        let mut answer = self.client.send(request()?).await;
        for _ in 0..self.limits.retries {
            match &answer {
                Ok(answer) if answer.status.is_server_error() => {}
                Err(error) if error.is_passing() => {}
                _ => break,
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            answer = self.client.send(request()?).await;
        }
        let answer = answer?;
        let status = answer.status;
        match status {
            _ if status.is_success() => Ok(answer),
            StatusCode::NOT_FOUND => Err(ObjectError::NotFound),
            StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => {
                Err(ObjectError::Denied(object_store::Error::PermissionDenied {
                    path: String::new(),
                    source: format!("status {status}").into(),
                }))
            }
            _ => Err(failed(format!("status {status}").into())),
        }
    }
}

/// Writes an object, looks how it is encrypted, and removes it.
pub(super) async fn check(bucket: &Bucket) -> Result<(), ObjectsStartError> {
    let name = format!("health/encryption-{}", uuid::Uuid::new_v4());
    let path = Path::from(name.as_str());
    in_time(&bucket.limits, bucket.store.put(&path, "ok".into())).await?;
    let key = format!("{}{name}", bucket.prefix);
    let head = bucket.ask(Method::HEAD, &encoded_path(&key), "").await;
    let removed = in_time(&bucket.limits, bucket.store.delete(&path)).await;
    let headers = head?.headers;
    let asked = bucket.encryption.to_string();
    if !bucket.encryption.is_shown_by(&headers) {
        let found = shown(&headers);
        return Err(ObjectsStartError::NotEncrypted { asked, found });
    }
    removed?;
    if known(bucket, "versioning=", "keeps old versions")
        .await
        .map(|answer| parsed::<Versioning>(&answer))
        .transpose()?
        .is_some_and(|versioning| versioning.status == "Enabled")
    {
        return Err(ObjectsStartError::KeepsVersions);
    }
    check_public(bucket).await?;
    tracing::info!(encryption = %asked, "the bucket encrypts as configured");
    Ok(())
}

/// Refuses a bucket that anybody may read: by its policy, or by an access list of the old kind. Where
/// all public access is blocked there can be neither.
async fn check_public(bucket: &Bucket) -> Result<(), ObjectsStartError> {
    const EVERYBODY: [&str; 2] = [
        "http://acs.amazonaws.com/groups/global/AllUsers",
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    ];
    const TOPIC: &str = "is open to the public";
    if let Some(answer) = known(bucket, "publicAccessBlock=", TOPIC).await {
        let block: PublicAccessBlock = parsed(&answer)?;
        if block.block_public_acls
            && block.ignore_public_acls
            && block.block_public_policy
            && block.restrict_public_buckets
        {
            return Ok(());
        }
    }
    if let Some(answer) = known(bucket, "policyStatus=", TOPIC).await {
        let status: PolicyStatus = parsed(&answer)?;
        if status.is_public.eq_ignore_ascii_case("true") {
            return Err(ObjectsStartError::Public("its policy"));
        }
    }
    if let Some(answer) = known(bucket, "acl=", TOPIC).await {
        let list = String::from_utf8_lossy(&answer.body);
        if EVERYBODY.iter().any(|group| list.contains(group)) {
            return Err(ObjectsStartError::Public("its access control list"));
        }
    }
    tracing::warn!("public access to the bucket is not blocked: block all of it in its settings");
    Ok(())
}

/// What the bucket says of one of its settings; none where it has no such setting, or does not tell.
/// Many a policy, and many a store that speaks S3, does not answer such questions.
async fn known(bucket: &Bucket, query: &str, topic: &str) -> Option<Answer> {
    match bucket.ask(Method::GET, "", query).await {
        Ok(answer) => Some(answer),
        Err(ObjectError::NotFound) => None,
        Err(error) => {
            let code = error.code();
            tracing::warn!(%error, code, "whether the bucket {topic} is not known");
            None
        }
    }
}

const ENCRYPTION: &str = "x-amz-server-side-encryption";
const KMS_KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";

impl Encryption {
    fn is_shown_by(&self, headers: &HeaderMap) -> bool {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        match self {
            Self::S3 => header(ENCRYPTION) == Some("AES256"),
            Self::Kms(key) => {
                let id = |text: &str| text.rsplit('/').next().map(str::to_owned);
                header(ENCRYPTION) == Some("aws:kms")
                    && header(KMS_KEY).is_some_and(|shown| {
                        // S3 shows the ARN, also where the id was given.
                        shown == key || (!key.starts_with("arn:") && id(shown) == id(key))
                    })
            }
        }
    }
}

impl std::fmt::Display for Encryption {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::S3 => formatter.write_str("AES256"),
            Self::Kms(key) => write!(formatter, "aws:kms with {key}"),
        }
    }
}

fn shown(headers: &HeaderMap) -> String {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match (header(ENCRYPTION), header(KMS_KEY)) {
        (None, _) => "no encryption".to_owned(),
        (Some(kind), None) => kind.to_owned(),
        (Some(kind), Some(key)) => format!("{kind} with {key}"),
    }
}

fn parsed<T: for<'a> Deserialize<'a>>(answer: &Answer) -> Result<T, ObjectError> {
    quick_xml::de::from_reader(answer.body.as_ref()).map_err(|error| {
        ObjectError::Store(object_store::Error::Generic {
            store: "S3",
            source: error.into(),
        })
    })
}

/// Percent-encoded as SigV4 wants it: all but letters, digits and `-._~`.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// The same for a path, whose slashes stay.
fn encoded_path(text: &str) -> String {
    text.split('/').map(encoded).collect::<Vec<_>>().join("/")
}
