use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn section(heading: &str, text: &str) -> ScriptSection {
    ScriptSection {
        heading: heading.to_owned(),
        text: text.to_owned(),
    }
}

fn script(sections: Vec<ScriptSection>) -> Script {
    Script::new("Title".to_owned(), sections).unwrap()
}

fn texts(script: &Script) -> Vec<String> {
    let sections = script.sections().iter();
    sections
        .map(|it| format!("{}|{}", it.heading, it.text))
        .collect()
}

#[test]
fn a_script_that_fits_is_not_changed() {
    let script = script(vec![section("A", "One two."), section("B", "Three.")]);
    assert_eq!(cut(&script, 60), (script, Vec::new()));
}

#[test]
fn sections_are_shortened_in_proportion_and_short_ones_stay_whole() {
    let sentence = "This sentence has exactly ten words and says nothing new. ";
    let script = script(vec![
        section("", "The opening has five words."),
        section("Long", &sentence.repeat(60)),
        section("Half", &sentence.repeat(30)),
        section("Short", &sentence.repeat(2)),
    ]);
    let (short, shortened) = cut(&script, 120);
    assert!(short.estimated_seconds() <= 120);
    let words: Vec<usize> = short
        .sections()
        .iter()
        .map(|it| it.narration().words())
        .collect();
    assert_eq!(words, [5, 181, 91, 21]);
    assert_eq!(shortened, [1, 2]);
}

#[test]
fn first_sentences_come_first_and_nothing_is_split() {
    let script = script(vec![section(
        "Plan",
        "First of one. Second of one, e.g. this. Third of one.\n\nFirst of two. Second of two.\n\nThe steps are:\n- go to example.com. Then log in.\n- wait 3.5 hours\n- leave\n\nName: Rocket; State: Ready. Steady.\nName: Train; State: Late",
    )]);
    let tell = |seconds| texts(&cut(&script, seconds).0).concat();
    assert_eq!(tell(1), "Plan|First of one.");
    assert_eq!(
        tell(10),
        "Plan|First of one.\n\nFirst of two.\n\nThe steps are:\n- go to example.com. Then log in.\n\nName: Rocket; State: Ready. Steady."
    );
    assert_eq!(
        tell(14),
        "Plan|First of one. Second of one, e.g. this.\n\nFirst of two. Second of two.\n\nThe steps are:\n- go to example.com. Then log in.\n- wait 3.5 hours\n\nName: Rocket; State: Ready. Steady."
    );
}

#[test]
fn what_does_not_fit_at_all_goes_by_weight_but_the_opening_stays() {
    let script = script(vec![
        section("Start", "Here we are."),
        section("Aside", "Two words."),
        section(
            "Main",
            "The main thing is this. It is long. It goes on. And on.",
        ),
    ]);
    let (short, shortened) = cut(&script, 5);
    assert_eq!(
        texts(&short),
        ["Start|Here we are.", "Main|The main thing is this."]
    );
    assert_eq!(shortened, [1, 2]);
    let (least, shortened) = cut(&script, 0);
    assert_eq!(texts(&least), ["Start|Here we are."]);
    assert_eq!(shortened, [1, 2]);
}

#[test]
fn japanese_is_cut_behind_its_full_stop() {
    let script = script(vec![section("", &"短い文です。".repeat(100))]);
    let (short, _) = cut(&script, 30);
    let text = &short.sections()[0].text;
    assert!(text.ends_with('。') && !text.contains(' '), "{text}");
    assert!((29..=30).contains(&short.estimated_seconds()));
}

#[test]
fn the_longest_script_is_cut_at_once() {
    let hostile = [
        "a. ", "- \n", ": \n", "。", "x: y; \n", "\n\n\n", "\" ", "1. ",
    ];
    for text in hostile {
        let text = text.repeat(Script::MAX_CHARS / text.chars().count() - 20);
        let script = script(vec![section("Start", "Here."), section("Rest", &text)]);
        let started = std::time::Instant::now();
        cut(&script, 240);
        let elapsed = started.elapsed();
        assert!(elapsed.as_secs() < 2, "{elapsed:?} for {:?}", &text[..1]);
    }
}

fn any_script() -> impl Strategy<Value = Script> {
    let word = prop_oneof![
        Just("word"),
        Just("z. B."),
        Just("3.5"),
        Just("文。"),
        Just("end."),
        Just("Next"),
        Just("why?\n"),
        Just("\n\n"),
        Just("\n- "),
        Just("\n1. "),
        Just("\nName: it; x: y"),
        Just("list:\n"),
        Just("(Yes.)"),
    ];
    let text = prop::collection::vec(word, 0..40).prop_map(|words| words.join(" "));
    let section = ("[A-C]{0,2}", text).prop_map(|(heading, text)| ScriptSection { heading, text });
    prop::collection::vec(section, 1..8).prop_filter_map("empty", |sections| {
        Script::new("Title".to_owned(), sections).ok()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cut_fits_and_keeps_order_and_sentences(script in any_script(), seconds in 0_u32..60) {
        let (short, shortened) = cut(&script, seconds);
        let least = Narration::of(script.title()) + Section::of(&script.sections()[0]).least();
        prop_assert!(short.narration() <= Narration::within(seconds).max(least));
        prop_assert_eq!(&cut(&short, seconds).0, &short);
        prop_assert_eq!(shortened.is_empty(), short == script);

        // Each section of the cut is one of the script's, in order, and each unit is one of its.
        let mut sources = script.sections().iter();
        for section in short.sections() {
            let is_source = |source: &&ScriptSection| {
                let whole: BTreeSet<&str> = units(&source.text).iter().map(|it| source.text[it.start..it.end].trim()).collect();
                source.heading == section.heading
                    && units(&section.text).iter().all(|it| whole.contains(section.text[it.start..it.end].trim()))
            };
            prop_assert!(sources.any(|source| is_source(&source)), "{:?} of {:?}", section.text, script.sections()[0].text);
        }
    }
}
