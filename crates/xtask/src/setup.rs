//! `cargo xtask setup`: makes a machine with Rust and Node ready, and the others call it first. It
//! must never do again what is done already, and never fail for a tool that the project can miss.

use clap::Args;

use crate::debian::Debian;
use crate::failure::Outcome;
use crate::moto;
use crate::npm;
use crate::postgresql;
use crate::project::Project;
use crate::terminal::Terminal;
use crate::tool;
use crate::wasm_toolchain::{self, WasmToolchain};

/// Make this machine ready: wasm target, npm packages, optional tools.
///
/// Safe to run again; what is there already is left alone. On Debian, as root or where sudo asks no
/// question, missing packages are installed; elsewhere they are named with the command for them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask setup\n  cargo xtask setup --wasm-toolchain debian"
)]
pub struct Arguments {
    #[command(flatten)]
    pub wasm: WasmArguments,
}

/// Shared by all commands that build.
#[derive(Args, Clone, Copy, Default)]
pub struct WasmArguments {
    /// Compile wasm with this toolchain and no other [default: rustup's, else Debian's]
    #[arg(long, env = "GOLPO_WASM_TOOLCHAIN", value_name = "WAY")]
    pub wasm_toolchain: Option<WasmToolchain>,
}

/// What set-up leaves behind for the commands that called it.
pub struct Ready {
    pub wasm: WasmToolchain,
    pub debian: Debian,
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    let ready = ensure(arguments.wasm, project, terminal)?;
    // Only tests need them, and they say so themselves.
    let postgresql = postgresql::ensure(&ready.debian, terminal);
    let moto = moto::ensure(project, &ready.debian, terminal);
    for failure in [postgresql, moto].into_iter().filter_map(Result::err) {
        terminal.failure(&failure);
    }
    terminal.say(format!(
        "Ready: wasm the {} way, npm packages as locked.",
        ready.wasm.name()
    ));
    Ok(())
}

/// Makes the machine ready. Quiet when it is.
pub fn ensure(wasm: WasmArguments, project: &Project, terminal: &Terminal) -> Outcome<Ready> {
    let debian = Debian::look();
    let wasm = wasm_toolchain::ensure(wasm.wasm_toolchain, project, &debian, terminal)?;
    npm::install(project, terminal)?;
    let tools = [tool::NASM, tool::ESPEAK, tool::PYTHON];
    tool::install_missing(&tools, project, &debian, terminal);
    Ok(Ready { wasm, debian })
}
