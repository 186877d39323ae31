//! S3 and KMS that misbehave: typed errors, in bounded time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use backend::aws::{Endpoint, Limits};
use backend::objects::{
    Encryption, ObjectError, Objects, ObjectsConfig, ObjectsStartError, S3Config,
};
use backend::vault::master::MasterKeyError;
use backend::vault::{DataKey, KeyArn, KmsConfig, KmsMasterKeys, MasterKeys};
use tokio::net::TcpListener;

use crate::moto::{REGION, credentials};

const LIMITS: Limits = Limits {
    connect: Duration::from_millis(500),
    read: Duration::from_millis(400),
    call: Duration::from_secs(2),
    part: Duration::from_secs(2),
    retries: 2,
};

/// What a service answers to everything.
#[derive(Clone, Copy)]
enum Answers {
    With(u16, &'static str),
    Never,
}

/// A server that answers so; its address, and how often it was asked.
async fn server(answers: Answers) -> (Endpoint, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    let router = Router::new().fallback(async move || {
        counter.fetch_add(1, Ordering::SeqCst);
        match answers {
            Answers::With(status, body) => {
                let status = StatusCode::from_u16(status).unwrap();
                (status, [("etag", "\"1\"")], body).into_response()
            }
            Answers::Never => std::future::pending().await,
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Endpoint::parse(&address).unwrap(), asked)
}

async fn kms(endpoint: Endpoint) -> MasterKeyError {
    let config = KmsConfig {
        current: KeyArn::parse("arn:aws:kms:eu-central-1:111122223333:key/1234abcd").unwrap(),
        former: Vec::new(),
        endpoint: Some(endpoint),
        limits: LIMITS,
    };
    let keys = KmsMasterKeys::new(&config, &credentials()).unwrap();
    let started = Instant::now();
    let key = DataKey::generate().unwrap();
    let error = keys.wrap(&key, "site-a").await.unwrap_err();
    assert!(
        started.elapsed() < LIMITS.call * 2,
        "{:?}",
        started.elapsed()
    );
    error
}

async fn s3(endpoint: Endpoint, encryption: Encryption) -> ObjectsStartError {
    let config = ObjectsConfig::S3(S3Config {
        bucket: "golpo-videos".to_owned(),
        prefix: String::new(),
        region: REGION.to_owned(),
        endpoint: Some(endpoint),
        encryption,
        limits: LIMITS,
    });
    let started = Instant::now();
    let opened = Objects::open(&config, |_| Ok(credentials())).await;
    assert!(
        started.elapsed() < LIMITS.call * 3,
        "{:?}",
        started.elapsed()
    );
    opened.err().unwrap()
}

#[tokio::test]
async fn p07_kms_that_misbehaves_gives_a_typed_error_in_time() {
    let json = |kind: &'static str| match kind {
        "throttled" => r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#,
        "denied" => r#"{"__type":"com.amazonaws.kms#AccessDeniedException"}"#,
        "garbage" => "<html>gateway</html>",
        // Another key than was asked for.
        _ => r#"{"CiphertextBlob":"AAAA","KeyId":"arn:aws:kms:eu-central-1:1:key/other"}"#,
    };
    for (answers, code, passing, asked) in [
        (
            Answers::With(400, json("throttled")),
            "kms_throttled",
            true,
            3,
        ),
        (Answers::With(429, "slow"), "kms_throttled", true, 3),
        (Answers::With(500, ""), "kms_failed", true, 3),
        (Answers::With(503, json("garbage")), "kms_failed", true, 3),
        (Answers::With(400, json("denied")), "kms_denied", false, 1),
        (Answers::With(403, json("garbage")), "kms_denied", false, 1),
        (Answers::With(200, json("garbage")), "kms_garbled", false, 1),
        (Answers::With(200, json("other")), "kms_garbled", false, 1),
    ] {
        let (endpoint, counter) = server(answers).await;
        let error = kms(endpoint).await;
        assert_eq!(
            (error.code(), error.is_passing()),
            (code, passing),
            "{error:?}"
        );
        assert_eq!(counter.load(Ordering::SeqCst), asked, "{code}");
    }
    let (endpoint, _) = server(Answers::Never).await;
    let error = kms(endpoint).await;
    assert!(error.is_passing(), "{error:?}");
    // Nobody listens there.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = kms(Endpoint::parse(&address).unwrap()).await;
    assert_eq!(
        (error.code(), error.is_passing()),
        ("kms_unreachable", true),
        "{error:?}"
    );
}

#[tokio::test]
async fn p07_s3_that_misbehaves_gives_a_typed_error_in_time() {
    for (answers, code) in [
        (Answers::With(500, ""), "objects_failed"),
        (
            Answers::With(503, "<Error><Code>SlowDown</Code></Error>"),
            "objects_failed",
        ),
        (
            Answers::With(403, "<Error><Code>AccessDenied</Code></Error>"),
            "objects_denied",
        ),
        // It takes everything and tells nothing of encryption.
        (Answers::With(200, ""), "objects_not_encrypted"),
    ] {
        let (endpoint, _) = server(answers).await;
        let error = s3(endpoint, Encryption::S3).await;
        assert_eq!(error.code(), code, "{error:?}");
    }
    let (endpoint, _) = server(Answers::Never).await;
    let error = s3(endpoint, Encryption::S3).await;
    assert!(
        matches!(&error, ObjectsStartError::Objects(error) if error.is_passing()),
        "{error:?}"
    );
}

#[tokio::test]
async fn p07_a_gateway_that_ignores_encryption_is_found_out() {
    let router = Router::new().fallback(async || {
        let headers = [
            ("etag", "\"1\""),
            ("x-amz-server-side-encryption", "AES256"),
        ];
        (headers, "").into_response()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let endpoint = Endpoint::parse(&address).unwrap();
    let error = s3(endpoint, Encryption::Kms("1234abcd".to_owned())).await;
    assert!(
        matches!(&error, ObjectsStartError::NotEncrypted { found, .. } if found == "AES256"),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(
        text.contains("aws:kms") && text.contains("AES256"),
        "{text}"
    );
}

#[tokio::test]
async fn a_store_that_denies_is_no_passing_fault() {
    let denied = ObjectError::Denied(object_store::Error::NotImplemented {
        operation: String::new(),
        implementer: String::new(),
    });
    assert!(!denied.is_passing() && ObjectError::Timeout.is_passing());
}
