//! How long a piece of work takes, in processor time. Included by the native programs of the benches,
//! which are packages of their own.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Nanoseconds a piece, measured for at least `round`. One call of `work` works through `pieces`, and
/// the clock is read after each `calls` of them.
pub fn nanoseconds(round: Duration, calls: u32, pieces: usize, mut work: impl FnMut()) -> f64 {
    let started = processor_time();
    let mut called = 0_u32;
    loop {
        for _ in 0..calls {
            work();
        }
        called += calls;
        let spent = processor_time() - started;
        if spent >= round {
            return spent.as_secs_f64() * 1e9 / f64::from(called) / pieces as f64;
        }
    }
}

/// What this thread has spent on a processor, where the system tells, so that other programs do not
/// count.
fn processor_time() -> Duration {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    let started = *STARTED.get_or_init(Instant::now);
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .map_or_else(|| started.elapsed(), Duration::from_nanos)
}
