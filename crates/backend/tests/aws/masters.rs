//! That a database goes with its master keys alone.

use std::sync::Arc;

use backend::config::MasterKeySource;
use backend::masters::{Masters, MastersError, check};
use backend::store::{self, Store};
use backend::vault::keys::KeyRingLimits;
use backend::vault::master::MasterKeyError;
use backend::vault::{KeyRing, MasterKeys};
use fit::{Audiences, Jwks, Tenant};

use crate::kms::keys;
use crate::moto::Moto;
use crate::tokens::{AUDIENCE, Signer, claims};

const NOW: i64 = 1_800_000_000;

fn ring(masters: Arc<dyn MasterKeys>) -> KeyRing {
    KeyRing::new(masters, KeyRingLimits::default())
}

/// A ring over a file's keys.
fn of_file(directory: &tempfile::TempDir, name: &str) -> KeyRing {
    let path = directory.path().join(name);
    let masters = Masters::open(&MasterKeySource::File { path, create: true });
    ring(masters.unwrap().shared())
}

async fn database(directory: &tempfile::TempDir) -> Arc<dyn Store> {
    let url = format!("sqlite://{}/golpo.db", directory.path().display());
    store::open(&url).await.unwrap()
}

fn tenant(site: &str) -> Tenant {
    let signer = Signer::new("test-key");
    let keys = Jwks::parse(signer.jwks().as_bytes()).unwrap();
    let audiences = Audiences::new([AUDIENCE.to_owned()]).unwrap();
    fit::verify(&signer.sign(&claims(site, NOW)), &keys, &audiences, NOW).unwrap()
}

fn is_unknown(checked: Result<(), MastersError>) -> bool {
    matches!(
        checked,
        Err(MastersError::MasterKey(MasterKeyError::Unknown(_)))
    )
}

#[tokio::test]
async fn p07_a_database_opens_with_its_own_master_key_alone() {
    let moto = Moto::start();
    let arn = moto.make_key().await;
    let directory = tempfile::tempdir().unwrap();
    let store = database(&directory).await;

    check(store.as_ref(), &of_file(&directory, "first.key"))
        .await
        .unwrap();
    check(store.as_ref(), &of_file(&directory, "first.key"))
        .await
        .unwrap();
    // Another file, made anew since the name was wrong.
    let other = of_file(&directory, "second.key");
    assert!(is_unknown(check(store.as_ref(), &other).await));
    // KMS in place of the file.
    let kms = ring(Arc::new(keys(&moto, &arn, &[])));
    assert!(is_unknown(check(store.as_ref(), &kms).await));

    // And the other way round, with KMS that does not answer in between.
    let directory = tempfile::tempdir().unwrap();
    let store = database(&directory).await;
    check(store.as_ref(), &kms).await.unwrap();
    let file = of_file(&directory, "first.key");
    assert!(is_unknown(check(store.as_ref(), &file).await));
    let away = ring(Arc::new(keys(&moto, &arn, &[])));
    drop(moto);
    check(store.as_ref(), &away).await.unwrap();
}

#[tokio::test]
async fn p07_tenants_of_before_must_open_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let store = database(&directory).await;
    let first = of_file(&directory, "first.key");
    let tenant = tenant("site-a");
    let key = first.create(tenant.id()).await.unwrap();
    store.register(&tenant, "folder", &key, NOW).await.unwrap();
    let other = of_file(&directory, "second.key");
    assert!(is_unknown(check(store.as_ref(), &other).await));
    assert!(store.service_key("receipts").await.unwrap().is_none());
    check(store.as_ref(), &first).await.unwrap();
    assert!(is_unknown(check(store.as_ref(), &other).await));
}
