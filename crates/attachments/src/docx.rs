//! Word documents (ECMA-376): the body's paragraphs, headings, lists and tables as lines.
//!
//! Only `word/document.xml` and `word/styles.xml` are opened: comments, the people who wrote them,
//! headers, footers, notes and the document's properties lie in other parts and are not read. What
//! tracked changes took away, hidden text, tables of contents and fields that show an author are
//! left out.

use std::collections::HashMap;

use protocol::Attachment;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use rawzip::{CompressionMethod, ZipArchive, ZipSliceArchive};

use crate::{
    AttachmentError,
    budget::Budget,
    lines::{Lines, on_one_line},
    text,
};

/// How an encrypted document begins: a compound file (MS-CFB) that holds the archive.
const COMPOUND_FILE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// The most columns of a table (Word's own limit).
const MAX_COLUMNS: usize = 63;
/// The most characters of a field's instruction that are looked at.
const MAX_INSTRUCTION: usize = 200;
/// The most styles on the way from one to the style that it goes back to.
const MAX_ANCESTORS: usize = 8;

/// The text of a document.
pub(crate) fn text(bytes: &[u8]) -> Result<String, AttachmentError> {
    if bytes.starts_with(&COMPOUND_FILE) {
        return Err(AttachmentError::Encrypted);
    }
    let archive = ZipArchive::from_slice(bytes).map_err(|_| AttachmentError::Broken)?;
    let mut budget = Budget::new();
    let body = part(&archive, "word/document", &mut budget)?.ok_or(AttachmentError::Broken)?;
    let styles = match part(&archive, "word/styles", &mut budget)? {
        Some(xml) => Styles::read(&xml)?,
        None => Styles::default(),
    };
    let mut story = Story::new(styles);
    read(&body, |event| story.take(event))?;
    Ok(story.lines.finish())
}

/// A part by its name without `.xml`, and without the digits that some writers put before it.
fn part(
    archive: &ZipSliceArchive<&[u8]>,
    stem: &str,
    budget: &mut Budget,
) -> Result<Option<String>, AttachmentError> {
    let broken = |_| AttachmentError::Broken;
    for entry in archive.entries() {
        let entry = entry.map_err(broken)?;
        let path = entry.file_path();
        let path: &[u8] = path.as_ref();
        let digits = path
            .strip_prefix(stem.as_bytes())
            .and_then(|rest| rest.strip_suffix(b".xml"));
        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit)) {
            continue;
        }
        if entry.flags().is_encrypted() {
            return Err(AttachmentError::Encrypted);
        }
        let method = entry.compression_method();
        let packed = archive.get_entry(entry.wayfinder()).map_err(broken)?.data();
        let data = if method == CompressionMethod::DEFLATE {
            budget.inflate(packed)?
        } else if method == CompressionMethod::STORE {
            budget.pay(packed.len())?;
            packed.to_vec()
        } else {
            return Err(AttachmentError::Broken);
        };
        return text::decode(&data).map(Some);
    }
    Ok(None)
}

/// Gives each event of an XML text to `take`.
fn read(
    xml: &str,
    mut take: impl FnMut(&Event<'_>) -> Result<(), AttachmentError>,
) -> Result<(), AttachmentError> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return Ok(()),
            // Word writes none; entities of a file's own are a way to make much of little.
            Ok(Event::DocType(_)) | Err(_) => return Err(AttachmentError::Broken),
            Ok(event) => take(&event)?,
        }
    }
}

fn local<'a>(tag: &'a BytesStart<'_>) -> &'a str {
    tag.local_name().into_inner()
}

/// The value of an attribute, whatever the prefix of its name.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    // Looking for doubles would cost the square of their number.
    let mut attributes = tag.attributes();
    attributes.with_checks(false);
    let found = attributes
        .flatten()
        .find(|it| it.key.local_name().into_inner() == name)?;
    Some(match quick_xml::escape::unescape(&found.value) {
        Ok(text) => text.into_owned(),
        Err(_) => found.value.into_owned(),
    })
}

