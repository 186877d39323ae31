//! How words are cut and compared: in lower case, without accents, invisible signs and the many
//! widths and shapes of a letter, so that "José" is found as "Jose" however it is encoded. Knows
//! characters alone, no words and no pages, and allocates nothing.

/// What a character is for the cutting of words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Parts words. The underscore does, since identifiers and handles part names with it.
    Border,
    /// Belongs to the letter before it, or is invisible.
    Mark,
    /// A letter or digit of a script whose words are parted.
    Letter,
    /// A letter of katakana: a run of them is a word.
    Katakana,
    /// A letter of a script that writes words without blanks: each is looked at as a word.
    Wide,
}

/// The shape of a character.
pub(crate) fn shape(character: char) -> Shape {
    match character {
        '\0'..='\u{7F}' if character.is_ascii_alphanumeric() => Shape::Letter,
        '\0'..='\u{7F}' => Shape::Border,
        // The letters that are met most, before the long list of the others.
        '\u{D7}' | '\u{F7}' => Shape::Border,
        '\u{C0}'..='\u{24F}'
        | '\u{3A3}'..='\u{3FF}'
        | '\u{400}'..='\u{481}'
        | '\u{5D0}'..='\u{5EA}'
        | '\u{620}'..='\u{63F}'
        | '\u{641}'..='\u{64A}' => Shape::Letter,
        '\u{AD}'
        | '\u{300}'..='\u{36F}'
        | '\u{483}'..='\u{487}'
        | '\u{591}'..='\u{5BD}'
        | '\u{5BF}'
        | '\u{5C1}'
        | '\u{5C2}'
        | '\u{5C4}'
        | '\u{5C5}'
        | '\u{5C7}'
        | '\u{610}'..='\u{61A}'
        | '\u{640}'
        | '\u{64B}'..='\u{65F}'
        | '\u{670}'
        | '\u{6D6}'..='\u{6DC}'
        | '\u{6DF}'..='\u{6E4}'
        | '\u{93C}'
        | '\u{94D}'
        | '\u{9BC}'
        | '\u{9CD}'
        | '\u{A3C}'
        | '\u{A4D}'
        | '\u{ABC}'
        | '\u{ACD}'
        | '\u{B3C}'
        | '\u{B4D}'
        | '\u{BCD}'
        | '\u{C4D}'
        | '\u{CBC}'
        | '\u{CCD}'
        | '\u{D4D}'
        | '\u{DCA}'
        | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{20D0}'..='\u{20F0}'
        | '\u{3099}'
        | '\u{309A}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FE20}'..='\u{FE2F}'
        | '\u{FEFF}'
        | '\u{FF9E}'
        | '\u{FF9F}' => Shape::Mark,
        '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' | '\u{FF66}'..='\u{FF9D}' => {
            Shape::Katakana
        }
        '\u{E01}'..='\u{E4E}'
        | '\u{1100}'..='\u{11FF}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{3096}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7AF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3134F}' => Shape::Wide,
        _ if character.is_alphanumeric() => Shape::Letter,
        _ => Shape::Border,
    }
}

/// Whether a character is part of a word.
pub(crate) fn is_word(character: char) -> bool {
    shape(character) != Shape::Border
}

/// Whether a character belongs to a script that writes words without blanks between them.
pub(crate) fn is_wide(character: char) -> bool {
    matches!(shape(character), Shape::Wide | Shape::Katakana)
}

/// Where the word ends that begins at a byte of a text, or has a character there.
pub(crate) fn word_end(text: &str, at: usize) -> usize {
    let mut end = at;
    for character in text.get(at..).unwrap_or_default().chars() {
        match shape(character) {
            Shape::Border | Shape::Wide => break,
            _ => end += character.len_utf8(),
        }
    }
    end
}

/// Whether a character is a syllable or letter of Korean, which does part its words.
pub(crate) fn is_hangul(character: char) -> bool {
    matches!(character, '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7AF}')
}

/// The most letters of a word that is compared. Ids of 36 signs fit.
const MAX_LETTERS: usize = 40;

