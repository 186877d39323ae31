//! The address of a service that is not AWS's own: a private link, or a store that speaks S3.

use std::net::IpAddr;

use axum::http::Uri;

/// An address without path: `https`, or `http` to this machine itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(String);

/// Why a text is no endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not `https://host` or `https://host:port`.
    #[error(
        "an endpoint is an address such as https://s3.example.org, without path, query or user"
    )]
    Malformed,
    /// `http` to another machine.
    #[error("an endpoint on another machine must begin with https://, as secrets go there (P6)")]
    NotEncrypted,
}

impl Endpoint {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let uri: Uri = text.parse().map_err(|_| EndpointError::Malformed)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(EndpointError::Malformed);
        };
        if uri.path() != "/" || uri.query().is_some() || authority.as_str().contains('@') {
            return Err(EndpointError::Malformed);
        }
        match scheme {
            "https" => {}
            "http" if is_loopback(authority.host()) => {}
            "http" => return Err(EndpointError::NotEncrypted),
            _ => return Err(EndpointError::Malformed),
        }
        Ok(Self(format!("{scheme}://{authority}")))
    }

    /// The address, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is reached in clear, which only this machine itself may be.
    pub(crate) fn is_http(&self) -> bool {
        self.0.starts_with("http://")
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p06_an_endpoint_is_encrypted_or_on_this_machine() {
        for (text, expected) in [
            ("https://s3.example.org", Ok("https://s3.example.org")),
            (
                "https://s3.example.org:9000/",
                Ok("https://s3.example.org:9000"),
            ),
            ("http://127.0.0.1:9000", Ok("http://127.0.0.1:9000")),
            ("http://[::1]:9000", Ok("http://[::1]:9000")),
            ("http://localhost:9000", Ok("http://localhost:9000")),
            ("http://s3.example.org", Err(EndpointError::NotEncrypted)),
            (
                "http://127.0.0.1.example.org",
                Err(EndpointError::NotEncrypted),
            ),
            ("http://10.0.0.1:9000", Err(EndpointError::NotEncrypted)),
            (
                "https://user:word@s3.example.org",
                Err(EndpointError::Malformed),
            ),
            (
                "http://localhost@s3.example.org",
                Err(EndpointError::Malformed),
            ),
            ("https://s3.example.org/path", Err(EndpointError::Malformed)),
            (
                "https://s3.example.org/?query",
                Err(EndpointError::Malformed),
            ),
            ("ftp://s3.example.org", Err(EndpointError::Malformed)),
            ("s3.example.org", Err(EndpointError::Malformed)),
            ("", Err(EndpointError::Malformed)),
        ] {
            let endpoint = Endpoint::parse(text);
            let endpoint = endpoint.as_ref().map(Endpoint::as_str);
            assert_eq!(endpoint, expected.as_ref().copied(), "{text}");
        }
    }
}
