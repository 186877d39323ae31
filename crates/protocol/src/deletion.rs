//! Deletions (P22, P23): what is deleted, how far it is, and the receipt.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }
    };
}

words! {
    /// What is deleted.
    DeletionKind {
        /// One video.
        Video,
        /// All videos of a page.
        Page,
        /// Everything of the site.
        Tenant,
    }
}

words! {
    /// Why it is deleted.
    DeletionReason {
        /// Somebody of the site asked for it.
        Request,
        /// The app was uninstalled.
        Uninstalled,
        /// Its time is over.
        Retention,
        /// An operator did it.
        Operator,
    }
}

words! {
    /// How far it is.
    DeletionState {
        /// Noted, and under way.
        Running,
        /// Looked for, and not found any more.
        Verified,
    }
}

/// A deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deletion {
    /// Its id.
    pub id: String,
    /// What is deleted.
    pub kind: DeletionKind,
    /// Why.
    pub reason: DeletionReason,
    /// How far it is.
    pub state: DeletionState,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// The signed receipt: a JSON Web Signature (RFC 7515, compact) by a key of
    /// `/.well-known/deletion-receipts.json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// A deletion that was noted and will be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletionNoted {
    /// Its id: `/v1/deletions/{id}` tells how far it is.
    pub id: String,
}
