//! From a page to a selection of it.

use crate::{
    Document,
    model::{Block, Inlines},
    names::people,
};

/// A document of the selected text alone that still knows whom the whole page mentions. The text
/// is as a browser gives it: lines of words.
pub fn select(page: &Document, selection: &str) -> Document {
    let blocks = selection
        .lines()
        .filter_map(|line| Block::paragraph(Inlines::text(line)))
        .collect();
    Document {
        blocks,
        known: people(page),
    }
}
