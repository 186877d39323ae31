use proptest::prelude::*;

use super::*;

fn script(sections: &[(&str, &str)]) -> Script {
    let sections = sections.iter().map(|(heading, text)| ScriptSection {
        heading: (*heading).to_owned(),
        text: (*text).to_owned(),
    });
    Script::new("Title".to_owned(), sections.collect()).unwrap()
}

/// Merges and compares the result and its conflicts.
fn check(
    base: &[(&str, &str)],
    edited: &[(&str, &str)],
    new: &[(&str, &str)],
    expected: &[(&str, &str)],
    conflicts: &[u32],
) {
    let merged = merge(&script(base), &script(edited), &script(new));
    let found: Vec<(&str, &str)> = merged
        .script
        .sections()
        .iter()
        .map(|it| (it.heading.as_str(), it.text.as_str()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(merged.conflicts, conflicts);
}

#[test]
fn each_sections_change_is_kept() {
    check(
        &[("A", "one"), ("B", "two"), ("C", "three")],
        &[("A", "one, said better"), ("B", "two"), ("C", "three")],
        &[
            ("A", "one"),
            ("B", "two"),
            ("C", "three and a half"),
            ("D", "four"),
        ],
        &[
            ("A", "one, said better"),
            ("B", "two"),
            ("C", "three and a half"),
            ("D", "four"),
        ],
        &[],
    );
}

#[test]
fn lines_of_one_section_are_merged_and_the_same_lines_conflict() {
    check(
        &[("A", "one\n\ntwo\n\nthree")],
        &[("A", "One!\n\ntwo\n\nthree")],
        &[("A", "one\n\ntwo\n\nthree\n- four\n- five")],
        &[("A", "One!\n\ntwo\n\nthree\n- four\n- five")],
        &[],
    );
    check(
        &[("A", "one\n\ntwo"), ("B", "b")],
        &[("A", "one by me\n\ntwo"), ("B", "b")],
        &[("A", "one by the page\n\ntwo"), ("B", "c")],
        &[("A", "one by me\n\ntwo"), ("B", "c")],
        &[0],
    );
}

#[test]
fn what_one_deleted_and_the_other_changed_stays_as_a_conflict() {
    let base = [("A", "one"), ("B", "two"), ("C", "three")];
    check(
        &base,
        &[("A", "one"), ("C", "three")],
        &base[..2],
        &[("A", "one")],
        &[],
    );
    check(
        &base,
        &[("A", "one"), ("C", "three")],
        &[("A", "one"), ("B", "two, new"), ("C", "three")],
        &[("A", "one"), ("B", "two, new"), ("C", "three")],
        &[1],
    );
    check(
        &base,
        &[("A", "one"), ("B", "two, mine"), ("C", "three")],
        &[("A", "one"), ("C", "three, new")],
        &[("A", "one"), ("B", "two, mine"), ("C", "three, new")],
        &[1],
    );
}

#[test]
fn sections_that_the_page_moved_or_renamed_are_known_again() {
    check(
        &[("A", "one"), ("B", "two"), ("C", "three")],
        &[
            ("A", "one, mine"),
            ("B", "two"),
            ("Mine", "added by me"),
            ("C", "three"),
        ],
        &[("C", "three"), ("B", "two"), ("A", "one")],
        &[
            ("C", "three"),
            ("B", "two"),
            ("Mine", "added by me"),
            ("A", "one, mine"),
        ],
        &[],
    );
    check(
        &[
            ("A", "one"),
            ("Old name", "these words tell which one it is"),
        ],
        &[
            ("A", "one"),
            ("Old name", "these words tell me which one it is"),
        ],
        &[
            ("A", "one"),
            ("New name", "these words tell which one it is"),
        ],
        &[
            ("A", "one"),
            ("New name", "these words tell me which one it is"),
        ],
        &[],
    );
}

#[test]
fn titles_are_merged_likewise() {
    let titled = |title: &str| {
        Script::new(title.to_owned(), script(&[("A", "a")]).sections().to_vec()).unwrap()
    };
    let of = |base: &str, edited: &str, new: &str| {
        let merged = merge(&titled(base), &titled(edited), &titled(new));
        (merged.script.title().to_owned(), merged.title_conflicts)
    };
    assert_eq!(of("T", "Mine", "T"), ("Mine".to_owned(), false));
    assert_eq!(of("T", "T", "New"), ("New".to_owned(), false));
    assert_eq!(of("T", "Mine", "New"), ("Mine".to_owned(), true));
}

#[test]
fn a_merge_beyond_the_limits_is_the_persons_script() {
    let long = "word ".repeat(30_000);
    let base = script(&[("A", "one")]);
    let edited = script(&[("A", "one"), ("Mine", &long)]);
    let new = script(&[("A", "one"), ("New", &"page ".repeat(30_000))]);
    let merged = merge(&base, &edited, &new);
    assert_eq!(merged.script, edited);
    assert_eq!(merged.conflicts, [0, 1]);
}

#[test]
fn the_longest_scripts_are_merged_at_once() {
    let many = |line: &dyn Fn(usize) -> String| (0..60_000).map(line).collect::<String>();
    let texts = [
        many(&|index| format!("{}\n", index % 7)),
        many(&|index| format!("{}\n", index % 5)),
        many(&|index| format!("{}\n", (index * index) % 9)),
    ];
    let [base, edited, new] = texts.each_ref().map(|text| script(&[("A", text)]));
    let started = std::time::Instant::now();
    merge(&base, &edited, &new);
    let sections = |word: &str| {
        let text = format!("{word} ").repeat(150);
        let sections: Vec<(String, String)> = (0..200)
            .map(|index| (format!("{word}{index}"), text.clone()))
            .collect();
        let sections: Vec<(&str, &str)> = sections
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        script(&sections)
    };
    merge(&sections("abc"), &sections("def"), &sections("ghi"));
    let elapsed = started.elapsed();
    assert!(elapsed.as_secs() < 10, "{elapsed:?}");
}

fn any_script() -> impl Strategy<Value = Script> {
    let line = prop_oneof![
        Just("a"),
        Just("b"),
        Just("c"),
        Just("- d"),
        Just("- e"),
        Just("")
    ];
    let text = prop::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"));
    let section = ("[A-D]?", text).prop_map(|(heading, text)| ScriptSection { heading, text });
    ("[TU]", prop::collection::vec(section, 1..6)).prop_filter_map("empty", |(title, sections)| {
        Script::new(title, sections).ok()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_one_did_not_change_is_the_others(base in any_script(), other in any_script()) {
        let kept = |merged: Merge| (merged.script, merged.conflicts.is_empty() && !merged.title_conflicts);
        prop_assert_eq!(kept(merge(&base, &base, &other)), (other.clone(), true));
        prop_assert_eq!(kept(merge(&base, &other, &base)), (other.clone(), true));
        prop_assert_eq!(kept(merge(&base, &other, &other)), (other.clone(), true));
    }

    #[test]
    fn nothing_that_a_person_wrote_is_lost(
        base in any_script(),
        new in any_script(),
        edited in any_script(),
        at in 0_usize..6,
    ) {
        // A line of the person's own in one of the sections.
        let mut sections = edited.sections().to_vec();
        let at = at % sections.len();
        sections[at].text.push_str("\nmine");
        let edited = Script::new(edited.title().to_owned(), sections).unwrap();
        let merged = merge(&base, &edited, &new);
        let mine = merged.script.sections().iter().filter(|it| it.text.contains("mine"));
        prop_assert_eq!(mine.count(), 1);
        for index in &merged.conflicts {
            prop_assert!((*index as usize) < merged.script.sections().len());
        }
    }
}
