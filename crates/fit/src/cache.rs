//! The published keys, kept between requests. One fetch at a time; a token with an unknown `kid`
//! can cause at most one fetch a minute, whatever it says; keys that are there are used until
//! better ones arrive, so that an outage of the key server does not become ours.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::Url;

use crate::token::Unverified;
use crate::{Audiences, Clock, FitError, Jwks, JwksError, Tenant};

/// Keys older than this are fetched anew, in the background.
const MAX_AGE_SECONDS: i64 = 60 * 60;
/// The least time between two fetches once there are keys.
const REFETCH_SECONDS: i64 = 60;
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
            // unknown one is most likely forged.
            Some(_) => {
                self.shared.fetch_if(REFETCH_SECONDS).await;
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

    /// Whether the keys are at least `age` seconds old and the last attempt is long enough ago.
    fn may_fetch(&self, age: i64) -> bool {
        let now = self.clock.unix_seconds();
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let past = |instant: Option<i64>, seconds: i64| {
            instant.is_none_or(|instant| now.saturating_sub(instant) >= seconds)
        };
        past(state.fetched_at, age) && past(state.attempted_at, age.min(REFETCH_SECONDS))
    }

    async fn fetch_if(&self, age: i64) {
        // The lock comes before the question: who finds a fetch under way waits for its keys.
        let _one_at_a_time = self.fetching.lock().await;
        if !self.may_fetch(age) {
            return;
        }
        if let Err(error) = self.fetch().await {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(%error, cause, "fetching the keys of Forge failed");
        }
    }

    async fn fetch(&self) -> Result<(), FetchError> {
        let now = self.clock.unix_seconds();
        self.update(|state| state.attempted_at = Some(now));
        let keys = self.download().await?;
        tracing::info!(keys = ?keys, "fetched the keys of Forge");
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
