//! `cargo xtask chaos`: the backend's tests under fire, with as many kills as are wanted and with their
//! figures shown. All other tests run them with fewer. It must never be quieter about a failure.

use std::process::Command;

use clap::Args;

use crate::debian::Debian;
use crate::failure::{Failure, Outcome};
use crate::moto;
use crate::postgresql;
use crate::project::Project;
use crate::run;
use crate::terminal::Terminal;
use crate::wasm_toolchain::cargo;

/// Kill the backend at random moments under load, take away what it stands on, and count.
///
/// After kills, restarts of PostgreSQL, an object store that refuses, a disk that takes no more, an
/// engine that fails and clocks that jump: every accepted video is made, none is there twice, each is
/// charged once, and after the sweeper no file is without a row.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask chaos\n  cargo xtask chaos --kills 1000\n\n\
    Exit codes: 0 nothing was lost or done twice, 1 something was."
)]
pub struct Arguments {
    /// How often to kill, half of it on SQLite and half on PostgreSQL
    #[arg(long, default_value_t = 200)]
    kills: u32,
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    let debian = Debian::look();
    postgresql::ensure(&debian, terminal)?;
    moto::ensure(project, &debian, terminal)?;
    let mut test = Command::new(cargo());
    test.current_dir(project.root())
        .args(["test", "--locked", "-p", "backend", "--test", "chaos", "--"])
        .args(["--nocapture", "--test-threads=1"])
        .env("GOLPO_CHAOS_KILLS", arguments.kills.to_string());
    terminal.heading(&format!("chaos: {}", run::shown(&test)));
    if run::streamed(test)? {
        return Ok(());
    }
    Err(Failure::new(
        "something was lost, done twice or left behind",
        "The lines above say what. It is a matter of chance: `--kills 1000` meets it more often.",
    ))
}
