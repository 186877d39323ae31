//! The files attached to a page: which there are, which can be told, within which limits.

use serde::{Deserialize, Serialize};

use crate::{AttachmentId, PageId};

/// A kind of file whose text can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum AttachmentKind {
    /// Plain text.
    Txt,
    /// Markdown.
    Markdown,
    /// A table as comma-separated values (RFC 4180).
    Csv,
    /// PDF (ISO 32000) that holds text and not only pictures of it.
    Pdf,
    /// A Word document (ECMA-376).
    Docx,
}

impl AttachmentKind {
    /// Each kind with its extensions and its media types.
    const TABLE: &[(Self, &[&str], &[&str])] = &[
        (Self::Txt, &["txt", "text", "log"], &["text/plain"]),
        (
            Self::Markdown,
            &["md", "markdown"],
            &["text/markdown", "text/x-markdown"],
        ),
        (Self::Csv, &["csv"], &["text/csv"]),
        (Self::Pdf, &["pdf"], &["application/pdf"]),
        (
            Self::Docx,
            &["docx"],
            &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
        ),
    ];

    /// The kind of a file by its name, or by its media type where the name has no extension that
    /// is known. The name goes first: browsers send Markdown and CSV under many media types.
    pub fn of(name: &str, media_type: &str) -> Option<Self> {
        let extension = name.rsplit_once('.').map(|(_, it)| it.to_ascii_lowercase());
        let essence = media_type.split(';').next().unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        let rows = || Self::TABLE.iter();
        let by_name = rows().find(|row| {
            extension
                .as_deref()
                .is_some_and(|extension| row.1.contains(&extension))
        });
        by_name
            .or_else(|| rows().find(|row| row.2.contains(&essence.as_str())))
            .map(|row| row.0)
    }
}

/// Why a file cannot be chosen; known before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum AttachmentProblem {
    /// More bytes than [`Attachment::MAX_BYTES`].
    TooLarge,
    /// None of [`AttachmentKind`].
    Unsupported,
}

/// A file attached to a page, as far as the user sees it. Its name may hold a person's, so that
/// `Debug` does not print it (P14).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Attachment {
    /// The id.
    pub id: AttachmentId,
    /// The file's name.
    pub name: String,
    /// Its media type as Confluence tells it.
    pub media_type: String,
    /// Its size.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub bytes: u64,
    /// Its kind, where it is one that can be told.
    pub kind: Option<AttachmentKind>,
    /// Why it cannot be chosen, if it cannot.
    pub problem: Option<AttachmentProblem>,
}

impl Attachment {
    /// The most bytes of a file.
    pub const MAX_BYTES: u64 = 5 * 1024 * 1024;
    /// The most files of one video.
    pub const MAX_CHOSEN: usize = 10;
    /// The most bytes of text (UTF-8) that are taken out of one file.
    pub const MAX_TEXT_BYTES: usize = 1024 * 1024;

    /// A file with what follows of its name, type and size.
    pub fn new(id: AttachmentId, name: String, media_type: String, bytes: u64) -> Self {
        let kind = AttachmentKind::of(&name, &media_type);
        let problem = match kind {
            None => Some(AttachmentProblem::Unsupported),
            Some(_) if bytes > Self::MAX_BYTES => Some(AttachmentProblem::TooLarge),
            Some(_) => None,
        };
        Self {
            id,
            name,
            media_type,
            bytes,
            kind,
            problem,
        }
    }
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Attachment({}, {:?}, {} bytes)",
            self.id, self.kind, self.bytes
        )
    }
}

/// Asks for the files attached to a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ListAttachments {
    /// The page.
    pub page_id: PageId,
}

/// The files attached to a page that the user may read, and the limits that hold for choosing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Attachments {
    /// In Confluence's order.
    pub attachments: Vec<Attachment>,
    /// Whether there are more than were listed.
    pub more: bool,
    /// The most bytes of a file that can be chosen.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub max_bytes: u64,
    /// How many files can be chosen.
    pub max_chosen: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_name_or_media_type() {
        use AttachmentKind::{Csv, Docx, Markdown, Pdf, Txt};
        let table = [
            ("notes.txt", "text/plain", Some(Txt)),
            ("README.MD", "application/octet-stream", Some(Markdown)),
            ("figures.csv", "application/vnd.ms-excel", Some(Csv)),
            ("plan.v2.pdf", "application/pdf", Some(Pdf)),
            ("plan.docx", "", Some(Docx)),
            ("no extension", "text/plain; charset=utf-8", Some(Txt)),
            ("scan.png", "image/png", None),
            ("old.doc", "application/msword", None),
            ("macro.docm", "", None),
            ("", "", None),
        ];
        for (name, media_type, kind) in table {
            assert_eq!(AttachmentKind::of(name, media_type), kind, "{name}");
        }
    }

    #[test]
    fn limits_are_told_before_reading() {
        let problem = |name: &str, bytes| {
            let id = "att1".parse().unwrap();
            Attachment::new(id, name.to_owned(), String::new(), bytes).problem
        };
        assert_eq!(problem("a.txt", Attachment::MAX_BYTES), None);
        assert_eq!(
            problem("a.txt", Attachment::MAX_BYTES + 1),
            Some(AttachmentProblem::TooLarge)
        );
        assert_eq!(
            problem("a.png", u64::MAX),
            Some(AttachmentProblem::Unsupported)
        );
    }

    #[test]
    fn p14_debug_does_not_show_the_name() {
        let id = "att1".parse().unwrap();
        let file = Attachment::new(id, "CV of Mira Vale.pdf".to_owned(), String::new(), 7);
        assert_eq!(format!("{file:?}"), "Attachment(att1, Some(Pdf), 7 bytes)");
    }
}
