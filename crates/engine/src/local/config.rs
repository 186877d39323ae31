//! What the operator decides: the program that speaks, and whether the machine's fonts are used.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use protocol::{Language, Voice};

use super::brand::Brand;

/// How the local engine works on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The program that speaks; `None` makes silent videos.
    pub speech: Option<SpeechProgram>,
    /// Folders with further fonts (TTF, OTF, TTC), read with all below them: for Chinese, Japanese,
    /// Korean and emoji, which are too large to be built in.
    pub font_folders: Vec<PathBuf>,
    /// Whether the machine's own fonts help out where the others (Latin, Greek, Cyrillic, Arabic,
    /// Hebrew, Devanagari) lack a letter. Off, the same order gives the same pictures on every
    /// machine.
    pub system_fonts: bool,
    /// The operator's colours and logo.
    pub brand: Brand,
    /// Whether a pen is seen where a hand writes.
    pub pen: bool,
    /// How the pictures are coded.
    pub codec: VideoCodec,
}

/// A video codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VideoCodec {
    /// What every browser plays.
    #[default]
    H264,
    /// Free of patent fees, at some thirty times the work; browsers of 2023 or newer play it,
    /// Safari only on machines that decode it themselves.
    Av1,
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
/// | `{words}` | the path where the program may write when each word comes |
///
/// The file of words has a line a word: milliseconds since the WAV's beginning, a tab, the word's
/// place in the sentence in characters from 0. Captions are timed by it; lines that make no sense
/// are left out.
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

/// Languages (BCP 47) and their espeak-ng names (`espeak-ng --voices`). Not those of [`UNSPOKEN`].
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
    ("vi", "vi"),
    ("el", "el"),
    ("ru", "ru"),
    ("uk", "uk"),
    ("bg", "bg"),
    ("sr", "sr"),
    ("ar", "ar"),
    ("fa", "fa"),
    ("hi", "hi"),
    ("mr", "mr"),
    ("zh", "cmn"),
    ("ko", "ko"),
];

/// Languages that can be written and that espeak-ng cannot read well enough: it names Japanese's
/// Chinese characters instead of reading them, and is silent at Hebrew's numbers.
const UNSPOKEN: [&str; 2] = ["ja", "he"];

/// A word of each language whose letters the built-in fonts lack: it is offered where some other
/// font has them.
pub(super) const PROBES: &[(&str, &str)] =
    &[("zh", "我们要在"), ("ja", "の日時"), ("ko", "한국어")];

impl Config {
    /// What this machine allows: espeak-ng where it is in one of `search_path`'s directories
    /// (the value of `PATH`), with the times of words where Python 3 can load its library; the
    /// machine's fonts as a help.
    pub fn detect(search_path: Option<&OsStr>) -> Self {
        let speech = programs(search_path, "espeak-ng").next().map(|program| {
            // The first may be a shim that wants an environment, which no speech program gets.
            programs(search_path, "python3")
                .find(|python| loads_espeak(python))
                .map_or_else(
                    || SpeechProgram::espeak_ng(&program),
                    |python| SpeechProgram::espeak_ng_with_words(&python),
                )
        });
        Self {
            speech,
            font_folders: Vec::new(),
            system_fonts: true,
            brand: Brand::default(),
            pen: true,
            codec: VideoCodec::default(),
        }
    }

    /// No speech program and no fonts but the built-in ones: the same everywhere.
    pub fn silent() -> Self {
        Self {
            speech: None,
            font_folders: Vec::new(),
            system_fonts: false,
            brand: Brand::default(),
            pen: true,
            codec: VideoCodec::default(),
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
            None => espeak_languages()
                .map(|(language, _)| language)
                .chain(
                    UNSPOKEN
                        .into_iter()
                        .flat_map(|tag| Language::try_from(tag.to_owned())),
                )
                .collect(),
        }
    }
}

/// The programs of this name in `search_path`'s directories.
fn programs(search_path: Option<&OsStr>, name: &str) -> impl Iterator<Item = PathBuf> {
    search_path
        .into_iter()
        .flat_map(std::env::split_paths)
        .filter(|directory| directory.is_absolute())
        .map(move |directory| directory.join(name))
        .filter(|program| program.is_file())
}

/// Speaks by espeak-ng's library and writes when each word comes. Run by Python in a process of its
/// own: the library is under the GPL and never linked.
const ESPEAK_WITH_WORDS: &str = include_str!("espeak.py");

