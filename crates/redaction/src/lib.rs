//! Masks secrets and identities in text that is about to be logged (P8, P13, P14). It is the net
//! below the types: values known to be secret carry types that cannot be printed, and what slips
//! through as plain text is caught here by its shape. Linear in the length of the line; never
//! fails, never logs by itself.

use std::borrow::Cow;

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

/// What a masked value is replaced by: the kind is told, the value and its length are not.
const SECRET: &str = "[secret]";
const EMAIL: &str = "[email]";
const ACCOUNT: &str = "[account]";
const PRIVATE_KEY: &str = "[private key]";

/// Beginnings that vendors give their tokens so that scanners can find them, with the fewest
/// characters that must follow. Longer beginnings stand first.
const TOKEN_PREFIXES: &[(&str, usize)] = &[
    ("github_pat_", 20),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("sk-ant-", 16),
    ("ATATT3x", 20),
    ("ATCTT3x", 20),
    ("glpat-", 16),
    ("golpo_", 12),
    ("golpo-", 12),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("sk-", 20),
];

/// Field names whose value is a secret whatever it looks like, compared without case, `-` and `_`.
const SECRET_FIELDS: &[&str] = &[
    "authorization",
    "proxyauthorization",
    "bearer",
    "basic",
    "apikey",
    "xapikey",
    "password",
    "passwd",
    "secret",
    "clientsecret",
    "token",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "cookie",
    "setcookie",
    "signature",
    "xforgeoauthuser",
    "xforgeoauthsystem",
];

/// Whether a field of this name holds a secret, such as `api_key`, `X-Api-Key` or `apiKey`.
pub fn is_secret_field(name: &str) -> bool {
    let folded: String = name
        .chars()
        .filter(|character| !matches!(character, '-' | '_'))
        .map(|character| character.to_ascii_lowercase())
        .collect();
    SECRET_FIELDS.contains(&folded.as_str())
}

/// The text with every secret and identity in it masked; borrowed when there is none.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let mut copied = 0;
    let mut position = 0;
    // Set while the next word is the value of a secret field: `Authorization: Bearer …`.
    let mut secret_next = false;
    while position < text.len() {
        if text[position..].starts_with("-----BEGIN ")
            && let Some(length) = private_key_length(&text[position..])
        {
            masked.push_str(&text[copied..position]);
            masked.push_str(PRIVATE_KEY);
            position += length;
            copied = position;
            continue;
        }
        let length = word_length(&text[position..]);
        if length == 0 {
            let character = text[position..].chars().next().map_or(1, char::len_utf8);
            // A value ends with its field: `,`, `;`, `&`, a brace or a new line.
            if matches!(text.as_bytes()[position], b',' | b';' | b'&' | b'}' | b'\n') {
                secret_next = false;
            }
            position += character;
            continue;
        }
        let word = &text[position..position + length];
        let names_field = is_secret_field(word);
        let mask = if secret_next && !names_field {
            Some(SECRET)
        } else {
            shape(word)
        };
        if let Some(mask) = mask {
            masked.push_str(&text[copied..position]);
            masked.push_str(mask);
            copied = position + length;
        }
        position += length;
        secret_next = names_field && follows_as_value(word, &text[position..]);
    }
    if copied == 0 && masked.is_empty() {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// Bytes of the word at the start of the text: what a token, an address or a field name is made of.
fn word_length(text: &str) -> usize {
    text.bytes()
        .take_while(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'@' | b'%')
                || !byte.is_ascii()
        })
        .count()
}

/// Whether what comes after a secret field's name is its value: after `:`, `=`, a quote, or for
/// the authentication schemes a blank.
fn follows_as_value(name: &str, rest: &str) -> bool {
    let scheme = name.eq_ignore_ascii_case("bearer") || name.eq_ignore_ascii_case("basic");
    let after = rest.trim_start_matches(['"', '\'', '\\']);
    after.trim_start().starts_with([':', '=']) || (scheme && after.starts_with(' '))
}

fn shape(word: &str) -> Option<&'static str> {
    if is_jwt(word) || is_vendor_token(word) {
        return Some(SECRET);
    }
    if is_email(word) {
        return Some(EMAIL);
    }
    if is_account_id(word) {
        Some(ACCOUNT)
    } else {
        None
    }
}

/// Three base64url parts, the first of them a JSON object (RFC 7519); a token cut short after its
/// first dot counts too.
fn is_jwt(word: &str) -> bool {
    word.starts_with("eyJ") && word.len() > 20 && word.contains('.')
}

fn is_vendor_token(word: &str) -> bool {
    TOKEN_PREFIXES.iter().any(|(prefix, rest)| {
        word.strip_prefix(prefix)
            .is_some_and(|tail| tail.len() >= *rest)
    })
}

fn is_email(word: &str) -> bool {
    let word = word.trim_end_matches(['.', '/']);
    let Some((local, domain)) = word.rsplit_once('@').or_else(|| word.rsplit_once("%40")) else {
        return false;
    };
    !local.is_empty()
        && domain.len() >= 4
        && domain.split('.').count() >= 2
        && domain.split('.').all(|label| !label.is_empty())
}

/// An Atlassian account id: 24 hexadecimal digits, or the UUID part of `NUMBER:UUID` (a colon
/// parts words, and a UUID alone may be anything: only the 24-digit form is masked by shape).
fn is_account_id(word: &str) -> bool {
    word.len() == 24 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The length of a PEM private key at the start of the text; to its end where the end is cut off.
fn private_key_length(text: &str) -> Option<usize> {
    let header_end = text.get(11..)?.find("-----")? + 11;
    if !text[..header_end].ends_with("PRIVATE KEY") {
        return None;
    }
    let body = header_end + 5;
    let Some(end) = text[body..].find("-----END") else {
        return Some(text.len());
    };
    let after = body + end + 8;
    Some(
        text[after..]
            .find("-----")
            .map_or(text.len(), |tail| after + tail + 5),
    )
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
            ("bearer abcdef", "bearer [secret]"),
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
        assert_eq!(redact("from mira.vale@example.com."), "from [email]");
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

    #[test]
    fn hostile_lines_take_linear_work() {
        let line = "-----BEGIN ".repeat(20_000) + &"@".repeat(50_000) + &"%40".repeat(20_000);
        assert!(redact(&line).len() <= line.len());
    }
}
