//! What names a value, and what is masked because of it: fields, URLs with a password, sentences
//! that say what follows.

use super::{CLASS, Extent, Fate, LOOK, Last, NAME, Scan, Separator, Sign, Value};
use crate::Mask;
use crate::encoded;
use crate::fields::{self, Kind};
use crate::shapes;

impl<'t> Scan<'t> {
    /// The value of the field that the word names, if it names one. Gives where to go on.
    pub(super) fn field(&mut self, start: usize, end: usize) -> Option<usize> {
        let next = *self.bytes.get(end)?;
        if !matches!(
            next,
            b'"' | b'\'' | b'\\' | b' ' | b':' | b'=' | b']' | b'>' | b'`' | b'\t'
        ) {
            return None;
        }
        if next == b'"' && start >= 2 && self.bytes.get(end + 1) == Some(&b',') {
            // The value of a member names nothing: `"level":"INFO",`
            let ahead = &self.bytes[..start - 1];
            if ahead.ends_with(b":") || ahead.ends_with(b": ") {
                return None;
            }
        }
        if next == b':' && self.bytes[end..].starts_with(b"://") {
            return self.user_info(end + 3);
        }
        if next == b':' && self.bytes[end..].starts_with(b":\\/\\/") {
            return self.user_info(end + 5);
        }
        let Some(separator) = self.separator(start, end) else {
            return if next == b' ' {
                self.prose(start, end)
            } else {
                None
            };
        };
        if separator.is_quoted() || separator.is(Sign::Equals) {
            self.boundary_at = separator.value;
        }
        self.value_of(start, end, separator)
    }

