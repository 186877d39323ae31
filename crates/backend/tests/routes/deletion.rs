//! Deletion on request, at uninstall and by age: rows, files, jobs and keys, and the receipt.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use backend::deletion::Target;
use backend::records::RecordsError;
use backend::store::{Owner as _, Which};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fit::Clock as _;
use serde_json::{Value, json};

use super::support::{Behaviour, KEY_A, KEY_B, Service, answer, contains, new_video};

/// As they are, or as PostgreSQL writes them.
fn contains_bytes(bytes: &[u8], part: &[u8]) -> bool {
    let escaped = part.iter().map(|byte| match byte {
        b'\\' => "\\\\".to_owned(),
        32..=126 => char::from(*byte).to_string(),
        byte => format!("\\{byte:03o}"),
    });
    bytes.windows(part.len()).any(|window| window == part)
        || contains(bytes, &escaped.collect::<String>())
}

impl Service {
    async fn delete(&self, site: &str, path: &str) -> Value {
        answer(self.of(site, "DELETE", path).send().await.unwrap()).await
    }

    /// Two videos of a site: one done, one waiting.
    async fn two_videos(&self, site: &str) -> [String; 2] {
        let done = self.create(site, KEY_A).await;
        let worker = self.worker(Behaviour::Makes);
        self.wait(site, &done, "done").await;
        worker.stop().await;
        [done, self.create(site, KEY_B).await]
    }

    /// What a receipt says, its signature verified with the published key.
    async fn verified(&self, receipt: &Value) -> Value {
        let keys = self.bare("GET", "/.well-known/deletion-receipts.json");
        let keys = answer(keys.send().await.unwrap()).await["body"].clone();
        let key = &keys["keys"][0];
        let parts: Vec<&str> = receipt.as_str().unwrap().split('.').collect();
        let [header, payload, signature] = parts[..] else {
            panic!("{receipt}");
        };
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
        assert_eq!(
            (&header["alg"], &header["kid"]),
            (&json!("EdDSA"), &key["kid"])
        );
        let signed = receipt.as_str().unwrap().rsplit_once('.').unwrap().0;
        let public = decoded(key["x"].as_str().unwrap());
        let public = UnparsedPublicKey::new(&ED25519, public);
        public
            .verify(signed.as_bytes(), &decoded(signature))
            .unwrap();
        let changed = signed.replace('e', "f");
        assert!(
            public
                .verify(changed.as_bytes(), &decoded(signature))
                .is_err()
        );
        serde_json::from_slice(&decoded(payload)).unwrap()
    }
}

#[tokio::test]
async fn p22_a_deleted_video_is_gone_and_a_signed_receipt_says_so() {
    let service = Service::start().await;
    let [done, waiting] = service.two_videos("site-a").await;
    assert_eq!(service.object_names().len(), 3);
    let deletion = service
        .delete("site-a", &format!("/v1/videos/{done}"))
        .await;
    assert_eq!(deletion["status"], 200, "{deletion}");
    let deletion = &deletion["body"];
    assert_eq!(
        (&deletion["kind"], &deletion["reason"], &deletion["state"]),
        (&json!("video"), &json!("request"), &json!("verified"))
    );
    let receipt = service.verified(&deletion["receipt"]).await;
    assert_eq!(receipt["target"], done);
    assert_eq!(receipt["id"], deletion["id"]);
    assert_eq!(
        receipt["removed"],
        json!({ "videos": 1, "jobs": 0, "answers": 1, "apiKeys": 0, "charges": 0, "dataKeys": 0, "objects": 3 })
    );
    assert_eq!(receipt["remaining"], 0);
    assert_eq!(service.object_names(), Vec::<String>::new());
    // It can be looked at again, by its own site.
    let path = format!("/v1/deletions/{}", deletion["id"].as_str().unwrap());
    assert_eq!(&service.get("site-a", &path).await["body"], deletion);
    assert_eq!(service.get("site-b", &path).await["status"], 404);
    assert_eq!(
        service.get("site-a", "/v1/deletions/x").await["status"],
        404
    );
    // What was used stays used.
    assert_eq!(
        service.get("site-a", "/v1/usage").await["body"]["videos"],
        1
    );
    assert_eq!(
        service
            .get("site-a", &format!("/v1/videos/{waiting}"))
            .await["status"],
        200
    );
}

