//! From characters at places to words, lines and paragraphs. A page says where each character is
//! and not which belong together: blanks, line ends and paragraphs are read off the distances.

use protocol::Attachment;

use super::encoding::accented;
use crate::{
    AttachmentError,
    lines::{Lines, on_one_line},
};

/// Distances are in heights of a character.
/// From here on, two characters are parted by a blank.
const BLANK: f32 = 0.2;
/// From here on, a character is on another line; less is a superscript.
const LINE: f32 = 0.6;
/// So far back on the same line, something new begins.
const BACK: f32 = -2.0;
/// A line that ends before this part of the page's width ends its paragraph.
const FULL: f32 = 0.7;
/// Lines further apart than this, compared to the page's usual distance, are paragraphs.
const APART: f32 = 1.25;
/// Letters that are so much higher than the page's usual ones make a heading.
const HEADING: f32 = 1.15;
/// So far back, a character stands over the one before.
const OVER: f32 = -0.15;
/// A heading has at most so many characters.
const MAX_HEADING: usize = 120;

/// A line of a page.
struct Line {
    text: String,
    height: f32,
    /// How far it is below the one before, in heights.
    below: f32,
    left: f32,
    right: f32,
}

/// The end of what was put last.
#[derive(Clone, Copy)]
struct Pen {
    at: [f32; 2],
    direction: [f32; 2],
    height: f32,
}

/// Collects the characters of one page after the other.
#[derive(Default)]
pub(super) struct Layout {
    lines: Lines,
    page: Vec<Line>,
    bytes_of_page: usize,
    pen: Option<Pen>,
    /// The first and the last line of the page before, without numbers.
    margins: [String; 2],
}

impl Layout {
    /// Puts text from one place to another; nothing, where only the place is known.
    pub(super) fn put(
        &mut self,
        text: &str,
        from: [f32; 2],
        to: [f32; 2],
        height: f32,
    ) -> Result<(), AttachmentError> {
        let across = [to[0] - from[0], to[1] - from[1]];
        let length = across[0].hypot(across[1]);
        let direction = if length > 0.0 {
            [across[0] / length, across[1] / length]
        } else {
            self.pen.map_or([1.0, 0.0], |pen| pen.direction)
        };
        let text = tell(text);
        if text.is_empty() {
            return Ok(());
        }
        self.bytes_of_page += text.len() + 1;
        if self.bytes_of_page > Attachment::MAX_TEXT_BYTES {
            return Err(AttachmentError::TooLarge);
        }
        let (below, ahead) = match self.pen {
            Some(pen) => {
                let step = [from[0] - pen.at[0], from[1] - pen.at[1]];
                let unit = pen.height.max(height).max(f32::MIN_POSITIVE);
                let below = direction[0] * step[1] - direction[1] * step[0];
                let ahead = direction[0] * step[0] + direction[1] * step[1];
                (below.abs() / unit, ahead / unit)
            }
            None => (f32::INFINITY, 0.0),
        };
        let is_new = below > LINE || ahead < BACK || self.page.is_empty();
        if is_new {
            self.page.push(Line {
                text: String::new(),
                height,
                below,
                left: from[0],
                right: to[0],
            });
        }
        if let Some(line) = self.page.last_mut() {
            let is_apart = !is_new && ahead > BLANK;
            if is_apart && !line.text.ends_with(' ') {
                line.text.push(' ');
            }
            let over = !is_new && ahead < OVER;
            match over.then(|| put_over(&line.text, &text)).flatten() {
                Some(char) => {
                    line.text.pop();
                    line.text.push(char);
                }
                None => line.text.push_str(&text),
            }
            line.left = line.left.min(from[0]);
            line.right = line.right.max(to[0]);
            if text.trim().is_empty() {
                // A blank says nothing of how high letters are.
            } else if line.text.trim().len() == text.trim().len() {
                line.height = height;
            }
        }
        self.pen = Some(Pen {
            at: to,
            direction,
            height,
        });
        Ok(())
    }

