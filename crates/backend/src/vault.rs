//! Encryption at rest (P7, P11): AES-256-GCM envelopes under a master key that is in no database,
//! and the keyed hashes that stand for a secret where the secret itself must not. Must never log
//! or return a key, and never open an envelope for another tenant, field or record than it was
//! sealed for: those are its associated data.
//!
//! Envelope: version (1 byte), key id (8), nonce and wrapped data key (12 + 32 + 16), nonce (12),
//! text and tag. Each value has a data key of its own, so that a new master key later means
//! wrapping 32 bytes anew and not the whole store.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{hkdf, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize, Zeroizing};

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 8;
const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;
const WRAPPED_LEN: usize = NONCE_LEN + KEY_LEN + TAG_LEN;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + WRAPPED_LEN;

/// The 32 bytes that everything is encrypted under. `Debug` prints nothing of them.
pub struct MasterKey(Zeroizing<[u8; KEY_LEN]>);

/// A master key that cannot be used or made.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// Neither 32 bytes nor base64 of them.
    #[error("a master key is 32 bytes in base64")]
    Malformed,
    /// The file could not be read or made.
    #[error("the master key file could not be read or made")]
    File(#[from] std::io::Error),
    /// The system gave no random bytes.
    #[error("the system's random number generator failed")]
    Random,
}

impl MasterKey {
    /// Reads the base64 text of a key.
    pub fn from_base64(text: &str) -> Result<Self, MasterKeyError> {
        let bytes = STANDARD
            .decode(text.trim())
            .map_err(|_| MasterKeyError::Malformed)?;
        let bytes = Zeroizing::new(bytes);
        let key: [u8; KEY_LEN] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| MasterKeyError::Malformed)?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// Reads a key from a file of base64 text.
    pub fn read(path: &std::path::Path) -> Result<Self, MasterKeyError> {
        Self::from_base64(&Zeroizing::new(std::fs::read_to_string(path)?))
    }

    /// Reads the key from the file, or makes a new one there that its owner alone can read.
    pub fn read_or_create(path: &std::path::Path) -> Result<Self, MasterKeyError> {
        use std::io::Write as _;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(mut file) => {
                let key = random()?;
                let text = Zeroizing::new(STANDARD.encode(key.as_slice()));
                writeln!(file, "{}", text.as_str())?;
                file.sync_all()?;
                Ok(Self(key))
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Self::read(path),
            Err(error) => Err(error.into()),
        }
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MasterKey([redacted])")
    }
}

fn random() -> Result<Zeroizing<[u8; KEY_LEN]>, MasterKeyError> {
    let mut bytes = Zeroizing::new([0; KEY_LEN]);
    rand::fill(bytes.as_mut_slice()).map_err(|_| MasterKeyError::Random)?;
    Ok(bytes)
}

/// What is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// A tenant's API key.
    ApiKey,
    /// A video's title.
    Title,
    /// A waiting job's script.
    Script,
    /// A video's chapters.
    Chapters,
}

impl Field {
    fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Title => "title",
            Self::Script => "script",
            Self::Chapters => "chapters",
        }
    }
}

/// Whose value, which, and in which record: bound into the envelope.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// [`fit::Tenant::id`].
    pub tenant_id: &'a str,
    /// The field.
    pub field: Field,
    /// The video's id; empty where the tenant has one such value.
    pub record: &'a str,
}

