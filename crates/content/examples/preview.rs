//! What would leave the site of a page, for whoever wants to check it without a site: reads page
//! bodies from files and prints one JSON line for each. See `--help`.

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, ValueEnum};
use content::{
    ContentError, Document, Page, Warning, WarningKind, clean_script, parse_adf, parse_storage,
    remove_identities, script,
};
use protocol::{ErrorCode, Removal, RemovalKind, Script, ScriptError, ScriptSection};
use serde::{Deserialize, Serialize};

/// Show what would leave the site of a Confluence page: its script, without people.
///
/// Prints one JSON line for each file:
///
///   {"file","title","script","words","minutes","removals":[{"kind","count"}],"warnings":[]}
///
/// `script` is text: an empty line parts blocks, a line that starts with `## ` is a heading.
/// `minutes` is the narration at 150 words a minute. `removals` says how many identities of each
/// kind were taken out, never whose. `warnings` says what of the page a person may miss, as
/// {"kind","name","count"}. A file that cannot be read has {"file","error","code"} instead.
#[derive(Parser)]
#[command(
    name = "preview",
    bin_name = "cargo run -q --release -p content --example preview --",
    verbatim_doc_comment,
    after_help = "A file is a body in Atlassian Document Format (JSON), a body in storage format \
    (XHTML), or the REST API's answer for one page (GET /wiki/api/v2/pages/ID?body-format=…). The \
    title is the page's where the file has one, else the file's name without its extension.\n\n\
    Examples:\n  \
    cargo run -q --release -p content --example preview -- page.json\n  \
    cargo run -q --release -p content --example preview -- --format storage *.xml\n  \
    cargo run -q --release -p content --example preview -- page.json | jq -r .script\n\n\
    Exit codes: 0 all files were read, 1 one was not, 2 wrong usage."
)]
pub struct Arguments {
    /// What the files hold [default: ADF where a file starts with `{`, else storage format]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Page bodies, or answers of the REST API
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Atlassian Document Format
    Adf,
    /// Storage format
    Storage,
}

/// What of a page is printed. The members' order is the line's.
#[derive(Serialize)]
struct Line {
    title: String,
    script: String,
    words: usize,
    minutes: f64,
    removals: Vec<Count<RemovalKind>>,
    warnings: Vec<Missed>,
}

#[derive(Serialize)]
struct Count<Kind> {
    kind: Kind,
    count: u32,
}

#[derive(Serialize)]
struct Missed {
    kind: &'static str,
    name: String,
    count: u32,
}

#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("the file is not UTF-8 text")]
    NotText,
    #[error("the page's answer has no body in this format")]
    NoBody,
    #[error(transparent)]
    Content(#[from] ContentError),
}

impl Unreadable {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Content(error) => error.code(),
            Self::File(_) | Self::NotText | Self::NoBody => ErrorCode::PageUnreadable,
        }
    }
}

/// The REST API's answer for one page; all else of it is skipped.
#[derive(Deserialize)]
struct Answer {
    title: Option<String>,
    body: Option<Body>,
}

#[derive(Deserialize)]
struct Body {
    atlas_doc_format: Option<Value>,
    storage: Option<Value>,
}

#[derive(Deserialize)]
struct Value {
    value: String,
}

