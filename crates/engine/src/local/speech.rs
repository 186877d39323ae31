//! Narration: a separate program speaks each sentence into a WAV file, and may say when each word
//! comes. A sentence reaches the program through a file in the order's directory, never through its
//! command line or environment. Several are spoken at a time, a few ahead of who asks for them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use protocol::{Language, Voice};
use tokio_util::sync::CancellationToken;

use super::config::SpeechProgram;
use crate::EngineError;

/// Samples a second of the sound track.
pub(super) const RATE: u32 = 48_000;
/// Sentences that are spoken at the same time, and how many wait to be asked for at most.
const AT_ONCE: usize = 2;
const AHEAD: usize = 6;

fn failed(reason: impl Into<String>) -> EngineError {
    EngineError::Part {
        part: "speech",
        reason: reason.into(),
    }
}

/// A sentence as it was spoken.
#[derive(Clone, Default)]
pub(super) struct Speech {
    /// At [`RATE`], one channel; few or none where there is nothing to say.
    pub samples: Vec<f32>,
    /// The words whose times are known, in order: milliseconds since the first sample, and the
    /// word's place in the sentence in bytes.
    pub words: Vec<(u32, usize)>,
}

impl Speech {
    /// Milliseconds.
    pub(super) fn length_ms(&self) -> u32 {
        let ms = (self.samples.len() as u64 * 1_000).div_ceil(u64::from(RATE));
        u32::try_from(ms).unwrap_or(u32::MAX)
    }
}

/// One voice in one language.
#[derive(Debug)]
pub(super) struct Narrator<'a> {
    program: &'a SpeechProgram,
    voice: &'a str,
    language: &'a str,
    directory: &'a Path,
    cancel: &'a CancellationToken,
}

impl<'a> Narrator<'a> {
    /// `Unsupported` if the program has no such voice or language.
    pub(super) fn new(
        program: &'a SpeechProgram,
        voice: Voice,
        language: &Language,
        directory: &'a Path,
        cancel: &'a CancellationToken,
    ) -> Result<Self, EngineError> {
        let voice = program.voices.iter().find(|(known, _)| *known == voice);
        let language = program
            .languages
            .iter()
            .find(|(known, _)| known == language);
        let (_, voice) = voice.ok_or(EngineError::Unsupported("the voice is not available"))?;
        let (_, language) =
            language.ok_or(EngineError::Unsupported("the language is not spoken"))?;
        Ok(Self {
            program,
            voice,
            language,
            directory,
            cancel,
        })
    }

    /// Speaks one sentence; `at` tells its files from those of others that are spoken meanwhile.
    fn speak(&self, at: usize, sentence: &str) -> Result<Speech, EngineError> {
        let path = |end: &str| self.directory.join(format!("sentence-{at}.{end}"));
        let (text, output, words) = (path("txt"), path("wav"), path("words"));
        std::fs::write(&text, format!("{sentence}\n"))?;
        let fill = |argument: &String| -> std::ffi::OsString {
            // A path need not be UTF-8, so an argument that is a path is replaced as a whole.
            match argument.as_str() {
                "{text-file}" => text.clone().into_os_string(),
                "{output}" => output.clone().into_os_string(),
                "{words}" => words.clone().into_os_string(),
                other => other
                    .replace("{voice}", self.voice)
                    .replace("{language}", self.language)
                    .replace("{text-file}", &text.to_string_lossy())
                    .replace("{output}", &output.to_string_lossy())
                    .replace("{words}", &words.to_string_lossy())
                    .into(),
            }
        };
        // The environment may hold keys that are none of the program's business.
        let mut command = Command::new(&self.program.program);
        command
            .args(self.program.args.iter().map(fill))
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .current_dir(self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command
            .spawn()
            .map_err(|error| failed(format!("it does not start: {error}")))?;
        let ended = self.wait(&mut child);
        if ended.is_err() {
            let _ = child.kill();
            let _ = child.wait();
        }
        ended?;
        let (samples, left_out_ms) = samples(&output)?;
        let mut speech = Speech {
            samples,
            words: Vec::new(),
        };
        // Its times are a help; without them captions go by the sentence.
        if let Ok(times) = std::fs::read_to_string(&words) {
            speech.words = word_times(&times, sentence, left_out_ms, speech.length_ms());
            std::fs::remove_file(&words)?;
        }
        std::fs::remove_file(&text)?;
        std::fs::remove_file(&output)?;
        Ok(speech)
    }

    fn wait(&self, child: &mut Child) -> Result<(), EngineError> {
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(failed(format!("it ended with {status}")))
                };
            }
            if self.cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            if start.elapsed() > self.program.timeout {
                return Err(failed("it took too long over one sentence"));
            }
            std::thread::sleep(Duration::from_millis(4));
        }
    }
}

