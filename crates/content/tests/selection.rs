//! A selection of a page: found there, told with its structure, or told alone.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use content::{Document, parse_adf, parse_storage, remove_identities, script, select};
use proptest::prelude::*;

const PAGE: &str = r#"<h2>Boats</h2><p>The harbour has two boats.</p>
<h2>Before you sail</h2>
<p>Look at the chart, then <ac:link><ri:user ri:account-id="557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f"/></ac:link> gives you the keys of the boat.</p>
<ol start="3"><li><p>Check the tide</p><ul><li><p>High water at 06:40</p></li></ul></li><li><p>Ask <ac:link><ri:user ri:username="wrenh"/><ac:link-body>Wren Halloway</ac:link-body></ac:link> for the keys</p></li><li><p>Cast off</p></li></ol>
<table><tbody><tr><th>Boat</th><th>Length</th><th>Crew</th></tr>
<tr><td>Tern</td><td>9.5 m</td><td>4</td></tr><tr><td>Gull</td><td>7 m</td><td>2 and Wren Halloway</td></tr><tr><td>Auk</td><td>5 m</td><td>1</td></tr></tbody></table>
<p>潮位表を確認してください。出航は正午です。</p>"#;

fn told(document: &Document) -> String {
    let (script, _) = script(remove_identities("T", document)).unwrap();
    let mut text = String::new();
    for section in script.sections() {
        text.push_str(&format!("## {}\n{}\n", section.heading, section.text));
    }
    text
}

fn selected(selection: &str) -> String {
    told(&select(&parse_storage(PAGE).unwrap(), selection))
}

#[test]
fn a_selection_keeps_its_lists_and_the_heading_above() {
    insta::assert_snapshot!(
        selected("High water at 06:40\n\nAsk  @Wren Halloway for the keys\nCast o"),
        @"
        ## Before you sail
          - High water at 06:40
        4. Ask a colleague for the keys
        5. Cast off
        "
    );
}

#[test]
fn a_selection_of_cells_keeps_their_columns() {
    insta::assert_snapshot!(selected("9.5 m\t4\nGull\t7 m\t2 and Wren Hall"), @"
        ## Before you sail
        Length: 9.5 m; Crew: 4
        Boat: Gull; Length: 7 m; Crew: 2 and a colleague
        ");
}

#[test]
fn a_selection_may_begin_and_end_within_words_and_without_blanks() {
    insta::assert_snapshot!(selected("arbour has two boa"), @"
        ## Boats
        harbour has two boats.
        ");
    insta::assert_snapshot!(selected("Boats\nThe harbour"), @"
        ## Boats
        The harbour
        ");
    insta::assert_snapshot!(selected("表を確認してください。出航は正"), @"
        ## Before you sail
        表を確認してください。出航は正
        ");
}

#[test]
fn a_selection_is_found_where_the_browser_shows_other_words() {
    insta::assert_snapshot!(
        selected("Look at the chart, then @Ilse Korrigan gives you the keys of the boat."),
        @"
        ## Before you sail
        Look at the chart, then a colleague gives you the keys of the boat.
        "
    );
}

#[test]
fn p09_what_is_not_found_is_told_alone_and_cleaned() {
    insta::assert_snapshot!(selected("Rendered elsewhere\nby Wren Halloway"), @"
        ## 
        Rendered elsewhere

        by a colleague
        ");
    let page = parse_adf(r#"{"type":"doc","content":[{"type":"paragraph","content":[{"type":"mention","attrs":{"id":"1","text":"@Wren Halloway"}}]}]}"#).unwrap();
    assert_eq!(told(&select(&page, "no, Wren")), "## \nno, a colleague\n");
}

#[test]
fn p09_whom_the_page_gives_away_elsewhere_is_known_in_a_selection() {
    let page = parse_storage("<p>Owner: Wren Halloway</p><p>Call Halloway at noon.</p>").unwrap();
    assert_eq!(
        told(&select(&page, "Call Halloway at noon")),
        "## \nCall a colleague at noon.\n"
    );
    assert_eq!(told(&select(&page, "or Halloway")), "## \nor a colleague\n");
}

#[test]
fn a_selection_in_a_large_page_costs_its_length() {
    let page = parse_storage(&"<p>a b a b a b a</p>".repeat(100_000)).unwrap();
    let start = std::time::Instant::now();
    let almost = "a b a b a b a a b a b a b a ".repeat(3_000);
    for selection in [
        almost.as_str(),
        &format!("{almost} c {almost}"),
        "c",
        "b c a",
    ] {
        select(&page, selection);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

proptest! {
    /// Whatever is selected of a page is told, and nothing that stands far from it.
    #[test]
    fn every_selected_word_is_told(from in 0_usize..60, length in 1_usize..40) {
        let text = "The harbour has two boats. Look at the chart, then go. Check the tide High water at 06:40 \
            Ask nobody for keys Cast off Boat Length Tern 9.5 m Gull 7 m Auk 5 m End of it";
        let page = parse_storage("<p>The harbour has <b>two</b> boats.</p><p>Look at the chart, then go.</p><ul><li>Check the tide<ul><li>High water at 06:40</li></ul></li>\
            <li>Ask nobody for keys</li><li>Cast off</li></ul><table><tr><th>Boat</th><th>Length</th></tr><tr><td>Tern</td><td>9.5 m</td></tr>\
            <tr><td>Gull</td><td>7 m</td></tr><tr><td>Auk</td><td>5 m</td></tr></table><p>End of it</p>").unwrap();
        let words: Vec<&str> = text.split_whitespace().collect();
        let from = from.min(words.len() - 1);
        let chosen = &words[from..(from + length).min(words.len())];
        let told = told(&select(&page, &chosen.join(" ")));
        // A single word may be found in another place first, in other letters; more words are not.
        let as_told = |text: &str| match chosen.len() {
            1 => text.to_lowercase(),
            _ => text.to_owned(),
        };
        // The headings of cells that were not selected are not told.
        for word in chosen.iter().filter(|it| !matches!(**it, "Boat" | "Length")) {
            let word = as_told(word.trim_end_matches(['.', ',']));
            prop_assert!(as_told(&told).contains(&word), "{} in {}", word, told);
        }
    }

    #[test]
    fn no_selection_makes_it_panic(selection in r"\PC{0,60}|([a-zA-Z0-9@.:]{1,7}[ \t\n]){0,30}", from in 0_usize..900, to in 0_usize..900) {
        let page = parse_storage(PAGE).unwrap();
        let _ = script(remove_identities("T", &select(&page, &selection)));
        let cut = |index: usize| (0..=index.min(PAGE.len())).rev().find(|at| PAGE.is_char_boundary(*at)).unwrap();
        let (from, to) = (cut(from), cut(to));
        if from < to {
            let _ = script(remove_identities("T", &select(&page, &format!("{selection}{}", &PAGE[from..to]))));
        }
    }
}
