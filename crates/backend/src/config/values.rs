//! Types of settings that cannot hold what would not work: parsed once, here.

use std::net::IpAddr;
use std::str::FromStr;

use url::Url;

/// The database's address. `Debug` and [`DatabaseUrl::shown`] leave a password out.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

/// Why a value is refused, and what to do.
pub type Refusal = (&'static str, &'static str);

impl DatabaseUrl {
    /// The address as the database's driver takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is PostgreSQL's and not SQLite's.
    pub fn is_postgres(&self) -> bool {
        !self.0.starts_with("sqlite:")
    }

    /// The address without its password.
    pub fn shown(&self) -> String {
        let Ok(mut url) = Url::parse(&self.0) else {
            return self.0.clone();
        };
        if self.has_password() {
            let _ = url.set_password(Some("set"));
            let pairs: Vec<(String, String)> = url
                .query_pairs()
                .filter(|(name, _)| name != "password")
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            url.set_query(None);
            if !pairs.is_empty() {
                url.query_pairs_mut().extend_pairs(pairs);
            }
            return url.to_string();
        }
        self.0.clone()
    }

    /// Whether a password is in it, in either of the places where a driver looks.
    pub fn has_password(&self) -> bool {
        self.is_postgres()
            && Url::parse(&self.0).is_ok_and(|url| {
                url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password")
            })
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.shown())
    }
}

impl FromStr for DatabaseUrl {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if !postgres && !text.starts_with("sqlite:") {
            return Err((
                "this is neither sqlite:// nor postgres://",
                "Write sqlite://FILE or postgres://USER@HOST/NAME.",
            ));
        }
        if postgres {
            let url = Url::parse(text).map_err(|_| {
                (
                    "this is not an address",
                    "Write postgres://USER@HOST/NAME; characters that addresses use are written as %XX.",
                )
            })?;
            if !is_local(&url) && !demands_tls(&url) {
                return Err((
                    "the connection to another machine would not be encrypted (P6)",
                    "Add ?sslmode=verify-full (and sslrootcert=FILE), or at least sslmode=require.",
                ));
            }
        }
        Ok(Self(text.to_owned()))
    }
}

/// A socket of this machine or a loopback address.
fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let named = url.query_pairs().find(|(name, _)| name == "host");
    let host = named.map_or_else(|| host.to_owned(), |(_, host)| host.into_owned());
    host.is_empty() || host.starts_with('/') || host.starts_with("%2F") || is_loopback(&host)
}

fn demands_tls(url: &Url) -> bool {
    url.query_pairs().any(|(name, value)| {
        (name == "sslmode" || name == "ssl-mode")
            && matches!(&*value, "require" | "verify-ca" | "verify-full")
    })
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
    fn p06_databases_on_other_machines_are_reached_by_tls_alone() {
        for good in [
            "sqlite://golpo.db",
            "sqlite::memory:",
            "postgres://golpo@localhost/golpo",
            "postgres://golpo@127.0.0.1:5433/golpo",
            "postgres://golpo@[::1]/golpo",
            "postgres:///golpo?host=/run/postgresql",
            "postgres://golpo@%2Frun%2Fpostgresql/golpo",
            "postgresql://golpo@db.example.com/golpo?sslmode=verify-full",
            "postgres://golpo@db.example.com/golpo?sslmode=require",
        ] {
            assert!(good.parse::<DatabaseUrl>().is_ok(), "{good}");
        }
        for bad in [
            "golpo.db",
            "mysql://golpo@localhost/golpo",
            "postgres://golpo@db.example.com/golpo",
            "postgres://golpo@db.example.com/golpo?sslmode=prefer",
            "postgres://golpo@10.0.0.1/golpo?sslmode=disable",
            "postgres://golpo@localhost/golpo?host=db.example.com",
        ] {
            assert!(bad.parse::<DatabaseUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn p13_a_database_password_is_not_shown() {
        for text in [
            "postgres://golpo:heron@localhost/golpo",
            "postgres://golpo@localhost/golpo?password=heron&sslmode=require",
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert!(url.has_password());
            assert!(!format!("{url:?}").contains("heron"), "{url:?}");
            assert!(format!("{url:?}").contains("golpo"));
        }
        let url: DatabaseUrl = "postgres://golpo@localhost/golpo".parse().unwrap();
        assert_eq!(url.shown(), url.as_str());
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
