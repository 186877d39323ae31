//! Ink in the order in which a hand leaves it on the board: letters flow along their strokes from
//! where a pen would set on, lines run from end to end, bars grow. Each drop keeps the colour that
//! its place has once it is there, so that uncovering ink shows nothing of what comes after it.

use cosmic_text::{FontSystem, SwashCache, SwashContent};
use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PremultipliedColorU8, Transform,
};

use super::Area;
use crate::local::layout::{Fill, Grow, Item, Mark, Stroke, Text};
use crate::local::look::{Look, Rgb, colour};
use protocol::Style;

/// One pixel of ink.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    /// The pixel's place in the picture.
    pub at: u32,
    pub colour: PremultipliedColorU8,
}

/// What is drawn without lifting the pen: a letter, a line, a bar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trace {
    /// Where its ink ends in its writing's.
    pub end: usize,
    /// How far the pen goes for it, in pixels of writing.
    pub effort: f32,
    /// Whether a pen is seen at it.
    pub by_pen: bool,
}

/// One item's way onto the board.
#[derive(Debug, Default)]
pub(super) struct Writing {
    pub inks: Vec<Ink>,
    pub traces: Vec<Trace>,
    pub effort: f32,
}

/// Draws items on a board, and writes down what it did.
pub(super) struct Scribe<'a> {
    pub look: Look,
    pub fonts: &'a mut FontSystem,
    pub glyphs: &'a mut SwashCache,
    /// Pixels, left to right and down.
    pub onto: &'a mut Pixmap,
}

