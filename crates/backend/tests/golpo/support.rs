//! A store, workers and a double; time goes on when nothing is due.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use backend::jobs::{Settings, Worker};
use backend::objects::Objects;
use backend::records::{Created, Records};
use backend::store;
use backend::vault::keys::KeyRingLimits;
use backend::vault::{KeyRing, LocalMasterKeys};
use engine::VideoEngine;
use engine::golpo::{Config, GolpoEngine, Limits, World};
use fit::{Audiences, Clock, Jwks, Tenant};
use golpo_double::{Behaviour, Double};
use protocol::{ApiKey, NewVideo, Video, VideoId, VideoState};
use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::tokens::{AUDIENCE, Signer, claims};

/// Making an RSA key takes long; one serves all tests.
static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::new("test-key"));

/// One clock for all: the workers', the engine's.
#[derive(Debug, Clone)]
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

impl World for TestClock {
    fn unix_seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn random(&self) -> [u8; 16] {
        *uuid::Uuid::new_v4().as_bytes()
    }
}

/// The smallest file that is a whole MP4 of ten seconds: a head, an index that tells the length, and
/// something that would be pictures.
pub fn tiny_film() -> Vec<u8> {
    let atom = |kind: &[u8; 4], body: &[u8]| {
        let mut atom = u32::try_from(body.len() + 8)
            .unwrap()
            .to_be_bytes()
            .to_vec();
        atom.extend_from_slice(kind);
        atom.extend_from_slice(body);
        atom
    };
    let mut length = vec![0; 100];
    length[12..16].copy_from_slice(&1_000_u32.to_be_bytes());
    length[16..20].copy_from_slice(&10_000_u32.to_be_bytes());
    let mut film = atom(b"ftyp", b"isom\0\0\x02\0isom");
    film.extend(atom(b"moov", &atom(b"mvhd", &length)));
    film.extend(atom(b"mdat", b"pictures"));
    film
}

/// The service's parts.
pub struct Place {
    pub double: Double,
    pub clock: TestClock,
    pub records: Records,
    pub engine: Arc<dyn VideoEngine>,
    objects: Objects,
    notify: Arc<Notify>,
    directory: tempfile::TempDir,
}

/// A running worker.
pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    /// As SIGKILL does.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

impl Place {
    pub async fn new(behaviour: Behaviour) -> Self {
        // Thousands of transactions: that they survive a power cut is not what is tested here.
        let memory = PathBuf::from("/dev/shm");
        let directory = tempfile::Builder::new()
            .prefix("golpo-test-")
            .tempdir_in(memory);
        let directory = directory.or_else(|_| tempfile::tempdir()).unwrap();
        let double = Double::start(behaviour).await.unwrap();
        let clock = TestClock(Arc::new(AtomicI64::new(now())));
        let masters = LocalMasterKeys::read_or_create(&directory.path().join("master.key"));
        let keys = KeyRing::new(Arc::new(masters.unwrap()), KeyRingLimits::default());
        let url = format!("sqlite://{}/golpo.db", directory.path().display());
        let store = store::open(&url).await.unwrap();
        let config = Config {
            address: double.url().parse().unwrap(),
            files: vec![],
            deadline: Duration::from_secs(2 * 60 * 60),
            logo: None,
            limits: Limits {
                answer: Duration::from_millis(500),
                ..Limits::default()
            },
        };
        let engine = GolpoEngine::new(config, Arc::new(clock.clone())).unwrap();
        Self {
            double,
            clock,
            records: Records::new(store, Arc::new(keys)),
            engine: Arc::new(engine),
            objects: Objects::local(&directory.path().join("objects")).unwrap(),
            notify: Arc::default(),
            directory,
        }
    }

    pub fn worker(&self) -> Running {
        let worker = Worker {
            records: self.records.clone(),
            objects: self.objects.clone(),
            engine: Arc::clone(&self.engine),
            clock: Arc::new(self.clock.clone()),
            notify: Arc::clone(&self.notify),
            settings: Settings {
                heartbeat: Duration::from_millis(50),
                poll: Duration::from_millis(10),
                ..Settings::default()
            },
        };
        let stop = CancellationToken::new();
        let task = tokio::spawn(worker.run(stop.clone()));
        Running { stop, task }
    }

