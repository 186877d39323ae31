//! What a secret or an identity looks like by itself: vendors' tokens, JWTs, bare private keys,
//! e-mail addresses, Atlassian account ids, randomness. Each test is linear in the word it is given.

use crate::Mask;
use crate::encoded;

/// Where a shape stands in a word, in bytes, and whether more of it may follow elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub start: usize,
    pub end: usize,
    pub mask: Mask,
    /// The shape may have been cut off at its end.
    pub open: bool,
}

/// What follows a vendor's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// Nothing else begins like this.
    Any,
    /// Words begin like this too: the rest must look random.
    Random,
    /// Our own names begin like this too: there must be a stretch of letters and digits.
    Mixed,
    /// Hexadecimal digits, exactly as many.
    Hex,
    /// Upper-case letters and digits.
    Upper,
}

/// Beginnings that vendors give their tokens so that scanners can find them; the fewest characters
/// that must follow, in the middle of a text and where the text was cut off; how many there are at
/// least in a whole token (0 where the vendor does not say).
#[rustfmt::skip]
const PREFIXES: &[(&str, Tail, usize, usize, usize)] = &[
    ("AC", Tail::Hex, 32, 32, 32),
    ("AGE-SECRET-KEY-1", Tail::Any, 8, 4, 58),
    ("AIza", Tail::Any, 16, 5, 35),
    ("AKIA", Tail::Upper, 10, 4, 16),
    ("ASIA", Tail::Upper, 10, 4, 16),
    ("ATATT3x", Tail::Any, 4, 1, 180),
    ("ATBB", Tail::Random, 24, 12, 32),
    ("ATCTT3x", Tail::Any, 4, 1, 180),
    ("ATSTT3x", Tail::Any, 4, 1, 180),
    ("EAAC", Tail::Random, 30, 16, 0),
    ("FlyV1", Tail::Random, 30, 16, 0),
    ("FwoGZXIvYXdz", Tail::Any, 8, 2, 200),
    ("GOCSPX-", Tail::Any, 8, 3, 28),
    ("GR1348941", Tail::Any, 8, 3, 20),
    ("IQoJb3JpZ2lu", Tail::Any, 8, 2, 200),
    ("MC4CAQAwBQYDK2Vw", Tail::Any, 4, 1, 48),
    ("MHcCAQEE", Tail::Any, 16, 4, 150),
    ("MIGHAgEAMBMGByqGSM49", Tail::Any, 4, 1, 160),
    ("NRAK-", Tail::Any, 8, 3, 27),
    ("PMAK-", Tail::Any, 8, 3, 59),
    ("SG.", Tail::Random, 16, 8, 66),
    ("SK", Tail::Hex, 32, 32, 32),
    ("b3BlbnNzaC1rZXktdjE", Tail::Any, 4, 1, 300),
    ("dapi", Tail::Hex, 32, 32, 32),
    ("dckr_oat_", Tail::Any, 6, 2, 27),
    ("dckr_pat_", Tail::Any, 6, 2, 27),
    ("discord.com/api/webhooks/", Tail::Any, 6, 2, 0),
    ("doo_v1_", Tail::Any, 8, 3, 64),
    ("dop_v1_", Tail::Any, 8, 3, 64),
    ("dor_v1_", Tail::Any, 8, 3, 64),
    ("dp.pt.", Tail::Any, 8, 3, 43),
    ("figd_", Tail::Any, 8, 3, 40),
    ("fo1_", Tail::Random, 20, 10, 43),
    ("ghe_", Tail::Random, 10, 4, 36),
    ("gho_", Tail::Any, 6, 2, 36),
    ("ghp_", Tail::Any, 6, 2, 36),
    ("ghr_", Tail::Any, 6, 2, 36),
    ("ghs_", Tail::Any, 6, 2, 36),
    ("ghu_", Tail::Any, 6, 2, 36),
    ("github_pat_", Tail::Any, 6, 2, 82),
    ("glagent-", Tail::Any, 8, 3, 20),
    ("glc_", Tail::Random, 16, 8, 0),
    ("glcbt-", Tail::Any, 6, 2, 20),
    ("gldt-", Tail::Any, 6, 2, 20),
    ("glft-", Tail::Any, 6, 2, 20),
    ("glimt-", Tail::Any, 6, 2, 20),
    ("glpat-", Tail::Any, 6, 2, 20),
    ("glptt-", Tail::Any, 6, 2, 20),
    ("glrt-", Tail::Any, 6, 2, 20),
    ("glsa_", Tail::Any, 8, 3, 41),
    ("glsoat-", Tail::Any, 6, 2, 20),
    ("golpo-", Tail::Mixed, 12, 6, 0),
    ("golpo_", Tail::Mixed, 12, 6, 0),
    ("gsk_", Tail::Random, 16, 8, 52),
    ("hf_", Tail::Random, 16, 8, 34),
    ("hooks.slack.com/services/", Tail::Any, 6, 1, 0),
    ("hooks.slack.com/workflows/", Tail::Any, 6, 1, 0),
    ("hvb.", Tail::Random, 16, 8, 0),
    ("hvs.", Tail::Random, 16, 8, 0),
    ("key-", Tail::Hex, 32, 32, 32),
    ("lin_api_", Tail::Any, 8, 3, 40),
    ("npm_", Tail::Random, 16, 6, 36),
    ("ntn_", Tail::Random, 16, 8, 46),
    ("pplx-", Tail::Random, 16, 8, 48),
    ("pscale_pw_", Tail::Any, 8, 3, 43),
    ("pscale_tkn_", Tail::Any, 8, 3, 43),
    ("pypi-AgEI", Tail::Any, 8, 2, 100),
    ("r8_", Tail::Random, 16, 8, 37),
    ("rk_live_", Tail::Any, 6, 2, 24),
    ("rk_test_", Tail::Any, 6, 2, 24),
    ("rubygems_", Tail::Random, 16, 8, 48),
    ("sb_secret_", Tail::Any, 6, 3, 31),
    ("sbp_", Tail::Random, 16, 8, 40),
    ("secret_", Tail::Random, 30, 20, 43),
    ("shpat_", Tail::Any, 8, 3, 32),
    ("shpca_", Tail::Any, 8, 3, 32),
    ("shppa_", Tail::Any, 8, 3, 32),
    ("shpss_", Tail::Any, 8, 3, 32),
    ("sk-", Tail::Random, 16, 6, 0),
    ("sk-admin-", Tail::Random, 10, 4, 0),
    ("sk-ant-", Tail::Random, 10, 4, 90),
    ("sk-proj-", Tail::Random, 10, 4, 120),
    ("sk-svcacct-", Tail::Any, 10, 4, 120),
    ("sk_", Tail::Hex, 48, 48, 48),
    ("sk_live_", Tail::Any, 6, 2, 24),
    ("sk_test_", Tail::Any, 6, 2, 24),
    ("sntrys_", Tail::Any, 8, 3, 0),
    ("sntryu_", Tail::Any, 8, 3, 64),
    ("sq0atp-", Tail::Any, 6, 2, 22),
    ("sq0csp-", Tail::Any, 6, 2, 43),
    ("whsec_", Tail::Any, 6, 2, 32),
    ("xai-", Tail::Random, 16, 8, 80),
    ("xapp-", Tail::Any, 6, 3, 0),
    ("xoxa-", Tail::Any, 6, 2, 0),
    ("xoxb-", Tail::Any, 6, 2, 0),
    ("xoxc-", Tail::Any, 6, 2, 0),
    ("xoxd-", Tail::Any, 6, 2, 0),
    ("xoxe-", Tail::Any, 6, 2, 0),
    ("xoxe.", Tail::Any, 6, 2, 0),
    ("xoxp-", Tail::Any, 6, 2, 0),
    ("xoxr-", Tail::Any, 6, 2, 0),
    ("xoxs-", Tail::Any, 6, 2, 0),
    ("ya29.", Tail::Any, 8, 3, 60),
];

