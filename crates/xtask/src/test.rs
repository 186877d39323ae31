//! `cargo xtask test`: every check of the project, in groups. All groups run even after one failed;
//! the test runners' own output is what the person sees. It must never call a check passed that did
//! not run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::audit;
use crate::build;
use crate::chromium;
use crate::controls;
use crate::dev;
use crate::failure::{Failure, Outcome, at};
use crate::moto;
use crate::npm::{self, npm};
use crate::postgresql;
use crate::project::{Project, node_program};
use crate::promtool;
use crate::results;
use crate::run;
use crate::setup::{self, Ready, WasmArguments};
use crate::terminal::{Terminal, seconds};
use crate::tool;
use crate::wasm_toolchain::{TARGET, WasmToolchain, cargo};

/// Run all checks and tests: lint, Rust, UI, end to end, browser, Forge's own checks.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask test\n  cargo xtask test --only rust\n  \
    cargo xtask test --only e2e --only browser"
)]
pub struct Arguments {
    /// Run this group alone; may be given several times
    #[arg(long, value_name = "GROUP")]
    only: Vec<Group>,
    /// Order one short video at Golpo itself with the key in GOLPO_API_KEY, which costs about one
    /// credit, and run nothing else
    #[arg(long, conflicts_with = "only")]
    live: bool,
    #[command(flatten)]
    wasm: WasmArguments,
}

/// What is run together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Group {
    /// rustfmt, clippy, biome, TypeScript, generated files, cargo-deny if installed
    Lint,
    /// All crates' tests
    Rust,
    /// The Custom UI's tests
    Ui,
    /// The app on the local host with the backend
    E2e,
    /// The same, by a person's clicks in Chromium
    Browser,
    /// Forge's own linters and packaging, as far as they need no account
    Forge,
}

impl Group {
    const ALL: [Self; 6] = [
        Self::Lint,
        Self::Rust,
        Self::Ui,
        Self::E2e,
        Self::Browser,
        Self::Forge,
    ];

    /// Whether it runs the built app.
    fn needs_build(self) -> bool {
        self.needs_backend() || self == Self::Forge
    }

    /// Whether it runs the backend as well.
    fn needs_backend(self) -> bool {
        matches!(self, Self::E2e | Self::Browser)
    }
}

/// How one check ended.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed(String),
    /// Not run, and why; only for checks that need an optional tool or have nothing to check.
    NotRun(String),
}

struct Line {
    name: &'static str,
    verdict: Verdict,
    took: Duration,
}

/// What the checks share.
struct Checks<'a> {
    project: &'a Project,
    terminal: &'a Terminal,
    ready: &'a Ready,
    lines: Vec<Line>,
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    let started = Instant::now();
    if arguments.live {
        return live(project, terminal);
    }
    let ready = setup::ensure(arguments.wasm, project, terminal)?;
    let groups: Vec<Group> = Group::ALL
        .into_iter()
        .filter(|group| arguments.only.is_empty() || arguments.only.contains(group))
        .collect();
    let whole = arguments.only.is_empty();
    forget_results(&results::folder(project), &groups)?;
    let mut checks = Checks {
        project,
        terminal,
        ready: &ready,
        lines: Vec::new(),
    };
    let built = !groups.iter().any(|group| group.needs_build()) || checks.build(&groups)?;
    for group in groups {
        match group {
            Group::Lint => checks.lint()?,
            Group::Rust => checks.rust()?,
            Group::Ui => checks.ui()?,
            Group::E2e => checks.e2e(built)?,
            Group::Browser => checks.browser(built)?,
            Group::Forge => checks.forge(built)?,
        }
    }
    if whole {
        checks.promises()?;
    }
    let lines = checks.lines;
    terminal.heading(&format!("Summary ({})", seconds(started.elapsed())));
    for line in &lines {
        terminal.say(summary(line));
    }
    match lines
        .iter()
        .filter(|line| matches!(line.verdict, Verdict::Failed(_)))
        .count()
    {
        0 => Ok(()),
        failed => Err(Failure::new(
            format!("{failed} of {} checks failed", lines.len()),
            "Their output is above. `cargo xtask test --only GROUP` runs one group again.",
        )),
    }
}

