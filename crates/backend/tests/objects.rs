//! Objects on a local disk.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::to_bytes;
use backend::objects::{MediaFile, ObjectError, Objects, Swept, TenantFolder};
use protocol::VideoId;
use time::OffsetDateTime;

const HOUR: Duration = Duration::from_secs(3600);

fn video(number: u32) -> VideoId {
    format!("0198c0de-1111-4222-a333-{number:012}")
        .parse()
        .unwrap()
}

fn source(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("source");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Every file under a folder, by its path there.
fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let path = entry.path();
                found.push(path.strip_prefix(root).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn a_file_comes_back_by_range_and_is_replaced_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::local(&folder.path().join("objects")).unwrap();
    let tenant = TenantFolder::generate().unwrap();
    // More than one part.
    let bytes: Vec<u8> = (0..9 * 1024 * 1024)
        .map(|at: usize| (at / 4096 + at) as u8)
        .collect();
    for length in [0, 10, 8 * 1024 * 1024, bytes.len()] {
        let path = source(folder.path(), &bytes[..length]);
        objects
            .put(&tenant, &video(1), MediaFile::Video, &path)
            .await
            .unwrap();
        let found = objects
            .length(&tenant, &video(1), MediaFile::Video)
            .await
            .unwrap();
        assert_eq!(found, length as u64);
    }
    let body = objects
        .stream(&tenant, &video(1), MediaFile::Video, 8_388_600..8_388_700)
        .await
        .unwrap();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    assert!(body == bytes[8_388_600..8_388_700]);

    let missing = folder.path().join("missing");
    let error = objects
        .put(&tenant, &video(2), MediaFile::Video, &missing)
        .await
        .unwrap_err();
    assert!(matches!(error, ObjectError::Copy(_)), "{error:?}");
    let error = objects
        .length(&tenant, &video(2), MediaFile::Video)
        .await
        .unwrap_err();
    assert!(matches!(error, ObjectError::NotFound), "{error:?}");
}

#[cfg(unix)]
#[test]
fn p07_the_directory_is_made_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("var/objects");
    Objects::local(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn p22_a_tenants_folder_is_emptied_of_everything_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("objects");
    let objects = Objects::local(&root).unwrap();
    let (mine, other) = (
        TenantFolder::generate().unwrap(),
        TenantFolder::generate().unwrap(),
    );
    let path = source(folder.path(), b"text");
    for number in 0..3 {
        for file in MediaFile::ALL {
            objects
                .put(&mine, &video(number), file, &path)
                .await
                .unwrap();
        }
    }
    objects
        .put(&other, &video(9), MediaFile::Poster, &path)
        .await
        .unwrap();
    // What a crash in the middle of an upload leaves, which no listing shows.
    std::fs::write(
        root.join(format!("videos/{mine}/{}/video.mp4#1", video(1))),
        "half",
    )
    .unwrap();

    assert_eq!(objects.list_videos(&mine).await.unwrap().len(), 3);
    assert_eq!(objects.delete_folder(&mine).await.unwrap(), 9);
    assert_eq!(
        files(&root),
        [format!("videos/{other}/{}/poster.png", video(9))]
    );
    assert_eq!(objects.delete_folder(&mine).await.unwrap(), 0);
    assert!(objects.list_videos(&mine).await.unwrap().is_empty());

    objects.delete_video(&other, &video(9)).await.unwrap();
    objects.delete_video(&other, &video(9)).await.unwrap();
    assert!(files(&root).is_empty());
}

#[tokio::test]
async fn the_sweeper_takes_old_files_of_unknown_videos_alone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("objects");
    let objects = Objects::local(&root).unwrap();
    let tenant = TenantFolder::generate().unwrap();
    let path = source(folder.path(), b"text");
    for number in 0..4 {
        for file in MediaFile::ALL {
            objects
                .put(&tenant, &video(number), file, &path)
                .await
                .unwrap();
        }
    }
    std::fs::write(root.join("videos/foreign.txt"), "not ours").unwrap();
    let half = root.join(format!("videos/{tenant}/{}/video.mp4#1", video(1)));
    std::fs::write(&half, "half").unwrap();
    // One file of an orphan is young: its row may be on its way.
    let young = root.join(format!("videos/{tenant}/{}/poster.png", video(3)));
    let later = OffsetDateTime::now_utc() + HOUR * 2;
    std::fs::File::options()
        .write(true)
        .open(young)
        .unwrap()
        .set_modified(later.into())
        .unwrap();

    let mut asked = Vec::new();
    let known = video(1);
    let sweep = objects.sweep::<ObjectError, _, _>(later, HOUR, |folder, video| {
        assert_eq!(folder, tenant);
        asked.push(video.clone());
        let exists = video == known;
        async move { Ok(exists) }
    });
    let swept = sweep.await.unwrap();
    assert_eq!(
        swept,
        Swept {
            videos: 4,
            orphans: 2,
            foreign: 1
        }
    );
    asked.sort();
    assert_eq!(asked, [video(0), video(1), video(2)]);
    let left = objects.list_videos(&tenant).await.unwrap();
    assert_eq!(left, [video(1), video(3)].into());

    assert_eq!(
        objects.sweep_uploads(later - HOUR * 2, HOUR).await.unwrap(),
        0
    );
    assert_eq!(objects.sweep_uploads(later, HOUR).await.unwrap(), 1);
    assert!(!half.exists() && root.join("videos/foreign.txt").exists());
}
