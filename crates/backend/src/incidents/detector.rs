//! From signals to incidents, in the background of every service and worker (P18): makes incidents of rules
//! that fired, reads what is new in the audit trail, and verifies it. What it cannot do now it does with
//! the next look; must never end for an error.

use std::sync::Arc;
use std::time::Duration;

use fit::Clock;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::register::{IncidentError, Register};
use super::rules::Signal;
use super::signals::{self, Firing};
use crate::audit::{Act, Anchor, Fault};
use crate::records::Records;

/// How often it looks.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// For rules that fired and for new entries.
    pub look: Duration,
    /// At the whole trail, from its beginning; else at what is new.
    pub whole: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(1),
            whole: Duration::from_secs(60 * 60),
        }
    }
}

/// The detector.
pub struct Detector {
    records: Records,
    clock: Arc<dyn Clock>,
    pace: Pace,
    /// How far the trail was verified and read.
    anchor: Option<Anchor>,
    whole_at: Option<Instant>,
    /// What is wrong with it, as it was logged.
    told: Option<Fault>,
    /// Those that are not made incidents yet.
    fired: Vec<Firing>,
}

impl Detector {
    /// A detector that has seen nothing.
    pub fn new(records: Records, clock: Arc<dyn Clock>, pace: Pace) -> Self {
        Self {
            records,
            clock,
            pace,
            anchor: None,
            whole_at: None,
            told: None,
            fired: Vec::new(),
        }
    }

    /// Looks until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.look().await {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, code = error.code(), "signals could not be looked at");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.pace.look) => {}
            }
        }
    }

    /// One look.
    pub async fn look(&mut self) -> Result<(), IncidentError> {
        self.trail().await?;
        for firing in signals::take() {
            if !self.fired.contains(&firing) {
                self.fired.push(firing);
            }
        }
        let register = Register(&self.records);
        while let Some(firing) = self.fired.last() {
            register
                .open_by_rule(firing, self.clock.unix_seconds())
                .await?;
            self.fired.pop();
        }
        Ok(())
    }

    /// Verifies the trail, and takes signals from its new entries.
    async fn trail(&mut self) -> Result<(), IncidentError> {
        let trail = self.records.trail();
        let since = self.anchor.clone().unwrap_or_default();
        let due = self
            .whole_at
            .is_none_or(|at| at.elapsed() >= self.pace.whole);
        let whole = if due {
            Some(trail.verify().await?)
        } else {
            None
        };
        if due {
            self.whole_at = Some(Instant::now());
        }
        let first = self.anchor.is_none();
        let verdict = match whole {
            Some(whole) if first || whole.fault.is_some() => whole,
            _ => trail.verify_after(&since).await?,
        };
        if let Some(fault) = verdict.fault {
            if due || self.told != Some(fault) {
                tracing::error!(code = fault.code(), entry = fault.entry(), %fault, "the audit trail is not what was written");
            }
            self.told = Some(fault);
            let now = self.clock.unix_seconds();
            Register(&self.records).open_for_trail(fault, now).await?;
            // Of entries behind a break nothing is believed.
            return Ok(());
        }
        if verdict.anchor != since {
            // What was there before this process began is not news.
            if !first {
                for entry in trail.entries(since.entries, 1000).await? {
                    let signal = match Act::parse(&entry.act) {
                        Some(Act::ApiKeyRemoved) => Signal::ApiKeyRemoved,
                        Some(Act::TenantExported) => Signal::Exported,
                        _ => continue,
                    };
                    signals::note(signal, entry.tenant.as_deref());
                }
            }
        }
        self.anchor = Some(verdict.anchor);
        Ok(())
    }
}
