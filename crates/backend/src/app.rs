//! What every handler shares: the parts of the service, put together once by `serve`.

use std::sync::Arc;

use engine::VideoEngine;
use fit::{Clock, Verifier};
use protocol::EngineDescription;
use tokio::sync::Notify;

use crate::deletion::Deletions;
use crate::limits::Limits;
use crate::objects::Objects;
use crate::records::Records;
use crate::routes::security_txt::SecurityTxt;

/// What handlers share.
pub struct App {
    /// What is kept.
    pub records: Records,
    /// The files.
    pub objects: Objects,
    /// What ends them.
    pub deletions: Deletions,
    /// Turns tokens into tenants.
    pub verifier: Verifier,
    /// Makes the videos; here only asked what it offers.
    pub engine: Arc<dyn VideoEngine>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Wakes this process's worker.
    pub notify: Arc<Notify>,
    /// The address that users' browsers reach this service at, without a slash at the end.
    pub public_url: String,
    /// Where weaknesses are reported.
    pub security_txt: SecurityTxt,
    /// Whether a key is needed even where the engine does not need one.
    pub require_api_key: bool,
    /// Requests of each tenant.
    pub limits: Limits,
}

impl App {
    /// What the engine offers to a site with or without a key, and whether it needs one.
    pub fn engine_description(&self, has_key: bool) -> EngineDescription {
        let mut description = self.engine.describe_for(has_key);
        description.requires_api_key |= self.require_api_key;
        description
    }
}
