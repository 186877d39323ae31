//! Where the engine may connect to (SSRF). What Golpo answers names addresses, and an answer is not
//! to be believed: a host must be on the list, and no name may lead to an address of a private
//! network, which is looked at after DNS has answered, on the very addresses that are connected to.
//! It must never follow a redirect; the client refuses them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Why an address may not be connected to. Says nothing of the address, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an address at all.
    #[error("it is not an address")]
    Malformed,
    /// Neither https nor http to this machine.
    #[error("it is not an https address")]
    Scheme,
    /// A user or password stands in it.
    #[error("it holds credentials")]
    Credentials,
    /// The host is not on the list.
    #[error("its host is not on the list of allowed hosts")]
    Host,
    /// The address is one of a private network.
    #[error("it leads into a private network")]
    Private,
}

/// A host, or by `*.` all hosts below one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern(String);

/// The text names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is neither a host nor *.HOST")]
pub struct NotAHost;

impl std::str::FromStr for HostPattern {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let text = text.trim().to_ascii_lowercase();
        let host = text.strip_prefix("*.").unwrap_or(&text);
        let labels = host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        // `*.com` would be half of the world.
        let below = text.starts_with("*.");
        if labels && host.len() <= 253 && (!below || host.contains('.')) {
            Ok(Self(text))
        } else {
            Err(NotAHost)
        }
    }
}

impl HostPattern {
    fn holds(&self, host: &str) -> bool {
        match self.0.strip_prefix('*') {
            Some(end) => host.len() > end.len() && host.ends_with(end),
            None => host == self.0,
        }
    }
}

/// The hosts that may be connected to.
#[derive(Debug, Clone)]
pub struct Guard {
    hosts: Vec<HostPattern>,
    /// The API itself is on this machine, as it is in development: then this machine may be
    /// connected to, and still no other private address.
    loopback: bool,
}

impl Guard {
    /// A guard for the API's own address and the hosts that files lie on.
    pub fn new(api: &Url, files: &[HostPattern]) -> Result<Self, AddressError> {
        let host = api.host_str().ok_or(AddressError::Malformed)?;
        let mut guard = Self {
            hosts: files.to_vec(),
            loopback: is_this_machine(host),
        };
        if let Ok(own) = host.parse() {
            guard.hosts.push(own);
        }
        guard.check(api)?;
        Ok(guard)
    }

    /// An address that may be connected to, as far as can be told before DNS is asked.
    pub fn parse(&self, text: &str) -> Result<Url, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::Malformed)?;
        self.check(&url)?;
        Ok(url)
    }

    fn check(&self, url: &Url) -> Result<(), AddressError> {
        let host = url.host_str().ok_or(AddressError::Malformed)?;
        let here = is_this_machine(host);
        match url.scheme() {
            "https" => {}
            "http" if here && self.loopback => {}
            _ => return Err(AddressError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        if here && self.loopback {
            return Ok(());
        }
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
        if literal.is_ok_and(|address| !self.allows(address)) {
            return Err(AddressError::Private);
        }
        let host = host.trim_end_matches('.');
        if self.hosts.iter().any(|pattern| pattern.holds(host)) {
            Ok(())
        } else {
            Err(AddressError::Host)
        }
    }

    fn allows(&self, address: IpAddr) -> bool {
        is_public(address) || (self.loopback && address.is_loopback())
    }
}

/// Asks the system's DNS and refuses a name that leads to any private address.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            // One bad answer among good ones is an attack or a mistake; neither is to be worked around.
            if !addresses.iter().all(|address| guard.allows(address.ip())) {
                return Err(AddressError::Private.into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether an address is one of the public internet (IANA's special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Addresses that stand for one of IPv4 lead where that one leads.
    let inner = match segments {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some((high, low))
        }
        [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    if let Some((high, low)) = inner {
        let bits = (u32::from(high) << 16) | u32::from(low);
        return is_public_v4(Ipv4Addr::from(bits));
    }
    // Global unicast, without the parts of it that are set aside.
    (0x2000..0x4000).contains(&segments[0])
        && !(segments[0] == 0x2001 && (segments[1] < 0x200 || segments[1] == 0xdb8))
        && segments[0] != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(api: &str) -> Guard {
        let files = [
            "*.golpoai.com".parse().unwrap(),
            "files.example.com".parse().unwrap(),
        ];
        Guard::new(&Url::parse(api).unwrap(), &files).unwrap()
    }

    #[test]
    fn hosts_must_be_on_the_list_and_never_private() {
        let guard = guard("https://api.golpoai.com");
        for (address, expected) in [
            ("https://api.golpoai.com/api/v1/videos", Ok(())),
            ("https://cdn.golpoai.com/v.mp4?sig=1", Ok(())),
            ("https://files.example.com./v.mp4", Ok(())),
            (
                "https://golpoai.com.example.net/v.mp4",
                Err(AddressError::Host),
            ),
            ("https://evilgolpoai.com/v.mp4", Err(AddressError::Host)),
            ("https://golpoai.com/v.mp4", Err(AddressError::Host)),
            ("http://cdn.golpoai.com/v.mp4", Err(AddressError::Scheme)),
            ("file:///etc/passwd", Err(AddressError::Malformed)),
            ("ftp://cdn.golpoai.com/v.mp4", Err(AddressError::Scheme)),
            (
                "https://user@cdn.golpoai.com/",
                Err(AddressError::Credentials),
            ),
            (
                "https://cdn.golpoai.com@127.0.0.1/",
                Err(AddressError::Credentials),
            ),
            ("https://127.0.0.1/v.mp4", Err(AddressError::Private)),
            ("http://127.0.0.1/v.mp4", Err(AddressError::Scheme)),
            ("https://[::1]/v.mp4", Err(AddressError::Private)),
            (
                "https://169.254.169.254/latest/meta-data",
                Err(AddressError::Private),
            ),
            ("https://0x7f000001/", Err(AddressError::Private)),
            ("https://2130706433/", Err(AddressError::Private)),
            ("https://93.184.215.14/v.mp4", Err(AddressError::Host)),
            ("nonsense", Err(AddressError::Malformed)),
        ] {
            assert_eq!(guard.parse(address).map(|_| ()), expected, "{address}");
        }
    }

    #[test]
    fn a_local_api_opens_this_machine_and_nothing_else() {
        let guard = guard("http://127.0.0.1:1234");
        assert!(guard.parse("http://127.0.0.1:99/v.mp4").is_ok());
        assert!(guard.parse("http://10.0.0.1/v.mp4").is_err());
        assert!(guard.parse("https://10.0.0.1/v.mp4").is_err());
        assert!(guard.parse("http://cdn.golpoai.com/v.mp4").is_err());
    }

    #[test]
    fn addresses_of_private_networks_are_told_apart() {
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "8.8.8.8",
            "93.184.215.14",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "172.32.0.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_into_a_private_network_is_refused() {
        let name = || "localhost".parse().unwrap();
        let refused = guard("https://api.golpoai.com").resolve(name()).await;
        assert!(refused.is_err_and(|error| error.is::<AddressError>()));
        assert!(guard("http://localhost:1").resolve(name()).await.is_ok());
    }

    #[test]
    fn patterns_name_hosts() {
        for bad in [
            "",
            "*",
            "*.com",
            "a b",
            "https://a.example",
            "a..b",
            "*.*.example.com",
        ] {
            assert!(bad.parse::<HostPattern>().is_err(), "{bad}");
        }
    }
}
