//! The accents of Latin, Greek and Cyrillic letters apart from their letters, and in one order, so that
//! both ways of writing "é" are one. Less than Unicode's NFD, in a fiftieth of its tables.

/// An accent, and pairs of the letter that bears it and the letter below.
const ACCENTS: [(char, &str); 17] = [
    (
        '\u{300}',
        "ÀAÈEÌIÒOÙUàaèeìiòoùuǛÜǜüẀWẁwẦÂầâẰĂằăỀÊềêỒÔồôỜƠờơỪƯừưỲYỳy",
    ),
    (
        '\u{301}',
        "ÁAÉEÍIÓOÚUÝYáaéeíióoúuýyĆCćcĹLĺlŃNńnŔRŕrŚSśsŹZźzǗÜǘüΆΑΈΕΉΗΊΙΌΟΎΥΏΩΐϊάαέεήηίιΰϋόούυώωЃГЌКѓгќкẂWẃwẤÂấâẮĂắăẾÊếêỐÔốôỚƠớơỨƯứư",
    ),
    (
        '\u{302}',
        "ÂAÊEÎIÔOÛUâaêeîiôoûuĈCĉcĜGĝgĤHĥhĴJĵjŜSŝsŴWŵwŶYŷyẬẠậạỆẸệẹỘỌộọ",
    ),
    (
        '\u{303}',
        "ÃAÑNÕOãañnõoĨIĩiŨUũuẪÂẫâẴĂẵăẼEẽeỄÊễêỖÔỗôỠƠỡơỮƯữưỸYỹy",
    ),
    ('\u{304}', "ĀAāaĒEēeĪIīiŌOōoŪUūuǕÜǖü"),
    ('\u{306}', "ĂAăaĔEĕeĞGğgĬIĭiŎOŏoŬUŭuЎУЙИйиўуẶẠặạ"),
    ('\u{307}', "ĊCċcĖEėeĠGġgİIŻZżz"),
    ('\u{308}', "ÄAËEÏIÖOÜUäaëeïiöoüuÿyŸYΪΙΫΥϊιϋυЁЕЇІёеїіẄWẅw"),
    (
        '\u{309}',
        "ẢAảaẨÂẩâẲĂẳăẺEẻeỂÊểêỈIỉiỎOỏoỔÔổôỞƠởơỦUủuỬƯửưỶYỷy",
    ),
    ('\u{30A}', "ÅAåaŮUůu"),
    ('\u{30B}', "ŐOőoŰUűu"),
    (
        '\u{30C}',
        "ČCčcĎDďdĚEěeĽLľlŇNňnŘRřrŠSšsŤTťtŽZžzǍAǎaǏIǐiǑOǒoǓUǔuǙÜǚü",
    ),
    ('\u{31B}', "ƠOơoƯUưu"),
    ('\u{323}', "ẠAạaẸEẹeỊIịiỌOọoỢƠợơỤUụuỰƯựưỴYỵy"),
    ('\u{326}', "ȘSșsȚTțt"),
    ('\u{327}', "ÇCçcĢGģgĶKķkĻLļlŅNņnŖRŗrŞSşsŢTţt"),
    ('\u{328}', "ĄAąaĘEęeĮIįiŲUųu"),
];

const COUNT: usize = 313;

/// Letters as they are written in one sign, the letter below and the accent; sorted.
static COMPOSED: [[u16; 3]; COUNT] = sorted();

/// The accent's code and the letter's, when the crate is compiled.
#[allow(clippy::indexing_slicing)] // In bounds: runs when the crate is compiled.
const fn sorted() -> [[u16; 3]; COUNT] {
    let mut table = [[0; 3]; COUNT];
    let mut length = 0;
    let mut group = 0;
    while group < ACCENTS.len() {
        let (accent, pairs) = ACCENTS[group];
        let bytes = pairs.as_bytes();
        let mut index = 0;
        while index < bytes.len() {
            let (composed, next) = decode(bytes, index);
            let (letter, next) = decode(bytes, next);
            index = next;
            let mut place = length;
            while place > 0 && table[place - 1][0] > composed {
                table[place] = table[place - 1];
                place -= 1;
            }
            table[place] = [composed, letter, accent as u16];
            length += 1;
        }
        group += 1;
    }
    assert!(length == COUNT);
    table
}

