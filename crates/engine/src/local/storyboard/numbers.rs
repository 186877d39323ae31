//! Figures in cells: a number with its unit, and times that follow each other. What could be read
//! in two ways (`1.234`) is not read at all: a wrong chart is worse than none.

/// A number and its unit, as far as comparing needs it: `12 %` → 12 and `%`, `€ 3.50` → 3.5 and `€`.
pub(super) fn quantity(text: &str) -> Option<(f64, String)> {
    let text = text.trim().trim_start_matches(['~', '≈', '+']).trim_start();
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = text.split_at(start);
    let end = rest
        .find(|c: char| {
            !c.is_ascii_digit() && !matches!(c, '.' | ',' | '\'' | '\u{a0}' | '\u{202f}')
        })
        .unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    let trimmed = digits.trim_end_matches(['.', ',', '\'', '\u{a0}', '\u{202f}']);
    let unit = format!("{}{}", before.trim(), after.trim());
    let value = number(trimmed, unit.starts_with(['€', '$', '£', '¥', '₹']))?;
    let plain = unit
        .chars()
        .all(|c| c.is_alphabetic() || c == ' ' || is_sign(c));
    let short = unit.split_whitespace().count() <= 2 && unit.chars().count() <= 16;
    (plain && short).then(|| {
        (
            value,
            unit.to_lowercase()
                .trim_end_matches(['s', 'n', 'e'])
                .to_owned(),
        )
    })
}

fn is_sign(c: char) -> bool {
    matches!(
        c,
        '%' | '€' | '$' | '£' | '¥' | '₹' | '°' | '‰' | '/' | '²' | '³'
    )
}

/// Nobody counts thousandths of money, so that there `3.800` is read after all.
fn number(digits: &str, money: bool) -> Option<f64> {
    let points = digits.matches('.').count();
    let commas = digits.matches(',').count();
    let clean: String = digits
        .chars()
        .filter(|c| !matches!(c, '\'' | '\u{a0}' | '\u{202f}'))
        .collect();
    let tail = |sign: char| clean.rsplit(sign).next().map_or(0, str::len);
    let text = match (points, commas) {
        (0, 0) => clean,
        (1, 0) if tail('.') != 3 => clean,
        (1, 0) if money => clean.replace('.', ""),
        (0, 1) if tail(',') != 3 => clean.replace(',', "."),
        (0, 1) => clean.replace(',', ""),
        (0, _) if tail(',') == 3 => clean.replace(',', ""),
        (2.., 0) if tail('.') == 3 => clean.replace('.', ""),
        (1, 1..) if clean.rfind('.') > clean.rfind(',') => clean.replace(',', ""),
        (1.., 1) if clean.rfind(',') > clean.rfind('.') => clean.replace('.', "").replace(',', "."),
        _ => return None,
    };
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Whether labels are times in order: years, quarters, months, weeks, dates.
pub(super) fn are_times(labels: &[&str]) -> bool {
    const MONTHS: &[&str] = &[
        "jan", "feb", "fév", "mar", "mär", "apr", "avr", "abr", "may", "mai", "maj", "mag", "jun",
        "jui", "giu", "jul", "lug", "aug", "aoû", "ago", "sep", "set", "oct", "okt", "ott", "out",
        "nov", "dec", "dez", "déc", "dic", "ene", "gen",
    ];
    const STEPS: &[&str] = &[
        "q", "h", "w", "kw", "week", "woche", "semaine", "semana", "sprint", "day", "tag", "month",
        "monat", "year", "jahr",
    ];
    !labels.is_empty()
        && labels.iter().all(|label| {
            let label = label.trim().to_lowercase();
            let first: String = label.chars().take_while(|c| c.is_alphabetic()).collect();
            let rest = label
                .get(first.len()..)
                .unwrap_or_default()
                .trim_start_matches(['.', ' ']);
            let counted = !rest.is_empty()
                && rest
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '/' | '-' | '\''));
            let month = MONTHS.contains(&first.chars().take(3).collect::<String>().as_str())
                && first.chars().count() <= 10
                && (rest.is_empty() || counted);
            let step = STEPS.contains(&first.as_str()) && counted;
            let year = first.is_empty()
                && label.len() >= 4
                && (label.starts_with("19") || label.starts_with("20"))
                && label.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/'))
                // A year, a month or a day, or a span of years.
                && matches!(label.len(), 4 | 7 | 9 | 10);
            month || step || year
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_or_refused() {
        let table: &[(&str, Option<(f64, &str)>)] = &[
            ("12", Some((12.0, ""))),
            ("12 %", Some((12.0, "%"))),
            ("3,5 %", Some((3.5, "%"))),
            ("€ 3.50", Some((3.5, "€"))),
            ("1,234.5", Some((1234.5, ""))),
            ("1.234,5 €", Some((1234.5, "€"))),
            ("1,234", Some((1234.0, ""))),
            ("1.234.567", Some((1_234_567.0, ""))),
            ("5 minutes", Some((5.0, "minut"))),
            ("1 minute", Some((1.0, "minut"))),
            ("1.234 €", Some((1234.0, "€"))),
            ("1.234", None),
            ("10:30", None),
            ("3 of 4", None),
            ("2024-05-01", None),
            ("v1.2.3", None),
            ("Next working day", None),
            ("", None),
        ];
        for (text, expected) in table {
            let found = quantity(text);
            let found = found.as_ref().map(|(value, unit)| (*value, unit.as_str()));
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn times_are_told_from_names() {
        for times in [
            &["2021", "2022", "2023"][..],
            &["Q1", "Q2", "Q3 2024"],
            &["January", "February"],
            &["März 2024", "April 2024"],
            &["Week 1", "Week 2"],
            &["2024-01", "2024-02"],
        ] {
            assert!(are_times(times), "{times:?}");
        }
        for names in [
            &["North", "South"][..],
            &["Marketing", "Sales"],
            &["1", "2"],
            &["2021", "x"],
        ] {
            assert!(!are_times(names), "{names:?}");
        }
    }
}
