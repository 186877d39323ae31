use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cosmic_text::{FontSystem, SwashCache};
use protocol::{Orientation, Script, ScriptSection, Style};

use super::*;
use crate::local::look::contrast;
use crate::local::{fonts, look};

const STYLES: [Style; 3] = [Style::Whiteboard, Style::Chalkboard, Style::ModernMinimal];
const ORIENTATIONS: [Orientation; 3] = [
    Orientation::Landscape,
    Orientation::Square,
    Orientation::Portrait,
];

fn script(title: &str, sections: &[(&str, String)]) -> Script {
    let section = |(heading, text): &(&str, String)| ScriptSection {
        heading: (*heading).to_owned(),
        text: text.clone(),
    };
    Script::new(title.to_owned(), sections.iter().map(section).collect()).unwrap()
}

/// The built-in fonts, and the few letters of others that the kept scripts need.
pub(in crate::local) fn system(language: &str) -> FontSystem {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts");
    fonts::system(&fonts::database(&[folder], false), language)
}

fn scenes(
    script: &Script,
    system: &mut FontSystem,
    style: Style,
    orientation: Orientation,
) -> Vec<Scene> {
    let mut setter = Setter {
        fonts: system,
        look: Look::of(style),
        shape: Shape::of(orientation),
    };
    setter.scenes(&Storyboard::new(script, None))
}

/// Left, top, right, bottom.
type Bounds = (f32, f32, f32, f32);

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Nothing leaves the board, lies over another thing or is too faint; all that is told is there.
fn check(scenes: &[Scene], system: &mut FontSystem, shape: Shape, what: &str) {
    let mut glyphs = SwashCache::new();
    let inside = |(left, top, right, bottom): Bounds| {
        let edge = shape.frame + 2.0;
        left >= edge
            && top >= edge
            && right <= shape.width as f32 - edge
            && bottom <= shape.height as f32 - edge
    };
    for (at, scene) in scenes.iter().enumerate() {
        let what = format!("{what}, scene {at}");
        // Lines of text, and what of them is in their middle, where no stroke may be.
        let (mut lines, mut cores): (Vec<Bounds>, Vec<Bounds>) = (Vec::new(), Vec::new());
        let mut written = String::new();
        let mut all_known = true;
        let items = scene.items.iter().flat_map(|item| &item.marks);
        let marks = scene.fixed.iter().chain(items);
        let texts = marks.clone().filter_map(|mark| match mark {
            Mark::Text(text) => Some(text),
            _ => None,
        });
        for (number, text) in texts.enumerate() {
            let bounds = (text.x, text.y, text.x + text.width, text.y + text.height);
            assert!(inside(bounds), "{what}: a box leaves the board: {bounds:?}");
            for line in &text.buffer.lines {
                written.push_str(line.text());
                written.push(' ');
            }
            for run in text.buffer.layout_runs() {
                assert!(
                    run.line_top + run.line_height <= text.height + 1.0,
                    "{what}: a line leaves its box"
                );
                let (mut left, mut right) = (f32::MAX, f32::MIN);
                for glyph in run.glyphs {
                    all_known &= glyph.glyph_id != 0;
                    let letters = run.text.get(glyph.start..glyph.end).unwrap_or_default();
                    if letters.trim().is_empty() {
                        continue;
                    }
                    (left, right) = (left.min(glyph.x), right.max(glyph.x + glyph.w));
                    let (red, green, blue, _) = glyph.color_opt.unwrap().as_rgba_tuple();
                    let found = contrast((red, green, blue), text.ground);
                    assert!(found >= 4.5, "{what}: a contrast of {found}");
                    let place = glyph.physical((text.x, text.y + run.line_y), 1.0);
                    if let Some(image) = glyphs.get_image(system, place.cache_key) {
                        let x = (place.x + image.placement.left) as f32;
                        let y = (place.y - image.placement.top) as f32;
                        let (width, height) = (image.placement.width, image.placement.height);
                        let ink = (x, y, x + width as f32, y + height as f32);
                        assert!(inside(ink), "{what}: ink leaves the board: {ink:?}");
                    }
                }
                if left > right {
                    continue;
                }
                assert!(
                    left >= -1.0 && right <= text.width + 1.0,
                    "{what}: a line leaves its box: {left} to {right} of {}",
                    text.width
                );
                let (top, size) = (text.y + run.line_top, run.line_height / 1.32);
                let line = (text.x + left, top, text.x + right, top + run.line_height);
                for other in &lines {
                    assert!(
                        apart(line, *other),
                        "{what}: text {number} at {line:?} lies over {other:?}"
                    );
                }
                let base = text.y + run.line_y;
                cores.push((line.0 + 1.0, base - size * 0.62, line.2 - 1.0, base - 1.0));
                if run.line_i + 1 == text.buffer.lines.len() {
                    // Lines of one text may touch each other, those of two must not.
                    lines.push(line);
                }
            }
        }
        for mark in marks {
            let Mark::Stroke(stroke) = mark else { continue };
            for (x, y) in &stroke.points {
                let point = (*x, *y, *x, *y);
                assert!(
                    inside(point),
                    "{what}: a stroke leaves the board: {point:?}"
                );
                for core in &cores {
                    assert!(
                        apart(point, *core),
                        "{what}: a stroke at {point:?} in {core:?}"
                    );
                }
            }
        }
        if all_known {
            let all = written.clone();
            let written: BTreeSet<&str> = words(&written).collect();
            let told = scene.items.iter().flat_map(|item| &item.told);
            for word in told.flat_map(|sentence| words(sentence)) {
                // What does not fit on one line may be broken; letters that no font has are left out.
                let drawn: String = word
                    .chars()
                    .filter(|letter| letter.is_ascii() || all.contains(*letter))
                    .collect();
                let there = drawn.is_empty()
                    || written.contains(drawn.as_str())
                    || word.chars().count() > 40;
                assert!(there, "{what}: {word} is told and not written");
            }
        }
    }
}

