//! Certificate and key: read from PEM files, and read again when the files change or on SIGHUP,
//! without a restart. A new pair that cannot be used is told to the log and the old one stays. It
//! must never log or keep a key's bytes beside rustls' own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// Where certificate and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain in PEM, the server's own certificate first.
    pub certificate: PathBuf,
    /// Its private key in PEM: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One of the files could not be read.
    #[error("the {0} file of TLS could not be read")]
    File(&'static str, #[source] std::io::Error),
    /// No certificate in the file, or one cut short.
    #[error("the certificate file of TLS holds no certificate in PEM")]
    NoCertificate,
    /// No private key in the file, or one cut short.
    #[error("the key file of TLS holds no private key in PEM")]
    NoKey,
    /// The two do not belong together, or the key is of a kind that TLS does not use.
    #[error("certificate and key of TLS cannot be used together")]
    Unusable(#[source] rustls::Error),
}

/// Which bytes the files held, to see whether they changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen([u8; 32]);

impl CertificateFiles {
    /// Reads the files and makes of them what TLS needs.
    pub fn load(&self) -> Result<(Arc<ServerConfig>, Seen), TlsError> {
        let (certificate, key) = self.read()?;
        let seen = seen(&certificate, &key);
        Ok((server_config(&certificate, &key)?, seen))
    }

    fn read(&self) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), TlsError> {
        let read = |what, path| std::fs::read(path).map_err(|error| TlsError::File(what, error));
        let certificate = read("certificate", &self.certificate)?;
        let key = Zeroizing::new(read("key", &self.key)?);
        Ok((certificate, key))
    }
}

fn seen(certificate: &[u8], key: &[u8]) -> Seen {
    let mut context = Context::new(&SHA256);
    // With the length, so that no two pairs give the same bytes.
    context.update(&(certificate.len() as u64).to_be_bytes());
    context.update(certificate);
    context.update(key);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    Seen(hash)
}

/// TLS 1.2 and 1.3 and nothing older (P6); HTTP/2 where the client has it.
fn server_config(certificate: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_slice_iter(certificate)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| TlsError::NoCertificate)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(TlsError::Unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Looks after the files while the program runs.
pub(super) struct Watch {
    files: CertificateFiles,
    config: RustlsConfig,
    seen: Seen,
}

impl Watch {
    pub(super) fn new(files: CertificateFiles, config: RustlsConfig, seen: Seen) -> Self {
        Self {
            files,
            config,
            seen,
        }
    }

    /// Looks at the files this often, and on SIGHUP.
    pub(super) async fn run(mut self, every: Duration, stop: CancellationToken) {
        let mut hangup = Hangup::new();
        loop {
            let told = tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(every) => false,
                () = hangup.wait() => true,
            };
            self.look(told);
        }
    }

    /// Takes the files' certificate if they hold another one than last time. Small files on a local
    /// disk: reading them holds nobody up.
    fn look(&mut self, told: bool) {
        let (certificate, key) = match self.files.read() {
            Ok(pair) => pair,
            Err(error) => return refused(&error),
        };
        let seen = seen(&certificate, &key);
        if seen == self.seen && !told {
            return;
        }
        // Looked at once: a broken pair is told of once, not each minute.
        self.seen = seen;
        match server_config(&certificate, &key) {
            Ok(config) => {
                self.config.reload_from_config(config);
                metrics::counter!("golpo_certificates_loaded_total").increment(1);
                tracing::info!("certificate loaded anew");
            }
            Err(error) => refused(&error),
        }
    }
}

fn refused(error: &TlsError) {
    metrics::counter!("golpo_certificates_refused_total").increment(1);
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(%error, cause, "the new certificate is not used, the old one stays");
}

/// SIGHUP, where there is such a thing.
struct Hangup {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangup {
    fn new() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn wait(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}
