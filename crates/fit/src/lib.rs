//! Forge Invocation Token (FIT) verification, and the only maker of a [`Tenant`] (P2). It must
//! never take anything from a token before its signature has been verified, except the `kid`
//! that says which of the published keys to try; never keep the token or who called (P8); and
//! never fetch keys from an address that a token names.
//!
//! Architecture invariant: [`Tenant`] has no public constructor. Whoever holds one holds the
//! result of a verified token.

mod cache;
mod clock;
mod error;
mod jwks;
mod token;

pub use cache::{FetchError, JwksUrl, KeysState, NotAJwksUrl, Refresh, Verifier};
pub use clock::{Clock, SystemClock};
pub use error::FitError;
pub use jwks::{Jwks, JwksError};
pub use token::{
    Audiences, ISSUER, LEEWAY_SECONDS, MAX_TOKEN_BYTES, Tenant, verify, verify_signature,
};