fn apart(one: Bounds, other: Bounds) -> bool {
    one.0 >= other.2 || other.0 >= one.2 || one.1 >= other.3 || other.1 >= one.3
}

fn hostile() -> Vec<(&'static str, Script)> {
    let long_word = "W".repeat(3_000);
    let lines = |line: &str, count: usize| format!("{line}\n").repeat(count);
    vec![
        (
            "a very long word",
            script(&"W".repeat(300), &[("W".repeat(2_000).as_str(), long_word)]),
        ),
        (
            "many sections",
            script(
                "Many",
                &(0..200)
                    .map(|_| ("Section", "One. Two.".to_owned()))
                    .collect::<Vec<_>>(),
            ),
        ),
        (
            "headings alone",
            script(
                "Empty",
                &[("Only a heading", String::new()), ("", " x ".to_owned())],
            ),
        ),
        (
            "emoji and other scripts",
            script(
                "🚀🚀",
                &[("🎉", "🚀 one 👩‍👩‍👧 two. ᚠᛇᚻ. 漢字かな交じり文。".to_owned())],
            ),
        ),
        (
            "right to left",
            script(
                "مرحبا",
                &[(
                    "العنوان",
                    "مرحبا بالعالم. שלום עולם.\n- مرحبا\n1. שלום\nא: ב; ג: ד".to_owned(),
                )],
            ),
        ),
        (
            "marks and controls",
            script(
                "a\u{200b}\u{202e}b\u{7}",
                &[(
                    "\u{300}\u{300}e\u{301}",
                    "Z\u{351}\u{351}\u{351}\u{351}a. \u{feff}\u{0}x.".to_owned(),
                )],
            ),
        ),
        (
            "code",
            script(
                "Code",
                &[(
                    "Code",
                    lines(&format!("let x = f(\"{}\");", "y".repeat(500)), 40),
                )],
            ),
        ),
        (
            "rows",
            script(
                "Rows",
                &[(
                    "Rows",
                    lines(
                        "A header: cell; Another one: cell; Third header here: something; D: e",
                        30,
                    ),
                )],
            ),
        ),
        (
            "deep lists",
            script(
                "Lists",
                &[(
                    "Lists",
                    lines(
                        "            - deep and long enough to be wrapped on every board that there is",
                        12,
                    ),
                )],
            ),
        ),
        (
            "long numbers",
            script(
                "Numbers",
                &[("Numbers", lines("999. nine hundred and ninety-nine", 9))],
            ),
        ),
        (
            "long sentences",
            script("Long", &[("Long", "word, ".repeat(2_000))]),
        ),
    ]
}

#[test]
fn nothing_leaves_its_box_or_lies_over_another() {
    for style in [Style::Whiteboard, Style::ModernMinimal] {
        for orientation in ORIENTATIONS {
            for (what, script) in hostile() {
                let mut system = system("en");
                let scenes = scenes(&script, &mut system, style, orientation);
                let what = format!("{what}, {style:?}, {orientation:?}");
                check(&scenes, &mut system, Shape::of(orientation), &what);
            }
        }
    }
}

