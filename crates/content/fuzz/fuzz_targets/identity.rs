//! P9 on made-up people: someone whom a page mentions is nowhere in what is told of it, whatever
//! stands around their name, in whatever letters it is written and however marks part it. And what
//! was cleaned once is clean: a second pass finds nobody and changes nothing.

#![no_main]

use content::{Document, Page, clean_script, parse_adf, parse_storage, remove_identities, script};
use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};
use protocol::Script;
use serde_json::json;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    alphabet: u8,
    first: [u8; 9],
    last: [u8; 9],
    lengths: (u8, u8),
    is_storage: bool,
    split: u8,
    title: &'a str,
    before: &'a str,
    after: &'a str,
}

/// Letters of scripts that people's names are written in.
const ALPHABETS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyz",
    "aeioulnrstßéöüłñçåøžİı",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзиклмнопрстуфхцчшщя",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "山田太郎佐藤鈴木高橋伊東王李张陈",
];

/// The alphabet whose words are short.
const WIDE: usize = 5;

impl Input<'_> {
    /// A name of two words: of five to nine letters, long enough to be no form of address, initial
    /// or short word; in Chinese or Japanese of one to three.
    fn name(&self) -> String {
        let alphabet = usize::from(self.alphabet) % ALPHABETS.len();
        let (least, more) = if alphabet == WIDE { (1, 3) } else { (5, 5) };
        let alphabet: Vec<char> = ALPHABETS[alphabet].chars().collect();
        let word = |letters: &[u8; 9], length: u8| {
            let letters = letters[..least + usize::from(length) % more].iter();
            let mut letters = letters.map(|letter| alphabet[usize::from(*letter) % alphabet.len()]);
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters).collect::<String>()
        };
        format!(
            "{} {}",
            word(&self.first, self.lengths.0),
            word(&self.last, self.lengths.1)
        )
    }

    /// A page that mentions them once and then names them in a heading, in prose and in a table.
    fn page(&self, name: &str) -> Document {
        let (before, after) = (self.before, self.after);
        let at = usize::from(self.split) % name.chars().count();
        let at = name.char_indices().nth(at).map_or(0, |(index, _)| index);
        let (left, right) = name.split_at(at);
        if self.is_storage {
            let [before, after, name, left, right] =
                [before, after, name, left, right].map(escaped);
            let body = format!(
                r#"<p>Ask <ac:link><ri:user ri:account-id="5b10ac8d82e05b22cc7d4ef5" /><ac:link-body>{name}</ac:link-body></ac:link>.</p>
                <h2>{before} {name} {after}</h2><p>{before} {left}<strong>{right}</strong> {after}</p>
                <table><tbody><tr><th>{name}</th></tr><tr><td>{before} {name}</td></tr></tbody></table>"#
            );
            parse_storage(&body).expect("any text is read")
        } else {
            let words = |text: &str| json!({"type": "text", "text": text});
            let told = format!("{before} {name} {after}");
            let mut parted = vec![words(&format!("{before} {left}"))];
            let mut strong = words(right);
            strong["marks"] = json!([{"type": "strong"}]);
            parted.extend([strong, words(&format!(" {after}"))]);
            let paragraph =
                |content: serde_json::Value| json!({"type": "paragraph", "content": content});
            let cell = |kind: &str, text: &str| json!({"type": "tableRow", "content": [{"type": kind, "content": [paragraph(json!([words(text)]))]}]});
            let body = json!({"type": "doc", "version": 1, "content": [
                paragraph(json!([words("Ask "), {"type": "mention", "attrs": {"id": "5b10ac8d82e05b22cc7d4ef5", "text": format!("@{name}")}}])),
                {"type": "heading", "attrs": {"level": 2}, "content": [words(&told)]},
                paragraph(json!(parted)),
                {"type": "table", "content": [cell("tableHeader", name), cell("tableCell", &format!("{before} {name}"))]},
            ]});
            parse_adf(&body.to_string()).expect("a document")
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// All that is told.
fn told(script: &Script) -> String {
    let sections = script.sections().iter();
    let sections = sections.map(|section| format!("{}\n{}\n", section.heading, section.text));
    format!("{}\n{}", script.title(), sections.collect::<String>())
}

/// Whether a name stands in a text as words of its own, in any case.
fn names(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let ends_word = |character: Option<char>| {
        character.is_none_or(|it| it.is_whitespace() || ".,;:!?()\"".contains(it))
    };
    text.match_indices(&name).any(|(at, found)| {
        ends_word(text[..at].chars().next_back())
            && ends_word(text[at + found.len()..].chars().next())
    })
}

fuzz_target!(|input: Input<'_>| {
    let name = input.name();
    let document = input.page(&name);
    let title = format!("{} {name} {}", input.title, input.after);
    let Ok((clean, removals)) = script(remove_identities(&title, &document)) else {
        return;
    };
    assert!(!names(&told(&clean), &name), "{name:?} is told");
    assert!(!removals.is_empty());
    // Where the first pass fills a script to its limits, the second may cut it.
    if let Ok((again, removals)) = clean_script(&clean, &Page::new(&title, &document)) {
        assert!(removals.is_empty(), "a second pass removes {removals:?}");
        assert!(again == clean, "a second pass changes {:?}", told(&clean));
    }
});
