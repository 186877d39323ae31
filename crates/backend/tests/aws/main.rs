//! Objects in S3 and master keys in KMS, against moto (a double that speaks their protocols, started
//! by each test on a port of its own) and against servers that misbehave.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod faults;
mod kms;
mod masters;
mod moto;
#[allow(dead_code)]
#[path = "../support/postgres.rs"]
mod postgres;
mod program;
mod s3;
// Its hostile tokens are made in the tests of `fit`; here it signs good ones.
#[allow(dead_code)]
#[path = "../../../fit/tests/support/mod.rs"]
mod tokens;
