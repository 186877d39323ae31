//! Asking for videos, listing and deleting them, each tenant for itself (P5).

use fit::Clock as _;
use serde_json::{Value, json};

use super::support::{
    Behaviour, CHAPTER, KEY_A, KEY_B, PRINCIPAL, Service, TEXT, TITLE, answer, contains, new_video,
};

#[tokio::test]
async fn a_video_is_made_from_start_to_end() {
    let service = Service::start().await;
    let mut created = service.post("site-a", KEY_A, &new_video("65601")).await;
    let id = created["body"]["id"].as_str().unwrap().to_owned();
    created["body"]["id"] = "[id]".into();
    insta::assert_json_snapshot!(created, @r#"
    {
      "body": {
        "createdAt": "2027-01-15T08:00:00Z",
        "durationMs": null,
        "failure": null,
        "finishedAt": null,
        "id": "[id]",
        "options": {
          "language": "en",
          "length": "auto",
          "music": "none",
          "orientation": "landscape",
          "style": "whiteboard",
          "voice": "female1"
        },
        "pageId": "65601",
        "pageVersion": 3,
        "percent": 0,
        "sourceFingerprint": null,
        "stage": "waiting",
        "state": "queued",
        "title": "Canary title of the pelican plan"
      },
      "status": 202
    }
    "#);
    let path = format!("/v1/videos/{id}/media");
    assert_eq!(
        service.get("site-a", &path).await["body"]["code"],
        "video_not_ready"
    );

    let worker = service.worker(Behaviour::Makes);
    let done = service.wait("site-a", &id, "done").await;
    assert_eq!(
        (&done["percent"], &done["durationMs"]),
        (&json!(100), &json!(12_500))
    );
    assert_eq!(done["finishedAt"], "2027-01-15T08:00:00Z");
    assert_eq!(
        service.media("site-a", &id).await["chapters"][0]["title"],
        CHAPTER
    );
    insta::assert_json_snapshot!(service.get("site-a", "/v1/usage").await, @r#"
    {
      "body": {
        "month": "2027-01",
        "seconds": 13,
        "videos": 1
      },
      "status": 200
    }
    "#);
    assert_eq!(
        service.get("site-b", "/v1/usage").await["body"]["videos"],
        0
    );
    service.clock.forward(31 * 24 * 3600);
    assert_eq!(
        service.get("site-a", "/v1/usage").await["body"]["videos"],
        0,
        "a new month"
    );
    worker.stop().await;
}

const FINGERPRINT: &str = "1-0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn what_the_page_said_is_kept_with_the_video() {
    let service = Service::start().await;
    let mut asked = new_video("65601");
    asked["sourceFingerprint"] = FINGERPRINT.into();
    let created = service.post("site-a", KEY_A, &asked).await;
    let id = created["body"]["id"].as_str().unwrap();
    let one = service.get("site-a", &format!("/v1/videos/{id}")).await;
    let all = service.get("site-a", "/v1/videos").await;
    for video in [&created["body"], &one["body"], &all["body"]["videos"][0]] {
        assert_eq!(video["sourceFingerprint"], FINGERPRINT);
    }
}

#[tokio::test]
async fn p05_another_tenants_video_does_not_exist() {
    let service = Service::start().await;
    let id = service.create("site-a", KEY_A).await;
    let worker = service.worker(Behaviour::Makes);
    service.wait("site-a", &id, "done").await;
    for (method, path) in [
        ("GET", format!("/v1/videos/{id}")),
        ("GET", format!("/v1/videos/{id}/media")),
        ("DELETE", format!("/v1/videos/{id}")),
    ] {
        let other = answer(service.of("site-b", method, &path).send().await.unwrap()).await;
        assert_eq!(other["body"]["code"], "video_not_found", "{method} {path}");
        // The very answer for a video that never was.
        let never = path.replace(&id, "0198c0de-0000-7000-8000-000000000001");
        let never = answer(service.of("site-b", method, &never).send().await.unwrap()).await;
        assert_eq!(other, never);
    }
    assert_eq!(
        service.get("site-b", "/v1/videos").await["body"]["videos"],
        json!([])
    );
    assert_eq!(
        service.get("site-a", &format!("/v1/videos/{id}")).await["status"],
        200
    );
    // An idempotency key is a tenant's own too.
    assert_ne!(service.create("site-b", KEY_A).await, id);
    worker.stop().await;
}

#[tokio::test]
async fn p07_p08_neither_content_nor_identities_lie_open_on_the_disk() {
    let service = Service::start().await;
    let id = service.create("site-a", KEY_A).await;
    let waiting = service.database_bytes();
    let worker = service.worker(Behaviour::Makes);
    service.wait("site-a", &id, "done").await;
    let done = service.database_bytes();
    for bytes in [&waiting, &done] {
        assert!(
            contains(bytes, &id),
            "the row is among the bytes looked through"
        );
        for text in [TITLE, TEXT, CHAPTER, PRINCIPAL, "712020"] {
            assert!(!contains(bytes, text), "{text}");
        }
    }
    let names = service.object_names().join("\n");
    assert!(names.contains(&id), "{names}");
    for text in ["site-a", "environment", "pelican", "712020"] {
        assert!(!names.contains(text), "{names}");
    }
    worker.stop().await;
}

#[tokio::test]
async fn the_same_request_twice_is_one_video() {
    let service = Service::start().await;
    let first = service.create("site-a", KEY_A).await;
    assert_eq!(service.create("site-a", KEY_A).await, first);
    assert_eq!(service.create("site-a", &KEY_A.to_uppercase()).await, first);
    let conflict = service.post("site-a", KEY_A, &new_video("65602")).await;
    assert_eq!(
        (&conflict["status"], &conflict["body"]["code"]),
        (&json!(409), &json!("idempotency_conflict"))
    );
    assert_ne!(service.create("site-a", KEY_B).await, first);
    let at_once = futures(&service, 20).await;
    assert!(
        at_once.windows(2).all(|pair| pair[0] == pair[1]),
        "{at_once:?}"
    );
}

async fn futures(service: &Service, times: usize) -> Vec<String> {
    let key = "6b0f8f5e-2a54-4a0e-9a51-0f3f6a1f0a03";
    let tasks: Vec<_> = (0..times)
        .map(|_| {
            let request = service.of("site-a", "POST", "/v1/videos");
            let request = request
                .header("idempotency-key", key)
                .json(&new_video("65601"));
            tokio::spawn(async move { answer(request.send().await.unwrap()).await })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.unwrap()["body"]["id"].to_string());
    }
    ids
}

#[tokio::test]
async fn bad_requests_are_told_without_repeating_them() {
    let service = Service::start().await;
    let with = |pointer: &str, value: Value| {
        let mut body = new_video("65601");
        body["sourceFingerprint"] = Value::Null;
        *body.pointer_mut(pointer).unwrap() = value;
        body.to_string()
    };
    let section = json!({ "heading": "", "text": "canary" });
    let table = [
        ("", "invalid_request"),
        ("[]", "invalid_request"),
        ("\"canary\"", "invalid_request"),
        (&with("/pageId", json!("canary")), "invalid_request"),
        (&with("/pageVersion", json!(-1)), "invalid_request"),
        (
            &with("/sourceFingerprint", json!("1-not a fingerprint")),
            "invalid_request",
        ),
        (&with("/script/title", json!("")), "invalid_request"),
        (&with("/script/sections", json!([])), "invalid_request"),
        (
            &with("/script/sections", json!(vec![section; 201])),
            "too_large",
        ),
        (
            &format!("{{\"canary\":{}}}", "[".repeat(100_000)),
            "invalid_request",
        ),
        (
            &with("/script/title", json!("canary".repeat(400_000))),
            "too_large",
        ),
    ];
    for (body, code) in table {
        let request = service.of("site-a", "POST", "/v1/videos");
        let request = request
            .header("idempotency-key", KEY_A)
            .body(body.to_owned());
        let answer = answer(request.send().await.unwrap()).await;
        assert_eq!(answer["body"]["code"], code, "{body:.60}");
        assert!(!answer.to_string().contains("canary"), "{answer}");
    }
    for key in ["", "not-a-uuid", "1"] {
        let answer = service.post("site-a", key, &new_video("65601")).await;
        assert_eq!(
            answer["body"]["detail"],
            "The header Idempotency-Key must hold a UUID."
        );
    }
    for path in [
        "/v1/videos?limit=0",
        "/v1/videos?limit=101",
        "/v1/videos?pageId=x",
        "/v1/videos?cursor=x",
        "/v1/videos?limit=canary",
    ] {
        let answer = service.get("site-a", path).await;
        assert_eq!(answer["body"]["code"], "invalid_request", "{path}");
        assert!(!answer.to_string().contains("canary"));
    }
    for path in [
        "/v1/videos/canary",
        "/v1/videos/%ff",
        "/v1/videos/..%2f..",
        "/v1/videos/0198C0DE-0000-7000-8000-000000000001",
    ] {
        assert_eq!(
            service.get("site-a", path).await["body"]["code"],
            "video_not_found",
            "{path}"
        );
    }
    assert_eq!(
        service.get("site-a", "/v1/videos").await["body"]["videos"],
        json!([])
    );
}

#[tokio::test]
async fn a_list_is_newest_first_in_pages_and_by_page() {
    let service = Service::start().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let key = format!("6b0f8f5e-2a54-4a0e-9a51-0f3f6a1f0b0{number}");
        let page = if number == 2 { "65605" } else { "65601" };
        let created = service.post("site-a", &key, &new_video(page)).await;
        ids.push(created["body"]["id"].clone());
    }
    ids.reverse();
    let of = |answer: &Value| -> Vec<Value> {
        let videos = answer["body"]["videos"].as_array().unwrap();
        videos.iter().map(|video| video["id"].clone()).collect()
    };
    let first = service.get("site-a", "/v1/videos?limit=2").await;
    assert_eq!(of(&first), ids[..2]);
    let cursor = first["body"]["nextCursor"].as_str().unwrap();
    let second = service
        .get("site-a", &format!("/v1/videos?limit=3&cursor={cursor}"))
        .await;
    assert_eq!(of(&second), ids[2..]);
    assert_eq!(second["body"]["nextCursor"], Value::Null);
    let of_page = service.get("site-a", "/v1/videos?pageId=65605").await;
    assert_eq!(of(&of_page), ids[2..3]);
}

