//! H.264 by OpenH264: what every browser plays.

use openh264::OpenH264API;
use openh264::encoder::{
    Complexity, Encoder, EncoderConfig, FrameRate, FrameType, QpRange, RateControlMode, UsageType,
    VuiConfig,
};

use super::super::draw::Picture;
use super::super::look::FPS;
use super::{Header, Out, Packet, failed, keep};
use crate::EngineError;

pub(super) struct H264 {
    encoder: Encoder,
    sequence: Vec<u8>,
    picture: Vec<u8>,
}

impl H264 {
    pub(super) fn new() -> Result<Self, EngineError> {
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
        Ok(Self {
            encoder,
            sequence: Vec::new(),
            picture: Vec::new(),
        })
    }

    pub(super) fn push(
        &mut self,
        picture: &Picture,
        fresh: bool,
        out: &mut Out,
    ) -> Result<(), EngineError> {
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
                match unit.first().map(|byte| byte & 0x1f) {
                    Some(7) => keep(&mut self.sequence, unit)?,
                    Some(8) => keep(&mut self.picture, unit)?,
                    Some(_) => {
                        let length = u32::try_from(unit.len()).map_err(failed)?;
                        size += out.write(&length.to_be_bytes())? + out.write(unit)?;
                    }
                    None => {}
                }
            }
        }
        out.packets.push(Packet {
            size,
            key: matches!(coded.frame_type(), FrameType::IDR),
        });
        Ok(())
    }

    pub(super) fn finish(self) -> Header {
        Header::H264 {
            sequence: self.sequence,
            picture: self.picture,
        }
    }
}
