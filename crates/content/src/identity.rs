//! Takes people out of a page (P9). What it gives is the only way to a script.

use protocol::{Removal, Script, ScriptSection};

use crate::{ContentError, Document, Page, Warning, telling::Teller};

/// How a page is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Telling {
    /// Code is told as it stands, and not only its language and length.
    pub keep_code: bool,
}

/// A title and sections without people, and what was taken out. Made by [`tell`] alone. Page
/// content, so `Debug` prints its size alone (P14).
pub struct CleanDocument {
    title: String,
    sections: Vec<ScriptSection>,
    removals: Vec<Removal>,
    warnings: Vec<Warning>,
    language: Option<&'static str>,
}

impl std::fmt::Debug for CleanDocument {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "CleanDocument({} sections)", self.sections.len())
    }
}

impl CleanDocument {
    /// What may be missed of the page.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The language that the page is written in (ISO 639-1), where it is plain.
    pub fn language(&self) -> Option<&'static str> {
        self.language
    }
}

/// Takes every person out of a page: mentions, links to people, macros that show people, and in
/// plain text the names that the page's mentions gave away, e-mail addresses and account ids.
pub fn remove_identities(title: &str, document: &Document) -> CleanDocument {
    tell(&Page::new(title, document), Telling::default())
}

/// [`remove_identities`] of a page with all that is around it, told in a way that was chosen.
pub fn tell(page: &Page<'_>, telling: Telling) -> CleanDocument {
    let names = page.names();
    let language = page.language();
    let mut teller = Teller::new(&names, language, telling);
    let title = teller.title(page.title);
    teller.opening(page);
    teller.tell(page.document);
    for (name, document) in page.attachments {
        teller.attachment(name);
        teller.tell(document);
    }
    let mut warnings = Vec::new();
    for document in page.documents() {
        warnings.extend_from_slice(document.warnings());
    }
    let (sections, removals, cut) = teller.finish();
    warnings.extend(cut);
    CleanDocument {
        title,
        sections,
        removals,
        warnings,
        language,
    }
}

/// The script of a clean document, within [`Script`]'s limits, and what was taken out of it, by
/// section, place and kind.
pub fn script(clean: CleanDocument) -> Result<(Script, Vec<Removal>), ContentError> {
    Ok((Script::new(clean.title, clean.sections)?, clean.removals))
}

/// Cleans a script that a person edited, by the names known from the page it was made from: what
/// came back from a browser is not trusted to be clean.
pub fn clean_script(
    edited: &Script,
    page: &Page<'_>,
) -> Result<(Script, Vec<Removal>), ContentError> {
    let names = page.names();
    let language = page.language();
    let mut teller = Teller::of_told(&names, language);
    let title = teller.title(edited.title());
    for section in edited.sections() {
        teller.section(&section.heading);
        teller.lines(&section.text);
    }
    let (sections, removals) = teller.finish_whole();
    Ok((Script::new(title, sections)?, removals))
}
