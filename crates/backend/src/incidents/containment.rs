//! What contains incidents, as running services see it (P19): read from the database at most once a second,
//! so that what an operator says at a command line works everywhere within two. Must never let more
//! through because the database does not answer: what was read last stays in force.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::words::Measure;
use crate::store::{Store, StoreError};

/// How long what was read is believed.
const BELIEVED: Duration = Duration::from_secs(1);

/// What is in force. Suspended tenants are not here: that is their rows' state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce {
    /// No videos are made.
    pub jobs: bool,
    /// API keys are neither taken nor used.
    pub api_keys: bool,
    /// Nothing is written.
    pub writes: bool,
    /// Addresses of videos that were given out until this instant (Unix seconds) are worth nothing.
    pub links_until: Option<i64>,
    apps: BTreeSet<String>,
}

impl InForce {
    /// Whether tokens for this app are refused.
    pub fn blocks_app(&self, app_id: &str) -> bool {
        self.apps.contains(app_id)
    }
}

/// What contains incidents.
pub struct Containment {
    store: Arc<dyn Store>,
    known: Mutex<Option<(Instant, Arc<InForce>)>>,
}

impl Containment {
    /// What the store says.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            known: Mutex::default(),
        }
    }

    /// What is in force. Whoever finds it too old reads it, and the others wait for that one.
    pub async fn in_force(&self) -> Result<Arc<InForce>, StoreError> {
        let mut known = self.known.lock().await;
        if let Some((since, in_force)) = &*known
            && since.elapsed() < BELIEVED
        {
            return Ok(Arc::clone(in_force));
        }
        match self.read().await {
            Ok(in_force) => {
                let in_force = Arc::new(in_force);
                *known = Some((Instant::now(), Arc::clone(&in_force)));
                Ok(in_force)
            }
            Err(error) => match &*known {
                Some((_, in_force)) => {
                    tracing::warn!(%error, "what contains incidents could not be read again");
                    Ok(Arc::clone(in_force))
                }
                None => Err(error),
            },
        }
    }

    async fn read(&self) -> Result<InForce, StoreError> {
        let mut in_force = InForce::default();
        for row in self.store.containments_in_force().await? {
            let measure = Measure::parse(&row.kind).ok_or(StoreError::Corrupt("kind"))?;
            match measure {
                Measure::Tenant | Measure::ApiKey => {}
                Measure::Jobs => in_force.jobs = true,
                Measure::ApiKeys => in_force.api_keys = true,
                Measure::Writes => in_force.writes = true,
                Measure::Links => {
                    in_force.links_until = in_force.links_until.max(Some(row.begun_at));
                }
                Measure::App => {
                    in_force.apps.insert(row.target);
                }
            }
        }
        Ok(in_force)
    }
}
