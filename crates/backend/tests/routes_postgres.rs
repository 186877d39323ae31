//! The tests of `routes` once more, on PostgreSQL: `support::Database` goes by this program's name.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "routes/main.rs"]
mod routes;
