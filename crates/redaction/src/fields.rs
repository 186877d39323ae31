//! What a field's name says of its value. Names are compared without case, `-`, `_` and `.`, so
//! that `X-Api-Key`, `api_key` and `apiKey` are one name.

use crate::Mask;

/// What the value of a field is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To be masked whatever it looks like.
    Always(Mask),
    /// Page text, a prompt or a script under a name that is used for nothing else.
    Content,
    /// The same under an everyday word: only where the form shows that it is a field.
    MaybeContent,
    /// A secret if it looks random.
    SecretLike,
    /// Its value is the name of another field: `{"name": "authorization", "value": …}`.
    NameOf,
    /// Its value belongs to the name beside it.
    ValueOf,
    /// Nothing is known of it.
    Plain,
}

/// The longest name that is looked at; of a longer one, its end.
pub(crate) const LONGEST: usize = 48;

/// The size of the buffer for one: a power of two, so that no index into it needs a check.
pub(crate) const BUFFER: usize = 64;

/// What each byte is without case; nothing for what is neither a letter nor a digit.
const FOLDED: [u8; 256] = {
    let mut folded = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            folded[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    folded
};

/// Writes a name without case and marks into a buffer and gives it, and its letters, a bit each by the
/// lowest five bits. (A struct that held both would be copied right after it was written byte by byte, and
/// that is what processors are slow at.)
#[inline]
pub(crate) fn folded<'b>(name: &str, buffer: &'b mut [u8; BUFFER]) -> (&'b [u8], u32) {
    let tail = &name.as_bytes()[name.len().saturating_sub(LONGEST)..];
    let mut letters = 0;
    let mut length = 0;
    for byte in tail {
        let byte = FOLDED[usize::from(*byte)];
        // A mark is written, too, and then written over.
        buffer[length % BUFFER] = byte;
        length += usize::from(byte != 0);
        letters |= 1 << (byte & 31);
    }
    (&buffer[..length.min(BUFFER)], letters)
}

/// Whether a field of this name holds a secret, such as `api_key`, `X-Api-Key` or `dbPassword`.
pub fn is_secret_field(name: &str) -> bool {
    kind(name) == Kind::Always(Mask::Secret)
}

use Kind::{Always, Content, MaybeContent, NameOf, ValueOf};
use Mask::{Account, Email, Name, Secret};

/// What names mean, by the letter.
#[rustfmt::skip]
const NAMES: &[(&str, Kind)] = &[
    ("aaid", Always(Account)),
    ("actorid", Always(Account)),
    ("adf", MaybeContent),
    ("apikey", Always(Secret)),
    ("assignee", Always(Name)),
    ("assigneeid", Always(Account)),
    ("attribute", NameOf),
    ("author", Always(Name)),
    ("authorid", Always(Account)),
    ("authorization", Always(Secret)),
    ("authorname", Always(Name)),
    ("bearer", Always(Secret)),
    ("body", MaybeContent),
    ("comment", MaybeContent),
    ("comments", MaybeContent),
    ("completion", MaybeContent),
    ("content", MaybeContent),
    ("contributor", Always(Name)),
    ("contributors", Always(Name)),
    ("cookie", Always(Secret)),
    ("createdby", Always(Name)),
    ("creator", Always(Name)),
    ("creatorid", Always(Account)),
    ("credential", Always(Secret)),
    ("data", ValueOf),
    ("displayname", Always(Name)),
    ("email", Always(Email)),
    ("emailaddress", Always(Email)),
    ("excerpt", MaybeContent),
    ("familyname", Always(Name)),
    ("field", NameOf),
    ("fieldname", NameOf),
    ("fieldvalue", ValueOf),
    ("firstname", Always(Name)),
    ("fullname", Always(Name)),
    ("givenname", Always(Name)),
    ("header", NameOf),
    ("headername", NameOf),
    ("headervalue", ValueOf),
    ("heading", MaybeContent),
    ("html", MaybeContent),
    ("jsessionid", Always(Secret)),
    ("jwt", Always(Secret)),
    ("key", NameOf),
    ("lastname", Always(Name)),
    ("lastownerid", Always(Account)),
    ("login", Always(Name)),
    ("loginname", Always(Name)),
    ("mail", Always(Email)),
    ("mnemonic", Always(Secret)),
    ("name", NameOf),
    ("narration", Content),
    ("nickname", Always(Name)),
    ("otp", Always(Secret)),
    ("owner", Always(Name)),
    ("ownerid", Always(Account)),
    ("ownername", Always(Name)),
    ("pagebody", Content),
    ("pagecontent", Content),
    ("pagetext", Content),
    ("pagetitle", Content),
    ("param", NameOf),
    ("parameter", NameOf),
    ("pass", Always(Secret)),
    ("passwd", Always(Secret)),
    ("password", Always(Secret)),
    ("phpsessid", Always(Secret)),
    ("principal", Always(Account)),
    ("principalid", Always(Account)),
    ("prompt", Content),
    ("prompttext", Content),
    ("pswd", Always(Secret)),
    ("publicname", Always(Name)),
    ("pwd", Always(Secret)),
    ("realname", Always(Name)),
    ("recoverycode", Always(Secret)),
    ("recoveryphrase", Always(Secret)),
    ("reporter", Always(Name)),
    ("reporterid", Always(Account)),
    ("script", Content),
    ("scripttext", Content),
    ("secret", Always(Secret)),
    ("sections", MaybeContent),
    ("seedphrase", Always(Secret)),
    ("selectedtext", Content),
    ("selection", MaybeContent),
    ("sessionid", Always(Secret)),
    ("sig", Always(Secret)),
    ("signature", Always(Secret)),
    ("storyboard", Content),
    ("surname", Always(Name)),
    ("text", MaybeContent),
    ("title", MaybeContent),
    ("token", Always(Secret)),
    ("totp", Always(Secret)),
    ("transcript", Content),
    ("type", NameOf),
    ("updatedby", Always(Name)),
    ("userid", Always(Account)),
    ("userkey", Always(Account)),
    ("username", Always(Name)),
    ("val", ValueOf),
    ("value", ValueOf),
    ("values", ValueOf),
    ("variable", NameOf),
    ("voiceover", Content),
    ("xamzsignature", Always(Secret)),
    ("xforgeoauthsystem", Always(Secret)),
    ("xforgeoauthuser", Always(Secret)),
];

