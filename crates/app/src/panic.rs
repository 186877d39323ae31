//! What is logged of a panic: its place in the source and nothing else, since a panic's message may
//! quote what a page says (P14).

use std::panic::PanicHookInfo;

use crate::LogLine;

/// The line of a panic: `panicked at FILE:LINE:COLUMN`.
pub fn panic_line(panic: &PanicHookInfo<'_>) -> LogLine {
    let place = panic.location().map(ToString::to_string);
    LogLine::new(&format!("panicked at {}", place.unwrap_or_default()))
}
