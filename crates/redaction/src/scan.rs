//! The pass over a text: parts it into words, asks of each what it is ([`crate::shapes`]), and where
//! a word names a field ([`crate::fields`]), what its value is and how far it goes. Works alike on
//! prose, `name=value` lines, JSON, JSON in JSON, URLs, headers and what `{:?}` prints, because
//! all of them put names before values. It must never take more than linear time: whatever is
//! looked at beyond a word is either consumed or limited.

mod field;
mod halves;
mod value;
mod word;

use crate::Mask;
use crate::encoded;
use crate::names::Names;

/// A stretch of the text to be masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: usize,
    pub end: usize,
    pub mask: Mask,
    /// The quotation mark to put around, with this many backslashes before it.
    pub quote: Option<(u8, usize)>,
}

const WORD: u8 = 1;
const UPPER: u8 = 2;
const LOWER: u8 = 4;
const DIGIT: u8 = 8;
const AT: u8 = 16;
const PERCENT: u8 = 32;
const MARK: u8 = 64;
const HIGH: u8 = 128;

/// What each byte is. A word is what a token, an address or a field's name is made of.
const CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'A'..=b'Z' => WORD | UPPER,
            b'a'..=b'z' => WORD | LOWER,
            b'0'..=b'9' => WORD | DIGIT,
            b'@' => WORD | AT,
            b'%' => WORD | PERCENT,
            b'_' | b'-' | b'.' | b'~' | b'+' | b'/' => WORD | MARK,
            128.. => WORD | HIGH,
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

/// What stands between a field's name and its value.
#[derive(Debug, Clone, Copy)]
struct Separator {
    value: usize,
    /// The quotation mark after the name and the backslashes before it.
    quote: Option<(u8, usize)>,
    sign: Sign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Colon,
    Equals,
    /// `--password VALUE`
    Flag,
    /// `<password>VALUE</password>`
    Tag,
    /// `("password", "VALUE")`
    Comma,
}

/// The last word that was seen, and what became of it.
#[derive(Debug, Clone, Copy, Default)]
struct Last {
    start: usize,
    end: usize,
    fate: Fate,
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
    names: &'t Names,
    depth: u8,
    /// The text is JSON: `"` ends whatever is inside, and `\n` is a line's end.
    json: bool,
    pub spans: Vec<Span>,
    last: Last,
    /// Where a value begins, and the word before its name.
    boundary: Option<(usize, Last)>,
    /// What the sibling `value` of a `name` is.
    pair: Option<Mask>,
    /// The last `value` that had no `name` yet.
    orphan: Option<(Value, Option<(u8, usize)>)>,
    /// Up to here `\u` escapes have been looked through.
    unescaped: usize,
}

impl<'t> Scan<'t> {
    /// Scans a text; what is to be masked is in `spans`, in order, without overlaps.
    pub(crate) fn run(text: &'t str, names: &'t Names, depth: u8) -> Self {
        let json = text.trim_start().starts_with(['{', '[', '"']);
        let mut scan = Self {
            text,
            bytes: text.as_bytes(),
            names,
            depth,
            json,
            spans: Vec::new(),
            last: Last::default(),
            boundary: None,
            pair: None,
            orphan: None,
            unescaped: 0,
        };
        scan.words();
        if !names.is_empty() {
            let spans = &mut scan.spans;
            names.find(text, |start, end| {
                spans.push(Span {
                    start,
                    end,
                    mask: Mask::Name,
                    quote: None,
                });
            });
        }
        scan.merge();
        scan
    }

    /// Sorts the spans and leaves out what lies in another; only names and late values come out
    /// of order.
    fn merge(&mut self) {
        let in_order = self
            .spans
            .windows(2)
            .all(|pair| pair[0].end <= pair[1].start);
        if in_order {
            return;
        }
        self.spans
            .sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        let mut merged: Vec<Span> = Vec::with_capacity(self.spans.len());
        for span in &self.spans {
            match merged.last_mut() {
                Some(last) if span.start < last.end => last.end = last.end.max(span.end),
                _ => merged.push(*span),
            }
        }
        self.spans = merged;
    }

    fn words(&mut self) {
        let mut at = 0;
        while at < self.bytes.len() {
            let byte = self.bytes[at];
            if CLASS[usize::from(byte)] & WORD == 0 || self.is_punctuation(at) {
                match byte {
                    b'}' | b'\n' => {
                        self.pair = None;
                        self.orphan = None;
                        at += 1;
                    }
                    b'\\' => {
                        at = match encoded::unicode_escape(&self.bytes[at..]) {
                            Some(_) if at >= self.unescaped => self.unicode(at),
                            Some((_, length)) => at + length,
                            None => at + 1,
                        };
                    }
                    b'[' if let Some(mask) = Mask::at_start(&self.text[at..]) => {
                        let end = at + mask.as_str().len();
                        self.last = Last {
                            start: at,
                            end,
                            fate: Fate::Masked,
                        };
                        at = end;
                    }
                    0xE2 => at += 3,
                    _ => at += 1,
                }
                continue;
            }
            if self.json && self.is_escaped(at) {
                // `\nWORD`: the letter belongs to the backslash.
                at += 1;
                continue;
            }
            let start = at;
            let mut flags = 0;
            while at < self.bytes.len() {
                let class = CLASS[usize::from(self.bytes[at])];
                if class & WORD == 0 || (class & HIGH != 0 && self.is_punctuation(at)) {
                    break;
                }
                flags |= class;
                at += 1;
            }
            if self.bytes.get(at) == Some(&b'\\')
                && start >= self.unescaped
                && is_escape(&self.bytes[at..])
            {
                let masked = self.spans.len();
                let after = self.unicode(start);
                if self.spans.len() > masked {
                    at = after;
                    continue;
                }
            }
            at = self.word(start, at, flags);
        }
    }

    /// Whether a letter is that of an escape, `\n` and the like, in JSON or in what `{:?}` prints.
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
                && CLASS[usize::from(self.bytes[end])] & WORD != 0
                && !self.is_punctuation(end)
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

    fn mask(&mut self, start: usize, end: usize, mask: Mask) {
        self.mask_quoted(start, end, mask, None);
    }

    fn mask_quoted(&mut self, start: usize, end: usize, mask: Mask, quote: Option<(u8, usize)>) {
        if start < end && mask.as_str() != &self.text[start..end] {
            self.spans.push(Span {
                start,
                end,
                mask,
                quote,
            });
        }
    }

    /// One word. Gives where to go on.
    fn word(&mut self, start: usize, end: usize, flags: u8) -> usize {
        if flags & MARK != 0
            && self.bytes[start..].starts_with(b"-----BEGIN")
            && let Some(end) = self.private_key(start)
        {
            return end;
        }
        let before = self.last;
        self.last = Last {
            start,
            end,
            fate: Fate::Clean,
        };
        let masked = self.spans.len();
        self.halves(start, end, flags, before);
        if self.spans.len() == masked && flags & (UPPER | DIGIT | AT | PERCENT | MARK) != 0 {
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
            if self.last.fate == Fate::Clean {
                self.last.fate = Fate::Masked;
            }
            if self.last.end > end {
                return self.last.end;
            }
        }
        self.field(start, end, before).unwrap_or(end)
    }
}

fn is_escape(bytes: &[u8]) -> bool {
    encoded::unicode_escape(bytes).is_some()
}
