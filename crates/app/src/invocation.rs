//! The context that Forge gives with each invocation, reduced to what the app uses. The user's
//! account id is in there too and is not read: nothing needs it (P8).

use protocol::{PageId, VideoId, View};

use crate::{
    AppError,
    json::{self, FromJson, Json, Wrong, object},
};

/// Where an invocation comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub view: View,
    pub page_id: Option<PageId>,
    pub is_blog_post: bool,
    pub space_id: Option<SpaceId>,
    pub selection: Option<String>,
    pub video_id: Option<VideoId>,
    /// False where the site's licence has ended; true too where there is none, as in development
    /// and for an app that costs nothing.
    pub is_licensed: bool,
}

// What was selected is page content.
impl std::fmt::Debug for Invocation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Invocation")
            .field("view", &self.view)
            .field("page_id", &self.page_id)
            .field("video_id", &self.video_id)
            .finish_non_exhaustive()
    }
}

/// The id of a space: 1 to 20 decimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SpaceId(String);

impl SpaceId {
    /// The id as the backend is told it.
    pub(crate) fn told(&self) -> Option<protocol::SpaceId> {
        self.0.parse().ok()
    }
}

impl TryFrom<Id> for SpaceId {
    type Error = &'static str;
    fn try_from(id: Id) -> Result<Self, &'static str> {
        let text = id.into_text();
        let is_id =
            (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_id {
            Ok(Self(text))
        } else {
            Err("a space id is 1 to 20 decimal digits")
        }
    }
}

impl std::fmt::Display for SpaceId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromJson for SpaceId {
    fn from_json(value: Json<'_>) -> Result<Self, Wrong> {
        Self::try_from(Id::from_json(value)?).map_err(|_| Wrong::Value(""))
    }
}

struct RawContext {
    module_key: Option<String>,
    /// `licensed`, `unlicensed`, `anonymous` or `customer`; says nothing of who it is.
    account_type: Option<String>,
    license: Option<RawLicense>,
    extension: RawExtension,
}

// Forge says `isActive` to functions and `active` to the Custom UI. A trial is active.
struct RawLicense {
    is_active: Option<bool>,
    active: Option<bool>,
}

#[derive(Default)]
struct RawExtension {
    content: Option<RawContent>,
    space: Option<RawSpace>,
    selected_text: Option<String>,
    config: Option<RawConfig>,
}

struct RawContent {
    id: Option<Id>,
    kind: Option<String>,
}

struct RawSpace {
    id: Option<Id>,
}

struct RawConfig {
    video_id: Option<String>,
}

object! {
    RawContext open {
        module_key: "moduleKey",
        account_type: "accountType",
        license: "license",
        extension: "extension" or default,
    }
    RawLicense open {
        is_active: "isActive",
        active: "active",
    }
    RawExtension open {
        content: "content",
        space: "space",
        selected_text: "selectedText",
        config: "config",
    }
    RawContent open {
        id: "id",
        kind: "type",
    }
    RawSpace open {
        id: "id",
    }
    RawConfig open {
        video_id: "videoId",
    }
}

// Forge gives content ids as text, older modules as numbers.
enum Id {
    Text(String),
    Number(u64),
}

impl FromJson for Id {
    fn from_json(value: Json<'_>) -> Result<Self, Wrong> {
        match value {
            Json::Number(_) => u64::from_json(value).map(Self::Number),
            text => String::from_json(text).map(Self::Text),
        }
    }
}

impl Id {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Invocation {
    /// The invocation of Forge's context, a JSON text.
    pub(crate) fn parse(context: &str) -> Result<Self, AppError> {
        Self::read(context, None)
    }

    /// The invocation of the byline's dynamic properties, whose context comes without a module key
    /// (developer.atlassian.com, Confluence content byline item, "Dynamic properties").
    pub(crate) fn parse_byline(context: &str) -> Result<Self, AppError> {
        Self::read(context, Some(View::Byline))
    }

