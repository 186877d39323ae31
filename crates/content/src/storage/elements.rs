//! What becomes of each element of storage format, by its name, as one table. Knows names alone.

/// What an element is to a reader of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    /// Part of a line that adds nothing to its words.
    Inline,
    /// Shows nothing, and holds nothing.
    Void,
    /// A line break.
    Break,
    /// A rule between blocks.
    Rule,
    Paragraph,
    Heading(u8),
    List,
    NumberedList,
    Item,
    /// A term or its description in a list of terms.
    Term,
    Table,
    /// A table's head, body or foot.
    Rows,
    Row,
    Cell,
    HeaderCell,
    /// Text whose white space counts.
    Listing,
    Quote,
    /// Blocks that belong together.
    Block,
    /// Not for readers: settings, ids, instructions to the author.
    Left,
    /// Program text that is no markup.
    Program,
    Anchor,
    Time,
    Image,
    /// Elements of Confluence from here on: markup that is broken inside of one stays inside.
    Picture,
    Caption,
    Emoticon,
    Link,
    LinkBody,
    Macro,
    Parameter,
    Body,
    PlainBody,
    Task,
    TaskStatus,
    /// Blocks that belong together, within an element of Confluence.
    Part,
    /// Content as ADF and once more for readers of storage format.
    Extension,
    ExtensionNode,
    ExtensionAttribute,
    Fallback,
    /// A person.
    User,
    /// A page, file or address.
    Resource,
    /// An element of Confluence that is not of the table.
    Unknown,
}

impl Element {
    /// What becomes of it, for readers of the documentation.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Inline => "its words are told in the line",
            Self::Void | Self::Program => "not told: nothing for readers",
            Self::Left => "not told: settings, ids, and instructions to the author",
            Self::Break => "a line ends",
            Self::Rule => "a block ends",
            Self::Paragraph | Self::Term | Self::Block | Self::Part => "told as a block",
            Self::Heading(_) => "starts a section",
            Self::List | Self::NumberedList => "told item by item; a decision list by decisions",
            Self::Item => "a line of its list",
            Self::Table | Self::Rows => "told row by row",
            Self::Row => "a line, each value after its column's heading",
            Self::Cell | Self::HeaderCell => "a value of its row",
            Self::Listing => "told as code without a language",
            Self::Quote => "told as a quotation",
            Self::Anchor => "its words are told, its target is not; people are removed",
            Self::Time => "the day as it is written",
            Self::Image => "its alternative text or title in the line",
            Self::Picture => "its caption, or else its alternative text or title",
            Self::Caption => "told as the picture's caption",
            Self::Emoticon => "its character, or a word where it means something",
            Self::Link => "its words, or else its target's title; people are removed",
            Self::LinkBody => "the words of the link",
            Self::Macro => "by the table of macros",
            Self::Parameter => "told as far as the macro's kind says; people are learnt",
            Self::Body | Self::PlainBody => "told as the macro's kind says",
            Self::Task => "told as a task, done or to do",
            Self::TaskStatus => "says whether the task is done",
            Self::Extension => "told once, from the fallback where there is one",
            Self::ExtensionNode => "told where there is no fallback",
            Self::ExtensionAttribute => "says what kind of panel or macro it is",
            Self::Fallback => "told instead of the nodes",
            Self::User => "removed, and reported as a removal",
            Self::Resource => "a link's title or a file's name; addresses are not told",
            Self::Unknown => "its text is told; gives a warning",
        }
    }

    /// Whether it is an element of Confluence, not of HTML.
    pub(super) fn is_confluence(self) -> bool {
        !matches!(
            self,
            Self::Inline
                | Self::Void
                | Self::Break
                | Self::Rule
                | Self::Paragraph
                | Self::Heading(_)
                | Self::List
                | Self::NumberedList
                | Self::Item
                | Self::Term
                | Self::Table
                | Self::Rows
                | Self::Row
                | Self::Cell
                | Self::HeaderCell
                | Self::Listing
                | Self::Quote
                | Self::Block
                | Self::Left
                | Self::Program
                | Self::Anchor
                | Self::Time
                | Self::Image
        )
    }

    /// Whether only its structure matters, so that what is nested too deep can do without.
    pub(super) fn is_structure(self) -> bool {
        matches!(
            self,
            Self::Paragraph
                | Self::Heading(_)
                | Self::List
                | Self::NumberedList
                | Self::Item
                | Self::Term
                | Self::Table
                | Self::Rows
                | Self::Row
                | Self::Cell
                | Self::HeaderCell
                | Self::Listing
                | Self::Quote
                | Self::Block
                | Self::Part
                | Self::Unknown
        )
    }

    /// Whether it ends an open paragraph, as blocks of HTML do.
    pub(super) fn ends_paragraph(self) -> bool {
        self == Self::Rule || self.is_structure() && !self.is_confluence() && !self.is_in_table()
    }

    /// Whether it may only stand in a table.
    pub(super) fn is_in_table(self) -> bool {
        matches!(self, Self::Rows | Self::Row | Self::Cell | Self::HeaderCell)
    }
}

