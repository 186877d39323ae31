//! `cargo xtask controls`: each promise with its code, its tests and how they ended in the run that
//! `cargo xtask test` made last. It must never call a test passed that it has no result of.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::failure::{Failure, Outcome, at};
use crate::project::Project;
use crate::promises::{PROMISES, Promise};
use crate::results::{self, Ended, Result as TestResult};
use crate::terminal::Terminal;

/// The document that is handed to customers.
#[cfg(test)]
pub const DOCUMENT: &str = "docs/controls.md";

/// Each promise with its code, its tests and how they ended in the last run.
#[derive(Args)]
#[command(
    after_help = "Reads what `cargo xtask test` left in the target folder; nothing is run again.\n\
    Exit codes: 0 all that is called kept is shown, 1 something is not, 2 wrong usage.\n\n\
    Examples:\n  cargo xtask test && cargo xtask controls\n  cargo xtask controls --json > controls.json"
)]
pub struct Arguments {
    #[arg(long)]
    json: bool,
}

/// How a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Called kept, and its tests passed.
    Pass,
    /// Called kept, and a test failed or none passed.
    Fail,
    /// Something of it is still missing.
    NotYet,
}

/// A test in the sources that is named for promises.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    pub file: String,
    pub name: String,
    pub promises: BTreeSet<u8>,
}

/// One promise with all that is known.
#[derive(Serialize)]
struct Row<'a> {
    promise: String,
    text: &'a str,
    how: &'a str,
    code: &'a [&'a str],
    standing: Standing,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a str>,
    passed: Vec<Shown<'a>>,
    failed: Vec<Shown<'a>>,
    skipped: Vec<Shown<'a>>,
    not_run: Vec<String>,
}

#[derive(Serialize)]
struct Shown<'a> {
    test: &'a str,
    evidence: &'a Path,
}

pub fn run(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    let results = results::read(&results::folder(project))?;
    let tests = tests(project.root());
    let rows = rows(&results, &tests);
    if arguments.json {
        terminal.result(serde_json::to_string_pretty(&rows).unwrap_or_default());
    } else {
        rows.iter().for_each(|row| terminal.result(line(row)));
    }
    verdict(&rows)
}

/// Fails where a promise that is called kept is not shown by the last run.
pub fn check(project: &Project, terminal: &Terminal) -> Outcome {
    let results = results::read(&results::folder(project))?;
    let tests = tests(project.root());
    let rows = rows(&results, &tests);
    rows.iter().for_each(|row| terminal.say(line(row)));
    let evidence = project.memory("controls.json");
    let text = serde_json::to_string_pretty(&rows).unwrap_or_default();
    std::fs::write(&evidence, text).map_err(at("write", &evidence))?;
    verdict(&rows)
}

fn verdict(rows: &[Row<'_>]) -> Outcome {
    let failing: Vec<&str> = rows
        .iter()
        .filter(|row| row.standing == Standing::Fail)
        .map(|row| row.promise.as_str())
        .collect();
    if failing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("without a passing test: {}", failing.join(", ")),
        "Run `cargo xtask test`; a promise may be called kept (crates/xtask/src/promises.rs) only with one.",
    ))
}

fn rows<'a>(results: &'a [TestResult], tests: &[Test]) -> Vec<Row<'a>> {
    PROMISES
        .iter()
        .map(|promise| {
            let mine = |ended: Ended| -> Vec<Shown<'a>> {
                results
                    .iter()
                    .filter(|result| {
                        result.ended == ended && numbers(&result.name).contains(&promise.number)
                    })
                    .map(|result| Shown {
                        test: &result.name,
                        evidence: &result.evidence,
                    })
                    .collect()
            };
            let (passed, failed) = (mine(Ended::Passed), mine(Ended::Failed));
            Row {
                promise: format!("P{}", promise.number),
                text: promise.promise,
                how: promise.how,
                code: promise.code,
                standing: standing(promise, passed.len(), failed.len()),
                missing: promise.missing,
                skipped: mine(Ended::Skipped),
                not_run: not_run(promise.number, results, tests),
                passed,
                failed,
            }
        })
        .collect()
}

fn standing(promise: &Promise, passed: usize, failed: usize) -> Standing {
    match (promise.missing, passed, failed) {
        (Some(_), _, 0) => Standing::NotYet,
        (None, 1.., 0) => Standing::Pass,
        _ => Standing::Fail,
    }
}

/// The tests in the sources that no result is there of.
fn not_run(number: u8, results: &[TestResult], tests: &[Test]) -> Vec<String> {
    tests
        .iter()
        .filter(|test| test.promises.contains(&number))
        .filter(|test| {
            // The rest of a name that is put together when it runs is not known here.
            let known = test.name.split("${").next().unwrap_or_default();
            !results.iter().any(|result| {
                let name = result.name.rsplit("::").next().unwrap_or_default();
                name == test.name || known != test.name && name.contains(known)
            })
        })
        .map(|test| format!("{}: {}", test.file, test.name))
        .collect()
}

