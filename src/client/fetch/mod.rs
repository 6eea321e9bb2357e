//! Fetches a hosted picture under the guard: each name resolved once and pinned, redirects walked by hand, all bounded.

mod connect;
mod picture;

pub use connect::{Resolve, Resolving};

use super::guard::{Guard, Hop, Place, Refusal, check};
use crate::wire::link::redacted;
use connect::{ask, lookup};
use reqwest::Response;
use reqwest::header::LOCATION;
use tokio::time::timeout;
use url::{ParseError, Url};

const MOST_REDIRECTS: usize = 5;

/// Why there is no picture. Names hosts, never a path or query: those may be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The text is no URL.
    #[error("the link cannot be read as a URL: {0}")]
    Unreadable(#[from] ParseError),
    /// The guard refuses the link, or where it redirects to.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The name has no address.
    #[error("the name of {host} cannot be resolved: {reason}")]
    Unresolved {
        /// The host, with its port when that is written out.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No connection, or one that broke.
    #[error("{host} did not give the picture: {reason}")]
    Connection {
        /// As above.
        host: String,
        /// What went wrong.
        reason: String,
    },
    /// Another status than 200.
    #[error("{host} answered with status {status}{hint}")]
    Status {
        /// As above.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What it probably means; begins with a mark, or is empty.
        hint: &'static str,
    },
    /// A redirect without a place to go to.
    #[error("{host} redirects to nothing that can be read as a URL")]
    NoTarget {
        /// As above.
        host: String,
    },
    /// Redirects without an end.
    #[error("the link was redirected more than {} times, at last to {host}", MOST_REDIRECTS)]
    TooManyRedirects {
        /// As above.
        host: String,
    },
    /// Larger than [`Guard::most_bytes`].
    #[error("the picture at {host} is larger than {most} bytes, the most that is fetched")]
    TooLarge {
        /// As above.
        host: String,
        /// The bound.
        most: usize,
    },
    /// The body is something else.
    #[error("{host} sent {what}, not a picture")]
    NotAPicture {
        /// As above.
        host: String,
        /// What it looks like, and what it was declared as.
        what: String,
    },
    /// Longer than [`Guard::time`].
    #[error("{host} did not give the picture within {seconds} s")]
    TimedOut {
        /// The host of the link that was asked for.
        host: String,
        /// The bound, in whole seconds.
        seconds: u64,
    },
}

/// A picture that was hosted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The body, exact.
    pub bytes: Vec<u8>,
    /// By its first bytes, whatever was declared.
    pub mime: &'static str,
    /// Where it was in the end, fit to be shown.
    pub from: String,
    /// How many led there.
    pub redirects: usize,
}

impl Guard {
    /// Fetches a picture by a link from elsewhere. Dropping the future closes the connection.
    pub async fn fetch(&self, url: &str) -> Result<Fetched, FetchError> {
        self.fetch_with(url, &lookup).await
    }

    /// The same with a resolver of one's own. It is asked once for each name that is connected to.
    pub async fn fetch_with(&self, url: &str, resolve: &Resolve) -> Result<Fetched, FetchError> {
        let first = check(&Url::parse(url)?, self, Hop::First)?;
        let late = FetchError::TimedOut { host: first.name(), seconds: self.time.as_secs() };
        timeout(self.time, self.follow(first, resolve)).await.unwrap_or(Err(late))
    }

    async fn follow(&self, first: Place, resolve: &Resolve) -> Result<Fetched, FetchError> {
        let hop = Hop::Redirect { first_exempt: first.exempt };
        let mut place = first;
        for redirects in 0..=MOST_REDIRECTS {
            let response = ask(&place, resolve).await?;
            if let Some(target) = target(&place, &response)? {
                place = check(&target, self, hop)?;
                continue;
            }
            let (bytes, mime) = picture::take(response, &place, self.most_bytes).await?;
            return Ok(Fetched { bytes, mime, from: redacted(place.url.as_str()), redirects });
        }
        Err(FetchError::TooManyRedirects { host: place.name() })
    }
}

/// Where a redirect leads; `None` when the response is none.
fn target(place: &Place, response: &Response) -> Result<Option<Url>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    let target = location.and_then(|location| place.url.join(location).ok());
    target.map(Some).ok_or_else(|| FetchError::NoTarget { host: place.name() })
}

#[cfg(test)]
mod tests;
