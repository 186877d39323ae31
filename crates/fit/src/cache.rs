//! The published keys, kept between requests. They are fetched anew every few minutes, long before
//! they are old, so that a new key is known before the first token is signed with it. One fetch at a
//! time; tokens with unknown `kid`s cause at most one fetch a minute, however many they are; keys
//! that are there are used until better ones arrive, so that an outage of the key server does not
//! become ours.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::Url;

use crate::token::Unverified;
use crate::{Audiences, Clock, FitError, Jwks, JwksError, Tenant};

/// Keys older than this are called stale. They still verify; a request fetches new ones in the
/// background where [`Verifier::keep_fresh`] does not run or does not get any.
const MAX_AGE_SECONDS: i64 = 60 * 60;
/// The least time between two fetches that requests cause in the background.
const REFETCH_SECONDS: i64 = 60;
/// The least time between two fetches that unknown `kid`s cause. Counted apart from all others: a
/// key that is used the moment it is published is found even just after a fetch.
const UNKNOWN_KID_SECONDS: i64 = 60;
/// The least time between two fetches while there are none: nothing works without, so sooner.
const FIRST_FETCH_SECONDS: i64 = 1;
/// The most bytes of a key set that are read.
const MAX_BYTES: usize = 64 * 1024;

/// Where the keys are published: https, or http on a loopback address for development (P6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwksUrl(Url);

/// An address that keys may not be fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key set's address must be https, or http on a loopback address, without credentials")]
pub struct NotAJwksUrl;

impl std::str::FromStr for JwksUrl {
    type Err = NotAJwksUrl;
    fn from_str(text: &str) -> Result<Self, NotAJwksUrl> {
        let url = Url::parse(text).map_err(|_| NotAJwksUrl)?;
        let safe = match url.scheme() {
            "https" => true,
            "http" => is_loopback(&url),
            _ => false,
        };
        if safe && url.username().is_empty() && url.password().is_none() {
            Ok(Self(url))
        } else {
            Err(NotAJwksUrl)
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Why the keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No connection, no answer in time, or an answer cut short.
    #[error("the key server could not be reached")]
    Transport(#[source] reqwest::Error),
    /// Any status but 200. Redirects are not followed.
    #[error("the key server answered with status {0}")]
    Status(u16),
    /// More than 64 KB.
    #[error("the key set is too large")]
    TooLarge,
    /// Not a usable key set.
    #[error(transparent)]
    Unusable(#[from] JwksError),
}

/// How often [`Verifier::keep_fresh`] fetches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refresh {
    /// The pause after a fetch that brought keys.
    pub every: Duration,
    /// The pause after one that did not.
    pub retry: Duration,
}

impl Default for Refresh {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(5 * 60),
            retry: Duration::from_secs(10),
        }
    }
}

/// What is known of the published keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysState {
    /// None have been fetched yet: nothing can be verified.
    Missing,
    /// Fetched within the last hour.
    Fresh,
    /// Fetched longer ago; they still verify.
    Stale,
}

/// Verifies tokens with the keys published at one address.
pub struct Verifier {
    shared: Arc<Shared>,
    audiences: Audiences,
}

struct Shared {
    client: reqwest::Client,
    url: JwksUrl,
    clock: Arc<dyn Clock>,
    // Read on each request and written once an hour: readers do not wait for each other, and the
    // lock is never held over an await.
    state: RwLock<State>,
    // Held during a fetch, so that a hundred requests that wait for keys cause one.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    keys: Option<Arc<Jwks>>,
    fetched_at: Option<i64>,
    attempted_at: Option<i64>,
    unknown_kid_at: Option<i64>,
}

/// Whether an instant is at least so many seconds past. One in the future is: the clock was set
/// back, and waiting for it to catch up could take for ever.
fn past(instant: Option<i64>, seconds: i64, now: i64) -> bool {
    instant.is_none_or(|instant| !(0..seconds).contains(&now.saturating_sub(instant)))
}

impl Verifier {
    /// A verifier that has no keys yet and fetches them when they are first needed.
    pub fn new(
        url: JwksUrl,
        audiences: Audiences,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, FetchError> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(5))
            // A redirect could lead from https to anywhere.
            .redirect(reqwest::redirect::Policy::none());
        if url.0.scheme() == "https" {
            builder = builder
                .https_only(true)
                .tls_version_min(reqwest::tls::Version::TLS_1_2);
        } else {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(FetchError::Transport)?;
        Ok(Self {
            shared: Arc::new(Shared {
                client,
                url,
                clock,
                state: RwLock::default(),
                fetching: tokio::sync::Mutex::new(()),
            }),
            audiences,
        })
    }

