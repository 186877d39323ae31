//! What the service notices, on its way to the rules (P18). One for the process, as metrics are: signals
//! come from places that know nothing of the service around them. Bounded; noting one never waits for
//! anything but the lock of a few comparisons. Must never log by itself: a signal can come from the log.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use fit::{Clock as _, SystemClock};

use super::rules::{Signal, Windows};

/// At most so many that fired wait to be made incidents; more would be the same ones.
const WAITING: usize = 100;

static SIGNALS: LazyLock<Mutex<Signals>> = LazyLock::new(Mutex::default);

#[derive(Debug, Default)]
struct Signals {
    windows: Windows,
    fired: Vec<Firing>,
}

/// A rule that fired, and is to be made an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// Its place in [`super::rules::RULES`].
    pub rule: usize,
    /// The tenant that it is about.
    pub tenant: Option<String>,
}

/// Notes a signal, of a tenant where it is one's.
pub fn note(signal: Signal, tenant: Option<&str>) {
    let mut signals = lock();
    let now = SystemClock.unix_seconds();
    let Signals { windows, fired } = &mut *signals;
    for one in windows.count(signal, tenant, now) {
        let firing = Firing {
            rule: one.rule,
            tenant: one.tenant.map(str::to_owned),
        };
        if fired.len() < WAITING && !fired.contains(&firing) {
            fired.push(firing);
        }
    }
}

/// Notes a refused token, by `fit::FitError::reason` or `missing`.
pub fn note_refused_token(reason: &str) {
    match reason {
        "signature" | "algorithm" | "critical_header" => note(Signal::TokenForged, None),
        "issuer" | "audience" | "unknown_key" => note(Signal::TokenForeign, None),
        "expired" | "not_yet_valid" => note(Signal::TokenStale, None),
        // That Forge's keys cannot be had is no caller's doing.
        "keys_unavailable" => {}
        _ => note(Signal::TokenMalformed, None),
    }
}

/// The rules that fired since the last call.
pub fn take() -> Vec<Firing> {
    std::mem::take(&mut lock().fired)
}

fn lock() -> MutexGuard<'static, Signals> {
    SIGNALS.lock().unwrap_or_else(PoisonError::into_inner)
}
