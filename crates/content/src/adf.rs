//! Atlassian Document Format. Every node type of `@atlaskit/adf-schema`'s `full.json` is named in
//! [`block`] or [`inline`]; what is unknown keeps its text, so that nothing a reader sees is lost
//! silently. Marks are dropped, but for links to people.

use protocol::RemovalKind;
use serde_json::Value;

use crate::{
    ContentError, Document, MAX_BODY_BYTES,
    model::{Block, Cell, Inlines, Row},
    people::{is_people_macro, is_people_url},
};

/// The document of an ADF body, a JSON text of at most [`MAX_BODY_BYTES`]. JSON nested deeper than
/// 128 levels is refused by serde_json, which bounds the recursion here.
pub fn parse_adf(body: &str) -> Result<Document, ContentError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(ContentError::BodyTooLarge);
    }
    let root: Value = serde_json::from_str(body).map_err(|_| ContentError::NotAdf)?;
    if kind(&root) != "doc" {
        return Err(ContentError::NotAdf);
    }
    Ok(Document {
        blocks: blocks(children(&root)),
        known: Vec::new(),
    })
}

fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn children(node: &Value) -> &[Value] {
    node.get("content")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn attr<'a>(node: &'a Value, name: &str) -> &'a str {
    node.get("attrs")
        .and_then(|attrs| attrs.get(name))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn blocks(nodes: &[Value]) -> Vec<Block> {
    let mut blocks = Vec::new();
    // Inline nodes may stand among blocks (in captions, or in documents of other makers).
    let mut run = Inlines::default();
    for node in nodes {
        if inline(node, &mut run) {
            continue;
        }
        blocks.extend(Block::paragraph(std::mem::take(&mut run)));
        block(node, &mut blocks);
    }
    blocks.extend(Block::paragraph(run));
    blocks
}

fn block(node: &Value, out: &mut Vec<Block>) {
    let inside = children(node);
    match kind(node) {
        "paragraph" | "caption" => out.extend(Block::paragraph(inlines(inside))),
        "heading" => out.push(Block::Heading(inlines(inside))),
        "bulletList" => out.push(Block::List {
            start: None,
            items: items(inside),
        }),
        "orderedList" => {
            let start = node
                .pointer("/attrs/order")
                .and_then(Value::as_u64)
                .unwrap_or(1);
            out.push(Block::List {
                start: Some(start),
                items: items(inside),
            });
        }
        "taskItem" | "blockTaskItem" => {
            let word = if attr(node, "state") == "DONE" {
                "Done"
            } else {
                "To do"
            };
            out.push(Block::Marked {
                word,
                text: flat(inside),
            });
        }
        "decisionItem" => out.push(Block::Marked {
            word: "Decision",
            text: flat(inside),
        }),
        "table" => out.push(Block::Table(inside.iter().map(row).collect())),
        "codeBlock" => out.push(Block::Code {
            language: attr(node, "language").to_owned(),
            text: inlines(inside).plain(),
        }),
        "expand" | "nestedExpand" => out.push(Block::Titled {
            title: Inlines::text(attr(node, "title")),
            blocks: blocks(inside),
        }),
        "mediaSingle" | "mediaGroup" => media(inside, out),
        "blockCard" | "embedCard" => out.extend(Block::paragraph(card(node))),
        "extension" | "bodiedExtension" | "multiBodiedExtension" => extension(node, out),
        "rule" => {}
        // Panels, quotes, layouts, lists of tasks and decisions, media groups, sync blocks, frames
        // and whatever comes next: what is inside, in reading order.
        _ => {
            let inside = blocks(inside);
            if !inside.is_empty() {
                out.push(Block::Group(inside));
            }
        }
    }
}

/// Pictures and files by their caption, or else by their alternative text.
fn media(nodes: &[Value], out: &mut Vec<Block>) {
    let caption = nodes
        .iter()
        .find(|node| kind(node) == "caption")
        .map(|node| inlines(children(node)));
    if let Some(caption) = caption.filter(|caption| !caption.is_blank()) {
        out.push(Block::Paragraph(Inlines::picture(caption)));
        return;
    }
    for node in nodes.iter().filter(|node| kind(node) == "media") {
        let alt = Inlines::text(attr(node, "alt"));
        if !alt.is_blank() {
            out.push(Block::Paragraph(Inlines::picture(alt)));
        }
    }
}

