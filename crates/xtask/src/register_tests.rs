use proptest::prelude::*;

use super::*;

const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const HIGH: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N";
const MEDIUM: &str = "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H";
const LOW: &str = "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";
const NONE: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N";

fn at_moment(text: &str) -> OffsetDateTime {
    moment(text).expect("a moment")
}

fn finding(vector: &str, reported: &str) -> Finding {
    Finding {
        title: "Invented".into(),
        source: Source::Report,
        reference: None,
        component: "heron 1.2.3".into(),
        part: Part::Backend,
        vector: Some(vector.into()),
        reported: at_moment(reported),
        triaged: None,
    }
}

#[test]
fn p17_severity_comes_from_vectors_of_cvss_3_1_and_4_0() {
    // The scores beside them are those of FIRST's calculators.
    let table = [
        (CRITICAL, Severity::Critical), // 9.8
        (HIGH, Severity::High),         // 7.5
        (MEDIUM, Severity::Medium),     // 6.2
        (LOW, Severity::Low),           // 1.6
        (NONE, Severity::None),
        (
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
            Severity::Critical, // 10.0
        ),
        (
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
            Severity::High, // 8.7
        ),
        (
            "CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N",
            Severity::Medium, // 4.8
        ),
    ];
    for (vector, expected) in table {
        assert_eq!(severity(Some(vector)).expect(vector), expected, "{vector}");
    }
    assert_eq!(severity(None).expect("unscored"), Severity::High);
    for vector in ["", "9.8", "AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:3.1/AV:N"] {
        assert!(severity(Some(vector)).is_err(), "{vector}");
    }
}

#[test]
fn p17_days_are_those_of_the_policy_over_leap_days_and_offsets() {
    let table = [
        (CRITICAL, "2028-02-20T12:00:00Z", "2028-03-01T12:00:00Z"),
        (CRITICAL, "2027-02-20T12:00:00Z", "2027-03-02T12:00:00Z"),
        (HIGH, "2026-12-10", "2027-01-07T00:00:00Z"),
        (MEDIUM, "2028-01-01", "2028-03-25T00:00:00Z"),
        (LOW, "2026-11-24", "2027-05-18T00:00:00Z"),
        // 25 October 2026: summer time ends in Berlin; 240 hours stay 240 hours.
        (
            CRITICAL,
            "2026-10-20T23:30:00+02:00",
            "2026-10-30T21:30:00Z",
        ),
        (
            CRITICAL,
            "2026-11-25T08:00:00+14:00",
            "2026-12-04T18:00:00Z",
        ),
    ];
    for (vector, reported, expected) in table {
        let severity = severity(Some(vector)).expect("a vector");
        let due = due(severity, at_moment(reported), None);
        assert_eq!(due, Some(at_moment(expected)), "{vector} {reported}");
    }
    assert_eq!(due(Severity::None, at_moment("2026-11-24"), None), None);
}

#[test]
fn p17_triage_moves_the_day_by_five_days_at_most() {
    let reported = at_moment("2026-11-01");
    let due = |triaged| due(Severity::Critical, reported, Some(at_moment(triaged)));
    assert_eq!(due("2026-11-03"), Some(at_moment("2026-11-13")));
    assert_eq!(due("2026-11-30"), Some(at_moment("2026-11-16")));
}

#[test]
fn p17_the_register_says_what_is_due_overdue_and_fixed() {
    let mut register = Register::default();
    register
        .add(finding(CRITICAL, "2026-11-01"))
        .expect("added");
    register.add(finding(NONE, "2026-11-01")).expect("added");
    let entry = &register.vulnerabilities[0];
    assert_eq!(entry.id, "V-2026-0001");
    assert_eq!(entry.state(at_moment("2026-11-11")), State::Due);
    assert_eq!(
        entry.state(at_moment("2026-11-11T00:00:01Z")),
        State::Overdue
    );
    assert!(entry.blocks());
    assert_eq!(
        register.vulnerabilities[1].state(at_moment("2030-01-01")),
        State::Noted
    );
    register
        .fix("V-2026-0001", "1.2.4", at_moment("2026-11-05"))
        .expect("fixed");
    let entry = &register.vulnerabilities[0];
    assert_eq!(entry.state(at_moment("2030-01-01")), State::Fixed);
    assert!(!entry.blocks());
    assert!(
        register
            .fix("V-2026-0009", "x", at_moment("2026-11-05"))
            .is_err()
    );
    assert!(
        register
            .fix("V-2026-0002", "x", at_moment("2026-10-05"))
            .is_err()
    );
}

