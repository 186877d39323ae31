//! Master keys in AWS KMS: they never leave it; data keys are sent there to be wrapped and
//! unwrapped, bound to their tenant by the encryption context. Must never use a key that is not
//! configured: an id in a row only chooses among those, so that who can write rows cannot have our
//! secrets sealed under a key of theirs.
//!
//! Rotation: KMS's own rotation of a key keeps its ARN and needs nothing here. For another key, its
//! ARN is configured as the current one, the old one as a former one until `key rotate` is done.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::rand;
use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use object_store::client::{HttpRequest, HttpRequestBody};
use serde::Deserialize;
use tokio::time::Instant;
use zeroize::{Zeroize as _, Zeroizing};

use super::envelope::{DataKey, KEY_LEN};
use super::master::{MasterKeyError, MasterKeys, WrappedKey};
use crate::aws::{CallError, Client, Credentials, Endpoint, Limits};

/// A good answer of the probe holds for this long: readiness is asked often, KMS is paid by call.
const PROBE_HOLDS: Duration = Duration::from_secs(30);

/// The ARN of a KMS key, `arn:aws:kms:REGION:ACCOUNT:key/ID`; never of an alias, which may come to
/// mean another key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyArn(String);

impl KeyArn {
    /// Reads an ARN.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let refused = || MasterKeyError::NotAnArn(text.to_owned());
        let parts: Vec<&str> = text.split(':').collect();
        let &["arn", partition, "kms", region, account, key] = parts.as_slice() else {
            return Err(refused());
        };
        let id = key.strip_prefix("key/").ok_or_else(refused)?;
        let word = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let account_is_number = account.bytes().all(|byte| byte.is_ascii_digit());
        if [partition, region, account, id].into_iter().all(word) && account_is_number {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused())
        }
    }

    /// The ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn region(&self) -> &str {
        self.0.split(':').nth(3).unwrap_or_default()
    }

    fn address(&self) -> String {
        let domain = if self.0.starts_with("arn:aws-cn:") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        format!("https://kms.{}.{domain}", self.region())
    }
}

/// Which keys, and where.
#[derive(Debug, Clone)]
pub struct KmsConfig {
    /// Wraps new data keys.
    pub current: KeyArn,
    /// Still unwrap.
    pub former: Vec<KeyArn>,
    /// Instead of AWS's address of the key's region.
    pub endpoint: Option<Endpoint>,
    /// How long a call may take.
    pub limits: Limits,
}

/// Master keys in KMS.
#[derive(Debug)]
pub struct KmsMasterKeys {
    current: Key,
    former: Vec<Key>,
    limits: Limits,
    /// When the probe last went well.
    probed: Mutex<Option<Instant>>,
}

#[derive(Debug)]
struct Key {
    arn: KeyArn,
    address: String,
    client: Client,
}

