//! The embedded engine: script → storyboard → narration → whiteboard frames → MP4, captions,
//! poster. All of it happens on this machine; it opens no connection, and what it reads or
//! writes of a script stays in the order's directory.

mod brand;
pub(crate) mod captions;
mod codec;
mod config;
mod draw;
mod film;
mod fonts;
mod layout;
mod look;
mod mp4;
mod music;
mod sound;
mod speech;
mod storyboard;
mod timeline;
mod times;

pub use brand::{Brand, BrandError, Colour, Logo};
pub use config::{Config, SpeechProgram, TemplateError, VideoCodec};
pub use times::Times;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cosmic_text::fontdb;
use protocol::{
    Chapter, EngineDescription, Language, Length, Music, OptionCatalogue, Orientation, Script,
    Stage, Style, VideoOptions,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::times::Timed;
use crate::{EngineError, MadeVideo, Order, Progress, VideoEngine};

/// A film is at least this long; a shorter one shows its last board longer.
const SHORTEST_MS: u32 = 10_000;
/// Reading time of the longest script that becomes one film.
const LONGEST_MS: u64 = 60 * 60 * 1_000;

/// The embedded engine. Cheap to keep, costly to make: making it reads the fonts.
#[derive(Debug)]
pub struct LocalEngine {
    config: Arc<Config>,
    languages: Vec<Language>,
    fonts: fontdb::Database,
    times: Arc<Times>,
}

impl LocalEngine {
    /// An engine of a configuration; reads the fonts. Fails if not even the built-in fonts load.
    pub fn new(config: Config) -> Result<Self, EngineError> {
        let fonts = fonts::database(&config.font_folders, config.system_fonts);
        if fonts.is_empty() {
            return Err(EngineError::Part {
                part: "fonts",
                reason: "none could be read".to_owned(),
            });
        }
        let mut languages = config.languages();
        languages.retain(|language| fonts::can_write(&fonts, language.as_str()));
        Ok(Self {
            config: Arc::new(config),
            languages,
            fonts,
            times: Arc::default(),
        })
    }

    /// Where the time went since the engine was made.
    pub fn times(&self) -> &Times {
        &self.times
    }
}

/// Sends progress that never falls; shared by all threads of one order.
struct Reporter(watch::Sender<Progress>);

impl Reporter {
    /// `done` of `all` steps of a stage. Storyboard and narration are quick beside drawing.
    fn send(&self, stage: Stage, done: usize, all: usize) {
        let (from, to) = match stage {
            Stage::Waiting => (0, 0),
            Stage::Storyboard => (0, 3),
            Stage::Narration => (3, 25),
            Stage::Drawing => (25, 99),
            Stage::Storing => (100, 100),
        };
        let percent = u8::try_from(from + (to - from) * done / all.max(1)).unwrap_or(100);
        self.raise(Progress { stage, percent });
    }

    fn raise(&self, progress: Progress) {
        self.0.send_if_modified(|last| {
            let on = progress.stage >= last.stage
                && progress.percent >= last.percent
                && progress != *last;
            if on {
                *last = progress;
            }
            on
        });
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
                languages: self.languages.clone(),
                lengths: vec![
                    Length::Auto,
                    Length::Seconds30,
                    Length::Minute1,
                    Length::Minutes2,
                    Length::Minutes4,
                ],
                music: std::iter::once(Music::None).chain(music::MOODS).collect(),
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
        order: Order<'_>,
        progress: watch::Sender<Progress>,
        cancel: CancellationToken,
    ) -> Result<MadeVideo, EngineError> {
        // Dropping this future must stop the thread as well.
        let cancel = cancel.child_token();
        let _stop_with_us = cancel.clone().drop_guard();
        let job = Job {
            script: order.script.clone(),
            options: order.options.clone(),
            // Absolute, since the speech program runs in a directory of its own.
            directory: std::path::absolute(order.directory)?,
            config: Arc::clone(&self.config),
            fonts: self.fonts.clone(),
            times: Arc::clone(&self.times),
            reporter: Reporter(progress),
            cancel,
        };
        match tokio::task::spawn_blocking(move || job.run()).await {
            Ok(made) => made,
            Err(_) => Err(EngineError::Part {
                part: "drawing",
                reason: "its thread ended early".to_owned(),
            }),
        }
    }
}

/// One order on its blocking thread.
struct Job {
    script: Script,
    options: VideoOptions,
    directory: PathBuf,
    config: Arc<Config>,
    fonts: fontdb::Database,
    times: Arc<Times>,
    reporter: Reporter,
    cancel: CancellationToken,
}

impl Job {
    fn run(self) -> Result<MadeVideo, EngineError> {
        let limit_ms = self.options.length.seconds().map(|seconds| seconds * 1_000);
        self.reporter.send(Stage::Storyboard, 0, 1);
        let board = storyboard::Storyboard::new(&self.script, limit_ms);
        let points = board.parts.iter().flat_map(|part| &part.points);
        if points
            .map(|point| u64::from(point.reading_ms()))
            .sum::<u64>()
            > LONGEST_MS
        {
            return Err(EngineError::TooLong);
        }
        let mut look = look::Look::of(self.options.style).branded(&self.config.brand);
        look.pen = look.pen.filter(|_| self.config.pen);
        let shape = look::Shape::of(self.options.orientation);
        let mut fonts = fonts::system(&self.fonts, self.options.language.as_str());
        let mut scenes = self.times.of(Timed::Storyboard, || {
            let mut setter = layout::Setter {
                fonts: &mut fonts,
                look,
                shape,
            };
            setter.scenes(&board)
        });
        self.reporter.send(Stage::Storyboard, 1, 1);

        let narrator = match &self.config.speech {
            Some(program) => Some(speech::Narrator::new(
                program,
                self.options.voice,
                &self.options.language,
                &self.directory,
                &self.cancel,
            )?),
            None => None,
        };
        let recording = sound::Recording::new(&self.directory)?;
        let timeline = self.times.of(Timed::Narration, || {
            timeline::lay(
                &mut scenes,
                limit_ms,
                narrator.as_ref(),
                recording,
                &self.reporter,
                &self.cancel,
            )
        })?;
        let chapters: Vec<Chapter> = scenes
            .iter()
            .zip(&timeline.slots)
            .filter_map(|(scene, slot)| {
                let title = scene.chapter.clone()?;
                Some(Chapter {
                    start_ms: slot.start_ms,
                    title,
                })
            })
            .collect();
        let path = |name: &str| Path::join(&self.directory, name);
        let (video, poster) = (path("video.mp4"), path("poster.png"));
        let (captions, transcript) = (path("captions.vtt"), path("transcript.txt"));
        std::fs::write(&captions, captions::webvtt(&timeline.cues))?;
        let told = captions::transcript(&chapters, &timeline.cues);
        std::fs::write(&transcript, told)?;

        let logo = self.config.brand.logo.as_ref();
        let artist = draw::Artist::new(look, shape, logo).ok_or_else(|| EngineError::Part {
            part: "drawing",
            reason: "no room for a picture".to_owned(),
        })?;
        // The sound is made while the pictures are.
        let (reels, sound) = std::thread::scope(|scope| {
            let sound = scope.spawn(|| {
                self.times.of(Timed::Sound, || {
                    let music = music::Loop::of(self.options.music, &self.cancel);
                    let speech = &timeline.speech;
                    speech.mix(timeline.length_ms, music.as_ref(), &self.cancel)
                })
            });
            let reels = film::shoot(
                &film::Shoot {
                    scenes: &scenes,
                    timeline: &timeline,
                    artist: &artist,
                    codec: self.config.codec,
                    directory: &self.directory,
                    poster: &poster,
                    times: &self.times,
                    reporter: &self.reporter,
                    cancel: &self.cancel,
                },
                fonts,
            );
            let ended_early = |_| EngineError::Part {
                part: "sound",
                reason: "its thread ended early".to_owned(),
            };
            (reels, sound.join().map_err(ended_early).flatten())
        });
        let (reels, sound) = (reels?, sound?);
        let film = mp4::Film {
            reels,
            sound,
            shape,
            chapters: &chapters,
            cancel: &self.cancel,
        };
        self.times.of(Timed::Writing, || film.write(&video))?;
        self.reporter.raise(Progress {
            stage: Stage::Drawing,
            percent: 100,
        });
        Ok(MadeVideo {
            video,
            captions,
            transcript,
            poster,
            chapters,
            duration_ms: timeline.length_ms,
        })
    }
}
