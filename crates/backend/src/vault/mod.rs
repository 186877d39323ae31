//! Encryption at rest (P7, P10, P11). Each tenant has a data key of its own ([`envelope::DataKey`]),
//! which seals what the tenant's rows hold; the data key lies in the database only wrapped by a
//! master key ([`master::MasterKeys`]: a key file or AWS KMS), and is unwrapped into memory for
//! minutes at most ([`keys::KeyRing`]). A new master key therefore means wrapping 32 bytes a tenant
//! anew, and destroying a tenant's data key makes all that it sealed unreadable. Must never log or
//! return a key, and never open a value for another tenant, field or record than it was sealed for.

pub mod chain;
pub mod envelope;
pub mod keys;
pub mod kms;
pub mod local;
pub mod master;

pub use envelope::{DataKey, Field, Place, VaultError};
pub(crate) use envelope::{hex, unhex};
pub use keys::KeyRing;
pub use kms::{KeyArn, KmsConfig, KmsMasterKeys};
pub use local::LocalMasterKeys;
pub use master::{MasterKeys, WrappedKey};
