//! The Golpo API key (P10, P11): a secret that can be read out on purpose but never printed.

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use crate::{Failure, Timestamp};

/// A Golpo API key: 8 to 512 visible ASCII characters, no blanks.
///
/// Its `Debug` prints nothing of the value, it has neither `Display` nor `Serialize`, and its
/// memory is overwritten when it is dropped. [`ApiKey::expose`] is the one way to the text.
#[derive(Clone)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = Password))]
pub struct ApiKey(#[cfg_attr(feature = "typescript", ts(skip))] Zeroizing<String>);

impl ApiKey {
    /// The key itself, for the one call that must carry it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The text offered as an API key cannot be one. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an API key is 8 to 512 visible ASCII characters without blanks")]
pub struct NotAnApiKey;

impl TryFrom<String> for ApiKey {
    type Error = NotAnApiKey;
    fn try_from(text: String) -> Result<Self, NotAnApiKey> {
        let text = Zeroizing::new(text);
        let trimmed = text.trim();
        let fits = (8..=512).contains(&trimmed.len())
            && trimmed.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            Ok(Self(Zeroizing::new(trimmed.to_owned())))
        } else {
            Err(NotAnApiKey)
        }
    }
}

impl<'de> Deserialize<'de> for ApiKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ApiKey([redacted])")
    }
}

/// What may be shown of the API key: that it is there, a short fingerprint, a date (P11).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyState {
    /// Whether the site has a key.
    pub present: bool,
    /// The first eight hexadecimal digits of a keyed hash of the key: enough to tell two keys
    /// apart, useless for guessing one.
    pub fingerprint: Option<String>,
    /// When it was saved.
    pub saved_at: Option<Timestamp>,
    /// Why Golpo does not take it, where it said so: nothing is sent until that is mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub problem: Option<Failure>,
    /// Whether Golpo took it just now, where it was asked and answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub works: Option<bool>,
    /// What the key's account has left, in Golpo's credits, where it was asked and told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub credits: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p11_debug_shows_nothing_of_the_key() {
        let key = ApiKey::try_from("golpo-canary-key-1".to_owned()).unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey([redacted])");
        assert_eq!(key.expose(), "golpo-canary-key-1");
    }

    #[test]
    fn a_key_has_a_shape() {
        for text in [
            "",
            "short",
            "has a blank",
            "schlüssel-mit-umlaut",
            &"k".repeat(513),
        ] {
            assert!(ApiKey::try_from(text.to_owned()).is_err(), "{text}");
        }
        let pasted = ApiKey::try_from("  golpo-key-1\n".to_owned()).unwrap();
        assert_eq!(pasted.expose(), "golpo-key-1");
    }
}
