//! Where the value of a field begins and ends: what parts it from its name, its quotation marks,
//! at any depth of JSON in JSON, and where it ends without such. Nothing here masks.

use super::{Extent, MOST_BACKSLASHES, Scan, Separator, Sign, Value};
use crate::Mask;

impl<'t> Scan<'t> {
    /// What parts the name that ends at `end` from its value.
    #[inline]
    pub(super) fn separator(&self, start: usize, end: usize) -> Option<Separator> {
        let mut at = end;
        let mut quote = None;
        // Most of what is logged is JSON, where most names and values end like this.
        if self.bytes.get(end) == Some(&b'"') {
            match self.bytes.get(end + 1) {
                Some(b':') if !matches!(self.bytes.get(end + 2), None | Some(b':' | b'=')) => {
                    let value = end + 2 + self.blanks(end + 2);
                    return Some(Separator::new(value, Some((b'"', 0)), Sign::Colon));
                }
                Some(b']' | b' ' | b'\t' | b':' | b'=' | b'>' | b',') => {}
                _ => return None,
            }
        }
        let backslashes = self.run_length(at, b'\\');
        if let Some(mark @ (b'"' | b'\'' | b'`')) = self.bytes.get(at + backslashes) {
            if self.json && *mark == b'"' && !is_depth(backslashes) {
                return None;
            }
            // At most sixteen are counted.
            quote = Some((*mark, backslashes as u8)).filter(|_| backslashes <= MOST_BACKSLASHES);
            at += backslashes + 1;
        } else if backslashes > 0 {
            return None;
        }
        if self.bytes.get(at) == Some(&b']') {
            at += 1;
        }
        let blanks = self.blanks(at);
        let sign = match self.bytes.get(at + blanks)? {
            b':' => {
                let mut after = at + blanks + 1;
                if self.bytes.get(after) == Some(&b'=') {
                    after += 1;
                } else if self.bytes.get(after) == Some(&b':') {
                    return None;
                }
                at = after;
                Sign::Colon
            }
            b'=' => {
                at += blanks + 1;
                while matches!(self.bytes.get(at), Some(b'=' | b'>' | b'~')) {
                    at += 1;
                }
                Sign::Equals
            }
            b'>' if start > 0 && self.bytes[start - 1] == b'<' && blanks == 0 => {
                at += 1;
                Sign::Tag
            }
            b',' if quote.is_some() => {
                at += blanks + 1;
                Sign::Comma
            }
            _ if blanks > 0 && quote.is_none() && self.bytes[start..].starts_with(b"--") => {
                Sign::Flag
            }
            _ => return None,
        };
        let value = at + self.blanks(at);
        match sign {
            // Only a value in quotation marks of the same kind makes a pair.
            Sign::Comma => {
                let (mark, backslashes) = quote?;
                let backslashes = usize::from(backslashes);
                (self.run_length(value, b'\\') == backslashes
                    && self.bytes.get(value + backslashes) == Some(&mark))
                .then_some(())?;
            }
            Sign::Flag => (self.bytes.get(value) != Some(&b'-')).then_some(())?,
            _ => {}
        }
        Some(Separator::new(value, quote, sign))
    }

    #[inline]
    pub(super) fn run_length(&self, at: usize, byte: u8) -> usize {
        self.bytes[at..]
            .iter()
            .take(MOST_BACKSLASHES + 1)
            .take_while(|other| **other == byte)
            .count()
    }

    /// At most `look` bytes further, between two characters.
    pub(super) fn limit(&self, from: usize, look: usize) -> usize {
        let mut limit = from.saturating_add(look).min(self.bytes.len());
        while !self.text.is_char_boundary(limit) {
            limit += 1;
        }
        limit
    }

    #[inline]
    pub(super) fn blanks(&self, at: usize) -> usize {
        self.bytes[at..]
            .iter()
            .take(8)
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count()
    }

