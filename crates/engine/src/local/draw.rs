//! Scene → pictures. A scene is drawn once, and the ink's way onto the board is written down;
//! a frame then costs only the ink that is new in it. It holds one scene's pixels, never a film's.

mod board;
mod ink;
mod picture;

use cosmic_text::{FontSystem, SwashCache};
use tiny_skia::{Pixmap, PixmapPaint, Rect, Transform};

use self::board::PEN;
use self::ink::{Scribe, Writing};
pub(super) use self::picture::Picture;
use super::brand::Logo;
use super::layout::Scene;
use super::look::{Look, Shape};

/// A rectangle of whole pixels: left, top, right, bottom; right and bottom outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Area {
    fn within(self, shape: Shape) -> Self {
        let (width, height) = (shape.width as i32, shape.height as i32);
        Self {
            left: self.left.clamp(0, width),
            top: self.top.clamp(0, height),
            right: self.right.clamp(0, width),
            bottom: self.bottom.clamp(0, height),
        }
    }

    fn join(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    fn pixels(self) -> i32 {
        (self.right - self.left) * (self.bottom - self.top)
    }
}

/// How far an item's writing has come.
#[derive(Debug)]
struct Progress {
    writing: Writing,
    /// Traces that are wholly on the board, and their effort.
    traces: usize,
    effort: f32,
    /// Drops that are.
    inks: usize,
}

/// A scene on its way from the empty board to the full one, and away.
#[derive(Debug)]
pub(super) struct Canvas<'a> {
    artist: &'a Artist,
    finished: Pixmap,
    /// The board as it is now.
    canvas: Pixmap,
    /// The same with pen or eraser.
    shown: Pixmap,
    items: Vec<Progress>,
    pen: Option<(f32, f32)>,
    /// Where pen or eraser were drawn.
    tool: Option<Area>,
    /// Where wiping begins, and how far it has come, in pixels of an eraser's way.
    wipe_from: i32,
    wiped: i32,
    picture: Picture,
}

/// Draws scenes in one look; shared by all threads that draw.
#[derive(Debug)]
pub(super) struct Artist {
    pub look: Look,
    pub shape: Shape,
    board: Pixmap,
    pen: Option<Pixmap>,
}

/// An eraser's height at most, so that it looks like one.
const ERASER: i32 = 250;

impl Artist {
    /// `None` only if there is no memory for a picture.
    pub(super) fn new(look: Look, shape: Shape, logo: Option<&Logo>) -> Option<Self> {
        let mut board = board::board(look, shape)?;
        if let Some(logo) = logo.and_then(Logo::pixels) {
            board::draw_logo(&mut board, &logo, look, shape);
        }
        let pen = match look.pen {
            Some((body, tip)) => Some(board::pen(body, tip)?),
            None => None,
        };
        Some(Self {
            look,
            shape,
            board,
            pen,
        })
    }

    /// The scene with nothing written yet but what stands there from its start.
    pub(super) fn canvas(
        &self,
        scene: &Scene,
        fonts: &mut FontSystem,
        glyphs: &mut SwashCache,
    ) -> Canvas<'_> {
        let mut finished = self.board.clone();
        let mut scribe = Scribe {
            look: self.look,
            fonts,
            glyphs,
            onto: &mut finished,
        };
        for mark in &scene.fixed {
            scribe.mark(mark, &mut Writing::default());
        }
        let canvas = scribe.onto.clone();
        let items = scene
            .items
            .iter()
            .map(|item| Progress {
                writing: scribe.item(item),
                traces: 0,
                effort: 0.0,
                inks: 0,
            })
            .collect();
        Canvas {
            artist: self,
            shown: canvas.clone(),
            picture: Picture::of(&canvas),
            canvas,
            finished,
            items,
            pen: None,
            tool: None,
            wipe_from: scene.wipe_from as i32,
            wiped: 0,
        }
    }
}

