//! `healthcheck`: what a container's supervisor runs, since its image has no other program that
//! could ask. Asks the service beside it, on this machine only, and believes no more than a status.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use crate::config::ServeConfig;
use crate::transport::Protection;

/// Asks, and gives the exit code: 0 when the service answers.
pub async fn run(config: Option<&ServeConfig>) -> ExitCode {
    let Some(config) = config else {
        return ExitCode::FAILURE;
    };
    match ask(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(%error, cause, "the service does not answer");
            ExitCode::FAILURE
        }
    }
}

async fn ask(config: &ServeConfig) -> Result<(), reqwest::Error> {
    let scheme = match config.protection {
        Protection::Tls(_) => "https",
        Protection::Loopback | Protection::Proxy => "http",
    };
    let address = SocketAddr::new(here(config.listen.ip()), config.listen.port());
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(4))
        .redirect(reqwest::redirect::Policy::none())
        // The certificate is for the public name, which this machine need not be reached by.
        .tls_danger_accept_invalid_certs(true)
        .build()?;
    let url = format!("{scheme}://{address}/healthz");
    client.get(url).send().await?.error_for_status()?;
    Ok(())
}

/// The address of this machine for one that is listened at.
fn here(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}
