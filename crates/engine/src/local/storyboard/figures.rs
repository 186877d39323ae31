//! Points → figures: rows side by side are a table, comparable figures a chart, steps in order a
//! diagram; all else is a list. It only recognises: what a point tells is never changed.

use super::numbers::{are_times, quantity};
use super::sentences::label;
use super::{Kind, Point};

/// The most columns of a table that is drawn as one.
const MOST_COLUMNS: usize = 5;
/// Rows of one table; more are a further one.
const MOST_ROWS: usize = 24;
/// So many values make a chart.
const CHART_VALUES: std::ops::RangeInclusive<usize> = 3..=9;
/// Series of a chart side by side.
const MOST_SERIES: usize = 3;
/// Characters of a chart's label.
const LABEL_CHARS: usize = 32;
/// The longest sentence that stands above a figure instead of on a board of its own.
const INTRO_CHARS: usize = 120;

/// How points are shown together.
#[derive(Clone, PartialEq)]
pub(in crate::local) enum Figure {
    /// One below the other.
    List,
    /// Boxes with arrows between them.
    Steps,
    /// A row a point.
    Table {
        /// Empty for tables without headers.
        headers: Vec<String>,
        /// As many cells each as the widest row.
        rows: Vec<Vec<String>>,
    },
    /// A label with its values a point.
    Chart(Chart),
    /// A listing.
    Code,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::local) enum Form {
    Bars,
    /// For values over time.
    Line,
}

/// Comparable figures.
#[derive(Clone, PartialEq)]
pub(in crate::local) struct Chart {
    pub form: Form,
    /// What the labels are, e.g. `Quarter`; may be empty.
    pub of: String,
    /// What each series of values is; one empty name where nothing says it.
    pub series: Vec<String>,
    /// One a point.
    pub labels: Vec<String>,
    /// One a point and series, as numbers and as written.
    pub values: Vec<Vec<(f64, String)>>,
}

/// Points that are shown together.
#[derive(Clone)]
pub(in crate::local) struct Group<'a> {
    pub figure: Figure,
    /// A short sentence before the figure that stands on its board.
    pub intro: Option<&'a Point>,
    pub points: &'a [Point],
}

/// Parts a section's points into groups, in their order.
pub(in crate::local) fn groups(points: &[Point]) -> Vec<Group<'_>> {
    let mut found: Vec<Group<'_>> = Vec::new();
    let (mut at, mut plain) = (0, 0);
    while at < points.len() {
        let rest = points.get(at..).unwrap_or_default();
        let Some((length, figure)) = figure(rest) else {
            at += 1;
            continue;
        };
        let mut before = points.get(plain..at).unwrap_or_default();
        let intro = before.split_last().filter(|(last, others)| {
            (others.is_empty() || last.shown.ends_with([':', '：']))
                && last.chars() <= INTRO_CHARS
                && last.kind == Kind::Point { level: 0 }
        });
        let intro = intro.map(|(last, others)| {
            before = others;
            last
        });
        if !before.is_empty() {
            found.push(Group {
                figure: Figure::List,
                intro: None,
                points: before,
            });
        }
        found.push(Group {
            figure,
            intro,
            points: rest.get(..length).unwrap_or_default(),
        });
        at += length;
        plain = at;
    }
    let left = points.get(plain..).unwrap_or_default();
    if !left.is_empty() || found.is_empty() {
        found.push(Group {
            figure: Figure::List,
            intro: None,
            points: left,
        });
    }
    found
}

