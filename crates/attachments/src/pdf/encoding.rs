//! The characters behind codes and glyph names of fonts that do not say them themselves
//! (ISO 32000-1, annex D; Adobe's glyph list for new fonts, as far as Latin and Greek go).

use crate::text::windows_1252;

/// MacRomanEncoding from 0x80 on.
const MAC_ROMAN: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

/// StandardEncoding from 0xA1 on; a blank stands for none.
const STANDARD: &str =
    "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ –†‡· ¶•‚„”»…‰ ¿ `´ˆ˜¯˘˙¨ ˚¸ ˝˛ˇ—                Æ ª    ŁØŒº     æ   ı  łøœß";

/// Accents with the letters that have them, each letter before its accented form.
const ACCENTED: [(&str, &str); 15] = [
    ("acute", "AÁaáCĆcćEÉeéIÍiíLĹlĺNŃnńOÓoóRŔrŕSŚsśUÚuúYÝyýZŹzź"),
    ("grave", "AÀaàEÈeèIÌiìOÒoòUÙuù"),
    (
        "circumflex",
        "AÂaâCĈcĉEÊeêGĜgĝHĤhĥIÎiîJĴjĵOÔoôSŜsŝUÛuûWŴwŵYŶyŷ",
    ),
    ("dieresis", "AÄaäEËeëIÏiïOÖoöUÜuüYŸyÿ"),
    ("tilde", "AÃaãIĨiĩNÑnñOÕoõUŨuũ"),
    ("ring", "AÅaåUŮuů"),
    ("caron", "CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzž"),
    ("cedilla", "CÇcçSŞsşTŢtţ"),
    ("commaaccent", "GĢgģKĶkķLĻlļNŅnņRŖrŗSȘsșTȚtț"),
    ("ogonek", "AĄaąEĘeęIĮiįUŲuų"),
    ("macron", "AĀaāEĒeēIĪiīOŌoōUŪuū"),
    ("breve", "AĂaăGĞgğUŬuŭ"),
    ("dotaccent", "CĊcċEĖeėGĠgġIİZŻzż"),
    ("hungarumlaut", "OŐoőUŰuű"),
    ("slash", "LŁlłOØoø"),
];

/// Names that follow no rule, each with its character.
const NAMES: [(&str, char); 125] = [
    ("space", ' '),
    ("nbspace", ' '),
    ("exclam", '!'),
    ("quotedbl", '"'),
    ("numbersign", '#'),
    ("dollar", '$'),
    ("percent", '%'),
    ("ampersand", '&'),
    ("quotesingle", '\''),
    ("parenleft", '('),
    ("parenright", ')'),
    ("asterisk", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("hyphen", '-'),
    ("minus", '−'),
    ("period", '.'),
    ("slash", '/'),
    ("colon", ':'),
    ("semicolon", ';'),
    ("less", '<'),
    ("equal", '='),
    ("greater", '>'),
    ("question", '?'),
    ("at", '@'),
    ("bracketleft", '['),
    ("backslash", '\\'),
    ("bracketright", ']'),
    ("asciicircum", '^'),
    ("underscore", '_'),
    ("grave", '`'),
    ("braceleft", '{'),
    ("bar", '|'),
    ("braceright", '}'),
    ("asciitilde", '~'),
    ("zero", '0'),
    ("one", '1'),
    ("two", '2'),
    ("three", '3'),
    ("four", '4'),
    ("five", '5'),
    ("six", '6'),
    ("seven", '7'),
    ("eight", '8'),
    ("nine", '9'),
    ("quoteleft", '‘'),
    ("quoteright", '’'),
    ("quotedblleft", '“'),
    ("quotedblright", '”'),
    ("quotesinglbase", '‚'),
    ("quotedblbase", '„'),
    ("guillemotleft", '«'),
    ("guillemotright", '»'),
    ("guilsinglleft", '‹'),
    ("guilsinglright", '›'),
    ("endash", '–'),
    ("emdash", '—'),
    ("ellipsis", '…'),
    ("bullet", '•'),
    ("periodcentered", '·'),
    ("dagger", '†'),
    ("daggerdbl", '‡'),
    ("section", '§'),
    ("paragraph", '¶'),
    ("degree", '°'),
    ("copyright", '©'),
    ("registered", '®'),
    ("trademark", '™'),
    ("cent", '¢'),
    ("sterling", '£'),
    ("yen", '¥'),
    ("Euro", '€'),
    ("currency", '¤'),
    ("florin", 'ƒ'),
    ("fraction", '⁄'),
    ("perthousand", '‰'),
    ("onehalf", '½'),
    ("onequarter", '¼'),
    ("threequarters", '¾'),
    ("onesuperior", '¹'),
    ("twosuperior", '²'),
    ("threesuperior", '³'),
    ("ordfeminine", 'ª'),
    ("ordmasculine", 'º'),
    ("plusminus", '±'),
    ("multiply", '×'),
    ("divide", '÷'),
    ("lessequal", '≤'),
    ("greaterequal", '≥'),
    ("notequal", '≠'),
    ("approxequal", '≈'),
    ("infinity", '∞'),
    ("logicalnot", '¬'),
    ("arrowright", '→'),
    ("arrowleft", '←'),
    ("exclamdown", '¡'),
    ("questiondown", '¿'),
    ("brokenbar", '¦'),
    ("AE", 'Æ'),
    ("ae", 'æ'),
    ("OE", 'Œ'),
    ("oe", 'œ'),
    ("germandbls", 'ß'),
    ("Eth", 'Ð'),
    ("eth", 'ð'),
    ("Thorn", 'Þ'),
    ("thorn", 'þ'),
    ("Dcroat", 'Đ'),
    ("dcroat", 'đ'),
    ("dotlessi", 'ı'),
    ("ff", 'ﬀ'),
    ("fi", 'ﬁ'),
    ("fl", 'ﬂ'),
    ("ffi", 'ﬃ'),
    ("ffl", 'ﬄ'),
    ("mu", 'µ'),
    ("acute", '´'),
    ("dieresis", '¨'),
    ("circumflex", 'ˆ'),
    ("tilde", '˜'),
    ("cedilla", '¸'),
    ("macron", '¯'),
    ("caron", 'ˇ'),
    ("ring", '˚'),
    ("checkmark", '✓'),
];

/// Greek small letters by their names, in the order of Unicode from alpha on.
const GREEK: [&str; 25] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mugreek", "nu", "xi", "omicron", "pi", "rho", "sigma1", "sigma", "tau", "upsilon",
    "phi", "chi", "psi", "omega",
];

