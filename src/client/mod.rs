//! One paid POST over a fresh connection: phases and bytes as they move, no retry, no redirect, nothing unpacked.
//!
//! `connect` is taken when the body is first asked for (the connection stands then), `sent` when its last byte was taken.

mod fetch;
mod get;
mod guard;
mod key;
mod reach;
mod request_id;
mod upload;

pub use fetch::{FetchError, Fetched, Resolve, Resolving};
pub use get::{Get, Got};
pub use guard::{Guard, Hop, Place, Refusal, check, is_public};
pub use key::{KeyError, at_hand as key_at_hand, resolve as resolve_key, resolve_noted};
pub use reach::reach;
pub use request_id::request_id;

use crate::config::Auth;
use crate::secret::Key;
use crate::wire::host::is_loopback;
use crate::wire::verdict::Ending;
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, RequestBuilder, Response, Url};
use std::error::Error;
use std::future::Future;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep_until};
use upload::{Step, Upload};

/// Limits of time; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub connect: Duration,
    /// Without a byte in either direction.
    pub idle: Duration,
    pub total: Option<Duration>,
}

/// What is posted, and where to.
#[derive(Debug, Clone)]
pub struct Post {
    pub url: Url,
    pub auth: Auth,
    pub key: Option<Key>,
    pub body: Bytes,
    pub limits: Limits,
}

/// Something moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The connection stands; the first byte leaves when this was taken, so it can be noted before.
    Leaving,
    /// Bytes of the request body taken so far.
    Up(u64),
    Head {
        status: u16,
        headers: Vec<(String, String)>,
    },
    Down(Bytes),
}

/// Takes what moves. An error at [`Event::Leaving`] keeps the request from being sent, one at [`Event::Down`] ends the
/// reply there; others change nothing.
pub type Take<'a> = &'a mut (dyn FnMut(Event) -> Result<(), String> + Send);

/// Sends once and reports what moves. Dropping the future closes the connection.
pub async fn post(post: &Post, on: Take<'_>) -> Ending {
    let (tell, mut told) = mpsc::unbounded_channel();
    let request = match build(post, tell) {
        Ok(request) => request,
        Err(why) => return Ending::NotSent(why),
    };
    let deadline = post.limits.total.map(|total| Instant::now() + total);
    let mut clock = IdleClock::new(post.limits.idle, deadline);
    let mut taken = 0;
    let mut sending = Box::pin(request.send());
    let sent = loop {
        tokio::select! {
            biased;
            Some(step) = told.recv() => {
                clock.restart();
                match report(step, on) {
                    Ok(bytes) => taken = taken.max(bytes),
                    Err(why) => return Ending::NotSent(why),
                }
            }
            result = &mut sending => break result,
            () = clock.wait() => return late(taken > 0 || post.body.is_empty(), &clock),
        }
    };
    while let Ok(step) = told.try_recv() {
        taken = taken.max(report(step, on).unwrap_or(0));
    }
    match sent {
        Ok(response) => receive(response, clock, on).await,
        Err(error) => not_answered(&error, taken > 0),
    }
}

/// Hands a step on; returns how many bytes were taken by then.
fn report(step: Step, on: Take<'_>) -> Result<u64, String> {
    match step {
        Step::Leaving(leave) => {
            on(Event::Leaving)?;
            // The body is gone only when the connection is.
            let _gone = leave.send(());
            Ok(0)
        }
        Step::Taken(up) => {
            let _noted = on(Event::Up(up));
            Ok(up)
        }
    }
}

fn late(left: bool, clock: &IdleClock) -> Ending {
    match left {
        true => Ending::TimedOut(format!("{}; the request had left, it may be billed", clock.describe())),
        false => Ending::NotSent(format!("{}, before anything was sent", clock.describe())),
    }
}

fn not_answered(error: &reqwest::Error, left: bool) -> Ending {
    let why = describe(error);
    match left {
        true => Ending::NoReply(why),
        false if error.is_connect() || error.is_timeout() || error.is_builder() => Ending::NotSent(why),
        // The connection stood and failed: its head may have gone out.
        false => Ending::NoReply(why),
    }
}

