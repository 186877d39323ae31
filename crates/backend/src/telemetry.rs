//! Logs and metrics. Logs are JSON lines on standard error; each line goes through
//! [`redaction::redact`] as the last thing before it is written (P13, P14). Panics are logged by
//! their place, without their message, which may quote what was handled. Which metrics there are is
//! [`list`]'s to say; [`traces`] sends spans to a collector where the settings name one.
//!
//! Architecture invariant: [`subscriber`] makes the only subscriber there is, and gives it the only
//! writer, which redacts; a test of the crate `redaction` fails on any other way to print.

use std::io::Write;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::incidents::rules::Signal;
use crate::incidents::signals;

pub mod list;
pub mod traces;

use traces::Traces;

/// One recorder for the process: `metrics` has no other way.
static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Methods are free text in HTTP; as a label only these few.
pub const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "other"];

/// The label of a method.
pub fn method_label(method: &str) -> &'static str {
    let known = METHODS.iter().find(|known| **known == method);
    known.copied().unwrap_or("other")
}

/// Starts recording metrics; once, however often it is called.
pub fn init_metrics() {
    METRICS.get_or_init(|| {
        const SECONDS: &[f64] = &[0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0, 1800.0];
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
            .ok()?
            .build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).ok()?;
        list::describe();
        Some(handle)
    });
}

/// All metrics as Prometheus text.
pub fn render_metrics() -> String {
    let handle = METRICS.get().and_then(Option::as_ref);
    handle.map_or_else(String::new, |handle| {
        handle.run_upkeep();
        handle.render()
    })
}

/// Starts logging to standard error, and handing spans to `traces` where there are any.
pub fn init_logs(level: LevelFilter, traces: Option<&Traces>) {
    // A second call (tests) keeps the first one's logger.
    let subscriber = subscriber(level, std::io::stderr, traces);
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
}

/// What turns events into redacted JSON lines, one each, and writes them.
fn subscriber<M>(
    level: LevelFilter,
    writer: M,
    traces: Option<&Traces>,
) -> impl tracing::Subscriber + Send + Sync + use<M>
where
    M: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_writer(Redacted(writer))
        .with_filter(level);
    tracing_subscriber::registry()
        .with(lines)
        .with(traces.map(Traces::layer))
}

/// Makes writers that redact each event on its way to the inner one.
struct Redacted<M>(M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacted<M> {
    type Writer = Line<M::Writer>;
    fn make_writer(&'a self) -> Self::Writer {
        Line {
            bytes: Vec::new(),
            inner: self.0.make_writer(),
        }
    }
}

/// One event, held back until it is whole: a secret cut in two would not be recognised.
struct Line<W: Write> {
    bytes: Vec<u8>,
    inner: W,
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Drop for Line<W> {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.bytes);
        let line = redaction::redact(&text);
        if *line != *text {
            // Types should have masked it long before: somebody has to look (P18).
            metrics::counter!("golpo_log_redactions_total").increment(1);
            signals::note(Signal::LogRedacted, None);
        }
        // There is nowhere left to tell that standard error is closed.
        let _ = self.inner.write_all(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is written while `log` logs.
    fn logged(log: impl FnOnce()) -> String {
        let memory = Memory::default();
        let writer = memory.clone();
        let subscriber = subscriber(LevelFilter::TRACE, move || writer.clone(), None);
        tracing::subscriber::with_default(subscriber, log);
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[derive(Debug, thiserror::Error)]
    #[error("GET https://mira:heron-pass-1@db.example.org/ failed")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("401 for token {0}")]
    struct Inner(String);

    #[test]
    fn p13_p14_whatever_is_logged_is_redacted_and_one_json_line_an_event() {
        let token = format!("ghp_{}", "a1B2c3D4e5".repeat(4));
        let error = Outer(Inner(token.clone()));
        let log = logged(|| {
            let span = tracing::info_span!(
                "request",
                account_id = "712020:0198c0de-1111-4222-a333-444444444444",
                route = "/v1/site"
            );
            let _inside = span.enter();
            let source = std::error::Error::source(&error);
            tracing::error!(%error, cause = source.map(tracing::field::display), "request failed");
            tracing::warn!(?error, "request failed");
            tracing::info!(api_key = "heron-key-1", status = 200, "saved");
            tracing::info!("prompt: tell of the pelican plan");
            tracing::debug!(title = "The pelican plan", script = ?["pelican", "walrus"], "storyboard");
            tracing::trace!(headers = ?[("authorization", "Bearer heron-token-1.a.b")], "sent");
            tracing::info!(first = &token[..20], second = &token[20..], "in two");
            tracing::info!(mail = "mira.vale@example.org", line = "a\nb\"c", "mail");
        });
        let hidden = [
            "heron", "pelican", "walrus", "mira", "712020", "0198c0de", "c3D4e5a1", "e5a1B2",
        ];
        for piece in hidden {
            assert!(!log.contains(piece), "{piece} is in {log}");
        }
        assert_eq!(log.lines().count(), 8, "{log}");
        for line in log.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["span"]["route"], "/v1/site");
            assert_eq!(line["span"]["account_id"], "[account]");
        }
        assert!(
            log.contains(r#""status":200"#) && log.contains(r#""line":"a\nb\"c""#),
            "{log}"
        );
    }

    #[test]
    fn p14_wrapped_values_are_masked_before_any_pattern_sees_them() {
        let name = redaction::Person::new("Mira Vale");
        let secret = redaction::Secret::new("x");
        let log = logged(|| tracing::info!(%secret, by = ?name, "kept"));
        assert!(
            log.contains(r#""secret":"[secret]","by":"[name]""#),
            "{log}"
        );
    }
}
