//! How the local engine's films look: the operator's colours, logo and fonts, the pen, the codec.
//! A logo is read and checked here, so that no video fails over it later.

use std::path::PathBuf;

use engine::local::{Brand, BrandError, Colour, Config, Logo, VideoCodec};

use super::build::Reader;
use super::list;

/// What the operator decides about pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pictures {
    /// Colours and logo.
    pub brand: Brand,
    /// Folders with further fonts.
    pub font_folders: Vec<PathBuf>,
    /// Whether a pen is seen where a hand writes.
    pub pen: bool,
    /// How pictures are coded.
    pub codec: VideoCodec,
}

impl Pictures {
    /// The engine's configuration with these.
    pub fn onto(&self, config: Config) -> Config {
        let pictures = self.clone();
        Config {
            brand: pictures.brand,
            font_folders: pictures.font_folders,
            pen: pictures.pen,
            codec: pictures.codec,
            ..config
        }
    }
}

/// Reads them all, so that everything wrong is told at once.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Pictures> {
    let first = colour(reader, "brand_colour");
    let second = colour(reader, "brand_second_colour");
    let logo = logo(reader);
    let font_folders = font_folders(reader);
    let codec = codec(reader);
    let pen = reader.switch("pen");
    Some(Pictures {
        brand: Brand {
            first: first?,
            second: second?,
            logo: logo?,
        },
        font_folders: font_folders?,
        pen,
        codec: codec?,
    })
}

fn colour(reader: &mut Reader<'_>, key: &'static str) -> Option<Option<Colour>> {
    let Some(text) = reader.collected.text(key) else {
        return Some(None);
    };
    match text.trim().parse() {
        Ok(colour) => Some(Some(colour)),
        Err(error) => {
            let error: BrandError = error;
            reader.problem(key, error.to_string(), "Write for example #0c66e4.");
            None
        }
    }
}

fn logo(reader: &mut Reader<'_>) -> Option<Option<Logo>> {
    const KEY: &str = "brand_logo";
    let Some(path) = reader.path(KEY) else {
        return Some(None);
    };
    let png = match std::fs::read(&path) {
        Ok(png) => png,
        Err(error) => {
            let problem = format!("{} could not be read: {error}", path.display());
            reader.problem(KEY, problem, "Check the path and who may read it.");
            return None;
        }
    };
    match Logo::png(&png) {
        Ok(logo) => Some(Some(logo)),
        Err(error) => {
            reader.problem(KEY, error.to_string(), "Give a PNG within these limits.");
            None
        }
    }
}

fn font_folders(reader: &mut Reader<'_>) -> Option<Vec<PathBuf>> {
    const KEY: &str = "font_folder";
    let folders: Vec<PathBuf> = reader
        .collected
        .text(KEY)
        .into_iter()
        .flat_map(list)
        .map(PathBuf::from)
        .collect();
    let missing = folders.iter().find(|folder| !folder.is_dir());
    if let Some(missing) = missing {
        let problem = format!("{} is no folder", missing.display());
        reader.problem(KEY, problem, "Check the path.");
        return None;
    }
    Some(folders)
}

fn codec(reader: &mut Reader<'_>) -> Option<VideoCodec> {
    match reader.collected.text("video_codec")?.trim() {
        "h264" => Some(VideoCodec::H264),
        "av1" => Some(VideoCodec::Av1),
        _ => {
            let problem = "there is no such codec";
            reader.problem("video_codec", problem, "Write h264 or av1.");
            None
        }
    }
}
