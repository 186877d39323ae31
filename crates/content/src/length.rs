//! Shortens a script to the length that was chosen, by leaving sentences, list items and table rows
//! out. It never changes, splits or moves what it keeps.

use protocol::{Narration, Script, ScriptSection};

use crate::sentences;

/// Sections of at most so many words are kept whole before others are filled.
const SHORT_WORDS: usize = 30;

/// A script that is told within so many seconds, and which sections of the given one were left out
/// or shortened, by index.
///
/// Each section keeps its heading, its first sentence and then as much as its share of the words
/// allows, the first sentences of its paragraphs before the others. Where not even the first
/// sentences fit, sections with few words go. The opening stays in any case, and so does a script
/// that fits.
pub fn cut(script: &Script, seconds: u32) -> (Script, Vec<u32>) {
    let most = Narration::within(seconds);
    if script.narration() <= most {
        return (script.clone(), Vec::new());
    }
    let mut left = most.saturating_sub(Narration::of(script.title()));
    let mut sections: Vec<Section<'_>> = script.sections().iter().map(Section::of).collect();
    choose_sections(&mut sections, &mut left);
    fill_sections(&mut sections, &mut left);
    let mut kept = Vec::new();
    let mut shortened = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        if section.kept.len() < section.units.len() || !section.chosen {
            shortened.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
        if section.chosen {
            kept.push(ScriptSection {
                heading: section.source.heading.clone(),
                text: section.text(),
            });
        }
    }
    // What is kept of a valid script is a valid script: the opening is always chosen.
    match Script::new(script.title().to_owned(), kept) {
        Ok(short) => (short, shortened),
        Err(_) => (script.clone(), Vec::new()),
    }
}

/// A section and what is kept of it.
struct Section<'a> {
    source: &'a ScriptSection,
    /// All that can be kept or left out, in reading order.
    units: Vec<Unit>,
    /// The units by rank: the order in which they are kept.
    order: Vec<u32>,
    /// How many of `order` are kept.
    taken: usize,
    /// Their indices; sorted at the end.
    kept: Vec<u32>,
    chosen: bool,
    /// The narration of the whole section, and of what is kept.
    whole: Narration,
    told: Narration,
}

/// A sentence, a list item or a table row.
struct Unit {
    /// Bytes of the section's text.
    start: usize,
    end: usize,
    told: Narration,
    /// Its paragraph, list or table, and its place in there.
    block: u32,
    rank: u32,
}

impl<'a> Section<'a> {
    fn of(source: &'a ScriptSection) -> Self {
        let units = units(&source.text);
        // Rank and index in one number: all sorts of numbers share one piece of code in the wasm.
        let ranks = units.iter().map(|unit| u64::from(unit.rank) << 32);
        let mut ranked: Vec<u64> = ranks.zip(0..).map(|(rank, index)| rank | index).collect();
        ranked.sort_unstable();
        let order = ranked.into_iter().map(|it| (it & 0xFFFF_FFFF) as u32);
        let order = order.collect();
        Self {
            source,
            units,
            order,
            taken: 0,
            kept: Vec::new(),
            chosen: false,
            whole: source.narration(),
            told: Narration::default(),
        }
    }

    /// The narration of heading and first unit, without which the section makes no sense.
    fn least(&self) -> Narration {
        let first = self.units.first().map(|unit| unit.told);
        Narration::of(&self.source.heading) + first.unwrap_or_default()
    }

    fn choose(&mut self) {
        self.chosen = true;
        self.told = self.least();
        if !self.units.is_empty() {
            self.kept.push(0);
            self.taken = 1;
        }
    }

    /// The narration of the unit that is kept next.
    fn next(&self) -> Option<Narration> {
        let index = self.order.get(self.taken)?;
        Some(self.units.get(*index as usize)?.told)
    }

    fn take(&mut self, told: Narration) {
        if let Some(index) = self.order.get(self.taken) {
            self.kept.push(*index);
            self.taken += 1;
            self.told += told;
        }
    }

    fn text(&self) -> String {
        if self.kept.len() == self.units.len() {
            return self.source.text.clone();
        }
        let mut kept: Vec<u64> = self.kept.iter().copied().map(u64::from).collect();
        kept.sort_unstable();
        let mut text = String::new();
        let mut next = 0;
        let mut block = None;
        for index in kept {
            // The widest gap of those that what was left out leaves behind. Blocks that something
            // parted must not become one.
            let passed = self.units.get(next..=index as usize).unwrap_or_default();
            let widest = passed.iter().map(|unit| self.gap_before(unit)).max();
            next = index as usize + 1;
            let Some(unit) = self.units.get(index as usize) else {
                continue;
            };
            if let Some(block) = block.replace(unit.block) {
                let gap = match widest {
                    Some(gap) if passed.len() == 1 || block == unit.block => gap,
                    _ => Gap::Paragraph,
                };
                text.push_str(gap.as_str());
            }
            let words = self.source.text.get(unit.start..unit.end);
            text.push_str(words.unwrap_or_default());
        }
        text
    }

    fn gap_before(&self, unit: &Unit) -> Gap {
        let before = self.source.text.get(..unit.start).unwrap_or_default();
        let blanks = before.trim_end().len();
        let breaks = before
            .get(blanks..)
            .unwrap_or_default()
            .matches('\n')
            .count();
        match breaks {
            0 if blanks == before.len() => Gap::None,
            0 => Gap::Blank,
            1 => Gap::Line,
            _ => Gap::Paragraph,
        }
    }
}

/// What parts two units.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Blank,
    Line,
    Paragraph,
}

impl Gap {
    fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Blank => " ",
            Self::Line => "\n",
            Self::Paragraph => "\n\n",
        }
    }
}

