//! How long a text takes to narrate: the one rule that estimates, outlines and cuts share. It knows
//! nothing of what the text says, and never changes it.

/// An amount of narration, exact under addition.
///
/// A word between blanks is one word. Scripts that write without blanks are counted by character,
/// at the rate of their narrators: two characters of Chinese or Japanese are a word (300 characters
/// a minute, the pace of news readers), four of Thai, Lao, Khmer or Burmese.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Narration {
    /// Quarters of a word, so that characters add up without rounding.
    quarters: u64,
}

impl Narration {
    /// Words a minute: the pace that Golpo's API documents.
    pub const WORDS_PER_MINUTE: u32 = 150;

    /// The narration of a text.
    pub fn of(text: &str) -> Self {
        let mut quarters = 0;
        let mut in_word = false;
        let bytes = text.as_bytes();
        let mut index = 0;
        while let Some(&byte) = bytes.get(index) {
            if byte < 0x80 {
                // The white space of `char::is_whitespace`, and the separators U+1C to U+1F are not.
                let blank = byte == b' ' || matches!(byte, 9..=13);
                quarters += u64::from(!blank && !in_word) * 4;
                in_word = !blank;
                index += 1;
                continue;
            }
            let Some(character) = text.get(index..).and_then(|rest| rest.chars().next()) else {
                break;
            };
            index += character.len_utf8();
            match quarters_of(character) {
                Some(count) => {
                    quarters += count;
                    in_word = false;
                }
                None if character.is_whitespace() => in_word = false,
                None => {
                    quarters += u64::from(!in_word) * 4;
                    in_word = true;
                }
            }
        }
        Self { quarters }
    }

    /// The most narration that fits into so many seconds.
    pub fn within(seconds: u32) -> Self {
        Self {
            quarters: u64::from(seconds) * u64::from(Self::WORDS_PER_MINUTE) * 4 / 60,
        }
    }

    /// Words, a part of one counted whole.
    pub fn words(self) -> usize {
        usize::try_from(self.quarters.div_ceil(4)).unwrap_or(usize::MAX)
    }

    /// Seconds, a part of one counted whole.
    pub fn seconds(self) -> u32 {
        let per_minute = u64::from(Self::WORDS_PER_MINUTE) * 4;
        u32::try_from(self.quarters.saturating_mul(60).div_ceil(per_minute)).unwrap_or(u32::MAX)
    }

    /// What is left of it without another amount; nothing where that is more.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self {
            quarters: self.quarters.saturating_sub(other.quarters),
        }
    }

    /// The share of this amount that `part` is of `whole`, rounded down; all of it where the whole
    /// is nothing.
    pub fn share(self, part: Self, whole: Self) -> Self {
        let product = u128::from(self.quarters) * u128::from(part.quarters);
        let quarters = product
            .checked_div(u128::from(whole.quarters))
            .and_then(|quarters| u64::try_from(quarters).ok())
            .unwrap_or(self.quarters);
        Self { quarters }
    }
}

impl std::ops::Add for Narration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            quarters: self.quarters.saturating_add(other.quarters),
        }
    }
}

impl std::ops::AddAssign for Narration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Narration {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), std::ops::Add::add)
    }
}

/// Quarters of a word that a character of a script without blanks counts; `None` for those of
/// scripts with blanks. Punctuation and marks of such scripts part words and count nothing.
fn quarters_of(character: char) -> Option<u64> {
    match character {
        // Thai, Lao, Burmese, Khmer: marks above and below are not letters of their own.
        '\u{E01}'..='\u{E30}' | '\u{E32}'..='\u{E33}' | '\u{E40}'..='\u{E46}' => Some(1),
        '\u{E81}'..='\u{EB0}' | '\u{EB2}'..='\u{EB3}' | '\u{EC0}'..='\u{EC6}' => Some(1),
        '\u{1000}'..='\u{102A}' | '\u{1780}'..='\u{17B3}' => Some(1),
        '\u{E00}'..='\u{E4F}' | '\u{E80}'..='\u{ECF}' => Some(0),
        '\u{102B}'..='\u{103E}' | '\u{17B4}'..='\u{17DD}' => Some(0),
        // Punctuation of East Asia, and full-width forms of it.
        '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{30FB}' => Some(0),
        '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}' => Some(0),
        '\u{FF5B}'..='\u{FF65}' => Some(0),
        // Kana, ideographs and their full-width company.
        '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' => Some(2),
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' => Some(2),
        '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => Some(2),
        '\u{FF66}'..='\u{FF9D}' | '\u{20000}'..='\u{3FFFF}' => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_as_they_are_spoken() {
        let table = [
            ("", 0),
            ("  \n", 0),
            ("one two\u{a0}three\n\nfour", 4),
            ("3,500 users - é", 4),
            ("서울은 한국의 수도입니다", 3),
            ("東京は日本の首都です。", 5),
            ("「Golpo」で動画を作る", 4),
            ("ＡＢ", 1),
            ("ภาษาไทย", 2),
        ];
        for (text, words) in table {
            assert_eq!(Narration::of(text).words(), words, "{text}");
        }
    }

    #[test]
    fn japanese_is_narrated_at_300_characters_a_minute() {
        assert_eq!(Narration::of(&"あ".repeat(300)).seconds(), 60);
        assert_eq!(Narration::of(&"word ".repeat(150)).seconds(), 60);
    }

    #[test]
    fn what_fits_into_seconds_takes_no_longer() {
        for seconds in 0..500 {
            let most = Narration::within(seconds);
            assert!(most.seconds() <= seconds);
            assert!((most + Narration { quarters: 1 }).seconds() > seconds);
        }
    }

    #[test]
    fn a_share_is_in_proportion() {
        let of = |words: &str| Narration::of(words);
        assert_eq!(of("a b c d").share(of("a"), of("a b")), of("a b"));
        assert_eq!(of("a b").share(of(""), of("")), of("a b"));
    }
}