/// For each first byte the rows of [`PREFIXES`] that begin with it.
const ROWS: [(u8, u8); 128] = rows();

const fn rows() -> [(u8, u8); 128] {
    let mut rows = [(0, 0); 128];
    let mut row = 0;
    while row < PREFIXES.len() {
        let first = PREFIXES[row].0.as_bytes()[0] as usize;
        if rows[first].1 == 0 {
            rows[first].0 = row as u8;
        }
        rows[first].1 = row as u8 + 1;
        row += 1;
    }
    rows
}

#[inline]
fn rows_of(first: u8) -> &'static [(&'static str, Tail, usize, usize, usize)] {
    let (start, end) = ROWS.get(first as usize).copied().unwrap_or((0, 0));
    &PREFIXES[start as usize..end as usize]
}

/// For each first byte of a shape, which second bytes follow (a bit each, by the lowest six bits).
const PAIRS: [u64; 128] = pairs();

const fn pairs() -> [u64; 128] {
    let mut pairs = [0; 128];
    pairs[b'e' as usize] |= 1 << (b'y' & 63);
    pairs[b'M' as usize] |= 1 << (b'I' & 63);
    let mut row = 0;
    while row < PREFIXES.len() {
        let prefix = PREFIXES[row].0.as_bytes();
        pairs[prefix[0] as usize] |= 1 << (prefix[1] & 63);
        row += 1;
    }
    pairs
}

