//! Charts of a few comparable figures: bars beside or below each other, or a line over time. Each
//! value is drawn when it is told, and stands beside its bar as the page writes it.

use super::strokes::{Frame, arc};
use super::{Grow, Item, Mark, Setter, list};
use crate::local::storyboard::{Chart, Form, Point};

impl Setter<'_> {
    /// `None` where labels or values find no room.
    pub(super) fn chart(
        &mut self,
        chart: &Chart,
        points: &[Point],
        frame: Frame,
        variety: usize,
    ) -> Option<Vec<Vec<Item>>> {
        let rtl = {
            let face = self.face(self.shape.body);
            let label = chart.labels.first()?;
            self.text(label, face, self.look.ink, frame.width()).rtl
        };
        let (caption, room) = self.caption(chart, frame, variety);
        let line = chart.form == Form::Line && chart.series.len() == 1;
        let mut set = if line {
            self.line_chart(chart, room, variety)
        } else {
            None
        };
        if set.is_none() {
            set = self.columns(chart, room, variety);
        }
        if set.is_none() {
            set = self.bars(chart, room, variety);
        }
        let mut items = Vec::new();
        let mut caption = Some(caption);
        for (marks, point) in set?.into_iter().zip(points) {
            let mut all = caption.take().unwrap_or_default();
            all.extend(marks);
            if rtl {
                all.iter_mut().for_each(|mark| mark.mirror(frame));
            }
            items.push(list::item(point, all, 0.0));
        }
        Some(vec![items])
    }

    /// What the figures are, above the chart; the names of series with their colours.
    fn caption(&mut self, chart: &Chart, frame: Frame, variety: usize) -> (Vec<Mark>, Frame) {
        let size = (self.shape.body * 0.78).round();
        let face = self.face(size);
        let mut marks = Vec::new();
        let mut y = frame.top;
        if let [name] = chart.series.as_slice() {
            if name.is_empty() {
                return (marks, frame);
            }
            let text = match chart.of.as_str() {
                "" => name.clone(),
                of => format!("{name} · {of}"),
            };
            let block = self.fit(
                &text,
                face.bold(),
                self.look.soft,
                (frame.width(), size * 3.0),
            );
            y += block.height;
            marks.push(block.at(frame.left, frame.top));
        } else {
            if !chart.of.is_empty() {
                let width = frame.width();
                let block = self.text(&chart.of, face.bold(), self.look.soft, width);
                y += block.height;
                marks.push(block.at(frame.left, frame.top));
            }
            for (at, name) in chart.series.iter().enumerate() {
                let colour = self.look.accent(variety + 1 + at);
                let side = size * 0.7;
                let x = frame.left + side * 1.7;
                let block = self.text(name, face, self.look.ink, frame.right - x);
                let height = block.height;
                let square = Frame {
                    left: frame.left,
                    top: y + size * 0.3,
                    right: frame.left + side,
                    bottom: y + size * 0.3 + side,
                };
                marks.extend(self.look.area(square, colour, Grow::Up));
                marks.push(block.at(x, y));
                y += height;
            }
        }
        let room = Frame {
            top: y + self.shape.body * 0.4,
            ..frame
        };
        (marks, room)
    }

    /// Bars that stand side by side.
    fn columns(&mut self, chart: &Chart, frame: Frame, variety: usize) -> Option<Vec<Vec<Mark>>> {
        let (count, series) = (chart.labels.len(), chart.series.len());
        let slot = frame.width() / count as f32;
        let size = (self.shape.body * 0.78).round();
        let face = self.face(size).centred();
        let label_width = slot * 0.92;
        for label in &chart.labels {
            let longest = label
                .split_whitespace()
                .max_by_key(|word| word.chars().count());
            if self.natural(longest.unwrap_or_default(), face) > label_width {
                return None;
            }
        }
        let ink = self.look.ink;
        let labels: Vec<_> = chart
            .labels
            .iter()
            .map(|label| self.text(label, face, ink, label_width))
            .collect();
        let label_height = labels.iter().map(|label| label.height).fold(0.0, f32::max);
        let value_width = slot * 0.94 / series as f32;
        let value_face = self.face((size * 0.92).round()).bold().centred();
        for (_, text) in chart.values.iter().flatten() {
            if self.natural(text, value_face) > value_width {
                return None;
            }
        }
        let value_height = value_face.size * super::setting::LEADING;
        let base = frame.bottom - label_height - self.shape.body * 0.3;
        let most = base - frame.top - value_height - self.shape.body * 0.3;
        if most < self.shape.body * 3.0 {
            return None;
        }
        let highest = highest(chart);
        let mut all = Vec::new();
        for (at, (label, values)) in labels.into_iter().zip(&chart.values).enumerate() {
            let left = frame.left + slot * at as f32;
            let mut marks = Vec::new();
            if at == 0 {
                let (from, to) = ((frame.left, base), (frame.right, base));
                marks.push(self.look.line(from, to, 3.2, ink));
            }
            marks.push(label.at(left + slot * 0.04, base + self.shape.body * 0.22));
            let bar = (slot * 0.62 / series as f32).min(self.shape.body * 3.2);
            let group = bar * series as f32;
            for (index, (value, text)) in values.iter().enumerate() {
                let height = (most * (*value / highest) as f32).max(2.0);
                let centre = if series == 1 {
                    left + slot / 2.0
                } else {
                    left + slot * 0.03 + value_width * (index as f32 + 0.5)
                };
                let bar = if series == 1 {
                    group
                } else {
                    bar.min(value_width * 0.8)
                };
                let colour = self.look.accent(variety + 1 + index);
                let area = Frame {
                    left: centre - bar / 2.0,
                    top: base - height,
                    right: centre + bar / 2.0,
                    bottom: base - 2.0,
                };
                marks.extend(self.look.area(area, colour, Grow::Up));
                let block = self.text(text, value_face, ink, value_width);
                let top = base - height - block.height - 4.0;
                marks.push(block.at(centre - value_width / 2.0, top));
            }
            all.push(marks);
        }
        Some(all)
    }

    /// Bars below each other, for labels that are long or a board that is narrow.
    fn bars(&mut self, chart: &Chart, frame: Frame, variety: usize) -> Option<Vec<Vec<Mark>>> {
        let (count, series) = (chart.labels.len(), chart.series.len());
        let slot = frame.height() / count as f32;
        let size = (self.shape.body * 0.86)
            .min(slot / series as f32 * 0.6)
            .round();
        if size < self.shape.body * 0.5 {
            return None;
        }
        let face = self.face(size);
        let mut widest = 0.0_f32;
        for label in &chart.labels {
            widest = widest.max(self.natural(label, face) + 2.0);
        }
        let label_width = widest.min(frame.width() * 0.4);
        let value_face = face.bold();
        let mut value_width = 0.0_f32;
        for (_, text) in chart.values.iter().flatten() {
            value_width = value_width.max(self.natural(text, value_face) + 4.0);
        }
        let start = frame.left + label_width + size * 0.6;
        let most = frame.right - start - value_width - size * 0.5;
        if most < frame.width() * 0.2 {
            return None;
        }
        let highest = highest(chart);
        let ink = self.look.ink;
        let slot = slot.min(size * 2.6 * series as f32);
        let top = frame.top + ((frame.height() - slot * count as f32) * 0.3).round();
        let mut all = Vec::new();
        for (at, (label, values)) in chart.labels.iter().zip(&chart.values).enumerate() {
            let y = top + slot * at as f32;
            let mut marks = Vec::new();
            if at == 0 {
                let (from, to) = ((start, top), (start, top + slot * count as f32));
                marks.push(self.look.line(from, to, 3.2, ink));
            }
            let label = self.fit(label, face, ink, (label_width, slot * 0.96));
            let label_top = y + ((slot - label.height) / 2.0).round();
            marks.push(label.at(frame.left, label_top));
            let thick = slot / (series as f32 + 0.35);
            for (index, (value, text)) in values.iter().enumerate() {
                let middle = y + slot / 2.0 + (index as f32 - (series as f32 - 1.0) / 2.0) * thick;
                let half = thick * 0.34;
                let length = (most * (*value / highest) as f32).max(2.0);
                let colour = self.look.accent(variety + 1 + index);
                let area = Frame {
                    left: start + 3.0,
                    top: middle - half,
                    right: start + length.max(5.0),
                    bottom: middle + half,
                };
                marks.extend(self.look.area(area, colour, Grow::Right));
                let block = self.text(text, value_face, ink, value_width);
                let block_top = middle - block.height / 2.0;
                marks.push(block.at(area.right + size * 0.4, block_top));
            }
            all.push(marks);
        }
        Some(all)
    }

    /// One line over time.
    fn line_chart(
        &mut self,
        chart: &Chart,
        frame: Frame,
        variety: usize,
    ) -> Option<Vec<Vec<Mark>>> {
        let count = chart.labels.len();
        let slot = frame.width() / count as f32;
        let size = (self.shape.body * 0.74).round();
        let face = self.face(size).centred();
        for label in &chart.labels {
            if self.natural(label, face) > slot * 0.92 {
                return None;
            }
        }
        let value_face = face.bold();
        for (_, text) in chart.values.iter().flatten() {
            if self.natural(text, value_face) > slot * 0.84 {
                return None;
            }
        }
        let line_height = (size * super::setting::LEADING).ceil();
        let base = frame.bottom - line_height - self.shape.body * 0.3;
        let (top, low) = (frame.top + line_height + 14.0, base - line_height - 16.0);
        if low - top < self.shape.body * 3.0 {
            return None;
        }
        let highest = highest(chart);
        let (ink, colour) = (self.look.ink, self.look.accent(variety + 1));
        let values: Vec<f32> = chart
            .values
            .iter()
            .filter_map(|values| values.first())
            .map(|(value, _)| (*value / highest) as f32)
            .collect();
        let place = |at: usize| {
            let value = values.get(at).copied().unwrap_or(0.0);
            (
                frame.left + slot * (at as f32 + 0.5),
                low - (low - top) * value,
            )
        };
        let mut all = Vec::new();
        for (at, (label, values)) in chart.labels.iter().zip(&chart.values).enumerate() {
            let (x, y) = place(at);
            let mut marks = Vec::new();
            if at == 0 {
                let corners = [
                    (frame.left, frame.top),
                    (frame.left, base),
                    (frame.right, base),
                ];
                marks.push(self.look.path(&corners, 3.2, ink));
            } else {
                marks.push(self.look.line(place(at - 1), (x, y), 5.0, colour));
            }
            marks.push(Mark::Stroke(super::Stroke {
                points: arc((x, y), (4.0, 4.0), 0.0, std::f32::consts::TAU * 1.02),
                width: 9.0,
                colour,
            }));
            let block = self.text(label, face, ink, slot * 0.94);
            marks.push(block.at(frame.left + slot * at as f32 + slot * 0.03, base + 8.0));
            let text = values.first().map_or("", |(_, text)| text.as_str());
            let block = self.text(text, value_face, ink, slot * 0.9);
            // Where the line does not run: below a low, above all else, beside a slope.
            let rises = |other: Option<usize>| {
                let other = other.filter(|other| *other < count);
                other.is_some_and(|other| place(other).1 < y - 8.0)
            };
            let (before, after) = (rises(at.checked_sub(1)), rises(Some(at + 1)));
            let block_top = if before && (after || at + 1 == count) {
                y + 12.0
            } else {
                y - block.height - 12.0
            };
            let aside = match (before, after) {
                (false, true) => -slot * 0.12,
                (true, false) if at + 1 < count => slot * 0.12,
                _ => 0.0,
            };
            let left = (x - slot * 0.45 + aside)
                .max(frame.left + 6.0)
                .min(frame.right - slot * 0.9);
            marks.push(block.at(left, block_top));
            all.push(marks);
        }
        Some(all)
    }
}

fn highest(chart: &Chart) -> f64 {
    let values = chart.values.iter().flatten().map(|(value, _)| *value);
    values.fold(f64::MIN_POSITIVE, f64::max)
}
