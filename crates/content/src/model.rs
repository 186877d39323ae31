//! The one document model of both formats: what a reader sees, in reading order, with people kept
//! apart from text so that they can be taken out. Marks and link targets are gone already.

use protocol::RemovalKind;

/// A page's body. Page content, so `Debug` prints its size alone (P14).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Document {
    pub(crate) blocks: Vec<Block>,
    /// People whom the page mentions elsewhere than in these blocks.
    pub(crate) known: Vec<Known>,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Document({} blocks)", self.blocks.len())
    }
}

/// A person whom the page itself names.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub kind: RemovalKind,
    pub text: String,
    pub id: String,
}

/// Something that stands on lines of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// A heading; starts a section.
    Heading(Inlines),
    /// Prose, captions, alternative texts.
    Paragraph(Inlines),
    /// A list; ordered ones start at a number.
    List {
        start: Option<u64>,
        items: Vec<Vec<Block>>,
    },
    /// A task or decision, with the word that tells its state.
    Marked { word: &'static str, text: Inlines },
    /// A table's rows.
    Table(Vec<Row>),
    /// A code listing.
    Code { language: String, text: String },
    /// A title with blocks under it: expands, titled panels and macros.
    Titled { title: Inlines, blocks: Vec<Block> },
    /// Blocks that belong together: panels, quotes, layouts.
    Group(Vec<Block>),
}

/// A table row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub cells: Vec<Cell>,
}

/// A table cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    pub header: bool,
    pub blocks: Vec<Block>,
}

/// A run of text and people; adjacent texts are one, so that a name is found across marks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Inlines(pub Vec<Inline>);

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inline {
    /// Text.
    Text(String),
    /// A person: how, the words that stand for them on the page, and the id or address behind
    /// those words (either may be empty).
    Person {
        kind: RemovalKind,
        text: String,
        id: String,
    },
}

impl Inlines {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let mut inlines = Self::default();
        inlines.push_text(&text.into());
        inlines
    }

    /// What is told of a picture, of its caption or alternative text.
    pub(crate) fn picture(words: Self) -> Self {
        let mut run = Self::text("Picture: ");
        run.append(words);
        run
    }

    pub(crate) fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(Inline::Text(last)) => last.push_str(text),
            _ => self.0.push(Inline::Text(text.to_owned())),
        }
    }

    /// Adds a person; blanks around the words stay, as they part other words.
    pub(crate) fn push_person(&mut self, kind: RemovalKind, text: &str, id: &str) {
        let words = text.trim();
        let start = text.len() - text.trim_start().len();
        self.push_text(&text[..start]);
        self.0.push(Inline::Person {
            kind,
            text: words.to_owned(),
            id: id.to_owned(),
        });
        self.push_text(&text[start + words.len()..]);
    }

    /// Adds words that link to a person; words of the same link that marks have parted are one.
    pub(crate) fn push_people_link(&mut self, text: &str, id: &str) {
        let blanks = match self.0.as_slice() {
            [.., Inline::Person { id: last, .. }] if last == id => Some(""),
            [.., Inline::Person { id: last, .. }, Inline::Text(blanks)]
                if last == id && blanks.trim().is_empty() =>
            {
                Some(blanks.as_str())
            }
            _ => None,
        };
        let Some(blanks) = blanks.filter(|_| !id.is_empty()).map(str::to_owned) else {
            self.push_person(RemovalKind::PeopleLink, text, id);
            return;
        };
        if matches!(self.0.last(), Some(Inline::Text(_))) {
            self.0.pop();
        }
        if let Some(Inline::Person {
            kind, text: before, ..
        }) = self.0.pop()
        {
            self.push_person(kind, &format!("{before}{blanks}{text}"), id);
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        for inline in other.0 {
            match inline {
                Inline::Text(text) => self.push_text(&text),
                person => self.0.push(person),
            }
        }
    }

    /// Whether there is nothing to tell and nobody to remove.
    pub(crate) fn is_blank(&self) -> bool {
        self.0
            .iter()
            .all(|inline| matches!(inline, Inline::Text(text) if text.trim().is_empty()))
    }

    /// All words as they stand on the page.
    pub(crate) fn plain(&self) -> String {
        self.0
            .iter()
            .map(|inline| match inline {
                Inline::Text(text) | Inline::Person { text, .. } => text.as_str(),
            })
            .collect()
    }
}

impl Block {
    pub(crate) fn paragraph(inlines: Inlines) -> Option<Self> {
        (!inlines.is_blank()).then_some(Self::Paragraph(inlines))
    }

    /// Calls `visit` with every run of the blocks, in reading order.
    pub(crate) fn each_run<'a>(blocks: &'a [Self], visit: &mut impl FnMut(&'a Inlines)) {
        for block in blocks {
            match block {
                Self::Heading(text) | Self::Paragraph(text) | Self::Marked { text, .. } => {
                    visit(text)
                }
                Self::List { items, .. } => {
                    items.iter().for_each(|item| Self::each_run(item, visit))
                }
                Self::Table(rows) => {
                    for cell in rows.iter().flat_map(|row| &row.cells) {
                        Self::each_run(&cell.blocks, visit);
                    }
                }
                Self::Titled { title, blocks } => {
                    visit(title);
                    Self::each_run(blocks, visit);
                }
                Self::Group(blocks) => Self::each_run(blocks, visit),
                Self::Code { .. } => {}
            }
        }
    }
}
