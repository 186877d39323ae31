//! A signer of test tokens: its RSA key is made for each run and never leaves the process.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaEncoding};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The app id that test tokens are for.
pub const AUDIENCE: &str = "ari:cloud:ecosystem::app/5f0c7e6e-3f0d-4a55-9d0b-6f1c2a7e9b41";

/// Base64url without padding, as JWTs have it.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key pair that signs as Forge does.
pub struct Signer {
    key: KeyPair,
    kid: String,
}

impl Signer {
    pub fn new(kid: &str) -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let kid = kid.to_owned();
        Self { key, kid }
    }

    /// The public key as a JWK.
    pub fn jwk(&self) -> Value {
        let public = self.key.public_key();
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
            "n": base64url(public.modulus().big_endian_without_leading_zero()),
            "e": base64url(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// The key set with this one key.
    pub fn jwks(&self) -> String {
        json!({ "keys": [self.jwk()] }).to_string()
    }

    /// The public key as DER, for attacks that take it for a shared secret.
    pub fn public_der(&self) -> Vec<u8> {
        self.key.public_key().as_der().unwrap().as_ref().to_vec()
    }

    /// A signature of any RSA kind.
    pub fn signature(&self, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .unwrap();
        signature
    }

    /// The text with its RS256 signature behind a dot, whatever it is.
    pub fn sign_raw(&self, message: &str) -> String {
        let signature = self.signature(&RSA_PKCS1_SHA256, message.as_bytes());
        format!("{message}.{}", base64url(signature))
    }

    /// A token of these very bytes.
    pub fn sign_bytes(&self, header: &[u8], claims: &[u8]) -> String {
        self.sign_raw(&format!("{}.{}", base64url(header), base64url(claims)))
    }

    /// A token of these very texts.
    pub fn sign_text(&self, header: &str, claims: &str) -> String {
        self.sign_bytes(header.as_bytes(), claims.as_bytes())
    }

    /// A token with the usual header.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid });
        self.sign_text(&header.to_string(), &claims.to_string())
    }
}

/// The claims that Forge would send from a site at an instant (Unix seconds).
pub fn claims(cloud_id: &str, now: i64) -> Value {
    json!({
        "iss": "forge/invocation-token",
        "aud": AUDIENCE,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": "0c6d2f0e-6a43-4d9d-8f6f-1d1b6a0c7c11",
        "principal": "712020:00000000-aaaa-bbbb-cccc-000000000001",
        "app": {
            "id": AUDIENCE,
            "version": "1",
            "installationId": "ari:cloud:ecosystem::installation/1f9c2a44-8c1b-4b8e-9b8e-2d3c4e5f6a7b",
            "apiBaseUrl": format!("https://api.example.com/ex/confluence/{cloud_id}"),
            "environment": { "type": "PRODUCTION", "id": "ari:cloud:ecosystem::environment/5f0c7e6e/1" },
            "module": { "type": "xen:macro", "key": "golpo-content-action" }
        },
        "context": { "cloudId": cloud_id, "siteUrl": "https://example.atlassian.net" }
    })
}
