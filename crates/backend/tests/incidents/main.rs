//! Audit trail and incidents (P18 to P21): on both databases, and with the real program. The drill prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod audit;
mod containment;
mod drill;
#[allow(dead_code)]
#[path = "../support/postgres.rs"]
mod postgres;
#[allow(dead_code)]
#[path = "../program/support.rs"]
mod program;
mod support;
// Its hostile tokens are made in the tests of `fit`; here it signs good ones.
#[allow(dead_code)]
#[path = "../../../fit/tests/support/mod.rs"]
mod tokens;
mod trail_program;
