//! Signs beside headings, as strokes in a square of side 1; chosen by a heading's words, and none
//! where no word is known. Drawn here, so that they are nobody's.

use std::f32::consts::{PI, TAU};

use super::strokes::arc;
use super::{Mark, Stroke};
use crate::local::look::{Look, Rgb};

/// What a sign shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    Clock,
    Warning,
    Bulb,
    People,
    Gear,
    Lock,
    Document,
    Talk,
    Calendar,
    Bars,
    Coin,
    Flag,
    Question,
    Check,
    Screen,
    Magnifier,
    Cycle,
}

/// Beginnings of words, in the languages that are spoken; the first sign with a known word is it.
const WORDS: &[(Icon, &[&str])] = &[
    (
        Icon::Warning,
        &[
            "incident",
            "warn",
            "risk",
            "risik",
            "danger",
            "alert",
            "störung",
            "vorfall",
            "stuck",
            "problem",
            "problèm",
            "fehler",
            "error",
            "riesgo",
            "risque",
            "advertencia",
        ],
    ),
    (
        Icon::Calendar,
        &[
            "calendar",
            "schedule",
            "date",
            "roadmap",
            "plan",
            "kalender",
            "termin",
            "zeitplan",
            "calendrier",
            "calendario",
            "agenda",
            "week",
            "woche",
            "semaine",
            "semana",
            "month",
            "monat",
        ],
    ),
    (
        Icon::Clock,
        &[
            "minute", "hour", "time", "deadline", "zeit", "stunde", "heure", "temps", "hora",
            "tiempo", "tempo",
        ],
    ),
    (
        Icon::People,
        &[
            "who",
            "team",
            "people",
            "role",
            "wer",
            "rolle",
            "équipe",
            "equipo",
            "colleague",
            "mensch",
            "leute",
            "persona",
            "onboarding",
        ],
    ),
    (
        Icon::Lock,
        &[
            "secur",
            "sicher",
            "sécur",
            "segur",
            "access",
            "zugriff",
            "zugang",
            "permission",
            "password",
            "privacy",
            "datenschutz",
            "secret",
        ],
    ),
    (
        Icon::Bars,
        &[
            "result",
            "number",
            "figure",
            "metric",
            "ergebnis",
            "zahl",
            "kennzahl",
            "résultat",
            "chiffre",
            "resultado",
            "cifra",
            "band",
            "usage",
            "growth",
            "statist",
        ],
    ),
    (
        Icon::Coin,
        &[
            "cost", "price", "salar", "budget", "pay", "kosten", "preis", "gehalt", "coût", "prix",
            "costo", "coste", "precio", "money", "geld",
        ],
    ),
    (
        Icon::Talk,
        &[
            "communicat",
            "chat",
            "meeting",
            "feedback",
            "question",
            "kommunik",
            "gespräch",
            "besprech",
            "réunion",
            "reunión",
            "contact",
            "kontakt",
        ],
    ),
    (
        Icon::Cycle,
        &[
            "process",
            "prozess",
            "workflow",
            "ablauf",
            "stage",
            "pipeline",
            "release",
            "cycle",
            "étape",
            "proceso",
            "etapa",
            "iteration",
            "change",
            "änder",
        ],
    ),
    (
        Icon::Magnifier,
        &[
            "review",
            "analy",
            "search",
            "investigat",
            "suche",
            "prüf",
            "recherche",
            "revisión",
            "audit",
            "afterward",
            "retrospect",
        ],
    ),
    (
        Icon::Bulb,
        &[
            "idea", "tip", "why", "idee", "warum", "idée", "pourquoi", "consejo", "lesson",
            "learn", "lern",
        ],
    ),
    (
        Icon::Flag,
        &[
            "goal",
            "aim",
            "target",
            "ziel",
            "objecti",
            "objetivo",
            "mission",
            "end",
            "milestone",
        ],
    ),
    (
        Icon::Gear,
        &[
            "setup",
            "set-up",
            "install",
            "config",
            "setting",
            "tool",
            "einstell",
            "werkzeug",
            "outil",
            "herramienta",
            "how",
            "technical",
            "build",
        ],
    ),
    (
        Icon::Screen,
        &[
            "system",
            "service",
            "server",
            "architect",
            "architekt",
            "platform",
            "plattform",
            "deploy",
            "computer",
            "laptop",
        ],
    ),
    (
        Icon::Document,
        &[
            "rule",
            "polic",
            "regel",
            "richtlinie",
            "règle",
            "regla",
            "document",
            "dokument",
            "guide",
            "summary",
            "zusammenfassung",
            "overview",
            "überblick",
            "introduc",
            "einleit",
        ],
    ),
    (Icon::Question, &["what", "quoi", "qué", "faq", "frage"]),
    (
        Icon::Check,
        &[
            "done", "check", "same", "erledigt", "stays", "bleibt", "todo", "task", "aufgabe",
        ],
    ),
];

