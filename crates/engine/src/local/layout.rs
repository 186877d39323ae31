//! Storyboard → scenes: where each line of text and each stroke stands. Everything is measured
//! with the fonts it is drawn with, so that nothing is cut off, leaves the board's margins or lies
//! over anything else; what does not fit goes on in a further scene or gets smaller.

use cosmic_text::{Align, Attrs, Buffer, Family, FontSystem, Metrics, Shaping, Weight, Wrap};

use super::fonts;
use super::look::{Look, Rgb, Shape};
use super::storyboard::{Kind, Part, Point, Storyboard, header, shorten_chars};

/// Points on one board.
const MOST_POINTS: usize = 5;
/// Line height in font sizes.
const LEADING: f32 = 1.32;

/// A shaped text at its place.
pub(super) struct Text {
    pub buffer: Buffer,
    pub x: f32,
    pub y: f32,
    /// The box's size, which no line leaves.
    #[cfg_attr(not(test), expect(dead_code))]
    pub width: f32,
    #[cfg_attr(not(test), expect(dead_code))]
    pub height: f32,
    pub colour: Rgb,
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

/// What is drawn, in the order in which it is drawn.
#[derive(Debug)]
pub(super) enum Mark {
    Text(Text),
    Stroke(Stroke),
}

/// What is written while one point is told.
pub(super) struct Item {
    pub marks: Vec<Mark>,
    /// The sentences told; none for a heading that was told before.
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
    /// `3 / 12`, on the board from the start.
    pub number: Option<Text>,
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

#[derive(Clone, Copy)]
struct Face {
    family: &'static str,
    bold: bool,
    size: f32,
    centred: bool,
}

impl Setter<'_> {
    pub(super) fn scenes(&mut self, board: &Storyboard) -> Vec<Scene> {
        let mut scenes = vec![self.title_scene(&board.title)];
        for part in &board.parts {
            self.part_scenes(part, &mut scenes);
        }
        let count = scenes.len();
        for (at, scene) in scenes.iter_mut().enumerate().skip(1) {
            scene.number = Some(self.page_number(at, count - 1));
        }
        scenes
    }

    /// A text of spans in a width; `height` is that of its lines. Letters that no font has are
    /// left out rather than shown as boxes.
    fn shape(&mut self, spans: &[(String, bool, Rgb)], face: Face, width: f32) -> (Buffer, f32) {
        let spans: Vec<(String, bool, Rgb)> = spans
            .iter()
            .map(|(text, bold, colour)| (self.only_known_letters(text, face), *bold, *colour))
            .collect();
        let buffer = self.shape_all(&spans, face, Some(width), Wrap::WordOrGlyph);
        let height = buffer
            .layout_runs()
            .map(|run| run.line_top + run.line_height)
            .fold(0.0, f32::max);
        (buffer, height.ceil())
    }

