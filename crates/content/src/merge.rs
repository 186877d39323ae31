//! Brings a person's edits of a script onto the script of a page that has changed since. It must never
//! lose what the person wrote: where both changed the same lines the person's stay, and it is said.

use std::collections::BTreeMap;

use protocol::{Script, ScriptSection};

/// A script with both changes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The script.
    pub script: Script,
    /// The sections of it, by index, where the person and the page changed the same lines, or one
    /// of them deleted what the other changed. Of lines the person's are kept, of sections the
    /// changed ones.
    pub conflicts: Vec<u32>,
    /// Whether both gave it another title; the person's is kept.
    pub title_conflicts: bool,
}

/// Merges what a person made of `base` (`edited`) with what the page became since (`new`), section by
/// section and line by line.
///
/// Sections are known by their headings, renamed ones by their words. Those that the page moved
/// move, those that the person moved stay there otherwise. A merge beyond the limits of a script is
/// the person's script with a conflict in each section.
pub fn merge(base: &Script, edited: &Script, new: &Script) -> Merge {
    let (title, title_conflicts) = choose(base.title(), edited.title(), new.title());
    let (sections, conflicts) = if edited.sections() == new.sections() {
        (edited.sections().to_vec(), Vec::new())
    } else {
        merge_sections(base.sections(), edited.sections(), new.sections())
    };
    match Script::new(title.to_owned(), sections) {
        Ok(script) => Merge {
            script,
            conflicts,
            title_conflicts,
        },
        Err(_) => Merge {
            script: edited.clone(),
            conflicts: (0..).take(edited.sections().len()).collect(),
            title_conflicts,
        },
    }
}

/// Of three states of one thing the changed one, and whether both changed it.
fn choose<'a>(base: &'a str, edited: &'a str, new: &'a str) -> (&'a str, bool) {
    if edited == base {
        (new, false)
    } else {
        (edited, new != base && new != edited)
    }
}

/// One section in up to three scripts, by index.
#[derive(Clone, Copy, Default)]
struct Node {
    base: Option<usize>,
    edited: Option<usize>,
    new: Option<usize>,
}

fn merge_sections(
    base: &[ScriptSection],
    edited: &[ScriptSection],
    new: &[ScriptSection],
) -> (Vec<ScriptSection>, Vec<u32>) {
    let nodes = nodes(base, edited, new);
    let mut sections = Vec::new();
    let mut conflicts = Vec::new();
    for node in nodes {
        let of = |sections: &'_ [ScriptSection], index: Option<usize>| {
            index.and_then(|index| sections.get(index)).cloned()
        };
        let (was, by_person, by_page) = (
            of(base, node.base),
            of(edited, node.edited),
            of(new, node.new),
        );
        let (section, is_conflict) = match (was, by_person, by_page) {
            // Deleted by one: stays so unless the other changed it.
            (Some(was), Some(other), None) | (Some(was), None, Some(other)) => {
                if was == other {
                    continue;
                }
                (other, true)
            }
            // Added by one.
            (None, Some(section), None) | (None, None, Some(section)) => (section, false),
            (was, Some(by_person), Some(by_page)) => {
                let was = was.unwrap_or(ScriptSection {
                    heading: by_person.heading.clone(),
                    text: String::new(),
                });
                merge_section(&was, &by_person, &by_page)
            }
            (_, None, None) => continue,
        };
        if section.heading.trim().is_empty() && section.text.trim().is_empty() {
            continue;
        }
        if is_conflict {
            conflicts.push(u32::try_from(sections.len()).unwrap_or(u32::MAX));
        }
        sections.push(section);
    }
    (sections, conflicts)
}

fn merge_section(
    base: &ScriptSection,
    edited: &ScriptSection,
    new: &ScriptSection,
) -> (ScriptSection, bool) {
    let (heading, heading_conflicts) = choose(&base.heading, &edited.heading, &new.heading);
    let (text, text_conflicts) = merge_text(&base.text, &edited.text, &new.text);
    let section = ScriptSection {
        heading: heading.to_owned(),
        text,
    };
    (section, heading_conflicts || text_conflicts)
}

