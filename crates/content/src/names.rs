//! The names that are known from a page, in every way in which they may be written, and the finding
//! of them in text. Of each way only a hash is kept, so that no name stays here, and a look-up
//! costs the same however many people the page mentions.

use protocol::RemovalKind;

use crate::{
    fold::{self, SEED, Shape, Token, step, steps},
    patterns,
    phrases::ends_neutrally,
    words::{self, Word},
};

/// The names known from a page.
pub(crate) struct Names {
    /// A hash of a way of writing, and in the lowest byte what follows from it: [`LEVEL`],
    /// [`MORE`], [`PAIR`]. In order.
    ways: Vec<u64>,
    /// Bits by hash, eight or more for each way: most words are no name, and end here.
    sieve: Vec<u64>,
    /// For each first byte of a word in ASCII, the second bytes that a name has, by five bits.
    starts: Box<[u32; 128]>,
    /// Bits of the first letters beyond ASCII.
    wide_starts: [u64; 16],
    /// Whether it depends on the sentence whether some word is a name.
    pub(crate) heeds_sentence: bool,
    /// Whether a name is written from right to left, where short words grow together with names.
    right_to_left: bool,
}

/// How a name must be written to count as one, in the lowest bits of a way; 0 is no name but the
/// beginning of one. The laxest first.
const LEVEL: u64 = 7;
/// In any letters.
const ANYHOW: u64 = 1;
/// With capitals.
const CAPITALISED: u64 = 2;
/// With a capital that the start of a sentence does not explain: the word is ordinary as well.
const AMID_SENTENCE: u64 = 3;
/// Behind a sign of handles and paths or a title, or before an honorific.
const MARKED: u64 = 4;
/// A name may go on with another word.
const MORE: u64 = 8;
/// What goes on with a family name: middle names may stand between.
const PAIR: u64 = 16;
/// What a way holds beside its hash.
const FLAGS: u64 = 0xFF;

/// The most words of a name or id that is looked for; of scripts without blanks, the most letters.
const MAX_WORDS: usize = 20;
/// The most middle names that are passed over.
const MAX_MIDDLE: usize = 2;

/// Said behind a name in politeness; part of it.
const HONORIFICS: &[&str] = &[
    "さん",
    "さま",
    "くん",
    "ちゃん",
    "様",
    "氏",
    "君",
    "殿",
    "先生",
    "先輩",
    "部長",
    "課長",
    "社長",
    "老师",
    "老師",
    "女士",
    "小姐",
    "经理",
    "經理",
    "总",
    "總",
    "님",
    "씨",
    "군",
    "선생님",
    "팀장님",
];

/// What stands before a word that is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Before<'a> {
    /// What was said last, and what stands between that and the word.
    pub said: &'a str,
    pub text: &'a str,
    /// The word is all that there is: a cell, an item of a list.
    pub alone: bool,
}

impl Before<'_> {
    fn last(self) -> Option<char> {
        self.text
            .chars()
            .next_back()
            .or_else(|| self.said.chars().next_back())
    }

    /// Whether a sentence is open, so that a capital means something.
    fn is_amid_sentence(self) -> bool {
        let open = |text: &str| {
            let words = text.trim_end();
            (!words.is_empty()).then(|| {
                // Somebody may stand before a sentence as in a list of owners, or what is said instead.
                !text[words.len()..].contains('\n')
                    && !ends_neutrally(words)
                    && words.ends_with(|last: char| {
                        fold::is_word(last) || matches!(last, ',' | ';' | '&' | '/' | '(')
                    })
            })
        };
        match open(self.text) {
            Some(open) => open,
            None => !self.text.contains('\n') && open(self.said).unwrap_or(false),
        }
    }

    /// Whether a title stands before the word.
    fn is_titled(self) -> bool {
        let text = if self.text.trim_end().is_empty() {
            self.said
        } else {
            self.text
        };
        title(text).is_some()
    }
}

/// Where the title begins with which a text ends, before a name: "Dr. ", "Frau ".
pub(crate) fn title(text: &str) -> Option<usize> {
    let words = text.trim_end();
    if words.len() == text.len() {
        return None;
    }
    let word = words.trim_end_matches('.');
    let start = word
        .char_indices()
        .rev()
        .take(12)
        .take_while(|(_, letter)| fold::is_word(*letter))
        .last()?
        .0;
    let title = &word[start..];
    let known = title.starts_with(char::is_uppercase) && words::of_text(title).is_title();
    // "M. Halloway" of French is an initial elsewhere, and either is gone with the name.
    known.then_some(start)
}

/// A name that was found.
pub(crate) struct Match {
    pub end: usize,
    /// It had the sign of a genitive, which is within it.
    pub genitive: bool,
}

