use cosmic_text::{FontSystem, SwashCache};
use openh264::formats::YUVSource;
use protocol::{Orientation, Script, ScriptSection, Style};

use super::*;
use crate::local::layout::{Mark, Setter, tests as pages};
use crate::local::storyboard::Storyboard;
use crate::local::{fonts, look};

fn scenes(style: Style, system: &mut FontSystem) -> (Artist, Vec<Scene>) {
    let sections = vec![ScriptSection {
        heading: "A heading".into(),
        text: "A first point. A second point, Größe שלום.\n\n1. One\n2. Two".into(),
    }];
    let script = Script::new("Title".into(), sections).unwrap();
    let (look, shape) = (Look::of(style), look::Shape::of(Orientation::Square));
    let scenes = Setter {
        fonts: system,
        look,
        shape,
    }
    .scenes(&Storyboard::new(&script, None));
    (Artist::new(look, shape, None).unwrap(), scenes)
}

#[test]
fn frames_are_the_board_the_ink_and_nothing_else() {
    for style in [Style::Whiteboard, Style::Chalkboard, Style::ModernMinimal] {
        let mut system = fonts::system(&fonts::database(&[], false), "en");
        let mut glyphs = SwashCache::new();
        let (artist, scenes) = scenes(style, &mut system);
        for scene in &scenes {
            let mut canvas = artist.canvas(scene, &mut system, &mut glyphs);
            let count = scene.items.len();
            let (mut still, mut share) = (0, 0.0_f32);
            while share < count as f32 + 0.2 {
                share += 0.07;
                let shares: Vec<f32> = (0..count).map(|at| share - at as f32).collect();
                let (picture, changed) = canvas.advance(&shares, 0.0);
                let planes = [picture.y(), picture.u(), picture.v()].map(<[u8]>::to_vec);
                // Only what changed was converted, and nothing that changed was forgotten.
                let whole = Picture::of(&canvas.shown);
                assert!(planes[0] == whole.y() && planes[1] == whole.u() && planes[2] == whole.v());
                still += usize::from(!changed);
            }
            assert!(still > 0, "{style:?}: a full board is a still one");
            assert!(canvas.canvas.data() == canvas.finished.data(), "{style:?}");
            assert!(canvas.shown.data() == canvas.finished.data(), "{style:?}");

            let done = vec![1.0; count];
            for step in 1..=9 {
                let (picture, _) = canvas.advance(&done, step as f32 / 9.0);
                let planes = picture.y().to_vec();
                assert!(planes == Picture::of(&canvas.shown).y());
            }
            // Nothing of the scene is left below what stays.
            let kept = scene.wipe_from as usize * artist.board.width() as usize * 4;
            assert!(canvas.shown.data().get(kept..) == artist.board.data().get(kept..));
        }
    }
}

#[test]
fn ink_comes_bit_by_bit() {
    let mut system = fonts::system(&fonts::database(&[], false), "en");
    let mut glyphs = SwashCache::new();
    let (artist, scenes) = scenes(Style::Whiteboard, &mut system);
    let scene = scenes.last().unwrap();
    let mut canvas = artist.canvas(scene, &mut system, &mut glyphs);
    let ink = |canvas: &Canvas<'_>| {
        let pairs = canvas.canvas.pixels().iter().zip(artist.board.pixels());
        pairs.filter(|(now, board)| now != board).count()
    };
    let mut last = ink(&canvas);
    for step in 1..20 {
        canvas.advance(&vec![step as f32 / 20.0; scene.items.len()], 0.0);
        let now = ink(&canvas);
        assert!(now > last, "step {step}");
        last = now;
    }
}

/// The look that a kept script is drawn in: its name, style, orientation.
const LOOKS: [(&str, Style, Orientation); 9] = [
    ("ar", Style::Whiteboard, Orientation::Landscape),
    ("de", Style::Chalkboard, Orientation::Landscape),
    ("el", Style::ModernMinimal, Orientation::Square),
    ("en", Style::Whiteboard, Orientation::Landscape),
    ("he", Style::ModernMinimal, Orientation::Landscape),
    ("hi", Style::Chalkboard, Orientation::Portrait),
    ("ja", Style::Whiteboard, Orientation::Square),
    ("ru", Style::Whiteboard, Orientation::Portrait),
    ("zh", Style::ModernMinimal, Orientation::Landscape),
];

/// Scenes of a kept script, full but for their last item, which is half written.
fn drawn(script: &Script, style: Style, orientation: Orientation, language: &str) -> Vec<Pixmap> {
    let mut system = pages::system(language);
    let mut glyphs = SwashCache::new();
    let (look, shape) = (Look::of(style), look::Shape::of(orientation));
    let scenes = Setter {
        fonts: &mut system,
        look,
        shape,
    }
    .scenes(&Storyboard::new(script, None));
    let artist = Artist::new(look, shape, None).unwrap();
    let mut pictures = Vec::new();
    for scene in &scenes {
        let mut canvas = artist.canvas(scene, &mut system, &mut glyphs);
        assert_grounds(scene, &canvas.finished, style);
        let mut shares = vec![1.0; scene.items.len()];
        if let Some(last) = shares.last_mut().filter(|_| scene.items.len() > 2) {
            *last = 0.55;
        }
        canvas.advance(&shares, 0.0);
        pictures.push(canvas.shown.clone());
    }
    pictures
}

