//! From a document without people to a script, and from a page to a selection of it.

use protocol::{Removal, Script};

use crate::{
    CleanDocument, ContentError, Document,
    model::{Block, Inlines},
    names::mentioned,
};

/// The script of a clean document, within [`Script`]'s limits, and what was taken out of it in
/// reading order.
pub fn script(clean: CleanDocument) -> Result<(Script, Vec<Removal>), ContentError> {
    Ok((Script::new(clean.title, clean.sections)?, clean.removals))
}

/// A document of the selected text alone that still knows whom the whole page mentions. The text
/// is as a browser gives it: lines of words.
pub fn select(page: &Document, selection: &str) -> Document {
    let blocks = selection
        .lines()
        .filter_map(|line| Block::paragraph(Inlines::text(line)))
        .collect();
    let known = mentioned(page).into_iter().map(str::to_owned).collect();
    Document { blocks, known }
}
