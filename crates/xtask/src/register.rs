//! The register of vulnerabilities (P17): what is known, how severe, since when, until when it must be
//! mended, and what mended it. A file in the repository, so that each entry is reviewed and its
//! history kept. Severity and day follow from vector and moments alone: an entry whose written
//! severity or due day says otherwise is refused, so that nobody can move a day by hand.

use std::path::Path;
use std::str::FromStr;

use clap::ValueEnum;
use cvss::{Cvss, Severity};
use serde::{Deserialize, Serialize};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, Duration, OffsetDateTime, UtcOffset};

use crate::failure::{Failure, Outcome, at};

/// Where the register is in the checkout.
pub const FILE: &str = "docs/vulnerabilities.json";

/// A triage this late or later no longer moves the day: waiting must not win time.
const TRIAGE: Duration = Duration::days(5);

/// Who told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A person, by the ways of SECURITY.md
    Report,
    /// A ticket of Atlassian's Marketplace security (AMS)
    Ams,
    /// cargo-deny, npm audit and the like
    Scanner,
}

/// Which program holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    App,
    Backend,
    /// Both programs
    Both,
    /// What builds and tests them and is not shipped
    Development,
}

/// One vulnerability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// `V-YEAR-NUMBER`
    pub id: String,
    pub title: String,
    pub source: Source,
    /// The number of the ticket or advisory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// What is vulnerable: `crate 1.2.3`, or a part of our own.
    pub component: String,
    pub part: Part,
    /// CVSS 3.1 or 4.0. Without one it counts as high.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vector: Option<String>,
    /// Follows from the vector.
    pub severity: String,
    #[serde(with = "time::serde::rfc3339")]
    pub reported: OffsetDateTime,
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub triaged: Option<OffsetDateTime>,
    /// Follows from severity and the moments above.
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub due: Option<OffsetDateTime>,
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub fixed: Option<OffsetDateTime>,
    /// What mended it: a commit, a version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fix: Option<String>,
}

/// How an entry stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Fixed,
    /// Severity none: recorded, and nothing to mend by a day.
    Noted,
    Due,
    Overdue,
}

/// What somebody tells of a vulnerability; the rest of an [`Entry`] follows from it.
#[derive(Debug, Clone)]
pub struct Finding {
    pub title: String,
    pub source: Source,
    pub reference: Option<String>,
    pub component: String,
    pub part: Part,
    pub vector: Option<String>,
    pub reported: OffsetDateTime,
    pub triaged: Option<OffsetDateTime>,
}

/// All entries, oldest first.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    pub vulnerabilities: Vec<Entry>,
}

impl Entry {
    /// How it stands at a moment.
    pub fn state(&self, now: OffsetDateTime) -> State {
        match (self.fixed, self.due) {
            (Some(_), _) => State::Fixed,
            (None, None) => State::Noted,
            (None, Some(due)) if now > due => State::Overdue,
            (None, Some(_)) => State::Due,
        }
    }

    /// Whether it keeps a release from going out: critical or high, in what is shipped, not mended.
    pub fn blocks(&self) -> bool {
        self.fixed.is_none()
            && self.part != Part::Development
            && matches!(self.severity.as_str(), "critical" | "high")
    }
}

