//! `cargo xtask canary`: the run in which every kind of data is a marker, alone and with what it found
//! printed. The end-to-end tests have it too. It must never call the run passed that did not look.

use std::process::Command;

use clap::Args;

use crate::build;
use crate::failure::{Failure, Outcome};
use crate::project::{Project, node_program};
use crate::run;
use crate::setup::{self, WasmArguments};
use crate::terminal::Terminal;

/// Plant a marker of every kind of data, use the app, and look where each is found.
///
/// Key, page, title, selection, attachment, names, account ids, e-mail addresses, tokens and the rest
/// are looked for in storage, database, objects, logs, metrics, requests and answers, raw and encoded,
/// and what is found is held against docs/data-map.md.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask canary\n\n\
    Exit codes: 0 each marker was found where the data map lets it be and nowhere else, 1 not.")]
pub struct Arguments {
    #[command(flatten)]
    wasm: WasmArguments,
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    let ready = setup::ensure(arguments.wasm, project, terminal)?;
    build::app(&ready, project, terminal)?;
    build::backend(project, terminal)?;
    let mut node = Command::new(node_program("node"));
    node.current_dir(project.root())
        .args([
            "--test",
            "--test-reporter=spec",
            "tests/e2e/canary.test.mjs",
        ])
        .env("GOLPO_BACKEND_BIN", project.backend());
    terminal.heading(&format!("canary run: {}", run::shown(&node)));
    if run::streamed(node)? {
        return Ok(());
    }
    Err(Failure::new(
        "a marker was found where it must not be, or not found where the data map has it",
        "The lines above name kind and place. Mend the code; or the map, if it is the map that is wrong.",
    ))
}
