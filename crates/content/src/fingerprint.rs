//! What a page says, as a number: the same after a re-save, another as soon as a word, a number or the
//! order of things changes. People are only "a person" in it (P9), so that it gives no name away to
//! who can guess.

mod accents;

use protocol::Fingerprint;
use sha2::{Digest, Sha256};

use crate::{
    Document, Page,
    finding::mask,
    model::{Block, Panel, Piece},
    names::Names,
};

/// The fingerprint of what a page's title, body and chosen files say. Space and labels are not of it:
/// a space that is renamed does not put its videos out of date.
///
/// Same: another order of attributes, other local ids, marks, white space, empty paragraphs, layouts,
/// another way of writing an accent, another person. All else is another page.
pub fn fingerprint(page: &Page<'_>) -> Fingerprint {
    let mut stream = Stream::new(page.names());
    // The rules' name: whoever changes what follows changes it, and [`Fingerprint::VERSION`].
    stream.hasher.update(b"page 1");
    stream.line(Tag::Title, page.title);
    stream.document(page.document);
    for (name, document) in page.attachments {
        stream.line(Tag::File, name);
        stream.document(document);
    }
    let hash: [u8; 32] = stream.hasher.finalize().into();
    Fingerprint::new(hash)
}

/// What stands in the stream beside words: control characters, of which words have none.
#[derive(Clone, Copy)]
enum Tag {
    Person = 1,
    Break,
    Open,
    Close,
    Title,
    File,
    Line,
}

/// Stands for a person in a text that was cleaned.
const PERSON: char = '\u{1}';

struct Stream {
    names: Names,
    hasher: Sha256,
    /// The open blocks; the first `told` of them are in the stream.
    open: Vec<Block>,
    told: usize,
    /// Whether words are the last of the stream, and whether the border of a block came since.
    words: bool,
    border: bool,
    /// Room for a run's words.
    clean: String,
    apart: String,
}

impl Stream {
    fn new(names: Names) -> Self {
        Self {
            names,
            hasher: Sha256::new(),
            open: Vec::new(),
            told: 0,
            words: false,
            border: false,
            clean: String::new(),
            apart: String::new(),
        }
    }

    fn tag(&mut self, tag: Tag) {
        self.hasher.update([tag as u8]);
        self.words = false;
        self.border = false;
    }

    /// A line of words beside a document.
    fn line(&mut self, tag: Tag, words: &str) {
        self.tag(tag);
        self.text(words);
    }

    fn document(&mut self, document: &Document) {
        for piece in document.pieces() {
            match piece {
                Piece::Open(block) => {
                    self.border = true;
                    self.open.push(block);
                    let says_something = match block {
                        Block::Row | Block::Cell { .. } | Block::Code(_) => true,
                        Block::Titled(title) => !document.words(title).is_empty(),
                        _ => false,
                    };
                    if says_something {
                        self.tell_open(document);
                    }
                }
                Piece::Close => {
                    self.border = true;
                    let block = self.open.pop();
                    if self.told > self.open.len() {
                        self.told = self.open.len();
                        if block.is_some_and(|block| !is_border(block)) {
                            self.tag(Tag::Close);
                        }
                    }
                }
                Piece::Text(text) if matches!(self.open.last(), Some(Block::Code(_))) => {
                    self.code(text);
                }
                Piece::Text(text) if text.trim().is_empty() => {}
                Piece::Text(text) => {
                    self.start_run(document);
                    self.text(text);
                }
                Piece::Person(_) => {
                    self.start_run(document);
                    self.hasher.update([Tag::Person as u8, b' ']);
                    self.words = true;
                }
            }
        }
    }

    /// Words follow: blocks that hold them say something, and what stands in another block before
    /// is parted from them.
    fn start_run(&mut self, document: &Document) {
        self.tell_open(document);
        if self.words && self.border {
            self.tag(Tag::Break);
        }
        self.border = false;
    }

    fn tell_open(&mut self, document: &Document) {
        while let Some(block) = self.open.get(self.told).copied() {
            self.told += 1;
            if is_border(block) {
                continue;
            }
            self.tag(Tag::Open);
            let (kind, number) = kind(block);
            self.hasher.update([kind]);
            self.hasher.update(number.to_le_bytes());
            if let Block::Code(words) | Block::Titled(words) = block {
                self.text(document.words(words));
                self.tag(Tag::Line);
            }
        }
    }

    /// Words without people, parted by single blanks, accents apart, signs that nobody sees gone.
    fn text(&mut self, text: &str) {
        self.clean.clear();
        mask(&self.names, text, PERSON, &mut self.clean);
        self.apart.clear();
        let is_plain = |byte: u8| (b' '..0x7F).contains(&byte) || matches!(byte, b'\n' | b'\t');
        if self.clean.bytes().all(is_plain) {
            for word in self.clean.split_ascii_whitespace() {
                self.apart.push_str(word);
                self.apart.push(' ');
            }
        } else {
            accents::decompose(&self.clean, &mut self.apart);
            self.clean.clear();
            let mut blank = true;
            for character in self.apart.chars() {
                if character.is_whitespace() {
                    if !blank {
                        self.clean.push(' ');
                    }
                    blank = true;
                } else if !is_invisible(character) {
                    self.clean.push(character);
                    blank = false;
                }
            }
            if !blank {
                self.clean.push(' ');
            }
            std::mem::swap(&mut self.clean, &mut self.apart);
        }
        self.hasher.update(self.apart.as_bytes());
        self.words = true;
    }

    /// Code as it stands, but for blanks at the end of a line.
    fn code(&mut self, text: &str) {
        self.clean.clear();
        mask(&self.names, text, PERSON, &mut self.clean);
        for line in self.clean.lines() {
            self.hasher.update(line.trim_end().as_bytes());
            self.hasher.update([Tag::Line as u8]);
        }
    }
}

/// Blocks that only part words: their borders are told by what stands on both sides.
fn is_border(block: Block) -> bool {
    matches!(block, Block::Paragraph | Block::Group)
}

/// A block's kind, and what else tells two of a kind apart.
fn kind(block: Block) -> (u8, u32) {
    match block {
        Block::Paragraph | Block::Group => (0, 0),
        Block::Heading(level) => (1, u32::from(level)),
        Block::BulletList => (2, 0),
        Block::OrderedList(start) => (3, start),
        Block::Item => (4, 0),
        Block::ToDo => (5, 0),
        Block::Done => (6, 0),
        Block::Decision => (7, 0),
        Block::Table => (8, 0),
        Block::Row => (9, 0),
        Block::Cell {
            header,
            columns,
            rows,
        } => (
            10,
            u32::from(header) << 16 | u32::from(columns) << 8 | u32::from(rows),
        ),
        Block::Code(_) => (11, 0),
        Block::Titled(_) => (12, 0),
        Block::Panel(panel) => (13, panel_number(panel)),
        Block::Quote => (14, 0),
        Block::Picture => (15, 0),
        Block::Alternative => (16, 0),
    }
}

fn panel_number(panel: Panel) -> u32 {
    match panel {
        Panel::Info => 0,
        Panel::Note => 1,
        Panel::Tip => 2,
        Panel::Success => 3,
        Panel::Warning => 4,
        Panel::Error => 5,
    }
}

/// Signs without a shape: editors add and drop them. The joiners of Arabic and Indic words are none.
fn is_invisible(character: char) -> bool {
    (character.is_control() && character != PERSON)
        || matches!(
            character,
            '\u{AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}'
        )
}

#[cfg(test)]
mod tests;
