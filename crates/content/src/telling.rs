//! Tells a document as the lines of a script's sections, taking people out on the way. Walks the
//! parts once, with a stack of its own for what is open: nothing here recurses.

use std::collections::BTreeMap;

use protocol::{Place, Removal, Script, ScriptSection};

use crate::{
    Document, Page, Telling, Warning, WarningKind,
    cleaning::{Cleaning, Removed},
    model::{Block, Piece},
    names::Names,
    phrases::{Phrases, language_name},
};

/// The sections so far.
pub(crate) struct Teller<'a> {
    cleaning: Cleaning<'a>,
    names: &'a Names,
    phrases: &'static Phrases,
    telling: Telling,
    sections: Vec<ScriptSection>,
    bytes: usize,
    /// Bytes of the sentence that opens the first section.
    opening_bytes: usize,
    frames: Vec<Frame>,
    /// The words and people since the last border of a block.
    run: Vec<Piece<'a>>,
    /// What the next words begin with: the meaning of the panel that was opened.
    prefix: &'static str,
    /// How many lists are open whose items are lines of their own.
    lists: usize,
}

/// A block that is open.
struct Frame {
    kind: FrameKind,
    /// The frame that gets the words which are told now; `None` for the section.
    sink: Option<usize>,
}

enum FrameKind {
    /// Adds nothing of its own.
    Plain,
    Heading(String),
    /// A list whose items are lines, with the next number.
    List(Option<u32>),
    /// An item that is a line; `None` once that line was told.
    Item(Option<String>),
    Marked(&'static str, String),
    Table(Table),
    Row(Row),
    Cell(Cell),
    Code(String, usize),
    Picture {
        alternative: String,
        caption: String,
    },
    Alternative(String),
}

#[derive(Default)]
struct Table {
    headings: Vec<String>,
    /// Whether a row was told below the headings.
    has_rows: bool,
    /// Cells that reach down into the next rows, by column.
    carried: BTreeMap<usize, (u8, String)>,
    is_first: bool,
}

#[derive(Default)]
struct Row {
    cells: Vec<String>,
    headers: usize,
    first_is_header: bool,
}

struct Cell {
    words: String,
    header: bool,
    columns: u8,
    rows: u8,
}

/// More bytes than the characters of any script: what follows need not be told.
const MAX_BYTES: usize = Script::MAX_CHARS * 8;
/// The most columns of a table that are told apart.
const MAX_COLUMNS: usize = 256;

impl<'a> Teller<'a> {
    pub(crate) fn new(names: &'a Names, phrases: &'static Phrases, telling: Telling) -> Self {
        let first = ScriptSection {
            heading: String::new(),
            text: String::new(),
        };
        Self {
            cleaning: Cleaning::new(names, phrases),
            names,
            opening_bytes: 0,
            phrases,
            telling,
            sections: vec![first],
            bytes: 0,
            frames: Vec::new(),
            run: Vec::new(),
            prefix: "",
            lists: 0,
        }
    }

    // A table's headings are told again on each row, so that a page can be far shorter than what
    // is told of it.
    fn is_full(&self) -> bool {
        self.bytes > MAX_BYTES
    }

    /// The title, cleaned.
    pub(crate) fn title(&mut self, title: &str) -> String {
        let title = self.clean(&[Piece::Text(title)], Place::Title);
        one_line(&title)
    }

    /// Starts a section.
    pub(crate) fn section(&mut self, heading: &str) {
        self.sections.push(ScriptSection {
            heading: String::new(),
            text: String::new(),
        });
        let heading = self.clean(&[Piece::Text(heading)], Place::Heading);
        if let Some(section) = self.sections.last_mut() {
            section.heading = one_line(&heading);
        }
    }

    /// Adds lines that are lines already.
    pub(crate) fn lines(&mut self, text: &str) {
        let clean = self.clean(&[Piece::Text(text)], Place::Prose);
        self.push(&clean);
    }

    /// Tells in one sentence where the page stands, as far as that names nobody.
    pub(crate) fn opening(&mut self, page: &Page<'_>) {
        let space = page.space.filter(|name| !name.contains('~'));
        let space = space.and_then(|name| self.unpeopled(name));
        let labels: Vec<String> = page
            .labels
            .iter()
            // Labels that a person set for themselves alone.
            .filter(|label| !label.contains(['~', ':']))
            .filter_map(|label| self.unpeopled(label))
            .collect();
        let labels = labels.join(", ");
        if let Some(words) = self.phrases.opening(space.as_deref(), &labels) {
            self.paragraph(&words);
            self.opening_bytes = self.sections.last().map_or(0, |it| it.text.len());
        }
    }

