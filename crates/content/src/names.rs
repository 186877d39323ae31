//! Finds people in plain text: the names and ids that the page's own mentions gave away, e-mail
//! addresses, Atlassian account ids and addresses of profiles. One pass over the text; each word
//! costs a few look-ups, however many people the page mentions.

use std::{cmp::Reverse, collections::BTreeMap, ops::Bound};

use protocol::RemovalKind;

use crate::{
    model::{Document, PersonRef},
    people::{is_people_url, user_in_url},
    words::{self, fold, is_wide, is_word, token_length},
};

/// A person found on the page.
#[derive(Clone, Copy)]
pub(crate) struct Person<'a> {
    pub kind: RemovalKind,
    pub text: &'a str,
}

/// The names known from a page, as words in lower case without accents, parted by blanks.
// A tree and not a hash map: its order tells at once whether any name goes on with a word, and
// nobody can choose names that collide.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<String, Written>);

/// How a name must be written to count as one; the laxest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Written {
    /// In any letters.
    Anyhow,
    /// With capitals.
    Capitalised,
    /// With a capital that the start of a sentence does not explain: the word is ordinary as well.
    AmidSentence,
    /// Behind a sign of handles and paths.
    AsHandle,
}

/// A find in a text: where it ends and of what kind it is.
struct Find {
    end: usize,
    kind: RemovalKind,
}

/// The most words of a name or id that is looked for.
const MAX_WORDS: usize = 8;
/// The most bytes of an address that is looked at.
const MAX_URL_BYTES: usize = 2_048;

impl Names {
    /// What the mentions and people links of a document give away.
    pub(crate) fn of(document: &Document) -> Self {
        let mut names = Self::default();
        let mut people: Vec<PersonRef<'_>> = document
            .people()
            .filter(|person| person.kind != RemovalKind::PeopleMacro)
            .collect();
        // The same person many times is learned once.
        people.sort_by_key(|person| (person.text, person.id, Reverse(person.kind)));
        people.dedup_by(|a, b| (a.kind, a.text, a.id) == (b.kind, b.text, b.id));
        for person in people {
            names.learn_id(person.id);
            names.learn_id(user_in_url(person.id));
            names.learn_name(person.kind, person.text);
        }
        names
    }

    /// Learns an id or a username, unless it is one that stands for a role.
    fn learn_id(&mut self, id: &str) {
        let tokens = tokens(id);
        let letters: usize = tokens.iter().map(String::len).sum();
        let distinct = match tokens.as_slice() {
            [] => false,
            [one] => {
                let digits = one.chars().any(|character| character.is_ascii_digit());
                (letters >= 5 || digits && letters >= 3) && !words::is_common(one)
            }
            _ => letters >= 6 && !tokens.iter().all(|token| words::is_common(token)),
        };
        if distinct && !id.contains(['/', ':', '@']) {
            self.insert(&tokens, Written::Anyhow);
        }
    }

    /// Learns a name: in full, turned round, by its single words and by initials, each as far as
    /// it is unlikely to be an ordinary word.
    fn learn_name(&mut self, kind: RemovalKind, text: &str) {
        // "Ilse Korrigan (Deactivated)", "Korrigan, Ilse".
        let text = text.trim().trim_start_matches('@');
        let text = text.split(['(', '[']).next().unwrap_or_default().trim();
        let turned;
        let text = match text.split_once(',') {
            Some((last, first)) => {
                turned = format!("{} {}", first.trim(), last.trim());
                turned.as_str()
            }
            None => text,
        };
        let parts: Vec<&str> = text
            .split_whitespace()
            .filter(|word| !words::is_title(word))
            .collect();
        let is_name = (1..=6).contains(&parts.len())
            && text.len() <= 200
            && !text.contains(['/', ':', '@'])
            && parts
                .iter()
                .all(|part| part.starts_with(char::is_alphabetic));
        // The words of a link may be any words: only what looks like a name is taken for one.
        let is_trusted = kind == RemovalKind::Mention || words::looks_like_name(&parts);
        if !is_name || !is_trusted {
            return;
        }
        if let [handle] = parts.as_slice()
            && handle.starts_with(char::is_lowercase)
        {
            self.learn_id(handle);
            return;
        }
        let all = tokens(text);
        if words::is_group(parts.last().copied().unwrap_or_default()) {
            self.insert(&all, Written::Capitalised);
            return;
        }
        for part in &parts {
            self.learn_word(part);
        }
        if all.len() < 2 {
            return;
        }
        let ordinary = all.iter().all(|token| words::ordinary(token).is_some());
        let written = if ordinary {
            Written::Capitalised
        } else {
            Written::Anyhow
        };
        self.insert(&all, written);
        if let [first, .., last] = parts.as_slice() {
            let (first, last) = (tokens(first), tokens(last));
            self.insert(&[first.clone(), last.clone()].concat(), written);
            self.insert(&[last.clone(), first.clone()].concat(), written);
            self.learn_short_forms(&first, &last);
        }
    }

