//! Replies that are ready to be sent.

use super::bulk::Bulk;
use hyper::header::{HeaderName, HeaderValue, LOCATION};

/// The content type of the gateway's own JSON.
const JSON: &str = "application/json; charset=utf-8";

/// Status, a few headers and a body.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// The content type, if any.
    pub kind: Option<String>,
    pub body: Bulk,
    /// The length is told beforehand; otherwise the body is chunked.
    pub announced: bool,
    /// The body is compressed.
    pub gzip: bool,
    /// More headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Page {
    /// A body of any kind.
    pub fn new(status: u16, kind: Option<&str>, body: impl Into<Bulk>) -> Page {
        let (kind, body) = (kind.map(str::to_owned), body.into());
        Page { status, kind, body, announced: true, gzip: false, headers: vec![] }
    }

    /// JSON of the gateway's own.
    pub fn json(status: u16, body: impl Into<Bulk>) -> Page {
        Page::new(status, Some(JSON), body)
    }

    /// A redirection.
    pub fn moved(location: &'static str) -> Page {
        let body = format!("<a href=\"{location}\">Moved Permanently</a>.\n\n");
        let headers = vec![(LOCATION, HeaderValue::from_static(location))];
        Page { headers, ..Page::new(301, Some("text/html; charset=utf-8"), body) }
    }
}