/// A word as it is compared. Kept and filled anew for each word.
pub(crate) struct Token {
    letters: [char; MAX_LETTERS],
    length: usize,
    /// It has more letters than any name.
    pub too_long: bool,
    /// Its letters are looked at one by one.
    pub wide: bool,
    /// Begins with a letter that has a capital and is not one.
    pub small: bool,
    /// Has a small letter behind its first.
    pub has_small: bool,
    /// Capitals within a word begin no new one.
    pub whole: bool,
    /// Ends where a capital follows a small letter, within a word.
    pub is_hump: bool,
}

impl Token {
    pub(crate) fn new() -> Self {
        Self {
            letters: ['\0'; MAX_LETTERS],
            length: 0,
            too_long: false,
            wide: false,
            small: false,
            has_small: false,
            whole: false,
            is_hump: false,
        }
    }

    pub(crate) fn letters(&self) -> &[char] {
        self.letters.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, letter: char) {
        match self.letters.get_mut(self.length) {
            Some(place) => {
                *place = letter;
                self.length += 1;
            }
            None => self.too_long = true,
        }
    }

    /// Reads the word that begins at a byte of a text; the answer is where it ends, which is `at`
    /// when there is none. Capitals within a word begin a new one.
    pub(crate) fn read(&mut self, text: &str, at: usize) -> usize {
        self.length = 0;
        self.too_long = false;
        self.wide = false;
        self.has_small = false;
        self.is_hump = false;
        let bytes = text.as_bytes();
        let mut position = at;
        let mut was_small = false;
        // Nearly all words are of plain letters.
        while let Some(byte) = bytes.get(position)
            && byte.is_ascii_alphanumeric()
        {
            let capital = byte.is_ascii_uppercase();
            if capital && was_small && !self.whole {
                self.is_hump = true;
                break;
            }
            was_small = byte.is_ascii_lowercase();
            self.has_small |= was_small && position > at;
            self.push(char::from(byte.to_ascii_lowercase()));
            position += 1;
        }
        self.small = bytes.get(at).is_some_and(u8::is_ascii_lowercase);
        if self.is_hump || bytes.get(position).is_none_or(u8::is_ascii) {
            return position;
        }
        let mut kind = (position > at).then_some(Shape::Letter);
        for character in text.get(position..).unwrap_or_default().chars() {
            let shape = shape(character);
            match (shape, kind) {
                (Shape::Border, _) => break,
                (Shape::Mark, _) => {}
                (_, Some(kind)) if kind != shape || kind == Shape::Wide => break,
                (_, None) => {
                    kind = Some(shape);
                    self.small = character.is_lowercase();
                }
                _ if was_small && !self.whole && character.is_uppercase() => {
                    self.is_hump = true;
                    break;
                }
                _ => self.has_small |= character.is_lowercase(),
            }
            if shape != Shape::Mark {
                was_small = character.is_lowercase();
            }
            fold(character, &mut |letter| self.push(letter));
            position += character.len_utf8();
        }
        self.wide = kind == Some(Shape::Wide);
        self.stem();
        position
    }

    /// Takes off what case and gender add to a name in Cyrillic and Greek, and the Arabic article:
    /// both the name that is known and the word that is looked at lose it.
    fn stem(&mut self) {
        match self.letters() {
            ['\u{627}', '\u{644}', rest @ ..] if rest.len() >= 3 => {
                self.letters.copy_within(2..self.length, 0);
                self.length -= 2;
            }
            [.., 'а'..='ѳ'] => {
                if let [.., 'о' | 'е', 'г', 'о'] = self.letters() {
                    self.shorten(3);
                } else if let [.., 'е', 'л' | 'ц'] = self.letters() {
                    // "Павел", "Павла".
                    let last = self.letters[self.length - 1];
                    if self.length > 3 {
                        self.letters[self.length - 2] = last;
                        self.length -= 1;
                    }
                }
                while let [.., before, last] = self.letters() {
                    let vowel = |letter: char| "аеиоуыэюяьіє".contains(letter);
                    let ending =
                        vowel(*last) || matches!(last, 'м' | 'х') && "аеиоуыяю".contains(*before);
                    if !ending || !self.shorten(1) {
                        break;
                    }
                }
            }
            [.., 'α'..='ω'] => {
                while let [.., last] = self.letters() {
                    if !"αεηιουωσ".contains(*last) || !self.shorten(1) {
                        break;
                    }
                }
            }
            _ => {}
        }
    }

