//! Scenes and times → one MP4: H.264 by OpenH264, muxed with the sound, index first. Scenes begin
//! with a keyframe each, so they are drawn and encoded independently, on as many threads as the
//! machine has, and put together in order; pictures go one by one from canvas to encoder.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

use cosmic_text::{FontSystem, SwashCache};
use muxide::api::{AudioCodec, MuxerBuilder, VideoCodec};
use openh264::OpenH264API;
use openh264::encoder::{
    Complexity, Encoder, EncoderConfig, FrameRate, FrameType, QpRange, RateControlMode, UsageType,
    VuiConfig,
};
use protocol::Stage;
use tokio_util::sync::CancellationToken;

use super::Reporter;
use super::draw::Artist;
use super::layout::Scene;
use super::look::{FPS, FRAME_MS};
use super::speech::{PACKET, RATE};
use super::timeline::{Slot, Timeline};
use crate::EngineError;

fn encoder_failed(error: openh264::Error) -> EngineError {
    EngineError::Part {
        part: "encoder",
        reason: error.to_string(),
    }
}

fn muxer_failed(error: impl std::fmt::Display) -> EngineError {
    EngineError::Part {
        part: "muxer",
        reason: error.to_string(),
    }
}

/// One scene's packets.
struct Reel {
    bytes: Vec<u8>,
    /// Each packet's end and whether it is a keyframe.
    packets: Vec<(usize, bool)>,
}

/// What all threads share.
struct Studio<'a> {
    artist: &'a Artist,
    type_case: Mutex<(FontSystem, SwashCache)>,
    reporter: &'a Reporter,
    cancel: &'a CancellationToken,
    frames_done: AtomicUsize,
    frames: usize,
    stopped: AtomicBool,
}

/// Writes the film, and the first scene's full board as a PNG.
pub(super) fn shoot(
    scenes: &[Scene],
    timeline: &Timeline,
    artist: &Artist,
    fonts: FontSystem,
    (video, poster): (&Path, &Path),
    reporter: &Reporter,
    cancel: &CancellationToken,
) -> Result<(), EngineError> {
    let studio = Studio {
        artist,
        type_case: Mutex::new((fonts, SwashCache::new())),
        reporter,
        cancel,
        frames_done: AtomicUsize::new(0),
        frames: (timeline.length_ms / FRAME_MS) as usize,
        stopped: AtomicBool::new(false),
    };
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(4)
        .min(scenes.len().max(1));
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads {
            let (sender, studio, next) = (sender.clone(), &studio, &next);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(scene), Some(slot)) = (scenes.get(at), timeline.slots.get(at)) else {
                        return;
                    };
                    let reel = studio.reel(scene, slot, (at == 0).then_some(poster));
                    if sender.send((at, reel)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let written = mux(&studio, timeline, video, receiver);
        // Threads that are still at it must not finish their scenes for nobody.
        studio.stopped.store(true, Ordering::Relaxed);
        written
    })
}

fn mux(
    studio: &Studio<'_>,
    timeline: &Timeline,
    video: &Path,
    reels: mpsc::Receiver<(usize, Result<Reel, EngineError>)>,
) -> Result<(), EngineError> {
    let file = BufWriter::new(File::create(video)?);
    let shape = studio.artist.shape;
    let mut builder = MuxerBuilder::new(file)
        .video(VideoCodec::H264, shape.width, shape.height, f64::from(FPS))
        .with_fast_start(true);
    if timeline.sound.is_some() {
        builder = builder.audio(AudioCodec::Opus, RATE, 1);
    }
    let mut muxer = builder.build().map_err(muxer_failed)?;
    let mut sound = timeline
        .sound
        .iter()
        .flat_map(|track| track.packets())
        .enumerate()
        .peekable();
    let mut early = std::collections::BTreeMap::new();
    let (mut at, mut frame) = (0, 0_u32);
    for (index, reel) in reels {
        early.insert(index, reel?);
        while let Some(reel) = early.remove(&at) {
            let mut start = 0;
            for (end, key) in reel.packets {
                let time = f64::from(frame) / f64::from(FPS);
                let packet = reel.bytes.get(start..end).unwrap_or_default();
                muxer.write_video(time, packet, key).map_err(muxer_failed)?;
                let until = u64::from(frame + 1) * u64::from(RATE / FPS);
                while let Some((index, packet)) =
                    sound.next_if(|(index, _)| ((index + 1) * PACKET) as u64 <= until)
                {
                    muxer
                        .write_audio((index * PACKET) as f64 / f64::from(RATE), packet)
                        .map_err(muxer_failed)?;
                }
                (start, frame) = (end, frame + 1);
            }
            at += 1;
        }
    }
    muxer.finish().map_err(muxer_failed)
}

impl Studio<'_> {
    fn reel(&self, scene: &Scene, slot: &Slot, poster: Option<&Path>) -> Result<Reel, EngineError> {
        let mut canvas = {
            let mut type_case = self
                .type_case
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let (fonts, glyphs) = &mut *type_case;
            self.artist.canvas(scene, fonts, glyphs)
        };
        if let Some(poster) = poster {
            let png = canvas
                .finished()
                .encode_png()
                .map_err(|error| EngineError::Part {
                    part: "poster",
                    reason: error.to_string(),
                })?;
            std::fs::write(poster, png)?;
        }
        let config = EncoderConfig::new()
            .usage_type(UsageType::ScreenContentRealTime)
            .max_frame_rate(FrameRate::from_hz(FPS as f32))
            // One quality throughout: the other modes want to drop frames, and say so on stderr.
            .rate_control_mode(RateControlMode::Off)
            .qp(QpRange::new(0, 22))
            .skip_frames(false)
            .scene_change_detect(true)
            .adaptive_quantization(false)
            .background_detection(false)
            .complexity(Complexity::Low)
            .num_threads(1)
            .vui(VuiConfig::bt709());
        let mut encoder =
            Encoder::with_api_config(OpenH264API::from_source(), config).map_err(encoder_failed)?;
        let mut reel = Reel {
            bytes: Vec::new(),
            packets: Vec::new(),
        };
        let mut points_written = 0;
        for frame in 0..slot.length_ms / FRAME_MS {
            if self.cancel.is_cancelled() || self.stopped.load(Ordering::Relaxed) {
                return Err(EngineError::Cancelled);
            }
            let now = frame * FRAME_MS;
            let shares: Vec<f32> = slot
                .beats
                .iter()
                .map(|beat| now.saturating_sub(beat.start_ms) as f32 / beat.length_ms.max(1) as f32)
                .collect();
            let (picture, _) = canvas.advance(&shares);
            // A fresh picture when a point is written clears the specks that the encoder leaves
            // where the pen passed, and makes the point a place to seek to.
            let written = shares.iter().filter(|share| **share >= 1.0).count();
            if written > points_written {
                points_written = written;
                encoder.force_intra_frame();
            }
            let encoded = encoder.encode(picture).map_err(encoder_failed)?;
            let key = matches!(encoded.frame_type(), FrameType::IDR);
            encoded.write_vec(&mut reel.bytes);
            reel.packets.push((reel.bytes.len(), key));
            let done = self.frames_done.fetch_add(1, Ordering::Relaxed) + 1;
            self.reporter.send(Stage::Drawing, done, self.frames);
        }
        Ok(reel)
    }
}