impl Names {
    pub(crate) fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }

    /// Whether somebody may come to light where words that were clean for themselves meet others,
    /// with what stands between them.
    pub(crate) fn may_meet(&self, told: &str, between: &str, words: &str) -> bool {
        let told = if between.trim_end().is_empty() {
            told.trim_end()
        } else {
            between.trim_end()
        };
        let ends_thought = match told.chars().next_back() {
            // No name goes on behind these, and a sentence begins.
            None | Some(':' | '?' | '!' | '：' | '？' | '！' | '。' | '；' | '、') => true,
            Some(';') => !self.heeds_sentence,
            _ => false,
        };
        !ends_thought || patterns::may_be_key(words)
    }

    /// Whether a word that begins with these bytes may be a name's, where the second may not belong
    /// to the word any more.
    #[inline(always)]
    pub(crate) fn may_start(&self, first: u8, second: u8, is_word: u8) -> u8 {
        let seconds = self.starts[usize::from(first & 127)];
        let bit = second & 31 & 0_u8.wrapping_sub(is_word);
        (u8::from(seconds != 0) & (second >> 7)) | (seconds >> bit & 1) as u8
    }

    /// The same for a word that begins beyond ASCII.
    pub(crate) fn may_start_with(&self, character: char) -> bool {
        if self.right_to_left && matches!(character, '\u{590}'..='\u{6FF}') {
            return true;
        }
        if self.ways.is_empty() {
            return false;
        }
        let mut may = true;
        let mut letters = 0;
        fold::fold(character, &mut |letter| {
            letters += 1;
            if letters == 1 {
                may = self.has_start(letter);
            }
        });
        may
    }

    fn has_start(&self, letter: char) -> bool {
        match u8::try_from(letter) {
            Ok(byte) if byte.is_ascii() => self.starts[usize::from(byte)] != 0,
            _ => self.wide_starts[letter as usize / 64 % 16] >> (letter as usize % 64) & 1 == 1,
        }
    }

    fn way(&self, hash: u64) -> u64 {
        let bits = self.sieve.len() * 64 - 1;
        let bit = (hash >> 24) as usize & bits;
        if self.sieve[bit / 64] >> (bit % 64) & 1 == 0 {
            return 0;
        }
        let key = hash & !FLAGS;
        let index = self.ways.partition_point(|way| *way < key);
        match self.ways.get(index) {
            Some(way) if way & !FLAGS == key => way & FLAGS,
            _ => 0,
        }
    }

    /// Whether the word between two bytes of a text is a name in some way of writing.
    pub(crate) fn knows(&self, text: &str, at: usize, end: usize) -> bool {
        let mut token = Token::new();
        token.read(text, at) == end && self.way(steps(SEED, token.letters())) & LEVEL != 0
    }

    /// The longest known name whose first word begins at a byte of a text.
    pub(crate) fn find(
        &self,
        text: &str,
        at: usize,
        before: Before<'_>,
        token: &mut Token,
    ) -> Option<Match> {
        let mut end = token.read(text, at);
        if end == at || token.too_long {
            return None;
        }
        let is_hump = token.is_hump;
        if let Some(found) = self.find_from(text, at, SEED, token, end, before) {
            return Some(found);
        }
        if is_hump {
            // "wREN", and "ODell" of O'Dell.
            token.whole = true;
            end = token.read(text, at);
            let found = self.find_from(text, at, SEED, token, end, before);
            token.whole = false;
            if found.is_some() {
                return found;
            }
        }
        // "and Dana", "to Muhammad": such words grow together with the name in these scripts.
        let prefix = text[at..].chars().next()?;
        if !matches!(
            prefix,
            'ו' | 'ב' | 'ל' | 'ה' | 'מ' | 'ש' | 'כ' | 'و' | 'ب' | 'ل' | 'ف' | 'ك'
        ) {
            return None;
        }
        let mut from = at + prefix.len_utf8();
        if text.get(from..)?.starts_with('ל') && prefix == 'ו' {
            from += 'ל'.len_utf8();
        }
        end = token.read(text, from);
        if end < from + 6 {
            return None;
        }
        self.find_from(text, from, SEED, token, end, before)
    }

    fn find_from(
        &self,
        text: &str,
        at: usize,
        seed: u64,
        token: &mut Token,
        first_end: usize,
        before: Before<'_>,
    ) -> Option<Match> {
        let last = before.last();
        let is_handle = matches!(last, Some('@' | '~'));
        let mut hash = seed;
        let mut end = first_end;
        let mut start = at;
        let mut capitalised = true;
        // No blank between the words so far, as in handles.
        let mut tight = true;
        let mut dotted = false;
        let mut shouted = true;
        let mut was_wide = false;
        let mut known = 0;
        let mut middle = 0;
        let mut comma = false;
        let mut longest = None;
        for words in 1..=MAX_WORDS {
            let is_particle = token.small && words > 1 && words::of(token).is_particle();
            let mut next = if words > 1 && !(was_wide && token.wide) {
                step(hash, ' ')
            } else {
                hash
            };
            next = steps(next, token.letters());
            let mut way = self.way(next);
            let mut genitive = false;
            if way == 0 && !token.wide {
                (way, genitive) = self.without_ending(hash, words, token);
            }
            let letters = token.letters().len();
            let passes = way == 0
                && known & PAIR != 0
                && middle < MAX_MIDDLE
                && !comma
                && (!tight || letters == 1 && dotted)
                && (is_particle || !token.small && !words::of(token).is_always() || letters == 1);
            if way == 0 && !passes {
                break;
            }
            if passes {
                middle += 1;
                capitalised &= !token.small || is_particle;
            } else {
                hash = next;
                known = way;
                was_wide = token.wide;
                capitalised &= !token.small || is_particle || self.is_first_particle(words, token);
                shouted &= !token.has_small && letters > 1;
            }
            let gap = separator(text, start, end, token, letters == 1);
            if let Some(gap) = &gap {
                dotted |= letters == 1 && gap.dot;
            } else if letters == 1 {
                dotted |= text[end..].starts_with('.');
            }
            let level = if passes { 0 } else { way & LEVEL };
            let is_genitive = genitive || possessive(text, end);
            let fits = match level {
                0 => false,
                ANYHOW => !token.wide || !splits_hangul(text, at, last),
                CAPITALISED => capitalised || is_handle || tight && words > 1,
                AMID_SENTENCE if words > 1 => (capitalised || tight) && dotted,
                AMID_SENTENCE => {
                    is_handle
                        || capitalised
                            && (before.alone
                                || !shouted && (before.is_amid_sentence() || is_genitive)
                                || before.is_titled()
                                || honorific(text, end).is_some())
                }
                _ => {
                    matches!(last, Some('@' | '~' | '/' | '=' | '_'))
                        || text[end..].starts_with('@')
                        || capitalised && before.is_titled()
                        || token.wide
                            && honorific(text, end).is_some()
                            && !splits_hangul(text, at, last)
                }
            };
            if fits {
                longest = Some(Match { end, genitive });
            }
            if genitive || known & MORE == 0 && middle == 0 {
                break;
            }
            let Some(gap) = gap else { break };
            tight &= gap.tight;
            comma |= gap.comma;
            start = gap.end;
            end = token.read(text, start);
            // The "s" of a genitive is no initial.
            if end == start || token.too_long || gap.apostrophe && token.letters().len() == 1 {
                break;
            }
        }
        let found = longest?;
        Some(Match {
            end: honorific(text, found.end).unwrap_or_else(|| suffix(text, found.end)),
            ..found
        })
    }

    /// "van der Berg" alone begins with a small letter.
    fn is_first_particle(&self, words: usize, token: &Token) -> bool {
        words == 1 && token.small && words::of(token).is_particle()
    }

    /// What is known of a word without the "s" of a genitive, or without the digits behind a handle.
    fn without_ending(&self, hash: u64, words: usize, token: &mut Token) -> (u64, bool) {
        let letters = token.letters();
        let hash = if words > 1 { step(hash, ' ') } else { hash };
        let (keep, genitive) = match letters {
            [name @ .., 's'] if name.len() >= 3 => (name.len(), true),
            [.., last] if last.is_ascii_digit() => {
                let digits = letters
                    .iter()
                    .rev()
                    .take_while(|it| it.is_ascii_digit())
                    .count();
                (letters.len() - digits, false)
            }
            _ => return (0, false),
        };
        if keep < 3 {
            return (0, false);
        }
        let way = self.way(steps(hash, &letters[..keep])) & LEVEL;
        // A number behind a word makes a handle of it only where the whole name stands before.
        if !genitive && way != ANYHOW {
            return (0, false);
        }
        (way, genitive && way != 0)
    }
}