/// All sections in the order of the merge.
fn nodes(base: &[ScriptSection], edited: &[ScriptSection], new: &[ScriptSection]) -> Vec<Node> {
    let all = |sections: &[ScriptSection]| vec![false; sections.len()];
    let (mut base_taken, mut edited_taken, mut new_taken) = (all(base), all(edited), all(new));
    let to_edited = pair(base, &mut base_taken, edited, &mut edited_taken);
    base_taken.fill(false);
    let to_new = pair(base, &mut base_taken, new, &mut new_taken);
    // Sections that both added are one where they are called or say the same.
    let added = pair(edited, &mut edited_taken, new, &mut new_taken);

    let mut of_edited: Vec<Node> = (0..edited.len())
        .map(|index| Node {
            edited: Some(index),
            new: added.get(index).copied().flatten(),
            base: None,
        })
        .collect();
    let mut of_new: Vec<Node> = (0..new.len())
        .map(|index| Node {
            new: Some(index),
            ..Node::default()
        })
        .collect();
    for index in 0..base.len() {
        let in_edited = to_edited.get(index).copied().flatten();
        let in_new = to_new.get(index).copied().flatten();
        if let Some(node) = in_edited.and_then(|it| of_edited.get_mut(it)) {
            node.base = Some(index);
            node.new = in_new;
        }
        if let Some(node) = in_new.and_then(|it| of_new.get_mut(it)) {
            node.base = Some(index);
            node.edited = in_edited;
        }
    }
    for node in &of_edited {
        if let Some(other) = node.new.and_then(|it| of_new.get_mut(it)) {
            other.edited = node.edited;
        }
    }
    let in_base = of_new.iter().filter_map(|node| node.base);
    let page_moved = !in_base.is_sorted();
    if page_moved {
        woven(of_new, &of_edited, |node| node.edited, |node| node.new)
    } else {
        woven(of_edited, &of_new, |node| node.new, |node| node.edited)
    }
}

/// The nodes of one script in its order, and behind their neighbours those that only the other has.
fn woven(
    mut nodes: Vec<Node>,
    others: &[Node],
    other: fn(&Node) -> Option<usize>,
    own: fn(&Node) -> Option<usize>,
) -> Vec<Node> {
    let mut place = 0;
    for node in others {
        if own(node).is_some() {
            let index = other(node);
            let found = nodes.iter().position(|it| other(it) == index);
            place = found.map_or(place, |found| found + 1);
        } else {
            nodes.insert(place.min(nodes.len()), *node);
            place += 1;
        }
    }
    nodes
}

/// For each section of `from` the section of `to` that it became. Takes only what is not taken.
fn pair(
    from: &[ScriptSection],
    from_taken: &mut [bool],
    to: &[ScriptSection],
    to_taken: &mut [bool],
) -> Vec<Option<usize>> {
    let mut pairs = vec![None; from.len()];
    let by_key = |key: fn(&ScriptSection) -> (&str, &str),
                  pairs: &mut Vec<Option<usize>>,
                  from_taken: &mut [bool],
                  to_taken: &mut [bool]| {
        let mut places: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        // From the last, so that the first is popped first.
        for (index, section) in to.iter().enumerate().rev() {
            if to_taken.get(index) == Some(&false) {
                places.entry(key(section)).or_default().push(index);
            }
        }
        for (index, section) in from.iter().enumerate() {
            if from_taken.get(index) == Some(&false)
                && let Some(place) = places.get_mut(&key(section)).and_then(Vec::pop)
            {
                take(index, place, pairs, from_taken, to_taken);
            }
        }
    };
    by_key(
        |it| (&it.heading, &it.text),
        &mut pairs,
        from_taken,
        to_taken,
    );
    by_key(|it| (&it.heading, ""), &mut pairs, from_taken, to_taken);

    let to_words: Vec<Vec<u64>> = to.iter().map(words).collect();
    for (index, section) in from.iter().enumerate() {
        if from_taken.get(index) != Some(&false) {
            continue;
        }
        let own = words(section);
        let free = (0..to.len()).filter(|place| to_taken.get(*place) == Some(&false));
        let best = free
            .map(|place| (likeness(&own, to_words.get(place)), place))
            .max_by_key(|(likeness, place)| (*likeness, std::cmp::Reverse(*place)));
        if let Some((50.., place)) = best {
            take(index, place, &mut pairs, from_taken, to_taken);
        }
    }
    pairs
}

