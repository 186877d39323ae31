//! Packages of Debian and its kin: whether this machine has them, and whether it may install them.
//! It must never ask for a password: a question nobody answers is a hang.

use std::cell::Cell;
use std::process::Command;
use std::time::Duration;

use crate::failure::Outcome;
use crate::run;
use crate::terminal::Terminal;

/// A slow mirror is not a broken one.
const LIMIT: Duration = Duration::from_secs(900);

/// What this machine's package manager is, and what it may do.
pub struct Debian {
    found: bool,
    /// The words before `apt-get`; none when it may not be used.
    prefix: Option<Vec<&'static str>>,
    lists_fetched: Cell<bool>,
}

impl Debian {
    /// Looks at the machine.
    pub fn look() -> Self {
        let os_release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        let found = is_debian(&os_release) && run::on_path("apt-get").is_some();
        let prefix = if !found {
            None
        } else if run::answer("id", &["-u"]).as_deref() == Some("0") {
            Some(vec!["env"])
        } else if run::answer("sudo", &["-n", "true"]).is_some() {
            Some(vec!["sudo", "-n", "env"])
        } else {
            None
        };
        Self {
            found,
            prefix,
            lists_fetched: Cell::new(false),
        }
    }

    /// Whether `apt-get` may be called without a question.
    pub fn may_install(&self) -> bool {
        self.prefix.is_some()
    }

    /// The command that a person types to install packages, here or as Debian would have it.
    pub fn command(&self, packages: &[&str]) -> Option<String> {
        self.found
            .then(|| format!("sudo apt-get install {}", packages.join(" ")))
    }

    /// Whether all packages are installed.
    pub fn has(&self, packages: &[&str]) -> bool {
        self.found
            && packages.iter().all(|package| {
                let status = run::answer("dpkg-query", &["-W", "-f=${Status}", package]);
                status.as_deref() == Some("install ok installed")
            })
    }

    /// Installs packages: as the lists stand, and once more after fetching the lists anew.
    pub fn install(&self, packages: &[&str], why: &str, terminal: &Terminal) -> Outcome {
        let step = terminal.step(format!("apt: {}", packages.join(" ")));
        let mut arguments = vec!["install", "-y", "--no-install-recommends"];
        arguments.extend(packages);
        let advice = format!(
            "Check the network and Debian's package sources, then run `sudo apt-get update && \
             sudo apt-get install {}`.",
            packages.join(" ")
        );
        let first = run::quiet(self.apt_get(&arguments), &step, Some(LIMIT), &advice);
        if first.is_err() {
            if run::interrupted() || self.lists_fetched.replace(true) {
                return first.map(|_| ());
            }
            run::quiet(self.apt_get(&["update"]), &step, Some(LIMIT), &advice)?;
            run::quiet(self.apt_get(&arguments), &step, Some(LIMIT), &advice)?;
        }
        step.done(why);
        Ok(())
    }

    fn apt_get(&self, arguments: &[&str]) -> Command {
        let words = self.prefix.as_deref().unwrap_or(&["env"]);
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"])
            // Another apt-get may be at work, as on a machine just started.
            .args(["-o", "DPkg::Lock::Timeout=120"])
            .args(arguments);
        command
    }
}

/// Whether an `os-release` file is that of Debian or a system made from it.
fn is_debian(os_release: &str) -> bool {
    os_release
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(key, _)| matches!(*key, "ID" | "ID_LIKE"))
        .flat_map(|(_, value)| value.trim_matches(['"', '\'']).split_whitespace())
        .any(|name| name == "debian")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_and_its_kin_are_told_from_others() {
        for (text, expected) in [
            ("NAME=\"Debian GNU/Linux\"\nID=debian\n", true),
            ("ID=ubuntu\nID_LIKE=debian\n", true),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", true),
            ("ID=\"fedora\"\n", false),
            ("ID=nodebian\nNAME=debian\n", false),
            ("", false),
        ] {
            assert_eq!(is_debian(text), expected, "{text}");
        }
    }
}
