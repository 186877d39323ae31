//! The blocks of Markdown: CommonMark's and GitHub's, as far as they can be heard. One line at a
//! time; what is open is a stack.

use super::{
    MAX_DEPTH, Marker, checked, indent_of,
    inline::{inline, picture},
};
use crate::{
    ContentError, Document,
    model::{Aside, Block},
};

/// The document of a Markdown text of at most [`crate::MAX_BODY_BYTES`]: headings, lists, tasks,
/// quotations, listings, tables, pictures by their alternative text, links by their words.
pub fn parse_markdown(text: &str) -> Result<Document, ContentError> {
    let text = without_front_matter(checked(text)?);
    let mut reader = Reader {
        out: Document::with_capacity(text.len()),
        containers: Vec::new(),
        leaf: Leaf::None,
        words: String::new(),
    };
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        reader.line(line, lines.peek().copied().unwrap_or_default());
    }
    reader.end_leaf();
    Ok(reader.out.finish())
}

/// Metadata in YAML at the very start is no part of the text.
fn without_front_matter(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---\n").or(text.strip_prefix("---\r\n")) else {
        return text;
    };
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        at += line.len();
        if matches!(line.trim_end(), "---" | "...") {
            return &rest[at..];
        }
        // A rule above a text, and no metadata.
        if line.trim().is_empty() {
            break;
        }
    }
    text
}

/// A block that holds others.
#[derive(Clone, Copy)]
enum Container {
    Quote,
    /// A list with the columns its marker is indented by; its items are `Item`s above it.
    List(Marker, usize),
    /// An item or task whose text starts at this column.
    Item(usize),
}

/// The block that takes lines now.
enum Leaf {
    None,
    Paragraph,
    /// A fence of this sign and length, and the indent to take off its lines.
    Fence(u8, usize, usize),
    /// Code by its indent.
    Indented,
    /// The rows of a table.
    Table,
    /// A comment up to its end.
    Comment,
}

struct Reader {
    out: Document,
    containers: Vec<Container>,
    leaf: Leaf,
    /// The lines of the paragraph so far.
    words: String,
}

impl Reader {
    fn line(&mut self, line: &str, next: &str) {
        let (rest, matched) = self.within(line);
        let is_blank = rest.trim().is_empty();
        if matched == self.containers.len() && self.goes_on(rest) {
            return;
        }
        if is_blank {
            self.end_leaf();
            // A quotation ends with its signs; items go on behind empty lines.
            let quote = self.containers[matched..]
                .iter()
                .position(|it| matches!(it, Container::Quote));
            if let Some(index) = quote {
                self.close_to(matched + index);
            }
            return;
        }
        // An item that goes on with a list needs no empty line before it.
        let next_item = matched
            .checked_sub(1)
            .is_some_and(|last| matches!(self.containers[last], Container::List(..)));
        let lazy = matched < self.containers.len()
            && !next_item
            && matches!(self.leaf, Leaf::Paragraph)
            && !starts_block(rest);
        if lazy {
            self.add_line(rest);
            return;
        }
        if matched < self.containers.len() {
            self.end_leaf();
            self.close_to(matched);
        }
        let rest = self.open_containers(rest);
        self.open_leaf(rest, next);
    }

