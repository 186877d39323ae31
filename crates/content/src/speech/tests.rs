use proptest::prelude::*;

use super::*;

#[test]
fn english() {
    check(
        Some("en"),
        &[
            (
                "Use a queue, e.g. Kafka.",
                "Use a queue, for example Kafka.",
            ),
            (
                "E.g. this one, i.e. that.",
                "For example this one, that is that.",
            ),
            (
                "Logs, metrics, etc. are kept.",
                "Logs, metrics, and so on are kept.",
            ),
            ("Logs, metrics, etc.", "Logs, metrics, and so on."),
            (
                "Logs, etc. They are kept.",
                "Logs, and so on. They are kept.",
            ),
            ("(logs, etc.)", "(logs, and so on)"),
            (
                "Cloud vs. own servers, speed vs cost",
                "Cloud versus own servers, speed versus cost",
            ),
            (
                "Run w/o cache, or w/ two.",
                "Run without cache, or with two.",
            ),
            (
                "approx. 5 TB incl. backups, excl. logs",
                "approximately 5 TB including backups, excluding logs",
            ),
            (
                "See No. 5 and Fig. 3, p. 12.",
                "See Number 5 and Figure 3, page 12.",
            ),
            ("Say no. Then go.", "Say no. Then go."),
            (
                "It takes 5 min. Then min. 3 and max. 7 retries.",
                "It takes 5 minutes. Then minimum 3 and maximum 7 retries.",
            ),
            (
                "The dept. of IT, aka the shop",
                "The department of IT, also known as the shop",
            ),
            ("FYI: TBD ASAP", "FYI: TBD ASAP"),
            (
                "Research & design, R&D, AT&T",
                "Research and design, R&D, AT&T",
            ),
            ("Settings → Users → Add", "Settings, then Users, then Add"),
            ("Draft -> Review => Done", "Draft, then Review, then Done"),
            (
                "latency 400 → 200 ms, 400 ms -> 200 ms",
                "latency 400 to 200 ms, 400 ms to 200 ms",
            ),
            (
                "needs ≥ 5 users, ≤10 files, x>=3",
                "needs at least 5 users, at most 10 files, x at least 3",
            ),
            ("a ≠ b, a != b", "a not equal to b, a not equal to b"),
            ("~5 of ≈ 10 in ~/home", "about 5 of about 10 in ~/home"),
            (
                "20 ± 3 and 20+/-3",
                "20 plus or minus 3 and 20 plus or minus 3",
            ),
            ("1280×720, 3× faster", "1280 by 720, 3 times faster"),
            ("see §5 and § 7", "see section 5 and section 7"),
            (
                "issue #3, C# and #general",
                "issue number 3, C# and #general",
            ),
            (
                "24/7, and/or, 10 km/h, 5 %, 5%, $3.50, 2024-05-01, 5-10",
                "24/7, and/or, 10 km/h, 5 %, 5%, $3.50, 2024-05-01, 5-10",
            ),
            ("Wait... and so on…", "Wait... and so on…"),
            ("Really!!! Why????", "Really! Why?"),
            ("┌──┐ box │ end", "box end"),
            ("✓", "yes"),
            ("❌", "no"),
            ("Encrypted: ✅; Public: ✗", "Encrypted: yes; Public: no"),
            ("❌ Public access", "no, Public access"),
            ("✅ Encrypted", "Encrypted"),
            ("🔴", "red"),
            ("Launch 🚀 today 🎉.", "Launch today."),
            ("🚀 Launch", "Launch"),
            ("• First", "First"),
            ("One • two · three", "One, two, three"),
            (
                "See https://www.example.com/docs/a?b=c#d.",
                "See example.com.",
            ),
            (
                "(http://user@example.org:8080/x) and www.example.net/y",
                "(example.org) and example.net",
            ),
            (
                "See [the guide](https://example.com/guide) now",
                "See the guide now",
            ),
            (
                "A **bold** and *fine* `word` and 2 * 3",
                "A bold and fine word and 2 * 3",
            ),
            ("# Heading", "Heading"),
            ("> quoted", "quoted"),
            ("---", ""),
            ("a | b | c", "a, b, c"),
            ("ptr->field, x-y, --force", "ptr->field, x-y, --force"),
            ("node.js v1.2.3 e.g.x", "node.js v1.2.3 e.g.x"),
            ("line one\n\n* item", "line one\n\nitem"),
            ("", ""),
        ],
    );
}

