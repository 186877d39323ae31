//! Incidents (P18 to P21): what was found, what was done about it, and who was affected. Must never hold
//! content, keys or names; kinds, numbers and tenants' ids instead.

use std::str::FromStr;

pub mod command;
pub mod containment;
pub mod detector;
pub mod drafts;
pub mod register;
pub mod rows;
pub mod rules;
pub mod signals;
pub mod words;

/// An incident's id (UUID v7, so that its order is the order of opening).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IncidentId(uuid::Uuid);

impl IncidentId {
    /// A new one.
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7())
    }
}

impl std::fmt::Display for IncidentId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.0.hyphenated())
    }
}

/// Not an incident's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an incident's id: `golpo-backend incident list` shows them")]
pub struct NotAnIncidentId;

impl FromStr for IncidentId {
    type Err = NotAnIncidentId;

    fn from_str(text: &str) -> Result<Self, NotAnIncidentId> {
        uuid::Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| NotAnIncidentId)
    }
}
