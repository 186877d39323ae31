//! Makes clean prose sound as it is meant: abbreviations and signs that a speech program says wrong
//! are put into words, decoration and mark-up that was typed by hand goes. It must never change a
//! number, a date or an ordinary word, nor join two of them.

mod words;

use std::borrow::Cow;

use words::{Abbreviation, When, Words};

/// How often a text is gone over: what is dropped may bring two halves of a sign together.
const MOST_ROUNDS: usize = 6;

/// Prose as it is to be spoken in a language (ISO 639-1; English where none is known). Of languages
/// that have no table only decoration is dropped. A text that is said right already is only
/// borrowed; what comes out is said right.
pub fn speakable<'a>(text: &'a str, language: Option<&str>) -> Cow<'a, str> {
    let words = Words::of(language);
    let mut text = Cow::Borrowed(text);
    for _ in 0..MOST_ROUNDS {
        match Speaker::new(&text, words).run() {
            Some(changed) => text = Cow::Owned(changed),
            None => break,
        }
    }
    text
}

/// Bytes at which something may have to be changed.
static IS_SIGN: [bool; 256] = signs();

#[allow(clippy::indexing_slicing)] // In bounds: runs when the crate is compiled.
const fn signs() -> [bool; 256] {
    let mut table = [false; 256];
    // The first byte of signs; of "×" the second, since the first is that of "é" and "ü" too.
    let bytes = b".&/:#-=<>!?~*[]`|+_kv\xC2\x97\xE2\xEF\xF0";
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table
}

struct Speaker<'a> {
    text: &'a str,
    words: Option<&'static Words>,
    out: String,
    /// Up to here the text is in `out`.
    copied: usize,
    changed: bool,
    /// Where the words of a Markdown link end that was entered.
    link_end: usize,
}

