//! From a page to a selection of it: finds the selected words in the page and keeps the structure
//! that they have there. Takes time in proportion to the page, and never lets what was not found
//! pass for found: then the selected lines are told by themselves.

use std::collections::BTreeMap;

use protocol::RemovalKind;

use crate::{
    Document,
    model::{Aside, Block, Piece},
    words::is_wide,
};

/// A document of the selected text alone that still knows whom the whole page mentions. The text
/// is as a browser gives it: lines of words, cells parted by tabs, lists without their markers.
///
/// Where the page has the text, lists, tables and panels stay what they are, cut at the borders of
/// words, below the heading above them and the headings of their table. Words that only a browser
/// shows (names behind ids, dates as they are written there) may be missing from it.
pub fn select(page: &Document, selection: &str) -> Document {
    let mut document = Document::default();
    document.select_from(page);
    let texts = texts(page);
    let words = words_of_page(&texts);
    match locate(&texts, &words, selection) {
        Some((first, last)) => copy(page, &words[first], &words[last], &mut document),
        None => {
            for line in selection.lines() {
                document.open(Block::Paragraph);
                document.text(line);
                document.close();
            }
        }
    }
    document.finish()
}

/// A word of the page: which it is, and where it stands.
#[derive(Clone, Copy)]
struct Word {
    hash: u64,
    piece: usize,
    start: usize,
    end: usize,
}

/// The words that a reader sees of each piece.
fn texts(page: &Document) -> Vec<&str> {
    let mut alternatives = 0_usize;
    let mut open = Vec::new();
    page.pieces()
        .map(|piece| match piece {
            Piece::Open(block) => {
                let is_hidden = block == Block::Alternative;
                alternatives += usize::from(is_hidden);
                open.push(is_hidden);
                match block {
                    Block::Titled(title) => page.words(title),
                    _ => "",
                }
            }
            Piece::Close => {
                alternatives -= usize::from(open.pop().unwrap_or_default());
                ""
            }
            Piece::Text(text) if alternatives == 0 => text,
            Piece::Person(person) if person.kind != RemovalKind::PeopleMacro => person.text,
            Piece::Text(_) | Piece::Person(_) => "",
        })
        .collect()
}

fn words_of_page(texts: &[&str]) -> Vec<Word> {
    let mut words = Vec::new();
    for (piece, text) in texts.iter().enumerate() {
        for_each_word(text, |start, end, hash| {
            words.push(Word {
                hash,
                piece,
                start,
                end,
            });
        });
    }
    words
}

/// Gives each word of a text, by where it starts and ends and as it is compared: in lower case. A
/// character of a script without blanks is a word.
fn for_each_word(text: &str, mut give: impl FnMut(usize, usize, u64)) {
    const SEED: u64 = 0xcbf2_9ce4_8422_2325;
    let step = |hash: u64, letter: char| (hash ^ u64::from(letter)).wrapping_mul(0x100_0000_01b3);
    let mut word: Option<(usize, u64)> = None;
    for (index, character) in text.char_indices() {
        let is_alone = !character.is_ascii() && is_wide(character);
        if (is_alone || !character.is_alphanumeric())
            && let Some((start, hash)) = word.take()
        {
            give(start, index, hash);
        }
        if is_alone {
            give(index, index + character.len_utf8(), step(SEED, character));
        } else if character.is_alphanumeric() {
            let (start, mut hash) = word.unwrap_or((index, SEED));
            if character.is_ascii() {
                hash = step(hash, character.to_ascii_lowercase());
            } else {
                hash = character.to_lowercase().fold(hash, step);
            }
            word = Some((start, hash));
        }
    }
    if let Some((start, hash)) = word {
        give(start, text.len(), hash);
    }
}

/// The first and last word of the page that were selected.
fn locate(texts: &[&str], words: &[Word], selection: &str) -> Option<(usize, usize)> {
    let mut wanted = Vec::new();
    let mut spans = Vec::new();
    for_each_word(selection, |start, end, hash| {
        wanted.push(hash);
        spans.push((start, end));
    });
    let page: Vec<u64> = words.iter().map(|word| word.hash).collect();
    let mut found = None;
    each_match(&page, &wanted, |at| {
        found = Some((at, at + wanted.len() - 1));
        false
    });
    if found.is_some() || wanted.len() < 3 {
        return found;
    }
    // Somebody may have begun and ended in the middle of words.
    let first = &selection[spans[0].0..spans[0].1];
    let (last_start, last_end) = spans[spans.len() - 1];
    let last = &selection[last_start..last_end];
    let text = |word: &Word| &texts[word.piece][word.start..word.end];
    each_match(&page, &wanted[1..wanted.len() - 1], |at| {
        let end = at + wanted.len() - 2;
        let before = at.checked_sub(1).and_then(|index| words.get(index));
        let fits = before.is_some_and(|word| text(word).ends_with(first))
            && words
                .get(end)
                .is_some_and(|word| text(word).starts_with(last));
        if fits {
            found = Some((at - 1, end));
        }
        !fits
    });
    found.or_else(|| locate_by_ends(&page, words, &wanted))
}

