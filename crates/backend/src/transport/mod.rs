//! Between the network and the router: TLS (P6), who may connect, and how long anything may take.
//! Speaks plain HTTP on loopback addresses only, unless it was told that a proxy in front speaks
//! TLS. It must never lower what TLS 1.2 guarantees, and never wait for a client without end.

mod guard;
pub mod tls;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use guard::Guard;
use tls::{CertificateFiles, TlsError};

/// Two years, and every name below: more than the year that P6 asks for (RFC 6797, 6.1).
pub const HSTS: &str = "max-age=63072000; includeSubDomains";

/// The most bytes of a request's headers: a token of 16 KB and the rest.
const MAX_HEADER_BYTES: u32 = 64 * 1024;
/// Requests at a time on one HTTP/2 connection.
const MAX_STREAMS: u32 = 100;
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How what passes is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protection {
    /// Not at all: loopback addresses only.
    Loopback,
    /// By a proxy in front, which speaks TLS to the world.
    Proxy,
    /// By TLS with this certificate.
    Tls(CertificateFiles),
}

impl Protection {
    /// A word for the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Proxy => "proxy",
            Self::Tls(_) => "tls",
        }
    }

    /// Whether an address may be listened at.
    pub fn allows(&self, address: SocketAddr) -> bool {
        *self != Self::Loopback || address.ip().is_loopback()
    }
}

/// Limits of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at a time; more are closed at once.
    pub connections: usize,
    /// How long a request's headers may take, from the connection's or the last answer's end on.
    pub header: Duration,
    /// How long a connection may pass no byte, whatever it is about.
    pub idle: Duration,
    /// How long open requests may go on after the program was told to stop.
    pub grace: Duration,
    /// How often certificate files are looked at.
    pub certificate_check: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 4096,
            header: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            grace: Duration::from_secs(15),
            certificate_check: Duration::from_secs(60),
        }
    }
}

/// Why nothing could be served.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Plain HTTP where others could listen.
    #[error(
        "{0} is not a loopback address: give --tls-certificate and --tls-key, or --behind-proxy where a proxy in front speaks TLS"
    )]
    Unprotected(SocketAddr),
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address could not be listened at, or serving failed.
    #[error("the address could not be served")]
    Listen(#[source] std::io::Error),
}

/// Serves until told to stop: then takes no new connections and answers what is open.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    protection: &Protection,
    limits: ConnectionLimits,
    stop: CancellationToken,
) -> Result<(), TransportError> {
    let address = listener.local_addr().map_err(TransportError::Listen)?;
    if !protection.allows(address) {
        return Err(TransportError::Unprotected(address));
    }
    let guard = Guard::new(limits.connections, limits.idle);
    let server = Server::<SocketAddr>::from_listener(listener);
    let server = limited(server, limits, stop.clone());
    let served = match protection {
        Protection::Loopback => {
            let server = server.acceptor(guard);
            server.serve(router.into_make_service()).await
        }
        Protection::Proxy => {
            let server = server.acceptor(guard);
            server.serve(strict(router).into_make_service()).await
        }
        Protection::Tls(files) => {
            let (config, seen) = files.load()?;
            let config = RustlsConfig::from_config(config);
            let watch = tls::Watch::new(files.clone(), config.clone(), seen);
            tokio::spawn(watch.run(limits.certificate_check, stop));
            let acceptor = RustlsAcceptor::new(config)
                .handshake_timeout(HANDSHAKE)
                .acceptor(guard);
            let server = server.acceptor(acceptor);
            server.serve(strict(router).into_make_service()).await
        }
    };
    served.map_err(TransportError::Listen)
}

/// The server with its limits, which ends in good order when told to stop.
fn limited(
    mut server: Server<SocketAddr>,
    limits: ConnectionLimits,
    stop: CancellationToken,
) -> Server<SocketAddr> {
    let builder = server.http_builder();
    builder.http1().header_read_timeout(limits.header);
    builder
        .http2()
        .max_header_list_size(MAX_HEADER_BYTES)
        .max_concurrent_streams(MAX_STREAMS);
    let handle = Handle::new();
    tokio::spawn({
        let handle = handle.clone();
        async move {
            stop.cancelled().await;
            handle.graceful_shutdown(Some(limits.grace));
        }
    });
    server.handle(handle).first_request_timeout(limits.header)
}

/// With HSTS on every answer. Not on plain loopback: RFC 6797 (7.2) forbids it there.
fn strict(router: Router) -> Router {
    router.layer(map_response(|mut response: Response| async move {
        response.headers_mut().insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(HSTS),
        );
        response
    }))
}
