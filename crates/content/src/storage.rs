//! Storage format: XHTML with Confluence's `ac:` and `ri:` elements. Read as a browser reads HTML:
//! unclosed elements end with their parents, stray end tags and broken markup are passed over, and
//! unknown elements keep their text.

use protocol::RemovalKind;
use quick_xml::{Reader, escape::resolve_html5_entity, events::Event};

use crate::{
    ContentError, Document, MAX_BODY_BYTES,
    model::{Block, Cell, Inlines, Row},
    people::{is_people_macro, is_people_url},
};

/// Elements nested deeper than this are told as if they stood at this depth.
const MAX_DEPTH: usize = 120;

/// The document of a storage format body of at most [`MAX_BODY_BYTES`].
pub fn parse_storage(body: &str) -> Result<Document, ContentError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(ContentError::BodyTooLarge);
    }
    let root = tree(body);
    Ok(Document {
        blocks: blocks(&root.children),
        known: Vec::new(),
    })
}

/// An element or a text of the page.
#[derive(Debug)]
enum Node {
    Element(Element),
    Text(String),
}

#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
}

impl Element {
    fn attribute(&self, name: &str) -> &str {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    }

    fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.name == name)
    }

    /// All text below, as it stands.
    fn text(&self) -> String {
        let mut text = String::new();
        collect_text(&self.children, &mut text);
        text
    }

    /// The value of a macro's parameter.
    fn parameter(&self, name: &str) -> String {
        self.elements()
            .find(|element| element.name == "ac:parameter" && element.attribute("ac:name") == name)
            .map(Element::text)
            .unwrap_or_default()
    }
}

fn collect_text(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Element(element) => collect_text(&element.children, out),
        }
    }
}

/// Elements that never have an end tag in HTML.
const VOID: &[&str] = &["br", "hr", "img", "col", "wbr", "input"];

/// The most breaks behind which the reader starts anew.
const MAX_BREAKS: usize = 100;

/// The element tree. Where the markup still breaks after [`mend`], the reader starts anew behind
/// the break with the same open elements.
fn tree(body: &str) -> Element {
    let mended = mend(body);
    let mut open = vec![Element::default()];
    let mut rest = mended.as_str();
    for _ in 0..MAX_BREAKS {
        let Some(failed_at) = read(rest, &mut open) else {
            rest = "";
            break;
        };
        // What could not be read, up to the next tag.
        let broken = rest.get(failed_at..).unwrap_or_default();
        let end = broken
            .char_indices()
            .skip(1)
            .find(|(_, character)| *character == '<');
        let end = end.map_or(broken.len(), |(index, _)| index);
        push(
            &mut open,
            Node::Text(entities(without_tags(&broken[..end]))),
        );
        rest = &broken[end..];
    }
    for part in rest.split_inclusive('>') {
        push(
            &mut open,
            Node::Text(entities(part.split('<').next().unwrap_or_default())),
        );
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().unwrap_or_default()
}

/// Reads elements until the end, or up to the place where the markup breaks.
fn read(text: &str, open: &mut Vec<Element>) -> Option<usize> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    config.check_comments = false;
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        match reader.read_event() {
            Ok(Event::Eof) => return None,
            Ok(event) => handle(event, open),
            Err(_) => return Some(before),
        }
    }
}

/// The words of broken markup. What has attributes was a tag, and attributes may name people.
fn without_tags(broken: &str) -> &str {
    match broken.split_once('>') {
        Some((_, after)) if broken.starts_with('<') => after,
        _ if broken.starts_with('<') && broken.contains('=') => "",
        _ => broken,
    }
}