/// Sentences that are spoken ahead of who asks for them, in order.
pub(super) struct Recital<'a> {
    narrator: &'a Narrator<'a>,
    sentences: &'a [&'a str],
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The next sentence that nobody speaks yet.
    next: usize,
    /// Sentences asked for.
    asked: usize,
    ready: BTreeMap<usize, Result<Speech, EngineError>>,
    over: bool,
}

impl<'a> Recital<'a> {
    pub(super) fn new(narrator: &'a Narrator<'a>, sentences: &'a [&'a str]) -> Self {
        Self {
            narrator,
            sentences,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Speaks sentences until all are spoken or it is over. For threads of its own.
    fn work(&self) {
        loop {
            let mut state = self.state();
            while !state.over && state.next > state.asked + AHEAD {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            let at = state.next;
            let Some(sentence) = self.sentences.get(at).filter(|_| !state.over) else {
                return;
            };
            state.next += 1;
            drop(state);
            let spoken = self.narrator.speak(at, sentence);
            self.state().ready.insert(at, spoken);
            self.changed.notify_all();
        }
    }

    /// The next sentence.
    fn ask(&self) -> Result<Speech, EngineError> {
        let mut state = self.state();
        let at = state.asked;
        state.asked += 1;
        self.changed.notify_all();
        if at >= self.sentences.len() {
            return Ok(Speech::default());
        }
        loop {
            if let Some(spoken) = state.ready.remove(&at) {
                return spoken;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Runs `listener`, who asks for sentence after sentence and may stop early.
    pub(super) fn run<T>(
        &self,
        listener: impl FnOnce(&mut dyn FnMut() -> Result<Speech, EngineError>) -> T,
    ) -> T {
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE.min(self.sentences.len()) {
                scope.spawn(|| self.work());
            }
            let heard = listener(&mut || self.ask());
            self.state().over = true;
            self.changed.notify_all();
            heard
        })
    }
}

/// The lines of a file of words' times that make sense: each later than the one before, and further
/// on in the sentence. A line is milliseconds, a tab, and the word's place in characters.
fn word_times(lines: &str, sentence: &str, left_out_ms: u32, most_ms: u32) -> Vec<(u32, usize)> {
    let bytes: Vec<usize> = sentence.char_indices().map(|(byte, _)| byte).collect();
    let mut words: Vec<(u32, usize)> = Vec::new();
    for line in lines.lines() {
        let Some((ms, place)) = line.split_once('\t') else {
            continue;
        };
        let (Ok(ms), Ok(place)) = (ms.trim().parse::<u32>(), place.trim().parse::<usize>()) else {
            continue;
        };
        let ms = ms.saturating_sub(left_out_ms);
        let Some(byte) = bytes.get(place).filter(|_| ms < most_ms) else {
            continue;
        };
        if words
            .last()
            .is_none_or(|last| last.0 < ms && last.1 < *byte)
        {
            words.push((ms, *byte));
        }
    }
    words
}

/// A WAV file's samples at [`RATE`] without the silence around them, and how many milliseconds of
/// it were left out at the beginning.
fn samples(path: &Path) -> Result<(Vec<f32>, u32), EngineError> {
    let wrong = |error: hound::Error| failed(format!("its WAV file cannot be read: {error}"));
    let reader = hound::WavReader::open(path).map_err(wrong)?;
    let spec = reader.spec();
    let channels = usize::from(spec.channels.max(1));
    let read: Result<Vec<f32>, _> = match spec.sample_format {
        hound::SampleFormat::Float => reader.into_samples::<f32>().collect(),
        hound::SampleFormat::Int => {
            let full = 2_f32.powi(i32::from(spec.bits_per_sample.clamp(1, 32)) - 1);
            reader
                .into_samples::<i32>()
                .map(|sample| sample.map(|sample| sample as f32 / full))
                .collect()
        }
    };
    let mono: Vec<f32> = read
        .map_err(wrong)?
        .chunks(channels)
        .map(|all| all.iter().sum::<f32>() / channels as f32)
        .collect();
    if !(4_000..=192_000).contains(&spec.sample_rate) {
        return Err(failed("its WAV file has an odd sample rate"));
    }
    let (from, trimmed) = trimmed(&mono, spec.sample_rate);
    let left_out_ms = from as u64 * 1_000 / u64::from(spec.sample_rate);
    Ok((
        resample(trimmed, spec.sample_rate),
        u32::try_from(left_out_ms).unwrap_or(u32::MAX),
    ))
}

/// Without the silence at both ends, and where that begins; the pauses are ours.
fn trimmed(samples: &[f32], rate: u32) -> (usize, &[f32]) {
    let loud = |sample: &f32| sample.abs() > 0.004;
    let margin = (rate / 50) as usize;
    let Some(first) = samples.iter().position(loud) else {
        return (0, &[]);
    };
    let last = samples.iter().rposition(loud).unwrap_or(first);
    let from = first.saturating_sub(margin);
    let to = (last + margin).min(samples.len());
    (from, samples.get(from..to).unwrap_or_default())
}

/// To [`RATE`] by a windowed sinc of 32 samples.
fn resample(samples: &[f32], from: u32) -> Vec<f32> {
    const HALF: i64 = 16;
    const PHASES: usize = 512;
    if from == RATE {
        return samples.to_vec();
    }
    let cutoff = (f64::from(RATE) / f64::from(from)).min(1.0) * 0.96;
    let table: Vec<f32> = (0..PHASES)
        .flat_map(|phase| {
            (1 - HALF..=HALF).map(move |tap| {
                let at = tap as f64 - phase as f64 / PHASES as f64;
                let x = at * cutoff * std::f64::consts::PI;
                let sinc = if x.abs() < 1e-9 { 1.0 } else { x.sin() / x };
                let window = 0.5 + 0.5 * (at / HALF as f64 * std::f64::consts::PI).cos();
                (sinc * window * cutoff) as f32
            })
        })
        .collect();
    let count = samples.len() as u64 * u64::from(RATE) / u64::from(from);
    (0..count)
        .map(|at| {
            let place = at as f64 * f64::from(from) / f64::from(RATE);
            let whole = place.floor();
            let phase = (((place - whole) * PHASES as f64) as usize).min(PHASES - 1);
            let taps = table
                .chunks(2 * HALF as usize)
                .nth(phase)
                .unwrap_or_default();
            let start = whole as i64 + 1 - HALF;
            taps.iter()
                .enumerate()
                .map(|(tap, weight)| {
                    let index = usize::try_from(start + tap as i64).ok();
                    weight
                        * index
                            .and_then(|index| samples.get(index))
                            .copied()
                            .unwrap_or(0.0)
                })
                .sum()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resampling_keeps_a_tone() {
        let tone = |rate: u32, count: usize| -> Vec<f32> {
            (0..count)
                .map(|at| (at as f32 / rate as f32 * 440.0 * std::f32::consts::TAU).sin() * 0.5)
                .collect()
        };
        let made = resample(&tone(22_050, 22_050), 22_050);
        let wanted = tone(RATE, made.len());
        assert_eq!(made.len(), 48_000);
        let worst = made
            .iter()
            .zip(&wanted)
            .skip(100)
            .take(47_000)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(worst < 0.01, "{worst}");
    }

    #[test]
    fn silence_at_the_ends_is_trimmed() {
        let mut samples = vec![0.0; 8_000];
        samples.extend([0.5; 800]);
        samples.extend([0.0; 8_000]);
        let (from, kept) = trimmed(&samples, 8_000);
        assert_eq!((from, kept.len()), (8_000 - 160, 800 + 2 * 160 - 1));
        assert!(trimmed(&[0.0; 100], 8_000).1.is_empty());
    }

    #[test]
    fn times_of_words_that_make_no_sense_are_left_out() {
        let sentence = "Größe ist alles.";
        let lines = "120\t0\n500\t6\n400\t10\n700\t6\nx\ty\n-1\t2\n\n900\t10\n5000\t12\n950\t99\n";
        assert_eq!(
            word_times(lines, sentence, 20, 1_000),
            [(100, 0), (480, 8), (880, 12)]
        );
    }
}
