//! The bench's own face of `content` in wasm: a body's text in, the script as JSON text out, as a
//! page of the product is told. It must never do less than `content` does for the product, and
//! nothing beside it.

use protocol::{Removal, Script};
use serde::Serialize;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

#[derive(Serialize)]
struct Told {
    script: Script,
    removals: Vec<Removal>,
}

/// The JSON text of `{script, removals}` for a page whose body is in `format` (`adf`, with the JSON
/// text of the document, or `storage`). Throws where the body cannot be read.
#[wasm_bindgen]
pub fn convert(format: &str, title: &str, body: &str) -> Result<String, JsError> {
    let document = match format {
        "adf" => content::parse_adf(body)?,
        "storage" => content::parse_storage(body)?,
        _ => return Err(JsError::new("no such format")),
    };
    let (script, removals) = content::script(content::remove_identities(title, &document))?;
    Ok(serde_json::to_string(&Told { script, removals })?)
}
