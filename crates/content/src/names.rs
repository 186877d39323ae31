//! Finds people in plain text: the names that the page's own mentions gave away, e-mail addresses
//! and Atlassian account ids. One pass over the text; each word is looked up once.

use std::collections::HashMap;

use protocol::RemovalKind;

use crate::model::{Block, Document, Inline};

/// A person found on the page.
#[derive(Clone, Copy)]
pub(crate) struct Person<'a> {
    pub kind: RemovalKind,
    pub text: &'a str,
}

/// The names known from a page.
#[derive(Debug, Default)]
pub(crate) struct Names {
    // By first word, so that a text's words and not its names times its length decide the work;
    // longest first, so that the full name wins over the first name.
    by_first_word: HashMap<String, Vec<String>>,
}

/// A find in a text: where it is and of what kind.
struct Find {
    end: usize,
    kind: RemovalKind,
}

impl Names {
    /// The names that the mentions and people links of a document give away.
    pub(crate) fn of(document: &Document) -> Self {
        let mut names = Self::default();
        mentioned(document)
            .into_iter()
            .for_each(|text| names.learn(text));
        names
    }

    /// Learns a mention's words: the full name, and first and last name where they are unlikely to
    /// be ordinary words.
    fn learn(&mut self, text: &str) {
        let text = text
            .trim_start_matches('@')
            .split('(')
            .next()
            .unwrap_or_default()
            .trim();
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_name = (1..=5).contains(&words.len())
            && words
                .iter()
                .all(|word| word.chars().next().is_some_and(char::is_alphabetic))
            && words
                .iter()
                .any(|word| word.chars().next().is_some_and(char::is_uppercase))
            && !text.contains(['/', '@', ':']);
        if !is_name {
            return;
        }
        self.insert(text);
        for end in [words.first(), words.last()].into_iter().flatten() {
            let capitalised = end.chars().next().is_some_and(char::is_uppercase);
            let letters = end.chars().filter(|letter| letter.is_alphabetic()).count();
            if capitalised && letters >= 3 && !ORDINARY_WORDS.contains(&end.to_lowercase().as_str())
            {
                self.insert(end);
            }
        }
    }

    fn insert(&mut self, name: &str) {
        let first = name[..word_length(name)].to_owned();
        let names = self.by_first_word.entry(first).or_default();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
            names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        }
    }

    /// Copies a text, giving each person in it to `found`, which answers with what stands instead.
    pub(crate) fn scrub(
        &self,
        text: &str,
        out: &mut String,
        found: &mut impl FnMut(Person<'_>, &str) -> String,
    ) {
        let mut position = 0;
        while position < text.len() {
            let rest = &text[position..];
            let length = word_length(rest);
            if length == 0 {
                let character = rest.chars().next().map_or(1, char::len_utf8);
                out.push_str(&rest[..character]);
                position += character;
                continue;
            }
            match self.find(rest, length) {
                Some(find) => {
                    let person = Person {
                        kind: find.kind,
                        text: &rest[..find.end],
                    };
                    let instead = found(person, out);
                    out.push_str(&instead);
                    position += find.end;
                }
                None => {
                    out.push_str(&rest[..length]);
                    position += length;
                }
            }
        }
    }

    /// The person at the start of a text whose first word has `length` bytes.
    fn find(&self, text: &str, length: usize) -> Option<Find> {
        if let Some(end) = email(text) {
            return Some(Find {
                end,
                kind: RemovalKind::Email,
            });
        }
        if let Some(end) = account_id(text, length) {
            return Some(Find {
                end,
                kind: RemovalKind::AccountId,
            });
        }
        let names = self.by_first_word.get(&text[..length])?;
        let name = names.iter().find(|name| {
            text.strip_prefix(name.as_str())
                .is_some_and(|after| !after.chars().next().is_some_and(is_word))
        })?;
        Some(Find {
            end: name.len(),
            kind: RemovalKind::Name,
        })
    }
}

/// The words of a document's mentions and people links.
pub(crate) fn mentioned(document: &Document) -> Vec<&str> {
    let mut words: Vec<&str> = document.known.iter().map(String::as_str).collect();
    Block::each_run(&document.blocks, &mut |run| {
        words.extend(run.0.iter().filter_map(|inline| match inline {
            Inline::Person {
                kind: RemovalKind::Mention | RemovalKind::PeopleLink,
                text,
            } => Some(text.as_str()),
            _ => None,
        }));
    });
    words
}

/// First names that are ordinary words as well; alone they are kept, in a full name they go.
const ORDINARY_WORDS: &[&str] = &[
    "angel",
    "art",
    "april",
    "august",
    "bill",
    "bob",
    "buck",
    "chance",
    "chase",
    "chip",
    "christian",
    "dale",
    "dawn",
    "dean",
    "drew",
    "earl",
    "eve",
    "faith",
    "frank",
    "gene",
    "glen",
    "grace",
    "grant",
    "guy",
    "harmony",
    "hope",
    "jack",
    "jay",
    "joy",
    "june",
    "king",
    "long",
    "major",
    "mark",
    "max",
    "may",
    "mercy",
    "miles",
    "may",
    "page",
    "pat",
    "patience",
    "penny",
    "pierce",
    "ray",
    "red",
    "rich",
    "rob",
    "robin",
    "rock",
    "rose",
    "ruby",
    "sky",
    "star",
    "stone",
    "sue",
    "summer",
    "team",
    "the",
    "tim",
    "victor",
    "wade",
    "ward",
    "will",
    "young",
    "and",
    "all",
    "read",
    "green",
    "brown",
    "white",
    "black",
    "small",
    "price",
    "field",
    "hill",
    "cook",
    "baker",
    "bush",
    "day",
    "case",
    "banks",
];

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Bytes of the word at the start of a text.
fn word_length(text: &str) -> usize {
    text.char_indices()
        .find(|(_, character)| !is_word(*character))
        .map_or(text.len(), |(index, _)| index)
}

/// The end of the e-mail address at the start of a text.
fn email(text: &str) -> Option<usize> {
    let local = |character: char| is_word(character) || matches!(character, '.' | '+' | '-' | '%');
    let at = text
        .char_indices()
        .take(65)
        .find(|(_, character)| !local(*character))?;
    if at.1 != '@' || at.0 == 0 {
        return None;
    }
    let domain = &text[at.0 + 1..];
    let end = domain
        .char_indices()
        .find(|(_, character)| !(character.is_alphanumeric() || matches!(character, '.' | '-')))
        .map_or(domain.len(), |(index, _)| index);
    let domain = domain[..end].trim_end_matches(['.', '-']);
    let valid = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    valid.then_some(at.0 + 1 + domain.len())
}

/// The end of the Atlassian account id at the start of a text whose first word has `length` bytes:
/// 24 hexadecimal digits, or digits, a colon and a UUID.
fn account_id(text: &str, length: usize) -> Option<usize> {
    let word = &text[..length];
    if length == 24 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(length);
    }
    if !word.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let uuid = text[length..].strip_prefix(':')?.as_bytes().get(..36)?;
    let fits = uuid.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    fits.then_some(length + 37)
}
