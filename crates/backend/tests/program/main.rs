//! The program itself: started as an operator does, told to stop as a supervisor does, and all
//! that it wrote and sent looked through (P13, P14).
#![allow(clippy::unwrap_used)]
#![cfg(unix)]

mod golpo;
mod log;
mod support;
mod token;
#[path = "../../../fit/tests/support/mod.rs"]
#[allow(dead_code)]
mod tokens;
mod traces;
