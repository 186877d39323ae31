//! Storage format: XHTML with Confluence's `ac:` and `ri:` elements. Read as a browser reads HTML:
//! unclosed elements end with their parents, stray end tags and broken markup are passed over, and
//! unknown elements keep their text.

use protocol::RemovalKind;
use quick_xml::{Reader, escape::resolve_html5_entity, events::Event};

use crate::{
    ContentError, Document, MAX_BODY_BYTES,
    model::{Aside, Block},
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
    let mut document = Document::with_capacity(body.len());
    blocks(&root.children, &mut document);
    Ok(document.finish())
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

fn blocks(nodes: &[Node], out: &mut Document) {
    for node in nodes {
        match node {
            Node::Text(text) => run_text(text, out),
            Node::Element(element) if is_inline(element) => inline(element, out),
            Node::Element(element) => block(element, out),
        }
    }
}

/// White space as HTML shows it: none at the start of a run or behind other white space.
fn run_text(text: &str, out: &mut Document) {
    out.text(&collapse(text));
}

fn within(kind: Block, nodes: &[Node], out: &mut Document) {
    out.open(kind);
    blocks(nodes, out);
    out.close();
}

fn block(element: &Element, out: &mut Document) {
    let inside = &element.children;
    match element.name.as_str() {
        name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") => {
            within(Block::Heading(name.as_bytes()[1] - b'0'), inside, out);
        }
        "ul" if element.attribute("class") == "decision-list" => {
            for item in element.elements() {
                within(Block::Decision, &item.children, out);
            }
        }
        "ul" => within(Block::BulletList, inside, out),
        "ol" => {
            let start = element.attribute("start").parse().unwrap_or(1);
            within(Block::OrderedList(start), inside, out);
        }
        "li" => within(Block::Item, inside, out),
        "ac:task" => {
            let done = element
                .child("ac:task-status")
                .is_some_and(|status| status.text().trim() == "complete");
            let body = element.child("ac:task-body");
            let body = body.map_or(&[][..], |body| &body.children);
            within(if done { Block::Done } else { Block::ToDo }, body, out);
        }
        "table" => within(Block::Table, inside, out),
        "thead" | "tbody" | "tfoot" => blocks(inside, out),
        "tr" => within(Block::Row, inside, out),
        name @ ("td" | "th") => {
            let span = |name| element.attribute(name).parse::<u8>().unwrap_or(1).max(1);
            let cell = Block::Cell {
                header: name == "th",
                columns: span("colspan"),
                rows: span("rowspan"),
            };
            within(cell, inside, out);
        }
        "pre" => {
            out.open(Block::Code(Aside::NONE));
            out.text(&element.text());
            out.close();
        }
        "ac:structured-macro" | "ac:macro" => structured_macro(element, out),
        "ac:adf-extension" => adf_extension(element, out),
        // Not for readers: parameters outside a macro, columns, rules, ids of tasks.
        "ac:parameter" | "colgroup" | "hr" | "ac:task-id" | "ac:task-uuid" | "script" | "style" => {
        }
        "ac:plain-text-body" => {
            out.open(Block::Paragraph);
            out.text(&element.text());
            out.close();
        }
        _ if element.name.starts_with("ri:") => {}
        // Paragraphs, layouts, quotes, divisions and the unknown: what is inside.
        _ => within(Block::Group, inside, out),
    }
}

fn structured_macro(element: &Element, out: &mut Document) {
    let name = element.attribute("ac:name");
    if is_people_macro(name) {
        out.open(Block::Paragraph);
        out.person(RemovalKind::PeopleMacro, name, "");
        out.close();
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
            let language = out.aside(&element.parameter("language"));
            out.open(Block::Code(language));
            out.text(&plain());
            out.close();
        }
        // Made of other pages or of the page's own headings: nothing to tell.
        "toc" | "toc-zone" | "children" | "pagetree" | "pagetreesearch" | "include"
        | "excerpt-include" | "attachments" | "gallery" | "livesearch" | "labels-list"
        | "contentbylabel" | "detailssummary" | "blog-posts" => {}
        _ => {
            let title = out.aside(&element.parameter("title"));
            out.open(Block::Titled(title));
            if let Some(body) = element.child("ac:rich-text-body") {
                blocks(&body.children, out);
            }
            out.open(Block::Paragraph);
            out.text(&plain());
            out.close();
            out.close();
        }
    }
}

