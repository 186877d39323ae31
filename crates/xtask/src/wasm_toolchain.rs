//! Which compiler makes the wasm. rustup's is tried first; Debian's packages are the way where
//! rustup's server cannot be reached. The choice is remembered, and said once when it is made.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::ValueEnum;

use crate::debian::Debian;
use crate::failure::{Failure, Outcome, at};
use crate::project::Project;
use crate::run;
use crate::terminal::Terminal;

/// The wasm target of both.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// `rustup target add` fetches some 20 MB; a server that cannot be reached may never answer.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// Debian's Rust of the day, its source of the standard library, and a linker for wasm.
pub const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld"];

/// A compiler for wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WasmToolchain {
    /// The toolchain that runs this program, with the target's standard library.
    Rustup,
    /// Debian's rustc-web, which compiles the standard library along.
    Debian,
}

impl WasmToolchain {
    /// The name on the command line and in the memory.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::Debian => "debian",
        }
    }

    /// `cargo build` for wasm of a package, in a profile; the folder's manifest says where both are
    /// looked for. The wasm is then in [`Self::output`].
    pub fn cargo_build(
        self,
        project: &Project,
        folder: &Path,
        package: &str,
        profile: &str,
    ) -> Command {
        let mut command = match self {
            Self::Rustup => Command::new(cargo()),
            Self::Debian => Command::new("/usr/bin/cargo"),
        };
        command
            .current_dir(project.root())
            .args(["build", "-p", package])
            .args(["--profile", profile, "--target", TARGET])
            .arg("--manifest-path")
            .arg(folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(self.target_dir(project));
        if self == Self::Debian {
            // `-Z build-std` on a stable compiler; Debian ships no standard library for wasm.
            command
                .args(["-Z", "build-std=std,panic_abort"])
                .env("RUSTC_BOOTSTRAP", "1")
                .env("RUSTC", "/usr/bin/rustc")
                .env(
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
                    "/usr/bin/wasm-ld",
                )
                // Set by the rustup whose cargo started this program, and not for this one.
                .env_remove("CARGO")
                .env_remove("RUSTUP_TOOLCHAIN");
        }
        command
    }

    /// Where a package's wasm is after [`Self::cargo_build`].
    pub fn output(self, project: &Project, package: &str, profile: &str) -> PathBuf {
        let file = format!("{}.wasm", package.replace('-', "_"));
        let folder = self.target_dir(project).join(TARGET);
        folder.join(profile).join(file)
    }

    // Two compilers in one folder would rebuild each other's work.
    fn target_dir(self, project: &Project) -> PathBuf {
        match self {
            Self::Rustup => project.target().to_owned(),
            Self::Debian => project.target().join("debian"),
        }
    }

    fn is_there(self, debian: &Debian) -> bool {
        match self {
            Self::Rustup => run::answer(&rustc(), &["--print", "sysroot"]).is_some_and(|root| {
                let library = PathBuf::from(root).join("lib/rustlib").join(TARGET);
                library.join("lib").is_dir()
            }),
            Self::Debian => debian.has(&DEBIAN_PACKAGES),
        }
    }
}

/// The cargo that started this program, so that it and what it builds agree.
pub fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

fn rustc() -> String {
    std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into())
}

/// What may be done, in order, until one works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    Use(WasmToolchain),
    RustupTargetAdd,
    AptInstall,
}

/// What is known before anything is tried.
#[derive(Clone, Copy, Default)]
struct Facts {
    forced: Option<WasmToolchain>,
    remembered: Option<WasmToolchain>,
    rustup_has_target: bool,
    rustup: bool,
    debian_has_packages: bool,
    debian_may_install: bool,
}

fn attempts(facts: Facts) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    let allowed = |way| facts.forced.is_none_or(|forced| forced == way);
    if allowed(WasmToolchain::Rustup) {
        if facts.rustup_has_target {
            attempts.push(Attempt::Use(WasmToolchain::Rustup));
        } else if facts.rustup {
            attempts.push(Attempt::RustupTargetAdd);
        }
    }
    if allowed(WasmToolchain::Debian) {
        if facts.debian_has_packages {
            let attempt = Attempt::Use(WasmToolchain::Debian);
            // Once rustup's server was out of reach, it is not asked again at every build.
            let again = facts.remembered == Some(WasmToolchain::Debian);
            if again && attempts.first() == Some(&Attempt::RustupTargetAdd) {
                attempts.insert(0, attempt);
            } else {
                attempts.push(attempt);
            }
        } else if facts.debian_may_install {
            attempts.push(Attempt::AptInstall);
        }
    }
    attempts
}