/// What codes mean in a font that names its encoding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Standard,
    MacRoman,
    WinAnsi,
    /// Knuth's text fonts, whose encoding TeX calls OT1.
    Tex,
    /// His symbols, of which a few are known here.
    TexSymbols,
    /// The font `Symbol`, of which bullets alone are known here.
    Symbol,
    /// The font `ZapfDingbats`, likewise.
    Dingbats,
}

impl Base {
    /// The encoding of a name in a font's dictionary.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        match name {
            b"StandardEncoding" => Some(Self::Standard),
            b"MacRomanEncoding" => Some(Self::MacRoman),
            b"WinAnsiEncoding" => Some(Self::WinAnsi),
            _ => None,
        }
    }

    /// The character of a code.
    pub(super) fn character(self, code: u8) -> Option<char> {
        let ascii = matches!(code, 0x20..=0x7e).then(|| char::from(code));
        match self {
            Self::WinAnsi => ascii.or_else(|| (code >= 0x80).then(|| windows_1252(code))),
            Self::MacRoman => ascii.or_else(|| {
                let index = code.checked_sub(0x80)?;
                MAC_ROMAN.chars().nth(usize::from(index))
            }),
            Self::Standard => match code {
                b'\'' => Some('’'),
                b'`' => Some('‘'),
                _ => ascii.or_else(|| {
                    let index = code.checked_sub(0xa1)?;
                    STANDARD
                        .chars()
                        .nth(usize::from(index))
                        .filter(|it| *it != ' ')
                }),
            },
            Self::Tex => match code {
                0x0b => Some('ﬀ'),
                0x0c => Some('ﬁ'),
                0x0d => Some('ﬂ'),
                0x0e => Some('ﬃ'),
                0x0f => Some('ﬄ'),
                0x10 => Some('ı'),
                0x12 => Some('`'),
                0x13 => Some('´'),
                0x19 => Some('ß'),
                b'"' => Some('”'),
                b'\\' => Some('“'),
                b'{' => Some('–'),
                b'|' => Some('—'),
                0x7e => Some('˜'),
                0x7f => Some('¨'),
                _ => Self::Standard.character(code),
            },
            Self::TexSymbols => match code {
                0x00 => Some('−'),
                0x01 => Some('·'),
                0x0f => Some('•'),
                0x14 => Some('≤'),
                0x15 => Some('≥'),
                0x21 => Some('→'),
                _ => None,
            },
            Self::Symbol => match code {
                0xb7 => Some('•'),
                0x20 | 0x28 | 0x29 | 0x2c | 0x2e | 0x30..=0x39 => Some(char::from(code)),
                _ => None,
            },
            Self::Dingbats => match code {
                0x20 => Some(' '),
                b'l' | b'n' | b'u' | b'm' | b'o' => Some('•'),
                b'3' | b'4' => Some('✓'),
                _ => None,
            },
        }
    }
}

