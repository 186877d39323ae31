//! An operator's commands, typed as an operator types them, on a database with two tenants.
#![allow(clippy::unwrap_used)]

#[path = "../../fit/tests/support/mod.rs"]
#[allow(dead_code)]
mod tokens;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use backend::objects::{MediaFile, Objects};
use backend::records::{Created, Records};
use backend::store::{self, Claim, Owner as _};
use backend::vault::keys::KeyRingLimits;
use backend::vault::{KeyRing, LocalMasterKeys};
use fit::{Audiences, Jwks, Tenant};
use protocol::{ApiKey, NewVideo, VideoId};
use serde_json::{Value, json};
use tokens::{AUDIENCE, Signer, claims};

const NOW: i64 = 1_800_000_000;
const TITLE: &str = "Plan of the pelican";
const API_KEY: &str = "golpo-key-of-the-heron";

struct Place {
    directory: tempfile::TempDir,
    records: Records,
    objects: Objects,
}

impl Place {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let masters = LocalMasterKeys::read_or_create(&directory.path().join("master.key"));
        let keys = KeyRing::new(Arc::new(masters.unwrap()), KeyRingLimits::default());
        let url = format!("sqlite://{}", directory.path().join("golpo.db").display());
        let store = store::open(&url).await.unwrap();
        Self {
            records: Records::new(store, Arc::new(keys)),
            objects: Objects::local(&directory.path().join("objects")).unwrap(),
            directory,
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_golpo-backend"));
        command
            .args(arguments)
            .env_clear()
            .env(
                "GOLPO_DATABASE_URL",
                format!("sqlite://{}", self.at("golpo.db").display()),
            )
            .env("GOLPO_OBJECTS", self.at("objects"))
            .env("GOLPO_MASTER_KEY_FILE", self.at("master.key"));
        command
    }

    /// The lines of a command that must go well.
    fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }

    async fn create(&self, tenant: &Tenant) -> VideoId {
        let new: NewVideo = serde_json::from_value(json!({
            "pageId": "65601", "pageVersion": 3,
            "script": { "title": TITLE, "sections": [{ "heading": "Why", "text": "Because." }] },
        }))
        .unwrap();
        let key = uuid::Uuid::new_v4().to_string();
        let created = self.records.create_video(tenant, &new, &key, NOW).await;
        match created.unwrap() {
            Created::New(id, _) => id,
            other => panic!("{other:?}"),
        }
    }
}

fn tenant(site: &str) -> Tenant {
    let signer = Signer::new("test-key");
    let keys = Jwks::parse(signer.jwks().as_bytes()).unwrap();
    let audiences = Audiences::new([AUDIENCE.to_owned()]).unwrap();
    fit::verify(&signer.sign(&claims(site, NOW)), &keys, &audiences, NOW).unwrap()
}