fn value(tag: &BytesStart<'_>) -> Option<String> {
    attribute(tag, "val")
}

fn number(tag: &BytesStart<'_>) -> Option<u32> {
    value(tag)?.parse().ok()
}

/// A switch is on unless it says otherwise.
fn is_on(tag: &BytesStart<'_>) -> bool {
    !matches!(value(tag).as_deref(), Some("0" | "false" | "off"))
}

/// What a paragraph is.
#[derive(Clone, Copy, Default)]
struct Role {
    /// A heading of level 1 to 6.
    heading: Option<u8>,
    /// An item of a list, indented by so many levels.
    item: Option<u8>,
}

impl Role {
    fn outline(level: Option<u32>) -> Option<u8> {
        level
            .filter(|level| *level < 9)
            .map(|level| (level + 1).min(6) as u8)
    }

    /// The role of a style's name, which is English in every language of Word.
    fn of_name(name: &str) -> Self {
        let name = name.to_lowercase().replace(' ', "");
        let heading = match name.strip_prefix("heading") {
            Some(level) => level.parse().ok().map(|level: u8| level.clamp(1, 6)),
            None => (name == "title").then_some(1),
        };
        let is_item = ["listbullet", "listnumber"]
            .iter()
            .any(|it| name.starts_with(it));
        Self {
            heading,
            item: is_item.then_some(0),
        }
    }
}

/// The document's paragraph styles by their ids.
#[derive(Default)]
struct Styles(HashMap<String, (Role, Option<String>)>);