/// What a key was encrypted for. The same is needed to decrypt; it stands in AWS's log of calls.
#[derive(serde::Serialize)]
struct Context<'a> {
    tenant: &'a str,
    purpose: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypted {
    ciphertext_blob: String,
    key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypted {
    plaintext: String,
    key_id: String,
}

#[derive(Deserialize, Default)]
struct Refusal {
    #[serde(rename = "__type", default)]
    kind: String,
}

impl KmsMasterKeys {
    /// Master keys as configured. Asks nobody; [`MasterKeys::probe`] does.
    pub fn new(config: &KmsConfig, credentials: &Credentials) -> Result<Self, MasterKeyError> {
        let endpoint = config.endpoint.as_ref();
        let key = |arn: &KeyArn| -> Result<Key, MasterKeyError> {
            let client = Client::new("kms", arn.region(), endpoint, credentials, config.limits);
            Ok(Key {
                arn: arn.clone(),
                address: endpoint.map_or_else(|| arn.address(), |it| it.as_str().to_owned()),
                client: client.map_err(|error| MasterKeyError::Unreachable(error.into()))?,
            })
        };
        Ok(Self {
            current: key(&config.current)?,
            former: config.former.iter().map(key).collect::<Result<_, _>>()?,
            limits: config.limits,
            probed: Mutex::default(),
        })
    }

    async fn encrypt(
        &self,
        plain: &[u8],
        context: &Context<'_>,
    ) -> Result<Vec<u8>, MasterKeyError> {
        let key = &self.current;
        let text = Zeroizing::new(STANDARD.encode(plain));
        let request = serde_json::json!({
            "KeyId": key.arn.as_str(),
            "EncryptionContext": context,
        });
        // The secret is spliced in, so that it is in no value that is not zeroed.
        let request = with_secret(&request, "Plaintext", &text)?;
        let answer: Encrypted = self.call(key, "Encrypt", &request).await?;
        if answer.key_id != key.arn.as_str() {
            return Err(MasterKeyError::Garbled);
        }
        let bytes = STANDARD.decode(answer.ciphertext_blob);
        bytes.map_err(|_| MasterKeyError::Garbled)
    }

    async fn decrypt(
        &self,
        key: &Key,
        bytes: &[u8],
        context: &Context<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
        let request = serde_json::json!({
            "KeyId": key.arn.as_str(),
            "EncryptionContext": context,
            "CiphertextBlob": STANDARD.encode(bytes),
        });
        let request = Zeroizing::new(request.to_string());
        let answer: Decrypted = self.call(key, "Decrypt", &request).await?;
        let plain = Zeroizing::new(answer.plaintext);
        if answer.key_id != key.arn.as_str() {
            return Err(MasterKeyError::Garbled);
        }
        let plain = STANDARD.decode(plain.as_bytes());
        plain
            .map(Zeroizing::new)
            .map_err(|_| MasterKeyError::Garbled)
    }

    /// Makes a call, and makes it again while it fails in passing; within the limit of a call.
    async fn call<T: for<'a> Deserialize<'a>>(
        &self,
        key: &Key,
        operation: &str,
        request: &Zeroizing<String>,
    ) -> Result<T, MasterKeyError> {
        let tries = async {
            let mut pause = Duration::from_millis(100);
            for _ in 0..self.limits.retries {
                match call_once(key, operation, request).await {
                    Err(error) if error.is_passing() => {}
                    done => return done,
                }
                tokio::time::sleep(pause.mul_f64(jitter())).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
            call_once(key, operation, request).await
        };
        let answer = tokio::time::timeout(self.limits.call, tries).await;
        answer.map_err(|_| MasterKeyError::Timeout)?
    }
}

/// A factor of 0.5 to 1.5, so that replicas that failed together do not come back together.
fn jitter() -> f64 {
    let mut byte = [0];
    match rand::fill(&mut byte) {
        Ok(()) => 0.5 + f64::from(byte[0]) / 255.0,
        Err(_) => 1.0,
    }
}

/// An object's JSON with one more text in it, whose characters need no escapes.
fn with_secret(
    object: &serde_json::Value,
    name: &str,
    secret: &Zeroizing<String>,
) -> Result<Zeroizing<String>, MasterKeyError> {
    let object = object.to_string();
    let object = object.strip_suffix('}').ok_or(MasterKeyError::Cipher)?;
    let mut text = Zeroizing::new(String::with_capacity(object.len() + secret.len() + 32));
    for part in [object, ",\"", name, "\":\"", secret, "\"}"] {
        text.push_str(part);
    }
    Ok(text)
}

async fn call_once<T: for<'a> Deserialize<'a>>(
    key: &Key,
    operation: &str,
    request: &Zeroizing<String>,
) -> Result<T, MasterKeyError> {
    // Zeroed when it is sent. The buffers of the HTTP and TLS layers are out of reach.
    let body = Bytes::from_owner(Zeroizing::new(request.as_bytes().to_vec()));
    let request = HttpRequest::builder_for(key, operation, body)?;
    let answer = key.client.send(request).await?;
    if answer.status == StatusCode::OK {
        let parsed = serde_json::from_slice(&answer.body);
        if let Ok(mut body) = answer.body.try_into_mut() {
            body.as_mut().zeroize();
        }
        return parsed.map_err(|_| MasterKeyError::Garbled);
    }
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    Err(refused(answer.status, &refusal.kind))
}

/// A request of KMS's JSON protocol.
trait KmsRequest: Sized {
    fn builder_for(key: &Key, operation: &str, body: Bytes) -> Result<Self, MasterKeyError>;
}

impl KmsRequest for HttpRequest {
    fn builder_for(key: &Key, operation: &str, body: Bytes) -> Result<Self, MasterKeyError> {
        axum::http::Request::builder()
            .method(Method::POST)
            .uri(format!("{}/", key.address))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("TrentService.{operation}"))
            .body(HttpRequestBody::from(body))
            .map_err(|_| MasterKeyError::Garbled)
    }
}

/// KMS's error names, from its API reference ("Common errors", Encrypt and Decrypt).
fn refused(status: StatusCode, kind: &str) -> MasterKeyError {
    let kind = kind.rsplit(['#', '.']).next().unwrap_or_default();
    match kind {
        "ThrottlingException"
        | "Throttling"
        | "LimitExceededException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException" => MasterKeyError::Throttled,
        "InvalidCiphertextException" | "IncorrectKeyException" => MasterKeyError::Refused,
        "AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "InvalidClientTokenId"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "ExpiredTokenException"
        | "NotAuthorized"
        | "OptInRequired" => MasterKeyError::Denied(kind.to_owned()),
        "NotFoundException"
        | "DisabledException"
        | "KMSInvalidStateException"
        | "InvalidKeyUsageException"
        | "InvalidArnException" => MasterKeyError::Unusable(kind.to_owned()),
        _ if status == StatusCode::TOO_MANY_REQUESTS => MasterKeyError::Throttled,
        "KeyUnavailableException"
        | "DependencyTimeoutException"
        | "KMSInternalException"
        | "InternalFailure"
        | "ServiceUnavailable" => MasterKeyError::Failed(status.as_u16()),
        _ if status == StatusCode::FORBIDDEN || status == StatusCode::UNAUTHORIZED => {
            MasterKeyError::Denied(status.as_str().to_owned())
        }
        _ => MasterKeyError::Failed(status.as_u16()),
    }
}

impl From<CallError> for MasterKeyError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Timeout => Self::Timeout,
            CallError::Request => Self::Cipher,
            other => Self::Unreachable(other.into()),
        }
    }
}

