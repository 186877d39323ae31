//! The program's network side: started as an operator does, spoken to as browsers, proxies and
//! attackers do (P6).
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

mod program;
mod slow;
mod tls;
#[path = "../../../fit/tests/support/mod.rs"]
#[allow(dead_code)]
mod tokens;
