//! Every metric that the backend exports, with its labels and what may stand in them (P14). What is
//! not in this list must not be recorded, and a label must never hold a tenant, a page, a video, a
//! person or any other word that came from outside: labels are copied to dashboards, alerts and mail,
//! and kept for years. Tests hold the source, a scrape after traffic of several tenants, and the files
//! in `deploy/monitoring` against it.

use protocol::{ErrorCode, Operation};

use super::METHODS;
use crate::incidents::rules::RULE_NAMES;

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only rises; Prometheus takes its rate.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Buckets of seconds.
    Seconds,
}

/// What may stand in a label.
#[derive(Debug, Clone, Copy)]
pub enum Values {
    /// These words.
    Words(&'static [&'static str]),
    /// Methods of HTTP, and `other`.
    Methods,
    /// The pattern of a route, and `none`.
    Routes,
    /// A status of HTTP.
    Statuses,
    /// `protocol::ErrorCode`.
    Codes,
    /// `protocol::Operation`, and `unknown`.
    Operations,
}

impl Values {
    /// Whether the text may stand there; `routes` are the patterns of `/openapi.json`.
    pub fn allow(self, text: &str, routes: &[String]) -> bool {
        match self {
            Self::Words(words) => words.contains(&text),
            Self::Methods => METHODS.contains(&text),
            Self::Routes => text == "none" || routes.iter().any(|route| route == text),
            Self::Statuses => text
                .parse::<u16>()
                .is_ok_and(|status| (100..600).contains(&status)),
            Self::Codes => ErrorCode::ALL.iter().any(|code| code.as_str() == text),
            Self::Operations => text == "unknown" || Operation::parse(text).is_some(),
        }
    }
}

/// One metric.
#[derive(Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// What it counts, for people.
    pub help: &'static str,
    /// Its labels.
    pub labels: &'static [(&'static str, Values)],
}

/// Why a token is refused: `fit::FitError::reason`, and `missing`.
const TOKEN_REASONS: Values = Values::Words(&[
    "missing",
    "too_large",
    "malformed",
    "algorithm",
    "critical_header",
    "no_key_id",
    "unknown_key",
    "signature",
    "issuer",
    "audience",
    "expired",
    "not_yet_valid",
    "no_tenant",
    "keys_unavailable",
]);

macro_rules! metrics_list {
    ($($kind:ident $name:literal [$($label:literal: $values:expr),*] $help:literal;)*) => {
        /// Every metric there is.
        pub const METRICS: &[Metric] = &[$(Metric {
            name: $name,
            kind: Kind::$kind,
            help: $help,
            labels: &[$(($label, $values)),*],
        },)*];
    };
}

metrics_list! {
    Counter "golpo_http_requests_total" ["method": Values::Methods, "route": Values::Routes, "status": Values::Statuses] "Answers, by route and status";
    Seconds "golpo_http_request_seconds" ["method": Values::Methods, "route": Values::Routes] "Time until an answer began";
    Counter "golpo_tokens_refused_total" ["reason": TOKEN_REASONS] "Forge Invocation Tokens that were refused";
    Counter "golpo_rate_limited_total" [] "Requests of tenants that asked too often";
    Counter "golpo_app_errors_total" ["code": Values::Codes, "operation": Values::Operations] "Failures inside the app in Confluence, as it reports them";
    Counter "golpo_api_key_changes_total" ["change": Values::Words(&["saved", "removed"])] "API keys saved and removed by administrators";
    Counter "golpo_incidents_opened_total" ["rule": Values::Words(RULE_NAMES)] "Incidents that a rule or an operator opened";
    Counter "golpo_log_redactions_total" [] "Log lines of which the last net had to mask something";
    Counter "golpo_audit_entries_total" [] "Entries added to the audit trail";
    Counter "golpo_media_links_refused_total" ["reason": Values::Words(&["signature", "expired", "revoked"])] "Addresses of videos that were refused";
    Counter "golpo_vault_open_failures_total" ["field": Values::Words(&["api_key", "title", "script", "chapters", "answer"])] "Sealed values that did not open";
    Counter "golpo_connections_refused_total" [] "Connections beyond the limit";
    Counter "golpo_certificates_loaded_total" [] "Certificates read anew";
    Counter "golpo_certificates_refused_total" [] "Certificates that could not be used";
    Counter "golpo_jobs_total" ["outcome": Values::Words(&["done", "lost", "released", "retried", "failed", "parked", "abandoned", "waiting"])] "Attempts at videos, by how they ended";
    Seconds "golpo_job_attempt_seconds" [] "Time of an attempt at a video";
    Counter "golpo_deletions_total" ["kind": Values::Words(&["video", "page", "tenant"]), "reason": Values::Words(&["request", "uninstalled", "retention", "operator"])] "Deletions that were verified";
    Counter "golpo_upkeep_failures_total" ["part": Values::Words(&["deletions", "retention", "answers", "parked_jobs", "files"])] "Work on what is kept that failed and is tried again";
    Gauge "golpo_jobs" ["state": Values::Words(&["waiting", "running", "dead"])] "Videos that wait, that are being made, and that were given up";
    Gauge "golpo_part_up" ["part": Values::Words(&["database", "objects", "keys"])] "Whether a part that the service stands on works";
}

