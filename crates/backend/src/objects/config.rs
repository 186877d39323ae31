//! Where objects are to be, as the operator says it. Must never accept a bucket without
//! server-side encryption (P7).

use std::path::PathBuf;

use crate::aws::{Endpoint, EndpointError, Limits};

/// Where objects are.
#[derive(Debug, Clone)]
pub enum ObjectsConfig {
    /// Under a local directory.
    Local(PathBuf),
    /// In a bucket.
    S3(S3Config),
}

/// A bucket, and how it is used.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// Its name.
    pub bucket: String,
    /// What all object names begin with; empty for nothing, else without a slash at either end.
    pub prefix: String,
    /// Its region.
    pub region: String,
    /// Instead of AWS's address of the region.
    pub endpoint: Option<Endpoint>,
    /// How its objects are encrypted.
    pub encryption: Encryption,
    /// How long calls may take.
    pub limits: Limits,
}

/// Server-side encryption of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// SSE-S3: with a key of S3's (`AES256`).
    S3,
    /// SSE-KMS: with this key of KMS's, by its id or ARN.
    Kms(String),
}

/// What is said beside a bucket's name.
#[derive(Debug, Clone, Copy, Default)]
pub struct S3Options<'a> {
    /// The region.
    pub region: Option<&'a str>,
    /// Another address than AWS's.
    pub endpoint: Option<&'a str>,
    /// `sse-s3` or `sse-kms:KEY`.
    pub encryption: Option<&'a str>,
}

/// Why a configuration is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectsConfigError {
    /// Neither a path nor `file:///…` nor `s3://…`.
    #[error(
        "{0} is no place for objects: give a directory, file:///DIRECTORY or s3://BUCKET/PREFIX"
    )]
    Place(String),
    /// No name that S3 gives a bucket.
    #[error(
        "{0} is not the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens"
    )]
    Bucket(String),
    /// Not letters, digits, dots, hyphens and underscores between single slashes.
    #[error("{0} is no prefix of object names: letters, digits, - . _ between single slashes")]
    Prefix(String),
    /// No region, or no region's name.
    #[error(
        "a bucket needs its region: set --objects-region (GOLPO_OBJECTS_REGION), such as eu-central-1"
    )]
    Region,
    /// Nothing was said of encryption.
    #[error(
        "a bucket must encrypt what it holds (P7): set --objects-encryption (GOLPO_OBJECTS_ENCRYPTION) to sse-s3, or to sse-kms:KEY with the ARN of a KMS key"
    )]
    NoEncryption,
    /// Something else was said.
    #[error(
        "{0} is no encryption of objects: give sse-s3, or sse-kms:KEY with the ARN of a KMS key"
    )]
    Encryption(String),
    /// The endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Options of a bucket with a directory.
    #[error("region, endpoint and encryption are for a bucket, and {0} is a directory")]
    NotABucket(String),
}

impl ObjectsConfig {
    /// Reads a place, `DIRECTORY`, `file:///DIRECTORY` or `s3://BUCKET/PREFIX`, and what is said
    /// beside it.
    pub fn parse(place: &str, options: S3Options<'_>) -> Result<Self, ObjectsConfigError> {
        let refused = || ObjectsConfigError::Place(place.to_owned());
        let Some(name) = place.strip_prefix("s3://") else {
            let path = match place.split_once("://") {
                Some(("file", path)) if path.starts_with('/') => path,
                Some(_) => return Err(refused()),
                None => place,
            };
            if path.is_empty() {
                return Err(refused());
            }
            let S3Options {
                region,
                endpoint,
                encryption,
            } = options;
            if region.or(endpoint).or(encryption).is_some() {
                return Err(ObjectsConfigError::NotABucket(place.to_owned()));
            }
            return Ok(Self::Local(PathBuf::from(path)));
        };
        let (bucket, prefix) = name.split_once('/').unwrap_or((name, ""));
        if !is_bucket(bucket) {
            return Err(ObjectsConfigError::Bucket(bucket.to_owned()));
        }
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        if !prefix.is_empty() && !prefix.split('/').all(is_segment) {
            return Err(ObjectsConfigError::Prefix(prefix.to_owned()));
        }
        let region = options.region.filter(|region| is_region(region));
        Ok(Self::S3(S3Config {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            region: region.ok_or(ObjectsConfigError::Region)?.to_owned(),
            endpoint: options.endpoint.map(Endpoint::parse).transpose()?,
            encryption: encryption(options.encryption)?,
            limits: Limits::default(),
        }))
    }
}

fn encryption(text: Option<&str>) -> Result<Encryption, ObjectsConfigError> {
    let text = text.ok_or(ObjectsConfigError::NoEncryption)?;
    match text.split_once(':') {
        None if text == "sse-s3" => Ok(Encryption::S3),
        Some(("sse-kms", key)) if is_key(key) => Ok(Encryption::Kms(key.to_owned())),
        _ => Err(ObjectsConfigError::Encryption(text.to_owned())),
    }
}

