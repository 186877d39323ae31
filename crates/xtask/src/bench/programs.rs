//! The two measuring programs of a bench, one native and one for Node: built and installed, run, and
//! read. They stand in `tests/bench/NAME`, outside the workspace, so that what they compare with
//! never reaches the product's lock files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::de::DeserializeOwned;

use super::LIMIT;
use crate::failure::{Failure, Outcome, at};
use crate::npm;
use crate::project::{Project, node_program};
use crate::run;
use crate::terminal::Terminal;
use crate::wasm_toolchain::cargo;

/// Nanoseconds of each contender, one figure a round.
pub(super) type Measured = BTreeMap<String, Vec<f64>>;

/// Both programs, ready to run.
pub(super) struct Programs<'a> {
    terminal: &'a Terminal,
    source: PathBuf,
    folder: PathBuf,
}

impl<'a> Programs<'a> {
    /// Installs the peers and builds the native program of `tests/bench/NAME` (release build).
    pub(super) fn prepare(name: &str, project: &Project, terminal: &'a Terminal) -> Outcome<Self> {
        let programs = Self {
            terminal,
            source: project.path("tests/bench").join(name),
            folder: project.target().join(format!("bench-{name}")),
        };
        npm_peers(&programs.source, &programs.folder, terminal)?;
        build(project, &programs.source, &programs.folder, terminal)?;
        Ok(programs)
    }

    /// Where the programs' sources are.
    pub(super) fn source(&self) -> &Path {
        &self.source
    }

    /// Where what they write goes.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the npm peers are.
    pub(super) fn npm(&self) -> PathBuf {
        self.folder.join("npm")
    }

    /// The native program, without arguments.
    pub(super) fn native(&self, program: &str) -> Command {
        native(&self.folder, program)
    }

    /// The program for Node, without arguments.
    pub(super) fn node(&self) -> Command {
        let mut command = Command::new(node_program("node"));
        command.arg(self.source.join("speed.mjs"));
        command
    }

    /// Runs one of the programs, which prints a line of JSON, and adds its figures.
    pub(super) fn measure(&self, name: &str, command: Command, all: &mut Measured) -> Outcome {
        let measured: Measured = printed(self.terminal, name, command)?;
        for (contender, times) in measured {
            all.entry(contender).or_default().extend(times);
        }
        Ok(())
    }
}

/// What a program prints in one line of JSON, whatever it prints beside.
pub(super) fn printed<T: DeserializeOwned>(
    terminal: &Terminal,
    name: &str,
    command: Command,
) -> Outcome<T> {
    let step = terminal.step(name);
    let shown = run::shown(&command);
    let advice = "Run it by hand to see more.";
    let lines = run::quiet(command, &step, Some(LIMIT), advice)?;
    let mut parsed = lines.iter().rev().map(|line| serde_json::from_str(line));
    let Some(value) = parsed.find_map(Result::ok) else {
        let what = format!("`{shown}` printed no result");
        return Err(Failure::new(what, advice).with_output(&lines));
    };
    step.done("");
    Ok(value)
}

/// Builds what `source/Cargo.toml` describes. Not `--locked`: a dependency that the product got
/// since may be missing in the bench's lock file, and what is in there stays as it is all the same.
pub(super) fn build(
    project: &Project,
    source: &Path,
    folder: &Path,
    terminal: &Terminal,
) -> Outcome {
    let step = terminal.step("native programs and peers");
    let mut command = Command::new(cargo());
    command
        .current_dir(project.root())
        .args(["build", "--release", "--manifest-path"])
        .arg(source.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(folder.join("cargo"));
    run::quiet(command, &step, None, "Mend the error above.")?;
    step.done("");
    Ok(())
}

/// Installs what `source/package.json` names into `folder/npm`.
pub(super) fn npm_peers(source: &Path, folder: &Path, terminal: &Terminal) -> Outcome {
    let npm = folder.join("npm");
    std::fs::create_dir_all(&npm).map_err(at("make", &npm))?;
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        let from = source.join(name);
        std::fs::copy(&from, npm.join(name)).map_err(at("copy", &from))?;
    }
    npm::install_in(&npm, "npm peers", terminal)
}

/// A program that [`build`] built, without arguments.
pub(super) fn native(folder: &Path, program: &str) -> Command {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    Command::new(folder.join("cargo").join("release").join(file))
}
