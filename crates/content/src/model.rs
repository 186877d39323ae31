//! The one document model of both formats: what a reader sees, in reading order, with people kept
//! apart from text so that they can be taken out. Marks and link targets are gone already.
//!
//! A document is a flat sequence of parts over one text, not a tree: however deep a page nests,
//! nothing here recurses, and a part costs eight bytes.

use std::borrow::Cow;

use protocol::RemovalKind;

/// A page's body. Page content, so `Debug` prints its size alone (P14).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// All words that are read in place, without any mark-up.
    text: String,
    parts: Vec<Part>,
    /// Titles, languages and people's words: what a part points to instead of holding it.
    aside: String,
    spans: Vec<Span>,
    people: Vec<Person>,
    warnings: Vec<Warning>,
    /// The blocks that are open, while a document is being built.
    open: Vec<u32>,
    /// The page that this is a selection of.
    origin: Option<Box<Document>>,
}

/// A step of the sequence. Text and people between two block borders are one run: words that marks
/// part are one text, so that a name is found across them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// A block begins.
    Open(Block),
    /// The innermost open block ends.
    Close,
    /// Text up to this byte of the document's text.
    Text(u32),
    /// The person of this index.
    Person(u32),
}

/// A kind of block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    /// Prose.
    Paragraph,
    /// A heading of level 1 to 6; starts a section.
    Heading(u8),
    /// A list without numbers.
    BulletList,
    /// A list that starts at a number.
    OrderedList(u32),
    /// An item of a list.
    Item,
    /// A task that is open.
    ToDo,
    /// A task that is done.
    Done,
    /// A decision.
    Decision,
    /// A table.
    Table,
    /// A table's row.
    Row,
    /// A cell, with the columns and rows that it spans (1 or more).
    Cell { header: bool, columns: u8, rows: u8 },
    /// A code listing of a language.
    Code(Aside),
    /// A title with blocks under it: expands, titled panels and macros.
    Titled(Aside),
    /// A panel of a kind that its colour or icon tells the reader.
    Panel(Panel),
    /// A quotation.
    Quote,
    /// A picture or file: [`Block::Alternative`] text and caption (all else inside).
    Picture,
    /// A picture's alternative text; told where there is no caption.
    Alternative,
    /// Blocks that belong together: layouts, excerpts, sync blocks.
    Group,
}

/// What a panel means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panel {
    /// Information, and panels of the author's own colour.
    Info,
    /// A note.
    Note,
    /// A tip.
    Tip,
    /// Success.
    Success,
    /// A warning.
    Warning,
    /// An error.
    Error,
}

/// Points to words beside the text; [`Aside::NONE`] to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Aside(u32);

impl Aside {
    pub(crate) const NONE: Self = Self(0);
}

/// Bytes of `aside`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Person {
    kind: RemovalKind,
    text: Span,
    id: Span,
}

/// A person whom the page itself names: how, the words that stand for them on the page, and the id
/// or address behind those words (either may be empty).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PersonRef<'a> {
    pub kind: RemovalKind,
    pub text: &'a str,
    pub id: &'a str,
}

/// A part with what it points to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A block begins.
    Open(Block),
    /// The innermost open block ends.
    Close,
    /// Words.
    Text(&'a str),
    /// A person among the words.
    Person(PersonRef<'a>),
}

/// Something of the page that a person may miss in what is told. Names types of nodes and macros,
/// never content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What happened.
    pub kind: WarningKind,
    /// The type or macro it happened to; empty where there is none.
    pub name: String,
    /// How often.
    pub count: u32,
}

/// What a [`Warning`] tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WarningKind {
    /// A node type that this version does not know; its text is kept.
    UnknownNode,
    /// A mark type that this version does not know; the marked text is kept.
    UnknownMark,
    /// A macro that this version does not know; its text is kept.
    UnknownMacro,
    /// What is nested deeper than any page needs is left out, or told as if it stood higher.
    TooDeep,
    /// The mark-up breaks; what follows was read as a browser would.
    BrokenMarkup,
    /// The page holds more than a script can; the end is left out.
    Cut,
    /// Content that lives elsewhere (another page, another app) and is not told.
    NotIncluded,
    /// The page is of a version of its format that this one does not know; what is known was read.
    UnknownVersion,
}