async fn receive(mut response: Response, mut clock: IdleClock, on: Take<'_>) -> Ending {
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let _noted = on(Event::Head { status: response.status().as_u16(), headers: headers.collect() });
    loop {
        clock.restart();
        tokio::select! {
            chunk = response.chunk() => match chunk {
                Ok(Some(bytes)) => if let Err(why) = on(Event::Down(bytes)) {
                    return Ending::Cut(why);
                },
                Ok(None) => return Ending::Complete,
                Err(error) => return Ending::Cut(format!("the connection ended inside the reply ({})", describe(&error))),
            },
            () = clock.wait() => return Ending::TimedOut(format!("{} inside the reply", clock.describe())),
        }
    }
}

/// Ends a call that is silent for too long, or that takes too long in all.
struct IdleClock {
    idle: Duration,
    deadline: Option<Instant>,
    silence: std::pin::Pin<Box<Sleep>>,
}

impl IdleClock {
    fn new(idle: Duration, deadline: Option<Instant>) -> Self {
        IdleClock { idle, deadline, silence: Box::pin(sleep_until(end(idle, deadline))) }
    }

    fn restart(&mut self) {
        let end = end(self.idle, self.deadline);
        self.silence.as_mut().reset(end);
    }

    fn wait(&mut self) -> impl Future<Output = ()> + '_ {
        self.silence.as_mut()
    }

    fn describe(&self) -> String {
        match self.deadline.filter(|deadline| *deadline <= Instant::now()) {
            Some(_) => "the total time limit passed".to_owned(),
            None => format!("no byte for {} s", self.idle.as_secs_f64()),
        }
    }
}

fn end(idle: Duration, deadline: Option<Instant>) -> Instant {
    let silence = Instant::now() + idle;
    deadline.map_or(silence, |deadline| deadline.min(silence))
}

/// A client of its own for every call: no pooled connection can be stale, so an outcome is never doubtful for that reason.
fn client(url: &Url, limits: &Limits) -> Result<reqwest::Client, String> {
    // Fails only when some provider is installed already, which is as good.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder();
    // A proxy of the environment cannot reach this machine's own loopback, and must not see its keys.
    let builder = if is_loopback(url) { builder.no_proxy() } else { builder };
    builder
        .user_agent(concat!("unpeel/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .connect_timeout(limits.connect)
        .referer(false)
        .build()
        .map_err(|error| describe(&error))
}

fn build(post: &Post, tell: mpsc::UnboundedSender<Step>) -> Result<RequestBuilder, String> {
    check_place(&post.url, post.key.as_ref())?;
    let request = client(&post.url, &post.limits)?.post(with_query_key(post));
    let request =
        request.header(CONTENT_TYPE, "application/json").body(Body::wrap(Upload::new(post.body.clone(), tell)));
    with_header_key(request, post.auth, post.key.as_ref())
}

/// A key goes to its own profile's server and nowhere else.
fn check_place(url: &Url, key: Option<&Key>) -> Result<(), String> {
    match key.is_none_or(|key| key.may_go_to(url)) {
        true => Ok(()),
        false => Err(format!("the key belongs to another server than {}", url.origin().ascii_serialization())),
    }
}

fn with_query_key(post: &Post) -> Url {
    let mut url = post.url.clone();
    if let (Auth::Query, Some(key)) = (post.auth, &post.key) {
        url.query_pairs_mut().append_pair("key", key.expose());
    }
    url
}

fn with_header_key(request: RequestBuilder, auth: Auth, key: Option<&Key>) -> Result<RequestBuilder, String> {
    let secret = |text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| {
            "the key holds characters that cannot stand in a header; check where it comes from".to_owned()
        })?;
        value.set_sensitive(true);
        Ok::<_, String>(value)
    };
    Ok(match (auth, key) {
        (Auth::Header, Some(key)) => request.header("x-goog-api-key", secret(key.expose())?),
        (Auth::Bearer, Some(key)) => request.header(AUTHORIZATION, secret(&format!("Bearer {}", key.expose()))?),
        (Auth::Query, _) | (_, None) => request,
    })
}

/// An error with its causes and without its URL, which may hold a key.
fn describe(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if words.last() != Some(&text) && !text.is_empty() {
            words.push(text);
        }
        cause = inner.source();
    }
    let kind = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "could not connect"
    } else {
        "connection failed"
    };
    if words.is_empty() { kind.to_owned() } else { format!("{kind}: {}", words.join(": ")) }
}