#[test]
fn other_languages() {
    check(
        Some("de"),
        &[
            (
                "Tools wie z. B. Jira, d. h. Tickets usw.",
                "Tools wie zum Beispiel Jira, das heißt Tickets und so weiter.",
            ),
            (
                "z.B. ca. 5 bzw. 6 inkl. Nr. 7",
                "zum Beispiel circa 5 beziehungsweise 6 inklusive Nummer 7",
            ),
            (
                "Abb. 3 & § 5, max. 5 Min.",
                "Abbildung 3 und Paragraf 5, maximal 5 Minuten.",
            ),
            (
                "1,5 Mio. Zeilen am 24. Mai",
                "1,5 Millionen Zeilen am 24. Mai",
            ),
            ("✓", "ja"),
        ],
    );
    check(
        Some("fr"),
        &[(
            "p. ex. env. 5, c.-à-d. n° 5 & n°6, etc.",
            "par exemple environ 5, c'est-à-dire numéro 5 et numéro 6, et cetera.",
        )],
    );
    check(
        Some("es"),
        &[(
            "p. ej. aprox. 5 y n.º 5, etc.",
            "por ejemplo aproximadamente 5 y número 5, etcétera.",
        )],
    );
    check(
        Some("it"),
        &[("ad es. n. 5, ecc.", "ad esempio numero 5, eccetera.")],
    );
    check(
        Some("nl"),
        &[(
            "bijv. nr. 5 t/m 7, d.w.z. drie",
            "bijvoorbeeld nummer 5 tot en met 7, dat wil zeggen drie",
        )],
    );
    check(Some("pt"), &[("p. ex. n.º 5", "por exemplo número 5")]);
    check(
        Some("pl"),
        &[
            ("np. e.g. ≥ 5 & 🚀 x", "np. e.g. ≥ 5 & x"),
            ("a → b", "a, b"),
        ],
    );
    check(Some("ja"), &[("公開🎉です。", "公開 です。")]);
}

fn check(language: Option<&str>, table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, spoken) in table {
        let found = speakable(text, language);
        if found != *spoken {
            wrong.push(format!("{text:?}\n    {found:?}\n    {spoken:?}"));
        }
        let again = speakable(&found, language);
        if again != found {
            wrong.push(format!(
                "not idempotent: {text:?}\n    {found:?}\n    {again:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_said_right_is_borrowed() {
    let text = "Nothing of this has to be changed. It costs $3.50, 5 % of 24/7, and/or \"more\" – naïve café’s.\n\nNext.";
    assert!(matches!(speakable(text, Some("en")), Cow::Borrowed(_)));
}

/// Digits and ordinary words, in order.
fn kept(text: &str) -> Vec<String> {
    let words = text.split(|it: char| !it.is_alphanumeric());
    words
        .filter(|it| matches!(*it, "apple" | "Pear" | "7" | "42" | "2024"))
        .map(str::to_owned)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_is_idempotent_and_keeps_words(
        parts in prop::collection::vec(prop_oneof![
            Just("apple"), Just("Pear"), Just("7"), Just("42"), Just("2024"), Just(" "), Just(" "), Just(" "), Just("\n"),
            Just("e.g."), Just("etc."), Just("min."), Just("No."), Just("w/"), Just("aka"), Just("z. B."), Just("&"), Just("->"),
            Just("→"), Just("≥"), Just("~"), Just("×"), Just("#"), Just("**"), Just("*"), Just("`"), Just("["), Just("]("), Just(")"),
            Just("https://a.example/"), Just("www."), Just("✓"), Just("❌"), Just("🚀"), Just("|"), Just("---"), Just("."), Just("!"), Just("•"),
            Just("§"), Just("<="), Just("=>"), Just("("), Just("é"), Just("/"), Just("_"),
        ], 0..25),
        language in prop_oneof![Just(Some("en")), Just(Some("de")), Just(Some("pl"))],
    ) {
        let text = parts.concat();
        let spoken = speakable(&text, language);
        prop_assert_eq!(&speakable(&spoken, language), &spoken);
        // Addresses are said by their host alone.
        if !text.contains("https") && !text.contains("www") && !text.contains("](") {
            prop_assert_eq!(kept(&spoken), kept(&text), "{:?}", spoken);
        }
    }
}

#[test]
fn the_longest_text_is_said_at_once() {
    let parts = [
        "+",
        "#",
        "[",
        "[a](b.c)",
        "|",
        " | ",
        "~",
        "*",
        "`",
        "-",
        "- ",
        ".",
        "a.",
        "e.g. ",
        "www.",
        "https://",
        "→",
        "a→",
        "✓",
        "🚀",
        "!",
        "§",
        "=",
        "<=",
        "\n# ",
        " ",
        "(https://x(",
        "_",
        "&",
        "×",
        "min.5",
        ":/",
        "❌a",
    ];
    for part in parts {
        let text = part.repeat(200_000 / part.len());
        let started = std::time::Instant::now();
        speakable(&text, Some("en"));
        let elapsed = started.elapsed();
        assert!(elapsed.as_secs() < 3, "{elapsed:?} for {part:?}");
    }
}
