//! Scene → pictures. A scene is drawn once as it looks at its end; writing is then uncovering it
//! along the letters and strokes, so that a frame costs only what changes in it. It holds one
//! scene's pixels, never a film's.

use cosmic_text::{FontSystem, SwashCache};
use protocol::Style;
use tiny_skia::{FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, Rect, Transform};

use super::layout::{Item, Mark, Scene, Stroke, Text};
use super::look::{Look, Rgb, Shape, colour};

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
}

/// A part of the picture that is uncovered in one go, from its beginning side to the other.
#[derive(Debug, Clone, Copy)]
struct Sweep {
    area: Area,
    /// From right to left.
    leftwards: bool,
    /// How far the pen goes in it.
    length: f32,
    /// Where the pen is at its beginning and end.
    pen: [(f32, f32); 2],
}

/// One item's way of coming onto the board.
#[derive(Debug)]
struct Writing {
    sweeps: Vec<Sweep>,
    length: f32,
    /// Sweeps that are wholly uncovered.
    done: usize,
}

/// A scene on its way from the empty board to the full one.
#[derive(Debug)]
pub(super) struct Canvas {
    finished: Pixmap,
    canvas: Pixmap,
    shown: Pixmap,
    writings: Vec<Writing>,
    pen: Option<Pixmap>,
    pen_at: Option<Area>,
    picture: Picture,
    shape: Shape,
}

/// A picture as the encoder takes it: planar YUV 4:2:0, BT.709, limited range.
#[derive(Debug)]
pub(super) struct Picture {
    planes: [Vec<u8>; 3],
    width: usize,
    height: usize,
}

impl openh264::formats::YUVSource for Picture {
    fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn strides(&self) -> (usize, usize, usize) {
        (self.width, self.width / 2, self.width / 2)
    }

    fn y(&self) -> &[u8] {
        &self.planes[0]
    }

    fn u(&self) -> &[u8] {
        &self.planes[1]
    }

    fn v(&self) -> &[u8] {
        &self.planes[2]
    }
}

/// The pen's sprite: its tip is at the lower left corner.
const PEN: u32 = 84;

/// Draws scenes in one look; the fonts are shared by all threads that draw.
#[derive(Debug)]
pub(super) struct Artist {
    pub look: Look,
    pub shape: Shape,
    board: Pixmap,
    pen: Option<Pixmap>,
}

impl Artist {
    /// `None` only if there is no memory for a picture.
    pub(super) fn new(look: Look, shape: Shape) -> Option<Self> {
        let board = board(look, shape)?;
        let pen = match look.pen {
            Some((body, tip)) => Some(pen(body, tip)?),
            None => None,
        };
        Some(Self {
            look,
            shape,
            board,
            pen,
        })
    }

    /// The scene with nothing written yet.
    pub(super) fn canvas(
        &self,
        scene: &Scene,
        fonts: &mut FontSystem,
        glyphs: &mut SwashCache,
    ) -> Canvas {
        let mut empty = self.board.clone();
        if let Some(number) = &scene.number {
            self.write(&mut empty, number, fonts, glyphs);
        }
        let mut finished = empty.clone();
        let mut writings = Vec::new();
        for item in &scene.items {
            for mark in &item.marks {
                match mark {
                    Mark::Text(text) => self.write(&mut finished, text, fonts, glyphs),
                    Mark::Stroke(stroke) => self.stroke(&mut finished, stroke),
                }
            }
            writings.push(Writing::of(item, self.shape));
        }
        let mut picture = Picture {
            planes: [
                vec![0; (self.shape.width * self.shape.height) as usize],
                vec![0; (self.shape.width * self.shape.height / 4) as usize],
                vec![0; (self.shape.width * self.shape.height / 4) as usize],
            ],
            width: self.shape.width as usize,
            height: self.shape.height as usize,
        };
        let all = Area {
            left: 0,
            top: 0,
            right: self.shape.width as i32,
            bottom: self.shape.height as i32,
        };
        picture.take(&empty, all);
        Canvas {
            finished,
            shown: empty.clone(),
            canvas: empty,
            writings,
            pen: self.pen.clone(),
            pen_at: None,
            picture,
            shape: self.shape,
        }
    }

