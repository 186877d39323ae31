//! Set-up, build, demo, test and bench of the whole project: `cargo xtask COMMAND`. One module a command,
//! and below them what they share. It must never need anything but Rust and Node to start, and never
//! leave a program running that it started.

mod audit;
mod bench;
mod build;
mod canary;
mod chaos;
mod chromium;
mod controls;
mod debian;
mod demo;
mod dev;
mod doctor;
mod failure;
mod findings;
mod fuzz;
mod moto;
mod mp4;
mod npm;
mod npm_lock;
mod once;
#[cfg(test)]
mod policy;
mod postgresql;
mod project;
mod promises;
mod promtool;
mod register;
mod results;
mod run;
mod sbom;
mod service;
mod setup;
mod terminal;
mod test;
mod tool;
mod vulnerability;
mod wasm_toolchain;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::project::Project;
use crate::terminal::Terminal;

/// Set-up, build, demo, test and bench of Golpo AI for Confluence.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
#[command(
    after_help = "Exit codes: 0 done, 1 something failed, 2 wrong usage.\n\n\
    Start with:\n  cargo xtask demo --once --out video.mp4\n  cargo xtask test"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Setup(setup::Arguments),
    Build(build::Arguments),
    Demo(demo::Arguments),
    Dev(dev::Arguments),
    Test(test::Arguments),
    Bench(bench::Arguments),
    Fuzz(fuzz::Arguments),
    Doctor(doctor::Arguments),
    Audit(audit::Arguments),
    Canary(canary::Arguments),
    Chaos(chaos::Arguments),
    Controls(controls::Arguments),
    Vulnerability(vulnerability::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = match arguments.command {
        // Its stdout is its result.
        Command::Bench(_) | Command::Controls(_) | Command::Vulnerability(_) => {
            Terminal::on_stderr()
        }
        _ => Terminal::new(),
    };
    let done = run::watch_for_interrupt()
        .and_then(|()| Project::find())
        .and_then(|project| match arguments.command {
            Command::Setup(arguments) => setup::run(&arguments, &project, &terminal),
            Command::Build(arguments) => build::run(&arguments, &project, &terminal),
            Command::Demo(arguments) => demo::run(&arguments, &project, &terminal),
            Command::Dev(arguments) => dev::run(&arguments, &project, &terminal),
            Command::Test(arguments) => test::run(&arguments, &project, &terminal),
            Command::Bench(arguments) => bench::run(&arguments, &project, &terminal),
            Command::Fuzz(arguments) => fuzz::run(&arguments, &project, &terminal),
            Command::Audit(arguments) => audit::run(&arguments, &project, &terminal),
            Command::Canary(arguments) => canary::run(&arguments, &project, &terminal),
            Command::Chaos(arguments) => chaos::run(&arguments, &project, &terminal),
            Command::Controls(arguments) => controls::run(&arguments, &project, &terminal),
            Command::Vulnerability(arguments) => {
                vulnerability::run(&arguments, &project, &terminal)
            }
            Command::Doctor(arguments) => doctor::run(&arguments, &project, &terminal),
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal.failure(&failure);
            ExitCode::FAILURE
        }
    }
}
