//! The closed lists of incidents: how bad, what may be touched, what contains. Words that were written once
//! keep their meaning.

use crate::audit::Act;
use crate::audit::acts::words;

words! {
    /// How bad an incident is; docs/incident-response.md says what each means.
    Severity {
        /// Another tenant's content or a key was seen by somebody, or surely could be.
        Critical "critical",
        /// A wall fell and another held; a key may have been seen.
        High "high",
        /// Something failed, and no customer's data is affected.
        Medium "medium",
        /// A signal that is likely harmless.
        Low "low",
    }
}

impl Severity {
    /// Within how many hours of opening customers who are affected are told, and Atlassian at the
    /// latest with them.
    pub fn notify_hours(self) -> Option<i64> {
        match self {
            Self::Critical => Some(24),
            Self::High => Some(72),
            Self::Medium | Self::Low => None,
        }
    }

    /// Within how many hours somebody begins.
    pub fn begin_hours(self) -> i64 {
        match self {
            Self::Critical => 0,
            Self::High => 1,
            Self::Medium => 24,
            Self::Low => 7 * 24,
        }
    }
}

words! {
    /// A kind of data that may be touched.
    DataKind {
        /// Page text, titles and scripts.
        PageContent "page-content",
        /// Finished videos with captions and chapters.
        Video "video",
        /// API keys.
        ApiKey "api-key",
        /// Allowances, retention and other settings.
        Settings "settings",
    }
}

impl DataKind {
    /// The kinds that an act touches of the tenant that it is about.
    pub fn touched_by(act: Act) -> &'static [Self] {
        match act {
            Act::ApiKeySaved | Act::ApiKeyReplaced | Act::ApiKeyRemoved | Act::ContainedApiKey => {
                &[Self::ApiKey]
            }
            Act::LimitsChanged | Act::SettingsChanged => &[Self::Settings],
            Act::TenantExported => &[Self::PageContent, Self::Settings],
            Act::VideoDeleted | Act::PageDeleted => &[Self::Video],
            Act::TenantDeleted => Self::ALL,
            _ => &[],
        }
    }

    /// The kinds of words parted by commas; unknown ones are those of a later version.
    pub fn parse_all(words: &str) -> Vec<Self> {
        words.split(',').filter_map(Self::parse).collect()
    }

    /// Their words, parted by commas.
    pub fn join(kinds: &[Self]) -> String {
        let words: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
        words.join(",")
    }
}

words! {
    /// What contains an incident (P19): each works on a running service within seconds, and none needs
    /// a deployment.
    Measure {
        /// All that a tenant asks for is refused.
        Tenant "tenant",
        /// No videos are made, and those being made are given back.
        Jobs "jobs",
        /// A tenant's API key is removed from the service. Done once, with nothing to lift: its
        /// administrator enters a new one.
        ApiKey "api_key",
        /// API keys are neither taken nor used.
        ApiKeys "api_keys",
        /// Nothing is written.
        Writes "writes",
        /// The addresses of videos that were given out until now are worth nothing. It is done once, and
        /// there is nothing to lift.
        Links "links",
        /// Tokens for an app are refused.
        App "app",
    }
}

impl Measure {
    /// What the trail says when it begins.
    pub fn begun(self) -> Act {
        match self {
            Self::Tenant => Act::ContainedTenant,
            Self::Jobs => Act::ContainedJobs,
            Self::ApiKey => Act::ContainedApiKey,
            Self::ApiKeys => Act::ContainedApiKeys,
            Self::Writes => Act::ContainedWrites,
            Self::Links => Act::ContainedLinks,
            Self::App => Act::ContainedApp,
        }
    }

    /// What the trail says when it is lifted; none of one that cannot be.
    pub fn lifted(self) -> Option<Act> {
        match self {
            Self::Tenant => Some(Act::LiftedTenant),
            Self::Jobs => Some(Act::LiftedJobs),
            Self::ApiKeys => Some(Act::LiftedApiKeys),
            Self::Writes => Some(Act::LiftedWrites),
            Self::ApiKey | Self::Links => None,
            Self::App => Some(Act::LiftedApp),
        }
    }
}