#[allow(dead_code)] // The test that includes this file calls `run`.
fn main() -> ExitCode {
    match run(&Arguments::parse(), &mut std::io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever reads the lines has had enough of them.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Prints a line for each file; gives whether all could be read.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> std::io::Result<bool> {
    let mut all = true;
    for file in &arguments.files {
        let name = file.to_string_lossy();
        let line = match preview(file, arguments.format) {
            Ok(line) => serde_json::to_string(&Named { file: &name, line })?,
            Err(error) => {
                all = false;
                serde_json::to_string(&Failed {
                    file: &name,
                    error: error.to_string(),
                    code: error.code(),
                })?
            }
        };
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(all)
}

#[derive(Serialize)]
struct Named<'a> {
    file: &'a str,
    #[serde(flatten)]
    line: Line,
}

#[derive(Serialize)]
struct Failed<'a> {
    file: &'a str,
    error: String,
    code: ErrorCode,
}

fn preview(file: &Path, format: Option<Format>) -> Result<Line, Unreadable> {
    let text = String::from_utf8(std::fs::read(file)?).map_err(|_| Unreadable::NotText)?;
    let text = text.trim_start_matches('\u{feff}');
    let (title, document) = read(text, format)?;
    let title = title
        .filter(|title| !title.trim().is_empty())
        .unwrap_or_else(|| {
            file.file_stem()
                .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
        });
    let clean = remove_identities(&title, &document);
    let mut warnings: Vec<Missed> = clean.warnings().iter().map(missed).collect();
    let told = match script(clean) {
        Err(ContentError::Script(ScriptError::Empty)) => {
            warnings.push(Missed {
                kind: "nothingToTell",
                name: String::new(),
                count: 1,
            });
            None
        }
        told => Some(told?),
    };
    Ok(match told {
        Some((script, removals)) => line(&script, &removals, warnings),
        None => nothing(&title, &document, warnings)?,
    })
}

/// The page of a file: its title where it says one, and its document.
fn read(text: &str, format: Option<Format>) -> Result<(Option<String>, Document), Unreadable> {
    let is_json = text.trim_start().starts_with('{');
    if is_json
        && let Ok(Answer {
            title,
            body: Some(body),
        }) = serde_json::from_str(text)
    {
        let adf = body
            .atlas_doc_format
            .filter(|_| format != Some(Format::Storage));
        let storage = body.storage.filter(|_| format != Some(Format::Adf));
        let document = match (adf, storage) {
            (Some(adf), _) => parse_adf(&adf.value)?,
            (None, Some(storage)) => parse_storage(&storage.value)?,
            (None, None) => return Err(Unreadable::NoBody),
        };
        return Ok((title, document));
    }
    let guess = if is_json {
        Format::Adf
    } else {
        Format::Storage
    };
    Ok((
        None,
        match format.unwrap_or(guess) {
            Format::Adf => parse_adf(text)?,
            Format::Storage => parse_storage(text)?,
        },
    ))
}

fn line(script: &Script, removals: &[Removal], warnings: Vec<Missed>) -> Line {
    let mut kinds: BTreeMap<RemovalKind, u32> = BTreeMap::new();
    for removal in removals {
        let count = kinds.entry(removal.kind).or_default();
        *count = count.saturating_add(removal.count);
    }
    let words = script.words();
    Line {
        title: script.title().to_owned(),
        script: text(script.sections()),
        words,
        // One decimal place.
        minutes: (words as f64 / 15.0).round() / 10.0,
        removals: kinds
            .into_iter()
            .map(|(kind, count)| Count { kind, count })
            .collect(),
        warnings,
    }
}

/// A page that says nothing has no script. Its title is shown cleaned all the same.
fn nothing(title: &str, document: &Document, warnings: Vec<Missed>) -> Result<Line, Unreadable> {
    let placeholder = ScriptSection {
        heading: String::new(),
        text: "-".to_owned(),
    };
    let titled = Script::new(title.to_owned(), vec![placeholder]).map_err(ContentError::from)?;
    let (titled, removals) = clean_script(&titled, &Page::new(title, document))?;
    let mut line = line(&titled, &removals, warnings);
    line.script = String::new();
    line.words -= 1;
    line.minutes = (line.words as f64 / 15.0).round() / 10.0;
    Ok(line)
}

fn text(sections: &[ScriptSection]) -> String {
    let blocks = sections.iter().flat_map(|section| {
        let heading = match section.heading.as_str() {
            "" => String::new(),
            heading => format!("## {heading}"),
        };
        [heading, section.text.clone()]
    });
    let blocks: Vec<String> = blocks.filter(|block| !block.is_empty()).collect();
    blocks.join("\n\n")
}

fn missed(warning: &Warning) -> Missed {
    Missed {
        kind: match warning.kind {
            WarningKind::UnknownNode => "unknownNode",
            WarningKind::UnknownMark => "unknownMark",
            WarningKind::UnknownMacro => "unknownMacro",
            WarningKind::TooDeep => "tooDeep",
            WarningKind::BrokenMarkup => "brokenMarkup",
            WarningKind::UnknownVersion => "unknown version",
            WarningKind::Cut => "cut",
            WarningKind::NotIncluded => "notIncluded",
        },
        name: warning.name.clone(),
        count: warning.count,
    }
}
