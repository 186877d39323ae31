//! Takes people out of a run of words (P9), says a neutral word instead, and counts what was taken
//! out, by section, place and kind. Never keeps a name.

use std::{borrow::Cow, collections::BTreeMap};

use protocol::{Place, RemovalKind};

use crate::{
    finding::{Finder, Found},
    fold,
    model::Piece,
    names::{Names, title},
    patterns,
    phrases::Phrases,
    telling::{PAUSE, between},
    words,
};

/// How often a run is gone over, saying neutral words.
const MOST_ROUNDS: usize = 4;
/// How often a text is gone over after that, saying nothing: it only becomes shorter.
const MOST_DROPS: usize = 8;

/// Where something was taken out and of what kind it was; no section for the title.
pub(crate) type Removed = (Option<u32>, Place, RemovalKind);

/// Cleans the runs of a page, one after the other.
pub(crate) struct Cleaning<'a> {
    names: &'a Names,
    phrases: &'static Phrases,
    removals: BTreeMap<Removed, u32>,
    /// The text is lines that were told before: their white space says what they are.
    pub(crate) is_lines: bool,
    /// The text was told before: neutral words in it are our own, and what is clean stays as it is.
    pub(crate) is_told: bool,
}

impl<'a> Cleaning<'a> {
    pub(crate) fn new(names: &'a Names, phrases: &'static Phrases) -> Self {
        Self {
            names,
            phrases,
            removals: BTreeMap::new(),
            is_lines: false,
            is_told: false,
        }
    }

    /// Adds the words of a run without its people to `out`; what stands in `out` already belongs
    /// to other runs and is not looked at. The answer is whether somebody was taken out.
    pub(crate) fn clean(
        &mut self,
        run: &[Piece<'_>],
        place: Place,
        section: usize,
        out: &mut String,
    ) -> bool {
        let section = (place != Place::Title).then(|| u32::try_from(section).unwrap_or(u32::MAX));
        let start = out.len();
        if !self.clean_once(run, place, section, Round::First, out) {
            return false;
        }
        // A neutral word may make somebody of the signs around it. What is told must be clean at
        // once: it is what the user sees, and what is cleaned again before it leaves.
        for round in 0..MOST_ROUNDS + MOST_DROPS {
            let told = out.split_off(start);
            let round = match round {
                ..MOST_ROUNDS => Round::Again,
                _ => Round::Drop,
            };
            if !self.clean_once(&[Piece::Text(&told)], place, section, round, out) {
                return true;
            }
        }
        // Nothing that reads like words needs so many.
        out.truncate(start);
        true
    }

    /// The answer is whether somebody was taken out. If nobody was, and the text has the white
    /// space of its place, it is added as it stands.
    fn clean_once(
        &mut self,
        run: &[Piece<'_>],
        place: Place,
        section: Option<u32>,
        round: Round,
        out: &mut String,
    ) -> bool {
        let mut cleaner = Cleaner {
            names: self.names,
            phrases: self.phrases,
            removals: &mut self.removals,
            section,
            place,
            start: out.len(),
            text_start: out.len(),
            out,
            last: None,
            dropped: false,
            is_whole: run.len() == 1,
            is_lines: self.is_lines,
            is_told: self.is_told || round != Round::First,
            says_nothing: round == Round::Drop,
            found: false,
        };
        for (index, piece) in run.iter().enumerate() {
            match *piece {
                Piece::Text(text) => cleaner.text(text),
                Piece::Person(person) => {
                    let after = match run.get(index + 1) {
                        Some(Piece::Text(text)) => text,
                        _ => "",
                    };
                    cleaner.count(person.kind);
                    cleaner.say(person.kind, person.text, false, after);
                }
                Piece::Open(_) | Piece::Close => {}
            }
        }
        cleaner.found
    }

    /// What was taken out, and how often.
    pub(crate) fn finish(self) -> BTreeMap<Removed, u32> {
        self.removals
    }
}

/// Why a run is gone over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    First,
    Again,
    /// Neutral words made somebody again and again: no more are said.
    Drop,
}

/// A run that is being cleaned.
struct Cleaner<'a> {
    names: &'a Names,
    phrases: &'static Phrases,
    removals: &'a mut BTreeMap<Removed, u32>,
    section: Option<u32>,
    place: Place,
    out: &'a mut String,
    /// Where the run begins in `out`.
    start: usize,
    /// Where the text begins in `out` that is being cleaned. What stands before it is a person or
    /// nothing: either may start a sentence.
    text_start: usize,
    /// What was said last instead of a person.
    last: Option<Said>,
    /// Somebody was taken out and nothing said.
    dropped: bool,
    /// The run is one text.
    is_whole: bool,
    /// See [`Cleaning`].
    is_lines: bool,
    /// See [`Cleaning`].
    is_told: bool,
    /// Nothing is said instead of people.
    says_nothing: bool,
    /// Somebody was taken out.
    found: bool,
}

