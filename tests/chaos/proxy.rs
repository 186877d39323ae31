//! Stands before S3 and lets through what it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// What S3 does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mood {
    Works,
    /// 503, `SlowDown`.
    Busy,
    /// 403, `AccessDenied`.
    Denies,
    /// Takes the request and says nothing.
    Silent,
}

pub struct Proxy {
    pub address: String,
    mood: Arc<AtomicU8>,
    refused: Arc<AtomicU64>,
}

impl Proxy {
    pub async fn before(address: &str) -> Self {
        let (mood, refused) = (Arc::new(AtomicU8::new(0)), Arc::new(AtomicU64::new(0)));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let behind = address.to_owned();
        let (kept_mood, kept_refused) = (Arc::clone(&mood), Arc::clone(&refused));
        let router = Router::new().fallback(async move |request: Request<Body>| {
            let mood = kept_mood.load(Ordering::SeqCst);
            if mood != Mood::Works as u8 {
                kept_refused.fetch_add(1, Ordering::SeqCst);
            }
            let answer = |status, code: &str| {
                (status, format!("<Error><Code>{code}</Code></Error>")).into_response()
            };
            match mood {
                mood if mood == Mood::Busy as u8 => {
                    answer(StatusCode::SERVICE_UNAVAILABLE, "SlowDown")
                }
                mood if mood == Mood::Denies as u8 => answer(StatusCode::FORBIDDEN, "AccessDenied"),
                mood if mood == Mood::Silent as u8 => std::future::pending().await,
                _ => forward(&http, &behind, request).await,
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            mood,
            refused,
        }
    }

    pub fn be(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// How often it did not let through.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::SeqCst)
    }
}

async fn forward(http: &reqwest::Client, behind: &str, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let forwarded = http
        .request(parts.method, format!("{behind}{}", parts.uri))
        .headers(parts.headers)
        .body(body)
        .send()
        .await;
    let Ok(answer) = forwarded else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != "transfer-encoding" && name != "connection" {
            response = response.header(name, value);
        }
    }
    let body = answer.bytes().await.unwrap();
    response.body(Body::from(body)).unwrap()
}
