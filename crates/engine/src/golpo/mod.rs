//! Golpo's REST API as an engine. Each attempt does one thing and returns: an order is noted, then
//! sent, then looked at now and then, then fetched, so that no worker is held by a video that takes
//! an hour, and one that dies costs nothing. It must never send an order twice: what was noted as
//! being sent is looked for in Golpo's list before anything is sent anew, and where the list does
//! not tell, nobody guesses.

mod answer;
mod client;
mod film;
mod guard;
mod note;
pub mod options;
mod patience;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use protocol::{
    ApiKey, EngineDescription, Language, Length, Music, OptionCatalogue, Orientation, Stage, Style,
    Voice,
};
use reqwest::Url;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

pub use client::Limits;
pub use guard::{AddressError, HostPattern, NotAHost};
pub use patience::{Machine, World};

use self::answer::{Job, Submitted};
use self::client::{CallError, Client, FileError, Session, UploadError};
use self::film::Film;
use self::guard::Guard;
use self::note::Note;
use self::options::{Corner, Generate, Uploaded};
use self::patience::Breakers;
use crate::{Account, EngineError, MadeVideo, Order, Progress, VideoEngine, Waiting};

/// A submission that was not answered is looked for until this long after it was sent: a request may
/// take a minute, and the list may be a little behind.
const LOOK_FOR: i64 = 120;
/// How much the clocks here and there may differ.
const CLOCKS: i64 = 300;
/// How many videos are listed at once, and how many times.
const PAGE: usize = 50;
const PAGES: usize = 40;
/// For so long a job may be unknown to Golpo's status call.
const UNKNOWN: i64 = 600;

/// What a deployment decides of Golpo.
#[derive(Debug, Clone)]
pub struct Config {
    /// The API's address, without a path: https, or http to this machine in development.
    pub address: Url,
    /// The hosts that files may lie on, beside the API's own.
    pub files: Vec<HostPattern>,
    /// How long Golpo may take for one video.
    pub deadline: Duration,
    /// A PNG, JPEG or SVG that is put on every video, and its corner.
    pub logo: Option<(PathBuf, Corner)>,
    /// Bounds of what is waited for and taken.
    pub limits: Limits,
}

