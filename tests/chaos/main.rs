//! The service under fire: processes killed at random moments, a database that restarts, an object
//! store that refuses, a disk that takes no more, an engine that fails, clocks that jump. After each
//! the same is asked: is every accepted video made, is none there twice, is each charged once, and is
//! there no file without a row once the sweeper ran.
//!
//! The HTTP service is the real program. Workers are processes of this test with the product's worker
//! and an engine that is fast and bad (`worker`), so that hundreds of videos are made in a minute.
//! `GOLPO_CHAOS_KILLS` says how often to kill (40). `cargo xtask chaos` does it 200 times and shows the
//! figures that are printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
#![cfg(unix)]

mod faults;
mod kills;
mod load;
#[allow(dead_code)]
#[path = "../../crates/backend/tests/aws/moto.rs"]
mod moto;
mod place;
#[allow(dead_code)]
#[path = "../../crates/backend/tests/support/postgres.rs"]
mod postgres;
mod processes;
mod proxy;
// Its hostile tokens are made in the tests of `fit`; here it signs good ones.
#[allow(dead_code)]
#[path = "../../crates/fit/tests/support/mod.rs"]
mod tokens;
mod verdict;
mod worker;

use std::time::Duration;

/// One after the other: each wants the machine for itself, and one restarts the database.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A random number below this one.
fn chance(below: u64) -> u64 {
    let bytes = *uuid::Uuid::new_v4().as_bytes();
    u64::from_be_bytes(bytes[8..].try_into().unwrap()) % (1 << 62) % below
}

async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
