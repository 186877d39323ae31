//! promtool, which knows Prometheus' grammar and plays alert rules through. Debian has it in a package
//! that would also start a Prometheus on the machine; so the package is fetched and promtool alone
//! taken out of it, which needs no rights. It must never install anything.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::failure::{Outcome, at};
use crate::project::Project;
use crate::run;
use crate::terminal::Terminal;

/// What a person does where it cannot be fetched.
pub const HOW_TO_INSTALL: &str = "promtool is part of Prometheus: https://prometheus.io/download, or Debian's package `prometheus`";

const LIMIT: Duration = Duration::from_secs(300);

/// What could not be fetched is not asked for again before this.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Where it is, fetched if need be; none where it cannot be had.
pub fn program(project: &Project, terminal: &Terminal) -> Option<PathBuf> {
    if let Some(program) = run::on_path("promtool") {
        return Some(program);
    }
    let folder = project.memory("promtool");
    let program = folder.join("usr/bin/promtool");
    if program.is_file() {
        return Some(program);
    }
    let failed_before = project.memory("no-promtool");
    let needed = ["apt-get", "dpkg-deb"];
    if is_recent(&failed_before) || needed.iter().any(|name| run::on_path(name).is_none()) {
        return None;
    }
    match fetch(&folder, terminal) {
        Ok(()) if program.is_file() => Some(program),
        other => {
            if let Err(failure) = other {
                terminal.failure(&failure);
            }
            // Where this cannot be written, the next run merely tries again.
            let _ = std::fs::write(&failed_before, "");
            None
        }
    }
}

fn fetch(folder: &Path, terminal: &Terminal) -> Outcome {
    let step = terminal.step("promtool".to_owned());
    let packed = folder.join("packed");
    std::fs::create_dir_all(&packed).map_err(at("make", &packed))?;
    let mut download = Command::new("apt-get");
    download
        .current_dir(&packed)
        .args(["-q", "download", "prometheus"]);
    run::quiet(download, &step, Some(LIMIT), HOW_TO_INSTALL)?;
    let mut take_out = Command::new("sh");
    take_out.current_dir(&packed).args([
        "-c",
        "dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x -C .. ./usr/bin/promtool && rm prometheus_*.deb",
    ]);
    run::quiet(take_out, &step, Some(LIMIT), HOW_TO_INSTALL)?;
    step.done("taken out of Debian's package");
    Ok(())
}

fn is_recent(mark: &Path) -> bool {
    let made = std::fs::metadata(mark).and_then(|data| data.modified());
    made.is_ok_and(|made| {
        SystemTime::now()
            .duration_since(made)
            .is_ok_and(|age| age < TRY_AGAIN_AFTER)
    })
}
