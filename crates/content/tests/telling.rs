//! What is told of each kind of block, and what holds of every page that is told.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use content::{
    CleanDocument, Document, Page, Telling, WarningKind, clean_script, parse_adf, parse_csv,
    parse_plain, parse_storage, remove_identities, script, tell,
};
use proptest::prelude::*;
use protocol::{Place, RemovalKind, Script};
use serde_json::{Value, json};

fn as_text(clean: CleanDocument) -> String {
    let (script, _) = script(clean).unwrap();
    let mut text = String::new();
    for section in script.sections() {
        if !section.heading.is_empty() {
            text.push_str(&format!("## {}\n", section.heading));
        }
        text.push_str(&format!("{}\n", section.text));
    }
    text
}

fn adf(content: Value) -> Document {
    parse_adf(&json!({"type":"doc","version":1,"content":content}).to_string()).unwrap()
}

fn told(content: Value) -> String {
    as_text(remove_identities("T", &adf(content)))
}

fn text(text: &str) -> Value {
    json!({"type":"text","text":text})
}

fn paragraph(words: &str) -> Value {
    json!({"type":"paragraph","content":[text(words)]})
}

fn node(kind: &str, content: Value) -> Value {
    json!({"type":kind,"content":content})
}

fn cell(kind: &str, attrs: Value, content: Value) -> Value {
    json!({"type":kind,"attrs":attrs,"content":content})
}

fn row(kind: &str, cells: &[&str]) -> Value {
    let cells: Vec<Value> = cells
        .iter()
        .map(|words| cell(kind, json!({}), json!([paragraph(words)])))
        .collect();
    node("tableRow", json!(cells))
}