/// The same markup without comments and declarations, in which each `<` begins a whole tag or a
/// whole CDATA section: a sign without its end would make the reader look through the rest of the
/// page for it, once for each such sign. One pass: what has no end is known from the last end.
fn mend(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let last = |end: &str| body.rfind(end).unwrap_or(0);
    let (last_data, last_comment, last_sign) = (last("]]>"), last("-->"), last(">"));
    let mut quotes = true;
    let mut rest = body;
    let mut at = 0;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        at += start;
        rest = &rest[start..];
        let end_of = |from: usize, end: &str| {
            let found = rest.get(from..).and_then(|text| text.find(end));
            found.map_or(rest.len(), |index| from + index + end.len())
        };
        let length = if rest.starts_with("<![CDATA[") {
            if last_data < at {
                "<![CDATA[".len()
            } else {
                let length = end_of("<![CDATA[".len(), "]]>");
                out.push_str(&rest[..length]);
                length
            }
        } else if rest.starts_with("<!--") {
            if last_comment < at + 4 {
                4
            } else {
                end_of(4, "-->")
            }
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            if last_sign < at { 2 } else { end_of(2, ">") }
        } else {
            let tag = tag(rest, quotes);
            quotes &= tag.length < rest.len();
            match tag.end {
                TagEnd::NoTag => out.push_str("&lt;"),
                end => {
                    let markup = &rest[..tag.length];
                    match tag.quoted {
                        true => out.push_str(markup),
                        false => out.push_str(&markup.replace(['"', '\''], " ")),
                    }
                    if end == TagEnd::Missing {
                        // References to people and pages hold nothing; what follows is the page's.
                        let empty = markup.to_ascii_lowercase().starts_with("<ri:");
                        out.push_str(if empty { "/>" } else { ">" });
                    }
                }
            }
            if tag.end == TagEnd::NoTag {
                1
            } else {
                tag.length
            }
        };
        at += length;
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TagEnd {
    /// With its own `>`.
    Whole,
    /// A tag by its attributes or prefix, cut off by another or by the end of the page.
    Missing,
    /// A sign of comparison, or an arrow.
    NoTag,
}

struct Tag {
    length: usize,
    end: TagEnd,
    /// Each quote has its partner.
    quoted: bool,
}

/// How far the tag at the start of a text reaches; values in quotes may hold any sign, unless the
/// page's quotes have proved to be broken.
fn tag(text: &str, quotes: bool) -> Tag {
    let name = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    let no_tag = Tag {
        length: 1,
        end: TagEnd::NoTag,
        quoted: true,
    };
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return no_tag;
    }
    let bytes = text.as_bytes();
    let mut has_value = false;
    let mut quoted = true;
    let mut index = 1;
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'>' => {
                return Tag {
                    length: index + 1,
                    end: TagEnd::Whole,
                    quoted,
                };
            }
            b'<' => break,
            b'=' => has_value = true,
            b'"' | b'\'' => {
                let value = &bytes[index + 1..];
                let partner = (quotes && has_value)
                    .then(|| value.iter().position(|other| other == byte))
                    .flatten();
                match partner {
                    Some(end) => index += end + 1,
                    None => quoted = false,
                }
            }
            _ => {}
        }
        index += 1;
    }
    let name = name.get(..3).unwrap_or_default();
    if has_value || name.eq_ignore_ascii_case("ac:") || name.eq_ignore_ascii_case("ri:") {
        Tag {
            length: index.min(bytes.len()),
            end: TagEnd::Missing,
            quoted,
        }
    } else {
        Tag {
            length: index.min(bytes.len()),
            ..no_tag
        }
    }
}

fn handle(event: Event<'_>, open: &mut Vec<Element>) {
    match event {
        Event::Start(tag) => {
            let element = element(&tag);
            let void = VOID.contains(&element.name.as_str());
            if void || open.len() > MAX_DEPTH {
                push(open, Node::Element(element));
            } else {
                open.push(element);
            }
        }
        Event::Empty(tag) => push(open, Node::Element(element(&tag))),
        Event::End(tag) => {
            let name = tag.name().as_ref().to_ascii_lowercase();
            if let Some(index) = open.iter().rposition(|element| element.name == name) {
                while open.len() > index.max(1) {
                    close(open);
                }
            }
        }
        Event::Text(text) => {
            push(open, Node::Text(text.to_string()));
        }
        Event::CData(data) => {
            push(open, Node::Text(data.to_string()));
        }
        Event::GeneralRef(reference) => {
            let text = match reference.resolve_char_ref() {
                Ok(Some(character)) => character.to_string(),
                _ => {
                    let name = reference.to_string();
                    resolve_html5_entity(&name).map_or_else(|| format!("&{name};"), str::to_owned)
                }
            };
            push(open, Node::Text(text));
        }
        Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => {}
    }
}

