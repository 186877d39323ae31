//! What was fetched, looked at before anybody plays it: whether it is a whole MP4 and how long it
//! plays; and what Golpo does not give, made of it: a poster, captions and chapters. Everything is
//! read with bounds, since a file from elsewhere may say anything.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use mp4_atom::{Codec, Decode as _, Moov, StszSamples, Trak};
use openh264::decoder::Decoder;
use openh264::formats::YUVSource as _;
use protocol::{Chapter, Narration, Script};
use tiny_skia::{Color, Pixmap};

use crate::local::captions::{Cue, webvtt};

/// The most bytes of a film's index.
const INDEX_BYTES: u64 = 64 * 1024 * 1024;
/// The most boxes at the top of a file.
const BOXES: usize = 10_000;
/// The most bytes of a picture as it is coded, and the most points of it.
const PICTURE_BYTES: usize = 16 * 1024 * 1024;
const PICTURE_POINTS: usize = 4096 * 4096;
/// The longest film, in milliseconds: twice what can be ordered, and some room.
const LONGEST_MS: u64 = 30 * 60 * 1000;

/// What is wrong with a film.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilmError {
    /// The file could not be read.
    #[error("the file could not be read")]
    File(#[from] std::io::Error),
    /// Not an MP4.
    #[error("it is not an MP4")]
    Container,
    /// Its boxes do not end where the file does.
    #[error("it is cut short")]
    Cut,
    /// It has no pictures, or no length, or too much of it.
    #[error("it has no length that a video of ours has")]
    Length,
}

/// A film that was looked at.
pub(super) struct Film {
    file: File,
    index: Vec<u8>,
    /// How long it plays, in milliseconds.
    pub duration_ms: u32,
}

impl Film {
    /// Looks at a file.
    pub(super) fn open(path: &Path) -> Result<Self, FilmError> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let (mut at, mut index, mut pictures) = (0, None, false);
        for number in 0.. {
            if at == length {
                break;
            }
            if number > BOXES {
                return Err(FilmError::Container);
            }
            let (kind, head, size) = header(&mut file, at, length)?;
            match &kind {
                b"moov" if size <= INDEX_BYTES => {
                    file.seek(SeekFrom::Start(at))?;
                    let mut bytes =
                        vec![0; usize::try_from(size).map_err(|_| FilmError::Container)?];
                    file.read_exact(&mut bytes)?;
                    index = Some((bytes, usize::try_from(head).unwrap_or(8)));
                }
                b"mdat" => pictures = pictures || size > head,
                _ => {}
            }
            at += size;
        }
        let (index, head) = index.ok_or(FilmError::Container)?;
        if !pictures {
            return Err(FilmError::Length);
        }
        let body = index.get(head..).unwrap_or_default();
        let duration_ms = duration(body).ok_or(FilmError::Length)?;
        Ok(Self {
            file,
            index,
            duration_ms,
        })
    }

    /// A picture of the film as PNG: one that stands on its own, from about a third of it. A plain
    /// board where the film's pictures cannot be read here.
    pub(super) fn poster(&mut self) -> Option<Vec<u8>> {
        let picture = self.picture().or_else(|| {
            let mut board = Pixmap::new(640, 360)?;
            board.fill(Color::WHITE);
            Some(board)
        });
        picture?.encode_png().ok()
    }

    fn picture(&mut self) -> Option<Pixmap> {
        let moov = Moov::decode(&mut self.index.as_slice()).ok()?;
        let (track, avcc) = moov.trak.iter().find_map(|track| {
            match track.mdia.minf.stbl.stsd.codecs.first()? {
                Codec::Avc1(entry) => Some((track, &entry.avcc)),
                _ => None,
            }
        })?;
        let samples = samples(track)?;
        let wanted = u32::try_from(samples.len() / 3).ok()?.max(1);
        let keys = track
            .mdia
            .minf
            .stbl
            .stss
            .as_ref()
            .map(|keys| keys.entries.as_slice());
        let number = match keys {
            Some(keys) => *keys.iter().min_by_key(|key| key.abs_diff(wanted))?,
            None => wanted,
        };
        let (offset, size) = *samples.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        if size > PICTURE_BYTES {
            return None;
        }
        let mut bytes = vec![0; size];
        self.file.seek(SeekFrom::Start(offset)).ok()?;
        self.file.read_exact(&mut bytes).ok()?;
        // From lengths before each unit to start codes (ISO/IEC 14496-15, 14496-10 annex B).
        let mut stream = Vec::with_capacity(size + 1024);
        let sets = avcc
            .sequence_parameter_sets
            .iter()
            .chain(&avcc.picture_parameter_sets);
        for set in sets {
            stream.extend_from_slice(&[0, 0, 0, 1]);
            stream.extend_from_slice(set);
        }
        let width = usize::from(avcc.length_size);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (length, after) = rest.split_at_checked(width)?;
            let length = length
                .iter()
                .fold(0usize, |sum, byte| (sum << 8) | usize::from(*byte));
            let (unit, after) = after.split_at_checked(length)?;
            stream.extend_from_slice(&[0, 0, 0, 1]);
            stream.extend_from_slice(unit);
            rest = after;
        }
        let mut decoder = Decoder::new().ok()?;
        let decoded = match decoder.decode(&stream).ok()? {
            Some(decoded) => decoded,
            None => decoder.flush_remaining().ok()?.into_iter().next()?,
        };
        let (width, height) = decoded.dimensions();
        if width.checked_mul(height)? > PICTURE_POINTS {
            return None;
        }
        let mut picture = Pixmap::new(u32::try_from(width).ok()?, u32::try_from(height).ok()?)?;
        decoded.write_rgba8(picture.data_mut());
        Some(picture)
    }
}

