//! AV1 by rav1e: free of patent fees, at some thirty times the work and not smaller. It looks ahead by
//! one picture only, so that a scene's pictures do not gather in memory.

use rav1e::prelude::*;

use super::super::draw::Picture;
use super::super::look::{FPS, Shape};
use super::{Header, Out, Packet, failed, keep};
use crate::EngineError;

/// Level 4.0 (`seq_level_idx`, AV1 annex A.3): pictures of up to 2048×1152 at 60 a second.
pub(super) const LEVEL: u8 = 8;
/// Quantizer, 0 to 255: fine lines stay clean.
const QUANTIZER: usize = 90;

pub(super) struct Av1 {
    encoder: Context<u8>,
    sequence: Vec<u8>,
}

impl Av1 {
    pub(super) fn new(shape: Shape) -> Result<Self, EngineError> {
        let mut config = EncoderConfig::with_speed_preset(10);
        config.width = shape.width as usize;
        config.height = shape.height as usize;
        config.time_base = Rational::new(1, u64::from(FPS));
        config.pixel_range = PixelRange::Limited;
        config.color_description = Some(ColorDescription {
            color_primaries: ColorPrimaries::BT709,
            transfer_characteristics: TransferCharacteristics::BT709,
            matrix_coefficients: MatrixCoefficients::BT709,
        });
        config.level_idx = Some(LEVEL);
        config.low_latency = true;
        config.quantizer = QUANTIZER;
        // Scenes and points say where a player can begin.
        config.set_key_frame_interval(0, 0);
        config.speed_settings.scene_detection_mode = SceneDetectionSpeed::None;
        config.speed_settings.rdo_lookahead_frames = 1;
        let config = Config::new().with_encoder_config(config).with_threads(1);
        let encoder = config.new_context().map_err(failed)?;
        Ok(Self {
            encoder,
            sequence: Vec::new(),
        })
    }

    pub(super) fn push(
        &mut self,
        picture: &Picture,
        fresh: bool,
        out: &mut Out,
    ) -> Result<(), EngineError> {
        let mut frame = self.encoder.new_frame();
        for (plane, (bytes, stride)) in frame.planes.iter_mut().zip(picture.planes()) {
            plane.copy_from_raw_u8(bytes, stride, 1);
        }
        let parameters = FrameParameters {
            frame_type_override: if fresh {
                FrameTypeOverride::Key
            } else {
                FrameTypeOverride::No
            },
            ..Default::default()
        };
        self.encoder
            .send_frame((frame, parameters))
            .map_err(failed)?;
        self.take(out)
    }

    /// Takes what is coded by now.
    fn take(&mut self, out: &mut Out) -> Result<(), EngineError> {
        loop {
            match self.encoder.receive_packet() {
                Ok(packet) => self.write(&packet, out)?,
                Err(EncoderStatus::Encoded) => {}
                Err(EncoderStatus::NeedMoreData | EncoderStatus::LimitReached) => return Ok(()),
                Err(error) => return Err(failed(error)),
            }
        }
    }

    fn write(&mut self, packet: &rav1e::Packet<u8>, out: &mut Out) -> Result<(), EngineError> {
        let mut size = 0;
        for unit in units(&packet.data) {
            let (kind, unit) = unit.ok_or_else(|| failed("a packet is not made of OBUs"))?;
            match kind {
                SEQUENCE_HEADER => {
                    keep(&mut self.sequence, unit)?;
                    size += out.write(unit)?;
                }
                // An MP4's samples do without (AV1 in ISOBMFF, 2.4).
                TEMPORAL_DELIMITER => {}
                _ => size += out.write(unit)?,
            }
        }
        out.packets.push(Packet {
            size,
            key: packet.frame_type == FrameType::KEY,
        });
        Ok(())
    }

    pub(super) fn finish(mut self, out: &mut Out) -> Result<Header, EngineError> {
        self.encoder.flush();
        self.take(out)?;
        Ok(Header::Av1 {
            sequence: self.sequence,
        })
    }
}

const SEQUENCE_HEADER: u8 = 1;
const TEMPORAL_DELIMITER: u8 = 2;

/// A packet's OBUs with their kinds (AV1, 5.3); `None` where it is none.
fn units(mut bytes: &[u8]) -> impl Iterator<Item = Option<(u8, &[u8])>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let unit = unit(bytes);
        bytes = unit.map_or(&[], |(_, unit)| bytes.get(unit.len()..).unwrap_or_default());
        Some(unit)
    })
}

/// The first OBU: a header of one byte, or two with its extension, then its length in LEB128.
fn unit(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let header = *bytes.first()?;
    if header & 0b10 == 0 {
        // Without a length it goes on to the end.
        return Some((header >> 3 & 0b1111, bytes));
    }
    let start = if header & 0b100 == 0 { 1 } else { 2 };
    let mut length = 0_usize;
    for (at, byte) in bytes.get(start..)?.iter().enumerate().take(4) {
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let unit = bytes.get(..start + at + 1 + length)?;
            return Some((header >> 3 & 0b1111, unit));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_parted_into_units() {
        let bytes = [
            0x12, 0x00, // temporal delimiter
            0x0a, 0x02, 7, 7, // sequence header
            0x36, 0x00, 0x81, 0x00, 9, // with an extension and a length of two bytes
            0x30, 1, 2, // without a length
        ];
        let found: Vec<_> = units(&bytes).collect();
        let expected: Vec<Option<(u8, &[u8])>> = vec![
            Some((2, &bytes[..2])),
            Some((1, &bytes[2..6])),
            Some((6, &bytes[6..11])),
            Some((6, &bytes[11..])),
        ];
        assert_eq!(found, expected);
        assert_eq!(units(&[0x0a, 5, 1]).collect::<Vec<_>>(), vec![None]);
        assert_eq!(units(&[0x0a, 0xff, 0xff]).collect::<Vec<_>>(), vec![None]);
    }
}
