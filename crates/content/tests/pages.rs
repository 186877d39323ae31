//! Pages of our own in both formats, and the places where a person can stand (P9).

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use content::{
    Document, Page, WarningKind, clean_script, parse_adf, parse_storage, remove_identities, script,
    select,
};
use proptest::prelude::*;
use protocol::{ErrorCode, Place, Removal, RemovalKind, Script};

const ADF: &str = include_str!("pages/guide.adf.json");
const STORAGE: &str = include_str!("pages/guide.storage.xml");

fn told(title: &str, document: &Document) -> (Script, Vec<Removal>) {
    script(remove_identities(title, document)).unwrap()
}

fn as_text(script: &Script) -> String {
    let mut text = format!("# {}\n", script.title());
    for section in script.sections() {
        text.push_str(&format!("\n## {}\n{}\n", section.heading, section.text));
    }
    text
}

#[test]
fn a_page_is_told_in_reading_order() {
    let (script, removals) = told("Harbour guide", &parse_adf(ADF).unwrap());
    insta::assert_snapshot!(as_text(&script), @"
    # Harbour guide

    ## 
    Written for the harbour team.

    ## Before you sail
    Warning: Never leave in fog.

    - Check the tide
      1. High water at 06:40
      2. Low water at 12:55
    - Ask a colleague for the keys

    - Done: Fill the tank
    - To do: Wash the deck

    ## Boats
    Boat: Tern; Length: 9.5 m

    Code example in Python, 2 lines.

    Who to call:

    A colleague answers. A colleague's number is on the board.

    Picture: The Tern at low water

    Picture: The quay from above

    Moor on the left side always.

    See the chart first.
    ");
    let removed: Vec<(RemovalKind, Place, Option<u32>, u32)> = removals
        .iter()
        .map(|it| (it.kind, it.place, it.section, it.count))
        .collect();
    assert_eq!(
        removed,
        [
            (RemovalKind::Mention, Place::List, Some(1), 1),
            (RemovalKind::PeopleLink, Place::Prose, Some(2), 1),
            (RemovalKind::Name, Place::Prose, Some(2), 1),
        ]
    );
}

#[test]
fn both_formats_of_a_page_give_the_same_script() {
    let adf = as_text(&told("Harbour guide", &parse_adf(ADF).unwrap()).0);
    let storage = as_text(&told("Harbour guide", &parse_storage(STORAGE).unwrap()).0);
    assert_eq!(adf, storage.replace('’', "'"));
}

#[test]
fn decisions_and_cards_are_told_by_their_words() {
    let body = r#"{"type":"doc","version":1,"content":[
        {"type":"decisionList","attrs":{"localId":"a"},"content":[{"type":"decisionItem","attrs":{"localId":"b","state":"DECIDED"},"content":[{"type":"text","text":"We sail at dawn"}]}]},
        {"type":"blockquote","content":[{"type":"paragraph","content":[{"type":"text","text":"Ships are safe in harbour."}]}]},
        {"type":"paragraph","content":[{"type":"text","text":"Due "},{"type":"date","attrs":{"timestamp":"1764028800000"}},{"type":"text","text":" "},{"type":"emoji","attrs":{"shortName":":tada:","text":"🎉"}}]},
        {"type":"bodiedExtension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"excerpt"},"content":[{"type":"paragraph","content":[{"type":"text","text":"In short."}]}]},
        {"type":"somethingNew","content":[{"type":"paragraph","content":[{"type":"text","text":"Unknown but told."}]}]}]}"#;
    let (script, removals) = told("Notes", &parse_adf(body).unwrap());
    insta::assert_snapshot!(script.sections()[0].text, @r"
    - Decision: We sail at dawn

    Quote: Ships are safe in harbour.

    Due 2025-11-25

    In short.

    Unknown but told.
    ");
    assert!(removals.is_empty());
}

#[test]
fn p09_what_the_preview_shows_is_what_leaves() {
    for page in [parse_adf(ADF).unwrap(), parse_storage(STORAGE).unwrap()] {
        let (shown, _) = told("Harbour guide", &page);
        let (sent, removals) = clean_script(&shown, &Page::new("Harbour guide", &page)).unwrap();
        assert_eq!(as_text(&sent), as_text(&shown));
        assert!(removals.is_empty(), "{removals:?}");
    }
}

/// Each place of a page where a person may stand, in either format, with what must not be told.
#[test]
fn p09_nobody_is_left_wherever_they_stand() {
    let adf = |inline: &str| {
        let body = format!(
            r#"{{"type":"doc","version":1,"content":[
            {{"type":"paragraph","content":[{{"type":"mention","attrs":{{"id":"557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f","text":"@Wren Halloway"}}}}]}},
            {{"type":"paragraph","content":[{{"type":"text","text":"Kept words."}},{inline}]}}]}}"#
        );
        parse_adf(&body).unwrap()
    };
    let storage = |body: &str| {
        parse_storage(&format!(r#"<p><ac:link><ri:user ri:account-id="557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f"/><ac:link-body>Wren Halloway</ac:link-body></ac:link> Kept words.</p>{body}"#)).unwrap()
    };
    let pages = [
        adf(r#"{"type":"text","text":" wren.halloway@example.com"}"#),
        adf(r#"{"type":"text","text":" call Wren, or Halloway's desk"}"#),
        adf(r#"{"type":"text","text":" 557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f"}"#),
        adf(
            r#"{"type":"text","text":" Wr"},{"type":"text","text":"en Halloway","marks":[{"type":"em"}]}"#,
        ),
        adf(
            r#"{"type":"text","text":"Wren H.","marks":[{"type":"link","attrs":{"href":"https://x.atlassian.net/wiki/people/5b10ac8d82e05b22cc7d4ef5"}}]}"#,
        ),
        adf(
            r#"{"type":"text","text":"write to W. Halloway","marks":[{"type":"link","attrs":{"href":"mailto:w@example.com"}}]}"#,
        ),
        adf(
            r#"{"type":"inlineCard","attrs":{"url":"https://home.atlassian.com/o/1/people/5b10ac8d82e05b22cc7d4ef5"}}"#,
        ),
        adf(
            r#"{"type":"inlineExtension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"profile","text":"Wren Halloway","parameters":{"macroParams":{"user":{"value":"Wren Halloway"}}}}}"#,
        ),
        adf(r#"{"type":"status","attrs":{"text":"Owner Halloway","color":"red"}}"#),
        storage(
            r#"<ac:structured-macro ac:name="contributors"><ac:parameter ac:name="user">Wren Halloway</ac:parameter></ac:structured-macro>"#,
        ),
        storage(r#"<p><a href="/display/~whalloway">Wren Halloway</a></p>"#),
        storage(
            r#"<p><ac:link><ri:page ri:space-key="~whalloway" ri:content-title="Wren Halloway"/></ac:link></p>"#,
        ),
        storage(
            r#"<p>Owner: <ac:link><ri:user ri:userkey="8a7f808a5a3b6d7e015a3b6f00000001"/></ac:link></p>"#,
        ),
        storage(
            r#"<ac:task-list><ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body><ri:user ri:username="whalloway"/> Wren signs</ac:task-body></ac:task></ac:task-list>"#,
        ),
        storage(
            r#"<ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[// @author Wren Halloway]]></ac:plain-text-body></ac:structured-macro>"#,
        ),
        storage(
            r#"<ac:adf-extension><ac:adf-node type="panel"><ac:adf-content>By Wren Halloway</ac:adf-content></ac:adf-node><ac:adf-fallback><p>By Wren Halloway</p></ac:adf-fallback></ac:adf-extension>"#,
        ),
        storage(r#"<table><tr><td>Wren Halloway</td><td>wren@example.com</td></tr></table>"#),
    ];
    for (index, page) in pages.iter().enumerate() {
        let (script, removals) = told("Notes of Wren Halloway", page);
        let text = serde_json::to_string(&script).unwrap();
        assert!(text.contains("Kept words."), "{index}: {text}");
        for marker in [
            "Wren",
            "Halloway",
            "whalloway",
            "557058",
            "0b5cf9a1",
            "5b10ac8d",
            "8a7f808a",
            "example.com",
        ] {
            assert!(!text.contains(marker), "{index}: {marker} in {text}");
        }
        assert!(
            removals.iter().any(|it| it.section.is_none()),
            "{index}: the title is cleaned"
        );
    }
}

/// A paragraph that mentions somebody, and a second one of the text.
fn page_of(mention: &str, text: &str) -> Document {
    let body = serde_json::json!({"type":"doc","version":1,"content":[
        {"type":"paragraph","content":[{"type":"mention","attrs":{"id":"1","text":mention}}]},
        {"type":"paragraph","content":[{"type":"text","text":text}]}]});
    parse_adf(&body.to_string()).unwrap()
}

/// What is told of a text on a page that mentions somebody.
fn told_of(mention: &str, text: &str) -> String {
    let (script, _) = told("T", &page_of(mention, text));
    let told = script.sections()[0].text.clone();
    // The mention alone, in the words of the page's language.
    told.split_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn p09_names_are_found_however_they_are_written() {
    for (mention, text, words) in [
        ("@Wren Halloway", "ask WREN HALLOWAY", "ask a colleague"),
        ("@Wren Halloway", "ask wren halloway", "ask a colleague"),
        ("@Wren Halloway", "see wren.halloway", "see a colleague"),
        (
            "@Wren Halloway",
            "see img_Wren_Halloway.png",
            "see img_colleague.png",
        ),
        (
            "@Wren Halloway",
            "see wrenhalloway, whalloway",
            "see the team",
        ),
        ("@Wren Halloway", "by W. Halloway.", "by a colleague."),
        ("@Wren Halloway", "by Wren H.", "by a colleague."),
        ("@Wren Halloway", "cc @Wren Halloway", "cc a colleague"),
        ("@Wren Halloway", "cc Halloway, Wren", "cc a colleague"),
        (
            "@Wren Mara Halloway (Deactivated)",
            "by Wren Halloway",
            "by a colleague",
        ),
        ("@Halloway, Wren", "by Wren Halloway", "by a colleague"),
        ("@Sam Park", "cc @spark", "cc a colleague"),
        ("@Mark Grace", "by Mark\u{a0}Grace", "by a colleague"),
        ("@Mark Grace", "ask Mark first", "ask a colleague first"),
        ("@José Núñez", "by Jose Nunez", "by a colleague"),
        (
            "@Jose Nunez",
            "by Jose\u{301} Nun\u{303}ez",
            "by a colleague",
        ),
        (
            "@Anne-Marie O'Dell",
            "by Anne‑Marie O’Dell",
            "by a colleague",
        ),
        ("@王小明", "请问王小明同学", "请问团队成员同学"),
        ("@राहुल शर्मा", "शर्मा जी", "A colleague जी"),
        ("@whalloway", "ask whalloway", "ask a colleague"),
        ("@X Y", "w.halloway%40example.com", "An e-mail address"),
        ("@X Y", "[~whalloway] knows", "A colleague knows"),
        (
            "@X Y",
            "[~accountid:5b10ac8d82e05b22cc7d4ef5]",
            "A colleague",
        ),
        (
            "@X Y",
            "see https://x.atlassian.net/wiki/people/557058%3A0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f?ref=a.",
            "see a colleague.",
        ),
        (
            "@X Y",
            "see https://c.example.com/display/~whalloway",
            "see a colleague",
        ),
    ] {
        assert_eq!(told_of(mention, text), words, "{mention}: {text}");
    }
}

#[test]
fn p09_words_that_are_no_names_stay() {
    for (mention, text) in [
        (
            "@Mark Grace",
            "Mark the date. With grace. The wrench. Mark: see below.",
        ),
        ("@Mark", "Mark the date."),
        ("@Platform Team", "The Platform of the team."),
        ("@May Chance", "In May, by chance. May I?"),
        ("@Will Young", "It will, young or old. Will I?"),
        ("@Sam Park", "A spark in the park."),
        ("@admin", "The admin page"),
        ("@here", "Stand here"),
        ("@Jo Bly", "The job of Joanna, 3.5 kg, a@b, [x] 5 min"),
        ("@X Y", "people-and-places and 2 @ 5"),
    ] {
        assert_eq!(told_of(mention, text), text, "{mention}");
    }
}

#[test]
fn p09_ids_behind_a_mention_are_known_in_text() {
    let body = r#"<p><ac:link><ri:user ri:username="whalloway"/><ac:link-body>her</ac:link-body></ac:link>
        or whalloway, <ri:user ri:userkey="8a7f808a5a3b6d7e015a3b6f00000001"/>or 8a7f808a5a3b6d7e015a3b6f00000001,
        <a href="/display/~mlowe42">desk</a> or mlowe42.</p>
        <ac:structured-macro ac:name="code"><ac:parameter ac:name="language">whalloway</ac:parameter>
        <ac:plain-text-body><![CDATA[x]]></ac:plain-text-body></ac:structured-macro>
        <p>broken: <ri:user ri:userkey="8a7f808a5a3b6d7e015a3b6f00000002" <p>and on</p>"#;
    let (script, _) = told("T", &parse_storage(body).unwrap());
    let text = serde_json::to_string(&script).unwrap().to_lowercase();
    for marker in ["whalloway", "8a7f808a", "mlowe42"] {
        assert!(!text.contains(marker), "{marker} in {text}");
    }
    assert!(text.contains("and on"), "{text}");
}

#[test]
fn p09_an_invitation_to_write_is_no_name() {
    let link = |text: &str| serde_json::json!({"type":"text","text":text,"marks":[{"type":"link","attrs":{"href":"mailto:w@example.com"}}]});
    let text = |text: &str| serde_json::json!({"type":"text","text":text});
    let body = serde_json::json!({"type":"doc","content":[{"type":"paragraph","content":[
        text("Contact the desk or "), link("Contact us"), text(". By "), link("Wren "), link("Halloway"), text(" herself.")]}]});
    let (script, removals) = told("T", &parse_adf(&body.to_string()).unwrap());
    assert_eq!(
        script.sections()[0].text,
        "Contact the desk or a colleague. By a colleague herself."
    );
    assert_eq!(removals.iter().map(|it| it.count).sum::<u32>(), 2);
}

#[test]
fn p14_debug_shows_no_content() {
    let page = page_of("@Wren Halloway", "buy the moon");
    let clean = remove_identities("Secret plan", &page);
    assert_eq!(
        format!("{page:?} {clean:?}"),
        "Document(12 bytes of text) CleanDocument(1 sections)"
    );
}

#[test]
fn p09_ordinary_words_stay() {
    let body = r#"{"type":"doc","version":1,"content":[{"type":"paragraph","content":[
        {"type":"mention","attrs":{"id":"1","text":"@Mark Grace"}},
        {"type":"text","text":" Mark the date. With grace. The wrench. See 2 @ 5, a@b and 3:45."}]}]}"#;
    let (script, _) = told("Notes", &parse_adf(body).unwrap());
    assert_eq!(
        script.sections()[0].text,
        "A colleague Mark the date. With grace. The wrench. See 2 @ 5, a@b and 3:45."
    );
    // What stands instead of somebody explains the capital behind it as they did.
    let page = parse_adf(body).unwrap();
    let (sent, removals) = clean_script(&script, &Page::new("Notes", &page)).unwrap();
    assert_eq!(as_text(&sent), as_text(&script));
    assert!(removals.is_empty());
}

#[test]
fn people_in_a_row_are_said_as_a_team_and_each_is_reported() {
    let body = r#"{"type":"doc","version":1,"content":[{"type":"paragraph","content":[
        {"type":"text","text":"Owners: "},
        {"type":"mention","attrs":{"id":"1","text":"@Ilse Korrigan"}},{"type":"text","text":" "},
        {"type":"mention","attrs":{"id":"2","text":"@Wren Halloway"}},
        {"type":"text","text":". "},{"type":"mention","attrs":{"id":"1","text":"@Ilse Korrigan"}},
        {"type":"text","text":" decides."}]}]}"#;
    let (script, removals) = told("Notes", &parse_adf(body).unwrap());
    assert_eq!(
        script.sections()[0].text,
        "Owners: the team. A colleague decides."
    );
    assert_eq!(removals.iter().map(|it| it.count).sum::<u32>(), 3);
}

