//! `cargo xtask bench`: measures a part of the product beside what else does its job, on the same
//! documents and in one run. It must never call a figure good or bad but by the goal that stands
//! beside it, and never write outside the target folder.

mod backend;
mod fit;
mod programs;
mod redaction;
mod runtime;
mod ui;
mod video;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::build::{self, Module};
use crate::failure::{Outcome, at};
use crate::project::{Project, node_program};
use crate::run;
use crate::setup::{self, WasmArguments};
use crate::terminal::{Terminal, seconds};

/// Where the measuring programs are.
const SOURCE: &str = "tests/bench/content";
/// Passes of all programs, one after the other, so that none has the machine's good minute alone.
const PASSES: usize = 3;
/// Rounds of each program in a pass; what is compared takes turns within a round.
const ROUNDS: &str = "7";
const LIMIT: Duration = Duration::from_secs(900);

const NPM: [&str; 4] = [
    "adf-to-markdown",
    "adf-to-md",
    "node-html-markdown",
    "turndown",
];
const NATIVE: &str = "ours";
const WASM: &str = "ours (wasm)";
/// The app's whole way from the request to the answer.
const PREVIEW: &str = "ours (preview)";

/// `content` alone in wasm, made as the app's wasm is.
const CONTENT: Module = Module {
    workspace: "tests/bench/content/wasm",
    package: "content-bench-wasm",
    name: "content_bench",
    ..build::APP
};

/// Measure a part of the product beside its peers, and say which goals are met.
///
/// `content`: speed in megabytes of a page's body a second of processor time, body in and script out,
/// parsing included, natively (release build) and through wasm in Node (built as the app's is); and
/// memory. Identities are removed by ours and by no peer. `redaction`: nanoseconds an object and a
/// line, beside npm's redactors. `fit`: tokens verified a second, beside npm's jose and beside the bare
/// signature. `backend`: videos accepted a second, beside Fastify with jose and pg; two replicas; long lists.
/// `runtime`: the app as Forge runs it beside a `preview` in plain JavaScript, in processor time,
/// memory and bytes. `video`: seconds of film a second, beside real time, Remotion and libx264, and
/// memory. `ui`: what each view of the Custom UI loads, and how soon and how quietly it is there. The peers are fetched from crates.io, npm and PyPI into the target folder. The exit code says
/// that it was measured, not that goals are met.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask bench content\n  cargo xtask bench content --json > bench.json\n  cargo xtask bench redaction\n  cargo xtask bench fit\n  cargo xtask bench backend\n  cargo xtask bench runtime\n  cargo xtask bench video\n  cargo xtask bench ui\n\n\
    Progress goes to stderr, the result to stdout. With --json that is\n  \
    [{\"name\",\"ours\",\"peer\",\"peer_name\",\"unit\",\"ratio\",\"goal\"}]\nwhere ratio is above 1 where ours is \
    ahead, and goal is the least ratio that is\naimed at (null: shown for comparison only)."
)]
pub struct Arguments {
    /// What to measure
    part: Part,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    wasm: WasmArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// From a page's body to a script
    Content,
    /// From a log line to one without secrets, identities and content
    Redaction,
    /// From a Forge Invocation Token to a tenant
    Fit,
    /// From a request for a video to the committed row
    Backend,
    /// The app in Forge's runtime: start, answers, memory, size
    Runtime,
    /// From a script to a video
    Video,
    /// From the opening of a view to what a person sees
    Ui,
}

/// What one program measured of one contender on one document.
#[derive(Deserialize)]
struct Measured {
    document: String,
    contender: String,
    #[serde(default)]
    bytes: usize,
    #[serde(default)]
    output: usize,
    #[serde(default)]
    megabytes_per_second: Vec<f64>,
    failed: Option<String>,
}

#[derive(Deserialize)]
struct Peak {
    document: String,
    contender: String,
    bytes: usize,
    peak: usize,
}

