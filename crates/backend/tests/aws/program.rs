//! The program on PostgreSQL, S3 and KMS, from nothing to a video that plays.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::moto::{Moto, REGION};
use crate::postgres::Database;
use crate::tokens::{AUDIENCE, Signer, claims};

const BUCKET: &str = "golpo-videos";
const PATIENCE: Duration = Duration::from_secs(120);

/// Where everything is.
struct Place {
    directory: tempfile::TempDir,
    moto: Moto,
    database: Database,
    kms_key: String,
}

/// A running program, killed with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Place {
    async fn new() -> Self {
        let moto = Moto::start();
        moto.make_bucket(BUCKET).await;
        let kms_key = moto.make_key().await;
        Self {
            directory: tempfile::tempdir().unwrap(),
            moto,
            database: Database::empty(),
            kms_key,
        }
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    /// The program with the settings that all of its commands share, and with a log of its own.
    fn command(&self, arguments: &[&str], log: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_golpo-backend"));
        command
            .args(arguments)
            .current_dir(&self.directory)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("GOLPO_DATABASE_URL", self.database.service_url())
            .env("GOLPO_OBJECTS", format!("s3://{BUCKET}/production"))
            .env("GOLPO_OBJECTS_REGION", REGION)
            .env("GOLPO_OBJECTS_ENCRYPTION", "sse-s3")
            .env("GOLPO_OBJECTS_ENDPOINT", &self.moto.address)
            .env("GOLPO_KMS_KEY_ID", &self.kms_key)
            .env("GOLPO_KMS_ENDPOINT", &self.moto.address)
            .env("GOLPO_SPEECH_COMMAND", "none")
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE12")
            .env("AWS_SECRET_ACCESS_KEY", "heron-secret-for-tests")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(self.at(log)).unwrap());
        command
    }

    /// Runs the program to its end, which must be a refusal; its log.
    fn refused(&self, command: &mut Command, log: &str) -> String {
        let mut child = Program(command.spawn().unwrap());
        let started = Instant::now();
        while child.0.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < PATIENCE, "it was not refused");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!child.0.wait().unwrap().success());
        self.log(log)
    }

    fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap()
    }

    async fn line(&self, program: &mut Program, log: &str, words: &str) -> Value {
        let started = Instant::now();
        loop {
            let text = self.log(log);
            if let Some(line) = text.lines().find(|line| line.contains(words)) {
                return serde_json::from_str(line).unwrap();
            }
            let ended = program.0.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < PATIENCE, "{text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn p07_a_video_is_made_through_postgresql_s3_and_kms() {
    let place = Place::new().await;
    let signer = Signer::new("key-1");
    let jwks = signer.jwks();
    let keys = axum::Router::new().route("/jwks.json", axum::routing::get(|| async { jwks }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let jwks_url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, keys).await.unwrap() });
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--with-worker=false",
        "--audience",
        AUDIENCE,
        "--jwks-url",
        &jwks_url,
    ];

    // Roles as deploy/compose.replicas.yaml makes them.
    place.database.admin(
        "CREATE ROLE golpo_service NOLOGIN NOSUPERUSER NOBYPASSRLS; GRANT golpo_service TO service",
    );
    // Nothing works on a database that nobody migrated; the owner of the tables does that.
    let log = place.refused(&mut place.command(&["worker"], "early"), "early");
    assert!(log.contains("migrate"), "{log}");
    let migrated = place
        .command(&["migrate"], "migrate")
        .env("GOLPO_DATABASE_URL", place.database.owner_url())
        .status();
    assert!(migrated.unwrap().success(), "{}", place.log("migrate"));

    // Two roles of one program on one database, one bucket, one key.
    let mut service = Program(place.command(&serve, "serve").spawn().unwrap());
    let line = place.line(&mut service, "serve", "\"serving\"").await;
    let address = format!("http://{}", line["address"].as_str().unwrap());
    let _worker = Program(place.command(&["worker"], "worker").spawn().unwrap());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = signer.sign(&claims(
        "site-a",
        fit::Clock::unix_seconds(&fit::SystemClock),
    ));
    let call = |method, path: &str| {
        let request = http.request(method, format!("{address}{path}"));
        request.bearer_auth(&token)
    };
    let ready = call(Method::GET, "/readyz").send().await.unwrap();
    let ready: Value = ready.json().await.unwrap();
    assert_eq!(ready["down"], json!([]), "{ready}");
    assert_eq!(ready["masterKey"], "ok");

    let asked = call(Method::POST, "/v1/videos")
        .header("idempotency-key", "6b0f8f5e-2a54-4a0e-9a51-0f3f6a1f0a01")
        .json(&json!({
            "pageId": "65601",
            "pageVersion": 3,
            "script": {
                "title": "Where the pelicans winter",
                "sections": [{ "heading": "South", "text": "They fly to the delta." }],
            },
        }));
    let asked = asked.send().await.unwrap();
    assert_eq!(asked.status(), 202);
    let id = asked.json::<Value>().await.unwrap()["id"].clone();
    let id = id.as_str().unwrap();
    let started = Instant::now();
    loop {
        let video = call(Method::GET, &format!("/v1/videos/{id}")).send().await;
        let video: Value = video.unwrap().json().await.unwrap();
        if video["state"] == "done" {
            break;
        }
        assert_ne!(video["state"], "failed", "{}", place.log("worker"));
        assert!(started.elapsed() < PATIENCE, "{}", place.log("worker"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    // What a browser does with the signed address.
    let media = call(Method::GET, &format!("/v1/videos/{id}/media"))
        .send()
        .await;
    let media: Value = media.unwrap().json().await.unwrap();
    let video = media["videoUrl"].as_str().unwrap();
    let whole = http.get(video).send().await.unwrap().bytes().await.unwrap();
    assert!(whole.len() > 10_000 && &whole[4..8] == b"ftyp");
    let part = http
        .get(video)
        .header("range", "bytes=1000-1999")
        .send()
        .await;
    let part = part.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap(), whole[1000..2000]);

    // Where it all lies: three encrypted objects, rows under KMS's key, nothing on the disk.
    let listed = format!("/{BUCKET}?list-type=2&prefix=production/videos/");
    let listed = place.moto.call(Method::GET, &listed, &[], "").await;
    let listed = listed.text().await.unwrap();
    let names: Vec<&str> = listed
        .split("<Key>")
        .skip(1)
        .filter_map(|rest| rest.split("</Key>").next())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for name in names {
        let head = place
            .moto
            .call(Method::HEAD, &format!("/{BUCKET}/{name}"), &[], "")
            .await;
        assert_eq!(head.headers()["x-amz-server-side-encryption"], "AES256");
    }
    let masters = place.database.admin("SELECT master FROM tenants");
    assert_eq!(masters.trim(), place.kms_key);
    let dumped = place.database.dump();
    for canary in ["pelican", "delta"] {
        let found = dumped
            .windows(canary.len())
            .any(|bytes| bytes == canary.as_bytes());
        assert!(!found, "{canary} lies open in the database");
    }
    let files: Vec<_> = std::fs::read_dir(place.directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files.len(), 4, "{files:?}: logs alone");

    // The same database under another key, and a bucket that is open to all.
    let mut wrong = place.command(&["worker"], "wrong");
    wrong.env_remove("GOLPO_KMS_KEY_ID").args([
        "--master-key-file",
        "master.key",
        "--create-master-key",
    ]);
    let log = place.refused(&mut wrong, "wrong");
    assert!(log.contains("which is not configured"), "{log}");
    place
        .moto
        .call(
            Method::PUT,
            &format!("/{BUCKET}?acl"),
            &[("x-amz-acl", "public-read")],
            "",
        )
        .await;
    let log = place.refused(&mut place.command(&["worker"], "public"), "public");
    assert!(log.contains("opens the bucket to the public"), "{log}");
}
