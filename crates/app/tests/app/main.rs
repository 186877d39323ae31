//! The app over a host in memory: operations, byline and consumer.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

mod attachments;
mod byline;
mod freshness;
mod operations;
mod support;
