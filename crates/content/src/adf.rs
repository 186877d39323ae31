//! Atlassian Document Format, read in one pass from the JSON text into the document: no tree of
//! values is built, and what is borrowed from the text is copied once. The members of a node may
//! come in any order. Every node and mark type of `@atlaskit/adf-schema`'s `full.json` is named in
//! [`nodes`] or [`marks`]; what is unknown keeps its text and is reported, so that nothing a reader
//! sees is lost silently.

use std::{borrow::Cow, fmt};

use protocol::RemovalKind;
use serde_json::Deserializer;

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{
    ContentError, Document, MAX_BODY_BYTES, WarningKind,
    macros::{self, MacroKind},
    model::{Aside, Block, Panel, without_extension},
    people::{is_people_url, learn, names_people},
};

/// Declares types once: for the reader, and for the table of docs/content.md.
macro_rules! types {
    ($name:ident, $table:ident: $($type:literal $variant:ident $becomes:literal)*) => {
        impl $name {
            fn of(name: &str) -> Option<Self> {
                Some(match name { $($type => Self::$variant,)* _ => return None })
            }
        }

        /// Each type and what becomes of it.
        pub(crate) const $table: &[(&str, &str)] = &[$(($type, $becomes),)*];
    };
}

/// What is done with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    BlockCard,
    Task,
    Quote,
    Extension,
    Group,
    BulletList,
    Paragraph,
    Code,
    Date,
    Decision,
    Doc,
    EmbedCard,
    Emoji,
    Expand,
    HardBreak,
    Heading,
    InlineCard,
    InlineExtension,
    Item,
    Media,
    Picture,
    MediaInline,
    Mention,
    OrderedList,
    Panel,
    Placeholder,
    Rule,
    Status,
    SyncBlock,
    Table,
    Cell,
    Header,
    Row,
    Text,
}

types! {
    Kind, NODES:
    "blockCard" BlockCard "a link to a person is removed; of others the title where the page has it, never the address"
    "blockTaskItem" Task "“To do” or “Done” and its words"
    "blockquote" Quote "its words"
    "bodiedExtension" Extension "a macro with a body: see the table of macros"
    "bodiedSyncBlock" Group "what is inside"
    "bulletList" BulletList "a list"
    "caption" Paragraph "told of the picture, before its alternative text"
    "codeBlock" Code "its language and length; the code itself where the user keeps it"
    "date" Date "the day as YYYY-MM-DD"
    "decisionItem" Decision "“Decision” and its words"
    "decisionList" Group "what is inside"
    "doc" Doc "the page"
    "embedCard" EmbedCard "like blockCard; what it shows lives elsewhere and is reported"
    "emoji" Emoji "the character; a custom emoji has none and is dropped"
    "expand" Expand "its title and what is inside"
    "extension" Extension "a macro: see the table of macros"
    "extensionFrame" Group "what is inside"
    "hardBreak" HardBreak "a new line"
    "heading" Heading "starts a section; in lists and cells its words"
    "inlineCard" InlineCard "like blockCard"
    "inlineExtension" InlineExtension "a macro in a line: see the table of macros"
    "layoutColumn" Group "what is inside, column after column"
    "layoutSection" Group "what is inside"
    "listItem" Item "an item of its list"
    "media" Media "“Picture” and its alternative text, where there is no caption"
    "mediaGroup" Picture "its files by their alternative texts"
    "mediaInline" MediaInline "its alternative text"
    "mediaSingle" Picture "its caption, or else its alternative text"
    "mention" Mention "removed: a neutral word"
    "multiBodiedExtension" Extension "what is inside, one body after the other"
    "nestedExpand" Expand "its title and what is inside"
    "orderedList" OrderedList "a list with its numbers"
    "panel" Panel "“Note”, “Tip”, “Warning” or “Error” before what is inside; nothing before the other kinds"
    "paragraph" Paragraph "its words"
    "placeholder" Placeholder "dropped: a template's hint to its author, which readers do not see"
    "rule" Rule "dropped"
    "status" Status "its words"
    "syncBlock" SyncBlock "dropped and reported: its content lives on another page"
    "table" Table "row by row, each value after its column's heading"
    "tableCell" Cell "its words"
    "tableHeader" Header "the heading of its column, or of its row"
    "tableRow" Row "a line"
    "taskItem" Task "“To do” or “Done” and its words"
    "taskList" Group "what is inside"
    "text" Text "its words, without marks"
}