/// A comparison, as `--json` prints it. `ours` and `ratio` are null where ours failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Row {
    name: String,
    ours: Option<f64>,
    peer: f64,
    peer_name: String,
    unit: &'static str,
    ratio: Option<f64>,
    goal: Option<f64>,
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    match arguments.part {
        Part::Content => content(arguments, project, terminal),
        Part::Redaction => redaction::run(arguments.json, project, terminal),
        Part::Fit => fit::run(arguments.json, project, terminal),
        Part::Backend => backend::run(arguments.json, project, terminal),
        Part::Runtime => runtime::run(arguments.json, arguments.wasm, project, terminal),
        Part::Ui => ui::run(arguments.json, arguments.wasm, project, terminal),
        Part::Video => video::run(arguments.json, project, terminal),
    }
}

fn content(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    let started = Instant::now();
    let bench = Bench::prepare(arguments.wasm, project, terminal)?;
    let speeds = bench.speeds()?;
    let peaks: Vec<Peak> = programs::printed(terminal, "memory", bench.native("memory"))?;
    terminal.say(format!("Measured in {}", seconds(started.elapsed())));
    let rows = rows(&speeds, &peaks);
    if arguments.json {
        terminal.result(serde_json::to_string_pretty(&rows).unwrap_or_default());
    } else {
        report(&rows, &speeds, &peaks, terminal);
    }
    Ok(())
}

/// Everything built, fetched and written that is measured.
struct Bench<'a> {
    project: &'a Project,
    terminal: &'a Terminal,
    folder: PathBuf,
    /// The JavaScript that loads [`CONTENT`].
    content: PathBuf,
    python: Option<PathBuf>,
}

impl<'a> Bench<'a> {
    fn prepare(wasm: WasmArguments, project: &'a Project, terminal: &'a Terminal) -> Outcome<Self> {
        let folder = project.target().join("bench-content");
        std::fs::create_dir_all(&folder).map_err(at("make", &folder))?;
        let ready = setup::ensure(wasm, project, terminal)?;
        build::wasm(&ready, project, terminal)?;
        let mut bench = Self {
            project,
            terminal,
            folder,
            content: build::make(&CONTENT, &ready, project, terminal)?,
            python: None,
        };
        let source = project.path(SOURCE);
        programs::build(project, &source, &bench.folder, terminal)?;
        programs::npm_peers(&source, &bench.folder, terminal)?;
        bench.python = bench.python_peer();
        let step = terminal.step("documents");
        let documents = bench.documents();
        let _ = std::fs::remove_dir_all(&documents);
        let mut command = bench.native("documents");
        command.arg(&documents);
        run::quiet(command, &step, Some(LIMIT), "Mend the error above.")?;
        step.done("");
        Ok(bench)
    }

    fn documents(&self) -> PathBuf {
        self.folder.join("documents")
    }

    /// A virtual environment with the peer from PyPI; without Python or PyPI it is not measured.
    fn python_peer(&self) -> Option<PathBuf> {
        let folder = self.folder.join("python");
        let binaries = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let python = binaries.join("python");
        let wanted = self.project.path(SOURCE).join("requirements.txt");
        let stamp = folder.join("requirements.txt");
        let wanted_text = std::fs::read_to_string(&wanted).unwrap_or_default();
        if std::fs::read_to_string(&stamp).is_ok_and(|text| text == wanted_text) {
            return Some(python);
        }
        let step = self.terminal.step("PyPI peer");
        let mut environment = Command::new(if cfg!(windows) { "python" } else { "python3" });
        environment.args(["-m", "venv"]).arg(&folder);
        let mut install = Command::new(&python);
        install
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(&wanted);
        let advice = "Install Python 3 with venv and pip, and check that PyPI can be reached.";
        let done = run::quiet(environment, &step, Some(LIMIT), advice)
            .and_then(|_| run::quiet(install, &step, Some(LIMIT), advice))
            .and_then(|_| std::fs::write(&stamp, &wanted_text).map_err(at("write", &stamp)));
        match done {
            Ok(()) => {
                step.done("");
                Some(python)
            }
            Err(failure) => {
                drop(step);
                self.terminal
                    .say(format!("markdownify is not measured: {failure}"));
                None
            }
        }
    }

