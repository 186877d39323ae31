//! The key cache against a key server of our own on loopback.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use fit::{Audiences, Clock, FitError, JwksUrl, Verifier};
use serde_json::{Value, json};
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
async fn p02_unknown_key_ids_cause_one_fetch_a_minute() {
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
    assert_eq!(setup.fetches().await, 2, "the first one may be a new key");
    setup.clock.forward(59);
    flood().await;
    assert_eq!(setup.fetches().await, 2);
    setup.clock.forward(1);
    flood().await;
    assert_eq!(setup.fetches().await, 3);
    // A clock that is set back does not stop the look-ups.
    setup.clock.forward(-100_000);
    flood().await;
    assert_eq!(setup.fetches().await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p02_a_thousand_unknown_key_ids_at_once_cause_one_fetch() {
    let setup = Setup::new().await;
    let signer = Signer::new("key-1");
    setup.serves(keys(&signer)).await;
    setup.verify(&signer).await.unwrap();
    // Slow, so that all of them are there before the answer is.
    let slow = keys(&signer).set_delay(Duration::from_millis(300));
    setup.serves(slow).await;
    assert_eq!(setup.fetches().await, 0);
    let forger = Signer::new("key-0");
    let flood: Vec<_> = (0..1000)
        .map(|number| {
            let header = format!(r#"{{"alg":"RS256","kid":"made-up-{number}"}}"#);
            let (message, signature) = (forger.sign_text(&header, "{}"), "AAAA");
            let (message, _) = message.rsplit_once('.').unwrap();
            let token = format!("{message}.{signature}");
            let verifier = Arc::clone(&setup.verifier);
            tokio::spawn(async move { verifier.verify(&token).await })
        })
        .collect();
    // Known keys are served all the while.
    for _ in 0..20 {
        assert_eq!(setup.verify(&signer).await, Ok(()));
    }
    for refused in flood {
        assert_eq!(refused.await.unwrap(), Err(FitError::UnknownKey));
    }
    let fetches = setup.fetches().await;
    println!("1,000 unknown key ids at once: {fetches} fetch");
    assert_eq!(fetches, 1);
}

/// Signs with a key, and publishes keys, that a test changes while requests go on.
#[derive(Clone)]
struct Forge {
    published: Arc<std::sync::Mutex<Value>>,
    fetched: Arc<AtomicUsize>,
    // Held from signing to the answer, so that a change waits for tokens under way, as a publisher
    // does before it withdraws a key.
    signing: Arc<tokio::sync::RwLock<Arc<Signer>>>,
}

impl Forge {
    /// Publishes other keys, and waits until they have been fetched.
    async fn publish(&self, signers: &[&Arc<Signer>]) {
        let keys: Vec<_> = signers.iter().map(|signer| signer.jwk()).collect();
        *self.published.lock().unwrap() = json!({ "keys": keys });
        // One fetch at a time: when the second begins, the first after the change is over.
        let before = self.fetched.load(Ordering::SeqCst);
        while self.fetched.load(Ordering::SeqCst) < before + 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl wiremock::Respond for Forge {
    fn respond(&self, _: &wiremock::Request) -> ResponseTemplate {
        self.fetched.fetch_add(1, Ordering::SeqCst);
        ResponseTemplate::new(200).set_body_json(&*self.published.lock().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p02_no_request_is_refused_while_keys_rotate_under_load() {
    let setup = Setup::new().await;
    let signers: Vec<_> = (0..5)
        .map(|number| Arc::new(Signer::new(&format!("key-{number}"))))
        .collect();
    let forge = Forge {
        published: Arc::new(std::sync::Mutex::new(json!({ "keys": [signers[0].jwk()] }))),
        fetched: Arc::default(),
        signing: Arc::new(tokio::sync::RwLock::new(Arc::clone(&signers[0]))),
    };
    Mock::given(method("GET"))
        .respond_with(forge.clone())
        .mount(&setup.server)
        .await;
    let every = Duration::from_millis(50);
    let keeper = Arc::clone(&setup.verifier);
    let keeper = tokio::spawn(async move {
        let refresh = fit::Refresh {
            every,
            retry: every,
        };
        keeper.keep_fresh(refresh).await;
    });

    let stop = Arc::new(AtomicBool::new(false));
    let (verified, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut load = Vec::new();
    for forger in [false, false, false, true] {
        let (forge, stop) = (forge.clone(), Arc::clone(&stop));
        let (verified, refused) = (Arc::clone(&verified), Arc::clone(&refused));
        let (verifier, clock) = (Arc::clone(&setup.verifier), setup.clock.clone());
        load.push(tokio::spawn(async move {
            let stranger = Signer::new("nobody");
            while !stop.load(Ordering::SeqCst) {
                let signing = forge.signing.read().await;
                let signer = if forger { &stranger } else { &**signing };
                let token = signer.sign(&claims("cloud-1", clock.unix_seconds()));
                match verifier.verify(&token).await {
                    Err(FitError::UnknownKey) if forger => {}
                    Ok(_) => drop(verified.fetch_add(1, Ordering::SeqCst)),
                    Err(_) => drop(refused.fetch_add(1, Ordering::SeqCst)),
                }
                drop(signing);
                tokio::task::yield_now().await;
            }
        }));
    }
    // As publishers do: the new key first, then its use, then the old one's end. Meanwhile unknown
    // key ids use up the one look-up of each minute, so that only the background fetch can help.
    for pair in signers.windows(2) {
        forge.publish(&[&pair[0], &pair[1]]).await;
        *forge.signing.write().await = Arc::clone(&pair[1]);
        tokio::time::sleep(every).await;
        forge.publish(&[&pair[1]]).await;
    }
    stop.store(true, Ordering::SeqCst);
    for task in load {
        task.await.unwrap();
    }
    keeper.abort();
    let (verified, refused) = (
        verified.load(Ordering::SeqCst),
        refused.load(Ordering::SeqCst),
    );
    println!("4 rotations under load: {verified} verified, {refused} refused");
    assert_eq!(refused, 0);
    assert!(verified > 100, "{verified}");
    // The keys of the beginning are gone.
    assert_eq!(setup.verify(&signers[0]).await, Err(FitError::UnknownKey));
}

#[tokio::test]
async fn p02_a_key_that_is_used_as_it_is_published_is_found_right_after_a_fetch() {
    let setup = Setup::new().await;
    let (old, new) = (Signer::new("key-1"), Signer::new("key-2"));
    setup.serves(keys(&old)).await;
    setup.verifier.refresh().await.unwrap();
    let both = json!({ "keys": [old.jwk(), new.jwk()] });
    setup
        .serves(ResponseTemplate::new(200).set_body_json(both))
        .await;
    assert_eq!(setup.verify(&new).await, Ok(()));
    assert_eq!(setup.verify(&old).await, Ok(()));
}

#[tokio::test]
async fn p02_keys_are_stale_after_an_hour_without_new_ones_and_still_verify() {
    use fit::KeysState;
    let setup = Setup::new().await;
    let signer = Signer::new("key-1");
    assert_eq!(setup.verifier.keys_state(), KeysState::Missing);
    setup.serves(keys(&signer)).await;
    setup.verifier.refresh().await.unwrap();
    assert_eq!(setup.verifier.keys_state(), KeysState::Fresh);
    setup.serves(ResponseTemplate::new(500)).await;
    setup.clock.forward(3600);
    assert!(setup.verifier.refresh().await.is_err());
    assert_eq!(setup.verifier.keys_state(), KeysState::Stale);
    assert_eq!(setup.verify(&signer).await, Ok(()));
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
        tokio::time::sleep(Duration::from_millis(10)).await;
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
