//! The scopes the app needs, each with the calls that need it (P3). A test compares this list with
//! `manifest.yml`, and [`require`] finds a missing one before the call that would fail.

use crate::{AppError, Host};

/// A scope of `manifest.yml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Pages and blog posts: `GET /wiki/api/v2/pages`, `/pages/{id}`, `/blogposts`, `/blogposts/{id}`.
    ReadPage,
    /// Files attached to a page: `GET /wiki/api/v2/pages/{id}/attachments`,
    /// `/blogposts/{id}/attachments`, and
    /// `/wiki/rest/api/content/{id}/child/attachment/{id}/download`.
    ReadAttachment,
    /// A space's name: `GET /wiki/api/v2/spaces/{id}`.
    ReadSpace,
    /// The user's own permissions: `GET /wiki/rest/api/user/current`.
    ReadContentDetails,
    /// Forge's key-value and secret storage.
    Storage,
}

impl Scope {
    /// Every scope.
    pub const ALL: &[Self] = &[
        Self::ReadPage,
        Self::ReadAttachment,
        Self::ReadSpace,
        Self::ReadContentDetails,
        Self::Storage,
    ];

    /// The name as in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadPage => "read:page:confluence",
            Self::ReadAttachment => "read:attachment:confluence",
            Self::ReadSpace => "read:space:confluence",
            Self::ReadContentDetails => "read:content-details:confluence",
            Self::Storage => "storage:app",
        }
    }
}

/// Refuses when the installation lacks the scope, naming it for the administrator.
pub(crate) fn require<H: Host>(host: &H, scope: Scope) -> Result<(), AppError> {
    if host.has_scope(scope) {
        Ok(())
    } else {
        Err(AppError::ScopeMissing(scope))
    }
}
