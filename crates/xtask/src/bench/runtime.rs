//! `cargo xtask bench runtime`: the app as Forge runs it beside a `preview` written in plain
//! JavaScript on the same @forge packages: the first answer of a fresh process, later answers, memory
//! and the size of what is deployed. Times are of the processor, so that other programs on the
//! machine count little. What the peer leaves out stands in tests/bench/runtime/plain.mjs.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::programs::npm_peers;
use super::{LIMIT, ROUNDS, Row, line, median, rounded};
use crate::build::{self, files_under, gzip_length};
use crate::failure::{Failure, Outcome, at};
use crate::project::{Project, node_program};
use crate::run;
use crate::setup::{self, WasmArguments};
use crate::terminal::Terminal;

/// Where the measuring programs are.
const SOURCE: &str = "tests/bench/runtime";
/// Fresh processes of each contender; they take turns.
const STARTS: usize = 15;
/// Times that the warm answers are measured in a process of each contender; they take turns.
const PASSES: usize = 3;
/// Bytes of the page's body: a usual page, and a very long one.
const PAGES: [(&str, u32, f64); 2] = [("40 KB", 40_000, 2.0), ("1 MB", 1_000_000, 3.0)];
const PEER: &str = "plain JavaScript";

/// What one process measured; times in milliseconds.
#[derive(Deserialize)]
struct Measured {
    first: Times,
    own: Times,
    resident: f64,
    warm: Vec<f64>,
}

#[derive(Deserialize)]
struct Times {
    processor: f64,
    elapsed: f64,
}

/// The figures of one contender.
#[derive(Default)]
struct Figures {
    first: Vec<f64>,
    first_elapsed: Vec<f64>,
    own: Vec<f64>,
    resident_first: Vec<f64>,
    warm: [Vec<f64>; 2],
    resident: [Vec<f64>; 2],
}

/// Bytes of a folder that Forge gets.
struct Deployed {
    bytes: u64,
    packed: u64,
}

pub(super) fn run(
    json: bool,
    wasm: WasmArguments,
    project: &Project,
    terminal: &Terminal,
) -> Outcome {
    let ready = setup::ensure(wasm, project, terminal)?;
    build::function(&ready, project, terminal)?;
    let folder = project.target().join("bench-runtime");
    let plain = folder.join("plain");
    std::fs::create_dir_all(&folder).map_err(at("make", &folder))?;
    npm_peers(&project.path(SOURCE), &folder, terminal)?;
    let packages = folder.join("npm");
    bundle(&packages, &plain, project, terminal)?;
    let ours = project.path("src-js-shim/dist");
    let bundles = [ours.join("golpo.cjs"), plain.join("plain.cjs")];
    let figures = measure(&bundles, project, terminal)?;
    let rows = rows(
        &figures,
        &[deployed(&ours)?, deployed(&plain)?],
        &modules(&ours)?,
    );
    if json {
        terminal.result(serde_json::to_string_pretty(&rows).unwrap_or_default());
        return Ok(());
    }
    terminal.result("The app beside plain JavaScript; medians, times of the processor\n");
    rows.iter().for_each(|row| terminal.result(line(row)));
    terminal.result(
        "\nThe first answer counts from the start of the process, Node's own start included. In later \
         answers the\nwasm has been compiled by V8's optimising compiler, as after a minute of use. \
         What the peer does not do\nis said in tests/bench/runtime/plain.mjs. KB are 1,000 bytes.",
    );
    Ok(())
}

fn bundle(packages: &Path, out: &Path, project: &Project, terminal: &Terminal) -> Outcome {
    let step = terminal.step("plain JavaScript peer");
    let mut command = Command::new(node_program("node"));
    command
        .arg(project.path(SOURCE).join("bundle.mjs"))
        .args([packages, out]);
    run::quiet(command, &step, Some(LIMIT), "Mend the error above.")?;
    step.done("");
    Ok(())
}

/// Both contenders, ours first.
fn measure(
    bundles: &[PathBuf; 2],
    project: &Project,
    terminal: &Terminal,
) -> Outcome<[Figures; 2]> {
    let mut figures = [Figures::default(), Figures::default()];
    let step = terminal.step(format!("{STARTS} fresh processes each"));
    for _ in 0..STARTS {
        for (bundle, figures) in bundles.iter().zip(&mut figures) {
            let one = process(bundle, PAGES[0].1, &["first"], project)?;
            figures.first.push(one.first.processor);
            figures.first_elapsed.push(one.first.elapsed);
            figures.own.push(one.own.processor);
            figures.resident_first.push(one.resident);
        }
    }
    step.done("");
    for (page, (name, bytes, _)) in PAGES.iter().enumerate() {
        let step = terminal.step(format!("later answers, {name}"));
        for _ in 0..PASSES {
            for (bundle, figures) in bundles.iter().zip(&mut figures) {
                let one = process(bundle, *bytes, &["warm", ROUNDS], project)?;
                figures.warm[page].extend(one.warm);
                figures.resident[page].push(one.resident);
            }
        }
        step.done("");
    }
    Ok(figures)
}

