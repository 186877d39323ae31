//! Where the sentences of a text end. It must never see an end where there is none: an abbreviation,
//! a decimal, a version or an address; a border that it misses only keeps two sentences together.

/// Where each sentence ends, as byte offsets in order; the last is the text's length. The blanks
/// behind a sentence belong to it. Line breaks are blanks.
pub(crate) fn ends(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut start = 0;
    let mut position = 0;
    while let Some(found) = text[position..].find(is_end_mark) {
        let mark = position + found;
        let run = text[mark..].find(|next| !is_end_mark(next));
        let mut behind = mark + run.unwrap_or(text.len() - mark);
        let wide = text[mark..behind].contains(is_wide_mark);
        // Quotes and brackets that close behind the full stop belong to its sentence.
        let closing = text[behind..].find(|next| !is_closing(next));
        behind += closing.unwrap_or(text.len() - behind);
        position = behind;
        let next = text[behind..].trim_start();
        let blank = text[behind..].starts_with(char::is_whitespace);
        let is_end = if next.is_empty() || wide {
            true
        } else {
            blank
                && starts_sentence(next)
                && !is_abbreviated(&text[start..mark], &text[mark..behind])
        };
        if is_end {
            start = text.len() - next.len();
            position = start;
            ends.push(start);
        }
    }
    if start < text.len() {
        ends.push(text.len());
    }
    ends
}

fn is_end_mark(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…' | '؟' | '۔' | '։') || is_wide_mark(character)
}

/// Marks that end a sentence although no blank follows.
fn is_wide_mark(character: char) -> bool {
    matches!(
        character,
        '。' | '！' | '？' | '．' | '｡' | '।' | '॥' | '။' | '។'
    )
}

fn is_closing(character: char) -> bool {
    matches!(
        character,
        ')' | ']'
            | '"'
            | '\''
            | '”'
            | '’'
            | '»'
            | '›'
            | '“'
            | '」'
            | '』'
            | '）'
            | '】'
            | '*'
            | '_'
    )
}

/// Whether the words behind a full stop may start a sentence: small letters do not.
fn starts_sentence(next: &str) -> bool {
    let first =
        next.trim_start_matches(['"', '\'', '(', '[', '“', '„', '«', '‘', '¿', '¡', '*', '_']);
    first.starts_with(|first: char| {
        !first.is_lowercase() && !matches!(first, ',' | ';' | ':' | '-' | '–' | '—')
    })
}

/// Whether the full stop behind `before` abbreviates its last word.
fn is_abbreviated(before: &str, mark: &str) -> bool {
    if !mark.starts_with('.') || mark.starts_with("..") {
        return false;
    }
    let word = before
        .rsplit(|character: char| {
            character.is_whitespace() || matches!(character, '(' | '[' | '/' | '"' | '„' | '“')
        })
        .next()
        .unwrap_or_default();
    // "J. Doe", "z. B.".
    let mut letters = word.chars();
    if letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none() {
        return true;
    }
    // "1. Januar", "am 24. Mai".
    if word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    // "U.S.", "i.e.", "e.g.".
    if word.contains('.')
        && word
            .split('.')
            .all(|part| part.chars().count() <= 2 && part.chars().all(char::is_alphabetic))
    {
        return true;
    }
    if word.len() > 8 {
        return false;
    }
    let lower = word.to_lowercase();
    ABBREVIATIONS.split(' ').any(|known| known == lower)
}

/// Abbreviations that stand before what they belong to, so that no sentence ends with them.
const ABBREVIATIONS: &str = "mr mrs ms dr prof st sr jr vs no nos fig figs sec ch vol pp approx dept \
    incl excl resp cf viz al est ext ref nr bzw bspw ca evtl ggf inkl exkl vgl abb kap abs art bd hr fr \
    zzgl abzgl mind sog usf tel str ex env n° núm pág págs aprox máx mín sra srta ud uds \
    ecc pag dott sig bijv bv enz evt nr blz resp max min";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_would_stop() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("One", &["One"]),
            ("One. Two! Three?", &["One. ", "Two! ", "Three?"]),
            (
                "It costs 3.50 euros. Next.",
                &["It costs 3.50 euros. ", "Next."],
            ),
            ("Use v1.2.3. Then stop.", &["Use v1.2.3. ", "Then stop."]),
            (
                "See e.g. Figure 300. Done.",
                &["See e.g. Figure 300. ", "Done."],
            ),
            ("Ask Dr. Who. Now.", &["Ask Dr. Who. ", "Now."]),
            ("See No. 5 and Fig. 7.", &["See No. 5 and Fig. 7."]),
            (
                "Das gilt z. B. Montags. Ende.",
                &["Das gilt z. B. Montags. ", "Ende."],
            ),
            (
                "He said \"Stop.\" Then left.",
                &["He said \"Stop.\" ", "Then left."],
            ),
            ("(All of it.) Next.", &["(All of it.) ", "Next."]),
            ("Wait... what? Yes.", &["Wait... what? ", "Yes."]),
            (
                "これは一つ。これは二つ！「三つ。」四つ",
                &["これは一つ。", "これは二つ！", "「三つ。」", "四つ"],
            ),
            ("यह एक है। यह दो है।", &["यह एक है। ", "यह दो है।"]),
            (
                "Go to example.com. It works.",
                &["Go to example.com. ", "It works."],
            ),
            (
                "a sentence\nover lines. Another\none.",
                &["a sentence\nover lines. ", "Another\none."],
            ),
            (
                "1. January is first. Then.",
                &["1. January is first. ", "Then."],
            ),
            (
                "Das war am 24. Mai 2024. Dann nicht.",
                &["Das war am 24. Mai 2024. ", "Dann nicht."],
            ),
            ("In 2024. Then 2025.", &["In 2024. ", "Then 2025."]),
        ];
        for (text, sentences) in table {
            let mut start = 0;
            let found: Vec<&str> = ends(text)
                .into_iter()
                .map(|end| &text[std::mem::replace(&mut start, end)..end])
                .collect();
            assert_eq!(found, *sentences, "{text}");
        }
    }
}
