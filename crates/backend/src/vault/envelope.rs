//! A tenant's data key: seals and opens the tenant's values (AES-256-GCM), and makes the keyed
//! hashes that stand for a secret where the secret itself must not. Must never open a value in
//! another place than it was sealed for: tenant, field and record are its associated data.
//!
//! Envelope: version (1 byte), the data key's id (8), nonce (12), text and tag. Nonces are random;
//! at 2³² values of one tenant the chance that two are the same is still below 2⁻³² (NIST SP
//! 800-38D, 8.3), and no tenant comes near.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use aws_lc_rs::{hkdf, hmac, rand};
use zeroize::Zeroizing;

const VERSION: u8 = 2;
const KEY_ID_LEN: usize = 8;
/// A data key's and a master key's length in bytes.
pub(super) const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;
const HEADER_LEN: usize = 1 + KEY_ID_LEN;

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
    /// What was answered to a POST.
    Answer,
    /// What an engine noted of an order.
    Note,
}

impl Field {
    /// Its name in associated data and in metrics; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Title => "title",
            Self::Script => "script",
            Self::Chapters => "chapters",
            Self::Answer => "answer",
            Self::Note => "note",
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
    pub(super) fn associated_data(&self, label: &[u8], key_id: &[u8]) -> Vec<u8> {
        let field = self.field.as_str().as_bytes();
        let (tenant_id, record) = (self.tenant_id.as_bytes(), self.record.as_bytes());
        bound(label, &[tenant_id, field, record, key_id])
    }
}

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Too short, or of a version that this program does not know.
    #[error("the envelope is malformed")]
    Malformed,
    /// Sealed under another key: the tenant's key was destroyed and made anew, or a backup is mixed
    /// with rows of another time.
    #[error("the envelope was sealed under another key")]
    OtherKey,
    /// It was changed, or belongs to another tenant, field or record.
    #[error("the envelope does not open here")]
    Refused,
    /// Encryption itself failed, or the system gave no random bytes.
    #[error("encryption failed")]
    Cipher,
}

impl VaultError {
    /// A stable name for logs and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "vault_malformed",
            Self::OtherKey => "vault_other_key",
            Self::Refused => "vault_refused",
            Self::Cipher => "vault_cipher",
        }
    }
}

/// A tenant's data key. It cannot be copied, compared, printed or serialized; its bytes are zeroed
/// when it is dropped. Every key in use is derived from it (HKDF, RFC 5869).
pub struct DataKey {
    material: Zeroizing<Vec<u8>>,
    id: [u8; KEY_ID_LEN],
    sealing: RandomizedNonceKey,
    fingerprints: hmac::Key,
    requests: hmac::Key,
    links: hmac::Key,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DataKey([redacted])")
    }
}

impl DataKey {
    /// A new key of the system's random bytes.
    pub fn generate() -> Result<Self, VaultError> {
        Self::from_material(random()?)
    }

