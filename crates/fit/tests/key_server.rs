//! The key cache against a key server of our own on loopback.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fit::{Audiences, Clock, FitError, JwksUrl, Verifier};
use support::{AUDIENCE, Signer, claims};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

#[derive(Clone)]
struct TestClock(Arc<AtomicI64>);

impl TestClock {
    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn unix_seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

struct Setup {
    server: MockServer,
    clock: TestClock,
    verifier: Arc<Verifier>,
}

impl Setup {
    async fn new() -> Self {
        let server = MockServer::start().await;
        let clock = TestClock(Arc::new(AtomicI64::new(1_800_000_000)));
        let verifier = Verifier::new(
            format!("{}/jwks.json", server.uri()).parse().unwrap(),
            Audiences::new([AUDIENCE.to_owned()]).unwrap(),
            Arc::new(clock.clone()),
        );
        let verifier = Arc::new(verifier.unwrap());
        Self {
            server,
            clock,
            verifier,
        }
    }

    async fn serves(&self, answer: ResponseTemplate) {
        self.server.reset().await;
        Mock::given(method("GET"))
            .respond_with(answer)
            .mount(&self.server)
            .await;
    }

    async fn fetches(&self) -> usize {
        self.server.received_requests().await.unwrap().len()
    }

    async fn verify(&self, signer: &Signer) -> Result<(), FitError> {
        let token = signer.sign(&claims("cloud-1", self.clock.unix_seconds()));
        self.verifier.verify(&token).await.map(drop)
    }
}

fn keys(signer: &Signer) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string(signer.jwks())
}

#[tokio::test]
async fn p02_keys_are_fetched_once_for_many_requests() {
    let setup = Setup::new().await;
    let signer = Signer::new("key-1");
    setup.serves(keys(&signer)).await;
    let token = signer.sign(&claims("cloud-1", setup.clock.unix_seconds()));
    let requests: Vec<_> = (0..50)
        .map(|_| {
            let (verifier, token) = (Arc::clone(&setup.verifier), token.clone());
            tokio::spawn(async move { verifier.verify(&token).await.is_ok() })
        })
        .collect();
    for request in requests {
        assert!(request.await.unwrap());
    }
    assert_eq!(setup.fetches().await, 1);
}

#[tokio::test]
async fn p02_a_flood_of_unknown_key_ids_causes_one_fetch_a_minute() {
    let setup = Setup::new().await;
    let signer = Signer::new("key-1");
    setup.serves(keys(&signer)).await;
    setup.verify(&signer).await.unwrap();
    let forger = Signer::new("key-0");
    let flood = || async {
        for number in 0..200 {
            let header = format!(r#"{{"alg":"RS256","kid":"made-up-{number}"}}"#);
            let token = forger.sign_text(&header, "{}");
            assert_eq!(
                setup.verifier.verify(&token).await,
                Err(FitError::UnknownKey)
            );
        }
    };
    flood().await;
    assert_eq!(setup.fetches().await, 1, "the keys are fresh");
    setup.clock.forward(60);
    flood().await;
    assert_eq!(setup.fetches().await, 2);
    setup.clock.forward(59);
    flood().await;
    assert_eq!(setup.fetches().await, 2);
}

#[tokio::test]
async fn p02_malformed_tokens_cause_no_fetch() {
    let setup = Setup::new().await;
    setup.serves(ResponseTemplate::new(500)).await;
    for token in ["", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30."] {
        assert!(setup.verifier.verify(token).await.is_err());
    }
    assert_eq!(setup.fetches().await, 0);
}

#[tokio::test]
async fn p02_a_rotated_key_is_found_and_the_old_one_forgotten() {
    let setup = Setup::new().await;
    let (old, new) = (Signer::new("key-1"), Signer::new("key-2"));
    setup.serves(keys(&old)).await;
    setup.verify(&old).await.unwrap();
    setup.serves(keys(&new)).await;
    setup.clock.forward(60);
    assert_eq!(setup.verify(&new).await, Ok(()));
    assert_eq!(setup.verify(&old).await, Err(FitError::UnknownKey));
}

#[tokio::test]
async fn p02_old_keys_serve_while_new_ones_cannot_be_fetched() {
    let setup = Setup::new().await;
    let signer = Signer::new("key-1");
    setup.serves(keys(&signer)).await;
    setup.verify(&signer).await.unwrap();
    let long = format!("{{\"keys\":[],\"padding\":\"{}\"}}", "x".repeat(70_000));
    let failures = [
        ResponseTemplate::new(500),
        ResponseTemplate::new(200).set_body_string("<html>"),
        ResponseTemplate::new(200).set_body_string(r#"{"keys":[]}"#),
        ResponseTemplate::new(200).set_body_string(long),
        ResponseTemplate::new(302).insert_header("location", "https://forger.example.com/"),
    ];
    for failure in failures {
        setup.serves(failure).await;
        setup.clock.forward(3600);
        assert_eq!(setup.verify(&signer).await, Ok(()));
        assert!(setup.verifier.refresh().await.is_err());
        assert_eq!(setup.verify(&signer).await, Ok(()));
    }
}

#[tokio::test]
async fn p02_keys_past_their_age_are_renewed_in_the_background() {
    let setup = Setup::new().await;
    let signer = Signer::new("key-1");
    setup.serves(keys(&signer)).await;
    setup.verify(&signer).await.unwrap();
    setup.clock.forward(3599);
    setup.verify(&signer).await.unwrap();
    assert_eq!(setup.fetches().await, 1);
    setup.clock.forward(1);
    setup.verify(&signer).await.unwrap();
    for _ in 0..200 {
        if setup.fetches().await == 2 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the keys were not renewed");
}

#[tokio::test]
async fn p02_without_any_keys_nothing_is_accepted_and_retries_are_spaced() {
    let setup = Setup::new().await;
    let signer = Signer::new("key-1");
    setup.serves(ResponseTemplate::new(503)).await;
    for _ in 0..20 {
        assert_eq!(setup.verify(&signer).await, Err(FitError::KeysUnavailable));
    }
    assert_eq!(setup.fetches().await, 1);
    setup.serves(keys(&signer)).await;
    setup.clock.forward(2);
    assert_eq!(setup.verify(&signer).await, Ok(()));
}

#[test]
fn p06_keys_come_over_https_or_from_loopback() {
    for text in [
        "https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json",
        "http://127.0.0.1:4000/jwks.json",
        "http://localhost:4000/jwks.json",
        "http://[::1]:4000/jwks.json",
    ] {
        assert!(text.parse::<JwksUrl>().is_ok(), "{text}");
    }
    for text in [
        "http://example.com/jwks.json",
        "http://127.0.0.1.example.com/jwks.json",
        "http://localhost.example.com/jwks.json",
        "http://10.0.0.1/jwks.json",
        "https://user:password@example.com/jwks.json",
        "file:///etc/passwd",
        "jwks.json",
        "",
    ] {
        assert!(text.parse::<JwksUrl>().is_err(), "{text}");
    }
}