fn element(tag: &quick_xml::events::BytesStart<'_>) -> Element {
    let attributes = tag
        .html_attributes()
        .with_checks(false)
        .flatten()
        .map(|attribute| {
            let key = attribute.key.as_ref().to_ascii_lowercase();
            (key, entities(&attribute.value))
        })
        .collect();
    let name = tag.name().as_ref().to_ascii_lowercase();
    Element {
        name,
        attributes,
        children: Vec::new(),
    }
}

/// A text with its references resolved; what is none stays as it is.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        // The longest name of HTML has 31 letters.
        let end = rest.bytes().take(34).position(|byte| byte == b';');
        let resolved = end.and_then(|end| {
            quick_xml::escape::unescape_with(&rest[..=end], resolve_html5_entity).ok()
        });
        let length = match (end, resolved) {
            (Some(end), Some(character)) => {
                out.push_str(&character);
                end + 1
            }
            _ => {
                out.push('&');
                1
            }
        };
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

fn push(open: &mut [Element], node: Node) {
    if let Some(element) = open.last_mut() {
        element.children.push(node);
    }
}

fn close(open: &mut Vec<Element>) {
    if let Some(element) = open.pop() {
        push(open, Node::Element(element));
    }
}

/// Elements that are part of a line.
const INLINE: &[&str] = &[
    "a",
    "abbr",
    "b",
    "big",
    "br",
    "cite",
    "code",
    "del",
    "em",
    "font",
    "i",
    "img",
    "ins",
    "kbd",
    "mark",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "time",
    "tt",
    "u",
    "var",
    "wbr",
    "ac:link",
    "ac:emoticon",
    "ac:inline-comment-marker",
    "ac:placeholder",
    "ac:image",
    "ri:user",
    "label",
];

/// Macros that are part of a line.
const INLINE_MACROS: &[&str] = &[
    "status",
    "jira",
    "anchor",
    "mathinline",
    "profile",
    "profile-picture",
    "mention",
];

fn is_inline(element: &Element) -> bool {
    if is_macro(element) {
        return INLINE_MACROS.contains(&element.attribute("ac:name"));
    }
    INLINE.contains(&element.name.as_str())
}

fn is_macro(element: &Element) -> bool {
    matches!(element.name.as_str(), "ac:structured-macro" | "ac:macro")
}

fn blocks(nodes: &[Node]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut run = Inlines::default();
    for node in nodes {
        match node {
            Node::Text(text) => run.push_text(&collapse(text)),
            Node::Element(element) if is_inline(element) => inline(element, &mut run),
            Node::Element(element) => {
                blocks.extend(Block::paragraph(std::mem::take(&mut run)));
                block(element, &mut blocks);
            }
        }
    }
    blocks.extend(Block::paragraph(run));
    blocks
}