/// Whether what [`ESPEAK_WITH_WORDS`] stands on is there.
fn loads_espeak(python: &Path) -> bool {
    let script = ESPEAK_WITH_WORDS
        .split_once("rate =")
        .map_or("", |(imports, _)| imports);
    // Up to the loading of the library, and with as many arguments as it wants.
    Command::new(python)
        .args(["-I", "-S", "-c", script, "", "", "", "", ""])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Why a command template is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is no word in it, or a quotation mark has no partner.
    #[error("the command has no program, or a quotation mark without a partner")]
    NoCommand,
    /// The program is nowhere.
    #[error("the program `{0}` is not found")]
    NoProgram(String),
    /// The program would not know what to read or where to write.
    #[error("the command lacks `{0}`")]
    Lacks(&'static str),
    /// Not `NAME=VALUE` with a name of the list, or there is none though the command wants one.
    #[error("a voice is one of female1, female2, male1, male2, `=`, and the program's name for it")]
    Voice,
    /// Not `TAG=VALUE` with a BCP 47 tag, or there is none though the command wants one.
    #[error("a language is a BCP 47 tag, `=`, and the program's name for it")]
    Language,
}

impl TemplateError {
    /// The same for ever.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoCommand => "SPEECH_NO_COMMAND",
            Self::NoProgram(_) => "SPEECH_NO_PROGRAM",
            Self::Lacks(_) => "SPEECH_COMMAND_INCOMPLETE",
            Self::Voice => "SPEECH_VOICE_INVALID",
            Self::Language => "SPEECH_LANGUAGE_INVALID",
        }
    }
}

/// A command's words: parted by white space, but not inside double quotation marks. Nothing else is
/// special, for no shell is involved.
fn command_words(command: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let (mut quoted, mut inside) = (false, false);
    for letter in command.chars() {
        match letter {
            '"' => {
                quoted = !quoted;
                if !inside {
                    words.push(String::new());
                    inside = true;
                }
            }
            letter if letter.is_whitespace() && !quoted => inside = false,
            letter => {
                if !inside {
                    words.push(String::new());
                    inside = true;
                }
                words.last_mut()?.push(letter);
            }
        }
    }
    (!quoted).then_some(words)
}

fn espeak_languages() -> impl Iterator<Item = (Language, String)> {
    ESPEAK_LANGUAGES.iter().filter_map(|(tag, name)| {
        let language = Language::try_from((*tag).to_owned()).ok()?;
        Some((language, (*name).to_owned()))
    })
}

