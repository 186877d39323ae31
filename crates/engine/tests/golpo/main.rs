//! The Golpo engine against a double of Golpo's API that behaves as documented, and that misbehaves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod files;
mod flow;
mod never_twice;
mod support;
