//! `cargo xtask bench redaction`: the log's redaction beside npm's `@zapier/secret-scrubber`, which
//! looks for secrets as ours does, and `fast-redact`, which is told where they are; and the cost of
//! a clean line. Processor time, so that other programs on the machine count little.

use super::programs::{Measured, Programs};
use super::{PASSES, ROUNDS, Row, line, median, rounded};
use crate::failure::Outcome;
use crate::project::Project;
use crate::terminal::Terminal;

/// The most nanoseconds for a clean line of 200 bytes.
const CLEAN_LIMIT: f64 = 1_000.0;

pub(super) fn run(json: bool, project: &Project, terminal: &Terminal) -> Outcome {
    let programs = Programs::prepare("redaction", project, terminal)?;
    let objects = programs.source().join("objects.json");
    let mut measured = Measured::new();
    for pass in 1..=PASSES {
        let mut native = programs.native("redaction-bench");
        native.arg(&objects).arg(ROUNDS);
        let mut node = programs.node();
        node.arg(&objects).arg(programs.npm()).arg(ROUNDS);
        for (name, command) in [("native", native), ("Node", node)] {
            let name = format!("pass {pass} of {PASSES}: {name}");
            programs.measure(&name, command, &mut measured)?;
        }
    }
    let rows = rows(&measured);
    if json {
        terminal.result(serde_json::to_string_pretty(&rows).unwrap_or_default());
        return Ok(());
    }
    terminal.result("Nanoseconds of processor time, median of all rounds\n");
    for (contender, times) in &measured {
        let time = median(times);
        terminal.result(format!("  {contender:<26} {time:>10.0} ns"));
    }
    terminal.result("\nGoals\n");
    rows.iter().for_each(|row| terminal.result(line(row)));
    terminal.result(
        "\nThe objects are those of tests/bench/redaction/objects.json. \"object to line\" is an object in and\n\
         a redacted line of JSON out; \"line\" is ours on the line that is there already, as in the log, beside\n\
         secret-scrubber's object to object. secret-scrubber goes by field names and URLs; ours also by shape,\n\
         encoding and halves, and masks identities and content. fast-redact looks for nothing: it is told the\n\
         paths, and misses whatever stands elsewhere.",
    );
    Ok(())
}

fn rows(measured: &Measured) -> Vec<Row> {
    let time = |name: &str| {
        measured
            .get(name)
            .map(|times| median(times))
            .filter(|time| *time > 0.0)
    };
    let row = |name: &str, ours: &str, peer_name: &str, peer: Option<f64>, goal: Option<f64>| {
        let (ours, peer) = (time(ours), peer?);
        Some(Row {
            name: name.to_owned(),
            ours: ours.map(rounded),
            peer: rounded(peer),
            peer_name: peer_name.to_owned(),
            unit: "ns",
            ratio: ours.map(|ours| rounded(peer / ours)),
            goal,
        })
    };
    let scrubber = "@zapier/secret-scrubber";
    let whole = "object to line";
    [
        row(whole, whole, scrubber, time("secret-scrubber"), Some(10.0)),
        row(
            "line",
            "line",
            scrubber,
            time("secret-scrubber, no JSON"),
            Some(10.0),
        ),
        row(whole, whole, "fast-redact", time("fast-redact"), None),
        row(
            "clean line, 200 bytes",
            "clean line",
            "limit",
            Some(CLEAN_LIMIT),
            Some(1.0),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_time_is_a_ratio_above_one() {
        let measured = Measured::from([
            ("object to line".to_owned(), vec![100.0, 90.0, 110.0]),
            ("secret-scrubber".to_owned(), vec![2_000.0]),
            ("clean line".to_owned(), vec![2_000.0]),
        ]);
        let rows = rows(&measured);
        assert_eq!((rows[0].ratio, rows[0].goal), (Some(20.0), Some(10.0)));
        assert_eq!(rows[1].name, "clean line, 200 bytes");
        assert_eq!(rows[1].ratio, Some(0.5));
        assert!(line(&rows[1]).starts_with("  ✗"), "{}", line(&rows[1]));
    }
}
