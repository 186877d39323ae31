//! Narration: a separate program speaks each sentence into a WAV file, which becomes Opus packets
//! (RFC 6716) of 20 ms. A sentence reaches the program through a file in the order's directory,
//! never through its command line or environment.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use opus_rs::{Application, OpusEncoder};
use protocol::{Language, Voice};
use tokio_util::sync::CancellationToken;

use super::config::SpeechProgram;
use crate::EngineError;

/// Samples a second of the sound track.
pub(super) const RATE: u32 = 48_000;
/// Samples of a packet.
pub(super) const PACKET: usize = 960;
/// Bits a second: speech in one channel.
const BIT_RATE: i32 = 48_000;

fn failed(reason: impl Into<String>) -> EngineError {
    EngineError::Part {
        part: "speech",
        reason: reason.into(),
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

    /// The sentence's samples at [`RATE`], one channel; few or none where there is nothing to say.
    pub(super) fn speak(&self, sentence: &str) -> Result<Vec<f32>, EngineError> {
        let text = self.directory.join("sentence.txt");
        let output = self.directory.join("sentence.wav");
        std::fs::write(&text, format!("{sentence}\n"))?;
        let fill = |argument: &String| -> std::ffi::OsString {
            // A path need not be UTF-8, so an argument that is a path is replaced as a whole.
            match argument.as_str() {
                "{text-file}" => text.clone().into_os_string(),
                "{output}" => output.clone().into_os_string(),
                other => other
                    .replace("{voice}", self.voice)
                    .replace("{language}", self.language)
                    .replace("{text-file}", &text.to_string_lossy())
                    .replace("{output}", &output.to_string_lossy())
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
        let samples = samples(&output)?;
        std::fs::remove_file(&text)?;
        std::fs::remove_file(&output)?;
        Ok(samples)
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

fn samples(path: &Path) -> Result<Vec<f32>, EngineError> {
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
    Ok(resample(trimmed(&mono, spec.sample_rate), spec.sample_rate))
}

/// Without the silence at both ends; the pauses are ours.
fn trimmed(samples: &[f32], rate: u32) -> &[f32] {
    let loud = |sample: &f32| sample.abs() > 0.004;
    let margin = (rate / 50) as usize;
    let Some(first) = samples.iter().position(loud) else {
        return &[];
    };
    let last = samples.iter().rposition(loud).unwrap_or(first);
    samples
        .get(first.saturating_sub(margin)..(last + margin).min(samples.len()))
        .unwrap_or_default()
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

/// A sound track that grows from its beginning.
pub(super) struct Track {
    encoder: OpusEncoder,
    waiting: Vec<f32>,
    /// All packets one after the other, and each one's end.
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Track {
    pub(super) fn new() -> Result<Self, EngineError> {
        let mut encoder =
            OpusEncoder::new(RATE as i32, 1, Application::Audio).map_err(|error| {
                EngineError::Part {
                    part: "sound",
                    reason: error.to_owned(),
                }
            })?;
        encoder.bitrate_bps = BIT_RATE;
        Ok(Self {
            encoder,
            waiting: Vec::new(),
            bytes: Vec::new(),
            ends: Vec::new(),
        })
    }

    /// Silence up to a time in milliseconds, then the samples.
    pub(super) fn push(&mut self, at_ms: u32, samples: &[f32]) -> Result<(), EngineError> {
        let due = u64::from(at_ms) * u64::from(RATE) / 1_000;
        let have = (self.ends.len() * PACKET + self.waiting.len()) as u64;
        let silence = usize::try_from(due.saturating_sub(have)).unwrap_or(0);
        self.waiting.resize(self.waiting.len() + silence, 0.0);
        self.waiting.extend_from_slice(samples);
        let mut packet = [0_u8; 1_500];
        let whole = self.waiting.len() / PACKET * PACKET;
        for frame in self
            .waiting
            .get(..whole)
            .unwrap_or_default()
            .chunks_exact(PACKET)
        {
            let length = self
                .encoder
                .encode(frame, PACKET, &mut packet)
                .map_err(|error| EngineError::Part {
                    part: "sound",
                    reason: error.to_owned(),
                })?;
            self.bytes
                .extend_from_slice(packet.get(..length).unwrap_or_default());
            self.ends.push(self.bytes.len());
        }
        self.waiting.drain(..whole);
        Ok(())
    }

    /// Makes the track end at a time: silence is added, packets beyond it go.
    pub(super) fn cut_or_fill(&mut self, end_ms: u32) -> Result<(), EngineError> {
        self.push(end_ms, &[])?;
        let most = (u64::from(end_ms) * u64::from(RATE) / 1_000).div_ceil(PACKET as u64) as usize;
        self.ends.truncate(most);
        Ok(())
    }

    pub(super) fn packets(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .filter_map(|(start, end)| self.bytes.get(start..*end))
    }
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
        assert_eq!(trimmed(&samples, 8_000).len(), 800 + 2 * 160 - 1);
        assert!(trimmed(&[0.0; 100], 8_000).is_empty());
    }
}
