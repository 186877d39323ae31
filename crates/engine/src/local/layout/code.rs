//! Listings: letters of one width in a window of their own, words of code, strings, figures and
//! comments in colours of their own.

use super::setting::{Face, Span};
use super::strokes::Frame;
use super::{Item, Setter, list};
use crate::local::fonts;
use crate::local::look::{Look, Rgb};
use crate::local::storyboard::Point;

impl Setter<'_> {
    pub(super) fn code(&mut self, points: &[Point], frame: Frame) -> Option<Vec<Vec<Item>>> {
        points
            .iter()
            .map(|point| self.listing(point, frame).map(|item| vec![item]))
            .collect()
    }

    fn listing(&mut self, point: &Point, frame: Frame) -> Option<Item> {
        let look = self.look;
        let (bar, pad) = (self.shape.body * 0.95, self.shape.body * 0.6);
        let width = frame.width() - 2.0 * pad;
        let most = frame.height() - bar - 2.0 * pad;
        let ground = if look.by_hand { look.board } else { look.panel };
        let spans = coloured(&point.shown, &look);
        let mut size = (self.shape.body * 0.86).round();
        let block = loop {
            let face = Face {
                family: fonts::MONO,
                ..self.face(size)
            };
            let block = self.block(&spans, face, width);
            if block.height <= most {
                break block.on(ground);
            }
            if size < 9.0 {
                return None;
            }
            size -= 1.0;
        };
        let height = bar + 2.0 * pad + block.height;
        let spare = frame.height() - height;
        let window = Frame {
            left: frame.left,
            top: (frame.top + spare * 0.3).round(),
            right: frame.right,
            bottom: (frame.top + spare * 0.3).round() + height,
        };
        let edge = window.top + bar;
        let mut marks = Vec::new();
        if look.by_hand {
            marks.push(look.outline(window, 3.6, look.accent(0)));
        } else {
            marks.push(look.panel(window, look.panel));
        }
        let (from, to) = ((window.left + 4.0, edge), (window.right - 4.0, edge));
        marks.push(look.line(from, to, 2.0, look.faint));
        for dot in 0..3 {
            let centre = (
                window.left + pad + dot as f32 * bar * 0.55,
                window.top + bar / 2.0,
            );
            marks.push(look.circle(centre, bar * 0.17, 3.0, look.accent(dot)));
        }
        marks.push(block.at(window.left + pad, edge + pad));
        Some(list::item(point, marks, 0.0))
    }
}

/// Code in colours, by what its letters look like; of no language in particular.
fn coloured(code: &str, look: &Look) -> Vec<Span> {
    const WORDS: &[&str] = &[
        "as",
        "async",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "def",
        "do",
        "done",
        "elif",
        "else",
        "end",
        "enum",
        "except",
        "export",
        "false",
        "fi",
        "final",
        "finally",
        "fn",
        "for",
        "from",
        "func",
        "function",
        "if",
        "impl",
        "import",
        "in",
        "interface",
        "let",
        "loop",
        "match",
        "mod",
        "mut",
        "new",
        "nil",
        "none",
        "null",
        "package",
        "private",
        "public",
        "pub",
        "return",
        "self",
        "static",
        "struct",
        "switch",
        "then",
        "this",
        "throw",
        "trait",
        "true",
        "try",
        "type",
        "use",
        "using",
        "var",
        "void",
        "where",
        "while",
        "with",
        "yield",
        "select",
        "insert",
        "update",
        "delete",
        "where",
        "values",
        "into",
    ];
    let (plain, word, string, figure, comment) = (
        look.ink,
        look.accent(0),
        look.accent(1),
        look.accent(3),
        look.soft,
    );
    let mut spans: Vec<Span> = Vec::new();
    let mut push = |text: &str, colour: Rgb| match spans.last_mut() {
        Some((last, _, its)) if *its == colour => last.push_str(text),
        _ => spans.push((text.to_owned(), false, colour)),
    };
    for (at, line) in code.split('\n').enumerate() {
        if at > 0 {
            push("\n", plain);
        }
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let fresh = line.len() == rest.len() || {
                let done = line.get(..line.len() - rest.len()).unwrap_or_default();
                done.ends_with(char::is_whitespace)
            };
            let is_comment = fresh
                && (rest.starts_with("//")
                    || rest.starts_with("# ")
                    || rest.starts_with("-- ")
                    || rest.starts_with("/*"));
            let (length, colour) = if is_comment {
                (rest.len(), comment)
            } else if matches!(first, '"' | '\'' | '`') {
                let close = rest.get(1..).and_then(|tail| tail.find(first));
                match close {
                    Some(close) => (close + 2, string),
                    None => (1, plain),
                }
            } else if first.is_alphabetic() || first == '_' {
                let end = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                let known = rest
                    .get(..end)
                    .is_some_and(|text| WORDS.contains(&text.to_lowercase().as_str()));
                (end, if known { word } else { plain })
            } else if first.is_ascii_digit() {
                let end = rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_')
                    .unwrap_or(rest.len());
                (end, figure)
            } else {
                (first.len_utf8(), plain)
            };
            let (token, tail) = rest.split_at(length);
            push(token, colour);
            rest = tail;
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Style;

    #[test]
    fn code_is_coloured_and_kept() {
        let look = Look::of(Style::Whiteboard);
        let code = "let x = \"a b\"; // why\nif y_2 { return 0x1f; }\nit's $é\n# note";
        let spans = coloured(code, &look);
        let text: String = spans.iter().map(|(text, ..)| text.as_str()).collect();
        assert_eq!(text, code);
        let colour = |part: &str| {
            spans
                .iter()
                .find(|(text, ..)| text.trim() == part)
                .map(|(_, _, colour)| *colour)
        };
        assert_eq!(colour("let"), Some(look.accent(0)));
        assert_eq!(colour("\"a b\""), Some(look.accent(1)));
        assert_eq!(colour("0x1f"), Some(look.accent(3)));
        assert_eq!(colour("// why"), Some(look.soft));
        assert_eq!(colour("# note"), Some(look.soft));
    }
}
