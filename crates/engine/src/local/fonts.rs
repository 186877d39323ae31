//! The fonts. Built in are such as are small, so that Latin, Greek, Cyrillic, Arabic, Hebrew and
//! Devanagari render on a machine with no font at all, and the same everywhere: Shantell Sans (hand
//! lettering), Inter, JetBrains Mono and three of Noto Sans, each under the SIL Open Font License
//! 1.1, whose texts lie beside them in `fonts/`. Chinese, Japanese, Korean and emoji take many
//! megabytes; they, and what else these lack, come from the operator's folders of fonts and, where
//! allowed, from the machine's own (Debian: `fonts-noto-cjk`, `fonts-noto-color-emoji`).

use std::path::PathBuf;
use std::sync::Arc;

use cosmic_text::{
    Attrs, Buffer, Fallback, Family, FontSystem, Metrics, PlatformFallback, Shaping, fontdb,
};

use super::config::PROBES;

/// Hand lettering, regular and bold.
pub(super) const HAND: &str = "Shantell Sans";
/// Print, regular and bold.
pub(super) const PRINT: &str = "Inter";
/// Code.
pub(super) const MONO: &str = "JetBrains Mono";

const BUILT_IN: [&[u8]; 11] = [
    include_bytes!("../../fonts/ShantellSans-Regular.ttf"),
    include_bytes!("../../fonts/ShantellSans-Bold.ttf"),
    include_bytes!("../../fonts/Inter-Regular.ttf"),
    include_bytes!("../../fonts/Inter-Bold.ttf"),
    include_bytes!("../../fonts/JetBrainsMono-Regular.ttf"),
    include_bytes!("../../fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../../fonts/NotoSansArabic-Bold.ttf"),
    include_bytes!("../../fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../../fonts/NotoSansHebrew-Bold.ttf"),
    include_bytes!("../../fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../../fonts/NotoSansDevanagari-Bold.ttf"),
];

/// All faces, read once an engine: the built-in ones before those of folders, these before the
/// machine's.
pub(super) fn database(folders: &[PathBuf], system_fonts: bool) -> fontdb::Database {
    let mut database = fontdb::Database::new();
    for font in BUILT_IN {
        database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    }
    for folder in folders {
        database.load_fonts_dir(folder);
    }
    if system_fonts {
        database.load_system_fonts();
    }
    database.set_sans_serif_family(PRINT);
    database.set_serif_family(PRINT);
    database.set_monospace_family(MONO);
    database
}

/// A font system of its own for one video: shaping needs it mutable. The language (BCP 47) chooses
/// among the shapes that one Chinese character has in several countries.
pub(super) fn system(database: &fontdb::Database, language: &str) -> FontSystem {
    FontSystem::new_with_locale_and_db_and_fallback(
        language.to_owned(),
        database.clone(),
        BuiltInFirst,
    )
}

/// Whether there are letters for a language (BCP 47) that the built-in fonts do not serve.
pub(super) fn can_write(database: &fontdb::Database, language: &str) -> bool {
    let main = language.split('-').next().unwrap_or_default();
    let Some((_, word)) = PROBES.iter().find(|(tag, _)| *tag == main) else {
        return true;
    };
    let mut fonts = system(database, language);
    let mut buffer = Buffer::new(&mut fonts, Metrics::new(16.0, 16.0));
    let attrs = Attrs::new().family(Family::Name(PRINT));
    buffer.set_text(word, &attrs, Shaping::Advanced, None);
    buffer.shape_until_scroll(&mut fonts, false);
    // Glyph 0 is what a font shows for a letter that it lacks.
    buffer
        .layout_runs()
        .flat_map(|run| run.glyphs)
        .all(|glyph| glyph.glyph_id != 0)
}

/// Looks for a missing letter in the built-in fonts before the machine's.
struct BuiltInFirst;

impl Fallback for BuiltInFirst {
    fn common_fallback(&self) -> &[&'static str] {
        &[
            PRINT,
            MONO,
            "Noto Sans",
            "Noto Color Emoji",
            "DejaVu Sans",
            "FreeSans",
            "Noto Sans Symbols",
            "Noto Sans Symbols2",
        ]
    }

    fn forbidden_fallback(&self) -> &[&'static str] {
        PlatformFallback.forbidden_fallback()
    }

    fn script_fallback(&self, script: unicode_script::Script, locale: &str) -> &[&'static str] {
        let locale = match locale.split('-').next() {
            Some(language @ ("ja" | "ko")) => language,
            _ => locale,
        };
        // The same names on every system, since they are in the same fonts.
        match script {
            unicode_script::Script::Arabic => &["Noto Sans Arabic"],
            unicode_script::Script::Hebrew => &["Noto Sans Hebrew"],
            unicode_script::Script::Devanagari => &["Noto Sans Devanagari"],
            _ => PlatformFallback.script_fallback(script, locale),
        }
    }
}