#[test]
fn panels_and_quotations_say_what_they_are_once_and_to_their_end() {
    let panel = |kind: &str, content: Value| json!({"type":"panel","attrs":{"panelType":kind},"content":content});
    insta::assert_snapshot!(told(json!([
        panel("info", json!([paragraph("For everybody.")])),
        panel("warning", json!([paragraph("Never in fog."), paragraph("Nor at night.")])),
        panel("error", json!([{"type":"paragraph"}])),
        paragraph("Plain words."),
        panel("note", json!([node("bulletList", json!([node("listItem", json!([paragraph("first")])), node("listItem", json!([paragraph("second")]))]))])),
        panel("tip", json!([node("table", json!([row("tableHeader", &["Boat", "Length"]), row("tableCell", &["Tern", "9.5 m"]), row("tableCell", &["Gull", "7 m"])]))])),
        node("blockquote", json!([paragraph("Ships are safe in harbour."), paragraph("That is not what they are for.")])),
        panel("success", json!([paragraph("Done.")])),
    ])), @"
    For everybody.

    Warning: Never in fog.

    Nor at night.

    Plain words.

    - Note: first
    - second

    Tip: Boat: Tern; Length: 9.5 m
    Boat: Gull; Length: 7 m

    Quote: Ships are safe in harbour.

    That is not what they are for.

    Done.
    ");
}

#[test]
fn items_hold_paragraphs_lists_tables_pictures_and_code() {
    let item = |content: Value| node("listItem", content);
    insta::assert_snapshot!(told(json!([
        {"type":"orderedList","attrs":{"order":9},"content":[
            item(json!([paragraph("Check the tide"), paragraph("It is on the board")])),
            item(json!([paragraph("Ask twice?"), node("bulletList", json!([item(json!([paragraph("once")])), item(json!([paragraph("again")]))])), paragraph("Then go")])),
            item(json!([{"type":"codeBlock","attrs":{"language":"yaml"},"content":[text("a: 1")]}])),
            item(json!([node("table", json!([row("tableCell", &["a", "b"]), row("tableCell", &["c", "d"])]))])),
            item(json!([node("heading", json!([text("Note well")])), paragraph("the keys")])),
            item(json!([{"type":"mediaSingle","content":[{"type":"media","attrs":{"type":"file","id":"m","collection":"c","alt":"A boat"}}]}])),
            item(json!([{"type":"paragraph","content":[text("line"), {"type":"hardBreak"}, text("and line")]}])),
            item(json!([])),
            item(json!([paragraph("last")]))
        ]},
        {"type":"taskList","attrs":{"localId":"t"},"content":[
            {"type":"taskItem","attrs":{"localId":"a","state":"TODO"},"content":[text("Fill the tank")]},
            {"type":"taskItem","attrs":{"localId":"b","state":"DONE"},"content":[text("Wash the deck")]}]},
        {"type":"decisionList","attrs":{"localId":"d"},"content":[
            {"type":"decisionItem","attrs":{"localId":"e","state":"DECIDED"},"content":[text("We sail")]}]},
        paragraph("End.")
    ])), @"
    9. Check the tide. It is on the board
    10. Ask twice?
      - once
      - again
      Then go
    11. Code example in YAML, 1 line.
    12. a; b
      c; d
    13. Note well: the keys
    14. Picture: A boat
    15. line, and line
    16. last

    - To do: Fill the tank
    - Done: Wash the deck
    - Decision: We sail

    End.
    ");
}

#[test]
fn tables_are_told_row_by_row() {
    let spanning = |columns: u8, rows: u8, words: &str| {
        cell(
            "tableHeader",
            json!({"colspan":columns,"rowspan":rows}),
            json!([paragraph(words)]),
        )
    };
    let key = |key: &str, value: &str| {
        node(
            "tableRow",
            json!([
                cell("tableHeader", json!({}), json!([paragraph(key)])),
                cell("tableCell", json!({}), json!([paragraph(value)])),
            ]),
        )
    };
    insta::assert_snapshot!(told(json!([
        paragraph("Headings:"),
        node("table", json!([row("tableHeader", &["Boat:", "Length", "Seaworthy?"]), row("tableCell", &["Tern", "9.50 m", "yes"]), row("tableCell", &["Gull", "", "1,000.00"])])),
        paragraph("Keys and values:"),
        node("table", json!([key("Owner", "The harbour"), key("Since", "2019-04-01"), key("Insured?", "yes")])),
        paragraph("Headings in two rows, with spans:"),
        node("table", json!([
            node("tableRow", json!([spanning(1, 2, "Boat"), spanning(2, 1, "Size")])),
            node("tableRow", json!([spanning(1, 1, "Length"), spanning(1, 1, "Width")])),
            row("tableCell", &["Tern", "9.5 m", "3 m"])])),
        paragraph("Cells that span:"),
        node("table", json!([
            row("tableHeader", &["Day", "Boat", "Crew"]),
            node("tableRow", json!([
                cell("tableCell", json!({"rowspan":2}), json!([paragraph("Monday")])),
                cell("tableCell", json!({"colspan":2}), json!([paragraph("no boat")]))])),
            row("tableCell", &["Tern", "4"])])),
        paragraph("Many things in a cell:"),
        node("table", json!([
            row("tableHeader", &["Boat", "What"]),
            node("tableRow", json!([
                cell("tableCell", json!({}), json!([paragraph("Tern")])),
                cell("tableCell", json!({}), json!([
                    node("heading", json!([text("Gear")])),
                    node("bulletList", json!([node("listItem", json!([paragraph("rope")])), node("listItem", json!([paragraph("light")]))])),
                    node("nestedExpand", json!([paragraph("inside")])),
                    node("table", json!([row("tableHeader", &["x", "y"]), row("tableCell", &["1", "2"]), row("tableCell", &["3", "4"])])),
                    {"type":"taskList","content":[{"type":"taskItem","attrs":{"localId":"a","state":"TODO"},"content":[text("paint")]}]},
                    {"type":"codeBlock","attrs":{"language":"sql"},"content":[text("select 1;\nselect 2;")]}
                ]))]))])),
        paragraph("Headings alone:"),
        node("table", json!([row("tableHeader", &["a", "b"])])),
    ])), @"
    Headings:

    Boat: Tern; Length: 9.50 m; Seaworthy? yes
    Boat: Gull; Seaworthy? 1,000.00

    Keys and values:

    Owner: The harbour
    Since: 2019-04-01
    Insured? yes

    Headings in two rows, with spans:

    Boat: Tern; Size Length: 9.5 m; Size Width: 3 m

    Cells that span:

    Day: Monday; Boat: no boat
    Day: Monday; Boat: Tern; Crew: 4

    Many things in a cell:

    Boat: Tern; What: Gear: rope, light, inside; x: 1, y: 2; x: 3, y: 4, To do: paint, Code example in SQL, 2 lines.

    Headings alone:

    a; b
    ");
}

#[test]
fn nothing_is_lost_of_a_table_that_is_too_wide() {
    let cells: String = (0..300).map(|n| format!("<td>c{n}</td>")).collect();
    let page = parse_storage(&format!("<table><tr>{cells}</tr></table>")).unwrap();
    let text = as_text(remove_identities("T", &page));
    assert!(text.contains("c254; c255, c256, c257"), "{text}");
    assert!(text.contains(", c299"), "{text}");
}

#[test]
fn code_is_summarised_or_kept() {
    let page = adf(json!([
        {"type":"codeBlock","attrs":{"language":"rust"},"content":[text("fn main() {\n    let a = 1 & 2; // ask wren.halloway@example.com\n\n}\n")]},
        {"type":"codeBlock","content":[text("- one line")]},
        {"type":"codeBlock","content":[]},
        {"type":"expand","attrs":{"title":"More"},"content":[{"type":"codeBlock","attrs":{"language":"abap"},"content":[text("x")]}]},
        {"type":"expand","attrs":{"title":"Any questions?"},"content":[paragraph("No.")]}
    ]));
    insta::assert_snapshot!(as_text(remove_identities("T", &page)), @"
    Code example in Rust, 4 lines.

    Code example, 1 line.

    More:

    Code example in Abap, 1 line.

    Any questions?

    No.
    ");
    let telling = Telling { keep_code: true };
    insta::assert_snapshot!(as_text(tell(&Page::new("T", &page), telling)), @"
    fn main() {
        let a = 1 & 2; // ask an e-mail address
    }

    - one line

    More:

    x

    Any questions?

    No.
    ");
}

#[test]
fn pictures_are_told_by_caption_else_alternative_text() {
    let media = |alt: &str| json!({"type":"media","attrs":{"type":"file","id":"m","collection":"c","alt":alt}});
    insta::assert_snapshot!(told(json!([
        node("mediaSingle", json!([media("a quay"), node("caption", json!([text("The quay at dawn")]))])),
        node("mediaSingle", json!([media("a quay")])),
        node("mediaSingle", json!([media("")])),
        node("mediaGroup", json!([media("first"), media("second")])),
    ])), @"
    Picture: The quay at dawn

    Picture: a quay

    Picture: first, second
    ");
}

#[test]
fn the_neutral_words_are_those_of_the_page() {
    for (language, body) in [
        (
            "de",
            "<p><ri:user ri:username=\"ilsek\"/> hat die Schlüssel, und wer sie braucht, der fragt vor der Fahrt. Dann wird gefragt: <ri:user ri:username=\"ilsek\"/>, wenn nicht.</p><ac:structured-macro ac:name=\"warning\"><ac:rich-text-body><p>Nie bei Nebel fahren.</p></ac:rich-text-body></ac:structured-macro><ac:structured-macro ac:name=\"code\"><ac:plain-text-body><![CDATA[a\nb]]></ac:plain-text-body></ac:structured-macro>",
        ),
        (
            "fr",
            "<p><ri:user ri:username=\"ilsek\"/> garde les clés du bateau dans le bureau, et nous avons demandé à <ri:user ri:username=\"ilsek\"/> de les donner.</p><ac:structured-macro ac:name=\"warning\"><ac:rich-text-body><p>Jamais dans le brouillard.</p></ac:rich-text-body></ac:structured-macro>",
        ),
        (
            "ja",
            "<p><ri:user ri:username=\"ilsek\"/>が鍵を持っています。詳しくは<ri:user ri:username=\"ilsek\"/>に聞いてください。</p><ac:structured-macro ac:name=\"warning\"><ac:rich-text-body><p>霧の日は出航しないでください。</p></ac:rich-text-body></ac:structured-macro><ul><li><p>潮位</p><p>天気</p></li></ul><table><tr><th>船</th><th>長さ</th></tr><tr><td>つばめ</td><td>9.5 m</td></tr></table>",
        ),
    ] {
        let page = parse_storage(body).unwrap();
        let clean = remove_identities("T", &page);
        assert_eq!(clean.language(), Some(language));
        match language {
            "de" => insta::assert_snapshot!(as_text(clean), @"
            Jemand aus dem Team hat die Schlüssel, und wer sie braucht, der fragt vor der Fahrt. Dann wird gefragt: jemand aus dem Team, wenn nicht.

            Warnung: Nie bei Nebel fahren.

            Codebeispiel, 2 Zeilen.
            "),
            "fr" => insta::assert_snapshot!(as_text(clean), @"
            Une personne de l’équipe garde les clés du bateau dans le bureau, et nous avons demandé à une personne de l’équipe de les donner.

            Attention : Jamais dans le brouillard.
            "),
            _ => insta::assert_snapshot!(as_text(clean), @"
            担当者が鍵を持っています。詳しくは担当者に聞いてください。

            警告：霧の日は出航しないでください。

            - 潮位。天気

            船：つばめ；長さ：9.5 m
            "),
        }
    }
}

#[test]
fn a_page_says_where_it_stands_and_what_is_attached() {
    let mention = json!({"type":"paragraph","content":[{"type":"mention","attrs":{"id":"5b10ac8d82e05b22cc7d4ef5","text":"@Wren Halloway"}}, text(" sails.")]});
    let document = adf(json!([mention]));
    let labels = [
        "tides".to_owned(),
        "how-to".to_owned(),
        "my:favourite".to_owned(),
        "wren-halloway".to_owned(),
    ];
    let attachments = [
        (
            "Log_of Wren Halloway.v2.txt".to_owned(),
            parse_plain("Written by Wren.\n\n- one\n- two").unwrap(),
        ),
        (
            "crew.csv".to_owned(),
            parse_csv("Boat,Skipper\nTern,Wren Halloway\n").unwrap(),
        ),
    ];
    let page = Page {
        title: "Guide of Wren Halloway",
        space: Some("Harbour Operations"),
        labels: &labels,
        document: &document,
        attachments: &attachments,
    };
    let (told, removals) = script(tell(&page, Telling::default())).unwrap();
    assert_eq!(told.title(), "Guide of a colleague");
    let file = removals
        .iter()
        .find(|it| it.place == Place::Heading)
        .unwrap();
    assert_eq!(
        (file.kind, file.section, file.count),
        (RemovalKind::Name, Some(1), 1)
    );
    insta::assert_snapshot!(as_text(tell(&page, Telling::default())), @"
    This page is from the space Harbour Operations and is labelled tides, how-to.

    A colleague sails.
    ## Log of colleague.v2
    Written by a colleague.

    - one
    - two
    ## crew
    Boat: Tern; Skipper: A colleague
    ");
    let (again, removals) = clean_script(&told, &page).unwrap();
    assert_eq!((again, removals.len()), (told, 0));
    // A person's own space and what nobody wrote a word on are not told.
    for space in ["~5b10ac8d82e05b22cc7d4ef5", "Wren Halloway"] {
        let page = Page {
            space: Some(space),
            labels: &[],
            attachments: &[],
            ..page
        };
        assert_eq!(
            as_text(tell(&page, Telling::default())),
            "A colleague sails.\n"
        );
    }
    let empty = adf(json!([]));
    let page = Page {
        document: &empty,
        attachments: &[],
        ..page
    };
    assert!(script(tell(&page, Telling::default())).is_err());
}

fn is_cut(clean: &CleanDocument) -> bool {
    clean
        .warnings()
        .iter()
        .any(|it| it.kind == WarningKind::Cut)
}

#[test]
fn a_long_page_is_cut_at_the_end_of_a_sentence_and_says_so() {
    for (sentence, end) in [
        ("The boat is ready to sail. ", "sail."),
        ("船は出航の準備ができています。", "。"),
        ("word ", "word"),
        ("é", "é"),
    ] {
        let page = parse_plain(&sentence.repeat(300_000 / sentence.len() * 3)).unwrap();
        let clean = remove_identities("T", &page);
        assert!(is_cut(&clean), "{sentence}");
        let (script, _) = script(clean).unwrap();
        let told = &script.sections()[0].text;
        assert!(told.ends_with(end), "{sentence}");
        let chars = told.chars().count();
        assert!(
            (Script::MAX_CHARS - 2_000..=Script::MAX_CHARS).contains(&chars),
            "{chars}"
        );
    }
    let short = remove_identities("T", &parse_plain("The boat is ready.").unwrap());
    assert!(!is_cut(&short));
}

#[test]
fn what_is_left_out_leaves_no_removals_behind() {
    let body = format!(
        "<h1>A</h1><p>{}</p><h1>B</h1><p>x</p><h1>C</h1><p><ri:user ri:username=\"ilsek\"/></p>",
        "word. ".repeat(34_000)
    );
    let (told, removals) = script(remove_identities("T", &parse_storage(&body).unwrap())).unwrap();
    assert_eq!((told.sections().len(), removals.len()), (1, 0));
}

#[test]
fn sections_beyond_the_most_go_on_in_the_last() {
    let body: String = (0..250)
        .map(|n| format!("<h2>Part {n}</h2><p>Words {n}.</p>"))
        .collect();
    let clean = remove_identities("T", &parse_storage(&body).unwrap());
    assert!(!is_cut(&clean));
    let (script, _) = script(clean).unwrap();
    assert_eq!(script.sections().len(), Script::MAX_SECTIONS);
    let last = script.sections().last().unwrap();
    assert_eq!(last.heading, "Part 199");
    assert!(
        last.text
            .starts_with("Words 199.\n\nPart 200\n\nWords 200.")
    );
    assert!(last.text.ends_with("Part 249\n\nWords 249."));
}

#[test]
fn a_title_that_grew_is_cut_at_a_word() {
    let page = adf(
        json!([{"type":"paragraph","content":[{"type":"mention","attrs":{"id":"1","text":"@Wren Halloway"}}]}]),
    );
    let (script, _) = script(remove_identities(
        &"Wren Halloway, see Wren and ".repeat(10),
        &page,
    ))
    .unwrap();
    assert!(script.title().chars().count() <= Script::MAX_TITLE_CHARS);
    assert!(script.title().starts_with("A colleague, see "));
    assert!(script.title().ends_with(|last: char| last.is_alphabetic()));
}

#[test]
fn every_warning_is_a_sentence() {
    let body = r#"<p>x <unknown-thing/></p><ac:structured-macro ac:name="some-new-macro"/><h1"#;
    let page = parse_storage(&format!("{body}{}", "word ".repeat(50_000))).unwrap();
    let clean = remove_identities("T", &page);
    assert!(!clean.warnings().is_empty());
    for warning in clean.warnings() {
        let message = warning.to_string();
        assert!(message.ends_with('.') && message.len() > 20, "{message}");
    }
}

/// Documents of words that are nobody's name, in blocks of any kind.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "harbour", "boat", "tide", "fog", "keys", "9.5", "2019", "Tern", "größe", "潮位", "über",
        "on", "the", "1,000",
    ]);
    prop::collection::vec(word, 1..6).prop_map(|words| words.join(" "))
}

fn block() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        words().prop_map(|it| paragraph(&it)),
        words().prop_map(|it| node("heading", json!([text(&it)]))),
        (words(), words()).prop_map(|(a, b)| json!({"type":"paragraph","content":[text(&a), {"type":"hardBreak"}, text(&b)]})),
        words().prop_map(|it| json!({"type":"decisionList","content":[{"type":"decisionItem","attrs":{"state":"DECIDED"},"content":[text(&it)]}]})),
        words().prop_map(|it| json!({"type":"taskList","content":[{"type":"taskItem","attrs":{"state":"DONE"},"content":[text(&it)]}]})),
        words().prop_map(|it| node("mediaSingle", json!([{"type":"media","attrs":{"alt":it}}]))),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let many = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            many().prop_map(|it| node("bulletList", json!([node("listItem", json!(it))]))),
            (many(), many()).prop_map(|(a, b)| node(
                "orderedList",
                json!([node("listItem", json!(a)), node("listItem", json!(b))])
            )),
            many().prop_map(|it| node("blockquote", json!(it))),
            (many(), words()).prop_map(
                |(it, title)| json!({"type":"expand","attrs":{"title":title},"content":it})
            ),
            many().prop_map(
                |it| json!({"type":"panel","attrs":{"panelType":"warning"},"content":it})
            ),
            (many(), many(), 1_u8..4, 1_u8..4, any::<bool>()).prop_map(
                |(a, b, columns, rows, header)| {
                    let kind = if header { "tableHeader" } else { "tableCell" };
                    let spans = json!({"colspan":columns,"rowspan":rows});
                    node(
                        "table",
                        json!([
                            node(
                                "tableRow",
                                json!([
                                    cell(kind, spans, json!(a)),
                                    cell(kind, json!({}), json!([paragraph("head")]))
                                ])
                            ),
                            node("tableRow", json!([cell("tableCell", json!({}), json!(b))]))
                        ]),
                    )
                }
            ),
        ]
    })
}

fn words_of(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(words) if matches!(key.as_str(), "text" | "alt" | "title") => {
                        all.extend(words.split_whitespace().map(str::to_owned));
                    }
                    _ => words_of(value, all),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| words_of(value, all)),
        _ => {}
    }
}

proptest! {
    /// Every word of a page without people is told, and telling it is the end of it: a script that
    /// was told is clean.
    #[test]
    fn every_word_is_told_and_nothing_is_taken_out_twice(blocks in prop::collection::vec(block(), 1..6)) {
        let content = json!(blocks);
        let mut all = Vec::new();
        words_of(&content, &mut all);
        let page = adf(content);
        let (told, removals) = script(remove_identities("T", &page)).unwrap();
        prop_assert!(removals.is_empty());
        let json = serde_json::to_string(&told).unwrap();
        for word in all {
            prop_assert!(json.contains(&word), "{} in {}", word, json);
        }
        for section in told.sections() {
            prop_assert!(!section.text.contains("\n\n\n"), "{}", json);
            prop_assert!(section.text.lines().all(|line| line == line.trim_end()), "{}", json);
        }
        let (again, removals) = clean_script(&told, &Page::new("T", &page)).unwrap();
        prop_assert_eq!(&again, &told);
        prop_assert!(removals.is_empty());
    }

    /// The same with people anywhere: no byte of a name is told, nor found when the script is
    /// cleaned again.
    #[test]
    fn p09_nobody_is_told_and_cleaning_again_changes_nothing(
        blocks in prop::collection::vec(block(), 1..4),
        sentences in prop::collection::vec("(ask |Then |see: |)(Wren Halloway|Wren|Halloway, Wren|W\\. Halloway|wren\\.halloway@example\\.com|@wrenhalloway)('s | decides | and |, |\\. | )(boat|Wren Halloway|)", 1..6),
    ) {
        let mut content = vec![json!({"type":"paragraph","content":[{"type":"mention","attrs":{"id":"557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f","text":"@Wren Halloway"}}]})];
        for (index, block) in blocks.into_iter().enumerate() {
            content.push(block);
            if let Some(sentence) = sentences.get(index) {
                content.push(paragraph(sentence));
                content.push(node("table", json!([row("tableCell", &[sentence, "x"])])));
            }
        }
        let page = adf(json!(content));
        let (told, removals) = script(remove_identities(&sentences[0], &page)).unwrap();
        prop_assert!(!removals.is_empty());
        let json = serde_json::to_string(&told).unwrap().to_lowercase();
        for name in ["wren", "halloway", "557058"] {
            prop_assert!(!json.contains(name), "{}", json);
        }
        let (again, removals) = clean_script(&told, &Page::new(&sentences[0], &page)).unwrap();
        prop_assert_eq!(&again, &told);
        prop_assert!(removals.is_empty());
    }
}
