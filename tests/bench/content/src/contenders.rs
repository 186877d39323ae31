//! Whoever reads a document here: bytes in, text out, parsing included. Only the first takes people
//! out of it.

use std::hint::black_box;

use serde::de::IgnoredAny;
use serde_json::Value;

/// A page body's format.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Atlassian Document Format.
    Adf,
    /// Storage format.
    Storage,
}

impl Format {
    /// The name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adf => "adf",
            Self::Storage => "storage",
        }
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Adf => "json",
            Self::Storage => "xml",
        }
    }
}

/// A way to read a document.
pub struct Contender {
    /// The name in the report.
    pub name: &'static str,
    /// Reads the bytes; gives how many bytes of text came out, or why none did.
    pub run: fn(&[u8]) -> Result<usize, String>,
}

/// All that read a format, ours first.
pub fn contenders(format: Format) -> &'static [Contender] {
    match format {
        Format::Adf => &[
            Contender {
                name: "ours",
                run: ours_adf,
            },
            Contender {
                name: "jc-adf",
                run: jc_adf,
            },
            Contender {
                name: "serde_json IgnoredAny",
                run: ignored_any,
            },
        ],
        Format::Storage => &[
            Contender {
                name: "ours",
                run: ours_storage,
            },
            Contender {
                name: "confmark",
                run: confmark,
            },
            Contender {
                name: "htmd",
                run: htmd,
            },
        ],
    }
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| error.to_string())
}

fn ours_adf(bytes: &[u8]) -> Result<usize, String> {
    ours(content::parse_adf(text(bytes)?))
}

fn ours_storage(bytes: &[u8]) -> Result<usize, String> {
    ours(content::parse_storage(text(bytes)?))
}

fn ours(document: Result<content::Document, content::ContentError>) -> Result<usize, String> {
    let document = document.map_err(|error| error.to_string())?;
    let clean = content::remove_identities("A page of the bench", &document);
    let (script, removals) = content::script(clean).map_err(|error| error.to_string())?;
    black_box(removals);
    Ok(script
        .sections()
        .iter()
        .map(|section| section.heading.len() + section.text.len())
        .sum())
}

fn jc_adf(bytes: &[u8]) -> Result<usize, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    Ok(jc_adf::to_markdown(&value).len())
}

/// No converter: what it costs to look at every byte of a JSON text and keep none.
fn ignored_any(bytes: &[u8]) -> Result<usize, String> {
    let ignored: IgnoredAny = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    black_box(ignored);
    Ok(0)
}

fn confmark(bytes: &[u8]) -> Result<usize, String> {
    Ok(confmark::Document::from_confluence(text(bytes)?)
        .to_markdown()
        .len())
}

/// For plain HTML: macros are unknown tags to it.
fn htmd(bytes: &[u8]) -> Result<usize, String> {
    let markdown = htmd::convert(text(bytes)?).map_err(|error| error.to_string())?;
    Ok(markdown.len())
}
