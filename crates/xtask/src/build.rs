//! `cargo xtask build`: the app as Forge would get it. Rust becomes wasm, wasm becomes small, the
//! shim becomes one file beside it, and Vite makes the Custom UI. It must never leave a half-made
//! wasm where a finished one is expected.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::failure::{Failure, Outcome, at};
use crate::npm::{self, npm};
use crate::project::Project;
use crate::run;
use crate::setup::{self, Ready, WasmArguments};
use crate::terminal::{Terminal, seconds, size};
use crate::wasm_toolchain::cargo;

/// A wasm module that Forge gets, or one that is made as those are.
pub struct Module {
    /// The folder in the project whose Cargo.toml has the profile, and knows the package: the
    /// project's own is empty.
    pub workspace: &'static str,
    pub package: &'static str,
    /// The profile in Cargo.toml that makes it small.
    pub profile: &'static str,
    /// What its files are called: `NAME.js`, `NAME_bg.wasm`.
    pub name: &'static str,
    /// How wasm-opt makes it smaller.
    pub level: &'static str,
    /// Whether the glue can start it anew after a trap.
    pub restarts: bool,
}

/// Small before fast: Forge compiles it at every cold start.
pub const APP: Module = Module {
    workspace: "",
    package: "app-wasm",
    profile: "wasm",
    name: "golpo",
    level: "-Oz",
    restarts: false,
};

/// Loaded when an attachment is chosen; what it reads are files from anywhere.
pub const ATTACHMENTS: Module = Module {
    workspace: "",
    package: "attachments-wasm",
    profile: "wasm",
    name: "attachments",
    level: "-Oz",
    restarts: true,
};

/// What Rust's wasm target emits by default, and Node 22 runs.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Build the app as Forge would get it: wasm and shim in src-js-shim/dist, Custom UI in static/dist.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask build\n  cargo xtask build --check")]
pub struct Arguments {
    /// Build nothing; fail if static/src/protocol.ts is not what crates/protocol says
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    wasm: WasmArguments,
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    if arguments.check {
        check_protocol(project)?;
        terminal.say("static/src/protocol.ts is what crates/protocol says.");
        return Ok(());
    }
    let ready = setup::ensure(arguments.wasm, project, terminal)?;
    app(&ready, project, terminal)
}

/// Builds the app and prints what came out.
pub fn app(ready: &Ready, project: &Project, terminal: &Terminal) -> Outcome {
    let started = Instant::now();
    write_protocol(project)?;
    function(ready, project, terminal)?;
    workspace("static", "Custom UI", project, terminal)?;
    let dist = project.path("src-js-shim/dist");
    for name in ["golpo_bg.wasm", "attachments_bg.wasm.br", "golpo.cjs"] {
        print_size(name, &[dist.join(name)], terminal)?;
    }
    print_size("src-js-shim/dist", &files_under(&dist), terminal)?;
    print_size(
        "static/dist",
        &files_under(&project.path("static/dist")),
        terminal,
    )?;
    terminal.say(format!("  app built in {}", seconds(started.elapsed())));
    Ok(())
}

/// Builds the folder of Forge's function: both modules and the shim, in src-js-shim/dist.
pub fn function(ready: &Ready, project: &Project, terminal: &Terminal) -> Outcome {
    wasm(ready, project, terminal)?;
    make(&ATTACHMENTS, ready, project, terminal)?;
    shim(project, terminal)
}

/// Builds the backend, the development build. Its binary is then [`Project::backend`].
pub fn backend(project: &Project, terminal: &Terminal) -> Outcome {
    let step = terminal.step("backend");
    let mut command = Command::new(cargo());
    command
        .current_dir(project.root())
        .args(["build", "--locked", "-p", "backend"]);
    run::quiet(
        command,
        &step,
        None,
        "Mend the error above, then try again.",
    )?;
    step.done("");
    Ok(())
}

/// Builds the reviewers' example of `content`, which the end-to-end tests compare with the wasm. It
/// is then [`Project::preview`].
pub fn preview(project: &Project, terminal: &Terminal) -> Outcome {
    let step = terminal.step("content's example");
    let mut command = Command::new(cargo());
    command.current_dir(project.root()).args([
        "build",
        "--locked",
        "-p",
        "content",
        "--example",
        "preview",
    ]);
    run::quiet(
        command,
        &step,
        None,
        "Mend the error above, then try again.",
    )?;
    step.done("");
    Ok(())
}

