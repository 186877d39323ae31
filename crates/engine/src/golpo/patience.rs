//! How long to wait before asking again. Everything here is arithmetic: who waits is the caller, who
//! keeps the order meanwhile and gives it again.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use protocol::ApiKey;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// The shortest and the longest pause between two looks at a job (Golpo's SDK: 5 s growing to 30 s).
pub(super) const SHORTEST: Duration = Duration::from_secs(5);
pub(super) const LONGEST: Duration = Duration::from_secs(30);
/// What a server asks for is granted up to this.
const RETRY_AFTER: Duration = Duration::from_secs(15 * 60);
/// So many failures in a row open the circuit.
const FAILURES: u32 = 3;
/// How long an open circuit lasts before one order may try again; twice that after each failure.
const OPEN: Duration = Duration::from_secs(30);
const OPEN_LONGEST: Duration = Duration::from_secs(10 * 60);
/// At most so many circuits are kept.
const CIRCUITS: usize = 10_000;

/// What the engine needs of the world: time and chance, so that tests can bring their own.
pub trait World: std::fmt::Debug + Send + Sync {
    /// Now, in seconds since 1970.
    fn unix_seconds(&self) -> i64;
    /// Bytes that nobody can guess.
    fn random(&self) -> [u8; 16];
}

/// The machine's clock and random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl World for Machine {
    fn unix_seconds(&self) -> i64 {
        OffsetDateTime::now_utc().unix_timestamp()
    }

    fn random(&self) -> [u8; 16] {
        *uuid::Uuid::new_v4().as_bytes()
    }
}

/// The pause before the next look at a job that has been made for so long: a quarter of that, from
/// 5 s to 30 s.
pub(super) fn between_looks(made_for: Duration, chance: u8) -> Duration {
    jittered((made_for / 4).clamp(SHORTEST, LONGEST), chance)
}

/// The pause after so many failures in a row: 5 s, 10 s, 20 s, 30 s.
pub(super) fn after_failures(failures: u32, chance: u8) -> Duration {
    let doubled = SHORTEST.saturating_mul(1 << failures.saturating_sub(1).min(8));
    jittered(doubled.min(LONGEST), chance)
}

/// Between three quarters of a pause and all of it, never less than 5 s, so that orders that failed
/// together do not come back together.
fn jittered(pause: Duration, chance: u8) -> Duration {
    pause
        .mul_f64(0.75 + f64::from(chance) / 1020.0)
        .max(SHORTEST)
}

/// What a `Retry-After` header asks for (RFC 9110, 10.2.3): seconds or a date.
pub(super) fn retry_after(value: &str, now: i64) -> Option<Duration> {
    let value = value.trim();
    let seconds = match value.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            // The zone of an HTTP date is always GMT, which RFC 2822 has as an old form.
            let date = OffsetDateTime::parse(value, &Rfc2822).ok()?;
            u64::try_from(date.unix_timestamp().saturating_sub(now)).unwrap_or(0)
        }
    };
    Some(Duration::from_secs(seconds).min(RETRY_AFTER))
}

/// Failures in a row of one key at this engine.
#[derive(Debug, Clone, Copy, Default)]
struct Circuit {
    failures: u32,
    /// Nobody tries before this.
    open_until: i64,
    /// Nobody orders before this: the key has as many jobs as it may have.
    busy_until: i64,
}

/// A circuit breaker for each key, and so for each tenant: while Golpo does not answer, one order
/// of a tenant tries now and then, and the others wait without asking.
#[derive(Debug, Default)]
pub(super) struct Breakers {
    /// By a hash that only this process knows, so that no key is kept.
    circuits: Mutex<HashMap<u64, Circuit>>,
    hasher: RandomState,
}

impl Breakers {
    /// How long to wait before trying; nothing when the circuit is closed. Whoever is let through an
    /// open circuit closes the way behind itself, so that one tries at a time.
    pub(super) fn wait(&self, key: &ApiKey, now: i64) -> Option<Duration> {
        let mut circuits = self.lock();
        let circuit = circuits.get_mut(&self.hash(key))?;
        if circuit.failures < FAILURES {
            return None;
        }
        let left = u64::try_from(circuit.open_until.saturating_sub(now)).unwrap_or(0);
        if left > 0 {
            return Some(Duration::from_secs(left));
        }
        circuit.open_until = now.saturating_add(SHORTEST.as_secs().cast_signed());
        None
    }

    /// How long to wait before ordering; nothing when the key may have one more job.
    pub(super) fn wait_to_order(&self, key: &ApiKey, now: i64) -> Option<Duration> {
        let circuits = self.lock();
        let left = circuits
            .get(&self.hash(key))?
            .busy_until
            .saturating_sub(now);
        u64::try_from(left)
            .ok()
            .filter(|left| *left > 0)
            .map(Duration::from_secs)
    }

