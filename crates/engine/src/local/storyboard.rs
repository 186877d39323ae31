//! Script → what is shown and said, section by section: pure text work, with no fonts, no clock
//! and no I/O. It never drops a sentence except to keep a chosen length, and then from the end of
//! a section and of the script, in whole sentences. All that is told is written, word by word.

mod code;
mod figures;
mod lines;
mod numbers;
mod sentences;

use protocol::Script;

pub(super) use self::figures::{Chart, Figure, Form, Group, groups};
use self::lines::points;

/// A heading of more characters is its beginning, and the rest a point below it.
const HEADING_CHARS: usize = 110;

/// What a point looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sentence of prose or a list item, `level` lists deep.
    Point { level: usize },
    /// An item of a numbered list with its number.
    Numbered { level: usize, number: String },
    /// A table's row, as `Header: cell; Header: cell` or `cell; cell`.
    Row,
    /// Lines of code, shown as they are.
    Code,
}

/// One thing that is written on the board while it is told.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub kind: Kind,
    /// What stands out before the rest; may be empty.
    pub label: String,
    /// What is written.
    pub shown: String,
    /// What is written smaller below it; may be empty.
    pub detail: String,
    /// The sentences that are told, in order; each is a caption.
    pub told: Vec<String>,
    /// False for code, which nobody wants to hear; its caption stands for as long as reading takes.
    pub aloud: bool,
}

// What is shown and told is page content, so these tell counts alone (P14).
impl std::fmt::Debug for Point {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Point({:?}, {} told)",
            self.kind,
            self.told.len()
        )
    }
}

/// A section: a heading (the script's title if it has none) and its points.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub heading: String,
    /// Whether the heading is the section's own, and so is said.
    pub own_heading: bool,
    pub points: Vec<Point>,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Part({:?})", self.points)
    }
}

/// All that is shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Storyboard {
    pub title: String,
    pub parts: Vec<Part>,
}

impl std::fmt::Debug for Storyboard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Storyboard({:?})", self.parts)
    }
}

/// Milliseconds that a person needs to read, or a narrator to say, a text: 150 words a minute, the
/// pace of [`Script::estimated_seconds`]; text without blanks counts six characters a word.
pub(super) fn reading_ms(text: &str) -> u32 {
    let words = text
        .split_whitespace()
        .map(|word| word.chars().count().div_ceil(12))
        .sum::<usize>();
    u32::try_from(words.saturating_mul(400))
        .unwrap_or(u32::MAX)
        .max(1_000)
}

impl Point {
    /// A point that tells sentences aloud and shows nothing yet.
    fn told(kind: Kind, told: Vec<String>) -> Self {
        Self {
            kind,
            label: String::new(),
            shown: String::new(),
            detail: String::new(),
            told,
            aloud: true,
        }
    }

    /// Characters of all that is written.
    pub(super) fn chars(&self) -> usize {
        [&self.label, &self.shown, &self.detail]
            .iter()
            .map(|text| text.chars().count())
            .sum()
    }

    /// See [`reading_ms`].
    pub(super) fn reading_ms(&self) -> u32 {
        let all = self
            .told
            .iter()
            .map(|sentence| reading_ms(sentence))
            .fold(0, u32::saturating_add);
        if self.aloud {
            all
        } else {
            all.clamp(2_500, 12_000)
        }
    }
}

impl Part {
    fn new(title: &str, heading: &str, text: &str) -> Self {
        let mut points = points(text);
        let heading = tidy(heading);
        let own_heading = !heading.is_empty() && heading != title;
        let mut heading = if own_heading {
            heading
        } else {
            title.to_owned()
        };
        if own_heading && heading.chars().count() > HEADING_CHARS {
            let (head, rest) = beginning(&heading);
            let rest = Point {
                shown: rest.to_owned(),
                ..Point::told(Kind::Point { level: 0 }, vec![rest.to_owned()])
            };
            points.insert(0, rest);
            heading = head.to_owned();
        }
        Self {
            heading,
            own_heading,
            points,
        }
    }
}

/// A long heading's beginning and rest, parted at the last sign or blank that is early enough.
fn beginning(heading: &str) -> (&str, &str) {
    let limit = heading
        .char_indices()
        .nth(HEADING_CHARS)
        .map_or(heading.len(), |(at, _)| at);
    let head = heading.get(..limit).unwrap_or(heading);
    let cut = head
        .rfind([':', ',', ';', '.', '?', '!', '–'])
        .filter(|at| *at > limit / 3)
        .and_then(|at| head.get(at..)?.chars().next().map(|c| at + c.len_utf8()))
        .or_else(|| head.rfind(' ').filter(|at| *at > limit / 3))
        .unwrap_or(limit);
    let (head, rest) = heading.split_at(cut);
    (head.trim(), rest.trim())
}

