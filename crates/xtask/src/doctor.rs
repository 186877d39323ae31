//! `cargo xtask doctor`: what is here, what is missing, and the command that mends it. It must never
//! change the machine.

use clap::Args;

use crate::chromium;
use crate::debian::Debian;
use crate::failure::{Failure, Outcome};
use crate::npm;
use crate::project::{Project, node_program};
use crate::run;
use crate::terminal::Terminal;
use crate::tool::{ESPEAK, FFPROBE, NASM, Tool};
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
    let findings = findings(project, &Debian::look());
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
        optional(&FFPROBE, debian),
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