    /// Verifies a token (see [`crate::verify`]), fetching keys where that is needed and allowed.
    pub async fn verify(&self, token: &str) -> Result<Tenant, FitError> {
        // The token's form comes first: rubbish never reaches the network.
        let token = Unverified::parse(token)?;
        let keys = self.keys_for(token.kid()).await?;
        token.verify(&keys, &self.audiences, self.shared.clock.unix_seconds())
    }

    /// Whether keys have ever been fetched.
    pub fn has_keys(&self) -> bool {
        self.shared.keys().is_some()
    }

    /// Whether there are keys, and whether they are of late.
    pub fn keys_state(&self) -> KeysState {
        if !self.has_keys() {
            KeysState::Missing
        } else if self.shared.is_older_than(MAX_AGE_SECONDS) {
            KeysState::Stale
        } else {
            KeysState::Fresh
        }
    }

    /// Fetches the keys now and then again and again, for ever. The caller ends it by dropping it.
    pub async fn keep_fresh(&self, refresh: Refresh) {
        loop {
            let pause = match self.refresh().await {
                Ok(()) => refresh.every,
                Err(error) => {
                    failed(&error);
                    refresh.retry
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Fetches the keys now; the ones that are there stay when it fails.
    pub async fn refresh(&self) -> Result<(), FetchError> {
        let _one_at_a_time = self.shared.fetching.lock().await;
        self.shared.fetch().await
    }

    async fn keys_for(&self, kid: &str) -> Result<Arc<Jwks>, FitError> {
        match self.shared.keys() {
            Some(keys) if keys.get(kid).is_some() => {
                if self.shared.may_fetch(MAX_AGE_SECONDS) {
                    let shared = Arc::clone(&self.shared);
                    tokio::spawn(async move { shared.fetch_if(MAX_AGE_SECONDS).await });
                }
                Ok(keys)
            }
            // Keys change rarely, and a new one is published before it is used: a token with an
            // unknown one is most likely forged, but the first of a minute may be ahead of us.
            Some(_) => {
                self.shared.fetch_for(kid).await;
                self.shared.keys().ok_or(FitError::KeysUnavailable)
            }
            None => {
                self.shared.fetch_if(FIRST_FETCH_SECONDS).await;
                self.shared.keys().ok_or(FitError::KeysUnavailable)
            }
        }
    }
}

impl Shared {
    fn keys(&self) -> Option<Arc<Jwks>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.keys.clone()
    }

    fn is_older_than(&self, age: i64) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        past(state.fetched_at, age, self.clock.unix_seconds())
    }

    /// Whether the keys are at least `age` seconds old and the last attempt is long enough ago.
    fn may_fetch(&self, age: i64) -> bool {
        let now = self.clock.unix_seconds();
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        past(state.fetched_at, age, now) && past(state.attempted_at, age.min(REFETCH_SECONDS), now)
    }

    async fn fetch_if(&self, age: i64) {
        // The lock comes before the question: who finds a fetch under way waits for its keys.
        let _one_at_a_time = self.fetching.lock().await;
        if self.may_fetch(age)
            && let Err(error) = self.fetch().await
        {
            failed(&error);
        }
    }

    /// Fetches because of a `kid` that is not among the keys, if no other one did in this minute.
    async fn fetch_for(&self, kid: &str) {
        let _one_at_a_time = self.fetching.lock().await;
        let known = self.keys().is_some_and(|keys| keys.get(kid).is_some());
        if !known
            && self.may_fetch_for_unknown()
            && let Err(error) = self.fetch().await
        {
            failed(&error);
        }
    }

    /// Whether a `kid` may cause a fetch; it is then the one of this minute.
    fn may_fetch_for_unknown(&self) -> bool {
        let now = self.clock.unix_seconds();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let may = past(state.unknown_kid_at, UNKNOWN_KID_SECONDS, now);
        if may {
            state.unknown_kid_at = Some(now);
        }
        may
    }

    async fn fetch(&self) -> Result<(), FetchError> {
        let now = self.clock.unix_seconds();
        self.update(|state| state.attempted_at = Some(now));
        let keys = self.download().await?;
        tracing::debug!(keys = ?keys, "fetched the keys of Forge");
        self.update(|state| {
            state.keys = Some(Arc::new(keys));
            state.fetched_at = Some(now);
        });
        Ok(())
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
    }

    async fn download(&self) -> Result<Jwks, FetchError> {
        let request = self.client.get(self.url.0.clone());
        let mut response = request.send().await.map_err(FetchError::Transport)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(FetchError::Transport)? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Jwks::parse(&body)?)
    }
}

fn failed(error: &FetchError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(%error, cause, "fetching the keys of Forge failed");
}