/// Whether a name of Korean would begin within a word: it parts its words, others do not.
fn splits_hangul(text: &str, at: usize, last: Option<char>) -> bool {
    last.is_some_and(fold::is_hangul) && text[at..].starts_with(fold::is_hangul)
}

/// Whether the sign of a genitive follows.
fn possessive(text: &str, end: usize) -> bool {
    let rest = &text[end..];
    let Some(after) = rest.strip_prefix(['\'', '’', 'ʼ', '＇']) else {
        return false;
    };
    after.starts_with('s') && !after[1..].starts_with(fold::is_word)
}

/// Where the honorific ends that stands at a byte of a text.
fn honorific(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let inner = rest
        .strip_prefix(' ')
        .filter(|rest| rest.starts_with(fold::is_hangul))
        .unwrap_or(rest);
    if !inner.starts_with(|first| fold::shape(first) == Shape::Wide) {
        return None;
    }
    let found = HONORIFICS
        .iter()
        .filter(|it| inner.starts_with(**it))
        .max_by_key(|it| it.len())?;
    Some(at + rest.len() - inner.len() + found.len())
}

/// Where what belongs to a name ends behind it: ", Jr.", " PhD".
fn suffix(text: &str, at: usize) -> usize {
    let mut end = at;
    for _ in 0..3 {
        let rest = &text[end..];
        let inner = rest.strip_prefix(',').unwrap_or(rest);
        let Some(inner) = inner.strip_prefix(' ') else {
            break;
        };
        let start = text.len() - inner.len();
        if ["Ph.D.", "M.D.", "B.A.", "M.A.", "Esq."]
            .iter()
            .any(|it| inner.starts_with(it))
        {
            end = start
                + if inner.starts_with('P') || inner.starts_with('E') {
                    5
                } else {
                    4
                };
            continue;
        }
        let mut token = Token::new();
        let mut word_end = token.read(text, start);
        // "PhD" is read as two words for its capitals.
        let mut name = token.letters().iter().collect::<String>();
        if token.is_hump {
            word_end = token.read(text, word_end);
            name.extend(token.letters());
        }
        let is_suffix = inner.starts_with(char::is_uppercase)
            && name.len() <= 6
            && words::by_hash(fold::hash_of(name.as_bytes())).is_suffix();
        if !is_suffix || token.is_hump {
            break;
        }
        end = word_end;
        // "Jr." within a sentence; at its end the full stop is the sentence's as well.
        let is_short = matches!(name.as_str(), "jr" | "sr" | "esq");
        if is_short
            && text[end..].starts_with(". ")
            && !text[end + 2..].starts_with(char::is_uppercase)
        {
            end += 1;
        }
    }
    end
}