    /// Words on one line, if they name nobody.
    fn unpeopled(&mut self, words: &str) -> Option<String> {
        let mut clean = String::new();
        let mut cleaning = Cleaning::new(self.names, self.phrases);
        cleaning.clean(&[Piece::Text(words)], Place::Prose, 0, &mut clean);
        let clean = one_line(&clean);
        (cleaning.finish().is_empty() && !clean.is_empty()).then_some(clean)
    }

    /// Starts the section of a file, by its name.
    pub(crate) fn attachment(&mut self, name: &str) {
        self.prefix = "";
        let name = name.rsplit_once('.').map_or(name, |(stem, extension)| {
            let is_extension = extension.len() <= 8 && !extension.contains(' ');
            if is_extension && !stem.is_empty() {
                stem
            } else {
                name
            }
        });
        self.section(name);
        if let Some(section) = self.sections.last_mut() {
            section.heading = one_line(&section.heading.replace('_', " "));
        }
    }

    /// Tells a document.
    pub(crate) fn tell(&mut self, document: &'a Document) {
        for piece in document.pieces() {
            match piece {
                Piece::Text(_) | Piece::Person(_) => self.run.push(piece),
                Piece::Open(block) => {
                    self.end_run();
                    self.open(block, document);
                }
                Piece::Close => {
                    self.end_run();
                    self.close();
                }
            }
            if self.is_full() {
                break;
            }
        }
        self.end_run();
        while !self.frames.is_empty() {
            self.close();
        }
    }

    fn sink(&self) -> Option<usize> {
        self.frames.last().and_then(|frame| frame.sink)
    }

    fn open(&mut self, block: Block, document: &Document) {
        let sink = self.sink();
        let here = Some(self.frames.len());
        // Where only a line fits (cells, tasks, headings), what is inside is words.
        let in_line = sink.is_some_and(|index| {
            !matches!(
                self.frames.get(index).map(|it| &it.kind),
                Some(FrameKind::Item(_))
            )
        });
        let plain = (FrameKind::Plain, sink);
        let (kind, sink) = match block {
            Block::Paragraph | Block::Group | Block::Quote => plain,
            Block::Panel(panel) => {
                self.prefix = self.phrases.panel(panel);
                plain
            }
            Block::Titled(title) => {
                self.titled(document.words(title));
                plain
            }
            Block::Heading(_) if sink.is_none() && self.lists == 0 => {
                (FrameKind::Heading(String::new()), here)
            }
            Block::Heading(_) => plain,
            Block::BulletList | Block::OrderedList(_) | Block::Item if in_line => plain,
            Block::BulletList | Block::OrderedList(_) => {
                self.end_item_line(sink);
                self.gap();
                self.lists += 1;
                let next = match block {
                    Block::OrderedList(start) => Some(start),
                    _ => None,
                };
                (FrameKind::List(next), None)
            }
            Block::Item => (FrameKind::Item(Some(String::new())), here),
            Block::ToDo => self.marked(self.phrases.to_do, sink),
            Block::Done => self.marked(self.phrases.done, sink),
            Block::Decision => self.marked(self.phrases.decision, sink),
            Block::Table => {
                self.end_item_line(sink);
                if sink.is_none() {
                    self.gap();
                }
                let table = Table {
                    is_first: true,
                    ..Table::default()
                };
                (FrameKind::Table(table), sink)
            }
            Block::Row => (FrameKind::Row(Row::default()), sink),
            Block::Cell {
                header,
                columns,
                rows,
            } => {
                let words = String::new();
                let cell = Cell {
                    words,
                    header,
                    columns,
                    rows,
                };
                (FrameKind::Cell(cell), here)
            }
            Block::Code(language) => (
                FrameKind::Code(document.words(language).to_owned(), 0),
                here,
            ),
            Block::Picture => {
                let picture = FrameKind::Picture {
                    alternative: String::new(),
                    caption: String::new(),
                };
                (picture, here)
            }
            Block::Alternative => (FrameKind::Alternative(String::new()), here),
        };
        self.frames.push(Frame { kind, sink });
    }

