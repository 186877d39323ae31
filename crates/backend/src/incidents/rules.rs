//! The rules that turn signals into incidents (P18): one table. A rule looks at one signal and fires when so
//! many came within its window. Must never hold more in memory than its threshold asks for, whatever
//! comes.

use std::collections::{BTreeMap, VecDeque};

use super::words::{DataKind, Severity};
use crate::audit::acts::words;

words! {
    /// What the service notices.
    Signal {
        /// A token whose signature or algorithm is not Forge's.
        TokenForged "token_forged",
        /// A token that Forge signed for another app, or with a key that nobody knows.
        TokenForeign "token_foreign",
        /// A request with no token, or with something that is none.
        TokenMalformed "token_malformed",
        /// A token outside of its time: kept and sent again, or a clock that is wrong.
        TokenStale "token_stale",
        /// A tenant asked for a video that is another's.
        ForeignId "foreign_id",
        /// The signature of a video's address does not fit.
        LinkForged "link_forged",
        /// A sealed value did not open.
        VaultFailed "vault_failed",
        /// A log line held what must not be logged, and the last net caught it.
        LogRedacted "log_redacted",
        /// The engine refused a tenant's API key.
        ApiKeyRefused "api_key_refused",
        /// A tenant's API key was removed.
        ApiKeyRemoved "api_key_removed",
        /// A tenant's data were exported.
        Exported "exported",
        /// The audit trail is not what was written.
        TrailBroken "trail_broken",
    }
}

/// Of whom signals are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Of everybody.
    Service,
    /// Of each tenant by itself.
    Tenant,
    /// Tenants are counted, and not how often each.
    Tenants,
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name, and the incident's cause.
    pub name: &'static str,
    /// What it looks at.
    pub signal: Signal,
    /// Of whom.
    pub per: Per,
    /// How many signals make it fire,
    pub threshold: usize,
    /// within so many seconds.
    pub window: i64,
    /// How bad that is, until somebody knows better.
    pub severity: Severity,
    /// What may be touched.
    pub kinds: &'static [DataKind],
}

macro_rules! rules {
    ($($name:literal $signal:ident $per:ident $threshold:literal in $window:literal $severity:ident $kinds:expr;)*) => {
        /// Every rule.
        pub const RULES: &[Rule] = &[$(Rule {
            name: $name,
            signal: Signal::$signal,
            per: Per::$per,
            threshold: $threshold,
            window: $window,
            severity: Severity::$severity,
            kinds: $kinds,
        },)*];

        /// Their names, for the label of a metric.
        pub const RULE_NAMES: &[&str] = &[$($name,)* "by_hand"];
    };
}

const NOTHING: &[DataKind] = &[];
const CONTENT: &[DataKind] = &[DataKind::PageContent, DataKind::Video];
const SEALED: &[DataKind] = &[DataKind::PageContent, DataKind::ApiKey];

rules! {
    "forged_tokens" TokenForged Service 30 in 60 Medium NOTHING;
    "foreign_tokens" TokenForeign Service 50 in 60 Medium NOTHING;
    "malformed_tokens" TokenMalformed Service 600 in 60 Low NOTHING;
    "stale_tokens" TokenStale Service 200 in 60 Low NOTHING;
    "foreign_ids" ForeignId Tenant 20 in 600 High CONTENT;
    "forged_links" LinkForged Service 100 in 600 Medium &[DataKind::Video];
    "vault_failures" VaultFailed Service 1 in 600 Critical SEALED;
    "log_redactions" LogRedacted Service 1 in 3600 Medium SEALED;
    "refused_api_keys" ApiKeyRefused Tenants 5 in 600 High &[DataKind::ApiKey];
    "removed_api_keys" ApiKeyRemoved Tenants 10 in 3600 Medium &[DataKind::ApiKey];
    "exports" Exported Service 5 in 3600 High CONTENT;
    "broken_trail" TrailBroken Service 1 in 3600 Critical DataKind::ALL;
}

/// At most so many tenants are counted by a rule of each tenant.
const TENANTS: usize = 1000;

/// What one rule has seen.
#[derive(Debug, Default)]
struct Seen {
    /// By tenant, or all under the empty one: when, oldest first, at most the threshold.
    at: BTreeMap<String, VecDeque<i64>>,
}