/// What may part the words of a name.
struct Gap {
    end: usize,
    tight: bool,
    dot: bool,
    comma: bool,
    apostrophe: bool,
}

/// The gap behind the word that ends at a byte of a text.
fn separator(text: &str, start: usize, end: usize, token: &Token, is_initial: bool) -> Option<Gap> {
    let rest = text.get(end..)?;
    let mut characters = rest.chars();
    let first = characters.next()?;
    let second = characters.next();
    let gap = |length: usize, tight: bool| {
        Some(Gap {
            end: end + length,
            tight,
            dot: first == '.',
            comma: first == ',',
            apostrophe: matches!(first, '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '＇' | '′'),
        })
    };
    if fold::is_word(first) {
        // A capital within a word, or a letter of another script.
        return (end > start && (token.is_hump || token.wide || !first.is_ascii()))
            .then_some(())
            .and_then(|()| gap(0, true));
    }
    let mut signs = 0;
    match first {
        // "I. Korrigan", "W.M. Halloway" and "Korrigan, Ilse", but not the end of a sentence.
        '.' if is_initial && second.is_some_and(char::is_whitespace) => signs = 1,
        ',' => signs = 1,
        '%' if rest.starts_with("%20") => return gap(3, true),
        '.' | '-' | '_' | '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '＇' | '′' | '‐' | '‑' | '‒'
        | '–' | '−' | '－' | '·' | '・' | '･' | '•' | '+' => {
            return second
                .is_some_and(fold::is_word)
                .then_some(())
                .and_then(|()| gap(first.len_utf8(), true));
        }
        _ => {}
    }
    let mut blanks = 0;
    let mut lines = 0;
    for character in rest[signs..].chars().take(4) {
        if !character.is_whitespace() {
            break;
        }
        lines += usize::from(character == '\n');
        blanks += character.len_utf8();
    }
    let word = rest[signs + blanks..].starts_with(fold::is_word);
    if blanks > 0 && lines <= 1 && word {
        gap(signs + blanks, false)
    } else {
        None
    }
}

/// The words of a text as they are compared, with whether each is of a script without blanks.
#[derive(Clone, PartialEq)]
struct Part {
    letters: Vec<char>,
    wide: bool,
    /// What is known of the word: asked for many times, looked up once.
    word: Word,
}

impl Part {
    /// A part of letters that stand in no text.
    fn new(letters: Vec<char>) -> Self {
        let word = words::by_hash(steps(SEED, &letters));
        Self {
            letters,
            wide: false,
            word,
        }
    }
}

fn parts(text: &str, token: &mut Token) -> Vec<Part> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let end = token.read(text, at);
        if end == at {
            at += first.len_utf8();
            continue;
        }
        if !token.letters().is_empty() && !token.too_long {
            found.push(Part {
                letters: token.letters().to_vec(),
                wide: token.wide,
                word: words::by_hash(steps(SEED, token.letters())),
            });
        }
        at = end;
    }
    found
}

fn known(part: &Part) -> Word {
    part.word
}

/// Collects what names a page gives away.
pub(crate) struct Learner {
    names: Names,
    token: Token,
}

impl Learner {
    pub(crate) fn new() -> Self {
        Self {
            names: Names {
                ways: Vec::new(),
                sieve: Vec::new(),
                starts: Box::new([0; 128]),
                wide_starts: [0; 16],
                heeds_sentence: false,
                right_to_left: false,
            },
            token: Token::new(),
        }
    }

