//! What a command and a body alone come down to: a route, a body, and the keys that stood beside them.

use super::ImportError;
use super::route::{self, Route};
use crate::wire::curl::{self, CurlError, Data, KEY_LIKE, Names};
use secrecy::SecretString;
use serde_json::Value;

/// Reads a file that a command names after `@`; a sentence says why it cannot.
pub type ReadFile<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<u8>, String>;

/// What both kinds of input come down to.
pub struct Source {
    pub route: Route,
    pub base: Option<String>,
    pub keys: Vec<SecretString>,
    pub notes: Vec<String>,
    /// An object.
    pub body: Value,
}

impl Source {
    pub fn of_body(text: &str) -> Result<Source, ImportError> {
        let body = object(text.as_bytes())?;
        Ok(Source { route: Route::Unknown, base: None, keys: vec![], notes: vec![], body })
    }

    pub fn of_command(text: &str, read_file: ReadFile<'_>) -> Result<Source, ImportError> {
        let curl = curl::parse(text)?;
        let (route, base) = route::read(&curl.url)?;
        let is_form = |(name, value): &(String, String)| {
            name.eq_ignore_ascii_case("content-type") && value.to_ascii_lowercase().contains("form")
        };
        if curl.headers.iter().any(is_form) {
            return Err(CurlError::Form { option: "Content-Type".to_owned() }.into());
        }
        if curl.data.is_empty() {
            return Err(ImportError::NoBody);
        }
        let mut notes = curl.notes;
        if curl.method.is_some_and(|method| method != "POST") {
            notes.push("the command's method became POST, the only one that makes pictures".to_owned());
        }
        let mut headers = Names::default();
        for (name, _) in curl.headers.iter().filter(|(name, _)| !is_usual(name)) {
            headers.add(name);
        }
        notes.extend(headers.note("these headers of the command were left out:"));
        let body = object(&joined(curl.data, read_file)?)?;
        Ok(Source { route, base, keys: curl.keys, notes, body })
    }
}

/// Headers that go without saying.
fn is_usual(name: &str) -> bool {
    const USUAL: &str = "accept accept-encoding accept-language cache-control connection content-length content-type \
        dnt expect host origin pragma priority referer user-agent";
    let name = name.to_ascii_lowercase();
    name.starts_with("sec-") || USUAL.split(' ').any(|usual| usual == name)
}

/// The body as curl would send it.
fn joined(data: Vec<Data>, read_file: ReadFile<'_>) -> Result<Vec<u8>, ImportError> {
    let mut body = Vec::new();
    for piece in data {
        match piece {
            Data::Text(text) => body.extend(text.into_bytes()),
            Data::File { path, one_line } => {
                let unusable = |why: String| ImportError::File { why: KEY_LIKE.replace_all(&why, "***").into_owned() };
                let mut bytes = read_file(&path).map_err(unusable)?;
                bytes.retain(|byte| !one_line || !matches!(byte, b'\r' | b'\n' | 0));
                body.append(&mut bytes);
            }
        }
    }
    Ok(body)
}

fn object(bytes: &[u8]) -> Result<Value, ImportError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice(bytes) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(ImportError::NotAnObject),
        Err(error) => {
            Err(ImportError::NotJson { line: error.line(), column: error.column(), hint: why_no_json(bytes) })
        }
    }
}

/// The mistakes that are made most.
fn why_no_json(bytes: &[u8]) -> &'static str {
    let holds = |text: &str| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    match bytes.trim_ascii_start().first() {
        None => "; it is empty",
        Some(b'{' | b'[') if holds("“") => "; it has typographic quotes, as web pages make them: write plain ones",
        Some(b'{' | b'[') if holds("}&{") => "; several -d are joined by &, as curl does it: write one",
        Some(b'{' | b'[') => "; paste the whole command, with its quotes",
        Some(_) if holds("=") => "; it looks like a form, and the native route takes JSON",
        Some(_) => "; a native one begins with {\"contents\": …",
    }
}
