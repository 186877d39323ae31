//! Traces as an option: spans of requests and of attempts at videos, sent by OTLP over HTTP to a
//! collector. What leaves is a list of our own few words and numbers: spans of other crates, events,
//! links, and attributes that are not in [`ATTRIBUTES`] are taken out before anything is encoded, so
//! that no span can come to hold a tenant, a page, a person or content (P8, P14).

use std::borrow::Cow;
use std::time::Duration;

use opentelemetry::trace::{SpanKind, Status, TracerProvider as _};
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanEvents, SpanExporter, SpanLinks,
};
use redaction::Secret;
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use crate::config::values::HttpUrl;

/// How long a collector may take to answer.
const LIMIT: Duration = Duration::from_secs(10);

/// The attributes that may leave, by our name and by OpenTelemetry's.
pub const ATTRIBUTES: &[(&str, &str)] = &[
    ("request_id", "golpo.request_id"),
    ("method", "http.request.method"),
    ("route", "http.route"),
    ("status", "http.response.status_code"),
    ("code", "error.type"),
    ("attempt", "golpo.job.attempt"),
    ("outcome", "golpo.job.outcome"),
];

/// Where traces go.
#[derive(Debug)]
pub struct Settings {
    /// The collector, without `/v1/traces`.
    pub endpoint: HttpUrl,
    /// The `Authorization` header, where the collector wants one.
    pub authorization: Option<Secret<String>>,
    /// How many of a hundred requests are traced.
    pub percent: u32,
}

/// Why tracing could not start. Says nothing of the settings' values.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The HTTP client could not be made.
    #[error("the HTTP client for traces could not be made")]
    Client(#[from] reqwest::Error),
    /// The exporter refused the address or the header.
    #[error("the exporter of traces could not be made")]
    Exporter,
}

/// Tracing that has been started. [`Traces::finish`] sends what is left.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts sending. Must be called inside a Tokio runtime of more than one thread.
    pub fn start(settings: &Settings) -> Result<Self, TracesError> {
        let client = reqwest::Client::builder()
            .timeout(LIMIT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let headers = settings
            .authorization
            .iter()
            .map(|value| ("authorization".to_owned(), value.expose().clone()))
            .collect();
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(Sender {
                client,
                runtime: Handle::current(),
            })
            .with_endpoint(format!("{}/v1/traces", settings.endpoint.as_str()))
            .with_headers(headers)
            .build()
            .map_err(|_| TracesError::Exporter)?;
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", "golpo-backend"),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            ])
            .build();
        let ratio = f64::from(settings.percent) / 100.0;
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(Allowed(exporter)).build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
                ratio,
            ))))
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// What hands our own spans to the exporter: no event, and no span of another crate.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let ours = filter_fn(|data| data.is_span() && data.target().starts_with("backend"));
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("golpo-backend"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(ours.with_max_level_hint(LevelFilter::INFO))
    }

    /// Sends what is left, for a few seconds at most.
    pub async fn finish(self) {
        // Blocks until the exporter is done, which needs this runtime's other threads.
        let done = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LIMIT)).await;
        if !matches!(done, Ok(Ok(()))) {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

/// Sends over our own HTTP client, on the runtime: the exporter works on a thread outside of it.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let answer = client.execute(request.try_into()?).await?;
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            // What a collector says of it in words is nobody's concern.
            Ok::<_, reqwest::Error>(response)
        });
        Ok(sent.await??)
    }
}

/// Takes out of each span whatever is not on the list.
#[derive(Debug)]
struct Allowed<E>(E);

impl<E: SpanExporter> SpanExporter for Allowed<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter_mut().for_each(only_allowed);
        self.0.export(batch).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

fn only_allowed(span: &mut SpanData) {
    span.attributes = span
        .attributes
        .drain(..)
        .filter_map(|KeyValue { key, value, .. }| {
            let name = ATTRIBUTES.iter().find(|(ours, _)| *ours == key.as_str())?;
            short(&value).then(|| KeyValue::new(name.1, value))
        })
        .collect();
    span.events = SpanEvents::default();
    span.links = SpanLinks::default();
    let text = |name: &str| {
        let found = span.attributes.iter().find(|one| one.key.as_str() == name);
        found.map(|one| one.value.as_str().into_owned())
    };
    if let (Some(method), Some(route)) = (text("http.request.method"), text("http.route")) {
        // By OpenTelemetry's conventions for HTTP spans.
        span.name = Cow::Owned(format!("{method} {route}"));
        span.span_kind = SpanKind::Server;
    }
    let failed = text("http.response.status_code").is_some_and(|status| status.starts_with('5'));
    span.status = if failed {
        Status::error("")
    } else {
        Status::Unset
    };
}

/// Our words and ids are short; what is long is something else.
fn short(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::I64(_) | Value::F64(_) => true,
        Value::String(text) => text.as_str().len() <= 64,
        Value::Array(Array::Bool(_) | Array::I64(_) | Array::F64(_) | Array::String(_)) | _ => {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::InstrumentationScope;
    use opentelemetry::trace::{SpanContext, SpanId};
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn p08_p14_what_is_not_on_the_list_leaves_no_span() {
        let mut span = SpanData {
            span_context: SpanContext::empty_context(),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: "request".into(),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes: vec![
                KeyValue::new("method", "GET"),
                KeyValue::new("route", "/v1/site"),
                KeyValue::new("status", 503),
                KeyValue::new("code", "x".repeat(65)),
                KeyValue::new("tenant", "heron-site"),
                KeyValue::new("title", "The heron plan"),
            ],
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::error("heron failed"),
            instrumentation_scope: InstrumentationScope::builder("golpo-backend").build(),
        };
        span.events
            .events
            .push(opentelemetry::trace::Event::with_name("heron"));
        only_allowed(&mut span);
        assert!(!format!("{span:?}").contains("heron"), "{span:?}");
        assert_eq!(span.name, "GET /v1/site");
        assert_eq!(span.attributes.len(), 3, "{span:?}");
        assert_eq!(span.status, Status::error(""));
    }
}
