//! The npm packages: installed from the lock file, and only when it changed. It must never change
//! the lock file.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::failure::{Failure, Outcome, at};
use crate::project::{Project, node_program};
use crate::run;
use crate::terminal::Terminal;

const LIMIT: Duration = Duration::from_secs(900);

/// The oldest Node that the packages run on: (major, minor). Also in package.json's `engines`.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// What a person does who has no Node or an old one.
pub const INSTALL_NODE: &str = "Install Node.js 20.19 or newer, with npm: https://nodejs.org";

/// Makes `node_modules` what the lock file says.
pub fn install(project: &Project, terminal: &Terminal) -> Outcome {
    check_node()?;
    // Two installations into one folder at a time leave neither.
    let _alone = alone(project, terminal)?;
    install_in(project.root(), "npm packages", terminal)
}

/// The same in another folder with a lock file of its own; nothing else may install there meanwhile.
pub fn install_in(folder: &Path, name: &str, terminal: &Terminal) -> Outcome {
    let stamp = folder.join("node_modules/.golpo-lock");
    let lock = lock_hash(&folder.join("package-lock.json"))?;
    if std::fs::read_to_string(&stamp).is_ok_and(|text| text == lock) {
        return Ok(());
    }
    let step = terminal.step(name);
    let mut command = Command::new(node_program("npm"));
    command
        .current_dir(folder)
        .args(["ci", "--no-audit", "--no-fund"]);
    let advice = "Check the network and npm's registry (`npm ping`), then try again.";
    run::quiet(command, &step, Some(LIMIT), advice)?;
    std::fs::write(&stamp, lock).map_err(at("write", &stamp))?;
    step.done("from package-lock.json");
    Ok(())
}

/// Held while packages are installed; whoever comes second waits.
fn alone(project: &Project, terminal: &Terminal) -> Outcome<File> {
    let folder = project.path("target");
    std::fs::create_dir_all(&folder).map_err(at("make", &folder))?;
    let path = folder.join("npm.lock");
    let file = File::create(&path).map_err(at("write", &path))?;
    if file.try_lock().is_err() {
        terminal.say("  waiting for another `cargo xtask` that installs npm packages");
        file.lock().map_err(at("lock", &path))?;
    }
    Ok(file)
}

/// npm in the checkout's root.
pub fn npm(project: &Project) -> Command {
    let mut command = Command::new(node_program("npm"));
    command.current_dir(project.root());
    command
}

/// Refuses a machine without Node, or with one that is too old.
fn check_node() -> Outcome {
    let Some(version) = run::answer(&node_program("node"), &["--version"]) else {
        return Err(Failure::new("Node.js was not found", INSTALL_NODE));
    };
    if !new_enough(&version) {
        let what = format!("Node.js {version} is too old");
        return Err(Failure::new(what, INSTALL_NODE));
    }
    if run::answer(&node_program("npm"), &["--version"]).is_none() {
        return Err(Failure::new("npm was not found", INSTALL_NODE));
    }
    Ok(())
}

/// Whether `v20.20.0` and the like is new enough.
pub fn new_enough(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map_while(|number| number.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => (major, minor) >= OLDEST_NODE,
        _ => false,
    }
}

fn lock_hash(lock: &Path) -> Outcome<String> {
    let bytes = std::fs::read(lock).map_err(at("read", lock))?;
    Ok(hex(&Sha256::digest(bytes)))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_nodes_are_refused() {
        for (version, expected) in [
            ("v20.19.0", true),
            ("v20.20.1", true),
            ("v22.0.0", true),
            ("v20.18.3", false),
            ("v18.20.4", false),
            ("", false),
            ("vtwenty", false),
        ] {
            assert_eq!(new_enough(version), expected, "{version}");
        }
    }

    #[test]
    fn another_lock_file_has_another_stamp() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = folder.path().join("package-lock.json");
        std::fs::write(&lock, "{}").expect("written");
        let first = lock_hash(&lock).expect("read");
        assert_eq!(first.len(), 64);
        assert_eq!(first, lock_hash(&lock).expect("read"));
        std::fs::write(&lock, "{ }").expect("written");
        assert_ne!(first, lock_hash(&lock).expect("read"));
    }
}
