//! `token verify`: what an operator or reviewer asks when a token is refused. Verifies with the
//! code that serves requests, offline: nothing is fetched and nothing is stored.

use std::io::{Read, Write};

use fit::{Audiences, Clock, FitError, Jwks, MAX_TOKEN_BYTES, SystemClock};

use crate::cli::TokenVerifyArgs;

/// Why a token could not be looked at; says nothing of the token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// No app id was given.
    #[error("--audience must name at least one app")]
    NoAudience,
    /// The key set could not be read.
    #[error("the file of --jwks could not be read")]
    Keys(#[source] std::io::Error),
    /// The key set cannot be used.
    #[error("the file of --jwks is not a usable key set")]
    KeySet(#[from] fit::JwksError),
    /// Standard input or output failed.
    #[error("the token could not be read, or the answer not be written")]
    Pipe(#[source] std::io::Error),
}

/// Reads a token from `input` and writes one line to `output`: the tenant as JSON, or the stable
/// code of the refusal (docs/errors.md). The answer is the refusal, if there is one.
pub fn verify(
    args: &TokenVerifyArgs,
    input: impl Read,
    mut output: impl Write,
) -> Result<Option<FitError>, TokenError> {
    let audiences = Audiences::new(args.audiences.iter().cloned()).ok_or(TokenError::NoAudience)?;
    let keys = std::fs::read(&args.jwks).map_err(TokenError::Keys)?;
    let keys = Jwks::parse(&keys)?;
    // A byte more than a token may have, and a line's end, are enough to see that it is too long.
    let mut token = Vec::new();
    input
        .take(MAX_TOKEN_BYTES as u64 + 3)
        .read_to_end(&mut token)
        .map_err(TokenError::Pipe)?;
    let now = args.at.unwrap_or_else(|| SystemClock.unix_seconds());
    let answer = match std::str::from_utf8(&token) {
        Ok(token) => fit::verify(token.trim_end_matches(['\r', '\n']), &keys, &audiences, now),
        Err(_) => Err(FitError::Malformed),
    };
    let (line, refused) = match answer {
        Ok(tenant) => {
            let (cloud_id, environment_id) = tenant.id().split_once(':').unwrap_or_default();
            let line = serde_json::json!({
                "tenant": tenant.id(),
                "cloudId": cloud_id,
                "environmentId": environment_id,
                "installationId": tenant.installation_id(),
            });
            (line.to_string(), None)
        }
        Err(error) => (error.code().to_string(), Some(error)),
    };
    writeln!(output, "{line}").map_err(TokenError::Pipe)?;
    Ok(refused)
}