fn line(row: &Row<'_>) -> String {
    let mark = match row.standing {
        Standing::Pass => "✓",
        Standing::Fail => "✗",
        Standing::NotYet => "–",
    };
    let counts = format!(
        "{} passed, {} failed, {} skipped, {} not run",
        row.passed.len(),
        row.failed.len(),
        row.skipped.len(),
        row.not_run.len()
    );
    let mut text = format!("  {mark} {:<4} {}\n        {counts}", row.promise, row.text);
    if let Some(missing) = row.missing {
        let _ = write!(text, "\n        not yet: {missing}");
    }
    for failed in &row.failed {
        let _ = write!(
            text,
            "\n        failed: {} ({})",
            failed.test,
            failed.evidence.display()
        );
    }
    text
}

/// The promises that a test's name names: `p05_p08_…` in Rust, `P5 P8 …` in JavaScript.
pub fn numbers(name: &str) -> BTreeSet<u8> {
    let name = name.rsplit("::").next().unwrap_or_default();
    let name = name.trim_start_matches("> ");
    let mut found = BTreeSet::new();
    for part in name.split(['_', ' ', ':']) {
        let number = part
            .strip_prefix(['p', 'P'])
            .and_then(|number| number.parse().ok());
        match number {
            Some(number) => found.insert(number),
            None => break,
        };
    }
    found
}

/// All tests that are named for a promise, in file order.
pub fn tests(root: &Path) -> Vec<Test> {
    let mut found = Vec::new();
    for folder in ["crates", "tests", "static/src", "src-js-shim"] {
        visit(&root.join(folder), &mut |path| {
            let Ok(text) = std::fs::read_to_string(path) else {
                return;
            };
            let file = path.strip_prefix(root).unwrap_or(path);
            let file = file.to_string_lossy().replace('\\', "/");
            for name in text.lines().filter_map(name_of_test) {
                let promises = numbers(&name);
                if !promises.is_empty() {
                    found.push(Test {
                        file: file.clone(),
                        name,
                        promises,
                    });
                }
            }
        });
    }
    found.sort();
    found
}

/// The name in a line where a test begins.
fn name_of_test(line: &str) -> Option<String> {
    let line = line.trim_start();
    let line = line.strip_prefix("async ").unwrap_or(line);
    if let Some(rest) = line.strip_prefix("fn p") {
        let name: String = rest
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect();
        return Some(format!("p{name}"));
    }
    let (before, rest) = line.split_once(['"', '`'])?;
    let mark = line.as_bytes()[before.len()];
    let starts = ["test(", "it(", "await t.test(", "t.test(", "describe("];
    starts.contains(&before).then(|| {
        rest.split(char::from(mark))
            .next()
            .unwrap_or_default()
            .to_owned()
    })
}

/// The names of all tests, also of those that are named for no promise.
#[cfg(test)]
pub fn names(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["crates", "tests", "static/src"] {
        visit(&root.join(folder), &mut |path| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let mut is_test = false;
            for line in text.lines() {
                let line = line.trim_start();
                let line = line.strip_prefix("async ").unwrap_or(line);
                if let Some(name) = line.strip_prefix("fn ").filter(|_| is_test) {
                    found.push(name.split('(').next().unwrap_or_default().to_owned());
                } else {
                    found.extend(name_of_test(line).filter(|_| !line.starts_with("fn ")));
                }
                let attribute = line.starts_with("#[") || line.starts_with("//");
                is_test = is_test && attribute
                    || line.starts_with("#[test]")
                    || line.starts_with("#[tokio::test");
            }
        });
    }
    found
}

fn visit(folder: &Path, with: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if !matches!(
                name.to_str(),
                Some("node_modules" | "target" | "dist" | "fuzz")
            ) {
                visit(&path, with);
            }
        } else if path
            .extension()
            .is_some_and(|ending| matches!(ending.to_str(), Some("rs" | "mjs" | "ts" | "tsx")))
        {
            with(&path);
        }
    }
}