/// A box's kind, the length of its head, and all of its length.
fn header(file: &mut File, at: u64, end: u64) -> Result<([u8; 4], u64, u64), FilmError> {
    let mut head = [0; 16];
    let have = usize::try_from((end - at).min(16)).unwrap_or(16);
    if have < 8 {
        return Err(FilmError::Cut);
    }
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(head.get_mut(..have).unwrap_or_default())?;
    let [a, b, c, d, kind @ .., _, _, _, _, _, _, _, _] = head;
    if at == 0 && &kind != b"ftyp" {
        return Err(FilmError::Container);
    }
    let (head_length, size) = match u32::from_be_bytes([a, b, c, d]) {
        0 => (8, end - at),
        1 if have == 16 => {
            let [.., a, b, c, d, e, f, g, h] = head;
            (16, u64::from_be_bytes([a, b, c, d, e, f, g, h]))
        }
        1 => return Err(FilmError::Cut),
        size => (8, u64::from(size)),
    };
    if size < head_length {
        return Err(FilmError::Container);
    }
    if size > end - at {
        return Err(FilmError::Cut);
    }
    Ok((kind, head_length, size))
}

/// The length that an index tells (`mvhd`), in milliseconds.
fn duration(mut body: &[u8]) -> Option<u32> {
    loop {
        let (size, _) = body.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_be_bytes(*size)).ok()?;
        let (inner, after) = body.split_at_checked(size.max(8))?;
        if inner.get(4..8)? == b"mvhd" {
            let number = |at: usize, bytes: usize| -> Option<u64> {
                let field = inner.get(at..at + bytes)?;
                Some(
                    field
                        .iter()
                        .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
                )
            };
            let (scale, length) = match inner.get(8)? {
                0 => (number(20, 4)?, number(24, 4)?),
                _ => (number(28, 4)?, number(32, 8)?),
            };
            let ms = length.checked_mul(1000)?.checked_div(scale)?;
            return (1..=LONGEST_MS)
                .contains(&ms)
                .then(|| u32::try_from(ms).ok())?;
        }
        body = after;
    }
}

/// Where each picture lies, and how many bytes it has.
fn samples(track: &Trak) -> Option<Vec<(u64, usize)>> {
    let table = &track.mdia.minf.stbl;
    let sizes: Vec<usize> = match &table.stsz.samples {
        StszSamples::Identical { count, size } => {
            vec![usize::try_from(*size).ok()?; (*count).min(1_000_000) as usize]
        }
        StszSamples::Different { sizes } => sizes.iter().map(|size| *size as usize).collect(),
    };
    let chunks: Vec<u64> = match (&table.co64, &table.stco) {
        (Some(offsets), _) => offsets.entries.clone(),
        (None, Some(offsets)) => offsets
            .entries
            .iter()
            .map(|offset| u64::from(*offset))
            .collect(),
        (None, None) => return None,
    };
    let mut samples = Vec::with_capacity(sizes.len());
    let mut sizes = sizes.into_iter();
    let mut runs = table.stsc.entries.iter().peekable();
    let mut together = 0;
    for (number, chunk) in (1u32..).zip(chunks) {
        while let Some(run) = runs.next_if(|run| run.first_chunk <= number) {
            together = run.samples_per_chunk;
        }
        let mut offset = chunk;
        for size in sizes.by_ref().take(together as usize) {
            samples.push((offset, size));
            offset = offset.checked_add(size as u64)?;
        }
    }
    Some(samples)
}

/// Captions of what is told, each sentence for as long as it takes of the whole.
pub(super) fn captions(told: &str, duration_ms: u32) -> String {
    let sentences: Vec<String> = told.lines().flat_map(sentences).collect();
    let whole: Narration = sentences
        .iter()
        .map(|sentence| Narration::of(sentence))
        .sum();
    let mut before = Narration::default();
    let cues: Vec<Cue> = sentences
        .into_iter()
        .map(|text| {
            let start_ms = share(before, whole, duration_ms);
            before += Narration::of(&text);
            Cue {
                start_ms,
                end_ms: share(before, whole, duration_ms),
                text,
                words: Vec::new(),
            }
        })
        .collect();
    webvtt(&cues)
}

