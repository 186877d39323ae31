//! What arrives at a collector, decoded: spans of requests, and in them no word from outside.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::HeaderMap;
use backend::telemetry::traces::ATTRIBUTES;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::json;

use crate::support::{Program, listen};

#[tokio::test]
async fn p08_p14_traces_say_route_and_status_and_nothing_of_a_tenant_a_page_or_a_person() {
    let received = Arc::new(Mutex::new(Vec::<(HeaderMap, Bytes)>::new()));
    let keep = Arc::clone(&received);
    let collector = axum::Router::new().route(
        "/v1/traces",
        axum::routing::post(move |headers: HeaderMap, body: Bytes| async move {
            keep.lock().unwrap().push((headers, body));
        }),
    );
    let collector = listen(collector).await;
    let mut program = Program::start(
        &["--otlp-endpoint", &collector],
        &[("GOLPO_OTLP_AUTHORIZATION", "Bearer heron-collector-1")],
    )
    .await;
    let video = json!({
        "pageId": "65601",
        "pageVersion": 1,
        "script": {
            "title": "Title of the pelican",
            "sections": [{ "heading": "", "text": "Sentence of the pelican." }],
        },
    });
    let created = program
        .of("walrus-site", "POST", "/v1/videos")
        .header("idempotency-key", "6b0f8f5e-2a54-4a0e-9a51-0f3f6a1f0a01")
        .json(&video);
    let created = created.send().await.unwrap();
    assert_eq!(created.status(), 202);
    let created: serde_json::Value = created.json().await.unwrap();
    let id = created["id"].as_str().unwrap().to_owned();
    for path in [&format!("/v1/videos/{id}"), "/pelican?heron=1"] {
        program.of("walrus-site", "GET", path).send().await.unwrap();
    }
    let refused = program.bare("GET", "/v1/site").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    program.stop().await;

    let received = received.lock().unwrap().clone();
    assert!(!received.is_empty());
    let mut spans = Vec::new();
    for (headers, body) in &received {
        assert_eq!(headers["authorization"], "Bearer heron-collector-1");
        assert_eq!(headers["content-type"], "application/x-protobuf");
        for word in ["pelican", "walrus", "heron", "712020", "65601", "eyJ", &id] {
            let found = body
                .windows(word.len())
                .any(|bytes| bytes == word.as_bytes());
            assert!(!found, "{word} was sent");
        }
        let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
        for resource in request.resource_spans {
            let about = resource.resource.unwrap().attributes;
            assert!(about.iter().all(|one| one.key.starts_with("service.")));
            spans.extend(
                resource
                    .scope_spans
                    .into_iter()
                    .flat_map(|scope| scope.spans),
            );
        }
    }
    for span in &spans {
        assert!(span.events.is_empty() && span.links.is_empty(), "{span:?}");
        for attribute in &span.attributes {
            let known = ATTRIBUTES.iter().any(|(_, name)| *name == attribute.key);
            assert!(known, "{attribute:?}");
        }
    }
    let named = |name: &str| spans.iter().find(|span| span.name == name);
    let created = named("POST /v1/videos").unwrap();
    assert_eq!(text(created, "http.response.status_code"), "202");
    assert_eq!(created.trace_id.len(), 16);
    assert!(created.end_time_unix_nano > created.start_time_unix_nano);
    assert_eq!(
        text(
            named("GET /v1/videos/{id}").unwrap(),
            "http.response.status_code"
        ),
        "200"
    );
    assert_eq!(text(named("GET none").unwrap(), "error.type"), "not_found");
    assert_eq!(
        text(named("GET /v1/site").unwrap(), "error.type"),
        "token_invalid"
    );
}

/// An attribute's value as text.
fn text(span: &Span, name: &str) -> String {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    let attribute = span.attributes.iter().find(|one| one.key == name).unwrap();
    match attribute.value.clone().unwrap().value.unwrap() {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => panic!("{name}: {other:?}"),
    }
}
