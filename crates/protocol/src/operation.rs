//! What the Custom UI can ask of the resolver: one [`Operation`] each, a request and an answer.

use serde::{Deserialize, Serialize};

use crate::{
    ApiKey, AttachmentId, Failure, Fingerprint, Length, Media, PageId, Removal, Script, Site,
    Video, VideoId, VideoOptions,
};

/// The operations. Their names are the function keys that `invoke` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Operation {
    /// Where am I and what can I do? No payload; answers [`Context`].
    Context,
    /// The text that will leave the site; [`Preview`] to [`PreviewAnswer`].
    Preview,
    /// The files attached to a page; [`crate::ListAttachments`] to [`crate::Attachments`].
    ListAttachments,
    /// Make a video; [`CreateVideo`] to [`Video`].
    CreateVideo,
    /// One video with its media; [`VideoStatus`] to [`VideoStatusAnswer`].
    VideoStatus,
    /// Videos of a page or of the site; [`ListVideos`] to [`Videos`].
    ListVideos,
    /// Enter or replace the API key; [`SaveApiKey`] to [`Settings`]. Administrators only.
    SaveApiKey,
    /// Remove it; no payload, answers [`Settings`]. Administrators only.
    RemoveApiKey,
    /// The settings; no payload, answers [`Settings`]. Administrators only.
    Settings,
}

/// The version of what the Custom UI and the resolver say to each other. It rises with every change
/// that an older Custom UI would not understand; the Custom UI sends it with each call.
pub const UI_VERSION: u32 = 1;

/// The oldest Custom UI that is still understood: windows stay open while the app is updated.
pub const OLDEST_UI_VERSION: u32 = 1;

impl Operation {
    /// Every operation.
    pub const ALL: &[Self] = &[
        Self::Context,
        Self::Preview,
        Self::ListAttachments,
        Self::CreateVideo,
        Self::VideoStatus,
        Self::ListVideos,
        Self::SaveApiKey,
        Self::RemoveApiKey,
        Self::Settings,
    ];

    /// The function key.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Preview => "preview",
            Self::ListAttachments => "listAttachments",
            Self::CreateVideo => "createVideo",
            Self::VideoStatus => "videoStatus",
            Self::ListVideos => "listVideos",
            Self::SaveApiKey => "saveApiKey",
            Self::RemoveApiKey => "removeApiKey",
            Self::Settings => "settings",
        }
    }

    /// The operation of a function key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|operation| operation.as_str() == key)
    }
}

/// What every operation answers: `{"ok": …}` or `{"error": …}`. Errors are values, so that the
/// bridge passes code and action through unharmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Answer<T> {
    /// It worked.
    Ok(T),
    /// It did not.
    Error(Failure),
}

/// Which of the app's views the module shows, so that the Custom UI need not know module keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum View {
    /// Make a video of a page or selection.
    Create,
    /// The videos of a page.
    Byline,
    /// All videos.
    Library,
    /// One video in a page.
    Macro,
    /// The administrator's settings.
    Settings,
}

/// Where the Custom UI is and what it may offer. What was selected is page content, so `Debug` does
/// not print it (P14).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Context {
    /// The view to show.
    pub view: View,
    /// The page it is on, if any.
    pub page_id: Option<PageId>,
    /// The text selected on the page, where the user chose the context menu's action.
    pub selection: Option<String>,
    /// The video that the macro shows, if one was chosen.
    pub video_id: Option<VideoId>,
    /// Whether the user administers the site; for what is shown only, each operation checks again.
    pub is_admin: bool,
    /// The site.
    pub site: Site,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Context")
            .field("view", &self.view)
            .field("page_id", &self.page_id)
            .field("selection", &self.selection.is_some())
            .field("video_id", &self.video_id)
            .field("is_admin", &self.is_admin)
            .finish_non_exhaustive()
    }
}

/// Asks for the preview of a page, or of a selection of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Preview {
    /// The page.
    pub page_id: PageId,
    /// The selected text, to make a video of it alone; at most 50,000 characters.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub selection: Option<String>,
    /// Tell code as it stands, and not only its language and length.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub keep_code: bool,
    /// The length to cut the script to.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Length>"))]
    pub length: Length,
    /// The attachments to tell behind the page, in this order; at most [`crate::Attachment::MAX_CHOSEN`].
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<AttachmentId>>"))]
    pub attachment_ids: Vec<AttachmentId>,
    /// What was written since an earlier preview, to be kept.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub edits: Option<Edits>,
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Preview(page {}, selection: {}, edits: {})",
            self.page_id,
            self.selection.is_some(),
            self.edits.is_some()
        )
    }
}

/// A script as an earlier preview gave it, and as the user left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Edits {
    /// The earlier preview's script.
    pub base: Script,
    /// What became of it.
    pub edited: Script,
}

