//! Each place of a page where a person can appear, in both formats (P9), and what holds for any
//! name in any way of writing.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use content::{Document, Page, clean_script, parse_adf, parse_storage, remove_identities, script};
use proptest::prelude::*;
use serde_json::{Value, json};

const ACCOUNT: &str = "557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f";
const SHORT_ACCOUNT: &str = "5b10ac8d82e05b22cc7d4ef5";
const KEY: &str = "8a7f808a5a3b6d7e015a3b6f00000001";

/// What must not be left of Wren Halloway, of whom the pages below speak.
const TRACES: &[&str] = &[
    "wren",
    "halloway",
    "557058",
    "0b5cf9a1",
    "5b10ac8d",
    "8a7f808a",
    "example.com",
];

/// Asserts that the page tells its other words, and nothing of her.
fn names_nobody(place: &str, title: &str, document: &Document) {
    let (script, _) = script(remove_identities(title, document)).unwrap();
    let told = serde_json::to_string(&script).unwrap();
    assert!(told.contains("Kept words"), "{place}: {told}");
    let told = told.to_lowercase();
    for trace in TRACES {
        assert!(!told.contains(trace), "{place}: {trace} in {told}");
    }
}

fn adf(place: &str, nodes: Value) {
    let mut content =
        vec![json!({"type":"paragraph","content":[{"type":"text","text":"Kept words."}]})];
    match nodes {
        Value::Array(nodes) => content.extend(nodes),
        node => content.push(json!({"type":"paragraph","content":[node]})),
    }
    let body = json!({"type":"doc","version":1,"content":content}).to_string();
    names_nobody(place, "T", &parse_adf(&body).unwrap());
}

fn storage(place: &str, body: &str) {
    names_nobody(
        place,
        "T",
        &parse_storage(&format!("<p>Kept words.</p>{body}")).unwrap(),
    );
}

fn text(text: &str) -> Value {
    json!({"type":"text","text":text})
}

fn paragraph(nodes: Value) -> Value {
    json!({"type":"paragraph","content":nodes})
}

#[test]
fn p09_place_01_mentions() {
    adf(
        "mention",
        json!({"type":"mention","attrs":{"id":ACCOUNT,"text":"@Wren Halloway","userType":"DEFAULT","accessLevel":"CONTAINER"}}),
    );
    adf(
        "mention without a name",
        json!({"type":"mention","attrs":{"id":SHORT_ACCOUNT,"text":""}}),
    );
    adf(
        "mention and plain text",
        json!([paragraph(
            json!([{"type":"mention","attrs":{"id":ACCOUNT,"text":"@Wren Halloway"}}, text(" that is Halloway, Wren")])
        )]),
    );
}

#[test]
fn p09_place_02_parameters_of_macros() {
    for kind in ["extension", "bodiedExtension", "multiBodiedExtension"] {
        for name in ["user", "assignees", "contributors", "author"] {
            let mut node = json!({"type":kind,"attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"some-macro","text":"Wren Halloway",
                "parameters":{"macroParams":{(name):{"value":"Wren Halloway"}},"deep":{"deeper":[{(name):ACCOUNT}]}}}});
            if kind != "extension" {
                node["content"] = json!([paragraph(json!([text("by Wren and Halloway")]))]);
            }
            adf(
                &format!("{kind} {name}"),
                json!([node, paragraph(json!([text("ask W. Halloway")]))]),
            );
        }
    }
    adf(
        "inlineExtension",
        json!({"type":"inlineExtension","attrs":{"extensionType":"x","extensionKey":"profile","text":"Wren Halloway","parameters":{"macroParams":{"user":{"value":ACCOUNT}}}}}),
    );
}

#[test]
fn p09_place_03_cards() {
    for kind in ["blockCard", "embedCard"] {
        adf(
            kind,
            json!([{"type":kind,"attrs":{"url":format!("https://x.atlassian.net/wiki/people/{SHORT_ACCOUNT}"),"layout":"center"}}]),
        );
    }
    adf(
        "inlineCard",
        json!({"type":"inlineCard","attrs":{"url":format!("https://x.atlassian.net/people/{SHORT_ACCOUNT}")}}),
    );
    adf(
        "data",
        json!([paragraph(
            json!([{"type":"inlineCard","attrs":{"data":{"@type":"Document","name":"Plan","creator":{"name":"Wren Halloway"},"assignee":"Wren Halloway"}}}, text(" by Wren Halloway")])
        )]),
    );
    adf(
        "datasource",
        json!([{"type":"blockCard","attrs":{"datasource":{"id":"d8b75300-dfda-4519-b6cd-e49abbd50401","parameters":{"cloudId":"1","jql":format!("assignee = {ACCOUNT}")},"views":[]},"url":format!("https://x.atlassian.net/issues/?jql=assignee%20%3D%20{ACCOUNT}")}}]),
    );
}

