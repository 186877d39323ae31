//! What is looked at before the file is opened: whether it is a PDF at all, whether it is
//! encrypted, and whether the streams that the reader unpacks by itself, cross references and
//! object streams, stay within the budget. The reader knows no limit of its own.

use miniz_oxide::{
    DataFormat, MZFlush, MZStatus,
    inflate::stream::{InflateState, inflate},
};

use crate::{AttachmentError, budget::Budget};

/// Where the header must begin (readers allow as many bytes before it).
const HEADER_WITHIN: usize = 1_024;
/// How much of what stands before a stream is taken for its dictionary.
const DICTIONARY: usize = 2_048;

/// How deep arrays and dictionaries may lie in one another. The reader has a limit too, but tries
/// anew from each place within it.
const MAX_NESTING: usize = 128;
/// What a stream costs beside its bytes.
const STREAM: usize = 1_024;

/// Fails where the file should not be opened.
pub(super) fn check(bytes: &[u8]) -> Result<(), AttachmentError> {
    let start = &bytes[..bytes.len().min(HEADER_WITHIN)];
    find(start, b"%PDF-").ok_or(AttachmentError::Broken)?;
    if is_encrypted(bytes) {
        return Err(AttachmentError::Encrypted);
    }
    let mut budget = Budget::new();
    let mut rest = 0;
    // Once there is no end, there is none further on, and looking for one costs the rest's length.
    let mut ends = true;
    while let Some(found) = find(&bytes[rest..], b"stream") {
        let keyword = rest + found;
        let objects = &bytes[rest..keyword];
        check_nesting(objects)?;
        rest = keyword + b"stream".len();
        let data = match bytes.get(rest..) {
            Some([b'\r', b'\n', data @ ..] | [b'\n' | b'\r', data @ ..]) => data,
            _ => continue,
        };
        budget.pay(STREAM)?;
        let before = &objects[objects.len().saturating_sub(DICTIONARY)..];
        let dictionary = &before[rfind(before, b" obj").unwrap_or(0)..];
        // Pictures are never unpacked.
        if find(dictionary, b"/Image").is_none() {
            if count(dictionary, b"/Fl") > 1 {
                return Err(AttachmentError::TooLarge);
            }
            let holds_objects = find(dictionary, b"/ObjStm").is_some();
            rest += measure(data, holds_objects, &mut budget)?;
        }
        // Bytes that are no objects are not looked at; without an end, the rest is.
        if ends {
            let end = find(&bytes[rest..], b"endstream");
            ends = end.is_some();
            rest += end.map_or(0, |end| end + b"endstream".len());
        }
    }
    check_nesting(&bytes[rest..])
}

/// Fails on arrays and dictionaries that lie too deep in one another.
fn check_nesting(objects: &[u8]) -> Result<(), AttachmentError> {
    let mut depth = 0_usize;
    let mut rest = objects;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            b'<' if rest.first() == Some(&b'<') => {
                depth += 1;
                rest = &rest[1..];
            }
            b'>' if rest.first() == Some(&b'>') => {
                depth = depth.saturating_sub(1);
                rest = &rest[1..];
            }
            // Brackets in texts are not paired; an object's end puts that right.
            b'e' if rest.starts_with(b"ndobj") => depth = 0,
            _ => {}
        }
        if depth > MAX_NESTING {
            return Err(AttachmentError::Broken);
        }
    }
    Ok(())
}

/// A password may not be needed to open an encrypted file, but its author did not want its text
/// to be taken out.
fn is_encrypted(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(found) = find(rest, b"/Encrypt") {
        rest = &rest[found + b"/Encrypt".len()..];
        let mut value = rest.iter().skip_while(|byte| byte.is_ascii_whitespace());
        if value
            .next()
            .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'<')
        {
            return true;
        }
    }
    false
}

/// Pays for what a zlib stream would be; gives how many bytes it has. Unpacks into one small buffer.
fn measure(
    data: &[u8],
    holds_objects: bool,
    budget: &mut Budget,
) -> Result<usize, AttachmentError> {
    let [first, second, ..] = data else {
        return Ok(0);
    };
    let header = u16::from_be_bytes([*first, *second]);
    if first & 0x0f != 8 || header % 31 != 0 {
        return Ok(0);
    }
    let mut state = InflateState::new_boxed(DataFormat::Zlib);
    let mut window = vec![0; 32 * 1024];
    let mut read = 0;
    loop {
        let result = inflate(&mut state, &data[read..], &mut window, MZFlush::None);
        read += result.bytes_consumed;
        // Blocks of nothing cost as well.
        budget.pay(result.bytes_consumed + result.bytes_written)?;
        if holds_objects {
            check_nesting(&window[..result.bytes_written])?;
        }
        let is_over = result.bytes_consumed + result.bytes_written == 0;
        if is_over || result.status != Ok(MZStatus::Ok) {
            return Ok(read);
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|it| it == wanted)
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|it| it == wanted)
}

fn count(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes
        .windows(wanted.len())
        .filter(|it| it == &wanted)
        .count()
}
