//! `cargo xtask dev`: the local site with the app on it, built anew at each change. It builds for
//! speed, not for size, and must never be what is deployed: `cargo xtask build` makes that.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use clap::Args;
use notify::{EventKind, RecursiveMode, Watcher};

use crate::build::{self, ATTACHMENTS, Module};
use crate::demo::Demo;
use crate::failure::{Failure, Outcome, at};
use crate::project::{Project, node_program};
use crate::run::{self, Running};
use crate::setup::{self, Ready, WasmArguments};
use crate::terminal::{Terminal, seconds};

/// Build at each change and reload the local site, until Ctrl-C.
///
/// Watches Rust, shim, Custom UI and manifest. The next call of the app runs the new code; reload the
/// page for a new Custom UI. Needs no Atlassian account. Under `forge tunnel`, --no-site leaves the
/// local site away: the tunnel watches the built folders by itself.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask dev\n  cargo xtask dev --no-site   # beside `forge tunnel`"
)]
pub struct Arguments {
    /// Only build; start neither backend nor local site
    #[arg(long)]
    no_site: bool,
    #[command(flatten)]
    wasm: WasmArguments,
}

/// The app's module, quickly built; no wasm-opt.
const APP: Module = Module {
    workspace: "",
    package: "app-wasm",
    profile: "wasm-dev",
    name: "golpo",
    level: "",
    restarts: false,
};

/// Editors write a file in several steps.
const SETTLED: Duration = Duration::from_millis(80);
const POLL: Duration = Duration::from_millis(100);

/// What the app's wasm is made of.
const APP_CRATES: [&str; 5] = ["app", "app-wasm", "content", "protocol", "redaction"];
const ATTACHMENT_CRATES: [&str; 2] = ["attachments", "attachments-wasm"];

/// What has to be built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stale {
    app: bool,
    attachments: bool,
    shim: bool,
    manifest: bool,
}

impl Stale {
    const ALL: Self = Self {
        app: true,
        attachments: true,
        shim: true,
        manifest: false,
    };

    fn nothing(self) -> bool {
        self == Self::default()
    }

    /// Adds what a changed file makes stale. What is built, and what Vite watches, makes nothing so.
    fn add(&mut self, changed: &Path, root: &Path) {
        let Ok(inside) = changed.strip_prefix(root) else {
            return;
        };
        let names: Vec<&str> = inside.iter().filter_map(|name| name.to_str()).collect();
        match names[..] {
            ["manifest.yml"] => self.manifest = true,
            ["src-js-shim", file] if file.ends_with(".mjs") => self.shim = true,
            ["crates", name, "src", ..] => {
                self.app |= APP_CRATES.contains(&name);
                self.attachments |= ATTACHMENT_CRATES.contains(&name) || name == "protocol";
            }
            _ => {}
        }
    }
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    let ready = setup::ensure(arguments.wasm, project, terminal)?;
    // Before the first build, so that a change during it is not lost.
    let (_watcher, changes) = watch(project)?;
    terminal.say("Building for development");
    rebuild(Stale::ALL, &ready, project, terminal)?;
    let mut ui = Ui::start(project)?;
    ui.first(terminal)?;
    let mut site = match arguments.no_site {
        true => None,
        false => Some(open(project, terminal)?),
    };
    terminal.say("\nWatching crates/, src-js-shim/, static/src/ and manifest.yml. Ctrl-C ends it.");
    while !run::interrupted() {
        if let Some(site) = &mut site {
            site.check()?;
        }
        ui.report(terminal)?;
        let stale = next(&changes, project)?;
        if stale.nothing() {
            continue;
        }
        let started = Instant::now();
        match rebuild(stale, &ready, project, terminal) {
            Ok(()) => {
                // The host reads the manifest when it starts, and the bundle when that has changed.
                if stale.manifest && site.is_some() {
                    drop(site.take());
                    site = Some(open(project, terminal)?);
                }
                let took = seconds(started.elapsed());
                terminal.say(format!("  ✓ the next call runs the new code ({took})"));
            }
            Err(failure) if run::interrupted() => return Err(failure),
            // A mistake is mended by the next change.
            Err(failure) => terminal.failure(&failure),
        }
    }
    terminal.say("\nStopped.");
    Ok(())
}