fn items(nodes: &[Value]) -> Vec<Vec<Block>> {
    nodes.iter().map(|item| blocks(children(item))).collect()
}

fn row(node: &Value) -> Row {
    let cell = |cell: &Value| Cell {
        header: kind(cell) == "tableHeader",
        blocks: blocks(children(cell)),
    };
    Row {
        cells: children(node).iter().map(cell).collect(),
    }
}

/// A macro. Those that show people are a person; of others the text and the body are kept.
fn extension(node: &Value, out: &mut Vec<Block>) {
    let key = attr(node, "extensionKey");
    if is_people_macro(key) {
        let mut run = Inlines::default();
        run.push_person(RemovalKind::PeopleMacro, key, "");
        out.push(Block::Paragraph(run));
        return;
    }
    let inside = blocks(children(node));
    let title = node
        .pointer("/attrs/parameters/macroParams/title/value")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !inside.is_empty() || !title.is_empty() {
        out.push(Block::Titled {
            title: Inlines::text(title),
            blocks: inside,
        });
    }
}

/// The blocks' words in one run, for where only a line fits.
fn flat(nodes: &[Value]) -> Inlines {
    let mut run = Inlines::default();
    for node in nodes {
        if !inline(node, &mut run) {
            if !run.is_blank() {
                run.push_text(" ");
            }
            run.append(flat(children(node)));
        }
    }
    run
}

fn inlines(nodes: &[Value]) -> Inlines {
    flat(nodes)
}

/// Appends an inline node to a run; `false` when the node is none.
fn inline(node: &Value, run: &mut Inlines) -> bool {
    match kind(node) {
        "text" => text(node, run),
        "hardBreak" => run.push_text("\n"),
        "mention" => {
            run.push_person(RemovalKind::Mention, attr(node, "text"), attr(node, "id"));
        }
        "emoji" => {
            // `text` is the character itself, or a short name such as `:smile:` that says nothing.
            let text = attr(node, "text");
            if !text.starts_with(':') {
                run.push_text(text);
            }
        }
        "date" => run.push_text(&date(attr(node, "timestamp"))),
        "status" | "placeholder" => run.push_text(attr(node, "text")),
        "inlineCard" => run.append(card(node)),
        "inlineExtension" => {
            let key = attr(node, "extensionKey");
            if is_people_macro(key) {
                run.push_person(RemovalKind::PeopleMacro, key, "");
            }
        }
        "mediaInline" => run.push_text(attr(node, "alt")),
        _ => match node.get("text").and_then(Value::as_str) {
            Some(text) => run.push_text(text),
            None => return false,
        },
    }
    true
}

fn text(node: &Value, run: &mut Inlines) {
    let text = node.get("text").and_then(Value::as_str).unwrap_or_default();
    let marks = node
        .get("marks")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let to_person = marks
        .iter()
        .filter(|mark| kind(mark) == "link")
        .map(|mark| attr(mark, "href"))
        .find(|href| is_people_url(href));
    match to_person {
        Some(href) => run.push_people_link(text, href),
        None => run.push_text(text),
    }
}

/// A smart link has no words of its own here: its title lives on the server. A link to a person is
/// a person.
fn card(node: &Value) -> Inlines {
    let mut run = Inlines::default();
    if is_people_url(attr(node, "url")) {
        let url = attr(node, "url");
        run.push_person(RemovalKind::PeopleLink, url, url);
    }
    run
}

/// A day as `YYYY-MM-DD`, from milliseconds since 1970 in UTC; empty for what is none.
fn date(milliseconds: &str) -> String {
    let Ok(milliseconds) = milliseconds.parse::<i64>() else {
        return String::new();
    };
    let days = milliseconds.div_euclid(86_400_000);
    if !(-719_162..=2_932_896).contains(&days) {
        return String::new();
    }
    // Days to civil date in the proleptic Gregorian calendar, years starting in March.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_exact() {
        for (milliseconds, day) in [
            ("0", "1970-01-01"),
            ("1709164800000", "2024-02-29"),
            ("1764028800000", "2025-11-25"),
            ("-1", "1969-12-31"),
            ("99999999999999999", ""),
            ("soon", ""),
        ] {
            assert_eq!(date(milliseconds), day);
        }
    }
}
