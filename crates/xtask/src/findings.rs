//! What scanners print, as findings for the register: cargo-deny's lines of JSON, npm audit's answer.
//! It must never take an answer that it does not know for one without findings.

use serde_json::Value;
use time::OffsetDateTime;

use crate::failure::{Failure, Outcome};
use crate::register::{Finding, Part, Source};

/// A package that has a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package<'a> {
    pub name: &'a str,
    pub version: &'a str,
}

/// The vulnerabilities among cargo-deny's diagnostics (`cargo deny --format json check advisories`).
/// Unmaintained and yanked crates are its own affair: they fail the check, and are no
/// vulnerabilities.
pub fn of_cargo_deny(
    text: &str,
    now: OffsetDateTime,
    part: impl Fn(Package<'_>) -> Part,
) -> Outcome<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut summary = false;
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let value: Value = serde_json::from_str(line)
            .map_err(|error| unknown("cargo-deny", &error.to_string()))?;
        summary |= value["type"] == "summary";
        let fields = &value["fields"];
        if value["type"] != "diagnostic"
            || !matches!(fields["code"].as_str(), Some("vulnerability" | "unsound"))
        {
            continue;
        }
        let advisory = &fields["advisory"];
        let Some(id) = advisory["id"].as_str() else {
            return Err(unknown("cargo-deny", "an advisory without an id"));
        };
        let krates: Vec<&Value> = fields["graphs"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|graph| &graph["Krate"])
            .collect();
        if krates.is_empty() {
            return Err(unknown("cargo-deny", "an advisory without a crate"));
        }
        for krate in krates {
            let package = Package {
                name: krate["name"].as_str().unwrap_or_default(),
                version: krate["version"].as_str().unwrap_or_default(),
            };
            let vector = advisory["cvss"].as_str().map(str::to_owned);
            findings.push(Finding {
                title: advisory["title"].as_str().unwrap_or(id).to_owned(),
                source: Source::Scanner,
                reference: Some(id.to_owned()),
                component: format!("{} {}", package.name, package.version),
                part: part(package),
                vector,
                reported: now,
                triaged: None,
            });
        }
    }
    if !summary {
        return Err(unknown("cargo-deny", "no summary"));
    }
    Ok(findings)
}

/// The vulnerabilities in the answer of `npm audit --json` (version 2 of its report).
pub fn of_npm_audit(text: &str, now: OffsetDateTime, part: Part) -> Outcome<Vec<Finding>> {
    let report: Value =
        serde_json::from_str(text).map_err(|error| unknown("npm audit", &error.to_string()))?;
    let Some(packages) = report["vulnerabilities"]
        .as_object()
        .filter(|_| report["auditReportVersion"] == 2)
    else {
        return Err(unknown("npm audit", "no report of version 2"));
    };
    let mut findings: Vec<Finding> = Vec::new();
    for (name, package) in packages {
        // A text instead of an object says that another package of the list is the cause.
        let causes = package["via"].as_array().into_iter().flatten();
        for cause in causes.filter(|cause| cause.is_object()) {
            let reference = cause["url"]
                .as_str()
                .and_then(|url| url.rsplit('/').next())
                .map_or_else(|| cause["source"].to_string(), str::to_owned);
            let vector = cause["cvss"]["vectorString"]
                .as_str()
                .filter(|vector| !vector.is_empty());
            findings.push(Finding {
                title: cause["title"].as_str().unwrap_or(&reference).to_owned(),
                source: Source::Scanner,
                component: format!("{name} {}", cause["range"].as_str().unwrap_or("*")),
                reference: Some(reference),
                part,
                vector: vector.map(str::to_owned),
                reported: now,
                triaged: None,
            });
        }
    }
    Ok(findings)
}

fn unknown(scanner: &str, why: &str) -> Failure {
    Failure::new(
        format!("{scanner} answered something unknown: {why}"),
        "Its answer is never taken for \"nothing found\". Run it by hand and look.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::moment;

    const NOW: &str = "2026-11-25";

    #[test]
    fn p15_cargo_denys_advisories_become_findings() {
        let lines = [
            r#"{"type":"log","fields":{"level":"INFO","message":"invented"}}"#,
            r#"{"type":"diagnostic","fields":{"code":"vulnerability","severity":"error","message":"x",
            "advisory":{"id":"RUSTSEC-2099-0001","title":"Heron overflows","cvss":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
            "graphs":[{"Krate":{"name":"heron","version":"1.2.3"}}]}}"#,
            r#"{"type":"diagnostic","fields":{"code":"unmaintained","severity":"error","message":"x","advisory":{"id":"RUSTSEC-2099-0002"},"graphs":[]}}"#,
            r#"{"type":"summary","fields":{}}"#,
        ];
        let text = lines.map(|line| line.replace('\n', "")).join("\n");
        let now = moment(NOW).expect("a moment");
        let found = of_cargo_deny(&text, now, |_| Part::Backend).expect("read");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].component, "heron 1.2.3");
        assert_eq!(found[0].reference.as_deref(), Some("RUSTSEC-2099-0001"));
        assert!(found[0].vector.is_some());
    }

    #[test]
    fn p15_npms_advisories_become_findings() {
        let text = r#"{"auditReportVersion":2,"vulnerabilities":{
            "heron":{"name":"heron","severity":"high","via":[{"source":1,"title":"Heron overflows",
                "url":"https://github.com/advisories/GHSA-aaaa-bbbb-cccc","range":"<1.2.4",
                "cvss":{"score":9.8,"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]},
            "pond":{"name":"pond","severity":"high","via":["heron"]}}}"#;
        let now = moment(NOW).expect("a moment");
        let found = of_npm_audit(text, now, Part::App).expect("read");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].reference.as_deref(), Some("GHSA-aaaa-bbbb-cccc"));
        assert_eq!(found[0].component, "heron <1.2.4");
    }

    #[test]
    fn p15_an_unknown_answer_is_never_clean() {
        let now = moment(NOW).expect("a moment");
        for text in ["", "{}", r#"{"error":{"code":"E405"}}"#, "<html>"] {
            assert!(of_npm_audit(text, now, Part::App).is_err(), "{text}");
            assert!(of_cargo_deny(text, now, |_| Part::App).is_err(), "{text}");
        }
    }
}