/// Whether a token, a JWT or a private key may begin with these two bytes: no is for sure.
#[inline]
pub(crate) fn may_begin(first: u8, second: u8) -> bool {
    PAIRS[usize::from(first & 127)] & (1 << (second & 63)) != 0
}

/// Whether the text is the beginning of a vendor's prefix, or begins with one: the first half of a
/// token that was cut in two.
#[inline]
pub(crate) fn may_be_first_half(text: &str) -> bool {
    let [first, second, ..] = *text.as_bytes() else {
        return false;
    };
    text.starts_with("eyJ")
        || may_begin(first, second)
            && rows_of(first).iter().any(|row| {
                row.0.as_bytes()[1] == second
                    && (row.0.starts_with(text) || text.starts_with(row.0))
            })
}

/// The most bytes that are looked at to decide, so that a hostile word costs no more than its
/// length times this.
const LOOK: usize = 128;

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The length of the token at the start: letters, digits, `_`, `-`, and what else stands between
/// such in one word.
fn token_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(&byte) = bytes.get(length) {
        let joins = matches!(byte, b'.' | b'+' | b'/' | b'~' | b'%' | b'=')
            && bytes
                .get(length + 1)
                .is_some_and(|next| is_token_byte(*next) || *next == b'=');
        let pads = byte == b'=' && length > 0;
        if !is_token_byte(byte) && !joins && !pads {
            break;
        }
        length += 1;
    }
    length
}

/// The secret that begins at `start`. The caller has seen to it that a word begins there.
/// `cut` says whether the text was cut off at a place.
pub(crate) fn token_at(text: &str, start: usize, cut: impl Fn(usize) -> bool) -> Option<Found> {
    let bytes = &text.as_bytes()[start..];
    let found = |length: usize, open: bool| {
        Some(Found {
            start,
            end: start + length,
            mask: Mask::Secret,
            open,
        })
    };
    if bytes.starts_with(b"eyJ") {
        if is_jwt(bytes) {
            let length = token_length(bytes);
            return found(length, !is_whole_jwt(&bytes[..length]));
        }
        return None;
    }
    if bytes.starts_with(b"MII") && bytes.get(6..9) == Some(b"IBA") {
        // Only private keys have the version 0 (PKCS #1 and PKCS #8) where a certificate has a
        // sequence.
        let length = token_length(bytes);
        return (length >= 16)
            .then_some(())
            .and_then(|()| found(length, true))
            .map(|found| Found {
                mask: Mask::PrivateKey,
                ..found
            });
    }
    for (prefix, tail, fewest, fewest_cut, whole) in rows_of(bytes[0]) {
        if bytes.get(1) != prefix.as_bytes().get(1) || !bytes.starts_with(prefix.as_bytes()) {
            continue;
        }
        // `aws_secret_access_key` is a name.
        let before = text.as_bytes()[..start].last();
        if *tail == Tail::Random && matches!(before, Some(b'_' | b'-')) {
            continue;
        }
        let rest = &bytes[prefix.len()..];
        let look = &rest[..rest.len().min(LOOK)];
        let length = match tail {
            Tail::Any | Tail::Random | Tail::Mixed => token_length(look),
            Tail::Hex => run(look, u8::is_ascii_hexdigit),
            Tail::Upper => run(look, |byte| {
                byte.is_ascii_uppercase() || byte.is_ascii_digit()
            }),
        };
        let at_cut = length < LOOK && cut(start + prefix.len() + length);
        let fits = match tail {
            Tail::Any => length >= if at_cut { *fewest_cut } else { *fewest },
            Tail::Random if at_cut => is_random(&look[..length], *fewest_cut),
            Tail::Random => is_random(&look[..length], *fewest),
            Tail::Mixed => {
                is_random(&look[..length], 12)
                    || is_mixed(&look[..length], if at_cut { *fewest_cut } else { *fewest })
            }
            Tail::Hex => {
                length == *whole && !rest.get(length).is_some_and(u8::is_ascii_alphanumeric)
            }
            Tail::Upper => {
                length >= if at_cut { *fewest_cut } else { *fewest }
                    && !rest.get(length).is_some_and(u8::is_ascii_lowercase)
            }
        };
        if fits {
            return found(
                prefix.len() + token_length(rest),
                *whole == 0 || length < *whole,
            );
        }
    }
    None
}

