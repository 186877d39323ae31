//! WebVTT (W3C) of what is told. Text is escaped, so that nothing in a script becomes markup or
//! a cue's end.

use std::fmt::Write as _;

/// A sentence and when it is told, in milliseconds.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Cue {
    pub start_ms: u32,
    pub end_ms: u32,
    pub text: String,
    /// The words whose times are known: when, and the word's place in the text in bytes.
    pub words: Vec<(u32, usize)>,
}

// What is told is page content (P14).
impl std::fmt::Debug for Cue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Cue({} to {} ms)", self.start_ms, self.end_ms)
    }
}

/// Characters that two caption lines hold.
const CUE_CHARS: usize = 84;

/// A part of a sentence that is shown at a time.
struct Piece<'a> {
    /// Words, or parts of one that is too long, and when each comes where that is known.
    words: Vec<(Option<u32>, &'a str)>,
    chars: usize,
}

/// The file's text. A sentence longer than two lines goes on in further cues: from the time of
/// their first word where it is known, else the time is shared out by length. Where the times of
/// words are known, they stand before the words, so that a player can mark what is being said.
pub(crate) fn webvtt(cues: &[Cue]) -> String {
    let mut text = String::from("WEBVTT\n");
    for cue in cues {
        let pieces = pieces(cue);
        let all: usize = pieces.iter().map(|piece| piece.chars).sum();
        let span = u64::from(cue.end_ms.saturating_sub(cue.start_ms));
        let (mut told, mut start) = (0, cue.start_ms);
        for (at, piece) in pieces.iter().enumerate() {
            told += piece.chars;
            let shared = cue.start_ms + (span * told as u64 / all.max(1) as u64) as u32;
            let next = pieces.get(at + 1);
            let known = next.and_then(|next| next.words.first()?.0);
            let end = match next {
                Some(_) => known
                    .filter(|known| *known > start && *known < cue.end_ms)
                    .unwrap_or_else(|| shared.max(start)),
                None => cue.end_ms,
            };
            // No time, no cue: a player would never show it.
            if end > start {
                let (from, to) = (stamp(start), stamp(end));
                let _ = write!(text, "\n{from} --> {to}\n{}\n", line(piece, start, end));
            }
            start = end.max(start);
        }
    }
    text
}

/// A cue's one line. The times in it rise and lie within the cue, as WebVTT wants it.
fn line(piece: &Piece<'_>, start: u32, end: u32) -> String {
    let mut line = String::new();
    let mut last = start;
    for (at, (time, word)) in piece.words.iter().enumerate() {
        if at > 0 {
            line.push(' ');
        }
        if let Some(time) = time.filter(|time| at > 0 && *time > last && *time < end) {
            let _ = write!(line, "<{}>", stamp(time));
            last = time;
        }
        for letter in word.chars() {
            match letter {
                '&' => line.push_str("&amp;"),
                '<' => line.push_str("&lt;"),
                '>' => line.push_str("&gt;"),
                other => line.push(other),
            }
        }
    }
    line
}

fn pieces(cue: &Cue) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut times = cue.words.iter().peekable();
    for word in cue.text.split_whitespace() {
        let begin = word.as_ptr() as usize - cue.text.as_ptr() as usize;
        let end = begin + word.len();
        // A word is timed by the first of its sounds; an earlier one belongs to nothing shown.
        while times.next_if(|(_, at)| *at < begin).is_some() {}
        let time = times.next_if(|(_, at)| *at < end).map(|(ms, _)| *ms);
        while times.next_if(|(_, at)| *at < end).is_some() {}
        let mut rest = word;
        let mut time = time;
        while !rest.is_empty() {
            let cut = rest
                .char_indices()
                .nth(CUE_CHARS)
                .map_or(rest.len(), |(byte, _)| byte);
            let (part, after) = rest.split_at(cut);
            let chars = part.chars().count();
            match pieces.last_mut() {
                Some(piece) if piece.chars + 1 + chars <= CUE_CHARS => {
                    piece.words.push((time, part));
                    piece.chars += 1 + chars;
                }
                _ => pieces.push(Piece {
                    words: vec![(time, part)],
                    chars,
                }),
            }
            (rest, time) = (after, None);
        }
    }
    pieces
}

