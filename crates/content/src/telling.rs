//! Tells a document as the lines of a script's sections, taking people out on the way. Walks the
//! parts once, with a stack of its own for what is open: nothing here recurses. Words go straight
//! into the section's text where they stand on lines of their own, and into one shared buffer where
//! they wait for the end of their row or heading.

use std::{borrow::Cow, collections::BTreeMap};

use protocol::{Place, Removal, Script, ScriptSection};

use crate::{
    Document, Page, Telling, Warning, WarningKind,
    cleaning::{Cleaning, Removed},
    model::{Block, Piece, as_text},
    names::Names,
    phrases::{Phrases, language_name},
    speech::speakable,
};

/// The sections so far.
pub(crate) struct Teller<'a> {
    cleaning: Cleaning<'a>,
    names: &'a Names,
    phrases: &'static Phrases,
    /// The language that words are put into.
    language: Option<&'static str>,
    telling: Telling,
    /// The sections that have ended.
    sections: Vec<ScriptSection>,
    /// Their bytes.
    bytes: usize,
    /// The section that is being told.
    current: ScriptSection,
    /// Whether its last line is an item's that may go on.
    line_is_open: bool,
    /// Where that line begins.
    line_start: usize,
    /// Whether in the line or heading that is being told words stand side by side of which each was
    /// clean for itself alone.
    is_in_doubt: bool,
    /// Bytes of the sentence that opens the first section.
    opening_bytes: usize,
    frames: Vec<Frame>,
    /// The words of headings and cells that are open, outermost first.
    buffer: String,
    /// The words and people since the last border of a block.
    run: Vec<Piece<'a>>,
    /// The clean words of a run, and the line of a row; kept for their room.
    clean: String,
    line: String,
    /// What the next words begin with: the meaning of the panel that was opened.
    prefix: &'static str,
    /// How many lists are open whose items are lines of their own.
    lists: usize,
    /// At so many bytes the characters are counted again.
    count_at: usize,
    is_full: bool,
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
    /// Its words begin with what it means, wherever they go; holds what the block around it means.
    Prefixed(&'static str),
    /// A heading that starts a section; its words start here in the buffer.
    Heading(usize),
    /// A heading where no section can start.
    Subheading,
    /// A list whose items are lines, with the next number.
    List(Option<u32>),
    Item(Item),
    Table(Table),
    Row(Row),
    Cell(Cell),
    /// A listing's language and lines.
    Code(String, usize),
    Picture {
        alternative: String,
        caption: String,
    },
    Alternative(String),
}

/// An item, task or decision that is a line.
struct Item {
    /// What it begins with; empty for the marker of its list.
    word: &'static str,
    is_told: bool,
    /// A task or decision outside of any list makes one.
    is_list: bool,
}

#[derive(Default)]
struct Table {
    /// What the block around it means, until that was said.
    prefix: &'static str,
    headings: Vec<String>,
    /// Whether cells of the last row of headings span others, so that the next row may go with it.
    has_spans: bool,
    /// Whether what is told again with each row is in doubt.
    is_in_doubt: bool,
    /// Whether a row was told below the headings.
    has_rows: bool,
    /// Cells that reach down into the next rows, by column.
    carried: BTreeMap<usize, Carried>,
}

struct Carried {
    rows: u8,
    words: String,
    header: bool,
}

/// A row's cells, as pieces of the buffer.
struct Row {
    start: usize,
    cells: Vec<(usize, usize)>,
    headers: usize,
    first_is_header: bool,
    has_spans: bool,
    /// The table's.
    sink: Option<usize>,
}

struct Cell {
    start: usize,
    header: bool,
    columns: u8,
    rows: u8,
}

/// What becomes of a line that the author ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Break {
    /// A line.
    Line,
    /// A blank.
    Blank,
    /// A pause.
    Pause,
}

/// Parts what is only listed.
pub(crate) const PAUSE: &str = ", ";
/// The deepest items that are told apart by blanks before them.
const MAX_INDENT: usize = 20;
/// The most columns of a table that are told apart.
const MAX_COLUMNS: usize = 256;
/// The most bytes of a cell that is told again in other columns and rows, as a heading.
const MAX_HEADING_BYTES: usize = 1_000;
/// How often words are put in order.
const MOST_ROUNDS: usize = 8;
/// How far back the end of a sentence is looked for where a script is cut.
const MAX_SENTENCE_BYTES: usize = 2_000;

impl<'a> Teller<'a> {
    pub(crate) fn new(names: &'a Names, language: Option<&'static str>, telling: Telling) -> Self {
        let phrases = Phrases::of(language);
        Self {
            cleaning: Cleaning::new(names, phrases),
            names,
            phrases,
            language,
            telling,
            sections: Vec::new(),
            bytes: 0,
            current: section(String::new()),
            line_is_open: false,
            line_start: 0,
            is_in_doubt: false,
            opening_bytes: 0,
            frames: Vec::new(),
            buffer: String::new(),
            run: Vec::new(),
            clean: String::new(),
            line: String::new(),
            prefix: "",
            lists: 0,
            count_at: Script::MAX_CHARS,
            is_full: false,
        }
    }

    /// Tells what was told before.
    pub(crate) fn of_told(names: &'a Names, language: Option<&'static str>) -> Self {
        let mut teller = Self::new(names, language, Telling::default());
        teller.cleaning.is_told = true;
        teller
    }