/// What stands behind a text is what the layout reckons its contrast with.
fn assert_grounds(scene: &Scene, finished: &Pixmap, style: Style) {
    // Chalk is wiped in bands.
    let slack = if style == Style::Chalkboard { 14 } else { 0 };
    let marks = scene.items.iter().flat_map(|item| &item.marks);
    for text in marks.filter_map(|mark| match mark {
        Mark::Text(text) => Some(text),
        _ => None,
    }) {
        let (left, top) = (text.x as u32, text.y as u32);
        let mut near = 0;
        let mut all = 0;
        for y in top..top + text.height as u32 {
            for x in left..(left + text.width as u32).min(finished.width()) {
                let Some(pixel) = finished.pixel(x, y) else {
                    continue;
                };
                let (r, g, b) = text.ground;
                let off = [(pixel.red(), r), (pixel.green(), g), (pixel.blue(), b)]
                    .iter()
                    .map(|(one, other)| one.abs_diff(*other))
                    .max();
                near += usize::from(off.unwrap() <= slack);
                all += 1;
            }
        }
        assert!(
            near * 2 > all,
            "{near} of {all} pixels are the ground {:?}",
            text.ground
        );
    }
}

/// Half as wide and high, so that what is kept stays small.
fn halved(picture: &Pixmap) -> Pixmap {
    let mut half = Pixmap::new(picture.width() / 2, picture.height() / 2).unwrap();
    let width = picture.width() as usize;
    let pixels = picture.pixels();
    let across = half.width() as usize;
    for (at, pixel) in half.pixels_mut().iter_mut().enumerate() {
        let (x, y) = (at % across * 2, at / across * 2);
        let four =
            [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| pixels[(y + dy) * width + x + dx]);
        let mean = |part: fn(&tiny_skia::PremultipliedColorU8) -> u8| {
            (four.iter().map(|pixel| u32::from(part(pixel))).sum::<u32>() / 4) as u8
        };
        let (r, g, b) = (mean(|p| p.red()), mean(|p| p.green()), mean(|p| p.blue()));
        *pixel = tiny_skia::PremultipliedColorU8::from_rgba(r, g, b, 255).unwrap();
    }
    half
}

/// One frame of each kept script beside those in `tests/frames`, which somebody has looked at.
/// `UPDATE_FRAMES=1` writes them anew; `ALL_FRAMES=FOLDER` writes every scene for looking at.
#[test]
fn frames_are_as_they_were_looked_at() {
    let update = std::env::var_os("UPDATE_FRAMES").is_some();
    let all = std::env::var_os("ALL_FRAMES").map(std::path::PathBuf::from);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frames");
    for (name, script) in pages::kept() {
        let (_, style, orientation) = LOOKS.iter().find(|(known, ..)| *known == name).unwrap();
        let pictures = drawn(&script, *style, *orientation, &name);
        if let Some(all) = &all {
            for (at, picture) in pictures.iter().enumerate() {
                picture
                    .save_png(all.join(format!("{name}-{at:02}.png")))
                    .unwrap();
            }
        }
        for at in KEPT
            .iter()
            .filter(|(kept, _)| *kept == name)
            .map(|(_, at)| *at)
        {
            let file = folder.join(format!("{name}-{at}.png"));
            let picture = halved(&pictures[at]);
            if update {
                picture.save_png(&file).unwrap();
            }
            let kept = Pixmap::load_png(&file).unwrap();
            assert_eq!(
                (kept.width(), kept.height()),
                (picture.width(), picture.height())
            );
            // Other processors round otherwise in a last digit.
            let off = kept
                .data()
                .iter()
                .zip(picture.data())
                .filter(|(kept, new)| kept.abs_diff(**new) > 24);
            let (off, of) = (off.count(), kept.data().len());
            assert!(
                off * 1_000 < of,
                "{name}-{at}: {off} of {of} differ; look at it, then UPDATE_FRAMES=1"
            );
        }
    }
}

/// The frames that are kept: script and scene.
const KEPT: [(&str, usize); 15] = [
    ("ar", 2),
    ("ar", 3),
    ("de", 1),
    ("de", 2),
    ("el", 1),
    ("en", 0),
    ("en", 2),
    ("en", 4),
    ("en", 6),
    ("en", 7),
    ("he", 3),
    ("hi", 2),
    ("ja", 3),
    ("ru", 1),
    ("zh", 2),
];
