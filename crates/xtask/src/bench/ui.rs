//! `cargo xtask bench ui`: what each view of the Custom UI loads, how soon it shows something on the
//! local host, what moves afterwards, how long it keeps the browser busy, and how often it calls the
//! app, from Chromium's own performance entries. Beside the limits that stand here.

use std::collections::BTreeMap;
use std::process::Command;

use serde::Deserialize;

use super::programs::printed;
use super::{Row, line, rounded};
use crate::build;
use crate::chromium;
use crate::debian::Debian;
use crate::failure::Outcome;
use crate::project::{Project, node_program};
use crate::setup::{self, WasmArguments};
use crate::terminal::Terminal;

/// KB of JavaScript, as gzip sends it, where a limit is set.
const SIZES: [(&str, f64); 2] = [("Create", 250.0), ("Macro", 90.0)];
const FIRST_CONTENT_MS: f64 = 1_000.0;
/// What browsers' makers call good.
const SHIFT: f64 = 0.1;
const INVOKES: f64 = 1.0;
/// A value of nothing is shown as so many times better than the limit.
const MOST: f64 = 100.0;

/// What `measure.mjs` says of one view.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct View {
    /// Of JavaScript, as gzip sends it.
    bytes: f64,
    first_content_ms: f64,
    /// Calls of the app while the view opens.
    invokes: f64,
    /// The sum of all layout shifts.
    shift: f64,
    /// The sum of tasks longer than 50 ms.
    long_tasks_ms: f64,
}

pub(super) fn run(
    json: bool,
    wasm: WasmArguments,
    project: &Project,
    terminal: &Terminal,
) -> Outcome {
    let chromium = chromium::ensure(&Debian::look(), terminal)?;
    let ready = setup::ensure(wasm, project, terminal)?;
    build::app(&ready, project, terminal)?;
    build::backend(project, terminal)?;
    let mut command = Command::new(node_program("node"));
    command
        .arg(project.path("tests/bench/ui/measure.mjs"))
        .env("GOLPO_BACKEND_BIN", project.backend())
        .env(chromium::VARIABLE, chromium);
    let views: BTreeMap<String, View> = printed(terminal, "each view, opened five times", command)?;
    let rows = rows(&views);
    if json {
        terminal.result(serde_json::to_string_pretty(&rows).unwrap_or_default());
        return Ok(());
    }
    terminal.result("The Custom UI on the local host; medians of five openings\n");
    rows.iter().for_each(|row| terminal.result(line(row)));
    terminal.result(
        "\nJavaScript counts with the largest language. KB are 1,024 bytes. What is far below its limit is \
         shown\nas 100 times better. Long tasks are those over 50 ms.",
    );
    Ok(())
}

fn rows(views: &BTreeMap<String, View>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (view, figures) in views {
        let mut add = |what: &str, ours: f64, limit: f64, unit, goal| {
            rows.push(Row {
                name: format!("{view}: {what}"),
                ours: Some(rounded(ours)),
                peer: limit,
                peer_name: "limit".to_owned(),
                unit,
                ratio: Some(rounded(limit / ours.max(limit / MOST))),
                goal,
            });
        };
        let size = SIZES.iter().find(|(name, _)| name == view);
        let goal = size.map(|_| 1.0);
        let limit = size.map_or(SIZES[0].1, |(_, limit)| *limit);
        add(
            "JavaScript, gzip",
            figures.bytes / 1024.0,
            limit,
            "KB",
            goal,
        );
        let first = figures.first_content_ms;
        add("first content", first, FIRST_CONTENT_MS, "ms", Some(1.0));
        add("calls of the app", figures.invokes, INVOKES, "", Some(1.0));
        add("layout shift", figures.shift, SHIFT, "", Some(1.0));
        add(
            "long tasks",
            figures.long_tasks_ms,
            FIRST_CONTENT_MS,
            "ms",
            None,
        );
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_its_limit_misses_the_goal() {
        let view = |bytes, invokes| View {
            bytes,
            first_content_ms: 400.0,
            invokes,
            shift: 0.0,
            long_tasks_ms: 60.0,
        };
        let views = BTreeMap::from([
            ("Macro".to_owned(), view(91.0 * 1024.0, 1.0)),
            ("Create".to_owned(), view(91.0 * 1024.0, 2.0)),
        ]);
        let rows = rows(&views);
        let of = |name: &str| rows.iter().find(|row| row.name == name).expect("a row");
        assert!(line(of("Macro: JavaScript, gzip")).starts_with("  ✗"));
        assert!(line(of("Create: JavaScript, gzip")).starts_with("  ✓"));
        assert!(line(of("Create: calls of the app")).starts_with("  ✗"));
        assert!(line(of("Macro: calls of the app")).starts_with("  ✓"));
        assert_eq!(of("Macro: layout shift").ratio, Some(100.0));
    }
}
