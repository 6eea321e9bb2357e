//! Replies that are ready to be sent.

/// The content type of the gateway's own JSON.
const JSON: &str = "application/json; charset=utf-8";

/// Status, a few headers and a body.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// The content type, if any.
    pub kind: Option<String>,
    pub body: Vec<u8>,
    /// The length is told beforehand; otherwise the body is chunked.
    pub announced: bool,
    /// The body is compressed.
    pub gzip: bool,
    /// Where the client should look instead.
    pub location: Option<&'static str>,
}

impl Page {
    /// A body of any kind.
    pub fn new(status: u16, kind: Option<&str>, body: impl Into<Vec<u8>>) -> Page {
        Page { status, kind: kind.map(str::to_owned), body: body.into(), announced: true, gzip: false, location: None }
    }

    /// JSON of the gateway's own.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Page {
        Page::new(status, Some(JSON), body)
    }

    /// A redirection.
    pub fn moved(location: &'static str) -> Page {
        let body = format!("<a href=\"{location}\">Moved Permanently</a>.\n\n");
        Page { location: Some(location), ..Page::new(301, Some("text/html; charset=utf-8"), body) }
    }
}
