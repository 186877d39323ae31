use super::*;
use crate::{parse_adf, parse_storage};

fn adf(content: &str) -> Fingerprint {
    of(
        "Plan",
        &format!(r#"{{"type":"doc","version":1,"content":[{content}]}}"#),
    )
}

fn of(title: &str, body: &str) -> Fingerprint {
    fingerprint(&Page::new(title, &parse_adf(body).unwrap()))
}

fn storage(body: &str) -> Fingerprint {
    fingerprint(&Page::new("Plan", &parse_storage(body).unwrap()))
}

fn paragraph(text: &str) -> String {
    format!(r#"{{"type":"paragraph","content":[{{"type":"text","text":"{text}"}}]}}"#)
}

#[test]
fn a_re_save_changes_nothing() {
    let page = adf(
        r#"{"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":"Goal"}]},
        {"type":"paragraph","content":[{"type":"text","text":"We ship on Monday."}]},
        {"type":"taskList","attrs":{"localId":"a"},"content":[{"type":"taskItem","attrs":{"localId":"b","state":"TODO"},"content":[{"type":"text","text":"Café"}]}]}"#,
    );
    let keys = adf(
        r#"{"content":[{"text":"Goal","type":"text"}],"attrs":{"localId":"x","level":2},"type":"heading"},
        {"content":[{"text":"We ship on Monday.","type":"text"}],"type":"paragraph"},
        {"content":[{"content":[{"text":"Café","type":"text"}],"attrs":{"state":"TODO","localId":"z"},"type":"taskItem"}],"attrs":{"localId":"y"},"type":"taskList"}"#,
    );
    let marks = adf(
        r#"{"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":"Goal","marks":[{"type":"strong"}]}]},
        {"type":"paragraph","content":[{"type":"text","text":"We  ship\u00a0on "},{"type":"text","text":"Mon","marks":[{"type":"em"}]},{"type":"text","text":"day. "}]},
        {"type":"paragraph"},{"type":"paragraph","content":[{"type":"text","text":" "}]},
        {"type":"taskList","attrs":{"localId":"a"},"content":[{"type":"taskItem","attrs":{"localId":"b","state":"TODO"},"content":[{"type":"text","text":"Cafe\u0301\u200b"}]}]},
        {"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph"}]}]}"#,
    );
    assert_eq!(page, keys);
    assert_eq!(page, marks);
    let layout = storage(
        "<ac:layout><ac:layout-section><ac:layout-cell><p>a</p></ac:layout-cell><ac:layout-cell><p>b</p></ac:layout-cell></ac:layout-section></ac:layout>",
    );
    assert_eq!(layout, storage("<p>a</p><p /><p>b</p>"));
}

