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
const LONGEST: usize = 48;

/// A name without case and marks.
pub(crate) struct Folded {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Folded {
    pub(crate) fn new(name: &str) -> Self {
        let tail = &name.as_bytes()[name.len().saturating_sub(LONGEST)..];
        let mut folded = Self {
            bytes: [0; LONGEST],
            length: 0,
        };
        for byte in tail {
            if byte.is_ascii_alphanumeric() {
                folded.bytes[folded.length] = byte.to_ascii_lowercase();
                folded.length += 1;
            }
        }
        folded
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Whether a field of this name holds a secret, such as `api_key`, `X-Api-Key` or `dbPassword`.
pub fn is_secret_field(name: &str) -> bool {
    kind(name) == Kind::Always(Mask::Secret)
}

/// What the value of a field of this name is.
pub(crate) fn kind(name: &str) -> Kind {
    let folded = Folded::new(name);
    let name = folded.as_bytes();
    if name.len() < 2 {
        return if matches!(name, b"k") {
            Kind::NameOf
        } else if matches!(name, b"v") {
            Kind::ValueOf
        } else {
            Kind::Plain
        };
    }
    match name {
        b"authorization" | b"apikey" | b"password" | b"passwd" | b"pwd" | b"pass" | b"pswd"
        | b"secret" | b"token" | b"cookie" | b"credential" | b"sig" | b"signature"
        | b"xamzsignature" | b"jwt" | b"otp" | b"totp" | b"sessionid" | b"jsessionid"
        | b"phpsessid" | b"mnemonic" | b"seedphrase" | b"recoveryphrase" | b"recoverycode"
        | b"xforgeoauthuser" | b"xforgeoauthsystem" | b"bearer" => Kind::Always(Mask::Secret),
        b"prompt" | b"script" | b"pagetext" | b"pagebody" | b"pagetitle" | b"pagecontent"
        | b"narration" | b"transcript" | b"voiceover" | b"storyboard" | b"scripttext"
        | b"selectedtext" | b"prompttext" => Kind::Content,
        b"title" | b"text" | b"body" | b"content" | b"heading" | b"selection" | b"excerpt"
        | b"html" | b"adf" | b"sections" | b"completion" | b"comment" | b"comments" => {
            Kind::MaybeContent
        }
        b"displayname" | b"fullname" | b"firstname" | b"lastname" | b"givenname"
        | b"familyname" | b"surname" | b"nickname" | b"username" | b"publicname" | b"realname"
        | b"authorname" | b"ownername" | b"author" | b"owner" | b"assignee" | b"reporter"
        | b"creator" | b"contributor" | b"contributors" | b"createdby" | b"updatedby"
        | b"loginname" | b"login" => Kind::Always(Mask::Name),
        b"authorid" | b"ownerid" | b"lastownerid" | b"creatorid" | b"userid" | b"userkey"
        | b"aaid" | b"principalid" | b"principal" | b"assigneeid" | b"reporterid" | b"actorid" => {
            Kind::Always(Mask::Account)
        }
        b"email" | b"mail" | b"emailaddress" => Kind::Always(Mask::Email),
        b"name" | b"key" | b"header" | b"field" | b"param" | b"parameter" | b"variable"
        | b"headername" | b"fieldname" | b"attribute" | b"type" => Kind::NameOf,
        b"value" | b"val" | b"data" | b"values" | b"headervalue" | b"fieldvalue" => Kind::ValueOf,
        _ => by_part(name),
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

/// Parts of names whose value is a secret where it looks random.
const SECRET_PARTS: &[&[u8]] = &[
    b"key",
    b"token",
    b"secret",
    b"pass",
    b"auth",
    b"session",
    b"signature",
    b"cred",
    b"nonce",
    b"salt",
    b"code",
    b"hmac",
    b"jwt",
];

fn by_part(name: &[u8]) -> Kind {
    // Most names are told by their last letter that none of these ends can be theirs.
    if matches!(
        name[name.len() - 1],
        b'd' | b'e' | b't' | b'n' | b'y' | b's' | b'l'
    ) {
        if SECRET_ENDS.iter().any(|end| name.ends_with(end)) {
            return Kind::Always(Mask::Secret);
        }
        if name.ends_with(b"accountid") {
            return Kind::Always(Mask::Account);
        }
        if name.ends_with(b"email") {
            return Kind::Always(Mask::Email);
        }
        if name.ends_with(b"prompt") || name.ends_with(b"pagetext") {
            return Kind::Content;
        }
    }
    let part = |parts: &[&[u8]]| {
        parts
            .iter()
            .any(|part| name.windows(part.len()).any(|window| window == *part))
    };
    if name.len() >= 4
        && part(SECRET_PARTS)
        && !HARMLESS_ENDS.iter().any(|end| name.ends_with(end))
        && !name.starts_with(b"public")
    {
        return Kind::SecretLike;
    }
    Kind::Plain
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