#[tokio::test]
async fn p10_without_a_key_a_site_that_needs_one_is_refused() {
    let service = Service::start_with(true).await;
    assert_eq!(
        service.get("site-a", "/v1/site").await["body"]["engine"]["requiresApiKey"],
        true
    );
    let refused = service.post("site-a", KEY_A, &new_video("65601")).await;
    assert_eq!(
        (&refused["status"], &refused["body"]["code"]),
        (&json!(409), &json!("api_key_missing"))
    );
    let put = service
        .of("site-a", "PUT", "/v1/api-key")
        .json(&json!({ "apiKey": "golpo-key-1" }));
    put.send().await.unwrap();
    service.create("site-a", KEY_A).await;
    assert_eq!(
        service.post("site-b", KEY_A, &new_video("65601")).await["status"],
        409
    );
}

#[tokio::test]
async fn p22_delete_removes_row_job_and_files() {
    let service = Service::start().await;
    let done = service.create("site-a", KEY_A).await;
    let worker = service.worker(Behaviour::Makes);
    service.wait("site-a", &done, "done").await;
    worker.stop().await;
    let waiting = service.create("site-a", KEY_B).await;
    let media = service.media("site-a", &done).await;
    assert_eq!(service.object_names().len(), 3);
    for id in [&done, &waiting] {
        let path = format!("/v1/videos/{id}");
        let deleted = service.of("site-a", "DELETE", &path).send().await.unwrap();
        assert_eq!(deleted.status(), 200);
        for method in ["GET", "DELETE"] {
            let again = answer(service.of("site-a", method, &path).send().await.unwrap()).await;
            assert_eq!(again["body"]["code"], "video_not_found");
        }
    }
    assert_eq!(service.object_names(), Vec::<String>::new());
    let queue = service.records.store().queue(service.clock.unix_seconds());
    let queue = queue.await.unwrap();
    assert_eq!((queue.waiting, queue.running, queue.dead), (0, 0, 0));
    let link = service
        .bare("GET", media["videoUrl"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(answer(link).await["body"]["code"], "media_link_invalid");
}
