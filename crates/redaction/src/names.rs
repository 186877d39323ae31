//! People's names that the caller knows and marks: found whatever their case and whatever stands
//! between their words, over the borders of fields too.

/// Names as lists of folded words, sorted, so that all names that go on in one way are neighbours.
#[derive(Clone, Default)]
pub(crate) struct Names(Vec<Vec<String>>);

/// The fewest letters of a name: shorter ones stand in every other word.
const SHORTEST: usize = 3;
/// The most words that are compared.
const MOST_WORDS: usize = 8;

/// Finds names in a text. A trait, so that a program that marks none (the app's wasm) does not
/// carry what finds them.
pub(crate) trait Find {
    /// The first byte of each name and the byte after its last, left to right.
    fn find(&self, text: &str) -> Vec<(usize, usize)>;
}

impl Find for Names {
    fn find(&self, text: &str) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut rest = 0;
        while let Some((start, end)) = words(&text[rest..]).next() {
            let (start, end) = (rest + start, rest + end);
            rest = end;
            if let Some(last) = self.name_at(text, start, end) {
                found.push((start, last));
                rest = last;
            }
        }
        found
    }
}

impl Names {
    pub(crate) fn add(&mut self, name: &str) {
        let words: Vec<String> = words(name)
            .take(MOST_WORDS)
            .map(|(start, end)| fold(&name[start..end]))
            .collect();
        if words.iter().map(|word| word.chars().count()).sum::<usize>() < SHORTEST {
            return;
        }
        // "Vale, Mira" is the same person.
        if words.len() == 2 {
            self.insert(words.iter().rev().cloned().collect());
        }
        self.insert(words);
    }

    fn insert(&mut self, words: Vec<String>) {
        if let Err(place) = self.0.binary_search(&words) {
            self.0.insert(place, words);
        }
    }

    /// The end of the longest name that begins with the word from `start` to `end`.
    fn name_at(&self, text: &str, start: usize, end: usize) -> Option<usize> {
        let mut candidates = going_on(&self.0, 0, &text[start..end]);
        let mut longest = None;
        let mut end = end;
        for index in 1..=MOST_WORDS {
            let Some(shortest) = candidates.first() else {
                break;
            };
            if shortest.len() == index {
                longest = Some(end);
            }
            let next = next_words(text, end)
                .into_iter()
                .flatten()
                .map(|(start, end)| (end, going_on(candidates, index, &text[start..end])))
                .find(|(_, candidates)| !candidates.is_empty());
            let Some(next) = next else {
                break;
            };
            (end, candidates) = next;
        }
        longest
    }
}

/// The names among neighbours whose word at an index is this one.
fn going_on<'n>(names: &'n [Vec<String>], index: usize, word: &str) -> &'n [Vec<String>] {
    let word = fold(word);
    let order = |name: &Vec<String>| name.get(index).map_or("", String::as_str).cmp(&word);
    let first = names.partition_point(|name| order(name).is_lt());
    let names = &names[first..];
    &names[..names.partition_point(|name| order(name).is_le())]
}

/// How far the words of one name may be apart, in bytes.
const WIDEST_GAP: usize = 12;

/// The word after `end`; and where it names a field, the first word of that one's value.
fn next_words(text: &str, end: usize) -> [Option<(usize, usize)>; 2] {
    let near = |from: usize| {
        let mut limit = (from + 64).min(text.len());
        while !text.is_char_boundary(limit) {
            limit += 1;
        }
        let (start, stop) = words(&text[from..limit]).next()?;
        (start <= WIDEST_GAP).then_some((from + start, from + stop))
    };
    let next = near(end);
    let value = next.and_then(|(_, stop)| {
        let after = text[stop..].trim_start_matches(['\\', '"', '\'']);
        after.starts_with(['=', ':']).then(|| near(stop)).flatten()
    });
    [next, value]
}

/// Letters and digits in a row, as first byte and the byte after the last.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut characters = text.char_indices();
    std::iter::from_fn(move || {
        let (start, _) = characters.find(|(_, character)| character.is_alphanumeric())?;
        let mut end = text.len();
        for (index, character) in characters.by_ref() {
            if !character.is_alphanumeric() {
                end = index;
                break;
            }
        }
        Some((start, end))
    })
}

fn fold(word: &str) -> String {
    word.to_lowercase()
}
