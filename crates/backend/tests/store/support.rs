//! Both stores, tenants of verified tokens, and rows to fill them with.

#[allow(dead_code)]
#[path = "../support/postgres.rs"]
pub mod postgres;

use std::sync::{Arc, LazyLock};

use backend::store::{
    self, AnswerRow, Claim, FinishedRow, Inserted, Lease, NewVideoRow, Owner, Store,
};
use backend::vault::WrappedKey;
use fit::{Audiences, Jwks, Tenant};
use protocol::{PageId, VideoId};

use crate::tokens::{AUDIENCE, Signer, claims};

pub const NOW: i64 = 1_800_000_000;
pub const MONTH: &str = "2027-01";

/// Making an RSA key takes long; one serves all tests.
static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::new("test-key"));

/// A store, and what has to stay while it is used.
pub struct Opened {
    pub name: &'static str,
    pub store: Arc<dyn Store>,
    _directory: tempfile::TempDir,
}

/// One of each kind, empty.
pub async fn both() -> Vec<Opened> {
    let directory = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}/golpo.db", directory.path().display());
    let database = postgres::Database::start().await;
    vec![
        Opened {
            name: "sqlite",
            store: store::open(&sqlite).await.unwrap(),
            _directory: directory,
        },
        Opened {
            name: "postgres",
            store: store::open(&database.service_url()).await.unwrap(),
            _directory: tempfile::tempdir().unwrap(),
        },
    ]
}

/// The tenant of a site, out of a verified token like any other.
pub fn tenant(site: &str) -> Tenant {
    let token = SIGNER.sign(&claims(site, NOW));
    let keys = Jwks::parse(SIGNER.jwks().as_bytes()).unwrap();
    let audiences = Audiences::new([AUDIENCE.to_owned()]).unwrap();
    fit::verify(&token, &keys, &audiences, NOW).unwrap()
}

/// A tenant with its row.
pub async fn registered(store: &dyn Store, site: &str) -> Tenant {
    let tenant = tenant(site);
    let key = WrappedKey {
        master: "first".to_owned(),
        bytes: site.as_bytes().to_vec(),
    };
    let folder = format!("folder of {site}");
    store.register(&tenant, &folder, &key, NOW).await.unwrap();
    tenant
}

pub fn video_id() -> VideoId {
    uuid::Uuid::now_v7().to_string().parse().unwrap()
}

pub fn page() -> PageId {
    "65601".parse().unwrap()
}

/// Asks for a video of a page.
pub async fn ask(store: &dyn Store, owner: &dyn Owner, key: &str) -> (VideoId, Inserted) {
    let (id, page) = (video_id(), page());
    let new = NewVideoRow {
        id: &id,
        page_id: &page,
        space_id: Some("98306"),
        page_version: 3,
        source_fingerprint: None,
        title: b"title".to_vec(),
        options: "{}".to_owned(),
        script: b"script".to_vec(),
        month: MONTH,
    };
    let inserted = store
        .insert_video(owner, &new, key, &answer("asked"), NOW)
        .await
        .unwrap();
    (id, inserted)
}

/// A queued video.
pub async fn queued(store: &dyn Store, owner: &dyn Owner) -> VideoId {
    let (id, inserted) = ask(store, owner, &video_id().to_string()).await;
    assert!(matches!(inserted, Inserted::New), "{inserted:?}");
    id
}

pub fn answer(text: &str) -> AnswerRow {
    AnswerRow {
        request_hash: text.as_bytes().to_vec(),
        status: 202,
        answer: text.as_bytes().to_vec(),
    }
}

pub const CLAIM: Claim<'static> = Claim {
    worker: "worker",
    lease_until: NOW + 15,
    now: NOW,
    max_attempts: 3,
    per_tenant: 1_000_000,
};

pub async fn claim(store: &dyn Store) -> Option<Lease> {
    store.claim(CLAIM).await.unwrap()
}

pub const FINISHED: FinishedRow<'static> = FinishedRow {
    chapters: Vec::new(),
    duration_ms: 12_500,
    month: MONTH,
    engine: "local",
    seconds: 13,
    now: NOW,
};