/// What was said instead of a person, and where.
#[derive(Clone, Copy)]
struct Said {
    start: usize,
    end: usize,
    kind: RemovalKind,
}

impl Cleaner<'_> {
    fn text(&mut self, text: &str) {
        let even = match self.place {
            _ if self.is_lines => Cow::Borrowed(text),
            Place::Code => Cow::Borrowed(text),
            place => evened(text, place),
        };
        let text = &*even;
        // The blank before somebody who is not said must not stand before a full stop.
        if self.dropped && text.starts_with(['.', ',', ';', ':', '!', '?']) {
            let end = self.out.trim_end().len().max(self.start);
            self.out.truncate(end);
        }
        self.dropped = false;
        self.text_start = self.out.len();
        let alone = self.is_whole
            && matches!(self.place, Place::Table | Place::List)
            && text.len() <= 40
            && !text.trim().contains(char::is_whitespace);
        let mut finder = Finder::new(self.names, text, self.place == Place::Code, alone);
        let mut copied = 0;
        if self.last.is_some_and(|last| last.end == self.out.len()) {
            copied = self.skip_tail(text, 0);
            finder.go_on(copied);
        }
        while let Some(Found {
            range,
            kind,
            genitive,
        }) = finder.next(self.out.get(self.text_start..).unwrap_or_default())
        {
            if kind == RemovalKind::Name
                && (self.is_told || !text.as_bytes()[range.start].is_ascii())
                && let Some(end) = self.phrases.around(text, &range)
            {
                // A name that is part of what is said instead of people is nobody's there.
                self.out.push_str(&text[copied..end]);
                copied = end;
                finder.go_on(end);
                continue;
            }
            self.out.push_str(&text[copied..range.start]);
            self.count(kind);
            let mut end = range.end;
            if matches!(kind, RemovalKind::Name | RemovalKind::Mention)
                && let Some(mail) = bracketed_mail(text, end)
            {
                self.count(RemovalKind::Email);
                end = mail;
            }
            end = self.skip_tail(text, end);
            end += self.say(kind, &text[range], genitive, &text[end..]);
            copied = end;
            finder.go_on(end);
        }
        self.out.push_str(&text[copied..]);
    }

    /// Where a text goes on behind the rest of an address that stands at `at`.
    fn skip_tail(&mut self, text: &str, at: usize) -> usize {
        let length = patterns::tail(text.get(at..).unwrap_or_default());
        if length > 0 {
            self.count(RemovalKind::Email);
        }
        at + length
    }

    fn count(&mut self, kind: RemovalKind) {
        self.found = true;
        let count = self
            .removals
            .entry((self.section, self.place, kind))
            .or_default();
        *count = count.saturating_add(1);
    }

    /// Says a neutral word instead of a person, before the text `after`. The answer is how many
    /// bytes of that text go as well.
    fn say(&mut self, kind: RemovalKind, text: &str, genitive: bool, after: &str) -> usize {
        let is_person = matches!(
            kind,
            RemovalKind::Mention | RemovalKind::PeopleLink | RemovalKind::Name
        );
        if self.says_nothing || self.phrases.instead_of(kind).is_empty() {
            self.dropped = true;
            return 0;
        }
        // "Prof. Dr. Halloway".
        while is_person && let Some(title) = title(&self.out[self.start..]) {
            self.out.truncate(self.start + title);
        }
        let is_group = text
            .split_whitespace()
            .next_back()
            .is_some_and(|last| words::of_text(last).is_group());
        let mut several = is_group;
        if let Some(last) = self.last {
            let between = self.out.get(last.end..).unwrap_or_default();
            let was_person = matches!(
                last.kind,
                RemovalKind::Mention | RemovalKind::PeopleLink | RemovalKind::Name
            );
            if is_person == was_person && (is_person || kind == last.kind) && is_list_gap(between) {
                // People in a row, as in a list of owners, are said once.
                self.out.truncate(last.start);
                self.text_start = self.text_start.min(last.start);
                several = true;
            } else if was_person
                && !is_person
                && let Some(close) = belongs(between, after)
            {
                // "Wren Halloway <wren@example.com>" is one person.
                self.out.truncate(last.end);
                return close;
            }
        }
        let said = &self.out[self.start..];
        let bare = is_person && (after_article(said) || is_tight(said, after));
        let words = match (is_person, several, bare) {
            (true, true, true) => self.phrases.bare_team,
            (true, true, false) => self.phrases.team,
            (true, false, true) => self.phrases.bare_colleague,
            _ => self.phrases.instead_of(kind),
        };
        let is_hump = text.starts_with(char::is_uppercase)
            && (said.ends_with(|last: char| last.is_ascii_lowercase())
                || after.starts_with(|first: char| first.is_ascii_uppercase()));
        let capital = starts_sentence(said) && !said.ends_with(is_joint) || is_hump;
        let start = self.out.len();
        let mut letters = words.chars();
        if capital && let Some(first) = letters.next() {
            self.out.extend(first.to_uppercase());
        }
        self.out.push_str(letters.as_str());
        self.last = Some(Said {
            start,
            end: self.out.len(),
            kind,
        });
        if genitive {
            self.out.push_str(self.phrases.possessive);
        }
        0
    }
}

