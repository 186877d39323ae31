//! The embedded engine: script → storyboard → narration → whiteboard frames → MP4, captions,
//! poster. All of it happens on this machine; it opens no connection, and what it reads or
//! writes of a script stays in the order's directory.

mod config;

pub use config::{Config, SpeechProgram};

use protocol::{EngineDescription, Length, Music, OptionCatalogue, Orientation, Style};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{EngineError, MadeVideo, Order, Progress, VideoEngine};

/// The embedded engine. Cheap to keep, costly to make: making it reads the fonts.
#[derive(Debug)]
pub struct LocalEngine {
    config: Config,
}

impl LocalEngine {
    /// An engine of a configuration; reads the fonts.
    pub fn new(config: Config) -> Result<Self, EngineError> {
        Ok(Self { config })
    }
}

#[async_trait::async_trait]
impl VideoEngine for LocalEngine {
    fn describe(&self) -> EngineDescription {
        EngineDescription {
            name: "local".to_owned(),
            requires_api_key: false,
            options: OptionCatalogue {
                styles: vec![Style::Whiteboard, Style::Chalkboard, Style::ModernMinimal],
                voices: self.config.voices(),
                languages: self.config.languages(),
                lengths: vec![
                    Length::Auto,
                    Length::Seconds30,
                    Length::Minute1,
                    Length::Minutes2,
                    Length::Minutes4,
                ],
                music: vec![Music::None],
                orientations: vec![
                    Orientation::Landscape,
                    Orientation::Square,
                    Orientation::Portrait,
                ],
            },
        }
    }

    async fn make(
        &self,
        _order: Order<'_>,
        _progress: watch::Sender<Progress>,
        _cancel: CancellationToken,
    ) -> Result<MadeVideo, EngineError> {
        Err(EngineError::Unsupported("drawing is not there yet"))
    }
}