impl Progress {
    /// Brings the writing to its share (0 to 1) on a board; gives what changed, and where a pen
    /// is in the middle of it.
    fn advance(&mut self, share: f32, onto: &mut Pixmap) -> (Option<Area>, Option<(f32, f32)>) {
        if share <= 0.0 || self.traces >= self.writing.traces.len() {
            return (None, None);
        }
        let width = onto.width();
        let target = eased(share) * self.writing.effort;
        let from = self.inks;
        let mut to = from;
        let mut by_pen = false;
        while let Some(trace) = self.writing.traces.get(self.traces) {
            let part = if share >= 1.0 {
                1.0
            } else {
                ((target - self.effort) / trace.effort).clamp(0.0, 1.0)
            };
            let start = self
                .traces
                .checked_sub(1)
                .and_then(|before| self.writing.traces.get(before))
                .map_or(0, |before| before.end);
            let count = (trace.end - start) as f32 * part;
            to = to.max(start + count.round() as usize);
            if part < 1.0 {
                by_pen = trace.by_pen;
                break;
            }
            to = trace.end;
            self.effort += trace.effort;
            self.traces += 1;
        }
        let mut changed: Option<Area> = None;
        let pixels = onto.pixels_mut();
        for ink in self.writing.inks.get(from..to).unwrap_or_default() {
            if let Some(pixel) = pixels.get_mut(ink.at as usize) {
                *pixel = ink.colour;
            }
            let (x, y) = ((ink.at % width) as i32, (ink.at / width) as i32);
            let here = Area {
                left: x,
                top: y,
                right: x + 1,
                bottom: y + 1,
            };
            changed = Some(changed.map_or(here, |changed| changed.join(here)));
        }
        self.inks = to;
        let last = to
            .checked_sub(1)
            .and_then(|at| self.writing.inks.get(at))
            .filter(|_| by_pen)
            .map(|ink| ((ink.at % width) as f32, (ink.at / width) as f32));
        (changed, last)
    }
}