/// The element of a name, and whether the name is of the table; capitals make no difference.
pub(super) fn element(name: &str) -> (Element, bool) {
    let mut slot = hash(name.as_bytes());
    while let Some((known, element)) = ELEMENTS.get(usize::from(SLOTS[slot])) {
        if known.eq_ignore_ascii_case(name) {
            return (*element, true);
        }
        slot = (slot + 1) % SIZE;
    }
    // Browsers know no blocks but their own; Confluence's are all elements of some meaning.
    let prefix = name.get(..3).unwrap_or_default();
    let unknown = if prefix.eq_ignore_ascii_case("ac:") {
        Element::Unknown
    } else if prefix.eq_ignore_ascii_case("ri:") {
        Element::Resource
    } else {
        Element::Inline
    };
    (unknown, false)
}

/// Where the search for a name begins in [`SLOTS`]: by its length and three of its letters, as each
/// tag of a page is looked up.
const fn hash(name: &[u8]) -> usize {
    let length = name.len();
    if length == 0 {
        return 0;
    }
    let first = (name[0] | 0x20) as usize;
    let middle = (name[length / 2] | 0x20) as usize;
    let last = (name[length - 1] | 0x20) as usize;
    (length * 67 + first * 31 + middle * 149 + last * 11) % SIZE
}

const SIZE: usize = 1024;

/// For each hash, the place of an element in the table; [`NONE`] ends a search.
static SLOTS: [u8; SIZE] = {
    let mut slots = [NONE; SIZE];
    let mut index = 0;
    while index < ELEMENTS.len() {
        let mut slot = hash(ELEMENTS[index].0.as_bytes());
        while slots[slot] != NONE {
            slot = (slot + 1) % SIZE;
        }
        slots[slot] = index as u8;
        index += 1;
    }
    slots
};
/// No element: the table has fewer.
const NONE: u8 = u8::MAX;

use Element::{Block, Inline, Left, Part, Program, Resource, Void};