/// A text with its white space as it is told in a place in the end: single blanks, and line breaks
/// as such in prose, as pauses in lists and tables. Before people are looked for, since what stands
/// between two words says whether they are one name.
fn evened(text: &str, place: Place) -> Cow<'_, str> {
    let keeps_breaks = place == Place::Prose;
    let mut was_white = false;
    let is_even = text.bytes().all(|byte| {
        let is_white = byte <= b' ';
        let is_odd = is_white
            && (was_white || byte != b' ' && !(byte == b'\n' && keeps_breaks))
            // The first bytes of white space beyond ASCII.
            || matches!(byte, 0xC2 | 0xE1..=0xE3);
        was_white = is_white;
        !is_odd
    });
    if is_even {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut gap = None;
    for character in text.chars() {
        if character.is_whitespace() || character.is_control() {
            let breaks = character == '\n' || gap == Some('\n');
            gap = Some(if breaks { '\n' } else { ' ' });
            continue;
        }
        match (gap.take(), place) {
            (None, _) => {}
            // At the text's border it is decided later what the break becomes.
            (Some('\n'), Place::List | Place::Task | Place::Table) if !out.is_empty() => {
                out.push_str(between(&out, PAUSE));
            }
            (Some('\n'), Place::Title | Place::Heading | Place::Picture) => out.push(' '),
            (Some(gap), _) => out.push(gap),
        }
        out.push(character);
    }
    out.extend(gap);
    Cow::Owned(out)
}

/// Signs that join the parts of identifiers, paths and file names.
fn is_joint(sign: char) -> bool {
    matches!(sign, '_' | '/' | '=' | '#' | '\\' | '~')
}

/// Whether words stand within an identifier, a path or a file's name.
fn is_tight(said: &str, after: &str) -> bool {
    let mut before = said.chars().rev();
    let last = before.next();
    let joined =
        |sign: Option<char>| sign.is_some_and(|it| is_joint(it) || it.is_ascii_alphanumeric());
    // A full stop or hyphen joins where a word is on its other side.
    let weak = |sign: Option<char>| matches!(sign, Some('.' | '-'));
    let mut behind = after.chars();
    let first = behind.next();
    joined(last)
        || weak(last) && before.next().is_some_and(fold::is_word)
        || joined(first)
        || weak(first) && behind.next().is_some_and(|it| it.is_ascii_alphanumeric())
}

/// Whether the last word so far goes before a noun.
fn after_article(said: &str) -> bool {
    let words = said.trim_end_matches(' ');
    let start = words
        .rfind(|letter: char| !letter.is_ascii_alphabetic())
        .map_or(0, |index| {
            index + words[index..].chars().next().map_or(1, char::len_utf8)
        });
    words.len() < said.len()
        && words.len() - start <= 8
        && words::of_text(&words[start..]).is_article()
}

/// Whether what follows begins a sentence.
fn starts_sentence(said: &str) -> bool {
    let open = said.trim_end_matches(['"', '“', '„', '«', '(', '[', '\'', '‘', '*', '¿', '¡', '»']);
    let words = open.trim_end();
    if words.is_empty() {
        return true;
    }
    let blanks = &open[words.len()..];
    if blanks.is_empty() {
        return false;
    }
    if blanks.contains('\n') {
        return true;
    }
    let word = words.trim_end_matches('.');
    // "e.g. ", "vs. ", "z. B. " end no sentence.
    let is_short = || {
        let start = word.rfind([' ', '\n', '(']).map_or(0, |index| index + 1);
        let word = &word[start..];
        word.contains('.')
            || word.len() == 1 && word.chars().all(char::is_alphabetic)
            || matches!(
                word.to_ascii_lowercase().as_str(),
                "vs" | "cf" | "ca" | "bzw" | "inkl" | "incl" | "no" | "nr" | "approx" | "resp"
            )
    };
    words.ends_with(['!', '?', '。', '！', '？']) || words.ends_with('.') && !is_short()
}

/// Whether only what parts people in a list stands between two of them.
fn is_list_gap(between: &str) -> bool {
    if between.len() > 24 || between.contains("\n\n") {
        return false;
    }
    between
        .split(|sign: char| {
            sign.is_whitespace()
                || matches!(
                    sign,
                    ',' | ';' | '&' | '/' | '、' | '，' | '·' | '+' | '،' | '|'
                )
        })
        .all(|word| word.is_empty() || words::of_text(word).is_and())
}

