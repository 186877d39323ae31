//! The most memory that each native contender holds at a time while it reads a document, beside the
//! document itself. Prints one JSON list of `{document, contender, bytes, peak}`. A program of its
//! own, since counting would slow the timed one.

use content_bench::{contenders::contenders, documents::compose};
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() {
    let mut results = Vec::new();
    for document in compose() {
        for contender in contenders(document.format) {
            // Tables that are made once are not a document's.
            if (contender.run)(&document.body).is_err() {
                continue;
            }
            let before = ALLOCATOR.current_usage();
            ALLOCATOR.reset_peak_usage();
            let _ = (contender.run)(&document.body);
            let peak = ALLOCATOR.peak_usage().saturating_sub(before);
            results.push(json!({
                "document": document.name,
                "contender": contender.name,
                "bytes": document.body.len(),
                "peak": peak,
            }));
        }
    }
    println!("{}", Value::from(results));
}
