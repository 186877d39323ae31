//! How long each section of a script takes to narrate. Only counts; what is said is not its matter.

use protocol::{Narration, Script};

/// The narration of one section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionTime {
    /// Words, counted as [`Narration`] says.
    pub words: u32,
    /// Seconds at 150 words a minute.
    pub seconds: u32,
}

/// The narration of each section, in order. The title is said with the first. Words and seconds are
/// rounded so that their sums are [`Script::words`] and [`Script::estimated_seconds`].
pub fn outline(script: &Script) -> Vec<SectionTime> {
    let mut so_far = Narration::of(script.title());
    let mut before = SectionTime {
        words: 0,
        seconds: 0,
    };
    script
        .sections()
        .iter()
        .map(|section| {
            so_far += section.narration();
            let now = SectionTime {
                words: u32::try_from(so_far.words()).unwrap_or(u32::MAX),
                seconds: so_far.seconds(),
            };
            let own = SectionTime {
                words: now.words - before.words,
                seconds: now.seconds - before.seconds,
            };
            before = now;
            own
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use protocol::ScriptSection;

    use super::*;

    #[test]
    fn sections_add_up_to_the_script() {
        let section = |heading: &str, text: String| ScriptSection {
            heading: heading.to_owned(),
            text,
        };
        let sections = vec![
            section("", "word ".repeat(73)),
            section("二つ目", "漢字".repeat(75)),
            section("Third", "one more.".to_owned()),
        ];
        let script = Script::new("Two words".to_owned(), sections).unwrap();
        let outline = outline(&script);
        let words: Vec<u32> = outline.iter().map(|it| it.words).collect();
        assert_eq!(words, [75, 77, 3]);
        assert_eq!(outline[0].seconds, 30);
        let seconds: u32 = outline.iter().map(|it| it.seconds).sum();
        assert_eq!(
            (words.iter().sum::<u32>() as usize, seconds),
            (script.words(), script.estimated_seconds())
        );
    }
}
