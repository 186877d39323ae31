//! What the operator decides: the program that speaks, and whether the machine's fonts are used.

use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::{Language, Voice};

/// How the local engine works on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The program that speaks; `None` makes silent videos.
    pub speech: Option<SpeechProgram>,
    /// Whether the machine's own fonts help out where the built-in ones (Latin, Greek, Cyrillic)
    /// lack a letter. Off, the same order gives the same pictures on every machine.
    pub system_fonts: bool,
}

/// A program that turns a text file into a WAV file, run once a sentence, never linked.
///
/// Each of `args` may hold placeholders, replaced inside that one argument, so that no value
/// becomes an option or a shell word (no shell is involved):
///
/// | placeholder | becomes |
/// | --- | --- |
/// | `{voice}` | the program's name of the chosen voice, from `voices` |
/// | `{language}` | the program's name of the chosen language, from `languages` |
/// | `{text-file}` | the path of a UTF-8 file with the sentence |
/// | `{output}` | the path where the WAV (PCM, 8 to 32 bit, or 32 bit float) must be written |
///
/// The sentence itself is never on the command line, where other users could read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeechProgram {
    /// The program's path.
    pub program: PathBuf,
    /// Its arguments, with placeholders.
    pub args: Vec<String>,
    /// The voices it has, with its names for them; the first is the default.
    pub voices: Vec<(Voice, String)>,
    /// The languages it speaks (BCP 47), with its names for them; the first is the default.
    pub languages: Vec<(Language, String)>,
    /// How long one sentence may take.
    pub timeout: Duration,
}

/// Languages (BCP 47) and their espeak-ng names (`espeak-ng --voices`). Only such as are written
/// in scripts that the built-in fonts hold.
const ESPEAK_LANGUAGES: &[(&str, &str)] = &[
    ("en", "en-us"),
    ("en-GB", "en-gb"),
    ("de", "de"),
    ("fr", "fr-fr"),
    ("es", "es"),
    ("es-419", "es-419"),
    ("it", "it"),
    ("pt-BR", "pt-br"),
    ("pt", "pt"),
    ("nl", "nl"),
    ("sv", "sv"),
    ("nb", "nb"),
    ("da", "da"),
    ("fi", "fi"),
    ("pl", "pl"),
    ("cs", "cs"),
    ("sk", "sk"),
    ("hu", "hu"),
    ("ro", "ro"),
    ("tr", "tr"),
    ("hr", "hr"),
    ("lt", "lt"),
    ("lv", "lv"),
    ("et", "et"),
    ("id", "id"),
];

impl Config {
    /// What this machine allows: espeak-ng where it is in one of `search_path`'s directories
    /// (the value of `PATH`), the machine's fonts as a help.
    pub fn detect(search_path: Option<&std::ffi::OsStr>) -> Self {
        let speech = search_path
            .into_iter()
            .flat_map(std::env::split_paths)
            .filter(|directory| directory.is_absolute())
            .map(|directory| directory.join("espeak-ng"))
            .find(|program| program.is_file())
            .map(|program| SpeechProgram::espeak_ng(&program));
        Self {
            speech,
            system_fonts: true,
        }
    }

    /// No speech program and no fonts but the built-in ones: the same everywhere.
    pub fn silent() -> Self {
        Self {
            speech: None,
            system_fonts: false,
        }
    }

    pub(super) fn voices(&self) -> Vec<Voice> {
        self.speech
            .iter()
            .flat_map(|speech| speech.voices.iter().map(|(voice, _)| *voice))
            .collect()
    }

    /// The narration's languages, or those of captions alone where nothing speaks.
    pub(super) fn languages(&self) -> Vec<Language> {
        match &self.speech {
            Some(speech) => speech
                .languages
                .iter()
                .map(|(language, _)| language.clone())
                .collect(),
            None => espeak_languages().map(|(language, _)| language).collect(),
        }
    }
}

fn espeak_languages() -> impl Iterator<Item = (Language, String)> {
    ESPEAK_LANGUAGES.iter().filter_map(|(tag, name)| {
        let language = Language::try_from((*tag).to_owned()).ok()?;
        Some((language, (*name).to_owned()))
    })
}

impl SpeechProgram {
    /// espeak-ng (GPL, hence only ever run, never linked) at `program`.
    pub fn espeak_ng(program: &Path) -> Self {
        let owned = |parts: &[&str]| parts.iter().map(|&part| part.to_owned()).collect();
        Self {
            program: program.to_owned(),
            args: owned(&[
                "-v",
                "{language}+{voice}",
                "-s",
                "160",
                "-w",
                "{output}",
                "-f",
                "{text-file}",
            ]),
            voices: vec![
                (Voice::Female1, "f2".to_owned()),
                (Voice::Female2, "f4".to_owned()),
                (Voice::Male1, "m3".to_owned()),
                (Voice::Male2, "m7".to_owned()),
            ],
            languages: espeak_languages().collect(),
            timeout: Duration::from_secs(60),
        }
    }
}
