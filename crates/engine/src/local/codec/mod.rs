//! From pictures to coded video: one encoder a scene, whose packets go into a file of its own, so
//! that no scene waits in memory for its turn. The only place that knows codecs.

mod av1;
mod h264;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use mp4_atom::{Av1c, Avcc, Codec as Entry};

use self::av1::Av1;
use self::h264::H264;
use super::config::VideoCodec;
use super::draw::Picture;
use super::look::Shape;
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
    /// Of AV1: the sequence header OBU.
    Av1 { sequence: Vec<u8> },
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
            // 8 bits, 4:2:0: the main profile, which is 0.
            Self::Av1 { sequence } => Ok(Entry::Av01(mp4_atom::Av01 {
                visual,
                av1c: Av1c {
                    seq_level_idx_0: av1::LEVEL,
                    chroma_subsampling_x: true,
                    chroma_subsampling_y: true,
                    config_obus: sequence.clone(),
                    ..Default::default()
                },
                colr: Some(colr),
                ..Default::default()
            })),
        }
    }
}

/// Where packets go.
struct Out {
    file: BufWriter<File>,
    packets: Vec<Packet>,
}

impl Out {
    /// A packet's next bytes.
    fn write(&mut self, bytes: &[u8]) -> Result<u32, EngineError> {
        self.file.write_all(bytes)?;
        u32::try_from(bytes.len()).map_err(failed)
    }
}

/// What must be the same throughout a film, since an MP4 has it once: a parameter set, a header.
fn keep(kept: &mut Vec<u8>, bytes: &[u8]) -> Result<(), EngineError> {
    if kept.is_empty() {
        kept.extend_from_slice(bytes);
    } else if kept != bytes {
        return Err(failed("its parameters change within a film"));
    }
    Ok(())
}

enum Encoder {
    H264(Box<H264>),
    Av1(Box<Av1>),
}

/// Encodes one scene.
pub(super) struct Coder {
    encoder: Encoder,
    path: PathBuf,
    out: Out,
}

impl Coder {
    pub(super) fn new(codec: VideoCodec, shape: Shape, path: PathBuf) -> Result<Self, EngineError> {
        let encoder = match codec {
            VideoCodec::H264 => Encoder::H264(Box::new(H264::new()?)),
            VideoCodec::Av1 => Encoder::Av1(Box::new(Av1::new(shape)?)),
        };
        let out = Out {
            file: BufWriter::new(File::create(&path)?),
            packets: Vec::new(),
        };
        Ok(Self { encoder, path, out })
    }

    /// The next picture; `fresh` makes it one that a player can begin with.
    pub(super) fn push(&mut self, picture: &Picture, fresh: bool) -> Result<(), EngineError> {
        match &mut self.encoder {
            Encoder::H264(encoder) => encoder.push(picture, fresh, &mut self.out),
            Encoder::Av1(encoder) => encoder.push(picture, fresh, &mut self.out),
        }
    }

    pub(super) fn finish(mut self) -> Result<Reel, EngineError> {
        let header = match self.encoder {
            Encoder::H264(encoder) => encoder.finish(),
            Encoder::Av1(encoder) => encoder.finish(&mut self.out)?,
        };
        self.out.file.flush()?;
        Ok(Reel {
            path: self.path,
            packets: self.out.packets,
            header,
        })
    }
}
