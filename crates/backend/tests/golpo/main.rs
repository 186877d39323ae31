//! The worker with the Golpo engine against a double of Golpo's API: jobs that outlive workers,
//! outages, refused keys and a thousand of them with faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod keys;
mod support;
mod thousand;
// Its hostile tokens are made in the tests of `fit`; here it signs good ones.
#[allow(dead_code)]
#[path = "../../../fit/tests/support/mod.rs"]
mod tokens;
mod workers;
