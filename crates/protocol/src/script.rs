//! The narration source: what leaves the site, and what was taken out of it before (P9).

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, Narration};

/// One section of a script.
///
/// `text` is lines: an empty line parts paragraphs, a line that starts with `- ` (indented by two
/// blanks a level) or `1. ` is a list item, all else is prose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScriptSection {
    /// The heading; empty for text before the first heading.
    pub heading: String,
    /// The lines.
    pub text: String,
}

/// A narration source within the limits: a title of 1 to 300 characters, 1 to 200 sections,
/// 200,000 characters in all, at least one section with something to tell.
///
/// Page content, so `Debug` prints its size alone (P14).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawScript")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Script {
    title: String,
    sections: Vec<ScriptSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScript {
    title: String,
    sections: Vec<ScriptSection>,
}

/// A script beyond its limits; names the limit, never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// No title.
    #[error("a script needs a title")]
    NoTitle,
    /// Title too long.
    #[error("a script's title has at most {} characters", Script::MAX_TITLE_CHARS)]
    TitleTooLong,
    /// Too many sections.
    #[error("a script has at most {} sections", Script::MAX_SECTIONS)]
    TooManySections,
    /// Too much text.
    #[error("a script has at most {} characters", Script::MAX_CHARS)]
    TooLong,
    /// Nothing to tell.
    #[error("a script needs at least one section with text")]
    Empty,
}

impl ScriptError {
    /// Every error.
    pub const ALL: &[Self] = &[
        Self::NoTitle,
        Self::TitleTooLong,
        Self::TooManySections,
        Self::TooLong,
        Self::Empty,
    ];

    /// The stable code.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::NoTitle | Self::Empty => ErrorCode::InvalidRequest,
            Self::TitleTooLong | Self::TooManySections | Self::TooLong => ErrorCode::TooLarge,
        }
    }

    /// The error that a serde message tells of. serde keeps no typed cause, and what else its
    /// messages hold may quote the value, so that only these sentences of our own are recognised.
    pub fn of_message(message: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|error| message.starts_with(&error.to_string()))
    }
}

impl Script {
    /// The most characters of a title.
    pub const MAX_TITLE_CHARS: usize = 300;
    /// The most sections.
    pub const MAX_SECTIONS: usize = 200;
    /// The most characters of all headings and texts together.
    pub const MAX_CHARS: usize = 200_000;

    /// A script of a title and sections; sections with neither heading nor text are left out.
    pub fn new(title: String, mut sections: Vec<ScriptSection>) -> Result<Self, ScriptError> {
        let title = title.trim().to_owned();
        sections.retain(|section| {
            !section.heading.trim().is_empty() || !section.text.trim().is_empty()
        });
        if title.is_empty() {
            return Err(ScriptError::NoTitle);
        }
        if title.chars().count() > Self::MAX_TITLE_CHARS {
            return Err(ScriptError::TitleTooLong);
        }
        if sections.len() > Self::MAX_SECTIONS {
            return Err(ScriptError::TooManySections);
        }
        let chars: usize = sections
            .iter()
            .map(|section| section.heading.chars().count() + section.text.chars().count())
            .sum();
        if chars > Self::MAX_CHARS {
            return Err(ScriptError::TooLong);
        }
        if sections.is_empty() {
            return Err(ScriptError::Empty);
        }
        Ok(Self { title, sections })
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The sections in reading order.
    pub fn sections(&self) -> &[ScriptSection] {
        &self.sections
    }

    /// The narration of title, headings and texts.
    pub fn narration(&self) -> Narration {
        let sections = self.sections.iter();
        Narration::of(&self.title) + sections.map(ScriptSection::narration).sum()
    }

    /// Words of title, headings and texts, counted as [`Narration`] says.
    pub fn words(&self) -> usize {
        self.narration().words()
    }

    /// Seconds of narration at 150 words a minute (the pace that Golpo's API documents).
    pub fn estimated_seconds(&self) -> u32 {
        self.narration().seconds()
    }
}

impl ScriptSection {
    /// The narration of heading and text.
    pub fn narration(&self) -> Narration {
        Narration::of(&self.heading) + Narration::of(&self.text)
    }
}

impl TryFrom<RawScript> for Script {
    type Error = ScriptError;
    fn try_from(raw: RawScript) -> Result<Self, ScriptError> {
        Self::new(raw.title, raw.sections)
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Script({} sections, {} words)",
            self.sections.len(),
            self.words()
        )
    }
}

impl std::fmt::Debug for ScriptSection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "ScriptSection({} bytes)",
            self.heading.len() + self.text.len()
        )
    }
}

/// What kind of identity was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum RemovalKind {
    /// A mention of a person or team.
    Mention,
    /// A link to a person's profile, or to their mail or chat.
    PeopleLink,
    /// A macro that shows people: profile, contributors and the like.
    PeopleMacro,
    /// A known person's name in plain text.
    Name,
    /// An e-mail address in plain text.
    Email,
    /// An Atlassian account id in plain text.
    AccountId,
}

/// Where an identity stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Place {
    /// The page's title.
    Title,
    /// A heading.
    Heading,
    /// Prose.
    Prose,
    /// A list.
    List,
    /// A task or decision.
    Task,
    /// A table.
    Table,
    /// A listing.
    Code,
    /// What is told of a picture.
    Picture,
}

/// Identities of one kind taken out of one place of a section. Says neither who they were nor what
/// stood there: that stays on the page (P9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Removal {
    /// The kind.
    pub kind: RemovalKind,
    /// The place.
    pub place: Place,
    /// The index of the script's section; `None` for the title.
    pub section: Option<u32>,
    /// How many there were.
    pub count: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(text: &str) -> ScriptSection {
        ScriptSection {
            heading: String::new(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn limits_are_errors_that_name_the_limit() {
        let title = || "Title".to_owned();
        assert_eq!(
            Script::new(" ".into(), vec![section("a")]),
            Err(ScriptError::NoTitle)
        );
        assert_eq!(
            Script::new("t".repeat(301), vec![section("a")]),
            Err(ScriptError::TitleTooLong)
        );
        assert_eq!(
            Script::new(title(), vec![section(" ")]),
            Err(ScriptError::Empty)
        );
        assert_eq!(
            Script::new(title(), vec![section("a"); 201]),
            Err(ScriptError::TooManySections)
        );
        assert_eq!(
            Script::new(title(), vec![section(&"é".repeat(200_001))]),
            Err(ScriptError::TooLong)
        );
        assert!(Script::new(title(), vec![section(&"é".repeat(200_000))]).is_ok());
    }

    #[test]
    fn a_limit_is_recognised_in_serdes_message() {
        let long = format!(r#"{{"title":"{}","sections":[]}}"#, "t".repeat(301));
        let message = serde_json::from_str::<Script>(&long)
            .unwrap_err()
            .to_string();
        assert_eq!(
            ScriptError::of_message(&message),
            Some(ScriptError::TitleTooLong)
        );
        assert_eq!(ScriptError::of_message("missing field `title`"), None);
    }

    #[test]
    fn p14_debug_shows_no_content() {
        let script = Script::new("Secret plan".into(), vec![section("buy the moon")]).unwrap();
        assert_eq!(
            format!("{script:?} {:?}", script.sections()),
            "Script(1 sections, 5 words) [ScriptSection(12 bytes)]"
        );
    }

    #[test]
    fn narration_time_is_150_words_a_minute() {
        let script = Script::new("one".into(), vec![section(&"word ".repeat(149))]).unwrap();
        assert_eq!((script.words(), script.estimated_seconds()), (150, 60));
    }
}
