//! Any text as a body in storage format: whatever breaks is read as a browser would, so that only
//! its size can be refused.

#![no_main]

use content::{MAX_BODY_BYTES, parse_storage, remove_identities, script};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    match parse_storage(body) {
        Ok(document) => {
            let _ = script(remove_identities("Title", &document));
        }
        Err(error) => assert!(body.len() > MAX_BODY_BYTES, "{error}"),
    }
});
