//! The wasm-bindgen face of app.