/// Why there can be no such engine.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The API's address is not one to connect to.
    #[error("the address of Golpo's API cannot be used")]
    Address(#[from] AddressError),
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made")]
    Client(#[from] reqwest::Error),
}

/// The engine. Cheap to share; holds no key.
#[derive(Debug)]
pub struct GolpoEngine {
    client: Client,
    deadline: Duration,
    logo: Option<(PathBuf, Corner)>,
    breakers: Breakers,
    world: Arc<dyn World>,
    /// Where the logo lies at Golpo is told by key, and asked for once at a time.
    uploading: Mutex<()>,
}

impl GolpoEngine {
    /// An engine for a deployment.
    pub fn new(config: Config, world: Arc<dyn World>) -> Result<Self, ConfigError> {
        let guard = Guard::new(&config.address, &config.files)?;
        Ok(Self {
            client: Client::new(&config.address, guard, config.limits, Arc::clone(&world))?,
            deadline: config.deadline,
            logo: config.logo,
            breakers: Breakers::default(),
            world,
            uploading: Mutex::new(()),
        })
    }

    fn now(&self) -> i64 {
        self.world.unix_seconds()
    }

    fn chance(&self) -> u8 {
        self.world.random()[0]
    }

    fn later(&self, why: Waiting, made_for: i64) -> EngineError {
        let made_for = Duration::from_secs(u64::try_from(made_for).unwrap_or(0));
        EngineError::Later {
            after: patience::between_looks(made_for, self.chance()),
            why,
        }
    }

    /// A call that brought nothing, as what becomes of the order.
    fn refused(&self, key: &ApiKey, error: CallError) -> EngineError {
        match error {
            CallError::Unreached | CallError::Unanswered(_) => {
                let failures = self.breakers.failed(key, self.now());
                let pause = patience::after_failures(failures, self.chance());
                let asked = match error {
                    CallError::Unanswered(asked) => asked.unwrap_or_default(),
                    _ => Duration::ZERO,
                };
                EngineError::Later {
                    after: pause.max(asked),
                    why: Waiting::Unavailable,
                }
            }
            CallError::Busy(asked) => {
                let pause = patience::after_failures(3, self.chance());
                let after = asked.map_or(pause, |asked| asked.max(patience::SHORTEST));
                self.breakers.busy(key, self.now(), after);
                let why = Waiting::Busy;
                EngineError::Later { after, why }
            }
            CallError::KeyRefused => EngineError::ApiKeyRefused,
            CallError::Plan => EngineError::Plan,
            CallError::Invalid(field) => EngineError::Option {
                field: field.unwrap_or("request"),
                limit: "Golpo does not accept what was chosen",
            },
            CallError::NotFound | CallError::Refused(_) => EngineError::Part {
                part: "golpo",
                reason: error.to_string(),
            },
        }
    }

    /// Has Golpo write a script of what is ordered, so that a person can see and change it before a
    /// video is paid for. To be called again as [`EngineError::Later`] says, with the same journal,
    /// which is not the one of the video.
    pub async fn write_script(
        &self,
        order: Order<'_>,
        cancel: CancellationToken,
    ) -> Result<String, EngineError> {
        let key = order.api_key.ok_or(EngineError::ApiKeyMissing)?;
        let (progress, _) = watch::channel(Progress {
            stage: Stage::Waiting,
            percent: 0,
        });
        let ready = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(EngineError::Cancelled),
            ready = self.advance(key, &order, &progress, Wanted::Script) => ready?,
        };
        match ready {
            Ready::Script(script) => Ok(script),
            Ready::Video(_) => Err(EngineError::GivenUp),
        }
    }

    async fn advance(
        &self,
        key: &ApiKey,
        order: &Order<'_>,
        progress: &watch::Sender<Progress>,
        wanted: Wanted,
    ) -> Result<Ready, EngineError> {
        if let Some(after) = self.breakers.wait(key, self.now()) {
            return Err(EngineError::Later {
                after: after.max(patience::SHORTEST),
                why: Waiting::Unavailable,
            });
        }
        let session = self
            .client
            .session(key)
            .map_err(|error| self.refused(key, error))?;
        let chain = Chain {
            engine: self,
            session,
            key,
            order,
            progress,
            wanted,
        };
        match Note::read(order.journal).await? {
            Note::Nothing => Err(chain.submit().await),
            Note::Sending { key: sent, .. } if sent != hashed(key) => Err(EngineError::Unclear),
            Note::Sending { reference, at, .. } => Err(chain.find(&reference, at).await),
            Note::Sent { job, video, at } => chain.look(Submitted { job, video }, at).await,
        }
    }
}

/// What is wanted of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Video,
    Script,
}

/// What an order brought.
enum Ready {
    Video(MadeVideo),
    Script(String),
}

/// A key as it stands in a sealed note: to be compared, and nothing else.
fn hashed(key: &ApiKey) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    key.expose().hash(&mut hasher);
    hasher.finish()
}

/// One attempt at an order.
struct Chain<'a> {
    engine: &'a GolpoEngine,
    session: Session<'a>,
    key: &'a ApiKey,
    order: &'a Order<'a>,
    progress: &'a watch::Sender<Progress>,
    wanted: Wanted,
}