/// What is done with a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Link,
    Look,
}

types! {
    Mark, MARKS:
    "alignment" Look "dropped"
    "annotation" Look "dropped: the id of an inline comment"
    "backgroundColor" Look "dropped"
    "border" Look "dropped"
    "breakout" Look "dropped"
    "code" Look "dropped"
    "dataConsumer" Look "dropped: where a macro takes its data from"
    "em" Look "dropped"
    "fontSize" Look "dropped"
    "fragment" Look "dropped, with the name that its author gave"
    "indentation" Look "dropped"
    "link" Link "the words stay and the address is dropped; a link to a person is removed with its words"
    "strike" Look "dropped"
    "strong" Look "dropped"
    "sub" Look "dropped"
    "subsup" Look "dropped"
    "sup" Look "dropped"
    "textColor" Look "dropped"
    "underline" Look "dropped"
}

/// The version of the format that this reader knows, the only one there has been.
const ADF_VERSION: &str = "1";

/// Nodes nested deeper than this are left out with a warning. A level of nodes costs two of JSON,
/// and serde_json refuses more than 128 of those, which bounds the recursion here.
const MAX_DEPTH: usize = 55;
/// The same for the values of a macro's parameters, below the deepest node.
const MAX_VALUE_DEPTH: usize = 12;

/// The document of an ADF body, a JSON text of at most [`MAX_BODY_BYTES`]. What is nested too
/// deeply is left out and reported.
pub fn parse_adf(body: &str) -> Result<Document, ContentError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(ContentError::BodyTooLarge);
    }
    read(body).or_else(|error| {
        // Half a character, which JSON can write and UTF-8 cannot. Only then is the body copied.
        match without_lone_surrogates(body) {
            Some(mended) => read(&mended),
            None => Err(error),
        }
    })
}

fn read(body: &str) -> Result<Document, ContentError> {
    let mut reader = Reader {
        document: Document::with_capacity(body.len()),
        depth: 0,
        is_doc: false,
    };
    let mut json = Deserializer::from_str(body);
    Node(&mut reader)
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|_| ContentError::NotAdf)?;
    if !reader.is_doc {
        return Err(ContentError::NotAdf);
    }
    Ok(reader.document.finish())
}

