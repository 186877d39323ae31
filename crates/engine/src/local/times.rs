//! Where an engine's time goes, stage by stage. It measures and never decides.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long the stages of all films of an engine took. Pictures are drawn and encoded by several
/// threads at a time; theirs are added up.
#[derive(Debug, Default)]
pub struct Times {
    nanoseconds: [AtomicU64; STAGES.len()],
}

/// The stages of [`Times`], in order.
const STAGES: [&str; 6] = [
    "storyboard",
    "narration",
    "sound",
    "drawing",
    "encoding",
    "writing",
];

/// A stage's place in [`STAGES`].
#[derive(Debug, Clone, Copy)]
pub(super) enum Timed {
    Storyboard,
    Narration,
    Sound,
    Drawing,
    Encoding,
    Writing,
}

impl Times {
    /// Each stage's name and time.
    pub fn stages(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        let times = self.nanoseconds.iter();
        let times = times.map(|time| Duration::from_nanos(time.load(Ordering::Relaxed)));
        STAGES.into_iter().zip(times)
    }

    /// Does some of a stage's work.
    pub(super) fn of<T>(&self, stage: Timed, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = work();
        let took = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        if let Some(time) = self.nanoseconds.get(stage as usize) {
            time.fetch_add(took, Ordering::Relaxed);
        }
        done
    }
}
