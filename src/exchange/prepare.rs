//! From what is asked to what is sent: the URL, the key, the reference pictures, the body, and remarks on them.

use super::Means;
use crate::call::Ask;
use crate::catalog;
use crate::client::{KeyError, Post, resolve_noted};
use crate::config::base::{self, Base, BaseError};
use crate::config::{Auth, Mode};
use crate::route::Source;
use crate::store::{self, Meta, ModelNames, StoreError};
use crate::wire::request::{Call, Reference, RequestError};
use crate::wire::{b64, sniff};
use bytes::Bytes;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Google documents 20 MB for a whole request in older pages and 100 MB in newer ones; the older one is remarked on.
const LARGE_REQUEST: usize = 20_000_000;

/// One run of the program: when it first prepared a call, and its process.
static SESSION: LazyLock<String> =
    LazyLock::new(|| format!("{}-{}", jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ"), std::process::id()));

/// Why a call was not even begun. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("profile {profile}: {source}; nothing was sent")]
    Base { profile: String, source: BaseError },
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("the file {path} cannot be read ({why}); nothing was sent")]
    Unreadable { path: PathBuf, why: String },
    #[error("{path} is no picture that the API takes (png, jpeg, webp, gif, heic); nothing was sent")]
    NotAPicture { path: PathBuf },
    #[error("the prompt is empty; write one, nothing was sent")]
    EmptyPrompt,
    #[error("the request could not be stored, so it was not sent: {0}")]
    NotStored(#[from] StoreError),
    #[error(
        "profile {profile} goes to {base} by plain http, where everybody on the way can read the key; use https, or --plain-http, or plain_http = true in the profile; nothing was sent"
    )]
    PlainHttp { profile: String, base: String },
    #[error("no model is named; choose one with --model or in the parameters, nothing was sent")]
    NoModel,
}

/// A call that is ready to go.
pub struct Prepared {
    pub ask: Ask,
    pub post: Post,
    pub meta: Meta,
    pub model_sent: String,
    pub notes: Vec<String>,
    /// What it is made for: a call of the user's, or a paid probe.
    pub source: Source,
}

impl From<Mode> for Call {
    fn from(mode: Mode) -> Call {
        match mode {
            Mode::Unary => Call::Generate,
            Mode::Stream => Call::Stream,
        }
    }
}

