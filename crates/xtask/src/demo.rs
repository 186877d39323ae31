//! `cargo xtask demo`: the main job with no account and no cloud. Builds the app as Forge would get
//! it, starts the backend and the local Confluence host, and makes a real video of a real page
//! through all of them. It must never leave one of them running.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use clap::Args;
use serde::Deserialize;

use crate::build;
use crate::failure::{Failure, Outcome, at};
use crate::mp4;
use crate::once::Report;
use crate::project::{Project, node_program};
use crate::run::{self, Running};
use crate::service::{self, Service};
use crate::setup::{self, WasmArguments};
use crate::terminal::{Step, Terminal, seconds, size};

const READY_LIMIT: Duration = Duration::from_secs(60);
/// Ten times what the sample page takes on a small machine.
const VIDEO_LIMIT: Duration = Duration::from_secs(600);
const POLL: Duration = Duration::from_millis(100);

/// Wanted for the site that stays open, so that its address is the same each time.
const SITE_PORT: u16 = 8770;
const UI_PORT: u16 = 8771;

/// Make a video of a page through the whole product, on this machine alone.
///
/// Builds the app, starts the backend (SQLite, local files, local engine) and the local Confluence
/// host, and makes an MP4. Without --once the site then stays open until Ctrl-C.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask demo --once --out video.mp4\n  \
    cargo xtask demo\n  cargo xtask demo --once --page 65605 --out blog-post.mp4"
)]
pub struct Arguments {
    /// End after the video
    #[arg(long)]
    once: bool,
    /// Where the video goes
    #[arg(long, value_name = "FILE", default_value = "golpo-demo.mp4")]
    out: PathBuf,
    /// The page to make a video of; the sample page is 65601
    #[arg(long, value_name = "ID", default_value = "65601")]
    page: String,
    /// Keep database, videos and logs here [default: a fresh folder with --once, else target/demo]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    #[command(flatten)]
    wasm: WasmArguments,
}

/// What the local host writes once it listens.
#[derive(Deserialize)]
struct Addresses {
    site: String,
    jwks: String,
    audience: String,
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    let started = Instant::now();
    let here = std::env::current_dir().map_err(at("find", Path::new(".")))?;
    let out = here.join(&arguments.out);
    check_out(&out)?;

    terminal.say("Building the app and the backend");
    let ready = setup::ensure(arguments.wasm, project, terminal)?;
    build::app(&ready, project, terminal)?;
    build::backend(project, terminal)?;

    let state = State::make(arguments, &here, project)?;
    terminal.say("Starting the backend and the local Confluence host");
    let mut demo = Demo::start(!arguments.once, &state.folder, project, terminal)?;
    terminal.say(format!("Making a video of page {}", arguments.page));
    demo.make_video(&arguments.page, &out, project, terminal)?;
    let took = seconds(started.elapsed());
    terminal.say(format!("{} in {took}", describe(&out)?));
    if arguments.once {
        state.forget();
        return Ok(());
    }
    demo.stay_open(&arguments.page, &state.folder, terminal)
}

/// Refuses a place that cannot be written before minutes are spent on the video.
fn check_out(out: &Path) -> Outcome {
    let folder = out.parent().unwrap_or(out);
    if !folder.is_dir() || out.is_dir() {
        return Err(Failure::new(
            format!("no video can be written to {}", out.display()),
            "Name a file in a folder that exists, for example `--out video.mp4`.",
        ));
    }
    Ok(())
}

/// The folder of database, videos and logs.
struct State {
    folder: PathBuf,
    temporary: bool,
}

impl State {
    fn make(arguments: &Arguments, here: &Path, project: &Project) -> Outcome<Self> {
        let (folder, temporary) = match &arguments.state {
            Some(folder) => (here.join(folder), false),
            None if arguments.once => {
                let made = tempfile::Builder::new().prefix("golpo-demo-").tempdir();
                (
                    made.map_err(at("make", &std::env::temp_dir()))?.keep(),
                    true,
                )
            }
            None => (project.target().join("demo"), false),
        };
        std::fs::create_dir_all(&folder).map_err(at("make", &folder))?;
        Ok(Self { folder, temporary })
    }

