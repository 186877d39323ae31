//! `cargo xtask audit`: known vulnerabilities, licences, banned crates and sources of all dependencies
//! (P15), what was found into the register, an SBOM of each program. It must never say "clean" of what
//! it could not check: each time a planted vulnerability has to be found first.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use time::{Date, OffsetDateTime};

use crate::failure::{Failure, Outcome, at};
use crate::findings::{self, Package};
use crate::npm::{self, npm};
use crate::project::Project;
use crate::register::{self, Part, Register};
use crate::run;
use crate::sbom;
use crate::terminal::Terminal;
use crate::vulnerability;
use crate::wasm_toolchain::cargo;

/// The version that this was written for.
const DENY: &str = "0.20.2";
/// The folder's name that cargo-deny makes of the database's address.
const DATABASE: &str = "advisory-db-3157b0e258782691";
/// A package list with `time` 0.2.22 in it, and the advisory that it has.
const CONTROL: &str = "crates/xtask/tests/audit/control.json";
const CONTROL_ADVISORY: &str = "RUSTSEC-2020-0071";
/// Compiling cargo-deny takes minutes.
const INSTALL_LIMIT: Duration = Duration::from_secs(40 * 60);
const LIMIT: Duration = Duration::from_secs(600);

/// Scan all dependencies, record what is found, write an SBOM of each program.
#[derive(Args)]
#[command(
    after_help = "cargo-deny is installed when it is missing, once, outside the checkout. Where the RustSec database\n\
    cannot be fetched, --advisory-db takes a copy of it, and says how old that is.\n\
    Exit codes: 0 nothing known, 1 a known critical or high in what is shipped, or a check that failed or could\n\
    not be made, 2 wrong usage.\n\n\
    Examples:\n  cargo xtask audit\n  cargo xtask audit --advisory-db ../advisory-db"
)]
pub struct Arguments {
    /// A copy of https://github.com/RustSec/advisory-db, for where that cannot be reached
    #[arg(long, value_name = "FOLDER", env = "GOLPO_ADVISORY_DB")]
    advisory_db: Option<PathBuf>,
    /// Another register than the repository's
    #[arg(long, value_name = "FILE")]
    register: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    npm::install(project, terminal)?;
    let deny = install(project, terminal)?;
    let folder = project.memory("audit");
    std::fs::create_dir_all(&folder).map_err(at("make", &folder))?;
    let step = terminal.step("dependencies");
    let mut fetch = Command::new(cargo());
    fetch
        .current_dir(project.root())
        .args(["fetch", "--locked"]);
    run::quiet(
        fetch,
        &step,
        Some(LIMIT),
        "Check the network, then try again.",
    )?;
    step.done("");

    let metadata = sbom::cargo_metadata(project)?;
    for path in sbom::write(&metadata, project, &folder)? {
        terminal.say(format!("  ✓ SBOM {}", path.display()));
    }

    let audit = Audit {
        deny,
        config: config(project, &folder)?,
        project,
    };
    audit.database(arguments.advisory_db.as_deref(), &folder, terminal)?;
    audit.find_the_planted_one(terminal)?;

    let path = arguments
        .register
        .clone()
        .unwrap_or_else(|| project.path(register::FILE));
    let mut register = Register::read(&path)?;
    let now = OffsetDateTime::now_utc();
    let (advisories_passed, text) = audit.check(&["advisories"], None)?;
    let shipped = sbom::Shipped::of(&metadata);
    let part = |package: Package<'_>| part(&shipped, package);
    let found = findings::of_cargo_deny(&text, now, part)?;
    terminal.say(format!("  ✓ crates: {} vulnerabilities", found.len()));
    vulnerability::import(found, &mut register, &path, terminal)?;
    npm_audit(&mut register, &path, project, terminal)?;

    let (others_passed, others) = audit.check(&["licenses", "bans", "sources"], None)?;
    let errors: Vec<String> = [&text, &others]
        .into_iter()
        .flat_map(|text| errors(text))
        .collect();
    errors
        .iter()
        .for_each(|error| terminal.say(format!("  ✗ {error}")));
    let blocking: Vec<&str> = register
        .vulnerabilities
        .iter()
        .filter(|entry| entry.blocks())
        .map(|entry| entry.id.as_str())
        .collect();
    if !blocking.is_empty() {
        return Err(Failure::new(
            format!(
                "known critical or high in what is shipped: {}",
                blocking.join(", ")
            ),
            "Update or take out what is vulnerable; `cargo xtask vulnerability list --open` shows more.",
        ));
    }
    if !(advisories_passed && others_passed) {
        return Err(Failure::new(
            format!("cargo-deny refuses {} dependencies", errors.len()),
            "`cargo deny check` explains each. deny.toml says what is allowed and why.",
        ));
    }
    terminal.say("  ✓ licences, bans and sources");
    Ok(())
}

/// Which program a vulnerable crate is in.
fn part(shipped: &sbom::Shipped, package: Package<'_>) -> Part {
    match (shipped.app(package), shipped.backend(package)) {
        (true, true) => Part::Both,
        (true, false) => Part::App,
        (false, true) => Part::Backend,
        (false, false) => Part::Development,
    }
}