    fn native(&self, program: &str) -> Command {
        programs::native(&self.folder, program)
    }

    fn node(&self) -> Command {
        let mut command = Command::new(node_program("node"));
        command
            .arg(self.project.path(SOURCE).join("speed.mjs"))
            .arg(self.documents())
            .arg(self.folder.join("npm"))
            .arg(&self.content)
            .arg(self.project.wasm_glue())
            .arg(ROUNDS);
        command
    }

    fn python(&self) -> Option<Command> {
        let mut command = Command::new(self.python.as_ref()?);
        command
            .arg(self.project.path(SOURCE).join("speed.py"))
            .arg(self.documents())
            .arg(ROUNDS);
        Some(command)
    }

    fn speeds(&self) -> Outcome<Vec<Measured>> {
        let mut measured: BTreeMap<(String, String), Measured> = BTreeMap::new();
        for pass in 1..=PASSES {
            let mut native = self.native("speed");
            native.arg(ROUNDS);
            let mut programs = vec![("native", native), ("Node", self.node())];
            programs.extend(self.python().map(|command| ("Python", command)));
            for (name, command) in programs {
                let name = format!("pass {pass} of {PASSES}: {name}");
                for one in programs::printed::<Vec<Measured>>(self.terminal, &name, command)? {
                    let key = (one.document.clone(), one.contender.clone());
                    match measured.get_mut(&key) {
                        Some(known) => {
                            known.megabytes_per_second.extend(one.megabytes_per_second);
                        }
                        None => {
                            measured.insert(key, one);
                        }
                    }
                }
            }
        }
        for one in measured.values() {
            if let Some(why) = &one.failed {
                let (contender, document) = (&one.contender, &one.document);
                self.terminal
                    .say(format!("{contender} fails on {document}: {why}"));
            }
        }
        Ok(measured.into_values().collect())
    }
}

/// The best of all rounds, 0 of none: processor time leaves other programs out, but not what they
/// throw out of the caches. A round may also be spared by Node's garbage collector; the peers have
/// most of that.
fn best(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// The median of all rounds, 0 of none.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => sorted[length / 2],
        length => f64::midpoint(sorted[length / 2 - 1], sorted[length / 2]),
    }
}

/// Whom a contender of ours is compared with, and the least ratio that is aimed at.
struct Goal {
    ours: &'static str,
    format: &'static str,
    peer: Peer,
    goal: Option<f64>,
}

