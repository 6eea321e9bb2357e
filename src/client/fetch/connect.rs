//! One GET to the addresses that were judged and to no others, with nothing that tells who asks.

use super::FetchError;
use crate::client::describe;
use crate::client::guard::Place;
use reqwest::dns::{self, Name};
use reqwest::header::ACCEPT;
use reqwest::{Client, Response};
use std::future::{Future, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;
use tokio::net::lookup_host;
use url::Host;

/// Addresses on their way.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Resolves a name, given with the port.
pub type Resolve = dyn Fn(&str, u16) -> Resolving + Send + Sync;

const CONNECT: Duration = Duration::from_secs(10);

/// The system's resolver.
pub fn lookup(host: &str, port: u16) -> Resolving {
    let host = host.to_owned();
    Box::pin(async move { lookup_host((host, port)).await.map(|found| found.collect::<Vec<_>>()) })
}

/// Resolves, judges, connects, asks. The response is complete up to its body.
pub async fn ask(place: &Place, resolve: &Resolve) -> Result<Response, FetchError> {
    let failed = |error: reqwest::Error| FetchError::Connection { host: place.name(), reason: describe(&error) };
    let addresses = addresses(place, resolve).await?;
    let client = client(addresses).map_err(failed)?;
    client.get(place.url.clone()).header(ACCEPT, "image/*").send().await.map_err(failed)
}

/// None for a host that is an address: it was judged with the link, and is connected to as it stands.
async fn addresses(place: &Place, resolve: &Resolve) -> Result<Vec<SocketAddr>, FetchError> {
    let Host::Domain(name) = &place.host else {
        return Ok(Vec::new());
    };
    let unresolved = |reason: String| FetchError::Unresolved { host: place.name(), reason };
    let found = resolve(name, place.port).await.map_err(|error| unresolved(error.to_string()))?;
    if found.is_empty() {
        return Err(unresolved("it has no address".to_owned()));
    }
    Ok(place.pin(found)?)
}

/// A client for one connection. A proxy would resolve the name anew, so none is used.
fn client(addresses: Vec<SocketAddr>) -> reqwest::Result<Client> {
    // Fails only when some provider is installed already, which is as good.
    let _already = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("unpeel/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .dns_resolver(Pinned(addresses))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .pool_max_idle_per_host(0)
        .connect_timeout(CONNECT)
        .build()
}

/// Answers with the judged addresses whatever name is asked for, so that no spelling of it reaches the real resolver.
struct Pinned(Vec<SocketAddr>);

impl dns::Resolve for Pinned {
    fn resolve(&self, _name: Name) -> dns::Resolving {
        let addresses: dns::Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(ready(Ok(addresses)))
    }
}