#[test]
fn a_selection_is_told_alone() {
    let page = parse_adf(ADF).unwrap();
    let (script, removals) = told("Guide", &select(&page, "Ask Ilse Korrigan\nfor the keys"));
    assert_eq!(script.sections()[0].text, "- Ask a colleague for the keys");
    assert_eq!(removals.len(), 1);
}

#[test]
fn broken_markup_is_read_as_a_browser_would() {
    for (body, words) in [
        ("<p>One <b>two</p><p>three", "One two\n\nthree"),
        (
            "a < b & c &copy; 2 &unknown; d",
            "a < b and c © 2 &unknown; d",
        ),
        ("<p>x</i></p></div><p>y</p>", "x\n\ny"),
        ("<p class=plain>attribute<br>line</p>", "attribute\nline"),
        ("text <!-- hidden --> more", "text more"),
        ("<p>open <![CDATA[raw <b>", "open raw"),
        ("<p>a < b <em>c</em> x <y", "a < b c x <y"),
        ("<p>it <a href=\"x>is</a> <b>so</b></p>", "it is so"),
        ("<p>cut <strong class='w'", "cut"),
        ("text <!-- open", "text open"),
    ] {
        let (script, _) = told("T", &parse_storage(body).unwrap());
        assert_eq!(script.sections()[0].text, words, "{body}");
    }
}

