//! An engine, a double and an order's journal; time goes on when the test says so.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use engine::golpo::{Config, GolpoEngine, Limits, World};
use engine::{
    EngineError, Journal, JournalError, MadeVideo, Order, Progress, VideoEngine, Waiting,
};
use golpo_double::{Behaviour, Double};
use protocol::{ApiKey, Script, ScriptSection, Stage, VideoOptions};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub const FILM: &[u8] = include_bytes!("film.mp4");
pub const KEY: &str = "canary-golpo-key-of-the-heron";
pub const TITLE: &str = "Canary title of the heron plan";

/// A clock that the test moves, and chance that is not.
#[derive(Debug)]
pub struct TestWorld {
    now: AtomicI64,
    drawn: AtomicU64,
}

impl TestWorld {
    pub fn new() -> Arc<Self> {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        Arc::new(Self {
            now: AtomicI64::new(now.as_secs().cast_signed()),
            drawn: AtomicU64::new(0),
        })
    }

    pub fn forward(&self, pause: Duration) {
        self.now
            .fetch_add(pause.as_secs_f64().ceil() as i64, Ordering::SeqCst);
    }
}

impl World for TestWorld {
    fn unix_seconds(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    fn random(&self) -> [u8; 16] {
        let drawn = self.drawn.fetch_add(1, Ordering::SeqCst) + 1;
        u128::from(drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_be_bytes()
    }
}

/// The note of an order, which outlives attempts; writing fails when the test says so.
#[derive(Debug, Default)]
pub struct Kept {
    pub note: Mutex<Option<Vec<u8>>>,
    pub writes: AtomicU64,
    /// The write of this number fails, and nothing is kept.
    pub fails_at: AtomicU64,
    pub lost: AtomicBool,
}

#[async_trait::async_trait]
impl Journal for Kept {
    async fn read(&self) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.note.lock().unwrap().clone())
    }

    async fn write(&self, note: &[u8]) -> Result<(), JournalError> {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        if self.lost.load(Ordering::SeqCst) {
            return Err(JournalError::Lost);
        }
        if self.fails_at.load(Ordering::SeqCst) == number {
            return Err(JournalError::Unreachable);
        }
        *self.note.lock().unwrap() = Some(note.to_vec());
        Ok(())
    }
}

pub fn documented() -> Behaviour {
    Behaviour::documented(FILM)
}

pub fn script() -> Script {
    let section = |heading: &str, text: &str| ScriptSection {
        heading: heading.to_owned(),
        text: text.to_owned(),
    };
    let sections = vec![
        section(
            "The walrus",
            "Canary sentence about the turnip vault. It has five doors.",
        ),
        section("The end", "Nothing more."),
    ];
    Script::new(TITLE.to_owned(), sections).unwrap()
}

pub fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        answer: Duration::from_millis(400),
        file: Duration::from_secs(5),
        video_bytes: 4 * 1024 * 1024,
    }
}

pub fn config(double: &Double) -> Config {
    Config {
        address: double.url().parse().unwrap(),
        files: vec!["*.golpoai.com".parse().unwrap()],
        deadline: Duration::from_secs(2 * 60 * 60),
        logo: None,
        limits: limits(),
    }
}

/// An order at an engine at a double.
pub struct Desk {
    pub double: Double,
    pub world: Arc<TestWorld>,
    pub engine: GolpoEngine,
    pub journal: Kept,
    pub options: VideoOptions,
    pub key: ApiKey,
}

pub fn key(text: &str) -> ApiKey {
    ApiKey::try_from(text.to_owned()).unwrap()
}

impl Desk {
    pub async fn new(behaviour: Behaviour) -> Self {
        Self::with(behaviour, |_| {}).await
    }

    pub async fn with(behaviour: Behaviour, change: impl FnOnce(&mut Config)) -> Self {
        let double = Double::start(behaviour).await.unwrap();
        let world = TestWorld::new();
        let mut config = config(&double);
        change(&mut config);
        let engine = GolpoEngine::new(config, Arc::clone(&world) as Arc<dyn World>).unwrap();
        Self {
            double,
            world,
            engine,
            journal: Kept::default(),
            options: VideoOptions::default(),
            key: key(KEY),
        }
    }

    /// Another worker after a crash: a new engine, and the same order.
    pub fn restart(&mut self) {
        let world = Arc::clone(&self.world) as Arc<dyn World>;
        self.engine = GolpoEngine::new(config(&self.double), world).unwrap();
    }

    /// One attempt.
    pub async fn attempt(&self, directory: &Path) -> Result<MadeVideo, EngineError> {
        let start = Progress {
            stage: Stage::Waiting,
            percent: 0,
        };
        let (sender, _) = watch::channel(start);
        self.attempt_with(directory, sender, CancellationToken::new())
            .await
    }

    pub async fn attempt_with(
        &self,
        directory: &Path,
        sender: watch::Sender<Progress>,
        cancel: CancellationToken,
    ) -> Result<MadeVideo, EngineError> {
        let script = script();
        let order = Order {
            script: &script,
            options: &self.options,
            api_key: Some(&self.key),
            journal: &self.journal,
            directory,
        };
        self.engine.make(order, sender, cancel).await
    }

    /// Attempts, each when the one before said, until the order is done or goes wrong; what was
    /// waited for on the way.
    pub async fn until_done(
        &self,
        directory: &Path,
    ) -> (Result<MadeVideo, EngineError>, Vec<(Waiting, Duration)>) {
        let mut waited = Vec::new();
        for _ in 0..2_000 {
            match self.attempt(directory).await {
                Err(EngineError::Later { after, why }) => {
                    assert!(after >= Duration::from_secs(5), "{after:?}");
                    self.world.forward(after);
                    waited.push((why, after));
                }
                other => return (other, waited),
            }
        }
        panic!("the order never ends");
    }

    /// The video, and that nothing was asked that should not be.
    pub async fn video(&self, directory: &Path) -> MadeVideo {
        let made = self.until_done(directory).await.0.unwrap();
        assert_eq!(std::fs::read(&made.video).unwrap(), FILM);
        assert_eq!(self.double.counts().offences, Vec::<String>::new());
        made
    }
}
