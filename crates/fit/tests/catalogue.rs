//! More than 300 hostile tokens, each different, none accepted: what is known of attacks on JWTs
//! (RFC 8725 and the advisories of common libraries), written for our tokens. What each is refused
//! for in detail is the business of `hostile.rs`; here the point is breadth.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding,
};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fit::{Audiences, FitError, Jwks, verify};
use serde_json::{Value, json};
use support::{AUDIENCE, Signer, base64url, claims};

const NOW: i64 = 1_800_000_000;
const SITE: &str = "cloud-1";

/// The tokens, by kind of attack.
struct Catalogue {
    signer: Signer,
    forger: Signer,
    tokens: Vec<(&'static str, String)>,
}

impl Catalogue {
    fn add(&mut self, kind: &'static str, token: impl Into<String>) {
        self.tokens.push((kind, token.into()));
    }

    /// Signed with the published key: the header is the attack.
    fn header(&mut self, kind: &'static str, header: &str) {
        let token = self
            .signer
            .sign_text(header, &claims(SITE, NOW).to_string());
        self.add(kind, token);
    }

    /// Signed with the published key: the claims are the attack.
    fn text(&mut self, kind: &'static str, claims: impl AsRef<[u8]>) {
        let header = r#"{"alg":"RS256","typ":"JWT","kid":"key-1"}"#;
        let token = self.signer.sign_bytes(header.as_bytes(), claims.as_ref());
        self.add(kind, token);
    }

