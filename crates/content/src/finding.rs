//! Finds people in a text, one after the other, in one pass: most bytes cost two look-ups in small
//! tables, and only a word or sign that may be somebody is looked at closely. Changes nothing.

use std::ops::Range;

use protocol::RemovalKind;

use crate::{
    fold::{self, Shape},
    names::{Before, Names},
    patterns::{self, Find},
    people::is_people_url,
    words,
};

/// Somebody in a text.
pub(crate) struct Found {
    pub range: Range<usize>,
    pub kind: RemovalKind,
    /// The find ends with the "s" of a genitive.
    pub genitive: bool,
}

/// Finds people in a text.
pub(crate) struct Finder<'a> {
    names: &'a Names,
    text: &'a str,
    /// The text is code, in which "@" begins other things as well.
    is_code: bool,
    /// The text is one word that stands alone: a cell, an item of a list.
    alone: bool,
    /// Nobody who begins before this byte is found any more.
    from: usize,
    at: usize,
    /// Up to here an address was looked at already.
    looked_at: usize,
    /// Room for a word.
    token: fold::Token,
}

const WORD: u8 = 1;
const CAPITAL: u8 = 1 << 1;
const SMALL: u8 = 1 << 2;
/// A sign that is part of addresses and ids, or a byte beyond ASCII.
const SIGN: u8 = 1 << 3;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => WORD,
            b'A'..=b'Z' => WORD | CAPITAL,
            b'a'..=b'z' => WORD | SMALL,
            b'@' | b':' | b'[' | b'(' | b'{' | b'/' | b'%' | 0x80..=0xFF => SIGN,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// Copies a text with a sign instead of each person.
pub(crate) fn mask(names: &Names, text: &str, sign: char, out: &mut String) {
    let start = out.len();
    let mut finder = Finder::new(names, text, false, false);
    let mut copied = 0;
    while let Some(found) = finder.next(out.get(start..).unwrap_or_default()) {
        out.push_str(&text[copied..found.range.start]);
        out.push(sign);
        copied = found.range.end;
    }
    out.push_str(&text[copied..]);
}

impl<'a> Finder<'a> {
    pub(crate) fn new(names: &'a Names, text: &'a str, is_code: bool, alone: bool) -> Self {
        Self {
            names,
            text,
            is_code,
            alone,
            from: 0,
            at: 0,
            looked_at: 0,
            token: fold::Token::new(),
        }
    }

    /// The next person, where `said` is what was told of the text before the last one's end.
    pub(crate) fn next(&mut self, said: &str) -> Option<Found> {
        while let Some(hit) = self.behind_a_person().or_else(|| self.hit()) {
            match self.look(said, hit) {
                Ok(found) => {
                    self.go_on(found.range.end);
                    return Some(found);
                }
                Err(to) => self.at = to,
            }
        }
        None
    }

    /// Goes on at a byte.
    pub(crate) fn go_on(&mut self, at: usize) {
        self.from = at;
        self.at = at;
    }

    /// A capital right behind somebody: it begins a word, as it will behind the neutral word.
    fn behind_a_person(&self) -> Option<usize> {
        let is_behind = self.from > 0 && self.at == self.from && !self.names.is_empty();
        let byte = self.text.as_bytes().get(self.at)?;
        (is_behind && byte.is_ascii_uppercase()).then_some(self.at)
    }

    /// The next byte that begins a word which may be a name, is a sign, or is within a word so long
    /// that it may be an id.
    fn hit(&self) -> Option<usize> {
        // On a page that names nobody no word is worth a look.
        if self.names.is_empty() {
            self.hit_of::<false>()
        } else {
            self.hit_of::<true>()
        }
    }