/// Words in a row that are taken for a place of the page.
const ANCHOR_WORDS: usize = 4;
/// How many anchors are tried from either end of the selection.
const MAX_ANCHORS: usize = 16;
/// How many places of an anchor are compared.
const MAX_PLACES: usize = 1_000;

/// The same where the browser shows words that the page's body does not have, or the other way
/// round: by some words in a row near either end, if most of the words between them are the same.
fn locate_by_ends(page: &[u64], words: &[Word], wanted: &[u64]) -> Option<(usize, usize)> {
    if wanted.len() < 2 * ANCHOR_WORDS {
        return None;
    }
    let windows = wanted.len() - ANCHOR_WORDS + 1;
    let places = |offset: usize| {
        let mut places = Vec::new();
        each_match(page, &wanted[offset..offset + ANCHOR_WORDS], |at| {
            places.push(at);
            places.len() < MAX_PLACES
        });
        places
    };
    let first = (0..windows.min(MAX_ANCHORS))
        .map(|offset| (offset, places(offset)))
        .find(|(_, places)| !places.is_empty())?;
    let last = (0..windows.min(MAX_ANCHORS))
        .map(|offset| (offset, places(windows - 1 - offset)))
        .find(|(_, places)| !places.is_empty())?;
    let mut best: Option<(usize, usize, usize)> = None;
    let mut next = 0;
    for start in &first.1 {
        let start = start.saturating_sub(first.0);
        let expected = start + wanted.len() - 1;
        // Both are in order, and so are the ends that lie closest.
        while next + 1 < last.1.len() && last.1[next + 1] + ANCHOR_WORDS - 1 + last.0 <= expected {
            next += 1;
        }
        for end in last.1[next..].iter().take(2) {
            let end = (end + ANCHOR_WORDS - 1 + last.0).min(page.len() - 1);
            let error = end.abs_diff(expected);
            if end > start && best.is_none_or(|best| error < best.2) {
                best = Some((start, end, error));
            }
        }
    }
    let (start, end, _) = best?;
    // Words before the first anchor and behind the last belong to it only within its block.
    let start = (start..=end).find(|at| words[*at].piece + 1 >= words[start + first.0].piece)?;
    let is_alike = end - start < 2 * wanted.len() + 20 && is_alike(&page[start..=end], wanted);
    is_alike.then_some((start, end))
}

/// Whether most of the wanted words are among those found.
fn is_alike(found: &[u64], wanted: &[u64]) -> bool {
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    for word in found {
        *counts.entry(*word).or_default() += 1;
    }
    let same = wanted.iter().filter(|word| {
        counts
            .get_mut(word)
            .is_some_and(|count| std::mem::replace(count, count.saturating_sub(1)) > 0)
    });
    same.count() * 10 >= wanted.len() * 7
}

/// Gives each place where the wanted words stand in a row (Knuth, Morris and Pratt), as long as
/// `give` wants another.
fn each_match(page: &[u64], wanted: &[u64], mut give: impl FnMut(usize) -> bool) {
    if wanted.is_empty() {
        return;
    }
    let mut borders = vec![0; wanted.len()];
    let mut border = 0;
    for index in 1..wanted.len() {
        while border > 0 && wanted[index] != wanted[border] {
            border = borders[border - 1];
        }
        border += usize::from(wanted[index] == wanted[border]);
        borders[index] = border;
    }
    let mut matched = 0;
    for (index, word) in page.iter().enumerate() {
        while matched > 0 && *word != wanted[matched] {
            matched = borders[matched - 1];
        }
        matched += usize::from(*word == wanted[matched]);
        if matched == wanted.len() {
            if !give(index + 1 - matched) {
                return;
            }
            matched = borders[matched - 1];
        }
    }
}

/// A block that is open where the selection starts.
struct Around {
    block: Block,
    piece: usize,
    /// Items or cells that began in it before.
    before: Vec<Block>,
    items: u32,
    /// The pieces of a table's first row.
    first_row: Option<(usize, usize)>,
}

