//! What is a person by its shape alone, whoever it is: e-mail addresses, Atlassian account ids and
//! user keys, mentions in wiki markup and addresses of profiles. Each looks at a bounded stretch of
//! text around the sign that gives it away, never at the whole.

use std::ops::Range;

use protocol::RemovalKind;

use crate::{fold, people::is_people_url};

/// A stretch of a text and what it is.
pub(crate) struct Find {
    pub range: Range<usize>,
    pub kind: RemovalKind,
}

fn find(range: Range<usize>, kind: RemovalKind) -> Option<Find> {
    Some(Find { range, kind })
}

/// The most bytes of an address that is looked at.
const MAX_URL_BYTES: usize = 2_048;
/// The most bytes of an e-mail address before its sign.
const MAX_LOCAL_BYTES: usize = 128;

fn is_local(character: char) -> bool {
    fold::is_word(character) || matches!(character, '.' | '+' | '-' | '_' | '\'' | '’')
}

/// Where the characters that fulfil a condition begin, looking back from `end` but not before
/// `from`.
fn back(text: &str, from: usize, end: usize, fits: impl Fn(char) -> bool) -> usize {
    let mut start = end;
    for (index, character) in text.get(from..end).unwrap_or_default().char_indices().rev() {
        if !fits(character) || end - start > MAX_LOCAL_BYTES {
            break;
        }
        start = from + index;
    }
    start
}

/// Bytes of the domain at the start of a text.
fn domain(text: &str) -> Option<usize> {
    let end = text
        .char_indices()
        .take(256)
        .find(|(_, character)| !(fold::is_word(*character) || matches!(character, '.' | '-')))
        .map_or(text.len().min(256), |(index, _)| index);
    let domain = text.get(..end)?.trim_end_matches(['.', '-']);
    let valid = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    valid.then_some(domain.len())
}

/// The e-mail address around its sign of `sign` bytes at `at`, not beginning before `from`.
pub(crate) fn email(text: &str, from: usize, at: usize, sign: usize) -> Option<Find> {
    let start = back(text, from, at, is_local);
    let start = start
        + text
            .get(start..at)?
            .find(|first: char| !matches!(first, '.' | '\'' | '’' | '-'))?;
    let length = domain(text.get(at + sign..)?)?;
    find(start..at + sign + length, RemovalKind::Email)
}

/// Bytes of what goes on an address that was found, or makes one of whatever is said before it:
/// "@b.example@c.example", " [at] c [dot] example". A neutral word must not become half of one.
pub(crate) fn tail(text: &str) -> usize {
    let mut end = 0;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let address = sign_behind(text, end).and_then(|(at, sign)| {
            let length = domain(text.get(at + sign..)?)?;
            Some(at + sign + length)
        });
        match (address, spelled_domain(rest, false)) {
            (Some(to), _) => end = to,
            (None, Some(length)) if length > 0 => end += length,
            _ => return end,
        }
    }
}

/// The sign of an e-mail address, and its bytes, of which `text[..at]` is the beginning.
pub(crate) fn sign_behind(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let local = rest
        .char_indices()
        .take(65)
        .find(|(_, character)| !is_local(*character))?
        .0;
    let sign = match rest.as_bytes().get(local)? {
        b'@' => 1,
        b'%' if rest.get(local..)?.starts_with("%40") => 3,
        _ => return None,
    };
    Some((at + local, sign))
}

/// What parts the halves of an address that is written out: " at ", "[at]", "(dot)". The answer is
/// its bytes.
fn spelled(text: &str, word: &str, bare: bool) -> Option<usize> {
    let inner = text.trim_start_matches(' ');
    let blanks = text.len() - inner.len();
    if blanks > 2 {
        return None;
    }
    let (open, close) = match inner.as_bytes().first()? {
        b'[' => (1, Some(']')),
        b'(' => (1, Some(')')),
        b'{' => (1, Some('}')),
        b'<' => (1, Some('>')),
        _ if bare && blanks > 0 => (0, None),
        _ => return None,
    };
    let inner = inner.get(open..)?;
    let head = inner.get(..word.len())?;
    let after = inner.get(word.len()..)?;
    let signs = match close {
        Some(sign) => after.starts_with(sign).then_some(1)?,
        None => after.starts_with(' ').then_some(0)?,
    };
    if !head.eq_ignore_ascii_case(word) {
        return None;
    }
    let blank = after.get(signs..)?;
    let blank = blank.len() - blank.trim_start_matches(' ').len();
    Some(blanks + open + word.len() + signs + blank.min(2))
}

