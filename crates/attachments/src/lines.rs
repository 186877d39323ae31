//! The lines that are being told, as Markdown, within the limit of one file's text. Signs that mean
//! something in Markdown are escaped where the file just shows them.

use protocol::Attachment;

use crate::AttachmentError;

/// Collects lines. Fails as soon as there is more text than a file may give.
#[derive(Default)]
pub(crate) struct Lines {
    text: String,
}

impl Lines {
    /// A line right under the one before: a mark of Markdown, then words that stand for themselves.
    pub(crate) fn line(&mut self, mark: &str, words: &str) -> Result<(), AttachmentError> {
        let start = self.text.len();
        // Escaping at most doubles.
        if start + mark.len() + words.len() > Attachment::MAX_TEXT_BYTES {
            return Err(AttachmentError::TooLarge);
        }
        self.text.push_str(mark);
        if mark.is_empty() && words.starts_with(['#', '+', '-', '=', '>']) {
            self.text.push('\\');
        }
        escape(words, &mut self.text);
        self.text.push('\n');
        Ok(())
    }

    /// A row of a table of so many columns, its cells words that stand for themselves.
    pub(crate) fn row(&mut self, cells: &[String], columns: usize) -> Result<(), AttachmentError> {
        let words: usize = cells.iter().map(String::len).sum();
        if self.text.len() + words + 3 * columns > Attachment::MAX_TEXT_BYTES {
            return Err(AttachmentError::TooLarge);
        }
        for column in 0..columns {
            self.text.push_str("| ");
            if let Some(cell) = cells.get(column) {
                escape(cell, &mut self.text);
                self.text.push(' ');
            }
        }
        self.text.push_str("|\n");
        Ok(())
    }

    /// What stands between a table's head and its other rows.
    pub(crate) fn rule(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n("| --- ", columns));
        self.text.push_str("|\n");
    }

    /// The line before is to end where it ends.
    pub(crate) fn breaks(&mut self) {
        if self.text.ends_with('\n') {
            self.text.pop();
            self.text.push_str("\\\n");
        }
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

fn escape(words: &str, text: &mut String) {
    for char in words.chars() {
        if matches!(
            char,
            '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '<' | '&' | '|'
        ) {
            text.push('\\');
        }
        text.push(char);
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
