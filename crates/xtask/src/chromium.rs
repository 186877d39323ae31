//! The browser that the browser test drives: one that is installed, else Debian's package. None is
//! downloaded from elsewhere.

use std::path::PathBuf;

use crate::debian::Debian;
use crate::failure::{Failure, Outcome};
use crate::run;
use crate::terminal::Terminal;

/// The variable that names a browser, for the browser test and for this program.
pub const VARIABLE: &str = "GOLPO_CHROMIUM";

const PROGRAMS: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
];

/// Where Chrome is on systems that do not put it on the PATH.
const PLACES: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

/// An installed browser: the one that the variable names, else the first that is found.
pub fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        return Some(named.into()).filter(|path: &PathBuf| path.is_file());
    }
    let on_path = PROGRAMS.iter().find_map(|program| run::on_path(program));
    on_path.or_else(|| PLACES.iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// The command that installs one.
pub fn how_to_install(debian: &Debian) -> String {
    debian
        .command(&["chromium"])
        .unwrap_or_else(|| format!("install Chrome or Chromium, or name one in {VARIABLE}"))
}

/// A browser, installed if need be.
pub fn ensure(debian: &Debian, terminal: &Terminal) -> Outcome<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if debian.may_install() {
        debian.install(&["chromium"], "for the browser test", terminal)?;
    }
    find().ok_or_else(|| {
        Failure::new(
            "no Chrome or Chromium was found for the browser test",
            format!("Run: {}", how_to_install(debian)),
        )
    })
}
