//! Whether a link that a model or a server sent may be followed: judged by its parsed host, then by every address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use url::{Host, Url};

/// A 4K picture as PNG is some 25 MB.
const MOST_BYTES: usize = 64 * 1024 * 1024;

const TIME: Duration = Duration::from_secs(60);

/// Names that mean this machine or its network, by themselves and below them, whatever they resolve to.
const LOCAL_NAMES: [&str; 5] = ["localhost", "localdomain", "local", "internal", "home.arpa"];

/// IPv4 nets where no stranger's picture can be, by their first address and length.
const NOT_PUBLIC: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Shared by carriers, and by overlay networks.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // A public address by its number, a cloud's metadata service by its use.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    // Link-local, most clouds' metadata among it.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Why a link is not followed. Names its host, never its path or query: those may be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither https nor http, or without a host.
    #[error("the link begins with {scheme}:, and only https links to a host are fetched")]
    Scheme {
        /// Its beginning, cut when long.
        scheme: String,
    },
    /// A user name or a password in front of the host.
    #[error("the link to {host} carries a user name or a password, so it is not fetched")]
    UserInfo {
        /// The host, with its port when that is written out.
        host: String,
    },
    /// Plain http to a host that the user did not name.
    #[error("the link to {host} is plain http, so it is not fetched; [fetch] allow = [\"{host}\"] lets it pass")]
    Plain {
        /// As above.
        host: String,
    },
    /// A name of this machine or its network.
    #[error("{host} is a name inside your network, so it is not fetched; [fetch] allow = [\"{host}\"] lets it pass")]
    LocalName {
        /// As above.
        host: String,
    },
    /// An address of this machine, of its network, or of nobody.
    #[error("{host} leads to {address}, no public address; [fetch] allow = [\"{host}\"] lets it pass")]
    Address {
        /// As above.
        host: String,
        /// The address.
        address: IpAddr,
    },
}

/// What may be fetched, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Hosts, or `host:port`, that the user trusts: plain http and any address will do.
    pub allow: Vec<String>,
    /// The base of the user's own profile. Links of its scheme, host and port are trusted, redirects to it are not.
    pub own: Option<Url>,
    /// Bytes of a picture.
    pub most_bytes: usize,
    /// For everything: resolving, redirects, the picture.
    pub time: Duration,
}

/// How a link was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// It is the link that was asked for.
    First,
    /// A server redirected to it.
    Redirect {
        /// Whether the link that was asked for was exempt.
        first_exempt: bool,
    },
}

/// Where a link leads that may be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Http or https, without a user and a fragment.
    pub url: Url,
    /// Its host; an address was judged already.
    pub host: Host<String>,
    /// Its port, also when it is not written out.
    pub port: u16,
    /// The user trusts it: addresses are not judged.
    pub exempt: bool,
}

impl Guard {
    /// A guard with the usual bounds: 64 MB within a minute.
    pub fn new(allow: Vec<String>, own: Option<Url>) -> Guard {
        Guard { allow, own, most_bytes: MOST_BYTES, time: TIME }
    }

    fn allows(&self, host: &Host<&str>, port: u16) -> bool {
        let mut entries = self.allow.iter().filter_map(|entry| read_entry(entry.trim()));
        entries.any(|(name, only)| name == *host && only.is_none_or(|only| only == port))
    }

    fn is_own(&self, url: &Url) -> bool {
        self.own.as_ref().is_some_and(|own| own.origin() == url.origin())
    }
}

/// Judges a link by what it says. Nothing is resolved: [`Place::pin`] judges what a name leads to.
pub fn check(url: &Url, guard: &Guard, hop: Hop) -> Result<Place, Refusal> {
    let is_web = matches!(url.scheme(), "https" | "http");
    let (true, Some(host), Some(port)) = (is_web, url.host(), url.port_or_known_default()) else {
        return Err(Refusal::Scheme { scheme: url.scheme().chars().take(20).collect() });
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::UserInfo { host: shown(url) });
    }
    let exempt = match hop {
        Hop::First => guard.is_own(url) || guard.allows(&host, port),
        Hop::Redirect { first_exempt } => first_exempt && guard.allows(&host, port),
    };
    if !exempt {
        judge(url, &host)?;
    }
    let mut plain = url.clone();
    plain.set_fragment(None);
    Ok(Place { url: plain, host: host.to_owned(), port, exempt })
}

