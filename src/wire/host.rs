//! Which hosts are this machine.

use url::{Host, Url};

/// Whether a URL leads to this machine, judged by the name alone. Of names it is `localhost` only: what stands below it,
/// like `a.localhost`, may be asked of a name server, which could answer anything.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_literal_addresses_and_localhost_are_this_machine() {
        for (url, loopback) in [
            ("http://localhost:4000/", true),
            ("http://LOCALHOST/", true),
            ("http://127.8.9.1/", true),
            ("http://0x7f.1/", true),
            ("http://[::1]:4000/", true),
            ("http://a.localhost/", false),
            ("http://localhost./", false),
            ("http://localhost.example.com/", false),
            ("http://0.0.0.0/", false),
            ("http://192.168.0.1/", false),
            ("file:///localhost", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).expect("a URL")), loopback, "{url}");
        }
    }
}
