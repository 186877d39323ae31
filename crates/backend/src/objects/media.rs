//! The files that a finished video has.

/// One of a video's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaFile {
    /// `video.mp4`
    Video,
    /// `captions.vtt`
    Captions,
    /// `poster.png`
    Poster,
}

impl MediaFile {
    /// Every file of a video.
    pub const ALL: [Self; 3] = [Self::Video, Self::Captions, Self::Poster];

    /// The file's name in addresses and object names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Video => "video.mp4",
            Self::Captions => "captions.vtt",
            Self::Poster => "poster.png",
        }
    }

    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Video => "video/mp4",
            Self::Captions => "text/vtt; charset=utf-8",
            Self::Poster => "image/png",
        }
    }

    /// The file of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.name() == name)
    }
}
