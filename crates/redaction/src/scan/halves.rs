//! What was cut in two, the halves in two fields or two members of a list.

use super::{AT, Fate, Last, Scan, Sign};
use crate::Mask;
use crate::fields;
use crate::shapes;

impl<'t> Scan<'t> {
    /// Masks both halves of a secret or an identity whose first half ended the value before.
    pub(super) fn halves(&mut self, start: usize, end: usize, flags: u8) {
        let in_field = self.begins_value(start);
        if in_field {
            self.boundary_at = usize::MAX;
        }
        let first = *self.last(if in_field { 2 } else { 1 });
        // The cheap questions first: most words end here.
        let head_length = first.end.saturating_sub(first.start);
        let hex = head_length + end - start == 24 && head_length >= 4 && end - start >= 4;
        if first.fate == Fate::Clean && (first.flags | flags) & AT == 0 && !hex {
            let begins = self.bytes[first.start..first.end].first_chunk();
            if !begins.is_some_and(|[one, two]| shapes::may_begin(*one, *two)) {
                return;
            }
        }
        let second = &self.text[start..end];
        let head = self.text.get(first.start..first.end).unwrap_or_default();
        let head_signs = match first.fate {
            Fate::Clean => first.flags & AT != 0,
            _ => head.contains('@'),
        };
        let signs = flags & AT != 0 || head_signs;
        if first.fate == Fate::Masked
            || first.fate == Fate::Clean && !(signs || hex || shapes::may_be_first_half(head))
            || !in_field && (!self.is_list_gap(first.end, start) || self.is_name(start, end))
        {
            return;
        }
        if first.fate == Fate::Open && !head_signs {
            let bytes = second.as_bytes();
            let random = shapes::is_rest_of_token(bytes);
            if random {
                self.ragged = true;
                self.mask(start, end, Mask::Secret);
                *self.last_mut() = Last {
                    start,
                    end,
                    fate: Fate::Open,
                    flags: 0,
                };
            }
            return;
        }
        if first.fate == Fate::Masked
            || first.end <= first.start
            || first.end > start
            || first.end - first.start > 256
        {
            return;
        }
        if !(signs || hex || shapes::may_be_first_half(head)) {
            return;
        }
        // A JSON literal is no half of anything.
        let literal =
            |half: &str| fields::is_state(half) || half.bytes().all(|byte| byte.is_ascii_digit());
        if literal(head) || literal(second) {
            return;
        }
        let mut limit = second.len().min(256);
        while !second.is_char_boundary(limit) {
            limit -= 1;
        }
        let joined = [head, &second[..limit]].concat();
        let seam = head.len();
        let half = |bytes: &[u8]| {
            bytes.iter().any(u8::is_ascii_alphabetic) && bytes.iter().any(u8::is_ascii_digit)
        };
        let found = if hex {
            (shapes::is_account(joined.as_bytes())
                && half(head.as_bytes())
                && half(second.as_bytes()))
            .then_some((0, joined.len(), Mask::Account))
        } else if signs {
            // The sign may stand beyond what was joined.
            joined
                .find('@')
                .and_then(|at| shapes::email_at(&joined, 0, at, 1, false, None))
                .map(|found| (found.start, found.end, Mask::Email))
        } else {
            shapes::token_at(&joined, 0, |_| false).map(|found| (0, found.end, Mask::Secret))
        };
        let Some((from, to, mask)) = found else {
            return;
        };
        // Whole in one half: that half's own affair.
        if from >= seam || to <= seam {
            return;
        }
        self.ragged = true;
        let already = self.spans.last().is_some_and(|span| span.end > first.start);
        if !already {
            self.mask(first.start + from, first.end, mask);
        }
        self.mask(start, start + (to - seam), mask);
        *self.last_mut() = Last {
            start,
            end: start + (to - seam),
            fate: Fate::of(mask == Mask::Secret),
            flags: 0,
        };
    }

    /// Whether a word is a member's name: the halves are in values.
    fn is_name(&self, start: usize, end: usize) -> bool {
        self.separator(start, end)
            .is_some_and(|separator| separator.is(Sign::Colon))
    }

    /// Whether nothing but `","` stands between two words.
    pub(super) fn is_list_gap(&self, from: usize, to: usize) -> bool {
        if to <= from || to - from > 12 || from == 0 {
            return false;
        }
        let gap = &self.bytes[from..to];
        gap.len() >= 3
            && gap.contains(&b',')
            && gap
                .iter()
                .all(|byte| matches!(byte, b'"' | b'\'' | b',' | b' ' | b'\\'))
            && !matches!(gap[0], b',' | b' ')
    }
}
