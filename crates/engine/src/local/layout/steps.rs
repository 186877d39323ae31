//! Steps in order: boxes from left to right with arrows between them where few and short, circles
//! with numbers one below the other otherwise.

use super::setting::Block;
use super::strokes::Frame;
use super::{Item, Setter, list};
use crate::local::storyboard::{Kind, Point};

/// The most boxes beside each other.
const MOST_BOXES: usize = 5;
/// The most steps below each other.
const MOST_STEPS: usize = 5;

fn number(point: &Point, at: usize) -> String {
    match &point.kind {
        Kind::Numbered { number, .. } => number.clone(),
        _ => (at + 1).to_string(),
    }
}

impl Setter<'_> {
    pub(super) fn steps(&mut self, points: &[Point], frame: Frame) -> Option<Vec<Vec<Item>>> {
        if let Some(items) = self.boxes(points, frame) {
            return Some(vec![items]);
        }
        self.chain(points, frame)
    }

    fn boxes(&mut self, points: &[Point], frame: Frame) -> Option<Vec<Item>> {
        let count = points.len();
        if !(2..=MOST_BOXES).contains(&count) || frame.width() < frame.height() * 1.3 {
            return None;
        }
        let (gap, pad) = (self.shape.body * 1.5, self.shape.body * 0.42);
        let width = (frame.width() - gap * (count - 1) as f32) / count as f32;
        let inner = width - 2.0 * pad;
        let radius = self.shape.body * 0.68;
        // The circle sits on the box's upper edge.
        let above = radius * 2.0 + self.shape.body * 0.3;
        let most = frame.height() - above - 2.0 * pad;
        let mut chosen = None;
        for scale in [1.05, 0.95, 0.86, 0.78, 0.7] {
            let size = (self.shape.body * scale).round();
            if !self.words_fit(points, size, inner) {
                continue;
            }
            let set: Vec<Vec<Block>> = points
                .iter()
                .enumerate()
                .map(|(at, point)| self.box_texts(point, at, size, inner))
                .collect();
            let tallest = set.iter().map(|texts| height(texts)).fold(0.0, f32::max);
            if tallest <= most {
                chosen = Some((set, tallest));
                break;
            }
        }
        let (set, tallest) = chosen?;
        let box_height = (tallest + 2.0 * pad).max((most * 0.42).min(tallest + 5.0 * pad));
        let spare = frame.height() - above - box_height;
        let top = (frame.top + above + spare * 0.36).round();
        let rtl = set.iter().flatten().next().is_some_and(|text| text.rtl);
        let mut items = Vec::new();
        for (at, (texts, point)) in set.into_iter().zip(points).enumerate() {
            let accent = self.look.accent(at + 1);
            let left = frame.left + (width + gap) * at as f32;
            let around = Frame {
                left,
                top,
                right: left + width,
                bottom: top + box_height,
            };
            let mut marks = Vec::new();
            if at > 0 {
                let y = top + box_height / 2.0;
                let (from, to) = ((left - gap + 8.0, y), (left - 8.0, y));
                let head = self.shape.body * 0.42;
                marks.push(self.look.arrow(from, to, head, 4.0, self.look.ink));
            }
            let centre = (left + width / 2.0, top - radius - self.shape.body * 0.22);
            marks.push(self.look.circle(centre, radius, 3.4, accent));
            let face = self.face((self.shape.body * 0.8).round()).bold().centred();
            let digits = number(point, at);
            let digits = self.fit(&digits, face, accent, (radius * 1.7, radius * 1.7));
            let digits_top = centre.1 - digits.height / 2.0;
            marks.push(digits.at(centre.0 - radius * 0.85, digits_top));
            if self.look.by_hand {
                marks.push(self.look.outline(around, 3.6, accent));
            } else {
                marks.push(self.look.panel(around, self.look.panel));
            }
            let mut y = top + ((box_height - height(&texts)) / 2.0).round();
            for text in texts {
                let down = text.height;
                marks.push(text.at(left + pad, y));
                y += down;
            }
            if rtl {
                marks.iter_mut().for_each(|mark| mark.mirror(frame));
            }
            items.push(list::item(point, marks, 0.0));
        }
        Some(items)
    }

    fn box_texts(&mut self, point: &Point, at: usize, size: f32, width: f32) -> Vec<Block> {
        let ground = if self.look.by_hand {
            self.look.board
        } else {
            self.look.panel
        };
        let face = self.face(size).centred();
        let (accent, ink, soft) = (self.look.accent(at + 1), self.look.ink, self.look.soft);
        let parts = [
            (&point.label, face.bold(), accent),
            (&point.shown, face, ink),
            (&point.detail, face.times(0.8), soft),
        ];
        parts
            .into_iter()
            .filter(|(text, ..)| !text.is_empty())
            .map(|(text, face, colour)| self.text(text, face, colour, width).on(ground))
            .collect()
    }

    fn chain(&mut self, points: &[Point], frame: Frame) -> Option<Vec<Vec<Item>>> {
        let gap = self.shape.body * 0.55;
        let mut pages: Vec<(usize, usize)> = Vec::new();
        let heights: Vec<f32> = points
            .iter()
            .enumerate()
            .map(|(at, point)| self.step(point, number(point, at), 1.0, at, frame).1)
            .collect();
        let most = points
            .len()
            .div_ceil(points.len().div_ceil(MOST_STEPS).max(1));
        let (mut start, mut used) = (0, 0.0);
        for (at, height) in heights.iter().enumerate() {
            if *height > frame.height() {
                return None;
            }
            if at > start && (at - start >= most || used + gap + height > frame.height()) {
                pages.push((start, at));
                (start, used) = (at, 0.0);
            }
            used += height + if at > start { gap } else { 0.0 };
        }
        pages.push((start, points.len()));
        let boards = pages
            .into_iter()
            .map(|(from, to)| {
                let points = points.get(from..to).unwrap_or_default();
                self.chain_board(points, from, frame)
            })
            .collect();
        Some(boards)
    }

    fn chain_board(&mut self, points: &[Point], from: usize, frame: Frame) -> Vec<Item> {
        let gap = self.shape.body * 0.55;
        let gaps = gap * points.len().saturating_sub(1) as f32;
        let mut chosen = (Vec::new(), 0.0, 1.0);
        for scale in [1.22, 1.1, 1.0] {
            let set: Vec<_> = points
                .iter()
                .enumerate()
                .map(|(at, point)| {
                    self.step(point, number(point, from + at), scale, from + at, frame)
                })
                .collect();
            let used = set.iter().map(|(_, height)| height).sum::<f32>() + gaps;
            chosen = (set, used, scale);
            if used <= frame.height() {
                break;
            }
        }
        let (set, used, scale) = chosen;
        let size = (self.shape.body * scale).round();
        let spare = (frame.height() - used).max(0.0);
        let extra = (spare / (points.len() + 1) as f32).min(self.airy() * 1.1);
        let mut y = frame.top + (extra * 0.5).round();
        let mut before: Option<f32> = None;
        let mut items = Vec::new();
        for ((mut marks, height), point) in set.into_iter().zip(points) {
            // The circle's middle and radius as the step drew them.
            let radius = size * 0.74;
            let middle = y + (size * super::setting::LEADING * 0.53).max(radius + 2.0);
            let at_right = marks.first().is_some_and(|mark| match mark {
                super::Mark::Stroke(stroke) => stroke
                    .points
                    .first()
                    .is_some_and(|at| at.0 > (frame.left + frame.right) / 2.0),
                _ => false,
            });
            marks.iter_mut().for_each(|mark| mark.down(y));
            if let Some(end) = before {
                let x = if at_right {
                    frame.right - radius - 3.0
                } else {
                    frame.left + radius + 3.0
                };
                let (from, to) = ((x, end + 5.0), (x, middle - radius - 5.0));
                if to.1 - from.1 > 12.0 {
                    let head = (size * 0.3).min((to.1 - from.1) * 0.6);
                    marks.insert(0, self.look.arrow(from, to, head, 3.0, self.look.soft));
                }
            }
            before = Some(middle + radius);
            items.push(list::item(point, marks, 0.0));
            y += (height + gap + extra).round();
        }
        items
    }
}

fn height(texts: &[Block]) -> f32 {
    texts.iter().map(|text| text.height).sum()
}