/// The text with every half of a surrogate pair that has no other half replaced by U+FFFD; `None`
/// when there is none.
fn without_lone_surrogates(body: &str) -> Option<String> {
    let unit = |at: usize| {
        let digits = body.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended: Option<String> = None;
    let (mut at, mut copied) = (0, 0);
    while let Some(next) = body.get(at..).and_then(|rest| rest.find('\\')) {
        at += next;
        match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                let mended = mended.get_or_insert_default();
                mended.push_str(&body[copied..at]);
                mended.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            Some(_) => at += 6,
            // An escape of two characters; the second may be a backslash itself.
            None => at += 1 + body[at + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    let mut mended = mended?;
    mended.push_str(&body[copied..]);
    Some(mended)
}

struct Reader {
    document: Document,
    depth: usize,
    is_doc: bool,
}

/// The attributes that are told, or that say how something is told.
#[derive(Default)]
struct Attributes<'de> {
    text: Cow<'de, str>,
    id: Cow<'de, str>,
    /// `title` of expands, `alt` of media, `language` of code, `url` of cards, `extensionKey`:
    /// no node has two of them.
    name: Cow<'de, str>,
    /// `state` of tasks, `panelType`, `timestamp`.
    state: Cow<'de, str>,
    /// `level` of headings, `order` of lists.
    number: Option<u32>,
    columns: Option<u32>,
    rows: Option<u32>,
    /// What a macro's parameters or a card's data say of it.
    said: Said,
}

/// Words from values without a schema.
#[derive(Default)]
struct Said {
    title: Option<String>,
    /// The name of a card, file or diagram.
    name: Option<String>,
    /// The key and summary of an issue.
    key: Option<String>,
    summary: Option<String>,
    /// The body of a formula, which ADF keeps among the parameters.
    formula: Option<String>,
}

impl Said {
    fn learn(&mut self, parameter: &str, text: &str, depth: usize) {
        let slot = match parameter {
            "title" => &mut self.title,
            "name" | "filename" | "diagramName" | "diagramDisplayName" | "displayName"
                if depth <= 1 =>
            {
                &mut self.name
            }
            "key" => &mut self.key,
            "summary" => &mut self.summary,
            "body" | "__bodyContent" | "formula" | "latex" => &mut self.formula,
            _ => return,
        };
        if !text.trim().is_empty() {
            slot.get_or_insert_with(|| text.to_owned());
        }
    }

    fn title(&self) -> &str {
        self.title.as_deref().unwrap_or_default()
    }

    fn title_or_name(&self) -> &str {
        self.title
            .as_ref()
            .or(self.name.as_ref())
            .map_or("", String::as_str)
    }
}

/// What a node holds beside its children.
#[derive(Default)]
struct Parts<'de> {
    kind: Option<Kind>,
    unknown: Option<String>,
    text: Option<Cow<'de, str>>,
    attributes: Attributes<'de>,
    /// The link of a text, where it leads to a person.
    person: Option<Cow<'de, str>>,
    /// The block that was opened for the children.
    opened: Option<usize>,
}

impl Reader {
    /// Ends a node, now that all of it is known.
    fn end(&mut self, node: &Parts<'_>) {
        let Parts {
            kind,
            unknown,
            text,
            attributes,
            person,
            opened,
        } = node;
        let (kind, opened) = (*kind, *opened);
        let Some(kind) = kind else {
            if let Some(name) = unknown {
                self.document.warn(WarningKind::UnknownNode, name);
            }
            if opened.is_some() {
                self.document.dissolve();
            }
            self.document
                .text(text.as_deref().unwrap_or(&attributes.text));
            return;
        };
        let document = &mut self.document;
        let count = |number: Option<u32>| {
            u8::try_from(number.unwrap_or(1).clamp(1, 255)).unwrap_or(u8::MAX)
        };
        let block = match kind {
            Kind::Text => {
                let text = text.as_deref().unwrap_or_default();
                match person {
                    Some(href) => document.people_link(text, href),
                    None => document.text(text),
                }
                None
            }
            Kind::HardBreak => {
                document.text("\n");
                None
            }
            Kind::Mention => {
                document.person(RemovalKind::Mention, &attributes.text, &attributes.id);
                None
            }
            Kind::Emoji => {
                // The character itself, or a short name such as `:smile:` that says nothing.
                if !attributes.text.starts_with(':') {
                    document.text(&attributes.text);
                }
                None
            }
            Kind::Date => {
                document.text(&date(&attributes.state));
                None
            }
            Kind::Status => {
                document.text(&attributes.text);
                None
            }
            Kind::MediaInline => {
                document.text(&attributes.name);
                None
            }
            Kind::InlineCard | Kind::BlockCard | Kind::EmbedCard => {
                if is_people_url(&attributes.name) {
                    document.person(RemovalKind::PeopleLink, &attributes.name, &attributes.name);
                } else {
                    if kind == Kind::EmbedCard {
                        document.warn(WarningKind::NotIncluded, "embedCard");
                    }
                    document.text(attributes.said.name.as_deref().unwrap_or_default());
                }
                None
            }
            Kind::InlineExtension => {
                self.inline_macro(attributes);
                None
            }
            Kind::SyncBlock => {
                document.warn(WarningKind::NotIncluded, "syncBlock");
                None
            }
            Kind::Placeholder | Kind::Rule => None,
            Kind::Doc => {
                self.is_doc |= self.depth == 0;
                Some(Block::Group)
            }
            Kind::Paragraph => Some(Block::Paragraph),
            Kind::Heading => Some(Block::Heading(count(attributes.number).min(6))),
            Kind::BulletList => Some(Block::BulletList),
            Kind::OrderedList => Some(Block::OrderedList(attributes.number.unwrap_or(1))),
            Kind::Item => Some(Block::Item),
            Kind::Task if attributes.state == "DONE" => Some(Block::Done),
            Kind::Task => Some(Block::ToDo),
            Kind::Decision => Some(Block::Decision),
            Kind::Table => Some(Block::Table),
            Kind::Row => Some(Block::Row),
            Kind::Cell | Kind::Header => Some(Block::Cell {
                header: kind == Kind::Header,
                columns: count(attributes.columns),
                rows: count(attributes.rows),
            }),
            Kind::Code => Some(Block::Code(document.aside(&attributes.name))),
            Kind::Expand => Some(Block::Titled(document.aside(&attributes.name))),
            Kind::Picture => Some(Block::Picture),
            Kind::Media => {
                document.open(Block::Alternative);
                document.text(&attributes.name);
                document.close();
                None
            }
            Kind::Panel => Some(Block::Panel(match &*attributes.state {
                "note" => Panel::Note,
                "tip" => Panel::Tip,
                "success" => Panel::Success,
                "warning" => Panel::Warning,
                "error" => Panel::Error,
                _ => Panel::Info,
            })),
            Kind::Quote => Some(Block::Quote),
            Kind::Group => Some(Block::Group),
            Kind::Extension => Some(self.block_macro(attributes)),
        };
        match (opened, block) {
            (Some(index), Some(block)) => {
                self.document.change(index, block);
                self.document.close();
            }
            (Some(_), None) => self.document.dissolve(),
            // What has no content says something all the same, by its title.
            (None, Some(block @ (Block::Titled(_) | Block::Cell { .. } | Block::Row))) => {
                self.document.open(block);
                self.document.close();
            }
            (None, _) => {}
        }
    }

    /// A macro with or without a body.
    fn block_macro(&mut self, attributes: &Attributes<'_>) -> Block {
        let key = macros::short_name(&attributes.name);
        let said = &attributes.said;
        match macros::kind(key) {
            MacroKind::Panel(panel) if said.title().is_empty() => Block::Panel(panel),
            MacroKind::Panel(_) | MacroKind::Titled | MacroKind::Unknown | MacroKind::Body => {
                if macros::kind(key) == MacroKind::Unknown {
                    self.document.warn(WarningKind::UnknownMacro, key);
                }
                Block::Titled(self.document.aside(said.title()))
            }
            MacroKind::Diagram => {
                let name = without_extension(said.title_or_name());
                self.document.open(Block::Alternative);
                self.document.text(name);
                self.document.close();
                if name.is_empty() {
                    self.document.warn(WarningKind::NotIncluded, key);
                }
                Block::Picture
            }
            MacroKind::Code => Block::Code(Aside::NONE),
            MacroKind::Elsewhere => {
                self.document.warn(WarningKind::NotIncluded, key);
                Block::Group
            }
            _ => {
                self.inline_macro(attributes);
                Block::Group
            }
        }
    }

    /// A macro in a line.
    fn inline_macro(&mut self, attributes: &Attributes<'_>) {
        let key = macros::short_name(&attributes.name);
        let said = &attributes.said;
        let document = &mut self.document;
        match macros::kind(key) {
            MacroKind::People => document.person(RemovalKind::PeopleMacro, key, ""),
            MacroKind::Status => document.text(said.title()),
            MacroKind::Jira => match (&said.key, &said.summary) {
                (None, _) => document.warn(WarningKind::NotIncluded, key),
                (Some(issue), summary) => {
                    document.text(issue);
                    if let Some(summary) = summary {
                        document.text(": ");
                        document.text(summary);
                    }
                }
            },
            MacroKind::Elsewhere => document.warn(WarningKind::NotIncluded, key),
            MacroKind::Unknown => document.warn(WarningKind::UnknownMacro, key),
            MacroKind::Diagram | MacroKind::File => {
                document.text(without_extension(said.title_or_name()));
            }
            MacroKind::Formula => document.text(said.formula.as_deref().unwrap_or_default()),
            _ => {}
        }
    }
}

/// Visits what is no object or array, and passes it over.
macro_rules! pass_scalars_over {
    () => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a node")
        }
    };
}