/// What will leave the site and what was removed from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PreviewAnswer {
    /// The page.
    pub page_id: PageId,
    /// Its version.
    pub page_version: u32,
    /// The text that will leave the site, unless it is edited.
    pub script: Script,
    /// What was removed, in reading order.
    pub removals: Vec<Removal>,
    /// What stands in the script instead of people, in the script's language, so that it can be
    /// marked there.
    pub neutral_phrases: Vec<String>,
    /// The narration of each section; the title counts to the first.
    pub sections: Vec<SectionTime>,
    /// Words of the script.
    pub words: u32,
    /// Seconds of narration at 150 words a minute.
    pub estimated_seconds: u32,
    /// What the length that was chosen leaves out, in reading order.
    pub left_out: Vec<LeftOut>,
    /// What may be missed of the page.
    pub warnings: Vec<PageWarning>,
    /// The page's language (ISO 639-1), where it was recognised.
    pub language: Option<String>,
    /// What the page says, to find out later whether that has changed.
    pub fingerprint: Fingerprint,
    /// The script with the edits that were sent; none where none were.
    pub merged: Option<Merged>,
}

/// How long a section takes to narrate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SectionTime {
    /// Its words.
    pub words: u32,
    /// Seconds at 150 words a minute.
    pub seconds: u32,
}

/// A section that was cut. Its heading is page content, so `Debug` does not print it (P14).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LeftOut {
    /// The heading, without people; may be empty.
    pub heading: String,
    /// The index of what is left of it in the script; `None` where it is gone.
    pub section: Option<u32>,
}

impl std::fmt::Debug for LeftOut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "LeftOut({:?})", self.section)
    }
}

/// What a [`PageWarning`] tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum PageWarningKind {
    /// A kind of node that the app does not know; its text is kept.
    UnknownNode,
    /// A kind of mark that the app does not know; the marked text is kept.
    UnknownMark,
    /// A macro that the app does not know; its text is kept.
    UnknownMacro,
    /// Nested too deep.
    TooDeep,
    /// Mark-up that breaks.
    BrokenMarkup,
    /// More than a script can hold.
    Cut,
    /// Content that stands elsewhere.
    NotIncluded,
    /// A version of the page format that the app does not know.
    UnknownVersion,
}

/// Something of the page that the script may lack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PageWarning {
    /// What happened.
    pub kind: PageWarningKind,
    /// The node type or macro it happened to; empty where there is none.
    pub name: String,
    /// How often.
    pub count: u32,
    /// A sentence on it.
    pub message: String,
}

/// A new script into which a person's edits of an earlier one were carried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Merged {
    /// The script.
    pub script: Script,
    /// The indices of its sections where the person and the page changed the same lines, or one of
    /// them deleted what the other changed. What the person wrote is kept.
    pub conflicts: Vec<u32>,
    /// Whether both gave it another title; the person's is kept.
    pub title_conflicts: bool,
}

/// Asks for a video.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CreateVideo {
    /// The page.
    pub page_id: PageId,
    /// The version that the preview showed.
    pub page_version: u32,
    /// The fingerprint that the preview gave.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub source_fingerprint: Option<Fingerprint>,
    /// The script as the user left it.
    pub script: Script,
    /// What was chosen.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<VideoOptions>"))]
    pub options: VideoOptions,
    /// The attachments that the preview told, so that people whom only they name are known.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<AttachmentId>>"))]
    pub attachment_ids: Vec<AttachmentId>,
    /// A UUID made once per wish by the Custom UI, so that a repeated call makes no second video.
    pub request_id: VideoId,
}

/// Asks how a video is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VideoStatus {
    /// The video.
    pub video_id: VideoId,
}

/// A video and, once it is done, where its files are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VideoStatusAnswer {
    /// The video.
    pub video: Video,
    /// Its files.
    pub media: Option<Media>,
    /// Whether the page says something else than when the video was asked for; told of finished
    /// videos alone.
    pub out_of_date: bool,
}

/// Asks for videos, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct ListVideos {
    /// Of this page alone.
    pub page_id: Option<PageId>,
    /// Go on after an earlier answer.
    pub cursor: Option<String>,
}

/// Videos whose pages the user may read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Videos {
    /// Newest first. May be empty though `next_cursor` is there.
    pub videos: Vec<Video>,
    /// The ids among them whose page says something else now.
    pub out_of_date: Vec<VideoId>,
    /// The ids among them whose page was saved anew and was not read to see what changed.
    pub may_be_out_of_date: Vec<VideoId>,
    /// Ask with this for more.
    pub next_cursor: Option<String>,
}

/// Enters the API key.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SaveApiKey {
    /// The key.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub api_key: ApiKey,
}

/// What an administrator sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Settings {
    /// The site.
    pub site: Site,
}