/// Content that stands here twice, as ADF and as a fallback for readers of storage format: the
/// fallback alone is told.
fn adf_extension(element: &Element, out: &mut Document) {
    if let Some(fallback) = element.child("ac:adf-fallback") {
        within(Block::Group, &fallback.children, out);
        return;
    }
    adf_nodes(element, out);
}

fn adf_nodes(element: &Element, out: &mut Document) {
    for child in element.elements() {
        match child.name.as_str() {
            "ac:adf-node" => adf_nodes(child, out),
            "ac:adf-content" => within(Block::Group, &child.children, out),
            _ => {}
        }
    }
}

fn inlines(nodes: &[Node], out: &mut Document) {
    for node in nodes {
        match node {
            Node::Text(text) => run_text(text, out),
            Node::Element(element) => inline(element, out),
        }
    }
}

fn inline(element: &Element, out: &mut Document) {
    match element.name.as_str() {
        "br" => out.text("\n"),
        "a" if is_people_url(element.attribute("href")) => {
            out.people_link(&element.text(), element.attribute("href"));
        }
        "ac:link" => link(element, out),
        "ri:user" => out.person(RemovalKind::Mention, user(element), user(element)),
        "time" => out.text(element.attribute("datetime")),
        "img" => out.text(element.attribute("alt")),
        "ac:image" => {
            out.open(Block::Picture);
            out.open(Block::Alternative);
            out.text(element.attribute("ac:alt"));
            out.close();
            if let Some(caption) = element.child("ac:caption") {
                within(Block::Paragraph, &caption.children, out);
            }
            out.close();
        }
        "ac:emoticon" => {
            // The fallback is the character itself, or a short name such as `:smile:`.
            let fallback = element.attribute("ac:emoji-fallback");
            if !fallback.starts_with(':') {
                out.text(fallback);
            }
        }
        "ac:structured-macro" | "ac:macro" => inline_macro(element, out),
        "ac:parameter" | "ac:task-id" | "ac:task-uuid" | "ac:task-status" => {}
        _ => inlines(&element.children, out),
    }
}

/// A link within Confluence: to a person, or to a page whose words are the link's body or its title.
fn link(element: &Element, out: &mut Document) {
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
        out.person(RemovalKind::Mention, &words, user(person));
        return;
    }
    let personal_space = element
        .elements()
        .find_map(|target| target.attribute("ri:space-key").strip_prefix('~'));
    if let Some(user) = personal_space {
        let words = body.map(Element::text).unwrap_or_default();
        out.person(RemovalKind::PeopleLink, &words, user);
        return;
    }
    match body {
        Some(body) => inlines(&body.children, out),
        None => {
            let title = element
                .elements()
                .map(|target| target.attribute("ri:content-title"))
                .find(|title| !title.is_empty());
            out.text(title.unwrap_or_default());
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

fn inline_macro(element: &Element, out: &mut Document) {
    let name = element.attribute("ac:name");
    if is_people_macro(name) {
        out.person(RemovalKind::PeopleMacro, name, "");
        return;
    }
    match name {
        "status" => out.text(&element.parameter("title")),
        "jira" => out.text(&element.parameter("key")),
        "mathinline" | "code" | "noformat" => {
            out.text(
                &element
                    .child("ac:plain-text-body")
                    .map(Element::text)
                    .unwrap_or_default(),
            );
        }
        _ => {
            if let Some(body) = element.child("ac:rich-text-body") {
                inlines(&body.children, out);
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
