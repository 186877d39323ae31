//! The app over a host in memory: operations, byline and consumer.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

mod attachments;
mod bad_input;
mod byline;
mod cost;
mod freshness;
mod life;
mod operations;
mod scopes;
mod support;