fn take(
    index: usize,
    place: usize,
    pairs: &mut [Option<usize>],
    from_taken: &mut [bool],
    to_taken: &mut [bool],
) {
    if let (Some(pair), Some(from), Some(to)) = (
        pairs.get_mut(index),
        from_taken.get_mut(index),
        to_taken.get_mut(place),
    ) {
        *pair = Some(place);
        *from = true;
        *to = true;
    }
}

/// The hashes of a section's words, sorted, each once.
fn words(section: &ScriptSection) -> Vec<u64> {
    let hash = |word: &str| {
        word.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
    };
    let hashes = section.text.split_whitespace().map(hash);
    let mut words: Vec<u64> = hashes.map(u64::from).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// How many of a hundred words two sections share.
fn likeness(one: &[u64], other: Option<&Vec<u64>>) -> usize {
    let Some(other) = other else {
        return 0;
    };
    let most = one.len().max(other.len());
    let least = one.len().min(other.len());
    if most == 0 || least * 2 < most {
        return 0;
    }
    let shared = one.iter().filter(|word| other.binary_search(word).is_ok());
    shared.count() * 100 / most
}

/// A line with words, and whether an empty line stands before it.
#[derive(Clone, Copy)]
struct Line<'a> {
    words: &'a str,
    gap: bool,
}

impl PartialEq for Line<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.words == other.words
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut gap = true;
    let mut lines = Vec::new();
    for line in text.lines() {
        let words = line.trim_end();
        if words.is_empty() {
            gap = true;
        } else {
            lines.push(Line { words, gap });
            gap = false;
        }
    }
    lines
}

/// Merges a text line by line; says whether both changed the same lines in different ways.
fn merge_text(base: &str, edited: &str, new: &str) -> (String, bool) {
    if edited == new || new == base {
        return (edited.to_owned(), false);
    }
    if edited == base {
        return (new.to_owned(), false);
    }
    let (base, edited, new) = (lines(base), lines(edited), lines(new));
    let to_edited = matches(&base, &edited);
    let to_new = matches(&base, &new);
    let mut out = String::new();
    let mut is_conflict = false;
    let mut say = |lines: &[Line<'_>]| {
        for line in lines {
            if !out.is_empty() {
                out.push_str(if line.gap { "\n\n" } else { "\n" });
            }
            out.push_str(line.words);
        }
    };
    let mut start = (0, 0, 0);
    for index in 0..=base.len() {
        // A line that both kept, or the end of all three.
        let kept = (
            to_edited.get(index).copied().flatten(),
            to_new.get(index).copied().flatten(),
        );
        let (in_edited, in_new) = match kept {
            _ if index == base.len() => (edited.len(), new.len()),
            (Some(in_edited), Some(in_new)) => (in_edited, in_new),
            _ => continue,
        };
        let was = base.get(start.0..index).unwrap_or_default();
        let by_person = edited.get(start.1..in_edited).unwrap_or_default();
        let by_page = new.get(start.2..in_new).unwrap_or_default();
        if by_person == was {
            say(by_page);
        } else {
            is_conflict |= by_page != was && by_page != by_person;
            say(by_person);
        }
        if let (Some(line), Some(by_page)) = (edited.get(in_edited), new.get(in_new)) {
            // The gap before a line that both kept is the changed one.
            let was = base.get(index).map(|line| line.gap);
            let gap = if Some(line.gap) == was {
                by_page.gap
            } else {
                line.gap
            };
            say(&[Line { gap, ..*line }]);
        }
        start = (index + 1, in_edited + 1, in_new + 1);
    }
    (out, is_conflict)
}

/// The most pairs of lines that are compared one by one between two lines that are found at once.
const MOST_PAIRS: usize = 250_000;

