//! Lines written by hand, each with what it must become, to the letter: what the quality test
//! counts in bulk is shown here one by one, and what is kept of a line shows too.

use redaction::Redactor;

#[test]
fn p08_p13_p14_each_line_becomes_what_stands_below_it() {
    let file = include_str!("fixtures/exact.txt");
    let redactor = Redactor::new(["Mira Vale"]);
    let mut lines = file.lines().filter(|line| !line.starts_with('#'));
    let mut seen = 0;
    let mut wrong = String::new();
    while let (Some(line), Some(expected)) = (lines.next(), lines.next()) {
        let expected = expected.trim_start();
        // `=` for a line that is left as it is.
        let expected = if expected == "=" { line } else { expected };
        let redacted = redactor.redact(line);
        if redacted != expected {
            wrong.push_str(&format!(
                "{line}\n  became    {redacted}\n  and not   {expected}\n"
            ));
        }
        seen += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(seen > 50, "only {seen} lines");
}