fn run(bytes: &[u8], fits: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| fits(byte)).count()
}

/// Whether a token has three parts, the last one as long as a signature of HS256 to RS512.
fn is_whole_jwt(bytes: &[u8]) -> bool {
    let mut parts = bytes.split(|byte| *byte == b'.');
    matches!((parts.next(), parts.next(), parts.next(), parts.next()),
        (Some(_), Some(_), Some(signature), None) if matches!(signature.len(), 43 | 64 | 86 | 128 | 342 | 512 | 683))
}

/// A JSON Web Token or a part of one (RFC 7519): base64url of an object with a header's or a
/// token's usual members.
fn is_jwt(bytes: &[u8]) -> bool {
    let length = run(&bytes[..bytes.len().min(LOOK)], |byte| is_token_byte(*byte));
    if bytes[length..].starts_with(b".eyJ") {
        return true;
    }
    const MEMBERS: &[&str] = &[
        "\"alg", "\"typ\"", "\"kid\"", "\"enc\"", "\"iss\"", "\"sub\"", "\"aud\"", "\"exp\"",
        "\"iat\"", "\"nbf\"", "\"jti\"",
    ];
    std::str::from_utf8(&bytes[..length])
        .ok()
        .and_then(encoded::base64_start)
        .is_some_and(|json| MEMBERS.iter().any(|member| json.contains(member)))
}

/// Whether the bytes look like the output of a random generator rather than like words: at least
/// `fewest` letters and digits, and letters, capitals and digits change often.
pub(crate) fn is_random(bytes: &[u8], fewest: usize) -> bool {
    let bytes = &bytes[..bytes.len().min(LOOK)];
    let (mut letters, mut digits, mut changes) = (0_usize, 0_usize, 0_usize);
    let (mut lower, mut upper) = (false, false);
    let mut last = 0;
    for byte in bytes {
        let class = match byte {
            b'a'..=b'z' => 1,
            b'A'..=b'Z' => 2,
            b'0'..=b'9' => 3,
            _ => continue,
        };
        match class {
            3 => digits += 1,
            _ => letters += 1,
        }
        lower |= class == 1;
        upper |= class == 2;
        changes += usize::from(last != 0 && last != class);
        last = class;
    }
    let all = letters + digits;
    if all < fewest || letters == 0 || has_uuid(bytes) || is_dated(bytes) {
        return false;
    }
    if digits > 0 {
        changes * 4 >= all
    } else {
        lower && upper && changes * 5 >= all * 2
    }
}

/// Whether somewhere at least so many letters and digits stand in a row, both of them; or sixteen
/// letters of both cases.
fn is_mixed(bytes: &[u8], fewest: usize) -> bool {
    !has_uuid(bytes)
        && bytes
            .split(|byte| !byte.is_ascii_alphanumeric())
            .any(|run| {
                let any = |test: fn(&u8) -> bool| run.iter().any(test);
                let both = any(u8::is_ascii_digit) && any(u8::is_ascii_alphabetic);
                let cased = any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase);
                run.len() >= fewest && both || run.len() >= 16 && cased
            })
}

/// Whether a word may be the second half of a token whose first half was one for sure.
pub(crate) fn is_rest_of_token(bytes: &[u8]) -> bool {
    is_random(bytes, 6) || !is_dated(bytes) && is_mixed(&bytes[..bytes.len().min(LOOK)], 6)
}

