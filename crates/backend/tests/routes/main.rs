//! The real service on a port of its own, with a real database, real files and signed tokens;
//! only the engine and the clock are the tests'.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod api_key;
mod auth;
mod deletion;
mod isolation;
mod jobs;
mod media;
mod metering;
mod monitoring;
mod openapi;
#[allow(dead_code)]
#[path = "../support/postgres.rs"]
mod postgres;
mod support;
// Its hostile tokens are made in the tests of `fit`; here it signs good ones.
#[allow(dead_code)]
#[path = "../../../fit/tests/support/mod.rs"]
mod tokens;
mod videos;
