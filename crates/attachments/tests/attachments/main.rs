//! Files as people attach them, built here byte by byte; files as nobody should; and what of a file
//! is told.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod docx;
mod files;
mod hostile;
mod pdf;
mod support;
