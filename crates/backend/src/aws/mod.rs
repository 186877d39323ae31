//! What S3 and KMS share: where they are, who we are there, and signed calls in bounded time. Must
//! never send a secret in clear over a network, nor log a request's or an answer's body.
//!
//! It stands on `object_store`'s public parts (its credential providers, its SigV4 signer, its HTTP
//! client), which S3 needs in any case: one HTTP stack, one set of TLS roots, one way to find
//! credentials, and none of the 27 crates that AWS's own SDK would add for two calls.

mod client;
mod endpoint;

pub(crate) use client::{Answer, CallError, Client};
pub use client::{Credentials, Limits};
pub use endpoint::{Endpoint, EndpointError};