/// The Golpo engine against Golpo: the tests that nobody pays for by accident.
fn live(project: &Project, terminal: &Terminal) -> Outcome {
    if std::env::var_os("GOLPO_API_KEY").is_none_or(|key| key.is_empty()) {
        return Err(Failure::new(
            "there is no key in GOLPO_API_KEY",
            "Set it to a Golpo API key; one short video is ordered, for about one credit (docs/engines.md).",
        ));
    }
    let exchanges = results::folder(project).join("golpo-exchanges.txt");
    let mut test = Command::new("cargo");
    test.current_dir(project.root())
        .args(["test", "--locked", "-p", "engine", "--test", "golpo"])
        .args(["--", "--ignored", "--nocapture", "live::"])
        .env("GOLPO_EXCHANGES", &exchanges);
    terminal.heading(&run::shown(&test));
    if !run::streamed(test)? {
        return Err(Failure::new(
            "Golpo did not do what its double does",
            format!("The shapes of its answers are in {}.", exchanges.display()),
        ));
    }
    terminal.say(format!(
        "The shapes of Golpo's answers are in {}.",
        exchanges.display()
    ));
    Ok(())
}

fn summary(line: &Line) -> String {
    let (mark, why) = match &line.verdict {
        Verdict::Passed => ("✓", ""),
        Verdict::Failed(why) => ("✗", why.as_str()),
        Verdict::NotRun(why) => ("–", why.as_str()),
    };
    let took = seconds(line.took);
    format!("  {mark} {:<34} {took:>12}  {why}", line.name)
        .trim_end()
        .to_owned()
}

