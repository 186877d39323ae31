//! Receipts of deletions (P22): a JSON Web Signature (RFC 7515, compact) by an Ed25519 key of the
//! service (RFC 8037), so that a customer's auditors verify one with any JOSE library and the keys at
//! `/.well-known/deletion-receipts.json`. Must never name a person or hold what was deleted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::store::ErasedRows;
use crate::vault::{DataKey, VaultError};

/// What the service key of receipts is called in the store.
pub const PURPOSE: &str = "receipts";

/// What a receipt says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt<'a> {
    /// The deletion's id.
    pub id: &'a str,
    /// The tenant's.
    pub tenant: &'a str,
    /// `video`, `page` or `tenant`.
    pub kind: &'a str,
    /// The video's or page's id; empty of a tenant.
    pub target: &'a str,
    /// Why.
    pub reason: &'a str,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was verified.
    pub completed_at: Timestamp,
    /// What was removed; of a deletion that was interrupted, by the run that ended it.
    pub removed: Removed,
    /// What was found when it was looked for afterwards.
    pub remaining: u64,
}

/// What a deletion removed, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// Videos.
    pub videos: u64,
    /// Jobs with their scripts.
    pub jobs: u64,
    /// Kept answers.
    pub answers: u64,
    /// API keys.
    pub api_keys: u64,
    /// Charges.
    pub charges: u64,
    /// Data keys: nothing sealed under one opens again.
    pub data_keys: u64,
    /// Files.
    pub objects: u64,
}

impl Removed {
    /// Adds rows.
    pub fn add(&mut self, rows: ErasedRows) {
        self.videos += rows.videos;
        self.jobs += rows.jobs;
        self.answers += rows.answers;
        self.api_keys += rows.api_keys;
        self.charges += rows.charges;
        self.data_keys += rows.data_keys;
    }
}

/// The signed receipt.
pub fn sign(key: &DataKey, receipt: &Receipt<'_>) -> Result<String, VaultError> {
    let header = json!({ "alg": "EdDSA", "kid": key.id(), "typ": "golpo-deletion+jwt" });
    let payload = serde_json::to_vec(receipt).map_err(|_| VaultError::Malformed)?;
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes())?);
    Ok(format!("{signed}.{signature}"))
}

/// The key that verifies, as a key set (RFC 7517).
pub fn jwks(key: &DataKey) -> Result<Value, VaultError> {
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key()?);
    Ok(json!({
        "keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id(), "x": x,
        }],
    }))
}
