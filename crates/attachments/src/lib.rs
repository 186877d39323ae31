//! The text of attached files: bytes in, text out. Pure: no I/O, no clock, no Forge. It never
//! tells who wrote, changed or commented a file, and it never keeps what an author struck out.
//!
//! Architecture invariants: nothing here panics or recurses by what a file says; work and memory
//! are bounded by the limits in [`protocol::Attachment`] and in `budget`, whatever a file claims
//! of its own size.

mod budget;
mod docx;
mod error;
mod lines;
mod pdf;
mod text;

pub use error::AttachmentError;
pub use protocol::AttachmentKind;

use protocol::Attachment;

/// The text of a file.
///
/// Of a text, Markdown or CSV file, its characters as they stand; of a PDF or Word file, Markdown
/// with headings, lists, tables, paragraphs, and with its signs escaped where the file just shows
/// them. At most [`Attachment::MAX_TEXT_BYTES`] bytes (twice that, if each had to be escaped) and
/// never blank.
///
/// Page content, so `Debug` prints its size alone (P14).
#[derive(Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// The lines.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The lines.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Text({} bytes)", self.0.len())
    }
}

/// The text of a file by its name and media type, either of which may say what it is. Linear in
/// the file's length.
pub fn extract(name: &str, media_type: &str, bytes: &[u8]) -> Result<Text, AttachmentError> {
    let kind = AttachmentKind::of(name, media_type).ok_or(AttachmentError::Unsupported)?;
    if bytes.len() as u64 > Attachment::MAX_BYTES {
        return Err(AttachmentError::TooLarge);
    }
    let text = match kind {
        AttachmentKind::Txt | AttachmentKind::Markdown | AttachmentKind::Csv => text::file(bytes)?,
        AttachmentKind::Pdf => pdf::text(bytes)?,
        AttachmentKind::Docx => docx::text(bytes)?,
    };
    if text.trim().is_empty() {
        return Err(AttachmentError::WithoutText);
    }
    Ok(Text(text))
}
