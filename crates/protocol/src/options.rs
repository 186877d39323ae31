//! How a video is to look and sound. What an engine really offers is its [`OptionCatalogue`];
//! the Custom UI shows nothing beyond it.

use serde::{Deserialize, Serialize};

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident $(, $(#[$variant_doc:meta])* $variant:ident)* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            #[default]
            $(#[$first_doc])* $first,
            $($(#[$variant_doc])* $variant,)*
        }
    };
}

choices!(
    /// The look of the frames.
    Style {
        /// Dark strokes on a white board.
        Whiteboard,
        /// Light strokes on a dark board.
        Chalkboard,
        /// Flat colour and plenty of room.
        ModernMinimal,
    }
);
choices!(
    /// The narrator.
    Voice {
        /// First female voice.
        Female1,
        /// Second female voice.
        Female2,
        /// First male voice.
        Male1,
        /// Second male voice.
        Male2,
    }
);
choices!(
    /// The background music.
    Music {
        /// None.
        None,
        /// Jazz.
        Jazz,
        /// Lo-fi.
        Lofi,
        /// Dramatic.
        Dramatic,
        /// Whimsical.
        Whimsical,
        /// Engaging.
        Engaging,
        /// Inspirational.
        Inspirational,
        /// Documentary.
        Documentary,
    }
);
choices!(
    /// The shape of the picture.
    Orientation {
        /// 16:9.
        Landscape,
        /// 1:1.
        Square,
        /// 9:16.
        Portrait,
    }
);
choices!(
    /// How long the video may become. The script is cut at whole sections or sentences to fit.
    Length {
        /// As long as the script needs.
        Auto,
        /// About 30 seconds.
        Seconds30,
        /// About one minute.
        Minute1,
        /// About two minutes.
        Minutes2,
        /// About four minutes.
        Minutes4,
    }
);

impl Length {
    /// The most seconds that the narration may last; `None` for as long as needed.
    pub fn seconds(self) -> Option<u32> {
        match self {
            Self::Auto => None,
            Self::Seconds30 => Some(30),
            Self::Minute1 => Some(60),
            Self::Minutes2 => Some(120),
            Self::Minutes4 => Some(240),
        }
    }
}

/// A narration language: a BCP 47 tag of two or three letters with an optional region or script
/// subtag, such as `en`, `de` or `pt-BR`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct Language(String);

impl Language {
    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Language {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

/// The text is not a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a language is a BCP 47 tag such as en, de or pt-BR")]
pub struct NotALanguage;

impl TryFrom<String> for Language {
    type Error = NotALanguage;
    fn try_from(text: String) -> Result<Self, NotALanguage> {
        let mut parts = text.split('-');
        let primary = parts.next().unwrap_or_default();
        let primary_fits = (2..=3).contains(&primary.len())
            && primary.bytes().all(|byte| byte.is_ascii_lowercase());
        let rest_fits = parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if primary_fits && rest_fits && text.len() <= 16 {
            Ok(Self(text))
        } else {
            Err(NotALanguage)
        }
    }
}

impl From<Language> for String {
    fn from(language: Language) -> String {
        language.0
    }
}

/// What a person chose for one video. Everything left out takes the first choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VideoOptions {
    /// The look.
    pub style: Style,
    /// The narrator.
    pub voice: Voice,
    /// The language of narration and captions.
    pub language: Language,
    /// The length.
    pub length: Length,
    /// The music.
    pub music: Music,
    /// The shape of the picture.
    pub orientation: Orientation,
}

/// What an engine can do: each list holds at least one choice, the default first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OptionCatalogue {
    /// Looks.
    pub styles: Vec<Style>,
    /// Narrators; empty where the engine makes silent videos.
    pub voices: Vec<Voice>,
    /// Languages.
    pub languages: Vec<Language>,
    /// Lengths.
    pub lengths: Vec<Length>,
    /// Music.
    pub music: Vec<Music>,
    /// Shapes.
    pub orientations: Vec<Orientation>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags() {
        for text in ["en", "de", "pt-BR", "zh-Hant"] {
            assert!(Language::try_from(text.to_owned()).is_ok(), "{text}");
        }
        for text in ["", "e", "EN", "en_US", "en-", "--help", "en; rm"] {
            assert!(Language::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn options_left_out_take_the_first_choice_and_unknown_ones_are_refused() {
        let options: VideoOptions = serde_json::from_str("{\"style\":\"chalkboard\"}").unwrap();
        assert_eq!(
            options,
            VideoOptions {
                style: Style::Chalkboard,
                ..VideoOptions::default()
            }
        );
        assert!(serde_json::from_str::<VideoOptions>("{\"pace\":\"fast\"}").is_err());
    }
}
