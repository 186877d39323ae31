//! Tells blocks as the lines of a script's sections, taking people out on the way.

use protocol::{Removal, RemovalKind, Script, ScriptSection};

use crate::{
    model::{Block, Inline, Inlines, Row},
    names::{Names, Person},
};

/// The sections so far.
pub(crate) struct Lines<'a> {
    names: &'a Names,
    sections: Vec<ScriptSection>,
    removals: Vec<Removal>,
    bytes: usize,
}

/// More bytes than the characters of any script: what follows need not be told.
const MAX_BYTES: usize = Script::MAX_CHARS * 8;

impl<'a> Lines<'a> {
    pub(crate) fn new(names: &'a Names) -> Self {
        let first = ScriptSection {
            heading: String::new(),
            text: String::new(),
        };
        Self {
            names,
            sections: vec![first],
            removals: Vec::new(),
            bytes: 0,
        }
    }

    // A table's headings are told again on each row, so that a page can be far shorter than what
    // is told of it.
    fn is_full(&self) -> bool {
        self.bytes > MAX_BYTES
    }

    /// The title, cleaned.
    pub(crate) fn title(&mut self, title: &str) -> String {
        one_line(&self.clean(&Inlines::text(title), None))
    }

    /// Starts a section.
    pub(crate) fn section(&mut self, heading: &str) {
        self.heading(&Inlines::text(heading));
    }

    /// Adds lines that are lines already.
    pub(crate) fn text(&mut self, text: &str) {
        let clean = self.here(&Inlines::text(text));
        self.push(&clean);
    }

    fn heading(&mut self, heading: &Inlines) {
        self.sections.push(ScriptSection {
            heading: String::new(),
            text: String::new(),
        });
        let heading = one_line(&self.here(heading));
        if let Some(section) = self.sections.last_mut() {
            section.heading = heading;
        }
    }

    /// Tells blocks; list items are indented by `depth` levels.
    pub(crate) fn blocks(&mut self, blocks: &[Block], depth: usize) {
        for block in blocks {
            if self.is_full() {
                break;
            }
            self.block(block, depth);
        }
    }

    fn block(&mut self, block: &Block, depth: usize) {
        match block {
            Block::Heading(text) if depth == 0 => self.heading(text),
            Block::Heading(text) | Block::Paragraph(text) => {
                let text = self.here(text);
                self.paragraph(&text);
            }
            Block::List { start, items } => {
                self.gap(depth);
                for (index, item) in items.iter().enumerate() {
                    if self.is_full() {
                        break;
                    }
                    let marker = match start {
                        Some(start) => format!("{}. ", start.saturating_add(index as u64)),
                        None => "- ".to_owned(),
                    };
                    self.item(&marker, item, depth);
                }
                self.gap(depth);
            }
            Block::Marked { word, text } => {
                let text = one_line(&self.here(text));
                if !text.is_empty() {
                    self.push(&format!("{}- {word}: {text}", "  ".repeat(depth)));
                }
            }
            Block::Table(rows) => {
                self.gap(depth);
                self.table(rows);
                self.gap(depth);
            }
            Block::Code { language, text } => {
                let count = text.lines().count();
                let lines = if count == 1 { "line" } else { "lines" };
                let of = match language_name(language) {
                    Some(name) => format!(" in {}", one_line(&self.here(&Inlines::text(name)))),
                    None => String::new(),
                };
                if count > 0 {
                    self.paragraph(&format!("Code example{of}, {count} {lines}."));
                }
            }
            Block::Titled { title, blocks } => {
                let title = one_line(&self.here(title));
                if !title.is_empty() {
                    let end = if title.ends_with(['.', '!', '?', ':']) {
                        ""
                    } else {
                        ":"
                    };
                    self.paragraph(&format!("{title}{end}"));
                }
                self.blocks(blocks, depth);
            }
            Block::Group(blocks) => self.blocks(blocks, depth),
        }
    }

    /// A list item: its first line beside the marker, nested lists below it.
    fn item(&mut self, marker: &str, blocks: &[Block], depth: usize) {
        let mut words = String::new();
        let mut nested = Vec::new();
        for block in blocks {
            match block {
                Block::Paragraph(text) | Block::Heading(text) => {
                    let text = one_line(&self.here(text));
                    if !words.is_empty() && !text.is_empty() {
                        words.push(' ');
                    }
                    words.push_str(&text);
                }
                other => nested.push(other),
            }
        }
        if !words.is_empty() {
            self.push(&format!("{}{marker}{words}", "  ".repeat(depth)));
        }
        for block in nested {
            self.block(block, depth + 1);
        }
    }