/// The local site with the backend, whose development build it runs.
fn open(project: &Project, terminal: &Terminal) -> Outcome<Demo> {
    build::backend(project, terminal)?;
    let state = project.target().join("demo");
    std::fs::create_dir_all(&state).map_err(at("make", &state))?;
    let site = Demo::start(true, &state, project, terminal)?;
    terminal.say(format!(
        "\nThe site is open: {}\nWhat the app logs: {}",
        site.site(),
        site.app_log().display()
    ));
    Ok(site)
}

fn rebuild(stale: Stale, ready: &Ready, project: &Project, terminal: &Terminal) -> Outcome {
    let dist = project.path("src-js-shim/dist");
    std::fs::create_dir_all(&dist).map_err(at("make", &dist))?;
    let work = project.memory("dev");
    if stale.app {
        build::write_protocol(project)?;
        glue(ready, project, terminal)?;
    }
    if stale.attachments {
        build::make(&ATTACHMENTS, ready, project, terminal)?;
    }
    if stale.manifest && !(stale.app || stale.attachments || stale.shim) {
        return Ok(());
    }
    let (attachments, glue) = build::files(&ATTACHMENTS, project);
    for (from, to) in [
        (work.join("golpo_bg.wasm"), "golpo_bg.wasm"),
        (work.join("golpo.js"), "golpo.js"),
        (attachments, "attachments_bg.wasm"),
        (glue, "attachments.js"),
    ] {
        build::put(&from, &dist.join(to))?;
    }
    let step = terminal.step("shim");
    let mut command = Command::new(node_program("node"));
    command
        .current_dir(project.root())
        .args(["src-js-shim/build.mjs", "--dev"]);
    run::quiet(
        command,
        &step,
        None,
        "Mend the error above; saving builds again.",
    )?;
    step.done("");
    Ok(())
}

/// Builds the app's wasm for development. Gives the JavaScript that loads it in Node.
pub fn glue(ready: &Ready, project: &Project, terminal: &Terminal) -> Outcome<PathBuf> {
    let work = project.memory("dev");
    std::fs::create_dir_all(&work).map_err(at("make", &work))?;
    let compiled = build::compile(&APP, ready, project, terminal)?;
    let step = terminal.step("wasm-bindgen golpo");
    build::bindgen(&APP, &compiled, &work)?;
    step.done("");
    // By its ending, Node knows it from a module inside the project's own package.
    let glue = work.join("golpo.cjs");
    build::put(&work.join("golpo.js"), &glue)?;
    Ok(glue)
}

/// Sends the path of each file that is written, made or removed.
fn watch(project: &Project) -> Outcome<(impl Watcher, Receiver<PathBuf>)> {
    let (sender, receiver) = mpsc::channel();
    let failed = |error: notify::Error| {
        Failure::new(
            format!("could not watch for changes: {error}"),
            "On Linux, raise fs.inotify.max_user_watches, then try again.",
        )
    };
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        if matches!(event.kind, EventKind::Access(_)) {
            return;
        }
        for path in event.paths {
            // Nobody listens any more when the command ends.
            let _ = sender.send(path);
        }
    })
    .map_err(failed)?;
    for (folder, mode) in [
        ("crates", RecursiveMode::Recursive),
        ("src-js-shim", RecursiveMode::NonRecursive),
        // The folder: editors put a new file in the place of the old one.
        (".", RecursiveMode::NonRecursive),
    ] {
        let path = project.path(folder);
        watcher.watch(&path, mode).map_err(failed)?;
    }
    Ok((watcher, receiver))
}

/// What the changes make stale, once no more of them come; nothing when there are none for a moment.
fn next(changes: &Receiver<PathBuf>, project: &Project) -> Outcome<Stale> {
    let root = project.path(".");
    let mut stale = Stale::default();
    let mut wait = POLL;
    loop {
        match changes.recv_timeout(wait) {
            Ok(path) => {
                stale.add(&path, project.root());
                // Watched as `ROOT/.`, some systems name files so.
                stale.add(&path, &root);
                if !stale.nothing() {
                    wait = SETTLED;
                }
            }
            Err(RecvTimeoutError::Timeout) => return Ok(stale),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::new(
                    "the watcher for changes ended by itself",
                    "Start the command again.",
                ));
            }
        }
    }
}