    fn shape_all(
        &mut self,
        spans: &[(String, bool, Rgb)],
        face: Face,
        width: Option<f32>,
        wrap: Wrap,
    ) -> Buffer {
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

    fn only_known_letters(&mut self, text: &str, face: Face) -> String {
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

    /// The largest of the sizes at which a text fits into a box; below the smallest, less text.
    fn fit(
        &mut self,
        text: &str,
        mut face: Face,
        colour: Rgb,
        width: f32,
        height: f32,
    ) -> (Buffer, f32) {
        let smallest = face.size * 0.38;
        let mut text = text.to_owned();
        loop {
            let (buffer, needed) = self.shape(&[(text.clone(), false, colour)], face, width);
            if needed <= height {
                return (buffer, needed);
            }
            if face.size > smallest {
                face.size *= 0.92;
            } else {
                let half = text.chars().count() / 2;
                text = shorten_chars(&text, half);
            }
        }
    }

    fn inner_width(&self) -> f32 {
        self.shape.width as f32 - 2.0 * self.shape.side
    }

    fn title_scene(&mut self, title: &str) -> Scene {
        let width = self.inner_width();
        let centred = self.look.by_hand;
        let face = Face {
            family: self.look.family,
            bold: true,
            size: self.shape.title,
            centred,
        };
        let box_height = self.shape.height as f32 * 0.58;
        let (buffer, height) = self.fit(title, face, self.look.heading, width, box_height);
        let y = ((self.shape.height as f32 - height) * 0.46).round();
        let line_width = buffer
            .layout_runs()
            .map(|run| run.line_w)
            .fold(0.0, f32::max)
            .min(width);
        let x = self.shape.side;
        let line_y = y + height + self.shape.title * 0.18;
        let accent = self.look.accent(0);
        let mut marks = Vec::new();
        if centred {
            let (from, to) = (
                x + (width - line_width) / 2.0,
                x + (width + line_width) / 2.0,
            );
            marks.push(Mark::Text(Text {
                buffer,
                x,
                y,
                width,
                height,
                colour: self.look.heading,
            }));
            marks.push(self.line((from, line_y), (to, line_y - 3.0), 7.0, accent));
            let (shorter, lower) = ((to - from) * 0.14, line_y + 15.0);
            marks.push(self.line(
                (to - shorter, lower - 2.0),
                (from + shorter, lower + 1.0),
                5.0,
                accent,
            ));
        } else {
            marks.push(self.line(
                (x, y - self.shape.title * 0.5),
                (x + 96.0, y - self.shape.title * 0.5),
                10.0,
                accent,
            ));
            marks.push(Mark::Text(Text {
                buffer,
                x,
                y,
                width,
                height,
                colour: self.look.heading,
            }));
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
            number: None,
        }
    }

    fn page_number(&mut self, at: usize, of: usize) -> Text {
        let size = self.shape.body * 0.55;
        let face = Face {
            family: self.look.family,
            bold: false,
            size,
            centred: false,
        };
        let (buffer, height) = self.shape(
            &[(format!("{at} / {of}"), false, self.look.faint)],
            face,
            self.inner_width(),
        );
        let width = buffer
            .layout_runs()
            .map(|run| run.line_w)
            .fold(0.0, f32::max)
            .ceil();
        let y = self.shape.height as f32 - self.shape.frame - height - 10.0;
        let x = self.shape.width as f32 - self.shape.frame - width - 22.0;
        Text {
            buffer,
            x,
            y,
            width,
            height,
            colour: self.look.faint,
        }
    }

    fn part_scenes(&mut self, part: &Part, scenes: &mut Vec<Scene>) {
        let heading = self.heading(&part.heading);
        let room = self.room(&heading);
        let heights: Vec<f32> = part
            .points
            .iter()
            .map(|point| self.point(point, 1.0, 0).1)
            .collect();
        let gap = self.shape.body * 0.5;
        let pages = |most: usize| {
            let mut pages: Vec<(usize, usize)> = Vec::new();
            let (mut start, mut used) = (0, 0.0);
            for (at, height) in heights.iter().enumerate() {
                if at > start && (at - start >= most || used + gap + height > room) {
                    pages.push((start, at));
                    (start, used) = (at, 0.0);
                }
                used += height + if at > start { gap } else { 0.0 };
            }
            pages.push((start, heights.len()));
            pages
        };
        // Even boards look better than full ones and a last with one point.
        let greedy = pages(MOST_POINTS);
        let even = pages(heights.len().div_ceil(greedy.len()).max(1));
        let pages = if even.len() > greedy.len() {
            greedy
        } else {
            even
        };
        let mut heading = Some(heading);
        for (at, (from, to)) in pages.into_iter().enumerate() {
            let (marks, bottom) = heading
                .take()
                .unwrap_or_else(|| self.heading(&part.heading));
            let told = if at == 0 && part.own_heading {
                vec![part.heading.clone()]
            } else {
                Vec::new()
            };
            let mut items = vec![Item {
                marks,
                told,
                aloud: true,
                heading: true,
            }];
            self.place(
                part.points.get(from..to).unwrap_or_default(),
                from,
                bottom,
                &mut items,
            );
            let chapter = (at == 0 && part.own_heading).then(|| part.heading.clone());
            scenes.push(Scene {
                chapter,
                items,
                number: None,
            });
        }
    }

    fn room(&self, heading: &(Vec<Mark>, f32)) -> f32 {
        self.shape.height as f32 - self.shape.bottom - heading.1
    }

    /// A heading with its stroke, and where the room for points begins.
    fn heading(&mut self, text: &str) -> (Vec<Mark>, f32) {
        let width = self.inner_width();
        let face = Face {
            family: self.look.family,
            bold: true,
            size: self.shape.heading,
            centred: false,
        };
        let most = self.shape.heading * LEADING * 2.2;
        let (buffer, height) = self.fit(text, face, self.look.heading, width, most);
        let line_width = buffer
            .layout_runs()
            .map(|run| run.line_w)
            .fold(0.0, f32::max)
            .min(width);
        let rtl = buffer.layout_runs().any(|run| run.rtl);
        let (x, y) = (self.shape.side, self.shape.top);
        let line_y = y + height + 9.0;
        let accent = self.look.accent(0);
        let (from, to) = if rtl {
            (x + width, x + width - line_width)
        } else {
            (x, x + line_width)
        };
        let text = Mark::Text(Text {
            buffer,
            x,
            y,
            width,
            height,
            colour: self.look.heading,
        });
        let marks = if self.look.by_hand {
            vec![
                text,
                self.line((from, line_y), (to, line_y - 2.0), 5.0, accent),
            ]
        } else {
            let short = if rtl { from - 72.0 } else { from + 72.0 };
            vec![
                text,
                self.line((from, line_y), (short, line_y), 5.0, accent),
            ]
        };
        (marks, line_y + self.shape.body * 0.75)
    }

    fn place(&mut self, points: &[Point], first: usize, top: f32, items: &mut Vec<Item>) {
        let room = self.shape.height as f32 - self.shape.bottom - top;
        let gap = self.shape.body * 0.5;
        let gaps = gap * points.len().saturating_sub(1) as f32;
        let mut chosen = None;
        for scale in [1.28, 1.14, 1.0, 0.86, 0.74, 0.62, 0.5, 0.42] {
            let set: Vec<_> = points
                .iter()
                .enumerate()
                .map(|(at, point)| self.point(point, scale, first + at))
                .collect();
            let used = set.iter().map(|(_, height)| height).sum::<f32>() + gaps;
            let fits = used <= room;
            chosen = Some((set, used));
            if fits {
                break;
            }
        }
        let Some((set, used)) = chosen else { return };
        let spare = (room - used).max(0.0);
        let extra = (spare / (points.len() + 1) as f32).min(self.shape.body * 0.9);
        let mut y = top + (extra * 0.5).round();
        for ((mut marks, height), point) in set.into_iter().zip(points) {
            for mark in &mut marks {
                match mark {
                    Mark::Text(text) => text.y += y,
                    Mark::Stroke(stroke) => stroke.points.iter_mut().for_each(|at| at.1 += y),
                }
            }
            items.push(Item {
                marks,
                told: point.told.clone(),
                aloud: point.aloud,
                heading: false,
            });
            y += (height + gap + extra).round();
        }
    }

    /// A point's marks as if it stood at y 0, and its height.
    fn point(&mut self, point: &Point, scale: f32, at: usize) -> (Vec<Mark>, f32) {
        let size = (self.shape.body * scale).round();
        let ink = self.look.ink;
        let accent = self.look.accent(at + 1);
        let face = Face {
            family: self.look.family,
            bold: false,
            size,
            centred: false,
        };
        let left = self.shape.side;
        let right = self.shape.width as f32 - self.shape.side;
        match &point.kind {
            Kind::Code => {
                let pad = size * 0.55;
                let face = Face {
                    family: fonts::MONO,
                    size: (size * 0.74).round(),
                    ..face
                };
                let (buffer, height) = self.shape(
                    &[(point.shown.clone(), false, ink)],
                    face,
                    right - left - 2.0 * pad,
                );
                let height_all = height + 2.0 * pad;
                let bottom_right = (right, height_all - 2.0);
                let frame = self.outline((left, 2.0), bottom_right, accent);
                let text = Text {
                    buffer,
                    x: left + pad,
                    y: pad.round(),
                    width: right - left - 2.0 * pad,
                    height,
                    colour: ink,
                };
                (vec![frame, Mark::Text(text)], height_all.ceil())
            }
            Kind::Row => {
                let indent = size * 0.8;
                let mut spans = Vec::new();
                for (index, pair) in point.shown.split("; ").enumerate() {
                    if index > 0 {
                        spans.push(("\u{a0}\u{a0}\u{a0}·   ".to_owned(), false, self.look.faint));
                    }
                    match header(pair) {
                        Some(header) => {
                            // A header stays on one line with itself.
                            let header_text = header.replace(' ', "\u{a0}");
                            spans.push((format!("{header_text}: "), true, accent));
                            spans.push((
                                pair.get(header.len() + 2..).unwrap_or_default().to_owned(),
                                false,
                                ink,
                            ));
                        }
                        None => spans.push((pair.to_owned(), false, ink)),
                    }
                }
                let (buffer, height) = self.shape(&spans, face, right - left - indent);
                let rtl = buffer.layout_runs().any(|run| run.rtl);
                let (bar, x) = if rtl {
                    (right - 4.0, left)
                } else {
                    (left + 4.0, left + indent)
                };
                let bar = self.line((bar, size * 0.2), (bar, height - size * 0.2), 5.0, accent);
                let text = Text {
                    buffer,
                    x,
                    y: 0.0,
                    width: right - left - indent,
                    height,
                    colour: ink,
                };
                (vec![bar, Mark::Text(text)], height)
            }
            Kind::Point { level } | Kind::Numbered { level, .. } => {
                let step = (*level as f32 * size * 1.1).min((right - left) * 0.3);
                let number = match &point.kind {
                    Kind::Numbered { number, .. } => {
                        Some(self.shape(&[(format!("{number}."), true, accent)], face, size * 3.0))
                    }
                    _ => None,
                };
                let number_width = number
                    .iter()
                    .flat_map(|(buffer, _)| buffer.layout_runs())
                    .map(|run| run.line_w)
                    .fold(0.0, f32::max);
                let indent = (size * if number.is_some() { 1.6 } else { 1.15 })
                    .max(number_width + size * 0.35);
                let width = right - left - step - indent;
                let (buffer, height) =
                    self.shape(&[(point.shown.clone(), false, ink)], face, width);
                let rtl = buffer.layout_runs().next().is_some_and(|run| run.rtl);
                let middle = size * LEADING * 0.53;
                let (mark_x, x) = if rtl {
                    (right - step, left)
                } else {
                    (left + step, left + step + indent)
                };
                let mut marks = Vec::new();
                match number {
                    Some((buffer, height)) => {
                        let x = if rtl {
                            mark_x - number_width.ceil()
                        } else {
                            mark_x
                        };
                        marks.push(Mark::Text(Text {
                            buffer,
                            x,
                            y: 0.0,
                            width: indent,
                            height,
                            colour: accent,
                        }));
                    }
                    None => marks.push(self.bullet(mark_x, middle, size, *level, accent, rtl)),
                }
                marks.push(Mark::Text(Text {
                    buffer,
                    x,
                    y: 0.0,
                    width,
                    height,
                    colour: ink,
                }));
                (marks, height)
            }
        }
    }

    fn bullet(&self, x: f32, y: f32, size: f32, level: usize, colour: Rgb, rtl: bool) -> Mark {
        let sign = if rtl { -1.0 } else { 1.0 };
        let reach = size * 0.5;
        if level > 0 {
            return self.line(
                (x + sign * 4.0, y),
                (x + sign * (4.0 + reach * 0.8), y),
                size * 0.11,
                colour,
            );
        }
        if self.look.by_hand {
            // An arrow, drawn in one go.
            let tip = x + sign * (4.0 + reach);
            let back = tip - sign * reach * 0.42;
            let mut points = waver((x + sign * 4.0, y), (tip, y - 1.0), 1.0);
            points.extend(waver((tip, y - 1.0), (back, y - reach * 0.42), 0.0));
            points.extend(waver((back, y - reach * 0.42), (tip, y - 1.0), 0.0));
            points.extend(waver((tip, y - 1.0), (back, y + reach * 0.40), 0.0));
            return Mark::Stroke(Stroke {
                points,
                width: size * 0.105,
                colour,
            });
        }
        let side = size * 0.2;
        self.line(
            (x + sign * (4.0 + side / 2.0), y),
            (x + sign * (4.0 + side * 1.5), y),
            side,
            colour,
        )
    }

    fn line(&self, from: (f32, f32), to: (f32, f32), width: f32, colour: Rgb) -> Mark {
        let points = waver(from, to, if self.look.by_hand { 1.6 } else { 0.0 });
        Mark::Stroke(Stroke {
            points,
            width,
            colour,
        })
    }

    fn outline(&self, (left, top): (f32, f32), (right, bottom): (f32, f32), colour: Rgb) -> Mark {
        let waves = if self.look.by_hand { 1.4 } else { 0.0 };
        let slack = if self.look.by_hand { 2.0 } else { 0.0 };
        let corners = [
            (left, top + slack),
            (right - slack, top),
            (right, bottom - slack),
            (left + slack, bottom),
            (left, top),
        ];
        let points = corners.windows(2).flat_map(|pair| match pair {
            [from, to] => waver(*from, *to, waves),
            _ => Vec::new(),
        });
        Mark::Stroke(Stroke {
            points: points.collect(),
            width: 3.2,
            colour,
        })
    }
}

/// Points from one place to another, a few pixels apart, wavering across by up to `reach` pixels;
/// the same for the same ends.
fn waver(from: (f32, f32), to: (f32, f32), reach: f32) -> Vec<(f32, f32)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(1.0);
    let steps = (length / 6.0).ceil().max(1.0);
    let phase = (from.0 * 0.37 + from.1 * 0.61 + length * 0.13) % std::f32::consts::TAU;
    (0..=steps as usize)
        .map(|step| {
            let share = step as f32 / steps;
            let along = share * length;
            let ease = (share * std::f32::consts::PI).sin().max(0.25);
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

#[cfg(test)]
mod tests {
    use super::*;
    use cosmic_text::SwashCache;
    use protocol::{Orientation, Script, ScriptSection, Style};

    fn script(title: &str, sections: &[(&str, String)]) -> Script {
        let section = |(heading, text): &(&str, String)| ScriptSection {
            heading: (*heading).to_owned(),
            text: text.clone(),
        };
        Script::new(title.to_owned(), sections.iter().map(section).collect()).unwrap()
    }

    fn scenes(script: &Script, style: Style, orientation: Orientation) -> Vec<Scene> {
        let database = fonts::database(false);
        let mut system = fonts::system(&database);
        let mut setter = Setter {
            fonts: &mut system,
            look: Look::of(style),
            shape: Shape::of(orientation),
        };
        setter.scenes(&Storyboard::new(script, None))
    }

    /// Left, top, right, bottom.
    type Bounds = (f32, f32, f32, f32);

    fn check(scenes: &[Scene], shape: Shape, what: &str) {
        let database = fonts::database(false);
        let mut system = fonts::system(&database);
        let mut glyphs = SwashCache::new();
        let inside = |(left, top, right, bottom): Bounds| {
            let edge = shape.frame + 2.0;
            left >= edge
                && top >= edge
                && right <= shape.width as f32 - edge
                && bottom <= shape.height as f32 - edge
        };
        for (at, scene) in scenes.iter().enumerate() {
            let mut texts: Vec<Bounds> = Vec::new();
            let marks = scene.items.iter().flat_map(|item| &item.marks);
            let number = scene.number.iter();
            for text in marks
                .clone()
                .filter_map(|mark| {
                    if let Mark::Text(text) = mark {
                        Some(text)
                    } else {
                        None
                    }
                })
                .chain(number)
            {
                let bounds = (text.x, text.y, text.x + text.width, text.y + text.height);
                assert!(
                    inside(bounds),
                    "{what}, scene {at}: a box leaves the board: {bounds:?}"
                );
                for run in text.buffer.layout_runs() {
                    assert!(
                        run.line_top + run.line_height <= text.height + 1.0,
                        "{what}, scene {at}: a line leaves its box"
                    );
                    for glyph in run.glyphs {
                        let blank = run
                            .text
                            .get(glyph.start..glyph.end)
                            .unwrap_or_default()
                            .trim()
                            .is_empty();
                        assert!(
                            blank || (glyph.x >= -1.0 && glyph.x + glyph.w <= text.width + 1.0),
                            "{what}, scene {at}: a letter leaves its box: {} + {} of {}",
                            glyph.x,
                            glyph.w,
                            text.width
                        );
                        let place = glyph.physical((text.x, text.y + run.line_y), 1.0);
                        if let Some(image) = glyphs.get_image(&mut system, place.cache_key) {
                            let ink = (
                                (place.x + image.placement.left) as f32,
                                (place.y - image.placement.top) as f32,
                                (place.x + image.placement.left) as f32
                                    + image.placement.width as f32,
                                (place.y - image.placement.top) as f32
                                    + image.placement.height as f32,
                            );
                            assert!(
                                inside(ink),
                                "{what}, scene {at}: ink leaves the board: {ink:?}"
                            );
                        }
                    }
                }
                for other in &texts {
                    let apart = bounds.0 >= other.2
                        || other.0 >= bounds.2
                        || bounds.1 >= other.3
                        || other.1 >= bounds.3;
                    assert!(apart, "{what}, scene {at}: {bounds:?} lies over {other:?}");
                }
                texts.push(bounds);
            }
            for mark in marks {
                let Mark::Stroke(stroke) = mark else { continue };
                for (x, y) in &stroke.points {
                    assert!(
                        inside((*x, *y, *x, *y)),
                        "{what}, scene {at}: a stroke leaves the board: {x} {y}"
                    );
                }
            }
        }
    }

    fn hostile() -> Vec<(&'static str, Script)> {
        let long_word = "W".repeat(3_000);
        let lines = |line: &str, count: usize| format!("{line}\n").repeat(count);
        vec![
            (
                "a very long word",
                script(&"W".repeat(300), &[("W".repeat(2_000).as_str(), long_word)]),
            ),
            (
                "many sections",
                script(
                    "Many",
                    &(0..200)
                        .map(|_| ("Section", "One. Two.".to_owned()))
                        .collect::<Vec<_>>(),
                ),
            ),
            (
                "headings alone",
                script(
                    "Empty",
                    &[("Only a heading", String::new()), ("", " x ".to_owned())],
                ),
            ),
            (
                "emoji and other scripts",
                script(
                    "🚀🚀",
                    &[("🎉", "🚀 one 👩‍👩‍👧 two. ᚠᛇᚻ. 漢字かな交じり文。".to_owned())],
                ),
            ),
            (
                "right to left",
                script(
                    "مرحبا",
                    &[(
                        "العنوان",
                        "مرحبا بالعالم. שלום עולם.\n- مرحبا\n1. שלום\nא: ב; ג: ד".to_owned(),
                    )],
                ),
            ),
            (
                "marks and controls",
                script(
                    "a\u{200b}\u{202e}b\u{7}",
                    &[(
                        "\u{300}\u{300}e\u{301}",
                        "Z\u{351}\u{351}\u{351}\u{351}a. \u{feff}\u{0}x.".to_owned(),
                    )],
                ),
            ),
            (
                "code",
                script(
                    "Code",
                    &[(
                        "Code",
                        lines(&format!("let x = f(\"{}\");", "y".repeat(500)), 40),
                    )],
                ),
            ),
            (
                "rows",
                script(
                    "Rows",
                    &[(
                        "Rows",
                        lines(
                            "A header: cell; Another one: cell; Third header here: something; D: e",
                            30,
                        ),
                    )],
                ),
            ),
            (
                "deep lists",
                script(
                    "Lists",
                    &[(
                        "Lists",
                        lines(
                            "            - deep and long enough to be wrapped on every board that there is",
                            12,
                        ),
                    )],
                ),
            ),
            (
                "long numbers",
                script(
                    "Numbers",
                    &[("Numbers", lines("999. nine hundred and ninety-nine", 9))],
                ),
            ),
            (
                "long sentences",
                script("Long", &[("Long", "word, ".repeat(2_000))]),
            ),
        ]
    }

    #[test]
    fn nothing_leaves_its_box_or_lies_over_another() {
        for style in [Style::Whiteboard, Style::ModernMinimal] {
            for orientation in [
                Orientation::Landscape,
                Orientation::Square,
                Orientation::Portrait,
            ] {
                for (what, script) in hostile() {
                    let scenes = scenes(&script, style, orientation);
                    check(
                        &scenes,
                        Shape::of(orientation),
                        &format!("{what}, {style:?}, {orientation:?}"),
                    );
                }
            }
        }
    }

    #[test]
    fn the_built_in_fonts_hold_the_letters_of_every_offered_language() {
        let letters = "ÄÖÜäöüßẞÀÂÇÉÈÊËÎÏÔŒÙÛÜŸàâçéèêëîïôœùûüÿÁÍÓÚÑ¿¡áíóúñÃÕãõÅÆØåæøĄĆĘŁŃŚŹŻąćęłńśźżČĎĚŇŘŠŤŮŽčďěňřšťůžŐŰőűĂȘȚăâîșțĞİŞğışĐđĀĒĢĪĶĻŅŪāēģīķļņūĖĮŲėįų€„“”«»–—…";
        for style in [Style::Whiteboard, Style::Chalkboard, Style::ModernMinimal] {
            let database = fonts::database(false);
            let mut system = fonts::system(&database);
            let mut setter = Setter {
                fonts: &mut system,
                look: Look::of(style),
                shape: Shape::of(Orientation::Landscape),
            };
            let face = Face {
                family: setter.look.family,
                bold: false,
                size: 30.0,
                centred: false,
            };
            assert_eq!(setter.only_known_letters(letters, face), letters);
            assert_eq!(setter.only_known_letters("a🚀b", face), "ab");
        }
    }

    #[test]
    fn long_sections_go_on_in_even_scenes() {
        let text = "One short sentence. ".repeat(6);
        let scenes = scenes(
            &script("Title", &[("Part", text)]),
            Style::Whiteboard,
            Orientation::Landscape,
        );
        let points: Vec<usize> = scenes
            .iter()
            .map(|scene| scene.items.iter().filter(|item| !item.heading).count())
            .collect();
        assert_eq!(points, [0, 3, 3]);
        let chapters: Vec<_> = scenes
            .iter()
            .map(|scene| scene.chapter.as_deref())
            .collect();
        assert_eq!(chapters, [Some("Title"), Some("Part"), None]);
    }
}
