//! Objects in S3.

use std::io::Write as _;
use std::time::Duration;

use axum::body::to_bytes;
use backend::objects::{
    Encryption, MediaFile, ObjectError, Objects, ObjectsConfig, ObjectsStartError, S3Config,
    TenantFolder,
};
use protocol::VideoId;
use reqwest::Method;
use time::OffsetDateTime;

use crate::moto::{LIMITS, Moto, REGION, credentials};

const BUCKET: &str = "golpo-videos";
const VIDEO: &str = "0198c0de-1111-4222-a333-444444444444";

fn config(moto: &Moto, encryption: Encryption) -> ObjectsConfig {
    ObjectsConfig::S3(S3Config {
        bucket: BUCKET.to_owned(),
        prefix: "golpo/tests".to_owned(),
        region: REGION.to_owned(),
        endpoint: Some(moto.endpoint()),
        encryption,
        limits: LIMITS,
    })
}

async fn open(moto: &Moto, encryption: Encryption) -> Result<Objects, ObjectsStartError> {
    Objects::open(&config(moto, encryption), |_| Ok(credentials())).await
}

fn video() -> VideoId {
    VIDEO.parse().unwrap()
}

/// A file of so many bytes, no two parts of it the same.
fn file(length: usize) -> (tempfile::NamedTempFile, Vec<u8>) {
    let bytes: Vec<u8> = (0..length).map(|at| (at / 4096 + at) as u8).collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    (file, bytes)
}

async fn read(objects: &Objects, folder: &TenantFolder, range: std::ops::Range<u64>) -> Vec<u8> {
    let body = objects
        .stream(folder, &video(), MediaFile::Video, range)
        .await
        .unwrap();
    to_bytes(body, usize::MAX).await.unwrap().to_vec()
}

fn key(folder: &TenantFolder, file: MediaFile) -> String {
    format!(
        "/{BUCKET}/golpo/tests/videos/{folder}/{VIDEO}/{}",
        file.name()
    )
}

#[tokio::test]
async fn p07_files_go_to_s3_encrypted_in_parts_and_come_back_by_range() {
    let moto = Moto::start();
    moto.make_bucket(BUCKET).await;
    let objects = open(&moto, Encryption::S3).await.unwrap();
    objects.probe().await.unwrap();
    let folder = TenantFolder::generate().unwrap();

    // Three parts, and a small file that is put at once.
    let (large, bytes) = file(20 * 1024 * 1024 + 7);
    objects
        .put(&folder, &video(), MediaFile::Video, large.path())
        .await
        .unwrap();
    let (small, _) = file(10);
    objects
        .put(&folder, &video(), MediaFile::Captions, small.path())
        .await
        .unwrap();

    let length = objects
        .length(&folder, &video(), MediaFile::Video)
        .await
        .unwrap();
    assert_eq!(length, bytes.len() as u64);
    assert!(read(&objects, &folder, 0..length).await == bytes);
    let range = 8_388_600..8_388_700;
    assert!(read(&objects, &folder, 8_388_600..8_388_700).await == bytes[range]);

    for (file, kind) in [
        (MediaFile::Video, "video/mp4"),
        (MediaFile::Captions, "text/vtt; charset=utf-8"),
    ] {
        let head = moto.call(Method::HEAD, &key(&folder, file), &[], "").await;
        assert_eq!(
            head.headers()["x-amz-server-side-encryption"],
            "AES256",
            "{file:?}"
        );
        assert_eq!(head.headers()["content-type"], kind);
    }

    objects.delete_video(&folder, &video()).await.unwrap();
    objects.delete_video(&folder, &video()).await.unwrap();
    let gone = objects
        .length(&folder, &video(), MediaFile::Video)
        .await
        .unwrap_err();
    assert!(matches!(gone, ObjectError::NotFound), "{gone:?}");
}

#[tokio::test]
async fn p07_a_bucket_is_refused_unless_it_encrypts_as_asked() {
    let moto = Moto::start();
    let error = open(&moto, Encryption::S3).await.err().unwrap();
    assert!(
        matches!(
            error,
            ObjectsStartError::Objects(ObjectError::NotFound | ObjectError::Store(_))
        ),
        "{error:?}"
    );

    moto.make_bucket(BUCKET).await;
    let arn = moto.make_key().await;
    let objects = open(&moto, Encryption::Kms(arn.clone())).await.unwrap();
    let folder = TenantFolder::generate().unwrap();
    let (large, _) = file(9 * 1024 * 1024);
    objects
        .put(&folder, &video(), MediaFile::Video, large.path())
        .await
        .unwrap();
    let head = moto
        .call(Method::HEAD, &key(&folder, MediaFile::Video), &[], "")
        .await;
    assert_eq!(head.headers()["x-amz-server-side-encryption"], "aws:kms");
    assert_eq!(
        head.headers()["x-amz-server-side-encryption-aws-kms-key-id"],
        arn.as_str()
    );

    // Nothing of the probes is left.
    let list = moto
        .call(
            Method::GET,
            &format!("/{BUCKET}?list-type=2&prefix=golpo/tests/health"),
            &[],
            "",
        )
        .await;
    assert!(
        list.text()
            .await
            .unwrap()
            .contains("<KeyCount>0</KeyCount>")
    );

    let on = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
              <Status>Enabled</Status></VersioningConfiguration>";
    moto.call(Method::PUT, &format!("/{BUCKET}?versioning"), &[], on)
        .await;
    let error = open(&moto, Encryption::S3).await.err().unwrap();
    assert!(
        matches!(error, ObjectsStartError::KeepsVersions),
        "{error:?}"
    );
}