impl Register {
    /// Reads a register; an absent file is an empty one.
    pub fn read(path: &Path) -> Outcome<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(at("read", path)(error)),
        };
        let register: Self = serde_json::from_str(&text).map_err(|error| {
            Failure::new(
                format!("{} is no register: {error}", path.display()),
                "Take it back to the last commit, and change it by `cargo xtask vulnerability`.",
            )
        })?;
        for entry in &register.vulnerabilities {
            register.check(entry)?;
        }
        Ok(register)
    }

    /// Writes it whole.
    pub fn write(&self, path: &Path) -> Outcome {
        let text = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        std::fs::write(path, text).map_err(at("write", path))
    }

    /// Adds a finding and gives its entry; nothing where the same one is there already.
    pub fn add(&mut self, finding: Finding) -> Outcome<Option<&Entry>> {
        let known = self.vulnerabilities.iter().any(|entry| {
            finding.reference.is_some()
                && entry.reference == finding.reference
                && entry.component == finding.component
        });
        if known {
            return Ok(None);
        }
        if finding
            .triaged
            .is_some_and(|triaged| triaged < finding.reported)
        {
            return Err(Failure::new(
                "it was triaged before it was reported",
                "Give --reported the moment it reached us, with its offset: 2026-11-24T09:30+01:00.",
            ));
        }
        let severity = severity(finding.vector.as_deref())?;
        let year = finding.reported.to_offset(UtcOffset::UTC).year();
        let prefix = format!("V-{year}-");
        let last = self
            .vulnerabilities
            .iter()
            .filter_map(|entry| entry.id.strip_prefix(&prefix)?.parse::<u32>().ok())
            .max();
        self.vulnerabilities.push(Entry {
            id: format!("{prefix}{:04}", last.unwrap_or(0) + 1),
            title: finding.title,
            source: finding.source,
            reference: finding.reference,
            component: finding.component,
            part: finding.part,
            vector: finding.vector,
            severity: severity.as_str().to_owned(),
            reported: finding.reported,
            triaged: finding.triaged,
            due: due(severity, finding.reported, finding.triaged),
            fixed: None,
            fix: None,
        });
        Ok(self.vulnerabilities.last())
    }

    /// Marks one as mended.
    pub fn fix(&mut self, id: &str, how: &str, when: OffsetDateTime) -> Outcome<&Entry> {
        let entry = self.vulnerabilities.iter_mut().find(|entry| entry.id == id);
        let Some(entry) = entry else {
            return Err(Failure::new(
                format!("there is no {id} in the register"),
                "`cargo xtask vulnerability list` shows all.",
            ));
        };
        if when < entry.reported {
            return Err(Failure::new(
                format!("{id} cannot have been mended before it was reported"),
                "Give --at the moment the fix was released.",
            ));
        }
        entry.fixed = Some(when);
        entry.fix = Some(how.to_owned());
        Ok(entry)
    }

    /// Refuses an entry that does not follow from what it says.
    fn check(&self, entry: &Entry) -> Outcome {
        let severity = severity(entry.vector.as_deref())?;
        let follows = entry.severity == severity.as_str()
            && entry.due == due(severity, entry.reported, entry.triaged)
            && entry
                .triaged
                .is_none_or(|triaged| triaged >= entry.reported)
            && entry.fixed.is_some() == entry.fix.is_some();
        let alone = self
            .vulnerabilities
            .iter()
            .filter(|other| other.id == entry.id)
            .count()
            == 1;
        if follows && alone {
            return Ok(());
        }
        Err(Failure::new(
            format!(
                "{}: severity, due day or fix do not follow from vector and moments, or its id is there twice",
                entry.id
            ),
            "The register is changed by `cargo xtask vulnerability`, not by hand.",
        ))
    }
}

/// The severity that a vector has by the bands of CVSS 3.1 and 4.0, which are the same. What nobody
/// has scored yet counts as high.
pub fn severity(vector: Option<&str>) -> Outcome<Severity> {
    let Some(vector) = vector else {
        return Ok(Severity::High);
    };
    let refuse = |why: String| {
        Failure::new(
            format!("`{vector}` is not taken: {why}"),
            "Give a vector of CVSS 3.1 or 4.0; https://www.first.org/cvss/calculator/4.0 makes one.",
        )
    };
    // The crate scores a vector that lacks a base metric as if that were harmless.
    let base: &[&str] = if vector.starts_with("CVSS:4.0/") {
        &[
            "AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA",
        ]
    } else {
        &["AV", "AC", "PR", "UI", "S", "C", "I", "A"]
    };
    let told = |metric: &str| {
        vector
            .split('/')
            .any(|part| part.split(':').next() == Some(metric))
    };
    if let Some(metric) = base.iter().find(|metric| !told(metric)) {
        return Err(refuse(format!("the metric {metric} is missing")));
    }
    match Cvss::from_str(vector) {
        Ok(parsed @ (Cvss::CvssV31(_) | Cvss::CvssV40(_))) => Ok(parsed.severity()),
        // Advisories of earlier years; its bands are those of 3.1.
        Ok(parsed @ Cvss::CvssV30(_)) => Ok(parsed.severity()),
        Ok(_) => Err(refuse("CVSS 2 has no critical".into())),
        Err(error) => Err(refuse(error.to_string())),
    }
}

/// How long there is to mend it (P17).
pub fn allowed(severity: Severity) -> Option<Duration> {
    match severity {
        Severity::Critical => Some(Duration::days(10)),
        Severity::High => Some(Duration::weeks(4)),
        Severity::Medium => Some(Duration::weeks(12)),
        Severity::Low => Some(Duration::weeks(25)),
        Severity::None => None,
    }
}

/// When it must be mended: so many days of 24 hours after the triage, where there was one in time,
/// else after the report; in UTC, which has no summer time. Nothing for severity none, and none
/// beyond the year 9999.
pub fn due(
    severity: Severity,
    reported: OffsetDateTime,
    triaged: Option<OffsetDateTime>,
) -> Option<OffsetDateTime> {
    let latest = reported.checked_add(TRIAGE)?;
    let start = triaged.unwrap_or(reported).min(latest);
    let start = start.checked_to_offset(UtcOffset::UTC)?;
    start.checked_add(allowed(severity)?)
}

/// A moment as a person types it: RFC 3339, or a day, which is taken from its beginning in UTC.
pub fn moment(text: &str) -> Result<OffsetDateTime, String> {
    let whole = OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(text, &Iso8601::PARSING));
    if let Ok(moment) = whole {
        return Ok(moment);
    }
    Date::parse(text, &Iso8601::DATE)
        .map(|day| day.midnight().assume_utc())
        .map_err(|_| "expected 2026-11-24 or 2026-11-24T09:30:00+01:00".to_owned())
}

#[cfg(test)]
#[path = "register_tests.rs"]
mod tests;
