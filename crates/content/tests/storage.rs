//! Storage format: what becomes of each macro and element, how broken markup is repaired, and the
//! places where a person can stand (P9).

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use std::time::{Duration, Instant};

use content::{Document, WarningKind, parse_storage, remove_identities, script};

/// What is told of a body, with headings before their sections.
fn told(body: &str) -> String {
    told_of(&parse_storage(body).unwrap())
}

fn told_of(document: &Document) -> String {
    let Ok((script, _)) = script(remove_identities("T", document)) else {
        return String::new();
    };
    let sections = script.sections().iter().map(|section| {
        let heading = match section.heading.as_str() {
            "" => String::new(),
            heading => format!("# {heading}\n"),
        };
        format!("{heading}{}", section.text)
    });
    let sections: Vec<String> = sections.collect();
    sections.join("\n").trim().to_owned()
}

fn warnings(body: &str) -> Vec<(WarningKind, String)> {
    let document = parse_storage(body).unwrap();
    let warnings = document.warnings().iter();
    warnings.map(|it| (it.kind, it.name.clone())).collect()
}

/// A macro with parameters `a=b|c=d` and a body.
fn a_macro(name: &str, parameters: &str, body: &str) -> String {
    let mut out = format!(r#"<ac:structured-macro ac:name="{name}" ac:schema-version="1">"#);
    for (key, value) in parameters.split('|').filter_map(|it| it.split_once('=')) {
        out += &format!(r#"<ac:parameter ac:name="{key}">{value}</ac:parameter>"#);
    }
    out + body + "</ac:structured-macro>"
}

const RICH: &str = "<ac:rich-text-body><p>Body.</p></ac:rich-text-body>";
const PLAIN: &str = "<ac:plain-text-body><![CDATA[a < b]]></ac:plain-text-body>";

#[test]
fn each_macro_is_told_by_its_meaning() {
    let file = |name: &str| format!(r#"name=<ri:attachment ri:filename="{name}"/>"#);
    let cases: Vec<(&str, String, &str, &str)> = vec![
        ("info", String::new(), RICH, "Body."),
        ("note", String::new(), RICH, "Note: Body."),
        ("tip", String::new(), RICH, "Tip: Body."),
        ("warning", String::new(), RICH, "Warning: Body."),
        (
            "panel",
            "title=Tides|bgColor=#fff".into(),
            RICH,
            "Tides:\n\nBody.",
        ),
        ("expand", "title=More".into(), RICH, "More:\n\nBody."),
        ("ui-expand", "title=More".into(), RICH, "More:\n\nBody."),
        ("excerpt", "name=x".into(), RICH, "Body."),
        ("excerpt", "hidden=true".into(), RICH, ""),
        ("details", "id=x".into(), RICH, "Body."),
        ("details", "hidden=true".into(), RICH, ""),
        ("section", "border=true".into(), RICH, "Body."),
        ("column", "width=50%".into(), RICH, "Body."),
        ("scroll-ignore", String::new(), RICH, "Body."),
        (
            "code",
            "language=sql".into(),
            PLAIN,
            "Code example in SQL, 1 line.",
        ),
        ("noformat", String::new(), PLAIN, "Code example, 1 line."),
        ("markdown", String::new(), PLAIN, "a < b"),
        (
            "status",
            "title=On track|colour=Green".into(),
            "",
            "On track",
        ),
        (
            "jira",
            "key=SEA-7|columns=assignee,reporter".into(),
            "",
            "SEA-7",
        ),
        (
            "jira",
            "key=SEA-7|summary=Mend the mast".into(),
            "",
            "SEA-7: Mend the mast",
        ),
        ("mathblock", String::new(), PLAIN, "a < b"),
        (
            "mathinline",
            "body=--uriencoded--a%5e%7B2%7D+b".into(),
            "",
            "a^{2}+b",
        ),
        ("latex", String::new(), PLAIN, "a < b"),
        (
            "drawio",
            "diagramName=Quay.drawio|revision=2".into(),
            "",
            "Picture: Quay",
        ),
        ("gliffy", "name=Moorings".into(), "", "Picture: Moorings"),
        (
            "plantuml",
            "title=Signals".into(),
            PLAIN,
            "Picture: Signals",
        ),
        ("mermaid", String::new(), PLAIN, ""),
        (
            "lucidchart",
            "title=Pier plan".into(),
            "",
            "Picture: Pier plan",
        ),
        ("view-file", file("Tide table.v2.pdf"), "", "Tide table.v2"),
        ("viewpdf", file("Chart.pdf"), "", "Chart"),
        ("viewdoc", file("Log.docx"), "", "Log"),
        ("viewxls", file("Cargo.xlsx"), "", "Cargo"),
        ("viewppt", file("Talk.pptx"), "", "Talk"),
        ("multimedia", file("Storm.mp4"), "", "Storm"),
        ("chart", "title=Rain".into(), RICH, "Rain:\n\nBody."),
        ("toc-zone", String::new(), RICH, "Body."),
    ];
    for (name, parameters, body, words) in cases {
        let page = a_macro(name, &parameters, body);
        assert_eq!(told(&page), words, "{page}");
        let kinds: Vec<_> = warnings(&page).into_iter().map(|it| it.0).collect();
        let expected: &[WarningKind] = match name {
            "mermaid" => &[WarningKind::NotIncluded],
            _ => &[],
        };
        assert_eq!(kinds, expected, "{page}");
    }
}

#[test]
fn what_says_nothing_is_dropped_and_what_lives_elsewhere_is_warned_of() {
    for name in [
        "toc",
        "anchor",
        "livesearch",
        "pagetreesearch",
        "create-from-template",
    ] {
        let page = format!(
            "<p>Sail</p>{}<p>on.</p>",
            a_macro(name, "title=Hidden", RICH)
        );
        assert_eq!(told(&page), "Sail\n\non.", "{name}");
        assert_eq!(warnings(&page), [], "{name}");
    }
    for name in [
        "include",
        "excerpt-include",
        "detailssummary",
        "children",
        "pagetree",
        "contentbylabel",
        "blog-posts",
        "attachments",
        "gallery",
        "rss",
        "widget",
        "iframe",
        "roadmap",
        "calendar",
        "html",
    ] {
        let page = format!(
            "<p>Sail</p>{}<p>on.</p>",
            a_macro(name, "title=Hidden", PLAIN)
        );
        assert_eq!(told(&page), "Sail\n\non.", "{name}");
        let expected = (WarningKind::NotIncluded, name.to_owned());
        assert_eq!(warnings(&page), [expected], "{name}");
    }
    let issues = a_macro("jira", "jqlQuery=project = SEA|columns=key,assignee", "");
    assert_eq!(
        warnings(&issues),
        [(WarningKind::NotIncluded, "jira".to_owned())]
    );
    let new = a_macro("weather", "title=Wind", RICH);
    assert_eq!(told(&new), "Wind:\n\nBody.");
    assert_eq!(
        warnings(&new),
        [(WarningKind::UnknownMacro, "weather".to_owned())]
    );
}

#[test]
fn macros_in_a_line_stay_in_it() {
    let status = a_macro("status", "title=done", "");
    let math = a_macro("mathinline", "body=x", "");
    let anchor = a_macro("anchor", "=here", "");
    let excerpt = a_macro(
        "excerpt",
        "atlassian-macro-output-type=INLINE",
        "<ac:rich-text-body>fog</ac:rich-text-body>",
    );
    let page = format!("<p>It is {status}, in {math}{anchor}: {excerpt} lifts.</p>");
    assert_eq!(told(&page), "It is done, in x: fog lifts.");
    let code = a_macro(
        "code",
        "",
        "<ac:plain-text-body><![CDATA[a]]]]><![CDATA[>b\nc]]></ac:plain-text-body>",
    );
    assert_eq!(
        told(&format!("<p>Run</p>{code}")),
        "Run\n\nCode example, 2 lines."
    );
}

#[test]
fn elements_are_told_as_they_are_shown() {
    for (body, words) in [
        ("<h2>Deck</h2><p>Wash.</p>", "# Deck\nWash."),
        ("<p>one<br/>two</p><hr/>three", "one\ntwo\n\nthree"),
        (
            "<dl><dt>Bow</dt><dd>The front.</dd></dl>",
            "Bow\n\nThe front.",
        ),
        ("<ol start=\"3\"><li>c</li><li>d</li></ol>", "3. c\n4. d"),
        ("<pre>a\n  b</pre>", "Code example, 2 lines."),
        (
            "<p>H<sub>2</sub>O <del>old</del> <code>ls</code></p>",
            "H2O old ls",
        ),
        (
            "<p>On <time datetime=\"2024-02-29\"/>.</p>",
            "On 2024-02-29.",
        ),
        ("<p>a <img src=\"x\" alt=\"sail\"/> b</p>", "a sail b"),
        (
            "<ac:image ac:alt=\"Alt\"><ri:attachment ri:filename=\"x.png\"/><ac:caption><p>At <b>sea</b></p></ac:caption></ac:image>",
            "Picture: At sea",
        ),
        (
            "<p><ac:image ac:title=\"Title\"><ri:url ri:value=\"https://x.example\"/></ac:image></p>",
            "Picture: Title",
        ),
        (
            "<p>a <ac:image><ri:attachment ri:filename=\"x.png\"/></ac:image> b</p>",
            "a b",
        ),
        ("<p>x<ac:placeholder>Write here</ac:placeholder></p>", "x"),
        (
            "<p>a<ac:inline-comment-marker ac:ref=\"1\">b</ac:inline-comment-marker>c</p>",
            "abc",
        ),
        ("<p>ok <ac:emoticon ac:name=\"tick\"/></p>", "ok yes"),
        (
            "<p>no <ac:emoticon ac:name=\"blue-star\" ac:emoji-shortname=\":cross_mark:\" ac:emoji-fallback=\":cross_mark:\"/></p>",
            "no no",
        ),
        (
            "<p>yo <ac:emoticon ac:name=\"blue-star\" ac:emoji-fallback=\"Ahoy\"/></p>",
            "yo Ahoy",
        ),
        ("<p>so <ac:emoticon ac:name=\"smile\"/>.</p>", "so ."),
        ("<script>if (a<b) \"</p>\"</script><style>p{}</style>x", "x"),
        (
            "<table><caption>Boats</caption><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>",
            "Boats\n\nA: 1; B: 2",
        ),
        (
            "<ul class=\"decision-list\"><li>Sail</li></ul>",
            "- Decision: Sail",
        ),
        (
            "<ac:task-list><ac:task><ac:task-body>Row</ac:task-body><ac:task-status>complete</ac:task-status></ac:task></ac:task-list>",
            "- Done: Row",
        ),
        ("<p>a&nbsp; &nbsp;b <b> c</b> <i>d </i> e</p>", "a b c d e"),
        (
            "<at:declarations><at:string at:name=\"x\"/></at:declarations><p>y<at:var at:name=\"x\"/></p>",
            "y",
        ),
    ] {
        assert_eq!(told(body), words, "{body}");
        assert_eq!(warnings(body), [], "{body}");
    }
    assert_eq!(told("<p>a <blink>b</blink></p>"), "a b");
    assert_eq!(
        warnings("<p><blink>b</blink></p>"),
        [(WarningKind::UnknownNode, "blink".to_owned())]
    );
    assert_eq!(told("<ac:new><p>b</p></ac:new>"), "b");
    assert_eq!(
        warnings("<ac:new/>"),
        [(WarningKind::UnknownNode, "ac:new".to_owned())]
    );
}

#[test]
fn links_are_told_by_their_words_or_their_targets_title() {
    for (link, words) in [
        (
            "<ri:page ri:content-title=\"Tides &eacute; Fog\"/>",
            "Tides é Fog",
        ),
        (
            "<ri:page ri:content-title=\"Tides\"/><ac:link-body>the <b>table</b></ac:link-body>",
            "the table",
        ),
        (
            "<ac:link-body>the table</ac:link-body><ri:page ri:content-title=\"Tides\"/>",
            "the table",
        ),
        (
            "<ri:page ri:content-title=\"Tides\"/><ac:plain-text-link-body><![CDATA[a < b]]></ac:plain-text-link-body>",
            "a < b",
        ),
        (
            "<ri:page ri:content-title=\"Tides\"/><ac:link-body> </ac:link-body>",
            "Tides",
        ),
        (
            "<ri:blog-post ri:content-title=\"News\" ri:posting-day=\"2024/02/29\"/>",
            "News",
        ),
        (
            "<ri:attachment ri:filename=\"Log.pdf\"><ri:page ri:content-title=\"Else\"/></ri:attachment>",
            "Log.pdf",
        ),
        (
            "<ri:shortcut ri:key=\"SEA\" ri:parameter=\"SEA-7\"/>",
            "SEA-7",
        ),
        ("<ri:space ri:space-key=\"HARBOUR\"/>", "HARBOUR"),
        ("<ri:url ri:value=\"https://x.example/secret\"/>", ""),
        ("<ri:content-entity ri:content-id=\"12\"/>", ""),
    ] {
        let body = format!("<p>See <ac:link>{link}</ac:link>.</p>");
        assert_eq!(
            told(&body).replace(" .", "."),
            format!("See {words}.").replace(" .", "."),
            "{link}"
        );
    }
    assert_eq!(told("<p>To <ac:link ac:anchor=\"Deck\"/></p>"), "To Deck");
}

#[test]
fn content_that_stands_here_twice_is_told_once() {
    let node = |kind: &str, fallback: &str| {
        format!(
            "<ac:adf-extension><ac:adf-node type=\"panel\"><ac:adf-attribute key=\"panel-type\">{kind}</ac:adf-attribute><ac:adf-content><p>Inner.</p></ac:adf-content></ac:adf-node>{fallback}</ac:adf-extension>"
        )
    };
    let fallback = "<ac:adf-fallback><div class=\"panel\"><p>Fallback.</p></div></ac:adf-fallback>";
    assert_eq!(told(&node("note", fallback)), "Note: Fallback.");
    assert_eq!(told(&node("custom", "")), "Inner.");
    // One without a fallback that holds one with a fallback, and the other way round.
    let inner = node("info", fallback);
    let outer = node("info", "").replace("<p>Inner.</p>", &inner);
    assert_eq!(told(&outer), "Fallback.");
    let outer = node("info", fallback).replacen("<p>Inner.</p>", &node("info", ""), 1);
    assert_eq!(told(&outer), "Fallback.");
    let decisions = "<ac:adf-extension><ac:adf-node type=\"decision-list\"><ac:adf-node type=\"decision-item\"><ac:adf-attribute key=\"state\">DECIDED</ac:adf-attribute><ac:adf-content>Sail</ac:adf-content></ac:adf-node></ac:adf-node><ac:adf-fallback><ul class=\"decision-list\"><li>Sail</li></ul></ac:adf-fallback></ac:adf-extension>";
    assert_eq!(told(decisions), "- Decision: Sail");
    let (without, _) = decisions.split_once("<ac:adf-fallback>").unwrap();
    assert_eq!(
        told(&format!("{without}</ac:adf-extension>")),
        "- Decision: Sail"
    );
}

#[test]
fn broken_markup_is_repaired_as_in_a_browser() {
    for (body, words) in [
        ("<p>one<p>two", "one\n\ntwo"),
        (
            "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e",
            "- a\n- b\n  - c\n- d\n\ne",
        ),
        (
            "<table><tr><th>A<th>B<tr><td>1<td>2</table>x",
            "A: 1; B: 2\n\nx",
        ),
        ("<table><td>1<td>2</table>", "1; 2"),
        (
            "<table><tr><td><p>1</td></p><td>2</td></tr></table>",
            "1; 2",
        ),
        ("<p>a <b>b <i>c</b> d</i> e", "a b c d e"),
        ("</p></div></b>a</ac:structured-macro> b", "a b"),
        ("<p>a</b></i> b</p>", "a b"),
        ("<div><p>a<div>b</div>c</div>d", "a\n\nb\n\nc\n\nd"),
        ("<td>cell</td> after", "cell\n\nafter"),
        ("<h2>Head<p>x</h2>y", "# Head x\ny"),
        ("<P>up</P><Br>down", "up\n\ndown"),
        ("<p class=a disabled id='b\">x</p>", "x"),
        ("a <b c", "a <b c"),
        ("a <3 b <- d", "a <3 b <- d"),
        ("x</", "x</"),
        ("<p>x</p", "x"),
        ("<p>x<ac:structured-mac", "x"),
        (
            "<p>x &#xD800; &#0; \0y</p>",
            "x \u{fffd} \u{fffd} \u{fffd}y",
        ),
        ("<!DOCTYPE x [<!ENTITY lol \"ha\">]><p>&lol;</p>", "&lol;"),
        // What has no end does not take the rest of the page along.
        (
            "<p>is <ac:structured-macro ac:name=\"status\"><ac:parameter ac:name=\"title\">on</p><p>x</p>",
            "is on\n\nx",
        ),
        ("<ac:structured-macro ac:name=\"toc\"><p>x</p>", "x"),
        (
            "<p>at <ac:link><ri:page ri:content-title=\"Sea\"/></p><p>x</p>",
            "at Sea\n\nx",
        ),
        (
            "<ac:structured-macro ac:name=\"info\"><ac:parameter ac:name=\"icon\">no<ac:rich-text-body><p>x</p>",
            "x",
        ),
        (
            "<p>ask <a href=\"mailto:w@example.com\">her</p><p>x</p>",
            "ask a colleague\n\nx",
        ),
        (
            "ask <a href=\"mailto:w@example.com\">her<p>x</p>y",
            "ask a colleague\n\nx\n\ny",
        ),
        ("<ac:image><ri:attachment ri:filename=\"x\"/><p>x</p>", "x"),
    ] {
        assert_eq!(told(body), words, "{body}");
    }
    let broken = (WarningKind::BrokenMarkup, String::new());
    for body in [
        "<p>a<p>b",
        "<b>a",
        "a</p>",
        "a < b",
        "<p id='x>a</p>",
        "<p>a",
        "<![CDATA[x",
    ] {
        assert_eq!(warnings(body), std::slice::from_ref(&broken), "{body}");
    }
    for body in [
        "<p>a</p>",
        "<br>",
        "<b>a</b>",
        "<p>a<br/></p>",
        "<!-- x --><p>a &amp; b</p>",
    ] {
        assert_eq!(warnings(body), [], "{body}");
    }
}

/// Each place of storage format where a person may stand, with words around that must stay.
#[test]
fn p09_nobody_is_left_in_storage_format() {
    let mention = r#"<ac:link><ri:user ri:account-id="557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f"/><ac:link-body>Wren Halloway</ac:link-body></ac:link>"#;
    let user = r#"<ri:user ri:username="whalloway"/>"#;
    let bodies = [
        format!("<p>By {mention}.</p>"),
        format!("<p>By {user}. Ask whalloway.</p>"),
        r#"<p><ac:link><ac:link-body>Wren Halloway</ac:link-body><ri:user ri:userkey="8a7f808a5a3b6d7e015a3b6f00000001"/></ac:link></p>"#.into(),
        r#"<p><ac:link><ri:space ri:space-key="~whalloway"/></ac:link> or whalloway</p>"#.into(),
        r#"<p><ac:link><ri:page ri:space-key="~whalloway" ri:content-title="Wren Halloway"/></ac:link></p>"#.into(),
        r#"<p><a href="mailto:wren@example.com" title="Wren Halloway">write</a> to Wren Halloway</p>"#.into(),
        r#"<p><a href="/wiki/display/%7Ewhalloway"><b>Wren</b> Halloway</a></p>"#.into(),
        r#"<p><a href="/wiki/people/5b10ac8d82e05b22cc7d4ef5"><p>Wren Halloway</p></a></p>"#.into(),
        r#"<p><span class="user-mention" data-account-id="5b10ac8d82e05b22cc7d4ef5"><span>Wren</span> Halloway</span></p>"#.into(),
        r##"<p><a href="#" data-username="whalloway">Wren Halloway</a></p>"##.into(),
        format!("{}<p>Ask whalloway.</p>", a_macro("profile", &format!("user={user}"), "")),
        format!("{}<p>Ask whalloway.</p>", a_macro("contributors", "users=whalloway,mlowe", "")),
        format!("{}<p>Ask whalloway.</p>", a_macro("recently-updated", &format!("author={user}"), "")),
        format!("{}<p>Ask whalloway.</p>", a_macro("weather", &format!("station={user}"), RICH)),
        format!("{}<p>By 8a7f808a5a3b6d7e015a3b6f00000001.</p>", a_macro("weather", "x=8a7f808a5a3b6d7e015a3b6f00000001", "")),
        format!("{}<p>By Wren Halloway.</p>", a_macro("jira", r#"jqlQuery=assignee in ("Wren Halloway")"#, "")),
        a_macro("jira", "key=SEA-7|assignee=Wren Halloway|reporter=whalloway", ""),
        a_macro("status", "title=Wren Halloway", "") + &format!("<p>{mention}</p>"),
        a_macro("expand", "title=For Wren Halloway", RICH) + &format!("<p>{mention}</p>"),
        a_macro("plantuml", "title=Wren Halloway", "<ac:plain-text-body><![CDATA[actor Wren]]></ac:plain-text-body>") + &format!("<p>{mention}</p>"),
        a_macro("view-file", r#"name=<ri:attachment ri:filename="Wren Halloway.pdf"/>"#, "") + &format!("<p>{mention}</p>"),
        format!(r#"<ac:image ac:alt="Wren Halloway at sea"><ri:attachment ri:filename="wren.png"/></ac:image><p>{mention}</p>"#),
        format!("<ac:task-list><ac:task><ac:task-status>complete</ac:task-status><ac:task-body><p>{mention} rows</p></ac:task-body></ac:task></ac:task-list>"),
        format!("<ul class=\"decision-list\"><li>{mention} decides</li></ul>"),
        format!("<ac:adf-extension><ac:adf-node type=\"panel\"><ac:adf-content><p>{mention}</p></ac:adf-content></ac:adf-node><ac:adf-fallback><p>By Wren Halloway</p></ac:adf-fallback></ac:adf-extension>"),
        "<ac:adf-extension><ac:adf-node type=\"extension\"><ac:adf-attribute key=\"extension-key\">profile</ac:adf-attribute><ac:adf-attribute key=\"parameters\"><ac:adf-parameter key=\"user\">Wren Halloway</ac:adf-parameter></ac:adf-attribute></ac:adf-node></ac:adf-extension>".into(),
        format!("<p><ac:inline-comment-marker ac:ref=\"x\">{mention}</ac:inline-comment-marker></p>"),
        format!("<ac:placeholder ac:type=\"mention\">@Wren</ac:placeholder><p>{mention}</p>"),
        a_macro("details", "", "<ac:rich-text-body><table><tr><th>Owner</th><td><p>Wren Halloway</p></td></tr><tr><th>Boat</th><td>Tern</td></tr></table></ac:rich-text-body>"),
        a_macro("details", "", "<ac:rich-text-body><table><tr><th>Boat</th><th>Approvers</th></tr><tr><td>Tern</td><td><ul><li>Wren Halloway</li><li>Ilse Korrigan</li></ul></td></tr></table></ac:rich-text-body>"),
        format!("{}<p>x</p>", a_macro("include", "=<ac:link><ri:page ri:space-key=\"~whalloway\" ri:content-title=\"x\"/></ac:link>", "")),
        "<div>".repeat(300) + &a_macro("profile", "user=whalloway", "") + &a_macro("status", "x=Wren Halloway", ""),
    ];
    for body in bodies {
        let page = format!("<p>Kept words.</p>{body}<p>Kept too.</p>");
        let document = parse_storage(&page).unwrap();
        let (script, _) = script(remove_identities("T", &document)).unwrap();
        let text = serde_json::to_string(&script).unwrap();
        assert!(
            text.contains("Kept words.") && text.contains("Kept too."),
            "{body}\n{text}"
        );
        for marker in [
            "Wren",
            "Halloway",
            "whalloway",
            "557058",
            "5b10ac8d",
            "8a7f808a",
            "example.com",
            "Korrigan",
        ] {
            assert!(!text.contains(marker), "{marker} of {body}\n{text}");
        }
    }
}

#[test]
fn page_properties_name_people_by_role_alone() {
    let page = a_macro(
        "details",
        "",
        "<ac:rich-text-body><table><tr><th>Owner</th><td>Wren Halloway</td></tr><tr><th>Boat</th><td>Grey Tern</td></tr><tr><th>Team</th><td>Quay Crew</td></tr></table></ac:rich-text-body>",
    );
    assert_eq!(
        told(&format!("{page}<p>Wren sails the Grey Tern.</p>")).to_lowercase(),
        "owner: a colleague\nboat: grey tern\nteam: quay crew\n\na colleague sails the grey tern."
    );
}

#[test]
fn what_is_too_deep_is_told_flat_and_said() {
    let deep = |open: &str, close: &str, depth: usize| {
        format!(
            "{}low{}<p>after</p>",
            open.repeat(depth),
            close.repeat(depth)
        )
    };
    for (open, close) in [
        ("<div>", "</div>"),
        ("<ul><li>", "</li></ul>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<blockquote><div>", "</div></blockquote>"),
    ] {
        let page = deep(open, close, 10_000);
        let words = told(&page);
        assert!(
            words.contains("low") && words.ends_with("after"),
            "{open}: {words}"
        );
        assert!(!words.contains("lowafter"), "{open}");
        assert_eq!(
            warnings(&page),
            [(WarningKind::TooDeep, String::new())],
            "{open}"
        );
    }
    // Each may hold people, so that what cannot be followed is left out.
    let info = "<ac:structured-macro ac:name=\"info\"><ac:rich-text-body>";
    let page = deep(info, "</ac:rich-text-body></ac:structured-macro>", 10_000);
    assert_eq!(told(&page), "after");
    assert!(warnings(&page).contains(&(WarningKind::TooDeep, String::new())));
}

/// What could make a reader slow, repeated. The time is generous: only what is worse than linear
/// would need more.
#[test]
fn hostile_bodies_take_linear_time() {
    let user = r#"<a href="mailto:w@example.com">Wren Halloway</a> "#;
    for unit in [
        "<p>Sail on. ",
        "<ac:link><ri:user ri:username=\"w\"/>",
        "<ac:structured-macro ac:name=\"x\"><ac:parameter ac:name=\"a\">",
        "<ac:adf-extension><ac:adf-node>",
        "<ac:adf-fallback>",
        "<table><tr><td>",
        "<a b='x\"",
        "<a b=\"<a c='",
        "<script>",
        "<!DOCTYPE [",
        "<![CDATA[",
        "&#x",
        "</p></td></ac:link>",
        user,
        "<ac:x1/><ac:x2/><x3></x4>",
        "<li><p><h1><dd>",
    ] {
        let body = unit.repeat(1_000_000 / unit.len());
        let start = Instant::now();
        parse_storage(&body).unwrap();
        assert!(start.elapsed() < Duration::from_secs(20), "{unit}");
    }
}