/// A letter with an accent that was put over it as a character of its own.
pub(super) fn accented(letter: char, accent: char) -> Option<char> {
    let name = match accent {
        '´' => "acute",
        '`' => "grave",
        'ˆ' | '^' => "circumflex",
        '¨' => "dieresis",
        '˜' | '~' => "tilde",
        '˚' => "ring",
        'ˇ' => "caron",
        '¸' => "cedilla",
        '˛' => "ogonek",
        '¯' => "macron",
        '˘' => "breve",
        '˙' => "dotaccent",
        '˝' => "hungarumlaut",
        _ => return None,
    };
    // Under an accent, i has no dot.
    let letter = if letter == 'ı' { 'i' } else { letter };
    with_accent(letter, name)
}

fn with_accent(letter: char, name: &str) -> Option<char> {
    let (_, pairs) = ACCENTED.iter().find(|(accent, _)| *accent == name)?;
    let mut pairs = pairs.chars();
    while let (Some(bare), Some(accented)) = (pairs.next(), pairs.next()) {
        if bare == letter {
            return Some(accented);
        }
    }
    None
}

/// The text of a glyph's name.
pub(super) fn named(name: &str) -> Option<String> {
    // `a.sc` is a form of `a`, `f_f_i` are three letters.
    let name = name.split_once('.').map_or(name, |(stem, _)| stem);
    let mut text = String::new();
    for part in name.split('_') {
        text.push(component(part)?);
    }
    Some(text)
}

fn component(name: &str) -> Option<char> {
    let mut letters = name.chars();
    let first = letters.next()?;
    if letters.next().is_none() && first.is_ascii_alphabetic() {
        return Some(first);
    }
    if let Some((_, char)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*char);
    }
    if first.is_ascii_alphabetic()
        && let Some(accented) = with_accent(first, &name[1..])
    {
        return Some(accented);
    }
    let small = name.to_ascii_lowercase();
    if let Some(index) = GREEK.iter().position(|it| *it == small) {
        let alpha = if first.is_ascii_uppercase() {
            'Α'
        } else {
            'α'
        };
        return char::from_u32(u32::from(alpha) + index as u32);
    }
    let hex = match name.strip_prefix("uni") {
        Some(hex) if hex.len() == 4 => hex,
        Some(_) => return None,
        None => name
            .strip_prefix('u')
            .filter(|hex| (4..=6).contains(&hex.len()))?,
    };
    char::from_u32(u32::from_str_radix(hex, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_a_place_for_each_code() {
        assert_eq!(MAC_ROMAN.chars().count(), 128);
        assert_eq!(STANDARD.chars().count(), 0xfb - 0xa1 + 1);
        for (accent, pairs) in ACCENTED {
            assert_eq!(pairs.chars().count() % 2, 0, "{accent}");
        }
    }

    #[test]
    fn codes_are_those_of_annex_d() {
        let table = [
            (Base::WinAnsi, 0x80, Some('€')),
            (Base::WinAnsi, 0xe4, Some('ä')),
            (Base::WinAnsi, 0x07, None),
            (Base::MacRoman, 0x8a, Some('ä')),
            (Base::MacRoman, 0xff, Some('ˇ')),
            (Base::MacRoman, 0xd0, Some('–')),
            (Base::Standard, 0x27, Some('’')),
            (Base::Standard, 0xae, Some('ﬁ')),
            (Base::Standard, 0xb7, Some('•')),
            (Base::Standard, 0xd0, Some('—')),
            (Base::Standard, 0xe1, Some('Æ')),
            (Base::Standard, 0xe8, Some('Ł')),
            (Base::Standard, 0xf5, Some('ı')),
            (Base::Standard, 0xfb, Some('ß')),
            (Base::Standard, 0xff, None),
            (Base::Tex, 0x0c, Some('ﬁ')),
            (Base::Tex, b'a', Some('a')),
            (Base::TexSymbols, 0x0d, None),
            (Base::Symbol, 0xb7, Some('•')),
            (Base::Symbol, b'a', None),
        ];
        for (base, code, character) in table {
            assert_eq!(base.character(code), character, "{code:x}");
        }
    }

    #[test]
    fn names_are_those_of_the_glyph_list() {
        let table = [
            ("A", "A"),
            ("adieresis", "ä"),
            ("Scaron", "Š"),
            ("ccommaaccent", ""),
            ("lslash", "ł"),
            ("quoteright", "’"),
            ("ffi", "ﬃ"),
            ("f_f_i", "ffi"),
            ("one.oldstyle", "1"),
            ("slash", "/"),
            ("uni20AC", "€"),
            ("u1F600", "😀"),
            ("uniD800", ""),
            ("Omega", "Ω"),
            ("sigma", "σ"),
            ("g123", ""),
            ("ä", ""),
            ("", ""),
        ];
        for (name, text) in table {
            assert_eq!(named(name).unwrap_or_default(), text, "{name}");
        }
    }
}
