//! Cuts a body into words and tags that borrow from it, as a browser's tokenizer would. An XML reader
//! stops at the first thing that is not well-formed, or looks for a missing end through the rest of
//! the page once for each such sign; this one goes on, flags the page as broken, and takes time
//! linear in the body's length whatever it holds. It must never lose words or panic.

/// A piece of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Words, with references.
    Words(&'a str),
    /// Words that hold no references, from a CDATA section.
    Data(&'a str),
    /// An element begins.
    Start(Tag<'a>),
    /// An element of this name ends.
    End(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// As written; capitals make no difference.
    pub name: &'a str,
    /// All behind the name.
    pub attributes: &'a str,
    /// Whether it ends in `/>`.
    pub is_empty: bool,
}

impl<'a> Tag<'a> {
    /// An attribute's value as written; empty where there is none.
    pub(super) fn attribute(&self, name: &str) -> &'a str {
        self.attributes()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }

    /// Names and values as written, in their order.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let text = self.attributes;
        let bytes = text.as_bytes();
        let mut at = 0;
        std::iter::from_fn(move || {
            at += count(&bytes[at..], |byte| {
                is_blank(byte) || matches!(byte, b'/' | b'"' | b'\'')
            });
            let start = at;
            // A `=` may be a name's first letter, but is no letter of it further on.
            at += count(&bytes[at..], |byte| {
                !is_blank(byte) && !matches!(byte, b'=' | b'/')
            });
            if start == at && bytes.get(at) == Some(&b'=') {
                at += 1;
            }
            if at == start {
                return None;
            }
            let key = text.get(start..at)?;
            let blanks = count(&bytes[at..], is_blank);
            if bytes.get(at + blanks) != Some(&b'=') {
                return Some((key, ""));
            }
            at += blanks + 1;
            at += count(&bytes[at..], is_blank);
            let quote = bytes.get(at).copied().filter(|byte| is_quote(*byte));
            let length = quote.and_then(|quote| {
                at += 1;
                bytes[at..].iter().position(|byte| *byte == quote)
            });
            let length = match length {
                Some(length) => length,
                None => count(&bytes[at..], |byte| !is_blank(byte)),
            };
            let value = text.get(at..at + length)?;
            at += length;
            Some((key, value))
        })
    }
}

fn count(bytes: &[u8], is_one: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| is_one(**byte)).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// Reads a body from its start to its end.
pub(super) struct Reader<'a> {
    body: &'a str,
    at: usize,
    /// Something was not as it is in well-formed markup.
    pub is_broken: bool,
    /// What is known not to come any more, so that it is not looked for again.
    gone: [bool; Sought::COUNT],
}

/// An end that is looked for.
#[derive(Clone, Copy)]
enum Sought {
    Comment,
    Data,
    Sign,
    Subset,
    Script,
    Style,
    Quote,
    Apostrophe,
}

impl Sought {
    const COUNT: usize = 8;
}

impl<'a> Reader<'a> {
    pub(super) fn new(body: &'a str) -> Self {
        Self {
            body: body.strip_prefix('\u{feff}').unwrap_or(body),
            at: 0,
            is_broken: false,
            gone: [false; Sought::COUNT],
        }
    }