    /// A table row by row, each value after its column's heading.
    fn table(&mut self, rows: &[Row]) {
        let mut headings: Vec<String> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            if self.is_full() {
                break;
            }
            let cells: Vec<String> = row
                .cells
                .iter()
                .map(|cell| self.cell(&cell.blocks))
                .collect();
            if index == 0 && rows.len() > 1 && row.cells.iter().all(|cell| cell.header) {
                headings = cells;
                continue;
            }
            let told: Vec<String> = cells
                .iter()
                .enumerate()
                .filter(|(_, cell)| !cell.is_empty())
                .map(|(column, cell)| match headings.get(column) {
                    Some(heading) if !heading.is_empty() => format!("{heading}: {cell}"),
                    _ => cell.clone(),
                })
                .collect();
            if !told.is_empty() {
                self.push(&told.join("; "));
            }
        }
    }

    /// The words of a cell on one line.
    fn cell(&mut self, blocks: &[Block]) -> String {
        let mut parts = Vec::new();
        let mut runs = Vec::new();
        Block::each_run(blocks, &mut |run| runs.push(run));
        for run in runs {
            let text = one_line(&self.here(run));
            if !text.is_empty() {
                parts.push(text);
            }
        }
        parts.join(", ")
    }

    /// A run without people, recorded for the section that is being told.
    fn here(&mut self, run: &Inlines) -> String {
        let section = u32::try_from(self.sections.len() - 1).unwrap_or(u32::MAX);
        self.clean(run, Some(section))
    }

    fn clean(&mut self, run: &Inlines, section: Option<u32>) -> String {
        let mut out = String::new();
        let removals = &mut self.removals;
        let mut remove = |person: Person<'_>, before: &str| {
            let replacement = replacement(person.kind, before);
            removals.push(Removal {
                kind: person.kind,
                text: person.text.to_owned(),
                replacement: replacement.clone(),
                section,
            });
            replacement
        };
        let mut dropped = false;
        for inline in &run.0 {
            match inline {
                Inline::Text(text) => {
                    // The blank before somebody who is not said must not stand before a full stop.
                    if dropped && text.starts_with(['.', ',', ';', ':', '!', '?']) {
                        out.truncate(out.trim_end().len());
                    }
                    self.names.scrub(text, &mut out, &mut remove);
                    dropped = false;
                }
                Inline::Person { kind, text, .. } => {
                    let instead = remove(Person { kind: *kind, text }, &out);
                    out.push_str(&instead);
                    dropped = instead.is_empty();
                }
            }
        }
        out
    }

    fn paragraph(&mut self, text: &str) {
        let lines: Vec<String> = text
            .lines()
            .map(one_line)
            .filter(|line| !line.is_empty())
            .collect();
        if !lines.is_empty() {
            self.gap(0);
            self.push(&lines.join("\n"));
            self.gap(0);
        }
    }

    /// An empty line before and after paragraphs and outermost lists.
    fn gap(&mut self, depth: usize) {
        if depth > 0 {
            return;
        }
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

    /// The sections and removals; sections without words go, and removals follow their section's new index.
    pub(crate) fn finish(self) -> (Vec<ScriptSection>, Vec<Removal>) {
        let mut kept = 0_u32;
        let mut places = Vec::with_capacity(self.sections.len());
        let mut sections = Vec::new();
        for mut section in self.sections {
            section.text.truncate(section.text.trim_end().len());
            let empty = section.heading.is_empty() && section.text.is_empty();
            places.push(kept);
            if !empty {
                kept += 1;
                sections.push(section);
            }
        }
        let last = kept.saturating_sub(1);
        let mut removals = self.removals;
        for removal in &mut removals {
            if let Some(section) = &mut removal.section {
                *section = places
                    .get(*section as usize)
                    .copied()
                    .unwrap_or(last)
                    .min(last);
            }
        }
        (sections, removals)
    }
}

/// What is said instead of a person, after the words `before`.
fn replacement(kind: RemovalKind, before: &str) -> String {
    let words = match kind {
        RemovalKind::Mention | RemovalKind::PeopleLink | RemovalKind::Name => "a colleague",
        RemovalKind::Email => "an e-mail address",
        RemovalKind::AccountId => "an account",
        RemovalKind::PeopleMacro => return String::new(),
    };
    // People in a row, as in a list of owners, are said once.
    let said = before.trim_end();
    let last = said
        .len()
        .checked_sub(words.len())
        .and_then(|start| said.get(start..));
    if last.is_some_and(|last| last.eq_ignore_ascii_case(words)) {
        return String::new();
    }
    let starts_sentence = before.trim_end().is_empty()
        || before.trim_end().ends_with(['.', '!', '?']) && before.ends_with(char::is_whitespace);
    if !starts_sentence {
        return words.to_owned();
    }
    let mut characters = words.chars();
    characters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(characters)
        .collect()
}

/// What a language of the code block's list is called; names that are spoken as written are kept.
fn language_name(key: &str) -> Option<String> {
    let known = match key {
        "" | "none" | "text" | "plaintext" | "plain" => return None,
        "bash" | "sh" | "shell" => "a shell",
        "c++" | "cpp" => "C++",
        "c#" | "csharp" => "C#",
        "css" => "CSS",
        "html" | "html/xml" => "HTML",
        "js" | "javascript" => "JavaScript",
        "json" => "JSON",
        "php" => "PHP",
        "sql" => "SQL",
        "ts" | "typescript" => "TypeScript",
        "xml" => "XML",
        "yml" | "yaml" => "YAML",
        other => {
            let mut letters = other.chars();
            let first = letters.next()?.to_uppercase();
            return Some(first.chain(letters).collect());
        }
    };
    Some(known.to_owned())
}

/// White space of any kind as single blanks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