struct Audit<'a> {
    deny: PathBuf,
    config: PathBuf,
    project: &'a Project,
}

impl Audit<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.deny);
        command.current_dir(self.project.root());
        command
    }

    /// Fetches the database, or takes the given copy.
    fn database(&self, copy: Option<&Path>, folder: &Path, terminal: &Terminal) -> Outcome {
        let step = terminal.step("RustSec database");
        let mut fetch = self.command();
        fetch
            .arg("--config")
            .arg(&self.config)
            .args(["fetch", "db"]);
        let advice = "Check the network, or give a copy with --advisory-db FOLDER.";
        let fetched = run::quiet(fetch, &step, Some(LIMIT), advice);
        match (fetched, copy) {
            (Ok(_), _) => {
                step.done("fetched now");
                Ok(())
            }
            (Err(failure), None) => Err(failure),
            (Err(_), Some(copy)) => {
                let age = take_copy(copy, &folder.join("db").join(DATABASE))?;
                step.done(&format!("could not be fetched; a copy, {age}"));
                Ok(())
            }
        }
    }

    /// Runs checks and gives whether they passed, and what cargo-deny said in lines of JSON.
    fn check(&self, which: &[&str], metadata: Option<&Path>) -> Outcome<(bool, String)> {
        let mut command = self.command();
        command
            .args(["--offline", "--format", "json", "--config"])
            .arg(&self.config);
        if let Some(path) = metadata {
            command.arg("--metadata-path").arg(path);
        }
        command.arg("check").args(which);
        let output = command.output().map_err(at("run", &self.deny))?;
        // Its lines go to stderr.
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((output.status.success(), text))
    }

    /// A scanner that does not find what is surely there finds nothing else either.
    fn find_the_planted_one(&self, terminal: &Terminal) -> Outcome {
        let control = self.project.path(CONTROL);
        let (passed, text) = self.check(&["advisories"], Some(&control))?;
        let now = OffsetDateTime::now_utc();
        let found = findings::of_cargo_deny(&text, now, |_| Part::Development)?;
        let planted = found
            .iter()
            .any(|finding| finding.reference.as_deref() == Some(CONTROL_ADVISORY));
        if passed || !planted {
            let lines: Vec<&str> = text.lines().collect();
            let what = format!("cargo-deny did not find {CONTROL_ADVISORY} where it was planted");
            let advice =
                "Nothing it says can be trusted: look at the database's copy and at its version.";
            return Err(Failure::new(what, advice).with_output(&lines));
        }
        terminal.say(format!(
            "  ✓ the planted {CONTROL_ADVISORY} (time 0.2.22) was found"
        ));
        Ok(())
    }
}