impl Scribe<'_> {
    pub(super) fn item(&mut self, item: &Item) -> Writing {
        let mut writing = Writing::default();
        for mark in &item.marks {
            self.mark(mark, &mut writing);
        }
        writing.effort = writing.traces.iter().map(|trace| trace.effort).sum();
        writing
    }

    pub(super) fn mark(&mut self, mark: &Mark, writing: &mut Writing) {
        match mark {
            Mark::Text(text) => self.text(text, writing),
            Mark::Stroke(stroke) => self.stroke(stroke, writing),
            Mark::Fill(fill) => self.fill(fill, writing),
        }
    }

    fn text(&mut self, text: &Text, writing: &mut Writing) {
        let (width, height) = (self.onto.width() as i32, self.onto.height() as i32);
        let chalk = self.look.style == Style::Chalkboard;
        let plain = cosmic_text::Color::rgb(text.colour.0, text.colour.1, text.colour.2);
        let pixels = self.onto.pixels_mut();
        for run in text.buffer.layout_runs() {
            let mut letters: Vec<_> = run.glyphs.iter().collect();
            // In the order in which they are written, which is not that from left to right.
            letters.sort_by_key(|glyph| glyph.start);
            for glyph in letters {
                let place = glyph.physical((text.x, text.y + run.line_y), 1.0);
                let base = glyph.color_opt.unwrap_or(plain);
                let Some(image) = self.glyphs.get_image(self.fonts, place.cache_key) else {
                    continue;
                };
                let (left, top) = (
                    place.x + image.placement.left,
                    place.y - image.placement.top,
                );
                let across = image.placement.width as usize;
                let coloured = image.content == SwashContent::Color;
                let alpha: Vec<u8> = if coloured {
                    image.data.chunks_exact(4).map(|pixel| pixel[3]).collect()
                } else {
                    image.data.clone()
                };
                for at in flow(&alpha, across, glyph.level.is_rtl()) {
                    let (x, y) = (left + (at % across) as i32, top + (at / across) as i32);
                    if x < 0 || y < 0 || x >= width || y >= height {
                        continue;
                    }
                    let mut alpha = u32::from(alpha.get(at).copied().unwrap_or(0));
                    if chalk && !coloured {
                        alpha = alpha * (208 + grain(x, y) % 48) / 255;
                    }
                    let new = match image.data.get(at * 4..at * 4 + 3) {
                        Some([r, g, b]) if coloured => [*r, *g, *b],
                        _ => [base.r(), base.g(), base.b()],
                    };
                    let place = (y * width + x) as u32;
                    if let Some(pixel) = pixels.get_mut(place as usize) {
                        *pixel = mixed(*pixel, new, alpha);
                        writing.inks.push(Ink {
                            at: place,
                            colour: *pixel,
                        });
                    }
                }
                writing.traces.push(Trace {
                    end: writing.inks.len(),
                    effort: glyph.w.max(1.0),
                    by_pen: true,
                });
            }
        }
    }

    fn stroke(&mut self, stroke: &Stroke, writing: &mut Writing) {
        let mut path = PathBuilder::new();
        for (at, (x, y)) in stroke.points.iter().enumerate() {
            if at == 0 {
                path.move_to(*x, *y);
            } else {
                path.line_to(*x, *y);
            }
        }
        let Some(path) = path.finish() else { return };
        let round = self.look.by_hand;
        let manner = tiny_skia::Stroke {
            width: stroke.width,
            line_cap: if round { LineCap::Round } else { LineCap::Butt },
            line_join: if round {
                LineJoin::Round
            } else {
                LineJoin::Miter
            },
            ..tiny_skia::Stroke::default()
        };
        let reach = (stroke.width / 2.0 + 2.0).ceil() as i32;
        let paint = solid(stroke.colour);
        let Some(mut drawn) = self.drawn(&path, reach, |onto| {
            onto.stroke_path(&path, &paint, &manner, Transform::identity(), None);
        }) else {
            return;
        };
        let mut length = 0.0;
        for pair in stroke.points.windows(2) {
            let [from, to] = pair else { continue };
            let part = (to.0 - from.0).hypot(to.1 - from.1);
            length += part;
            let steps = (part / 2.0).ceil().max(1.0);
            for step in 0..=steps as usize {
                let share = step as f32 / steps;
                let x = (from.0 + (to.0 - from.0) * share) as i32;
                let y = (from.1 + (to.1 - from.1) * share) as i32;
                for y in y - reach..=y + reach {
                    for x in x - reach..=x + reach {
                        drawn.take(x, y, self.onto, writing);
                    }
                }
            }
        }
        writing.traces.push(Trace {
            end: writing.inks.len(),
            // The hand is quicker with a stroke than with letters.
            effort: (length * 0.4).max(1.0),
            by_pen: true,
        });
    }

    fn fill(&mut self, fill: &Fill, writing: &mut Writing) {
        let mut path = PathBuilder::new();
        for (at, (x, y)) in fill.points.iter().enumerate() {
            if at == 0 {
                path.move_to(*x, *y);
            } else {
                path.line_to(*x, *y);
            }
        }
        path.close();
        let Some(path) = path.finish() else { return };
        let paint = solid(fill.colour);
        let Some(mut drawn) = self.drawn(&path, 1, |onto| {
            onto.fill_path(
                &path,
                &paint,
                FillRule::Winding,
                Transform::identity(),
                None,
            );
        }) else {
            return;
        };
        let area = drawn.area;
        let mut line = |x: i32, y: i32| drawn.take(x, y, self.onto, writing);
        match fill.grow {
            Grow::Up => (area.top..area.bottom)
                .rev()
                .for_each(|y| (area.left..area.right).for_each(|x| line(x, y))),
            Grow::Right => (area.left..area.right)
                .for_each(|x| (area.top..area.bottom).for_each(|y| line(x, y))),
        }
        writing.traces.push(Trace {
            end: writing.inks.len(),
            effort: 60.0,
            by_pen: false,
        });
    }

    /// What `draw` changes within `reach` pixels of a path's bounds.
    fn drawn(&mut self, path: &Path, reach: i32, draw: impl FnOnce(&mut Pixmap)) -> Option<Drawn> {
        let bounds = path.bounds();
        let (width, height) = (self.onto.width() as i32, self.onto.height() as i32);
        let area = Area {
            left: (bounds.left().floor() as i32 - reach).clamp(0, width),
            top: (bounds.top().floor() as i32 - reach).clamp(0, height),
            right: (bounds.right().ceil() as i32 + reach).clamp(0, width),
            bottom: (bounds.bottom().ceil() as i32 + reach).clamp(0, height),
        };
        if area.is_empty() {
            return None;
        }
        let row = |y: i32| (y * width + area.left) as usize..(y * width + area.right) as usize;
        let rows = |onto: &Pixmap| -> Vec<PremultipliedColorU8> {
            (area.top..area.bottom)
                .filter_map(|y| onto.pixels().get(row(y)))
                .flatten()
                .copied()
                .collect()
        };
        let before = rows(self.onto);
        draw(self.onto);
        let fresh = before
            .iter()
            .zip(rows(self.onto))
            .map(|(old, new)| *old != new)
            .collect();
        Some(Drawn { area, fresh })
    }
}

/// The pixels of an area that were drawn and are in no ink yet.
struct Drawn {
    area: Area,
    fresh: Vec<bool>,
}

