//! The words of a line of Markdown: without its signs, each link by its words, each picture by its
//! alternative text. Three passes over the line at most.

use std::collections::BTreeMap;

use crate::{Document, people::is_people_url};

/// The most bytes of a link's target, a tag or an entity.
const MAX_TARGET_BYTES: usize = 2_048;

/// Adds the words of a paragraph, heading or cell. Its lines are parted by `\n`, with `\r` before it
/// where the author wanted a line to end.
pub(super) fn inline(text: &str, out: &mut Document) {
    if !text.bytes().any(is_sign) {
        out.text(text);
        return;
    }
    let signs = Signs::of(text);
    let mut person: Option<Person<'_>> = None;
    let mut at = 0;
    while at < text.len() {
        let plain = text.as_bytes()[at..]
            .iter()
            .position(|byte| is_sign(*byte))
            .map_or(text.len(), |length| at + length);
        say(&text[at..plain], person.as_mut(), out);
        let Some(sign) = text.as_bytes().get(plain) else {
            break;
        };
        at = plain;
        let rest = &text[at..];
        let (words, length) = match sign {
            b'\\' => match rest.as_bytes().get(1) {
                Some(next) if next.is_ascii_punctuation() => (&rest[1..2], 2),
                _ => ("\\", 1),
            },
            b'`' => {
                let run = run_length(rest, b'`');
                match signs.code_ends.get(&at) {
                    Some(end) => (text[at + run..*end].trim(), end + run - at),
                    None => (&rest[..run], run),
                }
            }
            b'*' | b'_' | b'~' => {
                let run = run_length(rest, *sign);
                let dropped = signs.dropped.get(&at).copied().unwrap_or(0).min(run);
                (&rest[dropped..run], run)
            }
            b'!' if rest.starts_with("![") && signs.links.contains_key(&(at + 1)) => ("", 1),
            b'[' => match signs.links.get(&at) {
                Some(link) => {
                    if let Some(target) = link.target.filter(|it| is_people_url(it)) {
                        end_person(&mut person, out);
                        let words = String::new();
                        person = Some(Person {
                            words,
                            target,
                            end: link.close,
                        });
                    }
                    // A reference to a footnote is a number that means nothing to the ear.
                    if rest.starts_with("[^") {
                        ("", link.end - at)
                    } else {
                        ("", 1)
                    }
                }
                None => ("[", 1),
            },
            b']' => match signs.closes.get(&at) {
                Some(end) => {
                    if person.as_ref().is_some_and(|it| it.end == at) {
                        end_person(&mut person, out);
                    }
                    ("", end - at)
                }
                None => ("]", 1),
            },
            b'<' => match tag(rest) {
                Some((words, length)) => (words, length),
                None => ("<", 1),
            },
            b'&' => {
                let (words, length) = entity(rest);
                say(words.encode_utf8(&mut [0; 4]), person.as_mut(), out);
                ("", length)
            }
            b'\n' => (" ", 1),
            // A line that the author ended; of other carriage returns nothing is said.
            _ if rest.starts_with("\r\n") => ("\n", 2),
            _ => ("", 1),
        };
        say(words, person.as_mut(), out);
        at += length;
    }
    end_person(&mut person, out);
}

/// The alternative text of a paragraph that is a picture alone.
pub(super) fn picture(text: &str) -> Option<&str> {
    let text = text.trim();
    if !text.starts_with("![") || !text.ends_with([')', ']']) {
        return None;
    }
    let signs = Signs::of(text);
    let link = signs.links.get(&1)?;
    (link.end == text.len()).then(|| &text[2..link.close])
}

fn is_sign(byte: u8) -> bool {
    matches!(
        byte,
        b'\\' | b'`' | b'*' | b'_' | b'~' | b'!' | b'[' | b']' | b'<' | b'&' | b'\n' | b'\r'
    )
}

/// The words of a link that leads to a person, up to its closing bracket.
struct Person<'a> {
    words: String,
    target: &'a str,
    end: usize,
}

fn say(words: &str, person: Option<&mut Person<'_>>, out: &mut Document) {
    match person {
        Some(person) => person.words.push_str(words),
        None => out.text(words),
    }
}

