//! What the person sees: a spinner or a bar with the time elapsed where there is a terminal, plain
//! lines where there is none (a pipe, CI). Failures go to stderr, all else to stdout, but for commands
//! whose stdout is their result. A closed pipe is not an error: `cargo xtask doctor | head` must work.

use std::cell::{Cell, RefCell};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::failure::Failure;

/// How often a running step says so where there is no spinner.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Where all lines of this program go.
pub struct Terminal {
    live: bool,
    to_stderr: bool,
}

impl Terminal {
    /// Live only where a person watches: stdout is a terminal, and this is not CI.
    pub fn new() -> Self {
        Self {
            live: std::io::stdout().is_terminal() && !is_ci(),
            to_stderr: false,
        }
    }

    /// All on stderr, for a command whose result goes to stdout by [`Terminal::result`].
    pub fn on_stderr() -> Self {
        Self {
            live: std::io::stderr().is_terminal() && !is_ci(),
            to_stderr: true,
        }
    }

    /// One line.
    pub fn say(&self, line: impl AsRef<str>) {
        if self.to_stderr {
            let _ = writeln!(std::io::stderr(), "{}", line.as_ref());
        } else {
            self.result(line);
        }
    }

    /// One line of a command's result, on stdout in any case.
    pub fn result(&self, line: impl AsRef<str>) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{}", line.as_ref());
        let _ = out.flush();
    }

    /// A heading before output that is not ours.
    pub fn heading(&self, text: &str) {
        self.say(format!("\n── {text}"));
    }

    /// The last thing a failed command says.
    pub fn failure(&self, failure: &Failure) {
        let _ = writeln!(std::io::stderr(), "{failure}");
    }

    /// Starts a step; the caller ends it with `done`. One that is dropped before that has failed.
    pub fn step(&self, name: impl Into<String>) -> Step<'_> {
        let name = name.into();
        let bar = if self.live {
            let target = if self.to_stderr {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::stdout()
            };
            let bar = ProgressBar::with_draw_target(None, target);
            bar.set_style(spinner());
            bar.set_prefix(name.clone());
            bar.enable_steady_tick(Duration::from_millis(100));
            Some(bar)
        } else {
            None
        };
        Step {
            terminal: self,
            name,
            started: Instant::now(),
            bar,
            said: Cell::new(Instant::now()),
            ended: Cell::new(false),
            stage: RefCell::default(),
        }
    }
}

/// A step under way.
pub struct Step<'a> {
    terminal: &'a Terminal,
    name: String,
    started: Instant,
    bar: Option<ProgressBar>,
    said: Cell<Instant>,
    ended: Cell<bool>,
    stage: RefCell<String>,
}

impl Step<'_> {
    /// Says what the step is at: the spinner's text, or a plain line every half minute.
    pub fn at(&self, detail: &str) {
        let detail = detail.trim();
        match &self.bar {
            Some(bar) if detail.is_empty() => bar.tick(),
            Some(bar) => bar.set_message(detail.chars().take(60).collect::<String>()),
            None if self.said.get().elapsed() >= HEARTBEAT => {
                self.said.set(Instant::now());
                let elapsed = seconds(self.started.elapsed());
                self.terminal
                    .say(format!("  … {} {elapsed}  {detail}", self.name));
            }
            None => {}
        }
    }

    /// Turns the spinner into a bar, or says a plain line when `stage` is another than before.
    /// `percent` is 0 to 100.
    pub fn percent(&self, percent: f64, stage: &str) {
        let percent = percent.clamp(0.0, 100.0);
        let Some(bar) = &self.bar else {
            if *self.stage.borrow() != stage {
                self.stage.replace(stage.to_owned());
                let elapsed = seconds(self.started.elapsed());
                let line = format!("  … {} {elapsed}  {percent:.0}% {stage}", self.name);
                self.terminal.say(line);
            }
            return;
        };
        if bar.length().is_none() {
            bar.set_length(100);
            bar.set_style(percent_bar());
        }
        // In range by the clamp.
        bar.set_position(percent as u64);
        bar.set_message(stage.to_owned());
    }

    /// Ends the step with its time; `detail` may be empty.
    pub fn done(self, detail: &str) {
        let took = seconds(self.started.elapsed());
        self.end(&format!("  ✓ {:<34} {took:>8}  {detail}", self.name));
    }

    /// Like [`Step::done`] with a time that was measured elsewhere.
    pub fn done_in(self, took: Duration, detail: &str) {
        let took = seconds(took);
        self.end(&format!("  ✓ {:<34} {took:>8}  {detail}", self.name));
    }

    fn end(&self, line: &str) {
        self.ended.set(true);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.terminal.say(line.trim_end());
    }
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        if !self.ended.get() {
            let took = seconds(self.started.elapsed());
            self.end(&format!("  ✗ {:<34} {took:>8}", self.name));
        }
    }
}

fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value != "false")
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("  {spinner} {prefix} {elapsed} {msg:.dim}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn percent_bar() -> ProgressStyle {
    ProgressStyle::with_template("  {spinner} {prefix} {bar:30} {percent}% {elapsed} {msg:.dim}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// `0.4 s`, `12.3 s`, `4 min 05 s`.
pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// `812 B`, `24.1 kB`, `3.2 MB`: decimal units, as Forge states its limits.
pub fn size(bytes: u64) -> String {
    let bytes_as_float = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes_as_float / 1e3),
        _ => format!("{:.1} MB", bytes_as_float / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_have_units() {
        assert_eq!(seconds(Duration::from_millis(420)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(245)), "4 min 05 s");
        assert_eq!(size(812), "812 B");
        assert_eq!(size(24_100), "24.1 kB");
        assert_eq!(size(3_200_000), "3.2 MB");
    }
}