    fn write(
        &self,
        onto: &mut Pixmap,
        text: &Text,
        fonts: &mut FontSystem,
        glyphs: &mut SwashCache,
    ) {
        let (width, height) = (onto.width() as i32, onto.height() as i32);
        let chalk = self.look.style == Style::Chalkboard;
        let plain = cosmic_text::Color::rgb(text.colour.0, text.colour.1, text.colour.2);
        let data = onto.data_mut();
        for run in text.buffer.layout_runs() {
            for glyph in run.glyphs {
                let place = glyph.physical((text.x, text.y + run.line_y), 1.0);
                let base = glyph.color_opt.unwrap_or(plain);
                glyphs.with_pixels(fonts, place.cache_key, base, |dx, dy, colour| {
                    let (x, y) = (place.x + dx, place.y + dy);
                    if x < 0 || y < 0 || x >= width || y >= height {
                        return;
                    }
                    let mut alpha = u32::from(colour.a());
                    if chalk {
                        alpha = alpha * (200 + grain(x, y) % 56) / 255;
                    }
                    let at = ((y * width + x) * 4) as usize;
                    if let Some(pixel) = data.get_mut(at..at + 3) {
                        for (old, new) in pixel.iter_mut().zip([colour.r(), colour.g(), colour.b()])
                        {
                            *old = ((u32::from(*old) * (255 - alpha) + u32::from(new) * alpha)
                                / 255) as u8;
                        }
                    }
                });
            }
        }
    }

    fn stroke(&self, onto: &mut Pixmap, stroke: &Stroke) {
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
        onto.stroke_path(
            &path,
            &solid(stroke.colour),
            &manner,
            Transform::identity(),
            None,
        );
    }
}

fn solid(rgb: Rgb) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(colour(rgb));
    paint.anti_alias = true;
    paint
}

/// Noise, the same for the same place.
fn grain(x: i32, y: i32) -> u32 {
    let mut seed = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
    seed ^= seed >> 15;
    seed = seed.wrapping_mul(0x2C1B_3C6D);
    seed ^ (seed >> 13)
}

fn rounded(left: f32, top: f32, right: f32, bottom: f32, radius: f32) -> Option<tiny_skia::Path> {
    let mut path = PathBuilder::new();
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.quad_to(right, top, right, top + radius);
    path.line_to(right, bottom - radius);
    path.quad_to(right, bottom, right - radius, bottom);
    path.line_to(left + radius, bottom);
    path.quad_to(left, bottom, left, bottom - radius);
    path.line_to(left, top + radius);
    path.quad_to(left, top, left + radius, top);
    path.close();
    path.finish()
}

