//! The documents of the bench, composed from pages of our own, in both formats and three sizes.
//! They look as the present editor saves them, with the ids that it gives to every block, and are
//! full of people: mentions, links to people, and the same names in plain text. About a quarter of
//! the bytes is text, as in real bodies; the largest just fits into one script.

use std::{io, path::Path};

use serde_json::{Value, json};

use crate::contenders::Format;

/// One document.
pub struct Document {
    /// `adf-typical` and the like; the file's name without its extension.
    pub name: String,
    /// The format.
    pub format: Format,
    /// The body.
    pub body: Vec<u8>,
}

/// Sizes in bytes that a document reaches.
const SIZES: [(&str, usize); 3] = [("small", 3_000), ("typical", 40_000), ("large", 1_000_000)];

const ADF_PAGES: [&str; 8] = [
    include_str!("../../../../crates/content/tests/pages/guide.adf.json"),
    include_str!("../pages/plan.adf.json"),
    include_str!("../../../site/incident-guide.adf.json"),
    include_str!("../pages/plan.adf.json"),
    include_str!("../../../site/onboarding-video.adf.json"),
    include_str!("../../../site/flexible-hours.adf.json"),
    include_str!("../pages/plan.adf.json"),
    include_str!("../../../site/salary-bands.adf.json"),
];

const STORAGE_PAGES: [&str; 4] = [
    include_str!("../../../../crates/content/tests/pages/guide.storage.xml"),
    include_str!("../pages/plan.storage.xml"),
    include_str!("../../../site/build-pipeline.storage.xml"),
    include_str!("../pages/plan.storage.xml"),
];

/// Who is on those pages: name and account id.
const PEOPLE: [(&str, &str); 4] = [
    ("Ilse Korrigan", "5b10ac8d82e05b22cc7d4ef5"),
    (
        "Mira Placeholder",
        "557058:2468ace0-1234-4aaa-8bbb-cccdddeee001",
    ),
    (
        "Tomas Beispiel",
        "557058:13579bdf-4321-4bbb-8ccc-dddeeefff002",
    ),
    (
        "Noor Musterova",
        "557058:0f0f0f0f-9876-4ccc-8ddd-eeefff000003",
    ),
];

const FIRST: [&str; 8] = [
    "Ilse", "Mira", "Tomas", "Noor", "Anouk", "Bertil", "Chidera", "Dalibor",
];
const LAST: [&str; 6] = [
    "Korrigan",
    "Placeholder",
    "Beispiel",
    "Musterova",
    "Exempla",
    "Testerson",
];

/// A script has at most 200 sections, and no real page has more headings than that either.
const MAX_HEADINGS: usize = 150;

/// All documents, the small ones first.
pub fn compose() -> Vec<Document> {
    let mut documents = Vec::new();
    for (size, bytes) in SIZES {
        for format in [Format::Adf, Format::Storage] {
            documents.push(Document {
                name: format!("{}-{size}", format.name()),
                format,
                body: match format {
                    Format::Adf => adf(bytes),
                    Format::Storage => storage(bytes),
                },
            });
        }
    }
    documents
}

/// Writes all documents into a folder, as `NAME.json` and `NAME.xml`.
pub fn write(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for document in compose() {
        let file = format!("{}.{}", document.name, document.format.extension());
        std::fs::write(folder.join(file), document.body)?;
    }
    Ok(())
}

/// The people of the `turn`-th copy of a page; 48 of them take turns.
fn person(turn: usize, index: usize) -> (String, String) {
    let number = (turn * PEOPLE.len() + index) % (FIRST.len() * LAST.len());
    let name = format!(
        "{} {}",
        FIRST[number % FIRST.len()],
        LAST[number / FIRST.len()]
    );
    (name, format!("5b10ac8d82e05b22cc7d{number:04x}"))
}

fn with_people(page: &str, turn: usize) -> String {
    let mut text = page.to_owned();
    for (index, (name, id)) in PEOPLE.iter().enumerate() {
        let (new_name, new_id) = person(turn, index);
        let first = |name: &str| name.split(' ').next().unwrap_or_default().to_owned();
        text = text
            .replace(id, &new_id)
            .replace(name, &new_name)
            .replace(&first(name), &first(&new_name));
    }
    text
}