/// The figure that points begin with, and how many of them are in it.
fn figure(points: &[Point]) -> Option<(usize, Figure)> {
    let first = points.first()?;
    let run =
        |alike: &dyn Fn(&Point) -> bool| points.iter().take_while(|point| alike(point)).count();
    match &first.kind {
        Kind::Code => Some((1, Figure::Code)),
        Kind::Row => {
            let rows = run(&|point| point.kind == Kind::Row).min(MOST_ROWS);
            if rows < 2 {
                return None;
            }
            // Two tables may stand side by side; a table without its last rows is one still.
            [rows, rows / 2, rows / 4, 2]
                .into_iter()
                .find_map(|length| {
                    let (headers, rows) = table(points.get(..length)?)?;
                    let figure = match chart(&headers, &rows) {
                        Some(chart) => Figure::Chart(chart),
                        None => Figure::Table { headers, rows },
                    };
                    Some((length, figure))
                })
        }
        Kind::Numbered { level: 0, .. } => {
            let steps = run(&|point| matches!(point.kind, Kind::Numbered { level: 0, .. }));
            let nested = points.get(steps).is_some_and(|next| {
                matches!(
                    next.kind,
                    Kind::Point { level: 1.. } | Kind::Numbered { level: 1.., .. }
                )
            });
            (steps > 1 && !nested).then_some((steps, Figure::Steps))
        }
        Kind::Point { level: 0 } => {
            let labelled =
                run(&|point| point.kind == Kind::Point { level: 0 } && bare_value(point));
            if CHART_VALUES.contains(&labelled) {
                let rows: Vec<Vec<String>> = points
                    .iter()
                    .take(labelled)
                    .map(|point| vec![point.label.clone(), point.shown.clone()])
                    .collect();
                if let Some(chart) = chart(&[], &rows) {
                    return Some((labelled, Figure::Chart(chart)));
                }
            }
            if labelled > *CHART_VALUES.end() {
                return Some((labelled, Figure::List));
            }
            let steps = sequence(points);
            (steps > 2).then_some((steps, Figure::Steps))
        }
        Kind::Point { .. } | Kind::Numbered { .. } => None,
    }
}

fn bare_value(point: &Point) -> bool {
    !point.label.is_empty() && point.detail.is_empty() && quantity(&point.shown).is_some()
}

/// How many sentences in a row say that they are steps: first …, then …, finally ….
fn sequence(points: &[Point]) -> usize {
    const FIRST: &[&str] = &[
        "first",
        "firstly",
        "to begin with",
        "zuerst",
        "zunächst",
        "erstens",
        "als erstes",
        "d’abord",
        "d'abord",
        "tout d’abord",
        "premièrement",
        "primero",
        "en primer lugar",
        "prima",
        "per prima cosa",
        "primeiro",
        "eerst",
        "ten eerste",
        "först",
        "najpierw",
        "まず",
        "首先",
        "먼저",
        "сначала",
        "спочатку",
        "πρώτα",
        "أولا",
        "أولًا",
        "ראשית",
        "सबसे पहले",
    ];
    const NEXT: &[&str] = &[
        "then",
        "next",
        "after that",
        "afterwards",
        "second",
        "secondly",
        "third",
        "thirdly",
        "finally",
        "lastly",
        "dann",
        "danach",
        "anschließend",
        "zweitens",
        "drittens",
        "schließlich",
        "zuletzt",
        "zum schluss",
        "ensuite",
        "puis",
        "après cela",
        "deuxièmement",
        "enfin",
        "luego",
        "después",
        "a continuación",
        "finalmente",
        "por último",
        "poi",
        "dopo",
        "infine",
        "quindi",
        "depois",
        "em seguida",
        "por fim",
        "daarna",
        "vervolgens",
        "ten slotte",
        "tenslotte",
        "sedan",
        "därefter",
        "slutligen",
        "potem",
        "następnie",
        "na koniec",
        "次に",
        "それから",
        "最後に",
        "然后",
        "接着",
        "最后",
        "다음",
        "그다음",
        "마지막",
        "затем",
        "потом",
        "наконец",
        "потім",
        "нарешті",
        "έπειτα",
        "τέλος",
        "ثم",
        "بعد ذلك",
        "أخيرا",
        "أخيرًا",
        "אחר כך",
        "לבסוף",
        "फिर",
        "अंत में",
    ];
    let begins = |point: &Point, words: &[&str]| {
        let text = point
            .told
            .first()
            .map(|told| told.to_lowercase())
            .unwrap_or_default();
        words.iter().any(|word| {
            text.strip_prefix(word).is_some_and(|rest| {
                let spaced = word.chars().all(|c| c < '\u{2e80}');
                !spaced || rest.starts_with(|c: char| !c.is_alphanumeric())
            })
        })
    };
    let plain = |point: &&Point| matches!(point.kind, Kind::Point { level: 0 });
    match points.first() {
        Some(first) if begins(first, FIRST) => {
            let following = points.iter().skip(1).take_while(plain);
            1 + following.take_while(|point| begins(point, NEXT)).count()
        }
        _ => 0,
    }
}