    /// What is left of a line behind the signs of the containers that go on with it, and how many
    /// those are.
    fn within<'a>(&self, line: &'a str) -> (&'a str, usize) {
        let mut rest = line;
        let mut matched = 0_usize;
        for container in &self.containers {
            match container {
                Container::Quote => match quoted(rest) {
                    Some(inside) => rest = inside,
                    None => break,
                },
                Container::List(..) => {}
                Container::Item(column) => {
                    if rest.trim().is_empty() {
                        rest = "";
                    } else if indent_of(rest) >= *column {
                        rest = outdented(rest, *column);
                    } else {
                        break;
                    }
                }
            }
            matched += 1;
        }
        // A list goes on only with an item of it.
        if let Some(Container::List(kind, indent)) = matched
            .checked_sub(1)
            .and_then(|last| self.containers.get(last))
            && matched < self.containers.len()
            && !rest.trim().is_empty()
        {
            let goes_on = indent_of(rest) < indent + 4
                && item(rest).is_some_and(|it| {
                    matches!(it.marker, Marker::Bullet) == matches!(kind, Marker::Bullet)
                });
            if !goes_on {
                matched -= 1;
            }
        }
        (rest, matched)
    }

    /// Gives a line to a listing, a comment or a table that is open.
    fn goes_on(&mut self, rest: &str) -> bool {
        match self.leaf {
            Leaf::Fence(sign, length, indent) => {
                let end = rest.trim();
                let closes = end.len() >= length && end.bytes().all(|byte| byte == sign);
                if closes {
                    self.end_leaf();
                } else {
                    let indent = indent.min(indent_of(rest));
                    self.out.text(outdented(rest, indent));
                    self.out.text("\n");
                }
                true
            }
            Leaf::Indented if rest.trim().is_empty() => true,
            Leaf::Indented if indent_of(rest) >= 4 => {
                self.out.text(outdented(rest, 4));
                self.out.text("\n");
                true
            }
            Leaf::Comment => {
                if rest.contains("-->") {
                    self.leaf = Leaf::None;
                }
                true
            }
            Leaf::Table if rest.contains('|') => {
                self.row(rest, false);
                true
            }
            _ => false,
        }
    }

    fn open_containers<'a>(&mut self, mut rest: &'a str) -> &'a str {
        while self.containers.len() < MAX_DEPTH * 2 {
            if indent_of(rest) >= 4 && !matches!(self.leaf, Leaf::Paragraph) {
                break;
            }
            if let Some(inside) = quoted(rest) {
                self.end_leaf();
                self.end_list();
                self.out.open(Block::Quote);
                self.containers.push(Container::Quote);
                rest = inside;
                continue;
            }
            // Within a paragraph only a list that starts at 1 is one: years and numbers start lines.
            let item = item(rest).filter(|it| {
                let in_paragraph = matches!(self.leaf, Leaf::Paragraph);
                !is_rule(rest.trim()) && (!in_paragraph || it.parts_paragraph())
            });
            let Some(item) = item else { break };
            self.end_leaf();
            let goes_on = matches!(self.containers.last(), Some(Container::List(..)));
            if !goes_on {
                self.out.open(match item.marker {
                    Marker::Bullet => Block::BulletList,
                    Marker::Number(start) => Block::OrderedList(start),
                });
                let list = Container::List(item.marker, indent_of(rest));
                self.containers.push(list);
            }
            self.out.open(item.block);
            self.containers.push(Container::Item(item.column));
            rest = item.rest;
        }
        rest
    }

    fn open_leaf(&mut self, rest: &str, next: &str) {
        let words = rest.trim();
        if words.is_empty() {
            return;
        }
        let in_paragraph = matches!(self.leaf, Leaf::Paragraph);
        if in_paragraph && let Some(level) = underline(words) {
            let heading = std::mem::take(&mut self.words);
            self.leaf = Leaf::None;
            self.write(Block::Heading(level), &heading);
            return;
        }
        if indent_of(rest) >= 4 && !in_paragraph {
            self.end_list();
            self.out.open(Block::Code(Aside::NONE));
            self.out.text(outdented(rest, 4));
            self.out.text("\n");
            self.leaf = Leaf::Indented;
            return;
        }
        if !in_paragraph || starts_block(rest) {
            self.end_leaf();
            self.end_list();
        }
        if let Some((sign, length, info)) = fence(words) {
            let language = info.split([' ', '{', ',']).next().unwrap_or_default();
            let language = self.out.aside(language);
            self.out.open(Block::Code(language));
            self.leaf = Leaf::Fence(sign, length, indent_of(rest));
        } else if let Some((level, words)) = heading(words) {
            self.write(Block::Heading(level), words);
        } else if is_rule(words) {
            // A line across the page says nothing.
        } else if words.starts_with("<!--") {
            if !words.contains("-->") {
                self.leaf = Leaf::Comment;
            }
        } else if !matches!(self.leaf, Leaf::Paragraph) && is_definition(words) {
            // Where links lead to is not told.
        } else if !matches!(self.leaf, Leaf::Paragraph)
            && words.contains('|')
            && is_delimiter_row(self.within(next).0)
        {
            self.out.open(Block::Table);
            self.leaf = Leaf::Table;
            self.row(words, true);
        } else if let Some((_, note)) = words.strip_prefix("[^").and_then(|it| it.split_once("]:"))
        {
            self.add_line(note);
        } else {
            self.add_line(rest);
        }
    }

    /// Adds a line to the paragraph.
    fn add_line(&mut self, rest: &str) {
        if !self.words.is_empty() {
            self.words.push('\n');
        }
        let hard = rest.ends_with("  ") || rest.ends_with('\\');
        self.words.push_str(rest.trim().trim_end_matches('\\'));
        if hard {
            // Told as a line of its own; see `inline`.
            self.words.push('\r');
        }
        self.leaf = Leaf::Paragraph;
    }

    fn row(&mut self, line: &str, header: bool) {
        if !header && is_delimiter_row(line) {
            return;
        }
        self.out.open(Block::Row);
        let line = line.trim();
        let line = line.strip_prefix('|').unwrap_or(line);
        let mut start = 0;
        let mut at = 0;
        let bytes = line.as_bytes();
        loop {
            match bytes.get(at) {
                Some(b'\\') => at += 1,
                Some(b'|') | None => {
                    let end = at.min(line.len());
                    let cell = line.get(start..end).unwrap_or_default().trim();
                    // Nothing stands behind the last sign.
                    if at < line.len() || !cell.is_empty() {
                        let block = Block::Cell {
                            header,
                            columns: 1,
                            rows: 1,
                        };
                        self.write(block, cell);
                    }
                    if at >= line.len() {
                        break;
                    }
                    start = at + 1;
                }
                Some(_) => {}
            }
            at += 1;
        }
        self.out.close();
    }

    fn write(&mut self, block: Block, words: &str) {
        self.out.open(block);
        inline(words, &mut self.out);
        self.out.close();
    }

    fn end_leaf(&mut self) {
        match std::mem::replace(&mut self.leaf, Leaf::None) {
            Leaf::Paragraph => {
                let words = std::mem::take(&mut self.words);
                match picture(&words) {
                    Some(alternative) => {
                        self.out.open(Block::Picture);
                        self.write(Block::Alternative, alternative);
                        self.out.close();
                    }
                    None => self.write(Block::Paragraph, &words),
                }
                self.words = words;
                self.words.clear();
            }
            Leaf::Fence(..) | Leaf::Indented | Leaf::Table => self.out.close(),
            Leaf::None | Leaf::Comment => {}
        }
    }

    /// Ends a list that does not go on with an item.
    fn end_list(&mut self) {
        if matches!(self.containers.last(), Some(Container::List(..))) {
            self.close_to(self.containers.len() - 1);
        }
    }

    fn close_to(&mut self, count: usize) {
        while self.containers.len() > count {
            self.containers.pop();
            self.out.close();
        }
    }
}

