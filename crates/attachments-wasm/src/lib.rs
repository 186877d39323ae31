//! The wasm-bindgen face of `attachments`: one function that the shim calls with a file's bytes.
//! Nothing else. A module of its own, so that the one that answers every invocation stays small:
//! the shim loads this one when an attachment is chosen.

use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;

/// The text of a file as JSON text in UTF-8: `{"text": …}`, or `{"error": CODE}` with a code of the
/// protocol's.
#[wasm_bindgen]
pub fn extract(name: &str, media_type: &str, bytes: &[u8]) -> Vec<u8> {
    match attachments::extract(name, media_type, bytes) {
        Ok(text) => json!({ "text": text.as_str() }),
        Err(error) => json!({ "error": error.code().as_str() }),
    }
    .to_string()
    .into_bytes()
}
