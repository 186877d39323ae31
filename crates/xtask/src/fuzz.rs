//! `cargo xtask fuzz`: runs content's and redaction's fuzz targets. What is found goes to the target folder; it must
//! never leave anything in the tree but the empty folder that cargo-fuzz makes, which git ignores.

use std::process::Command;
use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::failure::{Failure, Outcome, at};
use crate::project::Project;
use crate::run;
use crate::terminal::{Terminal, seconds};
use crate::wasm_toolchain::cargo;

/// Fuzz the parsers, what takes people out of a page (crates/content/fuzz/README.md), and the log's redaction.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask fuzz\n  cargo xtask fuzz identity --seconds 3600")]
pub struct Arguments {
    /// Run this target alone
    target: Option<Target>,
    /// How long each target runs
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    /// Any text as an ADF body
    Adf,
    /// Any text as a body in storage format
    Storage,
    /// Made-up people on made-up pages
    Identity,
    /// Any text as a line of a log
    Redact,
}

impl Target {
    const ALL: [Self; 4] = [Self::Adf, Self::Storage, Self::Identity, Self::Redact];

    fn folder(self) -> &'static str {
        match self {
            Self::Adf | Self::Storage | Self::Identity => "crates/content/fuzz",
            Self::Redact => "crates/redaction/fuzz",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Adf => "adf",
            Self::Storage => "storage",
            Self::Identity => "identity",
            Self::Redact => "redact",
        }
    }

    fn is_parser(self) -> bool {
        matches!(self, Self::Adf | Self::Storage)
    }
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    if run::on_path("cargo-fuzz").is_none() {
        return Err(Failure::new(
            "cargo-fuzz is not installed",
            "Run `cargo install cargo-fuzz`, then try again.",
        ));
    }
    for target in Target::ALL {
        if arguments.target.is_none_or(|one| one == target) {
            fuzz(target, arguments.seconds, project, terminal)?;
        }
    }
    Ok(())
}

fn fuzz(target: Target, limit: u32, project: &Project, terminal: &Terminal) -> Outcome {
    let name = target.name();
    let source = project.path(target.folder());
    let found = project.target().join("fuzz");
    let (corpus, failed) = (found.join("corpus").join(name), found.join("failed"));
    for folder in [&corpus, &failed] {
        std::fs::create_dir_all(folder).map_err(at("make", folder))?;
    }
    let mut command = Command::new(cargo());
    command
        .current_dir(project.root())
        // cargo-fuzz instruments by flags that a stable compiler takes only so.
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["fuzz", "run", "--sanitizer", "none", "--fuzz-dir"])
        .arg(&source)
        .arg("--target-dir")
        .arg(found.join("build"))
        .args([name.as_ref(), corpus.as_os_str()])
        .arg(source.join("seeds").join(name));
    if target.is_parser() {
        command.args([
            project.path("crates/content/tests/pages"),
            project.path("tests/site"),
        ]);
    }
    let prefix = failed.join(format!("{name}-"));
    command
        .args(["--", "-timeout=10", "-rss_limit_mb=2048", "-max_len=65536"])
        .arg(format!("-max_total_time={limit}"))
        .arg(format!("-artifact_prefix={}", prefix.display()));
    if target.is_parser() {
        let dictionary = source.join(format!("{name}.dict"));
        command.arg(format!("-dict={}", dictionary.display()));
    }
    terminal.heading(&format!("{name}: {}", run::shown(&command)));
    let started = Instant::now();
    if run::streamed(command)? {
        let took = seconds(started.elapsed());
        terminal.say(format!("{name}: nothing found in {took}"));
        return Ok(());
    }
    Err(Failure::new(
        format!("{name}: an input fails, or the target does not build"),
        format!(
            "The output above says which; inputs that fail lie in {}.",
            failed.display()
        ),
    ))
}
