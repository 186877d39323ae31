//! Lines as a hand draws them: they waver a little, corners do not quite meet, circles close past
//! their beginning. The same ends always give the same line, so that a film can be made twice.

use std::f32::consts::{PI, TAU};

use super::{Fill, Grow, Mark, Stroke};
use crate::local::look::{Look, Rgb};

/// A place in pixels.
pub(super) type At = (f32, f32);

/// Left, top, right, bottom in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::local) struct Frame {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

impl Frame {
    pub(super) fn width(self) -> f32 {
        self.right - self.left
    }

    pub(super) fn height(self) -> f32 {
        self.bottom - self.top
    }

    /// The frame without a margin on each side.
    pub(super) fn inset(self, by: f32) -> Self {
        Self {
            left: self.left + by,
            top: self.top + by,
            right: self.right - by,
            bottom: self.bottom - by,
        }
    }

    fn corners(self) -> Vec<At> {
        vec![
            (self.left, self.top),
            (self.right, self.top),
            (self.right, self.bottom),
            (self.left, self.bottom),
        ]
    }
}

/// Points from one place to another, a few pixels apart, wavering across by up to `reach` pixels.
pub(super) fn waver(from: At, to: At, reach: f32) -> Vec<At> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(1.0);
    let steps = (length / 6.0).ceil().max(1.0);
    let phase = (from.0 * 0.37 + from.1 * 0.61 + length * 0.13) % TAU;
    (0..=steps as usize)
        .map(|step| {
            let share = step as f32 / steps;
            let along = share * length;
            let ease = (share * PI).sin().max(0.25);
            let off = reach
                * ease
                * ((along / 47.0 + phase).sin() + 0.5 * (along / 19.0 + phase * 1.7).sin());
            (
                from.0 + dx * share - dy / length * off,
                from.1 + dy * share + dx / length * off,
            )
        })
        .collect()
}

/// Points through all corners.
fn through(corners: &[At], reach: f32) -> Vec<At> {
    corners
        .windows(2)
        .flat_map(|pair| match pair {
            [from, to] => waver(*from, *to, reach),
            _ => Vec::new(),
        })
        .collect()
}

/// Part of an ellipse; angles in radians, clockwise from the right.
pub(super) fn arc(centre: At, radius: At, from: f32, to: f32) -> Vec<At> {
    let steps = ((to - from).abs() * radius.0.max(radius.1) / 5.0)
        .ceil()
        .clamp(6.0, 90.0);
    (0..=steps as usize)
        .map(|step| {
            let angle = from + (to - from) * step as f32 / steps;
            (
                centre.0 + radius.0 * angle.cos(),
                centre.1 + radius.1 * angle.sin(),
            )
        })
        .collect()
}

impl Look {
    fn reach(&self) -> f32 {
        if self.by_hand { 1.5 } else { 0.0 }
    }

    pub(super) fn line(&self, from: At, to: At, width: f32, colour: Rgb) -> Mark {
        self.path(&[from, to], width, colour)
    }

    /// A line through corners.
    pub(super) fn path(&self, corners: &[At], width: f32, colour: Rgb) -> Mark {
        Mark::Stroke(Stroke {
            points: through(corners, self.reach()),
            width,
            colour,
        })
    }

    /// A box: drawn in one go by hand, with rounded corners otherwise.
    pub(super) fn outline(&self, frame: Frame, width: f32, colour: Rgb) -> Mark {
        let Frame {
            left,
            top,
            right,
            bottom,
        } = frame;
        let points = if self.by_hand {
            let slack = 2.0;
            through(
                &[
                    (left, top + slack),
                    (right - slack, top),
                    (right, bottom - slack),
                    (left + slack, bottom),
                    (left, top),
                ],
                self.reach(),
            )
        } else {
            let radius = (frame.width().min(frame.height()) * 0.2).clamp(2.0, 10.0);
            let mut points = Vec::new();
            for (centre, from) in [
                ((left + radius, top + radius), PI),
                ((right - radius, top + radius), 1.5 * PI),
                ((right - radius, bottom - radius), 0.0),
                ((left + radius, bottom - radius), 0.5 * PI),
            ] {
                points.extend(arc(centre, (radius, radius), from, from + 0.5 * PI));
            }
            points.extend(points.first().copied());
            points
        };
        Mark::Stroke(Stroke {
            points,
            width,
            colour,
        })
    }