/// Bytes of "at example dot com" at the start of a text, in words or in brackets; `bare` where
/// words without brackets count, because somebody known stands before them.
pub(crate) fn spelled_domain(text: &str, bare: bool) -> Option<usize> {
    let mut at = spelled(text, "at", bare).or_else(|| {
        let sign = text.strip_prefix(' ')?.strip_prefix("@ ")?;
        (bare && sign.starts_with(char::is_alphanumeric)).then_some(3)
    })?;
    let mut labels = 0;
    loop {
        let label = text
            .get(at..)?
            .find(|sign: char| !(sign.is_alphanumeric() || sign == '-'))
            .unwrap_or(text.len() - at);
        if label == 0 {
            return None;
        }
        labels += 1;
        at += label;
        let rest = text.get(at..)?;
        let dot = if rest.starts_with('.') && rest[1..].starts_with(char::is_alphanumeric) {
            Some(1)
        } else {
            spelled(rest, "dot", true)
        };
        match dot {
            Some(dot) if labels < 8 => at += dot,
            _ => break,
        }
    }
    (labels > 1).then_some(at)
}

/// An address that is written out with brackets around its sign, which begin at `at`.
pub(crate) fn spelled_email(text: &str, from: usize, at: usize) -> Option<Find> {
    let rest = text.get(at..)?;
    let length = spelled_domain(rest, false)?;
    let blank = text.get(from..at)?.ends_with(' ');
    let end = at - usize::from(blank);
    let start = back(text, from, end, is_local);
    (start < end).then_some(())?;
    find(start..at + length, RemovalKind::Email)
}

/// A mention in wiki markup, `[~name]` or `[~accountid:…]`, at the start of a text.
pub(crate) fn wiki_mention(text: &str, at: usize) -> Option<Find> {
    let rest = text.get(at..)?;
    if !rest.starts_with("[~") {
        return None;
    }
    // Where lines or lists of words part it, it is none.
    let ends = |byte: u8| byte <= b' ' || matches!(byte, b']' | b',' | b'[');
    let end = rest.bytes().take(130).skip(1).position(ends)? + 1;
    (rest.as_bytes().get(end) == Some(&b']'))
        .then(|| find(at..at + end + 1, RemovalKind::Mention))?
}

/// The address around the colon at `at` of a scheme, whether it is a person's or not.
pub(crate) fn url(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let start = back(text, from, at, |it| it.is_ascii_alphabetic());
    let scheme = text.get(start..at)?;
    let behind = text.get(at + 1..)?;
    let known = behind.starts_with("//")
        || [
            "mailto", "tel", "sms", "sip", "sips", "callto", "skype", "xmpp", "im", "msteams",
            "whatsapp", "facetime",
        ]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme));
    let begins =
        behind.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '/' | '+'));
    if !known || !begins || scheme.is_empty() {
        return None;
    }
    Some(start..word_end(text, at))
}

/// Where the address ends that reaches over `at`, without the punctuation behind it.
fn word_end(text: &str, at: usize) -> usize {
    let ends = |character: char| {
        character.is_whitespace() || r#""<>'|)]}`，。、；）」』】"#.contains(character)
    };
    let rest = text.get(at..).unwrap_or_default();
    let end = rest
        .char_indices()
        .find(|(index, character)| *index > MAX_URL_BYTES || ends(*character))
        .map_or(rest.len(), |(index, _)| index);
    let address = rest.get(..end).unwrap_or_default();
    at + address
        .trim_end_matches(['.', ',', ';', ':', '!', '?'])
        .len()
}

