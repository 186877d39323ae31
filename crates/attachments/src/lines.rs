//! The lines that are being told, within the limit of one file's text.

use protocol::Attachment;

use crate::AttachmentError;

/// Collects lines. Fails as soon as there is more text than a file may give.
#[derive(Default)]
pub(crate) struct Lines {
    text: String,
}

impl Lines {
    /// A line right under the one before.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), AttachmentError> {
        if self.text.len() + line.len() > Attachment::MAX_TEXT_BYTES {
            return Err(AttachmentError::TooLarge);
        }
        self.text.push_str(line);
        self.text.push('\n');
        Ok(())
    }

    /// An empty line, unless there is one already.
    pub(crate) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// The text without blanks at its ends.
    pub(crate) fn finish(self) -> String {
        self.text.trim_matches('\n').to_owned()
    }
}

/// A text on one line, each run of white space one blank.
pub(crate) fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}
