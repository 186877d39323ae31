//! Pages that are made to hurt: as large as a page may be, as wide, as deep, as tricky as markup
//! can be. Each is told, in part and with a warning where not whole, or refused with a typed error.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use content::{
    Document, MAX_BODY_BYTES, WarningKind, clean_script, parse_adf, parse_storage,
    remove_identities, script, select,
};

/// Tells a page all the ways that there are; the answer is what may be missed of it.
fn told(document: &Document) -> (String, Vec<WarningKind>) {
    let clean = remove_identities("T", document);
    let warnings = clean.warnings().iter().map(|it| it.kind).collect();
    let text = match script(clean) {
        Ok((script, _)) => {
            let page = content::Page::new("T", document);
            clean_script(&script, &page).unwrap();
            let sections = script.sections().iter();
            sections
                .map(|it| format!("{}\n{}\n", it.heading, it.text))
                .collect()
        }
        Err(_) => String::new(),
    };
    content::fingerprint(&content::Page::new("T", document));
    select(document, "some words that are nowhere");
    (text, warnings)
}

fn adf(content: &str) -> Document {
    parse_adf(&format!(
        r#"{{"type":"doc","version":1,"content":[{content}]}}"#
    ))
    .unwrap()
}

const PARAGRAPH: &str =
    r#"{"type":"paragraph","content":[{"type":"text","text":"A sentence of the page. "}]}"#;

#[test]
fn a_page_of_ten_megabytes_is_cut_and_says_so() {
    let count = 10_000_000 / PARAGRAPH.len();
    let bodies = [
        adf(&vec![PARAGRAPH; count].join(",")),
        parse_storage(&"<p>A sentence of the page.</p>".repeat(10_000_000 / 30)).unwrap(),
        parse_storage(&"A sentence of the page. ".repeat(10_000_000 / 24)).unwrap(),
    ];
    for document in bodies {
        let (text, warnings) = told(&document);
        assert!(text.chars().count() > 150_000, "{}", text.len());
        assert!(warnings.contains(&WarningKind::Cut));
        assert!(text.trim_end().ends_with('.'), "cut amid a sentence");
    }
}

#[test]
fn a_million_siblings_are_read() {
    let rule = r#"{"type":"rule"}"#;
    let many = vec![rule; 1_000_000].join(",");
    assert!(many.len() < MAX_BODY_BYTES);
    let (text, warnings) = told(&adf(&format!("{many},{PARAGRAPH}")));
    assert_eq!(
        (text.trim(), warnings.len()),
        ("A sentence of the page.", 0)
    );

    let unknown: Vec<String> = (0..300_000)
        .map(|n| format!(r#"{{"type":"new{n}"}}"#))
        .collect();
    let (_, warnings) = told(&adf(&unknown.join(",")));
    assert!((1..=101).contains(&warnings.len()), "{}", warnings.len());

    for sibling in ["<p/>", "<br/>", "<td>x</td>", "<ac:link/>", "<x:y z='1'/>"] {
        let (text, _) =
            told(&parse_storage(&format!("{}last", sibling.repeat(1_000_000))).unwrap());
        assert!(text.contains("last") || text.len() > 100_000, "{sibling}");
    }
}

#[test]
fn ten_thousand_levels_are_no_stack() {
    for (open, close) in [
        ("<div>", "</div>"),
        ("<ul><li>", "</li></ul>"),
        ("<table><tbody><tr><td>", "</td></tr></tbody></table>"),
        (
            r#"<ac:structured-macro ac:name="panel"><ac:rich-text-body>"#,
            "</ac:rich-text-body></ac:structured-macro>",
        ),
        ("<ac:link><ac:link-body>", "</ac:link-body></ac:link>"),
        ("<b><i>", "</i></b>"),
        (
            "<ac:adf-extension><ac:adf-node type=\"panel\"><ac:adf-content>",
            "</ac:adf-content></ac:adf-node></ac:adf-extension>",
        ),
    ] {
        let body = format!(
            "<p>high</p>{}low{}<p>after</p>",
            open.repeat(10_000),
            close.repeat(10_000)
        );
        let (text, warnings) = told(&parse_storage(&body).unwrap());
        assert!(text.contains("high"), "{open}: {text}");
        assert!(
            text.contains("low") || warnings.contains(&WarningKind::TooDeep),
            "{open}"
        );
    }
    for kind in [
        "panel",
        "bulletList",
        "table",
        "text",
        "mention",
        "neverHeardOf",
    ] {
        let body = format!(
            r#"{PARAGRAPH},{}{PARAGRAPH}{}"#,
            format!(r#"{{"type":"{kind}","content":["#).repeat(10_000),
            "]}".repeat(10_000)
        );
        let (text, warnings) = told(&adf(&body));
        assert!(text.contains("A sentence"), "{kind}");
        assert!(warnings.contains(&WarningKind::TooDeep), "{kind}");
    }
}

#[test]
fn entities_and_includes_lead_nowhere() {
    let laughs = r#"<!DOCTYPE x [<!ENTITY a "ha ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
        <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]><p>&c; &f; end</p>"#;
    let (text, _) = told(&parse_storage(laughs).unwrap());
    assert!(text.contains("end") && text.len() < 1_000, "{text}");
    assert!(
        !text.contains("ha ha ha") && !text.contains("root:"),
        "{text}"
    );

    // What a page includes is read by nobody here, so that no circle can be closed.
    let include = r#"<ac:structured-macro ac:name="include"><ac:parameter ac:name=""><ac:link><ri:page ri:content-title="Itself"/></ac:link></ac:parameter></ac:structured-macro><p>end</p>"#;
    let (text, warnings) = told(&parse_storage(include).unwrap());
    assert_eq!(text.trim(), "end");
    assert_eq!(warnings, [WarningKind::NotIncluded]);
}

#[test]
fn characters_that_are_none_do_no_harm() {
    let (text, _) = told(
        &parse_storage("a\0b &#0; &#xD800; &#x110000; &#99999999999; \u{fffe}\u{7f} end").unwrap(),
    );
    assert!(text.contains("end") && !text.contains('\0'), "{text:?}");
    let (text, _) = told(&adf(
        r#"{"type":"paragraph","content":[{"type":"text","text":"a\u0000b \ud800 \udfff end"}]}"#,
    ));
    assert!(text.contains("end") && !text.contains('\0'), "{text:?}");
}