macro_rules! pass_text_over {
    () => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

macro_rules! pass_map_over {
    () => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}

macro_rules! pass_array_over {
    () => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
            while array.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}

macro_rules! seed_of_any {
    ($($name:ty => $value:ty),*) => {$(
        impl<'de> DeserializeSeed<'de> for $name {
            type Value = $value;
            fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<$value, D::Error> {
                json.deserialize_any(self)
            }
        }
    )*};
}

seed_of_any!(Node<'_> => (), Nodes<'_> => (), AttributesOf<'_, 'de> => (), Marks<'_, 'de> => (),
    MarkOf<'_, 'de> => (), Value<'_> => (), Scalar => Cow<'de, str>);

/// A node.
struct Node<'r>(&'r mut Reader);

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();
    pass_scalars_over!();
    pass_text_over!();
    pass_array_over!();

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reader = self.0;
        let mut node = Parts::default();
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Type => {
                    let name = map.next_value_seed(Scalar)?;
                    node.kind = Kind::of(&name);
                    if node.kind.is_none() {
                        node.unknown = Some(name.into_owned());
                    }
                }
                Key::Text => node.text = Some(map.next_value_seed(Scalar)?),
                Key::Attrs => map.next_value_seed(AttributesOf {
                    reader,
                    attributes: &mut node.attributes,
                })?,
                Key::Marks => map.next_value_seed(Marks {
                    reader,
                    person: &mut node.person,
                })?,
                Key::Content if reader.depth >= MAX_DEPTH => {
                    map.next_value::<IgnoredAny>()?;
                    reader.document.warn(WarningKind::TooDeep, "");
                }
                Key::Content => {
                    if node.opened.is_none() {
                        node.opened = Some(reader.document.open(Block::Group));
                    }
                    reader.depth += 1;
                    map.next_value_seed(Nodes(reader))?;
                    reader.depth -= 1;
                }
                Key::Version => {
                    let version = map.next_value_seed(Scalar)?;
                    if reader.depth == 0 && version != ADF_VERSION {
                        reader.document.warn(WarningKind::UnknownVersion, &version);
                    }
                }
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        reader.end(&node);
        Ok(())
    }
}