    /// The names, ready to be looked for.
    pub(crate) fn finish(self) -> Names {
        let mut names = self.names;
        names.ways.sort_unstable();
        // Of the same hash, one way with the laxest level and all flags is left.
        names.ways.dedup_by(|way, kept| {
            let same = *way & !FLAGS == *kept & !FLAGS;
            if same {
                let levels = [*way & LEVEL, *kept & LEVEL];
                let level = levels.into_iter().filter(|it| *it > 0).min().unwrap_or(0);
                *kept = (*kept | *way) & !LEVEL | level;
            }
            same
        });
        let bits = (names.ways.len() * 8).next_power_of_two().max(512);
        names.sieve = vec![0; bits / 64];
        for way in &names.ways {
            names.heeds_sentence |= way & LEVEL == AMID_SENTENCE;
            let bit = (way >> 24) as usize & (bits - 1);
            names.sieve[bit / 64] |= 1 << (bit % 64);
        }
        names
    }

    /// Learns an id or a username, unless it is one that stands for a role.
    pub(crate) fn id(&mut self, id: &str) {
        if id.contains(['/', ':', '@', '%', '?']) || id.len() > 200 {
            return;
        }
        let parts = parts(id, &mut self.token);
        let letters: usize = parts.iter().map(|part| part.letters.len()).sum();
        let distinct = match parts.as_slice() {
            [] => false,
            [one] => {
                let digits = one.letters.iter().any(char::is_ascii_digit);
                let word = known(one);
                (letters >= 5 || digits && letters >= 3)
                    && !word.is_ordinary()
                    && !word.is_no_person()
            }
            _ => letters >= 6 && !parts.iter().all(|part| known(part).is_no_person()),
        };
        if !distinct {
            return;
        }
        if parts.iter().any(|part| part.wide) {
            self.way(&parts.iter().collect::<Vec<_>>(), ANYHOW);
            return;
        }
        self.way(&parts.iter().collect::<Vec<_>>(), ANYHOW);
        if let [_, _, ..] = parts.as_slice() {
            self.joined(parts.iter(), ANYHOW);
            if let [first, .., last] = parts.as_slice()
                && [first, last]
                    .iter()
                    .all(|it| it.letters.len() > 1 && !known(it).is_no_person())
            {
                self.way(&[last, first], CAPITALISED);
            }
        }
    }

    /// Learns a name that the page's own structure gives away, or that is the value of a label:
    /// in full, turned round, by its single words and by initials, each as far as it is unlikely
    /// to be an ordinary word.
    pub(crate) fn name(&mut self, kind: RemovalKind, text: &str) {
        // "Ilse Korrigan (Deactivated)", "Korrigan, Ilse".
        let text = text.trim().trim_start_matches('@');
        let text = text
            .split(['(', '[', '（', '<'])
            .next()
            .unwrap_or_default()
            .trim();
        if text.is_empty() || text.len() > 200 || text.contains(['/', ':', '@']) {
            return;
        }
        let turned;
        let text = match text.split_once(',') {
            Some((name, more)) if words::of_text(more).is_suffix() => name.trim(),
            Some((last, first)) => {
                turned = format!("{} {}", first.trim(), last.trim());
                turned.as_str()
            }
            None => text,
        };
        let words: Vec<&str> = text
            .split(|sign: char| sign.is_whitespace() || matches!(sign, '・' | '･'))
            .filter(|word| {
                let known = words::of_text(word);
                !word.is_empty() && !known.is_title() && !known.is_suffix()
            })
            .collect();
        let is_name = (1..=8).contains(&words.len())
            && words.iter().all(|word| {
                word.starts_with(|first: char| {
                    fold::is_word(first) && !first.is_numeric() || first == '\''
                })
            });
        // The words of a link may be any words: only what looks like a name is taken for one.
        let is_trusted = kind == RemovalKind::Mention || looks_like_name(&words, 1);
        if !is_name || !is_trusted {
            return;
        }
        if let [handle] = words.as_slice()
            && handle.starts_with(char::is_lowercase)
        {
            self.id(handle);
            return;
        }
        let split: Vec<Vec<Part>> = words
            .iter()
            .map(|word| parts(word, &mut self.token))
            .filter(|parts| !parts.is_empty())
            .collect();
        let (Some(first), Some(last)) = (split.first(), split.last()) else {
            return;
        };
        if split.iter().flatten().all(|part| known(part).is_always()) && split.len() > 1
            || last.last().is_some_and(|part| known(part).is_group())
        {
            let all: Vec<&Part> = split.iter().flatten().collect();
            // Words that are said instead of people must stay what they are.
            let is_neutral = all.iter().all(|part| known(part).is_always()) && all.len() < 3;
            if all.len() > 1 && !is_neutral {
                self.way(&all, CAPITALISED);
            }
            return;
        }
        if first.iter().chain(last).any(|part| part.wide) {
            self.wide_forms(&split);
        }
        self.forms(&words, &split);
        // "O'Dell" is "ODell" and "McLeod" is "Mcleod" as well.
        let is_hyphened = |word: &str| word.contains(['-', '‐', '‑']);
        let parted: Vec<(bool, bool)> = words
            .iter()
            .zip(&split)
            .map(|(word, parts)| (parts.len() > 1 && !parts[0].wide, is_hyphened(word)))
            .collect();
        for (hyphened, others) in [(true, false), (false, true), (true, true)] {
            let joins = |(parted, is_hyphened): (bool, bool)| {
                parted && if is_hyphened { hyphened } else { others }
            };
            let differs = parted.iter().any(|it| joins(*it));
            if differs {
                let joined: Vec<Vec<Part>> = split
                    .iter()
                    .zip(&parted)
                    .map(|(word, parted)| {
                        if joins(*parted) {
                            join(word)
                        } else {
                            word.clone()
                        }
                    })
                    .collect();
                self.forms(&words, &joined);
            }
        }
        for spelled in [spell_out(text), contract(text)].into_iter().flatten() {
            let words: Vec<&str> = spelled
                .split_whitespace()
                .filter(|word| !words::of_text(word).is_title())
                .collect();
            let split: Vec<Vec<Part>> = words
                .iter()
                .map(|word| parts(word, &mut self.token))
                .filter(|parts| !parts.is_empty())
                .collect();
            if !split.is_empty() {
                self.forms(&words, &split);
            }
        }
    }

