//! `cargo xtask bench fit`: verification of Forge Invocation Tokens beside npm's `jose`, and beside
//! the bare RSA verification of the crypto library that ours stands on. Tokens a second of processor
//! time, so that other programs on the machine count little and threads all count.

use super::programs::{Measured, Programs};
use super::{LIMIT, PASSES, ROUNDS, Row, line, median, rounded};
use crate::failure::Outcome;
use crate::project::Project;
use crate::run;
use crate::terminal::Terminal;

const UNIT: &str = "tokens a second of processor time";
/// How much longer than the bare verification ours may take.
const BARE_LIMIT: f64 = 1.2;

pub(super) fn run(json: bool, project: &Project, terminal: &Terminal) -> Outcome {
    let programs = Programs::prepare("fit", project, terminal)?;
    let step = terminal.step("tokens");
    let work = programs.folder().join("work.json");
    let mut make = programs.native("fit-bench");
    make.arg("tokens").arg(&work);
    run::quiet(make, &step, Some(LIMIT), "Run it by hand to see more.")?;
    step.done("");

    let mut measured = Measured::new();
    for pass in 1..=PASSES {
        let mut native = programs.native("fit-bench");
        native.arg("speed").arg(&work).arg(ROUNDS);
        let mut node = programs.node();
        node.arg(&work).arg(programs.npm()).arg(ROUNDS);
        for (name, command) in [("native", native), ("Node", node)] {
            let name = format!("pass {pass} of {PASSES}: {name}");
            programs.measure(&name, command, &mut measured)?;
        }
    }
    let bytes = measured.remove("bytes").unwrap_or_default();
    let rows = rows(&measured);
    if json {
        terminal.result(serde_json::to_string_pretty(&rows).unwrap_or_default());
        return Ok(());
    }
    terminal.result(format!(
        "Microseconds of processor time a token of {:.0} bytes, RS256 with 2048 bits, median of all rounds\n",
        median(&bytes)
    ));
    for (contender, times) in &measured {
        terminal.result(format!("  {contender:<26} {:>8.1} µs", median(times) / 1e3));
    }
    terminal.result("\nGoals\n");
    rows.iter().for_each(|row| terminal.result(line(row)));
    terminal.result(
        "\nOurs is `fit::verify`: form, header, signature, claims, tenant. jose is jwtVerify with a local key \
         set\nand the same claims checked, awaited one by one or 64 together. aws-lc-rs is\n\
         the signature alone, its bytes decoded and its key parsed before.",
    );
    Ok(())
}

fn rows(measured: &Measured) -> Vec<Row> {
    let speed = |name: &str| {
        let time = measured.get(name).map(|times| median(times))?;
        (time > 0.0).then(|| 1e9 / time)
    };
    let ours = speed("ours");
    let row = |name: &str, peer_name: &str, peer: Option<f64>, goal: f64| {
        let peer = peer?;
        Some(Row {
            name: name.to_owned(),
            ours: ours.map(rounded),
            peer: rounded(peer),
            peer_name: peer_name.to_owned(),
            unit: UNIT,
            ratio: ours.map(|ours| rounded(ours / peer)),
            goal: Some(rounded(goal)),
        })
    };
    [
        row(
            "FIT verification, one at a time",
            "jose",
            speed("jose, one at a time"),
            4.0,
        ),
        row(
            "FIT verification, 64 of jose's at a time",
            "jose",
            speed("jose"),
            4.0,
        ),
        row(
            "FIT verification against the bare signature",
            "aws-lc-rs",
            speed("aws-lc-rs"),
            1.0 / BARE_LIMIT,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_compared_with_both_ways_of_jose_and_with_the_bare_signature() {
        let measured = Measured::from([
            ("ours".to_owned(), vec![25_000.0, 20_000.0, 30_000.0]),
            ("aws-lc-rs".to_owned(), vec![20_000.0]),
            ("jose".to_owned(), vec![75_000.0]),
            ("jose, one at a time".to_owned(), vec![125_000.0]),
        ]);
        let rows = rows(&measured);
        assert_eq!((rows[0].ours, rows[0].peer), (Some(40_000.0), 8_000.0));
        assert_eq!((rows[0].ratio, rows[1].ratio), (Some(5.0), Some(3.0)));
        assert_eq!((rows[2].ratio, rows[2].goal), (Some(0.8), Some(0.833)));
        assert!(line(&rows[0]).starts_with("  ✓"));
        assert!(line(&rows[1]).starts_with("  ✗") && line(&rows[2]).starts_with("  ✗"));
    }
}
