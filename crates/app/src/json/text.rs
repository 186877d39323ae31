//! A JSON text (RFC 8259) as a tree. What has no escape in it is borrowed, so that a page's body is
//! copied once at most. Nesting is bounded, so that no text overflows the stack.

use std::borrow::Cow;

use super::Json;

/// What serde_json allows as well.
const MAX_DEPTH: usize = 127;

/// The tree of a text; none where it is not JSON, or nested too deep.
pub(super) fn parse(text: &str) -> Option<Json<'_>> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(MAX_DEPTH)?;
    reader.blank();
    (reader.at == text.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Goes past a byte behind blanks, if it is there.
    fn eat(&mut self, wanted: u8) -> Option<()> {
        self.blank();
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Option<Json<'a>> {
        let rest = self.text.get(self.at..)?;
        rest.starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn value(&mut self, depth: usize) -> Option<Json<'a>> {
        self.blank();
        match self.peek()? {
            b'{' => self.object(depth.checked_sub(1)?),
            b'[' => self.list(depth.checked_sub(1)?),
            b'"' => self.string().map(Json::Text),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json<'a>> {
        self.at += 1;
        let mut members = Vec::new();
        if self.eat(b'}').is_none() {
            loop {
                self.blank();
                let name = self.string()?;
                self.eat(b':')?;
                members.push((name, self.value(depth)?));
                if self.eat(b',').is_none() {
                    break self.eat(b'}')?;
                }
            }
        }
        Some(Json::Object(members))
    }

    fn list(&mut self, depth: usize) -> Option<Json<'a>> {
        self.at += 1;
        let mut values = Vec::new();
        if self.eat(b']').is_none() {
            loop {
                values.push(self.value(depth)?);
                if self.eat(b',').is_none() {
                    break self.eat(b']')?;
                }
            }
        }
        Some(Json::List(values))
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<Json<'a>> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        self.text.get(start..self.at).map(Json::Number)
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        if self.peek()? != b'"' {
            return None;
        }
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut at = start;
        let mut escapes = false;
        loop {
            match *bytes.get(at)? {
                b'"' => break,
                b'\\' => {
                    escapes = true;
                    at += 2;
                }
                0..=0x1F => return None,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        let raw = self.text.get(start..at)?;
        if escapes {
            unescaped(raw).map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(raw))
        }
    }
}

/// A string without its escapes. In a page's body every eighth byte or so is one, so that bytes go
/// over one by one: for such short runs the wasm's way to copy is slower.
fn unescaped(raw: &str) -> Option<String> {
    let raw = raw.as_bytes();
    // No escape is shorter than what it stands for.
    let mut told = vec![0; raw.len()];
    let (mut from, mut to) = (0, 0);
    while let Some(&byte) = raw.get(from) {
        from += 1;
        if byte != b'\\' {
            *told.get_mut(to)? = byte;
            to += 1;
            continue;
        }
        let escaped = *raw.get(from)?;
        from += 1;
        let byte = match escaped {
            b'"' | b'\\' | b'/' => escaped,
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 0x08,
            b'f' => 0x0C,
            b'u' => {
                let character = unicode(raw, &mut from)?;
                let end = to + character.len_utf8();
                character.encode_utf8(told.get_mut(to..end)?);
                to = end;
                continue;
            }
            _ => return None,
        };
        *told.get_mut(to)? = byte;
        to += 1;
    }
    told.truncate(to);
    String::from_utf8(told).ok()
}

/// The character of `\uXXXX`, or of two of them, from the first digit on.
fn unicode(raw: &[u8], at: &mut usize) -> Option<char> {
    let first = hexadecimal(raw, at)?;
    if !(0xD800..0xDC00).contains(&first) {
        // None for the second half of a pair by itself.
        return char::from_u32(first);
    }
    if raw.get(*at..*at + 2)? != b"\\u" {
        return None;
    }
    *at += 2;
    let second = hexadecimal(raw, at)?;
    let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    char::from_u32(0x10000 + ((first - 0xD800) << 10) + low)
}

fn hexadecimal(raw: &[u8], at: &mut usize) -> Option<u32> {
    let digits = raw.get(*at..*at + 4)?;
    *at += 4;
    digits.iter().try_fold(0, |number, digit| {
        Some(number * 16 + char::from(*digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(value: Json<'_>) -> serde_json::Value {
        match value {
            Json::Null | Json::Taken => serde_json::Value::Null,
            Json::Bool(value) => value.into(),
            Json::Number(digits) => serde_json::from_str(digits).unwrap(),
            Json::Text(text) => text.into_owned().into(),
            Json::List(values) => values.into_iter().map(plain).collect(),
            Json::Object(members) => serde_json::Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name.into_owned(), plain(value)))
                    .collect(),
            ),
        }
    }

    #[test]
    fn reads_what_serde_json_reads_and_refuses_what_it_refuses() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let deep = [nested(127), nested(128), nested(129), nested(100_000)];
        let texts = [
            "",
            " ",
            "null",
            " true ",
            "false",
            "nul",
            "nulll",
            "True",
            "0",
            "-0",
            "00",
            "01",
            "-",
            "-1",
            "1.",
            ".5",
            "1.5",
            "1e",
            "1e5",
            "1E+05",
            "1e-2",
            "+1",
            "12 3",
            "{}",
            "{ }",
            "{,}",
            "[",
            "]",
            "[]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1,2]",
            "{\"a\":1}",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "{a:1}",
            "{\"a\":1 \"b\":2}",
            "{ \"a\" : [ 1 , { \"b\" : null } ] }\n",
            "\"\"",
            "\"",
            "\"\\\"",
            "\"a",
            "\"\\\"\"",
            "\"\\\\\"",
            "\"a\\/b\\n\\t\\r\\b\\f\"",
            "\"\\x\"",
            "\"\\",
            "\"\\u00e9\"",
            "\"\\u00E\"",
            "\"\\u00Eg\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ud83dx\"",
            "\"\\ud83d\\u0041\"",
            "\"\\ude00\"",
            "\"\\u0000\"",
            "\"\u{1}\"",
            "\"\n\"",
            "\"\u{7f}é\\n語\"",
            "\u{feff}1",
            "1\u{a0}",
            "[\"é\\u+041\"]",
            "\"\\u+041\"",
        ];
        for text in texts.iter().copied().chain(deep.iter().map(String::as_str)) {
            let serde = serde_json::from_str::<serde_json::Value>(text).ok();
            let ours = parse(text).map(plain);
            assert_eq!(ours, serde, "{}", text.get(..80).unwrap_or(text));
        }
    }

    #[test]
    fn borrows_what_has_no_escape() {
        let is_borrowed = |text| matches!(parse(text), Some(Json::Text(Cow::Borrowed(_))));
        assert!(is_borrowed("\"a plain one\""));
        assert!(!is_borrowed("\"a \\\"quoted\\\" one\""));
    }
}