/// Headers and cells of rows that have the same columns.
fn table(points: &[Point]) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let rows: Vec<&str> = points.iter().map(|point| point.shown.as_str()).collect();
    let headers = headers(&rows);
    let cells: Vec<Vec<String>> = if headers.is_empty() {
        let keyed = rows.iter().all(|row| label(row).is_some());
        rows.iter()
            .map(|row| {
                let (key, rest) = label(row).filter(|_| keyed).unwrap_or(("", row));
                let key = (!key.is_empty()).then(|| key.to_owned());
                let cells = rest
                    .split(&[';', '；'][..])
                    .map(|cell| cell.trim().to_owned());
                key.into_iter().chain(cells).collect()
            })
            .collect()
    } else {
        rows.iter()
            .map(|row| cells(row, &headers))
            .collect::<Option<_>>()?
    };
    let columns = cells.iter().map(Vec::len).max()?;
    let same = cells.iter().all(|row| row.len() == columns);
    (same && (2..=MOST_COLUMNS).contains(&columns)).then_some((headers, cells))
}

/// What stands before a colon in at least two rows, in the order of the columns.
fn headers(rows: &[&str]) -> Vec<String> {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for row in rows {
        // A cell that ends with a full stop has no semicolon after it.
        for piece in row
            .split(&[';', '；'][..])
            .flat_map(|piece| piece.split_inclusive(". "))
        {
            let Some((header, _)) = label(piece.trim()) else {
                continue;
            };
            match counted.iter_mut().find(|(known, _)| *known == header) {
                Some((_, count)) => *count += 1,
                None => counted.push((header, 1)),
            }
        }
    }
    counted
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|(header, _)| header.to_owned())
        .collect()
}

/// A row's cells, empty where the row does not have a column; `None` if something of the row is in
/// no column.
fn cells(row: &str, headers: &[String]) -> Option<Vec<String>> {
    let mut starts: Vec<(usize, usize, usize)> = Vec::new();
    let mut from = 0;
    for (column, header) in headers.iter().enumerate() {
        let rest = row.get(from..)?;
        let found = rest.match_indices(header.as_str()).find_map(|(at, _)| {
            let end = at + header.len();
            let tail = rest.get(end..)?;
            let sign = [": ", "："].iter().find(|sign| tail.starts_with(**sign))?;
            let before = rest.get(..at)?;
            let parted = from + at == 0
                || before.ends_with(' ')
                || before.ends_with(['；', '。', '！', '？']);
            parted.then_some((at, end + sign.len()))
        });
        if let Some((at, end)) = found {
            starts.push((column, from + at, from + end));
            from += end;
        }
    }
    if starts.first()?.1 != 0 {
        return None;
    }
    let mut cells = vec![String::new(); headers.len()];
    for (index, (column, _, start)) in starts.iter().enumerate() {
        let end = starts
            .get(index + 1)
            .map_or(row.len(), |(_, next, _)| *next);
        let cell = row.get(*start..end)?.trim().trim_end_matches([';', '；']);
        *cells.get_mut(*column)? = cell.trim_end().to_owned();
    }
    Some(cells)
}