    /// The value at a place. `None` where there is none, where it is a mask already, or where its
    /// end is farther than `look`.
    pub(super) fn value(
        &self,
        at: usize,
        name: Option<(u8, u8)>,
        extent: Extent,
        look: usize,
    ) -> Option<Value> {
        let mut at = at;
        // `Some("…")`, `HeaderValue("…")`, `b"…"`.
        for _ in 0..3 {
            let letters = self.bytes[at..]
                .iter()
                .take(24)
                .take_while(|byte| byte.is_ascii_alphanumeric())
                .count();
            match self.bytes.get(at + letters) {
                Some(b'(') if letters > 0 => at += letters + 1,
                Some(b'"') if letters == 1 => at += 1,
                _ => break,
            }
        }
        if let Some(mask) = Mask::at_start(&self.text[at..]) {
            let rest = at + mask.as_str().len();
            if self.bytes.get(rest).is_none_or(|byte| is_stop(*byte)) {
                return None;
            }
        }
        let backslashes = self.run_length(at, b'\\');
        let quote = self.bytes.get(at + backslashes).copied();
        if let Some(mark @ (b'"' | b'\'' | b'`')) = quote
            && backslashes <= MOST_BACKSLASHES
        {
            // In JSON a mark of less depth than the name's ends the string that the name is in.
            let depth = depth(name);
            let ends = backslashes < depth || !is_depth(backslashes);
            if self.json && mark == b'"' && ends {
                return None;
            }
            let start = at + backslashes + 1;
            let limit = self.limit(start, look);
            let (end, after) = match self.closing(start, limit, mark, backslashes) {
                Some(ends) => ends,
                None if limit == self.bytes.len() => (limit, limit),
                None => return None,
            };
            return Some(Value {
                start,
                end,
                after,
                bare: false,
                quoted: true,
            });
        }
        let end = match self.bytes.get(at)? {
            b'{' | b'[' => {
                let depth = depth(name);
                self.balanced(at, Some(depth).filter(|_| self.json), look)
            }
            _ => self.plain_end(at, extent, look),
        };
        (end > at).then_some(Value {
            start: at,
            end,
            after: end,
            bare: true,
            quoted: false,
        })
    }

    /// Where a string that was opened by a mark with so many backslashes ends: before the
    /// backslashes of the closing mark, and the mark. In JSON an outer string's end ends the inner one.
    pub(super) fn closing(
        &self,
        from: usize,
        limit: usize,
        mark: u8,
        backslashes: usize,
    ) -> Option<(usize, usize)> {
        let period = 2 * (backslashes + 1);
        let mut at = from;
        loop {
            let matters = |byte: &u8| *byte == mark || matches!(byte, b'"' | b'\\');
            at += self.bytes[at..limit].iter().position(matters)?;
            let run = self.bytes[at..limit]
                .iter()
                .take_while(|byte| **byte == b'\\')
                .count();
            at += run;
            let byte = *self.bytes[..limit].get(at)?;
            let outer =
                self.json && byte == b'"' && run % 2 == 0 && (mark != b'"' || backslashes > 0);
            if byte == mark && (run % period == backslashes || run < backslashes) {
                return Some((at - run.min(backslashes), at));
            }
            if outer {
                return Some((at, at));
            }
            at += 1;
        }
    }

