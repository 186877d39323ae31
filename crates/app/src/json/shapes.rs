//! The protocol's types that the app reads: what the Custom UI asks and what the backend answers.
//! Their members are told once more here, beside serde's in `protocol`; `agreement` compares.

use protocol::{
    ApiKey, ApiKeyState, AttachmentId, Chapter, CreateVideo, Edits, EngineDescription, ErrorCode,
    Failure, Fingerprint, Language, Length, ListAttachments, ListVideos, Media, Music,
    OptionCatalogue, Orientation, PageId, Preview, Problem, SaveApiKey, Script, ScriptSection,
    Site, Stage, Style, Timestamp, Usage, Video, VideoId, VideoOptions, VideoPage, VideoState,
    VideoStatus, Voice,
};
use serde::{Deserialize, de::value::StrDeserializer};

use super::{FromJson, Json, Members, Wrong, object, text_of};

object! {
    Preview closed {
        page_id: "pageId",
        selection: "selection",
        keep_code: "keepCode" or default,
        length: "length" or default,
        attachment_ids: "attachmentIds" or default,
        edits: "edits",
    }
    Edits closed {
        base: "base",
        edited: "edited",
    }
    ScriptSection closed {
        heading: "heading",
        text: "text",
    }
    ListAttachments closed {
        page_id: "pageId",
    }
    CreateVideo closed {
        page_id: "pageId",
        page_version: "pageVersion",
        source_fingerprint: "sourceFingerprint",
        script: "script",
        options: "options" or default,
        attachment_ids: "attachmentIds" or default,
        request_id: "requestId",
    }
    VideoOptions closed {
        style: "style" or default,
        voice: "voice" or default,
        language: "language" or default,
        length: "length" or default,
        music: "music" or default,
        orientation: "orientation" or default,
    }
    VideoStatus closed {
        video_id: "videoId",
    }
    ListVideos closed {
        page_id: "pageId",
        cursor: "cursor",
    }
    SaveApiKey closed {
        api_key: "apiKey",
    }
    Site open {
        engine: "engine",
        api_key: "apiKey",
        usage: "usage",
    }
    ApiKeyState open {
        present: "present",
        fingerprint: "fingerprint",
        saved_at: "savedAt",
        problem: "problem",
        works: "works",
        credits: "credits",
    }
    EngineDescription open {
        name: "name",
        requires_api_key: "requiresApiKey",
        options: "options",
    }
    OptionCatalogue open {
        styles: "styles",
        voices: "voices",
        languages: "languages",
        lengths: "lengths",
        music: "music",
        orientations: "orientations",
    }
    Usage open {
        month: "month",
        videos: "videos",
        seconds: "seconds",
    }
    VideoPage open {
        videos: "videos",
        next_cursor: "nextCursor",
    }
    Video open {
        id: "id",
        page_id: "pageId",
        page_version: "pageVersion",
        source_fingerprint: "sourceFingerprint",
        title: "title",
        state: "state",
        stage: "stage",
        percent: "percent",
        failure: "failure",
        options: "options",
        created_at: "createdAt",
        finished_at: "finishedAt",
        duration_ms: "durationMs",
        engine: "engine",
    }
    Media open {
        video_url: "videoUrl",
        captions_url: "captionsUrl",
        poster_url: "posterUrl",
        chapters: "chapters",
        expires_at: "expiresAt",
    }
    Chapter open {
        start_ms: "startMs",
        title: "title",
    }
    Failure open {
        code: "code",
        message: "message",
        action: "action",
    }
    Problem open {
        kind: "type",
        title: "title",
        status: "status",
        detail: "detail",
        code: "code",
        action: "action",
    }
}

impl FromJson for Script {
    fn from_json(value: Json<'_>) -> Result<Self, Wrong> {
        let mut members = Members::of(value)?;
        let (title, sections) = (members.take("title")?, members.take("sections")?);
        members.end()?;
        Self::new(title, sections).map_err(Wrong::Script)
    }
}

/// Types that check a text.
macro_rules! texts {
    ($($type:ident)*) => {$(
        impl FromJson for $type {
            fn from_json(value: Json<'_>) -> Result<Self, Wrong> {
                Self::try_from(text_of(value)?).map_err(|_| Wrong::Value(""))
            }
        }
    )*};
}
texts!(ApiKey AttachmentId Fingerprint Language PageId Timestamp VideoId);

/// Types that are one of some names. serde knows the names; it is given the text alone.
macro_rules! names {
    ($($type:ident)*) => {$(
        impl FromJson for $type {
            fn from_json(value: Json<'_>) -> Result<Self, Wrong> {
                match &value {
                    Json::Text(name) => {
                        Self::deserialize(StrDeserializer::<NoName>::new(name)).ok()
                    }
                    _ => None,
                }
                .ok_or(Wrong::Value(""))
            }
        }
    )*};
}
names!(ErrorCode Length Music Orientation Stage Style VideoState Voice);

/// None of the names. Says no more, so that no code has to put a message together.
#[derive(Debug, thiserror::Error)]
#[error("none of the names")]
struct NoName;

impl serde::de::Error for NoName {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn invalid_type(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }
    fn invalid_value(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }
}
