//! Points one below the other, or side by side on cards where they are few and short, or large and
//! alone.

use super::setting::{LEADING, Span};
use super::strokes::Frame;
use super::{Item, Mark, Setter};
use crate::local::look::Rgb;
use crate::local::storyboard::{Kind, Point};

/// Points on one board.
const MOST_POINTS: usize = 5;
/// Characters of a point that fits on a card.
const CARD_CHARS: usize = 95;
/// Characters of a sentence that is written large when it is alone.
const ALONE_CHARS: usize = 150;

/// What stands before a point.
enum Bullet {
    Arrow,
    Dash,
    Number(String),
    /// A step's number in a circle.
    Step(String),
    /// A box, ticked or not.
    Task(bool),
}

/// A point's item, its marks moved down from y 0.
pub(super) fn item(point: &Point, mut marks: Vec<Mark>, y: f32) -> Item {
    marks.iter_mut().for_each(|mark| mark.down(y));
    Item {
        marks,
        told: point.told.clone(),
        aloud: point.aloud,
        heading: false,
    }
}

impl Setter<'_> {
    /// Points as lists on as few even boards as they fit on; the first has less room where
    /// something stands above it.
    pub(super) fn lists(
        &mut self,
        points: &[Point],
        first: Frame,
        frame: Frame,
        variety: usize,
    ) -> Vec<Vec<Item>> {
        if let [point] = points
            && point.chars() <= ALONE_CHARS
            && matches!(point.kind, Kind::Point { .. })
            && first == frame
        {
            return vec![vec![self.statement(point, frame, variety)]];
        }
        let heights: Vec<f32> = points
            .iter()
            .enumerate()
            .map(|(at, point)| self.point(point, 1.0, at, frame).1)
            .collect();
        let gap = self.shape.body * 0.5;
        let pages = |most: usize| {
            let mut pages: Vec<(usize, usize)> = Vec::new();
            let (mut start, mut used) = (0, 0.0);
            for (at, height) in heights.iter().enumerate() {
                let room = if pages.is_empty() { first } else { frame }.height();
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
        pages
            .into_iter()
            .enumerate()
            .map(|(page, (from, to))| {
                let room = if page == 0 { first } else { frame };
                self.list(points.get(from..to).unwrap_or_default(), from, room)
            })
            .collect()
    }

    fn list(&mut self, points: &[Point], from: usize, frame: Frame) -> Vec<Item> {
        let gap = self.shape.body * 0.5;
        let gaps = gap * points.len().saturating_sub(1) as f32;
        let mut chosen = (Vec::new(), 0.0);
        for scale in [1.28, 1.14, 1.0, 0.86, 0.74, 0.62, 0.5, 0.42, 0.34] {
            let set: Vec<_> = points
                .iter()
                .enumerate()
                .map(|(at, point)| self.point(point, scale, from + at, frame))
                .collect();
            let used = set.iter().map(|(_, height)| height).sum::<f32>() + gaps;
            chosen = (set, used);
            if used <= frame.height() {
                break;
            }
        }
        let (set, used) = chosen;
        let spare = (frame.height() - used).max(0.0);
        let extra = (spare / (points.len() + 1) as f32).min(self.airy() * 0.9);
        let mut y = frame.top + (extra * 0.5).round();
        let mut items = Vec::new();
        for ((marks, height), point) in set.into_iter().zip(points) {
            items.push(item(point, marks, y));
            y += (height + gap + extra).round();
        }
        items
    }

    /// The most room between points, more on a tall board.
    pub(super) fn airy(&self) -> f32 {
        let tall = self.shape.height as f32 / self.shape.width as f32;
        self.shape.body * tall.max(1.0)
    }

    /// A point's marks as if it stood at y 0, and its height.
    pub(super) fn point(
        &mut self,
        point: &Point,
        scale: f32,
        at: usize,
        frame: Frame,
    ) -> (Vec<Mark>, f32) {
        let (level, bullet) = match &point.kind {
            Kind::Numbered { level, number } => (*level, Bullet::Number(number.clone())),
            Kind::Point { level } => match task(&point.label) {
                Some(done) => (*level, Bullet::Task(done)),
                None if *level > 0 => (*level, Bullet::Dash),
                None => (0, Bullet::Arrow),
            },
            Kind::Row | Kind::Code => (0, Bullet::Dash),
        };
        self.bulleted(point, bullet, level, scale, at, frame)
    }

    /// A step of a diagram that runs downwards; see [`Setter::point`]. The circle's middle is half
    /// a line from the top.
    pub(super) fn step(
        &mut self,
        point: &Point,
        number: String,
        scale: f32,
        at: usize,
        frame: Frame,
    ) -> (Vec<Mark>, f32) {
        self.bulleted(point, Bullet::Step(number), 0, scale, at, frame)
    }

    fn bulleted(
        &mut self,
        point: &Point,
        bullet: Bullet,
        level: usize,
        scale: f32,
        at: usize,
        frame: Frame,
    ) -> (Vec<Mark>, f32) {
        let size = (self.shape.body * scale).round();
        let accent = self.look.accent(at + 1);
        let face = self.face(size);
        let step = (level as f32 * size * 1.1).min(frame.width() * 0.3);
        let number = match &bullet {
            Bullet::Number(number) => {
                Some(self.text(&format!("{number}."), face.bold(), accent, size * 3.0))
            }
            _ => None,
        };
        let indent = match &number {
            Some(block) => (size * 1.6).max(block.used + size * 0.35),
            None if matches!(bullet, Bullet::Step(_)) => size * 2.1,
            None => size * 1.15,
        };
        let width = frame.width() - step - indent;
        let x = frame.left + step + indent;
        let spans = self.spans(point, accent);
        let block = self.block(&spans, face, width);
        let rtl = block.rtl;
        let mut height = block.height;
        let middle = size * LEADING * 0.53;
        let place = frame.left + step;
        let mut marks = Vec::new();
        match bullet {
            Bullet::Number(_) => marks.extend(number.map(|block| block.at(place, 0.0))),
            Bullet::Step(number) => {
                let radius = size * 0.74;
                let centre = (place + radius + 3.0, middle.max(radius + 2.0));
                marks.push(self.look.circle(centre, radius, size * 0.09, accent));
                let inner = radius * 1.7;
                let face = self.face((size * 0.8).round()).bold().centred();
                let digits = self.fit(&number, face, accent, (inner, size * 1.2));
                let top = centre.1 - digits.height / 2.0;
                marks.push(digits.at(centre.0 - inner / 2.0, top));
                height = height.max(centre.1 + radius + 2.0);
            }
            Bullet::Task(done) => {
                marks.extend(self.tick_box((place + 4.0, middle), size, done, accent))
            }
            Bullet::Dash => marks.push(self.look.line(
                (place + 4.0, middle),
                (place + 4.0 + size * 0.4, middle),
                size * 0.11,
                accent,
            )),
            Bullet::Arrow => marks.push(self.arrow_bullet((place + 4.0, middle), size, accent)),
        }
        let text_top = if height > block.height {
            ((height - block.height) / 2.0).round()
        } else {
            0.0
        };
        let text_bottom = text_top + block.height;
        marks.push(block.at(x, text_top));
        if !point.detail.is_empty() {
            let face = face.times(0.8);
            let block = self.text(&point.detail, face, self.look.soft, width);
            height = height.max(text_bottom + block.height);
            marks.push(block.at(x, text_bottom));
        }
        if rtl {
            marks.iter_mut().for_each(|mark| mark.mirror(frame));
        }
        (marks, height.ceil())
    }

    /// A label that stands out, and the text.
    fn spans(&self, point: &Point, accent: Rgb) -> Vec<Span> {
        let ink = self.look.ink;
        let mut spans = Vec::new();
        if !point.label.is_empty() {
            spans.push((format!("{}: ", point.label), true, accent));
        }
        spans.push((point.shown.clone(), false, ink));
        spans
    }

    fn arrow_bullet(&self, (x, y): (f32, f32), size: f32, colour: Rgb) -> Mark {
        if self.look.by_hand {
            let tip = (x + size * 0.5, y - 1.0);
            return self
                .look
                .arrow((x, y), tip, size * 0.3, size * 0.105, colour);
        }
        let side = size * 0.2;
        self.look
            .line((x + side / 2.0, y), (x + side * 1.5, y), side, colour)
    }

    fn tick_box(&self, (x, y): (f32, f32), size: f32, done: bool, colour: Rgb) -> Vec<Mark> {
        let half = size * 0.3;
        let frame = Frame {
            left: x,
            top: y - half,
            right: x + 2.0 * half,
            bottom: y + half,
        };
        let mut marks = vec![self.look.outline(frame, size * 0.08, colour)];
        if done {
            let tick = [
                (x + half * 0.4, y),
                (x + half * 0.9, y + half * 0.55),
                (x + half * 1.75, y - half * 0.7),
            ];
            marks.push(self.look.path(&tick, size * 0.11, colour));
        }
        marks
    }

    /// One sentence, large, in the middle.
    fn statement(&mut self, point: &Point, frame: Frame, variety: usize) -> Item {
        let accent = self.look.accent(variety + 1);
        let by_hand = self.look.by_hand;
        let pad = self.shape.body * 0.9;
        let width = frame.width() - 2.0 * pad;
        let mut size = self.shape.body * 1.9;
        let spans = self.spans(point, accent);
        let (text, detail) = loop {
            let face = self.face(size.round());
            let face = if by_hand { face.centred() } else { face };
            let text = self.block(&spans, face, width);
            let detail = (!point.detail.is_empty())
                .then(|| self.text(&point.detail, face.times(0.74), self.look.soft, width));
            let height = text.height + detail.as_ref().map_or(0.0, |it| it.height + pad * 0.3);
            if height + 2.0 * pad <= frame.height() || size < 10.0 {
                break (text, detail);
            }
            size *= 0.93;
        };
        let used = text.used.max(detail.as_ref().map_or(0.0, |it| it.used));
        let below = text.height + pad * 0.3;
        let height = detail.as_ref().map_or(text.height, |it| below + it.height);
        let top = (frame.top + (frame.height() - height) * 0.42).round();
        let rtl = text.rtl;
        let x = frame.left + pad;
        let mut marks = vec![text.at(x, top)];
        marks.extend(detail.map(|it| it.at(x, top + below)));
        if by_hand {
            let middle = (frame.left + frame.right) / 2.0;
            let around = Frame {
                left: middle - used / 2.0 - pad * 0.8,
                top: top - pad * 0.6,
                right: middle + used / 2.0 + pad * 0.8,
                bottom: top + height + pad * 0.6,
            };
            marks.push(self.look.outline(around, 4.0, accent));
        } else {
            let bar = frame.left + 4.0;
            marks.insert(
                0,
                self.look.line((bar, top), (bar, top + height), 8.0, accent),
            );
            if rtl {
                marks.iter_mut().for_each(|mark| mark.mirror(frame));
            }
        }
        item(point, marks, 0.0)
    }

    /// Few short points side by side, each on a card; every other time, so that boards differ.
    pub(super) fn cards(
        &mut self,
        points: &[Point],
        frame: Frame,
        variety: usize,
    ) -> Option<Vec<Vec<Item>>> {
        let plain = |point: &Point| {
            matches!(point.kind, Kind::Point { level: 0 })
                && task(&point.label).is_none()
                && point.chars() <= CARD_CHARS
        };
        let labelled = points.iter().all(|point| !point.label.is_empty());
        if !(2..=4).contains(&points.len())
            || !points.iter().all(plain)
            || !(labelled || variety % 2 == 1)
        {
            return None;
        }
        let wide = frame.width() > frame.height() * 1.3;
        let columns = match (wide, points.len()) {
            (true, count @ (2 | 3)) => count,
            (true, _) => 2,
            (false, _) => 1,
        };
        let rows = points.len().div_ceil(columns);
        let (gap, pad) = (self.shape.body * 0.7, self.shape.body * 0.6);
        let width = (frame.width() - gap * (columns - 1) as f32) / columns as f32;
        let most = (frame.height() - gap * (rows - 1) as f32) / rows as f32;
        let inner = width - 2.0 * pad;
        let mut chosen = None;
        for scale in [1.2, 1.08, 0.96, 0.86, 0.76] {
            let size = self.shape.body * scale;
            let set: Vec<_> = points
                .iter()
                .enumerate()
                .map(|(at, point)| self.card(point, size, at, inner))
                .collect();
            let tallest = set.iter().map(|(_, height)| *height).fold(0.0, f32::max);
            if tallest + 2.0 * pad <= most && self.words_fit(points, size, inner) {
                chosen = Some((set, tallest + 2.0 * pad));
                break;
            }
        }
        let (set, needed) = chosen?;
        let height = most.min(needed.max(most * 0.55));
        let spare = frame.height() - height * rows as f32 - gap * (rows - 1) as f32;
        let top = frame.top + (spare * 0.35).round();
        let rtl = set.first().is_some_and(|(card, _)| card.1);
        let mut items = Vec::new();
        for (at, (((marks, _), own_height), point)) in set.into_iter().zip(points).enumerate() {
            let (column, row) = (at % columns, at / columns);
            let left = frame.left + (width + gap) * column as f32;
            let card_top = top + (height + gap) * row as f32;
            let card = Frame {
                left,
                top: card_top,
                right: left + width,
                bottom: card_top + height,
            };
            let accent = self.look.accent(at + 1);
            let mut all = Vec::new();
            if self.look.by_hand {
                all.push(self.look.outline(card, 3.6, accent));
            } else {
                all.push(self.look.panel(card, self.look.panel));
                let edge = card.top + 3.0;
                all.push(
                    self.look
                        .line((card.left, edge), (card.right, edge), 6.0, accent),
                );
            }
            let down = card.top + ((height - own_height) / 2.0).round();
            for mut mark in marks {
                mark.down(down);
                if let Mark::Text(text) = &mut mark {
                    text.x += card.left + pad;
                }
                all.push(mark);
            }
            if rtl {
                all.iter_mut().for_each(|mark| mark.mirror(frame));
            }
            items.push(item(point, all, 0.0));
        }
        Some(vec![items])
    }

    /// A card's texts from x 0 and y 0, whether they run leftwards, and their height.
    fn card(
        &mut self,
        point: &Point,
        size: f32,
        at: usize,
        width: f32,
    ) -> ((Vec<Mark>, bool), f32) {
        let ground = if self.look.by_hand {
            self.look.board
        } else {
            self.look.panel
        };
        let (accent, ink, soft) = (self.look.accent(at + 1), self.look.ink, self.look.soft);
        let face = self.face(size.round());
        let face = if self.look.by_hand {
            face.centred()
        } else {
            face
        };
        let parts = [
            (&point.label, face.bold(), accent),
            (&point.shown, face, ink),
            (&point.detail, face.times(0.8), soft),
        ];
        let (mut marks, mut y, mut rtl) = (Vec::new(), 0.0, false);
        for (text, face, colour) in parts {
            if text.is_empty() {
                continue;
            }
            let block = self.text(text, face, colour, width).on(ground);
            let height = block.height;
            rtl |= block.rtl;
            marks.push(block.at(0.0, y));
            y += height;
        }
        ((marks, rtl), y)
    }

    /// Whether no word has to be broken.
    pub(super) fn words_fit(&mut self, points: &[Point], size: f32, width: f32) -> bool {
        let face = self.face(size.round()).bold();
        points
            .iter()
            .flat_map(|point| [&point.label, &point.shown, &point.detail])
            .flat_map(|text| text.split_whitespace())
            .filter(|word| word.chars().count() as f32 * size > width)
            .all(|word| {
                let spaced = word.chars().all(|c| c < '\u{2e80}');
                !spaced || self.natural(word, face) <= width
            })
    }
}

/// Whether a label is that of a task, as `content` begins them, and whether it is done.
fn task(label: &str) -> Option<bool> {
    const DONE: &[&str] = &[
        "Done",
        "Erledigt",
        "Fait",
        "Hecho",
        "Fatto",
        "Feito",
        "Gedaan",
        "Klart",
        "Zrobione",
        "完了",
        "已完成",
        "완료",
    ];
    const TO_DO: &[&str] = &[
        "To do",
        "Zu erledigen",
        "À faire",
        "Por hacer",
        "Da fare",
        "A fazer",
        "Te doen",
        "Att göra",
        "Do zrobienia",
        "やること",
        "待办",
        "할 일",
    ];
    if DONE.contains(&label) {
        Some(true)
    } else {
        TO_DO.contains(&label).then_some(false)
    }
}