    /// The end of the object or list that begins at a place; of the text where it has none, or of
    /// the string that it stands in.
    pub(super) fn balanced(&self, from: usize, level: Option<usize>, look: usize) -> usize {
        let mut depth = 0_usize;
        let mut string: Option<(u8, usize)> = None;
        let mut run = 0;
        let limit = self.limit(from, look);
        // The backslashes before the marks inside; the first mark tells where nobody else does.
        let mut level = level;
        for at in from..limit {
            let byte = self.bytes[at];
            if byte == b'\\' {
                run += 1;
                continue;
            }
            if byte == b'"' {
                let level = *level.get_or_insert(run);
                if self.json && level > 0 && run % 2 == 0 {
                    return at;
                }
                match string {
                    Some((_, open)) => {
                        if run < level {
                            return at - run;
                        }
                        if run % (2 * (open + 1)) == open {
                            string = None;
                        }
                    }
                    None if run < level => return at - run,
                    None => string = Some((byte, run)),
                }
            }
            run = 0;
            if string.is_some() {
                continue;
            }
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at + 1;
                    }
                }
                _ => {}
            }
        }
        limit
    }

    /// Where a value without quotation marks ends.
    pub(super) fn plain_end(&self, from: usize, extent: Extent, look: usize) -> usize {
        let limit = self.limit(from, look);
        let mut inside = false;
        let mut run = 0;
        for at in from..limit {
            let byte = self.bytes[at];
            if self.json && byte == b'"' && run % 2 == 0 {
                return at;
            }
            if byte == b'\\' {
                run += 1;
                continue;
            }
            let escape = self.json && run % 2 == 1;
            run = 0;
            match extent {
                Extent::Token => {
                    if escape && matches!(byte, b'n' | b'r' | b't' | b'"') {
                        return at - 1;
                    }
                    let ends = match byte {
                        b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>' => true,
                        b',' | b';' | b'&' => self.begins_another(at + 1),
                        b')' | b']' | b'}' => self
                            .bytes
                            .get(at + 1)
                            .is_none_or(|next| is_stop(*next) || matches!(next, b':' | b'.')),
                        _ => false,
                    };
                    if ends {
                        return at;
                    }
                }
                Extent::Line => {
                    if escape && matches!(byte, b'n' | b'r') {
                        return at - 1;
                    }
                    if matches!(byte, b'\n' | b'\r') {
                        return at;
                    }
                    if !self.json && byte == b'"' {
                        // `username="…"` is a part of the value.
                        if inside || self.bytes[at - 1] == b'=' {
                            inside = !inside;
                        } else {
                            return at;
                        }
                    }
                }
                Extent::Prose => {
                    if byte == b' ' && self.begins_assignment(at + 1) {
                        return at;
                    }
                }
            }
        }
        limit
    }

    /// Whether after a `,` or `;` something other than the rest of the value begins.
    pub(super) fn begins_another(&self, at: usize) -> bool {
        match self.bytes.get(at) {
            None => true,
            Some(byte) if is_stop(*byte) || matches!(byte, b'{' | b'[' | b'\\') => true,
            Some(_) => {
                let name = self.name_length(at);
                name > 0 && matches!(self.bytes.get(at + name), Some(b'=' | b':'))
            }
        }
    }

    pub(super) fn begins_assignment(&self, at: usize) -> bool {
        let name = self.name_length(at);
        name > 0 && self.bytes.get(at + name) == Some(&b'=')
    }

    pub(super) fn name_length(&self, at: usize) -> usize {
        self.bytes[at..]
            .iter()
            .take(32)
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            .count()
    }

    /// Whether the text was cut off at a place: at its end, before `…` or `...`, or where a field's
    /// value ends.
    pub(super) fn is_cut(&self, at: usize) -> bool {
        match self.bytes.get(at) {
            None => true,
            Some(b'"' | b'\'' | b'`') => true,
            Some(b'\\') => matches!(self.bytes.get(at + 1), Some(b'"')),
            Some(b'.') => {
                let rest = &self.bytes[at..];
                rest.starts_with(b"..")
            }
            Some(0xE2) => self.text[at..].starts_with('…'),
            Some(b'[') => self.text[at..].starts_with("[trunc"),
            Some(b'(') => self.text[at..].starts_with("(trunc"),
            Some(_) => false,
        }
    }
}

/// Whether so many backslashes stand before a mark that opens a string: 0, 1, 3, 7. Any other
/// number of them ends with such as belong to the string before.
fn is_depth(backslashes: usize) -> bool {
    (backslashes + 1).is_power_of_two()
}

/// How many backslashes the marks have at least that may stand inside the string that a name
/// stands in, or as deep as the name's own marks.
fn depth(name: Option<(u8, u8)>) -> usize {
    match name {
        Some((b'"', backslashes)) => usize::from(backslashes),
        _ => 1,
    }
}

/// Whether a value surely ends before this byte.
fn is_stop(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\n'
            | b'\r'
            | b'"'
            | b'\''
            | b'`'
            | b'&'
            | b'<'
            | b'>'
            | b','
            | b';'
            | b')'
            | b']'
            | b'}'
            | b'\\'
            | b'@'
    )
}
