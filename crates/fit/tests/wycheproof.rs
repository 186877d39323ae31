//! Project Wycheproof's vectors for JSON Web Signatures, where they are: `GOLPO_VECTORS` names
//! their directory, `../shared/vectors` beside the repository when it is not set.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use fit::{Jwks, verify_signature};
use serde_json::{Value, json};

#[test]
fn p02_wycheproof_only_rs256_signatures_that_are_valid_verify() {
    let directory = std::env::var_os("GOLPO_VECTORS").map_or_else(
        || {
            PathBuf::from(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../../shared/vectors"
            ))
        },
        PathBuf::from,
    );
    let path = directory.join("wycheproof_json_web_signature.json");
    let Ok(text) = std::fs::read(&path) else {
        println!("SKIPPED: no Wycheproof vectors at {}", path.display());
        return;
    };
    let vectors: Value = serde_json::from_slice(&text).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for group in vectors["testGroups"].as_array().unwrap() {
        // Where the set has no public key, its private one stands for what an attacker knows.
        let key = group.get("public").unwrap_or(&group["private"]);
        let keys = json!({ "keys": [key] }).to_string();
        let keys = Jwks::parse(keys.as_bytes());
        let ours = key["kty"] == "RSA" && key["alg"] == "RS256";
        for test in group["tests"].as_array().unwrap() {
            let verified = match (&keys, test["jws"].as_str()) {
                (Ok(keys), Some(jws)) => verify_signature(jws, keys).is_ok(),
                _ => false,
            };
            let id = &test["tcId"];
            let valid = test["result"] == "valid";
            if verified {
                assert!(valid && ours, "test {id} must not verify");
                accepted += 1;
            } else {
                assert!(!(valid && ours), "test {id} must verify");
                refused += 1;
            }
        }
    }
    println!("Wycheproof: {accepted} accepted, {refused} refused");
    assert!(
        accepted > 0 && refused > 300,
        "the vectors are not what they were"
    );
}