    fn claim(&mut self, kind: &'static str, pointer: &str, value: Value) {
        let mut claims = claims(SITE, NOW);
        *claims.pointer_mut(pointer).unwrap() = value;
        self.text(kind, claims.to_string());
    }
}

fn algorithms(catalogue: &mut Catalogue) {
    for alg in [
        "none",
        "None",
        "NONE",
        "nOnE",
        "none ",
        " none",
        "",
        "null",
        "RS256 ",
        " RS256",
        "rs256",
        "Rs256",
        "RS256\u{0}",
        "RS256\n",
        "RS 256",
        "ＲＳ256",
        "RS２５６",
        "RЅ256",
        "RS256,none",
        "RS384",
        "RS512",
        "RS1",
        "RSA1_5",
        "RSA-OAEP",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "ES256K",
        "EdDSA",
        "Ed25519",
        "HS256",
        "HS384",
        "HS512",
        "dir",
        "A128KW",
        "SHA256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ] {
        let header = json!({ "alg": alg, "typ": "JWT", "kid": "key-1" }).to_string();
        catalogue.header("algorithm", &header);
        // What goes with it in the wild: no signature at all.
        let text = claims(SITE, NOW).to_string();
        let bare = format!("{}.{}.", base64url(&header), base64url(&text));
        catalogue.add("algorithm, unsigned", bare);
    }
    for alg in ["null", "0", "true", "[\"RS256\"]", "{\"RS256\":1}", "256"] {
        let header = format!(r#"{{"alg":{alg},"kid":"key-1"}}"#);
        catalogue.header("algorithm of another type", &header);
    }
    for header in [
        r#"{"kid":"key-1"}"#,
        r#"{"ALG":"RS256","kid":"key-1"}"#,
        r#"{"alg":"none","alg":"RS256","kid":"key-1"}"#,
        r#"{"alg":"RS256","alg":"none","kid":"key-1"}"#,
        r#"{"alg":"RS256","\u0061lg":"HS256","kid":"key-1"}"#,
        r#"{"alg":"RS256","kid":"key-1","kid":"key-1"}"#,
        r#"{"alg":"RS256","kid":"key-1","\u006bid":"key-2"}"#,
    ] {
        catalogue.header("header members twice or missing", header);
    }
}

fn shared_secrets(catalogue: &mut Catalogue) {
    let der = catalogue.signer.public_der();
    let pem = |label: &str| {
        let body: Vec<_> = STANDARD.encode(&der).into_bytes();
        let lines: Vec<_> = body
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----",
            lines.join("\n")
        )
    };
    let jwk = catalogue.signer.jwk();
    let n = jwk["n"].as_str().unwrap().to_owned();
    let secrets: Vec<Vec<u8>> = vec![
        pem("PUBLIC KEY").into_bytes(),
        format!("{}\n", pem("PUBLIC KEY")).into_bytes(),
        pem("RSA PUBLIC KEY").into_bytes(),
        pem("CERTIFICATE").into_bytes(),
        jwk.to_string().into_bytes(),
        catalogue.signer.jwks().into_bytes(),
        n.clone().into_bytes(),
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(&n)
            .unwrap(),
        der,
        b"key-1".to_vec(),
        b"secret".to_vec(),
        Vec::new(),
    ];
    let text = claims(SITE, NOW).to_string();
    for (alg, algorithm) in [
        ("HS256", hmac::HMAC_SHA256),
        ("HS384", hmac::HMAC_SHA384),
        ("HS512", hmac::HMAC_SHA512),
        ("RS256", hmac::HMAC_SHA256),
    ] {
        for secret in &secrets {
            let header = format!(r#"{{"alg":"{alg}","kid":"key-1"}}"#);
            let message = format!("{}.{}", base64url(&header), base64url(&text));
            let tag = hmac::sign(&hmac::Key::new(algorithm, secret), message.as_bytes());
            catalogue.add(
                "public key as shared secret",
                format!("{message}.{}", base64url(tag)),
            );
        }
    }
}

fn key_ids(catalogue: &mut Catalogue) {
    for kid in [
        "../../../../dev/null",
        "..\\..\\..\\windows\\win.ini",
        "/etc/passwd",
        "/proc/self/environ",
        "file:///etc/passwd",
        "https://forger.example.com/jwks.json",
        "http://169.254.169.254/latest/meta-data/",
        "' OR '1'='1",
        "key-1' OR 1=1 --",
        "x' UNION SELECT 'secret' --",
        "\"; DROP TABLE keys; --",
        "key-1; cat /etc/passwd",
        "$(id)",
        "`id`",
        "| id",
        "*",
        "key-*",
        "key-%",
        "(|(kid=*))",
        "{{7*7}}",
        "${jndi:ldap://forger.example.com/a}",
        "%00",
        "%2e%2e%2fkey-1",
        "key-1\u{0}",
        "\u{0}key-1",
        "key-1 ",
        " key-1",
        "key-1\n",
        "key-1\r\nX-Header: 1",
        "KEY-1",
        "Key-1",
        "key-01",
        "key–1",
        "kеy-1",
        "key\u{200b}-1",
        "key-1\u{202e}",
        "key-１",
        "0",
        "1",
        "-1",
        "null",
        "undefined",
        "__proto__",
        "constructor",
        "toString",
        "",
    ] {
        let header = json!({ "alg": "RS256", "kid": kid }).to_string();
        catalogue.header("key id", &header);
    }
    catalogue.header(
        "key id",
        &json!({ "alg": "RS256", "kid": "k".repeat(9000) }).to_string(),
    );
    for kid in [
        "null",
        "1",
        "true",
        "[\"key-1\"]",
        "[]",
        "{}",
        "{\"key-1\":1}",
        "1e400",
    ] {
        let header = format!(r#"{{"alg":"RS256","kid":{kid}}}"#);
        catalogue.header("key id of another type", &header);
    }
    catalogue.header("key id missing", r#"{"alg":"RS256"}"#);
}

/// Signed by a stranger, who says in the header where to find the key.
fn brought_keys(catalogue: &mut Catalogue) {
    let jwk = catalogue.forger.jwk();
    let mut private = jwk.clone();
    private["d"] = json!("AQAB");
    let certificate = STANDARD.encode(catalogue.forger.public_der());
    let mut extras = vec![
        json!({}),
        json!({ "jwk": jwk }),
        json!({ "jwk": private }),
        json!({ "jwk": { "keys": [jwk] } }),
        json!({ "jwk": jwk.to_string() }),
        json!({ "jwks": { "keys": [jwk] } }),
        json!({ "key": jwk, "n": jwk["n"], "e": jwk["e"] }),
        json!({ "x5c": [certificate] }),
        json!({ "x5c": certificate }),
        json!({ "x5t": "AAAA", "x5t#S256": "AAAA" }),
    ];
    for address in [
        "https://forger.example.com/jwks.json",
        "https://forge.cdn.prod.atlassian-dev.net@forger.example.com/.well-known/jwks.json",
        "https://forge.cdn.prod.atlassian-dev.net.forger.example.com/.well-known/jwks.json",
        "https://forge.cdn.prod.atlassian-dev.net/.well-known/../../forger/jwks.json",
        "http://127.0.0.1:1/jwks.json",
        "http://[::1]:1/jwks.json",
        "file:///tmp/jwks.json",
        "data:application/json,{}",
        "//forger.example.com/jwks.json",
        "",
    ] {
        extras.push(json!({ "jku": address }));
        extras.push(json!({ "x5u": address }));
    }
    let text = claims(SITE, NOW).to_string();
    for extra in extras {
        let mut header = json!({ "alg": "RS256", "kid": "key-1" });
        for (name, value) in extra.as_object().unwrap() {
            header[name] = value.clone();
        }
        let token = catalogue.forger.sign_text(&header.to_string(), &text);
        catalogue.add("key that the token brings", token);
    }
}

fn extensions(catalogue: &mut Catalogue) {
    for crit in [
        "[]",
        "null",
        "[\"exp\"]",
        "[\"b64\"]",
        "[\"alg\"]",
        "[\"crit\"]",
        "\"exp\"",
        "{}",
        "0",
        "false",
        "[\"\"]",
        "[null]",
        "[\"exp\",\"exp\"]",
        "[\"http://openbanking.org.uk/iat\"]",
    ] {
        let header = format!(r#"{{"alg":"RS256","kid":"key-1","crit":{crit}}}"#);
        catalogue.header("critical header", &header);
    }
    catalogue.header(
        "critical header",
        r#"{"alg":"RS256","kid":"key-1","crit":["b64"],"b64":false}"#,
    );
    // RFC 7797: the payload unencoded.
    let header = r#"{"alg":"RS256","kid":"key-1","b64":false}"#;
    let signed = catalogue
        .signer
        .sign_raw(&format!("{}.{}", base64url(header), claims(SITE, NOW)));
    catalogue.add("unencoded payload", signed);
}

/// Zipped claims, with and without saying so.
fn zipped(catalogue: &mut Catalogue) {
    let text = claims(SITE, NOW).to_string();
    let mut bomb = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 4 << 20]).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(text.as_bytes()).unwrap();
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    deflate.write_all(text.as_bytes()).unwrap();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(text.as_bytes()).unwrap();
    let payloads = [
        gzip.finish().unwrap(),
        deflate.finish().unwrap(),
        zlib.finish().unwrap(),
        bomb.finish().unwrap(),
    ];
    for payload in payloads {
        for header in [
            r#"{"alg":"RS256","kid":"key-1"}"#,
            r#"{"alg":"RS256","kid":"key-1","zip":"DEF"}"#,
            r#"{"alg":"RS256","kid":"key-1","zip":"GZIP"}"#,
        ] {
            let token = catalogue.signer.sign_bytes(header.as_bytes(), &payload);
            catalogue.add("zipped", token);
        }
    }
}

fn dates(catalogue: &mut Catalogue) {
    for value in [
        "null",
        "true",
        "false",
        "\"1900000000\"",
        "\"\"",
        "[]",
        "{}",
        "[1900000000]",
        "1e300",
        "-1e300",
        "1e19",
        "1900000000.5",
        "1.9e9",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "340282366920938463463374607431768211456",
        "0x71400000",
        "\"never\"",
        "\"NaN\"",
    ] {
        for name in ["exp", "nbf", "iat"] {
            // Optional claims may be null; a number with a fraction is no whole second.
            if value == "null" && name != "exp" {
                continue;
            }
            let good = claims(SITE, NOW).to_string();
            let number = if name == "exp" { NOW + 300 } else { NOW };
            let bad = good.replacen(
                &format!("\"{name}\":{number}"),
                &format!("\"{name}\":{value}"),
                1,
            );
            assert_ne!(good, bad, "{name}");
            catalogue.text("date of another form", bad);
        }
    }
    for exp in [
        i64::MIN,
        -1,
        0,
        1,
        NOW / 1000,
        NOW - 86_400,
        NOW - 61,
        NOW - 60,
    ] {
        catalogue.claim("expired", "/exp", json!(exp));
    }
    for begin in [NOW + 61, NOW + 3600, NOW * 1000, i64::MAX - 1, i64::MAX] {
        catalogue.claim("not yet valid", "/nbf", json!(begin));
        catalogue.claim("not yet valid", "/iat", json!(begin));
    }
}

fn issuers_and_audiences(catalogue: &mut Catalogue) {
    for issuer in [
        json!(""),
        json!("forge"),
        json!("forge/invocation-token "),
        json!(" forge/invocation-token"),
        json!("forge/invocation-token/"),
        json!("forge/invocation-token\u{0}"),
        json!("forge/invocation-token\n"),
        json!("Forge/Invocation-Token"),
        json!("forge\\invocation-token"),
        json!("forge/../forge/invocation-token"),
        json!("https://forge/invocation-token"),
        json!("fоrge/invocation-token"),
        json!("forge／invocation-token"),
        json!("forge/invocation\u{200b}-token"),
        json!("atlassian-connect"),
        json!("forge/context-token"),
        json!(["forge/invocation-token"]),
        json!({ "forge/invocation-token": true }),
        json!(true),
        json!(1),
        Value::Null,
    ] {
        catalogue.claim("issuer", "/iss", issuer);
    }
    for audience in [
        json!(""),
        json!([]),
        json!([[AUDIENCE]]),
        json!([null]),
        json!({ "0": AUDIENCE }),
        json!(true),
        json!(0),
        Value::Null,
        json!("*"),
        json!("ari:cloud:ecosystem::app/*"),
        json!("ari:cloud:ecosystem::app/"),
        json!("ari:cloud:ecosystem::app/00000000-0000-0000-0000-000000000000"),
        json!(format!("{AUDIENCE} ")),
        json!(format!(" {AUDIENCE}")),
        json!(format!("{AUDIENCE}/1")),
        json!(format!("{AUDIENCE}\u{0}")),
        json!(format!("x,{AUDIENCE}")),
        json!(format!("{AUDIENCE},x")),
        json!(AUDIENCE.to_uppercase()),
        json!(&AUDIENCE[..AUDIENCE.len() - 1]),
        json!(AUDIENCE.replace('a', "а")),
        json!([AUDIENCE.to_uppercase(), "x"]),
        json!([1, AUDIENCE]),
    ] {
        catalogue.claim("audience", "/aud", audience);
    }
}

fn tenants(catalogue: &mut Catalogue) {
    // Another site's claims under this site's signature, and every other exchange of parts.
    let ours = catalogue.signer.sign(&claims(SITE, NOW));
    let theirs = catalogue.signer.sign(&claims("cloud-2", NOW));
    let forged = catalogue.forger.sign(&claims("cloud-2", NOW));
    let parts = |token: &str| -> Vec<String> { token.split('.').map(str::to_owned).collect() };
    let (ours, theirs, forged) = (parts(&ours), parts(&theirs), parts(&forged));
    for (header, payload, signature) in [
        (&ours, &theirs, &ours),
        (&theirs, &ours, &theirs),
        (&ours, &ours, &theirs),
        (&ours, &forged, &ours),
        (&ours, &ours, &forged),
        (&forged, &forged, &ours),
    ] {
        let token = format!("{}.{}.{}", header[0], payload[1], signature[2]);
        catalogue.add("swapped tenant", token);
    }
    for (from, to) in [
        ("cloud-1", "cloud-2"),
        ("PRODUCTION", "DEVELOPMENT"),
        ("environment/5f0c7e6e/1", "environment/5f0c7e6e/2"),
    ] {
        let payload = claims(SITE, NOW).to_string().replace(from, to);
        let token = format!("{}.{}.{}", ours[0], base64url(payload), ours[2]);
        catalogue.add("swapped tenant", token);
    }
    for cloud in [
        json!(""),
        json!(" "),
        json!(":"),
        json!("cloud-1:"),
        json!("cloud-1:ari:cloud:ecosystem::environment/5f0c7e6e/1"),
        json!("cloud 1"),
        json!("cloud-1\u{0}"),
        json!("cloud-1\n"),
        json!("cloud-1\u{202e}2-duolc"),
        json!("clоud-1"),
        json!("cloud-1\u{200d}"),
        json!("ｃloud-1"),
        json!("c".repeat(257)),
        json!(["cloud-1"]),
        json!({ "cloudId": "cloud-1" }),
        json!(1),
        json!(true),
        Value::Null,
    ] {
        catalogue.claim("site", "/context/cloudId", cloud.clone());
        if cloud != json!("cloud-1:")
            && cloud != json!(":")
            && cloud != json!("cloud-1:ari:cloud:ecosystem::environment/5f0c7e6e/1")
        {
            catalogue.claim("environment", "/app/environment/id", cloud.clone());
            catalogue.claim("installation", "/app/installationId", cloud);
        }
    }
    for (pointer, value) in [
        ("/context", json!({})),
        ("/context", json!([])),
        ("/context", json!("cloud-1")),
        ("/context", Value::Null),
        ("/context", json!({ "cloudid": "cloud-1" })),
        ("/context", json!({ "CloudId": "cloud-1" })),
        ("/context", json!({ "cloud_id": "cloud-1" })),
        ("/app", json!({})),
        ("/app", Value::Null),
        ("/app", json!({ "installationId": "i" })),
        ("/app/environment", json!({})),
        ("/app/environment", json!("PRODUCTION")),
    ] {
        catalogue.claim("claims of another shape", pointer, value);
    }
    let good = claims(SITE, NOW).to_string();
    for (from, to) in [
        ("\"iss\":", "\"iss\":\"forge/invocation-token\",\"iss\":"),
        ("\"aud\":", "\"aud\":[],\"aud\":"),
        ("\"exp\":", "\"exp\":1,\"exp\":"),
        ("\"nbf\":", "\"nbf\":1,\"nbf\":"),
        ("\"iat\":", "\"iat\":1,\"iat\":"),
        ("\"exp\":", "\"\\u0065xp\":9999999999,\"exp\":"),
        ("\"cloudId\":", "\"cloudId\":\"cloud-2\",\"cloudId\":"),
        ("\"cloudId\":", "\"cloud\\u0049d\":\"cloud-2\",\"cloudId\":"),
        (
            "\"context\":",
            "\"context\":{\"cloudId\":\"cloud-2\"},\"context\":",
        ),
        ("\"app\":", "\"app\":{},\"app\":"),
        (
            "\"environment\":",
            "\"environment\":{\"id\":\"x\"},\"environment\":",
        ),
        (
            "\"installationId\":",
            "\"installationId\":\"x\",\"installationId\":",
        ),
    ] {
        let doubled = good.replacen(from, to, 1);
        assert_ne!(doubled, good);
        catalogue.text("claims twice", doubled);
    }
}

fn json_tricks(catalogue: &mut Catalogue) {
    let good = claims(SITE, NOW).to_string();
    let texts: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"null".to_vec(),
        b"{}".to_vec(),
        b"[]".to_vec(),
        b"\"\"".to_vec(),
        format!("[{good}]").into_bytes(),
        format!("\u{feff}{good}").into_bytes(),
        format!("{good} {good}").into_bytes(),
        format!("{good}\u{0}").into_bytes(),
        format!("{good}//").into_bytes(),
        format!("/* */{good}").into_bytes(),
        good.replace('"', "'").into_bytes(),
        good.replacen("}", ",}", 1).into_bytes(),
        good.as_bytes()[..good.len() - 1].to_vec(),
        json!(good).to_string().into_bytes(),
        json!({ "claims": claims(SITE, NOW) })
            .to_string()
            .into_bytes(),
        good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        good.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        good.replace("cloud-1", "cloud-\\ud800").into_bytes(),
        [good.as_bytes(), b"\xff"].concat(),
        good.replacen("\"jti\":", "\"\u{1}jti\":", 1).into_bytes(),
        format!("{}{}", "[".repeat(5000), "]".repeat(5000)).into_bytes(),
        good.replacen("\"exp\":", "\"exp\":NaN,\"x\":", 1)
            .into_bytes(),
        good.replacen("\"exp\":", "\"exp\":Infinity,\"x\":", 1)
            .into_bytes(),
        good.replacen("\"exp\":", "\"exp\":+", 1).into_bytes(),
        good.replacen("\"exp\":", "\"exp\":0", 1).into_bytes(),
    ];
    for text in texts {
        catalogue.text("JSON", text);
    }
    // A signed token inside a token (RFC 7519, 5.2).
    let inner = catalogue.signer.sign(&claims(SITE, NOW));
    let header = r#"{"alg":"RS256","kid":"key-1","cty":"JWT"}"#;
    let nested = catalogue.signer.sign_text(header, &inner);
    catalogue.add("nested", nested);
}

fn forms(catalogue: &mut Catalogue) {
    let good = catalogue.signer.sign(&claims(SITE, NOW));
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let standard = |part: &str| part.replace('-', "+").replace('_', "/");
    let padded = |part: &str| format!("{part}{}", "=".repeat((4 - part.len() % 4) % 4));
    let all: Vec<String> = vec![
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        header.into(),
        format!("{header}."),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{header}.{good}"),
        format!("{header}.{payload}.{signature}.{header}.{payload}"),
        format!("{payload}.{header}.{signature}"),
        format!("{header},{payload},{signature}"),
        format!("{header}\u{2024}{payload}\u{2024}{signature}"),
        format!("Bearer {good}"),
        format!("\"{good}\""),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}\n"),
        format!("{good}\0"),
        format!("\u{feff}{good}"),
        format!("{good};{good}"),
        good.replace('.', "%2E"),
        good.replacen('.', ". ", 1),
        good.to_uppercase(),
        good.to_lowercase(),
        good.chars().rev().collect(),
        format!("{}.{payload}.{signature}", padded(&format!("{header}A"))),
        format!("{header}.{payload}.{}", padded(signature)),
        format!("{header}.{payload}.{}", standard(signature)),
        format!("{header}.{payload}.{}", &signature[..signature.len() - 1]),
        format!("{header}.{payload}.{}", &signature[..signature.len() - 2]),
        format!("{header}.{payload}.{}", &signature[1..]),
        format!("{header}.{payload}.{signature}A"),
        format!("{header}.{payload}.{signature}AA"),
        format!("{header}.{payload}.AA{signature}"),
        format!("{header}.{payload}\n.{signature}"),
        format!("{header}.{}.{signature}", payload.replacen('e', "е", 1)),
        json!({ "protected": header, "payload": payload, "signature": signature }).to_string(),
        json!({ "payload": payload, "signatures": [{ "protected": header, "signature": signature }] })
            .to_string(),
        // Five parts: encrypted (RFC 7516).
        format!("{header}.AAAA.AAAA.{payload}.{signature}"),
    ];
    for token in all {
        catalogue.add("form", token);
    }
    for length in (1..good.len()).step_by(good.len() / 20) {
        catalogue.add("cut short", &good[..length]);
    }
    for length in [16 * 1024 + 1, 64 * 1024, 1 << 20] {
        catalogue.add("too long", "e".repeat(length));
        catalogue.add("too long", format!("{good}{}", "A".repeat(length)));
    }
}

fn signatures(catalogue: &mut Catalogue) {
    let good = catalogue.signer.sign(&claims(SITE, NOW));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let right = engine.decode(signature).unwrap();
    let modulus = engine
        .decode(catalogue.signer.jwk()["n"].as_str().unwrap())
        .unwrap();
    // The signature plus the modulus is the same number modulo the modulus.
    let mut carry = 0_u16;
    let mut sum: Vec<u8> = right
        .iter()
        .zip(&modulus)
        .rev()
        .map(|(one, other)| {
            let sum = u16::from(*one) + u16::from(*other) + carry;
            carry = sum >> 8;
            (sum & 0xff) as u8
        })
        .collect();
    sum.push(carry as u8);
    sum.reverse();
    let hash = digest::digest(&digest::SHA256, message.as_bytes());
    // PKCS#1 padding without the private key's operation, as e = 1 would want it.
    let mut padded = vec![0xff; 256];
    padded[0] = 0;
    padded[1] = 1;
    padded[203] = 0;
    padded[224..].copy_from_slice(hash.as_ref());
    let mut raw: Vec<Vec<u8>> = vec![
        Vec::new(),
        vec![0],
        vec![0; 256],
        vec![0xff; 256],
        [vec![0; 255], vec![1]].concat(),
        modulus.clone(),
        sum,
        padded,
        [&[0], right.as_slice()].concat(),
        [right.as_slice(), &[0]].concat(),
        right.iter().rev().copied().collect(),
        right[..255].to_vec(),
        right[1..].to_vec(),
        hash.as_ref().to_vec(),
        right.repeat(2),
    ];
    for bit in [0, 1, 7, 1024, 2047] {
        let mut flipped = right.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        raw.push(flipped);
    }
    let random = SystemRandom::new();
    let others: [&'static dyn RsaEncoding; 3] =
        [&RSA_PSS_SHA256, &RSA_PKCS1_SHA384, &RSA_PKCS1_SHA512];
    for encoding in others {
        raw.push(catalogue.signer.signature(encoding, message.as_bytes()));
    }
    for part in [&message[1..], &message[..message.len() - 1], ""] {
        raw.push(
            catalogue
                .signer
                .signature(&aws_lc_rs::signature::RSA_PKCS1_SHA256, part.as_bytes()),
        );
    }
    let curve = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    raw.push(
        curve
            .sign(&random, message.as_bytes())
            .unwrap()
            .as_ref()
            .to_vec(),
    );
    // CVE-2022-21449: a signature of zeros on a curve.
    raw.push(vec![0; 64]);
    let edwards = Ed25519KeyPair::generate().unwrap();
    raw.push(edwards.sign(message.as_bytes()).as_ref().to_vec());
    for signature in raw {
        for alg in ["RS256", "ES256"] {
            let message = match alg {
                "RS256" => message.to_owned(),
                _ => format!(
                    "{}.{}",
                    base64url(format!(r#"{{"alg":"{alg}","kid":"key-1"}}"#)),
                    message.split_once('.').unwrap().1
                ),
            };
            catalogue.add("signature", format!("{message}.{}", base64url(&signature)));
        }
    }
}

#[test]
fn p02_more_than_three_hundred_hostile_tokens_are_refused() {
    let mut catalogue = Catalogue {
        signer: Signer::new("key-1"),
        forger: Signer::new("key-1"),
        tokens: Vec::new(),
    };
    for chapter in [
        algorithms,
        shared_secrets,
        key_ids,
        brought_keys,
        extensions,
        zipped,
        dates,
        issuers_and_audiences,
        tenants,
        json_tricks,
        forms,
        signatures,
    ] {
        chapter(&mut catalogue);
    }
    let keys = Jwks::parse(catalogue.signer.jwks().as_bytes()).unwrap();
    let audiences = Audiences::new(["another-app".to_owned(), AUDIENCE.to_owned()]).unwrap();
    // What all of them were made from is accepted: each is refused for its own fault.
    let good = catalogue.signer.sign(&claims(SITE, NOW));
    assert_eq!(
        verify(&good, &keys, &audiences, NOW).unwrap().id().len(),
        51
    );

    let mut kinds: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    let mut distinct = BTreeSet::new();
    for (kind, token) in &catalogue.tokens {
        let reason = match verify(token, &keys, &audiences, NOW) {
            Err(error) => {
                assert_ne!(error, FitError::KeysUnavailable);
                error.reason()
            }
            Ok(tenant) => panic!("{kind} was accepted as {}: {token}", tenant.id()),
        };
        if distinct.insert(token) {
            let (count, reasons) = kinds.entry(kind).or_default();
            *count += 1;
            reasons.insert(reason);
        }
    }
    for (kind, (count, reasons)) in &kinds {
        let reasons: Vec<_> = reasons.iter().copied().collect();
        println!("{count:>4} {kind}: {}", reasons.join(", "));
    }
    println!("{} hostile tokens refused, none accepted", distinct.len());
    assert!(distinct.len() >= 300, "{}", distinct.len());
}
