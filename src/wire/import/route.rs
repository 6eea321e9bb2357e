//! The route that an address names, by its path, and the base that stands before it.

use super::ImportError;
use crate::wire::request::Call;
use serde_json::Value;
use url::Url;

/// Which route an address names.
pub enum Route {
    Native {
        model: String,
        call: Call,
    },
    Images,
    /// The body decides.
    Unknown,
}

impl Route {
    /// A body without `contents` is taken for one of the images route; an error says why it is none.
    pub fn takes_images(&self, body: &Value) -> Result<(), ImportError> {
        let has = |name: &str| !body[name].is_null();
        let has_prompt = body["prompt"].as_str().is_some_and(|prompt| !prompt.trim().is_empty());
        match self {
            Route::Native { .. } => Err(ImportError::NoContents),
            _ if has_prompt => Ok(()),
            _ if has("messages") => Err(ImportError::Chat),
            Route::Unknown if !has("prompt") => Err(ImportError::Unknown),
            Route::Images | Route::Unknown => Err(ImportError::NoPrompt),
        }
    }
}

/// The route, and the base before its version.
pub fn read(url: &Url) -> Result<(Route, Option<String>), ImportError> {
    let path = decoded(url.path());
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let version = segments.iter().rposition(|segment| {
        let plain = segment.bytes().all(|byte| byte.is_ascii_alphanumeric());
        plain && (*segment == "v1" || segment.starts_with("v1beta") || segment.starts_with("v1alpha"))
    });
    let route = match &segments[version.map_or(0, |at| at + 1)..] {
        [.., "images", "generations"] => Route::Images,
        [.., "images", _] => return Err(ImportError::Edits),
        [.., "completions" | "responses" | "messages"] => return Err(ImportError::Chat),
        below => native(below)?,
    };
    let first = version.or_else(|| segments.iter().position(|segment| ["models", "images"].contains(segment)));
    Ok((route, base(url, &segments[..first.unwrap_or(0)])))
}

/// `models/{model}:{method}`, where a model's name may have slashes.
fn native(below: &[&str]) -> Result<Route, ImportError> {
    let models = below.iter().position(|segment| *segment == "models");
    let named = models.map(|at| below[at + 1..].join("/"));
    let Some((model, method)) = named.as_deref().and_then(|named| named.rsplit_once(':')) else {
        return Ok(Route::Unknown);
    };
    let call = [Call::Generate, Call::Stream].into_iter().find(|call| call.as_str() == method);
    let call = call.ok_or(ImportError::OtherMethod)?;
    Ok(Route::Native { model: model.trim().to_owned(), call })
}

/// None where a variable stands in place of the host.
fn base(url: &Url, prefix: &[&str]) -> Option<String> {
    let in_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    url.host_str().filter(|host| host.bytes().all(in_host))?;
    let mut base = url.clone();
    base.set_query(None);
    base.set_path(&prefix.join("/"));
    Some(base.as_str().trim_end_matches('/').to_owned())
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).filter(|pair| byte == b'%' && pair.iter().all(u8::is_ascii_hexdigit));
        let code = digits.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        out.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}