    /// The key of these 32 bytes.
    pub(super) fn from_material(material: Zeroizing<Vec<u8>>) -> Result<Self, VaultError> {
        if material.len() != KEY_LEN {
            return Err(VaultError::Malformed);
        }
        let derive = |label: &str| derived(&material, b"golpo data key", label);
        let hashing = |label: &str| -> Result<hmac::Key, VaultError> {
            Ok(hmac::Key::new(hmac::HMAC_SHA256, derive(label)?.as_slice()))
        };
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&derive("id")?[..KEY_ID_LEN]);
        Ok(Self {
            id,
            sealing: RandomizedNonceKey::new(&AES_256_GCM, derive("sealing")?.as_slice())
                .map_err(|_| VaultError::Cipher)?,
            fingerprints: hashing("fingerprints")?,
            requests: hashing("requests")?,
            links: hashing("media links")?,
            material,
        })
    }

    /// The bytes, for a master key to wrap.
    pub(super) fn material(&self) -> &[u8] {
        &self.material
    }

    /// Encrypts a value for its place.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut envelope = Vec::with_capacity(HEADER_LEN + NONCE_LEN + plain.len() + TAG_LEN);
        envelope.push(VERSION);
        envelope.extend_from_slice(&self.id);
        let associated = self.associated_data(place);
        seal_into(&mut envelope, &self.sealing, &associated, plain)?;
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
            let code = error.code();
            metrics::counter!("golpo_vault_open_failures_total", "field" => field).increment(1);
            crate::incidents::signals::note(crate::incidents::rules::Signal::VaultFailed, None);
            tracing::error!(%error, code, field, "a sealed value did not open");
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
        if header[1..] != self.id {
            return Err(VaultError::OtherKey);
        }
        open_from(&self.sealing, &self.associated_data(place), sealed)
    }

    fn associated_data(&self, place: Place<'_>) -> Vec<u8> {
        place.associated_data(b"golpo envelope 2", &self.id)
    }

    /// The key's public name: hexadecimal digits that lead nowhere back.
    pub fn id(&self) -> String {
        hex(&self.id)
    }

    /// Signs a text (Ed25519, RFC 8032).
    pub fn sign(&self, text: &[u8]) -> Result<Vec<u8>, VaultError> {
        Ok(self.signing()?.sign(text).as_ref().to_vec())
    }

    /// The 32 bytes that verify what [`Self::sign`] signed; public.
    pub fn verifying_key(&self) -> Result<Vec<u8>, VaultError> {
        Ok(self.signing()?.public_key().as_ref().to_vec())
    }

    /// Made when it is needed: of a tenant's key never.
    fn signing(&self) -> Result<Ed25519KeyPair, VaultError> {
        let seed = derived(&self.material, b"golpo data key", "signing")?;
        Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| VaultError::Cipher)
    }

    /// Eight hexadecimal digits that tell two API keys of one tenant apart (P11).
    pub fn fingerprint(&self, secret: &str) -> String {
        let mut hash = hex(hmac::sign(&self.fingerprints, secret.as_bytes()).as_ref());
        hash.truncate(8);
        hash
    }

    /// The keyed hash of a request's canonical text, 32 bytes.
    pub fn request_hash(&self, request: &[u8]) -> Vec<u8> {
        hmac::sign(&self.requests, request).as_ref().to_vec()
    }

    /// The signature of a media address, as 64 hexadecimal digits. `expires` is in Unix seconds.
    pub fn sign_link(&self, video_id: &str, file: &str, expires: i64) -> String {
        hex(hmac::sign(&self.links, &link_text(video_id, file, expires)).as_ref())
    }

    /// Whether a media address's signature is this tenant's; takes the same time however wrong it
    /// is. Whether it has expired is the caller's to look at.
    pub fn verify_link(&self, video_id: &str, file: &str, expires: i64, signature: &str) -> bool {
        unhex(signature).is_some_and(|signature| {
            hmac::verify(&self.links, &link_text(video_id, file, expires), &signature).is_ok()
        })
    }
}

fn link_text(video_id: &str, file: &str, expires: i64) -> Vec<u8> {
    let expires = expires.to_be_bytes();
    bound(
        b"media link",
        &[video_id.as_bytes(), file.as_bytes(), &expires],
    )
}

/// A label and parts with their lengths, so that no two lists of parts have the same bytes.
pub(super) fn bound(label: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut data = label.to_vec();
    for part in parts {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part);
    }
    data
}

/// 32 random bytes.
pub(super) fn random() -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let mut bytes = Zeroizing::new(vec![0; KEY_LEN]);
    rand::fill(bytes.as_mut_slice()).map_err(|_| VaultError::Cipher)?;
    Ok(bytes)
}