    /// A name in full, learnt from what is not certain to be one: its single words are not.
    pub(crate) fn full_name(&mut self, words: &[&str]) {
        let split: Vec<Part> = words
            .iter()
            .flat_map(|word| parts(word, &mut self.token))
            .collect();
        if split.len() > 1 && !split.iter().any(|part| known(part).is_no_person()) {
            self.way(&split.iter().collect::<Vec<_>>(), CAPITALISED);
            let turned: Vec<&Part> = split.iter().rev().collect();
            self.way(&turned, CAPITALISED);
            self.joined(split.iter(), MARKED);
        }
    }

    fn forms(&mut self, words: &[&str], split: &[Vec<Part>]) {
        for (word, parts) in words.iter().zip(split) {
            self.word(word, parts);
        }
        let (Some(first), Some(core)) = (split.first(), split.last()) else {
            return;
        };
        let all: Vec<&Part> = split.iter().flatten().collect();
        if all.len() < 2 {
            return;
        }
        let level = if all.iter().all(|part| known(part).is_ordinary()) {
            CAPITALISED
        } else {
            ANYHOW
        };
        self.way(&all, level);
        if split.len() < 2 {
            return;
        }
        // "van der Berg", "de la Cruz": the family name begins with its first particle.
        let particle = split
            .iter()
            .skip(1)
            .position(|part| part.iter().all(|it| known(it).is_particle()));
        let begin = particle.map_or(split.len() - 1, |index| index + 1);
        let family: Vec<&Part> = split[begin..].iter().flatten().collect();
        let given: Vec<&Part> = first.iter().collect();
        let core: Vec<&Part> = core.iter().collect();
        let given_all: Vec<&Part> = split[..begin].iter().flatten().collect();
        self.way_of(&family, &given_all, level);
        if given_all.len() > given.len() {
            self.way_of(&family, &given, level);
        }
        self.pair(&given, &family, level);
        if split.len() > 2 {
            self.pair(&given, &core, level);
            self.way_of(&core, &given, level);
            if split[1]
                .iter()
                .any(|part| part.letters.len() > 1 && !known(part).is_particle())
            {
                let second: Vec<&Part> = split[1].iter().collect();
                self.way_of(&given, &second, level.max(CAPITALISED));
                // Two family names, or a middle name that is the one in use.
                self.way_of(&second, &core, level.max(CAPITALISED));
            }
        }
        if particle.is_none() && split.len() == 3 {
            // Two family names: "García López, Ana".
            let both: Vec<&Part> = split[1..].iter().flatten().collect();
            self.way_of(&both, &given, level);
        }
        if family.len() > core.len() {
            let joined = join(&family.iter().map(|it| (*it).clone()).collect::<Vec<_>>());
            let joined: Vec<&Part> = joined.iter().collect();
            self.pair(&given, &joined, level);
            // "Berg, Jan van der" and "van der Berg".
            let before: Vec<&Part> = split[begin..split.len() - 1].iter().flatten().collect();
            self.way(&[core.clone(), given_all, before].concat(), level);
            self.way(&family, CAPITALISED);
            self.joined(family.iter().copied(), CAPITALISED);
        }
        if !given[0].wide && !core[0].wide {
            self.short_forms(&given, &family, &core);
        }
    }

