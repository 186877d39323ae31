//! Text → sentences, labels and clauses. Nothing is left out: what it splits, put together again,
//! is what it was given.

/// The most characters of a sentence that is told in one breath and stands on a board as a whole;
/// a longer one goes on in a further point.
const MOST_CHARS: usize = 220;
/// A sentence of so many words is written as its first clauses, and the rest smaller below.
const LONG_WORDS: usize = 15;

/// The sentences of a line of prose. A full stop ends one when a blank and no small letter
/// follows, and what stands before it is neither one letter nor a common abbreviation.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let wide = matches!(c, '。' | '！' | '？');
        if !wide && !matches!(c, '.' | '!' | '?' | '…' | '।' | '؟') {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some(&(_, next)) = chars.peek() {
            if !matches!(next, '.' | '!' | '?' | '"' | '”' | '»' | ')' | '’') {
                break;
            }
            end += next.len_utf8();
            chars.next();
        }
        let rest = text.get(end..).unwrap_or_default();
        let mut after = rest.chars();
        let parts = wide
            || (after.next().is_none_or(char::is_whitespace)
                && !after.next().is_some_and(char::is_lowercase));
        if !parts || (c == '.' && abbreviated(text.get(start..at).unwrap_or_default())) {
            continue;
        }
        push_sentence(text.get(start..end).unwrap_or_default(), &mut found);
        start = end;
    }
    push_sentence(text.get(start..).unwrap_or_default(), &mut found);
    found
}

fn push_sentence(text: &str, found: &mut Vec<String>) {
    let mut text = text.trim();
    while text.chars().count() > MOST_CHARS {
        let limit = text
            .char_indices()
            .nth(MOST_CHARS)
            .map_or(text.len(), |(at, _)| at);
        let head = text.get(..limit).unwrap_or(text);
        let cut = head
            .char_indices()
            .rev()
            .find(|(_, c)| matches!(c, ',' | ';' | ':' | '、' | '，' | '；' | '：' | '–' | '—'))
            .map(|(at, c)| at + c.len_utf8())
            .filter(|at| *at > limit / 3)
            .or_else(|| head.rfind(' ').filter(|at| *at > limit / 3))
            .unwrap_or(limit);
        let (first, rest) = text.split_at(cut);
        found.push(first.trim().to_owned());
        text = rest.trim();
    }
    if text.chars().any(char::is_alphanumeric) {
        found.push(text.to_owned());
    } else if !text.is_empty() {
        match found.last_mut() {
            Some(last) => {
                last.push(' ');
                last.push_str(text);
            }
            None => found.push(text.to_owned()),
        }
    }
}

fn abbreviated(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or_default();
    let known = [
        "e.g", "i.e", "z.B", "d.h", "u.a", "etc", "vs", "cf", "No", "Nr", "Dr", "Mr", "Mrs", "St",
        "approx", "ca", "bzw", "p.ej", "resp", "Inc", "Ltd",
    ];
    let digits =
        !word.is_empty() && word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    (word.chars().count() == 1 && word.chars().all(char::is_alphabetic))
        || digits
        || known.contains(&word)
}

/// `Check: formatting and types` → `Check`, `formatting and types`: a label of up to four words and
/// what it labels.
pub(super) fn label(text: &str) -> Option<(&str, &str)> {
    let (label, rest) = text
        .split_once(": ")
        .filter(|(label, _)| !label.contains('：'))
        .or_else(|| text.split_once('：'))?;
    let fits = label.split_whitespace().count() <= 4
        && label.chars().count() <= 40
        && label.chars().any(char::is_alphanumeric)
        && !label.contains(['.', ',', ';', '"', '“', '。', '、'])
        && !rest.trim().is_empty();
    fits.then_some((label.trim(), rest.trim()))
}

/// A long sentence → its first clauses and the rest; a short one, or one that only lists things,
/// stays whole.
pub(super) fn clauses(sentence: &str) -> (&str, &str) {
    let words: Vec<&str> = sentence.split(' ').collect();
    let ends = |word: &str| word.ends_with([',', ';', ':', '–', '—']);
    let listing = words.iter().filter(|word| word.ends_with(',')).count() > 2;
    if words.len() < LONG_WORDS || listing {
        return (sentence, "");
    }
    let cut = (3..words.len() - 2)
        .filter(|count| words.get(count - 1).is_some_and(|word| ends(word)))
        .min_by_key(|count| count.abs_diff(words.len() / 2));
    let Some(cut) = cut else {
        return (sentence, "");
    };
    let at: usize = words.iter().take(cut).map(|word| word.len() + 1).sum();
    match (sentence.get(..at), sentence.get(at..)) {
        (Some(head), Some(rest)) => (head.trim_end(), rest),
        _ => (sentence, ""),
    }
}

/// Without the full stop at its end, which nobody writes on a board.
pub(super) fn without_stop(sentence: &str) -> &str {
    match sentence.strip_suffix('.') {
        Some(rest) if !rest.ends_with('.') => rest,
        _ => sentence.strip_suffix('。').unwrap_or(sentence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_sentences_end() {
        let table: &[(&str, &[&str])] = &[
            ("One. Two! Three?", &["One.", "Two!", "Three?"]),
            (
                "Use e.g. a pen, i.e. this. Then stop.",
                &["Use e.g. a pen, i.e. this.", "Then stop."],
            ),
            (
                "Version 1.2.3 is out. See example.com now.",
                &["Version 1.2.3 is out.", "See example.com now."],
            ),
            (
                "Er sagte: „Ja.“ Überall ist es so.",
                &["Er sagte: „Ja.“ Überall ist es so."],
            ),
            (
                "He said \"yes.\" Then he left.",
                &["He said \"yes.\"", "Then he left."],
            ),
            ("今日は。明日は！", &["今日は。", "明日は！"]),
            ("Wait … what", &["Wait … what"]),
            ("Am 3. Mai geht es los.", &["Am 3. Mai geht es los."]),
            ("...", &["..."]),
            ("", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(&sentences(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_too_long_for_a_breath_is_split_and_nothing_lost() {
        let word = "x".repeat(5_000);
        let found = sentences(&word);
        assert!(found.iter().all(|part| part.chars().count() <= MOST_CHARS));
        assert_eq!(found.concat(), word);
        let long = format!("It starts, {}and ends.", "goes on and on, ".repeat(40));
        let found = sentences(&long);
        assert!(found.iter().all(|part| part.chars().count() <= MOST_CHARS));
        assert_eq!(found.join(" "), long);
        assert!(found[0].ends_with(','), "{}", found[0]);
    }

    #[test]
    fn labels_and_clauses() {
        assert_eq!(label("Check: the types"), Some(("Check", "the types")));
        assert_eq!(label("完了：表を移す"), Some(("完了", "表を移す")));
        assert_eq!(label("If it is so, then: go"), None);
        assert_eq!(label("At 10:30 we go"), None);
        let long = "From January everyone can choose when to work, within a few simple rules that we keep.";
        let (head, rest) = clauses(long);
        assert_eq!(head, "From January everyone can choose when to work,");
        assert_eq!(format!("{head} {rest}"), long);
        for whole in [
            "A short one, is it not?",
            "A list of ten things, for one the first, for one the next, and then, in the end, some more things",
        ] {
            assert_eq!(clauses(whole), (whole, ""));
        }
    }
}