    fn shorten(&mut self, letters: usize) -> bool {
        let fits = self.length >= letters + 3;
        if fits {
            self.length -= letters;
        }
        fits
    }
}

/// The hash of nothing.
pub(crate) const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash of a text with one more letter (FNV-1a, over letters and not bytes).
pub(crate) const fn step(hash: u64, letter: char) -> u64 {
    (hash ^ letter as u64).wrapping_mul(0x0000_0100_0000_01b3)
}

/// The hash of a text with more letters.
pub(crate) fn steps(hash: u64, letters: &[char]) -> u64 {
    letters
        .iter()
        .fold(hash, |hash, letter| step(hash, *letter))
}

/// The hash of a folded text.
pub(crate) const fn hash_of(text: &[u8]) -> u64 {
    let mut hash = SEED;
    let mut index = 0;
    while index < text.len() {
        // Decodes by hand: iterators do not run at compile time.
        let byte = text[index] as u32;
        let (mut value, more) = match byte {
            0..=0x7F => (byte, 0),
            0x80..=0xDF => (byte & 0x1F, 1),
            0xE0..=0xEF => (byte & 0x0F, 2),
            _ => (byte & 0x07, 3),
        };
        let mut follows = 0;
        while follows < more {
            index += 1;
            value = value << 6 | (text[index] as u32 & 0x3F);
            follows += 1;
        }
        hash = (hash ^ value as u64).wrapping_mul(0x0000_0100_0000_01b3);
        index += 1;
    }
    hash
}

/// The letters of U+00C0 to U+017F without accents; digits stand for [`PAIRS`], a full stop for
/// what is no letter.
const LATIN: &[u8; 192] = b"aaaaaa0ceeeeiiiidnooooo.ouuuuy12aaaaaa0ceeeeiiiidnooooo.ouuuuy1y\
aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii33jjkkkllllllllllnnnnnnnnnoooooo44rrrrrrsssssssstttttt\
uuuuuuuuuuuuwwyyyzzzzzzs";

const PAIRS: [&str; 5] = ["ae", "th", "ss", "ij", "oe"];

