//! The wasm-bindgen face of `app`: the host object that the shim hands over, as a [`app::Host`],
//! and the four functions that Forge's handlers call. Nothing else: no decision about the product
//! is made here. Texts cross the border once each way.

mod js_host;

use js_host::JsHost;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(line: &str);
}

/// Runs once, when the module is loaded: a panic is logged by its place alone, since its message
/// may quote what a page says (P14).
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        console_error(app::panic_line(panic).as_str());
    }));
}

/// Panics with a text, so that a test sees what is logged of it. In development builds alone.
#[cfg(debug_assertions)]
#[wasm_bindgen(js_name = panicWith)]
pub fn panic_with(text: &str) {
    panic!("{text}");
}

/// Runs one operation of the Custom UI: name, payload and Forge's context as JSON text, and the
/// Custom UI's version where it says one; gives the answer as JSON text.
#[wasm_bindgen]
pub async fn resolve(
    host: JsHost,
    operation: String,
    payload: String,
    context: String,
    ui_version: Option<u32>,
) -> String {
    app::resolve(&host, &operation, &payload, &context, ui_version).await
}

/// The byline's dynamic properties as JSON text.
#[wasm_bindgen]
pub async fn byline(host: JsHost, context: String) -> String {
    app::byline(&host, &context).await
}

/// Tells the backend that the site uninstalled the app.
#[wasm_bindgen]
pub async fn uninstall(host: JsHost) {
    app::uninstall(&host).await;
}

/// Consumes one event of the queue `page-videos`, a JSON text.
#[wasm_bindgen]
pub async fn consume(host: JsHost, event: String) {
    app::consume(&host, &event).await;
}