    /// Whether more was told than a script can hold. A table's headings are told again on each row,
    /// so that a page can be far shorter than what is told of it.
    fn is_full(&mut self) -> bool {
        let bytes = self.bytes + self.current.text.len() + self.buffer.len();
        if bytes > self.count_at && !self.is_full {
            let chars: usize = self.sections.iter().map(chars).sum::<usize>()
                + chars(&self.current)
                + self.buffer.chars().count();
            self.is_full = chars > Script::MAX_CHARS;
            // A character has at least one byte: sooner the limit cannot be passed.
            self.count_at = bytes + Script::MAX_CHARS.saturating_sub(chars);
        }
        self.is_full
    }

    /// The title, cleaned, and cut where it has become too long.
    pub(crate) fn title(&mut self, title: &str) -> String {
        let told = self.told_title(title);
        if told == title {
            return told;
        }
        self.again(|teller| teller.settled(told, Self::told_title))
    }

    fn told_title(&mut self, title: &str) -> String {
        let mut clean = String::new();
        self.clean_words(&[Piece::Text(&as_text(title))], Place::Title, &mut clean);
        let mut title = one_line(&clean);
        if let Some((end, _)) = title.char_indices().nth(Script::MAX_TITLE_CHARS) {
            let end = title[..end].rfind(' ').unwrap_or(end);
            title.truncate(end);
        }
        title
    }

    /// Starts a section.
    pub(crate) fn section(&mut self, heading: &str) {
        self.start_section(String::new());
        self.current.heading = self.heading(heading.to_owned(), self.sections.len());
    }

    /// A heading that was told before, of the section of an index.
    fn heading(&mut self, heading: String, section: usize) -> String {
        self.settled(heading, |teller, heading| {
            let mut clean = String::new();
            let heading = as_text(heading);
            let run = [Piece::Text(&heading)];
            teller
                .cleaning
                .clean(&run, Place::Heading, section, &mut clean);
            one_line(&clean)
        })
    }

    /// Words that were told, put in order until nothing changes any more.
    fn settled(&mut self, words: String, tell: impl Fn(&mut Self, &str) -> String) -> String {
        let mut words = words;
        for _ in 0..MOST_ROUNDS {
            let told = tell(self, &words);
            if told == words {
                break;
            }
            words = told;
        }
        words
    }

    /// Does something with words that were told before.
    fn again<T>(&mut self, with: impl FnOnce(&mut Self) -> T) -> T {
        let was_told = std::mem::replace(&mut self.cleaning.is_told, true);
        let done = with(self);
        self.cleaning.is_told = was_told;
        done
    }

    /// Adds lines that are lines already.
    pub(crate) fn lines(&mut self, text: &str) {
        let clean = self.told_lines(text, self.sections.len());
        self.current.text.push_str(&clean);
    }

    /// Lines that were told before, without people. Each is a run of its own, as the last word of a
    /// paragraph and the first of the next are nobody's name.
    fn told_lines(&mut self, text: &str, section: usize) -> String {
        let text = as_text(text);
        let mut clean = String::with_capacity(text.len());
        self.cleaning.is_lines = true;
        for line in text.split_inclusive('\n') {
            let run = [Piece::Text(line)];
            self.cleaning.clean(&run, Place::Prose, section, &mut clean);
        }
        self.cleaning.is_lines = false;
        clean
    }

    /// Looks for people once more in the last lines of the section where they are in doubt, as will
    /// be done before they leave: by this what is shown is clean, and stays as it is.
    fn look_again(&mut self, start: usize) {
        if std::mem::take(&mut self.is_in_doubt) {
            let told = self.current.text.split_off(start);
            let section = self.sections.len();
            let clean = self.again(|teller| teller.told_lines(&told, section));
            self.current.text.push_str(&clean);
        }
    }

    /// Tells in one sentence where the page stands, as far as that names nobody.
    pub(crate) fn opening(&mut self, page: &Page<'_>) {
        let space = page.space.filter(|name| !name.contains('~'));
        let space = space.and_then(|name| self.unpeopled(name));
        let labels: Vec<String> = page
            .labels
            .iter()
            // Labels that a person set for themselves alone are `my:…`.
            .filter(|label| !label.contains(['~', ':']))
            .filter_map(|label| self.unpeopled(label))
            .collect();
        let labels = labels.join(match self.phrases.code {
            "ja" | "zh" => "、",
            _ => PAUSE,
        });
        if let Some(words) = self.phrases.opening(space.as_deref(), &labels) {
            self.is_in_doubt = true;
            self.deliver(&words, None);
            self.opening_bytes = self.current.text.len();
        }
    }

    /// Words on one line, if they name nobody.
    fn unpeopled(&mut self, words: &str) -> Option<String> {
        let mut clean = String::new();
        let mut cleaning = Cleaning::new(self.names, self.phrases);
        cleaning.clean(&[Piece::Text(&as_text(words))], Place::Prose, 0, &mut clean);
        let clean = one_line(&clean);
        (cleaning.finish().is_empty() && !clean.is_empty()).then_some(clean)
    }

