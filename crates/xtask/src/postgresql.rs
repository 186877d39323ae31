//! PostgreSQL for the backend's tests: they start servers of their own, in directories of their own,
//! and need no more than its programs. It must never touch a server that runs on this machine.

use std::path::{Path, PathBuf};

use crate::debian::Debian;
use crate::failure::{Failure, Outcome};
use crate::run;
use crate::terminal::Terminal;

/// Debian's package of the server it ships.
const PACKAGE: &str = "postgresql";
/// Debian keeps servers' programs out of the PATH, in a folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The oldest that the backend works with.
const OLDEST: u32 = 15;

/// The folder of a server's programs that is new enough, or `initdb` of the PATH, whatever its age.
pub fn find() -> Option<PathBuf> {
    newest(Path::new(DEBIAN)).or_else(|| run::on_path("initdb"))
}

/// The command that installs it.
pub fn how_to_install(debian: &Debian) -> String {
    let command = debian.command(&[PACKAGE]);
    command.unwrap_or_else(|| format!("install PostgreSQL {OLDEST} or newer, initdb on the PATH"))
}

/// Installs it where it is missing and that needs no question.
pub fn ensure(debian: &Debian, terminal: &Terminal) -> Outcome {
    if find().is_some() {
        return Ok(());
    }
    if debian.may_install() {
        debian.install(&[PACKAGE], "for the backend's tests", terminal)?;
    }
    match find() {
        Some(_) => Ok(()),
        None => Err(Failure::new(
            format!("PostgreSQL {OLDEST} or newer is missing, which the backend's tests start"),
            how_to_install(debian),
        )),
    }
}

fn newest(folder: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(folder).ok()?.flatten();
    versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(version, path)| *version >= OLDEST && path.join("initdb").exists())
        .max()
        .map(|(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_server_is_found_and_an_old_or_half_removed_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let server = |version: &str, whole: bool| {
            let bin = folder.path().join(version).join("bin");
            std::fs::create_dir_all(&bin).expect("made");
            if whole {
                std::fs::write(bin.join("initdb"), "").expect("written");
            }
        };
        server("14", true);
        server("18", false);
        assert_eq!(newest(folder.path()), None);
        server("15", true);
        server("16", true);
        assert_eq!(newest(folder.path()), Some(folder.path().join("16/bin")));
        assert_eq!(newest(&folder.path().join("missing")), None);
    }
}