#[tokio::test]
async fn p19_p22_tenants_are_listed_suspended_resumed_exported_and_deleted() {
    let place = Place::new().await;
    let (one, other) = (tenant("site-a"), tenant("site-b"));
    for tenant in [&one, &other] {
        place.records.admit(tenant, NOW).await.unwrap();
        let key = ApiKey::try_from(API_KEY.to_owned()).unwrap();
        place.records.put_api_key(tenant, &key, NOW).await.unwrap();
    }
    let video = place.create(&one).await;
    place.create(&other).await;
    let folder = place.records.folder(&one).await.unwrap();
    let file = place.at("file");
    std::fs::write(&file, "bytes").unwrap();
    let put = place.objects.put(&folder, &video, MediaFile::Video, &file);
    put.await.unwrap();

    let listed = place.lines(&["tenant", "list"]);
    assert_eq!(listed.len(), 2);
    let ids: Vec<&str> = listed
        .iter()
        .map(|line| line["tenant"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [one.id(), other.id()]);
    assert_eq!(listed[0]["state"], "active");

    let suspended = place.lines(&["tenant", "suspend", one.id()]);
    assert_eq!(
        suspended,
        [json!({ "tenant": one.id(), "state": "suspended", "changed": true })]
    );
    place.records.forget(&one);
    assert!(place.records.admit(&one, NOW).await.is_err());
    place.records.admit(&other, NOW).await.unwrap();
    let resumed = place.lines(&["tenant", "resume", one.id()]);
    assert_eq!(resumed[0]["state"], "active");
    place.records.forget(&one);
    place.records.admit(&one, NOW).await.unwrap();

    let exported = place.run(&["tenant", "export", one.id()]);
    let text = String::from_utf8(exported.stdout).unwrap();
    assert!(text.contains(TITLE) && !text.contains(API_KEY), "{text}");
    assert!(!text.contains("site-b"), "{text}");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["video"]["id"], video.as_str());

    let deleted = place.lines(&["tenant", "delete", one.id()]);
    assert_eq!(deleted[0]["state"], "verified");
    assert_eq!(deleted[0]["reason"], "operator");
    assert!(deleted[0]["receipt"].as_str().unwrap().split('.').count() == 3);
    assert!(
        !place
            .at("objects")
            .join(format!("videos/{folder}"))
            .exists()
    );
    assert_eq!(place.lines(&["tenant", "list"]).len(), 1);
    // Each left its entry in the trail.
    let trail = place.lines(&["audit", "list", "--json"]);
    let of_operator = trail.iter().filter(|entry| entry["role"] == "operator");
    let acts: Vec<_> = of_operator
        .map(|entry| (&entry["act"], entry["tenant"].as_str().unwrap()))
        .collect();
    let expected = ["suspended", "resumed", "exported", "deleted"];
    let expected = expected.map(|act| json!(format!("tenant_{act}")));
    let expected: Vec<_> = expected.iter().map(|act| (act, one.id())).collect();
    assert_eq!(acts, expected);
    for command in ["suspend", "resume", "delete", "export"] {
        let refused = place.run(&["tenant", command, one.id()]);
        assert_eq!(refused.status.code(), Some(1), "{command}");
        let log = String::from_utf8(refused.stderr).unwrap();
        assert!(log.contains("there is no such tenant"), "{log}");
    }
}