/// The children of a node.
struct Nodes<'r>(&'r mut Reader);

impl<'de> Visitor<'de> for Nodes<'_> {
    type Value = ();
    pass_scalars_over!();
    pass_text_over!();
    pass_map_over!();

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element_seed(Node(self.0))?.is_some() {}
        Ok(())
    }
}

/// The members of a node that matter.
enum Key {
    Type,
    Text,
    Content,
    Attrs,
    Marks,
    Version,
    Other,
}

impl<'de> de::Deserialize<'de> for Key {
    fn deserialize<D: de::Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Key;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }
            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(match name {
                    "type" => Key::Type,
                    "text" => Key::Text,
                    "content" => Key::Content,
                    "attrs" => Key::Attrs,
                    "marks" => Key::Marks,
                    "version" => Key::Version,
                    _ => Key::Other,
                })
            }
        }
        json.deserialize_identifier(Name)
    }
}

/// A text; numbers as they are written, all else as none.
#[derive(Clone, Copy)]
struct Scalar;

impl<'de> Visitor<'de> for Scalar {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Cow::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Cow::default())
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Cow::default())
    }
    pass_map_over!();
    pass_array_over!();
}

/// The attributes of a node.
struct AttributesOf<'r, 'de> {
    reader: &'r mut Reader,
    attributes: &'r mut Attributes<'de>,
}