#[tokio::test]
async fn p22_the_videos_of_a_page_are_deleted_together() {
    let service = Service::start().await;
    let [done, waiting] = service.two_videos("site-a").await;
    let body = new_video("65602");
    let key = "6b0f8f5e-2a54-4a0e-9a51-0f3f6a1f0a03";
    let other = service.post("site-a", key, &body).await;
    let other = other["body"]["id"].as_str().unwrap().to_owned();
    let foreign = service.create("site-b", KEY_A).await;
    let deletion = service.delete("site-a", "/v1/pages/65601/videos").await["body"].clone();
    let receipt = service.verified(&deletion["receipt"]).await;
    assert_eq!(
        (&receipt["kind"], &receipt["target"]),
        (&json!("page"), &json!("65601"))
    );
    assert_eq!(receipt["removed"]["videos"], 2);
    assert_eq!(receipt["removed"]["jobs"], 1);
    for id in [&done, &waiting] {
        let video = service.get("site-a", &format!("/v1/videos/{id}")).await;
        assert_eq!(video["body"]["code"], "video_not_found");
    }
    for (site, id) in [("site-a", &other), ("site-b", &foreign)] {
        let video = service.get(site, &format!("/v1/videos/{id}")).await;
        assert_eq!(video["status"], 200);
    }
    // Nothing is there any more, which is verified as well.
    let again = service.delete("site-a", "/v1/pages/65601/videos").await["body"].clone();
    assert_eq!(
        service.verified(&again["receipt"]).await["removed"]["videos"],
        0
    );
    assert_eq!(
        service.delete("site-a", "/v1/pages/x/videos").await["status"],
        400
    );
}

