//! The words that are said of a page and do not stand on it: what stands instead of a person, and
//! what a list, a picture or a listing is called. One set a language, so that a narration does not
//! change its language for them.

use protocol::RemovalKind;

use crate::model::Panel;

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Phrases {
    /// Instead of a person.
    pub colleague: &'static str,
    /// The same where an article stands already, or within a file's name.
    pub bare_colleague: &'static str,
    /// Instead of several people in a row, and of a group.
    pub team: &'static str,
    /// See `bare_colleague`.
    pub bare_team: &'static str,
    /// What is said behind them for the genitive of a name; empty where the language has none such.
    pub possessive: &'static str,
    /// Instead of an e-mail address.
    pub email: &'static str,
    /// Instead of an account id.
    pub account: &'static str,
    /// Before what is told of a picture.
    pub picture: &'static str,
    /// Before tasks and decisions.
    pub to_do: &'static str,
    /// Before a task that is done.
    pub done: &'static str,
    /// Before a decision.
    pub decision: &'static str,
    /// Before the words of panels that call for care; of others nothing is said.
    pub note: &'static str,
    /// See `note`.
    pub tip: &'static str,
    /// See `note`.
    pub warning: &'static str,
    /// See `note`.
    pub error: &'static str,
    /// Before a quotation.
    pub quote: &'static str,
    /// A listing, its language, and its lines: `{language}` and `{lines}` are filled in.
    pub code_of_language: &'static str,
    /// A listing whose language is not told.
    pub code: &'static str,
    /// Where a page stands: `{space}` is filled in.
    pub of_space: &'static str,
    /// What a page is labelled: `{labels}` is filled in.
    pub with_labels: &'static str,
    /// Both.
    pub of_space_with_labels: &'static str,
    /// One line of code, and more than one: `{count}` is filled in.
    pub one_line: &'static str,
    /// See `one_line`.
    pub many_lines: &'static str,
}

/// English, which is also said of pages in languages that have no phrases of their own.
pub(crate) const ENGLISH: Phrases = Phrases {
    colleague: "a colleague",
    bare_colleague: "colleague",
    team: "the team",
    bare_team: "team",
    possessive: "'s",
    email: "an e-mail address",
    account: "an account",
    picture: "Picture",
    to_do: "To do",
    done: "Done",
    decision: "Decision",
    note: "Note",
    tip: "Tip",
    warning: "Warning",
    error: "Error",
    quote: "Quote",
    code_of_language: "Code example in {language}, {lines}.",
    code: "Code example, {lines}.",
    of_space: "This page is from the space {space}.",
    with_labels: "This page is labelled {labels}.",
    of_space_with_labels: "This page is from the space {space} and is labelled {labels}.",
    one_line: "1 line",
    many_lines: "{count} lines",
};

impl Phrases {
    /// What is said instead of an identity of a kind; nothing where people are only listed.
    pub(crate) fn instead_of(&self, kind: RemovalKind) -> &'static str {
        match kind {
            RemovalKind::Mention | RemovalKind::PeopleLink | RemovalKind::Name => self.colleague,
            RemovalKind::Email => self.email,
            RemovalKind::AccountId => self.account,
            RemovalKind::PeopleMacro => "",
        }
    }

    /// What a panel's words begin with.
    pub(crate) fn panel(&self, panel: Panel) -> &'static str {
        match panel {
            Panel::Info | Panel::Success => "",
            Panel::Note => self.note,
            Panel::Tip => self.tip,
            Panel::Warning => self.warning,
            Panel::Error => self.error,
        }
    }

    /// The sentence on where a page stands; none where there is nothing to say.
    pub(crate) fn opening(&self, space: Option<&str>, labels: &str) -> Option<String> {
        let pattern = match (space, labels) {
            (None, "") => return None,
            (Some(_), "") => self.of_space,
            (None, _) => self.with_labels,
            (Some(_), _) => self.of_space_with_labels,
        };
        let words = pattern.replace("{space}", space.unwrap_or_default());
        Some(words.replace("{labels}", labels))
    }

    /// What is told of a listing instead of its code.
    pub(crate) fn code(&self, language: Option<&str>, lines: usize) -> String {
        let count = match lines {
            1 => self.one_line.to_owned(),
            more => self.many_lines.replace("{count}", &more.to_string()),
        };
        match language {
            Some(language) => self
                .code_of_language
                .replace("{language}", language)
                .replace("{lines}", &count),
            None => self.code.replace("{lines}", &count),
        }
    }
}

/// What a language of a listing is called; names that are spoken as written are kept.
pub(crate) fn language_name(key: &str) -> Option<String> {
    let known = match key {
        "" | "none" | "text" | "plaintext" | "plain" => return None,
        "bash" | "sh" | "shell" => "shell",
        "c++" | "cpp" => "C++",
        "c#" | "csharp" => "C#",
        "css" => "CSS",
        "html" | "html/xml" => "HTML",
        "js" | "javascript" => "JavaScript",
        "json" => "JSON",
        "php" => "PHP",
        "sql" => "SQL",
        "ts" | "typescript" => "TypeScript",
        "xml" => "XML",
        "yml" | "yaml" => "YAML",
        other => {
            let mut letters = other.chars();
            let first = letters.next()?.to_uppercase();
            return Some(first.chain(letters).collect());
        }
    };
    Some(known.to_owned())
}

/// What stands instead of people in a script of a language (ISO 639-1), so that a view of the
/// script can show where. Capitalised at the beginning of a sentence.
pub fn neutral_phrases(_language: Option<&str>) -> Vec<&'static str> {
    vec![ENGLISH.colleague, ENGLISH.email, ENGLISH.account]
}
