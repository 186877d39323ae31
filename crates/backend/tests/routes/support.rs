//! Starts the service for one test, and talks to it as Forge and as a browser do.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use backend::app::App;
use backend::deletion::Deletions;
use backend::jobs::{Settings, Worker};
use backend::limits::Limits;
use backend::objects::Objects;
use backend::records::Records;
use backend::router::router;
use backend::routes::security_txt::SecurityTxt;
use backend::store;
use backend::telemetry;
use backend::upkeep::{KeptDays, Upkeep};
use backend::vault::keys::KeyRingLimits;
use backend::vault::{KeyRing, LocalMasterKeys};
use engine::{Account, EngineError, MadeVideo, Order, Progress, VideoEngine, Waiting};
use fit::{Audiences, Clock, Verifier};
use protocol::{
    ApiKey, Chapter, EngineDescription, Language, Length, Music, OptionCatalogue, Orientation,
    Stage, Style,
};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::postgres;
use super::tokens::{AUDIENCE, Signer, claims};

pub const TITLE: &str = "Canary title of the pelican plan";
pub const TEXT: &str = "Canary sentence about the turnip vault.";
pub const CHAPTER: &str = "Canary chapter of the walrus";
/// The principal in every test token.
pub const PRINCIPAL: &str = "712020:00000000-aaaa-bbbb-cccc-000000000001";

/// Making an RSA key takes long; one serves all tests.
static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::new("test-key"));

#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn unix_seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// What the test's engine does with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    Makes,
    /// Fails so many times, then makes.
    FailsFirst(u32),
    /// Makes a file of a few bytes.
    MakesSmall,
    /// Makes, after this pause.
    MakesAfter(Duration),
    /// Says 40 percent and waits to be cancelled.
    Hangs,
    Panics,
    Unsupported,
    /// Refuses a script as too long.
    TooLong,
    /// Hands out a file that is not in its directory.
    Strays,
}

pub struct TestEngine {
    behaviour: Behaviour,
    pub attempts: AtomicU32,
}

/// What the engine writes as a video: long enough for ranges, no byte like its neighbour.
pub fn video_bytes() -> Vec<u8> {
    (0..200_000u32)
        .map(|index| (index * 7 % 251) as u8)
        .collect()
}

#[async_trait::async_trait]
impl VideoEngine for TestEngine {
    fn describe(&self) -> EngineDescription {
        EngineDescription {
            name: "test".to_owned(),
            requires_api_key: false,
            options: OptionCatalogue {
                styles: vec![Style::Whiteboard],
                voices: vec![],
                languages: vec![Language::default()],
                lengths: vec![Length::Auto],
                music: vec![Music::None],
                orientations: vec![Orientation::Landscape],
            },
        }
    }

    /// What it says of a key stands in the key.
    async fn account(&self, key: &ApiKey) -> Result<Option<Account>, EngineError> {
        match key.expose().split('-').next() {
            Some("refused") => Err(EngineError::ApiKeyRefused),
            Some("empty") => Err(EngineError::Plan),
            Some("silent") => Err(EngineError::Later {
                after: Duration::from_secs(5),
                why: Waiting::Unavailable,
            }),
            Some("rich") => Ok(Some(Account {
                credits: Some(41.9),
            })),
            _ => Ok(None),
        }
    }

    async fn make(
        &self,
        order: Order<'_>,
        progress: watch::Sender<Progress>,
        cancel: CancellationToken,
    ) -> Result<MadeVideo, EngineError> {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst);
        assert!(std::fs::read_dir(order.directory).unwrap().next().is_none());
        let made = MadeVideo {
            video: order.directory.join("v.mp4"),
            captions: order.directory.join("c.vtt"),
            transcript: order.directory.join("t.txt"),
            poster: order.directory.join("p.png"),
            chapters: vec![Chapter {
                start_ms: 0,
                title: CHAPTER.to_owned(),
            }],
            duration_ms: 12_500,
        };
        let broken = || EngineError::Part {
            part: "encoder",
            reason: "broken on purpose".to_owned(),
        };
        match self.behaviour {
            Behaviour::FailsFirst(times) if attempt < times => return Err(broken()),
            Behaviour::Hangs => {
                progress
                    .send(Progress {
                        stage: Stage::Drawing,
                        percent: 40,
                    })
                    .ok();
                cancel.cancelled().await;
                return Err(EngineError::Cancelled);
            }
            Behaviour::Panics => panic!("{}", order.script.title()),
            Behaviour::MakesAfter(pause) => tokio::time::sleep(pause).await,
            Behaviour::Unsupported => return Err(EngineError::Unsupported("on purpose")),
            Behaviour::TooLong => return Err(EngineError::TooLong),
            Behaviour::Strays => {
                let video = PathBuf::from("/etc/hostname");
                std::fs::write(&made.captions, "WEBVTT\n")?;
                std::fs::write(&made.poster, "poster")?;
                return Ok(MadeVideo { video, ..made });
            }
            _ => {}
        }
        progress
            .send(Progress {
                stage: Stage::Drawing,
                percent: 60,
            })
            .ok();
        let small = self.behaviour == Behaviour::MakesSmall;
        let video = if small {
            b"video".to_vec()
        } else {
            video_bytes()
        };
        std::fs::write(&made.video, video)?;
        std::fs::write(&made.captions, "WEBVTT\n")?;
        std::fs::write(&made.poster, "poster")?;
        Ok(made)
    }
}

