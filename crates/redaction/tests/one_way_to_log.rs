//! There is one way to log in the app and one in the backend, and both redact (P13, P14). clippy
//! and biome refuse the usual macros and `console`; this looks for what they can be told to ignore
//! and for ways around them.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// What prints or logs in Rust, or lets one do so.
const RUST: &[&str] = &[
    "println!",
    "print!(",
    "eprintln!",
    "eprint!(",
    "dbg!(",
    "stdout()",
    "stderr()",
    "::stdout",
    "::stderr",
    "/dev/std",
    "/dev/fd",
    "/proc/self/fd",
    "print_stdout",
    "print_stderr",
    "dbg_macro",
    "tracing_subscriber",
    "set_global_default",
    "set_default",
    "with_default",
    "log::",
    "env_logger",
    "syslog",
    "Stdio::inherit",
    "js_namespace = console",
    "web_sys",
];

/// What prints or logs in JavaScript, or lets one do so.
const JAVASCRIPT: &[&str] = &[
    "console",
    "noConsole",
    "process.stdout",
    "process.stderr",
    "writeSync",
    "process.emitWarning",
    "util.debuglog",
    "sendBeacon",
];

/// The ways there are, each where it is and how it looks.
const ALLOWED: &[(&str, &str)] = &[
    // The only subscriber, whose only writer redacts.
    (
        "crates/backend/src/telemetry.rs",
        "use tracing_subscriber::Layer as _;",
    ),
    (
        "crates/backend/src/telemetry.rs",
        "use tracing_subscriber::fmt::MakeWriter;",
    ),
    (
        "crates/backend/src/telemetry.rs",
        "use tracing_subscriber::layer::SubscriberExt as _;",
    ),
    (
        "crates/backend/src/telemetry.rs",
        "let subscriber = subscriber(level, std::io::stderr, traces);",
    ),
    (
        "crates/backend/src/telemetry.rs",
        "let _ = tracing::subscriber::set_global_default(subscriber);",
    ),
    (
        "crates/backend/src/telemetry.rs",
        "let lines = tracing_subscriber::fmt::layer()",
    ),
    (
        "crates/backend/src/telemetry.rs",
        "tracing_subscriber::registry()",
    ),
    // Traces: attributes from a list of our own alone, which their tests hold against what arrives.
    (
        "crates/backend/src/telemetry/traces.rs",
        "use tracing_subscriber::Layer;",
    ),
    (
        "crates/backend/src/telemetry/traces.rs",
        "use tracing_subscriber::filter::filter_fn;",
    ),
    (
        "crates/backend/src/telemetry/traces.rs",
        "use tracing_subscriber::registry::LookupSpan;",
    ),
    // A panic's place; its only caller makes a `LogLine`.
    (
        "crates/app-wasm/src/lib.rs",
        "#[wasm_bindgen(js_namespace = console, js_name = error)]",
    ),
    // Forge's log; the app hands over a `LogLine`.
    (
        "src-js-shim/index.mjs",
        "// biome-ignore lint/suspicious/noConsole: Forge's log is the console; the app redacts each line.",
    ),
    (
        "src-js-shim/index.mjs",
        "log: (level, line) => console[level](line),",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a folder with one of these endings, deep.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if endings
            .iter()
            .any(|ending| path.extension().is_some_and(|other| other == *ending))
        {
            found.push(path);
        }
    }
    found
}

/// The files of modules that are compiled for tests alone; they print for whoever runs them.
fn test_modules(files: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(path).unwrap();
        let mut rest = text.as_str();
        while let Some((_, after)) = rest.split_once("#[cfg(test)]\nmod ") {
            rest = after;
            let name = after.split([';', ' ']).next().unwrap_or_default();
            let stem = path.file_stem().unwrap();
            let holder = path.parent().unwrap();
            found.push(holder.join(format!("{name}.rs")));
            found.push(holder.join(stem).join(format!("{name}.rs")));
        }
    }
    found
}