    /// A tenant with this key, or with none.
    pub async fn tenant(&self, site: &str, key: Option<&str>) -> Tenant {
        let now = Clock::unix_seconds(&self.clock);
        let token = SIGNER.sign(&claims(site, now));
        let keys = Jwks::parse(SIGNER.jwks().as_bytes()).unwrap();
        let audiences = Audiences::new([AUDIENCE.to_owned()]).unwrap();
        let tenant = fit::verify(&token, &keys, &audiences, now).unwrap();
        self.records.admit(&tenant, now).await.unwrap();
        if let Some(key) = key {
            self.save(&tenant, key).await;
        }
        tenant
    }

    pub async fn save(&self, tenant: &Tenant, key: &str) {
        let key = ApiKey::try_from(key.to_owned()).unwrap();
        let now = Clock::unix_seconds(&self.clock);
        self.records.put_api_key(tenant, &key, now).await.unwrap();
    }

    /// Asks for a video.
    pub async fn create(&self, tenant: &Tenant) -> VideoId {
        let new: NewVideo = serde_json::from_value(json!({
            "pageId": "65601",
            "pageVersion": 3,
            "script": { "title": "Canary title", "sections": [
                { "heading": "Why", "text": "Canary sentence about the turnip vault." }] },
        }))
        .unwrap();
        let key = uuid::Uuid::new_v4().to_string();
        let now = Clock::unix_seconds(&self.clock);
        match self
            .records
            .create_video(tenant, &new, &key, now)
            .await
            .unwrap()
        {
            Created::New(id, _) => id,
            other => panic!("{other:?}"),
        }
    }

    pub async fn video(&self, tenant: &Tenant, id: &VideoId) -> Video {
        self.records.video(tenant, id).await.unwrap().unwrap()
    }

    /// What a video waits for, once it says so.
    pub async fn waits(&self, tenant: &Tenant, id: &VideoId) -> String {
        for _ in 0..1_000 {
            let video = self.video(tenant, id).await;
            if let Some(failure) = &video.failure {
                assert_eq!(
                    video.state,
                    VideoState::Queued,
                    "it waits, and did not fail"
                );
                return failure.code.to_string();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it does not say what it waits for");
    }

    /// Lets time go on whenever no job is being worked on, until this holds.
    pub async fn until(&self, mut done: impl AsyncFnMut(&Self) -> bool) {
        let mut quiet = 0;
        for _ in 0..60_000 {
            if done(self).await {
                return;
            }
            let queue = self
                .records
                .store()
                .queue(Clock::unix_seconds(&self.clock))
                .await
                .unwrap();
            // Twice in a row, so that a worker between two jobs is not mistaken for an idle one.
            quiet = if queue.running == 0 { quiet + 1 } else { 0 };
            if quiet >= 3 {
                quiet = 0;
                self.clock.forward(3);
            }
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
        panic!("it does not come to be");
    }

    /// Until a video is done.
    pub async fn until_done(&self, tenant: &Tenant, id: &VideoId) -> Video {
        self.until(async |place: &Self| {
            let video = place.video(tenant, id).await;
            assert_ne!(video.state, VideoState::Failed, "{video:?}");
            video.state == VideoState::Done
        })
        .await;
        self.video(tenant, id).await
    }

    pub async fn charges(&self, tenant: &Tenant) -> u32 {
        let now = Clock::unix_seconds(&self.clock);
        self.records.usage(tenant, now).await.unwrap().videos
    }

    /// Every byte that the database keeps.
    pub fn database_bytes(&self) -> Vec<u8> {
        ["golpo.db", "golpo.db-wal"]
            .iter()
            .filter_map(|name| std::fs::read(self.directory.path().join(name)).ok())
            .flatten()
            .collect()
    }
}

/// Now, since the double tells when it took an order; in the middle of a month, so that no test sees
/// its end.
fn now() -> i64 {
    let now = std::time::SystemTime::now();
    let now = now
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    now.as_secs().cast_signed()
}