#[test]
fn what_is_said_changes_it() {
    let item = |text: &str| format!(r#"{{"type":"listItem","content":[{}]}}"#, paragraph(text));
    let list = |kind: &str, items: &[&str]| {
        let items: Vec<String> = items.iter().map(|it| item(it)).collect();
        format!(r#"{{"type":"{kind}","content":[{}]}}"#, items.join(","))
    };
    let heading = |level: u8| {
        format!(
            r#"{{"type":"heading","attrs":{{"level":{level}}},"content":[{{"type":"text","text":"Goal"}}]}}"#
        )
    };
    let task = |state: &str| {
        format!(
            r#"{{"type":"taskList","content":[{{"type":"taskItem","attrs":{{"state":"{state}"}},"content":[{{"type":"text","text":"a"}}]}}]}}"#
        )
    };
    let row = |cells: &[&str]| {
        let cells: Vec<String> = cells
            .iter()
            .map(|it| format!(r#"{{"type":"tableCell","content":[{}]}}"#, paragraph(it)))
            .collect();
        format!(
            r#"{{"type":"table","content":[{{"type":"tableRow","content":[{}]}}]}}"#,
            cells.join(",")
        )
    };
    let code = |language: &str, text: &str| {
        format!(
            r#"{{"type":"codeBlock","attrs":{{"language":"{language}"}},"content":[{{"type":"text","text":"{text}"}}]}}"#
        )
    };
    let date = |day: &str| {
        format!(
            r#"{{"type":"paragraph","content":[{{"type":"date","attrs":{{"timestamp":"{day}"}}}}]}}"#
        )
    };
    let bodies = vec![
        paragraph("It costs 5 euros."),
        paragraph("It costs 6 euros."),
        paragraph("It costs 5 dollars."),
        paragraph("It costs five euros"),
        paragraph("It costs 5 euros") + "," + &paragraph("."),
        paragraph("résumé"),
        paragraph("resume"),
        paragraph("a b"),
        paragraph("ab"),
        paragraph("a") + "," + &paragraph("b"),
        list("bulletList", &["a", "b"]),
        list("bulletList", &["b", "a"]),
        list("orderedList", &["a", "b"]),
        list("bulletList", &["a"]) + "," + &list("bulletList", &["b"]),
        heading(1),
        heading(2),
        paragraph("Goal"),
        task("TODO"),
        task("DONE"),
        row(&["a", "b"]),
        row(&["a", "c"]),
        row(&["a", "", "b"]),
        row(&["", "a", "b"]),
        row(&["a b"]),
        code("rust", "a"),
        code("java", "a"),
        code("rust", "  a"),
        code("rust", "a\\n\\nb"),
        code("rust", "a\\nb"),
        date("1735689600000"),
        date("1735776000000"),
        String::new(),
    ];
    let mut seen = std::collections::BTreeMap::new();
    for body in &bodies {
        let other = seen.insert(adf(body).to_string(), body);
        assert_eq!(other, None, "{body}");
    }
    let doc = r#"{"type":"doc","content":[]}"#;
    assert_ne!(of("Plan", doc), of("Plans", doc));
}

#[test]
fn files_are_of_it_and_space_and_labels_are_not() {
    let document = parse_storage("<p>a</p>").unwrap();
    let page = Page::new("Plan", &document);
    let files = |name: &str, body: &str| vec![(name.to_owned(), parse_storage(body).unwrap())];
    let with = |files: &[(String, Document)]| {
        fingerprint(&Page {
            attachments: files,
            ..page
        })
    };
    let labels = ["x".to_owned()];
    let named = Page {
        space: Some("Docs"),
        labels: &labels,
        ..page
    };
    assert_eq!(fingerprint(&page), fingerprint(&named));
    assert_ne!(fingerprint(&page), with(&files("a.txt", "")));
    assert_ne!(
        with(&files("a.txt", "<p>b</p>")),
        with(&files("a.txt", "<p>c</p>"))
    );
    assert_ne!(
        with(&files("a.txt", "<p>b</p>")),
        with(&files("b.txt", "<p>b</p>"))
    );
}

#[test]
fn p09_a_person_is_only_a_person() {
    let page = |name: &str, id: &str, mail: &str| {
        adf(&format!(
            r#"{{"type":"paragraph","content":[{{"type":"mention","attrs":{{"id":"{id}","text":"@{name}"}}}},
            {{"type":"text","text":" leads. Ask {name} or mail {mail}@example.com. "}}]}},
            {{"type":"codeBlock","content":[{{"type":"text","text":"// {name}"}}]}}"#
        ))
    };
    let one = page("Ilse Korrigan", "5f2a9c1e7d3b4a0069c8e1aa", "ikorrigan");
    assert_eq!(
        one,
        page(
            "Tamsin Ashgrove",
            "712020:0b8e3c9f-6a1d-4d2e-9f57-3f2e1c0d9b8a",
            "tamsin.a"
        )
    );
    // Whether there is anybody does matter.
    assert_ne!(one, adf(&paragraph("leads. Ask or mail.")));
}

#[test]
fn the_rules_of_version_1_stay_as_they_are() {
    let page = storage(
        "<h1>Goal</h1><p>It costs 5 euros.</p><ul><li>Café</li></ul><table><tbody><tr><th>a</th><td>b</td></tr></tbody></table>",
    );
    assert_eq!(page.to_string(), "1-02027745d4cc83faf74b58917cc4ca58");
}
