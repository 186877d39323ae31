//! Atlassian Document Format: every type of the schema is named, and each is told as the table of
//! docs/content.md says.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use std::{collections::BTreeSet, path::Path};

use content::{ContentError, Document, WarningKind, parse_adf, remove_identities, script};
use serde_json::{Value, json};

fn page(content: Value) -> Document {
    parse_adf(&json!({"type": "doc", "version": 1, "content": content}).to_string()).unwrap()
}

fn told(document: &Document) -> String {
    match script(remove_identities("T", document)) {
        Ok((script, _)) => script
            .sections()
            .iter()
            .map(|section| format!("{}\n{}", section.heading, section.text))
            .collect::<Vec<_>>()
            .join("\n")
            .trim()
            .to_owned(),
        Err(ContentError::Script(_)) => String::new(),
        Err(error) => panic!("{error}"),
    }
}

fn text(words: &str) -> Value {
    json!({"type": "text", "text": words})
}

fn paragraph(words: &str) -> Value {
    json!({"type": "paragraph", "content": [text(words)]})
}

/// The values of `type` that a schema's definitions allow, where they belong to a node or mark.
fn types(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(kinds) = members
                .get("properties")
                .and_then(|it| it.pointer("/type/enum"))
            {
                found.extend(
                    kinds
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|it| it.as_str().unwrap().to_owned()),
                );
            }
            members.values().for_each(|member| types(member, found));
        }
        Value::Array(members) => members.iter().for_each(|member| types(member, found)),
        _ => {}
    }
}