/// `2026-11-24T10…` and the like.
fn is_dated(bytes: &[u8]) -> bool {
    bytes.len() >= 10
        && bytes[..10]
            .iter()
            .enumerate()
            .all(|(index, byte)| match index {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
}

/// Whether a UUID (RFC 9562) stands at the start.
pub(crate) fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() >= 36
        && bytes[..36]
            .iter()
            .enumerate()
            .all(|(index, byte)| match index {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
}

fn has_uuid(bytes: &[u8]) -> bool {
    bytes.len() >= 36
        && bytes
            .iter()
            .enumerate()
            .any(|(index, byte)| *byte == b'-' && index >= 8 && is_uuid(&bytes[index - 8..]))
}

/// An account id of 24 hexadecimal digits, as Atlassian gave them before ids with a UUID; digits
/// alone are a number.
pub(crate) fn is_account(run: &[u8]) -> bool {
    run.len() == 24
        && run.iter().all(u8::is_ascii_hexdigit)
        && run.iter().any(u8::is_ascii_alphabetic)
        && run.iter().any(u8::is_ascii_digit)
}

/// The length of the part of an account id that follows `NUMBER:`, a UUID, whole or cut off.
pub(crate) fn account_uuid(bytes: &[u8], cut: bool) -> Option<usize> {
    if is_uuid(bytes) {
        return Some(36);
    }
    let length = run(&bytes[..bytes.len().min(36)], |byte| {
        byte.is_ascii_hexdigit() || *byte == b'-'
    });
    let fits = cut
        && length >= 6
        && bytes[..length]
            .iter()
            .enumerate()
            .all(|(index, byte)| matches!(index, 8 | 13 | 18 | 23) == (*byte == b'-'));
    fits.then_some(length)
}

/// A personal access token of Azure DevOps: 52 letters and digits of base32.
pub(crate) fn is_azure_devops(run: &[u8]) -> bool {
    run.len() == 52
        && run
            .iter()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
        && run.iter().filter(|byte| byte.is_ascii_digit()).count() >= 3
}

/// The e-mail address around an `@` (or `%40`), in bytes of the word. `cut` says whether the
/// word's end was cut off, `next` is what follows the word.
pub(crate) fn email_at(
    word: &str,
    from: usize,
    at: usize,
    sign: usize,
    cut: bool,
    next: Option<u8>,
) -> Option<Found> {
    let bytes = word.as_bytes();
    let found = |start, end, open| Found {
        start,
        end,
        mask: Mask::Email,
        open,
    };
    let local_byte = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'~')
            || !byte.is_ascii()
    };
    let local = bytes[from..at]
        .iter()
        .rev()
        .take_while(|byte| local_byte(byte))
        .count();
    let start = at - local;
    let after = at + sign;
    let mut end = after
        + run(&bytes[after..], |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-') || !byte.is_ascii()
        });
    let whole = end;
    while end > after && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    let (name, domain) = (&word[start..at], &word[after..end]);
    if name
        .trim_start_matches(['.', '-', '%', '+', '~', '_'])
        .is_empty()
        || domain.is_empty()
    {
        return None;
    }
    let labels = domain.split('.').count();
    let last = domain.rsplit('.').next().unwrap_or_default();
    let alphabetic = |label: &str| {
        label
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
    };
    let top = last.len() >= 2 && alphabetic(last) || last.starts_with("xn--");
    if labels >= 2 && domain.split('.').all(|label| !label.is_empty()) && top {
        return (!is_other_than_email(name, domain, next)).then_some(found(start, end, false));
    }
    // Cut off in the domain: what is left must be letters, and no tag of a package or an image.
    const TAGS: &[&str] = &[
        "latest",
        "next",
        "beta",
        "alpha",
        "canary",
        "main",
        "master",
        "rc",
        "stable",
        "dev",
        "workspace",
        "localhost",
        "head",
        "host",
        "nightly",
        "edge",
        "lts",
        "trunk",
    ];
    let fits = cut
        && whole == bytes.len()
        && alphabetic(
            &domain
                .split('.')
                .next()
                .unwrap_or_default()
                .replace('-', ""),
        )
        && labels <= 2
        && (start == 0 || bytes[start - 1] != b'/')
        && !TAGS.iter().any(|tag| domain.eq_ignore_ascii_case(tag));
    fits.then_some(found(start, whole, true))
}

/// `git@host.org:path`, `icon@2x.png`, `tty@1.service`, `package@1.2.3-beta.next`.
fn is_other_than_email(name: &str, domain: &str, next: Option<u8>) -> bool {
    const UNITS: &[&str] = &[
        "service", "socket", "timer", "mount", "target", "slice", "scope", "path",
    ];
    const PICTURES: &[&str] = &["png", "jpg", "jpeg", "webp", "gif", "svg", "avif"];
    let (first, rest) = domain.split_once('.').unwrap_or((domain, ""));
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let scale = first.strip_suffix('x').is_some_and(number);
    name == "git" && next == Some(b':')
        || scale && PICTURES.contains(&rest)
        || UNITS.contains(&rest)
        || number(first) && rest.split('.').next().is_some_and(number)
}