/// A chart of a table whose first column names things and whose others hold comparable figures.
fn chart(headers: &[String], rows: &[Vec<String>]) -> Option<Chart> {
    const NAMES: &[&str] = &[
        "id", "no", "nr", "#", "port", "version", "code", "year", "jahr", "año", "année",
    ];
    let columns = rows.first()?.len();
    if !CHART_VALUES.contains(&rows.len()) || !(2..=1 + MOST_SERIES).contains(&columns) {
        return None;
    }
    let named = |header: &String| NAMES.contains(&header.to_lowercase().trim_end_matches('.'));
    if headers.iter().skip(1).any(named) {
        return None;
    }
    let mut unit = None;
    let mut values = Vec::new();
    for row in rows {
        let mut of_row = Vec::new();
        for cell in row.get(1..)? {
            let (value, its) = quantity(cell)?;
            if unit.get_or_insert_with(|| its.clone()) != &its {
                return None;
            }
            of_row.push((value, cell.clone()));
        }
        values.push(of_row);
    }
    let labels: Vec<String> = rows.iter().filter_map(|row| row.first().cloned()).collect();
    let said = |label: &String| !label.is_empty() && label.chars().count() <= LABEL_CHARS;
    let all = || values.iter().flatten().map(|(value, _)| *value);
    let (least, most) = (all().fold(f64::MAX, f64::min), all().fold(0.0, f64::max));
    // Bars of which one is a thousand times the other compare nothing.
    if !labels.iter().all(said) || most <= least || (least > 0.0 && most > least * 500.0) {
        return None;
    }
    let texts: Vec<&str> = labels.iter().map(String::as_str).collect();
    let times = are_times(&texts);
    if !times && texts.iter().all(|label| quantity(label).is_some()) {
        return None;
    }
    let series = match headers.get(1..) {
        Some(names) if !names.is_empty() => names.to_vec(),
        _ => vec![String::new(); columns - 1],
    };
    Some(Chart {
        form: if times && rows.len() > 3 {
            Form::Line
        } else {
            Form::Bars
        },
        of: headers.first().cloned().unwrap_or_default(),
        series,
        labels,
        values,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::storyboard::lines::points;

    fn told(text: &str) -> Vec<String> {
        groups(&points(text))
            .iter()
            .map(|group| {
                let name = match &group.figure {
                    Figure::List => "list".to_owned(),
                    Figure::Steps => "steps".to_owned(),
                    Figure::Code => "code".to_owned(),
                    Figure::Table { headers, rows } => format!("table {headers:?} {rows:?}"),
                    Figure::Chart(chart) => {
                        format!("{:?} {:?} {:?}", chart.form, chart.series, chart.labels)
                    }
                };
                let intro = if group.intro.is_some() { "intro, " } else { "" };
                format!("{intro}{} {name}", group.points.len())
            })
            .collect()
    }

    #[test]
    fn figures_are_recognised() {
        let table: &[(&str, &[&str])] = &[
            ("One. Two.\n- three", &["3 list"]),
            (
                "A short start.\n1. One\n2. Two. And more.",
                &["intro, 2 steps"],
            ),
            ("1. One\n   - below\n2. Two", &["3 list"]),
            (
                "First, go. Then stop. Finally, rest. Well.",
                &["3 steps", "1 list"],
            ),
            (
                "Zuerst gehen wir. Danach halten wir. Schließlich ruhen wir.",
                &["3 steps"],
            ),
            ("First we go. We stop.", &["2 list"]),
            (
                "Stage: Check; Cause: A file\nStage: Build; Cause: It moved. Or not.\nStage: Try",
                &[
                    r#"3 table ["Stage", "Cause"] [["Check", "A file"], ["Build", "It moved. Or not."], ["Try", ""]]"#,
                ],
            ),
            (
                "Owner: team\nState: done",
                &[r#"2 table [] [["Owner", "team"], ["State", "done"]]"#],
            ),
            ("a; b\nc; d", &[r#"2 table [] [["a", "b"], ["c", "d"]]"#]),
            (
                "Team: North; Sales: 12 %\nTeam: South; Sales: 40 %\nTeam: West; Sales: 8 %",
                &[r#"3 Bars ["Sales"] ["North", "South", "West"]"#],
            ),
            (
                "Month: May; A: 1; B: 2\nMonth: June; A: 3; B: 4\nMonth: July; A: 3; B: 4\nMonth: August; A: 3; B: 4",
                &[r#"4 Line ["A", "B"] ["May", "June", "July", "August"]"#],
            ),
            (
                "Shares:\n\n- North: 12 %\n- South: 3 %\n- East: 4 %",
                &[r#"intro, 3 Bars [""] ["North", "South", "East"]"#],
            ),
            // Nothing to compare: other units, all the same, identifiers.
            ("- A: 1 %\n- B: 3 km\n- C: 4 m", &["3 list"]),
            ("- A: 1\n- B: 1\n- C: 1", &["3 list"]),
            (
                "N: a; Id: 1\nN: b; Id: 2\nN: c; Id: 3",
                &[r#"3 table ["N", "Id"] [["a", "1"], ["b", "2"], ["c", "3"]]"#],
            ),
            ("let x = f();\nlet y = g();", &["1 code"]),
            ("", &["0 list"]),
        ];
        for (text, expected) in table {
            assert_eq!(&told(text), expected, "{text}");
        }
    }
}
