//! The reference of what becomes of each part of a page, made from the tables that the readers use.

use std::fmt::Write;

use crate::{adf, macros, storage};

/// The text of docs/content.md: each node and mark type of ADF and each macro, with what becomes of
/// it.
pub fn reference() -> String {
    let mut text = String::from(HEAD);
    table(
        &mut text,
        "Nodes of ADF",
        "node",
        adf::NODES.iter().copied(),
    );
    table(
        &mut text,
        "Marks of ADF",
        "mark",
        adf::MARKS.iter().copied(),
    );
    table(
        &mut text,
        "Elements of storage format",
        "element",
        storage::elements_told(),
    );
    let macros = macros::MACROS
        .iter()
        .map(|(name, kind)| (*name, kind.told()));
    table(&mut text, "Macros", "macro", macros);
    text.push_str(FOOT);
    text
}

fn table<'a>(
    text: &mut String,
    title: &str,
    first: &str,
    rows: impl Iterator<Item = (&'a str, &'a str)>,
) {
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\n## {title}\n\n| {first} | what becomes of it |\n| --- | --- |\n"
    );
    for (name, told) in rows {
        let _ = writeln!(text, "| `{name}` | {told} |");
    }
}

const HEAD: &str = "# From a page to a script

What the app tells of each part of a Confluence page. Made from the tables that the readers use:
`UPDATE_DOCS=1 cargo test -p content --test reference` writes it, and the test fails when it is not up to date.

Whatever is told, people have been taken out of it before (P9): mentions, links to people, macros that show people, and in
text the names that the page itself gave away, e-mail addresses and account ids. Each removal is reported by kind, place
and count, never by name. Types and macros that are not in these tables keep their text and are reported as warnings.
";

const FOOT: &str = "
Names are those of the storage format and of ADF's `extensionKey`; capitals make no difference. In storage format the
elements of XHTML are told as a browser shows them.
";