    /// Where the next token begins.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The next token; `None` at the end of the body.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.body.as_bytes().get(self.at..)?;
            let start = self.at;
            match rest {
                [] => return None,
                [b'<', b'!', b'-', b'-', ..] => {
                    // `<!-->` is a whole comment.
                    self.skip(start + 2, 2, Sought::Comment, "--");
                }
                [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] => {
                    let from = start + 9;
                    let end = self.find(from, Sought::Data, "]]");
                    let Some(end) = end else {
                        self.is_broken = true;
                        self.at = from;
                        continue;
                    };
                    self.at = end;
                    return self.slice(from, end - 3).map(Token::Data);
                }
                [b'<', b'!', ..] => {
                    let declared = self.find(start, Sought::Sign, "");
                    let subset = declared.is_some_and(|end| {
                        let declaration = &self.body.as_bytes()[start..end];
                        declaration.contains(&b'[')
                    });
                    let subset = match subset {
                        true => self.find(start, Sought::Subset, "]"),
                        false => None,
                    };
                    match subset {
                        Some(end) => self.at = end,
                        None => self.skip(start + 2, 0, Sought::Sign, ""),
                    }
                }
                [b'<', b'?', ..] => self.skip(start + 2, 0, Sought::Sign, ""),
                [b'<', ..] => {
                    if let Some(token) = self.tag() {
                        return Some(token);
                    }
                    // A sign of comparison, or an arrow.
                    self.is_broken = true;
                    return self.words(start + 1);
                }
                _ => return self.words(start),
            }
        }
    }

    /// Goes behind the end tag of an element whose content is no markup.
    pub(super) fn skip_element(&mut self, name: &str) {
        let sought = match name.len() {
            5 => Sought::Style,
            _ => Sought::Script,
        };
        let mut from = self.at;
        while !self.gone[sought as usize] {
            let rest = self.body.as_bytes().get(from..).unwrap_or_default();
            let Some(index) = rest.windows(2).position(|pair| pair == b"</") else {
                break;
            };
            from += index + 2;
            let is_it = self
                .body
                .get(from..from + name.len())
                .is_some_and(|it| it.eq_ignore_ascii_case(name));
            if is_it {
                self.at = self.find(from, Sought::Sign, "").unwrap_or(self.body.len());
                return;
            }
        }
        self.gone[sought as usize] = true;
        self.is_broken = true;
    }

    /// Words from the reader's place up to the next `<` at or behind `from`.
    fn words(&mut self, from: usize) -> Option<Token<'a>> {
        let rest = self.body.as_bytes().get(from..)?;
        let end = memchr::memchr(b'<', rest).map_or(self.body.len(), |index| from + index);
        let words = self.slice(self.at, end);
        self.at = end;
        words.map(Token::Words)
    }

    fn slice(&self, start: usize, end: usize) -> Option<&'a str> {
        self.body.get(start..end)
    }

    /// Behind the next `>` that follows these bytes at once.
    fn find(&mut self, from: usize, sought: Sought, before: &str) -> Option<usize> {
        if self.gone[sought as usize] {
            return None;
        }
        let bytes = self.body.as_bytes();
        let mut at = from;
        while let Some(index) = memchr::memchr(b'>', bytes.get(at..).unwrap_or_default()) {
            at += index;
            if bytes
                .get(from..at)
                .is_some_and(|it| it.ends_with(before.as_bytes()))
            {
                return Some(at + 1);
            }
            at += 1;
        }
        self.gone[sought as usize] = true;
        None
    }

    /// Leaves out what reaches to an end; where that is missing, only its first signs.
    fn skip(&mut self, from: usize, signs: usize, sought: Sought, before: &str) {
        self.at = self.find(from, sought, before).unwrap_or_else(|| {
            self.is_broken = true;
            from + signs
        });
    }

    /// The tag at the reader's place, if it is one.
    fn tag(&mut self) -> Option<Token<'a>> {
        let bytes = self.body.as_bytes();
        let is_end = bytes.get(self.at + 1) == Some(&b'/');
        let start = self.at + 1 + usize::from(is_end);
        if !bytes.get(start).is_some_and(u8::is_ascii_alphabetic) {
            return None;
        }
        let in_name = |byte| !is_blank(byte) && !matches!(byte, b'>' | b'<' | b'/' | b'=' | b'"');
        let name_end = start + count(&bytes[start..], in_name);
        let mut at = name_end;
        let mut has_value = false;
        let mut has_other = false;
        let mut slash = None;
        let is_whole = loop {
            match bytes.get(at) {
                Some(b'>') => break true,
                None | Some(b'<') => break false,
                Some(b'=') => {
                    has_value = true;
                    at += 1;
                    at += count(&bytes[at..], is_blank);
                    at = match bytes.get(at).copied() {
                        Some(quote) if is_quote(quote) => self.quoted(at, quote),
                        _ => at + count(&bytes[at..], in_value),
                    };
                }
                Some(b'/') => {
                    slash = Some(at);
                    at += 1;
                }
                Some(byte) => {
                    has_other |= !is_blank(*byte);
                    at += 1;
                }
            }
        };
        let name = self.slice(start, name_end)?;
        if !is_whole {
            self.is_broken = true;
            // Attributes may name people, so that what may be a tag is rather not told.
            let is_tag = is_end
                || has_value
                || !has_other && at < bytes.len()
                || matches!(name.get(..3), Some("ac:" | "ri:"));
            if !is_tag {
                return None;
            }
        }
        let is_empty = is_whole && slash.is_some_and(|slash| slash + 1 == at);
        let attributes = self.slice(name_end, at)?;
        self.at = at + usize::from(is_whole);
        Some(if is_end {
            Token::End(name)
        } else {
            Token::Start(Tag {
                name,
                attributes,
                is_empty,
            })
        })
    }

    /// Behind the value that the quote at `at` begins. Where its partner is missing, or seems to be
    /// the quote of another tag, the value ends as one without quotes.
    fn quoted(&mut self, at: usize, quote: u8) -> usize {
        let bytes = self.body.as_bytes();
        let sought = match quote {
            b'"' => Sought::Quote,
            _ => Sought::Apostrophe,
        };
        let from = at + 1;
        if !self.gone[sought as usize] {
            let rest = bytes.get(from..).unwrap_or_default();
            let Some(length) = memchr::memchr(quote, rest) else {
                self.gone[sought as usize] = true;
                return self.quoted(at, quote);
            };
            let end = from + length + 1;
            let goes_on = match bytes.get(end) {
                Some(byte) => is_blank(*byte) || matches!(byte, b'>' | b'/'),
                None => false,
            };
            if goes_on || memchr::memchr2(b'<', b'>', &rest[..length]).is_none() {
                return end;
            }
        }
        self.is_broken = true;
        from + count(&bytes[from..], in_value)
    }
}