impl Drawn {
    fn take(&mut self, x: i32, y: i32, onto: &Pixmap, writing: &mut Writing) {
        let area = self.area;
        if x < area.left || y < area.top || x >= area.right || y >= area.bottom {
            return;
        }
        let at = (y - area.top) * (area.right - area.left) + x - area.left;
        let Some(fresh) = self.fresh.get_mut(at as usize).filter(|fresh| **fresh) else {
            return;
        };
        *fresh = false;
        let at = y as u32 * onto.width() + x as u32;
        if let Some(colour) = onto.pixels().get(at as usize) {
            writing.inks.push(Ink {
                at,
                colour: *colour,
            });
        }
    }
}

pub(super) fn solid(rgb: Rgb) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(colour(rgb));
    paint.anti_alias = true;
    paint
}

fn mixed(old: PremultipliedColorU8, new: [u8; 3], alpha: u32) -> PremultipliedColorU8 {
    let mix =
        |old: u8, new: u8| ((u32::from(old) * (255 - alpha) + u32::from(new) * alpha) / 255) as u8;
    let [r, g, b] = new;
    PremultipliedColorU8::from_rgba(
        mix(old.red(), r),
        mix(old.green(), g),
        mix(old.blue(), b),
        255,
    )
    .unwrap_or(old)
}

/// Noise, the same for the same place.
fn grain(x: i32, y: i32) -> u32 {
    let mut seed = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
    seed ^= seed >> 15;
    seed = seed.wrapping_mul(0x2C1B_3C6D);
    seed ^ (seed >> 13)
}

/// The inked pixels of a letter in the order in which ink reaches them that flows through it from
/// where the pen sets on: at the upper left, or the upper right of letters that run leftwards.
/// Small pieces, such as dots and accents, come last.
fn flow(alpha: &[u8], across: usize, rtl: bool) -> Vec<usize> {
    if across == 0 {
        return Vec::new();
    }
    let mut seen = vec![false; alpha.len()];
    let mut pieces: Vec<(usize, Vec<usize>)> = Vec::new();
    let score = |at: usize| {
        let (x, y) = (at % across, at / across);
        4 * if rtl { across - 1 - x } else { x } + 3 * y
    };
    for seed in 0..alpha.len() {
        let inked = alpha.get(seed).is_some_and(|alpha| *alpha > 0);
        if !inked || seen.get(seed).copied().unwrap_or(true) {
            continue;
        }
        let piece = spread(alpha, across, seed, &mut seen);
        let start = piece.iter().copied().min_by_key(|at| score(*at));
        let start = start.unwrap_or(seed);
        for at in &piece {
            if let Some(seen) = seen.get_mut(*at) {
                *seen = false;
            }
        }
        pieces.push((score(start), spread(alpha, across, start, &mut seen)));
    }
    let largest = pieces.iter().map(|(_, piece)| piece.len()).max();
    let small = largest.unwrap_or(0) / 5;
    pieces.sort_by_key(|(score, piece)| (piece.len() <= small, *score));
    pieces.into_iter().flat_map(|(_, piece)| piece).collect()
}

/// The inked pixels that hang together with one, nearest first.
fn spread(alpha: &[u8], across: usize, from: usize, seen: &mut [bool]) -> Vec<usize> {
    let mut piece = vec![from];
    if let Some(seen) = seen.get_mut(from) {
        *seen = true;
    }
    let mut next = 0;
    while let Some(at) = piece.get(next).copied() {
        next += 1;
        let (x, y) = (at % across, at / across);
        for y in y.saturating_sub(1)..=y + 1 {
            for x in x.saturating_sub(1)..=(x + 1).min(across - 1) {
                let at = y * across + x;
                let inked = alpha.get(at).is_some_and(|alpha| *alpha > 0);
                if let Some(seen) = seen.get_mut(at).filter(|seen| inked && !**seen) {
                    *seen = true;
                    piece.push(at);
                }
            }
        }
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_flows_through_a_letter_from_where_the_pen_sets_on() {
        // An i: a stem, and a dot that comes last although it stands first.
        let letter = [
            0, 9, 0, //
            0, 0, 0, //
            0, 9, 0, //
            0, 9, 0, //
            0, 9, 0, //
            0, 9, 0, //
            0, 9, 0,
        ];
        assert_eq!(flow(&letter, 3, false), [7, 10, 13, 16, 19, 1]);
        let dash = [9, 9, 9];
        assert_eq!(flow(&dash, 3, false), [0, 1, 2]);
        assert_eq!(flow(&dash, 3, true), [2, 1, 0]);
        assert!(flow(&[], 0, false).is_empty());
    }
}
