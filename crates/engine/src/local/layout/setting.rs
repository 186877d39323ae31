//! Text → lines of a width, measured with the fonts they are drawn with. Never cuts: what does not
//! fit is set smaller.

use cosmic_text::{Align, Attrs, Buffer, Family, Metrics, Shaping, Weight, Wrap};

use super::{Mark, Setter, Text};
use crate::local::look::Rgb;

/// Line height in font sizes.
pub(super) const LEADING: f32 = 1.32;

#[derive(Clone, Copy)]
pub(super) struct Face {
    pub family: &'static str,
    pub bold: bool,
    pub size: f32,
    pub centred: bool,
}

impl Face {
    pub(super) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) fn centred(self) -> Self {
        Self {
            centred: true,
            ..self
        }
    }

    pub(super) fn times(self, scale: f32) -> Self {
        Self {
            size: (self.size * scale).round().max(8.0),
            ..self
        }
    }
}

/// Words of one weight and colour.
pub(super) type Span = (String, bool, Rgb);

/// Shaped lines that have no place yet.
pub(super) struct Block {
    pub buffer: Buffer,
    /// The width they were given.
    pub width: f32,
    /// The widest line's.
    pub used: f32,
    pub height: f32,
    /// Whether they begin at the right.
    pub rtl: bool,
    ground: Rgb,
    colour: Rgb,
}

impl Block {
    pub(super) fn at(self, x: f32, y: f32) -> Mark {
        Mark::Text(Text {
            buffer: self.buffer,
            x,
            y,
            width: self.width,
            height: self.height,
            colour: self.colour,
            ground: self.ground,
        })
    }

    /// On a panel instead of the board.
    pub(super) fn on(self, ground: Rgb) -> Self {
        Self { ground, ..self }
    }
}

impl Setter<'_> {
    pub(super) fn face(&self, size: f32) -> Face {
        Face {
            family: self.look.family,
            bold: false,
            size,
            centred: false,
        }
    }

    /// One colour's text in a width.
    pub(super) fn text(&mut self, text: &str, face: Face, colour: Rgb, width: f32) -> Block {
        self.block(&[(text.to_owned(), false, colour)], face, width)
    }

    /// Spans in a width. Letters that no font has are left out rather than shown as boxes.
    pub(super) fn block(&mut self, spans: &[Span], face: Face, width: f32) -> Block {
        let spans: Vec<Span> = spans
            .iter()
            .map(|(text, bold, colour)| (self.only_known_letters(text, face), *bold, *colour))
            .collect();
        let width = width.max(face.size);
        let buffer = self.shape_all(&spans, face, Some(width), Wrap::WordOrGlyph);
        let height = buffer
            .layout_runs()
            .map(|run| run.line_top + run.line_height)
            .fold(0.0, f32::max)
            .ceil();
        let used = buffer
            .layout_runs()
            .map(|run| run.line_w)
            .fold(0.0, f32::max)
            .min(width);
        Block {
            rtl: buffer.layout_runs().next().is_some_and(|run| run.rtl),
            buffer,
            width,
            used,
            height,
            ground: self.look.board,
            colour: spans
                .first()
                .map_or(self.look.ink, |(_, _, colour)| *colour),
        }
    }

    /// The width of a text on one line.
    pub(super) fn natural(&mut self, text: &str, face: Face) -> f32 {
        let span = [(text.to_owned(), false, self.look.ink)];
        self.shape_all(&span, face, None, Wrap::None)
            .layout_runs()
            .map(|run| run.line_w)
            .fold(0.0, f32::max)
            .ceil()
    }

    /// The largest setting, from a face's size down, that fits into a box.
    pub(super) fn fit(
        &mut self,
        text: &str,
        mut face: Face,
        colour: Rgb,
        (width, height): (f32, f32),
    ) -> Block {
        loop {
            let block = self.text(text, face, colour, width);
            // One line fits into any box that there is; below 8 pixels nobody reads anyway.
            if block.height <= height || face.size <= 8.0 {
                return self.without_orphan(text, face, colour, block);
            }
            face.size = (face.size * 0.93).max(8.0);
        }
    }

    /// A little smaller where that spares a last line of a letter or two.
    fn without_orphan(&mut self, text: &str, face: Face, colour: Rgb, block: Block) -> Block {
        let (lines, last) = block
            .buffer
            .layout_runs()
            .fold((0, 0), |(lines, _), run| (lines + 1, run.glyphs.len()));
        if lines < 2 || last > 2 {
            return block;
        }
        [0.94, 0.88, 0.82]
            .into_iter()
            .map(|scale| self.text(text, face.times(scale), colour, block.width))
            .find(|smaller| smaller.buffer.layout_runs().count() < lines)
            .unwrap_or(block)
    }

    fn shape_all(&mut self, spans: &[Span], face: Face, width: Option<f32>, wrap: Wrap) -> Buffer {
        let mut buffer = Buffer::new_empty(Metrics::new(face.size, (face.size * LEADING).round()));
        buffer.set_wrap(wrap);
        buffer.set_size(width, None);
        let base = Attrs::new().family(Family::Name(face.family));
        let align = face.centred.then_some(Align::Center);
        let spans = spans.iter().map(|(text, bold, (red, green, blue))| {
            let weight = if face.bold || *bold {
                Weight::BOLD
            } else {
                Weight::NORMAL
            };
            (
                text.as_str(),
                base.clone()
                    .weight(weight)
                    .color(cosmic_text::Color::rgb(*red, *green, *blue)),
            )
        });
        buffer.set_rich_text(spans, &base, Shaping::Advanced, align);
        buffer.shape_until_scroll(self.fonts, false);
        buffer
    }

    pub(super) fn only_known_letters(&mut self, text: &str, face: Face) -> String {
        if text.is_ascii() {
            return text.to_owned();
        }
        let span = [(text.to_owned(), false, (0, 0, 0))];
        let buffer = self.shape_all(&span, face, None, Wrap::None);
        let lines: Vec<&str> = text.split('\n').collect();
        let mut unknown: Vec<(usize, usize, usize)> = Vec::new();
        for run in buffer.layout_runs() {
            for glyph in run.glyphs.iter().filter(|glyph| glyph.glyph_id == 0) {
                unknown.push((run.line_i, glyph.start, glyph.end));
            }
        }
        if unknown.is_empty() {
            return text.to_owned();
        }
        let kept: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(line, text)| {
                text.char_indices()
                    .filter(|(at, _)| {
                        !unknown
                            .iter()
                            .any(|(on, start, end)| *on == line && (*start..*end).contains(at))
                    })
                    .map(|(_, c)| c)
                    .collect()
            })
            .collect();
        kept.join("\n").replace("  ", " ")
    }
}