    fn marked(&mut self, word: &'static str, sink: Option<usize>) -> (FrameKind, Option<usize>) {
        self.end_item_line(sink);
        let here = Some(self.frames.len());
        (FrameKind::Marked(word, String::new()), here)
    }

    fn titled(&mut self, title: &str) {
        if title.is_empty() {
            return;
        }
        let place = self.place(self.sink());
        let title = one_line(&self.clean(&[Piece::Text(title)], place));
        if !title.is_empty() {
            let end = if title.ends_with(['.', '!', '?', ':']) {
                ""
            } else {
                ":"
            };
            self.deliver(&format!("{title}{end}"), self.sink());
        }
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let outer = self.sink();
        match frame.kind {
            FrameKind::Plain => {}
            FrameKind::Heading(words) => {
                self.sections.push(ScriptSection {
                    heading: words,
                    text: String::new(),
                });
            }
            FrameKind::List(_) => {
                self.lists = self.lists.saturating_sub(1);
                self.gap();
            }
            FrameKind::Item(words) => {
                if let Some(words) = words {
                    self.item_line(&words);
                }
            }
            FrameKind::Marked(word, words) => {
                if words.is_empty() {
                    return;
                }
                let line = format!("{word}: {words}");
                match outer {
                    None => self.push(&format!("{}- {line}", "  ".repeat(self.lists))),
                    Some(_) => self.deliver(&line, outer),
                }
            }
            FrameKind::Table(table) => {
                if !table.has_rows && !table.headings.is_empty() {
                    let words = told_row(&[], &table.headings, false);
                    self.row_line(&words, frame.sink);
                }
                if frame.sink.is_none() {
                    self.gap();
                }
            }
            FrameKind::Row(row) => self.end_row(row, frame.sink),
            FrameKind::Cell(cell) => self.end_cell(cell),
            FrameKind::Code(language, lines) => {
                if lines > 0 && !self.telling.keep_code {
                    let name = language_name(&language)
                        .map(|name| one_line(&self.clean(&[Piece::Text(&name)], Place::Code)));
                    let words = self.phrases.code(name.as_deref(), lines);
                    self.deliver(&words, outer);
                }
            }
            FrameKind::Picture {
                alternative,
                caption,
            } => {
                let words = if caption.is_empty() {
                    alternative
                } else {
                    caption
                };
                if !words.is_empty() {
                    self.deliver(&format!("{}: {words}", self.phrases.picture), outer);
                }
            }
            FrameKind::Alternative(words) => {
                if let Some(Frame {
                    kind: FrameKind::Picture { alternative, .. },
                    ..
                }) = self.frames.last_mut()
                {
                    join(alternative, ", ", &words);
                } else if !words.is_empty() {
                    self.deliver(&format!("{}: {words}", self.phrases.picture), outer);
                }
            }
        }
    }

    /// What kind of place the words of a sink stand in.
    fn place(&self, sink: Option<usize>) -> Place {
        match sink
            .and_then(|index| self.frames.get(index))
            .map(|it| &it.kind)
        {
            Some(FrameKind::Heading(_)) => Place::Heading,
            Some(FrameKind::Item(_)) => Place::List,
            Some(FrameKind::Marked(..)) => Place::Task,
            Some(FrameKind::Cell(_)) => Place::Table,
            Some(FrameKind::Code(..)) => Place::Code,
            Some(FrameKind::Picture { .. } | FrameKind::Alternative(_)) => Place::Picture,
            _ => Place::Prose,
        }
    }

    /// Hands the run over to what it stands in.
    fn end_run(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let run = std::mem::take(&mut self.run);
        let sink = self.sink();
        let frame = sink.and_then(|index| self.frames.get_mut(index));
        if let Some(Frame {
            kind: FrameKind::Code(_, lines),
            ..
        }) = frame
        {
            let text: String = run.iter().map(words_of).collect();
            *lines += text.lines().count();
            if self.telling.keep_code {
                let clean = self.clean(&run, Place::Code);
                let outer = self.frames.len().checked_sub(2);
                let outer = outer
                    .and_then(|index| self.frames.get(index))
                    .and_then(|it| it.sink);
                match outer {
                    None => self.paragraph(&clean),
                    Some(_) => self.deliver(&one_line(&clean), outer),
                }
            }
        } else {
            let heading = matches!(
                frame,
                Some(Frame {
                    kind: FrameKind::Heading(_),
                    ..
                })
            );
            let place = self.place(sink);
            // A heading belongs to the section that it starts.
            let section = self.sections.len() - 1 + usize::from(heading);
            let clean = self.clean_in(&run, place, section);
            self.deliver(&clean, sink);
        }
        self.run = run;
        self.run.clear();
    }

