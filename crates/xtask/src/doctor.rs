//! `cargo xtask doctor`: what is here, what is missing, and the command that mends it. It must never
//! change the machine.

use std::process::Command;
use std::time::Duration;

use clap::Args;

use crate::chromium;
use crate::debian::Debian;
use crate::failure::{Failure, Outcome};
use crate::moto;
use crate::npm;
use crate::postgresql;
use crate::project::{Project, node_program};
use crate::run;
use crate::terminal::Terminal;
use crate::tool::{ESPEAK, FFPROBE, NASM, PYTHON, Tool};
use crate::wasm_toolchain::{self, WasmToolchain, cargo};

/// Say which tools are here, which are missing, and how to get them. Changes nothing.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask doctor")]
pub struct Arguments {}

/// One line of the table.
struct Finding {
    name: &'static str,
    /// What was found; none when it is missing.
    found: Option<String>,
    required: bool,
    mend: String,
}

pub fn run(_: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    let mut findings = findings(project, &Debian::look());
    findings.extend(forge("forge", terminal));
    for finding in &findings {
        terminal.say(line(finding));
    }
    let missing: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.required && finding.found.is_none())
        .map(|finding| finding.name)
        .collect();
    if missing.is_empty() {
        terminal.say("Everything required is here.");
        return Ok(());
    }
    Err(Failure::new(
        format!("missing: {}", missing.join(", ")),
        "Run the commands named above, or `cargo xtask setup`, which does what it can.",
    ))
}

fn line(finding: &Finding) -> String {
    let (mark, text) = match &finding.found {
        Some(found) => ("✓", found.clone()),
        None if finding.required => ("✗", format!("missing. To mend: {}", finding.mend)),
        None => ("–", format!("missing. To mend: {}", finding.mend)),
    };
    format!("  {mark} {:<14} {text}", finding.name)
}

fn findings(project: &Project, debian: &Debian) -> Vec<Finding> {
    let required = |name, found, mend: &str| Finding {
        name,
        found,
        required: true,
        mend: mend.to_owned(),
    };
    let node = run::answer(&node_program("node"), &["--version"]);
    let packages = project.npm_program("wasm-opt");
    let packages = packages.is_file().then(|| "installed".to_owned());
    vec![
        required(
            "rustc",
            run::answer("rustc", &["--version"]),
            "https://rustup.rs",
        ),
        required(
            "cargo",
            run::answer(&cargo(), &["--version"]),
            "https://rustup.rs",
        ),
        required(
            "rustfmt",
            run::answer(&cargo(), &["fmt", "--version"]),
            "rustup component add rustfmt",
        ),
        required(
            "clippy",
            run::answer(&cargo(), &["clippy", "--version"]),
            "rustup component add clippy",
        ),
        Finding {
            name: "wasm target",
            found: wasm(project, debian),
            required: true,
            mend: wasm_toolchain::how_to_install(debian),
        },
        Finding {
            name: "wasm-bindgen",
            found: Some(format!("{} (built in)", wasm_bindgen_shared_version())),
            required: true,
            mend: String::new(),
        },
        required(
            "node",
            node.filter(|version| npm::new_enough(version)),
            npm::INSTALL_NODE,
        ),
        required(
            "npm",
            run::answer(&node_program("npm"), &["--version"]),
            npm::INSTALL_NODE,
        ),
        required("npm packages", packages, "cargo xtask setup"),
        optional(&NASM, debian),
        optional(&ESPEAK, debian),
        optional(&PYTHON, debian),
        optional(&FFPROBE, debian),
        Finding {
            name: "PostgreSQL",
            found: postgresql::find().map(|path| path.to_string_lossy().into_owned()),
            required: false,
            mend: format!(
                "{} (the backend's tests start it)",
                postgresql::how_to_install(debian)
            ),
        },
        Finding {
            name: "moto",
            found: moto::is_installed(project).then(|| "as pinned".to_owned()),
            required: false,
            mend: "cargo xtask setup (the backend's tests start it as S3 and KMS)".into(),
        },
        Finding {
            name: "chromium",
            found: chromium::find().map(|path| {
                let program = path.to_string_lossy().into_owned();
                run::answer(&program, &["--version"]).unwrap_or(program)
            }),
            required: false,
            mend: chromium::how_to_install(debian),
        },
        Finding {
            name: "cargo-nextest",
            found: run::answer("cargo-nextest", &["nextest", "--version"]),
            required: false,
            mend: "cargo install cargo-nextest --locked".into(),
        },
        Finding {
            name: "cargo-deny",
            found: run::answer("cargo-deny", &["--version"]),
            required: false,
            mend: "cargo install cargo-deny --locked".into(),
        },
    ]
}

