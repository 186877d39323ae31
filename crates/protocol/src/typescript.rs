//! The TypeScript of every type that the Custom UI sees, as the text of one module.

use ts_rs::{Config, TS};

use crate::*;

/// The module's text. The same for the same version of this crate.
pub fn module() -> String {
    let config = Config::default();
    let mut text =
        String::from("// Generated from crates/protocol by `cargo xtask build`. Do not edit.\n");
    text.push_str(&format!(
        "\n// Sent with every call, so that a window that stayed open over an update is told so.\n\
         export const UI_VERSION = {UI_VERSION};\n"
    ));
    macro_rules! declare {
        ($($name:ty),* $(,)?) => {
            $(
                text.push_str("\nexport ");
                text.push_str(&<$name>::decl(&config));
                text.push('\n');
            )*
        };
    }
    declare!(
        Answer<()>,
        ApiKeyState,
        Attachment,
        AttachmentId,
        AttachmentKind,
        AttachmentProblem,
        Attachments,
        Chapter,
        Context,
        CreateVideo,
        Edits,
        EngineDescription,
        ErrorCode,
        Failure,
        Fingerprint,
        Language,
        LeftOut,
        Length,
        ListAttachments,
        ListVideos,
        Media,
        Merged,
        Music,
        Operation,
        OptionCatalogue,
        Orientation,
        PageId,
        PageWarning,
        PageWarningKind,
        Preview,
        PreviewAnswer,
        Place,
        Removal,
        RemovalKind,
        SaveApiKey,
        Script,
        ScriptSection,
        SectionTime,
        Settings,
        Site,
        Stage,
        Style,
        Timestamp,
        Usage,
        Video,
        VideoId,
        VideoOptions,
        VideoState,
        VideoStatus,
        VideoStatusAnswer,
        Videos,
        View,
        Voice,
    );
    text
}
