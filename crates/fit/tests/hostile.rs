//! Tokens that must be refused, each for its own reason, and the few that must not.
#![allow(clippy::unwrap_used)]

mod support;

use aws_lc_rs::hmac;
use fit::{Audiences, FitError, Jwks, MAX_TOKEN_BYTES, verify};
use protocol::ErrorCode;
use serde_json::{Value, json};
use support::{AUDIENCE, Signer, base64url, claims};

const NOW: i64 = 1_800_000_000;

fn audiences() -> Audiences {
    Audiences::new(["another-app".to_owned(), AUDIENCE.to_owned()]).unwrap()
}

/// Valid claims with one change.
fn changed(pointer: &str, value: Value) -> Value {
    let mut claims = claims("cloud-1", NOW);
    *claims.pointer_mut(pointer).unwrap() = value;
    claims
}

fn without(object: &str, member: &str) -> Value {
    let mut claims = claims("cloud-1", NOW);
    let object = claims.pointer_mut(object).unwrap();
    object.as_object_mut().unwrap().remove(member).unwrap();
    claims
}

#[test]
fn p02_a_valid_token_gives_the_tenant_and_nothing_of_the_principal() {
    let signer = Signer::new("key-1");
    let keys = Jwks::parse(signer.jwks().as_bytes()).unwrap();
    let tenant = verify(
        &signer.sign(&claims("cloud-1", NOW)),
        &keys,
        &audiences(),
        NOW,
    )
    .unwrap();
    assert_eq!(
        tenant.id(),
        "cloud-1:ari:cloud:ecosystem::environment/5f0c7e6e/1"
    );
    assert_eq!(
        tenant.installation_id(),
        "ari:cloud:ecosystem::installation/1f9c2a44-8c1b-4b8e-9b8e-2d3c4e5f6a7b"
    );
    assert_eq!(format!("{tenant:?}"), "Tenant");
}

#[test]
fn p02_the_tenant_is_the_same_over_reinstallation_and_module_and_differs_by_site() {
    let signer = Signer::new("key-1");
    let keys = Jwks::parse(signer.jwks().as_bytes()).unwrap();
    let id = |claims: &Value| {
        let tenant = verify(&signer.sign(claims), &keys, &audiences(), NOW).unwrap();
        tenant.id().to_owned()
    };
    let base = id(&claims("cloud-1", NOW));
    assert_eq!(base, id(&changed("/app/installationId", json!("another"))));
    assert_eq!(base, id(&changed("/app/module/key", json!("another"))));
    assert_eq!(base, id(&changed("/principal", json!("712020:another"))));
    assert_ne!(base, id(&claims("cloud-2", NOW)));
    assert_ne!(base, id(&changed("/app/environment/id", json!("another"))));
}