#[test]
fn p09_place_04_links() {
    for href in [
        &format!("https://x.atlassian.net/people/{SHORT_ACCOUNT}"),
        &format!("/wiki/people/{ACCOUNT}?ref=x"),
        "https://x.example.com/display/~whalloway",
        "https://x.example.com/wiki/spaces/~whalloway/overview",
        "https://x.example.com/display/%7Ewhalloway",
        "mailto:wren.halloway@example.com?subject=Hello",
        "slack://user?team=T1&id=U2",
        "https://www.linkedin.com/in/wren-halloway",
        "https://x.atlassian.net/secure/ViewProfile.jspa?name=whalloway",
        "tel:+49301234567",
    ] {
        let link = json!({"type":"text","text":"Wren Halloway","marks":[{"type":"link","attrs":{"href":href,"title":"Wren Halloway"}}]});
        adf(href, link.clone());
        adf(
            href,
            json!([paragraph(json!([
                link,
                text(", or whalloway, or Halloway's desk")
            ]))]),
        );
        storage(
            href,
            &format!(
                r#"<p><a href="{}" title="Wren Halloway">Wren Halloway</a>, Halloway</p>"#,
                href.replace('&', "&amp;")
            ),
        );
    }
    adf(
        "address as text",
        text(&format!("https://x.atlassian.net/wiki/people/{ACCOUNT}")),
    );
}

#[test]
fn p09_place_05_media() {
    let mention = paragraph(json!([{"type":"mention","attrs":{"id":"1","text":"@Wren Halloway"}}]));
    adf(
        "alt",
        json!([mention, {"type":"mediaSingle","content":[{"type":"media","attrs":{"type":"file","id":"1","collection":"c","alt":"Wren Halloway at the quay"}}]}]),
    );
    adf(
        "caption",
        json!([mention, {"type":"mediaSingle","content":[{"type":"media","attrs":{"type":"file","id":"1","collection":"c"}},{"type":"caption","content":[text("Halloway, Wren")]}]}]),
    );
    adf(
        "mediaInline",
        json!([
            mention,
            paragraph(
                json!([{"type":"mediaInline","attrs":{"id":"1","collection":"c","alt":"wren_halloway.png","data":{"name":"Wren Halloway"}}}])
            )
        ]),
    );
    storage(
        "image",
        r#"<p><ac:link><ri:user ri:username="whalloway"/><ac:link-body>Wren Halloway</ac:link-body></ac:link></p>
        <ac:image ac:alt="Wren Halloway" ac:title="Wren Halloway"><ri:attachment ri:filename="wren-halloway.png"/><ac:caption><p>Wren</p></ac:caption></ac:image>
        <ac:structured-macro ac:name="view-file"><ac:parameter ac:name="name"><ri:attachment ri:filename="Halloway_Wren_CV.pdf"/></ac:parameter></ac:structured-macro>"#,
    );
}

#[test]
fn p09_place_06_titles_and_small_texts() {
    let mention = paragraph(json!([{"type":"mention","attrs":{"id":"1","text":"@Wren Halloway"}}]));
    adf(
        "expand",
        json!([mention, {"type":"expand","attrs":{"title":"Notes of Wren Halloway"},"content":[paragraph(json!([text("x")]))]}]),
    );
    adf(
        "panel",
        json!([mention, {"type":"panel","attrs":{"panelType":"custom","panelIconText":"Wren"},"content":[paragraph(json!([text("x")]))]}]),
    );
    for node in [
        json!({"type":"placeholder","attrs":{"text":"Ask Wren Halloway"}}),
        json!({"type":"status","attrs":{"text":"WREN HALLOWAY","color":"red"}}),
        json!({"type":"emoji","attrs":{"shortName":":wren_halloway:","text":"Wren Halloway"}}),
    ] {
        adf("small text", json!([mention, paragraph(json!([node]))]));
    }
    adf(
        "fragment",
        json!([mention, {"type":"table","marks":[{"type":"fragment","attrs":{"localId":"1","name":"Wren Halloway"}}],"content":[{"type":"tableRow","content":[{"type":"tableCell","content":[paragraph(json!([text("x")]))]}]}]}]),
    );
}

