//! Macros: their parameters are kept until the body begins or the macro ends, then told as the table
//! of macros says. It must never tell a parameter that the table does not ask for, as any may name a
//! person; those that do are learnt (P9).

use protocol::RemovalKind;

use super::{Act, Frame, Macro, Parameter, Parser, Sink, elements::Element, lines, reader::Tag};
use crate::{
    WarningKind,
    macros::MacroKind,
    model::{Block, without_extension},
    people::learn,
};

/// Macros.
impl<'a> Parser<'a> {
    pub(super) fn end_parameter(&mut self, name: &'a str, start: usize) {
        let words = self.held.get(start..).unwrap_or_default();
        learn(&mut self.out, name, words);
        let in_macro = matches!(
            self.frames.last(),
            Some(Frame {
                act: Act::Macro(_),
                ..
            })
        );
        if in_macro {
            let start = self.values.len();
            self.values.push_str(words);
            let end = self.values.len();
            self.parameters.push(Parameter { name, start, end });
        }
        self.held.truncate(start);
    }

    /// The first of these parameters that says something.
    pub(super) fn parameter(&self, it: &Macro<'_>, names: &[&str]) -> &str {
        let parameters = self.parameters.get(it.parameters..).unwrap_or_default();
        names
            .iter()
            .filter_map(|name| {
                let found = parameters
                    .iter()
                    .find(|parameter| parameter.name.eq_ignore_ascii_case(name))?;
                self.values.get(found.start..found.end)
            })
            .map(str::trim)
            .find(|value| !value.is_empty())
            .unwrap_or_default()
    }

    pub(super) fn macro_body(&mut self, element: Element, tag: Tag<'a>) {
        self.end_held();
        let depth = self.frames.len();
        let is_plain = element == Element::PlainBody;
        let Some(Frame {
            act: Act::Macro(it),
            ..
        }) = self.frames.last_mut()
        else {
            let blocks = self.open(Block::Group);
            self.push(element, tag, Act::Close(blocks), self.sink);
            self.is_verbatim |= is_plain && self.frames.len() > depth;
            return;
        };
        it.has_body = true;
        let it = *it;
        let is_hidden = self.parameter(&it, &["hidden"]) == "true";
        let is_inline = it.kind == MacroKind::Inline
            || is_inline_formula(&it)
            || self.parameter(&it, &["atlassian-macro-output-type"]) == "INLINE";
        let title = match it.kind {
            MacroKind::Titled | MacroKind::Panel(_) | MacroKind::Code | MacroKind::Unknown => {
                self.parameter(&it, &["title"]).to_owned()
            }
            _ => String::new(),
        };
        let mut blocks = 0;
        let sink = if is_hidden || !tells_body(it.kind) {
            Sink::Nowhere
        } else {
            if let MacroKind::Panel(panel) = it.kind {
                blocks += self.open(Block::Panel(panel));
            }
            if !title.is_empty() {
                let title = self.out.aside(&title);
                blocks += self.open(Block::Titled(title));
            }
            if it.kind == MacroKind::Code {
                let language = self.parameter(&it, &["language", "lang", ""]).to_owned();
                let language = self.out.aside(&language);
                blocks += self.open(Block::Code(language));
            }
            if blocks == 0 && !is_inline {
                blocks += self.open(Block::Group);
            }
            self.sink
        };
        let act = if it.name.eq_ignore_ascii_case("details") {
            self.properties.depth += 1;
            Act::Properties(blocks)
        } else {
            Act::Close(blocks)
        };
        let is_pushed = !self.is_full(element);
        self.push(element, tag, act, sink);
        if !is_pushed {
            self.close(blocks);
        }
        let is_verbatim = is_plain && !is_inline || it.kind == MacroKind::Code;
        self.is_verbatim |= is_verbatim && self.frames.len() > depth;
    }

