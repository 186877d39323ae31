//! The pass over a text: parts it into words, asks of each what it is ([`crate::shapes`]), and where
//! a word names a field ([`crate::fields`]), what its value is and how far it goes. Works alike on
//! prose, `name=value` lines, JSON, JSON in JSON, URLs, headers and what `{:?}` prints, because
//! all of them put names before values. It must never take more than linear time: whatever is
//! looked at beyond a word is either consumed or limited.

mod field;
mod halves;
mod value;
mod word;

use std::num::NonZeroU32;

use crate::Mask;
use crate::encoded;
use crate::names::Find;

/// A stretch of the text to be masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: usize,
    pub end: usize,
    pub mask: Mask,
    /// The quotation mark to put around, with this many backslashes before it.
    pub quote: Option<(u8, u8)>,
    /// What stands beside reads as before when the mask stands here.
    pub settled: bool,
}

/// What a text has to be masked.
pub(crate) struct Found {
    pub spans: Vec<Span>,
    /// The masked text must be gone through again.
    pub ragged: bool,
}

const DASH: u8 = 1;
const UPPER: u8 = 2;
const LOWER: u8 = 4;
const DIGIT: u8 = 8;
const AT: u8 = 16;
const PERCENT: u8 = 32;
const MARK: u8 = 64;
const HIGH: u8 = 128;

/// Letters and digits.
const ALPHANUMERIC: u8 = UPPER | LOWER | DIGIT;
/// What a field's name is made of.
const NAME: u8 = ALPHANUMERIC | DASH;

/// What each byte is. A word is what a token, an address or a field's name is made of; what is of
/// no word is nothing.
const CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'A'..=b'Z' => UPPER,
            b'a'..=b'z' => LOWER,
            b'0'..=b'9' => DIGIT,
            b'@' => AT,
            b'%' => PERCENT,
            b'_' | b'-' => DASH,
            b'.' | b'~' | b'+' | b'/' => MARK,
            // General punctuation begins with it: whether it is of a word shows in the next byte.
            0xE2 => 0,
            128.. => HIGH,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// How often what was decoded is decoded again.
const DEEPEST: u8 = 3;
/// How much of a value is looked at that may turn out to be none.
const LOOK: usize = 4096;
/// The most backslashes before a quotation mark: JSON in JSON in JSON in JSON.
const MOST_BACKSLASHES: usize = 15;

/// The value of a field.
#[derive(Debug, Clone, Copy)]
struct Value {
    start: usize,
    end: usize,
    /// Where scanning goes on after it.
    after: usize,
    /// Not a quoted string, so that a mask needs the quotation marks of the name.
    bare: bool,
    quoted: bool,
}

/// How far a value without quotation marks goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// To white space or a delimiter.
    Token,
    /// To the end of the line.
    Line,
    /// To the next `name=`, or the end of the text.
    Prose,
}

/// What stands between a field's name and its value. Packed, so that it is handed on in registers:
/// one is made for nearly each word.
#[derive(Debug, Clone, Copy)]
struct Separator {
    value: usize,
    /// The sign; eight bits further the quotation mark, and then the backslashes before it.
    packed: NonZeroU32,
}

impl Separator {
    #[inline]
    fn new(value: usize, quote: Option<(u8, u8)>, sign: Sign) -> Self {
        let (mark, backslashes) = quote.unwrap_or_default();
        let packed = u32::from(backslashes) << 16 | u32::from(mark) << 8;
        Self {
            value,
            packed: NonZeroU32::MIN.saturating_add(packed) | sign as u32,
        }
    }

    /// The quotation mark after the name and the backslashes before it.
    #[inline]
    fn quote(self) -> Option<(u8, u8)> {
        let [_, mark, backslashes, _] = self.packed.get().to_le_bytes();
        (mark != 0).then_some((mark, backslashes))
    }

    #[inline]
    fn is_quoted(self) -> bool {
        self.packed.get() & 0xFF00 != 0
    }