    /// "I. Korrigan", "Ilse K.", "ikorrigan", "ilsekorrigan", "korrigani", "ilsek".
    fn short_forms(&mut self, given: &[&Part], family: &[&Part], core: &[&Part]) {
        let initial = |parts: &[&Part]| {
            let letters = parts.iter().filter_map(|part| part.letters.first());
            Part::new(letters.copied().take(1).collect())
        };
        let ordinary = |parts: &[&Part]| parts.iter().all(|part| known(part).is_ordinary());
        let level = |parts: &[&Part]| {
            if ordinary(parts) {
                AMID_SENTENCE
            } else {
                CAPITALISED
            }
        };
        let (first, last) = (initial(given), initial(core));
        // Most family names are one word: what is said of all of it is said of the last then.
        let families = if family.len() == core.len() {
            &[core][..]
        } else {
            &[family, core][..]
        };
        self.way_of(given, &[&last], level(given));
        let (first, last) = (&[&first][..], &[&last][..]);
        self.as_handle(given, last);
        for family in families {
            self.pair(first, family, level(family));
            self.way_of(family, first, level(family));
            self.as_handle(first, family);
            self.as_handle(given, family);
            self.as_handle(family, first);
        }
        self.as_handle(families[0], given);
    }

    /// Two parts of a name in one word.
    fn as_handle(&mut self, first: &[&Part], second: &[&Part]) {
        let parts = first.iter().chain(second).copied();
        let letters: usize = parts.clone().map(|part| part.letters.len()).sum();
        // A short one may be a word: the handle of S. Park.
        self.joined(parts, if letters >= 8 { ANYHOW } else { MARKED });
    }

    /// Names of scripts without blanks: the given name alone, and family names before honorifics.
    fn wide_forms(&mut self, split: &[Vec<Part>]) {
        for word in split {
            let letters: Vec<&Part> = word.iter().collect();
            let hangul = letters
                .iter()
                .any(|part| part.letters.first().is_some_and(|it| fold::is_hangul(*it)));
            let level = if hangul { MARKED } else { ANYHOW };
            if split.len() > 1 {
                self.way(&letters, if letters.len() > 1 { level } else { MARKED });
                continue;
            }
            if letters.len() >= 2 {
                self.way(&letters, ANYHOW);
                self.way(&letters[..1], MARKED);
            }
            if letters.len() >= 3 {
                self.way(&letters[..2], MARKED);
                let given = if letters.len() == 3 { 1 } else { 2 };
                self.way(&letters[given..], level);
                if given == 2 {
                    self.way(&letters[..2], level);
                }
            }
        }
    }

    /// One word of a name, if it may stand for the whole.
    fn word(&mut self, word: &str, parts: &[Part]) {
        let Some(first) = parts.first() else { return };
        // "al-Farsi".
        let is_article = parts.len() > 1 && known(first).is_particle();
        if first.wide || !is_article && word.starts_with(char::is_lowercase) {
            return;
        }
        let letters: usize = parts.iter().map(|part| part.letters.len()).sum();
        let caseless = !word.starts_with(char::is_uppercase);
        let level = match parts {
            [one] if known(one).is_always() => MARKED,
            [one] if known(one).is_ordinary() && caseless => MARKED,
            [one] if known(one).is_ordinary() => AMID_SENTENCE,
            _ if letters >= 3 || caseless && letters == 2 => CAPITALISED,
            _ if letters == 2 => AMID_SENTENCE,
            _ => return,
        };
        self.way(&parts.iter().collect::<Vec<_>>(), level);
        // "Anne" of Anne-Marie, "Jones" of Smith-Jones, "Farsi" of al-Farsi.
        if parts.len() > 1 && word.contains(['-', '‐', '‑']) {
            for part in parts.iter().filter(|part| part.letters.len() >= 4) {
                let word = known(part);
                if !word.is_always() {
                    let level = if word.is_ordinary() {
                        AMID_SENTENCE
                    } else {
                        CAPITALISED
                    };
                    self.way(&[part], level);
                }
            }
        }
    }

    /// Words that other words may stand between.
    fn pair(&mut self, first: &[&Part], last: &[&Part], level: u64) {
        self.way_of(first, last, level);
        let hash = self.hash(first);
        if let Some(hash) = hash {
            self.names.ways.push(hash & !FLAGS | MORE | PAIR);
        }
    }

    fn hash(&self, parts: &[&Part]) -> Option<u64> {
        let mut hash = SEED;
        let mut was_wide = true;
        for (index, part) in parts.iter().enumerate() {
            if index > 0 && !(was_wide && part.wide) {
                hash = step(hash, ' ');
            }
            was_wide = part.wide;
            hash = steps(hash, &part.letters);
        }
        (!parts.is_empty()).then_some(hash)
    }