    fn hit_of<const NAMES: bool>(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        let mut before = match at.checked_sub(1) {
            Some(index) => CLASSES[usize::from(bytes[index])],
            None => 0,
        };
        let mut was_full = false;
        // Eight bytes at once, without a branch for each.
        while let Some(chunk) = bytes.get(at..at + 9)
            && let Ok(chunk) = <&[u8; 9]>::try_from(chunk)
        {
            let mut any = 0;
            let mut all = WORD;
            let mut last = before;
            let mut class = CLASSES[usize::from(chunk[0])];
            for index in 0..8 {
                let second = CLASSES[usize::from(chunk[index + 1])];
                any |= self.looks::<NAMES>(last, class, chunk[index], chunk[index + 1], second);
                all &= class;
                last = class;
                class = second;
            }
            if any != 0 {
                break;
            }
            if all != 0 && was_full {
                return Some(at);
            }
            was_full = all != 0;
            before = last;
            at += 8;
        }
        for (index, byte) in bytes.iter().enumerate().skip(at) {
            let next = bytes.get(index + 1).copied().unwrap_or(0);
            let class = CLASSES[usize::from(*byte)];
            if self.looks::<NAMES>(before, class, *byte, next, CLASSES[usize::from(next)]) != 0 {
                return Some(index);
            }
            before = class;
        }
        None
    }

    /// Whether a byte of a class is worth a look, between others.
    #[inline(always)]
    fn looks<const NAMES: bool>(
        &self,
        before: u8,
        class: u8,
        byte: u8,
        next: u8,
        next_class: u8,
    ) -> u8 {
        if !NAMES {
            return class & SIGN;
        }
        // A capital behind a small letter begins a word as well.
        let begins = class & !before | (class >> 1) & (before >> 2);
        (class & SIGN) | (begins & 1 & self.names.may_start(byte, next, next_class & WORD))
    }

    /// Looks closely at a byte. The error is where to go on: nobody is found before.
    fn look(&mut self, said: &str, at: usize) -> Result<Found, usize> {
        let (text, from) = (self.text, self.from);
        let plain = |find: Option<Find>| {
            find.map(|Find { range, kind }| Found {
                range,
                kind,
                genitive: false,
            })
        };
        let found = match text.as_bytes()[at] {
            b'@' => plain(patterns::email(text, from, at, 1))
                .or_else(|| {
                    let mut found = self.name(said, at + 1)?;
                    found.range.start = at;
                    Some(found)
                })
                .or_else(|| {
                    let range = unresolved_mention(text, at).filter(|_| !self.is_code)?;
                    let kind = RemovalKind::Name;
                    plain(Some(Find { range, kind }))
                }),
            b'%' => {
                let code = text.get(at + 1..at + 3).unwrap_or_default();
                match code {
                    "40" => plain(patterns::email(text, from, at, 3)),
                    "3A" | "3a" => plain(patterns::account_id(text, from, at, 3)),
                    _ => None,
                }
            }
            b':' => plain(self.colon(at)),
            b'/' if at >= self.looked_at => plain(patterns::bare_url(text, from, at)),
            b'/' => None,
            b'[' | b'(' | b'{' => {
                let mention = patterns::wiki_mention(text, at);
                plain(mention.or_else(|| patterns::spelled_email(text, from, at)))
            }
            byte if byte.is_ascii() => {
                let before = at
                    .checked_sub(1)
                    .map_or(0, |index| CLASSES[usize::from(text.as_bytes()[index])]);
                let is_hump = byte.is_ascii_uppercase() && before & SMALL != 0;
                if before & WORD == 0 {
                    self.name(said, at)
                } else {
                    let begins = is_hump && is_long_hump(text, at)
                        || byte.is_ascii_uppercase() && at == from && from > 0;
                    let name = begins.then(|| self.name(said, at));
                    name.flatten()
                        .or_else(|| plain(patterns::hexadecimal(text, from, at)))
                }
            }
            _ => return self.look_beyond_ascii(said, at),
        };
        found.ok_or(at + 1)
    }

    fn look_beyond_ascii(&mut self, said: &str, at: usize) -> Result<Found, usize> {
        let text = self.text;
        let Some(character) = text[at..].chars().next() else {
            return Err(at + 1);
        };
        let length = character.len_utf8();
        let shape = fold::shape(character);
        if shape == Shape::Border {
            return Err(at + length);
        }
        let inside = text[..at].ends_with(|last: char| last.is_ascii_alphanumeric());
        if (!inside || matches!(shape, Shape::Wide | Shape::Katakana))
            && self.names.may_start_with(character)
            && let Some(found) = self.name(said, at)
        {
            return Ok(found);
        }
        let end = fold::word_end(text, at);
        Err(match shape {
            Shape::Wide => at + length,
            // A run of katakana ends where other letters begin, which may be a name.
            Shape::Katakana => text[at..end]
                .char_indices()
                .find(|(_, it)| !matches!(fold::shape(*it), Shape::Katakana | Shape::Mark))
                .map_or(end, |(index, _)| at + index),
            _ => end,
        })
    }