#[tokio::test]
async fn p23_an_uninstalled_site_is_deleted_with_its_key_and_may_come_back() {
    let service = Service::start().await;
    service.two_videos("site-a").await;
    let kept = service.create("site-b", KEY_A).await;
    let put = service.of("site-a", "PUT", "/v1/api-key");
    put.json(&json!({ "apiKey": "golpo-key-of-the-heron" }))
        .send()
        .await
        .unwrap();
    let tenants = service.records.store().tenants("", 10).await.unwrap();
    let tenant = tenants[0].tenant.clone();
    assert!(tenant.tenant_id().contains("site-a"), "{tenant:?}");
    let row = service
        .records
        .store()
        .tenant(&tenant)
        .await
        .unwrap()
        .unwrap();
    assert!(contains(&service.database_bytes(), &row.folder));

    // As the app sends it: no body, no key; and once more, since the first answer may get lost.
    let noted = answer(
        service
            .of("site-a", "POST", "/v1/uninstalled")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(noted["status"], 202, "{noted}");
    let again = answer(
        service
            .of("site-a", "POST", "/v1/uninstalled")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(noted, again);
    // From here on the site is asked to wait, and no worker takes its jobs.
    let refused = service.get("site-a", "/v1/videos").await;
    assert_eq!(refused["body"]["code"], "site_deleting");
    let path = format!("/v1/deletions/{}", noted["body"]["id"].as_str().unwrap());
    assert_eq!(
        service.get("site-a", &path).await["body"]["state"],
        "running"
    );
    let worker = service.worker(Behaviour::Makes);
    service.wait("site-b", &kept, "done").await;
    worker.stop().await;

    service.upkeep().once().await;
    let deletion = service.get("site-a", &path).await["body"].clone();
    let receipt = service.verified(&deletion["receipt"]).await;
    assert_eq!(receipt["tenant"], tenant.tenant_id());
    assert_eq!(receipt["reason"], "uninstalled");
    assert_eq!(
        receipt["removed"],
        json!({ "videos": 2, "jobs": 1, "answers": 2, "apiKeys": 1, "charges": 1, "dataKeys": 1, "objects": 3 })
    );
    let store = service.records.store();
    assert!(store.tenant(&tenant).await.unwrap().is_none());
    let left = service.object_names();
    assert!(
        left.len() == 3 && left.iter().all(|name| name.contains(&kept)),
        "{left:?}"
    );

    // Installed again, it is a new tenant with a new key and a new folder, and nothing is there.
    let videos = service.get("site-a", "/v1/videos").await;
    assert_eq!(videos["body"]["videos"], json!([]));
    assert_eq!(
        service.get("site-a", "/v1/usage").await["body"]["videos"],
        0
    );
    let new = store.tenant(&tenant).await.unwrap().unwrap();
    assert!(new.folder != row.folder && new.key != row.key);
    // What ended then must not touch what came since.
    service.create("site-a", KEY_A).await;
    service.upkeep().once().await;
    let videos = service.get("site-a", "/v1/videos").await;
    assert_eq!(videos["body"]["videos"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn p22_a_site_deletes_everything_and_asks_with_a_key() {
    let service = Service::start().await;
    service.create("site-a", KEY_A).await;
    let ask = async |site: &str, key: &str| {
        let request = service.of(site, "DELETE", "/v1/site");
        let request = request.header("idempotency-key", key);
        answer(request.send().await.unwrap()).await
    };
    let first = ask("site-a", KEY_A).await;
    assert_eq!(first["status"], 202);
    let mut upkeep = service.upkeep();
    upkeep.once().await;
    // The same key is answered as before, also when it is done; it deletes nothing anew.
    service.create("site-a", KEY_B).await;
    assert_eq!(ask("site-a", KEY_A).await, first);
    upkeep.once().await;
    let videos = service.get("site-a", "/v1/videos").await;
    assert_eq!(videos["body"]["videos"].as_array().unwrap().len(), 1);
    // Another site's same key is another one's.
    assert_ne!(ask("site-b", KEY_A).await["body"], first["body"]);
    assert_eq!(
        ask("site-a", "not a uuid").await["body"]["code"],
        "invalid_request"
    );
}

#[tokio::test]
async fn p23_videos_past_their_retention_are_deleted_by_the_same_code() {
    let service = Service::start().await;
    let done = service.create("site-a", KEY_A).await;
    let long = service.create("site-b", KEY_A).await;
    let worker = service.worker(Behaviour::Makes);
    service.wait("site-a", &done, "done").await;
    service.wait("site-b", &long, "done").await;
    worker.stop().await;
    let limits = json!({ "retentionDays": 400 });
    let put = service.of("site-b", "PUT", "/v1/limits").json(&limits);
    assert_eq!(put.send().await.unwrap().status(), 200);
    let mut upkeep = service.upkeep();
    upkeep.once().await;
    assert_eq!(service.object_names().len(), 6);
    service.clock.forward(90 * 86_400 + 1);
    upkeep.once().await;
    let videos = service.get("site-a", "/v1/videos").await;
    assert_eq!(videos["body"]["videos"], json!([]));
    let names = service.object_names();
    assert!(
        names.len() == 3 && names.iter().all(|name| name.contains(&long)),
        "{names:?} {done}"
    );
    let videos = service.get("site-b", "/v1/videos").await;
    assert_eq!(videos["body"]["videos"].as_array().unwrap().len(), 1);
    service.clock.forward(400 * 86_400);
    upkeep.once().await;
    assert_eq!(service.object_names(), Vec::<String>::new());
}

#[tokio::test]
async fn a_suspended_site_is_refused_and_its_data_can_still_be_deleted() {
    let service = Service::start().await;
    service.create("site-a", KEY_A).await;
    let store = service.records.store();
    let tenant = store.tenants("", 1).await.unwrap()[0].tenant.clone();
    let suspended = backend::store::TenantState::Suspended;
    store.set_state(&tenant, suspended).await.unwrap();
    service.records.forget(&tenant);
    let refused = service.get("site-a", "/v1/videos").await;
    assert_eq!(refused["body"]["code"], "site_suspended");
    let noted = service.delete("site-a", "/v1/site").await;
    assert_eq!(noted["status"], 202);
    service.upkeep().once().await;
    assert!(store.tenant(&tenant).await.unwrap().is_none());
}

#[tokio::test]
async fn p22_a_deletion_that_was_interrupted_is_ended_by_whoever_comes_next() {
    let service = Service::start().await;
    let [done, waiting] = service.two_videos("site-a").await;
    let store = service.records.store();
    let tenant = store.tenants("", 1).await.unwrap()[0].tenant.clone();
    let reason = protocol::DeletionReason::Request;
    let mut noted = Vec::new();
    for id in [&done, &waiting] {
        let target = Target::Video(id.parse().unwrap());
        let deletion = service.deletions.note(&tenant, &target, reason, None);
        noted.push(deletion.await.unwrap());
        // Asked for again while it is open, it is the same.
        let again = service.deletions.note(&tenant, &target, reason, None);
        assert_eq!(&again.await.unwrap(), noted.last().unwrap());
    }
    // The program ended here: of one video nothing was done, of the other the row was gone and the
    // files were not.
    let one = done.parse().unwrap();
    store
        .delete_videos(&tenant, Which::One(&one))
        .await
        .unwrap();
    assert_eq!(service.object_names().len(), 3);
    for id in &noted {
        let path = format!("/v1/deletions/{id}");
        let deletion = service.get("site-a", &path).await;
        assert_eq!(deletion["body"]["state"], "running");
        assert!(deletion["body"].get("receipt").is_none());
    }
    service.upkeep().once().await;
    assert_eq!(service.object_names(), Vec::<String>::new());
    assert!(store.open_deletions().await.unwrap().is_empty());
    for (id, (videos, objects)) in noted.iter().zip([(0, 3), (1, 0)]) {
        let path = format!("/v1/deletions/{id}");
        let deletion = service.get("site-a", &path).await["body"].clone();
        let receipt = service.verified(&deletion["receipt"]).await;
        assert_eq!(receipt["removed"]["videos"], videos);
        assert_eq!(receipt["removed"]["objects"], objects);
    }
}

#[tokio::test]
async fn p22_what_a_tenant_left_can_be_opened_by_nobody() {
    let service = Service::start().await;
    service.create("site-a", KEY_A).await;
    let store = service.records.store();
    let tenant = store.tenants("", 1).await.unwrap()[0].tenant.clone();
    let row = store.tenant(&tenant).await.unwrap().unwrap();
    let before = service.database_bytes();
    assert!(contains_bytes(&before, &row.key.bytes) && contains(&before, &row.folder));
    service.delete("site-a", "/v1/site").await;
    service.upkeep().once().await;
    // Neither the key nor a page of the file that was freed, nor the log, has it any more.
    let after = service.database_bytes();
    assert!(!contains_bytes(&after, &row.key.bytes));
    let key = service.records.key(&tenant).await;
    assert!(matches!(key, Err(RecordsError::Unknown)));
}

#[tokio::test]
async fn p23_the_files_of_no_row_are_swept() {
    let service = Service::start().await;
    let [done, _] = service.two_videos("site-a").await;
    let store = service.records.store();
    let tenant = store.tenants("", 1).await.unwrap()[0].tenant.clone();
    let one = done.parse().unwrap();
    store
        .delete_videos(&tenant, Which::One(&one))
        .await
        .unwrap();
    let age = std::time::SystemTime::now();
    let age = age.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    // The files are as old as the real clock says; the row of a young one may be on its way.
    let ahead = |hours: i64| age.cast_signed() + hours * 3600 - service.clock.unix_seconds();
    service.clock.forward(ahead(0));
    service.upkeep().once().await;
    assert_eq!(service.object_names().len(), 3);
    service.clock.forward(ahead(2));
    service.upkeep().once().await;
    assert_eq!(service.object_names(), Vec::<String>::new());
}
