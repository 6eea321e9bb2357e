//! Whether a server can be reached at all: its name, a connection, TLS, each with its time and its own words of failure.

use crate::route::Phases;
use crate::wire::host::is_loopback;
use reqwest::Url;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Resolves, connects and agrees on TLS, then hangs up. Phases hold what was reached; `Err` says what was not.
///
/// Behind a proxy of the environment only the proxy could tell, so nothing is tried and nothing is said.
pub async fn reach(url: &Url, most: Duration) -> (Phases, Result<(), String>) {
    let mut phases = Phases::default();
    let reached = if proxied(url) { Ok(()) } else { step_by_step(url, most, &mut phases).await };
    (phases, reached)
}

async fn step_by_step(url: &Url, most: Duration, phases: &mut Phases) -> Result<(), String> {
    let began = Instant::now();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let found = bounded(most, "resolving", tokio::net::lookup_host((host.as_str(), port))).await;
    let addresses: Vec<SocketAddr> =
        found.map_err(|why| format!("the name {host} cannot be resolved: {why}"))?.collect();
    phases.dns = Some(ms(began));
    let stream = bounded(most, "connecting", connect(&addresses)).await;
    let stream = stream.map_err(|why| format!("{host}:{port} cannot be connected to: {why}"))?;
    phases.connect = Some(ms(began));
    if url.scheme() == "https" {
        let name = ServerName::try_from(host.clone()).map_err(|why| format!("{host} is no name for TLS: {why}"))?;
        let agreed = bounded(most, "TLS", connector()?.connect(name, stream)).await;
        agreed.map_err(|why| format!("TLS with {host} failed: {why}"))?;
        phases.tls = Some(ms(began));
    }
    Ok(())
}

/// The first address that answers; the last one's words when none does.
async fn connect(addresses: &[SocketAddr]) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::other("the name has no address");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn bounded<T>(most: Duration, what: &str, work: impl Future<Output = std::io::Result<T>>) -> Result<T, String> {
    match timeout(most, work).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err(format!("{what} took more than {} s", most.as_secs())),
    }
}

fn connector() -> Result<TlsConnector, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| format!("TLS cannot be set up: {error}"))?;
    Ok(TlsConnector::from(Arc::new(config.with_no_client_auth())))
}

/// Whether the environment names a proxy for this address.
fn proxied(url: &Url) -> bool {
    let set = |name: &str| {
        let value = |name: String| std::env::var(name).ok().filter(|value| !value.is_empty());
        value(name.to_lowercase()).or_else(|| value(name.to_uppercase()))
    };
    let excepted = set("no_proxy").is_some_and(|list| {
        let host = url.host_str().unwrap_or_default();
        list.split(',')
            .map(str::trim)
            .any(|end| end == "*" || (!end.is_empty() && host.ends_with(end.trim_start_matches('.'))))
    });
    let named = set(&format!("{}_proxy", url.scheme())).or_else(|| set("all_proxy"));
    named.is_some() && !excepted && !is_loopback(url)
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}
