//! Runs other programs. Three rules: none is waited for without end where a limit is given, none
//! survives this program, and what it printed is there when it failed.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap};

use crate::failure::{Failure, Outcome, at};
use crate::terminal::Step;

const POLL: Duration = Duration::from_millis(100);
/// How long a line may take from an ended program to here, on a machine that is busy.
const LAST_LINE: Duration = Duration::from_secs(1);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C and SIGTERM only set a flag, so that every command ends what it started.
pub fn watch_for_interrupt() -> Outcome {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst)).map_err(|error| {
        Failure::new(
            format!("could not watch for Ctrl-C: {error}"),
            "Try again in another terminal.",
        )
    })
}

/// Whether Ctrl-C or SIGTERM came.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// What is said after Ctrl-C.
pub fn interruption() -> Failure {
    Failure::new(
        "interrupted",
        "All that was started has been stopped. Start the command again to go on.",
    )
}

/// Puts the program in a group of its own, which ends whole: npm and node start further programs.
fn grouped(command: Command) -> CommandWrap {
    let mut wrapped = CommandWrap::from(command);
    #[cfg(unix)]
    wrapped.wrap(process_wrap::std::ProcessGroup::leader());
    #[cfg(windows)]
    wrapped.wrap(process_wrap::std::JobObject);
    wrapped
}

/// A running program that ends, with all that it started, when this value goes.
pub struct Running(Box<dyn ChildWrapper>);

impl Running {
    /// Starts the program in a group of its own.
    pub fn start(command: Command) -> Outcome<Self> {
        let program = name(&command);
        grouped(command)
            .spawn()
            .map(Self)
            .map_err(|error| not_started(&program, &error))
    }

    /// Its exit status, once it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().ok().flatten()
    }

    /// Sends on each line that it prints, if its streams are piped; both end the channel together.
    pub fn forward(&mut self, sender: Sender<String>) {
        if let Some(stream) = self.0.stdout().take() {
            forward_lines(stream, sender.clone());
        }
        if let Some(stream) = self.0.stderr().take() {
            forward_lines(stream, sender);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The group may hold programs that outlived its leader, so it is killed in any case.
        let _ = self.0.start_kill();
        let _ = self.0.wait();
    }
}

/// Runs a program to its end under a step's spinner and gives all lines that it printed.
///
/// `advice` is what the person is told to do when it fails.
pub fn quiet(
    command: Command,
    step: &Step<'_>,
    limit: Option<Duration>,
    advice: &str,
) -> Outcome<Vec<String>> {
    let shown = shown(&command);
    let (mut child, receiver) = forwarded(command)?;

    let started = Instant::now();
    let mut lines: Vec<String> = Vec::new();
    let status = loop {
        if interrupted() {
            return Err(interruption());
        }
        if let Some(limit) = limit.filter(|limit| started.elapsed() > *limit) {
            let what = format!("`{shown}` did not end within {} s", limit.as_secs());
            return Err(Failure::new(what, advice).with_output(&lines));
        }
        let ended = child.ended();
        match receiver.recv_timeout(POLL) {
            Ok(line) => {
                step.at(&line);
                lines.push(line);
            }
            Err(RecvTimeoutError::Timeout) => step.at(lines.last().map_or("", String::as_str)),
            // Both streams are closed, so the program is ending or has ended.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL / 10),
        }
        if let Some(status) = ended {
            lines.extend(rest(&receiver));
            break status;
        }
    };
    if status.success() {
        Ok(lines)
    } else {
        Err(Failure::new(format!("`{shown}` failed ({status})"), advice).with_output(&lines))
    }
}

/// The lines of a program that has ended and may not all have been read. A program that it left
/// behind may hold its streams open, so the end of the streams is not waited for.
pub fn rest(lines: &Receiver<String>) -> impl Iterator<Item = String> {
    std::iter::from_fn(|| lines.recv_timeout(LAST_LINE).ok())
}

/// Runs a program whose output the person sees as it comes. Gives whether it succeeded.
pub fn streamed(mut command: Command) -> Outcome<bool> {
    command.stdin(Stdio::null());
    let mut child = Running::start(command)?;
    loop {
        if interrupted() {
            return Err(interruption());
        }
        match child.ended() {
            Some(status) => return Ok(status.success()),
            None => std::thread::sleep(POLL),
        }
    }
}

/// Starts a program whose lines, of both streams, come to the receiver.
fn forwarded(mut command: Command) -> Outcome<(Running, Receiver<String>)> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = Running::start(command)?;
    let (sender, receiver) = mpsc::channel();
    child.forward(sender);
    Ok((child, receiver))
}

