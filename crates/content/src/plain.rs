//! Reads attached files that are text already: plain text, Markdown and comma-separated values.
//! What stands for itself is kept; marks, link targets, comments and front matter are dropped.
//! Never refuses a text for its form, never recurses, and looks at each byte a bounded number of
//! times.
//!
//! Markdown is read line by line by our own code: `pulldown-cmark` would add 195 kB to the wasm
//! module, and of a text that is only told no emphasis, address or HTML has to be right.

mod inline;
mod markdown;

pub use markdown::parse_markdown;

use csv_core::{ReadFieldResult, ReaderBuilder};

use crate::{ContentError, Document, MAX_BODY_BYTES, model::Block};

/// A line of at least so many bytes was broken because the page was full, not because a thought
/// was.
const WRAPPED_BYTES: usize = 50;
/// The deepest lists and quotations that are told apart.
const MAX_DEPTH: usize = 60;

/// The text to read, without a byte order mark.
fn checked(text: &str) -> Result<&str, ContentError> {
    if text.len() > MAX_BODY_BYTES {
        return Err(ContentError::BodyTooLarge);
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The document of a plain text of at most [`MAX_BODY_BYTES`]: empty lines and form feeds part
/// paragraphs, lines that start with a bullet or a number are lists, deeper where they are indented.
pub fn parse_plain(text: &str) -> Result<Document, ContentError> {
    let text = checked(text)?;
    let mut document = Document::with_capacity(text.len());
    let mut lists = Lists::default();
    // Bytes of the line before, of the paragraph or item that is open.
    let mut before: Option<usize> = None;
    for line in text.split(['\n', '\x0c']) {
        let indent = indent_of(line);
        let words = line.trim();
        if words.is_empty() {
            if lists.is_empty() && before.is_some() {
                document.close();
            }
            before = None;
            continue;
        }
        if let Some((marker, item)) = marker(words) {
            if lists.is_empty() && before.is_some() {
                document.close();
            }
            lists.item(indent, marker, &mut document);
            document.text(item);
        } else if before.is_some() {
            let bytes = if lists.is_empty() {
                before.unwrap_or_default()
            } else {
                usize::MAX
            };
            document.text(line_end(document.last_text(), bytes));
            document.text(words);
        } else if lists.holds(indent) {
            // A paragraph of the item above.
            document.text("\n");
            document.text(words);
        } else {
            lists.end(&mut document);
            document.open(Block::Paragraph);
            document.text(words);
        }
        before = Some(words.len());
    }
    Ok(document.finish())
}

/// What stands between two lines of the same paragraph, the first of which had so many bytes.
fn line_end(told: &str, bytes: usize) -> &'static str {
    let mut last = told.chars().rev();
    match (last.next(), last.next()) {
        // A word that was parted at the end of the line.
        (Some('-'), Some(letter)) if letter.is_alphabetic() => "",
        _ if bytes >= WRAPPED_BYTES => " ",
        _ => "\n",
    }
}

/// Columns of white space at the start of a line; a tab reaches to the next multiple of four.
fn indent_of(line: &str) -> usize {
    let mut columns = 0;
    for byte in line.bytes() {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns += 4 - columns % 4,
            _ => break,
        }
    }
    columns
}

/// What marks an item of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    Bullet,
    Number(u32),
}

/// The marker of a line and the words behind it.
fn marker(words: &str) -> Option<(Marker, &str)> {
    let first = words.chars().next()?;
    let (marker, rest) = match first {
        '-' | '*' | '+' | '•' | '◦' | '▪' | '‣' | '·' | '–' | '\u{f0b7}' | '○' | '●' => {
            (Marker::Bullet, &words[first.len_utf8()..])
        }
        '0'..='9' => {
            let digits = words
                .bytes()
                .take(10)
                .take_while(u8::is_ascii_digit)
                .count();
            let rest = words[digits..].strip_prefix(['.', ')'])?;
            (Marker::Number(words[..digits].parse().ok()?), rest)
        }
        _ => return None,
    };
    let item = rest.trim_start();
    // "-5 degrees", "1.5 metres" and "**" are no items.
    (item.len() < rest.len() && !item.is_empty()).then_some((marker, item))
}

