//! Words as a browser shows them: references resolved, white space collapsed across the borders of
//! marks, and pictures that stand for words. It must never write a name that is held back.

use std::borrow::Cow;

use protocol::RemovalKind;

use super::{
    Line, Parser, Sink,
    elements::Element,
    entities::{reference, resolve, resolve_into},
    reader::Tag,
};
use crate::{WarningKind, model::Block};

/// Words.
impl<'a> Parser<'a> {
    pub(super) fn words(&mut self, words: &str, has_references: bool) {
        let is_between = self.frames.last().is_some_and(|frame| {
            matches!(
                frame.element,
                Element::Macro | Element::Link | Element::Picture | Element::ExtensionNode
            )
        });
        if is_between && words.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return;
        }
        match self.sink {
            Sink::Nowhere => {}
            Sink::Held if has_references => resolve_into(words, true, &mut self.held),
            Sink::Held => self.held.push_str(words),
            Sink::Page if self.is_verbatim => self.verbatim(words, has_references),
            Sink::Page => self.collapsed(words, has_references),
        }
    }

    /// White space as it stands.
    pub(super) fn verbatim(&mut self, words: &str, has_references: bool) {
        // The first line break behind the start tag is no part of the text.
        let words = match self.line {
            Line::Start => words.strip_prefix('\n').unwrap_or(words),
            _ => words,
        };
        if has_references && words.contains(['&', '\0', '\u{a0}']) {
            let mut text = String::with_capacity(words.len());
            resolve_into(words, true, &mut text);
            self.out.text(&text.replace('\u{a0}', " "));
        } else if words.contains('\0') {
            self.out.text(&words.replace('\0', "\u{fffd}"));
        } else {
            self.out.text(words);
        }
        if !words.is_empty() {
            self.line = Line::Word;
        }
    }

    /// White space as HTML shows it: one blank, and none where a run begins.
    pub(super) fn collapsed(&mut self, words: &str, has_references: bool) {
        let bytes = words.as_bytes();
        // What is before `from` was told.
        let (mut from, mut at) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b' ' if self.line == Line::Word => {
                    self.line = Line::Blank;
                    at += 1;
                    continue;
                }
                b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => {
                    self.out.text(&words[from..at]);
                    self.blank();
                    at += 1;
                }
                // A no-break space.
                0xc2 if bytes.get(at + 1) == Some(&0xa0) => {
                    self.out.text(&words[from..at]);
                    self.blank();
                    at += 2;
                }
                b'&' if has_references => {
                    let Some((character, length)) = reference(&words[at..], true) else {
                        self.line = Line::Word;
                        at += 1;
                        continue;
                    };
                    self.out.text(&words[from..at]);
                    self.character(character);
                    at += length;
                }
                b'\0' => {
                    self.out.text(&words[from..at]);
                    self.character(char::REPLACEMENT_CHARACTER);
                    at += 1;
                }
                _ => {
                    self.line = Line::Word;
                    at += 1;
                    let others = bytes[at..].iter();
                    at += others
                        .take_while(|byte| **byte > b' ' && !matches!(**byte, b'&' | 0xc2))
                        .count();
                    continue;
                }
            }
            from = at;
        }
        self.out.text(&words[from..]);
    }

    pub(super) fn blank(&mut self) {
        if self.line == Line::Word {
            self.out.text(" ");
            self.line = Line::Blank;
        }
    }

    pub(super) fn character(&mut self, character: char) {
        if matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{a0}') {
            self.blank();
        } else {
            self.out.text(character.encode_utf8(&mut [0; 4]));
            self.line = Line::Word;
        }
    }

    /// Words of an attribute or parameter, without references, parted from what is around them only
    /// as they themselves are.
    pub(super) fn say(&mut self, words: &str) {
        match self.sink {
            Sink::Page => self.collapsed(words, false),
            Sink::Held => self.held.push_str(words),
            Sink::Nowhere => {}
        }
    }

    pub(super) fn break_line(&mut self) {
        match self.sink {
            Sink::Page if self.is_verbatim => self.out.text("\n"),
            Sink::Page if self.line != Line::Start => {
                self.out.text("\n");
                self.line = Line::Blank;
            }
            Sink::Held => self.held.push(' '),
            Sink::Page | Sink::Nowhere => {}
        }
    }

    /// Begins a block; the answer is how many were begun.
    pub(super) fn open(&mut self, block: Block) -> u8 {
        u8::from(self.open_at(block).is_some())
    }

    /// Begins a block; the answer is its place.
    pub(super) fn open_at(&mut self, block: Block) -> Option<usize> {
        match self.sink {
            Sink::Page => {
                self.line = Line::Start;
                self.end_property_line();
                Some(self.out.open(block))
            }
            Sink::Held => {
                self.held.push(' ');
                None
            }
            Sink::Nowhere => None,
        }
    }

    fn end_property_line(&mut self) {
        if !self.properties.lines.is_empty() {
            self.properties.lines.push(self.out.all_text().len());
        }
    }

    pub(super) fn close(&mut self, blocks: u8) {
        for _ in 0..blocks {
            self.out.close();
        }
        if blocks > 0 {
            self.end_property_line();
            self.line = Line::Start;
            // A block that held nothing is gone, but its borders part what was around it.
            if self.out.is_in_run() {
                self.out.text("\n");
                self.line = Line::Blank;
            }
        }
    }

    /// Notes what may be missed of what is told.
    pub(super) fn warn(&mut self, kind: WarningKind, name: &str) {
        if self.sink != Sink::Nowhere {
            self.out.warn(kind, name);
        }
    }

    pub(super) fn paragraph(&mut self, words: &str) {
        if !words.trim().is_empty() {
            let blocks = self.open(Block::Paragraph);
            self.say(words);
            self.close(blocks);
        }
    }

    /// Somebody in this place, or whom a place that is not told names.
    pub(super) fn person(&mut self, kind: RemovalKind, words: &str, id: &str) {
        let words = one_line(words);
        if self.sink == Sink::Page {
            self.out.person(kind, &words, id);
            self.line = Line::Word;
        } else if !words.is_empty() || !id.is_empty() {
            self.out.know(kind, &words, id);
        }
    }

    pub(super) fn image(&mut self, tag: &Tag<'a>) {
        let words = ["data-emoji-fallback", "alt", "title"];
        let words = words.into_iter().map(|name| tag.attribute(name));
        if let Some(words) = words.into_iter().find(|words| !words.is_empty()) {
            self.say(&resolve(words));
        }
    }

    /// The character itself, or a word where the picture means something.
    pub(super) fn emoticon(&mut self, tag: &Tag<'a>) {
        let short = tag.attribute("ac:emoji-shortname").trim_matches(':');
        let named = [tag.attribute("ac:name"), short]
            .into_iter()
            .find_map(|name| {
                let known = EMOTICONS.iter().find(|(known, _)| *known == name);
                known.map(|(_, word)| *word)
            });
        // The fallback may be a short name such as `:smile:`, which says nothing.
        let fallback = resolve(tag.attribute("ac:emoji-fallback"));
        match named {
            Some(word) => self.apart(word),
            None if !fallback.starts_with(':') => self.say(&fallback),
            None => {}
        }
    }
}

/// Words for the emoticons that mean something where they stand, by their name or short name. Of
/// others the character is told, if they have one.
const EMOTICONS: &[(&str, &str)] = &[
    ("tick", "yes"),
    ("check_mark", "yes"),
    ("cross", "no"),
    ("cross_mark", "no"),
    ("warning", "warning"),
    ("plus", "plus"),
    ("minus", "minus"),
    ("thumbs-up", "thumbs up"),
    ("thumbs-down", "thumbs down"),
];

pub(super) fn is_blank(character: char) -> bool {
    character.is_ascii_whitespace() || character == '\u{a0}'
}

/// White space of any kind as single blanks, and none around.
pub(super) fn one_line(words: &str) -> Cow<'_, str> {
    let is_one = words == words.trim() && !words.contains(|it| is_blank(it) && it != ' ');
    if is_one && !words.contains("  ") {
        return Cow::Borrowed(words);
    }
    Cow::Owned(words.split_whitespace().collect::<Vec<_>>().join(" "))
}