/// For each line of `from` the line of `to` that it is, in order.
fn matches(from: &[Line<'_>], to: &[Line<'_>]) -> Vec<Option<usize>> {
    let mut matches = vec![None; from.len()];
    let mut start = (0, 0);
    let anchors = anchors(from, to);
    let ends = anchors
        .into_iter()
        .chain(std::iter::once((from.len(), to.len())));
    let mut compared = 0;
    for (from_end, to_end) in ends {
        let pairs = from_end
            .saturating_sub(start.0)
            .saturating_mul(to_end.saturating_sub(start.1));
        compared += pairs.min(MOST_PAIRS);
        let is_bounded = pairs <= MOST_PAIRS && compared <= 16 * MOST_PAIRS;
        let (one, other) = (
            from.get(start.0..from_end).unwrap_or_default(),
            to.get(start.1..to_end).unwrap_or_default(),
        );
        for (index, place) in common(one, other, is_bounded) {
            if let Some(found) = matches.get_mut(start.0 + index) {
                *found = Some(start.1 + place);
            }
        }
        if let Some(found) = matches.get_mut(from_end) {
            *found = Some(to_end);
        }
        start = (from_end + 1, to_end + 1);
    }
    matches
}

/// Lines that each text has once, as far as they stand in the same order.
fn anchors(from: &[Line<'_>], to: &[Line<'_>]) -> Vec<(usize, usize)> {
    let once = |lines: &[Line<'_>]| {
        let mut places: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (index, line) in lines.iter().enumerate() {
            places
                .entry(line.words.to_owned())
                .and_modify(|place| *place = None)
                .or_insert(Some(index));
        }
        places
    };
    let (in_from, in_to) = (once(from), once(to));
    // Two places in one number: all sorts of numbers share one piece of code in the wasm.
    let mut both: Vec<u64> = in_from
        .iter()
        .filter_map(|(words, place)| Some(((*place)? as u64) << 32 | (*in_to.get(words)?)? as u64))
        .collect();
    both.sort_unstable();
    let both: Vec<(usize, usize)> = both
        .into_iter()
        .map(|pair| ((pair >> 32) as usize, (pair & 0xFFFF_FFFF) as usize))
        .collect();
    // The longest run whose places rise: for each length the pair that ends it lowest.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; both.len()];
    let place_of = |index: usize| both.get(index).map_or(0, |pair| pair.1);
    for (index, (_, place)) in both.iter().enumerate() {
        let length = ends.partition_point(|end| place_of(*end) < *place);
        if let Some(before) = before.get_mut(index) {
            *before = length.checked_sub(1).and_then(|it| ends.get(it)).copied();
        }
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(index) = next {
        run.extend(both.get(index));
        next = before.get(index).copied().flatten();
    }
    run.reverse();
    run
}

/// The longest common run of two short texts' lines; only what they begin and end with alike where
/// comparing would take too long.
fn common(from: &[Line<'_>], to: &[Line<'_>], is_bounded: bool) -> Vec<(usize, usize)> {
    let alike = from.iter().zip(to).take_while(|(one, other)| one == other);
    let head = alike.count();
    let (from_rest, to_rest) = (
        from.get(head..).unwrap_or_default(),
        to.get(head..).unwrap_or_default(),
    );
    let backwards = from_rest.iter().rev().zip(to_rest.iter().rev());
    let tail = backwards.take_while(|(one, other)| one == other).count();
    let mut found: Vec<(usize, usize)> = (0..head).map(|index| (index, index)).collect();
    let rows = from_rest.len() - tail;
    let columns = to_rest.len() - tail;
    if is_bounded && rows > 0 && columns > 0 {
        // How many lines from here on are common, by line of both.
        let width = columns + 1;
        let mut lengths = vec![0_u32; (rows + 1) * width];
        let at = |lengths: &[u32], row: usize, column: usize| {
            lengths.get(row * width + column).copied().unwrap_or(0)
        };
        for row in (0..rows).rev() {
            for column in (0..columns).rev() {
                let length = if from_rest.get(row) == to_rest.get(column) {
                    at(&lengths, row + 1, column + 1) + 1
                } else {
                    at(&lengths, row + 1, column).max(at(&lengths, row, column + 1))
                };
                if let Some(cell) = lengths.get_mut(row * width + column) {
                    *cell = length;
                }
            }
        }
        let (mut row, mut column) = (0, 0);
        while row < rows && column < columns {
            if from_rest.get(row) == to_rest.get(column) {
                found.push((head + row, head + column));
                row += 1;
                column += 1;
            } else if at(&lengths, row + 1, column) >= at(&lengths, row, column + 1) {
                row += 1;
            } else {
                column += 1;
            }
        }
    }
    let tail = (0..tail).map(|index| (head + rows + index, head + columns + index));
    found.extend(tail);
    found
}

#[cfg(test)]
mod tests;