#[async_trait]
impl MasterKeys for KmsMasterKeys {
    fn current(&self) -> String {
        self.current.arn.0.clone()
    }

    async fn wrap(&self, key: &DataKey, context: &str) -> Result<WrappedKey, MasterKeyError> {
        Ok(WrappedKey {
            master: self.current.arn.0.clone(),
            bytes: self.encrypt(key.material(), &tenant_key(context)).await?,
        })
    }

    async fn unwrap(&self, wrapped: &WrappedKey, context: &str) -> Result<DataKey, MasterKeyError> {
        let mut keys = std::iter::once(&self.current).chain(&self.former);
        let Some(key) = keys.find(|key| key.arn.0 == wrapped.master) else {
            return Err(MasterKeyError::Unknown(wrapped.master.clone()));
        };
        let plain = self
            .decrypt(key, &wrapped.bytes, &tenant_key(context))
            .await?;
        Ok(DataKey::from_material(plain)?)
    }

    async fn probe(&self) -> Result<(), MasterKeyError> {
        let now = Instant::now();
        let probed = |at: &Option<Instant>| at.is_some_and(|at| now < at + PROBE_HOLDS);
        if self.probed.lock().is_ok_and(|at| probed(&at)) {
            return Ok(());
        }
        let context = Context {
            tenant: "",
            purpose: "golpo probe",
        };
        // Nobody's key: only that the same bytes come back is of interest.
        let mut plain = [0; KEY_LEN];
        rand::fill(&mut plain).map_err(|_| MasterKeyError::Cipher)?;
        let bytes = self.encrypt(&plain, &context).await?;
        let back = self.decrypt(&self.current, &bytes, &context).await?;
        if back.as_slice() != plain {
            return Err(MasterKeyError::Garbled);
        }
        if let Ok(mut at) = self.probed.lock() {
            *at = Some(now);
        }
        Ok(())
    }
}

fn tenant_key(tenant: &str) -> Context<'_> {
    Context {
        tenant,
        purpose: "golpo tenant data key",
    }
}