    /// The key has as many jobs as it may have, for so long at least.
    pub(super) fn busy(&self, key: &ApiKey, now: i64, pause: Duration) {
        let until = now.saturating_add(pause.as_secs().cast_signed());
        self.lock().entry(self.hash(key)).or_default().busy_until = until;
    }

    /// A job of the key ended, so that there is room for another.
    pub(super) fn ended(&self, key: &ApiKey) {
        self.lock().remove(&self.hash(key));
    }

    /// An answer came, whatever it said.
    pub(super) fn answered(&self, key: &ApiKey) {
        if let Some(circuit) = self.lock().get_mut(&self.hash(key)) {
            circuit.failures = 0;
            circuit.open_until = 0;
        }
    }

    /// No answer came. How many times in a row by now.
    pub(super) fn failed(&self, key: &ApiKey, now: i64) -> u32 {
        let mut circuits = self.lock();
        if circuits.len() >= CIRCUITS {
            circuits.retain(|_, circuit| circuit.open_until.max(circuit.busy_until) > now);
        }
        let circuit = circuits.entry(self.hash(key)).or_default();
        circuit.failures = circuit.failures.saturating_add(1);
        if circuit.failures >= FAILURES {
            let times = 1 << (circuit.failures - FAILURES).min(8);
            let open = OPEN.saturating_mul(times).min(OPEN_LONGEST);
            circuit.open_until = now.saturating_add(open.as_secs().cast_signed());
        }
        circuit.failures
    }

    fn hash(&self, key: &ApiKey) -> u64 {
        self.hasher.hash_one(key.expose())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Circuit>> {
        self.circuits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_5_to_30_seconds_with_a_part_by_chance() {
        for chance in [0, 128, 255] {
            for made_for in [0, 1, 30, 100, 120, 7200] {
                let pause = between_looks(Duration::from_secs(made_for), chance);
                assert!((SHORTEST..=LONGEST).contains(&pause), "{pause:?}");
            }
            for failures in [0, 1, 2, 3, 4, 100, u32::MAX] {
                let pause = after_failures(failures, chance);
                assert!((SHORTEST..=LONGEST).contains(&pause), "{pause:?}");
            }
        }
        assert_eq!(after_failures(4, 255), LONGEST);
        assert!(after_failures(4, 0) < after_failures(4, 255));
        assert_eq!(between_looks(Duration::from_secs(7200), 255), LONGEST);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after("7", 0), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("99999999", 0), Some(RETRY_AFTER));
        let date = "Wed, 25 Nov 2026 12:00:30 GMT";
        assert_eq!(
            retry_after(date, 1_795_608_000),
            Some(Duration::from_secs(30))
        );
        assert_eq!(retry_after(date, 1_795_609_000), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", 0), None);
        assert_eq!(retry_after("-1", 0), None);
    }

    #[test]
    fn a_circuit_opens_after_three_failures_and_lets_one_try_at_a_time() {
        let key = |text: &str| ApiKey::try_from(text.to_owned()).unwrap();
        let (one, other) = (key("key-of-one-tenant"), key("key-of-another"));
        let breakers = Breakers::default();
        for failures in 1..=3 {
            assert_eq!(breakers.wait(&one, 100), None);
            assert_eq!(breakers.failed(&one, 100), failures);
        }
        assert_eq!(breakers.wait(&one, 100), Some(Duration::from_secs(30)));
        assert_eq!(breakers.wait(&one, 110), Some(Duration::from_secs(20)));
        assert_eq!(
            breakers.wait(&other, 100),
            None,
            "another tenant's is closed"
        );
        assert_eq!(breakers.wait(&one, 130), None, "one may try");
        assert!(breakers.wait(&one, 130).is_some(), "and no second one");
        breakers.failed(&one, 130);
        assert_eq!(breakers.wait(&one, 130), Some(Duration::from_secs(60)));
        breakers.answered(&one);
        assert_eq!(breakers.wait(&one, 130), None);
    }

    #[test]
    fn a_key_with_all_its_jobs_orders_again_when_one_ended_or_time_has_passed() {
        let key = ApiKey::try_from("key-of-one-tenant".to_owned()).unwrap();
        let breakers = Breakers::default();
        breakers.busy(&key, 100, Duration::from_secs(20));
        breakers.answered(&key);
        assert_eq!(
            breakers.wait_to_order(&key, 105),
            Some(Duration::from_secs(15))
        );
        assert_eq!(breakers.wait_to_order(&key, 120), None);
        breakers.ended(&key);
        assert_eq!(breakers.wait_to_order(&key, 105), None);
    }
}