fn block(element: &Element, out: &mut Vec<Block>) {
    let inside = &element.children;
    match element.name.as_str() {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => out.push(Block::Heading(inlines(inside))),
        "ul" if element.attribute("class") == "decision-list" => {
            out.extend(element.elements().map(|item| Block::Marked {
                word: "Decision",
                text: inlines(&item.children),
            }));
        }
        "ul" => out.push(Block::List {
            start: None,
            items: items(element),
        }),
        "ol" => {
            let start = element.attribute("start").parse().unwrap_or(1);
            out.push(Block::List {
                start: Some(start),
                items: items(element),
            });
        }
        "ac:task" => {
            let done = element
                .child("ac:task-status")
                .is_some_and(|status| status.text().trim() == "complete");
            let text = element
                .child("ac:task-body")
                .map(|body| inlines(&body.children))
                .unwrap_or_default();
            out.push(Block::Marked {
                word: if done { "Done" } else { "To do" },
                text,
            });
        }
        "table" => {
            let mut rows = Vec::new();
            table_rows(element, &mut rows);
            out.push(Block::Table(rows));
        }
        "pre" => out.push(Block::Code {
            language: String::new(),
            text: element.text(),
        }),
        "ac:structured-macro" | "ac:macro" => structured_macro(element, out),
        "ac:adf-extension" => adf_extension(element, out),
        // Not for readers: parameters outside a macro, columns, rules, ids of tasks.
        "ac:parameter" | "colgroup" | "hr" | "ac:task-id" | "ac:task-uuid" | "script" | "style" => {
        }
        "ac:plain-text-body" => out.extend(Block::paragraph(Inlines::text(element.text()))),
        _ if element.name.starts_with("ri:") => {}
        // Paragraphs, layouts, quotes, divisions and the unknown: what is inside.
        _ => match one_run(inside) {
            Some(run) => out.extend(Block::paragraph(run)),
            None => {
                let inside = blocks(inside);
                if !inside.is_empty() {
                    out.push(Block::Group(inside));
                }
            }
        },
    }
}

/// The nodes as one run, when none of them is a block.
fn one_run(nodes: &[Node]) -> Option<Inlines> {
    let all_inline = nodes.iter().all(|node| match node {
        Node::Text(_) => true,
        Node::Element(element) => is_inline(element),
    });
    all_inline.then(|| inlines(nodes))
}

fn items(list: &Element) -> Vec<Vec<Block>> {
    list.elements().map(|item| blocks(&item.children)).collect()
}

fn table_rows(element: &Element, rows: &mut Vec<Row>) {
    for child in element.elements() {
        if child.name == "tr" {
            let cells = child
                .elements()
                .filter(|cell| matches!(cell.name.as_str(), "td" | "th"))
                .map(|cell| Cell {
                    header: cell.name == "th",
                    blocks: blocks(&cell.children),
                });
            rows.push(Row {
                cells: cells.collect(),
            });
        } else if child.name != "td" && child.name != "th" {
            table_rows(child, rows);
        }
    }
}

fn structured_macro(element: &Element, out: &mut Vec<Block>) {
    let name = element.attribute("ac:name");
    if is_people_macro(name) {
        let mut run = Inlines::default();
        run.push_person(RemovalKind::PeopleMacro, name, "");
        out.push(Block::Paragraph(run));
        return;
    }
    let plain = || {
        element
            .child("ac:plain-text-body")
            .map(Element::text)
            .unwrap_or_default()
    };
    match name {
        "code" | "noformat" => {
            out.push(Block::Code {
                language: element.parameter("language"),
                text: plain(),
            });
        }
        // Made of other pages or of the page's own headings: nothing to tell.
        "toc" | "toc-zone" | "children" | "pagetree" | "pagetreesearch" | "include"
        | "excerpt-include" | "attachments" | "gallery" | "livesearch" | "labels-list"
        | "contentbylabel" | "detailssummary" | "blog-posts" => {}
        _ => {
            let inside = element
                .child("ac:rich-text-body")
                .map(|body| blocks(&body.children))
                .unwrap_or_default();
            let title = element.parameter("title");
            let text = plain();
            let mut blocks = inside;
            blocks.extend(Block::paragraph(Inlines::text(text)));
            if !blocks.is_empty() || !title.trim().is_empty() {
                out.push(Block::Titled {
                    title: Inlines::text(title),
                    blocks,
                });
            }
        }
    }
}

/// Content that stands here twice, as ADF and as a fallback for readers of storage format: the
/// fallback alone is told.
fn adf_extension(element: &Element, out: &mut Vec<Block>) {
    if let Some(fallback) = element.child("ac:adf-fallback") {
        out.extend(blocks(&fallback.children));
        return;
    }
    adf_nodes(element, out);
}

fn adf_nodes(element: &Element, out: &mut Vec<Block>) {
    for child in element.elements() {
        match child.name.as_str() {
            "ac:adf-node" => adf_nodes(child, out),
            "ac:adf-content" => out.extend(blocks(&child.children)),
            _ => {}
        }
    }
}