    /// "I. Korrigan", "Ilse K.", "ikorrigan", "ilsekorrigan".
    fn learn_short_forms(&mut self, first: &[String], last: &[String]) {
        let ([first], [last]) = (first, last) else {
            return;
        };
        let initial = |word: &str| word.chars().take(1).collect::<String>();
        if words::ordinary(first).is_none() && words::ordinary(last).is_none() {
            let short = [initial(first), last.clone()];
            self.insert(&short, Written::Capitalised);
            let short = [first.clone(), initial(last)];
            self.insert(&short, Written::Capitalised);
        }
        let handle = initial(first) + last;
        // A short one may be a word: the handle of S. Park.
        let written = if handle.len() >= 8 {
            Written::Anyhow
        } else {
            Written::AsHandle
        };
        self.insert(&[handle], written);
        let handle = format!("{first}{last}");
        if handle.len() >= 8 {
            self.insert(&[handle], Written::Anyhow);
        }
    }

    /// One word of a name, if it may stand for the whole.
    fn learn_word(&mut self, part: &str) {
        if !part.starts_with(|first: char| first.is_alphabetic() && !first.is_lowercase()) {
            return;
        }
        let tokens = tokens(part);
        let letters: usize = tokens.iter().map(|token| token.chars().count()).sum();
        let wide = part.chars().next().is_some_and(is_wide);
        let written = match tokens.as_slice() {
            [one] if words::ordinary(one) == Some(words::Ordinary::Always) => return,
            [one] if words::ordinary(one).is_some() => Written::AmidSentence,
            _ if wide && letters >= 2 => Written::Anyhow,
            _ if letters >= 3 => Written::Capitalised,
            _ if letters == 2 => Written::AmidSentence,
            _ => return,
        };
        self.insert(&tokens, written);
    }

    fn insert(&mut self, tokens: &[String], written: Written) {
        if tokens.is_empty() || tokens.len() > MAX_WORDS {
            return;
        }
        let known = self.0.entry(tokens.join(" ")).or_insert(written);
        *known = written.min(*known);
    }

    /// Copies a text, giving each person in it to `found`, which answers with what stands instead.
    pub(crate) fn scrub(
        &self,
        text: &str,
        out: &mut String,
        found: &mut impl FnMut(Person<'_>, &str) -> String,
    ) {
        // What stands before this text is a person or nothing: either starts a sentence.
        let start = out.len();
        let mut position = 0;
        // Up to here an address was looked at already.
        let mut looked_at = 0;
        let mut before = None;
        while let Some(first) = text[position..].chars().next() {
            let rest = &text[position..];
            let token = token_length(rest);
            let find = match first {
                '@' => self
                    .name(&rest[1..], Some('@'), &out[start..])
                    .map(|find| Find {
                        end: find.end + 1,
                        ..find
                    }),
                '[' => wiki_mention(rest),
                _ if token == 0 => None,
                _ => {
                    let url = if position >= looked_at {
                        url(rest)
                    } else {
                        None
                    };
                    looked_at = looked_at.max(position + url.unwrap_or_default());
                    url.filter(|end| is_people_url(&rest[..*end]))
                        .map(|end| Find {
                            end,
                            kind: RemovalKind::PeopleLink,
                        })
                        .or_else(|| pattern(rest, token))
                        .or_else(|| self.name(rest, before, &out[start..]))
                }
            };
            let length = match find {
                Some(Find { end, kind }) => {
                    let text = &rest[..end];
                    let instead = found(Person { kind, text }, out);
                    out.push_str(&instead);
                    end
                }
                None => {
                    let length = token.max(first.len_utf8());
                    out.push_str(&rest[..length]);
                    length
                }
            };
            before = rest[..length].chars().next_back();
            position += length;
        }
    }

    /// The longest known name at the start of a text that stands behind `before`, with `told` said
    /// so far.
    fn name(&self, text: &str, before: Option<char>, told: &str) -> Option<Find> {
        let mut key = String::new();
        let mut end = 0;
        let mut capitalised = true;
        let mut longest = None;
        for _ in 0..MAX_WORDS {
            let length = token_length(&text[end..]);
            let token = &text[end..end + length];
            if length == 0 || length > 200 {
                break;
            }
            if !key.is_empty() {
                key.push(' ');
            }
            key.push_str(&fold(token));
            end += length;
            capitalised &= !token.starts_with(char::is_lowercase);
            let mut from_here = self
                .0
                .range::<str, _>((Bound::Included(key.as_str()), Bound::Unbounded));
            let Some((name, written)) = from_here.next() else {
                break;
            };
            if !name.starts_with(key.as_str()) {
                break;
            }
            let fits = *name == key
                && match written {
                    Written::Anyhow => true,
                    Written::Capitalised => capitalised,
                    Written::AmidSentence => {
                        let shouted = !token.chars().skip(1).any(char::is_lowercase);
                        capitalised && (before == Some('@') || !shouted && amid_sentence(told))
                    }
                    Written::AsHandle => matches!(before, Some('@' | '~' | '/' | '=' | '_')),
                };
            if fits {
                longest = Some(end);
            }
            match separator(&text[end..], token) {
                Some(length) => end += length,
                None => break,
            }
        }
        longest.map(|end| Find {
            end,
            kind: RemovalKind::Name,
        })
    }
}

/// The words of a text, folded.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = token_length(rest);
        if length > 0 {
            tokens.push(fold(&rest[..length]));
        }
        rest = &rest[length.max(first.len_utf8())..];
    }
    tokens
}

