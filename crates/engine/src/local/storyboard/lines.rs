//! A section's lines → points, in the order in which they are told: sentences of prose, items of
//! lists, rows of tables, blocks of code.

use super::code::code_blocks;
use super::sentences::{clauses, label, sentences, without_stop};
use super::{Kind, Point, tidy};

/// Lines of code shown as one block, and their characters.
const CODE_LINES: usize = 10;
const CODE_CHARS: usize = 560;
/// Characters of a line of code; the rest goes on in the next line.
const CODE_WIDTH: usize = 140;
/// Characters of an item that is one point with all its sentences.
const ITEM_CHARS: usize = 170;

pub(super) fn points(text: &str) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut code: Vec<&str> = Vec::new();
    let mut prose = String::new();
    let mut fenced = false;
    let blocks = code_blocks(text);
    let rows = bare_rows(text);
    let lines = text
        .lines()
        .zip(blocks)
        .zip(rows)
        .chain([(("", false), false)]);
    for ((line, in_code_block), bare_row) in lines {
        let trimmed = line.trim();
        let fence = trimmed.starts_with("```");
        if fence {
            fenced = !fenced;
        }
        let item = list_item(line);
        let is_code = !fence && !trimmed.is_empty() && (fenced || in_code_block);
        let row = is_row(trimmed) || bare_row;
        if !is_code {
            flush_code(&mut code, &mut points);
        }
        if is_code || fence || trimmed.is_empty() || item.is_some() || row {
            flush_prose(&mut prose, &mut points);
        }
        if is_code {
            code.push(line);
        } else if fence || trimmed.is_empty() {
        } else if let Some((level, number, text)) = item {
            let kind = match number {
                Some(number) => Kind::Numbered { level, number },
                None => Kind::Point { level },
            };
            item_points(kind, level, sentences(&tidy(text)), &mut points);
        } else if row {
            let row = tidy(trimmed);
            points.push(Point {
                shown: row.clone(),
                ..Point::told(Kind::Row, vec![row])
            });
        } else {
            if !prose.is_empty() {
                prose.push(' ');
            }
            prose.push_str(trimmed);
        }
    }
    flush_code(&mut code, &mut points);
    points
}

/// A sentence as it is written: its label, its first clauses, the rest.
pub(super) fn written(kind: Kind, sentence: &str) -> Point {
    let (label, rest) = label(sentence).unwrap_or(("", sentence));
    let (shown, detail) = clauses(without_stop(rest));
    Point {
        label: label.to_owned(),
        shown: shown.to_owned(),
        detail: detail.to_owned(),
        ..Point::told(kind, vec![sentence.to_owned()])
    }
}

/// An item with all its sentences, or a point for each where they are long.
fn item_points(kind: Kind, level: usize, told: Vec<String>, points: &mut Vec<Point>) {
    let length: usize = told.iter().map(|sentence| sentence.chars().count()).sum();
    let Some((first, rest)) = told.split_first() else {
        return;
    };
    let mut point = written(kind, first);
    if !rest.is_empty() && length <= ITEM_CHARS && point.detail.is_empty() {
        point.detail = without_stop(&rest.join(" ")).to_owned();
        point.told = told;
        points.push(point);
        return;
    }
    points.push(point);
    // What follows in the same item hangs below it.
    let below = Kind::Point { level: level + 1 };
    points.extend(rest.iter().map(|sentence| written(below.clone(), sentence)));
}

fn flush_prose(prose: &mut String, points: &mut Vec<Point>) {
    for sentence in sentences(&tidy(prose)) {
        points.push(written(Kind::Point { level: 0 }, &sentence));
    }
    prose.clear();
}

fn flush_code(code: &mut Vec<&str>, points: &mut Vec<Point>) {
    let indent = code
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min()
        .unwrap_or(0);
    let mut block: Vec<String> = Vec::new();
    let mut chars = 0;
    for line in code.drain(..) {
        let line: String = line
            .chars()
            .skip(indent)
            .map(|c| if c == '\t' { ' ' } else { c })
            .filter(|c| !c.is_control())
            .collect();
        let letters: Vec<char> = line.trim_end().chars().collect();
        for piece in letters.chunks(CODE_WIDTH) {
            if block.len() >= CODE_LINES || chars + piece.len() > CODE_CHARS {
                push_code(&mut block, points);
                chars = 0;
            }
            chars += piece.len();
            block.push(piece.iter().collect());
        }
    }
    push_code(&mut block, points);
}