/// Forge's command line and whether it is logged in; needed only for a site of one's own.
fn forge(program: &str, terminal: &Terminal) -> [Finding; 2] {
    let version = run::answer(program, &["--version"]);
    let login = version
        .as_ref()
        .and_then(|_| forge_login(program, terminal));
    let optional = |name, found, mend: &str| Finding {
        name,
        found,
        required: false,
        mend: format!("{mend} (only for a Confluence site of your own)"),
    };
    [
        optional("forge", version, "npm install -g @forge/cli"),
        optional("forge login", login, "forge login"),
    ]
}

/// How Forge's command line is logged in, as far as it says so itself. Who it is, is not shown.
fn forge_login(program: &str, terminal: &Terminal) -> Option<String> {
    // It asks Atlassian, who may be out of reach.
    const LIMIT: Duration = Duration::from_secs(20);
    let step = terminal.step("forge whoami");
    let mut command = Command::new(program);
    command.arg("whoami");
    let answered = run::quiet(command, &step, Some(LIMIT), "forge login").is_ok();
    step.done(if answered { "" } else { "not logged in" });
    answered.then(|| "logged in".to_owned())
}

fn optional(tool: &Tool, debian: &Debian) -> Finding {
    Finding {
        name: tool.program,
        found: run::answer(tool.program, tool.version),
        required: false,
        mend: format!("{} ({})", tool.how_to_install(debian), tool.without),
    }
}

fn wasm(project: &Project, debian: &Debian) -> Option<String> {
    let way = wasm_toolchain::found(debian)?;
    let version = match way {
        WasmToolchain::Rustup => run::answer("rustc", &["--version"]),
        WasmToolchain::Debian => run::answer("/usr/bin/rustc", &["--version"]),
    };
    let used = match wasm_toolchain::remembered(project) {
        Some(way) => format!("last build: the {} way", way.name()),
        None => "not built yet".to_owned(),
    };
    let version = version.unwrap_or_default();
    Some(format!("the {} way, {version}; {used}", way.name()))
}

fn wasm_bindgen_shared_version() -> String {
    wasm_bindgen_shared::version()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn forge_and_its_login_are_found_and_nobody_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("forge");
        let terminal = Terminal::new();
        let look = |whoami: &str| {
            let script =
                format!("#!/bin/sh\n[ $1 = --version ] && echo 13.3.0 && exit\n{whoami}\n");
            std::fs::write(&program, script).expect("written");
            let executable = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(&program, executable).expect("made executable");
            let [version, login] = forge(&program.to_string_lossy(), &terminal);
            assert_eq!(version.found.as_deref(), Some("13.3.0"));
            line(&login)
        };
        let text = look("echo Logged in as Ada Example '(ada@example.test)'");
        assert!(
            text.contains("✓ forge login") && !text.contains("Ada"),
            "{text}"
        );
        let text = look("echo Not logged in >&2; exit 1");
        assert!(
            text.contains("– forge login") && text.contains("forge login (only"),
            "{text}"
        );
        let [version, login] = forge("no-such-program-here", &terminal);
        assert!(version.found.is_none() && login.found.is_none());
        assert!(line(&version).contains("npm install -g @forge/cli"));
    }

    #[test]
    fn what_is_missing_comes_with_its_command() {
        let finding = |required| Finding {
            name: "nasm",
            found: None,
            required,
            mend: "sudo apt-get install nasm".into(),
        };
        for (required, mark) in [(true, "✗"), (false, "–")] {
            let text = line(&finding(required));
            assert!(
                text.contains(mark) && text.ends_with("sudo apt-get install nasm"),
                "{text}"
            );
        }
    }
}