/// Ranges of letters with accents, in lower and upper case, and what is below the accents.
const RANGES: &[(u16, u16, char)] = &[
    (0x1A0, 0x1A1, 'o'),
    (0x1AF, 0x1B0, 'u'),
    (0x1CD, 0x1CE, 'a'),
    (0x1CF, 0x1D0, 'i'),
    (0x1D1, 0x1D2, 'o'),
    (0x1D3, 0x1DC, 'u'),
    (0x1DE, 0x1E1, 'a'),
    (0x1E4, 0x1E7, 'g'),
    (0x1E8, 0x1E9, 'k'),
    (0x1EA, 0x1ED, 'o'),
    (0x1F0, 0x1F0, 'j'),
    (0x1F4, 0x1F5, 'g'),
    (0x1F8, 0x1F9, 'n'),
    (0x1FA, 0x1FB, 'a'),
    (0x200, 0x203, 'a'),
    (0x204, 0x207, 'e'),
    (0x208, 0x20B, 'i'),
    (0x20C, 0x20F, 'o'),
    (0x210, 0x213, 'r'),
    (0x214, 0x217, 'u'),
    (0x218, 0x219, 's'),
    (0x21A, 0x21B, 't'),
    (0x21E, 0x21F, 'h'),
    (0x226, 0x227, 'a'),
    (0x228, 0x229, 'e'),
    (0x22A, 0x231, 'o'),
    (0x232, 0x233, 'y'),
    (0x386, 0x386, 'α'),
    (0x388, 0x388, 'ε'),
    (0x389, 0x389, 'η'),
    (0x38A, 0x38A, 'ι'),
    (0x38C, 0x38C, 'ο'),
    (0x38E, 0x38E, 'υ'),
    (0x38F, 0x38F, 'ω'),
    (0x390, 0x390, 'ι'),
    (0x3AA, 0x3AA, 'ι'),
    (0x3AB, 0x3AB, 'υ'),
    (0x3AC, 0x3AC, 'α'),
    (0x3AD, 0x3AD, 'ε'),
    (0x3AE, 0x3AE, 'η'),
    (0x3AF, 0x3AF, 'ι'),
    (0x3B0, 0x3B0, 'υ'),
    (0x3C2, 0x3C2, 'σ'),
    (0x3CA, 0x3CA, 'ι'),
    (0x3CB, 0x3CB, 'υ'),
    (0x3CC, 0x3CC, 'ο'),
    (0x3CD, 0x3CD, 'υ'),
    (0x3CE, 0x3CE, 'ω'),
    (0x439, 0x439, 'и'),
    (0x450, 0x451, 'е'),
    (0x453, 0x453, 'г'),
    (0x457, 0x457, 'і'),
    (0x45C, 0x45C, 'к'),
    (0x45D, 0x45D, 'и'),
    (0x45E, 0x45E, 'у'),
    (0x622, 0x623, '\u{627}'),
    (0x625, 0x625, '\u{627}'),
    (0x671, 0x671, '\u{627}'),
    (0x6A9, 0x6A9, '\u{643}'),
    (0x6CC, 0x6CC, '\u{64A}'),
    (0x929, 0x929, '\u{928}'),
    (0x931, 0x931, '\u{930}'),
    (0x934, 0x934, '\u{933}'),
    (0x958, 0x958, '\u{915}'),
    (0x959, 0x959, '\u{916}'),
    (0x95A, 0x95A, '\u{917}'),
    (0x95B, 0x95B, '\u{91C}'),
    (0x95C, 0x95C, '\u{921}'),
    (0x95D, 0x95D, '\u{922}'),
    (0x95E, 0x95E, '\u{92B}'),
    (0x95F, 0x95F, '\u{92F}'),
    (0x1E00, 0x1E01, 'a'),
    (0x1E02, 0x1E07, 'b'),
    (0x1E08, 0x1E09, 'c'),
    (0x1E0A, 0x1E13, 'd'),
    (0x1E14, 0x1E1D, 'e'),
    (0x1E1E, 0x1E1F, 'f'),
    (0x1E20, 0x1E21, 'g'),
    (0x1E22, 0x1E2B, 'h'),
    (0x1E2C, 0x1E2F, 'i'),
    (0x1E30, 0x1E35, 'k'),
    (0x1E36, 0x1E3D, 'l'),
    (0x1E3E, 0x1E43, 'm'),
    (0x1E44, 0x1E4B, 'n'),
    (0x1E4C, 0x1E53, 'o'),
    (0x1E54, 0x1E57, 'p'),
    (0x1E58, 0x1E5F, 'r'),
    (0x1E60, 0x1E69, 's'),
    (0x1E6A, 0x1E71, 't'),
    (0x1E72, 0x1E7B, 'u'),
    (0x1E7C, 0x1E7F, 'v'),
    (0x1E80, 0x1E89, 'w'),
    (0x1E8A, 0x1E8D, 'x'),
    (0x1E8E, 0x1E91, 'y'),
    (0x1E92, 0x1E95, 'z'),
    (0x1EA0, 0x1EB7, 'a'),
    (0x1EB8, 0x1EC7, 'e'),
    (0x1EC8, 0x1ECB, 'i'),
    (0x1ECC, 0x1EE3, 'o'),
    (0x1EE4, 0x1EF1, 'u'),
    (0x1EF2, 0x1EF9, 'y'),
    (0x1F00, 0x1F0F, 'α'),
    (0x1F10, 0x1F1F, 'ε'),
    (0x1F20, 0x1F2F, 'η'),
    (0x1F30, 0x1F3F, 'ι'),
    (0x1F40, 0x1F4F, 'ο'),
    (0x1F50, 0x1F5F, 'υ'),
    (0x1F60, 0x1F6F, 'ω'),
    (0x1F70, 0x1F71, 'α'),
    (0x1F72, 0x1F73, 'ε'),
    (0x1F74, 0x1F75, 'η'),
    (0x1F76, 0x1F77, 'ι'),
    (0x1F78, 0x1F79, 'ο'),
    (0x1F7A, 0x1F7B, 'υ'),
    (0x1F7C, 0x1F7D, 'ω'),
    (0x1F80, 0x1F8F, 'α'),
    (0x1F90, 0x1F9F, 'η'),
    (0x1FA0, 0x1FAF, 'ω'),
    (0x1FB0, 0x1FBC, 'α'),
    (0x1FC2, 0x1FCC, 'η'),
    (0x1FD0, 0x1FDB, 'ι'),
    (0x1FE0, 0x1FEB, 'υ'),
    (0x1FF2, 0x1FFC, 'ω'),
];

