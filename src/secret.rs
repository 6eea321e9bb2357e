//! Keys that cannot be printed, and the mask that takes their echoes out of what is stored.

mod escapes;
mod mask;
mod pattern;
mod word;

pub use mask::Mask;

use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use url::{Origin, Url};

/// An API key. Has no `Display`, its `Debug` hides it, its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Key {
    text: SecretString,
    /// Where it may be sent; anywhere while it is unbound.
    origin: Option<Origin>,
    constant: bool,
}

impl Key {
    /// `None` for a text that is blank or cannot stand in a header (control characters, line ends inside).
    pub fn new(text: &str) -> Option<Key> {
        let trimmed = text.trim();
        let fine = !trimmed.is_empty() && !trimmed.chars().any(char::is_control);
        fine.then(|| Key { text: SecretString::from(trimmed), origin: None, constant: false })
    }

    /// A key that everybody knows, like the demo's: its echo gives nothing away, so it is not masked.
    pub fn constant(text: &'static str) -> Key {
        Key { text: SecretString::from(text), origin: None, constant: true }
    }

    /// The same key for the scheme, host and port of `base` alone.
    pub fn bind(self, base: &Url) -> Key {
        Key { origin: Some(base.origin()), ..self }
    }

    /// Whether the key belongs to where this URL leads. An unbound key may go anywhere.
    pub fn may_go_to(&self, url: &Url) -> bool {
        self.origin.as_ref().is_none_or(|origin| *origin == url.origin())
    }

    /// The key itself, for the one header or query it belongs to. Ask [`Key::may_go_to`] before, or use
    /// [`Key::expose_for`].
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The key itself, when it may go where this URL leads.
    pub fn expose_for(&self, url: &Url) -> Option<&str> {
        self.may_go_to(url).then(|| self.expose())
    }

    /// Whether everybody knows it.
    pub fn is_constant(&self) -> bool {
        self.constant
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests;
