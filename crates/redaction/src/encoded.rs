//! Undoes what a value is wrapped in: percent-encoding (RFC 3986), base64 and base64url
//! (RFC 4648, padded or not, cut off anywhere), JSON's `\u` escapes. It only decodes what comes out
//! as text; pictures, hashes and keys stay what they are.

/// Undoes percent-encoding. `None` where there is none to undo, or where the result is no text.
pub(crate) fn percent(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut position = 0;
    let mut found = false;
    while position < bytes.len() {
        let byte = bytes[position];
        if byte == b'%'
            && let (Some(high), Some(low)) = (
                bytes.get(position + 1).and_then(|byte| hex(*byte)),
                bytes.get(position + 2).and_then(|byte| hex(*byte)),
            )
        {
            decoded.push(high << 4 | low);
            position += 3;
            found = true;
        } else {
            decoded.push(byte);
            position += 1;
        }
    }
    found.then(|| text_of(decoded)).flatten()
}

/// How many bytes encode the first `plain` bytes of what [`percent`] gives.
pub(crate) fn percent_length(bytes: &[u8], plain: usize) -> usize {
    let mut length = 0;
    for _ in 0..plain {
        let escape = bytes.get(length) == Some(&b'%')
            && bytes.get(length + 1).copied().and_then(hex).is_some()
            && bytes.get(length + 2).copied().and_then(hex).is_some();
        length += if escape { 3 } else { 1 };
    }
    length.min(bytes.len())
}

/// Undoes `\uXXXX`. `None` where there is none to undo.
pub(crate) fn unicode(text: &str) -> Option<String> {
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut found = false;
    while let Some(character) = rest.chars().next() {
        if let Some((unit, length)) = unicode_escape(rest.as_bytes()) {
            units.push(unit);
            rest = &rest[length..];
            found = true;
        } else {
            units.extend(character.encode_utf16(&mut [0; 2]).iter());
            rest = &rest[character.len_utf8()..];
        }
    }
    found.then(|| String::from_utf16_lossy(&units))
}

/// The code unit of an escape at the start of the text, and its length. JSON in JSON has more than
/// one backslash.
pub(crate) fn unicode_escape(bytes: &[u8]) -> Option<(u16, usize)> {
    let backslashes = bytes
        .iter()
        .take(16)
        .take_while(|byte| **byte == b'\\')
        .count();
    let digits = bytes.get(backslashes + 1..backslashes + 5)?;
    if backslashes == 0 || bytes[backslashes] != b'u' {
        return None;
    }
    let unit = digits.iter().try_fold(0_u16, |unit, byte| {
        hex(*byte).map(|digit| unit << 4 | u16::from(digit))
    })?;
    Some((unit, backslashes + 5))
}

/// Characters of base64 whose bytes are looked at before the rest is decoded: most words end here.
const SAMPLE: usize = 12;

/// Undoes base64 or base64url; what is left over of the last four characters is dropped.
pub(crate) fn base64(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() < SAMPLE || !might_be_text(&bytes[..SAMPLE]) {
        return None;
    }
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3 + 2);
    for group in bytes.chunks(4) {
        let before = decoded.len();
        decode(group, &mut decoded)?;
        // What is no text shows soon.
        if decoded[before..].iter().any(is_control) {
            return None;
        }
    }
    text_of(decoded)
}

/// The text that a base64 text begins with, as far as it is text.
pub(crate) fn base64_start(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    for group in text.as_bytes().chunks(4) {
        decode(group, &mut decoded)?;
    }
    let clean = decoded
        .iter()
        .position(|byte| !(b' '..127).contains(byte))
        .unwrap_or(decoded.len());
    decoded.truncate(clean);
    String::from_utf8(decoded).ok()
}

/// Whether the first nine bytes are ones that text has, the first of them one that a character
/// begins with; whether all are UTF-8 shows later.
fn might_be_text(sample: &[u8]) -> bool {
    for (index, group) in sample.chunks_exact(4).enumerate() {
        let mut bits = 0_u32;
        for byte in group {
            let value = SEXTETS[usize::from(*byte)];
            if value > 63 {
                return false;
            }
            bits = bits << 6 | u32::from(value);
        }
        let [_, bytes @ ..] = bits.to_be_bytes();
        if bytes.iter().any(is_control)
            || index == 0
                && std::str::from_utf8(&bytes).is_err_and(|error| error.error_len().is_some())
        {
            return false;
        }
    }
    true
}

/// Decodes up to four characters into up to three bytes.
fn decode(group: &[u8], into: &mut Vec<u8>) -> Option<()> {
    let mut bits = 0_u32;
    for byte in group {
        bits = bits << 6 | sextet(*byte)?;
    }
    let whole = group.len() * 6 / 8;
    // The bits beyond the last whole byte are dropped.
    bits >>= group.len() * 6 - whole * 8;
    into.extend(&bits.to_be_bytes()[4 - whole..]);
    Some(())
}

/// What each character stands for in base64 or base64url; 255 for one that is in neither.
const SEXTETS: [u8; 256] = sextets();

const fn sextets() -> [u8; 256] {
    let mut sextets = [255; 256];
    let mut byte = 0;
    while byte < 128 {
        sextets[byte as usize] = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => 255,
        };
        byte += 1;
    }
    sextets
}

fn sextet(byte: u8) -> Option<u32> {
    let value = SEXTETS[usize::from(byte)];
    (value < 64).then_some(u32::from(value))
}

/// The bytes as text, if they are: UTF-8 but for a character cut off at the end, without control
/// characters other than white space.
fn text_of(mut bytes: Vec<u8>) -> Option<String> {
    if bytes.iter().any(is_control) {
        return None;
    }
    if let Err(error) = std::str::from_utf8(&bytes) {
        if error.error_len().is_some() {
            return None;
        }
        bytes.truncate(error.valid_up_to());
    }
    String::from_utf8(bytes).ok()
}

fn is_control(byte: &u8) -> bool {
    (*byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) || *byte == 127
}

fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_text_and_nothing_else() {
        assert_eq!(
            percent("mira%40example.com").as_deref(),
            Some("mira@example.com")
        );
        assert_eq!(percent("100%").as_deref(), None);
        assert_eq!(percent("a%4").as_deref(), None);
        assert_eq!(percent("%00a").as_deref(), None);
        assert_eq!(unicode(r"mira\u0040ex").as_deref(), Some("mira@ex"));
        assert_eq!(unicode(r"\ud83d\ude00").as_deref(), Some("😀"));
        assert_eq!(unicode(r"\u00").as_deref(), None);
        // "mira@example.com", whole and cut off.
        assert_eq!(
            base64("bWlyYUBleGFtcGxlLmNvbQ").as_deref(),
            Some("mira@example.com")
        );
        assert_eq!(base64("bWlyYUBleGFtcG").as_deref(), Some("mira@examp"));
        // The beginning of a PNG.
        assert_eq!(base64("iVBORw0KGgoAAAANSUhEUg").as_deref(), None);
        assert_eq!(base64("short").as_deref(), None);
    }
}