fn end_person(person: &mut Option<Person<'_>>, out: &mut Document) {
    if let Some(person) = person.take() {
        out.people_link(&person.words, person.target);
    }
}

fn run_length(text: &str, sign: u8) -> usize {
    text.bytes().take_while(|byte| *byte == sign).count()
}

/// A link by where its opening bracket stands.
struct Link<'a> {
    close: usize,
    /// Where the whole link ends, target and all.
    end: usize,
    /// `None` where the target stands elsewhere.
    target: Option<&'a str>,
}

/// What the signs of a line mean, by where they stand.
#[derive(Default)]
struct Signs<'a> {
    links: BTreeMap<usize, Link<'a>>,
    /// Where links end, by their closing brackets.
    closes: BTreeMap<usize, usize>,
    /// The signs of emphasis that are not told.
    dropped: BTreeMap<usize, usize>,
    /// The sign that closes a piece of code, by the sign that opens it.
    code_ends: BTreeMap<usize, usize>,
}

/// A run of emphasis signs that waits for its partner.
struct Opener {
    at: usize,
    left: usize,
}

impl<'a> Signs<'a> {
    fn of(text: &'a str) -> Self {
        let mut signs = Self::default();
        signs.find_code(text);
        let mut brackets = Vec::new();
        let mut openers: [Vec<Opener>; 3] = Default::default();
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(sign) = bytes.get(at) {
            let mut length = 1;
            match sign {
                b'\\' => length = 2,
                b'`' => {
                    let run = run_length(&text[at..], b'`');
                    length = signs.code_ends.get(&at).map_or(run, |end| end + run - at);
                }
                b'<' => length = tag(&text[at..]).map_or(1, |(_, length)| length),
                b'[' => brackets.push(at),
                b']' => {
                    if let Some(open) = brackets.pop() {
                        length = signs.close_bracket(text, open, at);
                    }
                }
                b'*' | b'_' | b'~' => {
                    length = run_length(&text[at..], *sign);
                    signs.emphasis(text, at, length, &mut openers);
                }
                _ => {}
            }
            at += length;
        }
        signs
    }

    /// Pairs the signs of code: a run of them ends at the next run of the same length.
    fn find_code(&mut self, text: &str) {
        let mut runs = Vec::new();
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(sign) = bytes.get(at) {
            match sign {
                b'`' => {
                    let run = run_length(&text[at..], b'`');
                    runs.push((at, run));
                    at += run;
                }
                // Before code an escaped sign is none; within code there is no escape, but the run
                // that would begin behind the sign has another length.
                b'\\' if bytes.get(at + 1) == Some(&b'`') => at += 2,
                _ => at += 1,
            }
        }
        let mut next: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, length) in runs.into_iter().rev() {
            if let Some(end) = next.insert(length, at) {
                self.code_ends.insert(at, end);
            }
        }
    }

    /// A closing bracket with its partner: gives the bytes from it to the end of the link.
    fn close_bracket(&mut self, text: &'a str, open: usize, close: usize) -> usize {
        let after = &text[close + 1..];
        let label = &text[open + 1..close];
        let (length, target) = if let Some(target) = after.strip_prefix('(') {
            let Some((target, length)) = destination(target) else {
                return 1;
            };
            (1 + length, Some(target))
        } else if let Some(reference) = after.strip_prefix('[') {
            let reference = reference.as_bytes().iter().take(MAX_TARGET_BYTES);
            match reference.into_iter().position(|byte| *byte == b']') {
                Some(end) => (end + 2, None),
                None => return 1,
            }
        } else if label.starts_with('^') && label.len() <= 40 {
            (0, None)
        } else {
            return 1;
        };
        let end = close + 1 + length;
        self.links.insert(open, Link { close, end, target });
        self.closes.insert(close, end);
        end - close
    }

    /// Pairs a run of emphasis signs with those before it.
    fn emphasis(&mut self, text: &str, at: usize, length: usize, openers: &mut [Vec<Opener>; 3]) {
        let before = text[..at].chars().next_back().unwrap_or(' ');
        let after = text[at + length..].chars().next().unwrap_or(' ');
        let is_sign = |it: char| !it.is_alphanumeric() && !it.is_whitespace();
        let opens = !after.is_whitespace()
            && (!is_sign(after) || before.is_whitespace() || is_sign(before));
        let closes = !before.is_whitespace()
            && (!is_sign(before) || after.is_whitespace() || is_sign(after));
        let (kind, opens, closes) = match text.as_bytes()[at] {
            b'*' => (0, opens, closes),
            // Not within words: snake_case stays as it is.
            b'_' => (
                1,
                opens && (!closes || is_sign(before)),
                closes && (!opens || is_sign(after)),
            ),
            // "~5 min" is no emphasis.
            _ => (2, opens && length == 2, closes && length == 2),
        };
        let mut left = length;
        while closes && left > 0 {
            let Some(opener) = openers[kind].last_mut() else {
                break;
            };
            let pairs = left.min(opener.left);
            left -= pairs;
            opener.left -= pairs;
            let (opened_at, is_used_up) = (opener.at, opener.left == 0);
            *self.dropped.entry(opened_at).or_default() += pairs;
            *self.dropped.entry(at).or_default() += pairs;
            if is_used_up {
                openers[kind].pop();
            }
            // Signs between the two belong to no pair that holds both.
            for others in openers.iter_mut() {
                while others.last().is_some_and(|other| other.at > opened_at) {
                    others.pop();
                }
            }
        }
        if opens && left > 0 {
            openers[kind].push(Opener { at, left });
        }
    }
}

