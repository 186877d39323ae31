//! The API key goes in and never comes out (P11).

use serde_json::json;

use super::support::{Service, answer, contains};

const KEY: &str = "golpo-canary-key-5f2d";

#[tokio::test]
async fn p11_put_get_delete_show_a_fingerprint_and_a_date() {
    let service = Service::start().await;
    let mut put = service
        .of("site-a", "PUT", "/v1/api-key")
        .json(&json!({ "apiKey": KEY }));
    let mut saved = answer(put.send().await.unwrap()).await;
    let fingerprint = saved["body"]["fingerprint"].take();
    assert_eq!(fingerprint.as_str().unwrap().len(), 8);
    insta::assert_json_snapshot!(saved, @r#"
    {
      "body": {
        "fingerprint": null,
        "present": true,
        "savedAt": "2027-01-15T08:00:00Z"
      },
      "status": 200
    }
    "#);
    let got = service.get("site-a", "/v1/api-key").await;
    assert_eq!(got["body"]["fingerprint"], fingerprint);
    assert_eq!(
        service.get("site-a", "/v1/site").await["body"]["apiKey"],
        got["body"]
    );
    assert_eq!(
        service.get("site-b", "/v1/api-key").await["body"]["present"],
        false
    );

    put = service
        .of("site-a", "PUT", "/v1/api-key")
        .json(&json!({ "apiKey": "another-key-1" }));
    let replaced = answer(put.send().await.unwrap()).await;
    assert_ne!(replaced["body"]["fingerprint"], fingerprint);

    let delete = service.of("site-a", "DELETE", "/v1/api-key").send();
    insta::assert_json_snapshot!(answer(delete.await.unwrap()).await, @r#"
    {
      "body": {
        "fingerprint": null,
        "present": false,
        "savedAt": null
      },
      "status": 200
    }
    "#);
}

#[tokio::test]
async fn p11_the_key_is_in_no_answer_and_not_in_the_database_file() {
    let service = Service::start().await;
    let put = service
        .of("site-a", "PUT", "/v1/api-key")
        .json(&json!({ "apiKey": KEY }));
    let mut answers = put.send().await.unwrap().text().await.unwrap();
    for path in [
        "/v1/api-key",
        "/v1/site",
        "/v1/usage",
        "/v1/videos",
        "/metrics",
    ] {
        answers += &service
            .of("site-a", "GET", path)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
    }
    assert!(!contains(answers.as_bytes(), KEY));
    let bytes = service.database_bytes();
    // The fingerprint is there, so the row is among the bytes looked through.
    let state = service.get("site-a", "/v1/api-key").await;
    assert!(contains(
        &bytes,
        state["body"]["fingerprint"].as_str().unwrap()
    ));
    assert!(!contains(&bytes, KEY));
    assert!(!contains(&bytes, &super::tokens::base64url(KEY)));
}

#[tokio::test]
async fn p13_a_refused_key_is_not_repeated_in_the_answer() {
    let service = Service::start().await;
    for (body, status, code) in [
        (
            json!({ "apiKey": "canary with blanks" }),
            422,
            "api_key_invalid",
        ),
        (json!({ "apiKey": "canary" }), 422, "api_key_invalid"),
        (
            json!({ "apiKey": ["canary-key-in-a-list"] }),
            400,
            "invalid_request",
        ),
        (json!({ "canaryField": "canary" }), 400, "invalid_request"),
        (
            json!({ "apiKey": "canary-key-1", "canary": 1 }),
            400,
            "invalid_request",
        ),
    ] {
        let put = service
            .of("site-a", "PUT", "/v1/api-key")
            .json(&body)
            .send();
        let answer = answer(put.await.unwrap()).await;
        assert_eq!(
            (&answer["status"], &answer["body"]["code"]),
            (&json!(status), &json!(code))
        );
        assert!(!answer.to_string().contains("canary"), "{answer}");
    }
    let put = service
        .of("site-a", "PUT", "/v1/api-key")
        .body("{\"apiKey\": canary")
        .send();
    insta::assert_json_snapshot!(answer(put.await.unwrap()).await, @r#"
    {
      "body": {
        "action": "Check the values you entered and try again.",
        "code": "invalid_request",
        "detail": "At line 1, column 12 of the body: this is not JSON.",
        "status": 400,
        "title": "The request is not of the expected form.",
        "type": "urn:golpo:error:invalid_request"
      },
      "status": 400
    }
    "#);
}

#[tokio::test]
async fn a_key_that_golpo_refuses_is_not_saved() {
    let service = Service::start().await;
    let put = |key: &str| {
        let request = service.of("site-a", "PUT", "/v1/api-key");
        request.json(&json!({ "apiKey": key })).send()
    };
    let saved = answer(put("rich-golpo-key").await.unwrap()).await;
    assert_eq!(
        (&saved["body"]["works"], &saved["body"]["credits"]),
        (&json!(true), &json!(41))
    );
    let refused = answer(put("refused-golpo-key").await.unwrap()).await;
    assert_eq!(
        (&refused["status"], &refused["body"]["code"]),
        (&json!(422), &json!("api_key_invalid"))
    );
    let kept = service.get("site-a", "/v1/api-key").await;
    assert_eq!(kept["body"]["fingerprint"], saved["body"]["fingerprint"]);
    // One that nobody could be asked about is, and nothing is said of it.
    let silent = answer(put("silent-golpo-key").await.unwrap()).await;
    assert_eq!(
        (&silent["status"], silent["body"].get("works")),
        (&json!(200), None)
    );
}

#[tokio::test]
async fn a_saved_key_can_be_tested_and_its_problem_is_shown_until_it_is_mended() {
    let service = Service::start().await;
    let test = || async {
        let request = service.of("site-a", "POST", "/v1/api-key/test");
        answer(request.send().await.unwrap()).await
    };
    assert_eq!(test().await["body"]["code"], "api_key_missing");
    let put = service
        .of("site-a", "PUT", "/v1/api-key")
        .json(&json!({ "apiKey": "empty-golpo-key" }));
    assert_eq!(answer(put.send().await.unwrap()).await["status"], 200);
    let tested = test().await;
    assert_eq!(tested["body"]["works"], false);
    assert_eq!(tested["body"]["problem"]["code"], "engine_plan");
    let shown = service.get("site-a", "/v1/site").await;
    assert_eq!(shown["body"]["apiKey"]["problem"]["code"], "engine_plan");
    assert!(!shown.to_string().contains("empty-golpo-key"));
    let put = service
        .of("site-a", "PUT", "/v1/api-key")
        .json(&json!({ "apiKey": "rich-golpo-key" }));
    answer(put.send().await.unwrap()).await;
    let tested = test().await;
    assert_eq!(
        (&tested["body"]["works"], tested["body"].get("problem")),
        (&json!(true), None)
    );
    // Another site's key is its own.
    let other = service.of("site-b", "POST", "/v1/api-key/test");
    assert_eq!(answer(other.send().await.unwrap()).await["status"], 409);
}