    fn read(context: &str, known: Option<View>) -> Result<Self, AppError> {
        let malformed = |what: &str| AppError::Malformed(format!("Forge's context {what}."));
        let raw: RawContext = json::read(context).map_err(|_| malformed("is not an object"))?;
        let view = match (known, raw.module_key) {
            (Some(view), _) => view,
            (None, Some(key)) => {
                view_of(&key).ok_or_else(|| malformed("names an unknown module"))?
            }
            (None, None) => return Err(malformed("holds no module key")),
        };
        // Forge answers calls on behalf of a user for users with access to Confluence alone.
        if raw.account_type.is_some_and(|kind| kind != "licensed") {
            return Err(AppError::SignInRequired);
        }
        let content = raw.extension.content;
        let is_blog_post =
            content.as_ref().and_then(|content| content.kind.as_deref()) == Some("blogpost");
        let page_id = content
            .and_then(|content| content.id)
            .map(Id::into_text)
            .map(PageId::try_from)
            .transpose()
            .map_err(|_| malformed("holds a malformed page id"))?;
        // Only saves time: the page says which space it is in.
        let space_id = raw
            .extension
            .space
            .and_then(|space| space.id)
            .and_then(|id| SpaceId::try_from(id).ok());
        // A macro whose parameter was edited by hand shows "no video chosen", not an error.
        let video_id = raw
            .extension
            .config
            .and_then(|config| config.video_id)
            .and_then(|text| VideoId::try_from(text).ok());
        Ok(Self {
            view,
            page_id,
            is_blog_post,
            space_id,
            selection: raw.extension.selected_text,
            video_id,
            is_licensed: raw.license.and_then(|it| it.is_active.or(it.active)) != Some(false),
        })
    }
}

/// The view of a module of `manifest.yml`; a test compares the keys.
fn view_of(module_key: &str) -> Option<View> {
    Some(match module_key {
        "golpo-content-action" | "golpo-context-menu" => View::Create,
        "golpo-byline" => View::Byline,
        "golpo-library" => View::Library,
        "golpo-video" => View::Macro,
        "golpo-settings" => View::Settings,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_forge_gives() {
        let context = r#"{"accountId":"5b10ac8d82e05b22cc7d4ef5","cloudId":"c","moduleKey":"golpo-context-menu",
            "extension":{"type":"confluence:contextMenu","content":{"id":"65601","type":"blogpost"},
            "space":{"id":98305,"key":"ENG"},"selectedText":"a few words"}}"#;
        let invocation = Invocation::parse(context).unwrap();
        assert_eq!(invocation.view, View::Create);
        assert_eq!(invocation.page_id.unwrap().as_str(), "65601");
        assert!(invocation.is_blog_post);
        assert_eq!(invocation.space_id.unwrap().to_string(), "98305");
        assert_eq!(invocation.selection.as_deref(), Some("a few words"));
        let odd = r#"{"moduleKey":"golpo-byline","extension":{"space":{"id":"../1"}}}"#;
        assert_eq!(Invocation::parse(odd).unwrap().space_id, None);
        let numbered = r#"{"moduleKey":"golpo-byline","extension":{"content":{"id":65601}}}"#;
        assert_eq!(
            Invocation::parse(numbered)
                .unwrap()
                .page_id
                .unwrap()
                .as_str(),
            "65601"
        );
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for context in [
            "",
            "[]",
            "{}",
            r#"{"moduleKey":"other"}"#,
            r#"{"moduleKey":"golpo-byline","extension":{"content":{"id":"../1"}}}"#,
        ] {
            let error = Invocation::parse(context).unwrap_err();
            assert_eq!(
                error.code(),
                protocol::ErrorCode::InvalidRequest,
                "{context}"
            );
        }
    }

    #[test]
    fn every_view_has_a_module_in_the_manifest() {
        let manifest = include_str!("../../../manifest.yml");
        for key in [
            "golpo-content-action",
            "golpo-context-menu",
            "golpo-byline",
            "golpo-library",
            "golpo-video",
            "golpo-settings",
        ] {
            assert!(view_of(key).is_some());
            assert!(manifest.contains(&format!("key: {key}\n")), "{key}");
        }
    }
}
