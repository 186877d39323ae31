//! Takes people out of a run of words (P9), says a neutral word instead, and counts what was taken
//! out, by section, place and kind. Never keeps a name.

use std::collections::BTreeMap;

use protocol::{Place, RemovalKind};

use crate::{
    model::{PersonRef, Piece},
    names::{Names, Person},
    phrases::Phrases,
};

/// Where something was taken out and of what kind it was; no section for the title.
pub(crate) type Removed = (Option<u32>, Place, RemovalKind);

/// Cleans the runs of a page, one after the other.
pub(crate) struct Cleaning<'a> {
    names: &'a Names,
    phrases: &'static Phrases,
    removals: BTreeMap<Removed, u32>,
}

impl<'a> Cleaning<'a> {
    pub(crate) fn new(names: &'a Names, phrases: &'static Phrases) -> Self {
        Self {
            names,
            phrases,
            removals: BTreeMap::new(),
        }
    }

    /// Adds the words of a run without its people to `out`; what stands in `out` already belongs
    /// to other runs and is not looked at.
    pub(crate) fn clean(
        &mut self,
        run: &[Piece<'_>],
        place: Place,
        section: usize,
        out: &mut String,
    ) {
        let start = out.len();
        let section = (place != Place::Title).then(|| u32::try_from(section).unwrap_or(u32::MAX));
        let removals = &mut self.removals;
        let phrases = self.phrases;
        let mut remove = |person: Person<'_>, before: &str| {
            let count = removals.entry((section, place, person.kind)).or_default();
            *count = count.saturating_add(1);
            replacement(
                phrases,
                person.kind,
                before.get(start..).unwrap_or_default(),
            )
        };
        let mut dropped = false;
        for piece in run {
            match *piece {
                Piece::Text(text) => {
                    // The blank before somebody who is not said must not stand before a full stop.
                    if dropped && text.starts_with(['.', ',', ';', ':', '!', '?']) {
                        let end = out.trim_end().len().max(start);
                        out.truncate(end);
                    }
                    self.names.scrub(text, out, &mut remove);
                    dropped = false;
                }
                Piece::Person(PersonRef { kind, text, .. }) => {
                    let instead = remove(Person { kind, text }, out);
                    out.push_str(&instead);
                    dropped = instead.is_empty();
                }
                Piece::Open(_) | Piece::Close => {}
            }
        }
    }

    /// What was taken out, and how often.
    pub(crate) fn finish(self) -> BTreeMap<Removed, u32> {
        self.removals
    }
}

/// What is said instead of a person, after the words `before`.
fn replacement(phrases: &Phrases, kind: RemovalKind, before: &str) -> String {
    let words = phrases.instead_of(kind);
    if words.is_empty() {
        return String::new();
    }
    // People in a row, as in a list of owners, are said once.
    let said = before.trim_end();
    let last = said
        .len()
        .checked_sub(words.len())
        .and_then(|start| said.get(start..));
    if last.is_some_and(|last| last.eq_ignore_ascii_case(words)) {
        return String::new();
    }
    let starts_sentence =
        said.is_empty() || said.ends_with(['.', '!', '?']) && before.ends_with(char::is_whitespace);
    if !starts_sentence {
        return words.to_owned();
    }
    let mut characters = words.chars();
    characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(characters)
        .collect()
}