impl Place<'_> {
    fn associated_data(&self, key_id: &[u8]) -> Vec<u8> {
        let mut data = b"golpo envelope 1".to_vec();
        for part in [
            self.tenant_id.as_bytes(),
            self.field.as_str().as_bytes(),
            self.record.as_bytes(),
            key_id,
        ] {
            // With lengths, so that no two places have the same bytes.
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Too short, or of a version that this program does not know.
    #[error("the envelope is malformed")]
    Malformed,
    /// Sealed under another master key.
    #[error("the envelope was sealed under another master key")]
    OtherKey,
    /// It was changed, or belongs to another tenant, field or record.
    #[error("the envelope does not open here")]
    Refused,
    /// Encryption itself failed.
    #[error("encryption failed")]
    Cipher,
}

/// Seals and opens values, and makes the keyed hashes.
pub struct Vault {
    wrapping: RandomizedNonceKey,
    key_id: [u8; KEY_ID_LEN],
    fingerprints: hmac::Key,
    requests: hmac::Key,
    names: hmac::Key,
    links: hmac::Key,
}

impl Vault {
    /// A vault under a master key; every key in use is derived from it (HKDF, RFC 5869).
    pub fn new(master: &MasterKey) -> Result<Self, VaultError> {
        let derive = |label: &str| -> Result<Zeroizing<[u8; KEY_LEN]>, VaultError> {
            let mut key = Zeroizing::new([0; KEY_LEN]);
            hkdf::Salt::new(hkdf::HKDF_SHA256, b"golpo-backend")
                .extract(master.0.as_slice())
                .expand(&[label.as_bytes()], hkdf::HKDF_SHA256)
                .and_then(|material| material.fill(key.as_mut_slice()))
                .map_err(|_| VaultError::Cipher)?;
            Ok(key)
        };
        let hashing = |label: &str| -> Result<hmac::Key, VaultError> {
            Ok(hmac::Key::new(hmac::HMAC_SHA256, derive(label)?.as_slice()))
        };
        let mut key_id = [0; KEY_ID_LEN];
        key_id.copy_from_slice(&derive("key id")?[..KEY_ID_LEN]);
        Ok(Self {
            wrapping: RandomizedNonceKey::new(&AES_256_GCM, derive("wrapping")?.as_slice())
                .map_err(|_| VaultError::Cipher)?,
            key_id,
            fingerprints: hashing("fingerprints")?,
            requests: hashing("requests")?,
            names: hashing("object names")?,
            links: hashing("media links")?,
        })
    }

    /// Encrypts a value for its place.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let data_key = random().map_err(|_| VaultError::Cipher)?;
        let associated = place.associated_data(&self.key_id);
        let mut envelope = Vec::with_capacity(HEADER_LEN + NONCE_LEN + plain.len() + TAG_LEN);
        envelope.push(VERSION);
        envelope.extend_from_slice(&self.key_id);
        seal_into(
            &mut envelope,
            &self.wrapping,
            &associated,
            data_key.as_slice(),
        )?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, data_key.as_slice())
            .map_err(|_| VaultError::Cipher)?;
        seal_into(&mut envelope, &key, &associated, plain)?;
        Ok(envelope)
    }

    /// Decrypts a value of its place. A failure is counted: it is a security signal (P18).
    pub fn open(
        &self,
        place: Place<'_>,
        envelope: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.try_open(place, envelope).inspect_err(|error| {
            let field = place.field.as_str();
            metrics::counter!("golpo_vault_open_failures_total", "field" => field).increment(1);
            tracing::error!(%error, field, "a sealed value did not open");
        })
    }

    fn try_open(
        &self,
        place: Place<'_>,
        envelope: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        if envelope.len() < HEADER_LEN + NONCE_LEN + TAG_LEN || envelope[0] != VERSION {
            return Err(VaultError::Malformed);
        }
        let (header, sealed) = envelope.split_at(HEADER_LEN);
        let (key_id, wrapped) = header[1..].split_at(KEY_ID_LEN);
        if key_id != self.key_id {
            return Err(VaultError::OtherKey);
        }
        let associated = place.associated_data(&self.key_id);
        let data_key = open_from(&self.wrapping, &associated, wrapped)?;
        let key =
            RandomizedNonceKey::new(&AES_256_GCM, &data_key).map_err(|_| VaultError::Cipher)?;
        open_from(&key, &associated, sealed)
    }

    /// Eight hexadecimal digits that tell two API keys of one tenant apart.
    pub fn fingerprint(&self, tenant_id: &str, secret: &str) -> String {
        let mut hash = tagged(&self.fingerprints, &[tenant_id, secret]);
        hash.truncate(8);
        hash
    }

    /// The keyed hash of a request's canonical text.
    pub fn request_hash(&self, request: &[u8]) -> Vec<u8> {
        hmac::sign(&self.requests, request).as_ref().to_vec()
    }

    /// What stands for a tenant in object names: 32 hexadecimal digits.
    pub fn tenant_folder(&self, tenant_id: &str) -> String {
        let mut hash = tagged(&self.names, &[tenant_id]);
        hash.truncate(32);
        hash
    }

    /// The signature of a media address, as hexadecimal digits.
    pub fn sign_link(&self, video_id: &str, file: &str, expires: i64) -> String {
        hex(hmac::sign(&self.links, &link_text(video_id, file, expires)).as_ref())
    }

    /// Whether a media address's signature is ours; takes the same time however wrong it is.
    pub fn verify_link(&self, video_id: &str, file: &str, expires: i64, signature: &str) -> bool {
        unhex(signature).is_some_and(|signature| {
            hmac::verify(&self.links, &link_text(video_id, file, expires), &signature).is_ok()
        })
    }
}

