//! Brings a script to the length that was chosen, and says what that leaves out. What is cut is
//! decided in `content`; here the removals and the headings follow.

use protocol::{LeftOut, Length, Removal, Script, ScriptSection};

/// A script within its length.
pub(crate) struct Shortened {
    pub script: Script,
    /// What was removed of the sections that are left, by their new index.
    pub removals: Vec<Removal>,
    pub left_out: Vec<LeftOut>,
}

/// Cuts a script to a length.
pub(crate) fn shorten(whole: Script, removals: Vec<Removal>, length: Length) -> Shortened {
    let Some(seconds) = length.seconds() else {
        return Shortened {
            script: whole,
            removals,
            left_out: Vec::new(),
        };
    };
    let (script, cut) = content::cut(&whole, seconds);
    let mut kept = (0_u32..).zip(script.sections()).peekable();
    let mut left_out = Vec::new();
    let mut places = Vec::with_capacity(whole.sections().len());
    for (index, section) in (0_u32..).zip(whole.sections()) {
        let is_cut = cut.contains(&index);
        let place = kept
            .next_if(|(_, kept)| !is_cut || is_rest_of(kept, section))
            .map(|(place, _)| place);
        if is_cut {
            left_out.push(LeftOut {
                heading: section.heading.clone(),
                section: place,
            });
        }
        places.push(place);
    }
    let removals = removals
        .into_iter()
        .filter_map(|removal| match removal.section {
            None => Some(removal),
            Some(section) => {
                let place = places.get(section as usize).copied().flatten()?;
                Some(Removal {
                    section: Some(place),
                    ..removal
                })
            }
        })
        .collect();
    Shortened {
        script,
        removals,
        left_out,
    }
}

/// Whether a section is what was left of another: a cut keeps the heading and the first sentence.
fn is_rest_of(rest: &ScriptSection, whole: &ScriptSection) -> bool {
    const TELLING_CHARS: usize = 12;
    let beginning = |text: &str| {
        text.trim_start()
            .chars()
            .take(TELLING_CHARS)
            .collect::<String>()
    };
    rest.heading == whole.heading && beginning(&whole.text).starts_with(&beginning(&rest.text))
}

#[cfg(test)]
mod tests {
    use protocol::{Place, RemovalKind};

    use super::*;

    fn section(heading: &str, text: &str) -> ScriptSection {
        ScriptSection {
            heading: heading.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn removals_follow_their_sections_and_what_is_left_out_is_named() {
        let words = |start: &str| format!("{start} opens it. {}", "More words follow. ".repeat(12));
        let whole = Script::new(
            "Title".to_owned(),
            vec![
                section("Opening", &words("One")),
                section("Short", "Gone."),
                section("Long", &words("Two")),
            ],
        );
        let removal = |section| Removal {
            kind: RemovalKind::Mention,
            place: Place::Prose,
            section,
            count: 1,
        };
        let removals = vec![
            removal(None),
            removal(Some(0)),
            removal(Some(1)),
            removal(Some(2)),
        ];
        // 12 words: both long sections keep heading and first sentence, the short one must go.
        let whole = whole.unwrap();
        let (script, _) = content::cut(&whole, 30);
        let shortened = shorten(whole, removals, Length::Seconds30);
        assert_eq!(shortened.script, script);
        let headings: Vec<&str> = script
            .sections()
            .iter()
            .map(|it| it.heading.as_str())
            .collect();
        for removal in shortened.removals.iter().filter_map(|it| it.section) {
            assert!((removal as usize) < headings.len());
        }
        for left_out in &shortened.left_out {
            match left_out.section {
                Some(section) => assert_eq!(headings[section as usize], left_out.heading),
                None => assert!(!headings.contains(&left_out.heading.as_str())),
            }
        }
        assert!(!shortened.left_out.is_empty());
    }

    #[test]
    fn a_script_without_a_limit_stays_as_it_is() {
        let script = Script::new("Title".to_owned(), vec![section("", "Text.")]).unwrap();
        let shortened = shorten(script.clone(), Vec::new(), Length::Auto);
        assert_eq!(shortened.script, script);
        assert!(shortened.left_out.is_empty());
    }
}