#[test]
fn what_is_no_page_is_a_typed_error() {
    for body in [
        "",
        "{",
        "[]",
        r#"{"type":"paragraph"}"#,
        &"[".repeat(100_000),
    ] {
        assert_eq!(
            parse_adf(body).unwrap_err().code(),
            ErrorCode::PageUnreadable
        );
    }
    let huge = "x".repeat(content::MAX_BODY_BYTES + 1);
    assert_eq!(parse_adf(&huge).unwrap_err().code(), ErrorCode::TooLarge);
    assert_eq!(
        parse_storage(&huge).unwrap_err().code(),
        ErrorCode::TooLarge
    );
    let empty = remove_identities("T", &parse_storage("<p> </p>").unwrap());
    assert_eq!(script(empty).unwrap_err().code(), ErrorCode::PageEmpty);
}

#[test]
fn deep_and_repetitive_bodies_are_told_without_a_crash() {
    let deep = "<div>".repeat(50_000) + "low";
    assert!(
        told("T", &parse_storage(&deep).unwrap()).0.sections()[0]
            .text
            .contains("low")
    );
    let names: String = (0..2_000)
        .map(|n| format!(r#"<ri:user ri:username="U{n}"/>"#))
        .collect();
    let body = format!("<p>{names}</p><p>{}</p>", "U1 ".repeat(10_000));
    assert!(!told("T", &parse_storage(&body).unwrap()).1.is_empty());
    // Signs without an end: each would be looked for through the rest of the page.
    for broken in [
        "<",
        "<![CDATA[ x ",
        "<!-- x ",
        "<a b=\"<c d='",
        "<a b='' ",
        "<? ",
        "&",
        "</",
        "http://",
        "a@",
    ] {
        let document = parse_storage(&broken.repeat(200_000)).unwrap();
        let _ = script(remove_identities("T", &document));
    }
    // One long heading, told on each of many rows.
    let rows = "<tr><td>x</td></tr>".repeat(100_000);
    let table = format!(
        "<table><tr><th>{}</th></tr>{rows}</table>",
        "h".repeat(1_000_000)
    );
    let long = remove_identities("T", &parse_storage(&table).unwrap());
    assert!(long.warnings().iter().any(|it| it.kind == WarningKind::Cut));
    assert!(script(long).is_ok());
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in ".{0,400}", at in 0_usize..2_000, from in 0_usize..2_000) {
        for page in [ADF, STORAGE] {
            let cut = |index: usize| (0..=index.min(page.len())).rev().find(|i| page.is_char_boundary(*i)).unwrap();
            let mutated = format!("{}{body}{}", &page[..cut(at)], &page[cut(from)..]);
            if let Ok(document) = parse_storage(&mutated) {
                let _ = script(remove_identities(&body, &document));
            }
            if let Ok(document) = parse_adf(&mutated) {
                let _ = script(remove_identities(&body, &document));
            }
        }
    }
}
