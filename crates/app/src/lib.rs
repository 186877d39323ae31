//! The resolver's logic: what happens when the Custom UI invokes an operation. One module per use
//! case; scope and admin checks run here on every call (P3, P4); everything outside is reached
//! through [`Host`].
//!
//! Architecture invariant: this crate does no I/O of its own, reads no clock, and knows neither
//! JavaScript nor wasm. It never stores or logs who asked (P8), nor what a page says (P14).

mod admin;
mod backend;
mod byline;
mod confluence;
mod consume;
mod error;
mod freshness;
mod host;
mod invocation;
mod json;
mod operations;
mod panic;
mod resolve;
mod scope;
mod shorten;
mod uninstall;
mod warnings;

pub use byline::byline;
pub use consume::consume;
pub use error::AppError;
pub use host::{ConfluenceRequest, Host, HostError, LogLevel, RemoteRequest, Response};
pub use panic::panic_line;
pub use redaction::LogLine;
pub use resolve::resolve;
pub use scope::Scope;
pub use uninstall::uninstall;
