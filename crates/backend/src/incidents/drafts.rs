//! Drafts of what is told to whom (P20), and the beginning of a review (P21): templates, filled with what the
//! incident's record and the audit trail say. Pure. Must never hold content, a key or a person; of other
//! tenants a customer's draft says nothing, not even how many.

use std::fmt::Write as _;

use super::register::{Affected, count};
use super::rows::{BY_HAND, ContainmentRow, IncidentRow};
use super::words::{DataKind, Measure, Severity};
use crate::audit::Entry;
use crate::audit::command::instant;

const CUSTOMERS: &str = include_str!("templates/customers.md");
const ECOHELP: &str = include_str!("templates/ecohelp.md");
const REVIEW: &str = include_str!("templates/review.md");

/// What is still to be written by a person.
pub const TO_WRITE: &str = "TO WRITE";

const HOUR: i64 = 60 * 60;
/// A review is due ten days after the incident was opened (docs/incident-response.md).
const REVIEW_DAYS: i64 = 10;

/// All that is known of an incident.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its row.
    pub incident: &'a IncidentRow,
    /// What contains or contained it.
    pub containments: &'a [ContainmentRow],
    /// What was done about it.
    pub timeline: &'a [Entry],
    /// Who is affected.
    pub affected: &'a [Affected],
}

impl Known<'_> {
    /// The draft for customers who are affected.
    pub fn for_customers(&self) -> String {
        self.filled(CUSTOMERS)
    }

    /// The draft for Atlassian.
    pub fn for_atlassian(&self) -> String {
        self.filled(ECOHELP)
    }

    /// The beginning of the review.
    pub fn review(&self) -> String {
        self.filled(REVIEW)
    }

    /// Tenants and kinds as CSV, with the cloud id by itself: what customers are found by.
    pub fn list(&self) -> String {
        let mut text = "cloud_id,tenant,kind,amount,first,last\n".to_owned();
        for one in self.affected {
            let cloud_id = one.tenant.split(':').next().unwrap_or_default();
            let (first, last) = (instant(one.first), instant(one.last));
            let _ = writeln!(
                text,
                "{},{},{},{},{first},{last}",
                field(cloud_id),
                field(&one.tenant),
                one.kind,
                one.amount
            );
        }
        text
    }

    /// Who is told until when; of an incident that nobody is told of, why not.
    pub fn due(&self) -> String {
        let hours = Severity::parse(&self.incident.severity).and_then(Severity::notify_hours);
        match hours {
            Some(hours) => {
                let until = instant(self.incident.opened_at + hours * HOUR);
                format!(
                    "Those affected are told within {hours} hours of knowing: until {until}; Atlassian at the latest with them."
                )
            }
            None => {
                "No customer is told: no customer's data is affected at this severity.".to_owned()
            }
        }
    }

    fn filled(&self, template: &str) -> String {
        let incident = self.incident;
        let kinds = DataKind::parse_all(&incident.kinds);
        let none = || "not yet".to_owned();
        let at = |at: Option<i64>| at.map_or_else(none, instant);
        let noticed = if incident.cause == BY_HAND {
            "a person"
        } else {
            "a rule of the service"
        };
        let kinds_told = if kinds.is_empty() {
            "none".to_owned()
        } else {
            DataKind::join(&kinds).replace(',', ", ")
        };
        let values = [
            ("incident", incident.id.clone()),
            ("severity", incident.severity.clone()),
            ("cause", self.cause()),
            ("kinds", kinds_told),
            ("opened", instant(incident.opened_at)),
            ("contained", at(incident.contained_at)),
            ("notified", at(incident.notified_at)),
            ("from", at(incident.affected_from)),
            ("to", at(incident.affected_to)),
            ("sites", count(self.affected).to_string()),
            ("noticed", noticed.to_owned()),
            ("measures", self.measures()),
            ("advice", advice(&kinds)),
            ("customers", self.due()),
            ("due", instant(incident.opened_at + REVIEW_DAYS * 24 * HOUR)),
            ("timeline", self.times()),
            ("steps", self.steps()),
        ];
        let mut text = template.to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), &value);
        }
        text
    }

    fn cause(&self) -> String {
        // Without the tenant that a rule may name: a draft can go to another one.
        let cause = self.incident.cause.split(" of ").next().unwrap_or_default();
        cause.replace('_', " ")
    }

    fn measures(&self) -> String {
        let done = |row: &ContainmentRow| {
            Measure::parse(&row.kind).map(|measure| match measure {
                Measure::Tenant => "A site was suspended.",
                Measure::Jobs => "The making of videos was stopped.",
                Measure::ApiKey => "A site's API key was removed from the service.",
                Measure::ApiKeys => "API keys were neither taken nor used.",
                Measure::Writes => "Nothing was written any more.",
                Measure::Links => "All addresses of videos that had been given out were revoked.",
                Measure::App => "An app's tokens were refused.",
            })
        };
        let mut all: Vec<_> = self.containments.iter().filter_map(done).collect();
        all.dedup();
        all.join(" ")
    }

    fn times(&self) -> String {
        let mut text = String::new();
        for entry in self.timeline {
            let (at, act) = (instant(entry.at), entry.act.replace('_', " "));
            let _ = writeln!(
                text,
                "- {at} {act} (by {}, entry {})",
                entry.role, entry.number
            );
        }
        text.trim_end().to_owned()
    }

    fn steps(&self) -> String {
        let incident = self.incident;
        let steps = [
            ("from the first sign to containment", incident.contained_at),
            ("to notification", incident.notified_at),
        ];
        let mut text = String::new();
        for (name, at) in steps {
            let took = at.map(|at| format!("{} s", at - incident.opened_at));
            let _ = writeln!(text, "- {name}: {}", took.as_deref().unwrap_or("not done"));
        }
        text.trim_end().to_owned()
    }
}

fn advice(kinds: &[DataKind]) -> String {
    let mut text = Vec::new();
    if kinds.contains(&DataKind::ApiKey) {
        text.push("Replace your Golpo API key: make a new one in your Golpo account, enter it in the app's settings and revoke the old one.");
    }
    if kinds.contains(&DataKind::PageContent) || kinds.contains(&DataKind::Video) {
        text.push("Look through the videos of your site and the pages that they were made of, and decide whether what they tell needs further steps of yours.");
    }
    text.join(" ")
}

/// A field of CSV (RFC 4180): ids that a token gave may hold any graphic character.
fn field(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
