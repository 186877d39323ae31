//! `fit-bench tokens FILE` writes a key set and tokens signed with a key made for this run;
//! `fit-bench speed FILE ROUNDS` prints one line of JSON: nanoseconds a token, one figure a round,
//! for our verification and for the bare one of the crypto library that it stands on.

use std::hint::black_box;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[path = "../../nanoseconds.rs"]
mod nanoseconds;
use nanoseconds::nanoseconds;

/// Long enough for the clock, short enough that what is compared meets the same weather.
const ROUND: Duration = Duration::from_millis(100);
/// Tokens of as many sites and people: no token is verified twice in a row.
const TOKENS: usize = 64;
const AUDIENCE: &str = "ari:cloud:ecosystem::app/5f0c7e6e-3f0d-4a55-9d0b-6f1c2a7e9b41";
const NOW: i64 = 1_800_000_000;

#[derive(Serialize, Deserialize)]
struct Work {
    jwks: Value,
    audience: String,
    now: i64,
    tokens: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tokens", file] => Ok(std::fs::write(file, serde_json::to_vec(&make()?)?)?),
        ["speed", file, rounds] => {
            let work = serde_json::from_slice(&std::fs::read(file)?)?;
            speed(&work, rounds.parse()?)
        }
        _ => Err("fit-bench tokens FILE | speed FILE ROUNDS".into()),
    }
}

fn make() -> Result<Work, Box<dyn std::error::Error>> {
    let key = KeyPair::generate(KeySize::Rsa2048)?;
    let public = key.public_key();
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    // Two keys, as a set has while keys rotate.
    let other = KeyPair::generate(KeySize::Rsa2048)?;
    let jwk = |key: &<KeyPair as aws_lc_rs::signature::KeyPair>::PublicKey, kid: &str| {
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
            "n": text(key.modulus().big_endian_without_leading_zero()),
            "e": text(key.exponent().big_endian_without_leading_zero()),
        })
    };
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "forge/invocation-token/0198c0de-1111" });
    let mut tokens = Vec::new();
    for index in 0..TOKENS {
        let message = format!(
            "{}.{}",
            text(header.to_string().as_bytes()),
            text(claims(index).to_string().as_bytes())
        );
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)?;
        tokens.push(format!("{message}.{}", text(&signature)));
    }
    let kid = header["kid"].as_str().unwrap_or_default();
    Ok(Work {
        jwks: json!({ "keys": [jwk(other.public_key(), "another"), jwk(public, kid)] }),
        audience: AUDIENCE.to_owned(),
        now: NOW,
        tokens,
    })
}

/// The claims that Forge sends with a call from a macro in a page, with invented values.
fn claims(index: usize) -> Value {
    let cloud = format!("0198c0de-2222-4333-8444-{index:012}");
    let id = format!("0198c0de-3333-4444-8555-{index:012}");
    json!({
        "iss": "forge/invocation-token",
        "aud": AUDIENCE,
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 300,
        "jti": id,
        "principal": format!("712020:{id}"),
        "app": {
            "id": AUDIENCE,
            "version": "4.17.2",
            "installationId": format!("ari:cloud:ecosystem::installation/{id}"),
            "apiBaseUrl": format!("https://api.atlassian.com/ex/confluence/{cloud}"),
            "environment": { "type": "PRODUCTION", "id": format!("ari:cloud:ecosystem::environment/{id}/{cloud}") },
            "module": { "type": "confluence:contentAction", "key": "golpo-content-action" }
        },
        "context": {
            "cloudId": cloud,
            "siteUrl": "https://an-example-site.atlassian.net",
            "moduleKey": "golpo-content-action",
            "localId": format!("ari:cloud:ecosystem::extension/{id}/{cloud}/static/golpo-content-action"),
            "environmentId": id,
            "environmentType": "PRODUCTION",
            "extension": {
                "type": "confluence:contentAction",
                "content": { "id": "65601", "type": "page", "subtype": null },
                "space": { "id": "65537", "key": "ENG" },
                "location": "https://an-example-site.atlassian.net/wiki/spaces/ENG/pages/65601/Plan+of+the+quarter"
            }
        }
    })
}

fn speed(work: &Work, rounds: usize) -> Result<(), Box<dyn std::error::Error>> {
    let keys = fit::Jwks::parse(work.jwks.to_string().as_bytes())?;
    let audiences = ["another".to_owned(), work.audience.clone()];
    let audiences = fit::Audiences::new(audiences).ok_or("no audience")?;
    // What is measured must be accepted, and a changed token must not.
    for token in &work.tokens {
        fit::verify(token, &keys, &audiences, work.now)?;
        let changed = token.replacen("eyJ", "eyK", 2);
        if fit::verify(&changed, &keys, &audiences, work.now).is_ok() {
            return Err("a changed token was accepted".into());
        }
    }
    let bare_key = bare_key(&work.jwks["keys"][1])?;
    let split: Vec<(&[u8], Vec<u8>)> = work
        .tokens
        .iter()
        .filter_map(|token| {
            let (message, signature) = token.rsplit_once('.')?;
            Some((message.as_bytes(), URL_SAFE_NO_PAD.decode(signature).ok()?))
        })
        .collect();
    for (message, signature) in &split {
        bare_key.verify_sig(message, signature)?;
    }
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(nanoseconds(ROUND, 4, TOKENS, || {
            for token in &work.tokens {
                let tenant = fit::verify(black_box(token), &keys, &audiences, work.now);
                assert!(black_box(tenant).is_ok());
            }
        }));
        bare.push(nanoseconds(ROUND, 4, TOKENS, || {
            for (message, signature) in &split {
                let verified = bare_key.verify_sig(black_box(message), black_box(signature));
                assert!(black_box(verified).is_ok());
            }
        }));
    }
    let bytes = work.tokens.iter().map(String::len).sum::<usize>() / TOKENS;
    println!("{}", json!({ "ours": ours, "aws-lc-rs": bare, "bytes": [bytes] }));
    Ok(())
}

fn bare_key(jwk: &Value) -> Result<ParsedPublicKey, Box<dyn std::error::Error>> {
    let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap_or_default());
    let components = PublicKeyComponents { n: number("n")?, e: number("e")? };
    Ok(components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)?)
}