    /// Removes a temporary folder once its video is out; after a failure it stays, for its logs.
    fn forget(&self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// Backend and host, running.
pub struct Demo {
    backend: Service,
    host: Service,
    site: String,
}

impl Demo {
    /// The host first: the backend is told where its keys are. The backend's port is chosen before,
    /// since the host must know it. `stays` asks for the ports that a person remembers.
    pub fn start(
        stays: bool,
        state: &Path,
        project: &Project,
        terminal: &Terminal,
    ) -> Outcome<Self> {
        let logs = state.join("logs");
        let port = service::free_port(0)?;
        let backend_url = format!("http://127.0.0.1:{port}");
        let (site_port, ui_port) = if stays {
            (service::free_port(SITE_PORT)?, service::free_port(UI_PORT)?)
        } else {
            (0, 0)
        };

        let step = terminal.step("local Confluence host");
        let ready_file = state.join("host-ready.json");
        let _ = std::fs::remove_file(&ready_file);
        let mut command = Command::new(node_program("node"));
        command
            .current_dir(project.root())
            .arg("tests/host/main.mjs")
            .args(["--app", "src-js-shim/dist", "--ui", "static/dist"])
            .args(["--manifest", "manifest.yml", "--backend", &backend_url])
            .arg("--state")
            .arg(state.join("host"))
            .args(["--port", &site_port.to_string()])
            .args(["--ui-port", &ui_port.to_string()])
            .arg("--ready-file")
            .arg(&ready_file);
        let mut host = Service::start("host", command, &logs)?;
        let addresses: Addresses = host.wait(READY_LIMIT, &step, || {
            // Not there, or written in part: not ready.
            let text = std::fs::read_to_string(&ready_file).ok()?;
            serde_json::from_str(&text).ok()
        })?;
        step.done(&addresses.site);

        let step = terminal.step("backend");
        let database = state.join("golpo.db");
        let mut command = Command::new(project.backend());
        command
            .current_dir(state)
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(["--public-url", &backend_url])
            .arg("--database-url")
            .arg(format!("sqlite://{}", database.display()))
            .arg("--objects")
            .arg(state.join("objects"))
            .arg("--master-key-file")
            .arg(state.join("master.key"))
            .arg("--create-master-key")
            .args(["--jwks-url", &addresses.jwks])
            .args(["--audience", &addresses.audience])
            .args(["--engine", "local"]);
        let mut backend = Service::start("backend", command, &logs)?;
        let ready_url = format!("{backend_url}/readyz");
        backend.wait(READY_LIMIT, &step, || {
            service::answers(&ready_url).then_some(())
        })?;
        step.done(&backend_url);
        Ok(Self {
            backend,
            host,
            site: addresses.site,
        })
    }

    /// The site's address.
    pub fn site(&self) -> &str {
        self.site.trim_end_matches('/')
    }

    /// Where the host writes what the app logs.
    pub fn app_log(&self) -> &Path {
        self.host.log()
    }

    /// Fails when one of the two has ended by itself.
    pub fn check(&mut self) -> Outcome {
        self.host.check()?;
        self.backend.check()
    }

    /// Drives the app through the bridge as a user would, and writes the video to `out`.
    fn make_video(
        &mut self,
        page: &str,
        out: &Path,
        project: &Project,
        terminal: &Terminal,
    ) -> Outcome {
        let mut command = Command::new(node_program("node"));
        command
            .current_dir(project.root())
            .arg("tests/host/once.mjs")
            .args(["--site", &self.site, "--page", page, "--out"])
            .arg(out)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut driver = Running::start(command)?;
        let (sender, lines) = mpsc::channel();
        driver.forward(sender);

        let started = Instant::now();
        let mut steps = Steps::new(terminal);
        let status = loop {
            if run::interrupted() {
                return Err(run::interruption());
            }
            self.host.check()?;
            self.backend.check()?;
            if started.elapsed() > VIDEO_LIMIT {
                let limit = VIDEO_LIMIT.as_secs();
                let what = format!("the video was not done within {limit} s");
                return Err(self.backend.failure(what));
            }
            let ended = driver.ended();
            match lines.recv_timeout(POLL) {
                Ok(line) => steps.line(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL / 10),
            }
            if let Some(status) = ended {
                run::rest(&lines).for_each(|line| steps.line(line));
                break status;
            }
        };
        let other = steps.end(status.success());
        if status.success() {
            return Ok(());
        }
        // Neither program has ended, so both their logs may say more.
        terminal.say(format!("  backend's log: {}", self.backend.log().display()));
        terminal.say(format!("  host's log: {}", self.host.log().display()));
        Err(Failure::new(
            format!("no video of page {page} was made ({status})"),
            "Do what the message above says; the logs named there say more. Then try again.",
        )
        .with_output(&other))
    }

    /// Waits for Ctrl-C.
    fn stay_open(mut self, page: &str, state: &Path, terminal: &Terminal) -> Outcome {
        let site = self.site.trim_end_matches('/');
        terminal.say(format!(
            "\nThe site is open: {site}\n\n\
             What to try:\n  \
             · open page {page}, choose “Create video with Golpo AI” in its “…” menu\n  \
             · look at what leaves the site and what was removed from it, then generate and play\n  \
             · be the plain user or the admin by the switch at the top, and open the settings\n\n\
             Database, videos and logs: {}\nCtrl-C ends it.",
            state.display()
        ));
        while !run::interrupted() {
            self.host.check()?;
            self.backend.check()?;
            std::thread::sleep(POLL);
        }
        terminal.say("\nStopped.");
        Ok(())
    }
}

/// The driver's steps as they are shown, each with the time that it says. At most one is under way.
struct Steps<'a> {
    terminal: &'a Terminal,
    current: Option<(Report, Step<'a>)>,
    other: Vec<String>,
}

impl<'a> Steps<'a> {
    fn new(terminal: &'a Terminal) -> Self {
        Self {
            terminal,
            current: None,
            other: Vec::new(),
        }
    }

    fn line(&mut self, line: String) {
        let Some(report) = Report::parse(&line) else {
            self.other.push(line);
            return;
        };
        let current = self.current.take();
        let step = match current {
            Some((last, step)) if last.step == report.step => step,
            other => {
                self.current = other;
                self.finish();
                self.terminal.step(report.step.clone())
            }
        };
        let detail = report.detail.clone().unwrap_or_default();
        let percent = report.percent;
        self.current = Some((report, step));
        match (percent, &self.current) {
            (Some(percent), Some((_, step))) => step.percent(percent, &detail),
            // A step that says no percentage is reported when it is over.
            _ => self.finish(),
        }
    }

    fn finish(&mut self) {
        if let Some((report, step)) = self.current.take() {
            let took = Duration::from_secs_f64(report.ms.clamp(0.0, 1e9) / 1e3);
            step.done_in(took, report.detail.as_deref().unwrap_or_default());
        }
    }

    /// Ends the last step, which is the one that failed if any did; gives the lines that were no
    /// reports.
    fn end(mut self, succeeded: bool) -> Vec<String> {
        if succeeded {
            self.finish();
        }
        self.current = None;
        self.other
    }
}

/// `video.mp4: 2.1 MB, 48.0 s long`, and a failure when it is no video.
fn describe(out: &Path) -> Outcome<String> {
    let bytes = std::fs::metadata(out).map_err(at("read", out))?.len();
    let Some(length) = mp4::duration(out) else {
        return Err(Failure::new(
            format!("{} is not a playable MP4", out.display()),
            "Run again with `--state DIR` and look at the logs in that folder.",
        ));
    };
    let length = seconds(length);
    Ok(format!(
        "{}: {}, {length} long (captions and poster beside it), made",
        out.display(),
        size(bytes)
    ))
}
