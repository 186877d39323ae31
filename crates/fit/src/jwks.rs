//! A JSON Web Key Set (RFC 7517) as far as we need it: RSA keys that sign, by `kid`. Must never
//! give a key for another purpose or algorithm than RS256 signatures.

use std::collections::HashMap;

use jsonwebtoken::DecodingKey;
use serde::Deserialize;

/// The RSA signature keys of a key set, by `kid`.
pub struct Jwks {
    keys: HashMap<String, DecodingKey>,
}

/// A document that is not a usable key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    /// Not the JSON of RFC 7517.
    #[error("the document is not a JSON Web Key Set")]
    Malformed,
    /// More than [`Jwks::MAX_KEYS`].
    #[error("the key set has too many keys")]
    TooManyKeys,
    /// Two keys with one `kid`.
    #[error("the key set uses a key id twice")]
    DuplicateKeyId,
    /// No RSA signature key with a `kid` in it.
    #[error("the key set holds no RSA signature key")]
    NoUsableKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    n: Option<String>,
    e: Option<String>,
}

impl Jwks {
    /// The most keys that a set may have.
    pub const MAX_KEYS: usize = 64;

    /// Reads a key set's JSON. Keys of other kinds, purposes or algorithms are left out.
    pub fn parse(json: &[u8]) -> Result<Self, JwksError> {
        let document: Document = serde_json::from_slice(json).map_err(|_| JwksError::Malformed)?;
        if document.keys.len() > Self::MAX_KEYS {
            return Err(JwksError::TooManyKeys);
        }
        let mut keys = HashMap::new();
        for key in document.keys {
            let signs = key.kty == "RSA"
                && key.alg.is_none_or(|alg| alg == "RS256")
                && key.purpose.is_none_or(|purpose| purpose == "sig")
                && key
                    .key_ops
                    .is_none_or(|operations| operations.iter().any(|word| word == "verify"));
            let (Some(kid), Some(n), Some(e)) = (key.kid, key.n, key.e) else {
                continue;
            };
            if !signs || kid.is_empty() {
                continue;
            }
            let Ok(key) = DecodingKey::from_rsa_components(&n, &e) else {
                continue;
            };
            if keys.insert(kid, key).is_some() {
                return Err(JwksError::DuplicateKeyId);
            }
        }
        if keys.is_empty() {
            return Err(JwksError::NoUsableKey);
        }
        Ok(Self { keys })
    }

    pub(crate) fn get(&self, kid: &str) -> Option<&DecodingKey> {
        self.keys.get(kid)
    }
}

impl std::fmt::Debug for Jwks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Jwks({} keys)", self.keys.len())
    }
}
