//! A worker as a process of its own: the product's, with an engine that is fast and bad, and a clock
//! that is as wrong as a file says.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use backend::jobs::{Settings, Worker};
use backend::records::Records;
use backend::store;
use backend::vault::keys::KeyRingLimits;
use backend::vault::{KeyRing, LocalMasterKeys};
use engine::{EngineError, MadeVideo, Order, Progress, VideoEngine};
use fit::Clock;
use protocol::{
    Chapter, EngineDescription, Language, Length, Music, OptionCatalogue, Orientation, Stage, Style,
};
use serde::Deserialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::chance;

/// The variable that makes this process a worker.
pub const VARIABLE: &str = "GOLPO_CHAOS_WORKER";
/// What a video is made of, in bytes.
pub const VIDEO_LEN: usize = 100_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    database: String,
    objects: PathBuf,
    endpoint: Option<String>,
    master_key: PathBuf,
    /// Seconds that the clock is wrong by.
    clock: Option<PathBuf>,
}

/// Not a test: what the others start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process of the other tests"]
async fn worker_process() {
    let told = std::env::var(VARIABLE).unwrap();
    let told: Told = serde_json::from_str(&told).unwrap();
    let masters = LocalMasterKeys::read(&told.master_key).unwrap();
    let keys = KeyRing::new(Arc::new(masters), KeyRingLimits::default());
    let worker = Worker {
        records: Records::new(store::open(&told.database).await.unwrap(), Arc::new(keys)),
        objects: crate::place::objects(&told.objects, told.endpoint.as_deref()).await,
        engine: Arc::new(Bad),
        clock: Arc::new(Wrong(told.clock)),
        notify: Arc::default(),
        settings: Settings {
            lease_seconds: 2,
            heartbeat: Duration::from_millis(100),
            poll: Duration::from_millis(50),
            // Kills are not the job's fault; what is after the last try, other tests show.
            max_attempts: 1_000_000,
            retry_seconds: 0,
            attempt: Duration::from_millis(700),
            ..Settings::default()
        },
    };
    worker.run(CancellationToken::new()).await;
}

struct Wrong(Option<PathBuf>);

impl Clock for Wrong {
    fn unix_seconds(&self) -> i64 {
        let text = self
            .0
            .as_ref()
            .and_then(|path| std::fs::read_to_string(path).ok());
        let wrong: i64 = text.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        fit::SystemClock.unix_seconds() + wrong
    }
}

/// Takes some milliseconds, and in one of five orders does anything but make a video.
struct Bad;

#[async_trait::async_trait]
impl VideoEngine for Bad {
    fn describe(&self) -> EngineDescription {
        EngineDescription {
            name: "chaos".to_owned(),
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

    async fn make(
        &self,
        order: Order<'_>,
        progress: watch::Sender<Progress>,
        cancel: CancellationToken,
    ) -> Result<MadeVideo, EngineError> {
        let failed = |reason: &str| EngineError::Part {
            part: "service",
            reason: reason.to_owned(),
        };
        crate::pause(2 + chance(20)).await;
        let _ = progress.send(Progress {
            stage: Stage::Storyboard,
            percent: 50,
        });
        let at = |name: &str| order.directory.join(name);
        match chance(100) {
            0..5 => return Err(failed("status 429")),
            5..10 => return Err(failed("status 500")),
            // Garbage: says that it is done, and nothing is there.
            10..13 => {}
            13..16 => panic!("the engine broke"),
            // Never answers, and does not hear either.
            16..18 => std::future::pending().await,
            18..20 => {
                cancel.cancelled().await;
                return Err(EngineError::Cancelled);
            }
            _ => {
                tokio::fs::write(at("v.mp4"), vec![7; VIDEO_LEN]).await?;
                tokio::fs::write(at("c.vtt"), "WEBVTT\n").await?;
                tokio::fs::write(at("t.txt"), "text").await?;
                tokio::fs::write(at("p.png"), "png").await?;
            }
        }
        Ok(MadeVideo {
            video: at("v.mp4"),
            captions: at("c.vtt"),
            transcript: at("t.txt"),
            poster: at("p.png"),
            chapters: vec![Chapter {
                start_ms: 0,
                title: "All".to_owned(),
            }],
            duration_ms: 1000,
        })
    }
}
