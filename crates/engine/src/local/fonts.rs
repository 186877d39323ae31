//! The fonts. Three families are built in, so that Latin, Cyrillic and their accents render on a
//! machine with no font at all, and the same everywhere: Shantell Sans (hand lettering), Inter and
//! JetBrains Mono, each under the SIL Open Font License 1.1, whose texts lie beside them in
//! `fonts/`. The machine's own fonts only help out where these lack a letter.

use std::sync::Arc;

use cosmic_text::{Fallback, FontSystem, PlatformFallback, fontdb};

/// Hand lettering, regular and bold.
pub(super) const HAND: &str = "Shantell Sans";
/// Print, regular and bold.
pub(super) const PRINT: &str = "Inter";
/// Code.
pub(super) const MONO: &str = "JetBrains Mono";

const BUILT_IN: [&[u8]; 5] = [
    include_bytes!("../../fonts/ShantellSans-Regular.ttf"),
    include_bytes!("../../fonts/ShantellSans-Bold.ttf"),
    include_bytes!("../../fonts/Inter-Regular.ttf"),
    include_bytes!("../../fonts/Inter-Bold.ttf"),
    include_bytes!("../../fonts/JetBrainsMono-Regular.ttf"),
];

/// All faces, read once an engine.
pub(super) fn database(system_fonts: bool) -> fontdb::Database {
    let mut database = fontdb::Database::new();
    for font in BUILT_IN {
        database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    }
    if system_fonts {
        database.load_system_fonts();
    }
    database.set_sans_serif_family(PRINT);
    database.set_serif_family(PRINT);
    database.set_monospace_family(MONO);
    database
}

/// A font system of its own for one video: shaping needs it mutable.
pub(super) fn system(database: &fontdb::Database) -> FontSystem {
    FontSystem::new_with_locale_and_db_and_fallback(
        "en-US".to_owned(),
        database.clone(),
        BuiltInFirst,
    )
}

/// Looks for a missing letter in the built-in fonts before the machine's.
struct BuiltInFirst;

impl Fallback for BuiltInFirst {
    fn common_fallback(&self) -> &[&'static str] {
        &[
            PRINT,
            MONO,
            "Noto Sans",
            "DejaVu Sans",
            "FreeSans",
            "Noto Sans Symbols",
            "Noto Sans Symbols2",
            "Noto Color Emoji",
        ]
    }

    fn forbidden_fallback(&self) -> &[&'static str] {
        PlatformFallback.forbidden_fallback()
    }

    fn script_fallback(&self, script: unicode_script::Script, locale: &str) -> &[&'static str] {
        PlatformFallback.script_fallback(script, locale)
    }
}
