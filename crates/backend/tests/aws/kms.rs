//! Master keys in KMS.

use std::sync::Arc;

use backend::vault::keys::KeyRingLimits;
use backend::vault::master::MasterKeyError;
use backend::vault::{
    DataKey, Field, KeyArn, KeyRing, KmsConfig, KmsMasterKeys, MasterKeys, Place, WrappedKey,
};
use serde_json::json;

use crate::moto::{LIMITS, Moto, credentials};

const PLACE: Place<'static> = Place {
    tenant_id: "site-a",
    field: Field::Script,
    record: "video",
};

pub fn keys(moto: &Moto, current: &str, former: &[&str]) -> KmsMasterKeys {
    let config = KmsConfig {
        current: KeyArn::parse(current).unwrap(),
        former: former
            .iter()
            .map(|arn| KeyArn::parse(arn).unwrap())
            .collect(),
        endpoint: Some(moto.endpoint()),
        limits: LIMITS,
    };
    KmsMasterKeys::new(&config, &credentials()).unwrap()
}

#[tokio::test]
async fn p07_kms_wraps_a_data_key_for_one_tenant_and_one_key_alone() {
    let moto = Moto::start();
    let arn = moto.make_key().await;
    let keys = keys(&moto, &arn, &[]);
    keys.probe().await.unwrap();

    let data_key = DataKey::generate().unwrap();
    let sealed = data_key.seal(PLACE, b"tell of the moon").unwrap();
    let wrapped = keys.wrap(&data_key, "site-a").await.unwrap();
    assert_eq!(wrapped.master, arn);
    let unwrapped = keys.unwrap(&wrapped, "site-a").await.unwrap();
    assert_eq!(
        unwrapped.open(PLACE, &sealed).unwrap().as_slice(),
        b"tell of the moon"
    );

    let error = keys.unwrap(&wrapped, "site-b").await.unwrap_err();
    assert!(matches!(error, MasterKeyError::Refused), "{error:?}");

    // The right bytes under the name of another key that is ours as well.
    let other = moto.make_key().await;
    let both = self::keys(&moto, &other, &[&arn]);
    let renamed = WrappedKey {
        master: other.clone(),
        ..wrapped.clone()
    };
    let error = both.unwrap(&renamed, "site-a").await.unwrap_err();
    assert!(!error.is_passing(), "{error:?}");

    // A key that is not configured is not even asked.
    let stranger = self::keys(&moto, &other, &[]);
    let error = stranger.unwrap(&wrapped, "site-a").await.unwrap_err();
    assert!(matches!(error, MasterKeyError::Unknown(_)), "{error:?}");
}

#[tokio::test]
async fn p19_another_kms_key_takes_over_while_former_ones_still_unwrap() {
    let moto = Moto::start();
    let old = moto.make_key().await;
    let new = moto.make_key().await;
    let before = KeyRing::new(Arc::new(keys(&moto, &old, &[])), KeyRingLimits::default());
    let wrapped = before.create("site-a").await.unwrap();
    let sealed = before.key("site-a", &wrapped).await.unwrap();
    let sealed = sealed.seal(PLACE, b"text").unwrap();

    let after = KeyRing::new(
        Arc::new(keys(&moto, &new, &[&old])),
        KeyRingLimits::default(),
    );
    let rewrapped = after.rewrap("site-a", &wrapped).await.unwrap().unwrap();
    assert_eq!(rewrapped.master, new);
    assert!(after.rewrap("site-a", &rewrapped).await.unwrap().is_none());

    let old_id = old.rsplit('/').next().unwrap();
    moto.kms("DisableKey", json!({"KeyId": old_id})).await;
    let only_new = KeyRing::new(Arc::new(keys(&moto, &new, &[])), KeyRingLimits::default());
    let key = only_new.key("site-a", &rewrapped).await.unwrap();
    assert_eq!(key.open(PLACE, &sealed).unwrap().as_slice(), b"text");
}

#[tokio::test]
async fn p07_a_key_that_is_not_there_is_told_by_the_probe() {
    let moto = Moto::start();
    let arn = moto.make_key().await;
    let mut gone = arn.clone();
    gone.truncate(arn.rfind('/').unwrap());
    let gone = format!("{gone}/00000000-1111-4222-8333-444444444444");
    let error = keys(&moto, &gone, &[]).probe().await.unwrap_err();
    assert!(matches!(error, MasterKeyError::Unusable(_)), "{error:?}");
    assert!(!error.is_passing());
}

#[test]
fn p07_a_kms_key_is_named_by_its_arn_alone() {
    let arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    assert_eq!(KeyArn::parse(arn).unwrap().as_str(), arn);
    KeyArn::parse("arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234abcd").unwrap();
    for other in [
        "",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "alias/golpo",
        "arn:aws:kms:eu-central-1:111122223333:alias/golpo",
        "arn:aws:s3:eu-central-1:111122223333:key/1234abcd",
        "arn:aws:kms:evil.example.org/:111122223333:key/1234abcd",
        "arn:aws:kms:eu-central-1:111122223333:key/",
        "arn:aws:kms:eu-central-1:1111x:key/1234abcd",
    ] {
        let error = KeyArn::parse(other).unwrap_err();
        assert!(matches!(error, MasterKeyError::NotAnArn(_)), "{other}");
    }
}