/// For each letter the rows of [`NAMES`] that begin with it, and which lengths these have (a bit
/// each): most names are told from all of them by their first letter and length.
const ROWS: [(u8, u8, u32); 26] = rows();

const fn rows() -> [(u8, u8, u32); 26] {
    let mut rows = [(0, 0, 0); 26];
    let mut row = 0;
    while row < NAMES.len() {
        let name = NAMES[row].0.as_bytes();
        let first = (name[0] - b'a') as usize;
        if rows[first].1 == 0 {
            rows[first].0 = row as u8;
        }
        rows[first].1 = row as u8 + 1;
        rows[first].2 |= 1 << name.len();
        row += 1;
    }
    rows
}

#[inline]
fn by_name(name: &[u8]) -> Option<Kind> {
    let first = name.first()?.checked_sub(b'a')?;
    let (start, end, lengths) = *ROWS.get(usize::from(first))?;
    if name.len() >= 32 || lengths & (1 << name.len()) == 0 {
        return None;
    }
    NAMES[usize::from(start)..usize::from(end)]
        .iter()
        .find(|row| {
            let row = row.0.as_bytes();
            row.len() == name.len() && row.last() == name.last() && row == name
        })
        .map(|row| row.1)
}

/// What the value of a field of this name is.
pub(crate) fn kind(name: &str) -> Kind {
    let mut buffer = [0; BUFFER];
    let (name, letters) = folded(name, &mut buffer);
    match name {
        [] => Kind::Plain,
        b"k" => Kind::NameOf,
        b"v" => Kind::ValueOf,
        _ => by_name(name).unwrap_or_else(|| by_part(name, letters)),
    }
}

/// Ends of names whose value is a secret: `db_password`, `aws_secret_access_key`, `csrf-token`.
const SECRET_ENDS: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passphrase",
    b"passcode",
    b"secret",
    b"token",
    b"apikey",
    b"secretkey",
    b"privatekey",
    b"accesskey",
    b"accountkey",
    b"authkey",
    b"signingkey",
    b"encryptionkey",
    b"masterkey",
    b"sharedkey",
    b"licensekey",
    b"credentials",
    b"cookie",
    b"authorization",
    b"secretaccesskey",
];

/// Ends of names that tell of a secret but do not hold one: `token_type`, `keyId`.
const HARMLESS_ENDS: &[&[u8]] = &[
    b"id",
    b"count",
    b"length",
    b"size",
    b"limit",
    b"name",
    b"type",
    b"url",
    b"uri",
    b"path",
    b"file",
    b"alg",
    b"policy",
    b"expiry",
    b"expires",
    b"ttl",
    b"age",
    b"version",
    b"fingerprint",
    b"at",
    b"status",
    b"present",
];

/// The letters of a text, a bit each by the lowest five bits.
const fn letters(text: &[u8]) -> u32 {
    let mut letters = 0;
    let mut at = 0;
    while at < text.len() {
        letters |= 1 << (text[at] & 31);
        at += 1;
    }
    letters
}

/// The letters of each part that tells of a secret.
const PART_LETTERS: [u32; 14] = [
    letters(b"auth"),
    letters(b"code"),
    letters(b"cookie"),
    letters(b"cred"),
    letters(b"hmac"),
    letters(b"jwt"),
    letters(b"key"),
    letters(b"nonce"),
    letters(b"pass"),
    letters(b"salt"),
    letters(b"secret"),
    letters(b"session"),
    letters(b"signature"),
    letters(b"token"),
];