/// Builds the tests of all crates, and with them the backend's binary ([`Project::backend`]) and
/// content's example ([`Project::preview`]). The tests ask for more features of what they depend on
/// than the backend alone does; building both ways would compile most of it twice.
pub fn backend_and_tests(project: &Project, terminal: &Terminal) -> Outcome {
    let step = terminal.step("backend and Rust tests");
    let mut command = Command::new(cargo());
    command
        .current_dir(project.root())
        .args(["test", "--locked", "--workspace", "--no-run"]);
    run::quiet(
        command,
        &step,
        None,
        "Mend the error above, then try again.",
    )?;
    step.done("");
    Ok(())
}

/// Fails when the TypeScript of the protocol is not what the Rust of it says.
pub fn check_protocol(project: &Project) -> Outcome {
    let file = protocol_file(project);
    if std::fs::read_to_string(&file).unwrap_or_default() == protocol::typescript::module() {
        return Ok(());
    }
    Err(Failure::new(
        format!("{} is not what crates/protocol says", file.display()),
        "Run `cargo xtask build` and commit the file.",
    ))
}

pub fn write_protocol(project: &Project) -> Outcome {
    if check_protocol(project).is_ok() {
        return Ok(());
    }
    let file = protocol_file(project);
    std::fs::write(&file, protocol::typescript::module()).map_err(at("write", &file))
}

fn protocol_file(project: &Project) -> PathBuf {
    project.path("static/src/protocol.ts")
}

/// Rust to wasm.
pub fn compile(
    module: &Module,
    ready: &Ready,
    project: &Project,
    terminal: &Terminal,
) -> Outcome<PathBuf> {
    let Module {
        package, profile, ..
    } = module;
    let step = terminal.step(format!("{package} → wasm ({})", ready.wasm.name()));
    let folder = project.path(module.workspace);
    let mut command = ready.wasm.cargo_build(project, &folder, package, profile);
    // A lock file beside the project's own follows the crates that it takes from there.
    if module.workspace.is_empty() {
        command.arg("--locked");
    }
    let advice = "Mend the error above. If the toolchain itself is broken, try the other one: \
                  `--wasm-toolchain rustup` or `--wasm-toolchain debian`.";
    run::quiet(command, &step, None, advice)?;
    step.done("");
    Ok(ready.wasm.output(project, package, profile))
}

/// Builds the app's wasm and its glue ([`Project::wasm_glue`]): compiled, bound, made smaller.
pub fn wasm(ready: &Ready, project: &Project, terminal: &Terminal) -> Outcome {
    make(&APP, ready, project, terminal).map(drop)
}

/// Builds a module: compiled, bound, made smaller. Gives its glue, beside which the wasm lies.
pub fn make(
    module: &Module,
    ready: &Ready,
    project: &Project,
    terminal: &Terminal,
) -> Outcome<PathBuf> {
    let compiled = compile(module, ready, project, terminal)?;
    let work = project.memory("bindgen");
    std::fs::create_dir_all(&work).map_err(at("make", &work))?;
    let step = terminal.step(format!("wasm-bindgen {}", module.name));
    bindgen(module, &compiled, &work)?;
    step.done("");

    let optimised = optimise(module, &work, project, terminal)?;
    let (wasm, glue) = files(module, project);
    let folder = project.memory("wasm");
    std::fs::create_dir_all(&folder).map_err(at("make", &folder))?;
    put(&optimised, &wasm)?;
    put(&work.join(format!("{}.js", module.name)), &glue)?;
    Ok(glue)
}

/// A module's wasm and the JavaScript that loads it, once they are made.
pub fn files(module: &Module, project: &Project) -> (PathBuf, PathBuf) {
    let folder = project.memory("wasm");
    let name = module.name;
    (
        folder.join(format!("{name}_bg.wasm")),
        folder.join(format!("{name}.cjs")),
    )
}

/// The modules and their glue to where Forge's bundle is made, and the shim bundled.
fn shim(project: &Project, terminal: &Terminal) -> Outcome {
    let dist = project.path("src-js-shim/dist");
    std::fs::create_dir_all(&dist).map_err(at("make", &dist))?;
    for module in [&APP, &ATTACHMENTS] {
        let (wasm, glue) = files(module, project);
        let name = module.name;
        put(&wasm, &dist.join(format!("{name}_bg.wasm")))?;
        put(&glue, &dist.join(format!("{name}.js")))?;
    }
    workspace("src-js-shim", "shim", project, terminal)
}