/// What fails a check, a line each.
fn errors(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["type"] == "diagnostic" && line["fields"]["severity"] == "error")
        .map(|line| {
            let fields = &line["fields"];
            let krate = &fields["graphs"][0]["Krate"];
            let name = krate["name"].as_str().unwrap_or("–");
            let message = fields["message"].as_str().unwrap_or_default();
            format!(
                "{name} {}: {message}",
                krate["version"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

/// deny.toml, with the database in a folder of its own.
fn config(project: &Project, folder: &Path) -> Outcome<PathBuf> {
    let source = project.path("deny.toml");
    let text = std::fs::read_to_string(&source).map_err(at("read", &source))?;
    let database = serde_json::to_string(&folder.join("db")).unwrap_or_default();
    let ours = format!("[advisories]\ndb-path = {database}\nmaximum-db-staleness = \"P1Y\"\n");
    let path = folder.join("deny.toml");
    std::fs::write(&path, text.replacen("[advisories]\n", &ours, 1)).map_err(at("write", &path))?;
    Ok(path)
}

/// Makes a copy of the database what cargo-deny wants, a git repository, and says how old it is.
fn take_copy(copy: &Path, into: &Path) -> Outcome<String> {
    let newest = newest_advisory(copy).ok_or_else(|| {
        Failure::new(
            format!("{} is no copy of the RustSec database", copy.display()),
            "Give the folder that holds `crates/` with the advisories.",
        )
    })?;
    if into.exists() {
        std::fs::remove_dir_all(into).map_err(at("remove", into))?;
    }
    copy_folder(copy, into)?;
    let identity = ["-c", "user.name=audit", "-c", "user.email=audit@localhost"];
    let steps: [&[&str]; 3] = [
        &["init", "--quiet"],
        &["add", "--all"],
        &["commit", "--quiet", "--no-gpg-sign", "--message", "copy"],
    ];
    for arguments in steps {
        let mut git = Command::new("git");
        git.current_dir(into).args(identity).args(arguments);
        let done = git.output().map_err(at("run git in", into))?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            let failure = Failure::new(
                "git could not take the copy in",
                "Install git, then try again.",
            );
            return Err(failure.with_output(&[said]));
        }
    }
    let head = into.join(".git/FETCH_HEAD");
    std::fs::write(&head, "").map_err(at("write", &head))?;
    let days = (OffsetDateTime::now_utc().date() - newest).whole_days();
    Ok(format!(
        "its newest advisory is of {newest}, {days} days ago"
    ))
}

/// The day of the newest advisory in a copy.
fn newest_advisory(copy: &Path) -> Option<Date> {
    crate::build::files_under(&copy.join("crates"))
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .filter_map(|text| {
            let line = text.lines().find(|line| line.starts_with("date = "))?;
            register::moment(line.split('"').nth(1)?).ok()
        })
        .max()
        .map(OffsetDateTime::date)
}

fn copy_folder(from: &Path, to: &Path) -> Outcome {
    std::fs::create_dir_all(to).map_err(at("make", to))?;
    for entry in std::fs::read_dir(from).map_err(at("read", from))?.flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == ".git" {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            // By its text, since a copy keeps the original's read-only mark.
            let bytes = std::fs::read(&path).map_err(at("read", &path))?;
            std::fs::write(&target, bytes).map_err(at("write", &target))?;
        }
    }
    Ok(())
}

/// npm's own audit, where its registry answers one.
fn npm_audit(
    register: &mut Register,
    path: &Path,
    project: &Project,
    terminal: &Terminal,
) -> Outcome {
    let mut audit = npm(project);
    audit.args(["audit", "--json", "--omit=dev"]);
    let output = audit.output().map_err(at("run npm in", project.root()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    match findings::of_npm_audit(&text, OffsetDateTime::now_utc(), Part::App) {
        Ok(found) => {
            terminal.say(format!("  ✓ npm packages: {} vulnerabilities", found.len()));
            vulnerability::import(found, register, path, terminal).map(|_| ())
        }
        Err(_) => {
            terminal.say("  – npm audit: not reachable; the npm packages were not checked");
            Ok(())
        }
    }
}

/// cargo-deny on the PATH or where this installed it.
pub fn program() -> Option<PathBuf> {
    run::on_path("cargo-deny").or_else(|| {
        let file = format!("cargo-deny{}", std::env::consts::EXE_SUFFIX);
        let path = tools()?.join("bin").join(file);
        path.is_file().then_some(path)
    })
}

/// Outside the checkout, where the next clone finds it.
fn tools() -> Option<PathBuf> {
    let named = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let home = || named("HOME").or_else(|| named("USERPROFILE"));
    let cache = named("GOLPO_CACHE").or_else(|| Some(home()?.join(".cache/golpo-confluence")));
    Some(cache?.join("tools"))
}

fn install(project: &Project, terminal: &Terminal) -> Outcome<PathBuf> {
    if let Some(program) = program() {
        return Ok(program);
    }
    let advice =
        format!("Run `cargo install cargo-deny --locked --version {DENY}`, then try again.");
    let Some(tools) = tools() else {
        return Err(Failure::new("cargo-deny is not installed", advice));
    };
    let step = terminal.step("cargo-deny (compiled once)");
    let mut install = Command::new(cargo());
    install
        .current_dir(project.root())
        .args([
            "install",
            "cargo-deny",
            "--locked",
            "--version",
            DENY,
            "--root",
        ])
        .arg(&tools);
    run::quiet(install, &step, Some(INSTALL_LIMIT), &advice)?;
    step.done(&tools.display().to_string());
    program().ok_or_else(|| Failure::new("cargo-deny is still not there", advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p15_a_copy_of_the_database_says_its_age() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(newest_advisory(folder.path()), None);
        let crates = folder.path().join("crates/heron");
        std::fs::create_dir_all(&crates).expect("made");
        for (name, day) in [
            ("RUSTSEC-2099-0001.md", "2026-02-28"),
            ("RUSTSEC-2099-0002.md", "2026-08-20"),
        ] {
            let text = format!("```toml\n[advisory]\nid = \"x\"\ndate = \"{day}\"\n```\n");
            std::fs::write(crates.join(name), text).expect("written");
        }
        let elsewhere = tempfile::tempdir().expect("a folder");
        let into = elsewhere.path().join("db");
        let age = take_copy(folder.path(), &into).expect("taken");
        assert!(
            age.starts_with("its newest advisory is of 2026-08-20, "),
            "{age}"
        );
        assert!(into.join(".git/FETCH_HEAD").is_file());
        assert!(into.join("crates/heron/RUSTSEC-2099-0002.md").is_file());
        assert!(take_copy(&folder.path().join("crates"), &into).is_err());
    }

    #[test]
    fn p15_refusals_are_told_with_their_crate() {
        let text = r#"{"type":"diagnostic","fields":{"severity":"error","code":"rejected","message":"failed to satisfy license requirements","graphs":[{"Krate":{"name":"heron","version":"1.2.3"}}]}}
{"type":"diagnostic","fields":{"severity":"warning","message":"two of them"}}"#;
        assert_eq!(
            errors(text),
            ["heron 1.2.3: failed to satisfy license requirements"]
        );
    }
}
