//! Bytes of a text file as text: UTF-8, UTF-16 where a byte order mark says so, else Windows-1252,
//! which has a letter for nearly every byte and is what old editors wrote.

use protocol::Attachment;

use crate::AttachmentError;

/// Windows-1252 from 0x80 to 0x9F (encoding.spec.whatwg.org); the rest is Latin-1.
pub(crate) const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The character of a byte in Windows-1252.
pub(crate) fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// The text of a file: line ends as `\n`, no byte order mark, no control characters. Fails on
/// bytes that are no text, and on more than one file gives.
pub(crate) fn file(bytes: &[u8]) -> Result<String, AttachmentError> {
    let text = decode(bytes)?;
    if text.len() > Attachment::MAX_TEXT_BYTES {
        return Err(AttachmentError::TooLarge);
    }
    Ok(text)
}

/// The same, however much.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, AttachmentError> {
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
        },
    };
    // Text files hold no NUL; programs, pictures and archives do.
    if text.contains('\0') {
        return Err(AttachmentError::Broken);
    }
    Ok(clean(&text))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\r' => {
                chars.next_if_eq(&'\n');
                clean.push('\n');
            }
            // A page break of a printed text.
            '\u{c}' => clean.push_str("\n\n"),
            '\n' | '\t' => clean.push(char),
            '\u{feff}' => {}
            _ if char.is_control() => {}
            _ => clean.push(char),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let utf16 = |text: &str, mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let units = text.encode_utf16().flat_map(bytes);
            mark.into_iter().chain(units).collect()
        };
        let little = utf16("Größe 🦉", [0xff, 0xfe], u16::to_le_bytes);
        let big = utf16("Größe 🦉", [0xfe, 0xff], u16::to_be_bytes);
        let table: [(&[u8], &str); 7] = [
            ("Größe 🦉".as_bytes(), "Größe 🦉"),
            (b"\xef\xbb\xbfGr\xc3\xb6\xc3\x9fe", "Größe"),
            (&little, "Größe 🦉"),
            (&big, "Größe 🦉"),
            (b"Gr\xf6\xdfe \x80 5 \x96 \x93so\x94", "Größe € 5 – “so”"),
            (b"one\r\ntwo\rthree\x0cfour\x07", "one\ntwo\nthree\n\nfour"),
            (b"", ""),
        ];
        for (bytes, text) in table {
            assert_eq!(decode(bytes).unwrap(), text);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(
            decode(b"\x7fELF\x02\x01\x00\x00"),
            Err(AttachmentError::Broken)
        );
    }
}
