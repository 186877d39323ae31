//! What the test runners said, read from the files that `cargo xtask test` had them write: lines of
//! libtest and nextest, TAP of Node, JSON of vitest. It must never take a line that it does not know
//! for a test that passed.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::{Outcome, at};
use crate::project::Project;

/// How one test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Passed,
    Failed,
    Skipped,
}

/// One test of the last run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Result {
    pub name: String,
    pub ended: Ended,
    /// The file that says so.
    pub evidence: PathBuf,
}

/// Where the runners' results are kept between runs.
pub fn folder(project: &Project) -> PathBuf {
    project.memory("results")
}

/// All results in a folder; none where there is no folder.
pub fn read(folder: &Path) -> Outcome<Vec<Result>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let mut results = Vec::new();
    for path in files {
        let bytes = std::fs::read(&path).map_err(at("read", &path))?;
        let text = String::from_utf8_lossy(&bytes);
        let found: Vec<(String, Ended)> = match path.extension().and_then(|ending| ending.to_str())
        {
            Some("log") => text.lines().filter_map(rust_line).collect(),
            Some("tap") => text.lines().filter_map(tap_line).collect(),
            Some("json") => vitest(&text),
            _ => Vec::new(),
        };
        results.extend(found.into_iter().map(|(name, ended)| Result {
            name,
            ended,
            evidence: path.clone(),
        }));
    }
    Ok(results)
}

/// `test a::b ... ok` of libtest; `PASS [ 0.1s] (1/2) package::binary a::b` of nextest.
fn rust_line(line: &str) -> Option<(String, Ended)> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("test ") {
        let (name, ended) = rest.rsplit_once(" ... ")?;
        let ended = match ended {
            "ok" => Ended::Passed,
            "FAILED" => Ended::Failed,
            other if other.starts_with("ignored") => Ended::Skipped,
            _ => return None,
        };
        let name = name.split(" - ").next().unwrap_or_default();
        return Some((name.to_owned(), ended));
    }
    let (word, rest) = line.split_once(' ')?;
    let ended = match word {
        "PASS" => Ended::Passed,
        "FAIL" | "TIMEOUT" | "SIGABRT" | "SIGSEGV" | "LEAK-FAIL" => Ended::Failed,
        _ => return None,
    };
    let rest = rest.trim_start();
    rest.starts_with('[').then_some(())?;
    let name = rest.rsplit(' ').next()?;
    Some((name.to_owned(), ended))
}

/// `ok 1 - NAME`, `not ok 2 - NAME`, `ok 3 - NAME # SKIP`, at any depth.
fn tap_line(line: &str) -> Option<(String, Ended)> {
    let line = line.trim_start();
    let (rest, failed) = match line.strip_prefix("not ok ") {
        Some(rest) => (rest, true),
        None => (line.strip_prefix("ok ")?, false),
    };
    let (number, name) = rest.split_once(" - ")?;
    number
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(())?;
    let (name, skipped) = match name.split_once(" # ") {
        Some((name, directive)) => (
            name,
            directive.starts_with("SKIP") || directive.starts_with("TODO"),
        ),
        None => (name, false),
    };
    let ended = match (skipped, failed) {
        (true, _) => Ended::Skipped,
        (false, true) => Ended::Failed,
        (false, false) => Ended::Passed,
    };
    Some((name.replace("\\#", "#"), ended))
}

fn vitest(text: &str) -> Vec<(String, Ended)> {
    let report: Value = serde_json::from_str(text).unwrap_or_default();
    let files = report["testResults"].as_array().into_iter().flatten();
    files
        .flat_map(|file| file["assertionResults"].as_array().into_iter().flatten())
        .filter_map(|test| {
            let ended = match test["status"].as_str()? {
                "passed" => Ended::Passed,
                "failed" => Ended::Failed,
                "skipped" | "pending" | "todo" => Ended::Skipped,
                _ => return None,
            };
            Some((test["title"].as_str()?.to_owned(), ended))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_runners_lines_are_read() {
        let table = [
            (
                rust_line("test a::p05_x ... ok"),
                Some(("a::p05_x", Ended::Passed)),
            ),
            (
                rust_line("test p05_x ... FAILED"),
                Some(("p05_x", Ended::Failed)),
            ),
            (
                rust_line("test p05_x ... ignored, slow"),
                Some(("p05_x", Ended::Skipped)),
            ),
            (
                rust_line("test p05_x - should panic ... ok"),
                Some(("p05_x", Ended::Passed)),
            ),
            (rust_line("test result: ok. 3 passed"), None),
            (
                rust_line("        PASS [   0.005s] redaction::exact p08_p13_x"),
                Some(("p08_p13_x", Ended::Passed)),
            ),
            (
                rust_line("        PASS [   0.005s] (12/34) backend m::tests::p08_x"),
                Some(("m::tests::p08_x", Ended::Passed)),
            ),
            (
                rust_line("        FAIL [   1.205s] (1/3) fit p02_x"),
                Some(("p02_x", Ended::Failed)),
            ),
            (rust_line("PASS the salt"), None),
            (
                tap_line("ok 1 - P5 no other"),
                Some(("P5 no other", Ended::Passed)),
            ),
            (
                tap_line("    not ok 12 - P5 no other"),
                Some(("P5 no other", Ended::Failed)),
            ),
            (
                tap_line("ok 3 - P9 corpus # SKIP none"),
                Some(("P9 corpus", Ended::Skipped)),
            ),
            (tap_line("# ok 3 - P9"), None),
            (tap_line("okay"), None),
        ];
        for (index, (read, expected)) in table.into_iter().enumerate() {
            let expected = expected.map(|(name, ended)| (name.to_owned(), ended));
            assert_eq!(read, expected, "row {index}");
        }
        let report = r#"{"testResults":[{"assertionResults":[{"title":"P4 a","status":"passed"},{"title":"P4 b","status":"failed"},{"title":"P4 c","status":"other"}]}]}"#;
        assert_eq!(
            vitest(report),
            [
                ("P4 a".to_owned(), Ended::Passed),
                ("P4 b".to_owned(), Ended::Failed)
            ]
        );
        assert_eq!(vitest("<broken"), []);
    }
}