/// A sentence with names in plain text.
fn sentence(turn: usize) -> String {
    let (name, _) = person(turn, 0);
    let (other, _) = person(turn, 2);
    let first = other.split(' ').next().unwrap_or_default();
    format!(
        "{name} keeps this list; ask {first} when it is older than {} weeks.",
        turn % 50 + 2
    )
}

fn local_id(counter: &mut u64) -> String {
    *counter += 1;
    format!("{:012x}", counter.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16)
}

fn adf(bytes: usize) -> Vec<u8> {
    let mut ids = 0;
    let mut headings = 0;
    let mut written = 0;
    let mut content = Vec::new();
    'pages: for turn in 0.. {
        for page in ADF_PAGES {
            let page: Value =
                serde_json::from_str(&with_people(page, turn)).expect("a page of ours");
            let said =
                json!({"type": "paragraph", "content": [{"type": "text", "text": sentence(turn)}]});
            let blocks = page["content"].as_array().expect("blocks").iter().cloned();
            for mut block in blocks.chain([said]) {
                if block["type"] == "heading" {
                    headings += 1;
                    if headings > MAX_HEADINGS {
                        continue;
                    }
                }
                give_ids(&mut block, &mut ids);
                written += block.to_string().len() + 1;
                content.push(block);
                if written >= bytes {
                    break 'pages;
                }
            }
        }
    }
    json!({"type": "doc", "version": 1, "content": content})
        .to_string()
        .into_bytes()
}

/// Every node but text gets a `localId`, as the editor of Confluence Cloud gives it.
fn give_ids(node: &mut Value, ids: &mut u64) {
    if node["type"] == "text" {
        return;
    }
    if node.get("attrs").is_none() {
        node["attrs"] = json!({});
    }
    node["attrs"]["localId"] = local_id(ids).into();
    for child in node
        .get_mut("content")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        give_ids(child, ids);
    }
}

fn storage(bytes: usize) -> Vec<u8> {
    let mut ids = 0;
    let mut headings = 0;
    let mut body = String::new();
    'pages: for turn in 0.. {
        for page in STORAGE_PAGES {
            for line in with_people(page, turn).lines() {
                if line.starts_with("<h") && !line.starts_with("<hr") {
                    headings += 1;
                    if headings > MAX_HEADINGS {
                        continue;
                    }
                }
                give_ids_to_line(line, &mut ids, &mut body);
                // Lines are blocks, but a listing and some lists go over several.
                if body.len() >= bytes && line.ends_with("</p>") && !line.starts_with("<ac:") {
                    break 'pages;
                }
            }
            body.push_str(&format!(
                "<p local-id=\"{}\">{}</p>\n",
                local_id(&mut ids),
                sentence(turn)
            ));
        }
    }
    body.into_bytes()
}

/// Paragraphs, headings, items, rows and cells get a `local-id`, macros an id of their own.
fn give_ids_to_line(line: &str, ids: &mut u64, body: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        let end = rest[at..]
            .find(['>', ' ', '/'])
            .map_or(rest.len(), |end| at + end);
        let name = &rest[at + 1..end];
        body.push_str(&rest[..end]);
        rest = &rest[end..];
        match name {
            "p" | "h1" | "h2" | "ul" | "ol" | "li" | "table" | "tr" | "th" | "td" => {
                body.push_str(&format!(" local-id=\"{}\"", local_id(ids)));
            }
            "ac:structured-macro" => {
                let (one, two) = (local_id(ids), local_id(ids));
                let id = format!(
                    "{}-{}-4{}-8{}-{two}",
                    &one[..8],
                    &one[8..],
                    &two[..3],
                    &two[3..6]
                );
                body.push_str(&format!(" ac:macro-id=\"{id}\" data-layout=\"default\""));
            }
            _ => {}
        }
    }
    body.push_str(rest);
    body.push('\n');
}
