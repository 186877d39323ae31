//! Background music, made here from a few rules a mood: chords, a bass, plucked notes, a brush. One
//! round of it is computed and then goes round without a seam, so that an hour costs no more than a
//! minute. It uses no recording and no sample of anyone's, and no chance: a mood sounds the same
//! each time.

use std::f32::consts::TAU;

use ebur128::{EbuR128, Mode};
use protocol::Music;
use tokio_util::sync::CancellationToken;

use super::speech::RATE;

/// Every mood that there is music for.
pub(super) const MOODS: [Music; 7] = [
    Music::Jazz,
    Music::Lofi,
    Music::Dramatic,
    Music::Whimsical,
    Music::Engaging,
    Music::Inspirational,
    Music::Documentary,
];

/// Beats of a bar.
const BEATS: usize = 4;
/// Times that the chords are gone through in one round; the last time the plucked notes differ.
const PASSES: usize = 2;

/// What a mood is made of. Notes are MIDI numbers (60 is middle C, a semitone each).
struct Tune {
    beats_a_minute: f32,
    /// How late the second half of a beat comes: 0.5 is even, 0.66 swings.
    swing: f32,
    /// One a bar; the first note is the bass's.
    chords: &'static [[i32; 5]],
    /// How loud the held chord is.
    pad: f32,
    /// How loud plucked notes are.
    pluck: f32,
    /// Seconds until a plucked note has faded to a third.
    ring: f32,
    /// Octaves that plucked notes are above the chord.
    octave: i32,
    /// Which note of the chord is plucked at each half beat; 0 for none.
    pattern: [usize; 2 * BEATS],
    /// How loud the bass is.
    bass: f32,
    /// Beats that the bass plays on.
    steps: &'static [usize],
    /// How loud the brush on the second and fourth beat is.
    brush: f32,
    /// Strength of the second, third and fourth overtone of plucked notes.
    overtones: [f32; 3],
}

impl Tune {
    fn of(music: Music) -> Option<Self> {
        Some(match music {
            Music::None => return None,
            Music::Jazz => Self {
                beats_a_minute: 92.0,
                swing: 0.66,
                chords: &[
                    [38, 62, 65, 69, 72],
                    [43, 62, 65, 71, 74],
                    [36, 60, 64, 67, 71],
                    [45, 61, 64, 67, 69],
                ],
                pad: 0.10,
                pluck: 0.30,
                ring: 0.45,
                octave: 0,
                pattern: [1, 0, 0, 3, 0, 2, 4, 0],
                bass: 0.50,
                steps: &[0, 1, 2, 3],
                brush: 0.10,
                overtones: [0.30, 0.10, 0.05],
            },
            Music::Lofi => Self {
                beats_a_minute: 74.0,
                swing: 0.58,
                chords: &[
                    [41, 60, 64, 65, 69],
                    [40, 59, 62, 64, 67],
                    [38, 60, 62, 65, 69],
                    [36, 59, 60, 64, 67],
                ],
                pad: 0.16,
                pluck: 0.26,
                ring: 0.7,
                octave: 0,
                pattern: [1, 0, 3, 0, 2, 0, 4, 3],
                bass: 0.45,
                steps: &[0, 2],
                brush: 0.12,
                overtones: [0.15, 0.22, 0.02],
            },
            Music::Dramatic => Self {
                beats_a_minute: 60.0,
                swing: 0.5,
                chords: &[
                    [33, 57, 60, 64, 69],
                    [29, 57, 60, 65, 69],
                    [38, 57, 62, 65, 69],
                    [28, 56, 59, 64, 68],
                ],
                pad: 0.34,
                pluck: 0.14,
                ring: 1.4,
                octave: 0,
                pattern: [1, 0, 2, 0, 3, 0, 2, 0],
                bass: 0.55,
                steps: &[0, 1, 2, 3],
                brush: 0.0,
                overtones: [0.40, 0.25, 0.12],
            },
            Music::Whimsical => Self {
                beats_a_minute: 112.0,
                swing: 0.6,
                chords: &[
                    [48, 60, 64, 67, 72],
                    [45, 60, 64, 69, 72],
                    [41, 60, 65, 69, 72],
                    [43, 59, 62, 67, 71],
                ],
                pad: 0.06,
                pluck: 0.34,
                ring: 0.22,
                octave: 1,
                pattern: [1, 3, 0, 2, 4, 0, 3, 2],
                bass: 0.30,
                steps: &[0, 2],
                brush: 0.04,
                overtones: [0.05, 0.02, 0.20],
            },
            Music::Engaging => Self {
                beats_a_minute: 104.0,
                swing: 0.5,
                chords: &[
                    [45, 60, 64, 69, 72],
                    [41, 60, 65, 69, 72],
                    [48, 60, 64, 67, 72],
                    [43, 59, 62, 67, 74],
                ],
                pad: 0.14,
                pluck: 0.24,
                ring: 0.35,
                octave: 0,
                pattern: [1, 2, 3, 2, 4, 2, 3, 2],
                bass: 0.45,
                steps: &[0, 1, 2, 3],
                brush: 0.08,
                overtones: [0.35, 0.15, 0.08],
            },
            Music::Inspirational => Self {
                beats_a_minute: 82.0,
                swing: 0.5,
                chords: &[
                    [36, 60, 64, 67, 72],
                    [43, 59, 62, 67, 71],
                    [45, 60, 64, 69, 72],
                    [41, 60, 65, 69, 72],
                ],
                pad: 0.24,
                pluck: 0.24,
                ring: 0.9,
                octave: 0,
                pattern: [1, 2, 3, 4, 3, 2, 3, 2],
                bass: 0.35,
                steps: &[0],
                brush: 0.0,
                overtones: [0.22, 0.08, 0.04],
            },
            Music::Documentary => Self {
                beats_a_minute: 66.0,
                swing: 0.5,
                chords: &[
                    [38, 57, 62, 65, 69],
                    [34, 58, 62, 65, 70],
                    [41, 57, 60, 65, 69],
                    [36, 55, 60, 64, 67],
                ],
                pad: 0.26,
                pluck: 0.18,
                ring: 1.2,
                octave: 1,
                pattern: [1, 0, 0, 0, 3, 0, 2, 0],
                bass: 0.35,
                steps: &[0],
                brush: 0.0,
                overtones: [0.18, 0.06, 0.02],
            },
        })
    }
}