fn board(look: Look, shape: Shape) -> Option<Pixmap> {
    let mut board = Pixmap::new(shape.width, shape.height)?;
    board.fill(colour(look.frame));
    let (width, height) = (shape.width as f32, shape.height as f32);
    if look.style == Style::ModernMinimal {
        let band = Rect::from_xywh(0.0, 0.0, width, 10.0)?;
        board.fill_rect(band, &solid(look.accent(0)), Transform::identity(), None);
        return Some(board);
    }
    let frame = shape.frame;
    let edge = rounded(
        frame - 3.0,
        frame - 3.0,
        width - frame + 3.0,
        height - frame + 3.0,
        12.0,
    )?;
    board.fill_path(
        &edge,
        &solid(look.edge),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    let inner = rounded(frame, frame, width - frame, height - frame, 10.0)?;
    board.fill_path(
        &inner,
        &solid(look.board),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    if look.style == Style::Chalkboard {
        // Wiped chalk: broad, faint, slanted bands.
        for band in 0..7 {
            let x = width * (band as f32 * 0.17 - 0.05);
            let mut path = PathBuilder::new();
            path.move_to(x, height - frame - 4.0);
            path.quad_to(x + width * 0.06, height * 0.5, x + width * 0.2, frame + 4.0);
            let Some(path) = path.finish() else { continue };
            let mut paint = Paint::default();
            paint.set_color_rgba8(255, 255, 255, 5);
            let manner = tiny_skia::Stroke {
                width: 60.0 + 14.0 * (band % 3) as f32,
                ..tiny_skia::Stroke::default()
            };
            board.stroke_path(&path, &paint, &manner, Transform::identity(), None);
        }
        // The bands must not lie on the frame.
        let mut cover = PathBuilder::new();
        cover.push_rect(Rect::from_xywh(0.0, 0.0, width, height)?);
        cover.push_path(&edge);
        let cover = cover.finish()?;
        board.fill_path(
            &cover,
            &solid(look.frame),
            FillRule::EvenOdd,
            Transform::identity(),
            None,
        );
    }
    Some(board)
}

/// A felt pen or a piece of chalk, its tip at the lower left.
fn pen(body: Rgb, tip: Rgb) -> Option<Pixmap> {
    let mut sprite = Pixmap::new(PEN, PEN)?;
    let side = PEN as f32;
    let quad = |from: f32, to: f32, near: f32, far: f32| {
        // Across the diagonal that rises from the lower left.
        let at = |along: f32, across: f32| (along * side + across, side - along * side + across);
        let mut path = PathBuilder::new();
        let corners = [at(from, -near), at(to, -far), at(to, far), at(from, near)];
        for (index, (x, y)) in corners.into_iter().enumerate() {
            if index == 0 {
                path.move_to(x, y);
            } else {
                path.line_to(x, y);
            }
        }
        path.close();
        path.finish()
    };
    sprite.fill_path(
        &quad(0.02, 0.17, 1.0, 4.0)?,
        &solid(tip),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    sprite.fill_path(
        &quad(0.17, 0.92, 7.0, 7.0)?,
        &solid(body),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    let lit = (
        body.0.saturating_add(34),
        body.1.saturating_add(34),
        body.2.saturating_add(34),
    );
    sprite.fill_path(
        &quad(0.2, 0.9, 2.0, 2.0)?,
        &solid(lit),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    sprite.fill_path(
        &quad(0.55, 0.62, 7.0, 7.0)?,
        &solid(tip),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    Some(sprite)
}

impl Writing {
    fn of(item: &Item, shape: Shape) -> Self {
        let mut sweeps = Vec::new();
        for mark in &item.marks {
            match mark {
                Mark::Text(text) => sweeps.extend(text_sweeps(text, shape)),
                Mark::Stroke(stroke) => sweeps.extend(stroke_sweeps(stroke, shape)),
            }
        }
        let length = sweeps.iter().map(|sweep| sweep.length).sum();
        Self {
            sweeps,
            length,
            done: 0,
        }
    }
}

/// A line of text is one sweep; lines share the height between them, so that no sweep uncovers
/// a neighbour's letters.
fn text_sweeps(text: &Text, shape: Shape) -> Vec<Sweep> {
    let runs: Vec<_> = text
        .buffer
        .layout_runs()
        .filter(|run| !run.glyphs.is_empty())
        .collect();
    let last = runs.len().saturating_sub(1);
    runs.iter()
        .enumerate()
        .map(|(at, run)| {
            let left = run
                .glyphs
                .iter()
                .map(|glyph| glyph.x)
                .fold(f32::MAX, f32::min)
                + text.x;
            let right = run
                .glyphs
                .iter()
                .map(|glyph| glyph.x + glyph.w)
                .fold(0.0, f32::max)
                + text.x;
            let slack = run.line_height * 0.16;
            let top = text.y + run.line_top - if at == 0 { slack } else { 0.0 };
            let bottom =
                text.y + run.line_top + run.line_height + if at == last { slack } else { 0.0 };
            let area = Area {
                left: left.floor() as i32 - 5,
                top: top.floor() as i32,
                right: right.ceil() as i32 + 5,
                bottom: bottom.floor() as i32,
            };
            let base = text.y + run.line_y;
            let pen = if run.rtl {
                [(right, base), (left, base)]
            } else {
                [(left, base), (right, base)]
            };
            Sweep {
                area: area.within(shape),
                leftwards: run.rtl,
                length: (right - left).max(1.0),
                pen,
            }
        })
        .filter(|sweep| !sweep.area.is_empty())
        .collect()
}

fn stroke_sweeps(stroke: &Stroke, shape: Shape) -> Vec<Sweep> {
    let reach = stroke.width / 2.0 + 2.0;
    stroke
        .points
        .windows(2)
        .filter_map(|pair| {
            let [from, to] = pair else { return None };
            let area = Area {
                left: (from.0.min(to.0) - reach).floor() as i32,
                top: (from.1.min(to.1) - reach).floor() as i32,
                right: (from.0.max(to.0) + reach).ceil() as i32,
                bottom: (from.1.max(to.1) + reach).ceil() as i32,
            };
            let length = (to.0 - from.0).hypot(to.1 - from.1).max(0.1);
            // The hand is quicker with a stroke than with letters.
            Some(Sweep {
                area: area.within(shape),
                leftwards: to.0 < from.0,
                length: length * 0.4,
                pen: [*from, *to],
            })
        })
        .filter(|sweep| !sweep.area.is_empty())
        .collect()
}

impl Canvas {
    /// Brings the items to their shares of completion (0 to 1, in the scene's order) and gives
    /// the picture, and whether it differs from the one before.
    pub(super) fn advance(&mut self, shares: &[f32]) -> (&Picture, bool) {
        let mut dirty: Vec<Area> = Vec::new();
        let mut pen_tip = None;
        for (writing, share) in self.writings.iter_mut().zip(shares) {
            if writing.done >= writing.sweeps.len() {
                continue;
            }
            let target = share.clamp(0.0, 1.0) * writing.length;
            if target <= 0.0 {
                continue;
            }
            let mut before: f32 = writing
                .sweeps
                .iter()
                .take(writing.done)
                .map(|sweep| sweep.length)
                .sum();
            while let Some(sweep) = writing.sweeps.get(writing.done) {
                let part = if *share >= 1.0 {
                    1.0
                } else {
                    ((target - before) / sweep.length).clamp(0.0, 1.0)
                };
                let area = sweep.uncovered(part);
                if !area.is_empty() {
                    copy(&self.finished, &mut self.canvas, area);
                    dirty.push(area);
                }
                if part < 1.0 {
                    let [from, to] = sweep.pen;
                    // Letters go up and down under the pen.
                    let bounce = if sweep.length > 30.0 {
                        ((target - before) * 0.35).sin() * 5.0 - 6.0
                    } else {
                        0.0
                    };
                    pen_tip = Some((
                        from.0 + (to.0 - from.0) * part,
                        from.1 + (to.1 - from.1) * part + bounce,
                    ));
                    break;
                }
                before += sweep.length;
                writing.done += 1;
            }
        }
        let old_pen = self.pen_at.take();
        let new_pen = match (&self.pen, pen_tip) {
            (Some(_), Some((x, y))) => {
                let (left, bottom) = (x.round() as i32, y.round() as i32);
                Some(Area {
                    left,
                    top: bottom - PEN as i32,
                    right: left + PEN as i32,
                    bottom,
                })
            }
            _ => None,
        };
        if old_pen == new_pen && dirty.is_empty() {
            self.pen_at = new_pen;
            return (&self.picture, false);
        }
        dirty.extend(
            old_pen
                .into_iter()
                .chain(new_pen)
                .map(|area| area.within(self.shape)),
        );
        dirty.retain(|area| !area.is_empty());
        for area in &dirty {
            copy(&self.canvas, &mut self.shown, *area);
        }
        if let (Some(sprite), Some(at)) = (&self.pen, new_pen) {
            self.shown.draw_pixmap(
                at.left,
                at.top,
                sprite.as_ref(),
                &tiny_skia::PixmapPaint::default(),
                Transform::identity(),
                None,
            );
        }
        self.pen_at = new_pen;
        if let Some(all) = dirty.iter().copied().reduce(Area::join) {
            // Far-apart areas are taken one by one, many near ones together.
            if dirty.len() > 8 {
                self.picture.take(&self.shown, all);
            } else {
                for area in &dirty {
                    self.picture.take(&self.shown, *area);
                }
            }
        }
        (&self.picture, !dirty.is_empty())
    }

    /// The scene as it looks at its end.
    pub(super) fn finished(&self) -> &Pixmap {
        &self.finished
    }
}

impl Sweep {
    fn uncovered(&self, part: f32) -> Area {
        let width = (self.area.right - self.area.left) as f32;
        let reach = (width * part).round() as i32;
        if self.leftwards {
            Area {
                left: self.area.right - reach,
                ..self.area
            }
        } else {
            Area {
                right: self.area.left + reach,
                ..self.area
            }
        }
    }
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

impl Picture {
    /// Takes over an area of an opaque picture.
    fn take(&mut self, from: &Pixmap, area: Area) {
        let (left, top) = ((area.left & !1) as usize, (area.top & !1) as usize);
        let right = ((area.right + 1) & !1) as usize;
        let bottom = ((area.bottom + 1) & !1) as usize;
        let (right, bottom) = (right.min(self.width), bottom.min(self.height));
        let data = from.data();
        let [luma, blue, red] = &mut self.planes;
        for y in (top..bottom).step_by(2) {
            for x in (left..right).step_by(2) {
                let mut sums = [0_i32; 3];
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    let at = (y + dy) * self.width + x + dx;
                    if let Some([r, g, b, _]) = data.get(at * 4..at * 4 + 4) {
                        let (r, g, b) = (i32::from(*r), i32::from(*g), i32::from(*b));
                        if let Some(luma) = luma.get_mut(at) {
                            *luma =
                                (16 + ((11_966 * r + 40_254 * g + 4_064 * b + 32_768) >> 16)) as u8;
                        }
                        sums[0] += r;
                        sums[1] += g;
                        sums[2] += b;
                    }
                }
                let [r, g, b] = sums;
                let at = (y / 2) * (self.width / 2) + x / 2;
                if let (Some(blue), Some(red)) = (blue.get_mut(at), red.get_mut(at)) {
                    *blue = (128 + ((-6_596 * r - 22_189 * g + 28_784 * b + 131_072) >> 18)) as u8;
                    *red = (128 + ((28_784 * r - 26_145 * g - 2_639 * b + 131_072) >> 18)) as u8;
                }
            }
        }
    }
}