/// All elements that are known.
pub(super) const ELEMENTS: &[(&str, Element)] = &[
    ("a", Element::Anchor),
    ("b", Inline),
    ("i", Inline),
    ("p", Element::Paragraph),
    ("q", Inline),
    ("s", Inline),
    ("u", Inline),
    ("br", Element::Break),
    ("dd", Element::Term),
    ("dl", Block),
    ("dt", Element::Term),
    ("em", Inline),
    ("h1", Element::Heading(1)),
    ("h2", Element::Heading(2)),
    ("h3", Element::Heading(3)),
    ("h4", Element::Heading(4)),
    ("h5", Element::Heading(5)),
    ("h6", Element::Heading(6)),
    ("hr", Element::Rule),
    ("li", Element::Item),
    ("ol", Element::NumberedList),
    ("rp", Inline),
    ("rt", Inline),
    ("td", Element::Cell),
    ("th", Element::HeaderCell),
    ("tr", Element::Row),
    ("tt", Inline),
    ("ul", Element::List),
    ("bdi", Inline),
    ("bdo", Inline),
    ("big", Inline),
    ("col", Void),
    ("del", Inline),
    ("dfn", Inline),
    ("dir", Element::List),
    ("div", Block),
    ("img", Element::Image),
    ("ins", Inline),
    ("kbd", Inline),
    ("map", Left),
    ("nav", Block),
    ("pre", Element::Listing),
    ("sub", Inline),
    ("sup", Inline),
    ("svg", Left),
    ("var", Inline),
    ("wbr", Void),
    ("xmp", Element::Listing),
    ("abbr", Inline),
    ("area", Void),
    ("base", Void),
    ("body", Block),
    ("cite", Inline),
    ("code", Inline),
    ("data", Inline),
    ("font", Inline),
    ("form", Block),
    ("head", Left),
    ("html", Block),
    ("link", Void),
    ("main", Block),
    ("mark", Inline),
    ("math", Left),
    ("menu", Element::List),
    ("meta", Void),
    ("nobr", Inline),
    ("ruby", Inline),
    ("samp", Inline),
    ("span", Inline),
    ("time", Element::Time),
    ("aside", Block),
    ("audio", Left),
    ("frame", Void),
    ("input", Void),
    ("label", Inline),
    ("meter", Left),
    ("param", Void),
    ("small", Inline),
    ("style", Program),
    ("table", Element::Table),
    ("tbody", Element::Rows),
    ("tfoot", Element::Rows),
    ("thead", Element::Rows),
    ("title", Left),
    ("track", Void),
    ("video", Left),
    ("applet", Left),
    ("at:var", Void),
    ("button", Left),
    ("canvas", Left),
    ("center", Block),
    ("dialog", Block),
    ("figure", Block),
    ("footer", Block),
    ("header", Block),
    ("hgroup", Block),
    ("iframe", Left),
    ("legend", Block),
    ("object", Left),
    ("output", Inline),
    ("ri:url", Resource),
    ("script", Program),
    ("search", Block),
    ("select", Left),
    ("source", Void),
    ("strike", Inline),
    ("strong", Inline),
    ("ac:link", Element::Link),
    ("ac:task", Element::Task),
    ("acronym", Inline),
    ("address", Block),
    ("article", Block),
    ("at:i18n", Void),
    ("caption", Block),
    ("details", Block),
    ("listing", Element::Listing),
    ("ri:page", Resource),
    ("ri:user", Element::User),
    ("section", Block),
    ("summary", Block),
    ("ac:image", Element::Picture),
    ("ac:macro", Element::Macro),
    ("basefont", Void),
    ("colgroup", Left),
    ("datalist", Left),
    ("fieldset", Block),
    ("frameset", Left),
    ("noframes", Left),
    ("noscript", Left),
    ("progress", Left),
    ("ri:space", Resource),
    ("template", Left),
    ("textarea", Left),
    ("ac:layout", Part),
    ("plaintext", Element::Listing),
    ("ac:caption", Element::Caption),
    ("ac:task-id", Left),
    ("blockquote", Element::Quote),
    ("figcaption", Block),
    ("ac:adf-leaf", Inline),
    ("ac:adf-mark", Inline),
    ("ac:adf-node", Element::ExtensionNode),
    ("ac:emoticon", Element::Emoticon),
    ("ri:shortcut", Resource),
    ("ac:link-body", Element::LinkBody),
    ("ac:parameter", Element::Parameter),
    ("ac:task-body", Part),
    ("ac:task-list", Part),
    ("ac:task-uuid", Left),
    ("ac:thumbnail", Element::Picture),
    ("ri:blog-post", Resource),
    ("ri:attachment", Resource),
    ("ri:share-link", Resource),
    ("ac:adf-content", Part),
    ("ac:layout-cell", Part),
    ("ac:placeholder", Left),
    ("ac:task-status", Element::TaskStatus),
    ("ac:adf-fallback", Element::Fallback),
    ("at:declarations", Left),
    ("ac:adf-attribute", Element::ExtensionAttribute),
    ("ac:adf-extension", Element::Extension),
    ("ac:adf-parameter", Left),
    ("ac:layout-section", Part),
    ("ac:rich-text-body", Element::Body),
    ("ri:content-entity", Resource),
    ("ac:layout-settings", Left),
    ("ac:plain-text-body", Element::PlainBody),
    ("ac:structured-macro", Element::Macro),
    ("ac:default-parameter", Element::Parameter),
    ("ac:adf-parameter-value", Left),
    ("ac:plain-text-link-body", Element::LinkBody),
    ("ac:inline-comment-marker", Inline),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_searched() {
        assert!(ELEMENTS.len() < usize::from(NONE));
        for (name, known) in ELEMENTS {
            assert_eq!(element(&name.to_uppercase()), (*known, true));
            assert!(!known.told().is_empty());
            assert_eq!(
                known.is_confluence(),
                !matches!(known, Left | Inline | Void) && name.contains(':'),
                "{name}"
            );
        }
        assert_eq!(element("ac:new"), (Element::Unknown, false));
        assert_eq!(element("blink"), (Element::Inline, false));
    }
}
