//! Storage format: XHTML with Confluence's `ac:` and `ri:` elements, read in one pass with a stack of
//! its own. Read as a browser reads HTML: unclosed elements end with their parents, stray end tags
//! are passed over, and unknown elements keep their text, so that nothing a reader sees is lost
//! silently. It must never recurse, panic or build a tree.

mod bodies;
mod elements;
mod entities;
mod extensions;
mod links;
mod reader;
mod words;

use protocol::RemovalKind;

use self::{
    bodies::tells_body,
    elements::{Element, element},
    entities::resolve,
    links::account,
    reader::{Reader, Tag, Token},
};
use crate::{
    ContentError, Document, MAX_BODY_BYTES, WarningKind,
    macros::{self, MacroKind},
    model::{Aside, Block},
    people::{Roles, is_people_url},
};

/// Structure nested deeper than this is told as if it stood at this depth.
const MAX_DEPTH: usize = 120;
/// What is nested deeper than this is left out. No page comes near, and nothing may grow with
/// the depth of a hostile one.
const MAX_FRAMES: usize = 480;

/// The document of a storage format body of at most [`MAX_BODY_BYTES`].
pub fn parse_storage(body: &str) -> Result<Document, ContentError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(ContentError::BodyTooLarge);
    }
    Ok(Parser::new(body).parse())
}

/// All elements that are known, and what becomes of each, by name.
pub(crate) fn elements_told() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut all: Vec<_> = elements::ELEMENTS
        .iter()
        .map(|(name, element)| (*name, element.told()))
        .collect();
    all.sort_unstable();
    all.into_iter()
}

struct Parser<'a> {
    reader: Reader<'a>,
    body: &'a str,
    out: Document,
    /// The elements that are open, but for those that add nothing to their words.
    frames: Vec<Frame<'a>>,
    sink: Sink,
    /// White space is told as it stands.
    is_verbatim: bool,
    line: Line,
    /// Words that are not told where they stand: parameters, and links that may be people.
    held: String,
    /// The parameters of the macros that are open, as parts of `values`.
    parameters: Vec<Parameter<'a>>,
    values: String,
    /// Tags that began or ended an element which adds nothing, to see whether each one ends.
    inline_open: i64,
    is_too_deep: bool,
    /// Where extensions begin, and whether each has a fallback; looked for at the first of them.
    extensions: Option<Vec<(usize, bool)>>,
    properties: Properties,
}

/// The table of page properties that is open.
#[derive(Default)]
struct Properties {
    /// How many macros of page properties are open.
    depth: u32,
    roles: Roles,
    /// Where the lines of the open cell begin in the document's words.
    lines: Vec<usize>,
}

/// Where words go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sink {
    Page,
    Held,
    Nowhere,
}

/// What the run ends in, for white space to be told as HTML shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// A run begins: no white space is told.
    Start,
    Blank,
    Word,
}

/// An element that is open.
struct Frame<'a> {
    element: Element,
    name: &'a str,
    act: Act<'a>,
    /// What was before it, to go back to.
    sink: Sink,
    is_verbatim: bool,
    /// Elements inside that are not on the stack, as it was full.
    flat: u32,
}

/// What is to be done when an element ends.
#[derive(Clone, Copy)]
enum Act<'a> {
    Nothing,
    /// Close so many blocks.
    Close(u8),
    /// Close so many blocks of page properties.
    Properties(u8),
    /// Close a cell of page properties, and learn whom it names.
    Property {
        is_header: bool,
    },
    /// As [`Act::Close`] of one block whose items are decisions.
    Decisions,
    /// Close the task that was opened at this place.
    Task(usize),
    /// Read the status that is held from here on.
    Status(usize),
    Parameter {
        name: &'a str,
        start: usize,
    },
    Macro(Macro<'a>),
    PeopleLink {
        start: usize,
        target: &'a str,
        title: &'a str,
    },
    Link(Link<'a>),
    /// Whether the picture is open.
    Picture(bool),
    Extension(Extension),
    Attribute {
        key: &'a str,
        start: usize,
    },
}

#[derive(Clone, Copy)]
struct Parameter<'a> {
    name: &'a str,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy)]
struct Macro<'a> {
    name: &'a str,
    kind: MacroKind,
    /// Where its parameters and their words begin.
    parameters: usize,
    values: usize,
    has_body: bool,
}

