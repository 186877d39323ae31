//! The programs that the project uses where they are there and can do without: what each is for,
//! how its version is asked, how it is installed. It must never turn a missing one into a failure.

use std::path::Path;
use std::time::Duration;

use crate::debian::Debian;
use crate::project::Project;
use crate::run;
use crate::terminal::Terminal;

/// One optional program.
pub struct Tool {
    /// Its name on the PATH.
    pub program: &'static str,
    /// What makes it print its version.
    pub version: &'static [&'static str],
    /// Debian's package of it.
    pub package: &'static str,
    /// What is worse without it.
    pub without: &'static str,
}

/// Needed when the backend is compiled: openh264's build looks for it and goes on without.
pub const NASM: Tool = Tool {
    program: "nasm",
    version: &["-v"],
    package: "nasm",
    without: "video encoding is about three times slower",
};

/// The local engine's narrator.
pub const ESPEAK: Tool = Tool {
    program: "espeak-ng",
    version: &["--version"],
    package: "espeak-ng",
    without: "videos of the local engine have no narration",
};

/// Runs espeak-ng's library, which says when each word comes.
pub const PYTHON: Tool = Tool {
    program: "python3",
    version: &["--version"],
    package: "python3",
    without: "captions of the local engine are timed by the sentence, not by the word",
};

/// Looks into finished videos, in tests.
pub const FFPROBE: Tool = Tool {
    program: "ffprobe",
    version: &["-version"],
    package: "ffmpeg",
    without: "tests cannot look into finished videos with a second program",
};

impl Tool {
    /// Whether it is on the PATH.
    pub fn is_there(&self) -> bool {
        run::on_path(self.program).is_some()
    }

    /// The command that installs it.
    pub fn how_to_install(&self, debian: &Debian) -> String {
        debian
            .command(&[self.package])
            .unwrap_or_else(|| match std::env::consts::OS {
                "macos" => format!("brew install {}", self.package),
                "windows" => format!("winget install {}", self.package),
                _ => format!("install `{}` with your package manager", self.package),
            })
    }
}

/// A package that could not be had is not asked for again before this.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Installs the tools that are missing where that needs no question; names the others.
pub fn install_missing(tools: &[Tool], project: &Project, debian: &Debian, terminal: &Terminal) {
    for tool in tools.iter().filter(|tool| !tool.is_there()) {
        let failed_before = project.memory(&format!("no-{}", tool.package));
        let may_install = debian.may_install() && !is_recent(&failed_before);
        let installed = may_install
            && match debian.install(&[tool.package], "", terminal) {
                Ok(()) => true,
                Err(failure) => {
                    terminal.failure(&failure);
                    // Where this cannot be written, the next run merely tries again.
                    let _ = std::fs::write(&failed_before, "");
                    false
                }
            };
        if !installed {
            terminal.say(format!(
                "  – {} is missing: {}. To mend: {}",
                tool.program,
                tool.without,
                tool.how_to_install(debian)
            ));
        }
    }
}

fn is_recent(mark: &Path) -> bool {
    let made = std::fs::metadata(mark).and_then(|data| data.modified());
    made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age < TRY_AGAIN_AFTER))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_failed_package_is_tried_again_a_day_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = folder.path().join("no-nasm");
        assert!(!is_recent(&mark));
        let file = File::create(&mark).expect("written");
        assert!(is_recent(&mark));
        let before = SystemTime::now() - TRY_AGAIN_AFTER - Duration::from_secs(1);
        file.set_modified(before).expect("set");
        assert!(!is_recent(&mark));
    }
}
