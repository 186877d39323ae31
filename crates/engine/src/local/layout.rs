//! Storyboard → scenes: where each line of text and each stroke stands. Everything is measured
//! with the fonts it is drawn with, so that nothing is cut off, leaves the board's margins or lies
//! over anything else; what does not fit goes on in a further scene or gets smaller.

mod chart;
mod code;
mod icons;
mod list;
mod setting;
mod steps;
mod strokes;
mod table;

use cosmic_text::{Buffer, FontSystem};

pub(super) use self::strokes::Frame;
use super::look::{Look, Rgb, Shape};
use super::storyboard::{Figure, Group, Part, Storyboard, groups};

/// A shaped text at its place.
pub(super) struct Text {
    pub buffer: Buffer,
    pub x: f32,
    pub y: f32,
    /// The box's size, which no line leaves.
    pub width: f32,
    #[cfg_attr(not(test), expect(dead_code))]
    pub height: f32,
    pub colour: Rgb,
    /// What it stands on.
    #[cfg_attr(not(test), expect(dead_code))]
    pub ground: Rgb,
}

// What is set is page content, so these tell places and counts alone (P14).
impl std::fmt::Debug for Text {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Text(at {}, {})", self.x, self.y)
    }
}

/// A stroke along points.
#[derive(Debug, Clone)]
pub(super) struct Stroke {
    pub points: Vec<(f32, f32)>,
    pub width: f32,
    pub colour: Rgb,
}

/// Where a filled shape grows to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grow {
    Up,
    Right,
}

/// A filled shape of corners.
#[derive(Debug, Clone)]
pub(super) struct Fill {
    pub points: Vec<(f32, f32)>,
    pub colour: Rgb,
    pub grow: Grow,
}

/// What is drawn, in the order in which it is drawn.
#[derive(Debug)]
pub(super) enum Mark {
    Text(Text),
    Stroke(Stroke),
    Fill(Fill),
}

impl Mark {
    /// How long a hand is busy with it, in letters.
    pub(super) fn letters(&self) -> usize {
        match self {
            Self::Text(text) => text
                .buffer
                .layout_runs()
                .map(|run| run.glyphs.len())
                .sum::<usize>(),
            Self::Stroke(_) | Self::Fill(_) => 4,
        }
    }

    fn down(&mut self, by: f32) {
        match self {
            Self::Text(text) => text.y += by,
            Self::Stroke(Stroke { points, .. }) | Self::Fill(Fill { points, .. }) => {
                points.iter_mut().for_each(|at| at.1 += by);
            }
        }
    }

    /// Left and right changed within a frame; letters stay as they are.
    fn mirror(&mut self, frame: Frame) {
        let sum = frame.left + frame.right;
        match self {
            Self::Text(text) => {
                let glyphs = || text.buffer.layout_runs().flat_map(|run| run.glyphs);
                let left = glyphs().map(|glyph| glyph.x).fold(f32::MAX, f32::min);
                let right = glyphs().map(|glyph| glyph.x + glyph.w).fold(0.0, f32::max);
                let rtl = text.buffer.layout_runs().any(|run| run.rtl);
                // Words that begin at the left of their box go to its right, as all else.
                if !rtl && left < 1.0 {
                    text.width = text.width.min(right.ceil());
                }
                text.x = sum - text.x - text.width;
            }
            Self::Stroke(Stroke { points, .. }) | Self::Fill(Fill { points, .. }) => {
                points.iter_mut().for_each(|at| at.0 = sum - at.0);
            }
        }
    }
}

/// What is written while one point is told.
pub(super) struct Item {
    pub marks: Vec<Mark>,
    /// The sentences told; none for a heading that is not said.
    pub told: Vec<String>,
    pub aloud: bool,
    /// A heading is written at once; only points are left out for a length's sake.
    pub heading: bool,
}

impl std::fmt::Debug for Item {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Item({:?}, {} told)",
            self.marks,
            self.told.len()
        )
    }
}

/// A board from empty to full.
pub(super) struct Scene {
    /// The chapter's title where one begins here.
    pub chapter: Option<String>,
    pub items: Vec<Item>,
    /// What stands on the board from the start: the heading of the scene that this one goes on
    /// from.
    pub fixed: Vec<Mark>,
    /// From where the board is wiped at the scene's end: what is above stays for the next one.
    pub wipe_from: f32,
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Scene({:?})", self.items)
    }
}

/// Sets type.
pub(super) struct Setter<'a> {
    pub fonts: &'a mut FontSystem,
    pub look: Look,
    pub shape: Shape,
}

