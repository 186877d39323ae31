//! One module per operation of the Custom UI.

pub(crate) mod api_key;
pub(crate) mod attachments;
pub(crate) mod context;
pub(crate) mod create_video;
pub(crate) mod list_videos;
pub(crate) mod preview;
pub(crate) mod video_status;