#[test]
fn p09_place_07_tasks_and_decisions() {
    adf(
        "task",
        json!([{"type":"taskList","attrs":{"localId":"1"},"content":[{"type":"taskItem","attrs":{"localId":"2","state":"TODO"},"content":[{"type":"mention","attrs":{"id":ACCOUNT,"text":"@Wren Halloway"}}, text(" signs, says Wren")]}]}]),
    );
    adf(
        "decision",
        json!([{"type":"decisionList","attrs":{"localId":"1"},"content":[{"type":"decisionItem","attrs":{"localId":"2","state":"DECIDED"},"content":[text("Owner: Wren Halloway")]}]}]),
    );
    storage(
        "task",
        r#"<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status><ac:task-body><span class="placeholder-inline-tasks"><ac:link><ri:user ri:account-id="557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f"/></ac:link> signs</span></ac:task-body></ac:task></ac:task-list>"#,
    );
}

#[test]
fn p09_place_08_users_of_storage_format() {
    for user in [
        format!(r#"ri:account-id="{ACCOUNT}""#),
        format!(r#"ri:userkey="{KEY}""#),
        r#"ri:username="whalloway""#.to_owned(),
    ] {
        storage(
            &user,
            &format!(r"<p><ac:link><ri:user {user}/></ac:link> or {KEY} of the user {KEY}</p>")
                .replace(&format!("or {KEY} of"), "of"),
        );
        storage(
            &user,
            &format!(
                r"<p><ac:link><ri:user {user}/><ac:link-body>Wren Halloway</ac:link-body></ac:link>, Wren</p>"
            ),
        );
        storage(
            &user,
            &format!(
                r"<p><ac:link><ri:user {user}/><ac:plain-text-link-body><![CDATA[Wren Halloway]]></ac:plain-text-link-body></ac:link></p>"
            ),
        );
        storage(&user, &format!(r#"<ac:structured-macro ac:name="unknown-macro"><ac:parameter ac:name="user"><ri:user {user}/></ac:parameter><ac:rich-text-body><p>x</p></ac:rich-text-body></ac:structured-macro><p>whalloway</p>"#).replace("<p>whalloway</p>", if user.contains("whalloway") { "<p>whalloway</p>" } else { "" }));
    }
}

#[test]
fn p09_place_09_macros() {
    for name in [
        "profile",
        "profile-picture",
        "contributors",
        "contributors-summary",
        "content-by-user",
        "userlister",
        "recently-updated",
        "tasks-report-macro",
        "blog-posts",
        "contentbylabel",
        "jira",
        "roadmap",
        "team-calendar",
        "change-history",
    ] {
        storage(
            name,
            &format!(
                r#"<ac:structured-macro ac:name="{name}"><ac:parameter ac:name="user">Wren Halloway</ac:parameter><ac:parameter ac:name="author">Wren Halloway</ac:parameter><ac:parameter ac:name="jqlQuery">assignee = "Wren Halloway"</ac:parameter></ac:structured-macro><p>So says Wren Halloway.</p>"#
            ),
        );
        adf(
            name,
            json!([{"type":"extension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":name,"parameters":{"macroParams":{"user":{"value":"Wren Halloway"}}}}}, paragraph(json!([text("So says Wren Halloway.")]))]),
        );
    }
    storage(
        "page properties",
        r#"<ac:structured-macro ac:name="details"><ac:rich-text-body><table><tbody><tr><th>Owner</th><td>Wren Halloway</td></tr><tr><th>Due</th><td>noon</td></tr></tbody></table></ac:rich-text-body></ac:structured-macro><p>Ask Wren.</p>"#,
    );
    storage(
        "column",
        r"<table><tbody><tr><th>Boat</th><th>Owner</th></tr><tr><td>Tern</td><td>Wren Halloway</td></tr></tbody></table><p>Ask Halloway.</p>",
    );
}

#[test]
fn p09_place_10_included_content() {
    storage(
        "excerpt",
        r#"<ac:structured-macro ac:name="excerpt"><ac:rich-text-body><p>Author: Wren Halloway</p></ac:rich-text-body></ac:structured-macro><ac:structured-macro ac:name="include"><ac:parameter ac:name=""><ac:link><ri:page ri:space-key="~whalloway" ri:content-title="Wren Halloway"/></ac:link></ac:parameter></ac:structured-macro>"#,
    );
    adf(
        "sync block",
        json!([{"type":"bodiedSyncBlock","attrs":{"resourceId":"1","localId":"2"},"content":[paragraph(json!([text("Author: Wren Halloway")]))]}]),
    );
}

#[test]
fn p09_place_11_content_that_stands_twice() {
    storage(
        "adf-extension",
        r#"<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="author">Wren Halloway</ac:adf-attribute><ac:adf-content><p>Author: Wren Halloway</p></ac:adf-content></ac:adf-node><ac:adf-fallback><p>Author: Wren Halloway</p></ac:adf-fallback></ac:adf-extension>"#,
    );
}

#[test]
fn p09_place_12_spaces_titles_and_labels() {
    let body = r#"<p>Kept words.</p><p><ac:link><ri:user ri:username="whalloway"/><ac:link-body>Wren Halloway</ac:link-body></ac:link></p>"#;
    let document = parse_storage(body).unwrap();
    names_nobody("title", "Plan of Wren Halloway (whalloway)", &document);
    let labels = vec!["wren-halloway".to_owned(), "tide".to_owned()];
    let attachments = vec![(
        "wren_halloway_notes.txt".to_owned(),
        parse_storage("<p>By Wren.</p>").unwrap(),
    )];
    let page = Page {
        space: Some("Wren Halloway"),
        labels: &labels,
        attachments: &attachments,
        ..Page::new("T", &document)
    };
    let (script, _) = script(content::tell(&page, content::Telling::default())).unwrap();
    let told = serde_json::to_string(&script).unwrap().to_lowercase();
    for trace in TRACES {
        assert!(!told.contains(trace), "{trace} in {told}");
    }
    storage(
        "personal space",
        r#"<p><ac:link><ri:page ri:space-key="~whalloway" ri:content-title="Notes"/><ac:link-body>Wren Halloway</ac:link-body></ac:link> whalloway</p>"#,
    );
}

#[test]
fn p09_place_13_answers_around_the_page_are_ids_alone() {
    for id in [
        ACCOUNT,
        SHORT_ACCOUNT,
        "557058%3A0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f",
    ] {
        adf(
            "ids as text",
            text(&format!(r#"{{"authorId": "{id}", "ownerId": "{id}"}}"#)),
        );
    }
    adf("user key", text(&format!(r#""userKey": "{KEY}""#)));
}

#[test]
fn p09_place_14_free_text() {
    for words in [
        "Best regards,\nWren Halloway",
        "Owner: Wren Halloway",
        "cc Wren Halloway",
        "write to wren.halloway@example.com",
        "Wren Halloway <w@example.com>, that is Halloway",
        "// @author Wren Halloway",
        "Author: Wren Halloway <w@example.com>",
        r#"{"author": "Wren Halloway"}"#,
        "SELECT * FROM t WHERE owner = 'Wren Halloway'",
    ] {
        let lines: Vec<Value> = words
            .split('\n')
            .flat_map(|line| [json!({"type":"hardBreak"}), text(line)])
            .skip(1)
            .collect();
        adf(words, json!([paragraph(Value::Array(lines))]));
        adf(
            words,
            json!([{"type":"codeBlock","attrs":{"language":"sql"},"content":[text(words)]}, paragraph(json!([text("So says Wren Halloway.")]))]),
        );
    }
}

/// Ways of writing a name of two words.
fn ways(first: &str, last: &str) -> Vec<String> {
    let initial = &first[..1];
    vec![
        format!("{first} {last}"),
        format!("{first} {last}").to_uppercase(),
        format!("{first} {last}").to_lowercase(),
        format!("{last}, {first}"),
        format!("{last} {first}"),
        format!("{first}  {last}"),
        format!("{first}\u{a0}{last}"),
        format!("{first}-{last}"),
        format!("{first}.{last}").to_lowercase(),
        format!("{first}_{last}").to_lowercase(),
        format!("img_{first}_{last}.png"),
        format!("new{first}{last}Service"),
        format!("{first} {initial}. {last}"),
        format!("{first} {last}'s"),
        format!("@{first} {last}"),
        format!("{first}.{last}@example.com").to_lowercase(),
        format!("{first} {last} <x@example.com>"),
        format!("Dr. {first} {last}, PhD"),
        format!("{}\u{200b}{} {last}", &first[..1], &first[1..]),
        format!("{first} {last}")
            .chars()
            .map(|letter| match letter {
                '!'..='~' => char::from_u32(letter as u32 + 0xFEE0).unwrap(),
                other => other,
            })
            .collect(),
    ]
}

/// Letters and digits alone, in lower case.
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '！'..='～' => char::from_u32(letter as u32 - 0xFEE0).unwrap(),
            other => other,
        })
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

proptest! {
    #[test]
    fn p09_no_name_is_left_in_any_way_of_writing(first in "[A-Z][a-z]{2,8}", last in "[A-Z][a-z]{3,9}", before in "[a-z ,.]{0,12}", way in 0_usize..20) {
        let way = ways(&first, &last)[way].clone();
        let words = format!("{before} {way} and so on");
        let body = json!({"type":"doc","version":1,"content":[
            {"type":"heading","attrs":{"level":2},"content":[text(&words)]},
            paragraph(json!([{"type":"mention","attrs":{"id":"1","text":format!("@{first} {last}")}}])),
            paragraph(json!([text(&words)]))]});
        let document = parse_adf(&body.to_string()).unwrap();
        let (told, _) = script(remove_identities(&words, &document)).unwrap();
        let mut all = plain(told.title());
        for section in told.sections() {
            all.push_str(&format!("|{}|{}", plain(&section.heading), plain(&section.text)));
        }
        // What stands before may itself end in the name's letters.
        let name = plain(&format!("{first}{last}"));
        prop_assert!(!all.contains(&name), "{words} gave {all}");
        let (again, removals) = clean_script(&told, &Page::new(&words, &document)).unwrap();
        prop_assert_eq!(again.title(), told.title());
        prop_assert!(removals.is_empty(), "{:?}", removals);
    }
}

/// Asserts that what is told of a page is clean at once, and gives it.
fn told_at_once(body: &Value) -> String {
    let document = parse_adf(&body.to_string()).unwrap();
    let (clean, removals) = script(remove_identities("Plan", &document)).unwrap();
    assert!(!removals.is_empty());
    let (again, removals) = clean_script(&clean, &Page::new("Plan", &document)).unwrap();
    assert_eq!(removals, [], "{clean:?} is not clean at once");
    assert!(again == clean, "{:?} is changed", clean.sections());
    let sections = clean.sections().iter();
    sections.map(|it| format!("{}\n", it.text)).collect()
}

#[test]
fn p09_a_name_that_is_part_of_neutral_words_leaves_them_whole() {
    let mention = json!({"type":"mention","attrs":{"id":SHORT_ACCOUNT,"text":"@团队成"}});
    let told = told_at_once(&json!({"type":"doc","version":1,"content":[
        paragraph(json!([text("这个计划由我们的项目经理负责，请大家在本周之内提交意见。联系人是 "), mention, text("。")])),
        paragraph(json!([text("团队成昨天更新了文档，团队成员都可以查看。")])),
    ]}));
    assert!(told.contains("联系人是 团队成员。"), "{told}");
    assert!(
        told.contains("团队成员昨天更新了文档，团队成员都可以查看。"),
        "{told}"
    );
}

#[test]
fn p09_people_where_runs_meet_are_found_before_they_are_shown() {
    let mention = json!({"type":"mention","attrs":{"id":SHORT_ACCOUNT,"text":"@Mark Lowe"}});
    let cell = |kind: &str, words: &[&str]| {
        let lines = words.iter().map(|it| paragraph(json!([text(it)])));
        json!({"type":kind,"content":lines.collect::<Vec<_>>()})
    };
    let item = |words: &[&str]| cell("listItem", words);
    let told = told_at_once(&json!({"type":"doc","version":1,"content":[
        paragraph(json!([text("Ask "), mention])),
        {"type":"table","content":[
            {"type":"tableRow","content":[cell("tableHeader", &["Team"]), cell("tableHeader", &["User key"])]},
            {"type":"tableRow","content":[cell("tableCell", &["Dana", "Mark"]), cell("tableCell", &[KEY])]},
        ]},
        {"type":"bulletList","content":[item(&["Thank Dr.", "Mark for it"]), item(&["lowe", "mark went"])]},
    ]}));
    assert!(!told.contains(KEY) && !told.contains("Mark"), "{told}");
}