/// Where the backend's subcommands are called, they may be handed standard output for their answer
/// to the operator, which is no log.
fn is_answer(file: &str, line: &str) -> bool {
    matches!(
        file,
        "crates/backend/src/serve.rs"
            | "crates/backend/src/commands.rs"
            | "crates/backend/src/main.rs"
    ) && line.contains("std::io::stdout().lock()")
        && !line.contains("stderr")
}

/// `FILE: LINE` of each line that holds one of the words; comments in Rust are left out.
fn uses(path: &Path, words: &[&str]) -> Vec<(String, String)> {
    let name = path.strip_prefix(root()).unwrap().display().to_string();
    let text = std::fs::read_to_string(path).unwrap();
    // A module of tests stands last.
    let product = text.split("\n#[cfg(test)]\nmod tests {").next();
    product
        .into_iter()
        .flat_map(str::lines)
        .map(str::trim)
        .filter(|line| !(name.ends_with(".rs") && line.starts_with("//")))
        .filter(|line| !is_answer(&name, line))
        .filter(|line| words.iter().any(|word| line.contains(word)))
        .map(|line| (name.clone(), line.to_owned()))
        .collect()
}

#[test]
fn p13_p14_nothing_prints_or_logs_but_through_redaction() {
    let mut rust = Vec::new();
    for entry in std::fs::read_dir(root().join("crates")).unwrap().flatten() {
        // xtask is a developer's tool and never part of what is shipped.
        if entry.file_name() != "xtask" {
            rust.extend(files(&entry.path().join("src"), &["rs"]));
        }
    }
    let tests = test_modules(&rust);
    rust.retain(|path| !tests.contains(path));
    let mut javascript = files(&root().join("static/src"), &["ts", "tsx", "js", "mjs"]);
    javascript.push(root().join("src-js-shim/index.mjs"));
    assert!(
        rust.len() > 40 && javascript.len() > 10,
        "the product's files were not found"
    );

    let mut found: Vec<(String, String)> = rust.iter().flat_map(|path| uses(path, RUST)).collect();
    found.extend(javascript.iter().flat_map(|path| uses(path, JAVASCRIPT)));
    let mut expected: Vec<(String, String)> = ALLOWED
        .iter()
        .map(|(file, line)| ((*file).to_owned(), (*line).to_owned()))
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(
        found, expected,
        "log through `tracing` or `Host::log`, which redact"
    );
}

#[test]
fn p13_p14_the_linters_refuse_to_print() {
    let cargo = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for lint in ["print_stdout", "print_stderr", "dbg_macro"] {
        assert!(cargo.contains(&format!("{lint} = \"warn\"")), "{lint}");
    }
    let biome = std::fs::read_to_string(root().join("biome.json")).unwrap();
    assert!(biome.contains("\"noConsole\": \"error\""));
    for entry in std::fs::read_dir(root().join("crates")).unwrap().flatten() {
        let manifest = std::fs::read_to_string(entry.path().join("Cargo.toml")).unwrap();
        let shared = manifest.contains("[lints]\nworkspace = true");
        assert!(
            shared,
            "{} does not share the lints",
            entry.path().display()
        );
    }
}

/// The macro `console_error` of the wasm's face takes any text; its one caller redacts.
#[test]
fn p14_the_panic_hook_of_the_app_redacts() {
    let face = std::fs::read_to_string(root().join("crates/app-wasm/src/lib.rs")).unwrap();
    let calls: Vec<&str> = face
        .lines()
        .map(str::trim)
        .filter(|line| line.contains("console_error("))
        .collect();
    assert_eq!(
        calls,
        [
            "fn console_error(line: &str);",
            "console_error(app::panic_line(panic).as_str());"
        ]
    );
    // What it gives is a `LogLine`, which only redaction makes.
    let gives = files(&root().join("crates/app/src"), &["rs"])
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .filter(|text| text.contains("pub fn panic_line(panic: &PanicHookInfo<'_>) -> LogLine"))
        .count();
    assert_eq!(gives, 1);
}