/// Which database this test program is about: its name says it (see Cargo.toml).
enum Database {
    Sqlite(PathBuf),
    Postgres(postgres::Database),
}

impl Database {
    async fn start(directory: &Path) -> Self {
        match env!("CARGO_CRATE_NAME") {
            "routes" => Self::Sqlite(directory.join("golpo.db")),
            "routes_postgres" => Self::Postgres(postgres::Database::start().await),
            other => panic!("no database for {other}"),
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres(database) => database.service_url(),
        }
    }
}

pub struct Service {
    pub address: String,
    pub clock: TestClock,
    pub directory: tempfile::TempDir,
    pub records: Records,
    pub deletions: Deletions,
    database: Database,
    objects: Objects,
    notify: Arc<Notify>,
    http: reqwest::Client,
}

pub struct RunningWorker {
    pub engine: Arc<TestEngine>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl RunningWorker {
    /// As SIGTERM does.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    /// As SIGKILL does: nothing of the worker runs any more, its job stays claimed.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

impl Service {
    pub async fn start() -> Self {
        Self::start_with(false).await
    }

    /// On a disk that is none, where there is one: for tests that write much and never look at what a
    /// power cut would leave.
    pub async fn start_in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        let directory = match memory.is_dir() {
            true => tempfile::tempdir_in(memory),
            false => tempfile::tempdir(),
        };
        // And asks faster than a site may.
        let often = NonZeroU32::MAX;
        Self::start_at(false, directory.unwrap(), Limits::new(often, often)).await
    }

    pub async fn start_with(require_api_key: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self::start_at(require_api_key, directory, Limits::default()).await
    }

    async fn start_at(require_api_key: bool, directory: tempfile::TempDir, limits: Limits) -> Self {
        telemetry::init_metrics();
        let clock = TestClock(Arc::new(AtomicI64::new(1_800_000_000)));
        let masters = LocalMasterKeys::read_or_create(&directory.path().join("master.key"));
        let keys = KeyRing::new(Arc::new(masters.unwrap()), KeyRingLimits::default());
        let database = Database::start(directory.path()).await;
        let store = store::open(&database.url()).await.unwrap();
        let records = Records::new(store, Arc::new(keys));
        let objects = Objects::local(&directory.path().join("objects")).unwrap();
        let notify = Arc::new(Notify::new());
        let keys =
            axum::Router::new().route("/jwks.json", axum::routing::get(|| async { SIGNER.jwks() }));
        let keys = listen(keys).await;
        let verifier = Verifier::new(
            format!("{keys}/jwks.json").parse().unwrap(),
            Audiences::new([AUDIENCE.to_owned()]).unwrap(),
            Arc::new(clock.clone()),
        );
        let deletions = Deletions {
            records: records.clone(),
            objects: objects.clone(),
            clock: Arc::new(clock.clone()),
            wake: Arc::default(),
        };
        let (router, _) = router(Arc::new(App {
            records: records.clone(),
            objects: objects.clone(),
            deletions: deletions.clone(),
            verifier: verifier.unwrap(),
            engine: Arc::new(TestEngine {
                behaviour: Behaviour::Makes,
                attempts: 0.into(),
            }),
            clock: Arc::new(clock.clone()),
            notify: Arc::clone(&notify),
            public_url: "https://videos.example.com".to_owned(),
            security_txt: SecurityTxt::default(),
            require_api_key,
            limits,
        }));
        let address = listen(router).await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            address,
            clock,
            directory,
            records,
            deletions,
            database,
            objects,
            notify,
            http,
        }
    }

    /// What is done now and then, as every process of the service does it.
    pub fn upkeep(&self) -> Upkeep {
        Upkeep::new(self.deletions.clone(), KeptDays::default())
    }