/// The letters of Arabic in the order of their presentation forms from U+FE80, with the number of
/// forms of each.
const ARABIC_FORMS: &[(u8, u8)] = &[
    (0x21, 1),
    (0x27, 2),
    (0x27, 2),
    (0x24, 2),
    (0x27, 2),
    (0x26, 4),
    (0x27, 2),
    (0x28, 4),
    (0x29, 2),
    (0x2A, 4),
    (0x2B, 4),
    (0x2C, 4),
    (0x2D, 4),
    (0x2E, 4),
    (0x2F, 2),
    (0x30, 2),
    (0x31, 2),
    (0x32, 2),
    (0x33, 4),
    (0x34, 4),
    (0x35, 4),
    (0x36, 4),
    (0x37, 4),
    (0x38, 4),
    (0x39, 4),
    (0x3A, 4),
    (0x41, 4),
    (0x42, 4),
    (0x43, 4),
    (0x44, 4),
    (0x45, 4),
    (0x46, 4),
    (0x47, 4),
    (0x48, 2),
    (0x49, 2),
    (0x4A, 4),
];

/// Half-width katakana from U+FF66 in full width.
const HALF_WIDTH: &[u8; 56] = b"\xF2\xA1\xA3\xA5\xA7\xA9\xE3\xE5\xE7\xC3\xFC\xA2\xA4\xA6\xA8\xAA\xAB\xAD\xAF\xB1\xB3\xB5\xB7\xB9\xBB\xBD\xBF\xC1\xC4\xC6\xC8\xCA\xCB\xCC\xCD\xCE\xCF\xD2\xD5\xD8\xDB\xDE\xDF\xE0\xE1\xE2\xE4\xE6\xE8\xE9\xEA\xEB\xEC\xED\xEF\xF3";

/// Gives the letters by which a character is compared: none for marks, some for ligatures.
pub(crate) fn fold(character: char, push: &mut dyn FnMut(char)) {
    let code = character as u32;
    match code {
        0..=0x7F => push(character.to_ascii_lowercase()),
        0xC0..=0x17F => match LATIN[(code - 0xC0) as usize] {
            b'.' => push(character),
            digit @ b'0'..=b'4' => PAIRS[usize::from(digit - b'0')].chars().for_each(push),
            letter => push(char::from(letter)),
        },
        0x410..=0x42F => fold_plain(code + 0x20, push),
        // Voiced kana are the plain ones with a mark, which may stand alone as well.
        0x304B..=0x3069 | 0x30AB..=0x30C9 => {
            let base = (code - 0x304B) % 0x60;
            let voiced = if base < 0x18 {
                base % 2 == 1
            } else {
                base > 0x18 && base.is_multiple_of(2)
            };
            push(at(code - u32::from(voiced)));
            if voiced {
                push('\u{3099}');
            }
        }
        0x306F..=0x307D | 0x30CF..=0x30DD => {
            let mark = ((code - 0x306F) % 0x60) % 3;
            push(at(code - mark));
            if mark > 0 {
                push(at(0x3098 + mark));
            }
        }
        0x3094 | 0x30F4 => {
            push(at(code - 0x4E));
            push('\u{3099}');
        }
        0x3099 | 0x309A => push(character),
        0xFF9E | 0xFF9F => push(at(code - 0xFF9E + 0x3099)),
        0xAC00..=0xD7A3 => {
            let index = code - 0xAC00;
            push(at(0x1100 + index / 588));
            push(at(0x1161 + index % 588 / 28));
            if !index.is_multiple_of(28) {
                push(at(0x11A7 + index % 28));
            }
        }
        0xFB00..=0xFB06 => ["ff", "fi", "fl", "ffi", "ffl", "st", "st"][(code - 0xFB00) as usize]
            .chars()
            .for_each(push),
        // Hebrew letters with points in one character.
        0xFB1D => push('\u{5D9}'),
        0xFB1F => "\u{5F2}".chars().for_each(push),
        0xFB2A..=0xFB2D => push('\u{5E9}'),
        0xFB2E..=0xFB30 => push('\u{5D0}'),
        0xFB31..=0xFB4A => push(at(0x5D0 + code - 0xFB30)),
        0xFB4B => push('\u{5D5}'),
        0xFB4C => push('\u{5D1}'),
        0xFB4D => push('\u{5DB}'),
        0xFB4E => push('\u{5E4}'),
        0xFE80..=0xFEF4 => {
            let mut index = code - 0xFE80;
            for (letter, forms) in ARABIC_FORMS {
                match index.checked_sub(u32::from(*forms)) {
                    Some(rest) => index = rest,
                    None => {
                        push(at(0x600 + u32::from(*letter)));
                        break;
                    }
                }
            }
        }
        0xFEF5..=0xFEFC => "\u{644}\u{627}".chars().for_each(push),
        0xFF01..=0xFF5E => push(at(code - 0xFEE0).to_ascii_lowercase()),
        0xFF66..=0xFF9D => {
            let letter = u32::from(HALF_WIDTH[(code - 0xFF66) as usize]);
            fold(at(0x3000 + letter), push);
        }
        0x24B6..=0x24E9 => push(at(u32::from(b'a') + (code - 0x24B6) % 26)),
        // Letters of mathematics, with which some write in bold.
        0x1D400..=0x1D6A3 => push(at(u32::from(b'a') + (code - 0x1D400) % 26)),
        _ if shape(character) == Shape::Mark => {}
        _ => character
            .to_lowercase()
            .for_each(|letter| fold_plain(letter as u32, push)),
    }
}