    #[inline]
    fn is(self, sign: Sign) -> bool {
        self.packed.get() & 0xFF == sign as u32
    }
}

/// Odd, so that a packed one is never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Colon = 1,
    Equals = 3,
    /// `--password VALUE`
    Flag = 5,
    /// `<password>VALUE</password>`
    Tag = 7,
    /// `("password", "VALUE")`
    Comma = 9,
}

/// The last word that was seen, and what became of it.
#[derive(Debug, Clone, Copy, Default)]
struct Last {
    start: usize,
    end: usize,
    fate: Fate,
    /// What it consists of; only told of a clean word.
    flags: u8,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Fate {
    #[default]
    Clean,
    /// It was masked as a whole.
    Masked,
    /// It was masked, and more of it may follow in the next field.
    Open,
}

impl Fate {
    fn of(open: bool) -> Self {
        if open { Self::Open } else { Self::Masked }
    }
}

pub(crate) struct Scan<'t> {
    text: &'t str,
    bytes: &'t [u8],
    names: Option<&'t dyn Find>,
    depth: u8,
    /// The text is JSON: `"` ends whatever is inside, and `\n` is a line's end.
    json: bool,
    spans: Vec<Span>,
    /// The last words, a ring, so that none is copied while it is fresh.
    lasts: [Last; 4],
    turn: usize,
    /// Where a value begins whose name was the last word; `usize::MAX` for none since.
    boundary_at: usize,
    /// What the sibling `value` of a `name` is.
    pair: Option<Mask>,
    /// The last `value` that had no `name` yet.
    orphan: Option<(Value, Option<(u8, u8)>)>,
    /// Halves were joined, or a name was found after its value.
    ragged: bool,
    /// Up to here `\u` escapes have been looked through.
    unescaped: usize,
}

impl<'t> Scan<'t> {
    /// Scans a text and gives what is to be masked, in order, without overlaps.
    pub(crate) fn run(text: &'t str, names: Option<&'t dyn Find>, depth: u8) -> Found {
        let json = text.trim_start().starts_with(['{', '[', '"']);
        let mut scan = Self {
            text,
            bytes: text.as_bytes(),
            names,
            depth,
            json,
            spans: Vec::new(),
            lasts: [Last::default(); 4],
            turn: 0,
            boundary_at: usize::MAX,
            pair: None,
            orphan: None,
            ragged: names.is_some(),
            unescaped: 0,
        };
        scan.words();
        if let Some(names) = names {
            scan.add(names.find(text));
        }
        scan.merge();
        Found {
            ragged: !scan.spans.is_empty() && scan.is_ragged(),
            spans: scan.spans,
        }
    }

    /// Whether the masked text must be gone through again: unless all masks stand between the marks
    /// of whole strings, what is beside them reads otherwise now.
    fn is_ragged(&self) -> bool {
        let mark = |at: Option<&u8>| matches!(at, Some(b'"'));
        self.ragged
            || self.spans.iter().any(|span| {
                let before = span.start.checked_sub(1).and_then(|at| self.bytes.get(at));
                !span.settled && (!mark(before) || !mark(self.bytes.get(span.end)))
            })
    }

    /// Leaves out what lies in another span.
    fn merge(&mut self) {
        self.spans.dedup_by(|next, last| {
            let inside = next.start < last.end;
            if inside {
                last.end = last.end.max(next.end);
            }
            inside
        });
    }

    /// Adds names, which are in order as the spans are.
    fn add(&mut self, names: Vec<(usize, usize)>) {
        let others = std::mem::take(&mut self.spans);
        let mut others = others.into_iter().peekable();
        for (start, end) in names {
            while let Some(other) = others.next_if(|other| other.start <= start) {
                self.spans.push(other);
            }
            self.spans.push(Span {
                start,
                end,
                mask: Mask::Name,
                quote: None,
                settled: false,
            });
        }
        self.spans.extend(others);
    }