/// The scripts that are kept for looking at: invented pages in many scripts, with all figures.
pub(in crate::local) fn kept() -> Vec<(String, Script)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut kept: Vec<_> = files(&folder)
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect();
    kept.sort_by(|one, other| one.0.cmp(&other.0));
    kept
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn pages_of_all_scripts_and_figures_are_whole_in_every_look() {
    let kept = kept();
    assert!(kept.len() >= 6);
    for (name, script) in kept {
        let mut system = system(&name);
        for style in STYLES {
            for orientation in ORIENTATIONS {
                let scenes = scenes(&script, &mut system, style, orientation);
                let what = format!("{name}, {style:?}, {orientation:?}");
                check(&scenes, &mut system, Shape::of(orientation), &what);
            }
        }
    }
}

fn told(path: &Path) -> Option<Script> {
    let text = std::fs::read_to_string(path).unwrap();
    let document = if text.trim_start().starts_with('{') {
        content::parse_adf(&text)
    } else {
        content::parse_storage(&text)
    };
    let clean = content::remove_identities("A page", &document.ok()?);
    content::script(clean).ok().map(|(script, _)| script)
}

#[test]
fn real_pages_are_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pages = files(&root.join("tests/site"));
    pages.retain(|path| {
        let name = path.to_string_lossy();
        name.ends_with(".adf.json") || name.ends_with(".storage.xml")
    });
    assert!(pages.len() > 5);
    let corpus = std::env::var_os("GOLPO_CORPUS")
        .map_or_else(|| root.join("../shared/corpus"), PathBuf::from);
    for kind in ["adf", "storage"] {
        let found = files(&corpus.join(kind));
        if found.is_empty() {
            println!("SKIPPED: no pages at {}", corpus.join(kind).display());
        }
        pages.extend(found);
    }
    let mut system = system("en");
    for (at, path) in pages.iter().enumerate() {
        let Some(script) = told(path) else { continue };
        let (style, orientation) = (STYLES[at % 3], ORIENTATIONS[at / 3 % 3]);
        let scenes = scenes(&script, &mut system, style, orientation);
        let what = format!("{}, {style:?}, {orientation:?}", path.display());
        check(&scenes, &mut system, Shape::of(orientation), &what);
    }
}

#[test]
fn the_built_in_fonts_hold_the_letters_of_every_offered_language() {
    let letters = "ΑΒΓΔΩάέήίόύώςАБВЯабвяЁёЇїאבגדשםןףץأبتثجيىةकखगघङअआइईउऊÄÖÜäöüßẞÀÂÇÉÈÊËÎÏÔŒÙÛÜŸàâçéèêëîïôœùûüÿÁÍÓÚÑ¿¡áíóúñÃÕãõÅÆØåæøĄĆĘŁŃŚŹŻąćęłńśźżČĎĚŇŘŠŤŮŽčďěňřšťůžŐŰőűĂȘȚăâîșțĞİŞğışĐđĀĒĢĪĶĻŅŪāēģīķļņūĖĮŲėįų€ŲųƠơƯưĂăẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹҐґЂђЋћЏџЉљЊњپچژگیکळ„“”«»–—…";
    for style in [Style::Whiteboard, Style::Chalkboard, Style::ModernMinimal] {
        let database = fonts::database(&[], false);
        let mut system = fonts::system(&database, "en");
        let mut setter = Setter {
            fonts: &mut system,
            look: Look::of(style),
            shape: Shape::of(Orientation::Landscape),
        };
        let face = setter.face(30.0);
        assert_eq!(setter.only_known_letters(letters, face), letters);
        assert_eq!(setter.only_known_letters("a🚀b", face), "ab");
    }
}

#[test]
fn long_sections_go_on_in_even_scenes_below_their_heading() {
    let text = "One short sentence. ".repeat(6);
    let scenes = scenes(
        &script("Title", &[("Part", text)]),
        &mut system("en"),
        Style::Whiteboard,
        Orientation::Landscape,
    );
    let points: Vec<usize> = scenes
        .iter()
        .map(|scene| scene.items.iter().filter(|item| !item.heading).count())
        .collect();
    assert_eq!(points, [0, 3, 3]);
    let chapters: Vec<_> = scenes
        .iter()
        .map(|scene| scene.chapter.as_deref())
        .collect();
    assert_eq!(chapters, [Some("Title"), Some("Part"), None]);
    assert!(scenes[1].wipe_from > look::Shape::of(Orientation::Landscape).top);
    assert!(!scenes[2].fixed.is_empty() && scenes[2].wipe_from == 0.0);
}