/// What is told, to be read: each chapter's beginning and title, and its sentences as a paragraph.
/// A sentence that is the title itself is not said twice.
pub(super) fn transcript(chapters: &[protocol::Chapter], cues: &[Cue]) -> String {
    let mut text = String::new();
    let mut chapters = chapters.iter().peekable();
    let mut title = "";
    for cue in cues {
        while let Some(chapter) = chapters.next_if(|chapter| chapter.start_ms <= cue.start_ms) {
            let parted = match text.is_empty() {
                true => "",
                false if text.ends_with('\n') => "\n",
                false => "\n\n",
            };
            let when = chapter.start_ms / 1_000;
            let _ = writeln!(
                text,
                "{parted}[{:02}:{:02}] {}",
                when / 60,
                when % 60,
                chapter.title
            );
            title = &chapter.title;
        }
        if cue.text != title {
            let parted = if text.is_empty() || text.ends_with('\n') {
                ""
            } else {
                " "
            };
            let _ = write!(text, "{parted}{}", cue.text);
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn stamp(ms: u32) -> String {
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    format!(
        "{:02}:{:02}:{:02}.{ms:03}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start_ms: u32, end_ms: u32, text: &str, words: &[(u32, usize)]) -> Cue {
        Cue {
            start_ms,
            end_ms,
            text: text.to_owned(),
            words: words.to_vec(),
        }
    }

    #[test]
    fn cues_are_escaped_and_in_order() {
        let text = webvtt(&[
            cue(0, 1_500, "a <b> --> & c", &[]),
            cue(1_500, 1_600, " ", &[]),
            cue(3_600_000, 3_661_001, "next", &[]),
        ]);
        assert_eq!(
            text,
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\na &lt;b&gt; --&gt; &amp; c\n\n01:00:00.000 --> 01:01:01.001\nnext\n"
        );
    }

    #[test]
    fn long_sentences_share_their_time() {
        let text = webvtt(&[cue(0, 10_000, &"word ".repeat(40), &[])]);
        let stamps: Vec<_> = text.lines().filter(|line| line.contains("-->")).collect();
        assert_eq!(stamps.len(), 3);
        assert!(stamps[0].starts_with("00:00:00.000") && stamps[2].ends_with("00:00:10.000"));
        assert!(text.lines().all(|line| line.chars().count() <= CUE_CHARS));
    }

    #[test]
    fn words_of_known_times_are_marked_and_begin_cues() {
        // "Größe" has two letters of two bytes; the second time is inside it and says nothing; the
        // fourth word has none; the last would end after the cue.
        let words = [(1_010, 0), (1_200, 3), (1_400, 8), (1_700, 12), (9_000, 24)];
        let text = webvtt(&[cue(1_000, 3_000, "Größe ist a<b, sagt man.", &words)]);
        assert_eq!(
            text.lines().last(),
            Some("Größe <00:00:01.400>ist <00:00:01.700>a&lt;b, sagt man.")
        );

        let long = "word ".repeat(40);
        let words: Vec<_> = (0..40).map(|at| (at * 100 + 7, at as usize * 5)).collect();
        let text = webvtt(&[cue(0, 10_000, &long, &words)]);
        let stamps: Vec<_> = text.lines().filter(|line| line.contains("-->")).collect();
        assert_eq!(
            stamps,
            [
                "00:00:00.000 --> 00:00:01.707",
                "00:00:01.707 --> 00:00:03.407",
                "00:00:03.407 --> 00:00:10.000"
            ]
        );
    }

    #[test]
    fn a_transcript_has_chapters_and_paragraphs() {
        let chapter = |start_ms, title: &str| protocol::Chapter {
            start_ms,
            title: title.to_owned(),
        };
        let text = transcript(
            &[chapter(0, "A plan"), chapter(65_000, "First")],
            &[
                cue(300, 900, "A plan", &[]),
                cue(65_300, 66_000, "First", &[]),
                cue(66_200, 68_000, "One.", &[]),
                cue(68_200, 70_000, "Two <b>.", &[]),
            ],
        );
        assert_eq!(text, "[00:00] A plan\n\n[01:05] First\nOne. Two <b>.\n");
    }
}