#[tokio::test]
async fn p22_a_tenants_folder_is_emptied_and_its_begun_uploads_with_it() {
    let moto = Moto::start();
    moto.make_bucket(BUCKET).await;
    let objects = open(&moto, Encryption::S3).await.unwrap();
    let (mine, other) = (
        TenantFolder::generate().unwrap(),
        TenantFolder::generate().unwrap(),
    );
    // More than one page of a list (1,000).
    for index in 0..1005 {
        let path = format!("/{BUCKET}/golpo/tests/videos/{mine}/{index}");
        moto.call(Method::PUT, &path, &[], "x").await;
    }
    let (small, _) = file(10);
    objects
        .put(&other, &video(), MediaFile::Video, small.path())
        .await
        .unwrap();
    for folder in [&mine, &other] {
        let path = format!("{}?uploads", key(folder, MediaFile::Video));
        moto.call(Method::POST, &path, &[], "").await;
    }

    assert_eq!(objects.delete_folder(&mine).await.unwrap(), 1005);
    assert_eq!(objects.delete_folder(&mine).await.unwrap(), 0);
    assert!(objects.list_videos(&mine).await.unwrap().is_empty());
    assert_eq!(objects.list_videos(&other).await.unwrap(), [video()].into());
    let uploads = async || {
        let answer = moto
            .call(Method::GET, &format!("/{BUCKET}?uploads"), &[], "")
            .await;
        answer.text().await.unwrap()
    };
    let begun = uploads().await;
    assert!(
        !begun.contains(mine.as_str()) && begun.contains(other.as_str()),
        "{begun}"
    );

    // moto tells a fixed date of long ago for every upload.
    let now = OffsetDateTime::now_utc();
    assert_eq!(
        objects
            .sweep_uploads(now, Duration::from_secs(3600))
            .await
            .unwrap(),
        1
    );
    assert!(!uploads().await.contains(other.as_str()));

    // The sweeper takes what the database does not know, once it is old enough.
    let hour = Duration::from_secs(3600);
    let swept = objects
        .sweep::<ObjectError, _, _>(now, hour, async |_, _| Ok(false))
        .await
        .unwrap();
    assert_eq!((swept.videos, swept.orphans), (1, 0));
    let later = now + hour * 2;
    let swept = objects
        .sweep::<ObjectError, _, _>(later, hour, async |_, _| Ok(true))
        .await
        .unwrap();
    assert_eq!((swept.videos, swept.orphans), (1, 0));
    let swept = objects
        .sweep::<ObjectError, _, _>(later, hour, async |_, _| Ok(false))
        .await
        .unwrap();
    assert_eq!((swept.videos, swept.orphans), (1, 1));
    assert!(objects.list_videos(&other).await.unwrap().is_empty());
}

#[tokio::test]
async fn p07_a_bucket_that_anybody_may_read_is_refused() {
    let moto = Moto::start();
    moto.make_bucket(BUCKET).await;
    let set = async |query: &str, headers: &[(&str, &str)], body: &str| {
        let path = format!("/{BUCKET}?{query}");
        let answer = moto.call(Method::PUT, &path, headers, body).await;
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    };
    let opened = async || {
        let opened = open(&moto, Encryption::S3).await;
        opened.map(drop).map_err(|error| error.code())
    };
    assert_eq!(opened().await, Ok(()));

    let policy = |principal: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::{BUCKET}/*"}}]}}"#
        )
    };
    set(
        "policy",
        &[],
        &policy(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#),
    )
    .await;
    assert_eq!(opened().await, Ok(()));
    set("policy", &[], &policy(r#""*""#)).await;
    assert_eq!(opened().await, Err("objects_public"));

    // Blocked, the same policy opens nothing; half blocked it does.
    let block = |restrict: bool| {
        format!(
            "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
             <BlockPublicPolicy>true</BlockPublicPolicy>\
             <RestrictPublicBuckets>{restrict}</RestrictPublicBuckets>\
             </PublicAccessBlockConfiguration>"
        )
    };
    set("publicAccessBlock", &[], &block(true)).await;
    assert_eq!(opened().await, Ok(()));
    set("publicAccessBlock", &[], &block(false)).await;
    assert_eq!(opened().await, Err("objects_public"));

    moto.call(Method::DELETE, &format!("/{BUCKET}?policy"), &[], "")
        .await;
    assert_eq!(opened().await, Ok(()));
    set("acl", &[("x-amz-acl", "public-read")], "").await;
    assert_eq!(opened().await, Err("objects_public"));
}
