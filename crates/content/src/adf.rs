//! Atlassian Document Format. Every node type of `@atlaskit/adf-schema`'s `full.json` is named in
//! [`block`] or [`inline`]; what is unknown keeps its text, so that nothing a reader sees is lost
//! silently. Marks are dropped, but for links to people.

use protocol::RemovalKind;
use serde_json::Value;

use crate::{
    ContentError, Document, MAX_BODY_BYTES,
    model::Block,
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
    let mut document = Document::with_capacity(body.len());
    blocks(children(&root), &mut document);
    Ok(document.finish())
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

fn blocks(nodes: &[Value], out: &mut Document) {
    for node in nodes {
        if !inline(node, out) {
            block(node, out);
        }
    }
}

fn within(kind: Block, nodes: &[Value], out: &mut Document) {
    out.open(kind);
    blocks(nodes, out);
    out.close();
}

fn block(node: &Value, out: &mut Document) {
    let inside = children(node);
    let number = |name: &str| node.pointer(name).and_then(Value::as_u64);
    match kind(node) {
        "paragraph" | "caption" => within(Block::Paragraph, inside, out),
        "heading" => {
            let level = number("/attrs/level").unwrap_or(1).clamp(1, 6);
            within(
                Block::Heading(u8::try_from(level).unwrap_or(6)),
                inside,
                out,
            );
        }
        "bulletList" => within(Block::BulletList, inside, out),
        "orderedList" => {
            let start = number("/attrs/order").and_then(|start| u32::try_from(start).ok());
            within(Block::OrderedList(start.unwrap_or(1)), inside, out);
        }
        "listItem" => within(Block::Item, inside, out),
        "taskItem" | "blockTaskItem" => {
            let done = attr(node, "state") == "DONE";
            within(if done { Block::Done } else { Block::ToDo }, inside, out);
        }
        "decisionItem" => within(Block::Decision, inside, out),
        "table" => within(Block::Table, inside, out),
        "tableRow" => within(Block::Row, inside, out),
        kind @ ("tableCell" | "tableHeader") => {
            let span = |name: &str| {
                u8::try_from(number(name).unwrap_or(1).clamp(1, 255)).unwrap_or(u8::MAX)
            };
            let cell = Block::Cell {
                header: kind == "tableHeader",
                columns: span("/attrs/colspan"),
                rows: span("/attrs/rowspan"),
            };
            within(cell, inside, out);
        }
        "codeBlock" => {
            let language = out.aside(attr(node, "language"));
            within(Block::Code(language), inside, out);
        }
        "expand" | "nestedExpand" => {
            let title = out.aside(attr(node, "title"));
            within(Block::Titled(title), inside, out);
        }
        "mediaSingle" | "mediaGroup" => within(Block::Picture, inside, out),
        "media" => {
            out.open(Block::Alternative);
            out.text(attr(node, "alt"));
            out.close();
        }
        "blockCard" | "embedCard" => card(node, out),
        "extension" | "bodiedExtension" | "multiBodiedExtension" => extension(node, out),
        "rule" => {}
        // Panels, quotes, layouts, lists of tasks and decisions, media groups, sync blocks, frames
        // and whatever comes next: what is inside, in reading order.
        _ => within(Block::Group, inside, out),
    }
}

/// A macro. Those that show people are a person; of others the text and the body are kept.
fn extension(node: &Value, out: &mut Document) {
    let key = attr(node, "extensionKey");
    if is_people_macro(key) {
        out.person(RemovalKind::PeopleMacro, key, "");
        return;
    }
    let title = node
        .pointer("/attrs/parameters/macroParams/title/value")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let title = out.aside(title);
    within(Block::Titled(title), children(node), out);
}

/// Appends an inline node to a run; `false` when the node is none.
fn inline(node: &Value, out: &mut Document) -> bool {
    match kind(node) {
        "text" => text(node, out),
        "hardBreak" => out.text("\n"),
        "mention" => {
            out.person(RemovalKind::Mention, attr(node, "text"), attr(node, "id"));
        }
        "emoji" => {
            // `text` is the character itself, or a short name such as `:smile:` that says nothing.
            let text = attr(node, "text");
            if !text.starts_with(':') {
                out.text(text);
            }
        }
        "date" => out.text(&date(attr(node, "timestamp"))),
        "status" | "placeholder" => out.text(attr(node, "text")),
        "inlineCard" => card(node, out),
        "inlineExtension" => {
            let key = attr(node, "extensionKey");
            if is_people_macro(key) {
                out.person(RemovalKind::PeopleMacro, key, "");
            }
        }
        "mediaInline" => out.text(attr(node, "alt")),
        _ => match node.get("text").and_then(Value::as_str) {
            Some(text) => out.text(text),
            None => return false,
        },
    }
    true
}

fn text(node: &Value, out: &mut Document) {
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
        Some(href) => out.people_link(text, href),
        None => out.text(text),
    }
}

/// A smart link has no words of its own here: its title lives on the server. A link to a person is
/// a person.
fn card(node: &Value, out: &mut Document) {
    let url = attr(node, "url");
    if is_people_url(url) {
        out.person(RemovalKind::PeopleLink, url, url);
    }
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