/// One wave, to be read at any pace.
struct Wave(Vec<f32>);

impl Wave {
    const SIZE: usize = 2_048;

    fn new(overtones: [f32; 3]) -> Self {
        let all = 1.0 + overtones.iter().sum::<f32>();
        let at = |step: usize| {
            let turn = step as f32 / Self::SIZE as f32 * TAU;
            let over: f32 = overtones
                .iter()
                .zip(2_u8..)
                .map(|(strength, times)| strength * (turn * f32::from(times)).sin())
                .sum();
            (turn.sin() + over) / all
        };
        // One more than the size, so that reading between two never leaves it.
        Self((0..=Self::SIZE).map(at).collect())
    }

    /// `phase` in turns.
    fn at(&self, phase: f32) -> f32 {
        let place = (phase - phase.floor()) * Self::SIZE as f32;
        let step = place as usize;
        match self.0.get(step..step + 2) {
            Some(&[from, to]) => from + (to - from) * (place - step as f32),
            _ => 0.0,
        }
    }
}

fn pitch(note: i32) -> f32 {
    440.0 * 2_f32.powf((note - 69) as f32 / 12.0)
}

/// Where notes are laid down; what goes over the end goes on at the beginning.
struct Round(Vec<f32>);

impl Round {
    /// `shape` gives a note's strength by seconds since its start and its length.
    fn note(
        &mut self,
        (start, length): (f32, f32),
        hertz: f32,
        wave: &Wave,
        shape: impl Fn(f32) -> f32,
    ) {
        let rate = RATE as f32;
        let (first, count) = ((start * rate) as usize, (length * rate) as usize);
        let size = self.0.len();
        for step in 0..count {
            let second = step as f32 / rate;
            if let Some(sample) = self.0.get_mut((first + step) % size) {
                *sample += wave.at(second * hertz) * shape(second);
            }
        }
    }

    /// A soft burst of noise.
    fn brush(&mut self, start: f32, strength: f32) {
        let first = (start * RATE as f32) as usize;
        let size = self.0.len();
        let (mut seed, mut before) = (0x2545_f491_u32, 0.0_f32);
        for step in 0..(RATE / 6) as usize {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 8) as f32 / 8_388_608.0 - 1.0;
            let fade = (-(step as f32) / (RATE as f32 * 0.035)).exp();
            if let Some(sample) = self.0.get_mut((first + step) % size) {
                // Only its upper part: a hiss, not a rumble.
                *sample += (noise - before) * strength * fade * 0.5;
            }
            before = noise;
        }
    }
}

/// One round of a mood's music, and how loud it is.
#[derive(Debug)]
pub(super) struct Loop {
    samples: Vec<f32>,
    /// LUFS (EBU R 128) as it stands.
    pub loudness: f64,
}

