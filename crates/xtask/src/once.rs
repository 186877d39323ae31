//! The lines that `tests/host/once.mjs` prints while it makes one video, one JSON object each:
//! `{step, ms, percent?, detail?}`. A line that is none is kept for the failure's text, not trusted.

use serde::Deserialize;

/// One report of progress.
#[derive(Debug, Deserialize, PartialEq)]
pub struct Report {
    /// What is being done.
    pub step: String,
    /// How long it has taken so far, or took, in milliseconds.
    #[serde(default)]
    pub ms: f64,
    /// How far it is, 0 to 100.
    pub percent: Option<f64>,
    /// More words about it.
    pub detail: Option<String>,
}

impl Report {
    /// A line's report, if it is one.
    pub fn parse(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_reports_and_nothing_else() {
        let report = Report::parse(r#"{"step":"render","ms":120.5,"percent":40,"new":1}"#);
        let expected = Report {
            step: "render".into(),
            ms: 120.5,
            percent: Some(40.0),
            detail: None,
        };
        assert_eq!(report, Some(expected));
        for line in [
            "",
            "Error: no such page",
            "[]",
            r#"{"ms":1}"#,
            r#"{"step":3}"#,
        ] {
            assert_eq!(Report::parse(line), None, "{line}");
        }
    }
}