#[test]
fn every_type_of_the_schema_is_named() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../node_modules/@atlaskit/adf-schema/dist/json-schema/v1/full.json");
    let schema = std::fs::read_to_string(&schema)
        .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask setup`", schema.display()));
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let mut in_schema = BTreeSet::new();
    types(&schema["definitions"], &mut in_schema);
    // What media and links of media are, in an attribute that happens to be called `type`.
    for value in ["file", "external", "image"] {
        assert!(in_schema.remove(value), "{value}");
    }
    assert!(in_schema.len() > 50, "the schema was read: {in_schema:?}");
    let reference = content::reference();
    let named: BTreeSet<String> = reference
        .split("## Macros")
        .next()
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = in_schema.difference(&named).collect();
    assert!(missing.is_empty(), "the code does not name {missing:?}");
}

#[test]
fn each_type_is_told() {
    let cell =
        |kind: &str, words: &str| json!({"type": kind, "attrs": {}, "content": [paragraph(words)]});
    let row = |cells: Value| json!({"type": "tableRow", "content": cells});
    for (node, words) in [
        (
            json!({"type": "panel", "attrs": {"panelType": "warning"}, "content": [paragraph("Hot.")]}),
            "Warning: Hot.",
        ),
        (
            json!({"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph("Cold.")]}),
            "Cold.",
        ),
        (
            json!({"type": "blockquote", "content": [paragraph("Said.")]}),
            "Quote: Said.",
        ),
        (
            json!({"type": "nestedExpand", "attrs": {"title": "More"}, "content": [paragraph("Inside.")]}),
            "More:\n\nInside.",
        ),
        (
            json!({"type": "expand", "attrs": {"title": "Nothing inside"}}),
            "Nothing inside:",
        ),
        (
            json!({"type": "codeBlock", "attrs": {"language": "rust"}, "content": [text("fn a() {}\nfn b() {}")]}),
            "Code example in Rust, 2 lines.",
        ),
        (
            json!({"type": "mediaSingle", "content": [{"type": "media", "attrs": {"type": "file", "alt": "A quay"}}]}),
            "Picture: A quay",
        ),
        (
            json!({"type": "mediaSingle", "content": [{"type": "media", "attrs": {"alt": "A quay"}}, {"type": "caption", "content": [text("Low water")]}]}),
            "Picture: Low water",
        ),
        (
            json!({"type": "mediaGroup", "content": [{"type": "media", "attrs": {"alt": "One"}}, {"type": "media", "attrs": {"alt": "Two"}}]}),
            "Picture: One, Two",
        ),
        (
            json!({"type": "paragraph", "content": [text("see "), {"type": "mediaInline", "attrs": {"alt": "the chart"}}]}),
            "see the chart",
        ),
        (
            json!({"type": "paragraph", "content": [text("State: "), {"type": "status", "attrs": {"text": "IN PROGRESS", "color": "blue"}}]}),
            "State: IN PROGRESS",
        ),
        (
            json!({"type": "paragraph", "content": [text("a"), {"type": "placeholder", "attrs": {"text": "Type here"}}]}),
            "a",
        ),
        (
            json!({"type": "paragraph", "content": [text("a"), {"type": "hardBreak"}, text("b")]}),
            "a\nb",
        ),
        (
            json!({"type": "paragraph", "content": [text("ok "), {"type": "emoji", "attrs": {"shortName": ":tada:", "text": "🎉"}}, {"type": "emoji", "attrs": {"shortName": ":wren:", "text": ":wren:"}}]}),
            "ok",
        ),
        (
            json!({"type": "paragraph", "content": [{"type": "date", "attrs": {"timestamp": "1709164800000"}}]}),
            "2024-02-29",
        ),
        (
            json!({"type": "paragraph", "content": [{"type": "date", "attrs": {"timestamp": 1709164800000_i64}}]}),
            "2024-02-29",
        ),
        (
            json!({"type": "taskList", "content": [{"type": "taskItem", "attrs": {"state": "DONE"}, "content": [text("Sail")]}, {"type": "blockTaskItem", "attrs": {"state": "TODO"}, "content": [paragraph("Moor")]}]}),
            "- Done: Sail\n- To do: Moor",
        ),
        (
            json!({"type": "layoutSection", "content": [{"type": "layoutColumn", "content": [paragraph("Left.")]}, {"type": "layoutColumn", "content": [paragraph("Right.")]}]}),
            "Left.\n\nRight.",
        ),
        (
            json!({"type": "bodiedSyncBlock", "content": [paragraph("Shared.")]}),
            "Shared.",
        ),
        (
            json!({"type": "multiBodiedExtension", "attrs": {"extensionKey": "tabs"}, "content": [{"type": "extensionFrame", "content": [paragraph("Tab.")]}]}),
            "Tab.",
        ),
        (
            json!({"type": "paragraph", "content": [text("see "), {"type": "inlineCard", "attrs": {"url": "https://example.com/secret"}}]}),
            "see",
        ),
        (
            json!({"type": "blockCard", "attrs": {"data": {"@type": "Document", "name": "Tide table", "url": "https://example.com"}}}),
            "Tide table",
        ),
        (
            json!({"type": "mediaSingle", "content": [{"type": "media", "attrs": {"alt": "image-20241103-121314.png"}}]}),
            "",
        ),
        (
            json!({"type": "extension", "attrs": {"extensionKey": "drawio", "parameters": {"macroParams": {"diagramName": {"value": "Quay plan.drawio"}}}}}),
            "Picture: Quay plan",
        ),
        (
            json!({"type": "paragraph", "content": [{"type": "inlineExtension", "attrs": {"extensionKey": "status", "parameters": {"macroParams": {"title": {"value": "READY"}}}}}]}),
            "READY",
        ),
        (
            json!({"type": "paragraph", "content": [{"type": "inlineExtension", "attrs": {"extensionKey": "jira", "parameters": {"macroParams": {"key": {"value": "TIDE-7"}, "summary": {"value": "Dredge the basin"}, "columns": {"value": "assignee,reporter"}}}}}]}),
            "TIDE-7: Dredge the basin",
        ),
        (
            json!({"type": "extension", "attrs": {"extensionKey": "toc"}}),
            "",
        ),
        (
            json!({"type": "bodiedExtension", "attrs": {"extensionKey": "warning", "parameters": {"macroParams": {}}}, "content": [paragraph("Shoals.")]}),
            "Warning: Shoals.",
        ),
        (json!({"type": "rule"}), ""),
        // Two columns below one heading, and a value that holds for two rows.
        (
            json!({"type": "table", "content": [
            row(json!([cell("tableHeader", "Port"), {"type": "tableHeader", "attrs": {"colspan": 2}, "content": [paragraph("Tide")]}])),
            row(json!([{"type": "tableCell", "attrs": {"rowspan": 2}, "content": [paragraph("Brest")]}, cell("tableCell", "06:40"), cell("tableCell", "7.1 m")])),
            row(json!([cell("tableCell", "12:55"), cell("tableCell", "1.2 m")]))]}),
            "Port: Brest; Tide: 06:40; Tide: 7.1 m\nPort: Brest; Tide: 12:55; Tide: 1.2 m",
        ),
        (
            json!({"type": "table", "content": [
            row(json!([cell("tableHeader", "Length"), cell("tableCell", "9.5 m")])),
            row(json!([cell("tableHeader", "Crew"), cell("tableCell", "4")]))]}),
            "Length: 9.5 m\nCrew: 4",
        ),
        // A table in a table's cell.
        (
            json!({"type": "table", "content": [row(json!([cell("tableCell", "Out"), {"type": "tableCell", "content": [
            {"type": "table", "content": [row(json!([cell("tableCell", "in"), cell("tableCell", "ner")]))]}]}]))]}),
            "Out; in, ner",
        ),
    ] {
        assert_eq!(told(&page(json!([node]))), words, "{node}");
    }
}

#[test]
fn members_may_come_in_any_order() {
    let usual = r#"{"type":"doc","version":1,"content":[{"type":"expand","attrs":{"title":"More"},"content":[{"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":"In"}]},{"type":"taskItem","attrs":{"state":"DONE"},"content":[{"type":"text","text":"it","marks":[{"type":"link","attrs":{"href":"mailto:w@example.com"}}]}]}]}]}"#;
    let turned = r#"{"content":[{"content":[{"content":[{"text":"In","type":"text"}],"attrs":{"level":2},"type":"heading"},{"content":[{"marks":[{"attrs":{"href":"mailto:w@example.com"},"type":"link"}],"text":"it","type":"text"}],"attrs":{"state":"DONE"},"type":"taskItem"}],"attrs":{"title":"More"},"type":"expand"}],"version":1,"type":"doc"}"#;
    assert!(parse_adf(usual).unwrap() == parse_adf(turned).unwrap());
}

#[test]
fn what_may_be_missed_is_reported_without_content() {
    let document = page(json!([
        {"type": "somethingNew", "content": [paragraph("Kept.")]},
        {"type": "somethingNew", "text": "Kept too."},
        {"type": "<secret plan>", "content": [paragraph("And this.")]},
        {"type": "paragraph", "content": [{"type": "text", "text": "Marked.", "marks": [{"type": "sparkle"}]}]},
        {"type": "extension", "attrs": {"extensionKey": "5f0c7e6e/3b0d/static/weather-today"}},
        {"type": "extension", "attrs": {"extensionKey": "5f0c7e6e/3b0d/static/golpo-video"}},
        {"type": "syncBlock", "attrs": {"resourceId": "1"}},
        {"type": "embedCard", "attrs": {"url": "https://example.com"}}]));
    let warnings: Vec<_> = document
        .warnings()
        .iter()
        .map(|it| (it.kind, it.name.as_str(), it.count))
        .collect();
    assert_eq!(
        warnings,
        [
            (WarningKind::UnknownNode, "somethingNew", 2),
            (WarningKind::UnknownNode, "", 1),
            (WarningKind::UnknownMark, "sparkle", 1),
            (WarningKind::UnknownMacro, "weather-today", 1),
            (WarningKind::NotIncluded, "syncBlock", 1),
            (WarningKind::NotIncluded, "embedCard", 1),
        ]
    );
    assert_eq!(
        told(&document),
        "Kept.\n\nKept too.\n\nAnd this.\n\nMarked."
    );
}

#[test]
fn what_is_nested_too_deeply_is_left_out_and_said() {
    let levels = 10_000;
    let body = format!(
        r#"{{"type":"doc","content":[{},{}{{"type":"text","text":"low"}}{}]}}"#,
        paragraph("High."),
        r#"{"type":"panel","content":["#.repeat(levels),
        "]}".repeat(levels)
    );
    let document = parse_adf(&body).unwrap();
    assert_eq!(told(&document), "High.");
    assert_eq!(document.warnings()[0].kind, WarningKind::TooDeep);
    // Deep values without a schema are passed over as well.
    let parameters = "{\"a\":[".repeat(levels) + "1" + &"]}".repeat(levels);
    let body = format!(
        r#"{{"type":"doc","content":[{{"type":"extension","attrs":{{"parameters":{parameters}}}}},{}]}}"#,
        paragraph("Still here.")
    );
    assert_eq!(told(&parse_adf(&body).unwrap()), "Still here.");
}

#[test]
fn a_page_that_nests_as_pages_do_is_read_whole() {
    let mut node = paragraph("Innermost.");
    for level in 0..40 {
        let kind = ["panel", "expand", "layoutSection", "listItem"][level % 4];
        node = json!({"type": kind, "content": [node]});
    }
    let document = page(json!([node]));
    assert!(told(&document).contains("Innermost."));
    assert!(document.warnings().is_empty());
}

#[test]
fn half_a_character_is_replaced_and_the_rest_is_read() {
    for (written, words) in [
        (r"a \ud800 b", "a \u{fffd} b"),
        (r"\udc00\ud835\udc00\ud835", "\u{fffd}\u{1d400}\u{fffd}"),
        (r"\\ud800 \ud800", r"\ud800 �"),
        (r"nul \u0000 here", "nul here"),
    ] {
        let body = format!(
            r#"{{"type":"doc","content":[{{"type":"paragraph","content":[{{"type":"text","text":"{written}"}}]}}]}}"#
        );
        assert_eq!(told(&parse_adf(&body).unwrap()), words, "{written}");
    }
}

#[test]
fn values_of_the_wrong_kind_are_passed_over() {
    for node in [
        json!(null),
        json!(7),
        json!("text"),
        json!([[]]),
        json!({"type": 5, "text": {"a": 1}, "attrs": [], "marks": {"type": "em"}, "content": "none"}),
        json!({"type": "heading", "attrs": {"level": "two"}, "content": {"a": []}}),
        json!({"type": "tableCell", "attrs": {"colspan": -1, "rowspan": 1e9}}),
        json!({"type": "mention", "attrs": {"text": null, "id": ["x"]}}),
        json!({"type": "text", "text": true, "marks": [1, {"type": null, "attrs": {"href": 3}}]}),
    ] {
        let document = page(json!([node, paragraph("Kept.")]));
        assert!(told(&document).contains("Kept."), "{node}");
    }
}

#[test]
fn p09_whom_a_parameter_or_a_card_names_is_known() {
    let macros = [
        json!({"type": "extension", "attrs": {"extensionKey": "jira", "parameters": {"macroParams": {"jqlQuery": {"value": "project = TIDE AND assignee in (\"Wren Halloway\", 557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f)"}}}}}),
        json!({"type": "extension", "attrs": {"extensionKey": "tasks-report-macro", "parameters": {"macroParams": {"assignees": {"value": "Wren Halloway, 557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f"}}}}}),
        json!({"type": "bodiedExtension", "attrs": {"extensionKey": "details", "text": "x", "parameters": {"macroParams": {"author": {"value": "Wren Halloway"}}}}}),
        json!({"type": "blockCard", "attrs": {"data": {"@type": "Document", "name": "Tide table", "attributedTo": {"@type": "Person", "name": "Wren Halloway"}}}}),
        json!({"type": "blockCard", "attrs": {"url": "https://example.com", "datasource": {"id": "1", "parameters": {"jql": "reporter = 'Wren Halloway'"}}}}),
    ];
    for node in macros {
        let document = page(json!([
            node,
            paragraph("Ask Wren Halloway or 557058:0b5cf9a1-3b3f-4b55-8f0e-1a2b3c4d5e6f.")
        ]));
        let told = told(&document);
        for marker in ["Wren", "Halloway", "557058", "0b5cf9a1"] {
            assert!(!told.contains(marker), "{node}: {told}");
        }
    }
}
