//! What the app and the backend say to each other, and what the app says to its Custom UI:
//! requests, answers, error codes. Pure data: this crate does no I/O, reads no clock and knows
//! nothing of Forge or HTTP. `static/src/protocol.ts` is generated from it by `cargo xtask build`.
//!
//! Architecture invariant: a value of one of these types has been checked; anything that came
//! from outside becomes one only through serde or a `TryFrom`, and both refuse what is wrong.

mod api_key;
mod attachment;
mod deletion;
mod error;
mod fingerprint;
mod ids;
mod metering;
mod narration;
mod operation;
mod options;
mod report;
mod script;
mod site;
mod video;

pub use api_key::{ApiKey, ApiKeyState};
pub use attachment::{Attachment, AttachmentKind, AttachmentProblem, Attachments, ListAttachments};
pub use deletion::{Deletion, DeletionKind, DeletionNoted, DeletionReason, DeletionState};
pub use error::{ErrorCode, Failure, Problem};
pub use fingerprint::Fingerprint;
pub use ids::{AttachmentId, PageId, SpaceId, Timestamp, VideoId};
pub use metering::{SiteLimits, UsageLine, UsageReport};
pub use narration::Narration;
pub use operation::{
    Answer, Context, CreateVideo, Edits, LeftOut, ListVideos, Merged, OLDEST_UI_VERSION, Operation,
    PageWarning, PageWarningKind, Preview, PreviewAnswer, SaveApiKey, SectionTime, Settings,
    UI_VERSION, VideoStatus, VideoStatusAnswer, Videos, View,
};
pub use options::{
    Language, Length, Music, OptionCatalogue, Orientation, Style, VideoOptions, Voice,
};
pub use report::ErrorReport;
pub use script::{Place, Removal, RemovalKind, Script, ScriptError, ScriptSection};
pub use site::{EngineDescription, Site, Usage};
pub use video::{Chapter, Media, NewVideo, Stage, Video, VideoPage, VideoState};

#[cfg(feature = "typescript")]
pub mod typescript;