/// The sign for a heading.
pub(super) fn of(heading: &str) -> Option<Icon> {
    let heading = heading.to_lowercase();
    let words: Vec<&str> = heading
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| !word.is_empty())
        .collect();
    let known = |beginnings: &[&str]| {
        beginnings.iter().any(|beginning| {
            words.iter().any(|word| {
                // Short beginnings are whole words, or `was` would be in `wash`.
                if beginning.chars().count() < 5 {
                    let plural = word.strip_suffix('s').unwrap_or(word);
                    word == beginning || plural == *beginning
                } else {
                    word.starts_with(beginning)
                }
            })
        })
    };
    WORDS
        .iter()
        .find(|(_, beginnings)| known(beginnings))
        .map(|(icon, _)| *icon)
}

type Line = Vec<(f32, f32)>;

fn ring(x: f32, y: f32, radius: f32) -> Line {
    circle_part(x, y, radius, -0.5 * PI, 1.52 * PI)
}

/// Arcs are measured in pixels elsewhere, so these are made large and shrunk.
fn circle_part(x: f32, y: f32, radius: f32, from: f32, to: f32) -> Line {
    let large = arc(
        (x * 100.0, y * 100.0),
        (radius * 100.0, radius * 100.0),
        from,
        to,
    );
    large
        .into_iter()
        .map(|(x, y)| (x / 100.0, y / 100.0))
        .collect()
}