fn judge(url: &Url, host: &Host<&str>) -> Result<(), Refusal> {
    if url.scheme() != "https" {
        return Err(Refusal::Plain { host: shown(url) });
    }
    match host {
        Host::Domain(name) if is_local(name) => Err(Refusal::LocalName { host: shown(url) }),
        Host::Domain(_) => Ok(()),
        Host::Ipv4(address) => judge_address(IpAddr::V4(*address), || shown(url)),
        Host::Ipv6(address) => judge_address(IpAddr::V6(*address), || shown(url)),
    }
}

fn judge_address(address: IpAddr, host: impl FnOnce() -> String) -> Result<(), Refusal> {
    if is_public(address) { Ok(()) } else { Err(Refusal::Address { host: host(), address }) }
}

impl Place {
    /// The host, with its port when that is written out.
    pub fn name(&self) -> String {
        shown(&self.url)
    }

    /// The addresses to connect to, of those that the host's name resolved to: all of them, or none when one is refused.
    pub fn pin(&self, resolved: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refusal> {
        let pin = |mut address: SocketAddr| -> Result<SocketAddr, Refusal> {
            if !self.exempt {
                judge_address(address.ip(), || self.name())?;
            }
            address.set_port(self.port);
            Ok(address)
        };
        resolved.into_iter().map(pin).collect()
    }
}

fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `host` or `host:port`, an IPv6 address with or without brackets; read like a URL's host, so both compare as parsed.
fn read_entry(entry: &str) -> Option<(Host<String>, Option<u16>)> {
    if let Ok(address) = entry.parse() {
        return Some((Host::Ipv6(address), None));
    }
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) if !entry.ends_with(']') => (name, Some(port.parse::<u16>().ok()?)),
        _ => (entry, None),
    };
    Some((Host::parse(name).ok()?, port))
}

fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let is_below = |rest: &str| rest.is_empty() || rest.ends_with('.');
    LOCAL_NAMES.iter().any(|local| name.strip_suffix(*local).is_some_and(is_below))
}

/// Whether an address is one of the public Internet, so that a stranger's picture may be there.
///
/// An IPv6 address that stands for an IPv4 one (mapped, compatible, NAT64, 6to4) is judged by that one.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => embedded(address).map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let same = |net: Ipv4Addr, length: u32| (net.to_bits() ^ address.to_bits()) >> (32 - length) == 0;
    !NOT_PUBLIC.iter().any(|(net, length)| same(*net, *length))
}

fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, _, _, _, _, _] => Some(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low))),
        _ => None,
    }
}