impl Setter<'_> {
    pub(super) fn scenes(&mut self, board: &Storyboard) -> Vec<Scene> {
        let mut scenes = vec![self.title_scene(&board.title)];
        for (at, part) in board.parts.iter().enumerate() {
            self.part_scenes(at, part, &mut scenes);
        }
        scenes
    }

    fn inner_width(&self) -> f32 {
        self.shape.width as f32 - 2.0 * self.shape.side
    }

    fn title_scene(&mut self, title: &str) -> Scene {
        let width = self.inner_width();
        let by_hand = self.look.by_hand;
        let face = self.face(self.shape.title).bold();
        let face = if by_hand { face.centred() } else { face };
        let icon = icons::of(title);
        let icon_side = if icon.is_some() {
            self.shape.title * 1.35
        } else {
            0.0
        };
        let most = self.shape.height as f32 * 0.58 - icon_side;
        let block = self.fit(title, face, self.look.heading, (width, most));
        let (height, used, rtl) = (block.height, block.used, block.rtl);
        let all = height + icon_side;
        let y = ((self.shape.height as f32 - all) * 0.46).round() + icon_side;
        let x = self.shape.side;
        let line_y = y + height + self.shape.title * 0.18;
        let accent = self.look.accent(0);
        let mut marks = Vec::new();
        let (from, to) = if by_hand {
            (x + (width - used) / 2.0, x + (width + used) / 2.0)
        } else if rtl {
            (x + width, x + width - 96.0)
        } else {
            (x, x + 96.0)
        };
        if by_hand {
            marks.push(block.at(x, y));
            marks.push(
                self.look
                    .line((from, line_y), (to, line_y - 3.0), 7.0, accent),
            );
            let (shorter, lower) = ((to - from) * 0.14, line_y + 15.0);
            marks.push(self.look.line(
                (to - shorter, lower - 2.0),
                (from + shorter, lower + 1.0),
                5.0,
                accent,
            ));
        } else {
            marks.push(self.look.line((from, line_y), (to, line_y), 10.0, accent));
            marks.push(block.at(x, y));
        }
        if let Some(icon) = icon {
            let side = icon_side * 0.72;
            let left = match (by_hand, rtl) {
                (true, _) => x + (width - side) / 2.0,
                (false, false) => x,
                (false, true) => x + width - side,
            };
            let colour = self.look.accent(1);
            marks.extend(self.look.icon(icon, (left, y - icon_side), side, colour));
        }
        let item = Item {
            marks,
            told: vec![title.to_owned()],
            aloud: true,
            heading: true,
        };
        Scene {
            chapter: Some(title.to_owned()),
            items: vec![item],
            fixed: Vec::new(),
            wipe_from: 0.0,
        }
    }

    fn part_scenes(&mut self, at: usize, part: &Part, scenes: &mut Vec<Scene>) {
        let (heading, top) = self.heading(&part.heading, at);
        let frame = Frame {
            left: self.shape.side,
            top,
            right: self.shape.width as f32 - self.shape.side,
            bottom: self.shape.height as f32 - self.shape.bottom,
        };
        let mut pages: Vec<Vec<Item>> = Vec::new();
        for group in groups(&part.points) {
            let variety = at + pages.len();
            pages.extend(self.pages(&group, frame, variety));
        }
        let mut heading = Some(heading);
        let last = pages.len().saturating_sub(1);
        for (index, page) in pages.into_iter().enumerate() {
            let (mut items, mut fixed) = (Vec::new(), Vec::new());
            match heading.take() {
                Some(marks) => items.push(Item {
                    marks,
                    told: if part.own_heading {
                        vec![part.heading.clone()]
                    } else {
                        Vec::new()
                    },
                    aloud: true,
                    heading: true,
                }),
                None => fixed = self.heading(&part.heading, at).0,
            }
            items.extend(page);
            scenes.push(Scene {
                chapter: (index == 0 && part.own_heading).then(|| part.heading.clone()),
                items,
                fixed,
                wipe_from: if index < last { top - 2.0 } else { 0.0 },
            });
        }
    }

    /// A group's boards; one board with nothing on it where there is nothing to show.
    fn pages(&mut self, group: &Group<'_>, frame: Frame, variety: usize) -> Vec<Vec<Item>> {
        let (mut intro, mut room) = (None, frame);
        if let Some(point) = group.intro {
            let (marks, height) = self.point(point, 1.0, variety, frame);
            let item = list::item(point, marks, frame.top);
            room.top += height + self.shape.body * 0.5;
            intro = Some(item);
        }
        let figure = match &group.figure {
            Figure::Table { headers, rows } => self.table(headers, rows, group.points, room),
            Figure::Chart(chart) => self.chart(chart, group.points, room, variety),
            Figure::Steps => self.steps(group.points, room),
            Figure::Code => self.code(group.points, room),
            Figure::List if intro.is_none() => self.cards(group.points, room, variety),
            Figure::List => None,
        };
        let mut pages = match figure {
            Some(pages) => pages,
            None => self.lists(group.points, room, frame, variety),
        };
        if let (Some(intro), Some(page)) = (intro, pages.first_mut()) {
            page.insert(0, intro);
        }
        pages
    }

    /// A heading with its stroke and sign, and where the room for points begins.
    fn heading(&mut self, text: &str, at: usize) -> (Vec<Mark>, f32) {
        let icon = icons::of(text);
        let side = self.shape.heading * 1.25;
        let full = self.inner_width();
        let width = if icon.is_some() {
            full - side * 1.3
        } else {
            full
        };
        let face = self.face(self.shape.heading).bold();
        let most = self.shape.heading * setting::LEADING * 2.2;
        let block = self.fit(text, face, self.look.heading, (width, most));
        let (used, height, rtl) = (block.used, block.height, block.rtl);
        let (x, y) = (self.shape.side, self.shape.top);
        let line_y = y + height + 9.0;
        let accent = self.look.accent(0);
        let mut marks = vec![block.at(x, y)];
        if self.look.by_hand {
            marks.push(
                self.look
                    .line((x, line_y), (x + used, line_y - 2.0), 5.0, accent),
            );
        } else {
            marks.push(self.look.line((x, line_y), (x + 72.0, line_y), 5.0, accent));
        }
        if let Some(icon) = icon {
            let place = (x + full - side, y - side * 0.06);
            let colour = self.look.accent(at + 1);
            marks.extend(self.look.icon(icon, place, side, colour));
        }
        if rtl {
            let frame = Frame {
                left: x,
                right: x + full,
                top: 0.0,
                bottom: 0.0,
            };
            marks.iter_mut().for_each(|mark| mark.mirror(frame));
        }
        (marks, line_y + self.shape.body * 0.7)
    }
}

#[cfg(test)]
pub(in crate::local) mod tests;
