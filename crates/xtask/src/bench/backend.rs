//! `cargo xtask bench backend`: `POST /v1/videos` of the release build beside a service written with
//! Fastify, jose and pg, on one PostgreSQL with the durability it has by default, under the same load;
//! two replicas beside one; and a list of a small site beside one of a large site. All of it shares the
//! machine's cores with the database and the load, so that the figures are of this machine only.

use std::process::Command;

use serde::Deserialize;

use super::programs::{npm_peers, printed};
use super::{Row, line, median, rounded};
use crate::debian::Debian;
use crate::failure::{Failure, Outcome};
use crate::postgresql;
use crate::project::{Project, node_program};
use crate::run;
use crate::terminal::Terminal;
use crate::wasm_toolchain::cargo;

const SOURCE: &str = "tests/bench/backend";
const SECONDS: &str = "8";
const PASSES: &str = "3";

/// What one load found.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Load {
    /// Videos accepted a second.
    per_second: f64,
    /// Milliseconds that one answer of a hundred takes longer than.
    p99: f64,
    /// Videos accepted a second of the service's own processor time.
    per_processor_second: f64,
    /// Bytes.
    resident: f64,
}

/// Milliseconds of each list.
#[derive(Debug, Clone, Deserialize)]
struct Listing {
    small: Vec<f64>,
    large: Vec<f64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Measured {
    cores: u32,
    ours: Vec<Load>,
    peer: Vec<Load>,
    one: Vec<Load>,
    two: Vec<Load>,
    listing: Listing,
}

pub(super) fn run(json: bool, project: &Project, terminal: &Terminal) -> Outcome {
    let debian = Debian::look();
    postgresql::ensure(&debian, terminal)?;
    let programs = postgresql::find()
        .filter(|path| path.is_dir())
        .ok_or_else(|| {
            Failure::new(
                "PostgreSQL's programs were not found in a folder of their own",
                postgresql::how_to_install(&debian),
            )
        })?;
    let folder = project.target().join("bench-backend");
    npm_peers(&project.path(SOURCE), &folder, terminal)?;
    let step = terminal.step("golpo-backend (release)");
    let mut build = Command::new(cargo());
    build
        .current_dir(project.root())
        .args(["build", "--release", "--locked", "-p", "backend"])
        .args(["--bin", "golpo-backend"]);
    run::quiet(build, &step, None, "Mend the error above.")?;
    step.done("");

    let name = format!("golpo-backend{}", std::env::consts::EXE_SUFFIX);
    let mut node = Command::new(node_program("node"));
    node.arg(project.path(SOURCE).join("speed.mjs"))
        .arg(folder.join("npm"))
        .arg(project.target().join("release").join(name))
        .arg(programs)
        .args([SECONDS, PASSES]);
    let measured: Measured = printed(terminal, "services under load", node)?;
    let rows = rows(&measured);
    if json {
        terminal.result(serde_json::to_string_pretty(&rows).unwrap_or_default());
        return Ok(());
    }
    let figure =
        |loads: &[Load], of: fn(&Load) -> f64| median(&loads.iter().map(of).collect::<Vec<_>>());
    terminal.result(format!(
        "POST /v1/videos, 32 at a time, {} cores for service, database and load together; medians of {PASSES} \
         loads of {SECONDS} s\n",
        measured.cores
    ));
    for (contender, loads) in [
        ("ours", &measured.ours),
        ("Fastify, jose, pg", &measured.peer),
        ("ours, one replica", &measured.one),
        ("ours, two replicas", &measured.two),
    ] {
        terminal.result(format!(
            "  {contender:<20} {:>7.0} a second, p99 {:>6.0} ms, {:>7.0} a second of its processor time, {:>5.0} MB",
            figure(loads, |load| load.per_second),
            figure(loads, |load| load.p99),
            figure(loads, |load| load.per_processor_second),
            figure(loads, |load| load.resident) / 1e6,
        ));
    }
    let Listing { small, large } = &measured.listing;
    terminal.result(format!(
        "  a list's first page: {:.2} ms of 1,000 videos, {:.2} ms of 1,000,000",
        median(small),
        median(large)
    ));
    terminal.result("\nGoals\n");
    rows.iter().for_each(|row| terminal.result(line(row)));
    Ok(())
}

fn rows(measured: &Measured) -> Vec<Row> {
    let Measured {
        ours,
        peer,
        one,
        two,
        listing,
        ..
    } = measured;
    let figure =
        |loads: &[Load], of: fn(&Load) -> f64| median(&loads.iter().map(of).collect::<Vec<_>>());
    const PEER: &str = "Fastify, jose, pg";
    let more = |name: &str, unit, ours: f64, peer: f64, peer_name: &str, goal| Row {
        name: name.to_owned(),
        ours: Some(rounded(ours)),
        peer: rounded(peer),
        peer_name: peer_name.to_owned(),
        unit,
        ratio: (peer > 0.0).then(|| rounded(ours / peer)),
        goal,
    };
    // Of what is better when there is less of it, the ratio is the other way round.
    let less = |name: &str, unit, ours: f64, peer: f64, peer_name: &str, goal| Row {
        ratio: (ours > 0.0).then(|| rounded(peer / ours)),
        ..more(name, unit, ours, peer, peer_name, goal)
    };
    vec![
        more(
            "videos accepted",
            "a second",
            figure(ours, |load| load.per_second),
            figure(peer, |load| load.per_second),
            PEER,
            Some(5.0),
        ),
        more(
            "videos accepted by processor time",
            "a second of the service's processor time",
            figure(ours, |load| load.per_processor_second),
            figure(peer, |load| load.per_processor_second),
            PEER,
            None,
        ),
        less(
            "p99 of an answer",
            "ms",
            figure(ours, |load| load.p99),
            figure(peer, |load| load.p99),
            PEER,
            Some(1.0),
        ),
        less(
            "resident memory",
            "bytes",
            figure(ours, |load| load.resident),
            figure(peer, |load| load.resident),
            PEER,
            Some(4.0),
        ),
        more(
            "videos accepted by two replicas",
            "a second",
            figure(two, |load| load.per_second),
            figure(one, |load| load.per_second),
            "one replica",
            Some(1.6),
        ),
        less(
            "a list of 1,000,000 videos",
            "ms",
            median(&listing.large),
            median(&listing.small),
            "1,000 videos",
            Some(0.8),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_better_of_requests_and_less_of_time_and_memory() {
        let load = |per_second: f64, p99: f64, resident: f64| Load {
            per_second,
            p99,
            per_processor_second: per_second * 2.0,
            resident,
        };
        let measured = Measured {
            cores: 2,
            ours: vec![load(5000.0, 10.0, 20e6), load(6000.0, 20.0, 20e6)],
            peer: vec![load(1100.0, 30.0, 100e6)],
            one: vec![load(1000.0, 1.0, 1.0)],
            two: vec![load(1500.0, 1.0, 1.0)],
            listing: Listing {
                small: vec![1.0, 3.0, 2.0],
                large: vec![2.5],
            },
        };
        let ratios: Vec<_> = rows(&measured).iter().map(|row| row.ratio).collect();
        let ratios: Vec<f64> = ratios.into_iter().flatten().collect();
        assert_eq!(ratios, [5.0, 5.0, 2.0, 5.0, 1.5, 0.8]);
        let lines: Vec<_> = rows(&measured).iter().map(line).collect();
        let met: Vec<bool> = lines.iter().map(|line| line.contains('✓')).collect();
        assert_eq!(met, [true, false, true, true, false, true], "{lines:?}");
    }
}