#[test]
fn p02_claims_are_checked_with_sixty_seconds_of_leeway() {
    let signer = Signer::new("key-1");
    let keys = Jwks::parse(signer.jwks().as_bytes()).unwrap();
    let table: Vec<(&str, Value, Result<(), FitError>)> = vec![
        ("as it is", claims("cloud-1", NOW), Ok(())),
        (
            "aud as a list",
            changed("/aud", json!(["x", AUDIENCE])),
            Ok(()),
        ),
        (
            "the other app",
            changed("/aud", json!("another-app")),
            Ok(()),
        ),
        ("no nbf", without("", "nbf"), Ok(())),
        (
            "expired within leeway",
            changed("/exp", json!(NOW - 59)),
            Ok(()),
        ),
        (
            "expired",
            changed("/exp", json!(NOW - 60)),
            Err(FitError::Expired),
        ),
        (
            "expired long ago",
            changed("/exp", json!(i64::MIN)),
            Err(FitError::Expired),
        ),
        (
            "nbf within leeway",
            changed("/nbf", json!(NOW + 60)),
            Ok(()),
        ),
        (
            "nbf to come",
            changed("/nbf", json!(NOW + 61)),
            Err(FitError::NotYetValid),
        ),
        (
            "iat to come",
            changed("/iat", json!(NOW + 61)),
            Err(FitError::NotYetValid),
        ),
        (
            "nbf far",
            changed("/nbf", json!(i64::MAX)),
            Err(FitError::NotYetValid),
        ),
        ("exp far", changed("/exp", json!(i64::MAX)), Ok(())),
        (
            "exp as text",
            changed("/exp", json!("1900000000")),
            Err(FitError::Malformed),
        ),
        (
            "exp null",
            changed("/exp", Value::Null),
            Err(FitError::Malformed),
        ),
        ("no exp", without("", "exp"), Err(FitError::Malformed)),
        (
            "exp beyond 64 bits",
            changed("/exp", json!(1e300)),
            Err(FitError::Malformed),
        ),
        (
            "other issuer",
            changed("/iss", json!("forge/invocation-token/")),
            Err(FitError::Issuer),
        ),
        (
            "issuer in capitals",
            changed("/iss", json!("FORGE/invocation-token")),
            Err(FitError::Issuer),
        ),
        (
            "issuer with a look-alike letter",
            changed("/iss", json!("fоrge/invocation-token")),
            Err(FitError::Issuer),
        ),
        (
            "issuer as a list",
            changed("/iss", json!(["forge/invocation-token"])),
            Err(FitError::Malformed),
        ),
        ("no issuer", without("", "iss"), Err(FitError::Malformed)),
        (
            "other audience",
            changed("/aud", json!("ari:cloud:ecosystem::app/other")),
            Err(FitError::Audience),
        ),
        (
            "audience with a blank",
            changed("/aud", json!(format!("{AUDIENCE} "))),
            Err(FitError::Audience),
        ),
        (
            "empty audience",
            changed("/aud", json!("")),
            Err(FitError::Audience),
        ),
        (
            "empty list",
            changed("/aud", json!([])),
            Err(FitError::Audience),
        ),
        (
            "a list in a list",
            changed("/aud", json!([[AUDIENCE]])),
            Err(FitError::Malformed),
        ),
        ("no audience", without("", "aud"), Err(FitError::Malformed)),
        (
            "no cloud id",
            without("/context", "cloudId"),
            Err(FitError::Malformed),
        ),
        (
            "empty cloud id",
            changed("/context/cloudId", json!("")),
            Err(FitError::NoTenant),
        ),
        (
            "cloud id that reaches over",
            changed("/context/cloudId", json!("a:b")),
            Err(FitError::NoTenant),
        ),
        (
            "cloud id with a zero byte",
            changed("/context/cloudId", json!("a\0b")),
            Err(FitError::NoTenant),
        ),
        (
            "cloud id beyond ASCII",
            changed("/context/cloudId", json!("clоud-1")),
            Err(FitError::NoTenant),
        ),
        (
            "long cloud id",
            changed("/context/cloudId", json!("c".repeat(257))),
            Err(FitError::NoTenant),
        ),
        (
            "no environment",
            without("/app", "environment"),
            Err(FitError::Malformed),
        ),
        (
            "empty installation",
            changed("/app/installationId", json!("")),
            Err(FitError::NoTenant),
        ),
    ];
    for (what, claims, expected) in table {
        let got = verify(&signer.sign(&claims), &keys, &audiences(), NOW).map(drop);
        assert_eq!(got, expected, "{what}");
    }
}

