//! `video-bench DIRECTORY SECONDS`: makes a narrated film of about that length in 1280×720 into an
//! empty directory, and prints a line of JSON: how long it is, how long it took, the processor time
//! and the most memory that this took (without the speech program's), and the time of each stage.
//! Beside the film it writes `slides.json`, what a slide show of the same film would show when.

use std::path::Path;
use std::time::Instant;

use engine::local::{Config, LocalEngine};
use engine::{MadeVideo, Order, Progress, VideoEngine};
use protocol::{Script, ScriptSection, Stage, VideoOptions};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Sections of a page such as people write, gone through again where more is wanted.
const SECTIONS: [(&str, &str); 6] = [
    (
        "Where we stand",
        "The new booking service answers all requests since March. The old one still keeps the invoices of last year.",
    ),
    (
        "What we saw",
        "- Answers take 120 milliseconds instead of 480\n- Errors fell from 3 percent to 1 percent\n- Support gets 40 calls a week instead of 95",
    ),
    (
        "What comes next",
        "1. Copy the invoices at night\n2. Compare both stores for two weeks\n3. Switch the old service off",
    ),
    (
        "Who decides",
        "The platform group decides in the second week of June. Finance has to agree first, since the yearly report is due then.",
    ),
    (
        "Risks",
        "- The copy may be slower than one night\n- Some invoices have no customer number",
    ),
    (
        "Costs",
        "Two servers are kept until August. After that we save 1,900 euros a month.",
    ),
];

fn script(seconds: usize) -> Outcome<Script> {
    let sections = (0..seconds.div_ceil(10))
        .map(|at| {
            let (heading, text) = SECTIONS[at % SECTIONS.len()];
            let round = at / SECTIONS.len();
            let heading = match round {
                0 => heading.to_owned(),
                round => format!("{heading}, part {}", round + 1),
            };
            ScriptSection {
                heading,
                text: text.to_owned(),
            }
        })
        .collect();
    Ok(Script::new("The new booking service".to_owned(), sections)?)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(directory), Some(seconds)) = (arguments.next(), arguments.next()) else {
        return Err("give a directory and a number of seconds".into());
    };
    let directory = Path::new(&directory);
    let seconds = seconds.to_string_lossy().parse()?;
    let script = script(seconds)?;
    let config = Config::detect(std::env::var_os("PATH").as_deref());
    let narrated = config.speech.is_some();
    let engine = LocalEngine::new(config)?;
    let (progress, _kept) = watch::channel(Progress {
        stage: Stage::Waiting,
        percent: 0,
    });
    let order = Order {
        script: &script,
        options: &VideoOptions::default(),
        api_key: None,
        directory,
    };
    let before = processor_seconds()?;
    let started = Instant::now();
    let made = engine
        .make(order, progress, CancellationToken::new())
        .await?;
    let took = started.elapsed();
    let spent = processor_seconds()? - before;
    std::fs::write(directory.join("slides.json"), slides(&made)?.to_string())?;
    let times = engine.times();
    let stages = times
        .stages()
        .map(|(name, time)| (name.to_owned(), json!(time.as_secs_f64())));
    println!(
        "{}",
        json!({
            "narrated": narrated,
            "seconds": f64::from(made.duration_ms) / 1e3,
            "bytes": std::fs::metadata(&made.video)?.len(),
            "took": took.as_secs_f64(),
            "processor": spent,
            "megabytes": peak_megabytes()?,
            "stages": stages.into_iter().collect::<serde_json::Map<_, _>>(),
        })
    );
    Ok(())
}

/// User and system time of this process, in seconds, at the 100 Hz of Linux.
fn processor_seconds() -> Outcome<f64> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after) = text.rsplit_once(')').ok_or("no process state")?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |at: usize| -> Outcome<f64> { Ok(fields.get(at).ok_or("no times")?.parse()?) };
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}

fn peak_megabytes() -> Outcome<f64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: f64 = line
        .and_then(|line| line.trim().split(' ').next())
        .ok_or("no peak")?
        .parse()?;
    Ok(kilobytes / 1e3)
}

/// Scenes by chapters, their lines by captions: when each begins and ends, in milliseconds.
fn slides(made: &MadeVideo) -> Outcome<Value> {
    let captions = std::fs::read_to_string(&made.captions)?;
    let ms = |stamp: &str| -> Outcome<u32> {
        let parts: Vec<u32> = stamp
            .split([':', '.'])
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        Ok(((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1_000 + parts[3])
    };
    let mut lines = Vec::new();
    let mut times = None;
    for line in captions.lines() {
        if let Some((start, end)) = line.split_once(" --> ") {
            times = Some((ms(start)?, ms(end)?));
        } else if let Some((start, end)) = times.take() {
            let text: String = line
                .split('<')
                .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
                .collect();
            lines.push((start, end, text.replace("&amp;", "&")));
        }
    }
    let ends = made.chapters.iter().skip(1).map(|next| next.start_ms);
    let slides: Vec<Value> = made
        .chapters
        .iter()
        .zip(ends.chain([made.duration_ms]))
        .map(|(chapter, end)| {
            let inside = |start: &u32| (chapter.start_ms..end).contains(start);
            let lines = lines.iter().filter(|(start, ..)| inside(start));
            let lines: Vec<Value> = lines
                .map(|(start, end, text)| json!({"start": start, "end": end, "text": text}))
                .collect();
            json!({"start": chapter.start_ms, "end": end, "lines": lines})
        })
        .collect();
    Ok(json!({"duration": made.duration_ms, "slides": slides}))
}