fn process(bundle: &Path, bytes: u32, mode: &[&str], project: &Project) -> Outcome<Measured> {
    let mut command = Command::new(node_program("node"));
    command
        .arg(project.path(SOURCE).join("measure.cjs"))
        .arg(bundle)
        .arg(bytes.to_string())
        .args(mode);
    let shown = run::shown(&command);
    let output = command.output().map_err(at("run", bundle))?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        let said: Vec<String> = String::from_utf8_lossy(&output.stderr)
            .lines()
            .map(str::to_owned)
            .collect();
        let what = format!("`{shown}` printed no result");
        Failure::new(what, "Run it by hand to see more.").with_output(&said)
    })
}

fn deployed(folder: &Path) -> Outcome<Deployed> {
    let mut deployed = Deployed {
        bytes: 0,
        packed: 0,
    };
    for file in files_under(folder) {
        let bytes = std::fs::read(&file).map_err(at("read", &file))?;
        deployed.bytes += bytes.len() as u64;
        deployed.packed += gzip_length(&bytes);
    }
    Ok(deployed)
}

/// The module that is loaded at each start.
fn modules(folder: &Path) -> Outcome<Deployed> {
    let file = folder.join("golpo_bg.wasm");
    let bytes = std::fs::read(&file).map_err(at("read", &file))?;
    Ok(Deployed {
        bytes: bytes.len() as u64,
        packed: gzip_length(&bytes),
    })
}

fn rows(figures: &[Figures; 2], folders: &[Deployed; 2], wasm: &Deployed) -> Vec<Row> {
    let [ours, peer] = figures;
    let row = |name: String, ours: f64, peer: f64, peer_name: &str, unit, goal| Row {
        name,
        ours: Some(rounded(ours)),
        peer: rounded(peer),
        peer_name: peer_name.to_owned(),
        unit,
        ratio: Some(rounded(peer / ours)),
        goal,
    };
    let time = |name: &str, ours: &[f64], peer: &[f64], goal| {
        row(
            name.to_owned(),
            median(ours),
            median(peer),
            PEER,
            "ms",
            goal,
        )
    };
    let memory = |name: String, ours: &[f64], peer: &[f64]| {
        row(
            name,
            median(ours) / 1e6,
            median(peer) / 1e6,
            PEER,
            "MB",
            None,
        )
    };
    let size = |name: &str, ours: u64, peer: f64, peer_name, goal| {
        row(
            name.to_owned(),
            ours as f64 / 1e3,
            peer,
            peer_name,
            "KB",
            goal,
        )
    };
    // Within 1.1 times of the peer.
    let within = Some(rounded(1.0 / 1.1));
    let mut rows = vec![
        time("first answer, 40 KB", &ours.first, &peer.first, within),
        time(
            "first answer by the clock",
            &ours.first_elapsed,
            &peer.first_elapsed,
            None,
        ),
        time(
            "first answer without Node's start",
            &ours.own,
            &peer.own,
            None,
        ),
    ];
    for (page, (name, _, goal)) in PAGES.iter().enumerate() {
        let name = format!("later answers, {name}");
        rows.push(time(&name, &ours.warm[page], &peer.warm[page], Some(*goal)));
    }
    rows.push(memory(
        "memory after the first answer".to_owned(),
        &ours.resident_first,
        &peer.resident_first,
    ));
    for (page, (name, ..)) in PAGES.iter().enumerate() {
        let name = format!("memory after many answers, {name}");
        rows.push(memory(name, &ours.resident[page], &peer.resident[page]));
    }
    let [our_folder, peer_folder] = folders;
    let kilobytes = |bytes: u64| bytes as f64 / 1e3;
    rows.extend([
        size("golpo_bg.wasm", wasm.bytes, 300.0, "limit", Some(1.0)),
        size(
            "golpo_bg.wasm, gzip",
            wasm.packed,
            120.0,
            "limit",
            Some(1.0),
        ),
        size(
            "deployed folder",
            our_folder.bytes,
            1_000.0,
            "limit",
            Some(1.0),
        ),
        size(
            "deployed folder beside",
            our_folder.bytes,
            kilobytes(peer_folder.bytes),
            PEER,
            None,
        ),
        size(
            "deployed folder, gzip",
            our_folder.packed,
            kilobytes(peer_folder.packed),
            PEER,
            None,
        ),
    ]);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(time: f64) -> Figures {
        Figures {
            first: vec![time, 4.0 * time, time],
            first_elapsed: vec![time],
            own: vec![time],
            resident_first: vec![5e7],
            warm: [vec![time], vec![time]],
            resident: [vec![6e7], vec![7e7]],
        }
    }

    #[test]
    fn less_is_a_ratio_above_one_and_limits_are_goals() {
        let folder = |bytes| Deployed { bytes, packed: 1 };
        let rows = rows(
            &[figures(50.0), figures(125.0)],
            &[folder(2_000_000), folder(100_000)],
            &folder(150_000),
        );
        let of = |name: &str| rows.iter().find(|row| row.name == name).expect("a row");
        assert_eq!(of("first answer, 40 KB").ratio, Some(2.5));
        assert_eq!(of("later answers, 1 MB").goal, Some(3.0));
        assert!(line(of("later answers, 1 MB")).starts_with("  ✗"));
        assert_eq!(of("golpo_bg.wasm").ratio, Some(2.0));
        assert!(line(of("golpo_bg.wasm")).starts_with("  ✓"));
        assert_eq!(of("deployed folder").ratio, Some(0.5));
    }
}