enum Peer {
    /// The fastest npm package on the document.
    FastestNpm,
    Named(&'static str),
}

const fn goal(ours: &'static str, format: &'static str, peer: Peer, goal: Option<f64>) -> Goal {
    Goal {
        ours,
        format,
        peer,
        goal,
    }
}

const GOALS: [Goal; 11] = [
    goal(NATIVE, "adf", Peer::FastestNpm, Some(3.0)),
    goal(NATIVE, "adf", Peer::Named("jc-adf"), Some(1.0)),
    // Within 3 times of it.
    goal(
        NATIVE,
        "adf",
        Peer::Named("serde_json IgnoredAny"),
        Some(0.333),
    ),
    goal(NATIVE, "storage", Peer::FastestNpm, Some(10.0)),
    goal(NATIVE, "storage", Peer::Named("confmark"), Some(2.0)),
    goal(NATIVE, "storage", Peer::Named("htmd"), None),
    goal(NATIVE, "storage", Peer::Named("markdownify"), None),
    goal(WASM, "adf", Peer::FastestNpm, Some(1.5)),
    goal(WASM, "storage", Peer::FastestNpm, Some(5.0)),
    goal(PREVIEW, "adf", Peer::FastestNpm, None),
    goal(PREVIEW, "storage", Peer::FastestNpm, None),
];

/// The most memory, in times of the input.
const MEMORY_LIMIT: f64 = 4.0;

const UNIT: &str = "MB a second of processor time";

/// The documents, small ones first.
const SIZES: [&str; 3] = ["small", "typical", "large"];

fn rows(speeds: &[Measured], peaks: &[Peak]) -> Vec<Row> {
    let speed = |document: &str, contender: &str| {
        let is_it = |one: &&Measured| {
            one.document == document && one.contender == contender && one.failed.is_none()
        };
        let found = speeds.iter().find(is_it);
        found.map(|one| best(&one.megabytes_per_second))
    };
    let mut rows = Vec::new();
    for goal in &GOALS {
        for size in SIZES {
            let document = format!("{}-{size}", goal.format);
            let peer = match goal.peer {
                Peer::Named(name) => speed(&document, name).map(|speed| (name, speed)),
                Peer::FastestNpm => NPM
                    .iter()
                    .filter_map(|name| Some((*name, speed(&document, name)?)))
                    .max_by(|one, other| one.1.total_cmp(&other.1)),
            };
            let Some((peer_name, peer)) = peer else {
                continue;
            };
            let ours = speed(&document, goal.ours);
            let way = match goal.ours {
                WASM => "wasm",
                PREVIEW => "whole preview",
                _ => "native",
            };
            let against = match goal.peer {
                Peer::FastestNpm => "fastest npm",
                Peer::Named(name) => name,
            };
            rows.push(Row {
                name: format!("{} {way} against {against}, {size}", goal.format),
                ours: ours.map(rounded),
                peer: rounded(peer),
                peer_name: peer_name.to_owned(),
                unit: UNIT,
                ratio: ours.map(|ours| rounded(ours / peer)),
                goal: goal.goal,
            });
        }
    }
    for format in ["adf", "storage"] {
        for size in SIZES {
            let document = format!("{format}-{size}");
            let ours = peaks
                .iter()
                .find(|peak| peak.document == document && peak.contender == NATIVE)
                .map(multiple);
            rows.push(Row {
                name: format!("{format} memory, {size}"),
                ours: ours.map(rounded),
                peer: MEMORY_LIMIT,
                peer_name: "limit".to_owned(),
                unit: "times the input",
                ratio: ours.map(|ours| rounded(MEMORY_LIMIT / ours)),
                goal: Some(1.0),
            });
        }
    }
    rows
}

fn multiple(peak: &Peak) -> f64 {
    peak.peak as f64 / peak.bytes.max(1) as f64
}

/// Three decimal places.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

fn report(rows: &[Row], speeds: &[Measured], peaks: &[Peak], terminal: &Terminal) {
    terminal.result(
        "MB a second of processor time (user and system), best of all rounds; bytes of body in, bytes of \
         text out\n",
    );
    for format in ["adf", "storage"] {
        for size in SIZES {
            let document = format!("{format}-{size}");
            for one in speeds.iter().filter(|one| one.document == document) {
                terminal.result(match &one.failed {
                    Some(_) => format!("  {document:<16} {:<22}  failed", one.contender),
                    None => format!(
                        "  {document:<16} {:<22} {:>9.1}  {:>8} → {}",
                        one.contender,
                        best(&one.megabytes_per_second),
                        one.bytes,
                        one.output
                    ),
                });
            }
        }
    }
    terminal.result("\nMost memory at a time, in times of the input\n");
    for peak in peaks {
        let (document, contender) = (&peak.document, &peak.contender);
        let times = multiple(peak);
        terminal.result(format!("  {document:<16} {contender:<22} {times:>9.2}"));
    }
    terminal.result("\nGoals\n");
    rows.iter().for_each(|row| terminal.result(line(row)));
    terminal.result(
        "\nIdentities are removed by ours alone. serde_json IgnoredAny is no converter: it looks at \
         each byte\nand keeps none. In wasm, `content` alone gets the body as text (for ADF the JSON \
         text) and gives script\nand removals as JSON text; it is compiled as the app's wasm is. The npm \
         peers get the same text and give\nMarkdown; for ADF that takes them a JSON.parse. The whole \
         preview is the app's `resolve` as Forge calls it:\nthe body wrapped in the REST API's answer, \
         language, outline, fingerprint and merge, the preview as JSON.\nIn Node the processor time is \
         that of all its threads, so it holds the collector's and the compiler's.",
    );
}

fn line(row: &Row) -> String {
    let (mark, goal) = match (row.goal, row.ratio) {
        (Some(goal), Some(ratio)) if ratio >= goal => ("✓", format!("goal {goal}")),
        (Some(goal), _) => ("✗", format!("goal {goal}")),
        (None, _) => (" ", String::new()),
    };
    let figure = |value: Option<f64>| value.map_or("failed".into(), |value| format!("{value:.2}"));
    let against = format!("{:.2} of {}", row.peer, row.peer_name);
    format!(
        "  {mark} {:<50} {:>8} to {against:<28} {:>8} ×  {goal}",
        row.name,
        figure(row.ours),
        figure(row.ratio),
    )
    .trim_end()
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(document: &str, contender: &str, speeds: &[f64]) -> Measured {
        Measured {
            document: document.into(),
            contender: contender.into(),
            bytes: 10,
            output: 5,
            megabytes_per_second: speeds.to_vec(),
            failed: None,
        }
    }

    #[test]
    fn the_bench_has_its_wasm_made_as_the_app_is() {
        let profile = |manifest: &str| -> String {
            let tables = manifest.split("\n\n");
            let mut lines = Vec::new();
            for table in tables.filter(|table| table.contains("[profile.wasm")) {
                let is_text = |line: &&str| !line.starts_with('#');
                lines.extend(table.lines().filter(is_text).map(str::to_owned));
            }
            lines.join("\n")
        };
        let product = profile(include_str!("../../../Cargo.toml"));
        let bench = profile(include_str!("../../../tests/bench/content/wasm/Cargo.toml"));
        assert!(product.contains("opt-level"), "{product}");
        let product = product.split("\n[profile.wasm-dev]").next();
        assert_eq!(product, Some(bench.trim_end()));
    }

    #[test]
    fn the_best_is_that_of_all_rounds() {
        assert_eq!(best(&[4.0, 9.0, 1.0]), 9.0);
        assert_eq!(best(&[]), 0.0);
    }

    #[test]
    fn the_median_is_that_of_all_rounds() {
        assert_eq!(median(&[9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 9.0]), 3.0);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn a_row_compares_with_the_fastest_peer_that_did_not_fail() {
        let mut broken = measured("adf-small", "adf-to-md", &[900.0]);
        broken.failed = Some("it throws".into());
        let speeds = [
            measured("adf-small", NATIVE, &[280.0, 300.0, 290.0]),
            measured("adf-small", "adf-to-markdown", &[100.0]),
            broken,
        ];
        let peaks = [Peak {
            document: "adf-small".into(),
            contender: NATIVE.into(),
            bytes: 100,
            peak: 500,
        }];
        let rows = rows(&speeds, &peaks);
        assert_eq!(
            rows[0],
            Row {
                name: "adf native against fastest npm, small".into(),
                ours: Some(300.0),
                peer: 100.0,
                peer_name: "adf-to-markdown".into(),
                unit: UNIT,
                ratio: Some(3.0),
                goal: Some(3.0),
            }
        );
        assert!(line(&rows[0]).starts_with("  ✓"), "{}", line(&rows[0]));
        let memory = rows.iter().find(|row| row.name == "adf memory, small");
        let memory = memory.expect("a row");
        assert_eq!((memory.ours, memory.ratio), (Some(5.0), Some(0.8)));
        assert!(line(memory).starts_with("  ✗"), "{}", line(memory));
    }

    #[test]
    fn ours_failing_is_a_goal_missed() {
        let speeds = [measured("storage-large", "confmark", &[30.0])];
        let rows = rows(&speeds, &[]);
        assert_eq!((rows[0].ours, rows[0].ratio), (None, None));
        assert!(line(&rows[0]).starts_with("  ✗"), "{}", line(&rows[0]));
        assert!(line(&rows[0]).contains("failed"));
    }
}
