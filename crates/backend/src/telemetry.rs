//! Logs and metrics. Logs are JSON lines on standard error; each line goes through
//! [`redaction::redact`] as the last thing before it is written (P13, P14). Panics are logged by
//! their place, without their message, which may quote what was handled.

use std::io::Write;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

/// One recorder for the process: `metrics` has no other way.
static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

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

/// Starts logging to standard error.
pub fn init_logs(level: LevelFilter) {
    // A second call (tests) keeps the first one's logger.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_max_level(level)
        .with_writer(Redacted(std::io::stderr))
        .try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
}

/// Makes writers that redact each event on its way to the inner one.
pub struct Redacted<M>(pub M);

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
pub struct Line<W: Write> {
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
        // There is nowhere left to tell that standard error is closed.
        let _ = self.inner.write_all(redaction::redact(&text).as_bytes());
    }
}
