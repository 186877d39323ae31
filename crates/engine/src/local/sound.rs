//! From spoken sentences and music to a film's sound: narration is put in its places, music is
//! lowered under it, all is brought to one loudness (EBU R 128) and encoded as Opus (RFC 6716). The
//! sentences wait in a file, and the mix goes by in packets: an hour takes no more memory than a
//! minute. It knows nothing of pictures.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ebur128::{EbuR128, Mode};
use opus_rs::{Application, OpusEncoder};
use tokio_util::sync::CancellationToken;

use super::music::Loop;
use super::speech::RATE;
use crate::EngineError;

/// Samples of a packet: 20 ms.
pub(super) const PACKET: usize = 960;
/// What a player leaves out at the beginning: the encoder's look-ahead, as libopus has it.
pub(super) const PRE_SKIP: u16 = 312;
/// Bits a second of speech alone, and with music; one channel.
const BIT_RATES: [i32; 2] = [48_000, 64_000];
/// The loudness of a film, in LUFS.
pub(super) const LOUDNESS: f64 = -16.0;
/// How much softer than speech music is: where nobody speaks, and where somebody does.
const MUSIC_BELOW_DB: [f64; 2] = [10.0, 20.0];
/// How long music takes to go down before speech, and to come back after it.
const DUCK_MS: [u32; 2] = [250, 700];
/// Music's coming in at the beginning, and going out at the end.
const FADE_MS: [u32; 2] = [800, 2_000];
/// The most that any sample may be: -1.5 dB, which leaves the codec room below -1 dB.
const CEILING: f32 = 0.841;
/// Samples that share a limiter's decision: 2.5 ms.
const STEP: usize = 120;
/// How much of full strength the limiter gives back in a step.
const RELEASE: f32 = 0.02;

fn failed(reason: impl ToString) -> EngineError {
    EngineError::Part {
        part: "sound",
        reason: reason.to_string(),
    }
}

fn samples_of(ms: u32) -> u64 {
    u64::from(ms) * u64::from(RATE) / 1_000
}

fn decibels(db: f64) -> f32 {
    10_f64.powf(db / 20.0) as f32
}

/// A stretch of speech, in samples from the film's beginning.
#[derive(Debug, Clone, Copy)]
struct Clip {
    start: u64,
    length: u64,
}

/// Speech on its way from the narrator to the mix, in a file of 16-bit samples.
#[derive(Debug)]
pub(super) struct Recording {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    clips: Vec<Clip>,
    meter: EbuR128,
}

impl Recording {
    /// An empty one, whose file will be in `directory`.
    pub(super) fn new(directory: &Path) -> Result<Self, EngineError> {
        Ok(Self {
            path: directory.join("narration.pcm"),
            file: None,
            clips: Vec::new(),
            meter: EbuR128::new(1, RATE, Mode::I).map_err(failed)?,
        })
    }

