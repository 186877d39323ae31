//! A JSON Web Key Set (RFC 7517) as far as we need it: RSA keys that sign, by `kid`. Must never
//! give a key for another purpose or algorithm than RS256 signatures.

use std::collections::HashMap;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The RSA signature keys of a key set, by `kid`.
pub struct Jwks {
    // Parsed once: building a key out of its numbers costs a good part of a verification.
    keys: HashMap<String, ParsedPublicKey>,
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
            let Some(key) = rsa_key(&n, &e) else {
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

    pub(crate) fn get(&self, kid: &str) -> Option<&ParsedPublicKey> {
        self.keys.get(kid)
    }
}

/// An RS256 verification key of 2048 to 8192 bits (RFC 7518, 3.3 and 6.3.1), or nothing.
fn rsa_key(n: &str, e: &str) -> Option<ParsedPublicKey> {
    let number = |text: &str| -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        // Some publishers write a sign byte before the number.
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        Some(bytes[zeros..].to_vec())
    };
    let (n, e) = (number(n)?, number(e)?);
    if !(256..=1024).contains(&n.len()) {
        return None;
    }
    PublicKeyComponents { n, e }
        .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        .ok()
}

impl std::fmt::Debug for Jwks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Jwks({} keys)", self.keys.len())
    }
}