/// What happened, in a sentence that a person can act on.
impl std::fmt::Display for Warning {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, so) = match self.kind {
            WarningKind::UnknownNode => ("A part", "is not known; its words are told, check them."),
            WarningKind::UnknownMark => ("A mark", "is not known; what it marks is told."),
            WarningKind::UnknownMacro => {
                ("A macro", "is not known; its words are told, check them.")
            }
            WarningKind::TooDeep => (
                "A part",
                "is nested too deep; it may be told out of its place.",
            ),
            WarningKind::BrokenMarkup => ("Markup", "is broken; compare the script with the page."),
            WarningKind::NotIncluded => (
                "Content",
                "stands elsewhere and is not told; make a video of it there, or copy it into the page.",
            ),
            WarningKind::UnknownVersion => (
                "The page's format",
                "is newer than this app; compare the script with the page.",
            ),
            WarningKind::Cut => {
                return formatter.write_str(
                    "The page is longer than a video can be; its end is left out. Select a part of it instead.",
                );
            }
        };
        formatter.write_str(what)?;
        if !self.name.is_empty() {
            write!(formatter, " of the type \u{201c}{}\u{201d}", self.name)?;
        }
        write!(formatter, " {so}")
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Document({} bytes of text)", self.text.len())
    }
}

/// An index or offset. Bodies are far below 4 GiB ([`crate::MAX_BODY_BYTES`]), so that nothing is
/// ever cut here.
fn to_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Building: called by the parsers in reading order.
impl Document {
    /// A document with room for what a body of so many bytes may hold.
    pub(crate) fn with_capacity(body_bytes: usize) -> Self {
        Self {
            text: String::with_capacity(body_bytes / 3),
            parts: Vec::with_capacity(body_bytes / 24),
            ..Self::default()
        }
    }

    /// Begins a block; the answer is a place for [`Document::change`].
    pub(crate) fn open(&mut self, block: Block) -> usize {
        let index = self.parts.len();
        self.open.push(to_u32(index));
        self.parts.push(Part::Open(block));
        index
    }

    /// Changes the kind of a block that is still open, once its attributes are known.
    pub(crate) fn change(&mut self, index: usize, block: Block) {
        if let Some(part @ Part::Open(_)) = self.parts.get_mut(index) {
            *part = Part::Open(block);
        }
    }

    /// Ends the innermost open block. One that holds nothing is taken back, unless its being there
    /// says something.
    pub(crate) fn close(&mut self) {
        let Some(index) = self.open.pop() else {
            return;
        };
        let index = index as usize;
        let Some(Part::Open(block)) = self.parts.get(index).copied() else {
            return;
        };
        let says_something = matches!(
            block,
            Block::Row | Block::Cell { .. } | Block::Titled(_) | Block::Code(_)
        );
        if index + 1 == self.parts.len() && !says_something {
            self.parts.pop();
        } else {
            self.parts.push(Part::Close);
        }
    }

    /// Ends the innermost open block and leaves its content where it stands, as if the block had
    /// not been there. For nodes that turn out to be part of a line.
    pub(crate) fn dissolve(&mut self) {
        let Some(index) = self.open.pop() else {
            return;
        };
        let index = index as usize;
        if index + 1 == self.parts.len() {
            self.parts.pop();
        } else {
            // Rare: inline nodes of types that hold content. What is inside becomes a group.
            self.change(index, Block::Group);
            self.parts.push(Part::Close);
        }
    }

