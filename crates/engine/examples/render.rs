//! Makes a video of a script without the rest of the house:
//! `cargo run -p engine --example render -- SCRIPT.json DIRECTORY [OPTIONS.json] [--silent] [--av1]`.
//! The files are those of `protocol::Script` and `protocol::VideoOptions`.

use std::path::Path;
use std::time::Instant;

use engine::local::{Config, LocalEngine, VideoCodec};
use engine::{Order, Progress, VideoEngine};
use protocol::{Script, Stage, VideoOptions};

#[tokio::main]
#[allow(clippy::print_stdout)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let silent = arguments.iter().any(|argument| argument == "--silent");
    let av1 = arguments.iter().any(|argument| argument == "--av1");
    arguments.retain(|argument| argument != "--silent" && argument != "--av1");
    let [script, directory, options @ ..] = arguments.as_slice() else {
        return Err("usage: render SCRIPT.json DIRECTORY [OPTIONS.json] [--silent] [--av1]".into());
    };
    let script: Script = serde_json::from_str(&std::fs::read_to_string(script)?)?;
    let options: VideoOptions = match options.first() {
        Some(path) => serde_json::from_str(&std::fs::read_to_string(path)?)?,
        None => VideoOptions::default(),
    };
    std::fs::create_dir_all(directory)?;
    let mut config = if silent {
        Config::silent()
    } else {
        Config::detect(std::env::var_os("PATH").as_deref())
    };
    if av1 {
        config.codec = VideoCodec::Av1;
    }
    let start = Instant::now();
    let engine = LocalEngine::new(config)?;
    println!("engine ready in {:.2?}", start.elapsed());
    let (sender, _) = tokio::sync::watch::channel(Progress {
        stage: Stage::Waiting,
        percent: 0,
    });
    let order = Order {
        script: &script,
        options: &options,
        api_key: None,
        journal: &engine::NoJournal,
        directory: Path::new(directory),
    };
    let start = Instant::now();
    let made = engine
        .make(order, sender, tokio_util::sync::CancellationToken::new())
        .await?;
    println!(
        "{} s of video in {:.2?}",
        f64::from(made.duration_ms) / 1_000.0,
        start.elapsed()
    );
    for chapter in &made.chapters {
        println!("{:>8} ms  {}", chapter.start_ms, chapter.title);
    }
    Ok(())
}
