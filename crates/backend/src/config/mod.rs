//! What an operator decides, from four places in one order: a flag goes before the environment,
//! the environment before the file of `--config`, the file before the default. Everything is parsed
//! here, once and together, so that all mistakes are told at the same time. Must never show a
//! secret, and never take one from a flag.

mod build;
mod pictures;
pub mod settings;
pub mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zeroize::Zeroizing;

pub use build::{Config, MasterKeySource, Narrator, ServeConfig};
pub use pictures::Pictures;
use settings::{Kind, Role, SETTINGS, Setting};
use values::DatabaseUrl;

/// What the command line gave.
#[derive(Debug, Clone)]
pub struct Given {
    /// For whom.
    pub role: Role,
    /// The file of `--config`.
    pub file: Option<PathBuf>,
    /// The settings that were flags.
    pub flags: BTreeMap<&'static str, String>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag,
    /// The environment.
    Environment,
    /// The file of `--config`.
    File,
    /// Nobody said anything.
    Default,
}

impl Source {
    fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::File => "file",
            Self::Default => "default",
        }
    }
}

/// A mistake in a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The setting's name, or what stands in its place.
    pub key: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to do about it.
    pub action: String,
}

impl Problem {
    fn new(key: &str, problem: impl Into<String>, action: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            problem: problem.into(),
            action: action.into(),
        }
    }
}

/// A value as it was given.
struct Text {
    // May be a secret.
    text: Zeroizing<String>,
    source: Source,
}

/// Every setting's value as it was given, and what was wrong with the giving.
pub struct Collected {
    role: Role,
    file: Option<PathBuf>,
    values: BTreeMap<&'static str, Text>,
    problems: Vec<Problem>,
}

impl Collected {
    /// Puts together what the command line, the environment and the file say.
    pub fn collect(given: Given, environment: impl Fn(&str) -> Option<String>) -> Self {
        let mut collected = Self {
            role: given.role,
            file: given.file,
            values: BTreeMap::new(),
            problems: Vec::new(),
        };
        let file = collected.file.clone();
        let mut file = file.map_or_else(BTreeMap::new, |path| collected.read(&path));
        for setting in SETTINGS {
            let flag = given.flags.get(setting.key).cloned();
            // An empty variable is an unset one: that is how a compose file leaves one out.
            let variable = environment(&setting.variable()).filter(|text| !text.is_empty());
            let value = flag
                .map(|text| (text, Source::Flag))
                .or(variable.map(|text| (text, Source::Environment)))
                .or(file.remove(setting.key).map(|text| (text, Source::File)))
                .or(setting
                    .default
                    .map(|text| (text.to_owned(), Source::Default)));
            if let Some((text, source)) = value {
                let text = Zeroizing::new(text);
                collected.values.insert(setting.key, Text { text, source });
            }
        }
        collected
    }

    /// The file's settings; what is wrong with it becomes problems.
    fn read(&mut self, path: &Path) -> BTreeMap<&'static str, String> {
        let mut values = BTreeMap::new();
        let table = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text).parse::<toml::Table>(),
            Err(error) => {
                let problem = format!("{} could not be read: {error}", path.display());
                let action = "Check the path and who may read it.";
                self.problems.push(Problem::new("config", problem, action));
                return values;
            }
        };
        let table = match table {
            Ok(table) => table,
            Err(error) => {
                // Not the parser's own words: they quote the line, which may hold a secret.
                let at = error.span().map(|span| span.start);
                let at = at.map_or_else(String::new, |at| format!(" (at byte {at})"));
                let problem = format!("{} is not TOML{at}", path.display());
                let action = "Write KEY = \"VALUE\", one a line.";
                self.problems.push(Problem::new("config", problem, action));
                return values;
            }
        };
        for (key, value) in table {
            let Some(setting) = settings::find(&key) else {
                let action = "Remove it, or correct its name: `golpo-backend serve --help` names \
                              every setting; in the file the dashes are underscores.";
                let problem = "there is no such setting";
                self.problems.push(Problem::new(&key, problem, action));
                continue;
            };
            match text_of(setting, &value) {
                Some(text) => {
                    values.insert(setting.key, text);
                }
                None => {
                    let (problem, action) = match setting.kind {
                        Kind::Switch => ("this is neither true nor false", "Write true or false."),
                        Kind::List => ("this is no list of texts", "Write [\"VALUE\", \"VALUE\"]."),
                        _ => ("this is not one value", "Write one text or number."),
                    };
                    self.problems.push(Problem::new(&key, problem, action));
                }
            }
        }
        values
    }

    /// The settings as the program works with them, or everything that is wrong.
    pub fn build(&mut self) -> Result<Config, Vec<Problem>> {
        let mut problems = std::mem::take(&mut self.problems);
        let config = build::build(self, &mut problems);
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(problems),
        }
    }

    /// Every setting with its value and where it comes from. A secret is only said to be set.
    pub fn shown(&self) -> Value {
        let mut shown = serde_json::Map::new();
        for setting in SETTINGS.iter().filter(|setting| setting.role <= self.role) {
            let value = self.values.get(setting.key);
            let text = value.map(|value| value.text.as_str());
            let shown_value = match (setting.kind, text) {
                (Kind::Secret, Some(_)) => json!("set"),
                (Kind::Secret, None) => json!("not set"),
                (_, None) => Value::Null,
                (Kind::Switch, Some(text)) => {
                    switch(text).map_or_else(|| json!(text), |value| json!(value))
                }
                (Kind::List, Some(text)) => json!(list(text).collect::<Vec<_>>()),
                (Kind::Text, Some(text)) if setting.key == "database_url" => {
                    // What is no address of a database may hold a password where none is looked for.
                    let url = text.parse::<DatabaseUrl>();
                    url.map_or(json!("not an address"), |url| json!(url.shown()))
                }
                (Kind::Text, Some(text)) => {
                    let number = text.parse::<u64>();
                    number.map_or_else(|_| json!(text), |number| json!(number))
                }
            };
            let source = value.map(|value| value.source.as_str());
            shown.insert(
                setting.key.to_owned(),
                json!({ "value": shown_value, "source": source }),
            );
        }
        json!({ "file": self.file, "settings": shown })
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|value| value.text.as_str())
    }

    fn source(&self, key: &str) -> Option<Source> {
        self.values.get(key).map(|value| value.source)
    }
}

/// A list's texts.
fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// A TOML value as the text that a flag would have been.
fn text_of(setting: &Setting, value: &toml::Value) -> Option<String> {
    match (setting.kind, value) {
        (Kind::Switch, toml::Value::Boolean(value)) => Some(value.to_string()),
        (Kind::Switch, _) => None,
        (Kind::List, toml::Value::Array(values)) => {
            let texts: Option<Vec<&str>> = values.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        (Kind::Text | Kind::Secret | Kind::List, toml::Value::String(text)) => Some(text.clone()),
        (Kind::Text, toml::Value::Integer(number)) => Some(number.to_string()),
        _ => None,
    }
}

/// The answer of `config check`: one JSON document, and whether all is well.
pub fn check(given: Given, environment: impl Fn(&str) -> Option<String>) -> (Value, bool) {
    let mut collected = Collected::collect(given, environment);
    let problems = collected.build().err().unwrap_or_default();
    let mut shown = collected.shown();
    let told: Vec<_> = problems
        .iter()
        .map(|one| json!({ "key": one.key, "problem": one.problem, "action": one.action }))
        .collect();
    shown["problems"] = json!(told);
    (shown, problems.is_empty())
}

#[cfg(test)]
mod tests;
