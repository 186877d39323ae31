//! Starts moto for one test.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use backend::aws::{Credentials, Endpoint, Limits};
use reqwest::{Client, Method, Response};
use serde_json::Value;

pub const REGION: &str = "eu-central-1";

/// Short enough for a test of what never answers.
pub const LIMITS: Limits = Limits {
    connect: Duration::from_secs(1),
    read: Duration::from_secs(5),
    call: Duration::from_secs(15),
    part: Duration::from_secs(30),
    retries: 2,
};

/// A running moto, ended when it is dropped.
pub struct Moto {
    child: Child,
    pub address: String,
    client: Client,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("GOLPO_MOTO_SERVER") {
        return path.into();
    }
    // Beside this build, where `cargo xtask test` installs it.
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../xtask/moto/bin/moto_server")
}

impl Moto {
    pub fn start() -> Self {
        let program = program();
        let mut child = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "moto could not be started ({}: {error}): run `cargo xtask test --only rust`, \
                     which installs it, or name a moto_server in GOLPO_MOTO_SERVER",
                    program.display()
                )
            });
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let at = line.find("http://127.0.0.1:")?;
                line[at..].split_whitespace().next().map(str::to_owned)
            })
            .expect("moto ended before it listened");
        // A full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            address,
            client: Client::new(),
        }
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint::parse(&self.address).unwrap()
    }

    /// A call that moto takes without looking at who asks.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        // moto tells services apart by the signature's scope.
        let service = if path.starts_with("/kms") {
            "kms"
        } else {
            "s3"
        };
        let path = path.trim_start_matches("/kms");
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        );
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.address))
            .header("authorization", scope)
            .header("content-length", body.len())
            .body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    pub async fn make_bucket(&self, name: &str) {
        let body = format!(
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
        );
        let answer = self
            .call(Method::PUT, &format!("/{name}"), &[], &body)
            .await;
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }

    /// Calls KMS as an operator does, and gives its answer.
    pub async fn kms(&self, operation: &str, body: Value) -> Value {
        let target = format!("TrentService.{operation}");
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        let answer = self
            .call(Method::POST, "/kms/", &headers, &body.to_string())
            .await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A new key's ARN.
    pub async fn make_key(&self) -> String {
        let answer = self.kms("CreateKey", serde_json::json!({})).await;
        answer["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
    }
}

pub fn credentials() -> Credentials {
    Credentials::of(&LIMITS, |name| match name {
        "AWS_ACCESS_KEY_ID" => Some("AKIAEXAMPLEEXAMPLE12".to_owned()),
        "AWS_SECRET_ACCESS_KEY" => Some("heron-secret-for-tests".to_owned()),
        _ => None,
    })
    .unwrap()
}