/// The 32 bytes derived from a key for one use.
pub(super) fn derived(
    material: &[u8],
    salt: &[u8],
    label: &str,
) -> Result<Zeroizing<[u8; KEY_LEN]>, VaultError> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(material)
        .expand(&[label.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(key.as_mut_slice()))
        .map_err(|_| VaultError::Cipher)?;
    Ok(key)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of lower-case hexadecimal digits; one text only for the same bytes.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
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

/// Appends nonce, text and tag.
pub(super) fn seal_into(
    envelope: &mut Vec<u8>,
    key: &RandomizedNonceKey,
    associated: &[u8],
    plain: &[u8],
) -> Result<(), VaultError> {
    // Room for the tag: a buffer that grew would leave the plain text behind in the old one.
    let mut text = Zeroizing::new(Vec::with_capacity(plain.len() + TAG_LEN));
    text.extend_from_slice(plain);
    let nonce = key
        .seal_in_place_append_tag(Aad::from(associated), &mut *text)
        .map_err(|_| VaultError::Cipher)?;
    envelope.extend_from_slice(nonce.as_ref());
    envelope.extend_from_slice(&text);
    Ok(())
}

/// The text of nonce, text and tag.
pub(super) fn open_from(
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
    // What stays behind the text is the tag, which tells nothing.
    plain.truncate(length);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> DataKey {
        DataKey::from_material(Zeroizing::new(vec![byte; KEY_LEN])).unwrap()
    }

    fn field() -> impl Strategy<Value = Field> {
        prop_oneof![
            Just(Field::ApiKey),
            Just(Field::Title),
            Just(Field::Script),
            Just(Field::Chapters),
        ]
    }

    /// Few and short, so that equal and shifted ones come up.
    fn place() -> impl Strategy<Value = (String, Field, String)> {
        ("[ab:/]{0,3}", field(), "[ab:/]{0,3}")
    }

    fn as_place((tenant_id, field, record): &(String, Field, String)) -> Place<'_> {
        Place {
            tenant_id,
            field: *field,
            record,
        }
    }

    proptest! {
        #[test]
        fn p07_a_value_opens_in_its_own_place_and_in_no_other(
            plain in proptest::collection::vec(any::<u8>(), 0..200),
            here in place(),
            there in place(),
        ) {
            let key = key(1);
            let envelope = key.seal(as_place(&here), &plain).unwrap();
            let opened = key.try_open(as_place(&here), &envelope).unwrap();
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
            let elsewhere = key.try_open(as_place(&there), &envelope);
            if here == there {
                prop_assert!(elsewhere.is_ok());
            } else {
                prop_assert_eq!(elsewhere.unwrap_err(), VaultError::Refused);
            }
        }

        #[test]
        fn p07_any_bytes_that_were_not_sealed_are_refused(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            prop_assert!(key(1).try_open(PLACE, &bytes).is_err());
        }
    }

    const PLACE: Place<'static> = Place {
        tenant_id: "site:environment",
        field: Field::Script,
        record: "video",
    };

    #[test]
    fn p07_every_flipped_bit_and_every_cut_is_refused() {
        let key = key(1);
        let envelope = key.seal(PLACE, b"buy the moon").unwrap();
        assert!(!envelope.windows(8).any(|part| part == b"the moon"));
        for bit in 0..envelope.len() * 8 {
            let mut changed = envelope.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.try_open(PLACE, &changed).is_err(), "bit {bit}");
        }
        for length in 0..envelope.len() {
            assert!(key.try_open(PLACE, &envelope[..length]).is_err());
        }
        let longer = [envelope.as_slice(), &[0]].concat();
        assert!(key.try_open(PLACE, &longer).is_err());
    }

    #[test]
    fn p07_the_same_text_never_looks_the_same_twice() {
        let key = key(1);
        assert_ne!(key.seal(PLACE, b"text"), key.seal(PLACE, b"text"));
    }

    #[test]
    fn p07_another_tenants_key_is_told_apart_from_a_broken_envelope() {
        let envelope = key(1).seal(PLACE, b"text").unwrap();
        let error = key(2).try_open(PLACE, &envelope).unwrap_err();
        assert_eq!(error, VaultError::OtherKey);
    }

    #[test]
    fn p07_the_keys_of_two_uses_differ() {
        let material = [1; KEY_LEN];
        let labels = [
            "sealing",
            "fingerprints",
            "requests",
            "media links",
            "signing",
            "id",
        ];
        let keys: std::collections::BTreeSet<_> = labels
            .iter()
            .map(|label| {
                derived(&material, b"golpo data key", label)
                    .unwrap()
                    .to_vec()
            })
            .collect();
        assert_eq!(keys.len(), labels.len());
        assert!(!keys.contains(material.as_slice()));
    }

    #[test]
    fn p11_a_fingerprint_is_short_and_keyed_by_the_tenant() {
        let print = key(1).fingerprint("golpo-key-1");
        assert!(print.len() == 8 && print.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(print, key(1).fingerprint("golpo-key-1"));
        assert_ne!(print, key(1).fingerprint("golpo-key-2"));
        assert_ne!(print, key(2).fingerprint("golpo-key-1"));
    }

    #[test]
    fn p05_a_link_holds_for_one_tenants_video_file_and_time() {
        let key = key(1);
        let signature = key.sign_link("video", "video.mp4", 1000);
        assert!(key.verify_link("video", "video.mp4", 1000, &signature));
        for (video, file, expires) in [
            ("video2", "video.mp4", 1000),
            ("video", "poster.png", 1000),
            ("video", "video.mp4", 1001),
            ("vide", "ovideo.mp4", 1000),
        ] {
            assert!(!key.verify_link(video, file, expires, &signature));
        }
        let other = DataKey::generate().unwrap();
        assert!(!other.verify_link("video", "video.mp4", 1000, &signature));
        for other in ["", "zz", &signature[1..], &signature.to_uppercase()] {
            assert!(
                !key.verify_link("video", "video.mp4", 1000, other),
                "{other}"
            );
        }
    }

    #[test]
    fn p13_a_key_prints_nothing_of_itself() {
        let text = format!("{:?}", key(0x41));
        assert_eq!(text, "DataKey([redacted])");
    }

    /// Compiles only while [`DataKey`] is neither `Clone` nor `Serialize` nor `Display`: else the
    /// calls would have two traits to choose from.
    #[test]
    fn p11_a_key_cannot_be_copied_or_serialized() {
        trait Copied<A> {
            fn absent() {}
        }
        impl<T> Copied<()> for T {}
        struct IsClone;
        impl<T: Clone> Copied<IsClone> for T {}
        struct IsSerialize;
        impl<T: serde::Serialize> Copied<IsSerialize> for T {}
        struct IsDisplay;
        impl<T: std::fmt::Display> Copied<IsDisplay> for T {}
        <DataKey as Copied<_>>::absent();
    }
}