    /// Words written as one.
    fn joined<'p>(&mut self, parts: impl Iterator<Item = &'p Part> + Clone, level: u64) {
        if parts.clone().any(|part| part.wide) {
            parts.for_each(|part| self.way(&[part], level));
            return;
        }
        let letters = parts.flat_map(|part| &part.letters).copied();
        let mut firsts = letters.clone();
        let (Some(first), second) = (firsts.next(), firsts.next()) else {
            return;
        };
        if second.is_none() && level < MARKED {
            return;
        }
        let hash = letters.fold(SEED, step);
        self.names.ways.push(hash & !FLAGS | level);
        match second {
            Some(second) => self.start(&[first, second]),
            None => self.start(&[first]),
        }
    }

    /// Adds a way of writing, and what it begins with.
    fn way(&mut self, parts: &[&Part], level: u64) {
        self.way_of(parts, &[], level);
    }

    /// The same of some parts and then others.
    fn way_of(&mut self, parts: &[&Part], others: &[&Part], level: u64) {
        let count = parts.len() + others.len();
        let parts = parts.iter().chain(others);
        let letters: usize = parts.clone().map(|part| part.letters.len()).sum();
        if count == 0 || count > MAX_WORDS || letters < 2 && level < MARKED {
            return;
        }
        let mut hash = SEED;
        let mut was_wide = false;
        for (index, part) in parts.clone().enumerate() {
            if index > 0 && !(was_wide && part.wide) {
                hash = step(hash, ' ');
            }
            was_wide = part.wide;
            for (letter_index, letter) in part.letters.iter().enumerate() {
                hash = step(hash, *letter);
                let is_last = letter_index + 1 == part.letters.len();
                // A syllable may be encoded as its letters, each of which is read as a word.
                if is_last && index + 1 == count {
                    self.names.ways.push(hash & !FLAGS | level);
                } else if is_last || part.wide {
                    self.names.ways.push(hash & !FLAGS | MORE);
                }
            }
        }
        if let Some(first) = parts.clone().next() {
            self.start(&first.letters);
        }
    }

    fn start(&mut self, letters: &[char]) {
        let names = &mut self.names;
        let Some(first) = letters.first() else { return };
        names.right_to_left |= matches!(first, '\u{590}'..='\u{6FF}');
        match u8::try_from(*first) {
            Ok(byte) if byte.is_ascii() => {
                let seconds = match letters.get(1) {
                    Some(second) if second.is_ascii() => 1 << (*second as u32 & 31),
                    Some(_) => u32::MAX,
                    // A sign or blank stands behind an initial.
                    None => 1,
                };
                names.starts[usize::from(byte)] |= seconds;
                names.starts[usize::from(byte.to_ascii_uppercase())] |= seconds;
            }
            _ => {
                names.wide_starts[*first as usize / 64 % 16] |= 1 << (*first as usize % 64);
            }
        }
    }
}

fn join(parts: &[Part]) -> Vec<Part> {
    if parts.iter().any(|part| part.wide) {
        return parts.to_vec();
    }
    let letters: Vec<char> = parts
        .iter()
        .flat_map(|part| &part.letters)
        .copied()
        .collect();
    vec![Part::new(letters)]
}

/// The name with its umlauts written out, as "Mueller" of "Müller".
fn spell_out(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 4);
    let mut changed = false;
    for letter in text.chars() {
        let instead = match letter {
            'ä' | 'Ä' | 'æ' => "ae",
            'ö' | 'Ö' | 'ø' | 'Ø' => "oe",
            'ü' | 'Ü' => "ue",
            'å' | 'Å' => "aa",
            '\u{308}' => "e",
            _ => {
                out.push(letter);
                continue;
            }
        };
        changed = true;
        let at_start = out.chars().next_back().is_none_or(char::is_whitespace);
        let mut letters = instead.chars();
        if at_start {
            out.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        }
        out.extend(letters);
    }
    changed.then_some(out)
}

/// The name with umlauts that were written out, as "Müller" of "Mueller".
fn contract(text: &str) -> Option<String> {
    let holds = |pair: &[u8]| {
        matches!(pair[0].to_ascii_lowercase(), b'a' | b'o' | b'u')
            && pair[1].eq_ignore_ascii_case(&b'e')
    };
    if !text.as_bytes().windows(2).any(holds) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let mut before = ' ';
        let long = word.trim_end().chars().count() >= 5;
        for letter in word.chars() {
            if !(long && letter == 'e' && matches!(before, 'a' | 'o' | 'u' | 'A' | 'O' | 'U')) {
                out.push(letter);
            }
            before = letter;
        }
    }
    (out != text).then_some(out)
}

/// Whether words look like a person's name and not like an invitation or an organisation.
pub(crate) fn looks_like_name(words: &[&str], at_least: usize) -> bool {
    let mut capitals = 0;
    let mut ordinary = 0;
    for word in words {
        let letters = word.trim_end_matches('.');
        let is_plain = letters.chars().all(|letter| {
            fold::is_word(letter) && !letter.is_numeric()
                || matches!(
                    letter,
                    '-' | '‐' | '‑' | '\'' | '’' | 'ʼ' | '.' | '・' | '·'
                )
        });
        let known = words::of_text(letters);
        if !is_plain || letters.is_empty() {
            return false;
        }
        if known.is_particle() && word.starts_with(char::is_lowercase) {
            continue;
        }
        if word.starts_with(char::is_lowercase) || known.is_no_person() {
            return false;
        }
        ordinary += usize::from(known.is_ordinary());
        capitals += 1;
    }
    (at_least..=4).contains(&capitals)
        && words.len() <= 6
        && (ordinary < capitals || capitals > 1 && at_least <= 1)
}