fn lines(icon: Icon) -> Vec<Line> {
    let square = |left: f32, top: f32, right: f32, bottom: f32| {
        vec![
            (left, top),
            (right, top),
            (right, bottom),
            (left, bottom),
            (left, top),
        ]
    };
    match icon {
        Icon::Clock => vec![
            ring(0.5, 0.5, 0.42),
            vec![(0.5, 0.24), (0.5, 0.52), (0.7, 0.62)],
        ],
        Icon::Warning => vec![
            vec![(0.5, 0.08), (0.95, 0.88), (0.05, 0.88), (0.5, 0.08)],
            vec![(0.5, 0.36), (0.5, 0.62)],
            vec![(0.5, 0.74), (0.5, 0.76)],
        ],
        Icon::Bulb => vec![
            {
                let mut bulb = circle_part(0.5, 0.4, 0.3, 0.7 * PI, 2.3 * PI);
                bulb.extend([(0.62, 0.78), (0.38, 0.78)]);
                bulb.extend(bulb.first().copied());
                bulb
            },
            vec![(0.4, 0.87), (0.6, 0.87)],
            vec![(0.45, 0.95), (0.55, 0.95)],
        ],
        Icon::People => vec![
            ring(0.34, 0.28, 0.15),
            circle_part(0.34, 0.88, 0.3, -PI, 0.0),
            ring(0.72, 0.34, 0.12),
            circle_part(0.74, 0.88, 0.22, -0.6 * PI, 0.0),
        ],
        Icon::Gear => {
            let mut teeth = Line::new();
            for tooth in 0..8 {
                let turn = tooth as f32 * TAU / 8.0;
                for (angle, radius) in [(-0.26, 0.34), (-0.17, 0.45), (0.17, 0.45), (0.26, 0.34)] {
                    let angle: f32 = turn + angle;
                    teeth.push((0.5 + radius * angle.cos(), 0.5 + radius * angle.sin()));
                }
            }
            teeth.extend(teeth.first().copied());
            vec![teeth, ring(0.5, 0.5, 0.15)]
        }
        Icon::Lock => vec![
            square(0.2, 0.46, 0.8, 0.94),
            {
                let mut bow = vec![(0.32, 0.46)];
                bow.extend(circle_part(0.5, 0.28, 0.18, PI, 2.0 * PI));
                bow.push((0.68, 0.46));
                bow
            },
            vec![(0.5, 0.64), (0.5, 0.78)],
        ],
        Icon::Document => vec![
            vec![
                (0.2, 0.06),
                (0.62, 0.06),
                (0.82, 0.26),
                (0.82, 0.94),
                (0.2, 0.94),
                (0.2, 0.06),
            ],
            vec![(0.62, 0.06), (0.62, 0.26), (0.82, 0.26)],
            vec![(0.33, 0.45), (0.69, 0.45)],
            vec![(0.33, 0.6), (0.69, 0.6)],
            vec![(0.33, 0.75), (0.55, 0.75)],
        ],
        Icon::Talk => vec![
            vec![
                (0.08, 0.14),
                (0.92, 0.14),
                (0.92, 0.68),
                (0.46, 0.68),
                (0.24, 0.92),
                (0.26, 0.68),
                (0.08, 0.68),
                (0.08, 0.14),
            ],
            vec![(0.24, 0.34), (0.76, 0.34)],
            vec![(0.24, 0.5), (0.6, 0.5)],
        ],
        Icon::Calendar => vec![
            square(0.1, 0.16, 0.9, 0.92),
            vec![(0.1, 0.38), (0.9, 0.38)],
            vec![(0.3, 0.06), (0.3, 0.24)],
            vec![(0.7, 0.06), (0.7, 0.24)],
            vec![(0.3, 0.64), (0.44, 0.78), (0.7, 0.52)],
        ],
        Icon::Bars => vec![
            vec![(0.08, 0.06), (0.08, 0.92), (0.94, 0.92)],
            square(0.2, 0.6, 0.36, 0.92),
            square(0.46, 0.38, 0.62, 0.92),
            square(0.72, 0.16, 0.88, 0.92),
        ],
        Icon::Coin => vec![
            ring(0.5, 0.5, 0.42),
            {
                let mut s = circle_part(0.5, 0.4, 0.13, -0.2 * PI, -1.5 * PI);
                s.extend(circle_part(0.5, 0.63, 0.13, -0.5 * PI, 0.8 * PI));
                s
            },
            vec![(0.5, 0.18), (0.5, 0.84)],
        ],
        Icon::Flag => vec![
            vec![(0.2, 0.95), (0.2, 0.06)],
            vec![
                (0.2, 0.1),
                (0.86, 0.14),
                (0.7, 0.34),
                (0.86, 0.54),
                (0.2, 0.56),
            ],
        ],
        Icon::Question => vec![
            {
                let mut hook = circle_part(0.5, 0.3, 0.22, -PI, 0.35 * PI);
                hook.extend([(0.5, 0.56), (0.5, 0.7)]);
                hook
            },
            vec![(0.5, 0.88), (0.5, 0.9)],
        ],
        Icon::Check => vec![
            square(0.1, 0.14, 0.86, 0.9),
            vec![(0.28, 0.5), (0.46, 0.7), (0.92, 0.16)],
        ],
        Icon::Screen => vec![
            square(0.06, 0.12, 0.94, 0.68),
            vec![(0.5, 0.68), (0.5, 0.9)],
            vec![(0.28, 0.9), (0.72, 0.9)],
        ],
        Icon::Magnifier => vec![ring(0.42, 0.42, 0.32), vec![(0.66, 0.66), (0.94, 0.94)]],
        Icon::Cycle => vec![
            circle_part(0.5, 0.5, 0.38, -0.9 * PI, -0.05 * PI),
            vec![(0.74, 0.34), (0.88, 0.46), (0.96, 0.28)],
            circle_part(0.5, 0.5, 0.38, 0.1 * PI, 0.95 * PI),
            vec![(0.26, 0.66), (0.12, 0.54), (0.04, 0.72)],
        ],
    }
}

impl Look {
    /// A sign in a square whose upper left corner is at a place.
    pub(super) fn icon(&self, icon: Icon, at: (f32, f32), side: f32, colour: Rgb) -> Vec<Mark> {
        lines(icon)
            .into_iter()
            .map(|line| {
                let points = line
                    .into_iter()
                    .map(|(x, y)| (at.0 + x * side, at.1 + y * side))
                    .collect();
                Mark::Stroke(Stroke {
                    points,
                    width: (side * 0.055).max(3.0),
                    colour,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_fit_their_square_and_their_words() {
        for (icon, words) in WORDS {
            for (x, y) in lines(*icon).into_iter().flatten() {
                assert!(
                    (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y),
                    "{icon:?}: {x} {y}"
                );
            }
            assert!(words.iter().all(|word| *word == word.to_lowercase()));
        }
        assert_eq!(of("The first fifteen minutes"), Some(Icon::Clock));
        assert_eq!(of("Wer macht was"), Some(Icon::People));
        assert_eq!(of("Washing up"), None);
        assert_eq!(of("今日"), None);
    }
}