    /// Starts the section of a file, by its name.
    pub(crate) fn attachment(&mut self, name: &str) {
        let stem = match name.rsplit_once('.') {
            Some((stem, extension)) if extension.len() <= 8 && !extension.contains(' ') => stem,
            _ => name,
        };
        let words = if stem.is_empty() { name } else { stem };
        let mut clean = String::new();
        let section = self.next_section();
        self.cleaning.clean(
            &[Piece::Text(&as_text(words))],
            Place::Heading,
            section,
            &mut clean,
        );
        self.speak(Place::Heading, section, &mut clean);
        self.is_in_doubt = true;
        self.start_section(one_line(&clean.replace('_', " ")));
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
                    if self.is_full() {
                        break;
                    }
                }
            }
        }
        self.end_run();
        while !self.frames.is_empty() {
            self.close();
        }
        self.end_line();
        self.prefix = "";
        self.buffer.clear();
    }

    fn sink(&self) -> Option<usize> {
        self.frames.last().and_then(|frame| frame.sink)
    }

    fn kind(&mut self, sink: Option<usize>) -> Option<&mut FrameKind> {
        let frame = self.frames.get_mut(sink?);
        frame.map(|frame| &mut frame.kind)
    }

    fn open(&mut self, block: Block, document: &Document) {
        let sink = self.sink();
        let here = Some(self.frames.len());
        let start = self.buffer.len();
        // Where only words fit (cells, headings, captions) there are no lines.
        let in_words = !matches!(self.kind(sink), None | Some(FrameKind::Item(_)));
        let (kind, sink) = match block {
            Block::Paragraph | Block::Group => (FrameKind::Plain, sink),
            Block::Quote => self.prefixed(self.phrases.quote, sink),
            Block::Panel(panel) => self.prefixed(self.phrases.panel(panel), sink),
            Block::Titled(title) => {
                self.titled(document.words(title));
                (FrameKind::Plain, sink)
            }
            Block::Heading(_) if sink.is_none() && self.lists == 0 => {
                (FrameKind::Heading(start), here)
            }
            Block::Heading(_) => (FrameKind::Subheading, sink),
            Block::BulletList | Block::OrderedList(_) | Block::Item if in_words => {
                (FrameKind::Plain, sink)
            }
            Block::BulletList | Block::OrderedList(_) => {
                self.end_line();
                self.gap();
                self.lists += 1;
                let next = match block {
                    Block::OrderedList(start) => Some(start),
                    _ => None,
                };
                (FrameKind::List(next), None)
            }
            Block::Item => self.item("", here),
            Block::ToDo | Block::Done | Block::Decision => {
                let word = match block {
                    Block::ToDo => self.phrases.to_do,
                    Block::Done => self.phrases.done,
                    _ => self.phrases.decision,
                };
                if in_words {
                    self.prefixed(word, sink)
                } else {
                    self.item(word, here)
                }
            }
            Block::Table => {
                self.end_line();
                if sink.is_none() {
                    self.gap();
                }
                // Said before the first row, and not again with each heading.
                let table = Table {
                    prefix: std::mem::take(&mut self.prefix),
                    ..Table::default()
                };
                (FrameKind::Table(table), sink)
            }
            Block::Row => {
                let row = Row {
                    start,
                    cells: Vec::new(),
                    headers: 0,
                    first_is_header: false,
                    has_spans: false,
                    sink,
                };
                (FrameKind::Row(row), here)
            }
            Block::Cell {
                header,
                columns,
                rows,
            } => {
                if let [.., table, row] = self.frames.as_mut_slice()
                    && let (FrameKind::Table(table), FrameKind::Row(row)) =
                        (&mut table.kind, &mut row.kind)
                {
                    fill(row, table, &mut self.buffer);
                }
                let cell = Cell {
                    start: self.buffer.len(),
                    header,
                    columns,
                    rows,
                };
                (FrameKind::Cell(cell), here)
            }
            Block::Code(language) => {
                let language = document.words(language).to_owned();
                (FrameKind::Code(language, 0), here)
            }
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

    fn prefixed(&mut self, word: &'static str, sink: Option<usize>) -> (FrameKind, Option<usize>) {
        let outer = self.prefix;
        if !word.is_empty() {
            self.prefix = word;
        }
        (FrameKind::Prefixed(outer), sink)
    }

    fn item(&mut self, word: &'static str, here: Option<usize>) -> (FrameKind, Option<usize>) {
        self.end_line();
        let in_list = matches!(
            self.frames.last().map(|it| &it.kind),
            Some(FrameKind::List(_))
        );
        let is_list = !in_list && !word.is_empty();
        self.lists += usize::from(is_list);
        let item = Item {
            word,
            is_told: false,
            is_list,
        };
        (FrameKind::Item(item), here)
    }

    fn titled(&mut self, title: &str) {
        if title.is_empty() {
            return;
        }
        let sink = self.sink();
        let place = self.place(sink);
        let mut clean = std::mem::take(&mut self.clean);
        clean.clear();
        self.clean_words(&[Piece::Text(title)], place, &mut clean);
        self.speak(place, self.sections.len(), &mut clean);
        clean.truncate(clean.trim_end().len());
        if !clean.is_empty() {
            if !clean.ends_with(['.', '!', '?', ':', '。', '！', '？', '：']) {
                clean.push(if clean.ends_with(is_ideographic) {
                    '：'
                } else {
                    ':'
                });
            }
            self.deliver(&clean, sink);
        }
        self.clean = clean;
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let outer = self.sink();
        match frame.kind {
            FrameKind::Plain => {}
            // What was said already is not said again.
            FrameKind::Prefixed(outer) if !self.prefix.is_empty() => self.prefix = outer,
            FrameKind::Prefixed(_) => {}
            FrameKind::Heading(start) => {
                let heading = self.buffer.split_off(start.min(self.buffer.len()));
                self.start_section(heading);
            }
            FrameKind::Subheading => self.colon(frame.sink),
            FrameKind::List(_) => {
                self.lists = self.lists.saturating_sub(1);
                self.gap();
            }
            FrameKind::Item(item) => {
                self.end_line();
                self.lists = self.lists.saturating_sub(usize::from(item.is_list));
            }
            FrameKind::Table(table) => {
                if !table.has_rows && !table.headings.is_empty() {
                    let mut line = std::mem::take(&mut self.line);
                    line.clear();
                    let parted = self.between_cells(frame.sink);
                    self.is_in_doubt = true;
                    for heading in table.headings.iter().filter(|it| !it.is_empty()) {
                        line.push_str(between(&line, parted));
                        line.push_str(heading);
                    }
                    self.row_line(table.prefix, &line, frame.sink);
                    self.line = line;
                } else if !table.prefix.is_empty() {
                    self.prefix = table.prefix;
                }
                if frame.sink.is_none() {
                    self.gap();
                }
            }
            FrameKind::Row(row) => self.end_row(row),
            FrameKind::Cell(cell) => self.end_cell(&cell),
            FrameKind::Code(language, lines) => {
                if lines > 0 && !self.telling.keep_code {
                    let name = language_name(&language).map(|name| {
                        let mut clean = String::new();
                        self.clean_words(&[Piece::Text(&name)], Place::Code, &mut clean);
                        one_line(&clean)
                    });
                    let words = self.phrases.code(name.as_deref(), lines);
                    self.deliver(&words, outer);
                }
            }
            FrameKind::Picture {
                alternative,
                caption,
            } => {
                let words = if caption.is_empty() {
                    &alternative
                } else {
                    &caption
                };
                self.picture(words, outer);
            }
            // What an upload was called says nothing of the picture.
            FrameKind::Alternative(words) if is_image_file(&words) => {}
            FrameKind::Alternative(words) => match self.frames.last_mut() {
                Some(Frame {
                    kind: FrameKind::Picture { alternative, .. },
                    ..
                }) => add(
                    alternative,
                    between(alternative, PAUSE),
                    "",
                    &words,
                    Break::Blank,
                ),
                _ => self.picture(&words, outer),
            },
        }
    }

    fn picture(&mut self, words: &str, sink: Option<usize>) {
        if !words.is_empty() {
            let words = [self.phrases.picture, words].concat();
            self.is_in_doubt = true;
            self.deliver(&words, sink);
        }
    }

    /// What kind of place the words of a sink stand in.
    fn place(&mut self, sink: Option<usize>) -> Place {
        match self.kind(sink) {
            Some(FrameKind::Heading(_)) => Place::Heading,
            Some(FrameKind::Item(item)) if item.word.is_empty() => Place::List,
            Some(FrameKind::Item(_)) => Place::Task,
            Some(FrameKind::Cell(_) | FrameKind::Row(_)) => Place::Table,
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
        let mut clean = std::mem::take(&mut self.clean);
        clean.clear();
        let sink = self.sink();
        let place = self.place(sink);
        if let Some(FrameKind::Code(_, lines)) = self.kind(sink) {
            *lines += lines_of(&run);
            if self.telling.keep_code {
                self.clean_words(&run, place, &mut clean);
                let outer = self.frames.len().checked_sub(2);
                let outer = outer.and_then(|index| self.frames.get(index)?.sink);
                self.code(&clean, outer);
            }
        } else {
            // A heading belongs to the section that it starts.
            let section = match place {
                Place::Heading => self.next_section(),
                _ => self.sections.len(),
            };
            self.cleaning.clean(&run, place, section, &mut clean);
            self.speak(place, section, &mut clean);
            self.deliver(&clean, sink);
        }
        self.clean = clean;
        self.run = run;
        self.run.clear();
    }

    /// Puts clean words as they are to be spoken.
    fn speak(&mut self, place: Place, section: usize, clean: &mut String) {
        // What was changed is cleaned again: where signs went, the halves of a name may have met.
        if let Cow::Owned(spoken) = speakable(clean, self.language) {
            clean.clear();
            let run = [Piece::Text(spoken.as_str())];
            self.cleaning.clean(&run, place, section, clean);
        }
    }

    /// Adds the words of a run without people, recorded for the section that is being told.
    fn clean_words(&mut self, run: &[Piece<'_>], place: Place, out: &mut String) {
        self.cleaning.clean(run, place, self.sections.len(), out);
    }

    /// Adds code that is kept as it stands, but for empty lines: those part paragraphs.
    fn code(&mut self, code: &str, sink: Option<usize>) {
        if sink.is_some() {
            self.deliver(code, sink);
            return;
        }
        self.end_line();
        self.space();
        let start = self.current.text.len();
        for line in code.lines() {
            let line = line.trim_end();
            if !line.is_empty() {
                self.current.text.push_str(line);
                self.current.text.push('\n');
            }
        }
        // Code has other signs than what is told.
        self.is_in_doubt = true;
        self.look_again(start);
        self.space();
    }

    /// Adds clean words to a sink.
    fn deliver(&mut self, words: &str, sink: Option<usize>) {
        if words.trim_start().is_empty() {
            return;
        }
        let prefix = std::mem::take(&mut self.prefix);
        let Some(index) = sink else {
            self.paragraph(prefix, words);
            return;
        };
        let buffer = &mut self.buffer;
        match self.frames.get_mut(index).map(|it| &mut it.kind) {
            Some(FrameKind::Item(_)) => self.item_words(index, prefix, words),
            Some(FrameKind::Heading(start)) => {
                let told = &buffer[*start..];
                let between = between(told, " ");
                self.is_in_doubt |= !prefix.is_empty() || self.names.may_meet(told, between, words);
                add(buffer, between, prefix, words, Break::Blank);
            }
            Some(FrameKind::Cell(cell)) => {
                let told = &buffer[cell.start..];
                let between = between(told, PAUSE);
                self.is_in_doubt |= !prefix.is_empty() || self.names.may_meet(told, between, words);
                add(buffer, between, prefix, words, Break::Pause);
            }
            Some(FrameKind::Row(row)) => {
                let start = buffer.len();
                self.is_in_doubt |= !prefix.is_empty();
                add(buffer, "", prefix, words, Break::Pause);
                row.cells.push((start, buffer.len()));
            }
            Some(FrameKind::Picture { caption: to, .. } | FrameKind::Alternative(to)) => {
                self.is_in_doubt = true;
                add(to, between(to, PAUSE), prefix, words, Break::Blank);
            }
            _ => {}
        }
    }

    fn paragraph(&mut self, prefix: &str, words: &str) {
        self.end_line();
        self.space();
        let start = self.current.text.len();
        add(&mut self.current.text, "", prefix, words, Break::Line);
        self.is_in_doubt |= !prefix.is_empty() || words.contains('\n');
        self.look_again(start);
        self.current.text.push('\n');
        self.space();
    }

    /// Adds words to an item: to its line while that is open, else as a line of its own.
    fn item_words(&mut self, index: usize, prefix: &str, words: &str) {
        let Some(FrameKind::Item(item)) = self.frames.get_mut(index).map(|it| &mut it.kind) else {
            return;
        };
        let word = item.word;
        let is_told = std::mem::replace(&mut item.is_told, true);
        let text = &mut self.current.text;
        if std::mem::replace(&mut self.line_is_open, true) {
            let between = between(text, ". ");
            self.is_in_doubt = true;
            add(text, between, prefix, words, Break::Pause);
            return;
        }
        self.line_start = text.len();
        self.is_in_doubt |= !prefix.is_empty() || !word.is_empty();
        let depth = self.lists.saturating_sub(usize::from(!is_told));
        for _ in 0..depth.min(MAX_INDENT) {
            text.push_str("  ");
        }
        if !is_told {
            let list = index.checked_sub(1).and_then(|it| self.frames.get_mut(it));
            match list.map(|it| &mut it.kind) {
                Some(FrameKind::List(Some(next))) if word.is_empty() => {
                    push_number(text, *next);
                    text.push_str(". ");
                    *next = next.saturating_add(1);
                }
                _ => text.push_str("- "),
            }
            text.push_str(word);
        }
        add(text, "", prefix, words, Break::Pause);
    }

    /// Ends the line of an item.
    fn end_line(&mut self) {
        if std::mem::take(&mut self.line_is_open) {
            self.look_again(self.line_start);
            self.current.text.push('\n');
        }
    }

    /// Ends words that head what follows them in the same line.
    fn colon(&mut self, sink: Option<usize>) {
        let in_item = matches!(self.kind(sink), Some(FrameKind::Item(_)));
        let in_cell = matches!(self.kind(sink), Some(FrameKind::Cell(_)));
        let to = if in_item && self.line_is_open {
            &mut self.current.text
        } else if in_cell {
            &mut self.buffer
        } else {
            return;
        };
        if to.ends_with(char::is_alphanumeric) {
            to.push(if to.ends_with(is_ideographic) {
                '：'
            } else {
                ':'
            });
        }
    }

    fn end_cell(&mut self, cell: &Cell) {
        let start = cell.start.min(self.buffer.len());
        let [.., table, row] = self.frames.as_mut_slice() else {
            let words = self.buffer.split_off(start);
            let sink = self.sink();
            self.deliver(&words, sink);
            return;
        };
        let (FrameKind::Table(table), FrameKind::Row(row)) = (&mut table.kind, &mut row.kind)
        else {
            // A cell outside a table is a paragraph.
            let words = self.buffer.split_off(start);
            let sink = self.sink();
            self.deliver(&words, sink);
            return;
        };
        if row.cells.len() >= MAX_COLUMNS
            && let Some((_, end)) = row.cells.last_mut()
        {
            // Nothing is lost of tables that are wider: the rest stands in the last column.
            self.is_in_doubt = true;
            if start < self.buffer.len() {
                self.buffer.insert_str(start, PAUSE);
            }
            *end = self.buffer.len();
            return;
        }
        let span = (start, self.buffer.len());
        let words = self.buffer.get(start..).unwrap_or_default();
        if row.cells.is_empty() {
            row.first_is_header = cell.header;
        }
        row.has_spans |= cell.columns > 1 || cell.rows > 1;
        for column in 0..cell.columns {
            if row.cells.len() >= MAX_COLUMNS {
                break;
            }
            // The words of a cell that spans columns are said once, but head each of them.
            let is_told = column == 0 || cell.header && words.len() <= MAX_HEADING_BYTES;
            if cell.rows > 1 {
                let words = if is_told { words } else { "" };
                let carried = Carried {
                    rows: cell.rows - 1,
                    words: words.to_owned(),
                    header: cell.header,
                };
                table.carried.insert(row.cells.len(), carried);
                table.is_in_doubt |= self.is_in_doubt;
            }
            row.headers += usize::from(cell.header);
            row.cells.push(if is_told { span } else { (start, start) });
        }
    }

    fn end_row(&mut self, mut row: Row) {
        let sink = row.sink;
        let between = self.between_cells(sink);
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        let mut prefix = "";
        let names = self.names;
        if let Some(FrameKind::Table(table)) = self.frames.last_mut().map(|it| &mut it.kind) {
            fill(&mut row, table, &mut self.buffer);
            let is_heading = !row.cells.is_empty() && row.headers == row.cells.len();
            if is_heading && !table.has_rows && (table.headings.is_empty() || table.has_spans) {
                table.has_spans = row.has_spans;
                let meets = add_headings(&mut table.headings, &row, &self.buffer, names);
                table.is_in_doubt |= self.is_in_doubt || meets;
            } else {
                let meets = told_row(
                    &mut line,
                    &table.headings,
                    &row,
                    &self.buffer,
                    between,
                    names,
                );
                self.is_in_doubt |= table.is_in_doubt || meets;
                table.has_rows |= !line.is_empty();
                if !line.is_empty() {
                    prefix = std::mem::take(&mut table.prefix);
                }
            }
        } else {
            self.is_in_doubt |= told_row(&mut line, &[], &row, &self.buffer, between, names);
        }
        self.buffer.truncate(row.start);
        self.row_line(prefix, &line, sink);
        self.line = line;
    }

    /// What parts the cells of a row: less than what parts the cells around it.
    fn between_cells(&mut self, sink: Option<usize>) -> &'static str {
        match self.kind(sink) {
            None | Some(FrameKind::Item(_)) => "; ",
            Some(_) => PAUSE,
        }
    }

    fn row_line(&mut self, prefix: &'static str, line: &str, sink: Option<usize>) {
        if line.is_empty() {
            return;
        }
        self.end_line();
        match (sink, self.kind(sink)) {
            (None, _) => {
                let start = self.current.text.len();
                self.current.text.push_str(prefix);
                self.current.text.push_str(line);
                self.is_in_doubt |= !prefix.is_empty();
                self.look_again(start);
                self.current.text.push('\n');
            }
            (Some(index), Some(FrameKind::Item(_))) => {
                self.item_words(index, prefix, line);
                self.end_line();
            }
            (Some(_), Some(FrameKind::Cell(cell))) => {
                let start = cell.start;
                let told = &self.buffer[start..];
                let between = between(told, "; ");
                self.is_in_doubt |= !prefix.is_empty() || self.names.may_meet(told, between, line);
                add(&mut self.buffer, between, prefix, line, Break::Blank);
            }
            _ => {
                self.prefix = prefix;
                self.deliver(line, sink);
            }
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
        let text = &mut self.current.text;
        if !text.is_empty() && !text.ends_with("\n\n") {
            text.push('\n');
        }
    }

    /// The index of the section that a heading would start.
    fn next_section(&self) -> usize {
        self.sections.len() + usize::from(!self.is_last_section())
    }

    /// Whether the sections are as many as a script may have. The first goes if it stays empty.
    fn is_last_section(&self) -> bool {
        let first = self.sections.first().unwrap_or(&self.current);
        let first_goes = is_empty(first);
        self.sections.len() + 1 >= Script::MAX_SECTIONS + usize::from(first_goes)
    }

    /// Starts a section; one too many goes on with the last, and its heading is a line of it.
    fn start_section(&mut self, heading: String) {
        self.end_line();
        if self.is_last_section() {
            if !heading.is_empty() {
                self.paragraph("", &heading);
            }
            return;
        }
        let heading = if std::mem::take(&mut self.is_in_doubt) {
            let section = self.sections.len() + 1;
            self.again(|teller| teller.heading(heading, section))
        } else {
            heading
        };
        let ended = std::mem::replace(&mut self.current, section(heading));
        self.bytes += ended.heading.len() + ended.text.len();
        self.sections.push(ended);
    }

    /// The sections, within a script's limits, with removals and warnings.
    pub(crate) fn finish(mut self) -> (Vec<ScriptSection>, Vec<Removal>, Vec<Warning>) {
        let is_full = self.is_full;
        self.end_last();
        let (mut sections, mut removals) = self.kept();
        let is_cut = cut(&mut sections) || is_full;
        let kept = u32::try_from(sections.len()).unwrap_or(u32::MAX);
        removals.retain(|it| it.section.is_none_or(|section| section < kept));
        let warnings = is_cut.then(|| Warning {
            kind: WarningKind::Cut,
            name: String::new(),
            count: 1,
        });
        (sections, removals, warnings.into_iter().collect())
    }

    /// The sections and removals, however long; sections without words go, and removals follow
    /// their section's new index.
    pub(crate) fn finish_whole(mut self) -> (Vec<ScriptSection>, Vec<Removal>) {
        self.end_last();
        self.kept()
    }

    /// Ends the last section.
    fn end_last(&mut self) {
        self.end_line();
        let ended = std::mem::replace(&mut self.current, section(String::new()));
        self.sections.push(ended);
        // A page that says nothing is not told by where it stands.
        if let Some((first, others)) = self.sections.split_first_mut()
            && first.text.len() <= self.opening_bytes
            && others.iter().all(is_empty)
        {
            first.text.clear();
        }
    }

    /// The sections that have words.
    fn kept(self) -> (Vec<ScriptSection>, Vec<Removal>) {
        let mut kept = 0_u32;
        let mut places = Vec::with_capacity(self.sections.len());
        let mut sections = Vec::new();
        for mut section in self.sections {
            section.text.truncate(section.text.trim_end().len());
            places.push(kept);
            if !is_empty(&section) {
                kept += 1;
                sections.push(section);
            }
        }
        let last = u32::try_from(sections.len())
            .unwrap_or(u32::MAX)
            .saturating_sub(1);
        let mut removals: BTreeMap<Removed, u32> = BTreeMap::new();
        for ((section, place, kind), count) in self.cleaning.finish() {
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
        (sections, removals)
    }
}

fn section(heading: String) -> ScriptSection {
    ScriptSection {
        heading,
        text: String::new(),
    }
}

fn is_empty(section: &ScriptSection) -> bool {
    section.heading.is_empty() && section.text.is_empty()
}

fn chars(section: &ScriptSection) -> usize {
    section.heading.chars().count() + section.text.chars().count()
}

/// Cuts what a script cannot hold, at the end of a line or sentence; `false` where all fits.
fn cut(sections: &mut Vec<ScriptSection>) -> bool {
    let mut left = Script::MAX_CHARS;
    for index in 0..sections.len() {
        let section = &mut sections[index];
        let needed = chars(section);
        if needed <= left {
            left -= needed;
            continue;
        }
        let heading = section.heading.chars().count();
        let end = match left.checked_sub(heading) {
            Some(left) => section.text.char_indices().nth(left).map_or(0, |it| it.0),
            None => 0,
        };
        let end = end_of_sentence(&section.text, end);
        section.text.truncate(end);
        // A heading alone announces what does not come.
        sections.truncate(index + usize::from(end > 0));
        return true;
    }
    false
}

/// The last end of a line or sentence up to a byte, or of a word where there is none near.
fn end_of_sentence(text: &str, end: usize) -> usize {
    let told = &text[..end];
    let from = told.len().saturating_sub(MAX_SENTENCE_BYTES);
    let from = (from..=told.len())
        .find(|index| told.is_char_boundary(*index))
        .unwrap_or(told.len());
    let near = &told[from..];
    let mut last_sentence = 0;
    let mut last_word = 0;
    let mut before = ' ';
    for (index, character) in near.char_indices() {
        match character {
            '\n' => last_sentence = index,
            '。' | '！' | '？' => last_sentence = index + character.len_utf8(),
            ' ' => {
                if matches!(before, '.' | '!' | '?') {
                    last_sentence = index;
                }
                last_word = index;
            }
            _ => {}
        }
        before = character;
    }
    let cut = match (last_sentence, last_word) {
        (0, 0) => near.len(),
        (0, word) => word,
        (sentence, _) => sentence,
    };
    told[..from + cut].trim_end().len()
}

/// Lines of code.
fn lines_of(run: &[Piece<'_>]) -> usize {
    let mut lines = 0;
    let mut is_line_started = false;
    for piece in run {
        let words = words_of(piece);
        lines += words.bytes().filter(|byte| *byte == b'\n').count();
        if !words.is_empty() {
            is_line_started = !words.ends_with('\n');
        }
    }
    lines + usize::from(is_line_started)
}

fn words_of<'a>(piece: &Piece<'a>) -> &'a str {
    match *piece {
        Piece::Text(text) => text,
        Piece::Person(person) => person.text,
        Piece::Open(_) | Piece::Close => "",
    }
}

/// Puts the cells of earlier rows that reach into this one where the row has come to.
fn fill(row: &mut Row, table: &mut Table, buffer: &mut String) {
    if table.carried.is_empty() {
        return;
    }
    while row.cells.len() < MAX_COLUMNS
        && let Some(mut carried) = table.carried.remove(&row.cells.len())
    {
        let start = buffer.len();
        buffer.push_str(&carried.words);
        if row.cells.is_empty() {
            row.first_is_header = carried.header;
        }
        row.headers += usize::from(carried.header);
        carried.rows -= 1;
        if carried.rows > 0 {
            table.carried.insert(row.cells.len(), carried);
        }
        row.cells.push((start, buffer.len()));
    }
}

/// Headings of columns; of several rows of them, the words of each that are not the same.
/// The answer is whether somebody may stand where they meet.
fn add_headings(headings: &mut Vec<String>, row: &Row, buffer: &str, names: &Names) -> bool {
    let mut meets = false;
    for (column, (start, end)) in row.cells.iter().enumerate() {
        let words = buffer.get(*start..*end).unwrap_or_default();
        let words = words.trim_end_matches([':', '：']);
        match headings.get_mut(column) {
            Some(heading) if heading == words => {}
            Some(heading) => {
                let between = between(heading, " ");
                meets |= names.may_meet(heading, between, words);
                add(heading, between, "", words, Break::Blank);
            }
            None => headings.push(words.to_owned()),
        }
    }
    meets
}

/// A row on one line, each value after its column's heading, or all of them after the first. The
/// answer is whether somebody may stand where they meet.
fn told_row(
    line: &mut String,
    headings: &[String],
    row: &Row,
    buffer: &str,
    parted: &str,
    names: &Names,
) -> bool {
    let mut meets = false;
    let is_key_value = headings.is_empty() && row.first_is_header;
    for (column, (start, end)) in row.cells.iter().enumerate() {
        let words = buffer.get(*start..*end).unwrap_or_default();
        if words.is_empty() {
            continue;
        }
        if !line.is_empty() {
            if is_key_value && column == 1 {
                head(line);
            } else {
                line.push_str(between(line, parted));
            }
        }
        if let Some(heading) = headings.get(column).filter(|heading| !heading.is_empty()) {
            meets |= names.may_meet(line, "", heading);
            line.push_str(heading);
            head(line);
        }
        meets |= names.may_meet(line, "", words);
        line.push_str(words);
    }
    meets
}

/// Makes words the head of what follows.
fn head(line: &mut String) {
    line.push_str(match line.chars().next_back() {
        Some('?' | '!' | '.' | ':') => " ",
        Some('？' | '！' | '。' | '：') => "",
        Some(last) if is_ideographic(last) => "：",
        _ => ": ",
    });
}

/// What parts words from those before them: nothing at the start, and a blank behind punctuation.
pub(crate) fn between<'a>(told: &str, parted: &'a str) -> &'a str {
    match told.chars().next_back() {
        None => "",
        Some('.' | '!' | '?' | ':' | ';' | ',' | '…') => " ",
        Some('。' | '！' | '？' | '：' | '、' | '，') => "",
        Some(last) if is_ideographic(last) => match parted {
            PAUSE => "、",
            ". " => "。",
            "; " => "；",
            _ => parted,
        },
        Some(_) => parted,
    }
}

/// Whether punctuation behind a character is that of Chinese and Japanese.
fn is_ideographic(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

fn add(to: &mut String, between: &str, prefix: &str, words: &str, on_break: Break) {
    let before = to.len();
    to.push_str(between);
    to.push_str(prefix);
    let start = to.len();
    copy_words(words, to, on_break);
    if to.len() == start {
        to.truncate(before);
    }
}

fn push_number(to: &mut String, number: u32) {
    let mut digits = [0; 10];
    let mut start = digits.len();
    let mut left = number;
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(left % 10).unwrap_or_default();
        left /= 10;
        if left == 0 {
            break;
        }
    }
    to.extend(digits[start..].iter().map(|digit| char::from(*digit)));
}

/// Copies words with all white space between them as single blanks, and ended lines as `on_break`
/// says. Copies as long pieces as it can.
fn copy_words(words: &str, to: &mut String, on_break: Break) {
    let bytes = words.as_bytes();
    let first = to.len();
    let mut at = 0;
    loop {
        let mut breaks = false;
        while at < bytes.len() {
            let length = white_length(words, at);
            if length == 0 {
                break;
            }
            breaks |= bytes[at] == b'\n';
            at += length;
        }
        if at >= bytes.len() {
            return;
        }
        if to.len() > first {
            to.push_str(match on_break {
                Break::Line if breaks => "\n",
                Break::Pause if breaks => between(to, PAUSE),
                _ => " ",
            });
        }
        let start = at;
        while let Some(byte) = bytes.get(at) {
            if !may_be_white(*byte) {
                at += 1;
                continue;
            }
            // A single blank within a piece is copied with it.
            let is_blank = *byte == b' ' && bytes.get(at + 1).is_some_and(|it| !may_be_white(*it));
            if !is_blank && white_length(words, at) > 0 {
                break;
            }
            at += 1;
        }
        to.push_str(&words[start..at]);
    }
}

/// Whether white space or a control character may start with this byte.
fn may_be_white(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, 0xC2 | 0xE1..=0xE3)
}

/// Bytes of the white space or control character at this byte; 0 where there is none, and within a
/// character.
fn white_length(words: &str, at: usize) -> usize {
    let bytes = words.as_bytes();
    match bytes[at] {
        byte if byte <= b' ' => 1,
        0xC2 | 0xE1..=0xE3 => match words[at..].chars().next() {
            Some(character) if character.is_whitespace() => character.len_utf8(),
            _ => 0,
        },
        _ => 0,
    }
}

/// White space of any kind as single blanks.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    copy_words(text, &mut line, Break::Blank);
    line
}
/// Whether words are the file name of an image, such as `image-20241103-121314.png`.
fn is_image_file(words: &str) -> bool {
    const EXTENSIONS: &[&str] = &[
        "avif", "bmp", "gif", "heic", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp",
    ];
    words.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.contains(char::is_whitespace)
            && EXTENSIONS
                .iter()
                .any(|it| extension.eq_ignore_ascii_case(it))
    })
}