impl Styles {
    fn read(xml: &str) -> Result<Self, AttachmentError> {
        let mut styles = HashMap::new();
        let mut id = None;
        let mut style = (Role::default(), None);
        read(xml, |event| {
            let (tag, is_empty) = match event {
                Event::Start(tag) => (tag, false),
                Event::Empty(tag) => (tag, true),
                Event::End(tag) => {
                    if tag.local_name().into_inner() == "style"
                        && let Some(id) = id.take()
                    {
                        styles.insert(id, std::mem::take(&mut style));
                    }
                    return Ok(());
                }
                _ => return Ok(()),
            };
            match local(tag) {
                "style" if !is_empty => {
                    id = attribute(tag, "styleId");
                    style = (Role::default(), None);
                }
                "name" => {
                    let named = Role::of_name(&value(tag).unwrap_or_default());
                    style.0.heading = style.0.heading.or(named.heading);
                    style.0.item = style.0.item.or(named.item);
                }
                "basedOn" => style.1 = value(tag),
                "outlineLvl" => {
                    style.0.heading = style.0.heading.or(Role::outline(number(tag)));
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(Self(styles))
    }

    fn role(&self, id: &str) -> Role {
        let mut next = Some(id);
        for _ in 0..MAX_ANCESTORS {
            let Some((role, base)) = next.and_then(|id| self.0.get(id)) else {
                break;
            };
            if role.heading.is_some() || role.item.is_some() {
                return *role;
            }
            next = base.as_deref();
        }
        Role::of_name(id)
    }
}

/// A paragraph that is being read.
#[derive(Default)]
struct Paragraph {
    text: String,
    role: Role,
}

/// A table that is being read.
#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
    row: Vec<String>,
    cell: String,
    columns: usize,
    row_is_deleted: bool,
}

impl Table {
    /// The rows that say something.
    fn rows(self) -> Vec<Vec<String>> {
        let mut rows = self.rows;
        rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
        rows
    }
}

/// A row that has no columns' names above it.
fn on_its_own(row: &[String]) -> String {
    let cells = row.iter().map(String::as_str);
    cells
        .filter(|cell| !cell.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}

/// What encloses what is being read, from the outermost to the innermost.
enum Open {
    Paragraph(Paragraph),
    Table(Table),
}

/// A field: an instruction, then its result.
#[derive(Default)]
struct Field {
    instruction: String,
    is_shown: bool,
}

/// The document as it is being read. Elements nest as deep as they like; nothing here recurses.
struct Story {
    styles: Styles,
    lines: Lines,
    open: Vec<Open>,
    /// Which of `open` are tables.
    tables: Vec<usize>,
    fields: Vec<Field>,
    /// How many of `fields` are not shown.
    fields_not_shown: usize,
    /// For each open run, whether its text is hidden.
    runs: Vec<bool>,
    /// For each open content control, whether it shows a person from the document's properties.
    controls: Vec<bool>,
    /// How many elements deep we are in one that is left out.
    left_out: usize,
    in_text: bool,
    in_instruction: bool,
    in_paragraph_properties: bool,
    in_row_properties: bool,
    after_item: bool,
}

impl Story {
    fn new(styles: Styles) -> Self {
        Self {
            styles,
            lines: Lines::default(),
            open: Vec::new(),
            tables: Vec::new(),
            fields: Vec::new(),
            fields_not_shown: 0,
            runs: Vec::new(),
            controls: Vec::new(),
            left_out: 0,
            in_text: false,
            in_instruction: false,
            in_paragraph_properties: false,
            in_row_properties: false,
            after_item: false,
        }
    }

    fn take(&mut self, event: &Event<'_>) -> Result<(), AttachmentError> {
        match event {
            Event::Start(_) if self.left_out > 0 => self.left_out += 1,
            Event::End(_) if self.left_out > 0 => self.left_out -= 1,
            _ if self.left_out > 0 => {}
            Event::Start(tag) => self.start(tag),
            Event::Empty(tag) => {
                self.start(tag);
                if self.left_out > 0 {
                    self.left_out -= 1;
                } else {
                    self.end(local(tag))?;
                }
            }
            Event::End(tag) => self.end(tag.local_name().into_inner())?,
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(char)) => self.text(char.encode_utf8(&mut [0; 4])),
                _ => {
                    let known = quick_xml::escape::resolve_xml_entity(reference);
                    self.text(known.unwrap_or_default());
                }
            },
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        match local(tag) {
            "p" => self.open.push(Open::Paragraph(Paragraph::default())),
            "pPr" => self.in_paragraph_properties = true,
            "pStyle" => {
                let role = value(tag).map(|id| self.styles.role(&id));
                self.role(|old| *old = role.unwrap_or_default());
            }
            "outlineLvl" => {
                let level = Role::outline(number(tag));
                self.role(|role| role.heading = level);
            }
            "numPr" => self.role(|role| role.item = role.item.or(Some(0))),
            "ilvl" => {
                let level = number(tag).unwrap_or(0).min(8) as u8;
                self.role(|role| role.item = Some(level));
            }
            // The list of this number is no list.
            "numId" if number(tag) == Some(0) => self.role(|role| role.item = None),
            "r" => self.runs.push(false),
            "vanish" | "webHidden" if !self.in_paragraph_properties && is_on(tag) => {
                if let Some(is_hidden) = self.runs.last_mut() {
                    *is_hidden = true;
                }
            }
            "t" => self.in_text = true,
            "instrText" => self.in_instruction = true,
            "tab" if !self.in_paragraph_properties => self.add(" "),
            "br" | "cr" => self.add("\n"),
            "noBreakHyphen" => self.add("-"),
            "tbl" => {
                self.tables.push(self.open.len());
                self.open.push(Open::Table(Table::default()));
            }
            "tr" => self.table(|table| {
                table.row = Vec::new();
                table.row_is_deleted = false;
            }),
            "trPr" => self.in_row_properties = true,
            "tc" => self.table(|table| {
                table.cell = String::new();
                table.columns = 1;
            }),
            "gridSpan" => {
                let columns = number(tag).unwrap_or(1) as usize;
                self.table(|table| table.columns = columns.clamp(1, MAX_COLUMNS));
            }
            "fldChar" => self.field(attribute(tag, "fldCharType").as_deref()),
            "fldSimple" if is_not_told(&attribute(tag, "instr").unwrap_or_default()) => {
                self.left_out = 1;
            }
            "sdt" => self.controls.push(false),
            "dataBinding" => self.control(attribute(tag, "xpath")),
            "alias" | "tag" => self.control(value(tag)),
            "sdtContent" if self.controls.last() == Some(&true) => self.left_out = 1,
            "del" if self.in_row_properties => {
                self.table(|table| table.row_is_deleted = true);
                self.left_out = 1;
            }
            // What was struck out, what was moved away, what a tracked change replaced, what stands
            // in for a drawing in old versions of Word.
            "del" | "moveFrom" | "delText" | "delInstrText" | "Fallback" => self.left_out = 1,
            name if name.ends_with("Change") => self.left_out = 1,
            _ => {}
        }
    }

    fn end(&mut self, name: &str) -> Result<(), AttachmentError> {
        match name {
            "p" => self.end_paragraph()?,
            "pPr" => self.in_paragraph_properties = false,
            "r" => {
                self.runs.pop();
            }
            "t" => self.in_text = false,
            "instrText" => self.in_instruction = false,
            "tc" => self.table(|table| {
                let cell = std::mem::take(&mut table.cell);
                if table.row.len() < MAX_COLUMNS {
                    let spanned = table.columns.saturating_sub(1);
                    let free = MAX_COLUMNS - table.row.len() - 1;
                    table.row.push(cell);
                    let spanned = std::iter::repeat_n(String::new(), spanned.min(free));
                    table.row.extend(spanned);
                } else if let Some(last) = table.row.last_mut() {
                    last.push(' ');
                    last.push_str(&cell);
                }
            }),
            "tr" => self.table(|table| {
                let row = std::mem::take(&mut table.row);
                if !table.row_is_deleted {
                    table.rows.push(row);
                }
            }),
            "trPr" => self.in_row_properties = false,
            "tbl" => self.end_table()?,
            "sdt" => {
                self.controls.pop();
            }
            _ => {}
        }
        Ok(())
    }

    fn role(&mut self, change: impl FnOnce(&mut Role)) {
        if let Some(Open::Paragraph(paragraph)) = self.open.last_mut() {
            change(&mut paragraph.role);
        }
    }

    /// The innermost table, if what is being read is in one.
    fn table(&mut self, change: impl FnOnce(&mut Table)) {
        if let Some(index) = self.tables.last()
            && let Some(Open::Table(table)) = self.open.get_mut(*index)
        {
            change(table);
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_text {
            self.add(text);
        } else if self.in_instruction
            && let Some(field) = self.fields.last_mut()
        {
            let room = MAX_INSTRUCTION.saturating_sub(field.instruction.len());
            field.instruction.extend(text.chars().take(room));
        }
    }

    fn add(&mut self, text: &str) {
        let is_hidden = self.runs.last() == Some(&true) || self.fields_not_shown > 0;
        if !is_hidden && let Some(Open::Paragraph(paragraph)) = self.open.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn field(&mut self, kind: Option<&str>) {
        match kind {
            Some("begin") => {
                self.fields.push(Field::default());
                self.fields_not_shown += 1;
            }
            Some("separate") => {
                if let Some(field) = self.fields.last_mut()
                    && !field.is_shown
                    && !is_not_told(&field.instruction)
                {
                    field.is_shown = true;
                    self.fields_not_shown -= 1;
                }
            }
            Some("end") => {
                let was_not_shown = self.fields.pop().is_some_and(|field| !field.is_shown);
                self.fields_not_shown -= usize::from(was_not_shown);
            }
            _ => {}
        }
    }

    /// Notes a content control that shows a person, by what it is bound to or called.
    fn control(&mut self, what: Option<String>) {
        let what = what.unwrap_or_default().to_lowercase();
        let people = ["author", "creator", "lastmodifiedby", "manager"];
        if people.iter().any(|word| what.contains(word))
            && let Some(shows_a_person) = self.controls.last_mut()
        {
            *shows_a_person = true;
        }
    }

    fn end_paragraph(&mut self) -> Result<(), AttachmentError> {
        let Some(Open::Paragraph(_)) = self.open.last() else {
            return Ok(());
        };
        let Some(Open::Paragraph(paragraph)) = self.open.pop() else {
            return Ok(());
        };
        if !self.tables.is_empty() {
            return self.add_to_cell(&on_one_line(&paragraph.text));
        }
        let mut parts = paragraph
            .text
            .split('\n')
            .map(on_one_line)
            .filter(|line| !line.is_empty())
            .peekable();
        if parts.peek().is_none() {
            return Ok(());
        }
        match paragraph.role {
            Role {
                heading: Some(level),
                ..
            } => {
                let words = parts.collect::<Vec<_>>().join(" ");
                let marks = "#".repeat(usize::from(level));
                self.lines.gap();
                self.lines.line(&format!("{marks} "), &words)?;
                self.lines.gap();
                self.after_item = false;
            }
            Role {
                item: Some(level), ..
            } => {
                if !self.after_item {
                    self.lines.gap();
                }
                let words = parts.collect::<Vec<_>>().join(" ");
                let indent = "  ".repeat(usize::from(level));
                self.lines.line(&format!("{indent}- "), &words)?;
                self.after_item = true;
            }
            Role { .. } => {
                self.lines.gap();
                for (index, words) in parts.enumerate() {
                    if index > 0 {
                        self.lines.breaks();
                    }
                    self.lines.line("", &words)?;
                }
                self.lines.gap();
                self.after_item = false;
            }
        }
        Ok(())
    }

    fn add_to_cell(&mut self, text: &str) -> Result<(), AttachmentError> {
        let mut result = Ok(());
        self.table(|table| {
            if table.cell.len() + text.len() > Attachment::MAX_TEXT_BYTES {
                result = Err(AttachmentError::TooLarge);
            } else if !text.is_empty() {
                if !table.cell.is_empty() {
                    table.cell.push(' ');
                }
                table.cell.push_str(text);
            }
        });
        result
    }

    fn end_table(&mut self) -> Result<(), AttachmentError> {
        let Some(index) = self.tables.pop() else {
            return Ok(());
        };
        // Well-formed documents close what is in a table before it; others lose it.
        self.open.truncate(index + 1);
        let Some(Open::Table(table)) = self.open.pop() else {
            return Ok(());
        };
        let rows = table.rows();
        if !self.tables.is_empty() {
            for row in &rows {
                self.add_to_cell(&on_its_own(row))?;
            }
            return Ok(());
        }
        self.lines.gap();
        match rows.as_slice() {
            [] => {}
            [row] => self.lines.line("", &on_its_own(row))?,
            [head, rows @ ..] => {
                let columns = rows.iter().map(Vec::len).fold(head.len(), usize::max);
                self.lines.row(head, columns)?;
                self.lines.rule(columns);
                for row in rows {
                    self.lines.row(row, columns)?;
                }
            }
        }
        self.lines.gap();
        self.after_item = false;
        Ok(())
    }
}

/// Whether a field shows a person of the document's properties, or repeats what is told anyway.
fn is_not_told(instruction: &str) -> bool {
    let instruction = instruction.to_uppercase();
    let mut words = instruction.split_whitespace();
    let people = [
        "AUTHOR",
        "LASTSAVEDBY",
        "USERNAME",
        "USERINITIALS",
        "USERADDRESS",
        "MANAGER",
    ];
    let is_person = |word: &str| people.contains(&word.trim_matches('"'));
    match words.next() {
        Some("TOC" | "INDEX" | "TOA") => true,
        Some("DOCPROPERTY" | "INFO") => words.next().is_some_and(is_person),
        Some(first) => is_person(first),
        None => false,
    }
}
