//! What a command says when it cannot go on: what failed, the last lines of the tool that failed,
//! and what to do. It must never be shown without the last of the three.

use std::fmt;
use std::path::{Path, PathBuf};

/// How many of a tool's last lines are shown.
const LINES_SHOWN: usize = 30;

/// A command's result.
pub type Outcome<T = ()> = Result<T, Failure>;

/// One failure, written for the person at the terminal.
#[derive(Debug)]
pub struct Failure {
    what: String,
    output: Vec<String>,
    log: Option<PathBuf>,
    advice: String,
}

impl Failure {
    /// `what` failed (a sentence without a full stop), and `advice` says what to do about it.
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            output: Vec::new(),
            log: None,
            advice: advice.into(),
        }
    }

    /// Adds the last lines of what the tool printed.
    pub fn with_output<S: AsRef<str>>(mut self, lines: &[S]) -> Self {
        let first = lines.len().saturating_sub(LINES_SHOWN);
        self.output = lines[first..]
            .iter()
            .map(|line| line.as_ref().to_owned())
            .collect();
        self
    }

    /// Adds the last lines of a log file, and its path.
    pub fn with_log(self, path: &Path) -> Self {
        let text = std::fs::read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let mut failure = self.with_output(&lines);
        failure.log = Some(path.to_owned());
        failure
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "error: {}", self.what)?;
        for line in &self.output {
            writeln!(formatter, "  │ {line}")?;
        }
        if let Some(log) = &self.log {
            writeln!(formatter, "  whole log: {}", log.display())?;
        }
        write!(formatter, "  → {}", self.advice)
    }
}

impl std::error::Error for Failure {}

/// For `map_err` on a file operation: says which file, and what was to be done with it.
pub fn at<'a, E: fmt::Display>(doing: &'a str, path: &'a Path) -> impl FnOnce(E) -> Failure + 'a {
    move |error| {
        Failure::new(
            format!("could not {doing} {}: {error}", path.display()),
            "Check that the disk is not full and that this user may write there, then try again.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_last_lines_only() {
        let lines: Vec<String> = (1..=100).map(|number| format!("line {number}")).collect();
        let text = Failure::new("npm ci failed", "Try again.")
            .with_output(&lines)
            .to_string();
        assert!(text.starts_with("error: npm ci failed\n  │ line 71\n"));
        assert!(text.ends_with("  │ line 100\n  → Try again."));
    }
}