/// Checks and builds everything; sends nothing. `lookup` reads an environment variable.
pub fn prepare(ask: Ask, means: &Means, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Prepared, Refused> {
    if ask.request.prompt.trim().is_empty() && ask.references.is_empty() {
        return Err(Refused::EmptyPrompt);
    }
    let wrong_base = |source| Refused::Base { profile: ask.profile.name.clone(), source };
    let base = base::endpoint(&ask.profile.base).map_err(wrong_base)?;
    if ask.profile.exposes_key() {
        return Err(Refused::PlainHttp { profile: ask.profile.name, base: base.url.to_string() });
    }
    let model_sent = model_on_wire(&ask, means)?;
    let body = body(&ask)?;
    let references = count_references(&body);
    let (key, said) = resolve_noted(&ask.profile, lookup, &means.key_names)?;
    let url = ask.url(&means.catalog).map_err(wrong_base)?;
    let mut notes = remarks(&ask, means, &base, &model_sent, body.len(), references);
    notes.extend(said);
    let meta = Meta { references, ..meta(&ask, &base, &model_sent) };
    // The images route takes nothing else, whatever the profile says.
    let auth = if ask.call == Call::Images { Auth::Bearer } else { ask.profile.auth };
    let post = Post { url, auth, key: Some(key), body: Bytes::from(body), limits: means.limits };
    Ok(Prepared { ask, post, meta, model_sent, notes, source: Source::Call })
}

/// The body alone: built, or the very bytes of a stored request.
pub fn body(ask: &Ask) -> Result<Vec<u8>, Refused> {
    match &ask.replay {
        // Through the store, which follows no link: a folder from somebody else must not choose what is sent.
        Some(folder) => {
            let unreadable = |why: String| Refused::Unreadable { path: folder.join("request.json"), why };
            let stored = store::read_folder(folder).map_err(|why| unreadable(why.to_string()))?;
            stored.request().map_err(|why| unreadable(why.to_string()))
        }
        None if ask.call == Call::Images => Ok(ask.request.images_body(ask.model.trim())),
        None => Ok(ask.request.body(&read_references(&ask.references)?)?),
    }
}

fn model_on_wire(ask: &Ask, means: &Means) -> Result<String, Refused> {
    // The images route knows these models by their aliases.
    let sent = if ask.call == Call::Images { ask.model.trim() } else { ask.model_on_wire(&means.catalog) };
    if sent.is_empty() { Err(Refused::NoModel) } else { Ok(sent.to_owned()) }
}

fn read_references(paths: &[PathBuf]) -> Result<Vec<Reference>, Refused> {
    let mut references = Vec::new();
    for path in paths {
        match path.file_name() {
            Some(name) if name == store::REQUEST => references.extend(references_of_request(path)?),
            _ => references.push(read_reference(path)?),
        }
    }
    Ok(references)
}

/// The pictures that went along with a stored request: it may be the only place where they still are.
fn references_of_request(path: &Path) -> Result<Vec<Reference>, Refused> {
    let unreadable = |why: String| Refused::Unreadable { path: path.to_owned(), why };
    // Through the store, as in `body`: it follows no link and waits for no pipe.
    let stored =
        store::read_folder(path.parent().unwrap_or(Path::new("."))).map_err(|why| unreadable(why.to_string()))?;
    let json = stored.request().map_err(|why| unreadable(why.to_string()))?;
    let request: Value = serde_json::from_slice(&json).map_err(|why| unreadable(why.to_string()))?;
    let parts = request["contents"].as_array().into_iter().flatten().filter_map(|content| content["parts"].as_array());
    let reference = |part: &Value| {
        let blob = part.get("inlineData")?;
        let bytes = blob["data"].as_str().and_then(|data| b64::decode(data.as_bytes()));
        let mime = blob["mimeType"].as_str().unwrap_or_default().to_owned();
        Some(
            bytes
                .map(|bytes| Reference { mime, bytes })
                .ok_or_else(|| unreadable("a picture in it is no base64".to_owned())),
        )
    };
    parts.flatten().filter_map(reference).collect()
}

/// The type is told by the bytes: a wrong one is refused upstream in words that nobody understands.
fn read_reference(path: &Path) -> Result<Reference, Refused> {
    let bytes =
        std::fs::read(path).map_err(|why| Refused::Unreadable { path: path.to_owned(), why: why.to_string() })?;
    let mime = sniff::mime(&bytes).ok_or_else(|| Refused::NotAPicture { path: path.to_owned() })?;
    Ok(Reference { mime: mime.to_owned(), bytes })
}

/// Pictures in a request's body. Only long bodies hold one, and only their own key can stand for it: the prompt's quotes are
/// escaped.
fn count_references(body: &[u8]) -> usize {
    memchr::memmem::find_iter(body, b"\"inlineData\":").count()
}

fn remarks(ask: &Ask, means: &Means, base: &Base, model: &str, size: usize, references: usize) -> Vec<String> {
    let mut notes: Vec<String> = base.note.iter().cloned().collect();
    notes.extend(means.catalog.remarks(&catalog::Ask {
        model,
        aspect: ask.request.aspect_ratio.as_deref(),
        size: ask.request.image_size.as_deref(),
        thinking: ask.request.thinking_level.as_deref(),
        references,
        on_google: base.is_google(),
    }));
    if ask.profile.auth == Auth::Query {
        notes.push("the key goes in the URL, where logs on the way keep it; auth = \"header\" avoids that".to_owned());
    }
    if base.url.scheme() == "http" && !base.is_loopback() {
        notes.push(format!("{} is plain http: the key crosses the network unprotected", base.url));
    }
    if size > LARGE_REQUEST {
        notes.push(format!("the request is {:.1} MB; some servers take 20 MB only", size as f64 / 1e6));
    }
    notes
}

fn meta(ask: &Ask, base: &Base, model_sent: &str) -> Meta {
    Meta {
        profile: ask.profile.name.clone(),
        environment: ask.profile.environment.clone(),
        base: base.url.to_string(),
        kind: ask.call.as_str().to_owned(),
        model: ModelNames { asked: ask.model.clone(), sent: model_sent.to_owned(), reported: None },
        prompt: ask.request.prompt.clone(),
        parameters: serde_json::to_value(&ask.request).unwrap_or_default(),
        parent: ask.parent.clone(),
        session: SESSION.clone(),
        ..Meta::default()
    }
}
