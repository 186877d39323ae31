//! Script → what is shown and said, section by section: pure text work, with no fonts, no clock
//! and no I/O. It never drops a sentence except to keep a chosen length, and then from the end of
//! a section and of the script, in whole sentences.

use protocol::Script;

/// Words a sentence may have and still be shown whole; a longer one is shown by its first clauses
/// and said in full.
const POINT_WORDS: usize = 28;
/// Characters of one point on the board, for text without blanks.
const POINT_CHARS: usize = 190;
/// Lines of code shown as one block.
const CODE_LINES: usize = 9;

/// What a point looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sentence of prose or a list item, `level` lists deep.
    Point { level: usize },
    /// An item of a numbered list with its number.
    Numbered { level: usize, number: String },
    /// A table's row as `Header: cell` pairs; the headers stand out.
    Row,
    /// Lines of code, shown as they are.
    Code,
}

/// One thing that is written on the board while it is told.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub kind: Kind,
    /// What is written.
    pub shown: String,
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

impl Storyboard {
    /// The storyboard of a script; with a limit in milliseconds, as many whole points as are told
    /// in it at reading pace, taken evenly from all sections (the first point of each, then the
    /// second of each, …) so that a short video still shows the whole page.
    pub(super) fn new(script: &Script, limit_ms: Option<u32>) -> Self {
        let title = tidy(script.title());
        let parts = script
            .sections()
            .iter()
            .map(|section| {
                let heading = tidy(&section.heading);
                let own_heading = !heading.is_empty() && heading != title;
                Part {
                    heading: if heading.is_empty() {
                        title.clone()
                    } else {
                        heading
                    },
                    own_heading,
                    points: points(&section.text),
                }
            })
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

fn points(text: &str) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut code: Vec<&str> = Vec::new();
    let mut prose = String::new();
    let mut fenced = false;
    let blocks = code_blocks(text);
    let lines = text.lines().zip(blocks).chain([("", false)]);
    for (line, in_code_block) in lines {
        let trimmed = line.trim();
        let fence = trimmed.starts_with("```");
        if fence {
            fenced = !fenced;
        }
        let item = list_item(line);
        let is_code = !fence && !trimmed.is_empty() && (fenced || in_code_block);
        if !is_code {
            flush_code(&mut code, &mut points);
        }
        let ends_prose =
            is_code || fence || trimmed.is_empty() || item.is_some() || is_row(trimmed);
        if ends_prose {
            flush_prose(&mut prose, &mut points);
        }
        if is_code {
            code.push(line);
        } else if fence || trimmed.is_empty() {
        } else if let Some((level, number, text)) = item {
            let told = sentences(&tidy(text));
            if told.is_empty() {
                continue;
            }
            for (at, sentence) in told.into_iter().enumerate() {
                let kind = match &number {
                    Some(number) if at == 0 => Kind::Numbered {
                        level,
                        number: number.clone(),
                    },
                    // What follows in the same item hangs below it.
                    _ => Kind::Point {
                        level: level + usize::from(at > 0),
                    },
                };
                points.push(point(kind, sentence));
            }
        } else if is_row(trimmed) {
            let row = tidy(trimmed);
            points.push(Point {
                kind: Kind::Row,
                shown: shorten_chars(&row, 2 * POINT_CHARS),
                told: vec![row],
                aloud: true,
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

fn point(kind: Kind, sentence: String) -> Point {
    Point {
        kind,
        shown: shown(&sentence),
        told: vec![sentence],
        aloud: true,
    }
}

fn flush_prose(prose: &mut String, points: &mut Vec<Point>) {
    for sentence in sentences(&tidy(prose)) {
        points.push(point(Kind::Point { level: 0 }, sentence));
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
    for lines in code.chunks(CODE_LINES) {
        let clean: Vec<String> = lines
            .iter()
            .map(|line| {
                let line: String = line
                    .chars()
                    .skip(indent)
                    .map(|c| if c == '\t' { ' ' } else { c })
                    .filter(|c| !c.is_control())
                    .collect();
                line.trim_end().to_owned()
            })
            .collect();
        let told: Vec<String> = clean
            .iter()
            .map(|line| tidy(line))
            .filter(|line| !line.is_empty())
            .collect();
        if !told.is_empty() {
            let shown = clean
                .iter()
                .map(|line| shorten_chars(line, 120))
                .collect::<Vec<_>>()
                .join("\n");
            points.push(Point {
                kind: Kind::Code,
                shown,
                told: vec![told.join(" ")],
                aloud: false,
            });
        }
    }
    code.clear();
}

/// `- text` or `1. text`, indented by two blanks a level: level, number, text.
fn list_item(line: &str) -> Option<(usize, Option<String>, &str)> {
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

/// `Header: cell; Header: cell` — two pairs at least, or one short one.
fn is_row(line: &str) -> bool {
    let pairs: Vec<_> = line.split("; ").collect();
    let all = pairs.iter().all(|pair| header(pair).is_some());
    all && (pairs.len() > 1
        || (line.split_whitespace().count() <= 8 && !line.ends_with(['.', ':'])))
}

/// The header of a `Header: cell` pair.
pub(super) fn header(pair: &str) -> Option<&str> {
    let (header, cell) = pair.split_once(": ")?;
    let fits = header.split_whitespace().count() <= 4
        && header.chars().any(char::is_alphanumeric)
        && !cell.trim().is_empty();
    fits.then_some(header)
}

/// For each line, whether it is code. Lines that no empty line parts are all code if a third of
/// them is: a script's paragraphs are single lines, while code keeps its own.
fn code_blocks(text: &str) -> Vec<bool> {
    let lines: Vec<&str> = text.lines().collect();
    let plain = |line: &str| list_item(line).is_none() && !is_row(line.trim());
    let mut code = vec![false; lines.len()];
    let mut start = 0;
    while start < lines.len() {
        let rest = lines.get(start..).unwrap_or_default();
        let length = rest
            .iter()
            .take_while(|line| !line.trim().is_empty())
            .count();
        let block = rest.get(..length).unwrap_or_default();
        let alike: Vec<bool> = block
            .iter()
            .map(|line| plain(line) && looks_like_code(line))
            .collect();
        let count = alike.iter().filter(|code| **code).count();
        let whole =
            length > 1 && count * 3 >= length && block.iter().all(|line| list_item(line).is_none());
        for (at, (alike, line)) in alike.into_iter().zip(block).enumerate() {
            if let Some(code) = code.get_mut(start + at) {
                *code = alike || (whole && plain(line));
            }
        }
        start += length + 1;
    }
    code
}

/// Whether an unmarked line is code: it ends like code, or has two of code's habits.
fn looks_like_code(line: &str) -> bool {
    let text = line.trim();
    if text.ends_with(['{', '}', ';']) && !text.contains(". ")
        || text.starts_with("$ ")
        || text.starts_with("#!")
    {
        return true;
    }
    let habits = [
        "()", "](", "::", "=>", "->", " = ", "==", "\": ", "</", "{\"", "fn ", "def ", "const ",
        "import ", "SELECT ", " && ", " | ", "$(", "=$",
    ];
    // Options and variables of a shell.
    let marked = |mark: &str, next: fn(char) -> bool| {
        let mut words = text
            .split_whitespace()
            .filter_map(|word| word.strip_prefix(mark));
        words.any(|rest| rest.starts_with(next))
    };
    let shell = usize::from(marked("--", char::is_alphabetic))
        + usize::from(marked("$", |c| c.is_alphabetic() || "({".contains(c)));
    let found = shell + habits.iter().filter(|habit| text.contains(**habit)).count();
    let symbols = text
        .chars()
        .filter(|c| "{}()[]<>=;|&$\\_\"'/".contains(*c))
        .count();
    found >= 2
        || (found == 1 && symbols * 6 > text.chars().count())
        || (line.starts_with("    ") && symbols * 8 > text.chars().count())
}

/// The sentences of a line of prose. A full stop ends one when a blank and no small letter
/// follows, and what stands before it is neither one letter nor a common abbreviation.
fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let wide = matches!(c, '。' | '！' | '？');
        if !wide && !matches!(c, '.' | '!' | '?' | '…' | '।' | '؟') {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some(&(_, next)) = chars.peek() {
            if !matches!(next, '.' | '!' | '?' | '"' | '”' | '»' | ')' | '’') {
                break;
            }
            end += next.len_utf8();
            chars.next();
        }
        let rest = text.get(end..).unwrap_or_default();
        let mut after = rest.chars();
        let parts = wide
            || (after.next().is_none_or(char::is_whitespace)
                && !after.next().is_some_and(char::is_lowercase));
        if !parts || (c == '.' && abbreviated(text.get(start..at).unwrap_or_default())) {
            continue;
        }
        push_sentence(text.get(start..end).unwrap_or_default(), &mut found);
        start = end;
    }
    push_sentence(text.get(start..).unwrap_or_default(), &mut found);
    found
}

fn push_sentence(text: &str, found: &mut Vec<String>) {
    // A caption or a breath has its limits too: what is longer goes on in the next one.
    const MOST_CHARS: usize = 400;
    let mut text = text.trim();
    while text.chars().count() > MOST_CHARS {
        let limit = text
            .char_indices()
            .nth(MOST_CHARS)
            .map_or(text.len(), |(at, _)| at);
        let head = text.get(..limit).unwrap_or(text);
        let cut = head
            .rfind([',', ';', ':'])
            .map(|at| at + 1)
            .filter(|at| *at > limit / 3)
            .or_else(|| head.rfind(' ').filter(|at| *at > limit / 3))
            .unwrap_or(limit);
        let (first, rest) = text.split_at(cut);
        found.push(first.trim().to_owned());
        text = rest.trim();
    }
    if text.chars().any(char::is_alphanumeric) {
        found.push(text.to_owned());
    } else if !text.is_empty() {
        match found.last_mut() {
            Some(last) => {
                last.push(' ');
                last.push_str(text);
            }
            None => found.push(text.to_owned()),
        }
    }
}

fn abbreviated(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or_default();
    let known = [
        "e.g", "i.e", "z.B", "d.h", "u.a", "etc", "vs", "cf", "No", "Nr", "Dr", "Mr", "Mrs", "St",
        "approx", "ca", "bzw", "p.ej", "resp", "Inc", "Ltd",
    ];
    let digits =
        !word.is_empty() && word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    (word.chars().count() == 1 && word.chars().all(char::is_alphabetic))
        || digits
        || known.contains(&word)
}

/// What is written of a sentence: all of it, or its first clauses and `…`. A lone full stop at the
/// end is not written.
fn shown(sentence: &str) -> String {
    let words: Vec<&str> = sentence.split(' ').collect();
    let mut text = sentence.to_owned();
    if words.len() > POINT_WORDS {
        let clause = (5..=POINT_WORDS).rev().find(|&count| {
            words
                .get(count - 1)
                .is_some_and(|word| word.ends_with([',', ';', ':']) || matches!(*word, "–" | "—"))
        });
        let kept = words
            .get(..clause.unwrap_or(POINT_WORDS - 2))
            .unwrap_or(&words)
            .join(" ");
        text = format!(
            "{} …",
            kept.trim_end_matches([',', ';', ':', '–', '—', ' '])
        );
    }
    let text = shorten_chars(&text, POINT_CHARS);
    match text.strip_suffix('.') {
        Some(rest) if !rest.ends_with('.') => rest.to_owned(),
        _ => text,
    }
}

/// At most so many characters, cut at a blank where one is near, with `…`.
pub(super) fn shorten_chars(text: &str, most: usize) -> String {
    let Some((limit, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    let head = text.get(..limit).unwrap_or(text);
    let cut = head
        .rfind(' ')
        .filter(|at| *at > limit * 2 / 3)
        .unwrap_or(limit);
    format!("{} …", head.get(..cut).unwrap_or(head).trim_end())
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

    #[test]
    fn sentences_end_where_sentences_end() {
        let table: &[(&str, &[&str])] = &[
            ("One. Two! Three?", &["One.", "Two!", "Three?"]),
            (
                "Use e.g. a pen, i.e. this. Then stop.",
                &["Use e.g. a pen, i.e. this.", "Then stop."],
            ),
            (
                "Version 1.2.3 is out. See example.com now.",
                &["Version 1.2.3 is out.", "See example.com now."],
            ),
            (
                "Er sagte: „Ja.“ Überall ist es so.",
                &["Er sagte: „Ja.“ Überall ist es so."],
            ),
            (
                "He said \"yes.\" Then he left.",
                &["He said \"yes.\"", "Then he left."],
            ),
            ("今日は。明日は！", &["今日は。", "明日は！"]),
            ("Wait … what", &["Wait … what"]),
            ("Am 3. Mai geht es los.", &["Am 3. Mai geht es los."]),
            ("...", &["..."]),
            ("", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(&sentences(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_become_points_of_their_kind() {
        let board = board(
            "We start here. It is easy.\nStill prose.\n\n- first\n  - nested one\n1. numbered. And more.\nName: pen; Price: 3 €\nlet x = f();\nif x { y(); }\n\nDone",
            None,
        );
        let seen: Vec<_> = board.parts[0]
            .points
            .iter()
            .map(|point| (point.kind.clone(), point.shown.as_str()))
            .collect();
        let plain = |level| Kind::Point { level };
        assert_eq!(
            seen,
            [
                (plain(0), "We start here"),
                (plain(0), "It is easy"),
                (plain(0), "Still prose"),
                (plain(0), "first"),
                (plain(1), "nested one"),
                (
                    Kind::Numbered {
                        level: 0,
                        number: "1".into()
                    },
                    "numbered"
                ),
                (plain(1), "And more"),
                (Kind::Row, "Name: pen; Price: 3 €"),
                (Kind::Code, "let x = f();\nif x { y(); }"),
                (plain(0), "Done"),
            ]
        );
    }

    #[test]
    fn prose_is_not_code() {
        for line in [
            "We ship it (soon).",
            "Costs are 3 = three.",
            "Read/write access: yes",
            "A – B → C is the way.",
        ] {
            assert!(!looks_like_code(line), "{line}");
        }
        for line in [
            "cargo run -- --once | tee out && echo $x",
            "const a = b();",
            "{\"key\": \"value\"}",
            "$ make",
            "billingctl release start --version $RELEASE",
        ] {
            assert!(looks_like_code(line), "{line}");
        }
    }

    #[test]
    fn long_sentences_are_told_whole_and_shown_by_their_first_clauses() {
        let long = format!(
            "This is the start of it, {}end.",
            "and it goes on and on ".repeat(6)
        );
        let board = board(&long, None);
        assert_eq!(board.parts[0].points[0].shown, "This is the start of it …");
        assert_eq!(board.parts[0].points[0].told, [long.trim()]);
        let word = "x".repeat(5_000);
        let told: String = sentences(&word).concat();
        assert_eq!(told, word);
        assert!(shown(&word).chars().count() <= POINT_CHARS + 2);
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
