//! Tests of what is written for people about security: that SECURITY.md says the times that the register
//! computes, that the threat model names tests that exist, that the data map can be read by a program,
//! that the release checklist demands a review. Nothing here is in the program.

use std::collections::BTreeSet;
use std::path::Path;

use cvss::Severity;

use crate::controls;
use crate::register::allowed;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()))
}

/// The rows of the first table below a heading, without its head.
fn table(text: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, after) = text.split_once(heading).expect("the heading is there");
    after
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let line = line.trim().trim_matches('|');
            line.split('|').map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

#[test]
fn p16_p17_the_policy_says_the_times_that_the_register_computes() {
    let policy = read("SECURITY.md");
    let rows = table(&policy, "A vulnerability is due");
    assert_eq!(rows.len(), 4);
    for row in rows {
        let severity: Severity = row[0].parse().expect("a severity");
        let (number, unit) = row[2].split_once(' ').expect("a time");
        let number: i64 = number.parse().expect("a number");
        let days = if unit == "weeks" { 7 * number } else { number };
        let expected = allowed(severity).map(time::Duration::whole_days);
        assert_eq!(Some(days), expected, "{severity}");
    }
}

#[test]
fn p16_the_policy_says_how_to_report_and_what_follows() {
    let policy = read("SECURITY.md");
    for part in [
        "security@golpoai.com",
        "/.well-known/security.txt",
        "## How to report",
        "## What we do",
        "within 2 working days",
        "docs/incident-response.md",
    ] {
        assert!(policy.contains(part), "{part}");
    }
}

#[test]
fn p15_a_release_demands_a_review_by_another_and_an_audit() {
    let checklist = read("docs/release-checklist.md");
    for part in [
        "## Review (required)",
        "the reviewer is not the author",
        "- [ ] A second person has read every change",
        "- [ ] `cargo xtask audit` passes",
        "- [ ] `cargo xtask vulnerability due` shows nothing overdue",
    ] {
        assert!(checklist.contains(part), "{part}");
    }
}

#[test]
fn p15_deny_allows_one_registry_and_no_git() {
    let deny = read("deny.toml");
    for line in [
        "unknown-registry = \"deny\"",
        "unknown-git = \"deny\"",
        "allow-git = []",
        "yanked = \"deny\"",
        "wildcards = \"deny\"",
    ] {
        assert!(deny.lines().any(|other| other == line), "{line}");
    }
}

/// An OAuth token is sent by Forge only where the manifest asks for it.
#[test]
fn p12_the_manifest_asks_for_no_token_of_a_user_and_nothing_reads_one() {
    let manifest = read("manifest.yml");
    for token in ["appSystemToken", "appUserToken"] {
        let refused = format!("      {token}:\n        enabled: false\n");
        assert_eq!(manifest.matches(token).count(), 1, "{token}");
        assert!(
            manifest.contains(&refused),
            "the manifest asks for an {token}"
        );
    }
    assert!(
        !manifest.contains("offline_access"),
        "the manifest asks for a refresh token"
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut looked_at = 0;
    for name in ["fit", "backend", "protocol", "app"] {
        for path in crate::build::files_under(&root.join("crates").join(name).join("src")) {
            let text = std::fs::read_to_string(&path).expect("read");
            let product = text
                .split("#[cfg(test)]")
                .next()
                .unwrap_or_default()
                .to_lowercase();
            let reads = product
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| line.contains("x-forge-oauth"));
            assert!(!reads, "{} reads an OAuth token", path.display());
            looked_at += 1;
        }
    }
    assert!(looked_at > 30, "only {looked_at} files");
}

#[test]
fn each_threat_names_a_test_that_exists() {
    let model = read("docs/threat-model.md");
    let rows = table(&model, "## STRIDE");
    let kinds: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let stride = [
        "spoofing",
        "tampering",
        "repudiation",
        "information disclosure",
        "denial of service",
        "elevation of privilege",
    ];
    assert_eq!(kinds, BTreeSet::from(stride));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let names: BTreeSet<String> = controls::names(&root).into_iter().collect();
    for row in &rows {
        assert_eq!(row.len(), 5, "{row:?}");
        let test = row[4].trim_matches('`');
        assert!(names.contains(test), "there is no test {test}");
        let border: usize = row[1].parse().expect("a border's number");
        assert!(
            model.contains(&format!("\n{border}. **")),
            "border {border}"
        );
    }
}

#[test]
fn the_data_map_can_be_read_by_a_program() {
    let map = read("docs/data-map.md");
    let head = map
        .lines()
        .find(|line| line.starts_with("| kind |"))
        .expect("a head");
    let places: Vec<&str> = head
        .trim_matches('|')
        .split('|')
        .map(str::trim)
        .skip(1)
        .collect();
    let described: Vec<String> = table(&map, "## Places")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(places, described);
    let rows = table(&map, "# Data map");
    let mut kinds = BTreeSet::new();
    for row in &rows {
        assert_eq!(row.len(), places.len() + 1, "{row:?}");
        assert!(kinds.insert(&row[0]), "{} is there twice", row[0]);
        for form in &row[1..] {
            let known = ["raw", "sealed", "hash", "token", "-"];
            assert!(known.contains(&form.as_str()), "{}: {form}", row[0]);
        }
    }
    let form = |kind: &str, place: &str| {
        let column = places
            .iter()
            .position(|other| *other == place)
            .expect("a place");
        let row = rows.iter().find(|row| row[0] == kind).expect("a kind");
        row[column + 1].clone()
    };
    // What the promises say themselves.
    for kind in ["person-name", "account-id", "email-address"] {
        for place in [
            "forge-kvs",
            "request",
            "database",
            "objects",
            "log",
            "metrics",
            "traces",
            "engine",
        ] {
            assert_eq!(form(kind, place), "-", "{kind} in {place} (P8, P9)");
        }
    }
    for row in rows.iter().filter(|row| row[0] != "error-code") {
        for place in ["log", "metrics", "traces"] {
            assert_eq!(
                form(&row[0], place),
                "-",
                "{} in {place} (P13, P14)",
                row[0]
            );
        }
    }
    assert_eq!(form("api-key", "database"), "sealed");
    assert_eq!(form("page-text", "database"), "sealed");
}
