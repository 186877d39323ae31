//! The engine against Golpo itself, for whoever has a key: `GOLPO_API_KEY=… cargo xtask test --live`.
//! One video of half a minute is ordered, which costs about one credit and takes some minutes. What
//! Golpo answers is kept by its shape alone in the file that GOLPO_EXCHANGES names.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::golpo::{Config, GolpoEngine, Limits, Machine};
use engine::{EngineError, Order, Progress, VideoEngine};
use protocol::{ApiKey, Length, Stage, VideoOptions};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::log::Log;
use super::support::{Kept, script};

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn engine() -> GolpoEngine {
    let address = variable("GOLPO_ENGINE_URL");
    let address = address.unwrap_or_else(|| "https://api.golpoai.com".to_owned());
    let hosts = variable("GOLPO_ENGINE_FILES_HOST");
    let hosts =
        hosts.unwrap_or_else(|| "*.golpoai.com,*.amazonaws.com,storage.googleapis.com".to_owned());
    let config = Config {
        address: address.parse().unwrap(),
        files: hosts.split(',').map(|host| host.parse().unwrap()).collect(),
        deadline: Duration::from_secs(60 * 60),
        logo: None,
        limits: Limits::default(),
    };
    GolpoEngine::new(config, Arc::new(Machine)).unwrap()
}

async fn a_video() {
    let key = variable("GOLPO_API_KEY").expect("GOLPO_API_KEY holds no key");
    let key = ApiKey::try_from(key).unwrap();
    let engine = engine();
    let wrong = ApiKey::try_from("no-key-that-golpo-ever-gave".to_owned()).unwrap();
    let refused = engine.account(&wrong).await.unwrap_err();
    assert!(
        refused.is_about_the_key(),
        "a wrong key is refused: {refused}"
    );
    engine.account(&key).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (journal, script) = (Kept::default(), script());
    let options = VideoOptions {
        length: Length::Seconds30,
        ..VideoOptions::default()
    };
    let started = Instant::now();
    let made = loop {
        assert!(
            started.elapsed() < Duration::from_secs(60 * 60),
            "an hour has passed"
        );
        let (sender, _) = watch::channel(Progress {
            stage: Stage::Waiting,
            percent: 0,
        });
        let order = Order {
            script: &script,
            options: &options,
            api_key: Some(&key),
            journal: &journal,
            directory: directory.path(),
        };
        match engine.make(order, sender, CancellationToken::new()).await {
            Err(EngineError::Later { after, .. }) => tokio::time::sleep(after).await,
            other => break other.unwrap(),
        }
    };
    assert!(
        (5_000..90_000).contains(&made.duration_ms),
        "{}",
        made.duration_ms
    );
    assert!(std::fs::read(&made.poster).unwrap().starts_with(b"\x89PNG"));
}

#[test]
#[ignore = "costs about one credit: cargo xtask test --live"]
fn golpo_itself_makes_a_video_as_its_double_does() {
    let log = Log::default();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let run = std::panic::AssertUnwindSafe(|| runtime.block_on(a_video()));
    let ended = tracing::subscriber::with_default(log.clone(), || std::panic::catch_unwind(run));
    if let Some(file) = variable("GOLPO_EXCHANGES") {
        std::fs::write(file, log.0.lock().unwrap().as_str()).unwrap();
    }
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}