fn at(code: u32) -> char {
    char::from_u32(code).unwrap_or('\0')
}

/// The letter below the accents of a small letter.
fn fold_plain(code: u32, push: &mut dyn FnMut(char)) {
    let found = RANGES
        .partition_point(|(_, end, _)| u32::from(*end) < code)
        .min(RANGES.len() - 1);
    match RANGES[found] {
        (start, end, letter) if (u32::from(start)..=u32::from(end)).contains(&code) => push(letter),
        // "İ" becomes an "i" and a dot above it.
        _ if shape(at(code)) == Shape::Mark => {}
        _ => push(at(code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        text.chars()
            .for_each(|character| fold(character, &mut |letter| out.push(letter)));
        out
    }

    #[test]
    fn letters_are_compared_below_their_accents_and_shapes() {
        for (written, plain) in [
            ("José", "jose"),
            ("Jose\u{301}", "jose"),
            ("Straße", "strasse"),
            ("Æsir Œuvre", "aesir oeuvre"),
            ("Łukasz Żółć Đỗ Ștefan", "lukasz zolc do stefan"),
            ("Ｗｒｅｎ", "wren"),
            ("𝗪𝗿𝗲𝗻 𝓦𝓻𝓮𝓷", "wren wren"),
            ("ﬁona", "fiona"),
            ("Ёлкин Й И\u{306}", "елкин и и"),
            ("Ἀλέξανδρος ΆΣ", "αλεξανδροσ ασ"),
            ("ガ カ\u{3099} ｶﾞ", "カ\u{3099} カ\u{3099} カ\u{3099}"),
            ("プ フ\u{309A} ﾌﾟ", "フ\u{309A} フ\u{309A} フ\u{309A}"),
            ("どづ つと", "と\u{3099}つ\u{3099} つと"),
            ("민", "\u{1106}\u{1175}\u{11AB}"),
            ("مُحَمَّد", "محمد"),
            ("ﻣﺤﻤﺪ", "محمد"),
            ("דָּנָה", "דנה"),
            ("İIı", "iii"),
        ] {
            assert_eq!(folded(written), plain, "{written}");
        }
    }

    #[test]
    fn the_ranges_are_in_order() {
        assert!(RANGES.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn words_lose_the_endings_of_their_case() {
        let mut token = Token::new();
        let mut stem = |word: &str| {
            token.read(word, 0);
            token.letters().iter().collect::<String>()
        };
        for (word, other) in [
            ("Иванов", "Ивановым"),
            ("Иванова", "Ивановой"),
            ("Сергей", "Сергеем"),
            ("Мария", "Марией"),
            ("Петровский", "Петровского"),
            ("Павел", "Павла"),
            ("Παπαδόπουλος", "Παπαδοπούλου"),
            ("العمري", "عمري"),
        ] {
            assert_eq!(stem(word), stem(other), "{word}");
        }
    }
}