fn push_code(block: &mut Vec<String>, points: &mut Vec<Point>) {
    let told: Vec<String> = block
        .iter()
        .map(|line| tidy(line))
        .filter(|line| !line.is_empty())
        .collect();
    if !told.is_empty() {
        points.push(Point {
            shown: block.join("\n"),
            aloud: false,
            ..Point::told(Kind::Code, vec![told.join(" ")])
        });
    }
    block.clear();
}

/// `- text` or `1. text`, indented by two blanks a level: level, number, text.
pub(super) fn list_item(line: &str) -> Option<(usize, Option<String>, &str)> {
    let text = line.trim_start_matches(' ');
    let level = ((line.len() - text.len()) / 2).min(3);
    for bullet in ["- ", "* ", "• "] {
        if let Some(rest) = text.strip_prefix(bullet) {
            return Some((level, None, rest));
        }
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.get(digits..)?.strip_prefix(". ")?;
    (1..=3)
        .contains(&digits)
        .then(|| (level, text.get(..digits).map(str::to_owned), rest))
}

/// `Header: cell; Header: cell`: two pairs at least, or one short one.
pub(super) fn is_row(line: &str) -> bool {
    let pairs: Vec<_> = line.split(&[';', '；'][..]).collect();
    let all = pairs.iter().all(|pair| label(pair.trim()).is_some());
    all && (pairs.len() > 1
        || (line.split_whitespace().count() <= 8 && !line.ends_with(['.', ':', '。', '：'])))
}

/// For each line, whether it is a row of a table without headers: lines side by side of as many
/// short cells each, `cell; cell; cell`.
fn bare_rows(text: &str) -> Vec<bool> {
    let lines: Vec<&str> = text.lines().collect();
    let cells = |line: &&str| {
        let line = line.trim();
        let cells: Vec<&str> = line.split("; ").collect();
        let short = cells.iter().all(|cell| cell.chars().count() <= 60);
        let row = cells.len() > 1 && short && list_item(line).is_none() && !line.ends_with('.');
        row.then_some(cells.len())
    };
    let counts: Vec<Option<usize>> = lines.iter().map(cells).collect();
    let at = |at: usize| counts.get(at).copied().flatten();
    (0..counts.len())
        .map(|line| {
            let alike = |other: Option<usize>| other.is_some_and(|other| at(other) == at(line));
            at(line).is_some() && (alike(line.checked_sub(1)) || alike(Some(line + 1)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_points_of_their_kind() {
        let seen: Vec<_> = points(
            "We start here. It is easy.\nStill prose.\n\n- first\n  - nested one\n1. numbered. And more.\nName: pen; Price: 3 €\nlet x = f();\nif x { y(); }\n\nDone\n\na; b\nc; d",
        )
        .into_iter()
        .map(|point| (point.kind, point.label, point.shown, point.detail))
        .collect();
        let plain = |level| Kind::Point { level };
        let one = Kind::Numbered {
            level: 0,
            number: "1".into(),
        };
        let expected = [
            (plain(0), "", "We start here", ""),
            (plain(0), "", "It is easy", ""),
            (plain(0), "", "Still prose", ""),
            (plain(0), "", "first", ""),
            (plain(1), "", "nested one", ""),
            (one, "", "numbered", "And more"),
            (Kind::Row, "", "Name: pen; Price: 3 €", ""),
            (Kind::Code, "", "let x = f();\nif x { y(); }", ""),
            (plain(0), "", "Done", ""),
            (Kind::Row, "", "a; b", ""),
            (Kind::Row, "", "c; d", ""),
        ];
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(kind, label, shown, detail)| {
                (kind, label.to_owned(), shown.to_owned(), detail.to_owned())
            })
            .collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn code_is_shown_whole_in_blocks_of_a_board() {
        let code = format!("let x = \"{}\";\n", "y".repeat(1_000)).repeat(4);
        let shown = points(&code);
        assert!(shown.iter().all(|point| point.shown.chars().count() <= 700));
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
        let all: usize = shown.iter().map(|point| letters(&point.shown)).sum();
        assert_eq!(all, letters(&code));
    }
}