fn inlines(nodes: &[Node]) -> Inlines {
    let mut run = Inlines::default();
    for node in nodes {
        match node {
            Node::Text(text) => run.push_text(&collapse(text)),
            Node::Element(element) => inline(element, &mut run),
        }
    }
    run
}

fn inline(element: &Element, run: &mut Inlines) {
    match element.name.as_str() {
        "br" => run.push_text("\n"),
        "a" if is_people_url(element.attribute("href")) => {
            run.push_people_link(&element.text(), element.attribute("href"));
        }
        "ac:link" => link(element, run),
        "ri:user" => run.push_person(RemovalKind::Mention, user(element), user(element)),
        "time" => run.push_text(element.attribute("datetime")),
        "img" => run.push_text(element.attribute("alt")),
        "ac:image" => {
            let caption = element
                .child("ac:caption")
                .map(|caption| inlines(&caption.children));
            let words = caption
                .filter(|caption| !caption.is_blank())
                .unwrap_or_else(|| Inlines::text(element.attribute("ac:alt")));
            if !words.is_blank() {
                run.append(Inlines::picture(words));
            }
        }
        "ac:emoticon" => {
            // The fallback is the character itself, or a short name such as `:smile:`.
            let fallback = element.attribute("ac:emoji-fallback");
            if !fallback.starts_with(':') {
                run.push_text(fallback);
            }
        }
        "ac:structured-macro" | "ac:macro" => inline_macro(element, run),
        "ac:parameter" | "ac:task-id" | "ac:task-uuid" | "ac:task-status" => {}
        _ => {
            if !is_inline(element) && !run.is_blank() {
                run.push_text(" ");
            }
            run.append(inlines(&element.children));
        }
    }
}

/// A link within Confluence: to a person, or to a page whose words are the link's body or its title.
fn link(element: &Element, run: &mut Inlines) {
    let body = element
        .child("ac:link-body")
        .or_else(|| element.child("ac:plain-text-link-body"));
    if let Some(person) = element.child("ri:user") {
        let words = body.map(Element::text).unwrap_or_default();
        let words = if words.trim().is_empty() {
            user(person).to_owned()
        } else {
            words
        };
        run.push_person(RemovalKind::Mention, &words, user(person));
        return;
    }
    let personal_space = element
        .elements()
        .find_map(|target| target.attribute("ri:space-key").strip_prefix('~'));
    if let Some(user) = personal_space {
        let words = body.map(Element::text).unwrap_or_default();
        run.push_person(RemovalKind::PeopleLink, &words, user);
        return;
    }
    match body {
        Some(body) => run.append(inlines(&body.children)),
        None => {
            let title = element
                .elements()
                .map(|target| target.attribute("ri:content-title"))
                .find(|title| !title.is_empty());
            run.push_text(title.unwrap_or_default());
        }
    }
}

/// What `ri:user` says of a person.
fn user(element: &Element) -> &str {
    ["ri:account-id", "ri:username", "ri:userkey"]
        .iter()
        .map(|name| element.attribute(name))
        .find(|value| !value.is_empty())
        .unwrap_or_default()
}

fn inline_macro(element: &Element, run: &mut Inlines) {
    let name = element.attribute("ac:name");
    if is_people_macro(name) {
        run.push_person(RemovalKind::PeopleMacro, name, "");
        return;
    }
    match name {
        "status" => run.push_text(&element.parameter("title")),
        "jira" => run.push_text(&element.parameter("key")),
        "mathinline" | "code" | "noformat" => {
            run.push_text(
                &element
                    .child("ac:plain-text-body")
                    .map(Element::text)
                    .unwrap_or_default(),
            );
        }
        _ => {
            if let Some(body) = element.child("ac:rich-text-body") {
                run.append(inlines(&body.children));
            }
        }
    }
}

/// White space as HTML shows it: any amount is one blank.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if !character.is_whitespace() {
            out.push(character);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}