#[test]
fn p02_headers_that_ask_for_another_proof_are_refused() {
    let signer = Signer::new("key-1");
    let forger = Signer::new("key-1");
    let keys = Jwks::parse(signer.jwks().as_bytes()).unwrap();
    let claims = claims("cloud-1", NOW).to_string();
    let check = |token: &str| verify(token, &keys, &audiences(), NOW).map(drop);
    let by_forger = |extra: &Value| {
        let mut header = json!({ "alg": "RS256", "kid": "key-1" });
        for (name, value) in extra.as_object().unwrap() {
            header[name] = value.clone();
        }
        check(&forger.sign_text(&header.to_string(), &claims))
    };

    for extra in [
        json!({}),
        json!({ "jwk": forger.jwk() }),
        json!({ "jku": "https://forger.example.com/jwks.json" }),
        json!({ "x5u": "https://forger.example.com/cert.pem" }),
        json!({ "x5c": ["MIIB"] }),
    ] {
        assert_eq!(by_forger(&extra), Err(FitError::Signature), "{extra}");
    }

    let table = [
        (r#"{"alg":"none","kid":"key-1"}"#, FitError::Algorithm),
        (r#"{"alg":"None","kid":"key-1"}"#, FitError::Algorithm),
        (r#"{"alg":"rs256","kid":"key-1"}"#, FitError::Algorithm),
        (r#"{"alg":"RS256 ","kid":"key-1"}"#, FitError::Algorithm),
        (r#"{"alg":"RS384","kid":"key-1"}"#, FitError::Algorithm),
        (r#"{"alg":"PS256","kid":"key-1"}"#, FitError::Algorithm),
        (r#"{"alg":"","kid":"key-1"}"#, FitError::Algorithm),
        (
            r#"{"alg":"RS256","kid":"key-1","crit":["exp"]}"#,
            FitError::CriticalHeader,
        ),
        (
            r#"{"alg":"RS256","kid":"key-1","crit":[]}"#,
            FitError::CriticalHeader,
        ),
        (
            r#"{"alg":"RS256","kid":"key-1","crit":null}"#,
            FitError::CriticalHeader,
        ),
        (
            r#"{"alg":"RS256","kid":"key-1","crit":["b64"],"b64":false}"#,
            FitError::CriticalHeader,
        ),
        (r#"{"alg":"RS256"}"#, FitError::NoKeyId),
        (r#"{"alg":"RS256","kid":""}"#, FitError::NoKeyId),
        (r#"{"alg":"RS256","kid":null}"#, FitError::NoKeyId),
        (r#"{"alg":"RS256","kid":"key-2"}"#, FitError::UnknownKey),
        (r#"{"alg":"RS256","kid":"../key-1"}"#, FitError::UnknownKey),
        (r#"{"alg":"RS256","kid":"KEY-1"}"#, FitError::UnknownKey),
        (r#"{"alg":"RS256","kid":["key-1"]}"#, FitError::Malformed),
        (r#"{"alg":["RS256"],"kid":"key-1"}"#, FitError::Malformed),
        (
            r#"{"alg":"none","alg":"RS256","kid":"key-1"}"#,
            FitError::Malformed,
        ),
        (
            r#"{"alg":"RS256","\u0061lg":"none","kid":"key-1"}"#,
            FitError::Malformed,
        ),
        (
            r#"{"alg":"RS256","kid":"key-1","kid":"key-2"}"#,
            FitError::Malformed,
        ),
        (r#"{"kid":"key-1"}"#, FitError::Malformed),
        (r#"["RS256"]"#, FitError::Malformed),
        ("", FitError::Malformed),
        ("null", FitError::Malformed),
        (r#"{"alg":"RS256","kid":"key-1"} x"#, FitError::Malformed),
        (
            "\u{feff}{\"alg\":\"RS256\",\"kid\":\"key-1\"}",
            FitError::Malformed,
        ),
    ];
    for (header, expected) in table {
        // Signed by the right key, so that the header alone is the reason.
        assert_eq!(
            check(&signer.sign_text(header, &claims)),
            Err(expected),
            "{header}"
        );
    }
    // The same header written with escapes is the same header.
    assert_eq!(
        check(&signer.sign_text(r#"{"alg":"\u0052S256","kid":"key\u002d1"}"#, &claims)),
        Ok(())
    );
}

#[test]
fn p02_the_public_key_is_never_taken_for_a_shared_secret() {
    let signer = Signer::new("key-1");
    let keys = Jwks::parse(signer.jwks().as_bytes()).unwrap();
    let claims = claims("cloud-1", NOW).to_string();
    for alg in ["HS256", "RS256"] {
        let header = format!(r#"{{"alg":"{alg}","kid":"key-1"}}"#);
        let message = format!("{}.{}", base64url(&header), base64url(&claims));
        for secret in [signer.public_der(), signer.jwks().into_bytes(), Vec::new()] {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
            let token = format!(
                "{message}.{}",
                base64url(hmac::sign(&key, message.as_bytes()))
            );
            assert!(verify(&token, &keys, &audiences(), NOW).is_err());
        }
        for token in [format!("{message}."), message.clone()] {
            assert!(verify(&token, &keys, &audiences(), NOW).is_err());
        }
    }
}

#[test]
fn p02_duplicate_claims_are_refused() {
    let signer = Signer::new("key-1");
    let keys = Jwks::parse(signer.jwks().as_bytes()).unwrap();
    let claims = claims("cloud-1", NOW).to_string();
    for (from, to) in [
        (r#""aud":"#, r#""aud":"another-app","aud":"#),
        (r#""exp":"#, r#""exp":1,"exp":"#),
        (r#""cloudId":"#, r#""cloudId":"cloud-2","cloudId":"#),
        (r#""cloudId":"#, r#""cloud\u0049d":"cloud-2","cloudId":"#),
        (
            r#""context":"#,
            r#""context":{"cloudId":"cloud-2"},"context":"#,
        ),
    ] {
        let doubled = claims.replacen(from, to, 1);
        assert_ne!(doubled, claims, "{to}");
        let token = signer.sign_text(r#"{"alg":"RS256","kid":"key-1"}"#, &doubled);
        let refused = verify(&token, &keys, &audiences(), NOW).map(drop);
        assert_eq!(refused, Err(FitError::Malformed), "{to}");
    }
}

#[test]
fn p02_every_cut_and_every_changed_character_is_refused() {
    let signer = Signer::new("key-1");
    let keys = Jwks::parse(signer.jwks().as_bytes()).unwrap();
    let token = signer.sign(&claims("cloud-1", NOW));
    for length in 0..token.len() {
        assert!(
            verify(&token[..length], &keys, &audiences(), NOW).is_err(),
            "cut at {length}"
        );
    }
    for index in 0..token.len() {
        for replacement in ["A", "B", ".", "=", "é", " "] {
            if token[index..].starts_with(replacement) {
                continue;
            }
            let changed = format!("{}{replacement}{}", &token[..index], &token[index + 1..]);
            assert!(
                verify(&changed, &keys, &audiences(), NOW).is_err(),
                "{replacement} at {index}"
            );
        }
    }
    for extra in ["=", ".", ".x", "\n", " "] {
        assert!(
            verify(&format!("{token}{extra}"), &keys, &audiences(), NOW).is_err(),
            "{extra:?}"
        );
        assert!(
            verify(&format!("{extra}{token}"), &keys, &audiences(), NOW).is_err(),
            "{extra:?}"
        );
    }
}

#[test]
fn p02_long_tokens_are_refused_before_they_are_decoded() {
    let signer = Signer::new("key-1");
    let keys = Jwks::parse(signer.jwks().as_bytes()).unwrap();
    let mut claims = claims("cloud-1", NOW);
    claims["padding"] = json!("x".repeat(MAX_TOKEN_BYTES));
    let check = |token: &str| verify(token, &keys, &audiences(), NOW).map(drop);
    assert_eq!(check(&signer.sign(&claims)), Err(FitError::TooLarge));
    assert_eq!(check(&"é".repeat(MAX_TOKEN_BYTES)), Err(FitError::TooLarge));
    claims["padding"] = json!("x".repeat(8 * 1024));
    assert_eq!(check(&signer.sign(&claims)), Ok(()));
}

#[test]
fn p02_callers_are_told_three_codes_and_no_reason() {
    for error in FitError::ALL {
        let expected = match error {
            FitError::Expired => ErrorCode::TokenExpired,
            FitError::KeysUnavailable => ErrorCode::BackendUnavailable,
            _ => ErrorCode::TokenInvalid,
        };
        assert_eq!(error.code(), expected);
    }
    let reasons: std::collections::BTreeSet<_> =
        FitError::ALL.iter().map(|error| error.reason()).collect();
    assert_eq!(reasons.len(), FitError::ALL.len());
}

#[test]
fn p02_key_sets_give_rsa_signature_keys_only() {
    let signer = Signer::new("key-1");
    let mut table = vec![
        ("not JSON".to_owned(), Err(fit::JwksError::Malformed)),
        (
            r#"{"keys":[]}"#.to_owned(),
            Err(fit::JwksError::NoUsableKey),
        ),
        (
            r#"{"keys":[{"kty":"oct","kid":"key-1","k":"c2VjcmV0"}]}"#.to_owned(),
            Err(fit::JwksError::NoUsableKey),
        ),
        (
            json!({ "keys": [signer.jwk(), signer.jwk()] }).to_string(),
            Err(fit::JwksError::DuplicateKeyId),
        ),
        (
            json!({ "keys": vec![signer.jwk(); 65] }).to_string(),
            Err(fit::JwksError::TooManyKeys),
        ),
        (signer.jwks(), Ok(())),
    ];
    for (member, value) in [("use", "enc"), ("alg", "RS512"), ("kty", "EC"), ("kid", "")] {
        let mut jwk = signer.jwk();
        jwk[member] = json!(value);
        table.push((
            json!({ "keys": [jwk] }).to_string(),
            Err(fit::JwksError::NoUsableKey),
        ));
    }
    for (text, expected) in table {
        assert_eq!(
            Jwks::parse(text.as_bytes()).map(drop),
            expected,
            "{text:.60}"
        );
    }
}