/// Whether what was said so far leaves a sentence open, so that a capital means something.
fn amid_sentence(told: &str) -> bool {
    let words = told.trim_end();
    !words.is_empty()
        && !told[words.len()..].contains('\n')
        && words.ends_with(|last: char| is_word(last) || matches!(last, ',' | ';' | '&' | '/'))
}

/// Bytes of what may part the words of a name, behind the word `token`.
fn separator(text: &str, token: &str) -> Option<usize> {
    let mut characters = text.chars();
    let first = characters.next()?;
    let second = characters.next();
    if token.ends_with(is_wide) && is_word(first) {
        return Some(0);
    }
    let initial = token.chars().count() == 1;
    let signs = match first {
        // "I. Korrigan" and "Korrigan, Ilse", but not the end of a sentence.
        '.' if initial && second.is_some_and(char::is_whitespace) => 1,
        ',' => 1,
        '.' | '-' | '_' | '\'' | '’' | '‐' | '‑' | '·' | '・' | '+' => {
            let length = first.len_utf8();
            return second.is_some_and(is_word).then_some(length);
        }
        _ => 0,
    };
    let blanks: usize = text[signs..]
        .chars()
        .take(4)
        .take_while(|character| character.is_whitespace())
        .map(char::len_utf8)
        .sum();
    let word = text[signs + blanks..].starts_with(is_word);
    (blanks > 0 && word).then_some(signs + blanks)
}

/// What is a person by its shape alone.
fn pattern(text: &str, token: usize) -> Option<Find> {
    let email = email(text).map(|end| Find {
        end,
        kind: RemovalKind::Email,
    });
    email.or_else(|| {
        account_id(text, token).map(|end| Find {
            end,
            kind: RemovalKind::AccountId,
        })
    })
}

/// The end of the address at the start of a text, without the punctuation behind it.
fn url(text: &str) -> Option<usize> {
    let head = text.get(..12).unwrap_or(text).to_ascii_lowercase();
    let has_scheme = ["http://", "https://", "slack://"]
        .iter()
        .any(|scheme| head.starts_with(scheme))
        || head.starts_with("mailto:");
    if !has_scheme {
        return None;
    }
    let ends = |character: char| character.is_whitespace() || r#""<>'|)]}"#.contains(character);
    let end = text
        .char_indices()
        .find(|(index, character)| *index > MAX_URL_BYTES || ends(*character))
        .map_or(text.len(), |(index, _)| index);
    Some(
        text[..end]
            .trim_end_matches(['.', ',', ';', ':', '!', '?'])
            .len(),
    )
}

/// A mention in wiki markup, `[~name]` or `[~accountid:…]`, at the start of a text.
fn wiki_mention(text: &str) -> Option<Find> {
    if !text.starts_with("[~") {
        return None;
    }
    let end = text.bytes().take(130).position(|byte| byte == b']')?;
    Some(Find {
        end: end + 1,
        kind: RemovalKind::Mention,
    })
}

/// The end of the e-mail address at the start of a text, also where its sign is percent-encoded.
fn email(text: &str) -> Option<usize> {
    let local = |character: char| {
        character.is_alphanumeric() || matches!(character, '.' | '+' | '-' | '_' | '\'' | '’')
    };
    let (at, sign) = text
        .char_indices()
        .take(65)
        .find(|(_, character)| !local(*character))?;
    let sign = match sign {
        '@' => 1,
        '%' if text[at..].starts_with("%40") => 3,
        _ => return None,
    };
    if at == 0 {
        return None;
    }
    let domain = &text[at + sign..];
    let end = domain
        .char_indices()
        .find(|(_, character)| !(character.is_alphanumeric() || matches!(character, '.' | '-')))
        .map_or(domain.len(), |(index, _)| index);
    let domain = domain[..end].trim_end_matches(['.', '-']);
    let valid = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    valid.then_some(at + sign + domain.len())
}

/// The end of the Atlassian account id at the start of a text whose first word has `token` bytes:
/// 24 hexadecimal digits, or a number, a colon (perhaps percent-encoded) and a UUID.
fn account_id(text: &str, token: usize) -> Option<usize> {
    let word = &text[..token];
    if token == 24 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(token);
    }
    let is_realm = word.bytes().all(|byte| byte.is_ascii_digit()) || matches!(word, "ug" | "qm");
    if !is_realm {
        return None;
    }
    let after = &text[token..];
    let colon = [":", "%3A", "%3a"]
        .iter()
        .find(|colon| after.starts_with(**colon))?
        .len();
    let uuid = after.as_bytes().get(colon..colon + 36)?;
    let fits = uuid.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    fits.then_some(token + colon + 36)
}