    /// Adds clean words to a sink.
    fn deliver(&mut self, text: &str, sink: Option<usize>) {
        let prefixed;
        let mut text = text;
        if !self.prefix.is_empty() && !text.trim().is_empty() {
            prefixed = format!("{}: {}", self.prefix, text.trim_start());
            text = &prefixed;
            self.prefix = "";
        }
        let lists = self.lists;
        let Some(frame) = sink.and_then(|index| self.frames.get_mut(index)) else {
            self.paragraph(text);
            return;
        };
        let words = one_line(text);
        match &mut frame.kind {
            FrameKind::Heading(to)
            | FrameKind::Marked(_, to)
            | FrameKind::Item(Some(to))
            | FrameKind::Picture { caption: to, .. } => join(to, " ", &words),
            FrameKind::Alternative(to) => join(to, ", ", &words),
            FrameKind::Cell(cell) => join(&mut cell.words, ", ", &words),
            _ if words.is_empty() => {}
            // Words of an item behind a list in it.
            _ => self.push(&format!("{}{words}", "  ".repeat(lists))),
        }
    }

    /// Tells an item's words so far, before a block that needs lines of its own.
    fn end_item_line(&mut self, sink: Option<usize>) {
        let frame = sink.and_then(|index| self.frames.get_mut(index));
        if let Some(Frame {
            kind: FrameKind::Item(words),
            ..
        }) = frame
            && let Some(words) = words.take()
        {
            self.item_line(&words);
        }
    }

    /// A list item's line, beside its marker.
    fn item_line(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        let list = self
            .frames
            .iter_mut()
            .rev()
            .find_map(|frame| match &mut frame.kind {
                FrameKind::List(next) => Some(next),
                _ => None,
            });
        let marker = match list {
            Some(Some(next)) => {
                let marker = format!("{next}. ");
                *next = next.saturating_add(1);
                marker
            }
            _ => "- ".to_owned(),
        };
        let indent = "  ".repeat(self.lists.saturating_sub(1));
        self.push(&format!("{indent}{marker}{words}"));
    }

    fn end_cell(&mut self, cell: Cell) {
        let [.., table, row] = self.frames.as_mut_slice() else {
            return;
        };
        let (FrameKind::Table(table), FrameKind::Row(row)) = (&mut table.kind, &mut row.kind)
        else {
            // A cell outside a table is a paragraph.
            let sink = self.sink();
            self.deliver(&cell.words, sink);
            return;
        };
        fill(row, table);
        if row.cells.is_empty() {
            row.first_is_header = cell.header;
        }
        for _ in 0..cell.columns {
            if row.cells.len() >= MAX_COLUMNS {
                break;
            }
            if cell.rows > 1 {
                let carried = (cell.rows - 1, cell.words.clone());
                table.carried.insert(row.cells.len(), carried);
            }
            row.headers += usize::from(cell.header);
            // The words of a cell that spans columns are said once, but head each of them.
            let first = cell.header || row.cells.is_empty() || cell.columns == 1;
            row.cells.push(if first {
                cell.words.clone()
            } else {
                String::new()
            });
        }
    }

    fn end_row(&mut self, mut row: Row, sink: Option<usize>) {
        let Some(FrameKind::Table(table)) = self.frames.last_mut().map(|it| &mut it.kind) else {
            let words = told_row(&[], &row.cells, false);
            self.row_line(&words, sink);
            return;
        };
        fill(&mut row, table);
        let is_first = std::mem::take(&mut table.is_first);
        if is_first && !row.cells.is_empty() && row.headers == row.cells.len() {
            table.headings = row.cells;
            return;
        }
        table.has_rows = true;
        let key_value = table.headings.is_empty() && row.first_is_header;
        let words = told_row(&table.headings, &row.cells, key_value);
        self.row_line(&words, sink);
    }

    fn row_line(&mut self, words: &str, sink: Option<usize>) {
        match sink {
            _ if words.is_empty() => {}
            None => self.push(words),
            Some(_) => self.deliver(words, sink),
        }
    }

