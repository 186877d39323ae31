//! WebVTT (W3C) of what is told. Text is escaped, so that nothing in a script becomes markup or
//! a cue's end.

use std::fmt::Write as _;

/// A sentence and when it is told, in milliseconds.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Cue {
    pub start_ms: u32,
    pub end_ms: u32,
    pub text: String,
}

// What is told is page content (P14).
impl std::fmt::Debug for Cue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Cue({} to {} ms)", self.start_ms, self.end_ms)
    }
}

/// Characters that two caption lines hold.
const CUE_CHARS: usize = 84;

/// The file's text. A sentence longer than two lines goes on in further cues, its time shared out
/// by length.
pub(super) fn webvtt(cues: &[Cue]) -> String {
    let mut text = String::from("WEBVTT\n");
    for cue in cues {
        let pieces = pieces(&cue.text);
        let all: usize = pieces.iter().map(|piece| piece.chars().count()).sum();
        let span = u64::from(cue.end_ms.saturating_sub(cue.start_ms));
        let (mut told, mut start) = (0, cue.start_ms);
        for piece in pieces {
            told += piece.chars().count();
            let end = cue.start_ms + (span * told as u64 / all.max(1) as u64) as u32;
            let line = piece
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            let _ = write!(text, "\n{} --> {}\n{line}\n", stamp(start), stamp(end));
            start = end;
        }
    }
    text
}

fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for word in letters.chunks(CUE_CHARS) {
            let full = pieces.last().is_some_and(|piece| {
                !piece.is_empty() && piece.chars().count() + 1 + word.len() > CUE_CHARS
            });
            if full {
                pieces.push(String::new());
            }
            if let Some(piece) = pieces.last_mut() {
                if !piece.is_empty() {
                    piece.push(' ');
                }
                piece.extend(word);
            }
        }
    }
    pieces
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

    #[test]
    fn cues_are_escaped_and_in_order() {
        let cue = |start_ms, end_ms, text: &str| Cue {
            start_ms,
            end_ms,
            text: text.to_owned(),
        };
        let text = webvtt(&[
            cue(0, 1_500, "a <b> --> & c"),
            cue(3_600_000, 3_661_001, "next"),
        ]);
        assert_eq!(
            text,
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\na &lt;b&gt; --&gt; &amp; c\n\n01:00:00.000 --> 01:01:01.001\nnext\n"
        );
    }

    #[test]
    fn long_sentences_share_their_time() {
        let text = webvtt(&[Cue {
            start_ms: 0,
            end_ms: 10_000,
            text: "word ".repeat(40),
        }]);
        let stamps: Vec<_> = text.lines().filter(|line| line.contains("-->")).collect();
        assert_eq!(stamps.len(), 3);
        assert!(stamps[0].starts_with("00:00:00.000") && stamps[2].ends_with("00:00:10.000"));
        assert!(text.lines().all(|line| line.chars().count() <= CUE_CHARS));
    }
}
