//! Verification itself: a token, a key set and the time in, a [`Tenant`] or a reason out. Pure:
//! no I/O and no clock. The order is signature first, then claims (P2).

use std::borrow::Cow;
use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::{FitError, Jwks};

/// The `iss` of every Forge Invocation Token.
pub const ISSUER: &str = "forge/invocation-token";

/// A longer token is refused before any of it is decoded.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// How far the clocks of Atlassian and of this machine may be apart.
pub const LEEWAY_SECONDS: i64 = 60;

/// The apps whose tokens are accepted: app ids, which are what `aud` holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audiences(BTreeSet<String>);

impl Audiences {
    /// The given app ids; `None` when there is none, since then no token could be accepted.
    pub fn new(app_ids: impl IntoIterator<Item = String>) -> Option<Self> {
        let ids: BTreeSet<String> = app_ids.into_iter().filter(|id| !id.is_empty()).collect();
        (!ids.is_empty()).then_some(Self(ids))
    }
}

/// A site and app environment that a verified token speaks for: the key of everything stored.
/// The principal of the token is not kept (P8).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Tenant {
    id: String,
    installation_id: String,
    app_id: String,
}

impl Tenant {
    /// `CLOUD_ID:ENVIRONMENT_ID`, stable over upgrades and reinstallations. The cloud id holds no
    /// colon, so two tenants never share an id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The installation that called; another one after a reinstallation.
    pub fn installation_id(&self) -> &str {
        &self.installation_id
    }

    /// The app that the token is for, of those whose tokens are accepted.
    pub fn app_id(&self) -> &str {
        &self.app_id
    }
}

impl std::fmt::Debug for Tenant {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tenant")
    }
}

/// The header members that we act on. `jku`, `x5u`, `jwk` and `x5c` are not among them: a key
/// that comes with a token, or from where the token says, proves nothing (RFC 8725, 3.10).
/// A member that stands twice is refused by serde.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    // Present at all, even as `null`, is reason enough to refuse.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// The claims that we act on, borrowed from the payload: everything else is only looked at for
/// being JSON. A claim that stands twice is refused by serde.
#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    #[serde(borrow)]
    app: AppClaim<'a>,
    #[serde(borrow)]
    context: ContextClaim<'a>,
}

/// One audience or several (RFC 7519, 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppClaim<'a> {
    #[serde(borrow)]
    installation_id: Cow<'a, str>,
    #[serde(borrow)]
    environment: EnvironmentClaim<'a>,
}

#[derive(Deserialize)]
struct EnvironmentClaim<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContextClaim<'a> {
    #[serde(borrow)]
    cloud_id: Cow<'a, str>,
}

/// A token whose outer form is right. Nothing of it may be believed yet.
pub(crate) struct Unverified<'a> {
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
    kid: String,
}

impl<'a> Unverified<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, FitError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(FitError::TooLarge);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(FitError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(FitError::Malformed)?;
        if payload.contains('.') {
            return Err(FitError::Malformed);
        }
        let header: Header = json(header)?;
        if header.alg != "RS256" {
            return Err(FitError::Algorithm);
        }
        if header.crit {
            return Err(FitError::CriticalHeader);
        }
        let kid = header
            .kid
            .filter(|kid| !kid.is_empty())
            .ok_or(FitError::NoKeyId)?;
        Ok(Self {
            message,
            payload,
            signature,
            kid,
        })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The payload's bytes, once the signature has been verified with the key that `kid` names.
    fn verified_payload(&self, keys: &Jwks) -> Result<Vec<u8>, FitError> {
        let key = keys.get(&self.kid).ok_or(FitError::UnknownKey)?;
        let signature = decode(self.signature).map_err(|_| FitError::Signature)?;
        key.verify_sig(self.message.as_bytes(), &signature)
            .map_err(|_| FitError::Signature)?;
        decode(self.payload)
    }

    pub(crate) fn verify(
        &self,
        keys: &Jwks,
        audiences: &Audiences,
        now: i64,
    ) -> Result<Tenant, FitError> {
        let payload = self.verified_payload(keys)?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| FitError::Malformed)?;
        if claims.iss != ISSUER {
            return Err(FitError::Issuer);
        }
        let for_us = match &claims.aud {
            Audience::One(audience) => audiences.0.get(audience),
            Audience::Many(all) => all.iter().find_map(|audience| audiences.0.get(audience)),
        };
        let app_id = for_us.ok_or(FitError::Audience)?;
        if now >= claims.exp.saturating_add(LEEWAY_SECONDS) {
            return Err(FitError::Expired);
        }
        let begins = claims.nbf.max(claims.iat).unwrap_or(i64::MIN);
        if now < begins.saturating_sub(LEEWAY_SECONDS) {
            return Err(FitError::NotYetValid);
        }
        tenant(&claims, app_id)
    }
}

fn tenant(claims: &Claims<'_>, app_id: &str) -> Result<Tenant, FitError> {
    let cloud_id = &claims.context.cloud_id;
    let environment_id = &claims.app.environment.id;
    let installation_id = &claims.app.installation_id;
    let fits = |text: &str| {
        (1..=256).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if !fits(cloud_id) || cloud_id.contains(':') || !fits(environment_id) || !fits(installation_id)
    {
        return Err(FitError::NoTenant);
    }
    Ok(Tenant {
        id: format!("{cloud_id}:{environment_id}"),
        installation_id: installation_id.clone().into_owned(),
        app_id: app_id.to_owned(),
    })
}

/// Verifies a compact JWS (RFC 7515) as a Forge Invocation Token is signed, RS256 with a key of
/// the set, and gives its payload. Says nothing of the claims: that is [`verify`].
pub fn verify_signature(token: &str, keys: &Jwks) -> Result<Vec<u8>, FitError> {
    Unverified::parse(token)?.verified_payload(keys)
}

/// Verifies a Forge Invocation Token at the time `now` (Unix seconds): signature, issuer,
/// audience, expiry, not before; gives the tenant that it speaks for.
pub fn verify(
    token: &str,
    keys: &Jwks,
    audiences: &Audiences,
    now: i64,
) -> Result<Tenant, FitError> {
    Unverified::parse(token)?.verify(keys, audiences, now)
}

fn decode(part: &str) -> Result<Vec<u8>, FitError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| FitError::Malformed)
}

fn json<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, FitError> {
    serde_json::from_slice(&decode(part)?).map_err(|_| FitError::Malformed)
}