    pub(super) fn value_of(
        &mut self,
        start: usize,
        end: usize,
        separator: Separator,
    ) -> Option<usize> {
        let name = self.name(start, end);
        let kind = fields::kind(name);
        let structured = separator.is_quoted() || !separator.is(Sign::Colon);
        match kind {
            Kind::Plain => None,
            Kind::Always(mask) => self.always(name, mask, separator),
            Kind::Content => self.content(separator),
            Kind::MaybeContent => {
                let quoted = matches!(
                    self.bytes.get(separator.value),
                    Some(b'"' | b'\\' | b'\'' | b'S' | b'{' | b'[')
                );
                if structured || quoted {
                    self.content(separator)
                } else {
                    None
                }
            }
            Kind::SecretLike => {
                let value = self.value(separator.value, separator.quote(), Extent::Token, LOOK)?;
                let text = &self.bytes[value.start..value.end];
                let prose = separator.is(Sign::Colon) && !separator.is_quoted();
                let pair = name.eq_ignore_ascii_case("auth") && text.contains(&b':');
                let whole = !text.contains(&b' ') && (pair || shapes::is_random(text, 16));
                if whole && !(prose && text.contains(&b'/')) {
                    return self.mask_value(value, Mask::Secret, separator);
                }
                None
            }
            Kind::NameOf => {
                if !structured {
                    return None;
                }
                let value = self.value(separator.value, separator.quote(), Extent::Token, 64)?;
                // What is longer, or of other characters, is no name: what stands in it is looked at.
                let name = &self.bytes[value.start..value.end];
                let fits = |byte: &u8| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b' ' | b'$')
                };
                if name.len() >= 64 || !name.iter().all(fits) {
                    return None;
                }
                let mask = match fields::kind(&self.text[value.start..value.end]) {
                    Kind::Always(mask) => mask,
                    Kind::Content => Mask::Content,
                    _ => return None,
                };
                match self.orphan.take() {
                    Some((orphan, quote)) => {
                        self.ragged = true;
                        let quote = quote.filter(|_| orphan.bare);
                        self.mask_quoted(orphan.start, orphan.end, mask, quote);
                    }
                    None => self.pair = Some(mask),
                }
                Some(value.after)
            }
            Kind::ValueOf => {
                if !structured {
                    return None;
                }
                if let Some(mask) = self.pair.take() {
                    let value = self.token(separator)?;
                    return self.mask_value(value, mask, separator);
                }
                let value = self.value(separator.value, separator.quote(), Extent::Token, LOOK)?;
                self.orphan = Some((value, separator.quote()));
                None
            }
        }
    }

    /// The name in a word: its last letters, digits, `-` and `_`; with the word before it where the
    /// two are one name: `API key`.
    pub(super) fn name(&self, start: usize, end: usize) -> &'t str {
        let word = self.last(0);
        // Most words are of nothing but what a name is made of.
        let whole =
            (word.start, word.end) == (start, end) && word.flags != 0 && word.flags & !NAME == 0;
        let mut name_start = if whole { start } else { end };
        while !whole
            && name_start > start
            && CLASS[usize::from(self.bytes[name_start - 1])] & NAME != 0
        {
            name_start -= 1;
        }
        const LAST_WORDS: &[&str] = &["key", "token", "code", "id", "name", "text", "phrase"];
        if start > 0
            && self.bytes[start - 1] == b' '
            && name_start == start
            && end - start <= 6
            && LAST_WORDS
                .iter()
                .any(|last| self.text[start..end].eq_ignore_ascii_case(last))
        {
            let earlier = self.bytes[..start - 1]
                .iter()
                .rev()
                .take(12)
                .take_while(|byte| byte.is_ascii_alphanumeric())
                .count();
            const FIRST_WORDS: &[&str] = &[
                "api",
                "access",
                "secret",
                "private",
                "account",
                "master",
                "signing",
                "encryption",
                "seed",
                "recovery",
                "user",
                "display",
                "page",
                "first",
                "last",
                "full",
                "author",
                "owner",
            ];
            let first = &self.text[start - 1 - earlier..start - 1];
            if FIRST_WORDS
                .iter()
                .any(|word| first.eq_ignore_ascii_case(word))
            {
                return &self.text[start - 1 - earlier..end];
            }
        }
        &self.text[name_start..end]
    }

    pub(super) fn mask_value(
        &mut self,
        value: Value,
        mask: Mask,
        separator: Separator,
    ) -> Option<usize> {
        let parameter = separator.is(Sign::Equals)
            && !separator.is_quoted()
            && value.bare
            && self.bytes[value.start - 1] == b'='
            && (self.bytes.get(value.end) == Some(&b'&') || self.ends_member(value.end));
        // What stands behind an authentication scheme, to the string's end.
        let scheme =
            value.quoted && self.bytes[value.start - 1] == b' ' && self.ends_member(value.end);
        let quote = separator.quote().filter(|_| value.bare);
        // A whole object or list that is a member: a string stands in its place.
        let member = self.json
            && quote == Some((b'"', 0))
            && matches!(self.bytes[value.start], b'{' | b'[')
            && self.bytes[value.start - 1] == b':'
            && matches!(self.bytes.get(value.end), Some(b',' | b'}'));
        if parameter || scheme || member {
            self.mask_settled(value.start, value.end, mask, quote);
        } else {
            self.mask_quoted(value.start, value.end, mask, quote);
        }
        *self.last_mut() = Last {
            start: value.start,
            end: value.end,
            fate: Fate::Masked,
            flags: 0,
        };
        self.boundary_at = usize::MAX;
        // What was taken for a value may be the next field's name.
        if value.quoted
            && let Some(separator) = self.separator(value.start, value.end)
            && !separator.is(Sign::Comma)
            && let Some(after) = self.value_of(value.start, value.end, separator)
        {
            return Some(after);
        }
        Some(value.after)
    }

    /// Whether a member of a JSON object ends here with its string.
    fn ends_member(&self, at: usize) -> bool {
        self.json && matches!(self.bytes.get(at..at + 2), Some(b"\",") | Some(b"\"}"))
    }

    /// The whole token behind a separator.
    fn token(&self, separator: Separator) -> Option<Value> {
        let (start, quote) = (separator.value, separator.quote());
        self.value(start, quote, Extent::Token, usize::MAX)
    }

    pub(super) fn always(&mut self, name: &str, mask: Mask, separator: Separator) -> Option<usize> {
        let mut buffer = [0; fields::BUFFER];
        let (folded, _) = fields::folded(name, &mut buffer);
        let header = folded.ends_with(b"authorization");
        let line =
            folded.ends_with(b"cookie") || folded.ends_with(b"phrase") || folded == b"mnemonic";
        if separator.is(Sign::Comma) {
            // A pair of name and value, or two names of a list?
            let value = self.token(separator)?;
            let text = &self.text[value.start..value.end];
            let word = text.len() < 12 && text.bytes().all(|byte| byte.is_ascii_lowercase());
            if word || fields::kind(text) != Kind::Plain {
                return None;
            }
            return self.mask_value(value, mask, separator);
        }
        let mut extent = if line { Extent::Line } else { Extent::Token };
        let mut at = separator.value;
        if header {
            // The scheme may be told; without one that is known, all of the line is the secret.
            let quoted = self.value(at, separator.quote(), Extent::Line, usize::MAX)?;
            let inside = if quoted.quoted { quoted.start } else { at };
            let scheme = self.name_length(inside);
            let known = fields::is_scheme(&self.text[inside..inside + scheme])
                && self.bytes.get(inside + scheme) == Some(&b' ');
            if quoted.quoted {
                let start = if known { inside + scheme + 1 } else { inside };
                let value = Value { start, ..quoted };
                if Mask::is_mask(&self.text[start..value.end]) {
                    return Some(value.after);
                }
                return self.mask_value(value, mask, separator);
            }
            if known {
                let word = &self.text[inside..inside + scheme];
                at = inside + scheme + 1 + self.blanks(inside + scheme + 1);
                let single = [
                    "bearer", "basic", "token", "apikey", "jwt", "geniekey", "dpop", "bot",
                ];
                extent = if single.iter().any(|name| word.eq_ignore_ascii_case(name)) {
                    Extent::Token
                } else {
                    Extent::Line
                };
            } else {
                extent = Extent::Line;
            }
        }
        let value = self.value(at, separator.quote(), extent, usize::MAX)?;
        let text = &self.text[value.start..value.end];
        if Mask::is_mask(text) {
            return Some(value.after);
        }
        if value.bare {
            let bare = separator.is_quoted();
            if fields::is_state(text) && (!bare || matches!(text, "null" | "true" | "false")) {
                return None;
            }
            // The scheme without its field: `Bearer: …`; or a field's name as a value.
            if text.is_empty() {
                return None;
            }
            if mask == Mask::Name && separator.is(Sign::Colon) && !separator.is_quoted() {
                let end = self.capitalised(value.start, value.end);
                return self.mask_value(
                    Value {
                        end,
                        after: end,
                        ..value
                    },
                    mask,
                    separator,
                );
            }
        }
        self.mask_value(value, mask, separator)
    }

    /// The end of the words that go on a name: each after one blank and with a capital.
    pub(super) fn capitalised(&self, start: usize, end: usize) -> usize {
        let mut end = end;
        let starts_name = |at: usize| {
            self.text[at..]
                .chars()
                .next()
                .is_some_and(|character| character.is_ascii_uppercase() || !character.is_ascii())
        };
        if !starts_name(start) {
            return end;
        }
        for _ in 0..4 {
            if self.bytes.get(end) != Some(&b' ') || !starts_name(end + 1) {
                break;
            }
            let next = self.plain_end(end + 1, Extent::Token, 64);
            if next <= end + 1 || self.bytes.get(next.saturating_sub(1)) == Some(&b':') {
                break;
            }
            end = next;
        }
        end
    }

    pub(super) fn content(&mut self, separator: Separator) -> Option<usize> {
        let value = self.value(
            separator.value,
            separator.quote(),
            Extent::Prose,
            usize::MAX,
        )?;
        let text = &self.text[value.start..value.end];
        if Mask::is_mask(text) {
            return Some(value.after);
        }
        // Numbers, `null` and the like are no text.
        let scalar = value.bare
            && (text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
                || matches!(text, "null" | "true" | "false" | "None" | "none"));
        if scalar {
            return None;
        }
        if value.bare && separator.is_quoted() && !matches!(self.bytes[value.start], b'{' | b'[') {
            // A JSON scalar ends where the next member begins.
            let end = self.plain_end(value.start, Extent::Token, usize::MAX);
            let text = &self.text[value.start..end];
            if end == value.start
                || text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.')
                || fields::is_state(text)
            {
                return None;
            }
            return self.mask_value(
                Value {
                    end,
                    after: end,
                    ..value
                },
                Mask::Content,
                separator,
            );
        }
        self.mask_value(value, Mask::Content, separator)
    }

    /// A secret that a sentence names: `Bearer x`, `the key is x`; and what serde quotes of a
    /// value: `invalid type: string "x"`, `unknown variant `x``.
    pub(super) fn prose(&mut self, start: usize, end: usize) -> Option<usize> {
        let word = &self.text[start..end];
        if matches!(word, "-u" | "--user") {
            // `curl -u NAME:PASSWORD`
            let value = self.value(end + self.blanks(end), None, Extent::Token, LOOK)?;
            let text = &self.text[value.start..value.end];
            let (name, password) = text.split_once(':')?;
            let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            if name.is_empty() || password.is_empty() || number(name) && number(password) {
                return None;
            }
            self.mask(value.start, value.end, Mask::Secret);
            return Some(value.after);
        }
        if !(3..=11).contains(&word.len()) {
            return None;
        }
        let mut at = end + self.blanks(end);
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        if matches!(word, "string" | "str" | "variant" | "field" | "character") {
            if !matches!(self.bytes.get(at), Some(b'"' | b'`' | b'\\')) {
                return None;
            }
            let lead = &self.bytes[..start];
            let serde = lead.ends_with(b"invalid type: ")
                || lead.ends_with(b"invalid value: ")
                || lead.ends_with(b"invalid length: ")
                || lead.ends_with(b"unknown ");
            if !serde {
                return None;
            }
            let value = self.value(at, None, Extent::Token, usize::MAX)?;
            if Mask::is_mask(&self.text[value.start..value.end]) {
                return Some(value.after);
            }
            self.mask(value.start, value.end, Mask::Content);
            return Some(value.after);
        }
        let bearer = is("bearer");
        let basic = is("basic");
        let password = is("password") || is("passphrase") || is("passwd") || is("pwd");
        if !(bearer
            || basic
            || password
            || is("key")
            || is("token")
            || is("secret")
            || is("apikey")
            || is("credential"))
        {
            return None;
        }
        let mut states = false;
        for verb in ["is ", "was ", "of ", "value "] {
            if self.text[at..].starts_with(verb) {
                at += verb.len();
                states = true;
                break;
            }
        }
        let value = self.value(at, None, Extent::Token, LOOK)?;
        let text =
            self.text[value.start..value.end].trim_end_matches(['.', ',', ':', '!', '?', ')']);
        let bytes = text.as_bytes();
        let digit = bytes.iter().any(u8::is_ascii_digit);
        let letter = bytes.iter().any(u8::is_ascii_alphabetic);
        let secret = if bearer {
            (digit && letter && text.len() >= 6)
                || text.contains('.') && text.len() >= 8
                || text.len() >= 20
        } else if basic {
            encoded::base64(text.trim_end_matches('=')).is_some_and(|text| text.contains(':'))
        } else if password && states {
            digit && letter && text.len() >= 6 || shapes::is_random(bytes, 12)
        } else {
            let cased = bytes.iter().any(u8::is_ascii_uppercase)
                && bytes.iter().any(u8::is_ascii_lowercase);
            cased && shapes::is_random(bytes, 16) && !text.contains('/')
        };
        if !secret || text.contains("://") {
            return None;
        }
        let end = value.start + text.len();
        self.mask(value.start, end, Mask::Secret);
        *self.last_mut() = Last {
            start: value.start,
            end,
            fate: Fate::Open,
            flags: 0,
        };
        Some(end)
    }

    /// The user and password of a URL whose authority begins at a place (RFC 3986, 3.2.1).
    pub(super) fn user_info(&mut self, from: usize) -> Option<usize> {
        let stop = |byte: &u8| {
            matches!(
                byte,
                b'/' | b'?'
                    | b'#'
                    | b' '
                    | b'\t'
                    | b'\n'
                    | b'\r'
                    | b'"'
                    | b'\''
                    | b'<'
                    | b'>'
                    | b'`'
                    | b'\\'
            )
        };
        let length = self.bytes[from..]
            .iter()
            .take_while(|byte| !stop(byte))
            .count();
        let authority = &self.text[from..from + length];
        let Some(sign) = authority.rfind('@') else {
            // Cut off before the `@`: what follows the colon is no port.
            let (_, password) = authority.split_once(':')?;
            let cut = self.is_cut(from + length) && !authority.starts_with('[');
            if cut
                && password
                    .bytes()
                    .any(|byte| !byte.is_ascii_digit() && byte != b'.')
            {
                self.mask(from, from + length, Mask::Secret);
                return Some(from + length);
            }
            return None;
        };
        let info = &authority[..sign];
        if info.is_empty() || info == "git" || Mask::is_mask(info) {
            return None;
        }
        if self.json {
            self.mask_settled(from, from + sign, Mask::Secret, None);
        } else {
            self.mask(from, from + sign, Mask::Secret);
        }
        // The host is looked at as a word of its own.
        Some(from + sign + 1)
    }
}
