//! A curl command as people paste it, read as a shell and curl would read it; the keys in it are set apart at once.

mod address;
mod error;
mod keys;
mod names;
mod options;
mod reader;
mod shell;

pub use error::CurlError;
pub use keys::KEY_LIKE;
pub use names::Names;

use regex::Regex;
use secrecy::SecretString;
use std::fmt;
use std::sync::LazyLock;
use url::Url;

/// A command at the start of a line, perhaps behind a prompt, is meant rather than the word in a sentence.
static AT_LINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?m)^[ \t]*(?:[^\s'"]*[$%#>][ \t]+)?(curl(?:\.exe)?)[\s\\]"#));
static ANYWHERE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?:^|[\s;&|(/`"'])(curl(?:\.exe)?)[\s\\]"#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns are constants, and the tests use each")
}

/// What a command asks curl to do, without its keys.
#[derive(Debug, Clone)]
pub struct Curl {
    /// What -X says, in capitals; `GET` for -G.
    pub method: Option<String>,
    /// Without user, fragment, and any of the query but `alt`.
    pub url: Url,
    /// Name and value; those that carry a key are in `keys` alone.
    pub headers: Vec<(String, String)>,
    /// The pieces of the body, in order, with the `&` that curl puts between them.
    pub data: Vec<Data>,
    /// What stood where keys stand, to be looked for elsewhere; it may be a variable's name.
    pub keys: Vec<SecretString>,
    /// What was left out or stays open, in sentences for people.
    pub notes: Vec<String>,
}

/// A piece of a body. Its `Debug` shows no content: a key may stand in it.
#[derive(Clone, PartialEq, Eq)]
pub enum Data {
    Text(String),
    /// The content of a file; `-d` takes its line ends out.
    File {
        path: String,
        one_line: bool,
    },
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Data::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Data::File { .. } => f.write_str("File"),
        }
    }
}

/// Reads the first command of a text, in time that grows with its length alone.
pub fn parse(text: &str) -> Result<Curl, CurlError> {
    let named = AT_LINE.captures(text).or_else(|| ANYWHERE.captures(text)).and_then(|found| found.get(1));
    let at = named.ok_or(CurlError::NoCommand)?.end();
    reader::read(shell::words(text, at)?)
}

#[cfg(test)]
mod tests;