/// The start of an item.
struct ItemStart<'a> {
    marker: Marker,
    block: Block,
    /// Where its text starts.
    column: usize,
    rest: &'a str,
}

impl ItemStart<'_> {
    /// Whether it may follow a paragraph without an empty line: years and numbers start lines too.
    fn parts_paragraph(&self) -> bool {
        !self.rest.trim().is_empty() && matches!(self.marker, Marker::Bullet | Marker::Number(1))
    }
}

fn item(line: &str) -> Option<ItemStart<'_>> {
    let indent = indent_of(line);
    let words = line.trim_start();
    let (marker, width) = match words.bytes().next()? {
        b'-' | b'*' | b'+' => (Marker::Bullet, 1),
        b'0'..=b'9' => {
            let digits = words
                .bytes()
                .take(10)
                .take_while(u8::is_ascii_digit)
                .count();
            if !matches!(words.as_bytes().get(digits), Some(b'.' | b')')) {
                return None;
            }
            (Marker::Number(words[..digits].parse().ok()?), digits + 1)
        }
        _ => return None,
    };
    let rest = &words[width..];
    let blanks = indent_of(rest);
    if blanks == 0 && !rest.is_empty() {
        return None;
    }
    // Behind five blanks code begins.
    let blanks = if (1..=4).contains(&blanks) { blanks } else { 1 };
    let column = indent + width + blanks;
    let rest = outdented(rest, blanks);
    let task = |sign: &str| rest.strip_prefix(sign).filter(|it| it.starts_with(' '));
    let (block, rest) = if let Some(words) = task("[ ]") {
        (Block::ToDo, words)
    } else if let Some(words) = task("[x]").or_else(|| task("[X]")) {
        (Block::Done, words)
    } else {
        (Block::Item, rest)
    };
    let rest = if block == Block::Item {
        rest
    } else {
        rest.trim_start()
    };
    Some(ItemStart {
        marker,
        block,
        column,
        rest,
    })
}