    /// A run without people, recorded for the section that is being told.
    fn clean(&mut self, run: &[Piece<'_>], place: Place) -> String {
        self.clean_in(run, place, self.sections.len() - 1)
    }

    fn clean_in(&mut self, run: &[Piece<'_>], place: Place, section: usize) -> String {
        let mut out = String::new();
        self.cleaning.clean(run, place, section, &mut out);
        out
    }

    fn paragraph(&mut self, text: &str) {
        let lines: Vec<String> = text
            .lines()
            .map(one_line)
            .filter(|line| !line.is_empty())
            .collect();
        if !lines.is_empty() {
            self.space();
            self.push(&lines.join("\n"));
            self.space();
        }
    }

    /// An empty line before and after outermost lists and tables.
    fn gap(&mut self) {
        if self.lists == 0 {
            self.space();
        }
    }

    /// An empty line before and after paragraphs.
    fn space(&mut self) {
        if let Some(section) = self.sections.last_mut()
            && !section.text.is_empty()
            && !section.text.ends_with("\n\n")
        {
            section.text.push('\n');
        }
    }

    fn push(&mut self, text: &str) {
        if let Some(section) = self.sections.last_mut() {
            section.text.push_str(text);
            section.text.push('\n');
            self.bytes += text.len();
        }
    }

    /// The sections, removals and warnings; sections without words go, and removals follow their
    /// section's new index.
    pub(crate) fn finish(self) -> (Vec<ScriptSection>, Vec<Removal>, Vec<Warning>) {
        let warnings = if self.is_full() {
            vec![Warning {
                kind: WarningKind::Cut,
                name: String::new(),
                count: 1,
            }]
        } else {
            Vec::new()
        };
        let mut this = self;
        // A page that says nothing is not told by where it stands.
        let says_more = |section: &ScriptSection| {
            !section.heading.is_empty() || !section.text.trim().is_empty()
        };
        if let Some((first, others)) = this.sections.split_first_mut()
            && first.text.trim_end().len() < this.opening_bytes
            && !others.iter().any(says_more)
        {
            first.text.clear();
        }
        let mut kept = 0_u32;
        let mut places = Vec::with_capacity(this.sections.len());
        let mut sections = Vec::new();
        for mut section in this.sections {
            section.text.truncate(section.text.trim_end().len());
            let empty = section.heading.is_empty() && section.text.is_empty();
            places.push(kept);
            if !empty {
                kept += 1;
                sections.push(section);
            }
        }
        let last = kept.saturating_sub(1);
        let mut removals: BTreeMap<Removed, u32> = BTreeMap::new();
        for ((section, place, kind), count) in this.cleaning.finish() {
            let section =
                section.map(|it| places.get(it as usize).copied().unwrap_or(last).min(last));
            *removals.entry((section, place, kind)).or_default() += count;
        }
        let removals = removals
            .into_iter()
            .map(|((section, place, kind), count)| Removal {
                kind,
                place,
                section,
                count,
            })
            .collect();
        (sections, removals, warnings)
    }
}

fn words_of<'a>(piece: &Piece<'a>) -> &'a str {
    match *piece {
        Piece::Text(text) => text,
        Piece::Person(person) => person.text,
        Piece::Open(_) | Piece::Close => "",
    }
}

/// Puts the cells of earlier rows that reach into this one where the row has come to.
fn fill(row: &mut Row, table: &mut Table) {
    while row.cells.len() < MAX_COLUMNS
        && let Some((rows, words)) = table.carried.remove(&row.cells.len())
    {
        if rows > 1 {
            table
                .carried
                .insert(row.cells.len(), (rows - 1, words.clone()));
        }
        row.cells.push(words);
    }
}

/// A row on one line, each value after its column's heading, or all of them after the first.
fn told_row(headings: &[String], cells: &[String], key_value: bool) -> String {
    let mut line = String::new();
    for (column, cell) in cells.iter().enumerate() {
        if cell.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push_str(if key_value && column == 1 { ": " } else { "; " });
        }
        if let Some(heading) = headings.get(column).filter(|heading| !heading.is_empty()) {
            line.push_str(heading);
            line.push_str(": ");
        }
        line.push_str(cell);
    }
    line
}

fn join(to: &mut String, between: &str, words: &str) {
    if !to.is_empty() && !words.is_empty() {
        to.push_str(between);
    }
    to.push_str(words);
}

/// White space of any kind as single blanks.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}