impl Seen {
    /// Counts a signal; whether the rule fires with it.
    fn count(&mut self, rule: &Rule, tenant: Option<&str>, now: i64) -> bool {
        let begin = now - rule.window;
        self.at
            .retain(|_, at| at.back().is_some_and(|last| *last > begin));
        let whose = match rule.per {
            Per::Service => "",
            Per::Tenant | Per::Tenants => tenant.unwrap_or_default(),
        };
        let most = match rule.per {
            Per::Tenants => rule.threshold,
            Per::Service | Per::Tenant => TENANTS,
        };
        if !self.at.contains_key(whose) && self.at.len() >= most {
            let oldest = self.at.iter().min_by_key(|(_, at)| at.back().copied());
            if let Some(oldest) = oldest.map(|(whose, _)| whose.clone()) {
                self.at.remove(&oldest);
            }
        }
        let at = self.at.entry(whose.to_owned()).or_default();
        let keep = if rule.per == Per::Tenants {
            1
        } else {
            rule.threshold
        };
        at.push_back(now);
        while at.len() > keep || at.front().is_some_and(|first| *first <= begin) {
            at.pop_front();
        }
        let times = at.len();
        let fires = match rule.per {
            Per::Tenants => self.at.len() >= rule.threshold,
            Per::Service | Per::Tenant => times >= rule.threshold,
        };
        if fires {
            // It fires anew only after as many again.
            match rule.per {
                Per::Tenants => self.at.clear(),
                Per::Service | Per::Tenant => {
                    self.at.remove(whose);
                }
            }
        }
        fires
    }
}

/// A rule that fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fired<'a> {
    /// Its place in [`RULES`].
    pub rule: usize,
    /// The tenant that it is about.
    pub tenant: Option<&'a str>,
}

/// What all rules have seen.
#[derive(Debug)]
pub struct Windows(Vec<Seen>);

impl Default for Windows {
    fn default() -> Self {
        Self(RULES.iter().map(|_| Seen::default()).collect())
    }
}

impl Windows {
    /// Counts a signal at an instant (Unix seconds); which rules fire with it.
    pub fn count<'a>(
        &mut self,
        signal: Signal,
        tenant: Option<&'a str>,
        now: i64,
    ) -> Vec<Fired<'a>> {
        let rules = RULES.iter().enumerate().zip(&mut self.0);
        rules
            .filter(|((_, rule), _)| rule.signal == signal)
            .filter_map(|((place, rule), seen)| {
                seen.count(rule, tenant, now).then_some(Fired {
                    rule: place,
                    tenant: tenant.filter(|_| rule.per == Per::Tenant),
                })
            })
            .collect()
    }

    /// How many instants are held.
    pub fn held(&self) -> usize {
        let instants = |seen: &Seen| seen.at.values().map(VecDeque::len).sum::<usize>();
        self.0.iter().map(instants).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.name == name).unwrap()
    }

    /// The names of rules that fire when a signal comes so often, so many seconds apart.
    fn fired(
        signal: Signal,
        times: usize,
        apart: i64,
        tenant: impl Fn(usize) -> String,
    ) -> Vec<String> {
        let mut windows = Windows::default();
        let mut names = Vec::new();
        for time in 0..times {
            let tenant = tenant(time);
            for one in windows.count(signal, Some(&tenant), 1000 + time as i64 * apart) {
                names.push(RULES[one.rule].name.to_owned());
            }
        }
        names
    }

    #[test]
    fn p18_each_rule_fires_at_its_threshold_and_not_before() {
        for rule in RULES {
            let tenant = |time: usize| match rule.per {
                Per::Tenants => format!("site-{time}"),
                _ => "site".to_owned(),
            };
            let before = fired(rule.signal, rule.threshold - 1, 0, tenant);
            assert!(before.is_empty(), "{}", rule.name);
            let at = fired(rule.signal, rule.threshold, 0, tenant);
            assert_eq!(at, [rule.name]);
            // As many again for a second time.
            let again = fired(rule.signal, rule.threshold * 2, 0, tenant);
            assert_eq!(again.len(), 2, "{}", rule.name);
        }
    }

    #[test]
    fn p18_what_is_spread_over_more_than_the_window_is_no_burst() {
        let forged = rule("forged_tokens");
        assert!(fired(Signal::TokenForged, 1000, 60, |_| String::new()).is_empty());
        let just = forged.window / forged.threshold as i64;
        assert!(!fired(Signal::TokenForged, 1000, just, |_| String::new()).is_empty());
    }

    #[test]
    fn p18_tenants_are_counted_apart_or_once_each_as_the_rule_says() {
        let many = rule("foreign_ids").threshold * 50;
        assert!(
            fired(Signal::ForeignId, many, 0, |time| format!(
                "site-{}",
                time % 100
            ))
            .is_empty()
        );
        assert!(fired(Signal::ApiKeyRefused, many, 0, |_| "site".to_owned()).is_empty());
    }

    #[test]
    fn p18_no_flood_makes_the_windows_grow() {
        let mut windows = Windows::default();
        for time in 0..20_000_usize {
            for signal in [
                Signal::TokenForged,
                Signal::ForeignId,
                Signal::ApiKeyRefused,
            ] {
                let tenant = format!("site-{}", time % 5000);
                windows.count(signal, Some(&tenant), 1000 + time as i64 / 100);
            }
        }
        assert!(
            windows.held() <= 30 + TENANTS * 20 + 5,
            "{}",
            windows.held()
        );
    }

    #[test]
    fn rules_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        assert_eq!(RULE_NAMES.len(), RULES.len() + 1);
        for signal in Signal::ALL {
            assert!(
                RULES.iter().any(|rule| rule.signal == *signal),
                "{signal:?}"
            );
        }
    }
}
