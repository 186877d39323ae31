//! moto, a double of S3 and KMS from PyPI that the backend's tests start, in a virtual environment
//! of its own. It must never be installed again while its list of packages is the same, so that
//! tests need no network.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::debian::Debian;
use crate::failure::{Failure, Outcome, at};
use crate::npm::hex;
use crate::project::Project;
use crate::run;
use crate::terminal::Terminal;

const LIMIT: Duration = Duration::from_secs(900);

/// Says which packages were installed.
const STAMP: &str = "golpo-requirements";

/// The packages with their exact versions and hashes.
const REQUIREMENTS: &str = "crates/backend/tests/aws/requirements.txt";

/// Makes `xtask/moto` in the target folder, where the tests look for it.
pub fn ensure(project: &Project, debian: &Debian, terminal: &Terminal) -> Outcome {
    if is_installed(project) {
        return Ok(());
    }
    let requirements = project.path(REQUIREMENTS);
    let folder = project.memory("moto");
    let parent = project.memory("");
    std::fs::create_dir_all(&parent).map_err(at("make", &parent))?;
    let lock = parent.join("moto.lock");
    let alone = File::create(&lock).map_err(at("write", &lock))?;
    alone.lock().map_err(at("lock", &lock))?;
    if is_installed(project) {
        return Ok(());
    }
    install_python(debian, terminal)?;
    let step = terminal.step("moto (S3 and KMS for tests)");
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&folder);
    let advice = how_to_install(debian);
    run::quiet(make, &step, Some(LIMIT), &advice)?;
    let mut install = Command::new(folder.join("bin").join("python"));
    install
        .args(["-m", "pip", "install", "--disable-pip-version-check"])
        .args(["--no-input", "--progress-bar", "off"])
        .args([
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--requirement",
        ])
        .arg(&requirements);
    let advice = "Check the network and that pip reaches PyPI (`python3 -m pip download moto`), \
                  then run `cargo xtask test` again.";
    run::quiet(install, &step, Some(LIMIT), advice)?;
    let stamp = folder.join(STAMP);
    std::fs::write(&stamp, wanted(project)?).map_err(at("write", &stamp))?;
    step.done("from requirements.txt");
    Ok(())
}

/// Whether it is there, of these very packages.
pub fn is_installed(project: &Project) -> bool {
    let installed = std::fs::read_to_string(project.memory("moto").join(STAMP));
    installed.is_ok_and(|text| wanted(project).is_ok_and(|wanted| text == wanted))
}

fn wanted(project: &Project) -> Outcome<String> {
    let requirements = project.path(REQUIREMENTS);
    let bytes = std::fs::read(&requirements).map_err(at("read", &requirements))?;
    Ok(hex(&Sha256::digest(bytes)))
}

/// Debian's python3 can make no virtual environments before python3-venv is installed.
fn install_python(debian: &Debian, terminal: &Terminal) -> Outcome {
    if has_venv() {
        return Ok(());
    }
    if debian.may_install() {
        debian.install(&["python3", "python3-venv"], "", terminal)?;
    }
    if has_venv() {
        return Ok(());
    }
    Err(Failure::new(
        "no python3 that makes virtual environments was found",
        how_to_install(debian),
    ))
}

fn has_venv() -> bool {
    run::answer("python3", &["-c", "import venv, ensurepip; print('yes')"]).is_some()
}

fn how_to_install(debian: &Debian) -> String {
    let python = debian
        .command(&["python3", "python3-venv"])
        .unwrap_or_else(|| "install Python 3.10 or newer with venv".into());
    format!("{python}, then run `cargo xtask test` again.")
}
