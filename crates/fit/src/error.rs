//! Every reason to refuse a token. The reasons are for logs and metrics; the caller is told only
//! what [`FitError::code`] says, so that a forger learns nothing.

use protocol::ErrorCode;

/// Why a token was refused. Never holds any part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum FitError {
    /// More than [`crate::MAX_TOKEN_BYTES`].
    #[error("the token is too long")]
    TooLarge,
    /// Not three base64url parts, or a header or claims that are not the JSON we expect.
    #[error("the token is malformed")]
    Malformed,
    /// `alg` is not RS256 (RFC 8725, 3.1).
    #[error("the token's algorithm is not RS256")]
    Algorithm,
    /// The header has `crit`: it asks for an extension that we do not have (RFC 7515, 4.1.11).
    #[error("the token asks for a header extension")]
    CriticalHeader,
    /// The header names no key.
    #[error("the token names no key")]
    NoKeyId,
    /// The header names a key that is not published.
    #[error("the token names a key that is not published")]
    UnknownKey,
    /// The signature does not verify.
    #[error("the token's signature does not verify")]
    Signature,
    /// `iss` is not [`crate::ISSUER`].
    #[error("the token's issuer is not Forge")]
    Issuer,
    /// None of `aud` is one of our apps.
    #[error("the token is for another app")]
    Audience,
    /// Past `exp`.
    #[error("the token has expired")]
    Expired,
    /// Before `nbf`, or `iat` lies in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The verified claims do not say which site and installation called.
    #[error("the token names no site")]
    NoTenant,
    /// No keys have been fetched so far, so nothing can be verified.
    #[error("the keys of Forge are not known yet")]
    KeysUnavailable,
}

impl FitError {
    /// Every error, for tables of metrics.
    pub const ALL: &[Self] = &[
        Self::TooLarge,
        Self::Malformed,
        Self::Algorithm,
        Self::CriticalHeader,
        Self::NoKeyId,
        Self::UnknownKey,
        Self::Signature,
        Self::Issuer,
        Self::Audience,
        Self::Expired,
        Self::NotYetValid,
        Self::NoTenant,
        Self::KeysUnavailable,
    ];

    /// The stable code that the caller is told.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Expired => ErrorCode::TokenExpired,
            Self::KeysUnavailable => ErrorCode::BackendUnavailable,
            _ => ErrorCode::TokenInvalid,
        }
    }

    /// A stable word for logs and metrics.
    pub fn reason(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::CriticalHeader => "critical_header",
            Self::NoKeyId => "no_key_id",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::NoTenant => "no_tenant",
            Self::KeysUnavailable => "keys_unavailable",
        }
    }
}