fn link_text(video_id: &str, file: &str, expires: i64) -> Vec<u8> {
    // A new line is in none of the parts.
    format!("{video_id}\n{file}\n{expires}").into_bytes()
}

fn tagged(key: &hmac::Key, parts: &[&str]) -> String {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    hex(context.sign().as_ref())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of lower-case hexadecimal digits; one text only for the same bytes.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

fn seal_into(
    envelope: &mut Vec<u8>,
    key: &RandomizedNonceKey,
    associated: &[u8],
    plain: &[u8],
) -> Result<(), VaultError> {
    let mut text = plain.to_vec();
    let sealed = key.seal_in_place_append_tag(Aad::from(associated), &mut text);
    let nonce = sealed.map_err(|_| {
        text.zeroize();
        VaultError::Cipher
    })?;
    envelope.extend_from_slice(nonce.as_ref());
    envelope.extend_from_slice(&text);
    Ok(())
}

fn open_from(
    key: &RandomizedNonceKey,
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, text) = sealed
        .split_at_checked(NONCE_LEN)
        .ok_or(VaultError::Malformed)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Malformed)?;
    let mut plain = Zeroizing::new(text.to_vec());
    let length = key
        .open_in_place(nonce, Aad::from(associated), &mut plain)
        .map_err(|_| VaultError::Refused)?
        .len();
    plain.truncate(length);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(byte: u8) -> Vault {
        Vault::new(&MasterKey(Zeroizing::new([byte; KEY_LEN]))).unwrap()
    }

    const PLACE: Place<'static> = Place {
        tenant_id: "site:environment",
        field: Field::Script,
        record: "video",
    };

    #[test]
    fn p07_an_envelope_opens_only_in_its_own_place() {
        let vault = vault(1);
        let envelope = vault.seal(PLACE, b"buy the moon").unwrap();
        assert!(!envelope.windows(8).any(|part| part == b"the moon"));
        assert_eq!(
            vault.open(PLACE, &envelope).unwrap().as_slice(),
            b"buy the moon"
        );
        let others = [
            Place {
                tenant_id: "other:environment",
                ..PLACE
            },
            Place {
                field: Field::Title,
                ..PLACE
            },
            Place {
                record: "video2",
                ..PLACE
            },
            // The same characters, parted elsewhere.
            Place {
                tenant_id: "site:environmen",
                record: "tvideo",
                ..PLACE
            },
        ];
        for place in others {
            assert_eq!(
                vault.open(place, &envelope).unwrap_err(),
                VaultError::Refused
            );
        }
    }

    #[test]
    fn p07_every_changed_byte_and_every_cut_is_refused() {
        let vault = vault(1);
        let envelope = vault.seal(PLACE, b"text").unwrap();
        for index in 0..envelope.len() {
            let mut changed = envelope.clone();
            changed[index] ^= 1;
            assert!(vault.open(PLACE, &changed).is_err(), "byte {index}");
            assert!(
                vault.open(PLACE, &envelope[..index]).is_err(),
                "cut at {index}"
            );
        }
    }

    #[test]
    fn p07_another_master_key_is_told_apart_from_a_broken_envelope() {
        let envelope = vault(1).seal(PLACE, b"text").unwrap();
        assert_eq!(
            vault(2).open(PLACE, &envelope).unwrap_err(),
            VaultError::OtherKey
        );
    }

    #[test]
    fn p07_the_same_text_never_looks_the_same_twice() {
        let vault = vault(1);
        assert_ne!(
            vault.seal(PLACE, b"text").unwrap(),
            vault.seal(PLACE, b"text").unwrap()
        );
    }

    #[test]
    fn p11_a_fingerprint_is_short_keyed_and_bound_to_the_tenant() {
        let print = vault(1).fingerprint("a", "golpo-key-1");
        assert_eq!(print.len(), 8);
        assert_eq!(print, vault(1).fingerprint("a", "golpo-key-1"));
        assert_ne!(print, vault(1).fingerprint("a", "golpo-key-2"));
        assert_ne!(print, vault(1).fingerprint("b", "golpo-key-1"));
        assert_ne!(print, vault(2).fingerprint("a", "golpo-key-1"));
    }

    #[test]
    fn p11_a_new_master_key_file_is_readable_by_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let made = MasterKey::read_or_create(&path).unwrap();
        let read = MasterKey::read_or_create(&path).unwrap();
        assert_eq!(made.0, read.0);
        assert_eq!(format!("{made:?}"), "MasterKey([redacted])");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(MasterKey::from_base64("c2hvcnQ=").is_err());
    }
}
