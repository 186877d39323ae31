//! The key of the audit trail's chain (P18): derived by HKDF from the service's own data key, which lies
//! in the database only wrapped by a master key, so that whoever can write the database cannot make
//! an entry that fits. Must never be given out; it signs and verifies.

use aws_lc_rs::hmac;

use super::envelope::{DataKey, VaultError, bound, derived};

/// Makes and checks the MACs (HMAC-SHA-256) of a chain.
pub struct ChainKey(hmac::Key);

impl std::fmt::Debug for ChainKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ChainKey([redacted])")
    }
}

impl ChainKey {
    /// The chain key of a data key.
    pub fn of(key: &DataKey) -> Result<Self, VaultError> {
        let derived = derived(key.material(), b"golpo data key", "audit chain")?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_slice())))
    }

    /// The MAC of a label and parts, 32 bytes. No two lists of parts have the same text.
    pub fn sign(&self, label: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        hmac::sign(&self.0, &bound(label, parts)).as_ref().to_vec()
    }

    /// Whether this is the MAC of the parts.
    pub fn verify(&self, label: &[u8], parts: &[&[u8]], mac: &[u8]) -> bool {
        hmac::verify(&self.0, &bound(label, parts), mac).is_ok()
    }
}
