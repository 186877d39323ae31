//! Identifiers and instants as they travel: newtypes that refuse anything of another shape.

use serde::{Deserialize, Serialize};

/// A value that is not of the shape its type asks for. Names the type and the rule, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {rule}")]
pub struct Malformed {
    pub(crate) what: &'static str,
    pub(crate) rule: &'static str,
}

macro_rules! text_newtype {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        pub struct $name(String);

        impl $name {
            /// The text, checked.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;
            fn try_from(text: String) -> Result<Self, Malformed> {
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err(Malformed { what: $what, rule: $rule }) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_newtype!(
    /// The id of a page or blog post: decimal digits, at most 20 (Confluence REST v2 content ids).
    PageId,
    "a page id",
    "1 to 20 decimal digits",
    |text| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
);

text_newtype!(
    /// The id of a space: decimal digits, at most 20 (Confluence REST v2).
    SpaceId,
    "a space id",
    "1 to 20 decimal digits",
    |text| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
);

text_newtype!(
    /// The id of an attachment: ASCII letters and digits, at most 30 (`att` and digits in
    /// Confluence REST v2).
    AttachmentId,
    "an attachment id",
    "1 to 30 ASCII letters and digits",
    |text| (1..=30).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
);

text_newtype!(
    /// The id of a video: a UUID in lower-case hyphenated form (RFC 9562), made by the backend.
    VideoId,
    "a video id",
    "a UUID in lower-case hyphenated form",
    |text| text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
);

text_newtype!(
    /// An instant in UTC as RFC 3339 text ending in `Z`, at most 30 characters.
    Timestamp,
    "a timestamp",
    "an RFC 3339 instant in UTC",
    |text| (20..=30).contains(&text.len())
        && text.ends_with('Z')
        && text.as_bytes()[10] == b'T'
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            10 => byte == b'T',
            13 | 16 => byte == b':',
            0..=18 => byte.is_ascii_digit(),
            _ => byte.is_ascii_digit() || byte == b'.' || byte == b'Z',
        })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_of_the_shape() {
        for text in ["", "12a", "-1", "../1", "123456789012345678901"] {
            assert!(text.parse::<PageId>().is_err(), "{text}");
        }
        assert_eq!("65601".parse::<PageId>().unwrap().as_str(), "65601");
        for text in ["", "att 1", "../1", "att1/download", &"1".repeat(31)] {
            assert!(text.parse::<AttachmentId>().is_err(), "{text}");
        }
        assert!("att98305".parse::<AttachmentId>().is_ok());
        for text in [
            "",
            "0198c0de-0000-7000-8000-00000000000G",
            "0198C0DE-0000-7000-8000-000000000000",
        ] {
            assert!(text.parse::<VideoId>().is_err(), "{text}");
        }
        for text in [
            "2026-11-24",
            "2026-11-24T10:00:00+01:00",
            "2026-11-24 10:00:00Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        assert!("2026-11-24T10:00:00Z".parse::<Timestamp>().is_ok());
    }
}