    /// Adds words to the run.
    pub(crate) fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(&as_text(text));
        let end = to_u32(self.text.len());
        match self.parts.last_mut() {
            Some(Part::Text(last)) => *last = end,
            _ => self.parts.push(Part::Text(end)),
        }
    }

    /// Whether the last part is one of a run: words or a person.
    pub(crate) fn is_in_run(&self) -> bool {
        matches!(self.parts.last(), Some(Part::Text(_) | Part::Person(_)))
    }

    /// The words of the run so far, back to the last person or block border.
    pub(crate) fn last_text(&self) -> &str {
        match self.parts.as_slice() {
            [.., Part::Text(_)] => &self.text[self.text_before(self.parts.len() - 1)..],
            _ => "",
        }
    }

    /// Where the text begins that the part of this index ends.
    fn text_before(&self, index: usize) -> usize {
        self.parts[..index]
            .iter()
            .rev()
            .find_map(|part| match part {
                Part::Text(end) => Some(*end as usize),
                _ => None,
            })
            .unwrap_or(0)
    }

    /// Adds a person; blanks around the words stay, as they part other words.
    pub(crate) fn person(&mut self, kind: RemovalKind, text: &str, id: &str) {
        let words = text.trim();
        let start = text.len() - text.trim_start().len();
        self.text(&text[..start]);
        let index = self.know(kind, words, id);
        self.parts.push(Part::Person(index));
        self.text(&text[start + words.len()..]);
    }

    /// Learns of a person who is not told in this place: a parameter, an attribute, somebody whom
    /// another part of the page names. Their name and id are looked for in the whole text.
    pub(crate) fn know(&mut self, kind: RemovalKind, text: &str, id: &str) -> u32 {
        let index = to_u32(self.people.len());
        let text = self.beside(text);
        let id = self.beside(id);
        self.people.push(Person { kind, text, id });
        index
    }

    /// No name is longer: a hostile page may link to one person a million times in a row, and each
    /// link would copy the words of all before it.
    const MAX_NAME_BYTES: usize = 200;

    /// Adds words that link to a person; words of the same link that marks have parted are one.
    pub(crate) fn people_link(&mut self, text: &str, id: &str) {
        let (blanks, index) = match self.parts.as_slice() {
            [.., Part::Person(index)] => ("", *index),
            [.., Part::Person(index), Part::Text(_)] => (self.last_text(), *index),
            _ => ("x", 0),
        };
        let same = blanks.trim().is_empty()
            && !id.is_empty()
            && self
                .person_at(index)
                .is_some_and(|last| last.id == id && last.text.len() <= Self::MAX_NAME_BYTES);
        if !same {
            self.person(RemovalKind::PeopleLink, text, id);
            return;
        }
        let before = self.person_at(index).map_or("", |last| last.text);
        let words = format!("{before}{blanks}{}", text.trim_end());
        let span = self.beside(&words);
        if let Some(person) = self.people.get_mut(index as usize) {
            person.text = span;
        }
        if matches!(self.parts.last(), Some(Part::Text(_))) {
            let start = self.text_before(self.parts.len() - 1);
            self.text.truncate(start);
            self.parts.pop();
        }
        self.text(&text[text.trim_end().len()..]);
    }

    /// Makes this a selection of a page: whomever that gives away is known here too.
    pub(crate) fn select_from(&mut self, page: &Document) {
        self.origin = Some(Box::new(page.clone()));
    }

    /// Words beside the text, for blocks with a title or language.
    pub(crate) fn aside(&mut self, text: &str) -> Aside {
        let text = text.trim();
        if text.is_empty() {
            return Aside::NONE;
        }
        let span = self.beside(text);
        self.spans.push(span);
        Aside(to_u32(self.spans.len()))
    }

    fn beside(&mut self, text: &str) -> Span {
        let start = to_u32(self.aside.len());
        self.aside.push_str(&as_text(text));
        Span {
            start,
            end: to_u32(self.aside.len()),
        }
    }

    /// Notes something that may be missed. Only names that look like a type's are repeated.
    pub(crate) fn warn(&mut self, kind: WarningKind, name: &str) {
        let is_name = name.len() <= 64
            && name.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.')
            });
        let name = if is_name { name } else { "" };
        let is_full = self.warnings.len() >= Self::MAX_WARNINGS;
        let known = self
            .warnings
            .iter_mut()
            .find(|it| it.kind == kind && it.name == name);
        match known {
            Some(known) => known.count = known.count.saturating_add(1),
            // A hostile page may hold a million unknown types.
            None if is_full => {}
            None => self.warnings.push(Warning {
                kind,
                name: name.to_owned(),
                count: 1,
            }),
        }
    }

    const MAX_WARNINGS: usize = 100;

    /// Ends what is still open, and gives back room that is not used.
    pub(crate) fn finish(mut self) -> Self {
        while !self.open.is_empty() {
            self.close();
        }
        self.open = Vec::new();
        self
    }
}