    pub(super) fn end_macro(&mut self, it: Macro<'_>) {
        let told = |parameter: &str| parameter.to_owned();
        match it.kind {
            MacroKind::Status => {
                let title = told(self.parameter(&it, &["title", "text", ""]));
                self.say(&title);
            }
            MacroKind::Jira => self.issue(&it),
            MacroKind::Formula if !it.has_body => {
                let formula = self.parameter(&it, &["body", "formula", "latex", ""]);
                let formula = match formula.strip_prefix("--uriencoded--") {
                    Some(encoded) => percent_decoded(encoded),
                    None => told(formula),
                };
                if is_inline_formula(&it) {
                    self.say(&formula);
                } else {
                    self.paragraph(&formula);
                }
            }
            MacroKind::Diagram => {
                let names = [
                    "diagramDisplayName",
                    "title",
                    "diagramName",
                    "name",
                    "filename",
                    "documentName",
                ];
                let title = told(without_extension(self.parameter(&it, &names)));
                if title.is_empty() {
                    self.warn(WarningKind::NotIncluded, it.name);
                } else if self.sink == Sink::Page {
                    self.open(Block::Picture);
                    self.open(Block::Alternative);
                    self.say(&title);
                    self.close(2);
                } else {
                    self.say(&title);
                }
            }
            MacroKind::File => {
                let names = ["name", "title", "filename", "att--filename", ""];
                let name = told(without_extension(self.parameter(&it, &names)));
                if name.is_empty() {
                    self.warn(WarningKind::NotIncluded, it.name);
                }
                self.apart(&name);
            }
            MacroKind::People if self.sink == Sink::Page => {
                self.person(RemovalKind::PeopleMacro, it.name, "");
            }
            MacroKind::Inline if !it.has_body => {
                let words = told(self.parameter(&it, &["text", "title", "body"]));
                self.apart(&words);
            }
            MacroKind::Elsewhere => {
                self.warn(WarningKind::NotIncluded, it.name);
                self.apart("");
            }
            MacroKind::Titled | MacroKind::Panel(_) | MacroKind::Unknown if !it.has_body => {
                let title = told(self.parameter(&it, &["title"]));
                self.paragraph(&title);
            }
            _ => {}
        }
        self.parameters.truncate(it.parameters);
        self.values.truncate(it.values);
    }

    /// An issue's key and summary; a list of issues lives in Jira.
    pub(super) fn issue(&mut self, it: &Macro<'_>) {
        let key = self.parameter(it, &["key", "issueKey", "issue"]).to_owned();
        let summary = self.parameter(it, &["summary"]).to_owned();
        if key.is_empty() {
            self.warn(WarningKind::NotIncluded, it.name);
            return;
        }
        self.say(&key);
        if !matches!(summary.as_str(), "" | "true" | "false") {
            self.say(": ");
            self.say(&summary);
        }
    }

    /// Ends a cell of page properties, and learns whom it names.
    pub(super) fn end_property(&mut self, is_header: bool) {
        let text = match self.properties.lines.first() {
            Some(start) => self.out.all_text().get(*start..).unwrap_or_default(),
            None => "",
        };
        let text = text.to_owned();
        let first = self.properties.lines.first().copied().unwrap_or_default();
        for line in &mut self.properties.lines {
            *line = line.saturating_sub(first);
        }
        let lines = lines(&text, &self.properties.lines);
        self.properties.roles.cell(&mut self.out, is_header, lines);
        self.properties.lines.clear();
        self.close(1);
    }

    /// Words that nothing around them belongs to.
    pub(super) fn apart(&mut self, words: &str) {
        if self.sink == Sink::Page {
            self.blank();
        }
        if !words.is_empty() {
            self.say(words);
            if self.sink == Sink::Page {
                self.blank();
            }
        }
    }
}

/// Whether anything inside a macro of this kind is told where it stands.
pub(super) fn tells_body(kind: MacroKind) -> bool {
    match kind {
        MacroKind::Panel(_)
        | MacroKind::Titled
        | MacroKind::Body
        | MacroKind::Inline
        | MacroKind::Code
        | MacroKind::Formula
        | MacroKind::Unknown => true,
        MacroKind::Status
        | MacroKind::Jira
        | MacroKind::Diagram
        | MacroKind::File
        | MacroKind::People
        | MacroKind::Elsewhere
        | MacroKind::Nothing => false,
    }
}

/// Whether a formula stands in a line of words.
fn is_inline_formula(it: &Macro<'_>) -> bool {
    it.kind == MacroKind::Formula && (it.name.contains("inline") || it.name == "unit")
}

/// A text with its `%41` resolved; what is none stays.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let code = match (first, others) {
            (b'%', [high, low, ..]) => char::from(*high)
                .to_digit(16)
                .zip(char::from(*low).to_digit(16))
                .and_then(|(high, low)| u8::try_from(high * 16 + low).ok()),
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = match code {
            Some(_) => &others[2..],
            None => others,
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