impl Chain<'_> {
    fn refused(&self, error: CallError) -> EngineError {
        if error.is_answer() {
            self.engine.breakers.answered(self.key);
        }
        self.engine.refused(self.key, error)
    }

    /// Sends the order. There is always more to do after it, which is what the error says.
    async fn submit(&self) -> EngineError {
        match self.try_submit().await {
            Ok(never) => match never {},
            Err(error) => error,
        }
    }

    async fn try_submit(&self) -> Result<std::convert::Infallible, EngineError> {
        let engine = self.engine;
        if let Some(left) = engine.breakers.wait_to_order(self.key, engine.now()) {
            let pause = patience::after_failures(3, engine.chance());
            return Err(EngineError::Later {
                after: left.max(pause),
                why: Waiting::Busy,
            });
        }
        let reference = format!("ref {}", hex(&self.engine.world.random()));
        let mut generate = Generate::of(self.order.script, self.order.options, &reference)?;
        if self.wanted == Wanted::Script {
            generate = generate.of_the_script_alone();
        } else if let Some((path, corner)) = &self.engine.logo {
            generate.logo = Some((self.logo(path).await?, *corner));
        }
        let at = self.engine.now();
        let key = hashed(self.key);
        let sending = Note::Sending { reference, at, key };
        sending.write(self.order.journal).await?;
        let sent = self.session.generate(&generate.body()).await;
        match sent {
            Ok(submitted) => {
                self.engine.breakers.answered(self.key);
                Note::sent(submitted, at).write(self.order.journal).await?;
                self.show(0);
                Err(self.engine.later(Waiting::Working, 0))
            }
            // Maybe it is begun: the note stays, and the next attempt looks for it.
            Err(error @ CallError::Unanswered(_)) => Err(self.refused(error)),
            // It is certain that nothing was begun.
            Err(error) => {
                Note::Nothing.write(self.order.journal).await?;
                Err(self.refused(error))
            }
        }
    }

    async fn logo(&self, path: &Path) -> Result<Uploaded, EngineError> {
        let _one_at_a_time = self.engine.uploading.lock().await;
        let bytes = tokio::fs::read(path).await?;
        let kind = match path.extension().and_then(|end| end.to_str()) {
            Some("svg") => "image/svg+xml",
            Some("jpg" | "jpeg") => "image/jpeg",
            _ => "image/png",
        };
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("logo");
        self.session
            .upload(name, kind, bytes)
            .await
            .map_err(|error| match error {
                UploadError::Size => EngineError::Option {
                    field: "logo",
                    limit: "a file has 1 byte to 15 MB",
                },
                UploadError::Call(error) => self.refused(error),
                UploadError::File(error) => part("upload", &error),
            })
    }

    /// Looks for an order that was sent and not answered; sends it anew only where it is certain that
    /// Golpo has none of it.
    async fn find(&self, reference: &str, at: i64) -> EngineError {
        let (found, clear) = match self.listed(reference, at).await {
            Ok(looked) => looked,
            Err(error) => return self.refused(error),
        };
        self.engine.breakers.answered(self.key);
        if let Some(submitted) = found {
            tracing::info!("an order without an answer was found at Golpo");
            return match Note::sent(submitted, at).write(self.order.journal).await {
                Ok(()) => self.engine.later(Waiting::Working, 0),
                Err(error) => error.into(),
            };
        }
        if self.engine.now() < at.saturating_add(LOOK_FOR) {
            return self.engine.later(Waiting::Unavailable, LOOK_FOR);
        }
        if !clear {
            return EngineError::Unclear;
        }
        tracing::info!("an order without an answer is not at Golpo and is sent anew");
        self.submit().await
    }

    /// The submission with this reference, and whether the list told enough to know that there is
    /// none: all of it was read, and no video that may be ours hides its prompt.
    async fn listed(
        &self,
        reference: &str,
        at: i64,
    ) -> Result<(Option<Submitted>, bool), CallError> {
        let mut clear = true;
        let mut read = 0;
        for _ in 0..PAGES {
            let (videos, total) = self.session.videos(PAGE, read).await?;
            let count = videos.len();
            read += count;
            let since = at.saturating_sub(CLOCKS);
            let mut older = 0;
            for video in &videos {
                if video.mentions(reference) {
                    if video.submitted.job.is_some() || video.submitted.video.is_some() {
                        return Ok((Some(video.submitted.clone()), true));
                    }
                    clear = false;
                }
                let old = video.created_at.is_some_and(|created| created < since);
                older += usize::from(old);
                clear = clear && (old || video.tells_prompt);
            }
            let descending = videos.first().map(|video| video.created_at)
                > videos.last().map(|video| video.created_at);
            let all = count == 0
                || total.map_or(count < PAGE, |total| read as u64 >= total)
                // Newest first, and these are all older than the order.
                || (older == count && descending);
            if all {
                return Ok((None, clear));
            }
        }
        Ok((None, false))
    }

    /// Looks how an order stands that Golpo has, and fetches it when it is done.
    async fn look(&self, submitted: Submitted, at: i64) -> Result<Ready, EngineError> {
        let job = match (&submitted.job, &submitted.video) {
            (Some(job), _) => self.session.status(job).await,
            (None, Some(video)) => self.session.video(video).await,
            (None, None) => return Err(EngineError::Unclear),
        };
        let made_for = self.engine.now().saturating_sub(at).max(0);
        let job = match job {
            Ok(job) => job,
            // Just begun, it may not be known everywhere yet.
            Err(CallError::NotFound) if made_for < UNKNOWN => Job::Working(None),
            Err(CallError::NotFound) => Job::Failed,
            Err(error) => return Err(self.refused(error)),
        };
        self.engine.breakers.answered(self.key);
        match job {
            Job::Working(percent) => {
                if made_for >= self.engine.deadline.as_secs().cast_signed() {
                    return Err(EngineError::TimedOut);
                }
                self.show(percent.unwrap_or(0));
                Err(self.engine.later(Waiting::Working, made_for))
            }
            Job::Failed => {
                self.engine.breakers.ended(self.key);
                Err(EngineError::GivenUp)
            }
            Job::Script(script) => {
                self.engine.breakers.ended(self.key);
                match self.wanted {
                    Wanted::Script => Ok(Ready::Script(script)),
                    // Not what was ordered.
                    Wanted::Video => Err(EngineError::GivenUp),
                }
            }
            Job::Done(film) if self.wanted == Wanted::Script => {
                self.engine.breakers.ended(self.key);
                let script = film.transcript.ok_or(EngineError::GivenUp)?;
                Ok(Ready::Script(script))
            }
            Job::Done(mut film) => {
                self.engine.breakers.ended(self.key);
                if film.url.is_none()
                    && let Some(video) = &submitted.video
                {
                    let found = self.session.video(video).await;
                    if let Job::Done(other) = found.map_err(|error| self.refused(error))? {
                        film.url = other.url;
                        film.transcript = film.transcript.or(other.transcript);
                    }
                }
                let url = film.url.ok_or_else(|| EngineError::Part {
                    part: "golpo",
                    reason: "a finished video has no address".to_owned(),
                })?;
                self.show(100);
                match self.fetch(&url, film.transcript).await? {
                    Ok(made) => Ok(Ready::Video(made)),
                    // It is made and paid for: it is fetched when that works again.
                    Err(error) if made_for < 4 * self.engine.deadline.as_secs().cast_signed() => {
                        tracing::warn!(%error, "a finished video could not be fetched yet");
                        Err(self.engine.later(Waiting::Unavailable, made_for))
                    }
                    Err(error) => Err(part("download", &error)),
                }
            }
        }
    }

    /// Copies the video; the inner error is one of the connection's, which may be over soon.
    async fn fetch(
        &self,
        url: &str,
        transcript: Option<String>,
    ) -> Result<Result<MadeVideo, FileError>, EngineError> {
        let directory = std::path::absolute(self.order.directory)?;
        let video = directory.join("video.mp4");
        let bytes = match self.engine.client.fetch(url, &video).await {
            Ok(bytes) => bytes,
            Err(FileError::Disk) => {
                let error = std::io::Error::other("the video could not be written");
                return Err(EngineError::File(error));
            }
            Err(error @ (FileError::Address(_) | FileError::TooLarge)) => {
                return Err(part("download", &error));
            }
            Err(error) => return Ok(Err(error)),
        };
        tracing::info!(bytes, "a video was fetched from Golpo");
        let script = self.order.script.clone();
        let made =
            tokio::task::spawn_blocking(move || finish(&script, transcript, &directory, video));
        let made = made.await.map_err(|_| EngineError::Part {
            part: "film",
            reason: "looking at it ended early".to_owned(),
        });
        made?.map(Ok)
    }

    /// Golpo's stages are its own: a person sees how far it is, and that it is being drawn.
    fn show(&self, percent: u8) {
        let percent = u8::try_from(u16::from(percent.min(100)) * 9 / 10).unwrap_or(90);
        self.progress.send_if_modified(|last| {
            let on = percent > last.percent || last.stage < Stage::Drawing;
            if on {
                *last = Progress {
                    stage: Stage::Drawing,
                    percent: percent.max(last.percent),
                };
            }
            on
        });
    }
}

