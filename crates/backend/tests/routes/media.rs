//! Signed addresses: byte ranges, tampering, expiry.

use serde_json::Value;

use super::support::{Behaviour, KEY_A, Service, answer, video_bytes};

async fn finished() -> (Service, Value, String) {
    let service = Service::start().await;
    let id = service.create("site-a", KEY_A).await;
    let worker = service.worker(Behaviour::Makes);
    service.wait("site-a", &id, "done").await;
    worker.stop().await;
    let media = service.media("site-a", &id).await;
    (service, media, id)
}

#[tokio::test]
async fn files_are_whole_or_in_ranges() {
    let (service, media, _) = finished().await;
    let url = media["videoUrl"].as_str().unwrap();
    let bytes = video_bytes();
    let whole = service.bare("GET", url).send().await.unwrap();
    assert_eq!(whole.status(), 200);
    let header = |response: &reqwest::Response, name: &str| {
        response.headers()[name].to_str().unwrap().to_owned()
    };
    for (name, value) in [
        ("content-type", "video/mp4"),
        ("content-length", "200000"),
        ("accept-ranges", "bytes"),
        ("access-control-allow-origin", "*"),
        ("cache-control", "private, max-age=900"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(header(&whole, name), value);
    }
    let etag = header(&whole, "etag");
    assert_eq!(whole.bytes().await.unwrap(), bytes);

    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=1000-2999", 1000, 2999),
        ("bytes=199990-", 199_990, 199_999),
        ("bytes=-5", 199_995, 199_999),
        ("bytes=199999-900000", 199_999, 199_999),
    ] {
        let part = service
            .bare("GET", url)
            .header("range", range)
            .send()
            .await
            .unwrap();
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(
            header(&part, "content-range"),
            format!("bytes {first}-{last}/200000")
        );
        assert_eq!(part.bytes().await.unwrap(), bytes[first..=last], "{range}");
    }
    for (if_range, status) in [(etag.as_str(), 206), ("\"another\"", 200)] {
        let part = service
            .bare("GET", url)
            .header("range", "bytes=0-1")
            .header("if-range", if_range);
        assert_eq!(part.send().await.unwrap().status(), status);
    }
    let outside = service
        .bare("GET", url)
        .header("range", "bytes=200000-")
        .send()
        .await
        .unwrap();
    assert_eq!(header(&outside, "content-range"), "bytes */200000");
    assert_eq!(answer(outside).await["status"], 416);

    let head = service.bare("HEAD", url).send().await.unwrap();
    assert_eq!(
        (
            head.status().as_u16(),
            header(&head, "content-length").as_str()
        ),
        (200, "200000")
    );
    assert!(head.bytes().await.unwrap().is_empty());
    for (name, kind) in [
        ("captionsUrl", "text/vtt; charset=utf-8"),
        ("posterUrl", "image/png"),
    ] {
        let file = service
            .bare("GET", media[name].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(
            (
                file.status().as_u16(),
                header(&file, "content-type").as_str()
            ),
            (200, kind)
        );
    }
}

#[tokio::test]
async fn p05_a_changed_address_is_refused() {
    let (service, media, id) = finished().await;
    let url = media["videoUrl"].as_str().unwrap();
    let (path, query) = url.split_once('?').unwrap();
    let expires = query
        .split_once('&')
        .unwrap()
        .0
        .strip_prefix("expires=")
        .unwrap();
    let signature = query.split_once("signature=").unwrap().1;
    let later: i64 = expires.parse::<i64>().unwrap() + 1;
    let other_id = "0198c0de-0000-7000-8000-000000000001";
    let mut table = vec![
        path.to_owned(),
        format!("{path}?expires={later}&signature={signature}"),
        format!("{path}?expires={expires}"),
        format!("{path}?expires={expires}&signature="),
        format!(
            "{path}?expires={expires}&signature={}",
            signature.to_uppercase()
        ),
        format!("{path}?expires={expires}&signature={signature}00"),
        format!("{path}?expires=&signature={signature}"),
        format!("{path}?expires=99999999999999999999&signature={signature}"),
        format!("{path}?expires={expires}&signature={signature}&signature={signature}"),
        url.replace("video.mp4", "poster.png"),
        url.replace("video.mp4", "master.key"),
        url.replace("video.mp4", "..%2Fvideo.mp4"),
        url.replace(&id, other_id),
        url.replace(&id, "%00"),
        media["captionsUrl"]
            .as_str()
            .unwrap()
            .replace("captions.vtt", "video.mp4"),
    ];
    for index in 0..signature.len() {
        let mut changed = signature.to_owned();
        let digit = if &signature[index..=index] == "0" {
            "1"
        } else {
            "0"
        };
        changed.replace_range(index..=index, digit);
        table.push(format!("{path}?expires={expires}&signature={changed}"));
    }
    for url in table {
        let answer = answer(service.bare("GET", &url).send().await.unwrap()).await;
        assert_eq!(answer["body"]["code"], "media_link_invalid", "{url}");
    }
    assert_eq!(service.bare("GET", url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn addresses_stop_working_after_a_quarter_of_an_hour() {
    let (service, media, _) = finished().await;
    assert_eq!(media["expiresAt"], "2027-01-15T08:15:00Z");
    let url = media["videoUrl"].as_str().unwrap();
    service.clock.forward(15 * 60 - 1);
    assert_eq!(service.bare("GET", url).send().await.unwrap().status(), 200);
    service.clock.forward(1);
    let answer = answer(service.bare("GET", url).send().await.unwrap()).await;
    assert_eq!(
        (&answer["status"], &answer["body"]["code"]),
        (&403.into(), &"media_link_expired".into())
    );
}

/// Whose key would verify it is known of no video that is gone, and nobody learns by an address
/// whether a video was ever there.
#[tokio::test]
async fn p05_p22_the_address_of_a_deleted_video_is_that_of_one_that_never_was() {
    let (service, media, id) = finished().await;
    let url = media["captionsUrl"].as_str().unwrap();
    let ask = async |url: &str| answer(service.bare("GET", url).send().await.unwrap()).await;
    assert_eq!(ask(url).await["status"], 200);
    let delete = service.of("site-a", "DELETE", &format!("/v1/videos/{id}"));
    assert_eq!(delete.send().await.unwrap().status(), 200);
    let deleted = ask(url).await;
    assert_eq!(deleted["body"]["code"], "media_link_invalid");
    let never = url.replace(&id, "0198c0de-0000-7000-8000-000000000001");
    assert_eq!(ask(&never).await, deleted);
    // Who asks for the addresses anew, as a person does who reloads the page, is told what it is.
    let addresses = format!("/v1/videos/{id}/media");
    let addresses = service.get("site-a", &addresses).await;
    assert_eq!(addresses["body"]["code"], "video_not_found");
}