/// The lists that are open, outermost first, by the indent of their markers.
#[derive(Default)]
struct Lists(Vec<(usize, Marker)>);

impl Lists {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a line without a marker belongs to the item that is open.
    fn holds(&self, indent: usize) -> bool {
        self.0.last().is_some_and(|(list, _)| indent > *list)
    }

    /// Opens an item, in the list that is open at this indent or in a new one.
    fn item(&mut self, indent: usize, marker: Marker, out: &mut Document) {
        let same = |a: Marker, b: Marker| (a == Marker::Bullet) == (b == Marker::Bullet);
        while let Some((list, kind)) = self.0.last() {
            let deeper = indent > *list + 1;
            let next = indent + 1 >= *list && !deeper && same(*kind, marker);
            if deeper && self.0.len() < MAX_DEPTH {
                break;
            }
            // The item before ends; and its list, unless this is the next one of it.
            out.close();
            if next || deeper {
                out.open(Block::Item);
                return;
            }
            out.close();
            self.0.pop();
        }
        out.open(match marker {
            Marker::Bullet => Block::BulletList,
            Marker::Number(start) => Block::OrderedList(start),
        });
        out.open(Block::Item);
        self.0.push((indent, marker));
    }

    fn end(&mut self, out: &mut Document) {
        while self.0.pop().is_some() {
            out.close();
            out.close();
        }
    }
}

/// The document of comma-separated values (RFC 4180) of at most [`MAX_BODY_BYTES`]: one table whose
/// first row is its headings. Semicolons and tabs are taken for the delimiter where the first line
/// has more of them.
pub fn parse_csv(text: &str) -> Result<Document, ContentError> {
    let (delimiter, text) = delimiter(checked(text)?);
    let mut document = Document::with_capacity(text.len());
    let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
    let mut input = text.as_bytes();
    let mut buffer = [0; 1024];
    let mut field = Vec::new();
    // A row is written once it is known to hold something.
    let mut row: Vec<String> = Vec::new();
    let mut is_first = true;
    document.open(Block::Table);
    loop {
        let (result, read, written) = reader.read_field(input, &mut buffer);
        input = &input[read..];
        field.extend_from_slice(&buffer[..written]);
        match result {
            ReadFieldResult::OutputFull => continue,
            ReadFieldResult::InputEmpty => continue,
            ReadFieldResult::Field { record_end } => {
                row.push(String::from_utf8_lossy(&field).trim().to_owned());
                field.clear();
                if record_end {
                    is_first &= !write_row(&mut row, is_first, &mut document);
                }
            }
            ReadFieldResult::End => break,
        }
    }
    document.close();
    Ok(document.finish())
}

/// Writes a row and empties it; `false` where it says nothing.
fn write_row(row: &mut Vec<String>, header: bool, out: &mut Document) -> bool {
    let says_something = row.iter().any(|field| !field.is_empty());
    if says_something {
        out.open(Block::Row);
        for field in row.iter() {
            out.open(Block::Cell {
                header,
                columns: 1,
                rows: 1,
            });
            out.text(field);
            out.close();
        }
        out.close();
    }
    row.clear();
    says_something
}

/// The delimiter of a table and the text behind a line `sep=;`, which spreadsheets write.
fn delimiter(text: &str) -> (u8, &str) {
    let text = text.trim_start_matches(['\r', '\n']);
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let [b's', b'e', b'p', b'=', sign @ (b',' | b';' | b'\t' | b'|')] =
        first.trim_end_matches('\r').as_bytes()
    {
        return (*sign, rest);
    }
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                for (sign, count) in &mut counts {
                    *count += u32::from(byte == *sign);
                }
            }
        }
    }
    let mut most = counts[0];
    for count in counts {
        if count.1 > most.1 {
            most = count;
        }
    }
    (most.0, text)
}
