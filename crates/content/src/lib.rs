//! Turns a Confluence page, in Atlassian Document Format or in storage format, into a narration
//! script from which people have been taken out (P9). Pure: no I/O, no clock, no Forge, no HTTP.
//!
//! Architecture invariant: of a page a [`protocol::Script`] is made only from a [`CleanDocument`],
//! and only [`tell`] makes one of those.

mod adf;
mod cleaning;
mod error;
mod finding;
mod fingerprint;
mod fold;
mod identity;
mod language;
mod learning;
mod length;
mod macros;
mod merge;
mod model;
mod names;
mod outline;
mod page;
mod patterns;
mod people;
mod phrases;
mod plain;
mod reference;
mod selection;
mod sentences;
mod speech;
mod storage;
mod telling;
mod words;

pub use adf::parse_adf;
pub use error::ContentError;
pub use fingerprint::fingerprint;
pub use identity::{CleanDocument, Telling, clean_script, remove_identities, script, tell};
pub use length::cut;
pub use merge::{Merge, merge};
pub use model::{Document, Warning, WarningKind};
pub use outline::{SectionTime, outline};
pub use page::Page;
pub use phrases::neutral_phrases;
pub use plain::{parse_csv, parse_markdown, parse_plain};
pub use reference::reference;
pub use selection::select;
pub use speech::speakable;
pub use storage::parse_storage;

/// The most bytes of a body that is parsed; Confluence itself saves at most 5 MB.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
