//! Labelled lines: templates with placeholders, each filled with a fresh value of our own invention.
//! No token in here is or ever was one; they are made of random characters when the test runs.
#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

/// A line and what is known of it.
#[derive(Debug, Clone)]
pub struct Case {
    pub class: String,
    pub line: String,
    /// Must be gone.
    pub hidden: Vec<String>,
    /// Must still be there.
    pub kept: Vec<String>,
}

/// All lines of the fixture file, each filled `copies` times.
pub fn cases(copies: u64, seed: u64) -> Vec<Case> {
    let file = include_str!("../fixtures/lines.txt");
    let mut cases = Vec::new();
    for (number, line) in file.lines().enumerate() {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let (class, template) = line.split_once(" | ").expect("CLASS | TEMPLATE");
        for copy in 0..copies {
            let seed =
                seed ^ (number as u64 * 1_000 + copy + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            cases.push(Fill::new(seed).line(class, template));
        }
    }
    cases
}

/// Names as a caller would mark them; all invented.
pub const NAMES: &[&str] = &[
    "Mira Vale",
    "Tobin Ashgrove",
    "Renée Oduya-Lind",
    "Ilse Quandt",
    "Kasimir Brandvik",
    "Søren Halvamaa",
    "Juno Pellworth",
    "Anneke van Dorst",
];

const MAILS: &[&str] = &[
    "example.com",
    "example.org",
    "mail.example.net",
    "acme-corp.example",
    "bücher.example",
];
const ODD_WORDS: &[&str] = &[
    "heron", "pelican", "quorum", "lattice", "marzipan", "turbine", "obsidian", "flotilla",
    "cobalt", "juniper", "walrus", "saffron", "glacier", "harpoon", "mandolin", "zeppelin",
    "cinnamon", "tapestry",
];
const PROSE: &[&str] = &[
    "The worker could not reach the queue and tries again in five seconds.",
    "Files of a dropped video remain until the next sweep.",
    "Nothing to do for this tenant.",
    "The page was published once more before the video was ready.",
    "Reading the configuration from the environment.",
    "Encoding took longer than the limit allows; the job is given back.",
    "A token without an expiry is refused, see the documentation.",
    "Secrets are kept in the vault and never in the log.",
    "The user may open the page but not its attachments.",
    "Slow query: 3 rows in 1.2 s.",
];
const PATHS: &[&str] = &[
    "crates/app/src/host.rs",
    "/usr/local/lib/node_modules/npm/bin/npm-cli.js",
    "src/routes/api_key.rs",
    "/var/lib/golpo/objects/videos",
    "C:\\Users\\build\\golpo\\target\\debug",
    "./node_modules/@forge/api/out/index.js",
];
const TAGS: &[&str] = &[
    "release-2026.11",
    "nightly",
    "v2-hotfix",
    "build-4417",
    "rc.3",
];

/// A vendor's token: what it begins with, how many characters follow, of which alphabet.
type Token = (&'static str, usize, &'static str);
const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz234567";
const DIGITS: &str = "0123456789";

const GITHUB: &[Token] = &[
    ("ghp_", 36, BASE62),
    ("gho_", 36, BASE62),
    ("ghs_", 36, BASE62),
    ("ghu_", 36, BASE62),
    ("ghr_", 36, BASE62),
    ("github_pat_", 82, BASE62),
];
const GITLAB: &[Token] = &[
    ("glpat-", 20, BASE64URL),
    ("gldt-", 20, BASE64URL),
    ("glrt-", 20, BASE64URL),
    ("glptt-", 40, HEX),
];
const SLACK: &[Token] = &[
    (
        "xoxb-",
        50,
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    ),
    ("xoxp-", 70, HEX),
    ("xapp-1-", 80, BASE62),
    ("xoxe-1-", 140, BASE62),
];
const STRIPE: &[Token] = &[
    ("sk_live_", 24, BASE62),
    ("sk_test_", 99, BASE62),
    ("rk_live_", 24, BASE62),
    ("whsec_", 32, BASE62),
];
const ATLASSIAN: &[Token] = &[
    ("ATATT3xFfGF0", 180, BASE64URL),
    ("ATCTT3xFfGN0", 180, BASE64URL),
    ("ATSTT3xFfGM0", 180, BASE64URL),
    ("ATBB", 32, BASE62),
];
const OPENAI: &[Token] = &[
    ("sk-", 48, BASE62),
    ("sk-proj-", 156, BASE64URL),
    ("sk-svcacct-", 120, BASE64URL),
    ("sk-ant-api03-", 93, BASE64URL),
];
const OTHER: &[Token] = &[
    ("AIza", 35, BASE64URL),
    ("AKIA", 16, UPPER),
    ("ASIA", 16, UPPER),
    ("npm_", 36, BASE62),
    ("GOCSPX-", 28, BASE64URL),
    ("ya29.", 120, BASE64URL),
    ("pypi-AgEI", 150, BASE64URL),
    ("dckr_pat_", 27, BASE64URL),
    ("hf_", 34, BASE62),
    ("SG.", 66, BASE62),
    ("key-", 32, HEX),
    ("SK", 32, HEX),
    ("dop_v1_", 64, HEX),
    ("dapi", 32, HEX),
    ("shpat_", 32, HEX),
    ("sq0csp-", 43, BASE64URL),
    ("lin_api_", 40, BASE62),
    ("ntn_", 46, BASE62),
    ("figd_", 40, BASE64URL),
    ("hvs.", 90, BASE64URL),
    ("glsa_", 41, BASE62),
    ("NRAK-", 27, UPPER),
    ("PMAK-", 59, HEX),
    ("gsk_", 52, BASE62),
    ("r8_", 37, BASE62),
    ("pplx-", 48, BASE62),
    ("xai-", 80, BASE62),
    ("sntryu_", 64, HEX),
    ("", 52, LOWER),
    ("hooks.slack.com/services/T", 40, BASE62),
];

struct Fill {
    state: u64,
    halves: BTreeMap<String, (String, String)>,
    hidden: Vec<String>,
    kept: Vec<String>,
}

impl Fill {
    fn new(seed: u64) -> Self {
        Self {
            state: seed | 1,
            halves: BTreeMap::new(),
            hidden: Vec::new(),
            kept: Vec::new(),
        }
    }

    fn line(mut self, class: &str, template: &str) -> Case {
        let mut line = String::new();
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            line.push_str(&rest[..open]);
            rest = &rest[open..];
            let close = rest.find('}').unwrap_or(0);
            let inside = rest.get(1..close).unwrap_or_default();
            let (kind, modifier) = inside.split_once(':').unwrap_or((inside, ""));
            match self.value(kind, modifier) {
                Some(text) => {
                    line.push_str(&text);
                    rest = &rest[close + 1..];
                }
                None => {
                    line.push('{');
                    rest = &rest[1..];
                }
            }
        }
        line.push_str(rest);
        if class == "decoy" {
            self.kept = vec![line.clone()];
        }
        Case {
            class: class.to_owned(),
            line,
            hidden: self.hidden,
            kept: self.kept,
        }
    }

    fn value(&mut self, kind: &str, modifier: &str) -> Option<String> {
        if let Some(text) = self.secret(kind, modifier) {
            let shown = match modifier {
                "head" => {
                    let halves = self.split(kind, &text);
                    self.halves.insert(kind.to_owned(), halves.clone());
                    halves.0
                }
                "tail" => self.halves.remove(kind).expect("a head before").1,
                _ => self.modify(&text, modifier),
            };
            self.hidden.push(shown.clone());
            return Some(shown);
        }
        let text = self.decoy(kind)?;
        if kind != "number6" {
            self.kept.push(text.clone());
        } else {
            self.hidden.push(text.clone());
        }
        Some(text)
    }

    fn split(&mut self, kind: &str, text: &str) -> (String, String) {
        let at = if kind == "name" {
            text.find(' ').expect("two words") + 1
        } else {
            // Each half long enough to tell something.
            let lead = if matches!(kind, "golpo" | "jwt") {
                12
            } else {
                6
            };
            let mut at = lead + self.below(text.len() - lead - 6);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        (text[..at].trim().to_owned(), text[at..].to_owned())
    }

    fn modify(&mut self, text: &str, modifier: &str) -> String {
        let bytes = text.as_bytes();
        match modifier {
            "" => text.to_owned(),
            "pct" => bytes
                .iter()
                .map(|byte| {
                    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                        char::from(*byte).to_string()
                    } else {
                        format!("%{byte:02X}")
                    }
                })
                .collect(),
            "pctall" => bytes.iter().map(|byte| format!("%{byte:02x}")).collect(),
            "b64" => base64(bytes, BASE64, true),
            "b64url" => base64(bytes, BASE64URL, false),
            "json" => json(text),
            "jsonb64" => base64(
                format!("{{\"prompt\":\"{}\"}}", json(text)).as_bytes(),
                BASE64,
                true,
            ),
            "u0" => text
                .chars()
                .map(|character| {
                    if character.is_ascii_alphanumeric() {
                        character.to_string()
                    } else {
                        character
                            .encode_utf16(&mut [0; 2])
                            .iter()
                            .map(|unit| format!("\\u{unit:04x}"))
                            .collect()
                    }
                })
                .collect(),
            "cut" => {
                let mut end = if let Some(at) = text.find('@') {
                    at + 3 + self.below(3)
                } else {
                    text.len() / 3 + self.below(text.len() / 2)
                };
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                // What is cut off in a JSON string is cut before it is escaped.
                json(&text[..end])
            }
            _ => panic!("no modifier {modifier}"),
        }
    }

    fn secret(&mut self, kind: &str, modifier: &str) -> Option<String> {
        Some(match kind {
            "golpo" => {
                let token = *self.pick(&[
                    ("golpo_live_", 24, BASE62),
                    ("golpo-", 32, HEX),
                    ("golpo_", 32, BASE62),
                    ("golpo_", 40, HEX),
                ]);
                self.token(token)
            }
            "aws" => self.token(("AKIA", 16, UPPER)),
            "awskey" => self.token(("", 40, BASE64)),
            "azure" => self.token(("", 86, BASE64)) + "==",
            "gcp" => self.token(("AIza", 35, BASE64URL)),
            "github" => self.one_of(GITHUB),
            "gitlab" => self.one_of(GITLAB),
            "slack" => self.one_of(SLACK),
            "stripe" => self.one_of(STRIPE),
            "npm" => self.token(("npm_", 36, BASE62)),
            "atlassian" => self.one_of(ATLASSIAN),
            "openai" => self.one_of(OPENAI),
            "vendor" => {
                let all = [
                    GITHUB, GITLAB, SLACK, STRIPE, ATLASSIAN, OPENAI, OTHER, OTHER, OTHER,
                ];
                let tokens = *self.pick(&all);
                self.one_of(tokens)
            }
            "jwt" => self.jwt(),
            "pem" => {
                let label = *self.pick(&[
                    "PRIVATE KEY",
                    "RSA PRIVATE KEY",
                    "EC PRIVATE KEY",
                    "OPENSSH PRIVATE KEY",
                    "ENCRYPTED PRIVATE KEY",
                ]);
                let lines: Vec<String> = (0..4 + self.below(6))
                    .map(|_| self.token(("", 64, BASE64)))
                    .collect();
                format!(
                    "-----BEGIN {label}-----\n{}\n-----END {label}-----",
                    lines.join("\n")
                )
            }
            "userinfo" => format!("{}:{}", self.pick(ODD_WORDS), self.password()),
            "password" => self.password(),
            "random" => {
                let length = 20 + self.below(24);
                self.token(("", length, BASE62))
            }
            "email" => {
                let domain = *self.pick(MAILS);
                let domain = if modifier == "cut" {
                    "example.com"
                } else {
                    domain
                };
                let (first, second) = (*self.pick(ODD_WORDS), *self.pick(ODD_WORDS));
                match self.below(3) {
                    0 => format!("{first}.{second}@{domain}"),
                    1 => format!("{first}+{second}@{domain}"),
                    _ => format!("{first}_{}@{domain}", self.below(99)),
                }
            }
            "account" => {
                let number = *self.pick(&["712020", "557058", "70121"]);
                format!("{number}:{}", self.uuid())
            }
            "oldaccount" => {
                let rest = self.token(("", 22, HEX));
                format!("5b{rest}")
            }
            "name" => (*self.pick(if modifier == "head" {
                &NAMES[..2]
            } else {
                NAMES
            }))
            .to_owned(),
            "content" => {
                let mut words: Vec<&str> = (0..5 + self.below(9))
                    .map(|_| *self.pick(ODD_WORDS))
                    .collect();
                if matches!(modifier, "json" | "pctall") {
                    words.insert(2, "\"quoted\",");
                    words.insert(4, "don't\n");
                } else {
                    words.insert(2, "ends, and");
                }
                words.join(" ") + "."
            }
            _ => return None,
        })
    }

    fn decoy(&mut self, kind: &str) -> Option<String> {
        Some(match kind {
            "uuid" => self.uuid(),
            "sha1" => self.token(("", 40, HEX)),
            "sha256" => self.token(("", 64, HEX)),
            "sri" => self.token(("", 86, BASE64)) + "==",
            "traceid" => self.token(("", 32, HEX)),
            "spanid" => self.token(("", 16, HEX)),
            "short" => self.token(("", 7, HEX)),
            "png" => {
                let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
                bytes.extend((0..90).map(|_| self.below(256) as u8));
                base64(&bytes, BASE64, true)
            }
            "semver" => format!(
                "{}.{}.{}{}",
                self.below(40),
                self.below(20),
                self.below(9),
                self.pick(&["", "-beta.2", "-rc.1", "+build.7"])
            ),
            "time" => format!(
                "2026-11-{:02}T{:02}:{:02}:00.{:06}Z",
                1 + self.below(28),
                self.below(24),
                self.below(60),
                self.below(999_999)
            ),
            "path" => (*self.pick(PATHS)).to_owned(),
            "number" => (10 + self.below(99_000)).to_string(),
            "number6" => self.token(("", 6, DIGITS)),
            "prose" => (*self.pick(PROSE)).to_owned(),
            "tag" => (*self.pick(TAGS)).to_owned(),
            "cursor" => {
                let text = format!(
                    "{{\"page\":{},\"after\":\"{}\"}}",
                    self.below(999),
                    self.uuid()
                );
                base64(text.as_bytes(), BASE64URL, false)
            }
            _ => return None,
        })
    }

    fn jwt(&mut self) -> String {
        let header = *self.pick(&[
            r#"{"alg":"RS256","kid":"key-1"}"#,
            r#"{"typ":"JWT","alg":"HS256"}"#,
            r#"{"kid":"forge/invocation-token/1","typ":"JWT","alg":"RS256"}"#,
        ]);
        let payload = format!(
            r#"{{"iss":"forge/invocation-token","aud":"ari:cloud:ecosystem::app/{}","exp":1790000000}}"#,
            self.uuid()
        );
        let signature = self.token(("", 86, BASE64URL));
        format!(
            "{}.{}.{signature}",
            base64(header.as_bytes(), BASE64URL, false),
            base64(payload.as_bytes(), BASE64URL, false)
        )
    }

    fn password(&mut self) -> String {
        let word = *self.pick(ODD_WORDS);
        let symbol = *self.pick(&["!", "*", "_", "-", ".", "$", "^", "+"]);
        match self.below(3) {
            0 => format!("{word}{symbol}{}", self.below(9_999)),
            1 => self.token(("", 14, BASE62)),
            _ => format!(
                "{}{symbol}{}",
                self.token(("", 6, BASE62)),
                self.token(("", 6, BASE62))
            ),
        }
    }

    fn uuid(&mut self) -> String {
        let hex = self.token(("", 32, HEX));
        format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }

    fn one_of(&mut self, tokens: &[Token]) -> String {
        let token = *self.pick(tokens);
        self.token(token)
    }

    fn token(&mut self, (prefix, length, alphabet): Token) -> String {
        let alphabet = alphabet.as_bytes();
        let mut text = prefix.to_owned();
        for index in 0..length {
            // Neither end is a mark: marks there belong to the sentence around.
            loop {
                let byte = alphabet[self.below(alphabet.len())];
                if byte.is_ascii_alphanumeric() || (index > 0 && index + 1 < length) {
                    text.push(char::from(byte));
                    break;
                }
            }
        }
        text
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// A number below a limit (xorshift64*).
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }
}

fn json(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

pub fn base64(bytes: &[u8], alphabet: &str, pad: bool) -> String {
    let alphabet = alphabet.as_bytes();
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut bits = 0_u32;
        for index in 0..3 {
            bits = bits << 8 | u32::from(group.get(index).copied().unwrap_or(0));
        }
        for index in 0..=group.len() {
            text.push(char::from(
                alphabet[(bits >> (18 - 6 * index)) as usize & 63],
            ));
        }
        if pad {
            text.extend(std::iter::repeat_n('=', 3 - group.len()));
        }
    }
    text
}
