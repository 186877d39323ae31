//! Any text as an ADF body: a document or a typed error, and from the document a script within its
//! limits or a typed error.

#![no_main]

use content::{parse_adf, remove_identities, script};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    if let Ok(document) = parse_adf(body) {
        let _ = script(remove_identities("Title", &document));
    }
});
