//! Copies of pictures that leave the store: byte-exact, with their history in a file beside them.

use crate::call::{Ask, Outcome};
use crate::store::{self, StoreError};
use crate::wire::blob::Data;
use crate::wire::caption;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A copy that was written.
pub struct Copied {
    /// Absolute.
    pub path: PathBuf,
    /// Why the history is not in the picture itself, when it was asked to be.
    pub note: Option<String>,
}

/// What a copy was made by: prompt, parameters, model, ids, and the SHA-256 of the bytes that came.
pub fn sidecar(ask: &Ask, outcome: &Outcome, sha256: &str) -> Value {
    json!({
        "prompt": ask.request.prompt,
        "parameters": ask.request,
        "model": {"asked": outcome.model_asked, "sent": outcome.model_sent, "reported": outcome.model_reported},
        "profile": ask.profile.name,
        "requestId": outcome.request_id,
        "exchange": outcome.id,
        "sha256": sha256,
    })
}

/// Writes a copy to a path that is free. `captioned` also writes the history into it, where the kind of file has a place
/// for it and no signature would break.
///
/// # Errors
/// As [`store::save_as`]; nothing is left behind then.
pub fn copy(path: &Path, bytes: &[u8], ask: &Ask, outcome: &Outcome, captioned: bool) -> Result<Copied, StoreError> {
    let beside = sidecar(ask, outcome, &Data::of(bytes).sha256);
    let written = captioned.then(|| caption::write(bytes, &beside));
    let (with_caption, note) = match written {
        Some(Ok(with_caption)) => (Some(with_caption), None),
        Some(Err(why)) => (None, Some(why.to_string())),
        None => (None, None),
    };
    let path = store::save_as(path, with_caption.as_deref().unwrap_or(bytes), Some(&beside))?;
    Ok(Copied { path, note })
}
