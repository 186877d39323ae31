//! The two stores, each with the same tests, and the walls between tenants.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod charges;
mod fairness;
mod jobs;
mod migrations;
mod row_level_security;
mod support;
mod tenants;
// Its hostile tokens are made in the tests of `fit`; here it signs good ones.
#[allow(dead_code)]
#[path = "../../../fit/tests/support/mod.rs"]
mod tokens;