    fn colon(&mut self, at: usize) -> Option<Find> {
        if at >= self.looked_at
            && let Some(range) = patterns::url(self.text, self.from, at)
        {
            self.looked_at = range.end;
            if is_people_url(&self.text[range.clone()]) {
                let kind = RemovalKind::PeopleLink;
                return Some(Find { range, kind });
            }
        }
        patterns::account_id(self.text, self.from, at, 1)
    }

    /// A known name at a byte, with the e-mail address of which it is a part.
    fn name(&mut self, said: &str, at: usize) -> Option<Found> {
        let (text, from) = (self.text, self.from);
        let mail = |range: Range<usize>| {
            Some(Found {
                range,
                kind: RemovalKind::Email,
                genitive: false,
            })
        };
        let before = Before {
            said,
            text: &text[from..at],
            alone: self.alone,
        };
        let Some(found) = self.names.find(text, at, before, &mut self.token) else {
            // "wren at example dot com": a small letter is explained by the address.
            let rest = text.as_bytes().get(at..)?;
            let end = at + rest.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
            let behind = &text[end..];
            if !behind.starts_with([' ', '(', '[', '{', '<'])
                || behind.starts_with(' ')
                    && !behind[1..].starts_with(['a', '(', '[', '{', '<', '@', ' '])
            {
                return None;
            }
            let length = patterns::spelled_domain(&text[end..], true)?;
            return self
                .names
                .knows(text, at, end)
                .then(|| mail(at..end + length))?;
        };
        let email = patterns::sign_behind(text, found.end)
            .and_then(|(at, sign)| patterns::email(text, from, at, sign));
        // The address may begin with the last word of the name.
        if let Some(email) = email {
            return mail(at.min(email.range.start)..email.range.end);
        }
        if let Some(length) = patterns::spelled_domain(&text[found.end..], true) {
            return mail(at..found.end + length);
        }
        Some(Found {
            range: at..found.end,
            kind: RemovalKind::Name,
            genitive: found.genitive,
        })
    }
}

/// Whether the part of a word before a capital is long enough to be a word of its own: the "Mc" of
/// "McDonald" is none.
fn is_long_hump(text: &str, at: usize) -> bool {
    let small = text.as_bytes()[..at]
        .iter()
        .rev()
        .take(4)
        .take_while(|byte| byte.is_ascii_lowercase())
        .count();
    let letters = small
        + usize::from(
            text.as_bytes()[..at - small]
                .last()
                .is_some_and(u8::is_ascii_uppercase),
        );
    letters >= 3
}

/// Who is mentioned in plain text though the page does not know them: "@Wren Halloway",
/// "@wren.halloway".
fn unresolved_mention(text: &str, at: usize) -> Option<Range<usize>> {
    if text[..at].ends_with(|last: char| fold::is_word(last) || matches!(last, '@' | '/' | '.')) {
        return None;
    }
    let mut token = fold::Token::new();
    let end = token.read(text, at + 1);
    if end == at + 1 || token.is_hump || token.letters().len() < 2 {
        return None;
    }
    let rest = &text[end..];
    let gap = rest.chars().next()?;
    let first_small = token.small;
    if words::of(&token).is_no_person() {
        return None;
    }
    let second = token.read(text, end + gap.len_utf8());
    let letters = token.letters();
    let is_name = letters.len() >= 2
        && !words::of(&token).is_no_person()
        && letters.iter().all(|letter| letter.is_alphabetic())
        && !text[second..].starts_with(['/', '@', '(']);
    let fits = match gap {
        ' ' => !first_small && !token.small && token.has_small && !token.wide,
        '.' => first_small && token.small && letters.len() >= 3,
        _ => false,
    };
    (is_name && fits).then_some(at..second)
}