    pub(super) fn circle(&self, centre: At, radius: f32, width: f32, colour: Rgb) -> Mark {
        let over = if self.by_hand { 0.35 } else { 0.02 };
        let start = -0.6 * PI;
        let mut points = arc(centre, (radius, radius), start, start + TAU + over);
        if self.by_hand {
            for (at, point) in points.iter_mut().enumerate() {
                let wobble = 1.0 + 0.03 * (at as f32 * 0.5).sin();
                point.0 = centre.0 + (point.0 - centre.0) * wobble;
                point.1 = centre.1 + (point.1 - centre.1) * wobble;
            }
        }
        Mark::Stroke(Stroke {
            points,
            width,
            colour,
        })
    }

    /// A shaft and a head of two strokes, in one go.
    pub(super) fn arrow(&self, from: At, to: At, head: f32, width: f32, colour: Rgb) -> Mark {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy).max(1.0);
        let (ux, uy) = (dx / length, dy / length);
        let side = |sign: f32| {
            (
                to.0 - head * (ux * 0.85 - sign * uy * 0.6),
                to.1 - head * (uy * 0.85 + sign * ux * 0.6),
            )
        };
        let mut points = waver(from, to, self.reach());
        points.extend(through(&[to, side(1.0), to, side(-1.0)], 0.0));
        Mark::Stroke(Stroke {
            points,
            width,
            colour,
        })
    }

    /// An area: hatched by hand within an outline, filled otherwise.
    pub(super) fn area(&self, frame: Frame, colour: Rgb, grow: Grow) -> Vec<Mark> {
        if !self.by_hand {
            return vec![Mark::Fill(Fill {
                points: frame.corners(),
                colour,
                grow,
            })];
        }
        let mut marks = Vec::new();
        let inner = frame.inset(4.0);
        if inner.width() > 4.0 && inner.height() > 4.0 {
            marks.push(hatch(inner, colour, grow));
        }
        if frame.width() > 3.0 && frame.height() > 3.0 {
            marks.push(self.outline(frame, 3.4, colour));
        } else {
            marks.push(Mark::Fill(Fill {
                points: frame.corners(),
                colour,
                grow,
            }));
        }
        marks
    }

    /// A plain area that text stands on.
    pub(super) fn panel(&self, frame: Frame, colour: Rgb) -> Mark {
        Mark::Fill(Fill {
            points: frame.corners(),
            colour,
            grow: Grow::Right,
        })
    }
}

/// One line to and fro, aslant, within a frame, from where it grows.
fn hatch(frame: Frame, colour: Rgb, grow: Grow) -> Mark {
    const STEP: f32 = 11.0;
    let mut points = Vec::new();
    let (width, height) = (frame.width(), frame.height());
    // Of each line, x + y is the same.
    let mut sum = STEP / 2.0;
    let mut back = false;
    while sum < width + height {
        let low_x = (sum - height).max(0.0);
        let high_x = sum.min(width);
        let low = (frame.left + low_x, frame.top + sum - low_x);
        let high = (frame.left + high_x, frame.top + sum - high_x);
        let (from, to) = if back { (high, low) } else { (low, high) };
        points.extend(waver(from, to, 0.8));
        back = !back;
        sum += STEP;
    }
    if grow == Grow::Up {
        points.reverse();
    }
    Mark::Stroke(Stroke {
        points,
        width: 2.4,
        colour,
    })
}
