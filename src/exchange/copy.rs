//! Copies of pictures that leave the store: byte-exact, with their history in a file beside them.

use crate::call::{Ask, Outcome, Reading};
use crate::store::{self, StoreError};
use crate::wire::blob::Data;
use crate::wire::{caption, sniff};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// So many files of one name in one second are somebody's mistake.
const NAMESAKES: u32 = 100;

/// A copy that was written.
pub struct Copied {
    /// Absolute.
    pub path: PathBuf,
    /// Why the history is not in the picture itself, when it was asked to be.
    pub note: Option<String>,
}

/// What a copy was made by: prompt, parameters, model, ids, and the SHA-256 of the bytes that came.
fn sidecar(ask: &Ask, outcome: &Outcome, sha256: &str) -> Value {
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

/// Writes a picture, or the body when there is none, into a folder, under a name of time, model and prompt that is free.
///
/// # Errors
/// As [`copy`]; [`StoreError::Exists`] when too many have that name.
pub fn copy_into(
    folder: &Path,
    reading: &Reading,
    picture: Option<usize>,
    ask: &Ask,
    outcome: &Outcome,
    captioned: bool,
) -> Result<Copied, StoreError> {
    let (bytes, ending) = match picture.and_then(|number| reading.picture(number)) {
        Some(bytes) => {
            let ending = sniff::extension(sniff::mime(&bytes));
            (bytes, ending)
        }
        None => (reading.body.bytes().to_vec(), if reading.reply.chunks > 0 { "json" } else { "txt" }),
    };
    let stem = store::save_name(Timestamp::now(), &outcome.model_sent, &ask.request.prompt);
    let mut last = folder.to_path_buf();
    // Two copies in one second want two names.
    for attempt in 1..NAMESAKES {
        let number = if attempt == 1 { String::new() } else { format!("-{attempt}") };
        last = folder.join(format!("{stem}{number}.{ending}"));
        match copy(&last, &bytes, ask, outcome, captioned && picture.is_some()) {
            Err(StoreError::Exists { .. }) => {}
            written => return written,
        }
    }
    Err(StoreError::Exists { path: last })
}

/// Writes what is nowhere else into the working folder, else into the temporary one.
pub fn keep_somewhere(reading: &Reading, picture: Option<usize>, ask: &Ask, outcome: &Outcome) -> Option<PathBuf> {
    let folders = [std::env::current_dir().ok(), Some(std::env::temp_dir())];
    let copied = |folder: PathBuf| copy_into(&folder, reading, picture, ask, outcome, false).ok();
    folders.into_iter().flatten().find_map(copied).map(|copied| copied.path)
}
