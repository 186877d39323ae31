//! Takes people out of a page (P9). What it gives is the only way to a script.

use protocol::{Removal, Script, ScriptSection};

use crate::{ContentError, Document, lines::Lines, names::Names};

/// A title and sections without people, and what was taken out. Made by [`remove_identities`]
/// alone. Page content, so `Debug` prints its size alone (P14).
pub struct CleanDocument {
    title: String,
    sections: Vec<ScriptSection>,
    removals: Vec<Removal>,
}

impl std::fmt::Debug for CleanDocument {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "CleanDocument({} sections)", self.sections.len())
    }
}

/// Takes every person out of a page: mentions, links to people, macros that show people, and in
/// plain text the names that the page's mentions gave away, e-mail addresses and account ids.
pub fn remove_identities(title: &str, document: &Document) -> CleanDocument {
    let names = Names::of(document);
    let mut lines = Lines::new(&names);
    let title = lines.title(title);
    lines.blocks(&document.blocks, 0);
    let (sections, removals) = lines.finish();
    CleanDocument {
        title,
        sections,
        removals,
    }
}

/// The script of a clean document, within [`Script`]'s limits, and what was taken out of it in
/// reading order.
pub fn script(clean: CleanDocument) -> Result<(Script, Vec<Removal>), ContentError> {
    Ok((Script::new(clean.title, clean.sections)?, clean.removals))
}

/// Cleans a script that a person edited, by the names known from the page it was made from: what
/// came back from a browser is not trusted to be clean.
pub fn clean_script(
    edited: &Script,
    document: &Document,
) -> Result<(Script, Vec<Removal>), ContentError> {
    let names = Names::of(document);
    let mut lines = Lines::new(&names);
    let title = lines.title(edited.title());
    for section in edited.sections() {
        lines.section(&section.heading);
        lines.text(&section.text);
    }
    let (sections, removals) = lines.finish();
    script(CleanDocument {
        title,
        sections,
        removals,
    })
}
