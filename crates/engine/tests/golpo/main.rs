//! The Golpo engine against a double of Golpo's API that behaves as documented, and that misbehaves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod files;
mod flow;
mod live;
mod log;
mod never_twice;
mod support;
