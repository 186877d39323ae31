//! What can stand in the trail: acts and the roles that do them, both closed lists. There is no free text,
//! so that no name, content or key can get there (P8, P14). A word, once written, keeps its meaning.

macro_rules! words {
    ($(#[$enum_doc:meta])* $enum_name:ident { $($(#[$doc:meta])* $name:ident $word:literal,)* }) => {
        $(#[$enum_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $enum_name {
            $($(#[$doc])* $name,)*
        }

        impl $enum_name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word that stands for it in the database and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The one of this word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Who acts. Never which person.
    Role {
        /// An administrator of a site, through the app.
        Admin "admin",
        /// A user of a site, through the app.
        User "user",
        /// An operator of the backend, at its command line.
        Operator "operator",
        /// The service by itself.
        System "system",
    }
}

words! {
    /// A security-relevant act.
    Act {
        /// The trail began.
        TrailBegun "trail_begun",
        /// The trail's end was not as the service left it; what stands behind this entry is the
        /// service's again.
        TrailBroken "trail_broken",
        /// An administrator gave a site its first API key.
        ApiKeySaved "api_key_saved",
        /// An administrator replaced a site's API key.
        ApiKeyReplaced "api_key_replaced",
        /// An administrator removed a site's API key.
        ApiKeyRemoved "api_key_removed",
        /// A site's allowance or retention was changed.
        LimitsChanged "limits_changed",
        /// Other settings of a site were changed.
        SettingsChanged "settings_changed",
        /// One video's data were deleted.
        VideoDeleted "video_deleted",
        /// One page's data were deleted.
        PageDeleted "page_deleted",
        /// All data of a site were deleted.
        TenantDeleted "tenant_deleted",
        /// A site was suspended.
        TenantSuspended "tenant_suspended",
        /// A suspended site may go on.
        TenantResumed "tenant_resumed",
        /// A site's data were printed for an operator.
        TenantExported "tenant_exported",
        /// A parked job may run again.
        JobRequeued "job_requeued",
        /// A job was ended.
        JobCancelled "job_cancelled",
        /// A new master key wraps the data keys.
        MasterKeyRotated "master_key_rotated",
        /// Former master keys were dropped.
        MasterKeysRetired "master_keys_retired",
        /// An incident was opened.
        IncidentOpened "incident_opened",
        /// The affected sites were listed.
        AffectedListed "affected_listed",
        /// Drafts for customers and for Atlassian were written.
        NotificationsDrafted "notifications_drafted",
        /// An operator says that they were sent.
        NotificationsSent "notifications_sent",
        /// The review's beginning was written.
        ReviewBegun "review_begun",
        /// The review was accepted.
        ReviewAccepted "review_accepted",
        /// An incident was closed.
        IncidentClosed "incident_closed",
        /// Contained: a site is suspended.
        ContainedTenant "contained_tenant",
        /// Contained: no videos are made.
        ContainedJobs "contained_jobs",
        /// Contained: a site's API key was removed from the service.
        ContainedApiKey "contained_api_key",
        /// Contained: API keys are neither taken nor used.
        ContainedApiKeys "contained_api_keys",
        /// Contained: nothing is written.
        ContainedWrites "contained_writes",
        /// Contained: the addresses of videos that were given out are worth nothing.
        ContainedLinks "contained_links",
        /// Contained: an app's tokens are refused.
        ContainedApp "contained_app",
        /// A site's suspension was lifted.
        LiftedTenant "lifted_tenant",
        /// Videos are made again.
        LiftedJobs "lifted_jobs",
        /// API keys are taken and used again.
        LiftedApiKeys "lifted_api_keys",
        /// What is asked for is written again.
        LiftedWrites "lifted_writes",
        /// An app's tokens are accepted again.
        LiftedApp "lifted_app",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_and_found_again() {
        let words: std::collections::BTreeSet<_> =
            Act::ALL.iter().map(|act| act.as_str()).collect();
        assert_eq!(words.len(), Act::ALL.len());
        for act in Act::ALL {
            assert_eq!(Act::parse(act.as_str()), Some(*act));
        }
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(*role));
        }
        assert_eq!(Act::parse("a page's text"), None);
    }
}