/// Copies what lies between two words, with what stands around it.
fn copy(page: &Document, first: &Word, last: &Word, out: &mut Document) {
    let mut around: Vec<Around> = Vec::new();
    let mut heading = None;
    for (index, piece) in page.pieces().enumerate().take(first.piece + 1) {
        match piece {
            Piece::Open(block) => {
                if let Some(outer) = around.last_mut() {
                    match block {
                        Block::Item => outer.items = outer.items.saturating_add(1),
                        Block::Cell { .. } => outer.before.push(block),
                        _ => {}
                    }
                }
                around.push(Around {
                    block,
                    piece: index,
                    before: Vec::new(),
                    items: 0,
                    first_row: None,
                });
            }
            Piece::Close => {
                let Some(inner) = around.pop() else { continue };
                match inner.block {
                    Block::Heading(_) => heading = Some((inner.piece, index)),
                    Block::Row => {
                        if let Some(table) = around.last_mut()
                            && table.block == Block::Table
                        {
                            table.first_row.get_or_insert((inner.piece, index));
                        }
                    }
                    _ => {}
                }
            }
            Piece::Text(_) | Piece::Person(_) => {}
        }
    }
    let in_heading = around
        .iter()
        .any(|it| matches!(it.block, Block::Heading(_)));
    if let Some((from, to)) = heading.filter(|_| !in_heading) {
        copy_pieces(page, from, to, out);
    }
    for index in 0..around.len() {
        let it = &around[index];
        // A title that was selected is opened by what is copied.
        if it.piece == first.piece {
            break;
        }
        match it.block {
            Block::OrderedList(start) => {
                // An item whose own words are not selected has no line, and takes no number.
                let is_list =
                    |it: &Around| matches!(it.block, Block::BulletList | Block::OrderedList(_));
                let is_told = !around[index + 1..].iter().any(is_list);
                let before = it.items.saturating_sub(u32::from(is_told));
                out.open(Block::OrderedList(start.saturating_add(before)));
            }
            block => open(page, block, out),
        }
        if let Some((from, to)) = it.first_row {
            copy_headings(page, from, to, out);
        }
        // Cells keep their columns.
        if it.block == Block::Row {
            let before = it.before.len().saturating_sub(1);
            for cell in &it.before[..before] {
                out.open(*cell);
                out.close();
            }
        }
    }
    for (index, piece) in page.pieces().enumerate().take(last.piece + 1) {
        if index < first.piece {
            continue;
        }
        match piece {
            Piece::Open(block) => open(page, block, out),
            Piece::Close => out.close(),
            Piece::Person(person) => out.person(person.kind, person.text, person.id),
            Piece::Text(text) => {
                let start = if index == first.piece { first.start } else { 0 };
                let end = if index == last.piece {
                    with_punctuation(text, last.end)
                } else {
                    text.len()
                };
                out.text(text.get(start..end).unwrap_or_default());
            }
        }
    }
}

/// The end of a word with the signs right behind it that end a sentence.
fn with_punctuation(text: &str, end: usize) -> usize {
    let behind = text.get(end..).unwrap_or_default();
    let signs = behind
        .find(|sign: char| !matches!(sign, '.' | '!' | '?' | ')' | '"' | '”' | '。' | '！' | '？'));
    end + signs.unwrap_or(behind.len())
}

fn copy_pieces(page: &Document, from: usize, to: usize, out: &mut Document) {
    for piece in page.pieces().skip(from).take(to + 1 - from) {
        match piece {
            Piece::Open(block) => open(page, block, out),
            Piece::Close => out.close(),
            Piece::Text(text) => out.text(text),
            Piece::Person(person) => out.person(person.kind, person.text, person.id),
        }
    }
}

/// Copies a row if all its cells are headings.
fn copy_headings(page: &Document, from: usize, to: usize, out: &mut Document) {
    let row = page.pieces().skip(from).take(to + 1 - from);
    let is_heading = |piece| !matches!(piece, Piece::Open(Block::Cell { header: false, .. }));
    if row.into_iter().all(is_heading) {
        copy_pieces(page, from, to, out);
    }
}

/// Opens the same block, with what it points to.
fn open(page: &Document, block: Block, out: &mut Document) {
    let aside = |it: Aside, out: &mut Document| out.aside(page.words(it));
    let block = match block {
        Block::Titled(title) => Block::Titled(aside(title, out)),
        Block::Code(language) => Block::Code(aside(language, out)),
        block => block,
    };
    out.open(block);
}