impl Checks<'_> {
    /// Builds what the groups run. A failure is one check that failed.
    fn build(&mut self, groups: &[Group]) -> Outcome<bool> {
        self.terminal.heading("build");
        let started = Instant::now();
        let built = build::app(self.ready, self.project, self.terminal).and_then(|()| {
            if !groups.iter().any(|group| group.needs_backend()) {
                Ok(())
            } else if groups.contains(&Group::Rust) {
                build::backend_and_tests(self.project, self.terminal)
            } else {
                build::backend(self.project, self.terminal)?;
                build::preview(self.project, self.terminal)
            }
        });
        self.record("build", started, built.map(|()| Verdict::Passed))
    }

    fn lint(&mut self) -> Outcome {
        let mut fmt = self.cargo();
        fmt.args(["fmt", "--all", "--check"]);
        self.stream("rustfmt", fmt)?;

        let mut clippy = self.cargo();
        clippy
            .args(["clippy", "--locked", "--workspace", "--all-targets"])
            .args(["--", "-D", "warnings"]);
        self.stream("clippy", clippy)?;
        self.clippy_wasm()?;

        let mut biome = Command::new(self.project.npm_program("biome"));
        biome
            .current_dir(self.project.root())
            .args(["check", "--error-on-warnings", "."]);
        self.stream("biome", biome)?;

        let mut tsc = Command::new(self.project.npm_program("tsc"));
        tsc.current_dir(self.project.root())
            .args(["--noEmit", "-p", "static"]);
        self.stream("TypeScript", tsc)?;

        let started = Instant::now();
        let checked = build::check_protocol(self.project).map(|()| Verdict::Passed);
        self.record("generated protocol.ts", started, checked)?;
        self.alerts()?;
        self.deny()
    }

    /// Prometheus' own reading of the alert rules, and days that are played through.
    fn alerts(&mut self) -> Outcome {
        let names = ["alert rules (promtool)", "alert rules, played through"];
        let Some(promtool) = promtool::program(self.project, self.terminal) else {
            for name in names {
                self.not_run(name, promtool::HOW_TO_INSTALL.into())?;
            }
            return Ok(());
        };
        let folder = self.project.path("crates/backend/deploy/monitoring");
        let arguments = [
            ["check", "rules", "alerts.yml"],
            ["test", "rules", "alerts.test.yml"],
        ];
        for (name, arguments) in names.into_iter().zip(arguments) {
            let mut check = Command::new(&promtool);
            check.current_dir(&folder).args(arguments);
            self.stream(name, check)?;
        }
        Ok(())
    }

    fn clippy_wasm(&mut self) -> Outcome {
        const NAME: &str = "clippy (wasm)";
        if self.ready.wasm == WasmToolchain::Debian {
            // Debian's clippy would have to be that of rustc-web, which has none.
            return self.not_run(NAME, format!("needs `rustup target add {TARGET}`"));
        }
        let mut clippy = self.cargo();
        clippy
            .args(["clippy", "--locked", "-p", "app-wasm", "--target", TARGET])
            .args(["--", "-D", "warnings"]);
        self.stream(NAME, clippy)
    }

    fn deny(&mut self) -> Outcome {
        const NAME: &str = "cargo-deny (licences, bans)";
        let Some(program) = audit::program() else {
            return self.not_run(
                NAME,
                "`cargo xtask audit` installs it and checks more".into(),
            );
        };
        let mut deny = Command::new(program);
        deny.current_dir(self.project.root()).args([
            "--offline",
            "check",
            "licenses",
            "bans",
            "sources",
        ]);
        self.stream(NAME, deny)
    }

    /// ffmpeg and ffprobe, with which films are looked into. Without them the tests that need them fail.
    fn ensure_ffprobe(&self) {
        tool::install_missing(
            &[tool::FFPROBE],
            self.project,
            &self.ready.debian,
            self.terminal,
        );
    }

    fn rust(&mut self) -> Outcome {
        self.ensure_ffprobe();
        // Without them the tests that need them fail and say the same.
        if let Err(failure) = moto::ensure(self.project, &self.ready.debian, self.terminal) {
            self.terminal.failure(&failure);
        }
        if let Err(failure) = postgresql::ensure(&self.ready.debian, self.terminal) {
            self.terminal.failure(&failure);
        }
        if run::on_path("cargo-nextest").is_some() {
            let mut nextest = self.cargo();
            nextest.args([
                "nextest",
                "run",
                "--locked",
                "--workspace",
                "--no-fail-fast",
            ]);
            self.stream_into("Rust tests (nextest)", nextest, "rust.log")?;
            return self.documentation();
        }
        let mut test = self.cargo();
        test.args(["test", "--locked", "--workspace", "--no-fail-fast"]);
        self.stream_into("Rust tests", test, "rust.log")
    }

    /// nextest leaves these to cargo, which compiles much anew for them.
    fn documentation(&mut self) -> Outcome {
        const NAME: &str = "Rust documentation tests";
        if !has_documentation_tests(&self.project.path("crates")) {
            return self.not_run(NAME, "there are none".into());
        }
        let mut doc = self.cargo();
        doc.args(["test", "--locked", "--workspace", "--doc"]);
        self.stream(NAME, doc)
    }

    fn ui(&mut self) -> Outcome {
        let mut vitest = npm(self.project);
        let results = results::folder(self.project).join("ui.json");
        vitest
            .args(["test", "--workspace", "static", "--"])
            .args(["--reporter=default", "--reporter=json"])
            .arg(format!("--outputFile.json={}", results.display()));
        self.stream("UI tests", vitest)
    }

    fn e2e(&mut self, built: bool) -> Outcome {
        self.ensure_ffprobe();
        const NAME: &str = "end-to-end tests";
        let started = Instant::now();
        // What they see of a panic, the app as Forge gets it cannot be made to show.
        match dev::glue(self.ready, self.project, self.terminal) {
            Ok(_) => self.node_tests(NAME, "tests/e2e", "e2e.tap", None, built),
            Err(failure) => self.record(NAME, started, Err(failure)).map(|_| ()),
        }
    }

    fn browser(&mut self, built: bool) -> Outcome {
        const NAME: &str = "browser tests";
        let started = Instant::now();
        match chromium::ensure(&self.ready.debian, self.terminal) {
            Ok(chromium) => {
                self.node_tests(NAME, "tests/browser", "browser.tap", Some(chromium), built)
            }
            Err(failure) => self.record(NAME, started, Err(failure)).map(|_| ()),
        }
    }

    /// Atlassian's packages for this bring five hundred others: they have a lock file of their own.
    fn forge(&mut self, built: bool) -> Outcome {
        const NAME: &str = "Forge's linters and packaging";
        let started = Instant::now();
        let folder = self.project.path("tests/forge");
        match npm::install_in(&folder, "Forge's tools", self.terminal) {
            Ok(()) => self.node_tests(NAME, "tests/forge", "forge.tap", None, built),
            Err(failure) => self.record(NAME, started, Err(failure)).map(|_| ()),
        }
    }

    /// `node --test` on a folder's test files.
    fn node_tests(
        &mut self,
        name: &'static str,
        folder: &str,
        results: &str,
        chromium: Option<PathBuf>,
        built: bool,
    ) -> Outcome {
        let started = Instant::now();
        if !built {
            let why = Verdict::Failed("not run: the build failed".into());
            return self.record(name, started, Ok(why)).map(|_| ());
        }
        let files = test_files(&self.project.path(folder));
        if files.is_empty() {
            let why = Verdict::Failed(format!("no test file in {folder}"));
            return self.record(name, started, Ok(why)).map(|_| ());
        }
        let mut node = Command::new(node_program("node"));
        node.current_dir(self.project.root())
            // One at a time: each file starts services and renders video.
            .args(["--test", "--test-concurrency=1"])
            .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
            .arg("--test-reporter=tap")
            .arg(format!(
                "--test-reporter-destination={}",
                results::folder(self.project).join(results).display()
            ))
            .args(files)
            .env("GOLPO_BACKEND_BIN", self.project.backend())
            .env("GOLPO_PREVIEW_BIN", self.project.preview())
            .env("GOLPO_WASM_GLUE", self.project.wasm_glue())
            .env(
                "GOLPO_DEV_GLUE",
                self.project.memory("dev").join("golpo.cjs"),
            );
        if let Some(chromium) = chromium {
            node.env(chromium::VARIABLE, chromium);
        }
        self.stream(name, node)
    }

    fn cargo(&self) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(self.project.root());
        command
    }

    /// Runs one check, its output on the person's screen.
    fn stream(&mut self, name: &'static str, command: Command) -> Outcome {
        self.terminal
            .heading(&format!("{name}: {}", run::shown(&command)));
        let started = Instant::now();
        let verdict = run::streamed(command).map(|succeeded| {
            if succeeded {
                Verdict::Passed
            } else {
                Verdict::Failed(String::new())
            }
        });
        self.record(name, started, verdict).map(|_| ())
    }

    /// Like [`Checks::stream`]; the lines are kept for `cargo xtask controls` as well.
    fn stream_into(&mut self, name: &'static str, command: Command, file: &str) -> Outcome {
        self.terminal
            .heading(&format!("{name}: {}", run::shown(&command)));
        let started = Instant::now();
        let file = results::folder(self.project).join(file);
        let say = |line: &str| self.terminal.say(line);
        let verdict = run::teed(command, &file, say).map(|succeeded| {
            if succeeded {
                Verdict::Passed
            } else {
                Verdict::Failed(String::new())
            }
        });
        self.record(name, started, verdict).map(|_| ())
    }

    /// Whether each promise that is called kept has been shown by this run.
    fn promises(&mut self) -> Outcome {
        const NAME: &str = "promises P1 to P23";
        self.terminal.heading(NAME);
        let started = Instant::now();
        let checked = controls::check(self.project, self.terminal);
        self.record(NAME, started, checked.map(|()| Verdict::Passed))
            .map(|_| ())
    }

    fn not_run(&mut self, name: &'static str, why: String) -> Outcome {
        self.terminal.heading(&format!("{name}: not run: {why}"));
        let verdict = Ok(Verdict::NotRun(why));
        self.record(name, Instant::now(), verdict).map(|_| ())
    }

    /// Notes how a check ended and gives whether it passed. Only Ctrl-C ends the whole run.
    fn record(
        &mut self,
        name: &'static str,
        started: Instant,
        verdict: Outcome<Verdict>,
    ) -> Outcome<bool> {
        let verdict = match verdict {
            Ok(verdict) => verdict,
            Err(failure) if run::interrupted() => return Err(failure),
            Err(failure) => {
                self.terminal.failure(&failure);
                Verdict::Failed("see its error above".into())
            }
        };
        let passed = verdict == Verdict::Passed;
        self.lines.push(Line {
            name,
            verdict,
            took: started.elapsed(),
        });
        Ok(passed)
    }
}

