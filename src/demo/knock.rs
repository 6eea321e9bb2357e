//! A request that was read, with the answers to "who" and "which".

use super::auth;
use super::fault;
use super::page::Page;
use super::picture::mix;
use super::route::{self, Route};
use super::upload;
use hyper::Method;
use hyper::header::{CONTENT_ENCODING, HeaderMap};
use std::borrow::Cow;
use std::io;

/// A request, as it came.
pub struct Knock<'a> {
    /// Counts from 1.
    pub number: u64,
    pub method: &'a Method,
    pub path: &'a str,
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

impl<'a> Knock<'a> {
    pub fn route(&self) -> Route<'a> {
        route::of(self.method, self.path, self.query)
    }

    /// Whether the key opens the door; `bearer_only` looks at no other place.
    pub fn may_enter(&self, expected: Option<&str>, bearer_only: bool) -> Access {
        let found = if bearer_only { auth::bearer(self.headers) } else { auth::find(self.headers, self.query) };
        match found {
            None => Access::NoKey,
            Some(credential) if credential.opens(expected) => Access::Granted,
            Some(_) => Access::WrongKey,
        }
    }

    /// The body, inflated when it says that it is gzip.
    pub fn plain_body(&self) -> io::Result<Cow<'a, [u8]>> {
        let gzip =
            self.headers.get(CONTENT_ENCODING).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"));
        if gzip { upload::inflate(self.body).map(Cow::Owned) } else { Ok(Cow::Borrowed(self.body)) }
    }

    /// An error of the gateway's own about this request.
    pub fn fault(&self, status: u16, code: &str, message: &str) -> Page {
        fault::own(status, code, message, &self.request_id())
    }

    /// The id that every reply carries: digits of a time, then a tail of letters, made of the number alone.
    pub fn request_id(&self) -> String {
        const TAIL: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let letter = |place: u64| char::from(TAIL[((mix(self.number) >> (place * 8)) % 62) as usize]);
        let tail: String = (0..8).map(letter).collect();
        format!("20261122000000{:09}{tail}", self.number)
    }
}

/// What the door says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Granted,
    NoKey,
    WrongKey,
}