/// The wasm compiler to use, there or made so. Fails with a sentence that says what to install.
pub fn ensure(
    forced: Option<WasmToolchain>,
    project: &Project,
    debian: &Debian,
    terminal: &Terminal,
) -> Outcome<WasmToolchain> {
    let remembered = remembered(project);
    let facts = Facts {
        forced,
        remembered,
        rustup_has_target: WasmToolchain::Rustup.is_there(debian),
        rustup: run::on_path("rustup").is_some(),
        debian_has_packages: WasmToolchain::Debian.is_there(debian),
        debian_may_install: debian.may_install(),
    };
    for attempt in attempts(facts) {
        let tried = match attempt {
            Attempt::Use(way) => Ok(way),
            Attempt::RustupTargetAdd => rustup_target_add(terminal),
            Attempt::AptInstall => debian
                .install(&DEBIAN_PACKAGES, "Rust that compiles to wasm", terminal)
                .map(|()| WasmToolchain::Debian),
        };
        match tried {
            Ok(way) => {
                if remembered != Some(way) {
                    remember(way, project)?;
                    terminal.say(format!("  wasm is compiled the {} way", way.name()));
                }
                return Ok(way);
            }
            Err(failure) if run::interrupted() => return Err(failure),
            Err(failure) => terminal.failure(&failure),
        }
    }
    Err(missing(debian))
}

/// What was chosen last time.
pub fn remembered(project: &Project) -> Option<WasmToolchain> {
    let text = std::fs::read_to_string(project.memory("wasm-toolchain")).ok()?;
    WasmToolchain::from_str(text.trim(), false).ok()
}

/// Which of the two ways this machine has now.
pub fn found(debian: &Debian) -> Option<WasmToolchain> {
    [WasmToolchain::Rustup, WasmToolchain::Debian]
        .into_iter()
        .find(|way| way.is_there(debian))
}

/// The command that mends a machine that has neither.
pub fn how_to_install(debian: &Debian) -> String {
    let rustup = format!("rustup target add {TARGET}");
    match debian.command(&DEBIAN_PACKAGES) {
        Some(apt) => format!("{rustup}, or where its server cannot be reached: {apt}"),
        None => rustup,
    }
}

fn missing(debian: &Debian) -> Failure {
    Failure::new(
        format!("no Rust compiler for {TARGET} is here, and none could be installed"),
        format!("Run: {}", how_to_install(debian)),
    )
}

fn remember(way: WasmToolchain, project: &Project) -> Outcome {
    let file = project.memory("wasm-toolchain");
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(at("make", folder))?;
    }
    std::fs::write(&file, way.name()).map_err(at("write", &file))
}

fn rustup_target_add(terminal: &Terminal) -> Outcome<WasmToolchain> {
    let step = terminal.step(format!("rustup target add {TARGET}"));
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]);
    let advice = "rustup's server may be out of reach; Debian's packages are tried next, if any.";
    run::quiet(command, &step, Some(RUSTUP_LIMIT), advice)?;
    step.done("");
    Ok(WasmToolchain::Rustup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Attempt::{AptInstall, RustupTargetAdd, Use};
    use WasmToolchain::{Debian as DebianWay, Rustup};

    const DEBIAN_AS_ROOT: Facts = Facts {
        forced: None,
        remembered: None,
        rustup_has_target: false,
        rustup: true,
        debian_has_packages: false,
        debian_may_install: true,
    };

    #[test]
    fn ways_are_tried_in_order() {
        let table = [
            (
                "ready",
                Facts {
                    rustup_has_target: true,
                    ..DEBIAN_AS_ROOT
                },
                vec![Use(Rustup), AptInstall],
            ),
            ("fresh", DEBIAN_AS_ROOT, vec![RustupTargetAdd, AptInstall]),
            (
                "no rustup",
                Facts {
                    rustup: false,
                    ..DEBIAN_AS_ROOT
                },
                vec![AptInstall],
            ),
            (
                "not Debian",
                Facts {
                    debian_may_install: false,
                    ..DEBIAN_AS_ROOT
                },
                vec![RustupTargetAdd],
            ),
            ("nothing", Facts::default(), vec![]),
            (
                "Debian's was chosen before",
                Facts {
                    debian_has_packages: true,
                    remembered: Some(DebianWay),
                    ..DEBIAN_AS_ROOT
                },
                vec![Use(DebianWay), RustupTargetAdd],
            ),
            (
                "forced to Debian's",
                Facts {
                    forced: Some(DebianWay),
                    rustup_has_target: true,
                    ..DEBIAN_AS_ROOT
                },
                vec![AptInstall],
            ),
            (
                "forced to rustup's",
                Facts {
                    forced: Some(Rustup),
                    debian_has_packages: true,
                    ..DEBIAN_AS_ROOT
                },
                vec![RustupTargetAdd],
            ),
        ];
        for (name, facts, expected) in table {
            assert_eq!(attempts(facts), expected, "{name}");
        }
    }
}
