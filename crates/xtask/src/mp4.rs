//! How long an MP4 plays, read from its movie header (ISO/IEC 14496-12, `moov` › `mvhd`), so that
//! the demo can say it on a machine without ffprobe. Reads headers only, never the frames.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

/// The playing time of a file; none when it is no MP4 or says nothing about it.
pub fn duration(path: &Path) -> Option<Duration> {
    let mut file = File::open(path).ok()?;
    let end = file.metadata().ok()?.len();
    let movie = find(&mut file, b"moov", 0, end).ok()??;
    let header = find(&mut file, b"mvhd", movie.0, movie.1).ok()??;
    file.seek(SeekFrom::Start(header.0)).ok()?;
    let mut fields = [0_u8; 32];
    let wanted = usize::try_from(header.1 - header.0).ok()?.min(fields.len());
    file.read_exact(&mut fields[..wanted]).ok()?;
    let (scale, length) = match fields[0] {
        0 => (number(&fields[12..16]), number(&fields[16..20])),
        1 => (number(&fields[20..24]), number(&fields[24..32])),
        _ => return None,
    };
    (scale > 0).then(|| Duration::from_secs_f64(length as f64 / scale as f64))
}

/// Where the first box of a kind has its content, between two places of the file.
fn find(file: &mut File, kind: &[u8; 4], from: u64, to: u64) -> io::Result<Option<(u64, u64)>> {
    let mut place = from;
    while place + 8 <= to {
        file.seek(SeekFrom::Start(place))?;
        let mut head = [0_u8; 8];
        file.read_exact(&mut head)?;
        let (content, end) = match number(&head[..4]) {
            0 => (place + 8, to),
            1 => {
                let mut large = [0_u8; 8];
                file.read_exact(&mut large)?;
                (place + 16, place.saturating_add(number(&large)))
            }
            size => (place + 8, place + size),
        };
        if end < content || end > to {
            return Ok(None);
        }
        if &head[4..] == kind {
            return Ok(Some((content, end)));
        }
        place = end;
    }
    Ok(None)
}

/// A big-endian number of up to eight bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len() + 8).expect("small");
        [&size.to_be_bytes()[..], kind, content].concat()
    }

    fn duration_of(bytes: &[u8]) -> Option<Duration> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("video.mp4");
        std::fs::write(&path, bytes).expect("written");
        duration(&path)
    }

    #[test]
    fn reads_both_versions_of_the_header() {
        let mut short = [0_u8; 100];
        short[12..16].copy_from_slice(&1_000_u32.to_be_bytes());
        short[16..20].copy_from_slice(&12_500_u32.to_be_bytes());
        let movie = atom(b"moov", &atom(b"mvhd", &short));
        let file = [atom(b"ftyp", b"isom"), atom(b"mdat", &[7; 300]), movie].concat();
        assert_eq!(duration_of(&file), Some(Duration::from_millis(12_500)));

        let mut long = [0_u8; 112];
        long[0] = 1;
        long[20..24].copy_from_slice(&600_u32.to_be_bytes());
        long[24..32].copy_from_slice(&6_000_u64.to_be_bytes());
        let file = atom(
            b"moov",
            &[atom(b"free", &[]), atom(b"mvhd", &long)].concat(),
        );
        assert_eq!(duration_of(&file), Some(Duration::from_secs(10)));
    }

    #[test]
    fn says_nothing_of_what_is_no_video() {
        let cut = &atom(b"moov", &atom(b"mvhd", &[0; 100]))[..40];
        let backwards = [&1_u32.to_be_bytes()[..], b"moov", &3_u64.to_be_bytes()].concat();
        for bytes in [
            &b""[..],
            b"<html>not a video</html>",
            &[0xff; 64],
            cut,
            &backwards,
        ] {
            assert_eq!(duration_of(bytes), None);
        }
    }
}