#[derive(Clone, Copy)]
struct Link<'a> {
    target: Target<'a>,
    anchor: &'a str,
    /// The words that are held, and those of the document when it began.
    held: usize,
    told: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Target<'a> {
    None,
    Person(RemovalKind, &'a str),
    /// A title, as written.
    Title(&'a str),
}

#[derive(Clone, Copy)]
struct Extension {
    /// The block that was opened for it.
    block: Option<usize>,
    has_fallback: bool,
    /// Whether a node of it was told.
    is_told: bool,
}

impl<'a> Parser<'a> {
    fn new(body: &'a str) -> Self {
        Self {
            reader: Reader::new(body),
            body,
            out: Document::with_capacity(body.len()),
            frames: Vec::new(),
            sink: Sink::Page,
            is_verbatim: false,
            line: Line::Start,
            held: String::new(),
            parameters: Vec::new(),
            values: String::new(),
            inline_open: 0,
            is_too_deep: false,
            extensions: None,
            properties: Properties::default(),
        }
    }

    fn parse(mut self) -> Document {
        while let Some(token) = self.reader.next() {
            match token {
                Token::Words(words) => self.words(words, true),
                Token::Data(words) => self.words(words, false),
                Token::Start(tag) => self.start(tag),
                Token::End(name) => self.end(name),
            }
        }
        self.reader.is_broken |= !self.frames.is_empty() || self.inline_open != 0;
        self.end_down_to(0);
        if self.reader.is_broken {
            self.out.warn(WarningKind::BrokenMarkup, "");
        }
        if self.is_too_deep {
            self.out.warn(WarningKind::TooDeep, "");
        }
        self.out.finish()
    }
}

/// Elements that begin.
impl<'a> Parser<'a> {
    fn start(&mut self, tag: Tag<'a>) {
        let (element, is_known) = element(tag.name);
        if !is_known {
            self.warn(WarningKind::UnknownNode, tag.name);
        }
        if element.is_structure() && self.is_told_flat(&tag) {
            return;
        }
        if element.is_structure() && element != Element::Unknown {
            self.end_unfinished();
        }
        if element.ends_paragraph() {
            self.end_paragraph();
        }
        match element {
            Element::Inline => {
                let id = account(&tag);
                match self.frames.last_mut() {
                    _ if tag.is_empty => {}
                    // Words within the words of a person.
                    Some(frame) if frame.element == element => frame.flat += 1,
                    _ if id.is_empty() => self.inline_open += 1,
                    _ => self.people_link(element, tag, id),
                }
            }
            Element::Void => {}
            Element::Break | Element::Rule => self.break_line(),
            Element::Paragraph => self.block(element, tag, Block::Paragraph),
            Element::Heading(level) => {
                self.end_open(element, |_| true);
                self.block(element, tag, Block::Heading(level));
            }
            Element::List if tag.attribute("class").contains("decision-list") => {
                let act = match self.open(Block::Group) {
                    0 => Act::Nothing,
                    _ => Act::Decisions,
                };
                self.push(element, tag, act, self.sink);
            }
            Element::List => self.block(element, tag, Block::BulletList),
            Element::NumberedList => {
                let start = tag.attribute("start").parse().unwrap_or(1);
                self.block(element, tag, Block::OrderedList(start));
            }
            Element::Item => {
                let is_wall = |it: Element| {
                    matches!(it, Element::List | Element::NumberedList) || is_cell_or_table(it)
                };
                self.end_open(element, is_wall);
                let item = match self.frames.last() {
                    Some(Frame {
                        act: Act::Decisions,
                        ..
                    }) => Block::Decision,
                    _ => Block::Item,
                };
                self.block(element, tag, item);
            }
            Element::Term => {
                self.end_open(element, |it| it == Element::Block || is_cell_or_table(it));
                self.block(element, tag, Block::Paragraph);
            }
            Element::Table => self.block(element, tag, Block::Table),
            Element::Rows | Element::Row | Element::Cell | Element::HeaderCell => {
                self.start_in_table(element, tag);
            }
            Element::Listing => {
                let depth = self.frames.len();
                self.block(element, tag, Block::Code(Aside::NONE));
                self.is_verbatim |= self.frames.len() > depth;
            }
            Element::Quote => self.block(element, tag, Block::Quote),
            Element::Block | Element::Part => self.block(element, tag, Block::Group),
            Element::Unknown => self.block(element, tag, Block::Group),
            Element::Left => self.push(element, tag, Act::Nothing, Sink::Nowhere),
            Element::Program => {
                if !tag.is_empty {
                    self.reader.skip_element(tag.name);
                }
            }
            Element::Anchor => {
                self.end_open(element, is_cell_or_table);
                let target = tag.attribute("href");
                let id = account(&tag);
                if is_people_url(&resolve(target)) {
                    self.people_link(element, tag, target);
                } else if !id.is_empty() {
                    self.people_link(element, tag, id);
                } else if !tag.is_empty {
                    self.inline_open += 1;
                }
            }
            Element::Time => {
                let day = tag.attribute("datetime");
                self.say(&resolve(day));
                let sink = if day.is_empty() {
                    self.sink
                } else {
                    Sink::Nowhere
                };
                self.push(element, tag, Act::Nothing, sink);
            }
            Element::Image => self.image(&tag),
            Element::Emoticon => self.emoticon(&tag),
            Element::User => self.user(&tag),
            Element::Resource => self.resource(&tag),
            _ => self.start_confluence(element, tag),
        }
    }

    /// Whether the stack is full here, so that what begins is told without its structure.
    fn is_told_flat(&mut self, tag: &Tag<'a>) -> bool {
        match self.frames.last_mut() {
            Some(frame) if frame.flat > 0 && frame.element != Element::Inline => {
                frame.flat += u32::from(!tag.is_empty);
            }
            _ => return false,
        }
        self.break_line();
        true
    }

    /// Ends a paragraph that a block ends. A link to a person around the block goes on, as marks do
    /// in a browser: the name may be in the block.
    fn end_paragraph(&mut self) {
        let depth = self.frames.len();
        let link = match self.frames.last() {
            Some(Frame {
                element: Element::Anchor,
                name,
                act: Act::PeopleLink { target, title, .. },
                ..
            }) => Some((*name, *target, *title)),
            _ => None,
        };
        self.end_open(Element::Paragraph, |it| it != Element::Anchor);
        if let Some((name, target, title)) = link
            && self.frames.len() < depth
        {
            let start = self.held.len();
            let act = Act::PeopleLink {
                start,
                target,
                title,
            };
            let tag = Tag {
                name,
                attributes: "",
                is_empty: false,
            };
            self.push(Element::Anchor, tag, act, Sink::Held);
        }
    }

    /// Elements of Confluence that need more than a block.
    fn start_confluence(&mut self, element: Element, tag: Tag<'a>) {
        match element {
            Element::Picture => {
                let words = [tag.attribute("ac:alt"), tag.attribute("ac:title")];
                let words = words.into_iter().find(|words| !words.trim().is_empty());
                let is_open = words.is_some_and(|words| {
                    if self.sink != Sink::Page {
                        self.say(&resolve(words));
                        return false;
                    }
                    self.open(Block::Picture);
                    self.open(Block::Alternative);
                    self.say(&resolve(words));
                    self.out.close();
                    self.line = Line::Start;
                    true
                });
                self.push(element, tag, Act::Picture(is_open), self.sink);
            }
            Element::Caption => {
                if self.sink == Sink::Page
                    && let Some(Frame {
                        act: Act::Picture(is_open),
                        ..
                    }) = self.frames.last_mut()
                    && !*is_open
                {
                    *is_open = true;
                    self.open(Block::Picture);
                }
                self.block(element, tag, Block::Paragraph);
            }
            Element::Link => {
                let link = Link {
                    target: Target::None,
                    anchor: tag.attribute("ac:anchor"),
                    held: self.held.len(),
                    told: self.out.all_text().len(),
                };
                self.push(element, tag, Act::Link(link), self.sink);
            }
            Element::LinkBody => self.link_body(tag),
            Element::Macro => {
                let name = tag.attribute("ac:name").trim();
                let kind = macros::kind(name);
                let it = Macro {
                    name,
                    kind,
                    parameters: self.parameters.len(),
                    values: self.values.len(),
                    has_body: false,
                };
                if kind == MacroKind::Unknown {
                    self.warn(WarningKind::UnknownMacro, name);
                }
                let sink = if tells_body(kind) {
                    self.sink
                } else {
                    Sink::Nowhere
                };
                self.push(element, tag, Act::Macro(it), sink);
            }
            Element::Parameter | Element::ExtensionAttribute => {
                self.end_held();
                let start = self.held.len();
                let act = match element {
                    Element::Parameter => Act::Parameter {
                        name: tag.attribute("ac:name"),
                        start,
                    },
                    _ => Act::Attribute {
                        key: tag.attribute("key"),
                        start,
                    },
                };
                self.push(element, tag, act, Sink::Held);
            }
            Element::Body | Element::PlainBody => self.macro_body(element, tag),
            Element::Task => {
                let act = match self.open_at(Block::ToDo) {
                    None => Act::Nothing,
                    Some(place) => Act::Task(place),
                };
                self.push(element, tag, act, self.sink);
            }
            Element::TaskStatus => {
                self.push(element, tag, Act::Status(self.held.len()), Sink::Held);
            }
            Element::Extension => {
                let extension = Extension {
                    block: self.open_at(Block::Group),
                    has_fallback: self.has_fallback(),
                    is_told: false,
                };
                self.push(element, tag, Act::Extension(extension), self.sink);
            }
            Element::ExtensionNode => self.extension_node(tag),
            Element::Fallback => {
                let sink = match self.extension() {
                    Some(extension) if extension.is_told => Sink::Nowhere,
                    _ => self.sink,
                };
                self.push(element, tag, Act::Nothing, sink);
            }
            _ => self.block(element, tag, Block::Group),
        }
    }

    fn block(&mut self, element: Element, tag: Tag<'a>, block: Block) {
        // Where the stack is full, what is inside is told without its structure.
        if self.is_full(element) {
            self.break_line();
            self.push(element, tag, Act::Nothing, self.sink);
            return;
        }
        let blocks = self.open(block);
        self.push(element, tag, Act::Close(blocks), self.sink);
    }

    fn start_in_table(&mut self, element: Element, tag: Tag<'a>) {
        let is_cell = matches!(element, Element::Cell | Element::HeaderCell);
        // What of the table is open that this one ends.
        let within = |it: Element| match element {
            Element::Rows => it == Element::Table,
            Element::Row => matches!(it, Element::Table | Element::Rows),
            _ => matches!(it, Element::Table | Element::Rows | Element::Row),
        };
        let place = self
            .frames
            .iter()
            .rposition(|frame| within(frame.element) || is_wall(frame.element))
            .filter(|index| self.frames.get(*index).is_some_and(|it| within(it.element)));
        if let Some(index) = place {
            self.end_down_to(index + 1);
            let in_row = self.frames.last().map(|frame| frame.element) == Some(Element::Row);
            if is_cell && !in_row {
                self.reader.is_broken = true;
                let row = Tag {
                    name: "tr",
                    attributes: "",
                    is_empty: false,
                };
                self.block(Element::Row, row, Block::Row);
            }
        }
        match element {
            Element::Rows => self.push(element, tag, Act::Nothing, self.sink),
            Element::Row => {
                self.properties.roles.start_row();
                self.block(element, tag, Block::Row);
            }
            _ => {
                let span = |name| {
                    let span = tag.attribute(name).trim().parse::<u32>().unwrap_or(1);
                    u8::try_from(span.clamp(1, 255)).unwrap_or(u8::MAX)
                };
                let cell = Block::Cell {
                    header: element == Element::HeaderCell,
                    columns: span("colspan"),
                    rows: span("rowspan"),
                };
                if self.properties.depth > 0 && !self.is_full(element) && self.open(cell) > 0 {
                    let is_header = element == Element::HeaderCell;
                    self.properties.lines.clear();
                    self.properties.lines.push(self.out.all_text().len());
                    self.push(element, tag, Act::Property { is_header }, self.sink);
                } else {
                    self.block(element, tag, cell);
                }
            }
        }
    }

    fn is_full(&self, element: Element) -> bool {
        let limit = match element.is_structure() {
            true => MAX_DEPTH,
            false => MAX_FRAMES,
        };
        self.frames.len() >= limit
    }

    fn push(&mut self, element: Element, tag: Tag<'a>, act: Act<'a>, sink: Sink) {
        let is_full = self.is_full(element);
        if is_full && let Some(frame) = self.frames.last_mut() {
            self.is_too_deep = true;
            frame.flat += u32::from(!tag.is_empty);
            return;
        }
        self.frames.push(Frame {
            element,
            name: tag.name,
            act,
            sink: self.sink,
            is_verbatim: self.is_verbatim,
            flat: 0,
        });
        // Nothing may hide in what is not told, whatever is inside.
        if self.sink != Sink::Nowhere || sink == Sink::Held {
            self.sink = sink;
        }
        if self.frames.len() == MAX_FRAMES {
            self.sink = Sink::Nowhere;
        }
        if tag.is_empty {
            self.end_frame();
        }
    }
}

/// Elements that end.
impl<'a> Parser<'a> {
    fn end(&mut self, name: &'a str) {
        let (element, _) = element(name);
        match element {
            Element::Inline => {
                match self.frames.last_mut() {
                    Some(frame) if frame.element == element && frame.flat > 0 => frame.flat -= 1,
                    Some(frame) if frame.element == element => self.end_frame(),
                    _ => self.inline_open -= 1,
                }
                return;
            }
            Element::Anchor => {
                if !self.end_open_named(element, name) {
                    self.inline_open -= 1;
                }
                return;
            }
            Element::Void
            | Element::Break
            | Element::Rule
            | Element::Image
            | Element::Emoticon
            | Element::User
            | Element::Resource
            | Element::Program => return,
            _ => {}
        }
        let is_flat = element.is_structure() || self.frames.len() >= MAX_FRAMES;
        if let Some(frame) = self.frames.last_mut()
            && frame.flat > 0
            && is_flat
        {
            frame.flat -= 1;
            return;
        }
        if !element.is_confluence() {
            self.end_unfinished();
        }
        if !self.end_open_named(element, name) {
            self.reader.is_broken = true;
        }
    }

    /// Ends the innermost open element of a name, if an end tag here may reach it.
    fn end_open_named(&mut self, element: Element, name: &str) -> bool {
        let is_it = |frame: &Frame<'_>| match (frame.element, element) {
            (Element::Heading(_), Element::Heading(_)) => true,
            (
                Element::Block | Element::Part | Element::Unknown | Element::Inline | Element::Left,
                _,
            ) => frame.name.eq_ignore_ascii_case(name),
            (it, _) => it == element,
        };
        let is_end = |frame: &Frame<'_>| {
            if element.is_confluence() {
                false
            } else if element == Element::Table || element.is_in_table() {
                is_wall(frame.element)
            } else {
                is_cell_or_table(frame.element)
            }
        };
        let found = self
            .frames
            .iter()
            .rposition(|frame| is_it(frame) || is_end(frame))
            .filter(|index| self.frames.get(*index).is_some_and(is_it));
        let Some(index) = found else {
            return false;
        };
        self.reader.is_broken |= index + 1 < self.frames.len();
        self.end_down_to(index);
        true
    }

    /// Ends an open element that the next one cannot be inside of, as its end tag would.
    fn end_open(&mut self, element: Element, is_wall: impl Fn(Element) -> bool) {
        let is_it = |frame: &Frame<'_>| match (frame.element, element) {
            (Element::Heading(_), Element::Heading(_)) => true,
            (it, _) => it == element,
        };
        let found = self
            .frames
            .iter()
            .rposition(|frame| is_it(frame) || is_wall(frame.element))
            .filter(|index| self.frames.get(*index).is_some_and(is_it));
        if let Some(index) = found {
            self.reader.is_broken = true;
            self.end_down_to(index);
        }
    }

    /// Ends what should have ended before a block begins or ends: its end tag is missing, and what
    /// it holds back would be the rest of the page.
    fn end_unfinished(&mut self) {
        while let Some(frame) = self.frames.last() {
            let is_unfinished = match frame.act {
                Act::PeopleLink { start, .. } => {
                    let words = self.held.get(start..).unwrap_or_default();
                    !words.trim().is_empty()
                }
                _ => matches!(
                    frame.element,
                    Element::Macro
                        | Element::Parameter
                        | Element::Link
                        | Element::Picture
                        | Element::TaskStatus
                        | Element::ExtensionAttribute
                ),
            };
            if !is_unfinished {
                return;
            }
            self.reader.is_broken = true;
            self.end_frame();
        }
    }

    /// Ends a parameter whose end tag is missing.
    fn end_held(&mut self) {
        let is_held = |it| matches!(it, Element::Parameter | Element::ExtensionAttribute);
        if self
            .frames
            .last()
            .is_some_and(|frame| is_held(frame.element))
        {
            self.reader.is_broken = true;
            self.end_frame();
        }
    }

    fn end_down_to(&mut self, length: usize) {
        while self.frames.len() > length {
            self.end_frame();
        }
    }

    fn end_frame(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        self.sink = frame.sink;
        self.is_verbatim = frame.is_verbatim;
        match frame.act {
            Act::Nothing => {}
            Act::Close(0) if self.sink == Sink::Held => self.held.push(' '),
            Act::Close(blocks) => self.close(blocks),
            Act::Decisions | Act::Task(_) => self.close(1),
            Act::Properties(blocks) => {
                self.properties.depth = self.properties.depth.saturating_sub(1);
                self.close(blocks);
            }
            Act::Property { is_header } => self.end_property(is_header),
            Act::Status(start) => {
                let is_done = self.held.get(start..).unwrap_or_default().trim() == "complete";
                self.held.truncate(start);
                if let Some(Frame {
                    act: Act::Task(place),
                    ..
                }) = self.frames.last()
                    && is_done
                {
                    self.out.change(*place, Block::Done);
                }
            }
            Act::Parameter { name, start } => self.end_parameter(name, start),
            Act::Macro(it) => self.end_macro(it),
            Act::PeopleLink {
                start,
                target,
                title,
            } => self.end_people_link(start, target, title),
            Act::Link(link) => self.end_link(link),
            Act::Picture(is_open) => {
                if is_open {
                    self.close(1);
                }
            }
            Act::Extension(extension) => self.close(u8::from(extension.block.is_some())),
            Act::Attribute { key, start } => self.end_attribute(key, start),
        }
    }
}

/// The words of a text, line by line.
fn lines<'a>(text: &'a str, starts: &'a [usize]) -> impl Iterator<Item = &'a str> + Clone {
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| text.get(*start..end).unwrap_or_default())
}

/// Markup inside does not reach what is outside.
fn is_wall(element: Element) -> bool {
    element.is_confluence() || element == Element::Table
}

fn is_cell_or_table(element: Element) -> bool {
    is_wall(element) || matches!(element, Element::Cell | Element::HeaderCell)
}