/// The address without a scheme around the slash at `at`.
pub(crate) fn bare_url(text: &str, from: usize, at: usize) -> Option<Find> {
    let rest = text.get(at..)?;
    let head = rest.get(..14).unwrap_or(rest).to_ascii_lowercase();
    let is_personal = [
        "/~",
        "/%7e",
        "/people/",
        "/user_profile/",
        "/viewuserprofi",
        "/viewprofile",
    ]
    .iter()
    .any(|part| head.starts_with(part));
    if !is_personal {
        return None;
    }
    let start = back(text, from, at, |it| {
        it.is_alphanumeric() || matches!(it, '.' | '-' | '_' | '/' | ':' | '%' | '~')
    });
    let end = word_end(text, at);
    let address = text.get(start..end)?;
    // "/people/" alone may be any path; an id behind it makes it a profile.
    let is_id = |id: &str| id.len() >= 20 && id.bytes().any(|byte| byte.is_ascii_digit());
    let is_profile = !head.starts_with("/people/") || address.rsplit('/').any(is_id);
    let is_home = head.starts_with("/~") && address.len() == at - start + 2;
    (is_profile && !is_home && is_people_url(address)).then_some(())?;
    find(start..end, RemovalKind::PeopleLink)
}

/// The account id around its colon of `sign` bytes at `at`: a realm and a UUID.
pub(crate) fn account_id(text: &str, from: usize, at: usize, sign: usize) -> Option<Find> {
    let start = back(text, from, at, |it| it.is_ascii_alphanumeric());
    let realm = text.get(start..at)?;
    let is_realm =
        !realm.is_empty() && realm.len() <= 12 && realm.bytes().all(|byte| byte.is_ascii_digit())
            || ["ug", "qm", "accountid", "unknown"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(realm));
    if !is_realm {
        return None;
    }
    let uuid = |at: usize| {
        let uuid = text.as_bytes().get(at..at + 36)?;
        uuid.iter()
            .enumerate()
            .all(|(index, byte)| match index {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
            .then_some(at + 36)
    };
    let mut end = uuid(at + sign)?;
    // "qm:" has a second part.
    let rest = text.get(end..)?;
    for colon in [":", "%3A", "%3a"] {
        if rest.starts_with(colon) {
            end = uuid(end + colon.len()).unwrap_or(end);
        }
    }
    find(start..end, RemovalKind::AccountId)
}

/// What may stand between a user's key and the words that say what it is.
const BEFORE_KEY: [char; 8] = [' ', ':', '=', '"', '\'', '-', '/', '>'];

/// Whether words begin with what is a user's key behind others that say so.
pub(crate) fn may_be_key(words: &str) -> bool {
    let key = words.trim_start_matches(BEFORE_KEY).as_bytes();
    key.len() >= 32 && key[..32].iter().all(u8::is_ascii_hexdigit)
}

/// The id around the long word that reaches over `at`: 24 hexadecimal digits, or 32 where words
/// before them say that they are a user's key.
pub(crate) fn hexadecimal(text: &str, from: usize, at: usize) -> Option<Find> {
    let start = back(text, from, at, |it| it.is_ascii_alphanumeric());
    let bytes = text.as_bytes();
    let length = bytes
        .iter()
        .skip(start)
        .take(33)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let word = text.get(start..start + length)?;
    if !word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let is_key = || {
        let before = text.get(from..start).unwrap_or_default();
        let before = before.trim_end_matches(BEFORE_KEY);
        let word = back(before, 0, before.len(), |it| it.is_ascii_alphabetic());
        let (before, word) = before.split_at(word);
        let word = word.to_ascii_lowercase();
        let is_user = |text: &str| {
            let tail = text.len().checked_sub(4).and_then(|tail| text.get(tail..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case("user"))
        };
        word.contains("user") || word == "key" && is_user(before.trim_end())
    };
    let is_id = length == 24 || length == 32 && is_key();
    is_id.then_some(())?;
    find(start..start + length, RemovalKind::AccountId)
}
