//! What a page said, as a short text that can be kept and compared, and from which nothing can be read.

use serde::{Deserialize, Serialize};

use crate::ids::Malformed;

/// A fingerprint of what a page says: `1-` and 32 lower-case hexadecimal digits, where 1 is the version
/// of the rules by which it was made. Two of different versions cannot be compared: see
/// [`Fingerprint::is_comparable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub struct Fingerprint {
    #[cfg_attr(feature = "typescript", ts(skip))]
    version: u8,
    #[cfg_attr(feature = "typescript", ts(skip))]
    hash: u128,
}

impl Fingerprint {
    /// The version of the rules by which fingerprints are made today.
    pub const VERSION: u8 = 1;

    /// The fingerprint of a SHA-256 hash (its first 128 bits), made by today's rules.
    pub fn new(hash: [u8; 32]) -> Self {
        let (first, _) = hash.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
        Self {
            version: Self::VERSION,
            hash: u128::from_be_bytes(*first),
        }
    }

    /// Whether it was made by today's rules. Of one that was not, nobody can tell whether the page
    /// has changed since.
    pub fn is_comparable(self) -> bool {
        self.version == Self::VERSION
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{:032x}", self.version, self.hash)
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let parsed = text.split_once('-').and_then(|(version, hash)| {
            Some(Self {
                version: version.parse().ok()?,
                hash: u128::from_str_radix(hash, 16).ok()?,
            })
        });
        // One way to write each alone: no capitals, no signs, no other number of digits.
        parsed
            .filter(|parsed| parsed.to_string() == text)
            .ok_or(Malformed {
                what: "a fingerprint",
                rule: "a version, a hyphen and 32 lower-case hexadecimal digits",
            })
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> String {
        fingerprint.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_it() {
        let mut hash = [7; 32];
        hash[0] = 0;
        let fingerprint = Fingerprint::new(hash);
        let text = "1-00070707070707070707070707070707";
        assert_eq!(fingerprint.to_string(), text);
        assert_eq!(text.parse::<Fingerprint>().unwrap(), fingerprint);
        let json = serde_json::to_string(&fingerprint).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(
            serde_json::from_str::<Fingerprint>(&json).unwrap(),
            fingerprint
        );
        for wrong in [
            "",
            "1-",
            "-00070707070707070707070707070707",
            "1-0007",
            "1-0007070707070707070707070707070G",
            "1-0007070707070707070707070707070F",
            "1-+0070707070707070707070707070707",
            "+1-00070707070707070707070707070707",
            "01-00070707070707070707070707070707",
            "1-000707070707070707070707070707070",
        ] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn another_version_cannot_be_compared() {
        let old: Fingerprint = "2-00070707070707070707070707070707".parse().unwrap();
        assert!(!old.is_comparable());
        assert!(Fingerprint::new([1; 32]).is_comparable());
    }
}