impl Canvas<'_> {
    /// Brings the items to their shares of completion (0 to 1, in the scene's order) and wiping
    /// the board to its share, and gives the picture, and whether it differs from the one before.
    pub(super) fn advance(&mut self, shares: &[f32], leaving: f32) -> (&Picture, bool) {
        let mut dirty: Vec<Area> = Vec::new();
        let mut aim = None;
        for (item, share) in self.items.iter_mut().zip(shares) {
            let (changed, pen) = item.advance(*share, &mut self.canvas);
            dirty.extend(changed);
            aim = pen.or(aim);
        }
        // A hand glides from letter to letter.
        self.pen = match (self.pen, aim) {
            (Some((x, y)), Some((to_x, to_y))) => {
                Some((x + (to_x - x) * 0.6, y + (to_y - y) * 0.6))
            }
            (_, aim) => aim,
        };
        let eraser = if leaving > 0.0 {
            self.wipe(eased(leaving), &mut dirty)
        } else {
            None
        };
        let old_tool = self.tool.take();
        let pen = self.artist.pen.as_ref().zip(self.pen);
        self.tool = match (eraser, pen) {
            (Some(eraser), _) => Some(eraser),
            (None, Some((_, (x, y)))) => {
                let (left, bottom) = (x.round() as i32, y.round() as i32);
                Some(Area {
                    left,
                    top: bottom - PEN as i32,
                    right: left + PEN as i32,
                    bottom,
                })
            }
            (None, None) => None,
        };
        if old_tool == self.tool && dirty.is_empty() {
            return (&self.picture, false);
        }
        let shape = self.artist.shape;
        dirty.extend(old_tool.into_iter().chain(self.tool));
        let dirty = united(dirty.into_iter().map(|area| area.within(shape)));
        for area in &dirty {
            copy(&self.canvas, &mut self.shown, *area);
        }
        match (eraser, pen, self.tool) {
            (Some(area), _, _) => self.draw_eraser(area),
            (None, Some((sprite, _)), Some(at)) => self.shown.draw_pixmap(
                at.left,
                at.top,
                sprite.as_ref(),
                &PixmapPaint::default(),
                Transform::identity(),
                None,
            ),
            _ => {}
        }
        for area in &dirty {
            self.picture.take(&self.shown, *area);
        }
        (&self.picture, true)
    }

    /// Wipes the board row by row, to and fro, as an eraser does; a board without a hand in one
    /// go. Gives where the eraser is while there is more to wipe.
    fn wipe(&mut self, share: f32, dirty: &mut Vec<Area>) -> Option<Area> {
        let shape = self.artist.shape;
        let edge = shape.frame as i32;
        let (left, right) = (edge, shape.width as i32 - edge);
        let (top, bottom) = (self.wipe_from.max(edge), shape.height as i32 - edge);
        let rows = if self.artist.look.by_hand {
            ((bottom - top + ERASER - 1) / ERASER).max(1)
        } else {
            1
        };
        let (row_height, row_width) = ((bottom - top + rows - 1) / rows, right - left);
        let target = ((rows * row_width) as f32 * share).round() as i32;
        let row_of = |row: i32, from: i32, to: i32| {
            let (from, to) = if row % 2 == 0 {
                (left + from, left + to)
            } else {
                (right - to, right - from)
            };
            let row_top = top + row * row_height;
            Area {
                left: from,
                top: row_top,
                right: to,
                bottom: (row_top + row_height).min(bottom),
            }
        };
        for row in self.wiped / row_width..=((target - 1).max(0) / row_width).min(rows - 1) {
            let from = (self.wiped - row * row_width).clamp(0, row_width);
            let to = (target - row * row_width).clamp(0, row_width);
            let area = row_of(row, from, to);
            if !area.is_empty() {
                copy(&self.artist.board, &mut self.canvas, area);
                dirty.push(area);
            }
        }
        self.wiped = target;
        if share >= 1.0 {
            return None;
        }
        let row = (target / row_width).min(rows - 1);
        let along = target - row * row_width;
        let half = if self.artist.look.by_hand { 46 } else { 5 };
        let at = row_of(row, along, along);
        Some(Area {
            left: at.left - half,
            right: at.right + half,
            ..at
        })
    }

    fn draw_eraser(&mut self, area: Area) {
        let look = self.artist.look;
        let area = area.within(self.artist.shape);
        let parts: &[(i32, super::look::Rgb)] = if look.by_hand {
            &[(0, look.edge), (4, look.eraser)]
        } else {
            &[(0, look.accents[0])]
        };
        for (inset, rgb) in parts {
            let rect = Rect::from_ltrb(
                (area.left + inset) as f32,
                (area.top + inset) as f32,
                (area.right - inset) as f32,
                (area.bottom - inset) as f32,
            );
            if let Some(rect) = rect {
                let paint = ink::solid(*rgb);
                self.shown
                    .fill_rect(rect, &paint, Transform::identity(), None);
            }
        }
    }

    /// The scene as it looks at its end.
    pub(super) fn finished(&self) -> &Pixmap {
        &self.finished
    }
}

/// A hand sets off and comes to rest; between, its pace is even.
fn eased(share: f32) -> f32 {
    let share = share.clamp(0.0, 1.0);
    0.7 * share + 0.3 * share * share * (3.0 - 2.0 * share)
}

/// The same places in fewer areas: such as lie over each other are taken together.
fn united(areas: impl Iterator<Item = Area>) -> Vec<Area> {
    let mut kept: Vec<Area> = Vec::new();
    for mut area in areas.filter(|area| !area.is_empty()) {
        while let Some(at) = kept
            .iter()
            .position(|other| area.join(*other).pixels() <= area.pixels() + other.pixels())
        {
            area = area.join(kept.swap_remove(at));
        }
        kept.push(area);
    }
    kept
}

fn copy(from: &Pixmap, to: &mut Pixmap, area: Area) {
    let width = from.width() as usize;
    let (left, right) = (area.left as usize, area.right as usize);
    for y in area.top as usize..area.bottom as usize {
        let range = (y * width + left) * 4..(y * width + right) * 4;
        if let (Some(source), Some(target)) =
            (from.data().get(range.clone()), to.data_mut().get_mut(range))
        {
            target.copy_from_slice(source);
        }
    }
}

#[cfg(test)]
mod tests;