    /// Puts speech at a time, in milliseconds, not before the end of what is there.
    pub(super) fn push(&mut self, at_ms: u32, samples: &[f32]) -> Result<(), EngineError> {
        if samples.is_empty() {
            return Ok(());
        }
        self.meter.add_frames_f32(samples).map_err(failed)?;
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::new(File::create(&self.path)?)),
        };
        for sample in samples {
            let whole = (sample * 32_767.0).round().clamp(-32_768.0, 32_767.0) as i16;
            file.write_all(&whole.to_le_bytes())?;
        }
        let end = self.clips.last().map_or(0, |clip| clip.start + clip.length);
        self.clips.push(Clip {
            start: samples_of(at_ms).max(end),
            length: samples.len() as u64,
        });
        Ok(())
    }

    /// Takes away what begins at a time or later.
    pub(super) fn cut(&mut self, at_ms: u32) {
        self.clips.retain(|clip| clip.start < samples_of(at_ms));
    }

    /// Nothing more is said. What was may then be mixed.
    pub(super) fn end(&mut self) -> Result<(), EngineError> {
        if let Some(mut file) = self.file.take() {
            file.flush()?;
        }
        Ok(())
    }

    /// Removes the file.
    pub(super) fn remove(&self) -> Result<(), EngineError> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Mixes, levels and encodes all up to a time. `None` where there is nothing to hear.
    pub(super) fn mix(
        &self,
        end_ms: u32,
        music: Option<&Loop>,
        cancel: &CancellationToken,
    ) -> Result<Option<Track>, EngineError> {
        if self.clips.is_empty() && music.is_none() {
            return Ok(None);
        }
        let spoken = self.meter.loudness_global().map_err(failed)?;
        // Sounds too short or too soft to measure have no loudness to go by.
        let speech = if spoken.is_finite() {
            decibels(LOUDNESS - spoken)
        } else {
            1.0
        };
        let mut mix = Mix {
            recording: self,
            music,
            end: samples_of(end_ms),
            speech,
            all: if self.clips.is_empty() {
                decibels(MUSIC_BELOW_DB[0])
            } else {
                1.0
            },
        };
        // Twice, since the limiter takes away some of what the first correction gives.
        for _ in 0..2 {
            let mut meter = EbuR128::new(1, RATE, Mode::I).map_err(failed)?;
            mix.play(cancel, |packet| {
                meter.add_frames_f32(packet).map_err(failed)
            })?;
            let loudness = meter.loudness_global().map_err(failed)?;
            if loudness.is_finite() {
                mix.all *= decibels((LOUDNESS - loudness).clamp(-20.0, 20.0));
            }
        }
        let path = self.path.with_file_name("sound.opus");
        let mut track = Track::new(path, music.is_some())?;
        mix.play(cancel, |packet| track.push(packet))?;
        // One more, since the encoder is behind by its look-ahead.
        track.push(&[0.0; PACKET])?;
        track.out.flush()?;
        self.remove()?;
        Ok(Some(track))
    }
}

/// Everything that is heard, played as often as need be.
struct Mix<'a> {
    recording: &'a Recording,
    music: Option<&'a Loop>,
    end: u64,
    /// Strength of speech.
    speech: f32,
    /// Strength of all.
    all: f32,
}

impl Mix<'_> {
    /// Gives packet after packet to `heard`; the last one is filled up with silence.
    fn play(
        &self,
        cancel: &CancellationToken,
        mut heard: impl FnMut(&[f32]) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let mut speech = Speech::new(self.recording)?;
        let mut limiter = Limiter::new();
        let mut duck = Duck {
            clips: &self.recording.clips,
            at: 0,
        };
        let level = self
            .music
            .map(|music| MUSIC_BELOW_DB.map(|below| decibels(LOUDNESS - below - music.loudness)));
        let mut packet = Vec::with_capacity(PACKET);
        let steps = self.end.div_ceil(PACKET as u64) * (PACKET / STEP) as u64;
        // The limiter is a step behind.
        for step in 0..=steps {
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            let start = step * STEP as u64;
            let mut sound = [0.0; STEP];
            speech.read(start, &mut sound)?;
            sound
                .iter_mut()
                .for_each(|sample| *sample *= self.speech * self.all);
            if let (Some(music), Some([free, under])) = (self.music, level) {
                // Straight lines between a step's ends: no zipper noise.
                let ends = [start, start + STEP as u64]
                    .map(|at| (free + (under - free) * duck.at(at)) * self.fade(at) * self.all);
                for (offset, (sample, at)) in sound.iter_mut().zip(start..).enumerate() {
                    let share = offset as f32 / STEP as f32;
                    *sample += music.at(at) * (ends[0] + (ends[1] - ends[0]) * share);
                }
            }
            let ready = limiter.push(sound);
            if step > 0 {
                packet.extend_from_slice(&ready);
            }
            if packet.len() == PACKET {
                heard(&packet)?;
                packet.clear();
            }
        }
        Ok(())
    }

    /// Of music: 0 at the film's ends, 1 inside.
    fn fade(&self, at: u64) -> f32 {
        let [inward, outward] = FADE_MS.map(|ms| samples_of(ms) as f32);
        let left = self.end.saturating_sub(at);
        (at as f32 / inward).min(left as f32 / outward).min(1.0)
    }
}

/// How far music is down: 1 under speech, 0 away from it.
struct Duck<'a> {
    clips: &'a [Clip],
    /// The first clip that is not wholly past.
    at: usize,
}