    pub fn worker(&self, behaviour: Behaviour) -> RunningWorker {
        self.worker_beating(behaviour, Duration::from_millis(20))
    }

    /// A worker that gives a sign of life this often.
    pub fn worker_beating(&self, behaviour: Behaviour, heartbeat: Duration) -> RunningWorker {
        let engine = Arc::new(TestEngine {
            behaviour,
            attempts: 0.into(),
        });
        let stop = CancellationToken::new();
        let worker = Worker {
            records: self.records.clone(),
            objects: self.objects.clone(),
            engine: Arc::clone(&engine) as Arc<dyn VideoEngine>,
            clock: Arc::new(self.clock.clone()),
            notify: Arc::clone(&self.notify),
            settings: Settings {
                heartbeat,
                poll: Duration::from_millis(20),
                retry_seconds: 0,
                ..Settings::default()
            },
        };
        let task = tokio::spawn(worker.run(stop.clone()));
        RunningWorker { engine, stop, task }
    }

    pub fn token(&self, site: &str) -> String {
        SIGNER.sign(&claims(site, self.clock.unix_seconds()))
    }

    /// A request without a token.
    pub fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("{}{path}", self.address))
    }

    /// A request of a site.
    pub fn of(&self, site: &str, method: &str, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(self.token(site))
    }

    /// Asks for a video; its id.
    pub async fn create(&self, site: &str, idempotency_key: &str) -> String {
        let answer = self.post(site, idempotency_key, &new_video("65601")).await;
        assert_eq!(answer["status"], 202, "{answer}");
        answer["body"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn post(&self, site: &str, idempotency_key: &str, body: &Value) -> Value {
        let request = self.of(site, "POST", "/v1/videos");
        let request = request
            .header("idempotency-key", idempotency_key)
            .json(body);
        answer(request.send().await.unwrap()).await
    }

    pub async fn get(&self, site: &str, path: &str) -> Value {
        answer(self.of(site, "GET", path).send().await.unwrap()).await
    }

    /// Waits until the video is in this state.
    pub async fn wait(&self, site: &str, id: &str, state: &str) -> Value {
        for _ in 0..500 {
            let video = self.get(site, &format!("/v1/videos/{id}")).await["body"].clone();
            if video["state"] == state {
                return video;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the video did not come to be {state}");
    }

    /// A finished video's signed addresses, on this service's real address.
    pub async fn media(&self, site: &str, id: &str) -> Value {
        let mut media = self.get(site, &format!("/v1/videos/{id}/media")).await["body"].clone();
        for name in ["videoUrl", "captionsUrl", "posterUrl"] {
            let path = media[name].as_str().unwrap();
            media[name] = path
                .strip_prefix("https://videos.example.com")
                .unwrap()
                .into();
        }
        media
    }

    /// Everything that the database keeps: of SQLite every byte of the file and its log, of
    /// PostgreSQL every row.
    pub fn database_bytes(&self) -> Vec<u8> {
        match &self.database {
            Database::Sqlite(file) => [file.clone(), file.with_extension("db-wal")]
                .iter()
                .filter_map(|name| std::fs::read(name).ok())
                .flatten()
                .collect(),
            Database::Postgres(database) => database.dump(),
        }
    }

    /// Names of all stored files, relative to the object store.
    pub fn object_names(&self) -> Vec<String> {
        fn walk(directory: &std::path::Path, names: &mut Vec<String>) {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, names);
                } else {
                    names.push(path.display().to_string());
                }
            }
        }
        let mut names = Vec::new();
        walk(&self.directory.path().join("objects"), &mut names);
        names
    }
}

async fn listen(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

/// Status and JSON of an answer; problem details are checked for their media type.
pub async fn answer(response: Response) -> Value {
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").cloned();
    let text = response.text().await.unwrap();
    if status >= 400 {
        assert_eq!(kind.unwrap(), "application/problem+json", "{text}");
        let problem: protocol::Problem = serde_json::from_str(&text).unwrap();
        assert_eq!(problem.status, status);
    }
    let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    json!({ "status": status, "body": body })
}

pub fn new_video(page_id: &str) -> Value {
    json!({
        "pageId": page_id,
        "pageVersion": 3,
        "script": { "title": TITLE, "sections": [{ "heading": "Why", "text": TEXT }] },
    })
}

pub fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

pub const KEY_A: &str = "6b0f8f5e-2a54-4a0e-9a51-0f3f6a1f0a01";
pub const KEY_B: &str = "6b0f8f5e-2a54-4a0e-9a51-0f3f6a1f0a02";