/// A key's id or ARN; no alias, which may come to mean another key.
fn is_key(text: &str) -> bool {
    let id = match text.rsplit_once(":key/") {
        Some((arn, id)) if arn.starts_with("arn:") => id,
        Some(_) => return false,
        None => text,
    };
    !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_bucket(text: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
    (3..=63).contains(&text.len()) && text.bytes().all(allowed) && !text.contains("..")
}

fn is_segment(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !text.is_empty() && text.bytes().all(allowed) && text.bytes().any(|byte| byte != b'.')
}

fn is_region(text: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: S3Options<'static> = S3Options {
        region: Some("eu-central-1"),
        endpoint: None,
        encryption: Some("sse-s3"),
    };

    #[test]
    fn a_place_is_a_directory_or_a_bucket() {
        for (place, directory) in [
            ("golpo-objects", "golpo-objects"),
            ("/var/lib/golpo", "/var/lib/golpo"),
            ("file:///var/lib/golpo", "/var/lib/golpo"),
        ] {
            let config = ObjectsConfig::parse(place, S3Options::default()).unwrap();
            assert!(matches!(config, ObjectsConfig::Local(path) if path.as_os_str() == directory));
        }
        for (place, bucket, prefix) in [
            ("s3://videos", "videos", ""),
            ("s3://videos/", "videos", ""),
            (
                "s3://videos/golpo/production/",
                "videos",
                "golpo/production",
            ),
        ] {
            let ObjectsConfig::S3(config) = ObjectsConfig::parse(place, OPTIONS).unwrap() else {
                panic!("{place}");
            };
            assert_eq!(
                (config.bucket.as_str(), config.prefix.as_str()),
                (bucket, prefix)
            );
        }
        for place in [
            "",
            "file://host/path",
            "http://videos",
            "gs://videos",
            "file://",
        ] {
            let error = ObjectsConfig::parse(place, S3Options::default()).unwrap_err();
            assert_eq!(error, ObjectsConfigError::Place(place.into()));
        }
        for place in [
            "s3://",
            "s3://Videos",
            "s3://a",
            "s3://a..b",
            "s3://user@videos",
        ] {
            let error = ObjectsConfig::parse(place, OPTIONS).unwrap_err();
            assert!(matches!(error, ObjectsConfigError::Bucket(_)), "{place}");
        }
        for place in [
            "s3://videos/a//b",
            "s3://videos/..",
            "s3://videos/a/../b",
            "s3://videos/a?b",
        ] {
            let error = ObjectsConfig::parse(place, OPTIONS).unwrap_err();
            assert!(matches!(error, ObjectsConfigError::Prefix(_)), "{place}");
        }
    }

    #[test]
    fn p07_a_bucket_without_encryption_is_refused_and_says_what_to_set() {
        let parse = |encryption| -> Result<Encryption, ObjectsConfigError> {
            let options = S3Options {
                encryption,
                ..OPTIONS
            };
            match ObjectsConfig::parse("s3://videos", options)? {
                ObjectsConfig::S3(config) => Ok(config.encryption),
                ObjectsConfig::Local(_) => panic!("a bucket"),
            }
        };
        let arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab";
        assert_eq!(parse(Some("sse-s3")), Ok(Encryption::S3));
        let with_arn = format!("sse-kms:{arn}");
        assert_eq!(parse(Some(&with_arn)), Ok(Encryption::Kms(arn.into())));
        let error = parse(None).unwrap_err();
        assert!(error.to_string().contains("GOLPO_OBJECTS_ENCRYPTION"));
        for other in [
            "",
            "none",
            "sse-kms",
            "sse-kms:",
            "AES256",
            "sse-c:x",
            "sse-kms:alias/golpo",
        ] {
            let error = parse(Some(other)).unwrap_err();
            assert_eq!(error, ObjectsConfigError::Encryption(other.into()));
        }
    }

    #[test]
    fn p06_a_bucket_is_not_reached_in_clear_and_has_a_region() {
        let options = S3Options {
            endpoint: Some("http://s3.example.org"),
            ..OPTIONS
        };
        let error = ObjectsConfig::parse("s3://videos", options).unwrap_err();
        assert_eq!(
            error,
            ObjectsConfigError::Endpoint(EndpointError::NotEncrypted)
        );
        let options = S3Options {
            region: None,
            ..OPTIONS
        };
        let error = ObjectsConfig::parse("s3://videos", options).unwrap_err();
        assert_eq!(error, ObjectsConfigError::Region);
        let error = ObjectsConfig::parse("/var/lib/golpo", OPTIONS).unwrap_err();
        assert!(matches!(error, ObjectsConfigError::NotABucket(_)));
    }
}
