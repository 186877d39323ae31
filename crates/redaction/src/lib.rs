//! Masks secrets, identities and content in text that is about to be logged (P8, P13, P14). Two
//! walls: [`Secret`], [`Content`] and [`Person`] wrap what is known to be one, and cannot be
//! printed; [`redact`] is the net below, for what slips into a log line as plain text. It works
//! by field names and by shapes, in prose, JSON, URLs, headers and error messages, also where a
//! value is percent- or base64-encoded, cut off, or parted over two fields. Linear in the length of
//! the text; never fails, never logs by itself. What was JSON stays JSON.

mod encoded;
mod fields;
mod names;
mod scan;
mod shapes;
mod typed;

use std::borrow::Cow;

use names::{Find, Names};
use scan::{Scan, Span};

pub use fields::is_secret_field;
pub use typed::{Content, Person, Secret};

/// What a masked value is replaced by: the kind is told, the value and its length are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mask {
    /// A key, a token, a password.
    Secret,
    /// A private key.
    PrivateKey,
    /// An e-mail address.
    Email,
    /// An account id.
    Account,
    /// A person's name.
    Name,
    /// Page text, a prompt or a script.
    Content,
}

impl Mask {
    /// Every mask.
    pub const ALL: &[Self] = &[
        Self::Secret,
        Self::PrivateKey,
        Self::Email,
        Self::Account,
        Self::Name,
        Self::Content,
    ];

    /// What stands in the text instead.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "[secret]",
            Self::PrivateKey => "[private key]",
            Self::Email => "[email]",
            Self::Account => "[account]",
            Self::Name => "[name]",
            Self::Content => "[content]",
        }
    }

    pub(crate) fn at_start(text: &str) -> Option<Self> {
        if !text.starts_with('[') {
            return None;
        }
        Self::ALL
            .iter()
            .copied()
            .find(|mask| text.starts_with(mask.as_str()))
    }

    pub(crate) fn is_mask(text: &str) -> bool {
        Self::at_start(text).is_some_and(|mask| mask.as_str() == text)
    }
}

/// Text that has been through [`redact`], the only text that may be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine(String);

impl LogLine {
    /// Redacts a line.
    pub fn new(line: &str) -> Self {
        Self(redact(line).into_owned())
    }

    /// The redacted line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text with every secret, identity and content in it masked; borrowed when there is none.
/// Redacting twice changes nothing more.
pub fn redact(text: &str) -> Cow<'_, str> {
    redact_with(text, None)
}

/// Redacts people's names beside all that [`redact`] masks.
#[derive(Clone, Default)]
pub struct Redactor {
    names: Names,
}

impl Redactor {
    /// Knows these names. Each is found whatever its case, as `First Last`, `Last, First` and
    /// `first.last`, encoded, and parted over two fields. Of fewer than three letters, it is ignored.
    pub fn new<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Self {
        let mut all = Names::default();
        for name in names {
            all.add(name.as_ref());
        }
        Self { names: all }
    }

    /// Like [`redact`], with the names masked too.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        redact_with(text, Some(&self.names))
    }
}

/// How often a text is gone through at most.
const PASSES: usize = 4;

fn redact_with<'t>(text: &'t str, names: Option<&dyn Find>) -> Cow<'t, str> {
    let scan = Scan::run(text, names, 0);
    if scan.spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut again = scan.ragged;
    let mut masked = with_masks(text, &scan.spans);
    // What is left of a word that was cut may be something by itself. Nothing seen so far needed
    // a third pass.
    for _ in 1..PASSES {
        if !again {
            break;
        }
        let scan = Scan::run(&masked, names, 0);
        if scan.spans.is_empty() {
            break;
        }
        again = true;
        masked = with_masks(&masked, &scan.spans);
    }
    Cow::Owned(masked)
}

fn with_masks(text: &str, spans: &[Span]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for span in spans {
        masked.push_str(&text[copied..span.start]);
        let quote = |masked: &mut String| {
            if let Some((mark, backslashes)) = span.quote {
                masked.extend(std::iter::repeat_n('\\', usize::from(backslashes)));
                masked.push(char::from(mark));
            }
        };
        quote(&mut masked);
        masked.push_str(span.mask.as_str());
        quote(&mut masked);
        copied = span.end;
    }
    masked.push_str(&text[copied..]);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p13_secrets_are_masked_by_field_and_by_shape() {
        let table = [
            (
                "Authorization: Bearer abc.def-ghi",
                "Authorization: Bearer [secret]",
            ),
            ("bearer abcdef01", "bearer [secret]"),
            (
                r#"{"apiKey":"k-123","page":"1"}"#,
                r#"{"apiKey":"[secret]","page":"1"}"#,
            ),
            ("x-api-key=golpo123&limit=2", "x-api-key=[secret]&limit=2"),
            (
                "password = hunter2, user = x",
                "password = [secret], user = x",
            ),
            (
                "got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln end",
                "got [secret] end",
            ),
            ("cut eyJhbGciOiJSUzI1NiJ9.eyJpc3Mi", "cut [secret]"),
            ("key AKIAABCDEFGHIJKLMNOP used", "key [secret] used"),
            ("golpo_0123456789abcdef", "[secret]"),
            (
                "a -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- b",
                "a [private key] b",
            ),
            ("a -----BEGIN RSA PRIVATE KEY-----\nMIIE", "a [private key]"),
        ];
        for (line, expected) in table {
            assert_eq!(redact(line), expected);
        }
    }

    #[test]
    fn p08_identities_are_masked_by_shape() {
        assert_eq!(redact("from mira.vale@example.com."), "from [email].");
        assert_eq!(redact("q=mira%40example.com"), "q=[email]");
        assert_eq!(
            redact("user 5b10ac8d82e05b22cc7d4ef5 left"),
            "user [account] left"
        );
    }

    #[test]
    fn clean_lines_are_borrowed() {
        for line in [
            "",
            "operation=preview code=page_not_found status=404",
            "the token was refused",
            "video 0198c0de-0000-7000-8000-000000000001 done in 12 s",
            "Grüße -----BEGIN CERTIFICATE-----",
        ] {
            assert!(matches!(redact(line), Cow::Borrowed(_)), "{line}");
        }
    }
}