#[test]
fn p17_a_day_moved_by_hand_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("register.json");
    let mut register = Register::default();
    register
        .add(finding(CRITICAL, "2026-11-01"))
        .expect("added");
    register.write(&path).expect("written");
    assert_eq!(Register::read(&path).expect("read"), register);
    let text = std::fs::read_to_string(&path).expect("read");
    for (from, to) in [
        ("2026-11-11T00:00:00Z", "2027-11-11T00:00:00Z"),
        ("\"critical\"", "\"low\""),
    ] {
        assert!(text.contains(from), "{text}");
        std::fs::write(&path, text.replace(from, to)).expect("written");
        assert!(Register::read(&path).is_err(), "{from} became {to}");
    }
    assert_eq!(
        Register::read(&folder.path().join("none.json")).expect("empty"),
        Register::default()
    );
}

#[test]
fn p17_one_advisory_is_one_entry() {
    let mut register = Register::default();
    let mut found = finding(HIGH, "2026-11-01");
    found.reference = Some("RUSTSEC-2020-0071".into());
    assert!(register.add(found.clone()).expect("added").is_some());
    assert!(register.add(found.clone()).expect("known").is_none());
    found.component = "heron 2.0.0".into();
    assert!(register.add(found).expect("another").is_some());
}

/// The register of this repository is one, and nothing in it is overdue unnoticed.
#[test]
fn p17_the_repositorys_register_reads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(FILE);
    assert!(path.is_file(), "{} is missing", path.display());
    Register::read(&path).expect("a register");
}

fn offsets() -> impl Strategy<Value = UtcOffset> {
    (-14 * 60..=14 * 60_i32)
        .prop_map(|minutes| UtcOffset::from_whole_seconds(minutes * 60).expect("in range"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// One moment, told in any time zone, has one due moment; it lies exactly the allowed time after.
    #[test]
    fn p17_time_zones_do_not_move_a_day(
        second in 0_i64..4_000_000_000,
        offset in offsets(),
        row in 0_usize..4,
    ) {
        let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
        let severity = severities[row];
        let reported = OffsetDateTime::from_unix_timestamp(second).expect("in range");
        let due_at = due(severity, reported, None).expect("a day");
        prop_assert_eq!(due(severity, reported.to_offset(offset), None), Some(due_at));
        prop_assert_eq!(Some(due_at - reported), allowed(severity));
        let typed = reported.to_offset(offset).format(&Rfc3339).expect("formatted");
        prop_assert_eq!(moment(&typed), Ok(reported));
    }

    /// Days on the calendar: ten days later is ten days later, over every leap day.
    #[test]
    fn p17_leap_days_are_days(day in 0_i32..40_000) {
        let start = Date::from_ordinal_date(1990, 1).expect("a day") + Duration::days(day.into());
        let due = due(Severity::Critical, start.midnight().assume_utc(), None).expect("a day");
        let mut counted = start;
        for _ in 0..10 {
            counted = counted.next_day().expect("a day");
        }
        prop_assert_eq!(due.date(), counted);
    }

    /// More severe is never due later, and a later triage never earlier than an earlier one.
    #[test]
    fn p17_severe_is_due_first(second in 0_i64..4_000_000_000, early in 0_i64..900_000, late in 0_i64..900_000) {
        let reported = OffsetDateTime::from_unix_timestamp(second).expect("in range");
        let order = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
        let days: Vec<_> = order.iter().map(|severity| due(*severity, reported, None)).collect();
        prop_assert!(days.is_sorted());
        let at = |seconds: i64| due(Severity::Low, reported, Some(reported + Duration::seconds(seconds)));
        prop_assert!(at(early.min(late)) <= at(early.max(late)));
    }

    /// Nothing that is typed breaks it.
    #[test]
    fn p17_any_text_is_taken_or_refused(text in "\\PC{0,40}") {
        let _ = moment(&text);
        let _ = severity(Some(&text));
    }
}