    /// Tells the page's lines as paragraphs.
    pub(super) fn end_page(&mut self) -> Result<(), AttachmentError> {
        let mut page = std::mem::take(&mut self.page);
        self.bytes_of_page = 0;
        self.pen = None;
        page.retain_mut(|line| {
            line.text = on_one_line(&line.text);
            !line.text.is_empty() && !is_entry_of_contents(&line.text)
        });
        self.drop_margins(&mut page);
        let usual_height = middle(page.iter().flat_map(|line| {
            // Each line counts by its length.
            std::iter::repeat_n(line.height, 1 + line.text.len() / 20)
        }));
        let usual_step = middle(page.iter().skip(1).map(|line| line.below));
        let left = page
            .iter()
            .map(|line| line.left)
            .fold(f32::INFINITY, f32::min);
        let right = page
            .iter()
            .map(|line| line.right)
            .fold(f32::NEG_INFINITY, f32::max);
        let mut before: Option<&Line> = None;
        let mut paragraph = String::new();
        let mut is_title = false;
        for line in &page {
            let is_heading =
                line.height > usual_height * HEADING && line.text.chars().count() <= MAX_HEADING;
            let is_near = line.below <= usual_step * APART;
            let goes_on = before.is_some_and(|before| {
                let is_full = before.right - left > (right - left) * FULL;
                let is_alike = (before.height - line.height).abs() <= before.height * 0.1;
                let is_announced = before.text.ends_with(':');
                let is_open = is_full && !is_announced && item(&line.text).is_none();
                is_near && is_alike && (is_open || is_heading)
            });
            if !goes_on {
                self.tell(&mut paragraph, is_title)?;
                if !is_near || is_heading || item(&line.text).is_none() {
                    self.lines.gap();
                }
                is_title = is_heading;
                paragraph.push_str(&line.text);
            } else if let Some(stays) = breaks_a_word(&paragraph, &line.text) {
                if !stays {
                    paragraph.pop();
                }
                paragraph.push_str(&line.text);
            } else {
                paragraph.push(' ');
                paragraph.push_str(&line.text);
            }
            before = Some(line);
        }
        self.tell(&mut paragraph, is_title)?;
        self.lines.gap();
        Ok(())
    }

    fn tell(&mut self, paragraph: &mut String, is_title: bool) -> Result<(), AttachmentError> {
        let paragraph = std::mem::take(paragraph);
        match item(&paragraph) {
            _ if paragraph.is_empty() => Ok(()),
            _ if is_title => self.lines.line("## ", &paragraph),
            Some(words) => self.lines.line("- ", words),
            None => self.lines.line("", &paragraph),
        }
    }

    /// Takes out page numbers, and what stands above or below each page in the same words.
    fn drop_margins(&mut self, page: &mut Vec<Line>) {
        let [above, below] = &mut self.margins;
        if page
            .first()
            .is_some_and(|line| is_margin(&line.text, above))
        {
            page.remove(0);
        }
        if page.last().is_some_and(|line| is_margin(&line.text, below)) {
            page.pop();
        }
    }

    /// The text of all pages.
    pub(super) fn finish(self) -> String {
        self.lines.finish()
    }
}

/// The text of an item of a list behind its mark.
fn item(line: &str) -> Option<&str> {
    let marks = ['•', '◦', '▪', '●', '■', '‣', '–', '-', '*'];
    let text = line.strip_prefix(marks)?.strip_prefix(' ')?.trim_start();
    (!text.is_empty()).then_some(text)
}

/// Whether a line is a page's number, or says what the one in its place said on the page before,
/// numbers aside. Remembers it.
fn is_margin(line: &str, before: &mut String) -> bool {
    let words = line.replace(|char: char| char.is_ascii_digit(), "");
    let is_number = words.trim().is_empty()
        || words.chars().count() <= 6 && words.chars().all(|char| "ivxlc".contains(char));
    let is_same = words == *before;
    *before = words;
    is_number || is_same
}

/// Whether a line of a table of contents: leaders and a page's number at its end.
fn is_entry_of_contents(line: &str) -> bool {
    let text = line.trim_end_matches(|char: char| char.is_ascii_alphanumeric());
    let leaders = text
        .chars()
        .rev()
        .filter(|char| *char != ' ')
        .take_while(|char| matches!(char, '.' | ':' | '·' | '_'))
        .count();
    text.len() < line.len() && leaders >= 4
}

/// Whether a word goes on in the next line: it was parted by a hyphen. The hyphen stays before a
/// capital letter.
fn breaks_a_word(text: &str, next: &str) -> Option<bool> {
    let mut end = text.chars().rev();
    let is_parted = end.next() == Some('-') && end.next().is_some_and(char::is_alphabetic);
    let first = next.chars().next().filter(|char| char.is_alphabetic())?;
    is_parted.then_some(!first.is_lowercase())
}

/// What an accent and a letter make, one of which was put over the other.
fn put_over(text: &str, next: &str) -> Option<char> {
    let last = text.chars().next_back()?;
    let mut next = next.chars();
    let char = next.next().filter(|_| next.next().is_none())?;
    accented(char, last).or_else(|| accented(last, char))
}

/// The value in the middle; 0 where there is none.
fn middle(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The characters that are told of those that are shown: ligatures as letters, bullets of symbol
/// fonts as bullets, nothing that is not visible.
fn tell(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            'ﬀ' => told.push_str("ff"),
            'ﬁ' => told.push_str("fi"),
            'ﬂ' => told.push_str("fl"),
            'ﬃ' => told.push_str("ffi"),
            'ﬄ' => told.push_str("ffl"),
            'ﬅ' | 'ﬆ' => told.push_str("st"),
            // Bullets of the fonts Symbol and Wingdings, where those were mapped to private use.
            '\u{f0b7}' | '\u{f0a7}' | '\u{f076}' | '\u{f0d8}' => told.push('•'),
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{fffd}' => {}
            '\u{e000}'..='\u{f8ff}' => {}
            _ if char.is_whitespace() => told.push(' '),
            _ if char.is_control() => {}
            _ => told.push(char),
        }
    }
    told
}