/// Whether a name has a part that tells of a secret. Their letters tell most names from all parts.
#[inline]
fn tells_of_secret(name: &[u8], letters: u32) -> bool {
    // Without an early end: nearly all names have none, and this way the processor need not guess.
    let possible = PART_LETTERS
        .iter()
        .fold(false, |any, part| any | (letters & part == *part));
    if !possible {
        return false;
    }
    for at in 0..name.len().saturating_sub(2) {
        let parts: &[&[u8]] = match (name[at], name[at + 1]) {
            (b'a', b'u') => &[b"auth"],
            (b'c', b'o') => &[b"code", b"cookie"],
            (b'c', b'r') => &[b"cred"],
            (b'h', b'm') => &[b"hmac"],
            (b'j', b'w') => &[b"jwt"],
            (b'k', b'e') => &[b"key"],
            (b'n', b'o') => &[b"nonce"],
            (b'p', b'a') => &[b"pass"],
            (b's', b'a') => &[b"salt"],
            (b's', b'e') => &[b"secret", b"session"],
            (b's', b'i') => &[b"signature"],
            (b't', b'o') => &[b"token"],
            _ => continue,
        };
        if parts.iter().any(|part| name[at..].starts_with(part)) {
            return true;
        }
    }
    false
}

/// Whether a name ends with one of these. Most are told from all by their last letter.
#[inline]
fn ends_with_one(name: &[u8], ends: &[&[u8]]) -> bool {
    ends.iter()
        .any(|end| end.last() == name.last() && name.ends_with(end))
}

fn by_part(name: &[u8], letters: u32) -> Kind {
    if tells_of_secret(name, letters) {
        if ends_with_one(name, SECRET_ENDS) {
            return Kind::Always(Mask::Secret);
        }
        let harmless = ends_with_one(name, HARMLESS_ENDS) || name.starts_with(b"public");
        if name.len() >= 4 && !harmless {
            return Kind::SecretLike;
        }
    }
    match name.last() {
        Some(b'd') if name.ends_with(b"accountid") => Kind::Always(Mask::Account),
        Some(b'l') if name.ends_with(b"email") => Kind::Always(Mask::Email),
        Some(b't') if name.ends_with(b"prompt") || name.ends_with(b"pagetext") => Kind::Content,
        _ => Kind::Plain,
    }
}

/// Words that stand where a value would and say how it is: `token: expired`.
pub(crate) fn is_state(word: &str) -> bool {
    const STATES: &[&str] = &[
        "null",
        "none",
        "nil",
        "true",
        "false",
        "undefined",
        "missing",
        "expired",
        "invalid",
        "required",
        "present",
        "absent",
        "refused",
        "revoked",
        "malformed",
        "unknown",
        "empty",
        "unset",
        "set",
        "not",
        "is",
        "was",
        "yes",
        "no",
        "ok",
        "failed",
        "denied",
        "redacted",
        "anonymous",
        "the",
        "must",
        "cannot",
        "has",
        "too",
        "rejected",
        "accepted",
        "rotated",
        "no-check",
    ];
    word.len() <= 9 && STATES.iter().any(|state| word.eq_ignore_ascii_case(state))
}

/// Authentication schemes (RFC 9110, 11.1) that stand before the secret in a header's value.
pub(crate) fn is_scheme(word: &str) -> bool {
    const SCHEMES: &[&str] = &[
        "bearer",
        "basic",
        "token",
        "apikey",
        "digest",
        "negotiate",
        "jwt",
        "geniekey",
        "dpop",
        "hawk",
        "signature",
        "sharedkey",
        "aws4-hmac-sha256",
        "bot",
    ];
    SCHEMES
        .iter()
        .any(|scheme| word.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let table = [
            ("X-Api-Key", Kind::Always(Mask::Secret)),
            ("GOLPO_API_KEY", Kind::Always(Mask::Secret)),
            ("aws_secret_access_key", Kind::Always(Mask::Secret)),
            ("dbPassword", Kind::Always(Mask::Secret)),
            ("Set-Cookie", Kind::Always(Mask::Secret)),
            ("webhookSecret", Kind::Always(Mask::Secret)),
            ("tokens", Kind::SecretLike),
            ("token_type", Kind::Plain),
            ("keyId", Kind::Plain),
            ("publicKey", Kind::Plain),
            ("sessionKey", Kind::SecretLike),
            ("ownerAccountId", Kind::Always(Mask::Account)),
            ("userEmail", Kind::Always(Mask::Email)),
            ("displayName", Kind::Always(Mask::Name)),
            ("page_text", Kind::Content),
            ("systemPrompt", Kind::Content),
            ("title", Kind::MaybeContent),
            ("typescript", Kind::Plain),
            ("content-type", Kind::Plain),
            ("", Kind::Plain),
            ("-", Kind::Plain),
        ];
        for (name, expected) in table {
            assert_eq!(kind(name), expected, "{name}");
        }
        assert_eq!(
            kind(&format!("{}_password", "x".repeat(90))),
            Kind::Always(Mask::Secret)
        );
    }
}
