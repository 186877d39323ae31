//! Times every native contender on every document: `speed ROUNDS`. Prints one JSON list of
//! `{document, contender, bytes, output, megabytes_per_second: [one a round]}` or of
//! `{document, contender, failed}`. Time is the processor's on this thread, so that other programs on
//! the machine do not count; the contenders of a document take turns in each round, so that one that
//! empties the caches does it to all of them.

use std::{hint::black_box, time::Duration};

use content_bench::{
    contenders::{Contender, contenders},
    documents::{Document, compose},
};
use cpu_time::ThreadTime;
use serde_json::{Value, json};

const WARM_UP: Duration = Duration::from_millis(150);
/// Long beside the clock's resolution, short beside what else a machine does.
const BATCH: Duration = Duration::from_millis(15);

fn main() {
    let rounds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(7);
    let results: Vec<Value> = compose()
        .iter()
        .flat_map(|document| time(document, rounds))
        .collect();
    println!("{}", Value::from(results));
}

struct Entry {
    contender: &'static Contender,
    batch: u32,
    speeds: Vec<f64>,
}

fn time(document: &Document, rounds: usize) -> Vec<Value> {
    let mut failed = Vec::new();
    let mut entries = Vec::new();
    for contender in contenders(document.format) {
        match (contender.run)(&document.body) {
            Ok(_) => entries.push(Entry {
                contender,
                batch: warm_up(contender, &document.body),
                speeds: Vec::new(),
            }),
            Err(error) => failed.push(json!({
                "document": document.name, "contender": contender.name, "failed": error,
            })),
        }
    }
    for _ in 0..rounds {
        for entry in &mut entries {
            let started = ThreadTime::now();
            for _ in 0..entry.batch {
                let _ = black_box((entry.contender.run)(black_box(&document.body)));
            }
            let seconds = started.elapsed().as_secs_f64();
            let bytes = document.body.len() as f64 * f64::from(entry.batch);
            entry.speeds.push(bytes / seconds / 1e6);
        }
    }
    let times = entries.iter().map(|entry| {
        json!({
            "document": document.name,
            "contender": entry.contender.name,
            "bytes": document.body.len(),
            "output": (entry.contender.run)(&document.body).unwrap_or_default(),
            "megabytes_per_second": entry.speeds,
        })
    });
    times.chain(failed).collect()
}

/// Runs it until it is warm; gives how many runs a batch takes.
fn warm_up(contender: &Contender, body: &[u8]) -> u32 {
    let started = ThreadTime::now();
    let mut runs = 0_u32;
    while started.elapsed() < WARM_UP || runs < 2 {
        let _ = black_box((contender.run)(black_box(body)));
        runs += 1;
    }
    let one = started.elapsed().as_secs_f64() / f64::from(runs);
    (BATCH.as_secs_f64() / one).ceil().max(1.0) as u32
}
