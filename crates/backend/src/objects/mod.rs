//! The files of finished videos, on a local disk or in S3. Object names hold an opaque folder in
//! place of the tenant (P8), a video id and one of three fixed file names; never a title or anything
//! a user wrote. Must never hold a whole video in memory, nor use a bucket that does not encrypt
//! (P7).

mod config;
mod error;
mod folder;
mod media;
mod s3;
mod store;
mod sweep;
mod upload;

pub use config::{Encryption, ObjectsConfig, ObjectsConfigError, S3Config, S3Options};
pub use error::{ObjectError, ObjectsStartError};
pub use folder::TenantFolder;
pub use media::MediaFile;
pub use store::Objects;
pub use sweep::Swept;
