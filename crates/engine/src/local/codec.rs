//! From pictures to coded video: one encoder a scene, whose packets go into a file of its own, so
//! that no scene waits in memory for its turn. The only place that knows codecs.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use mp4_atom::{Avcc, Codec as Entry};
use openh264::OpenH264API;
use openh264::encoder::{
    Complexity, Encoder, EncoderConfig, FrameRate, FrameType, QpRange, RateControlMode, UsageType,
    VuiConfig,
};

use super::draw::Picture;
use super::look::{FPS, Shape};
use crate::EngineError;

fn failed(reason: impl ToString) -> EngineError {
    EngineError::Part {
        part: "encoder",
        reason: reason.to_string(),
    }
}

/// A coded picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet {
    /// Bytes.
    pub size: u32,
    /// Whether a player can begin here.
    pub key: bool,
}

/// One scene's packets, one after the other in a file.
#[derive(Debug)]
pub(super) struct Reel {
    pub path: PathBuf,
    pub packets: Vec<Packet>,
    /// What a player must know before the first picture.
    pub header: Header,
}

/// A codec's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Header {
    /// Of H.264: sequence and picture parameter set.
    H264 { sequence: Vec<u8>, picture: Vec<u8> },
}

impl Header {
    /// The sample description of an MP4.
    pub(super) fn entry(&self, shape: Shape) -> Result<Entry, EngineError> {
        let visual = mp4_atom::Visual {
            data_reference_index: 1,
            width: u16::try_from(shape.width).map_err(failed)?,
            height: u16::try_from(shape.height).map_err(failed)?,
            ..Default::default()
        };
        // BT.709, limited range, as the pictures are.
        let colr = mp4_atom::Colr::new(1, 1, 1, false).map_err(failed)?;
        match self {
            Self::H264 { sequence, picture } => Ok(Entry::Avc1(mp4_atom::Avc1 {
                visual,
                avcc: Avcc::new(sequence, picture).map_err(failed)?,
                colr: Some(colr),
                ..Default::default()
            })),
        }
    }
}

/// Encodes one scene.
pub(super) struct Coder {
    encoder: Encoder,
    path: PathBuf,
    out: BufWriter<File>,
    packets: Vec<Packet>,
    sequence: Vec<u8>,
    picture: Vec<u8>,
}

impl Coder {
    pub(super) fn new(path: PathBuf) -> Result<Self, EngineError> {
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
        let encoder =
            Encoder::with_api_config(OpenH264API::from_source(), config).map_err(failed)?;
        let out = BufWriter::new(File::create(&path)?);
        Ok(Self {
            encoder,
            path,
            out,
            packets: Vec::new(),
            sequence: Vec::new(),
            picture: Vec::new(),
        })
    }

    /// The next picture; `fresh` makes it one that a player can begin with.
    pub(super) fn push(&mut self, picture: &Picture, fresh: bool) -> Result<(), EngineError> {
        if fresh {
            self.encoder.force_intra_frame();
        }
        let coded = self.encoder.encode(picture).map_err(failed)?;
        let mut size = 0;
        for layer in (0..coded.num_layers()).filter_map(|at| coded.layer(at)) {
            for unit in (0..layer.nal_count()).filter_map(|at| layer.nal_unit(at)) {
                // Annex B: zeros and a one, then the unit, whose first byte says what it is.
                let start = unit
                    .iter()
                    .position(|byte| *byte != 0)
                    .map_or(0, |at| at + 1);
                let unit = unit.get(start..).unwrap_or_default();
                let kept = match unit.first().map(|byte| byte & 0x1f) {
                    Some(7) => Some(&mut self.sequence),
                    Some(8) => Some(&mut self.picture),
                    Some(_) => None,
                    None => continue,
                };
                if let Some(kept) = kept {
                    // An MP4 has them once, so they must not change on the way.
                    if kept.is_empty() {
                        kept.extend_from_slice(unit);
                    } else if kept != unit {
                        return Err(failed("its parameters change within a film"));
                    }
                    continue;
                }
                let length = u32::try_from(unit.len()).map_err(failed)?;
                self.out.write_all(&length.to_be_bytes())?;
                self.out.write_all(unit)?;
                size += 4 + length;
            }
        }
        self.packets.push(Packet {
            size,
            key: matches!(coded.frame_type(), FrameType::IDR),
        });
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Reel, EngineError> {
        self.out.flush()?;
        Ok(Reel {
            path: self.path,
            packets: self.packets,
            header: Header::H264 {
                sequence: self.sequence,
                picture: self.picture,
            },
        })
    }
}