impl Storyboard {
    /// The storyboard of a script; with a limit in milliseconds, as many whole points as are told
    /// in it at reading pace, taken evenly from all sections (the first point of each, then the
    /// second of each, …) so that a short video still shows the whole page.
    pub(super) fn new(script: &Script, limit_ms: Option<u32>) -> Self {
        let title = tidy(script.title());
        let parts = script
            .sections()
            .iter()
            .map(|section| Part::new(&title, &section.heading, &section.text))
            .collect();
        let mut board = Self { title, parts };
        if let Some(limit_ms) = limit_ms {
            board.shorten(limit_ms);
        }
        board
    }

    fn shorten(&mut self, limit_ms: u32) {
        // A scene's pauses, which reading pace does not know.
        const PAUSES_MS: u32 = 1_500;
        let mut left = limit_ms.saturating_sub(reading_ms(&self.title) + PAUSES_MS);
        let mut kept = vec![0; self.parts.len()];
        let most = self
            .parts
            .iter()
            .map(|part| part.points.len())
            .max()
            .unwrap_or(0);
        'full: for round in 0..most {
            for (part, kept) in self.parts.iter().zip(&mut kept) {
                let Some(point) = part.points.get(round) else {
                    continue;
                };
                let mut cost = point.reading_ms() + 250;
                if round == 0 {
                    cost += PAUSES_MS
                        + if part.own_heading {
                            reading_ms(&part.heading)
                        } else {
                            0
                        };
                }
                if cost > left {
                    break 'full;
                }
                left -= cost;
                *kept = round + 1;
            }
        }
        if let Some(first) = kept.first_mut() {
            *first = (*first).max(1);
        }
        for (part, kept) in self.parts.iter_mut().zip(kept) {
            part.points.truncate(kept);
        }
        self.parts.retain(|part| !part.points.is_empty());
    }
}

/// One line, blanks single, no control characters.
fn tidy(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ScriptSection;

    fn board(text: &str, limit_ms: Option<u32>) -> Storyboard {
        let section = |heading: &str, text: &str| ScriptSection {
            heading: heading.to_owned(),
            text: text.to_owned(),
        };
        let script = Script::new(
            "The plan".into(),
            vec![section("Start", text), section("End", "Done. Really done.")],
        )
        .unwrap();
        Storyboard::new(&script, limit_ms)
    }

    /// The words of what is written, signs aside.
    fn words(text: &str) -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn all_that_is_told_is_written_and_nothing_else() {
        let long = format!(
            "This is the start of it, {}end. Short: one; two.\n\n- Label: an item. With more. And more.\n1. Step, then.\n\nA: b; C: d\nA: e; C: f\n",
            "and it goes on and on ".repeat(30)
        );
        for text in [
            long.as_str(),
            "今日は、明日は。\n\n完了：表を移す",
            &"x".repeat(3_000),
        ] {
            let board = board(text, None);
            for point in board.parts.iter().flat_map(|part| &part.points) {
                let shown = format!("{} {} {}", point.label, point.shown, point.detail);
                assert_eq!(words(&shown), words(&point.told.join(" ")));
                assert!(!shown.contains('…') && point.chars() <= 240);
            }
            let told: Vec<String> = board.parts[0]
                .points
                .iter()
                .flat_map(|it| it.told.clone())
                .collect();
            // All but the number of the list.
            let expected: String = words(text).into_iter().filter(|word| word != "1").collect();
            assert_eq!(words(&told.join(" ")).concat(), expected);
        }
    }

    #[test]
    fn a_long_heading_goes_on_below_itself() {
        let heading = "A heading of many words, and then some more ".repeat(6);
        let section = ScriptSection {
            heading: heading.clone(),
            text: "Text.".into(),
        };
        let script = Script::new("T".into(), vec![section]).unwrap();
        let board = Storyboard::new(&script, None);
        let part = &board.parts[0];
        assert!(part.heading.chars().count() <= HEADING_CHARS);
        assert_eq!(
            format!("{} {}", part.heading, part.points[0].shown),
            heading.trim()
        );
    }

    #[test]
    fn a_limit_takes_whole_points_from_every_section() {
        let full = board(&"One two three four five. ".repeat(30), None);
        let short = board(&"One two three four five. ".repeat(30), Some(30_000));
        assert_eq!(short.parts.len(), 2);
        assert!(short.parts[0].points.len() < full.parts[0].points.len());
        assert!(full.parts[0].points.starts_with(&short.parts[0].points));
        let told: u32 = short
            .parts
            .iter()
            .flat_map(|part| &part.points)
            .map(Point::reading_ms)
            .sum();
        assert!(told < 30_000);
    }
}