impl Loop {
    /// `None` for no music, and soon after a cancellation.
    pub(super) fn of(music: Music, cancel: &CancellationToken) -> Option<Self> {
        let tune = Tune::of(music)?;
        let samples = round(&tune, cancel)?;
        let mut meter = EbuR128::new(1, RATE, Mode::I).ok()?;
        meter.add_frames_f32(&samples).ok()?;
        let loudness = meter.loudness_global().ok()?;
        Some(Self { samples, loudness })
    }

    /// The sample at a place counted from the film's beginning.
    pub(super) fn at(&self, place: u64) -> f32 {
        let size = self.samples.len().max(1) as u64;
        let place = usize::try_from(place % size).unwrap_or(0);
        self.samples.get(place).copied().unwrap_or(0.0)
    }
}

fn round(tune: &Tune, cancel: &CancellationToken) -> Option<Vec<f32>> {
    let beat = 60.0 / tune.beats_a_minute;
    let bar = beat * BEATS as f32;
    let bars = tune.chords.len() * PASSES;
    let mut round = Round(vec![0.0; (bar * bars as f32 * RATE as f32) as usize]);
    let soft = Wave::new([0.25, 0.08, 0.03]);
    let low = Wave::new([0.45, 0.12, 0.04]);
    let plucked = Wave::new(tune.overtones);
    for (at, chord) in tune.chords.iter().cycle().take(bars).enumerate() {
        if cancel.is_cancelled() {
            return None;
        }
        let start = bar * at as f32;
        let [root, notes @ ..] = chord;
        for note in notes {
            // Two voices a little apart, as of more than one player; they overlap with the next.
            for detune in [-0.0012_f32, 0.0012] {
                let length = bar + 0.5;
                round.note(
                    (start, length),
                    pitch(*note) * (1.0 + detune),
                    &soft,
                    |second| {
                        let rise = (second / 0.5).min(1.0);
                        let fall = ((length - second) / 0.5).min(1.0);
                        tune.pad * 0.5 * rise * fall
                    },
                );
            }
        }
        for (half, which) in tune.pattern.iter().enumerate() {
            // The last pass turns the pattern round, so that the ear gets something new.
            let last = at >= bars - tune.chords.len();
            let which = if last && *which > 0 {
                5 - which
            } else {
                *which
            };
            let Some(note) = which.checked_sub(1).and_then(|which| notes.get(which)) else {
                continue;
            };
            let late = if half % 2 == 1 { tune.swing } else { 0.0 };
            let when = start + beat * ((half / 2) as f32 + late);
            let hertz = pitch(note + 12 * tune.octave);
            round.note((when, tune.ring * 4.0), hertz, &plucked, |second| {
                let rise = (second / 0.006).min(1.0);
                tune.pluck * rise * (-second / tune.ring).exp()
            });
        }
        for step in tune.steps {
            let when = start + beat * *step as f32;
            // On the way the bass touches the fifth.
            let note = if step % 2 == 1 { root + 7 } else { *root };
            round.note((when, beat * 1.2), pitch(note), &low, |second| {
                let rise = (second / 0.02).min(1.0);
                let fall = ((beat * 1.2 - second) / 0.08).min(1.0);
                tune.bass * rise * fall * (-second / 0.9).exp()
            });
        }
        if tune.brush > 0.0 {
            round.brush(start + beat, tune.brush);
            round.brush(start + beat * 3.0, tune.brush);
        }
    }
    Some(round.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mood_goes_round_without_a_click_and_differs() {
        let on = CancellationToken::new();
        let loops: Vec<Loop> = MOODS
            .into_iter()
            .map(|music| Loop::of(music, &on).expect("music"))
            .collect();
        for (music, one) in MOODS.into_iter().zip(&loops) {
            assert!(one.loudness > -40.0 && one.loudness < 0.0, "{music:?}");
            assert!(one.samples.iter().all(|sample| sample.abs() < 2.0));
            let size = one.samples.len() as u64;
            assert!(size > 8 * u64::from(RATE), "{music:?} repeats too soon");
            // The step over the seam is like the steps inside.
            let step = |at: u64| (one.at(at + 1) - one.at(at)).abs();
            let widest = (0..size - 1).map(step).fold(0.0, f32::max);
            assert!(step(size - 1) <= widest, "{music:?}");
            assert_eq!(one.at(3), one.at(3 + size));
        }
        for (at, one) in loops.iter().enumerate() {
            for other in loops.iter().skip(at + 1) {
                assert_ne!(one.samples, other.samples);
            }
        }
        assert!(Loop::of(Music::None, &on).is_none());
        let again = Loop::of(Music::Jazz, &on).expect("music");
        assert_eq!(again.samples, loops[0].samples);
    }
}