/// What becomes of a sign.
enum Change<'w> {
    /// Bytes of the text that these words replace, with a blank on either side.
    Say(usize, usize, Cow<'w, str>),
    /// Bytes of the text that go; words on both sides stay apart.
    Drop(usize, usize),
    /// Bytes of the text that go without the blanks around them; words still stay apart.
    Cut(usize, usize),
    /// Bytes that a comma and these words replace.
    Comma(usize, usize, &'w str),
    /// Bytes that stay and are not looked into.
    Keep(usize),
}

impl<'a> Speaker<'a> {
    fn new(text: &'a str, words: Option<&'static Words>) -> Self {
        Self {
            text,
            words,
            out: String::new(),
            copied: 0,
            changed: false,
            link_end: 0,
        }
    }

    /// The changed text; `None` where nothing changes.
    fn run(mut self) -> Option<String> {
        let bytes = self.text.as_bytes();
        let mut position = 0;
        while let Some(found) = bytes
            .get(position..)?
            .iter()
            .position(|byte| IS_SIGN.get(usize::from(*byte)).copied().unwrap_or(false))
        {
            let at = position + found;
            position = at + 1;
            let Some(change) = self.change(at) else {
                continue;
            };
            position = self.apply(&change).max(position);
        }
        if !self.changed {
            return None;
        }
        self.out.push_str(self.text.get(self.copied..)?);
        (self.out != self.text).then_some(self.out)
    }
}

impl<'a> Speaker<'a> {
    /// The byte at an offset; 0 outside.
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or_default()
    }

    fn before(&self, at: usize) -> Option<char> {
        self.text.get(..at)?.chars().next_back()
    }

    fn after(&self, at: usize) -> Option<char> {
        self.rest(at).chars().next()
    }

    /// Whether nothing but blanks stands before on the line.
    fn starts_line(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.trim_end_matches([' ', '\t']);
        line.is_empty() || line.ends_with('\n')
    }

    fn is_blank_before(&self, at: usize) -> bool {
        self.before(at).is_none_or(char::is_whitespace)
    }

    fn is_blank_after(&self, at: usize) -> bool {
        self.after(at).is_none_or(char::is_whitespace)
    }

    /// Whether a word cannot go on before this place.
    fn is_edge_before(&self, at: usize) -> bool {
        self.before(at).is_none_or(|before| {
            before.is_whitespace()
                || matches!(
                    before,
                    '(' | '['
                        | '"'
                        | '„'
                        | '“'
                        | '«'
                        | '‘'
                        | ','
                        | ';'
                        | ':'
                        | '–'
                        | '—'
                        | '>'
                        | '*'
                        | '`'
                        | '|'
                )
        })
    }

    fn is_word_after(&self, at: usize) -> bool {
        self.after(at)
            .is_some_and(|next| next.is_alphanumeric() || next == '_')
    }

    /// Whether a number follows, behind a blank or a sign of currency.
    fn is_number_after(&self, at: usize) -> bool {
        let rest = self.rest(at);
        let rest = rest
            .strip_prefix([' ', '\u{a0}', '\u{202f}'])
            .unwrap_or(rest);
        let rest = rest
            .strip_prefix(['$', '€', '£', '+', '-', '−'])
            .unwrap_or(rest);
        rest.starts_with(|first: char| first.is_ascii_digit())
    }

    /// Whether a digit stands before, behind a blank.
    fn is_number_before(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default();
        let before = before
            .strip_suffix([' ', '\u{a0}', '\u{202f}'])
            .unwrap_or(before);
        before.ends_with(|last: char| last.is_ascii_digit())
    }

    /// What is to be done at a sign.
    fn change(&self, at: usize) -> Option<Change<'static>> {
        let next = self.byte(at + 1);
        if matches!(
            self.byte(at),
            b'-' | b'=' | b'_' | b'*' | b'|' | b'~' | b'+' | b'#'
        ) && let Some(rule) = self.rule(at)
        {
            return Some(rule);
        }
        match self.byte(at) {
            b'.' if next == b'.' => self.dots(at),
            b'.' => self.web(at).or_else(|| self.abbreviation(at)),
            b'/' => self.abbreviation(at),
            // "aka" and "vs" have no sign of their own.
            b'k' if next == b'a' && at > 0 && self.byte(at - 1) == b'a' => self.abbreviation(at),
            b'v' if next == b's' => self.abbreviation(at),
            b':' if next == b'/' => self.address(at),
            b'&' if self.is_blank_before(at) && self.is_blank_after(at + 1) => {
                self.say(at, at + 1, self.words?.and)
            }
            b'#' => self.number(at),
            b'-' | b'=' | b'<' | b'>' => self.comparison(at),
            b'!' if next == b'=' && self.byte(at + 2) != b'=' => {
                self.say(at, at + 2, self.words?.not_equal)
            }
            b'!' if next == b'[' && self.link(at + 1).is_some() => Some(Change::Cut(at, at + 1)),
            b'!' | b'?' if next == self.byte(at) => {
                let rest = self.rest(at).trim_start_matches(char::from(next));
                Some(Change::Cut(at + 1, self.text.len() - rest.len()))
            }
            b'~' if next == b'~' => Some(Change::Cut(at, at + 2)),
            b'~' if self.is_edge_before(at) && self.is_number_after(at + 1) => {
                self.say(at, at + 1, self.words?.about)
            }
            b'*' => self.emphasis(at),
            b'`' => {
                let end = self.text.len() - self.rest(at).trim_start_matches('`').len();
                let inside =
                    self.before(at).is_some_and(char::is_alphanumeric) && self.is_word_after(end);
                (!inside).then_some(Change::Cut(at, end))
            }
            b'[' => self.bracket(at),
            b']' if at == self.link_end && at > 0 => {
                let end = self.rest(at).find(')')?;
                Some(Change::Cut(at, at + end + 1))
            }
            b'|' if self.is_blank_before(at) && self.is_blank_after(at + 1) => {
                Some(self.parting(at, at + 1))
            }
            b'+' if self.rest(at).starts_with("+/-") => {
                self.say(at, at + 3, self.words?.plus_or_minus)
            }
            0xC2 => self.latin_sign(at),
            0x97 if at > 0 && self.byte(at - 1) == 0xC3 => self.times(at - 1),
            0xE2 | 0xEF | 0xF0 => self.symbol(at),
            _ => None,
        }
    }

    fn say(&self, from: usize, to: usize, words: &'static str) -> Option<Change<'static>> {
        Some(Change::Say(from, to, Cow::Borrowed(words)))
    }

    /// A comma instead of a sign between two blanks; nothing at the border of a line.
    fn parting(&self, from: usize, to: usize) -> Change<'static> {
        let line_ends = self.rest(to).trim_start_matches([' ', '\t']);
        if self.starts_line(from) || line_ends.is_empty() || line_ends.starts_with('\n') {
            Change::Drop(from, to)
        } else {
            Change::Comma(from, to, "")
        }
    }

    /// A line that is a rule and nothing else, and long runs of such signs.
    fn rule(&self, at: usize) -> Option<Change<'static>> {
        let is_rule = |sign: char| {
            matches!(
                sign,
                '-' | '=' | '_' | '*' | '|' | '~' | '+' | '#' | ':' | ' '
            )
        };
        if self.starts_line(at) {
            let line = self.rest(at).lines().next().unwrap_or_default();
            if line.chars().all(is_rule) && line.trim_end().len() >= 3 {
                return Some(Change::Drop(at, at + line.len()));
            }
            // "# Heading", "* item", "> quotation".
            let mark = line.trim_start_matches('#');
            let level = line.len() - mark.len();
            if (1..=6).contains(&level) && mark.starts_with(' ') {
                return Some(Change::Drop(at, at + level));
            }
        }
        let sign = char::from(self.byte(at));
        if !matches!(sign, '-' | '=' | '_' | '*') {
            return None;
        }
        let end = self.text.len() - self.rest(at).trim_start_matches(sign).len();
        let parts =
            matches!(sign, '-' | '=') && self.is_blank_before(at) && self.is_blank_after(end);
        (end - at >= 3).then(|| {
            if parts {
                self.parting(at, end)
            } else {
                Change::Keep(end)
            }
        })
    }

    /// More than three full stops are an ellipsis.
    fn dots(&self, at: usize) -> Option<Change<'static>> {
        let end = self.text.len() - self.rest(at).trim_start_matches('.').len();
        if end - at > 3 {
            return Some(Change::Cut(at + 3, end));
        }
        Some(Change::Keep(end))
    }

    /// The abbreviation that the sign at a place is part of.
    fn abbreviation(&self, at: usize) -> Option<Change<'static>> {
        let words = self.words?;
        // Abbreviations begin with a few letters.
        let head = self.text.as_bytes().get(..at)?;
        let letters = head
            .iter()
            .rev()
            .take(9)
            .take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80)
            .count();
        let mut start = at - letters;
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        let head = self.byte(start).to_ascii_lowercase();
        let is_known = words
            .heads
            .get(letters)
            .is_some_and(|heads| head.is_ascii_lowercase() && heads & (1 << (head - b'a')) != 0);
        let is_sign = !self.byte(at).is_ascii_alphabetic();
        if is_sign && !is_known || !self.is_edge_before(start) {
            return None;
        }
        let rest = self.rest(start);
        let found = words.abbreviations.iter().find(|(short, _, when)| {
            let end = start + short.len();
            at < end
                && rest
                    .as_bytes()
                    .get(..short.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(short.as_bytes()))
                && (!self.is_word_after(end) || *short == "w/" || *when == When::BeforeNumber)
                && match when {
                    When::Always | When::Last => true,
                    When::BeforeNumber => self.is_number_after(end),
                    When::AfterNumber | When::BeforeNoun => self.is_number_before(start),
                }
        });
        let (short, long, when) = found.or_else(|| self.second_word(start, at))?;
        let start = if short.contains(' ')
            && !rest
                .as_bytes()
                .get(..short.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(short.as_bytes()))
        {
            start - (short.find(' ').unwrap_or(0) + 1)
        } else {
            start
        };
        let end = start + short.len();
        let mut long = Cow::Borrowed(*long);
        if self.after(start).is_some_and(char::is_uppercase)
            && !short.starts_with(char::is_uppercase)
        {
            let mut letters = long.chars();
            long = Cow::Owned(
                letters
                    .next()
                    .into_iter()
                    .flat_map(char::to_uppercase)
                    .chain(letters)
                    .collect(),
            );
        }
        // The full stop of "etc." ends the sentence too.
        if short.ends_with('.') && self.ends_sentence(end, *when) {
            long.to_mut().push('.');
        }
        Some(Change::Say(start, end, long))
    }

    /// An abbreviation of two words of which only the second has a full stop.
    fn second_word(&self, start: usize, at: usize) -> Option<&'static Abbreviation> {
        if self.before(start) != Some(' ') {
            return None;
        }
        // Looked up for most full stops, so what is cheap to refuse comes first.
        let second = at + 1 - start;
        self.words?.abbreviations.iter().find(|(short, _, _)| {
            let Some(first) = short.len().checked_sub(second + 1) else {
                return false;
            };
            let Some(from) = start.checked_sub(first + 1) else {
                return false;
            };
            short.as_bytes().get(first) == Some(&b' ')
                && !short
                    .as_bytes()
                    .iter()
                    .take(first)
                    .any(|byte| matches!(byte, b'.' | b' '))
                && self
                    .text
                    .get(from..=at)
                    .is_some_and(|it| it.eq_ignore_ascii_case(short))
                && self.is_edge_before(from)
        })
    }

    fn ends_sentence(&self, at: usize, when: When) -> bool {
        let rest = self.rest(at);
        let next = rest.trim_start_matches([' ', '\u{a0}', '\t']);
        if next.is_empty() || next.starts_with('\n') {
            return true;
        }
        matches!(when, When::Last | When::AfterNumber)
            && next.len() < rest.len()
            && next.starts_with(char::is_uppercase)
    }

    /// "www.example.com/page".
    fn web(&self, at: usize) -> Option<Change<'static>> {
        let start = at.checked_sub(3)?;
        let www = self.text.get(start..at)?;
        (www.eq_ignore_ascii_case("www") && self.is_edge_before(start))
            .then(|| self.host(start, start))?
    }

    /// "https://example.com/page".
    fn address(&self, at: usize) -> Option<Change<'static>> {
        let head = self.text.as_bytes().get(..at)?;
        let letters = head
            .iter()
            .rev()
            .take(6)
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let start = at - letters;
        let scheme = self.text.get(start..at)?;
        let is_web = ["http", "https", "ftp", "ftps"]
            .iter()
            .any(|it| scheme.eq_ignore_ascii_case(it));
        (is_web && self.byte(at + 2) == b'/' && self.is_edge_before(start))
            .then(|| self.host(start, at + 3))?
    }

    /// An address that starts at `start`, its host at `host`, is said by the host.
    fn host(&self, start: usize, host: usize) -> Option<Change<'static>> {
        let ends = |sign: char| {
            sign.is_whitespace() || matches!(sign, '<' | '>' | '"' | '`' | '|' | ']' | '»' | '”')
        };
        let rest = self.rest(host);
        let whole = rest.get(..rest.find(ends).unwrap_or(rest.len()))?;
        let whole = whole.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
        let whole = match whole.strip_suffix(')') {
            Some(inside) if !inside.contains('(') => inside.trim_end_matches(['.', ',', ';', ')']),
            _ => whole,
        };
        let authority = whole.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let mut name = authority.split(':').next().unwrap_or_default();
        while let Some(rest) = name
            .get(..4)
            .filter(|it| it.eq_ignore_ascii_case("www."))
            .and_then(|_| name.get(4..))
        {
            name = rest;
        }
        if name.is_empty() || Speaker::new(name, self.words).run().is_some() {
            return Some(Change::Keep(host + whole.len()));
        }
        Some(Change::Say(
            start,
            host + whole.len(),
            Cow::Owned(name.to_owned()),
        ))
    }

    /// "#3".
    fn number(&self, at: usize) -> Option<Change<'static>> {
        let rest = self.rest(at + 1);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let fits = digits > 0 && self.is_edge_before(at) && !self.is_word_after(at + 1 + digits);
        fits.then(|| self.say(at, at + 1, self.words?.number))?
    }

    /// Arrows and comparisons of ASCII signs.
    fn comparison(&self, at: usize) -> Option<Change<'static>> {
        let rest = self.rest(at);
        let blanks = |length| self.is_blank_before(at) && self.is_blank_after(at + length);
        for (arrow, both) in [
            ("<->", true),
            ("<=>", true),
            ("-->", false),
            ("==>", false),
            ("->", false),
            ("=>", false),
        ] {
            if rest.starts_with(arrow) {
                return if !blanks(arrow.len()) {
                    Some(Change::Keep(at + arrow.len()))
                } else if both {
                    self.say(at, at + arrow.len(), self.words?.and)
                } else {
                    self.arrow(at, at + arrow.len())
                };
            }
        }
        let is_operand = || blanks(2) || self.is_number_after(at + 2) && self.byte(at + 2) != b'-';
        if rest.starts_with("<=") && is_operand() {
            return self.say(at, at + 2, self.words?.at_most);
        }
        if rest.starts_with(">=") && is_operand() {
            return self.say(at, at + 2, self.words?.at_least);
        }
        // A quotation's mark.
        (rest.starts_with("> ") && self.starts_line(at)).then_some(Change::Drop(at, at + 1))
    }

    /// An arrow between numbers or steps.
    fn arrow(&self, from: usize, to: usize) -> Option<Change<'static>> {
        let line = self.rest(to).trim_start_matches([' ', '\t']);
        if self.starts_line(from) || line.is_empty() || line.starts_with('\n') {
            return Some(Change::Drop(from, to));
        }
        let Some(words) = self.words else {
            return Some(Change::Comma(from, to, ""));
        };
        // "400 ms": the number is the last word or the one before; a number is short.
        let before = self.text.get(..from).unwrap_or_default().trim_end();
        let before = before.get(before.floor_char_boundary(before.len().saturating_sub(24))..);
        let mut last = before.unwrap_or_default().rsplit([' ', '\n']);
        let ends_in_digit = |word: &str| word.ends_with(|it: char| it.is_ascii_digit());
        let number_before = last
            .next()
            .is_some_and(|word| word.contains(|it: char| it.is_ascii_digit()))
            || last.next().is_some_and(ends_in_digit);
        if number_before && self.is_number_after(to) {
            return self.say(from, to, words.to);
        }
        Some(Change::Comma(from, to, words.then))
    }

    /// Asterisks that mark words, and a list item's.
    fn emphasis(&self, at: usize) -> Option<Change<'static>> {
        let end = self.text.len() - self.rest(at).trim_start_matches('*').len();
        if end - at > 2 {
            return Some(Change::Keep(end));
        }
        if end - at == 1 && self.starts_line(at) && self.byte(end) == b' ' {
            return Some(Change::Drop(at, end));
        }
        let word_before = self
            .before(at)
            .is_some_and(|it| it.is_alphanumeric() || end - at == 2 && !it.is_whitespace());
        let word_after = self
            .after(end)
            .is_some_and(|it| it.is_alphanumeric() || end - at == 2 && !it.is_whitespace());
        let opens = word_after && !word_before && self.is_edge_before(at);
        let closes = word_before && !word_after;
        if opens || closes {
            Some(Change::Cut(at, end))
        } else {
            Some(Change::Keep(end))
        }
    }

    /// "[words](address)" and the boxes of task lists.
    fn bracket(&self, at: usize) -> Option<Change<'static>> {
        if self.starts_line(at) {
            let rest = self.rest(at);
            if rest.starts_with("[ ] ") {
                return Some(Change::Drop(at, at + 3));
            }
            if rest.starts_with("[x] ") || rest.starts_with("[X] ") {
                return Some(Change::Drop(at, at + 3));
            }
        }
        self.link(at).map(|_| Change::Cut(at, at + 1))
    }

    /// Where the words of a link end that starts here.
    fn link(&self, at: usize) -> Option<usize> {
        const MOST: usize = 300;
        let rest = self.rest(at + 1);
        let near = rest.get(..rest.floor_char_boundary(MOST))?;
        let end = near.find([']', '[', '\n'])?;
        let behind = rest.get(end..)?.strip_prefix("](")?;
        let near = behind.get(..behind.floor_char_boundary(2 * MOST))?;
        let close = near.find([')', '\n', '(', '<'])?;
        let is_address = near.get(close..)?.starts_with(')')
            && near.get(..close)?.contains(['/', '.', '#', ':'])
            && !near.get(..close)?.contains(char::is_whitespace);
        (is_address && end > 0).then_some(at + 1 + end)
    }

    fn latin_sign(&self, at: usize) -> Option<Change<'static>> {
        match self.after(at)? {
            '§' if self.is_number_after(at + 2) || self.rest(at + 2).starts_with('§') => {
                let end = self.text.len() - self.rest(at).trim_start_matches('§').len();
                self.say(at, end, self.words?.section)
            }
            '±' => self.say(at, at + 2, self.words?.plus_or_minus),
            '·' if self.is_blank_before(at) && self.is_blank_after(at + 2) => {
                Some(self.parting(at, at + 2))
            }
            '°' | 'º' => self.abbreviation(at),
            _ => None,
        }
    }

    fn times(&self, at: usize) -> Option<Change<'static>> {
        let words = self.words?;
        let digit_before = self.before(at).is_some_and(|it| it.is_ascii_digit());
        let digit_after = self.after(at + 2).is_some_and(|it| it.is_ascii_digit());
        if digit_before && digit_after {
            self.say(at, at + 2, words.by)
        } else if digit_before || self.is_number_before(at) || self.is_number_after(at + 2) {
            self.say(at, at + 2, words.times)
        } else {
            None
        }
    }

    /// Signs beyond Latin: arrows, comparisons, marks, decoration.
    fn symbol(&self, at: usize) -> Option<Change<'static>> {
        let sign = self.after(at)?;
        let end = at + sign.len_utf8();
        match sign {
            '→' | '⇒' | '➜' | '➔' | '➡' | '⟶' | '⟹' | '➝' | '►' | '▶' => {
                self.arrow(at, end)
            }
            '←' | '⇐' | '⟵' => Some(self.parting(at, end)),
            '↔' | '⇔' | '⟷' => self.say(at, end, self.words?.and),
            '≥' | '⩾' => self.say(at, end, self.words?.at_least),
            '≤' | '⩽' => self.say(at, end, self.words?.at_most),
            '≠' => self.say(at, end, self.words?.not_equal),
            '≈' | '≃' | '≅' => self.say(at, end, self.words?.about),
            '✓' | '✔' | '✅' | '☑' | '👍' => self.mark(at, end, self.words?.yes, false),
            '✗' | '✘' | '✕' | '✖' | '❌' | '❎' | '☒' | '👎' => {
                self.mark(at, end, self.words?.no, true)
            }
            '🟢' => self.mark(at, end, self.words?.green, true),
            '🟡' | '🟠' => self.mark(at, end, self.words?.yellow, true),
            '🔴' => self.mark(at, end, self.words?.red, true),
            '•' | '‣' | '◦' | '⁃' if self.is_blank_before(at) => {
                Some(self.parting(at, end))
            }
            _ if is_decoration(sign) => {
                let rest = self.rest(at).trim_start_matches(is_decoration);
                Some(Change::Drop(at, self.text.len() - rest.len()))
            }
            _ => None,
        }
    }

    /// A mark that is the whole text, or a table's cell, is said; before words it is said where it
    /// means more than that they stand there.
    fn mark(
        &self,
        at: usize,
        end: usize,
        word: &'static str,
        always: bool,
    ) -> Option<Change<'static>> {
        let rest = self.rest(end).trim_start_matches(is_decoration);
        let end = self.text.len() - rest.len();
        let before = self.text.get(..at).unwrap_or_default().trim_end();
        let rest = rest.trim_start();
        let alone_before = before.is_empty() || before.ends_with([':', ';', '|', ',', '\n']);
        let alone_after = rest.is_empty() || rest.starts_with([';', '|', ',', '.', ')']);
        if alone_before && alone_after {
            self.say(at, end, word)
        } else if always {
            // A comma keeps the mark from being read into the sentence.
            let comma = !alone_after && (before.is_empty() || alone_before);
            let word = if comma {
                Cow::Owned(format!("{word},"))
            } else {
                Cow::Borrowed(word)
            };
            Some(Change::Say(at, end, word))
        } else {
            Some(Change::Drop(at, end))
        }
    }

    /// Carries a change out; gives where to go on.
    fn apply(&mut self, change: &Change<'_>) -> usize {
        let (from, to) = match change {
            Change::Say(from, to, _)
            | Change::Drop(from, to)
            | Change::Cut(from, to)
            | Change::Comma(from, to, _) => (*from, *to),
            Change::Keep(to) => return *to,
        };
        // What was changed already is not changed again.
        let Some(before) = self.text.get(self.copied..from) else {
            return to;
        };
        if self.byte(from) == b'['
            && let Some(end) = self.link(from)
        {
            self.link_end = end;
        }
        self.changed = true;
        self.out.push_str(before);
        self.copied = to;
        match change {
            Change::Say(_, _, words) => {
                if self.out.ends_with(|it: char| {
                    it.is_alphanumeric() || matches!(it, '.' | ',' | ';' | ':' | '%' | ')')
                }) {
                    self.out.push(' ');
                }
                self.out.push_str(words);
                if self.is_word_after(to)
                    || self
                        .after(to)
                        .is_some_and(|it| matches!(it, '$' | '€' | '£' | '-' | '+' | '('))
                {
                    self.out.push(' ');
                }
            }
            Change::Comma(_, _, words) => {
                let length = self.out.trim_end_matches([' ', '\u{a0}']).len();
                self.out.truncate(length);
                if !self
                    .out
                    .ends_with(['.', ',', ';', ':', '!', '?', '…', '\n'])
                    && !self.out.is_empty()
                {
                    self.out.push(',');
                }
                if !words.is_empty() {
                    self.out.push(' ');
                    self.out.push_str(words);
                }
                if !self.is_blank_after(to) {
                    self.out.push(' ');
                }
            }
            Change::Drop(_, _) => {
                let next = self.after(to);
                let blank = self.out.is_empty() || self.out.ends_with(char::is_whitespace);
                match next {
                    Some(' ') if blank => self.copied += 1,
                    None | Some('\n' | '.' | ',' | ';' | ':' | '!' | '?' | ')') => {
                        let length = self.out.trim_end_matches([' ', '\t']).len();
                        self.out.truncate(length);
                    }
                    Some(next) if !blank && !next.is_whitespace() => self.out.push(' '),
                    _ => {}
                }
            }
            Change::Cut(..) => {
                if self.out.ends_with(char::is_alphanumeric) && self.is_word_after(to) {
                    self.out.push(' ');
                }
            }
            Change::Keep(_) => {}
        }
        self.copied.max(to)
    }
}

/// Signs that say nothing: emoji, boxes, bullets, stars, and what colours or joins them.
fn is_decoration(sign: char) -> bool {
    matches!(sign,
        '\u{2500}'..='\u{25FF}' | '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{23E9}'..='\u{23FA}'
        | '\u{231A}'..='\u{231B}' | '\u{FE0E}' | '\u{FE0F}' | '\u{200D}' | '\u{20E3}'
        | '\u{1F000}'..='\u{1FAFF}')
        && !matches!(
            sign,
            '→' | '✓'
                | '✔'
                | '✅'
                | '☑'
                | '👍'
                | '👎'
                | '✗'
                | '✘'
                | '✕'
                | '✖'
                | '❌'
                | '❎'
                | '☒'
                | '🟢'
                | '🟡'
                | '🟠'
                | '🔴'
                | '➜'
                | '➔'
                | '➡'
                | '➝'
                | '►'
                | '▶'
        )
}

#[cfg(test)]
mod tests;