/// Global unicast is 2000::/3 alone, which leaves out all that is local, multicast or unassigned.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Protocols' own, Teredo and benchmarks among them; then both nets for documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: &str = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.9.9.9 168.63.129.16 \
        169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 \
        198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 \
        :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::1 \
        100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:db8::1 2002:7f00:1::1 2002:a9fe:a9fe:: \
        3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 febf::1 fec0::1 ff02::1 4000::1";

    const PUBLIC: &str = "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 128.0.0.1 169.253.0.1 172.15.0.1 \
        172.32.0.1 192.0.1.1 192.167.1.1 198.17.0.1 198.20.0.1 223.255.255.255 \
        ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1 2001:200::1 2001:4860:4860::8888 2606:4700::1111 2a00:1450::1";

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for (list, public) in [(REFUSED, false), (PUBLIC, true)] {
            for text in list.split_whitespace() {
                assert_eq!(is_public(text.parse().unwrap()), public, "{text}");
            }
        }
    }

    fn verdict(text: &str, guard: &Guard, hop: Hop) -> String {
        match check(&Url::parse(text).unwrap(), guard, hop) {
            Ok(place) => format!("{} {} {}", place.url, place.port, if place.exempt { "exempt" } else { "judged" }),
            Err(refusal) => refusal.to_string(),
        }
    }

    #[test]
    fn links_are_judged_as_they_were_parsed() {
        let guard = Guard::new(Vec::new(), Url::parse("http://localhost:4000/gemini").ok());
        for (text, part) in [
            ("https://cdn.example.com/a.png?sig=x#top", "https://cdn.example.com/a.png?sig=x 443 judged"),
            ("HTTPS://8.8.8.8:8443/a", "https://8.8.8.8:8443/a 8443 judged"),
            ("https://notlocalhost/a", "443 judged"),
            ("http://localhost:4000/files/a.png", "4000 exempt"),
            ("https://localhost:4000/", "a name inside your network"),
            ("http://localhost:4001/", "localhost:4001 is plain http"),
            ("http://cdn.example.com/a.png?sig=secret", "cdn.example.com is plain http"),
            ("https://me@cdn.example.com/", "a user name or a password"),
            ("https://:secret@cdn.example.com/", "a user name or a password"),
            ("http://me:secret@localhost:4000/", "a user name or a password"),
            ("https://cdn.example.com@127.0.0.1/", "a user name or a password"),
            ("file:///etc/passwd", "begins with file:"),
            ("data:image/png;base64,AAAA", "begins with data:"),
            ("ftp://cdn.example.com/a", "begins with ftp:"),
            ("javascript:alert(1)", "begins with javascript:"),
            ("blob:http://localhost:4000/a", "begins with blob:"),
            ("https://localhost./", "a name inside your network"),
            ("https://LOCAL\u{ad}HOST/", "a name inside your network"),
            ("https://a.localhost/", "a name inside your network"),
            ("https://metadata.google.internal/", "a name inside your network"),
            ("https://printer.local./", "a name inside your network"),
            ("https://2130706433/", "127.0.0.1 leads to 127.0.0.1"),
            ("https://0177.0.0.1/", "leads to 127.0.0.1"),
            ("https://0x7f.1/", "leads to 127.0.0.1"),
            ("https://127.1/", "leads to 127.0.0.1"),
            ("https://127.0.0.1./", "leads to 127.0.0.1"),
            ("https://%31%32%37.0.0.1/", "leads to 127.0.0.1"),
            ("https://１２７。０。０。１/", "leads to 127.0.0.1"),
            ("https:\\\\0/", "leads to 0.0.0.0"),
            ("https://[::ffff:7f00:1]:99/", "[::ffff:7f00:1]:99 leads to ::ffff:127.0.0.1"),
            ("https://[::1]/", "leads to ::1"),
        ] {
            let said = verdict(text, &guard, Hop::First);
            assert!(said.contains(part) && !said.contains("secret"), "{text}: {said}");
        }
    }

    #[test]
    fn a_redirect_is_exempt_only_from_a_trusted_link_to_an_allowed_host() {
        let allow = ["CDN.corp.example", "10.0.0.7:8080", "::1", "[fd00::2]:81", "", "http://x"].map(String::from);
        let guard = Guard::new(allow.to_vec(), Url::parse("http://localhost:4000").ok());
        let (trusted, strange) = (Hop::Redirect { first_exempt: true }, Hop::Redirect { first_exempt: false });
        for (text, [first, from_trusted, from_strange]) in [
            ("http://cdn.corp.example:8080/", [true, true, false]),
            ("http://10.0.0.7:8080/", [true, true, false]),
            ("http://10.0.0.7/", [false, false, false]),
            ("https://10.0.0.7:8081/", [false, false, false]),
            ("http://[::1]:5000/", [true, true, false]),
            ("http://[fd00::2]:81/", [true, true, false]),
            ("http://[fd00::2]/", [false, false, false]),
            ("http://a.cdn.corp.example/", [false, false, false]),
            ("http://localhost:4000/", [true, false, false]),
        ] {
            for (hop, exempt) in [(Hop::First, first), (trusted, from_trusted), (strange, from_strange)] {
                let said = verdict(text, &guard, hop);
                assert_eq!(said.ends_with(" exempt"), exempt, "{text} {hop:?}: {said}");
            }
        }
    }

    #[test]
    fn one_refused_address_refuses_all_and_the_port_is_the_links() {
        let guard = Guard::new(Vec::new(), None);
        let place = check(&Url::parse("https://cdn.example.com/").unwrap(), &guard, Hop::First).unwrap();
        let resolved = |list: [&str; 2]| list.map(|text| SocketAddr::new(text.parse().unwrap(), 7)).to_vec();
        let pinned = place.pin(resolved(["8.8.8.8", "2606:4700::1111"])).unwrap();
        let pinned: Vec<String> = pinned.iter().map(ToString::to_string).collect();
        assert_eq!(pinned, ["8.8.8.8:443", "[2606:4700::1111]:443"]);
        let refused = place.pin(resolved(["8.8.8.8", "192.168.0.1"])).unwrap_err();
        assert!(refused.to_string().starts_with("cdn.example.com leads to 192.168.0.1, no public address"));
    }
}