/// Chooses the sections that are kept: all of them if their first sentences fit, else those with
/// the most words.
fn choose_sections(sections: &mut [Section<'_>], left: &mut Narration) {
    let weight = |index: usize| {
        let words = sections.get(index).map(|section| section.whole);
        (index != 0, std::cmp::Reverse(words))
    };
    // A script has at most 200 sections.
    let mut by_weight: Vec<usize> = Vec::with_capacity(sections.len());
    for index in 0..sections.len() {
        let place = by_weight.partition_point(|other| weight(*other) <= weight(index));
        by_weight.insert(place, index);
    }
    for (place, index) in by_weight.into_iter().enumerate() {
        let Some(section) = sections.get_mut(index) else {
            continue;
        };
        let least = section.least();
        if place == 0 || least <= *left {
            section.choose();
            *left = left.saturating_sub(least);
        }
    }
}

/// Gives the sections what is left: short ones are kept whole, others in proportion to their words,
/// and what remains goes round.
fn fill_sections(sections: &mut [Section<'_>], left: &mut Narration) {
    let mut chosen: Vec<&mut Section<'_>> = sections
        .iter_mut()
        .filter(|section| section.chosen)
        .collect();
    let missing = |section: &Section<'_>| section.whole.saturating_sub(section.told);
    let is_short = |section: &Section<'_>| section.whole.words() <= SHORT_WORDS;
    let short = chosen.iter().filter(|section| is_short(section));
    let for_short: Narration = short.map(|section| missing(section)).sum();
    // Many short ones together would leave nothing for the others.
    if for_short + for_short <= *left {
        for section in chosen.iter_mut().filter(|section| is_short(section)) {
            while let Some(told) = section.next() {
                section.take(told);
            }
        }
        *left = left.saturating_sub(for_short);
    }
    let wanted: Narration = chosen.iter().map(|section| missing(section)).sum();
    let available = *left;
    for section in &mut chosen {
        let mut share = available.share(missing(section), wanted);
        while let Some(told) = section.next()
            && told <= share
        {
            section.take(told);
            share = share.saturating_sub(told);
            *left = left.saturating_sub(told);
        }
    }
    // A section whose next sentence does not fit is done, so that this ends.
    while !chosen.is_empty() {
        chosen.retain_mut(|section| match section.next() {
            Some(told) if told <= *left => {
                section.take(told);
                *left = left.saturating_sub(told);
                true
            }
            _ => false,
        });
    }
}

/// The units of a text. Prose lines that follow each other are one paragraph; a unit that ends with
/// a colon announces the next and is one with it.
fn units(text: &str) -> Vec<Unit> {
    let mut units = Units {
        text,
        units: Vec::new(),
        block: 0,
        rank: 0,
        announces: false,
    };
    let mut prose: Option<(usize, usize)> = None;
    let mut position = 0;
    let mut last = Line::Empty;
    for line in text.split_inclusive('\n') {
        let start = position;
        position += line.len();
        let end = start + line.trim_end().len();
        let kind = Line::of(line.trim());
        if kind != Line::Prose
            && let Some((from, to)) = prose.take()
        {
            units.paragraph(from, to);
        }
        // Empty lines between the items of a list do not start it anew.
        if kind != Line::Empty && kind != last {
            units.start_block();
            last = kind;
        }
        match kind {
            Line::Empty => {}
            Line::Prose => prose = Some((prose.map_or(start, |(from, _)| from), end)),
            Line::Item | Line::Row => units.push(start, end),
        }
    }
    if let Some((from, to)) = prose {
        units.paragraph(from, to);
    }
    units.units
}

struct Units<'a> {
    text: &'a str,
    units: Vec<Unit>,
    block: u32,
    rank: u32,
    announces: bool,
}

impl Units<'_> {
    fn start_block(&mut self) {
        self.block += 1;
        self.rank = 0;
    }

    fn paragraph(&mut self, from: usize, to: usize) {
        self.start_block();
        let paragraph = self.text.get(from..to).unwrap_or_default();
        let mut start = 0;
        for end in sentences::ends(paragraph) {
            let sentence = paragraph.get(start..end).unwrap_or_default();
            self.push(from + start, from + start + sentence.trim_end().len());
            start = end;
        }
    }

    fn push(&mut self, start: usize, end: usize) {
        let words = self.text.get(start..end).unwrap_or_default();
        if words.trim().is_empty() {
            return;
        }
        let told = Narration::of(words);
        match self.units.last_mut() {
            Some(last) if self.announces => {
                last.end = end;
                last.told += told;
                self.announces = false;
            }
            _ => {
                self.units.push(Unit {
                    start,
                    end,
                    told,
                    block: self.block,
                    rank: self.rank,
                });
                self.announces = words.ends_with([':', '：']);
            }
        }
        self.rank += 1;
    }
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Empty,
    Prose,
    Item,
    Row,
}

impl Line {
    fn of(words: &str) -> Self {
        if words.is_empty() {
            return Self::Empty;
        }
        let digits = words.bytes().take_while(u8::is_ascii_digit).count();
        let numbered = (1..=9).contains(&digits)
            && words
                .get(digits..)
                .is_some_and(|rest| rest.starts_with(". "));
        if numbered || words.starts_with("- ") || words.starts_with("* ") || words.starts_with("• ")
        {
            return Self::Item;
        }
        if is_row(words) {
            Self::Row
        } else {
            Self::Prose
        }
    }
}

/// Whether a line is a table's row: values that semicolons part, the first behind its heading.
fn is_row(words: &str) -> bool {
    words.contains("; ")
        && words.split_once(": ").is_some_and(|(heading, _)| {
            !heading.contains(['.', ';']) && heading.split_whitespace().count() <= 6
        })
}

#[cfg(test)]
mod tests;
