//! The demo gateway: a real HTTP server on loopback that stands in for a new-api style gateway before Google's Gemini API.
//!
//! A request goes `server` → `upload` (read) → `decide` (which scene) → `ledger` (logged) → `order` (drawn) → `body` (sent,
//! or stalled, or cut). Scenes are data, in `scenes.toml`, those that attack the client in `hostile.toml`; the pictures are
//! drawn from prompt and seed, in `picture`.
//! Nothing in a reply depends on a clock, so equal requests in equal order get equal replies.

mod auth;
mod body;
mod bomb;
mod bulk;
mod call;
mod decide;
mod echo;
mod fault;
mod gemini;
mod generate;
mod header;
mod journal;
mod json;
mod knock;
mod ledger;
mod line;
mod listing;
mod models;
mod oddity;
mod order;
mod page;
mod payload;
mod picture;
mod pixels;
mod query;
mod reply;
mod route;
mod scene;
mod server;
mod shape;
mod studio;
mod upload;
mod usage;

pub use payload::payload;
pub use scene::{Scene, scenes};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ledger::Ledger;
use line::{Line, Watched};
use server::Gateway;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How long to rest when a connection could not be accepted, as when the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How the demo behaves; the flags of `unpeel demo`.
#[derive(Debug, Clone)]
pub struct Options {
    /// On 127.0.0.1; 0 is any free one.
    pub port: u16,
    /// The scene of requests that name none.
    pub scene: Option<String>,
    /// A file that gets a JSON line per request, and one per reply that was fully written.
    pub request_log: Option<PathBuf>,
    /// Added to every generate call before its first byte.
    pub delay: Duration,
    /// How many models the lists hold; without it the known ones.
    pub models: Option<usize>,
    /// What the usage endpoint books, as a multiple of the list price.
    pub usage_drift: f64,
    /// The only key that is right; without it any key is.
    pub key: Option<String>,
    /// The seed of pictures whose request has none.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            port: 0,
            scene: None,
            request_log: None,
            delay: Duration::ZERO,
            models: None,
            usage_drift: 1.0,
            key: None,
            seed: 0,
        }
    }
}

/// Why the demo cannot start.
#[derive(Debug, Error)]
pub enum DemoError {
    #[error("cannot listen on 127.0.0.1:{port}: {reason}; choose another port, or 0 for any free one")]
    Listen { port: u16, reason: io::Error },
    #[error("cannot write the request log {}: {reason}", .path.display())]
    RequestLog { path: PathBuf, reason: io::Error },
    #[error("there is no scene \"{id}\"; `unpeel demo --list` names them")]
    Scene { id: String },
}

/// A demo that has its port and waits to be served.
#[derive(Debug)]
pub struct Demo {
    listener: TcpListener,
    address: SocketAddr,
    gateway: Arc<Gateway>,
}

impl Demo {
    /// Takes the port and opens the request log. Connections queue from here on, also before `serve` runs.
    pub async fn bind(options: Options) -> Result<Demo, DemoError> {
        if let Some(id) = options.scene.as_ref().filter(|id| scene::find(id).is_none()) {
            return Err(DemoError::Scene { id: id.clone() });
        }
        let ledger = Ledger::open(options.request_log.as_deref()).map_err(|reason| DemoError::RequestLog {
            path: options.request_log.clone().unwrap_or_default(),
            reason,
        })?;
        let port = options.port;
        let listen = |reason| DemoError::Listen { port, reason };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Demo { listener, address, gateway: Arc::new(Gateway { options, ledger: Arc::new(ledger) }) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL for clients, such as `http://127.0.0.1:4000`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until the future is dropped; its connections end with it.
    pub async fn serve(self) -> Infallible {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(connection(stream, Arc::clone(&self.gateway)));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the demo cannot accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                // Ended connections are let go of one by one.
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn connection(stream: TcpStream, gateway: Arc<Gateway>) {
    // Without this, small replies on loopback wait for an acknowledgement; failing to set it costs only time.
    let _ = stream.set_nodelay(true);
    let line = Arc::new(Line::new(Arc::clone(&gateway.ledger)));
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&line)));
    let service = service_fn(move |request| server::answer(Arc::clone(&gateway), Arc::clone(&line), request));
    let connection = http1::Builder::new().auto_date_header(false).serve_connection(io, service);
    // A client that breaks off, or a scene that does, ends its own connection and nothing else.
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to the demo ended early");
    }
}

/// Every scene on a line of its own, ended by a newline: id, verdict word, exit code and explanation, tab-separated.
pub fn list() -> String {
    scenes().iter().map(|scene| format!("{}\t{}\t{}\t{}\n", scene.id, scene.verdict, scene.exit, scene.line)).collect()
}
