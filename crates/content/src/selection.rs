//! From a page to a selection of it.

use crate::{Document, model::Block};

/// A document of the selected text alone that still knows whom the whole page mentions. The text
/// is as a browser gives it: lines of words.
pub fn select(page: &Document, selection: &str) -> Document {
    let mut document = Document::default();
    for person in page.people() {
        document.know(person.kind, person.text, person.id);
    }
    for line in selection.lines() {
        document.open(Block::Paragraph);
        document.text(line);
        document.close();
    }
    document.finish()
}