/// Makes a module's wasm in `work` smaller, unless that was done to the same bytes before.
fn optimise(
    module: &Module,
    work: &Path,
    project: &Project,
    terminal: &Terminal,
) -> Outcome<PathBuf> {
    let Module { name, level, .. } = module;
    let input = work.join(format!("{name}_bg.wasm"));
    let optimised = work.join(format!("{name}_opt.wasm"));
    let made_of = work.join(format!("{name}_opt.of"));
    let program = project.npm_program("wasm-opt");
    let version = run::answer(&program.to_string_lossy(), &["--version"]).unwrap_or_default();
    let mut hash = Sha256::new_with_prefix(std::fs::read(&input).map_err(at("read", &input))?);
    hash.update(format!("{version}{level}{WASM_FEATURES:?}"));
    let hash = npm::hex(&hash.finalize());

    let step = terminal.step(format!("wasm-opt {name}"));
    let same = std::fs::read_to_string(&made_of).is_ok_and(|text| text == hash);
    if same && optimised.is_file() {
        step.done("unchanged");
        return Ok(optimised);
    }
    let _ = std::fs::remove_file(&made_of);
    let mut command = Command::new(program);
    command
        .arg(level)
        .args(WASM_FEATURES)
        .arg(&input)
        .arg("-o")
        .arg(&optimised);
    let advice = "`npm ci` installs wasm-opt (package binaryen). If it does not know a feature of \
                  the wasm, name the feature in crates/xtask/src/build.rs.";
    run::quiet(command, &step, None, advice)?;
    std::fs::write(&made_of, hash).map_err(at("write", &made_of))?;
    step.done("");
    Ok(optimised)
}

/// Makes the JS that loads a module's wasm in Node.
pub fn bindgen(module: &Module, wasm: &Path, out: &Path) -> Outcome {
    let mut bindgen = Bindgen::new();
    let made = bindgen
        .nodejs(true)
        .map(|bindgen| {
            bindgen
                .input_path(wasm)
                .out_name(module.name)
                .typescript(false)
                .reset_state_function(module.restarts)
                .remove_producers_section(true)
        })
        .and_then(|bindgen| bindgen.generate(out));
    made.map_err(|error| {
        Failure::new(
            format!("wasm-bindgen refused {}: {error:#}", wasm.display()),
            "If it speaks of versions: `wasm-bindgen` in crates/app-wasm/Cargo.toml, \
             crates/attachments-wasm/Cargo.toml, tests/bench/content/wasm/Cargo.toml and \
             `wasm-bindgen-cli-support` in crates/xtask/Cargo.toml must name the same one.",
        )
    })
}

/// Copies a finished file under its name in one move.
pub fn put(from: &Path, to: &Path) -> Outcome {
    let half = to.with_extension("part");
    std::fs::copy(from, &half).map_err(at("write", &half))?;
    std::fs::rename(&half, to).map_err(at("write", to))
}

/// `npm run build` in a workspace.
fn workspace(folder: &str, name: &str, project: &Project, terminal: &Terminal) -> Outcome {
    let step = terminal.step(name);
    let mut command = npm(project);
    command.args(["run", "build", "--workspace", folder]);
    run::quiet(
        command,
        &step,
        None,
        "Mend the error above, then try again.",
    )?;
    step.done("");
    Ok(())
}

fn print_size(name: &str, files: &[PathBuf], terminal: &Terminal) -> Outcome {
    let (mut raw, mut packed) = (0, 0);
    for file in files {
        let bytes = std::fs::read(file).map_err(at("read", file))?;
        raw += bytes.len() as u64;
        packed += gzip_length(&bytes);
    }
    let (raw, packed) = (size(raw), size(packed));
    terminal.say(format!("    {name:<34} {raw:>8}  {packed} gzip"));
    Ok(())
}

/// How long bytes are as gzip of the usual level.
pub fn gzip_length(bytes: &[u8]) -> u64 {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to a Vec cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().map_or(0, |packed| packed.len() as u64)
}

/// All files in a folder and in the folders inside it.
pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_length_is_that_of_a_whole_member() {
        assert!((20..60).contains(&gzip_length(&[b'a'; 10_000])));
    }

    #[test]
    fn a_wasm_that_is_none_is_refused_with_advice() {
        let folder = tempfile::tempdir().expect("a folder");
        let wasm = folder.path().join("app.wasm");
        std::fs::write(&wasm, "not wasm").expect("written");
        let failure = bindgen(&APP, &wasm, folder.path()).expect_err("not wasm");
        assert!(
            failure.to_string().contains("wasm-bindgen refused"),
            "{failure}"
        );
    }
}