impl Duck<'_> {
    /// At a place; places only go forward, but for a step.
    fn at(&mut self, place: u64) -> f32 {
        let [down, up] = DUCK_MS.map(samples_of);
        while self
            .clips
            .get(self.at)
            .is_some_and(|clip| clip.start + clip.length + up + (STEP as u64) < place)
        {
            self.at += 1;
        }
        let near = |clip: &Clip| {
            let (start, end) = (clip.start, clip.start + clip.length);
            if place < start {
                1.0 - (start - place) as f32 / down as f32
            } else if place <= end {
                1.0
            } else {
                1.0 - (place - end) as f32 / up as f32
            }
        };
        // Two clips may both be near: the one just over and the one to come.
        let clips = self.clips.get(self.at..).unwrap_or_default();
        clips
            .iter()
            .take_while(|clip| clip.start < place + down)
            .map(near)
            .fold(0.0, f32::max)
    }
}

/// Speech read in order.
struct Speech<'a> {
    file: Option<BufReader<File>>,
    clips: std::iter::Peekable<std::slice::Iter<'a, Clip>>,
}

impl<'a> Speech<'a> {
    fn new(recording: &'a Recording) -> Result<Self, EngineError> {
        let file = if recording.clips.is_empty() {
            None
        } else {
            let mut file = BufReader::new(File::open(&recording.path)?);
            file.seek(SeekFrom::Start(0))?;
            Some(file)
        };
        Ok(Self {
            file,
            clips: recording.clips.iter().peekable(),
        })
    }

    /// Adds what is spoken from a place on.
    fn read(&mut self, place: u64, onto: &mut [f32]) -> Result<(), EngineError> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        for (sample, at) in onto.iter_mut().zip(place..) {
            while self
                .clips
                .next_if(|clip| clip.start + clip.length <= at)
                .is_some()
            {}
            if self.clips.peek().is_some_and(|clip| clip.start <= at) {
                let mut bytes = [0; 2];
                file.read_exact(&mut bytes)?;
                *sample += f32::from(i16::from_le_bytes(bytes)) / 32_768.0;
            }
        }
        Ok(())
    }
}

/// Keeps every sample under [`CEILING`] without cutting its top off: strength goes down before a
/// loud step and comes back slowly. One step behind.
struct Limiter {
    waiting: [f32; STEP],
    /// What the waiting step may have at most.
    allowed: f32,
    /// Strength at the beginning of the waiting step.
    strength: f32,
}

impl Limiter {
    fn new() -> Self {
        Self {
            waiting: [0.0; STEP],
            allowed: 1.0,
            strength: 1.0,
        }
    }

    fn push(&mut self, next: [f32; STEP]) -> [f32; STEP] {
        let peak = next
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let allowed = if peak > CEILING { CEILING / peak } else { 1.0 };
        let end = (self.strength + RELEASE).min(self.allowed).min(allowed);
        let mut ready = self.waiting;
        for (offset, sample) in ready.iter_mut().enumerate() {
            let share = offset as f32 / STEP as f32;
            *sample *= self.strength + (end - self.strength) * share;
        }
        (self.waiting, self.allowed, self.strength) = (next, allowed, end);
        ready
    }
}

/// A finished sound track: Opus packets one after the other in a file.
pub(super) struct Track {
    encoder: OpusEncoder,
    path: PathBuf,
    out: BufWriter<File>,
    /// Bytes of each packet.
    pub sizes: Vec<u32>,
}

impl Track {
    fn new(path: PathBuf, music: bool) -> Result<Self, EngineError> {
        let mut encoder = OpusEncoder::new(RATE as i32, 1, Application::Audio).map_err(failed)?;
        encoder.bitrate_bps = BIT_RATES[usize::from(music)];
        let out = BufWriter::new(File::create(&path)?);
        Ok(Self {
            encoder,
            path,
            out,
            sizes: Vec::new(),
        })
    }

    fn push(&mut self, samples: &[f32]) -> Result<(), EngineError> {
        let mut packet = [0_u8; 1_500];
        let length = self
            .encoder
            .encode(samples, PACKET, &mut packet)
            .map_err(failed)?;
        self.out
            .write_all(packet.get(..length).unwrap_or_default())?;
        self.sizes.push(u32::try_from(length).unwrap_or(0));
        Ok(())
    }

    /// Where the packets are; whoever has read them removes it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests;
