//! Bounds the module's memory. Forge gives a function 256 MB for everything; a file that got past
//! the limits of `attachments` must end its own module, which the shim starts anew, and not more.

/// In bytes; a multiple of 64 KiB, the page of WebAssembly.
const MAX_MEMORY: u32 = 128 * 1024 * 1024;

fn main() {
    if std::env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("wasm") {
        println!("cargo::rustc-link-arg-cdylib=--max-memory={MAX_MEMORY}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