/// The metric of this name.
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// Describes every metric, and starts those counters at nothing whose labels are our own few words: a
/// counter that first appears with its first event has no rise that an alert could see.
pub(super) fn describe() {
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
            Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
            Kind::Seconds => metrics::describe_histogram!(metric.name, metric.help),
        }
        if metric.kind == Kind::Counter {
            match metric.labels {
                [] => metrics::counter!(metric.name).increment(0),
                [(label, Values::Words(words))] => {
                    for word in *words {
                        metrics::counter!(metric.name, *label => *word).increment(0);
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The names of metrics that a text has, without the parts of a histogram.
    fn named(text: &str) -> BTreeSet<String> {
        let word = |byte: char| byte.is_ascii_alphanumeric() || byte == '_';
        text.match_indices("golpo_")
            .filter(|(at, _)| !text[..*at].ends_with(word))
            .map(|(at, _)| {
                let name = text[at..].split(|byte| !word(byte)).next().unwrap();
                match find(name) {
                    Some(_) => name,
                    None => ["_bucket", "_sum", "_count"]
                        .iter()
                        .find_map(|part| name.strip_suffix(part))
                        .unwrap_or(name),
                }
                .to_owned()
            })
            .collect()
    }

    /// What the crate's source records: each name right behind a macro of `metrics`.
    fn recorded(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                recorded(&path, found);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                for start in ["counter!(", "gauge!(", "histogram!("] {
                    for after in text.split(start).skip(1) {
                        let name = after.trim_start().strip_prefix('"').unwrap_or_default();
                        if name.starts_with("golpo_") {
                            found.insert(name.split('"').next().unwrap().to_owned());
                        }
                    }
                }
            }
        }
    }

    fn source() -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        recorded(&folder, &mut found);
        assert!(found.len() > 10, "{found:?}");
        found
    }

    #[test]
    fn p14_what_the_source_records_is_on_the_list() {
        for name in source() {
            assert!(find(&name).is_some(), "{name}");
        }
        let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), METRICS.len());
    }

    #[test]
    fn p14_dashboard_and_alerts_name_metrics_that_are_exported() {
        let exported = source();
        let files = [
            ("alerts", include_str!("../../deploy/monitoring/alerts.yml")),
            (
                "their tests",
                include_str!("../../deploy/monitoring/alerts.test.yml"),
            ),
            (
                "dashboard",
                include_str!("../../deploy/monitoring/dashboard.json"),
            ),
        ];
        for (file, text) in files {
            let named = named(text);
            assert!(named.len() > 5, "{file}: {named:?}");
            for name in named {
                assert!(exported.contains(&name), "{file}: {name} is not exported");
            }
        }
    }

    #[test]
    fn p14_every_word_that_alerts_look_for_can_come_up() {
        let text = include_str!("../../deploy/monitoring/alerts.yml");
        let mut looked = 0;
        for (at, _) in text.match_indices('{') {
            let name = text[..at].rsplit(|byte: char| !byte.is_ascii_alphanumeric() && byte != '_');
            let Some(metric) = name.into_iter().next().and_then(find) else {
                continue;
            };
            let inside = text[at + 1..].split('}').next().unwrap();
            for matcher in inside.split("\",") {
                let (label, pattern) = matcher.split_once(['=', '!']).unwrap();
                let known = metric.labels.iter().find(|(known, _)| *known == label);
                let (_, values) = known.unwrap_or_else(|| panic!("{}: {label}", metric.name));
                let pattern = pattern.trim_matches(['=', '~', '"']);
                for word in pattern.split('|').filter(|word| !word.contains('.')) {
                    assert!(
                        values.allow(word, &[]),
                        "{}: {label} is never {word}",
                        metric.name
                    );
                    looked += 1;
                }
            }
        }
        assert!(looked > 8, "{looked}");
    }
}
