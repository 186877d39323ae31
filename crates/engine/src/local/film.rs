//! Scenes and times → coded pictures. Scenes begin with a keyframe each, so they are drawn and
//! encoded independently, on as many threads as the machine has, and put together in order;
//! pictures go one by one from canvas to encoder.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use cosmic_text::{FontSystem, SwashCache};
use protocol::Stage;
use tokio_util::sync::CancellationToken;

use super::Reporter;
use super::codec::{Coder, Reel};
use super::config::VideoCodec;
use super::draw::Artist;
use super::layout::Scene;
use super::look::{FRAME_MS, WIPE_MS};
use super::timeline::{Slot, Timeline};
use super::times::{Timed, Times};
use crate::EngineError;

/// What all threads share.
struct Studio<'a> {
    film: &'a Shoot<'a>,
    type_case: Mutex<(FontSystem, SwashCache)>,
    frames_done: AtomicUsize,
    frames: usize,
    stopped: AtomicBool,
}

/// What a film is made of besides its pictures, and where it goes.
pub(super) struct Shoot<'a> {
    pub scenes: &'a [Scene],
    pub timeline: &'a Timeline,
    pub artist: &'a Artist,
    pub codec: VideoCodec,
    /// Where coded scenes go, one file each.
    pub directory: &'a Path,
    /// Where the first scene's full board goes, as a PNG.
    pub poster: &'a Path,
    pub times: &'a Times,
    pub reporter: &'a Reporter,
    pub cancel: &'a CancellationToken,
}

/// Draws and encodes the film; its scenes in order.
pub(super) fn shoot(film: &Shoot<'_>, fonts: FontSystem) -> Result<Vec<Reel>, EngineError> {
    let (scenes, timeline) = (film.scenes, film.timeline);
    let studio = Studio {
        film,
        type_case: Mutex::new((fonts, SwashCache::new())),
        frames_done: AtomicUsize::new(0),
        frames: (timeline.length_ms / FRAME_MS) as usize,
        stopped: AtomicBool::new(false),
    };
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(4)
        .min(scenes.len().max(1));
    let next = AtomicUsize::new(0);
    let reels: Mutex<Vec<(usize, Result<Reel, EngineError>)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(scene), Some(slot)) = (scenes.get(at), timeline.slots.get(at)) else {
                        return;
                    };
                    let reel = studio.reel(at, scene, slot);
                    if reel.is_err() {
                        // The other threads must not finish their scenes for nobody.
                        studio.stopped.store(true, Ordering::Relaxed);
                    }
                    let mut reels = reels.lock().unwrap_or_else(PoisonError::into_inner);
                    reels.push((at, reel));
                }
            });
        }
    });
    let mut reels = reels.into_inner().unwrap_or_else(PoisonError::into_inner);
    reels.sort_by_key(|(at, _)| *at);
    // Of several failures the one that stopped the others is told.
    let cause = reels.iter().position(
        |(_, reel)| matches!(reel, Err(error) if !matches!(error, EngineError::Cancelled)),
    );
    if let Some((_, Err(error))) = cause.map(|at| reels.swap_remove(at)) {
        return Err(error);
    }
    reels.into_iter().map(|(_, reel)| reel).collect()
}

impl Studio<'_> {
    fn reel(&self, at: usize, scene: &Scene, slot: &Slot) -> Result<Reel, EngineError> {
        let mut canvas = self.film.times.of(Timed::Drawing, || {
            let mut type_case = self
                .type_case
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let (fonts, glyphs) = &mut *type_case;
            self.film.artist.canvas(scene, fonts, glyphs)
        });
        if at == 0 {
            let png = canvas
                .finished()
                .encode_png()
                .map_err(|error| EngineError::Part {
                    part: "poster",
                    reason: error.to_string(),
                })?;
            std::fs::write(self.film.poster, png)?;
        }
        let path = self.film.directory.join(format!("scene-{at}.video"));
        let mut coder = Coder::new(self.film.codec, self.film.artist.shape, path)?;
        let mut points_written = 0;
        for frame in 0..slot.length_ms / FRAME_MS {
            if self.film.cancel.is_cancelled() || self.stopped.load(Ordering::Relaxed) {
                return Err(EngineError::Cancelled);
            }
            let now = frame * FRAME_MS;
            let shares: Vec<f32> = slot
                .beats
                .iter()
                .map(|beat| now.saturating_sub(beat.start_ms) as f32 / beat.length_ms.max(1) as f32)
                .collect();
            // The last board stays.
            let wiping = (now + FRAME_MS + WIPE_MS).saturating_sub(slot.length_ms);
            let leaving = if at + 1 == self.film.scenes.len() {
                0.0
            } else {
                wiping as f32 / WIPE_MS as f32
            };
            let (picture, _) = self
                .film
                .times
                .of(Timed::Drawing, || canvas.advance(&shares, leaving));
            // A fresh picture when a point is written clears the specks that the encoder leaves
            // where the pen passed, and makes the point a place to seek to.
            let written = shares.iter().filter(|share| **share >= 1.0).count();
            let fresh = written > points_written;
            points_written = written;
            self.film
                .times
                .of(Timed::Encoding, || coder.push(picture, fresh))?;
            let done = self.frames_done.fetch_add(1, Ordering::Relaxed) + 1;
            self.film.reporter.send(Stage::Drawing, done, self.frames);
        }
        coder.finish()
    }
}