/// Reading: called by what learns names and by what tells.
impl Document {
    /// What may be missed of the page.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// All words that are read in place, without borders between blocks.
    pub(crate) fn all_text(&self) -> &str {
        &self.text
    }

    /// The page that this is a selection of.
    pub(crate) fn origin(&self) -> Option<&Document> {
        self.origin.as_deref()
    }

    /// The words that a block points to.
    pub(crate) fn words(&self, aside: Aside) -> &str {
        aside
            .0
            .checked_sub(1)
            .and_then(|index| self.spans.get(index as usize))
            .map_or("", |span| self.slice(*span))
    }

    fn slice(&self, span: Span) -> &str {
        self.aside
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    /// The parts in reading order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let mut start = 0;
        self.parts.iter().filter_map(move |part| {
            Some(match *part {
                Part::Open(block) => Piece::Open(block),
                Part::Close => Piece::Close,
                Part::Text(end) => {
                    let text = self.text.get(start..end as usize).unwrap_or_default();
                    start = end as usize;
                    Piece::Text(text)
                }
                Part::Person(index) => Piece::Person(self.person_at(index)?),
            })
        })
    }

    /// Everybody whom the page names, whether told in place or not.
    pub(crate) fn people(&self) -> impl Iterator<Item = PersonRef<'_>> {
        (0..to_u32(self.people.len())).filter_map(|index| self.person_at(index))
    }

    fn person_at(&self, index: u32) -> Option<PersonRef<'_>> {
        self.people.get(index as usize).map(|person| PersonRef {
            kind: person.kind,
            text: self.slice(person.text),
            id: self.slice(person.id),
        })
    }
}

/// A text with a blank for every character that no text has (control characters, DEL,
/// noncharacters): within a name one would hide it.
pub(crate) fn as_text(text: &str) -> Cow<'_, str> {
    let may_be_none =
        |byte: u8| matches!(byte, 0..=0x08 | 0x0B..=0x1F | 0x7F | 0xC2 | 0xEF | 0xF0..=0xF4);
    if !text.bytes().any(may_be_none) {
        return Cow::Borrowed(text);
    }
    let no_text = |it: char| {
        it.is_control() && !matches!(it, '\t' | '\n')
            || matches!(it, '\u{FDD0}'..='\u{FDEF}')
            || u32::from(it) & 0xFFFE == 0xFFFE
    };
    let blank = |it: char| if no_text(it) { ' ' } else { it };
    Cow::Owned(text.chars().map(blank).collect())
}

/// A file's name as it is said.
pub(crate) fn without_extension(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if (1..=6).contains(&extension.len())
                && extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            stem
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_small() {
        assert_eq!(size_of::<Part>(), 8);
    }

    #[test]
    fn blocks_that_hold_nothing_leave_nothing() {
        let mut document = Document::default();
        document.open(Block::Group);
        document.open(Block::Paragraph);
        document.close();
        document.close();
        document.open(Block::Row);
        document.open(Block::Cell {
            header: false,
            columns: 1,
            rows: 1,
        });
        let document = document.finish();
        assert_eq!(document.pieces().count(), 4);
    }

    #[test]
    fn words_that_marks_part_are_one_text_and_one_person() {
        let mut document = Document::default();
        document.text("by ");
        document.people_link("Wren ", "/people/1");
        document.people_link("Halloway", "/people/1");
        document.text(" he");
        document.text("rself");
        let pieces: Vec<_> = document.pieces().collect();
        let [
            Piece::Text("by "),
            Piece::Person(person),
            Piece::Text(" herself"),
        ] = pieces.as_slice()
        else {
            panic!("{} pieces", pieces.len());
        };
        assert_eq!(person.text, "Wren Halloway");
    }
}
