//! A page as its reader sees it: the title, the space and labels around it, the body, and the
//! attachments that were chosen. Only borrows; what is told of it is decided in [`crate::tell`].

use crate::{Document, language, names::Names};

/// What is told of a page. Page content, so it has no `Debug` (P14).
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// The title.
    pub title: &'a str,
    /// The name of the space; of a personal space nothing is told, so that `None` is right for it.
    pub space: Option<&'a str>,
    /// The labels as Confluence shows them.
    pub labels: &'a [String],
    /// The body.
    pub document: &'a Document,
    /// The files that were chosen, by their names with extension, each told as sections of its own
    /// behind the page.
    pub attachments: &'a [(String, Document)],
}

impl<'a> Page<'a> {
    /// A page of which nothing is told but its title and body.
    pub fn new(title: &'a str, document: &'a Document) -> Self {
        Self {
            title,
            space: None,
            labels: &[],
            document,
            attachments: &[],
        }
    }

    /// The documents that are told, in order.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &'a Document> + use<'a> {
        let attached = self.attachments.iter().map(|(_, document)| document);
        std::iter::once(self.document).chain(attached)
    }

    /// The language of the page, of a selection too: a few words do not show theirs.
    pub(crate) fn language(&self) -> Option<&'static str> {
        language::of_document(self.document.origin().unwrap_or(self.document))
    }

    /// Everybody whom the page and its files give away; of a selection, whomever its page does.
    pub(crate) fn names(&self) -> Names {
        let mut documents = self
            .documents()
            .flat_map(|document| [Some(document), document.origin()])
            .flatten();
        Names::of_all(&mut documents)
    }
}
