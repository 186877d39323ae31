//! Types of settings that cannot hold what would not work: parsed once, here.

use std::net::IpAddr;
use std::str::FromStr;

use url::Url;

/// Why a value is refused, and what to do.
pub type Refusal = (&'static str, &'static str);

/// The address of a SQLite database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address as the database's driver takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        if text.starts_with("sqlite:") {
            Ok(Self(text.to_owned()))
        } else {
            Err(("this is not sqlite://", "Write sqlite://FILE."))
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// An address of http or https; http on loopback addresses only (P6). Without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HttpUrl {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let refusal = (
            "this is not an https address without credentials, query and fragment",
            "Write https://HOST; http is for loopback addresses.",
        );
        let url = Url::parse(text).map_err(|_| refusal)?;
        let host = url.host_str().unwrap_or_default();
        let safe = match url.scheme() {
            "https" => !host.is_empty(),
            "http" => is_loopback(host),
            _ => false,
        };
        let bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if safe && bare {
            Ok(Self(text.trim_end_matches('/').to_owned()))
        } else {
            Err(refusal)
        }
    }
}

/// Where a weakness is reported (RFC 9116, 2.5.3): on one line, so that it adds no other field.
pub fn contact(text: &str) -> Result<String, Refusal> {
    let known = text.starts_with("mailto:") || text.starts_with("https://");
    if known && text.len() > 8 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err((
            "this is not an address to report to",
            "Write mailto:NAME@HOST or https://HOST/PATH.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_one_of_sqlite() {
        for good in ["sqlite://golpo.db", "sqlite::memory:"] {
            assert!(good.parse::<DatabaseUrl>().is_ok(), "{good}");
        }
        for bad in ["golpo.db", "mysql://golpo@localhost/golpo", ""] {
            assert!(bad.parse::<DatabaseUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn p06_addresses_are_https_or_loopback() {
        for (text, expected) in [
            (
                "https://videos.example.com/",
                Some("https://videos.example.com"),
            ),
            ("http://127.0.0.1:8772", Some("http://127.0.0.1:8772")),
            ("http://[::1]:8772", Some("http://[::1]:8772")),
            ("http://videos.example.com", None),
            ("https://a:b@videos.example.com", None),
            ("https://videos.example.com/?a", None),
            ("ftp://127.0.0.1", None),
            ("videos.example.com", None),
        ] {
            let got = text.parse::<HttpUrl>().ok();
            assert_eq!(got.as_ref().map(HttpUrl::as_str), expected, "{text}");
        }
    }

    #[test]
    fn contacts() {
        assert!(contact("mailto:security@example.com").is_ok());
        for bad in [
            "security@example.com",
            "mailto:a\r\nContact: x",
            "http://example.com/report",
            "",
        ] {
            assert!(contact(bad).is_err(), "{bad:?}");
        }
    }
}