impl SpeechProgram {
    /// A program by its command line: `command` as documented above, with its program found in
    /// `search_path` (the value of `PATH`) unless it is a path; `voices` like `female1=NAME` and
    /// `languages` like `pt-BR=NAME`, which may be left out where the command has no place for them.
    ///
    /// For example `/opt/voice/say -m {voice} -i {text-file} -o {output}`, which is refused with
    /// [`TemplateError::NoProgram`] where there is no such program.
    pub fn of_template(
        command: &str,
        voices: &[&str],
        languages: &[&str],
        search_path: Option<&OsStr>,
    ) -> Result<Self, TemplateError> {
        let mut words = command_words(command)
            .ok_or(TemplateError::NoCommand)?
            .into_iter();
        let name = words.next().ok_or(TemplateError::NoCommand)?;
        let args: Vec<String> = words.collect();
        let has = |place: &str| args.iter().any(|argument| argument.contains(place));
        for place in ["{text-file}", "{output}"] {
            if !has(place) {
                return Err(TemplateError::Lacks(place));
            }
        }
        let voices = voices
            .iter()
            .map(|voice| {
                let (name, value) = voice.split_once('=')?;
                let voice = match name.trim() {
                    "female1" => Voice::Female1,
                    "female2" => Voice::Female2,
                    "male1" => Voice::Male1,
                    "male2" => Voice::Male2,
                    _ => return None,
                };
                Some((voice, value.trim().to_owned()))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(TemplateError::Voice)?;
        let languages = languages
            .iter()
            .map(|language| {
                let (tag, value) = language.split_once('=')?;
                let language = Language::try_from(tag.trim().to_owned()).ok()?;
                Some((language, value.trim().to_owned()))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(TemplateError::Language)?;
        let voices = match voices.is_empty() {
            true if has("{voice}") => return Err(TemplateError::Voice),
            true => vec![(Voice::default(), String::new())],
            false => voices,
        };
        let languages = match languages.is_empty() {
            true if has("{language}") => return Err(TemplateError::Language),
            true => vec![(Language::default(), String::new())],
            false => languages,
        };
        let program = if Path::new(&name).is_absolute() {
            Some(PathBuf::from(&name)).filter(|path| path.is_file())
        } else {
            programs(search_path, &name).next()
        };
        Ok(Self {
            program: program.ok_or(TemplateError::NoProgram(name))?,
            args,
            voices,
            languages,
            timeout: Duration::from_secs(60),
        })
    }

    /// espeak-ng (GPL, hence only ever run, never linked) at `program`.
    pub fn espeak_ng(program: &Path) -> Self {
        Self::espeak(
            program,
            &[
                "-v",
                "{language}+{voice}",
                "-s",
                "160",
                "-w",
                "{output}",
                "-f",
                "{text-file}",
            ],
        )
    }

    /// espeak-ng's library, used by the Python at `python`, which says when each word comes.
    pub fn espeak_ng_with_words(python: &Path) -> Self {
        Self::espeak(
            python,
            &[
                "-I",
                "-S",
                "-c",
                ESPEAK_WITH_WORDS,
                "{language}+{voice}",
                "160",
                "{text-file}",
                "{output}",
                "{words}",
            ],
        )
    }

    fn espeak(program: &Path, args: &[&str]) -> Self {
        Self {
            program: program.to_owned(),
            args: args.iter().map(|&part| part.to_owned()).collect(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_words_and_no_shell() {
        for (command, expected) in [
            ("a b  c", Some(vec!["a", "b", "c"])),
            ("a \"b c\" d\"e f\"", Some(vec!["a", "b c", "de f"])),
            ("a '$b' ; rm \\", Some(vec!["a", "'$b'", ";", "rm", "\\"])),
            ("a \"\"", Some(vec!["a", ""])),
            ("a \"b", None),
            ("", Some(vec![])),
        ] {
            let words = command_words(command);
            let words: Option<Vec<&str>> = words
                .as_ref()
                .map(|words| words.iter().map(String::as_str).collect());
            assert_eq!(words, expected, "{command}");
        }
    }

    #[test]
    fn espeak_ng_speaks_every_language_that_is_offered() {
        let path = std::env::var_os("PATH");
        let program = programs(path.as_deref(), "espeak-ng")
            .next()
            .expect("espeak-ng is not in PATH: `cargo xtask setup`");
        for (language, name) in espeak_languages() {
            let spoken = Command::new(&program)
                .args(["-q", "-x", "-v", &format!("{name}+f2"), "1 2 3"])
                .output()
                .expect("espeak-ng runs");
            // Phonemes and no complaint: a voice that is missing says so and speaks another.
            assert!(
                spoken.status.success() && spoken.stderr.is_empty(),
                "{language:?} {spoken:?}"
            );
            assert!(!spoken.stdout.trim_ascii().is_empty(), "{language:?}");
        }
    }

    #[test]
    fn a_template_that_cannot_work_is_refused() {
        let here = std::env::current_exe().expect("a path");
        let here = here.to_str().expect("text");
        let of = |command: &str, voices: &[&str], languages: &[&str]| {
            let command = command.replace("HERE", &format!("\"{here}\""));
            SpeechProgram::of_template(&command, voices, languages, None)
        };
        let whole = "HERE -v {language}/{voice} {text-file} {output}";
        let made = of(whole, &["male1=joe", "female2=a=b"], &["pt-BR=pt"]).expect("made");
        assert_eq!(made.args[1], "{language}/{voice}");
        assert_eq!(made.voices[1], (Voice::Female2, "a=b".to_owned()));
        assert_eq!(made.languages[0].0.as_str(), "pt-BR");
        let plain = of("HERE {text-file} {output}", &[], &[]).expect("made");
        assert_eq!((plain.voices.len(), plain.languages.len()), (1, 1));

        for (command, voices, languages, code) in [
            ("", &[][..], &[][..], "SPEECH_NO_COMMAND"),
            ("HERE {text-file}", &[], &[], "SPEECH_COMMAND_INCOMPLETE"),
            ("HERE {output}", &[], &[], "SPEECH_COMMAND_INCOMPLETE"),
            (whole, &["joe"], &["en=en"], "SPEECH_VOICE_INVALID"),
            (whole, &["tenor=joe"], &["en=en"], "SPEECH_VOICE_INVALID"),
            (whole, &[], &["en=en"], "SPEECH_VOICE_INVALID"),
            (whole, &["male1=joe"], &["EN=en"], "SPEECH_LANGUAGE_INVALID"),
            (whole, &["male1=joe"], &[], "SPEECH_LANGUAGE_INVALID"),
            (
                "no-such-program-here {text-file} {output}",
                &[],
                &[],
                "SPEECH_NO_PROGRAM",
            ),
        ] {
            let refused = of(command, voices, languages).expect_err(command);
            assert_eq!(refused.code(), code, "{command}");
        }
    }
}