/// Whether a value without quotes goes on.
fn in_value(byte: u8) -> bool {
    !is_blank(byte) && !matches!(byte, b'>' | b'<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_however_they_are_written() {
        let tag = Tag {
            name: "a",
            attributes: r#" one = "1 2"two='>' three=3/4 four "five" =six a"b seven="end"#,
            is_empty: false,
        };
        let read: Vec<_> = tag.attributes().collect();
        assert_eq!(
            read,
            [
                ("one", "1 2"),
                ("two", ">"),
                ("three", "3/4"),
                ("four", ""),
                ("five\"", "six"),
                ("a\"b", ""),
                ("seven", "end"),
            ]
        );
        assert_eq!(tag.attribute("THREE"), "3/4");
    }

    #[test]
    fn each_sign_is_read_once() {
        let read = |body| {
            let mut reader = Reader::new(body);
            let mut words = String::new();
            while let Some(token) = reader.next() {
                words.push_str(&match token {
                    Token::Words(it) => format!("[{it}]"),
                    Token::Data(it) => format!("![{it}]"),
                    Token::Start(tag) if tag.is_empty => format!("<{}/>", tag.name),
                    Token::Start(tag) => format!("<{}>", tag.name),
                    Token::End(name) => format!("</{name}>"),
                });
            }
            (words, reader.is_broken)
        };
        for (body, words, is_broken) in [
            ("<p a='b>'>x</p >", "<p>[x]</p>", false),
            ("<br/><a href=x/>", "<br/><a>", false),
            ("a<!-- <b> -->b<!-->c<!---->d", "[a][b][c][d]", false),
            ("<![CDATA[a]]]]><![CDATA[>b]]>", "![a]]]![>b]", false),
            ("<!DOCTYPE x [<!ENTITY a 'b'>]>c", "[c]", false),
            ("<?xml version='1.0'?>c", "[c]", false),
            ("a < b <3 <-", "[a ][< b ][<3 ][<-]", true),
            ("<p <b>x", "<p><b>[x]", true),
            (
                "<a href=\"x>is</a> <a href=\"y\">so",
                "<a>[is]</a>[ ]<a>[so]",
                true,
            ),
            ("<![CDATA[a <!-- b", "[a ][ b]", true),
            ("x</p", "[x]</p>", true),
            ("x<ri:us", "[x]<ri:us>", true),
        ] {
            assert_eq!(read(body), (words.to_owned(), is_broken), "{body}");
        }
    }
}
