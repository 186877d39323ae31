//! Attached files that are text already: what is told of them.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use content::{
    ContentError, Document, parse_csv, parse_markdown, parse_plain, remove_identities, script,
};
use proptest::prelude::*;

fn told(document: Result<Document, ContentError>) -> String {
    let (script, _) = script(remove_identities("T", &document.unwrap())).unwrap();
    let mut text = String::new();
    for section in script.sections() {
        if !section.heading.is_empty() {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}## {}\n", section.heading));
        }
        text.push_str(&format!("{}\n", section.text));
    }
    text
}

#[test]
fn plain_text_has_paragraphs_and_lists() {
    let text = "\u{feff}Harbour rules\r\n\r\nBoats are washed every Friday, and whoever washes them writes it\r\ndown in the log-\r\nbook by the door.\r\n\r\nBring:\r\n- rope\r\n  of 10 m\r\n- a light\r\n   * with batteries\r\n   * and spares\r\n- tea\r\n\r\n1) cast off\r\n2) sail\r\n\r\nIt is -5 degrees.\r\nLength 1.5 m\r\nWidth 3 m\x0cPage two";
    insta::assert_snapshot!(told(parse_plain(text)), @"
    Harbour rules

    Boats are washed every Friday, and whoever washes them writes it down in the log-book by the door.

    Bring:

    - rope of 10 m
    - a light
      - with batteries
      - and spares
    - tea

    1. cast off
    2. sail

    It is -5 degrees.
    Length 1.5 m
    Width 3 m
    Page two
    ");
}

#[test]
fn markdown_is_told_without_its_signs() {
    let text = r#"---
author: Wren Halloway
---
# Harbour *guide*

Tides come **twice** a day, see [the chart](https://example.com/chart_(low) "Low water")
and <https://example.com>; snake_case and 2 * 3 stay, `a * b` too.  
A new line. AT&amp;T &copy; \*not emphasised\*

- rope
  of 10 m

  and a knot
- [x] wash the deck
- [ ] fill ~~the~~ tank
  1. petrol
  2. oil

> Never sail
in fog.
>
> - ever

Depth
-----

| Place | Depth |
|:------|------:|
| Quay  | 3 m   |
| A \| B | **12** m |

```rust
fn main() {}

// "> no quote"
```

    indented code

![The quay](quay.png)

![](empty.png)

***
Written by [Wren Halloway](mailto:wren@example.com), [^1] <b>bold</b><br>end.

[chart]: https://example.com
[^1]: A note.
<!-- hidden
words -->
Trailing # text

## Closed ##
"#;
    insta::assert_snapshot!(told(parse_markdown(text)), @"
    ## Harbour guide
    Tides come twice a day, see the chart and example.com; snake_case and 2 * 3 stay, a * b too.
    A new line. AT&T © not emphasised

    - rope of 10 m. and a knot
    - Done: wash the deck
    - To do: fill the tank
      1. petrol
      2. oil

    Quote: Never sail in fog.

    - ever

    ## Depth
    Place: Quay; Depth: 3 m
    Place: A, B; Depth: 12 m

    Code example in Rust, 3 lines.

    Code example, 1 line.

    Picture: The quay

    Written by a colleague, bold
    end.

    A note.

    Trailing # text

    ## Closed
    ");
}

#[test]
fn a_table_of_values_is_told_row_by_row() {
    for (text, words) in [
        (
            "Boat,Length\nTern,9.5\n\n\"Sea, Star\",\"1,200\"\n",
            "Boat: Tern; Length: 9.5\nBoat: Sea, Star; Length: 1,200\n",
        ),
        ("Boot;Länge\r\nMöwe;9,5\r\n", "Boot: Möwe; Länge: 9,5\n"),
        ("Boat\tCrew\nTern\t4\n", "Boat: Tern; Crew: 4\n"),
        ("sep=|\nBoat|Crew\nTern|4", "Boat: Tern; Crew: 4\n"),
        ("a,b\n1\n2,3,4\n", "a: 1\na: 2; b: 3; 4\n"),
        (
            "\"He said \"\"sail\"\"\nnow\",x\n1,2",
            "He said \"sail\", now: 1; x: 2\n",
        ),
        ("only\n", "only\n"),
    ] {
        assert_eq!(told(parse_csv(text)), words, "{text}");
    }
}

#[test]
fn what_is_too_large_is_a_typed_error() {
    let huge = "x".repeat(content::MAX_BODY_BYTES + 1);
    for result in [parse_plain(&huge), parse_markdown(&huge), parse_csv(&huge)] {
        assert_eq!(result.unwrap_err(), ContentError::BodyTooLarge);
    }
}

/// Each would cost the square of its length if anything were looked for again and again.
#[test]
fn hostile_text_is_read_in_linear_time() {
    let start = std::time::Instant::now();
    for piece in [
        "[",
        "]",
        "![",
        "[](",
        "[x](",
        "`",
        "``a`",
        "*",
        "*a ",
        "_a*",
        "**a_b~~",
        "<",
        "<a ",
        "&",
        "&#",
        "\\",
        "> ",
        ">",
        "- ",
        "1. ",
        "- - ",
        "\n- ",
        "|",
        "|\n",
        "| a\n|-\n",
        "\"",
        "\",",
        ",",
        "\n",
        "\r",
        "#",
        "# \n",
        "```\n",
        "    x\n",
        "<!--",
        "[^",
        "[a][",
        "a\n",
        " a\n\n",
        "\t",
        "=\n",
        "-\n",
        "~~~",
        "\u{0}",
        "*\u{301}",
    ] {
        let text = piece.repeat(60_000 / piece.len());
        for parse in [parse_plain, parse_markdown, parse_csv] {
            let _ = parse(&text).map(|document| script(remove_identities("T", &document)));
        }
    }
    let deep: String = (0..1_000)
        .map(|depth| format!("{}- x\n", " ".repeat(depth)))
        .collect();
    for parse in [parse_plain, parse_markdown] {
        assert!(told(parse(&deep)).contains('x'));
    }
    // Some 8 MB in all; one text that cost the square of its length would alone take minutes.
    assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in r"([\-*_~`\[\]()<>&#|!\\ \n\r\t0-9.,;:=\x22]|[a-zé漢]|\PC){0,200}") {
        for parse in [parse_plain, parse_markdown, parse_csv] {
            let _ = script(remove_identities("T", &parse(&text).unwrap()));
        }
    }

    #[test]
    fn every_word_of_a_plain_text_is_told(text in r"([a-zé漢0-9 ,;\n]|\n- |\n  \* |\n1\. |\n\n){0,200}") {
        let told = script(remove_identities("T", &parse_plain(&text).unwrap()));
        let told = told.map(|(script, _)| serde_json::to_string(&script).unwrap()).unwrap_or_default();
        for word in text.split(|it: char| !it.is_alphabetic()).filter(|it| !it.is_empty()) {
            prop_assert!(told.contains(word), "{} in {}", word, told);
        }
    }
}