/// Whether an address behind a person is that person's; the answer is how much of what follows
/// closes it.
fn belongs(between: &str, after: &str) -> Option<usize> {
    match between {
        "" | " " | ", " | ": " | " - " | " – " | "\n" => Some(0),
        " <" | "<" => Some(usize::from(after.starts_with('>'))),
        " (" => Some(usize::from(after.starts_with(')'))),
        " [" => Some(usize::from(after.starts_with(']'))),
        _ => None,
    }
}

/// Where the e-mail address in brackets ends that stands behind a name.
fn bracketed_mail(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let inner = rest.strip_prefix(' ').unwrap_or(rest);
    let close = match inner.chars().next()? {
        '<' => '>',
        '(' => ')',
        '[' => ']',
        _ => return None,
    };
    let start = text.len() - inner.len() + 1;
    let sign = text
        .get(start..)?
        .bytes()
        .take(80)
        .position(|byte| byte == b'@')?;
    let find = patterns::email(text, start, start + sign, 1)?;
    let is_all = matches!(&text[start..find.range.start], "" | "mailto:");
    (is_all && text[find.range.end..].starts_with(close)).then_some(find.range.end + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::print_stdout)] // A test fails by panicking, and reports.

    use super::*;
    use crate::{Document, model::Block, phrases::ENGLISH};

    /// What is left of a text on a page that mentions somebody, and cleaned once more.
    fn told_of(mention: &str, text: &str) -> String {
        let mut page = Document::default();
        page.open(Block::Paragraph);
        if mention != "-" {
            page.person(RemovalKind::Mention, &format!("@{mention}"), "1");
        }
        page.close();
        page.open(Block::Paragraph);
        page.text(text);
        page.close();
        let page = page.finish();
        let names = Names::of_all(&mut std::iter::once(&page));
        let clean = |text: &str| {
            let mut out = String::new();
            let mut cleaning = Cleaning::new(&names, &ENGLISH);
            cleaning.clean(&[Piece::Text(text)], Place::Prose, 0, &mut out);
            (out, cleaning.finish().len())
        };
        let (told, _) = clean(text);
        let again = clean(&told);
        assert_eq!(
            again,
            (told.clone(), 0),
            "@{mention}: {text} is not clean at once"
        );
        told
    }

    /// A case's text with its escapes resolved.
    fn unescaped(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text.trim();
        while let Some(at) = rest.find('\\') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("\\n") {
                out.push('\n');
                rest = after;
            } else if let Some(after) = rest.strip_prefix("\\u{") {
                let (code, after) = after.split_once('}').unwrap();
                out.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
                rest = after;
            } else {
                out.push('\\');
                rest = &rest[1..];
            }
        }
        out.push_str(rest);
        out
    }

    /// Checks a table and prints how much was found, and how much of what was taken out was somebody.
    fn check(name: &str, table: &str) {
        let mut mention = "-";
        let mut wrong = Vec::new();
        let (mut people, mut found, mut others, mut kept) = (0, 0, 0, 0);
        for line in table.lines() {
            if let Some(who) = line.strip_prefix("@ ") {
                mention = who.trim();
                continue;
            }
            let (text, expected) =
                if line.is_empty() || line.starts_with("# ") && !line.contains("->") {
                    continue;
                } else if let Some((text, expected)) = line.split_once(" -> ") {
                    (unescaped(text), unescaped(expected))
                } else {
                    let text = unescaped(
                        line.strip_suffix(" =")
                            .unwrap_or_else(|| panic!("no case: {line}")),
                    );
                    (text.clone(), text)
                };
            let told = told_of(mention, &text);
            let right = told == expected;
            if text == expected {
                others += 1;
                kept += usize::from(right);
            } else {
                people += 1;
                found += usize::from(right);
            }
            if !right {
                wrong.push(format!(
                    "@{mention}: {text:?}\n  told     {told:?}\n  expected {expected:?}"
                ));
            }
        }
        let percent = |part: usize, of: usize| 100.0 * part as f64 / of as f64;
        let precision = percent(found, found + others - kept);
        println!(
            "{name}: {} cases, recall {:.1} % of {people}, precision {precision:.1} %, {kept} of {others} ordinary texts kept",
            people + others,
            percent(found, people),
        );
        assert!(
            wrong.is_empty(),
            "{} wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
        assert!(people > others && others > 10, "the table is not read");
    }

    #[test]
    fn p09_people_whom_the_page_mentions_are_found_however_they_are_written() {
        check("mentioned", include_str!("../tests/names/mentioned.txt"));
    }

    #[test]
    fn p09_people_behind_labels_are_learnt_and_ordinary_values_stay() {
        check("learnt", include_str!("../tests/names/learnt.txt"));
    }
}