/// The target of a link, behind its opening parenthesis, and the bytes up to behind the closing one.
fn destination(text: &str) -> Option<(&str, usize)> {
    let mut depth = 0;
    let mut quote = None;
    for (index, byte) in text.bytes().enumerate().take(MAX_TARGET_BYTES) {
        match (byte, quote) {
            (b'"' | b'\'', None) if text[..index].ends_with(' ') => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => {}
            // No address nests deeper; and a page of opening signs would be looked through for each.
            (b'(', None) if depth == 8 => return None,
            (b'(', None) => depth += 1,
            (b')', None) if depth == 0 => {
                let target = text[..index].trim();
                let target = target.split([' ', '\n']).next().unwrap_or_default();
                return Some((target.trim_matches(['<', '>']), index + 1));
            }
            (b')', None) => depth -= 1,
            _ => {}
        }
    }
    None
}

/// An HTML tag or an address in angle brackets: the words of it and its length.
fn tag(text: &str) -> Option<(&str, usize)> {
    let bytes = text.as_bytes();
    if !bytes
        .get(1)
        .is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!'))
    {
        return None;
    }
    let end = bytes[1..]
        .iter()
        .take(MAX_TARGET_BYTES)
        .position(|byte| matches!(byte, b'>' | b'<'))?
        + 1;
    if bytes[end] == b'<' {
        return None;
    }
    let inside = text.get(1..end)?;
    let name = inside.strip_prefix('/').unwrap_or(inside);
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        let comment = inside.starts_with("!--") && inside.ends_with("--");
        return comment.then_some(("", end + 1));
    }
    let is_address = !inside.contains(char::is_whitespace)
        && (inside.contains('@') || inside.contains("://") || inside.starts_with("mailto:"));
    if is_address {
        return Some((inside, end + 1));
    }
    let name_end = name
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'-'))
        .unwrap_or(name.len());
    let is_tag = name[name_end..].is_empty() || name[name_end..].starts_with([' ', '\n', '/']);
    let is_break = name[..name_end].eq_ignore_ascii_case("br");
    is_tag.then_some((if is_break { "\n" } else { "" }, end + 1))
}

/// The character of an entity, and its length; the sign itself for what is none.
fn entity(text: &str) -> (char, usize) {
    const NAMES: &[(&str, char)] = &[
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", '\u{a0}'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("hellip", '…'),
        ("copy", '©'),
    ];
    let end = text.bytes().take(12).position(|byte| byte == b';');
    let Some(name) = end.and_then(|end| text.get(1..end)) else {
        return ('&', 1);
    };
    let number = name.strip_prefix('#').and_then(|digits| {
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => digits.parse(),
        };
        char::from_u32(code.ok()?)
    });
    let named = NAMES
        .iter()
        .find(|known| known.0 == name)
        .map(|known| known.1);
    match number.or(named) {
        Some(character) => (character, name.len() + 2),
        None => ('&', 1),
    }
}