/// Like [`streamed`], and writes all lines to a file as well, whence they can be read again.
pub fn teed(command: Command, file: &Path, line: impl Fn(&str)) -> Outcome<bool> {
    let mut copy = File::create(file).map_err(at("write", file))?;
    let (mut child, receiver) = forwarded(command)?;
    let mut take = |text: String| {
        line(&text);
        writeln!(copy, "{text}").map_err(at("write", file))
    };
    loop {
        if interrupted() {
            return Err(interruption());
        }
        let ended = child.ended();
        match receiver.recv_timeout(POLL) {
            Ok(text) => take(text)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL / 10),
        }
        if let Some(status) = ended {
            rest(&receiver).try_for_each(take)?;
            return Ok(status.success());
        }
    }
}

/// What a program prints at once, its first line trimmed, or nothing when it is missing or fails.
pub fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments);
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or_default().trim().to_owned();
    output.status.success().then_some(line)
}

/// Where a program is on the PATH.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(&file))
        .find(|candidate| candidate.is_file())
}

/// The program and its arguments as one would type them.
pub fn shown(command: &Command) -> String {
    let mut text = name(command);
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

fn name(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    program.file_name().map_or_else(
        || program.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn not_started(program: &str, error: &std::io::Error) -> Failure {
    Failure::new(
        format!("could not start {program}: {error}"),
        "`cargo xtask doctor` says what is missing and how to install it.",
    )
}

/// Sends each line of a stream, without its end, until the stream ends or nobody listens.
fn forward_lines(stream: impl Read + Send + 'static, sender: Sender<String>) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while reader
            .read_until(b'\n', &mut line)
            .is_ok_and(|length| length > 0)
        {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            if sender.send(text).is_err() {
                return;
            }
        }
    });
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::terminal::Terminal;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failed_program_shows_its_last_lines() {
        let terminal = Terminal::new();
        let failure = quiet(
            shell("echo one; echo two >&2; exit 3"),
            &terminal.step("failing"),
            None,
            "Mend it.",
        )
        .expect_err("exit code 3");
        let text = failure.to_string();
        assert!(text.contains("│ one") && text.contains("│ two"), "{text}");
        assert!(
            text.contains("exit status: 3") && text.ends_with("→ Mend it."),
            "{text}"
        );
    }

    #[test]
    fn no_line_of_an_ended_program_is_lost() {
        let terminal = Terminal::new();
        for _ in 0..50 {
            let script = "echo one; echo two >&2; exit 3";
            let failure = quiet(shell(script), &terminal.step("failing"), None, "Mend it.");
            let text = failure.expect_err("exit code 3").to_string();
            assert!(text.contains("│ one") && text.contains("│ two"), "{text}");
        }
    }

    #[test]
    fn a_program_left_behind_does_not_hold_up_the_end() {
        let terminal = Terminal::new();
        let started = Instant::now();
        let script = "sleep 60 & echo done";
        let lines = quiet(shell(script), &terminal.step("leaving"), None, "Wait.");
        assert_eq!(lines.expect("success"), ["done"]);
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_over_its_limit_ends_with_all_that_it_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = folder.path().join("alive");
        let script = format!("(sleep 2; touch '{}') & sleep 60", mark.display());
        let terminal = Terminal::new();
        let limit = Duration::from_millis(300);
        let failure = quiet(shell(&script), &terminal.step("slow"), Some(limit), "Wait.");
        assert!(
            failure
                .expect_err("over the limit")
                .to_string()
                .contains("did not end within")
        );
        std::thread::sleep(Duration::from_millis(2_500));
        assert!(!mark.exists(), "the grandchild went on");
    }

    #[test]
    fn what_is_shown_is_written_as_well() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("lines.log");
        let seen = std::cell::RefCell::new(Vec::new());
        let script = "echo one; echo two; exit 3";
        let passed = teed(shell(script), &file, |line| {
            seen.borrow_mut().push(line.to_owned());
        });
        assert!(!passed.expect("started"));
        assert_eq!(*seen.borrow(), ["one", "two"]);
        assert_eq!(std::fs::read_to_string(&file).expect("read"), "one\ntwo\n");
    }

    #[test]
    fn a_missing_program_points_to_doctor() {
        let failure = streamed(Command::new("no-such-program-here")).expect_err("missing");
        assert!(failure.to_string().contains("cargo xtask doctor"));
    }
}