/// Results of an earlier run must not be taken for this one's.
fn forget_results(folder: &Path, groups: &[Group]) -> Outcome {
    std::fs::create_dir_all(folder).map_err(at("make", folder))?;
    let files = groups.iter().filter_map(|group| match group {
        Group::Lint => None,
        Group::Rust => Some("rust.log"),
        Group::Ui => Some("ui.json"),
        Group::E2e => Some("e2e.tap"),
        Group::Browser => Some("browser.tap"),
        Group::Forge => Some("forge.tap"),
    });
    for file in files {
        let path = folder.join(file);
        if path.exists() {
            std::fs::remove_file(&path).map_err(at("remove", &path))?;
        }
    }
    Ok(())
}

/// Whether a Rust file under a folder has a fenced block in a documentation comment.
fn has_documentation_tests(folder: &Path) -> bool {
    let fenced = |line: &str| {
        let comment = ["///", "//!"]
            .iter()
            .find_map(|mark| line.strip_prefix(mark));
        comment.is_some_and(|text| text.trim_start().starts_with("```"))
    };
    build::files_under(folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .any(|text| text.lines().any(|line| fenced(line.trim_start())))
}

/// A folder's `*.test.mjs`, sorted.
fn test_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_found_and_others_left() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.test.mjs", "a.test.mjs", "helper.mjs", "c.test.js"] {
            std::fs::write(folder.path().join(name), "").expect("written");
        }
        let names: Vec<String> = test_files(folder.path())
            .iter()
            .filter_map(|path| path.file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, ["a.test.mjs", "b.test.mjs"]);
        assert!(test_files(&folder.path().join("missing")).is_empty());
    }

    #[test]
    fn documentation_tests_are_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("src")).expect("made");
        let file = folder.path().join("src/lib.rs");
        for (text, expected) in [
            ("/// Adds.\n/// ```\n/// assert!(true);\n/// ```", true),
            ("    //! ```text\n    //! x\n    //! ```", true),
            ("/// Adds `one`.\nfn add() {} // ```", false),
        ] {
            std::fs::write(&file, text).expect("written");
            assert_eq!(has_documentation_tests(folder.path()), expected, "{text}");
        }
    }

    #[test]
    fn what_did_not_run_is_not_shown_as_passed() {
        let line = Line {
            name: "clippy (wasm)",
            verdict: Verdict::NotRun("needs rustup".into()),
            took: Duration::ZERO,
        };
        let text = summary(&line);
        assert!(
            text.starts_with("  – clippy (wasm)") && text.ends_with("needs rustup"),
            "{text}"
        );
    }
}
