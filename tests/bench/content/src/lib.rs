//! What `cargo xtask bench content` measures natively: the documents, and whoever reads them. It
//! must never treat one of those better than another: same bytes in, same profile, same rounds.

pub mod contenders;
pub mod documents;