impl<'de> Visitor<'de> for AttributesOf<'_, 'de> {
    type Value = ();
    pass_scalars_over!();
    pass_text_over!();
    pass_array_over!();

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let to = self.attributes;
        let number = |text: Cow<'_, str>| text.parse().ok();
        while let Some(key) = map.next_key_seed(Scalar)? {
            match &*key {
                "text" => to.text = map.next_value_seed(Scalar)?,
                "id" => to.id = map.next_value_seed(Scalar)?,
                "title" | "alt" | "language" | "url" | "extensionKey" => {
                    to.name = map.next_value_seed(Scalar)?;
                }
                "state" | "panelType" | "timestamp" => to.state = map.next_value_seed(Scalar)?,
                "level" | "order" => to.number = number(map.next_value_seed(Scalar)?),
                "colspan" => to.columns = number(map.next_value_seed(Scalar)?),
                "rowspan" => to.rows = number(map.next_value_seed(Scalar)?),
                // No schema: a macro's parameters, a card's JSON-LD, a query.
                "parameters" | "data" | "datasource" => {
                    map.next_value_seed(Value {
                        reader: self.reader,
                        said: &mut to.said,
                        name: String::new(),
                        depth: 0,
                    })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The marks of a text.
struct Marks<'r, 'de> {
    reader: &'r mut Reader,
    person: &'r mut Option<Cow<'de, str>>,
}

impl<'de> Visitor<'de> for Marks<'_, 'de> {
    type Value = ();
    pass_scalars_over!();
    pass_text_over!();
    pass_map_over!();

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array
            .next_element_seed(MarkOf {
                reader: self.reader,
                person: self.person,
            })?
            .is_some()
        {}
        Ok(())
    }
}

struct MarkOf<'r, 'de> {
    reader: &'r mut Reader,
    person: &'r mut Option<Cow<'de, str>>,
}

impl<'de> Visitor<'de> for MarkOf<'_, 'de> {
    type Value = ();
    pass_scalars_over!();
    pass_text_over!();
    pass_array_over!();

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Type => {
                    let name = map.next_value_seed(Scalar)?;
                    if Mark::of(&name).is_none() {
                        self.reader.document.warn(WarningKind::UnknownMark, &name);
                    }
                }
                Key::Attrs => {
                    if let Some(href) = map.next_value::<PersonLink<'de>>()?.0 {
                        *self.person = Some(href);
                    }
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The `href` of a mark's attributes, where it leads to a person. No mark but a link has one.
struct PersonLink<'de>(Option<Cow<'de, str>>);

impl<'de> de::Deserialize<'de> for PersonLink<'de> {
    fn deserialize<D: de::Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Href;
        impl<'de> Visitor<'de> for Href {
            type Value = Option<Cow<'de, str>>;
            pass_scalars_over!();
            pass_text_over!();
            pass_array_over!();

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut person = None;
                while let Some(key) = map.next_key_seed(Scalar)? {
                    if key == "href" {
                        let href = map.next_value_seed(Scalar)?;
                        person = is_people_url(&href).then_some(href);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(person)
            }
        }
        json.deserialize_any(Href).map(PersonLink)
    }
}

/// A value without a schema. Nothing of it is told but a title; whom it names is learnt.
struct Value<'r> {
    reader: &'r mut Reader,
    said: &'r mut Said,
    /// The nearest name above, without the `value` that a macro's parameters are wrapped in.
    name: String,
    depth: usize,
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();
    pass_scalars_over!();

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.said.learn(&self.name, text, self.depth);
        learn(&mut self.reader.document, &self.name, text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        loop {
            let next = if self.depth >= MAX_VALUE_DEPTH {
                array.next_element::<IgnoredAny>()?.map(|_| ())
            } else {
                array.next_element_seed(Value {
                    reader: self.reader,
                    said: self.said,
                    name: self.name.clone(),
                    depth: self.depth + 1,
                })?
            };
            if next.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Scalar)? {
            if self.depth >= MAX_VALUE_DEPTH {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let is_wrapper = matches!(&*key, "value" | "macroParams");
            // JSON-LD says who a person is by a name below: `"creator": {"name": …}`.
            let keeps = is_wrapper || key == "name" && names_people(&self.name);
            let name = if keeps {
                self.name.clone()
            } else {
                key.into_owned()
            };
            map.next_value_seed(Value {
                reader: self.reader,
                said: self.said,
                name,
                depth: self.depth + usize::from(!is_wrapper),
            })?;
        }
        Ok(())
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
