//! What a word is by itself, also percent- or base64-encoded.

use super::{
    ALPHANUMERIC, AT, CLASS, DASH, DEEPEST, DIGIT, Fate, LOWER, Last, MARK, PERCENT, Scan, UPPER,
};
use crate::Mask;
use crate::encoded;
use crate::shapes::{self, Found};

/// No token and no part of an account id is shorter, cut off or not.
const SHORTEST: usize = 6;

impl<'t> Scan<'t> {
    /// A PEM private key (RFC 7468): to its end, or to the end of the string that it stands in.
    pub(super) fn private_key(&mut self, start: usize) -> Option<usize> {
        let label_start = start + "-----BEGIN".len();
        let label = self.bytes[label_start..]
            .iter()
            .take(48)
            .take_while(|byte| byte.is_ascii_uppercase() || **byte == b' ')
            .count();
        if !self.text[label_start..label_start + label].contains("PRIVATE KEY") {
            return None;
        }
        let body = label_start + label;
        let closing = self.bytes[body..]
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'<'))
            .map_or(self.bytes.len(), |length| body + length);
        let within = &self.text[body..closing];
        let whole = within.find("-----END").map(|end| {
            let label = body + end + "-----END".len();
            self.text[label..closing]
                .find("-----")
                .map_or(closing, |tail| label + tail + 5)
        });
        // A backslash before the closing mark belongs to the mark.
        let end = whole.unwrap_or_else(|| body + within.trim_end_matches('\\').len());
        self.mask(start, end, Mask::PrivateKey);
        *self.last_mut() = Last {
            start,
            end,
            fate: Fate::of(whole.is_none()),
            flags: 0,
        };
        Some(end)
    }

    /// Masks what the word holds by its shape.
    pub(super) fn shapes(&mut self, start: usize, end: usize, flags: u8) {
        let bytes = self.bytes;
        // Most words are too short for anything; most of what has digits is a number or a UUID, which are
        // nothing but behind a number and a colon, as in an account id.
        let short = end - start < SHORTEST
            && flags & (AT | PERCENT) == 0
            // A token goes on behind it.
            && bytes.get(end) != Some(&b'=');
        let number = flags & !(DIGIT | MARK | DASH) == 0 && end - start < 24;
        if short || number || end - start == 36 && shapes::is_uuid(&bytes[start..end]) {
            let behind_number =
                start >= 2 && bytes[start - 1] == b':' && bytes[start - 2].is_ascii_digit();
            if !behind_number {
                return;
            }
        }
        let before = self.spans.len();
        if flags & (AT | PERCENT) != 0 {
            self.emails(start, end);
            if self.spans.len() > before {
                return;
            }
        }
        let is_alphanumeric = |at: usize| CLASS[usize::from(bytes[at])] & ALPHANUMERIC != 0;
        let mut at = start;
        while at < end {
            // Behind a token that was found, a run may go on.
            if !is_alphanumeric(at) || at > start && is_alphanumeric(at - 1) {
                at += 1;
                continue;
            }
            if at + 1 < end
                && shapes::may_begin(bytes[at], bytes[at + 1])
                && let Some(found) = shapes::token_at(self.text, at, |at| self.is_cut(at))
            {
                self.found(found);
                if found.end >= end {
                    return;
                }
                at = found.end;
                continue;
            }
            let mut run_end = at + 1;
            while run_end < end && is_alphanumeric(run_end) {
                run_end += 1;
            }
            if flags & DIGIT != 0 {
                self.run_of(at, run_end - at, end);
            }
            at = run_end;
        }
        if self.spans.len() > before {
            return;
        }
        if flags & PERCENT != 0 && self.percent(start, end) {
            return;
        }
        if end - start >= 12
            && (flags & UPPER != 0 || flags & DIGIT != 0)
            && flags & (UPPER | LOWER) != 0
        {
            self.base64(start, end);
        }
    }

    /// Looks into a percent-encoded word and masks the encoded form of what is found there.
    pub(super) fn percent(&mut self, start: usize, end: usize) -> bool {
        if self.depth >= DEEPEST {
            return false;
        }
        let Some(decoded) = encoded::percent(&self.text[start..end]) else {
            return false;
        };
        let spans = Scan::run(&decoded, self.names, self.depth + 1).spans;
        let (mut at, mut plain) = (start, 0);
        for span in &spans {
            at += encoded::percent_length(&self.bytes[at..end], span.start - plain);
            let length = encoded::percent_length(&self.bytes[at..end], span.end - span.start);
            self.mask(at, at + length, span.mask);
            at += length;
            plain = span.end;
        }
        !spans.is_empty()
    }

    pub(super) fn found(&mut self, found: Found) {
        self.mask(found.start, found.end, found.mask);
        *self.last_mut() = Last {
            start: found.start,
            end: found.end,
            fate: Fate::of(found.open),
            flags: 0,
        };
    }

    /// Letters and digits in a row that may be an account id or a token without a prefix.
    pub(super) fn run_of(&mut self, at: usize, run: usize, end: usize) {
        let bytes = self.bytes;
        let word = &bytes[at..at + run];
        if shapes::is_account(word) {
            self.mask(at, at + run, Mask::Account);
        } else if shapes::is_azure_devops(word) {
            self.mask(at, at + run, Mask::Secret);
        } else if run >= 5
            && word[4] == b'Q'
            && word[3].is_ascii_digit()
            && bytes.get(at + 5) == Some(&b'~')
            && end - at >= 20
        {
            // A client secret of Azure: `abc8Q~…`.
            self.mask(at, end, Mask::Secret);
        } else if at > 0 && (bytes[at - 1] == b':' || bytes[at - 1] == b'A') {
            self.after_number(at, run, end);
        }
    }

    /// What follows `NUMBER:`, an account id's UUID or a bot token of Telegram.
    pub(super) fn after_number(&mut self, at: usize, run: usize, end: usize) {
        let bytes = self.bytes;
        let encoded = at >= 3 && bytes[at - 3..at].eq_ignore_ascii_case(b"%3a");
        let colon = if encoded { at - 3 } else { at - 1 };
        if !encoded && bytes[at - 1] != b':' {
            return;
        }
        let digits = bytes[..colon]
            .iter()
            .rev()
            .take(13)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let lone = bytes[..colon - digits]
            .last()
            .is_none_or(|byte| !byte.is_ascii_alphanumeric())
            || bytes[..colon - digits].ends_with(b"bot");
        if !lone {
            return;
        }
        if (5..=8).contains(&digits)
            && let Some(length) = shapes::account_uuid(&bytes[at..], self.is_cut(end))
        {
            self.mask(colon - digits, at + length, Mask::Account);
        } else if (8..=11).contains(&digits) && run >= 20 && bytes[at..].starts_with(b"AA") {
            self.mask(colon - digits, end, Mask::Secret);
        }
    }

    pub(super) fn emails(&mut self, start: usize, end: usize) {
        let word = &self.text[start..end];
        let bytes = word.as_bytes();
        let mut from = 0;
        let mut at = 0;
        while at < bytes.len() {
            let sign = match bytes[at] {
                b'@' => 1,
                b'%' if bytes[at..].starts_with(b"%40") => 3,
                _ => {
                    at += 1;
                    continue;
                }
            };
            let cut = self.is_cut(end);
            let next = self.bytes.get(end).copied();
            if let Some(found) = shapes::email_at(word, from, at, sign, cut, next) {
                from = found.end;
                at = found.end;
                self.found(Found {
                    start: start + found.start,
                    end: start + found.end,
                    ..found
                });
            } else {
                at += sign;
                from = at;
            }
        }
    }

    /// Looks into what may be base64: each stretch of its characters, whole and from each `/` on.
    pub(super) fn base64(&mut self, start: usize, end: usize) {
        let alphabet =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        let mut at = start;
        while at < end {
            let length = self.bytes[at..end]
                .iter()
                .take_while(|byte| alphabet(**byte))
                .count();
            if length >= 12 && !shapes::is_uuid(&self.bytes[at..at + length]) {
                let run = &self.text[at..at + length];
                if let Some(mask) = encoded::base64(run).and_then(|text| self.inside(&text)) {
                    self.base64_found(at, at + length, mask);
                } else {
                    let mut part_start = at;
                    for part in run.split('/') {
                        let part_end = part_start + part.len();
                        if part.len() >= 12
                            && part.len() < length
                            && let Some(mask) =
                                encoded::base64(part).and_then(|text| self.inside(&text))
                        {
                            self.base64_found(part_start, part_end, mask);
                        }
                        part_start = part_end + 1;
                    }
                }
            }
            at += length.max(1);
        }
    }

    pub(super) fn base64_found(&mut self, start: usize, end: usize, mask: Mask) {
        let padding = self.bytes[end..]
            .iter()
            .take(2)
            .take_while(|byte| **byte == b'=')
            .count();
        self.mask(start, end + padding, mask);
        *self.last_mut() = Last {
            start,
            end: end + padding,
            fate: Fate::Open,
            flags: 0,
        };
    }
}