/// A line without so many columns of white space at its start.
fn outdented(line: &str, columns: usize) -> &str {
    let mut column = 0;
    let end = line.bytes().position(|byte| {
        let ends = column >= columns || !matches!(byte, b' ' | b'\t');
        column += if byte == b'\t' { 4 - column % 4 } else { 1 };
        ends
    });
    &line[end.unwrap_or(line.len())..]
}

/// What is left of a line of a quotation.
fn quoted(line: &str) -> Option<&str> {
    let inside = line.trim_start().strip_prefix('>')?;
    (indent_of(line) < 4).then(|| inside.strip_prefix(' ').unwrap_or(inside))
}

fn heading(words: &str) -> Option<(u8, &str)> {
    let rest = words.trim_start_matches('#');
    let level = words.len() - rest.len();
    if !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let title = rest.trim();
    let without_signs = title.trim_end_matches('#');
    let is_closed = without_signs.is_empty() || without_signs.ends_with([' ', '\t']);
    let title = if is_closed {
        without_signs.trim_end()
    } else {
        title
    };
    Some((u8::try_from(level).unwrap_or(6), title))
}

/// The level of the heading that a line of signs makes of the paragraph above.
fn underline(words: &str) -> Option<u8> {
    let only = |sign: u8| words.bytes().all(|byte| byte == sign);
    match words.bytes().next() {
        Some(b'=') if only(b'=') => Some(1),
        Some(b'-') if only(b'-') => Some(2),
        _ => None,
    }
}

/// The sign, length and language of a listing's first line.
fn fence(words: &str) -> Option<(u8, usize, &str)> {
    let sign = words
        .bytes()
        .next()
        .filter(|it| matches!(it, b'`' | b'~'))?;
    let length = words.bytes().take_while(|byte| *byte == sign).count();
    let info = words[length..].trim();
    (length >= 3 && !(sign == b'`' && info.contains('`'))).then_some((sign, length, info))
}

fn is_rule(words: &str) -> bool {
    let Some(sign) = words.bytes().next().filter(|it| b"*-_".contains(it)) else {
        return false;
    };
    let mut count = 0;
    words.bytes().all(|byte| {
        count += usize::from(byte == sign);
        byte == sign || matches!(byte, b' ' | b'\t')
    }) && count >= 3
}

/// Whether a line names the target of links elsewhere: `[word]: https://…`.
fn is_definition(words: &str) -> bool {
    let target = words
        .strip_prefix('[')
        .filter(|it| !it.starts_with('^'))
        .and_then(|it| it.split_once("]:"));
    target.is_some_and(|(label, target)| {
        let target = target.trim_start();
        !label.contains(['[', ']']) && !target.is_empty() && {
            let target = target.split_whitespace().next().unwrap_or_default();
            target.contains(['/', '.', '#', '@', '<', ':'])
        }
    })
}

fn is_delimiter_row(line: &str) -> bool {
    let line = line.trim();
    line.contains('-')
        && line
            .bytes()
            .all(|byte| matches!(byte, b'|' | b'-' | b':' | b' ' | b'\t'))
}

/// Whether a line begins a block and does not go on with a paragraph.
fn starts_block(line: &str) -> bool {
    let words = line.trim();
    indent_of(line) < 4
        && (quoted(line).is_some()
            || heading(words).is_some()
            || fence(words).is_some()
            || is_rule(words)
            || words.starts_with("<!--")
            || item(line).is_some_and(|it| it.parts_paragraph()))
}