/// Looks at a fetched video and makes the files that belong to it.
fn finish(
    script: &protocol::Script,
    transcript: Option<String>,
    directory: &Path,
    video: PathBuf,
) -> Result<MadeVideo, EngineError> {
    let mut film = Film::open(&video).map_err(|error| part("film", &error))?;
    let told = transcript.unwrap_or_else(|| options::told(script));
    let file = |name: &str| directory.join(name);
    let made = MadeVideo {
        video,
        captions: file("captions.vtt"),
        transcript: file("transcript.txt"),
        poster: file("poster.png"),
        chapters: film::chapters(script, film.duration_ms),
        duration_ms: film.duration_ms,
    };
    let poster = film.poster().ok_or_else(|| EngineError::Part {
        part: "poster",
        reason: "it could not be drawn".to_owned(),
    })?;
    std::fs::write(&made.poster, poster)?;
    std::fs::write(&made.captions, film::captions(&told, made.duration_ms))?;
    std::fs::write(&made.transcript, told)?;
    Ok(made)
}

fn part(part: &'static str, error: &dyn std::error::Error) -> EngineError {
    EngineError::Part {
        part,
        reason: error.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[async_trait::async_trait]
impl VideoEngine for GolpoEngine {
    fn describe(&self) -> EngineDescription {
        EngineDescription {
            name: "golpo".to_owned(),
            requires_api_key: true,
            options: OptionCatalogue {
                styles: vec![Style::Whiteboard, Style::Chalkboard, Style::ModernMinimal],
                voices: vec![Voice::Female1, Voice::Female2, Voice::Male1, Voice::Male2],
                languages: languages(),
                lengths: vec![
                    Length::Auto,
                    Length::Seconds30,
                    Length::Minute1,
                    Length::Minutes2,
                    Length::Minutes4,
                ],
                music: vec![
                    Music::None,
                    Music::Jazz,
                    Music::Lofi,
                    Music::Dramatic,
                    Music::Whimsical,
                    Music::Engaging,
                    Music::Inspirational,
                    Music::Documentary,
                ],
                orientations: vec![Orientation::Landscape, Orientation::Portrait],
            },
        }
    }

    async fn account(&self, key: &ApiKey) -> Result<Option<Account>, EngineError> {
        let session = self
            .client
            .session(key)
            .map_err(|error| self.refused(key, error))?;
        match session.credits().await {
            Ok(credits) => Ok(Some(Account { credits })),
            // Not every plan tells its credits; whether the key is good, every one tells.
            Err(CallError::NotFound | CallError::Plan | CallError::Refused(_)) => {
                match session.videos(1, 0).await {
                    Ok(_) => Ok(Some(Account::default())),
                    Err(error) => Err(self.refused(key, error)),
                }
            }
            Err(error) => Err(self.refused(key, error)),
        }
    }

    async fn make(
        &self,
        order: Order<'_>,
        progress: watch::Sender<Progress>,
        cancel: CancellationToken,
    ) -> Result<MadeVideo, EngineError> {
        let key = order.api_key.ok_or(EngineError::ApiKeyMissing)?;
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(EngineError::Cancelled),
            ready = self.advance(key, &order, &progress, Wanted::Video) => match ready? {
                Ready::Video(made) => Ok(made),
                Ready::Script(_) => Err(EngineError::GivenUp),
            },
        }
    }
}

/// Languages that Golpo is offered in; others can be told to it and may be understood.
fn languages() -> Vec<Language> {
    let tags = [
        "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "fi", "cs", "tr", "ru", "uk",
        "ar", "he", "hi", "bn", "id", "ja", "ko", "zh",
    ];
    tags.iter()
        .filter_map(|tag| Language::try_from((*tag).to_owned()).ok())
        .collect()
}