/// A character of at most three bytes, and where the next one starts.
#[allow(clippy::indexing_slicing)] // In bounds: runs when the crate is compiled.
const fn decode(bytes: &[u8], index: usize) -> (u16, usize) {
    let first = bytes[index] as u16;
    if first < 0x80 {
        return (first, index + 1);
    }
    let second = bytes[index + 1] as u16 & 0x3F;
    if first < 0xE0 {
        return ((first & 0x1F) << 6 | second, index + 2);
    }
    let third = bytes[index + 2] as u16 & 0x3F;
    ((first & 0xF) << 12 | second << 6 | third, index + 3)
}

/// Adds a text to `out` with letters and accents apart.
pub(super) fn decompose(text: &str, out: &mut String) {
    // Accents behind the last letter; few real letters bear more than two.
    let mut accents = [0_u16; 8];
    let mut count = 0;
    for character in text.chars() {
        let mut code = match u16::try_from(u32::from(character)) {
            Ok(code) if code >= 0xC0 => code,
            _ => {
                flush(&mut accents, &mut count, out);
                out.push(character);
                continue;
            }
        };
        let mut own = [0_u16; 3];
        let mut borne = 0;
        while let Some([_, letter, accent]) = find(code)
            && let Some(place) = own.get_mut(borne)
        {
            *place = accent;
            borne += 1;
            code = letter;
        }
        if !is_accent(code) {
            flush(&mut accents, &mut count, out);
            out.extend(char::from_u32(u32::from(code)));
            for accent in own.iter().take(borne).rev() {
                hold(*accent, &mut accents, &mut count, out);
            }
        } else {
            hold(code, &mut accents, &mut count, out);
        }
    }
    flush(&mut accents, &mut count, out);
}

fn find(code: u16) -> Option<[u16; 3]> {
    let index = COMPOSED
        .binary_search_by_key(&code, |entry| entry[0])
        .ok()?;
    COMPOSED.get(index).copied()
}

fn is_accent(code: u16) -> bool {
    (0x300..=0x36F).contains(&code)
}

fn hold(accent: u16, accents: &mut [u16; 8], count: &mut usize, out: &mut String) {
    if *count == accents.len() {
        flush(accents, count, out);
    }
    if let Some(place) = accents.get_mut(*count) {
        *place = accent;
        *count += 1;
    }
}

/// Adds the accents in the order of their classes: those below the letter before those above.
fn flush(accents: &mut [u16; 8], count: &mut usize, out: &mut String) {
    let class = |accent: &u16| match accent {
        0x327..=0x328 => 0,
        0x31B => 1,
        0x316..=0x333 | 0x339..=0x33C | 0x347..=0x349 | 0x34D..=0x34E | 0x353..=0x356 => 2,
        _ => 3,
    };
    if let Some(held) = accents.get_mut(..std::mem::take(count)) {
        // At most eight: those of one class stay in their order.
        for count in 1..held.len() {
            for at in (1..=count).rev() {
                if let Some([before, after]) = held.get_mut(at - 1..=at)
                    && class(before) > class(after)
                {
                    std::mem::swap(before, after);
                } else {
                    break;
                }
            }
        }
        out.extend(
            held.iter()
                .filter_map(|accent| char::from_u32(u32::from(*accent))),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_an_accent_are_one() {
        let decomposed = |text: &str| {
            let mut out = String::new();
            decompose(text, &mut out);
            out
        };
        for (composed, apart) in [
            ("é", "e\u{301}"),
            ("Ångström", "A\u{30a}ngstro\u{308}m"),
            ("Nguyễn", "Nguye\u{302}\u{303}n"),
            ("Việt", "Vie\u{323}\u{302}t"),
            ("Việt", "Vie\u{302}\u{323}t"),
            ("việt", "viê\u{323}t"),
            ("Ελλάδα ΐ", "Ελλα\u{301}δα ι\u{308}\u{301}"),
            ("йод", "и\u{306}од"),
            ("ok 漢字 🚀", "ok 漢字 🚀"),
        ] {
            assert_eq!(decomposed(composed), decomposed(apart), "{composed}");
        }
        assert_ne!(decomposed("é"), decomposed("è"));
        assert_ne!(decomposed("é"), decomposed("e"));
    }
}