/// The document: without results, so that it changes with the code alone.
#[cfg(test)]
pub fn document(root: &Path) -> String {
    let tests = tests(root);
    let mut text = String::from(
        "# Controls\n\n\
         What Golpo AI for Confluence promises about access, data, secrets, monitoring, vulnerabilities and\n\
         deletion, how each promise is kept, where the code is, and which tests show it. A test bears the\n\
         number of the promise in its name. What is not yet kept says so, with what is missing.\n\n\
         `cargo xtask test` runs all tests and fails when a promise that is called kept has no passing one;\n\
         `cargo xtask controls` then prints each with its tests and results, `--json` with the file that each\n\
         result was read from. This page is generated: `UPDATE_DOCS=1 cargo test -p xtask controls`.\n",
    );
    for promise in PROMISES {
        let _ = write!(text, "\n## P{} {}\n\n", promise.number, promise.promise);
        match promise.missing {
            None => text.push_str("**Kept.** "),
            Some(missing) => {
                let _ = write!(text, "**Not yet.** Missing: {missing} ");
            }
        }
        text.push_str(promise.how);
        text = text.trim_end().to_owned() + "\n";
        if !promise.code.is_empty() {
            let _ = write!(text, "\n- Code: {}\n", quoted(promise.code.iter().copied()));
        }
        let files: BTreeSet<&str> = tests
            .iter()
            .filter(|test| test.promises.contains(&promise.number))
            .map(|test| test.file.as_str())
            .collect();
        if !files.is_empty() {
            let lead = if promise.code.is_empty() { "\n" } else { "" };
            let _ = writeln!(text, "{lead}- Tests: {}", quoted(files.into_iter()));
        }
    }
    text
}

#[cfg(test)]
fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests_of_controls {
    use std::path::PathBuf;

    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn the_document_of_controls_is_what_the_code_says() {
        let path = root().join(DOCUMENT);
        let expected = document(&root());
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &expected).expect("written");
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            written, expected,
            "run UPDATE_DOCS=1 cargo test -p xtask controls"
        );
    }

    #[test]
    fn all_promises_are_there_and_their_code_exists() {
        let numbers: Vec<u8> = PROMISES.iter().map(|promise| promise.number).collect();
        assert_eq!(numbers, (1..=23).collect::<Vec<u8>>());
        let tests = tests(&root());
        for promise in PROMISES {
            for path in promise.code {
                assert!(root().join(path).exists(), "P{}: {path}", promise.number);
            }
            if promise.missing.is_none() {
                assert!(
                    !promise.how.is_empty() && !promise.code.is_empty(),
                    "P{}",
                    promise.number
                );
                let shown = tests
                    .iter()
                    .any(|test| test.promises.contains(&promise.number));
                assert!(shown, "P{} is called kept and has no test", promise.number);
            }
        }
    }

    #[test]
    fn names_tell_their_promises() {
        let table: [(&str, &[u8]); 7] = [
            ("p05_a_tenant", &[5]),
            ("crate::module::p13_p14_both", &[13, 14]),
            ("P9 P8 no account id", &[8, 9]),
            ("P9: a page", &[9]),
            ("page_is_read", &[]),
            ("P", &[]),
            ("a P5 in the middle", &[]),
        ];
        for (name, expected) in table {
            assert_eq!(numbers(name), expected.iter().copied().collect(), "{name}");
        }
        assert_eq!(
            name_of_test("    async fn p05_x() {").as_deref(),
            Some("p05_x")
        );
        assert_eq!(
            name_of_test("test(\"P1 x\", () => {").as_deref(),
            Some("P1 x")
        );
        assert_eq!(
            name_of_test("  test(`P3 ${a}`, x").as_deref(),
            Some("P3 ${a}")
        );
        assert_eq!(name_of_test("  say(\"P1 x\")"), None);
    }

    #[test]
    fn a_kept_promise_needs_a_passing_test_and_no_failing_one() {
        let kept = &PROMISES[0];
        assert!(kept.missing.is_none());
        assert_eq!(standing(kept, 1, 0), Standing::Pass);
        assert_eq!(standing(kept, 0, 0), Standing::Fail);
        assert_eq!(standing(kept, 3, 1), Standing::Fail);
        let missing = PROMISES.iter().find(|promise| promise.missing.is_some());
        let missing = missing.expect("one is not yet kept");
        assert_eq!(standing(missing, 3, 0), Standing::NotYet);
        assert_eq!(standing(missing, 3, 1), Standing::Fail);
    }

    #[test]
    fn what_was_not_run_is_told() {
        // Not called `test`, or these would be looked for among the results themselves.
        let written = |name: &str| Test {
            file: "f".into(),
            name: name.into(),
            promises: numbers(name),
        };
        let tests = [
            written("p05_a"),
            written("p05_b"),
            written("P5 without ${scope}, no"),
            written("P5 c"),
        ];
        let result = |name: &str| TestResult {
            name: name.into(),
            ended: Ended::Passed,
            evidence: PathBuf::new(),
        };
        let results = [result("x::p05_a"), result("P5 without read, no")];
        assert_eq!(not_run(5, &results, &tests), ["f: p05_b", "f: P5 c"]);
    }
}