#[tokio::test]
async fn jobs_are_listed_requeued_and_cancelled() {
    let place = Place::new().await;
    let tenant = tenant("site-a");
    place.records.admit(&tenant, NOW).await.unwrap();
    let (parked, waiting) = (place.create(&tenant).await, place.create(&tenant).await);
    let claim = Claim {
        worker: "worker",
        lease_until: NOW + 15,
        now: NOW,
        max_attempts: 3,
        per_tenant: 4,
    };
    let store = place.records.store();
    let lease = store.claim(claim).await.unwrap().unwrap();
    assert_eq!(
        (lease.video_id(), lease.tenant_id()),
        (&parked, tenant.id())
    );
    assert!(store.park(&lease, "engine_failed", NOW).await.unwrap());

    let listed = place.lines(&["job", "list"]);
    let states: Vec<_> = listed
        .iter()
        .map(|line| line["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["parked", "waiting"]);
    let dead = place.lines(&["job", "list", "--parked"]);
    assert_eq!((dead.len(), &dead[0]["video"]), (1, &json!(parked)));
    assert_eq!(dead[0]["attempts"], 1);

    let again = place.lines(&["job", "requeue", parked.as_str()]);
    assert_eq!(again, [json!({ "video": parked, "requeued": true })]);
    // What is not parked cannot be.
    let refused = place.run(&["job", "requeue", parked.as_str()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(place.lines(&["job", "list", "--parked"]).is_empty());

    for video in [&parked, &waiting] {
        let cancelled = place.lines(&["job", "cancel", video.as_str()]);
        assert_eq!(cancelled, [json!({ "video": video, "cancelled": true })]);
        let refused = place.run(&["job", "cancel", video.as_str()]);
        assert_eq!(refused.status.code(), Some(1));
    }
    assert!(place.lines(&["job", "list"]).is_empty());
    let video = place
        .records
        .video(&tenant, &waiting)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        video.failure.unwrap().code,
        protocol::ErrorCode::VideoCancelled
    );
    let unknown = place.run(&["job", "cancel", "0198c0de-0000-7000-8000-000000000001"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert_eq!(place.run(&["job", "cancel", "x"]).status.code(), Some(2));
}

#[tokio::test]
async fn p07_p19_the_master_key_is_rotated_while_the_service_runs() {
    let place = Place::new().await;
    let (one, other) = (tenant("site-a"), tenant("site-b"));
    let mut videos = Vec::new();
    for tenant in [&one, &other] {
        place.records.admit(tenant, NOW).await.unwrap();
        let key = ApiKey::try_from(API_KEY.to_owned()).unwrap();
        place.records.put_api_key(tenant, &key, NOW).await.unwrap();
        videos.push((tenant, place.create(tenant).await));
    }
    place.records.service_key("receipts").await.unwrap();
    let masters = |place: &Place| -> BTreeSet<String> {
        let lines = place.lines(&["tenant", "list"]);
        let keys = lines.iter().map(|line| line["masterKey"].as_str().unwrap());
        keys.map(str::to_owned).collect()
    };
    let first = masters(&place);
    let file = std::fs::read_to_string(place.at("master.key")).unwrap();

    // The former key must not go while it wraps anything.
    let rotated = place.lines(&["key", "rotate"]);
    // Two tenants, the receipts and the audit trail.
    assert_eq!(rotated[0]["wrapped"], 4);
    let second = masters(&place);
    assert_eq!(second.len(), 1);
    assert!(second.is_disjoint(&first));
    assert_eq!(rotated[0]["masterKey"], *second.first().unwrap());
    // The service, which was there all the while, follows, and so does a new tenant.
    for (tenant, video) in &videos {
        place.records.forget(*tenant);
        let video = place.records.video(*tenant, video).await.unwrap().unwrap();
        assert_eq!(video.title, TITLE);
    }
    place.records.admit(&tenant("site-c"), NOW).await.unwrap();
    assert_eq!(masters(&place), second);

    // Under the current key already: nothing to do.
    let again = place.lines(&["key", "rotate", "--no-new-key"]);
    assert_eq!(
        again[0],
        json!({ "masterKey": second.first().unwrap(), "wrapped": 0 })
    );
    let retired = place.lines(&["key", "retire"]);
    assert_eq!(retired[0]["dropped"], 1);
    let left = std::fs::read_to_string(place.at("master.key")).unwrap();
    assert!(!left.contains(file.trim()), "the former key is still there");
    for (tenant, video) in &videos {
        place.records.forget(*tenant);
        assert!(place.records.video(*tenant, video).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn p07_a_master_key_that_wraps_something_is_not_dropped() {
    let place = Place::new().await;
    place.records.admit(&tenant("site-a"), NOW).await.unwrap();
    // A rotation that ended after the first half of its work.
    let key = place.at("master.key");
    LocalMasterKeys::read(&key).unwrap().rotate().unwrap();
    let refused = place.run(&["key", "retire"]);
    assert_eq!(refused.status.code(), Some(1));
    let log = String::from_utf8(refused.stderr).unwrap();
    assert!(log.contains("still wraps data keys"), "{log}");
    assert_eq!(
        place.lines(&["key", "rotate", "--no-new-key"])[0]["wrapped"],
        1
    );
    assert_eq!(place.lines(&["key", "retire"])[0]["dropped"], 1);
    // A key that came as text cannot be changed by the program.
    let text = std::fs::read_to_string(&key).unwrap();
    let refused = place
        .command(&["key", "rotate"])
        .env_remove("GOLPO_MASTER_KEY_FILE")
        .env("GOLPO_MASTER_KEY", text.trim())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let log = String::from_utf8(refused.stderr).unwrap();
    assert!(log.contains("in a key file alone"), "{log}");
}