/// Vite, which watches the Custom UI's sources by itself and builds only what has changed.
struct Ui {
    running: Running,
    lines: Receiver<String>,
}

impl Ui {
    fn start(project: &Project) -> Outcome<Self> {
        let mut command = Command::new(project.npm_program("vite"));
        command
            .current_dir(project.path("static"))
            .args([
                "build",
                "--watch",
                "--sourcemap",
                "inline",
                "--minify",
                "false",
            ])
            .args(["--logLevel", "info", "--clearScreen", "false"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut running = Running::start(command)?;
        let (sender, lines) = mpsc::channel();
        running.forward(sender);
        Ok(Self { running, lines })
    }

    /// Waits for the first build.
    fn first(&mut self, terminal: &Terminal) -> Outcome {
        let step = terminal.step("Custom UI");
        loop {
            if run::interrupted() {
                return Err(run::interruption());
            }
            self.check()?;
            match self.lines.recv_timeout(POLL) {
                Ok(line) if is_built(&line) => break,
                Ok(line) => step.at(&line),
                Err(_) => step.at(""),
            }
        }
        step.done("");
        Ok(())
    }

    /// Says what Vite said meanwhile, but for its list of files.
    fn report(&mut self, terminal: &Terminal) -> Outcome {
        self.check()?;
        for line in self.lines.try_iter() {
            if is_built(&line) {
                terminal.say(format!("  ✓ Custom UI {}; reload the page", line.trim()));
            } else if line.to_lowercase().contains("error") {
                terminal.say(format!("  ✗ Custom UI {}", line.trim()));
            }
        }
        Ok(())
    }

    fn check(&mut self) -> Outcome {
        match self.running.ended() {
            None => Ok(()),
            Some(status) => {
                let lines: Vec<String> = self.lines.try_iter().collect();
                let what = format!("Vite ended by itself ({status})");
                let failure = Failure::new(what, "Mend the error above, then try again.");
                Err(failure.with_output(&lines))
            }
        }
    }
}

fn is_built(line: &str) -> bool {
    line.contains("built in")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_makes_stale_what_is_made_of_it_and_nothing_else() {
        let stale = |path: &str| {
            let mut stale = Stale::default();
            stale.add(&Path::new("/checkout").join(path), Path::new("/checkout"));
            let names = [
                (stale.app, "app"),
                (stale.attachments, "attachments"),
                (stale.shim, "shim"),
                (stale.manifest, "manifest"),
            ];
            let names = names.iter().filter(|(is, _)| *is).map(|(_, name)| *name);
            names.collect::<Vec<_>>().join(" ")
        };
        for (path, expected) in [
            ("crates/app/src/operations/preview.rs", "app"),
            ("crates/content/src/adf.rs", "app"),
            ("crates/protocol/src/error.rs", "app attachments"),
            ("crates/attachments/src/pdf.rs", "attachments"),
            ("src-js-shim/index.mjs", "shim"),
            ("manifest.yml", "manifest"),
            // Tests, what is built, other programs, and what Vite watches.
            ("crates/app/tests/app/main.rs", ""),
            ("src-js-shim/dist/golpo.cjs", ""),
            ("crates/backend/src/main.rs", ""),
            ("static/src/App.tsx", ""),
            ("README.md", ""),
        ] {
            assert_eq!(stale(path), expected, "{path}");
        }
        let mut elsewhere = Stale::default();
        elsewhere.add(Path::new("/tmp/manifest.yml"), Path::new("/checkout"));
        assert!(elsewhere.nothing());
    }

    #[test]
    fn written_files_are_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let (sender, receiver) = mpsc::channel();
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                if let Ok(event) = event {
                    let _ = sender.send(event.paths);
                }
            })
            .expect("a watcher");
        watcher
            .watch(folder.path(), RecursiveMode::Recursive)
            .expect("watched");
        let file = folder.path().join("lib.rs");
        std::fs::write(&file, "fn main() {}").expect("written");
        let seen = receiver
            .recv_timeout(Duration::from_secs(20))
            .expect("seen");
        assert!(seen.iter().any(|path| path.ends_with("lib.rs")), "{seen:?}");
    }
}