    /// Puts a span where it belongs: nearly always last.
    fn insert(&mut self, span: Span) {
        let after = self
            .spans
            .iter()
            .rev()
            .take_while(|other| other.start > span.start)
            .count();
        self.spans.insert(self.spans.len() - after, span);
    }

    fn words(&mut self) {
        let bytes = self.bytes;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let class = CLASS[usize::from(byte)];
            if class == 0 {
                match byte {
                    b'"' | b',' | b':' | b' ' | b'=' => {
                        at += 1;
                        continue;
                    }
                    0xE2 if !self.is_punctuation(at) => {}
                    0xE2 => {
                        at += 3;
                        continue;
                    }
                    _ => {
                        at = self.mark(at, byte);
                        continue;
                    }
                }
            }
            if self.json && class & LOWER != 0 && self.is_escaped(at) {
                // `\nWORD`: the letter belongs to the backslash.
                at += 1;
                continue;
            }
            let (end, flags) = self.word_end(at);
            if bytes.get(end) == Some(&b'\\')
                && at >= self.unescaped
                && encoded::unicode_escape(&bytes[end..]).is_some()
            {
                let masked = self.spans.len();
                let after = self.unicode(at);
                if self.spans.len() > masked {
                    at = after;
                    continue;
                }
            }
            at = self.word(at, end, flags);
        }
    }

    /// The end of the word that begins at a place, and of what it consists.
    #[inline]
    fn word_end(&self, start: usize) -> (usize, u8) {
        let mut flags = 0;
        let mut end = start;
        for byte in &self.bytes[start..] {
            let class = CLASS[usize::from(*byte)];
            if class == 0 && !self.is_letter(end) {
                break;
            }
            flags |= class;
            end += 1;
        }
        (end, flags)
    }

    /// Whether what stands here begins a character of a word, though its byte alone does not say so.
    #[inline]
    fn is_letter(&self, at: usize) -> bool {
        self.bytes[at] == 0xE2 && !self.is_punctuation(at)
    }

    /// A byte that is of no word. Gives where to go on.
    fn mark(&mut self, at: usize, byte: u8) -> usize {
        match byte {
            b'}' | b'\n' => {
                self.pair = None;
                self.orphan = None;
                at + 1
            }
            b'\\' => match encoded::unicode_escape(&self.bytes[at..]) {
                Some(_) if at >= self.unescaped => self.unicode(at),
                Some((_, length)) => at + length,
                None => at + 1,
            },
            b'[' => match Mask::at_start(&self.text[at..]) {
                Some(mask) => {
                    let end = at + mask.as_str().len();
                    *self.last_mut() = Last {
                        start: at,
                        end,
                        fate: Fate::Masked,
                        flags: 0,
                    };
                    self.boundary_at = usize::MAX;
                    end
                }
                None => at + 1,
            },
            _ => at + 1,
        }
    }

    /// Whether a letter is that of an escape, `\n` and the like, in JSON or in what `{:?}` prints.
    #[inline]
    fn is_escaped(&self, at: usize) -> bool {
        let letter = matches!(self.bytes[at], b'n' | b'r' | b't' | b'b' | b'f');
        letter && at > 0 && self.bytes[at - 1] == b'\\' && self.backslashes_before(at) % 2 == 1
    }

    fn backslashes_before(&self, at: usize) -> usize {
        self.bytes[..at]
            .iter()
            .rev()
            .take(2 * MOST_BACKSLASHES)
            .take_while(|byte| **byte == b'\\')
            .count()
    }

    /// General punctuation (U+2000 to U+207F): dashes, quotation marks, `…`.
    #[inline]
    fn is_punctuation(&self, at: usize) -> bool {
        self.bytes[at] == 0xE2 && matches!(self.bytes.get(at + 1), Some(0x80 | 0x81))
    }

    /// Looks through a stretch with `\uXXXX` in it from `start` on. Gives where to go on.
    fn unicode(&mut self, start: usize) -> usize {
        let mut end = start;
        loop {
            if let Some((_, length)) = self.bytes.get(end..).and_then(encoded::unicode_escape) {
                end += length;
            } else if end < self.bytes.len()
                && (CLASS[usize::from(self.bytes[end])] != 0 || self.is_letter(end))
            {
                end += 1;
            } else {
                break;
            }
        }
        self.unescaped = end;
        let decoded = encoded::unicode(&self.text[start..end]);
        if let Some(mask) = decoded.and_then(|text| self.inside(&text)) {
            self.mask(start, end, mask);
            end
        } else {
            // Not masked as a whole: its words are looked at one by one.
            let escape = encoded::unicode_escape(&self.bytes[start..]);
            start + escape.map_or(1, |(_, length)| length)
        }
    }

    /// What a decoded text is masked for, if it is.
    fn inside(&self, text: &str) -> Option<Mask> {
        if self.depth >= DEEPEST {
            return None;
        }
        let spans = Scan::run(text, self.names, self.depth + 1).spans;
        spans.first().map(|span| span.mask)
    }

    /// Whether a word is the first of the value whose name was the last word.
    fn begins_value(&self, start: usize) -> bool {
        start >= self.boundary_at && start - self.boundary_at <= MOST_BACKSLASHES + 2
    }

    /// The last word, or the one so many words before it.
    fn last(&self, back: usize) -> &Last {
        &self.lasts[self.turn.wrapping_sub(back) % 4]
    }

    fn last_mut(&mut self) -> &mut Last {
        &mut self.lasts[self.turn % 4]
    }

    fn mask(&mut self, start: usize, end: usize, mask: Mask) {
        self.mask_quoted(start, end, mask, None);
    }

    fn mask_quoted(&mut self, start: usize, end: usize, mask: Mask, quote: Option<(u8, u8)>) {
        if start < end && mask.as_str() != &self.text[start..end] {
            self.insert(Span {
                start,
                end,
                mask,
                quote,
                settled: false,
            });
        }
    }

    /// Masks what needs no second look: what goes over it again comes to the same.
    fn mask_settled(&mut self, start: usize, end: usize, mask: Mask, quote: Option<(u8, u8)>) {
        if start < end && mask.as_str() != &self.text[start..end] {
            self.insert(Span {
                start,
                end,
                mask,
                quote,
                settled: true,
            });
        }
    }

    /// One word. Gives where to go on.
    fn word(&mut self, start: usize, end: usize, flags: u8) -> usize {
        if self.bytes[start] == b'-'
            && self.bytes[start..].starts_with(b"-----BEGIN")
            && let Some(end) = self.private_key(start)
        {
            return end;
        }
        self.turn += 1;
        let before = self.last(1).end;
        *self.last_mut() = Last {
            start,
            end,
            fate: Fate::Clean,
            flags,
        };
        let masked = self.spans.len();
        let gap = start - before.min(start);
        if self.begins_value(start) || before > 0 && (3..=12).contains(&gap) {
            self.halves(start, end, flags);
        }
        if self.spans.len() == masked && flags & (UPPER | DIGIT | AT | PERCENT | MARK | DASH) != 0 {
            if start > 0
                && self.bytes[start - 1] == b'\\'
                && end - start > 1
                && self.bytes[start].is_ascii_alphabetic()
            {
                // The first letter may be that of an escape of another depth.
                self.shapes(start + 1, end, flags);
            }
            if self.spans.len() == masked {
                self.shapes(start, end, flags);
            }
        }
        if self.spans.len() > masked {
            if self.last(0).fate == Fate::Clean {
                self.last_mut().fate = Fate::Masked;
            }
            if self.last(0).end > end {
                return self.last(0).end;
            }
        }
        self.field(start, end).unwrap_or(end)
    }
}