/// Chapters where sections begin, by how much is told before them.
pub(super) fn chapters(script: &Script, duration_ms: u32) -> Vec<Chapter> {
    let sections = script.sections();
    let whole: Narration = sections
        .iter()
        .map(protocol::ScriptSection::narration)
        .sum();
    let mut before = Narration::default();
    let mut chapters: Vec<Chapter> = Vec::new();
    for section in sections {
        let start_ms = share(before, whole, duration_ms);
        before += section.narration();
        let heading = section.heading.trim();
        let title = match heading {
            "" if chapters.is_empty() => script.title(),
            "" => continue,
            heading => heading,
        };
        // The first begins at 0, and two cannot begin at once.
        if chapters.last().is_none_or(|last| last.start_ms < start_ms) {
            chapters.push(Chapter {
                start_ms,
                title: title.to_owned(),
            });
        }
    }
    chapters
}

fn share(part: Narration, whole: Narration, duration_ms: u32) -> u32 {
    let (part, whole) = (part.words() as u64, whole.words().max(1) as u64);
    u32::try_from(u64::from(duration_ms) * part.min(whole) / whole).unwrap_or(duration_ms)
}

/// The sentences of a line.
fn sentences(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches("- ");
    let mut sentences = Vec::new();
    let mut from = 0;
    for (at, character) in line.char_indices() {
        let end = at + character.len_utf8();
        let rest = line.get(end..).unwrap_or_default();
        let ends = match character {
            '.' | '!' | '?' => rest.is_empty() || rest.starts_with(char::is_whitespace),
            '。' | '！' | '？' | '।' => true,
            _ => false,
        };
        if ends || rest.is_empty() {
            let sentence = line.get(from..end).unwrap_or_default().trim();
            if !sentence.is_empty() {
                sentences.push(sentence.to_owned());
            }
            from = end;
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ScriptSection;

    const FILM: &[u8] = include_bytes!("../../tests/golpo/film.mp4");

    fn open(bytes: &[u8]) -> Result<Film, FilmError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("film.mp4");
        std::fs::write(&path, bytes).unwrap();
        Film::open(&path)
    }

    #[test]
    fn a_whole_film_tells_its_length_and_shows_a_picture_of_itself() {
        let mut film = open(FILM).unwrap();
        assert_eq!(film.duration_ms, 10_000);
        let poster = Pixmap::decode_png(&film.poster().unwrap()).unwrap();
        let dark = poster
            .pixels()
            .iter()
            .filter(|point| point.red() < 128)
            .count();
        assert!(dark > 100, "a board with nothing on it: {dark}");
    }

    #[test]
    fn what_is_no_whole_film_is_told_apart() {
        for length in [0, 1, 7, 8, 20, 100, FILM.len() / 2, FILM.len() - 1] {
            assert!(open(&FILM[..length]).is_err(), "{length}");
        }
        assert!(matches!(open(&FILM[..FILM.len() - 1]), Err(FilmError::Cut)));
        assert!(matches!(
            open(b"<html><body>Sign in</body></html>"),
            Err(FilmError::Container)
        ));
        // A head and an empty body.
        let mut head = FILM
            [..usize::try_from(u32::from_be_bytes(FILM[..4].try_into().unwrap())).unwrap()]
            .to_vec();
        assert!(matches!(open(&head), Err(FilmError::Container)));
        head.extend_from_slice(&[0, 0, 0, 8]);
        head.extend_from_slice(b"mdat");
        assert!(matches!(open(&head), Err(FilmError::Container)));
    }

    #[test]
    fn nothing_in_a_film_makes_it_panic() {
        // Bytes of the index, one after another, are something else.
        let moov = FILM.windows(4).position(|four| four == b"moov").unwrap();
        let places = (moov - 4..(moov + 1200).min(FILM.len())).step_by(17);
        for at in places.chain([0, 3, 4, 7]) {
            for byte in [0, 0xff] {
                let mut bytes = FILM.to_vec();
                bytes[at] = byte;
                if let Ok(mut film) = open(&bytes) {
                    film.picture();
                }
            }
        }
    }

    #[test]
    fn captions_and_chapters_share_the_time_by_what_is_told() {
        let section = |heading: &str, text: &str| ScriptSection {
            heading: heading.into(),
            text: text.into(),
        };
        let script = Script::new(
            "Plan".into(),
            vec![
                section("", "One two three. Four five!"),
                section("Then", "Six seven eight nine."),
            ],
        )
        .unwrap();
        let chapters = chapters(&script, 10_000);
        let starts: Vec<_> = chapters
            .iter()
            .map(|chapter| (chapter.start_ms, chapter.title.as_str()))
            .collect();
        assert_eq!(starts, [(0, "Plan"), (5_000, "Then")]);
        let vtt = captions(
            "One two three. Four five!\n\nThen\n\nSix seven eight nine.",
            10_000,
        );
        assert_eq!(
            vtt,
            "WEBVTT\n\n00:00:00.000 --> 00:00:03.000\nOne two three.\n\n00:00:03.000 --> 00:00:05.000\nFour five!\n\n\
             00:00:05.000 --> 00:00:06.000\nThen\n\n00:00:06.000 --> 00:00:10.000\nSix seven eight nine.\n"
        );
    }
}
