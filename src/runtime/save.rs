//! Copies into the working folder: what the user saves, and what would be lost when the app ends.

use crate::app::log::Whereabouts;
use crate::app::{Msg, State};
use crate::call::{Ask, Outcome, Reading};
use crate::exchange;
use crate::store::{self, StoreError};
use crate::wire::sniff;
use jiff::Timestamp;
use std::path::Path;

/// Writes replies that are nowhere else into the working folder, or into the temporary one.
pub fn rescue(state: &State) {
    for entry in state.log.unstored() {
        let (Whereabouts::Here(reading), Some(outcome)) = (state.log.whereabouts(entry.number), entry.outcome()) else {
            continue;
        };
        let picture = reading.reply.pictures.iter().position(|picture| picture.is_final && picture.data.is_some());
        let folders = [std::env::current_dir().ok(), Some(std::env::temp_dir())];
        let tried =
            folders.into_iter().flatten().map(|folder| save_in(&folder, &reading, picture, &entry.ask, outcome, false));
        if let Some(Msg::Saved { path, .. }) = tried.into_iter().find(|saved| matches!(saved, Msg::Saved { .. })) {
            tracing::warn!(path = %path.display(), "the store did not take a reply; its only copy is here");
        }
    }
}

/// Writes the picture, or the body when there is none, into the working folder under a name that is free.
pub fn save(reading: &Reading, picture: Option<usize>, ask: &Ask, outcome: &Outcome, captions: bool) -> Msg {
    match std::env::current_dir() {
        Ok(folder) => save_in(&folder, reading, picture, ask, outcome, captions),
        Err(error) => Msg::Failed(format!("nothing was saved: the working folder is gone ({error})")),
    }
}

fn save_in(
    folder: &Path,
    reading: &Reading,
    picture: Option<usize>,
    ask: &Ask,
    outcome: &Outcome,
    captions: bool,
) -> Msg {
    let (bytes, extension) = match picture.and_then(|number| reading.picture(number)) {
        Some(bytes) => {
            let extension = sniff::extension(sniff::mime(&bytes));
            (bytes, extension)
        }
        None => (reading.body.bytes().to_vec(), if reading.reply.chunks > 0 { "json" } else { "txt" }),
    };
    let name = store::save_name(Timestamp::now(), &outcome.model_sent, &ask.request.prompt);
    let captions = captions && picture.is_some();
    // Two saves in one second want two names.
    for attempt in 1..100 {
        let suffix = if attempt == 1 { String::new() } else { format!("-{attempt}") };
        let path = folder.join(format!("{name}{suffix}.{extension}"));
        match exchange::copy(&path, &bytes, ask, outcome, captions) {
            Ok(copied) => return Msg::Saved { path: copied.path, note: copied.note },
            Err(StoreError::Exists { .. }) => {}
            Err(error) => return Msg::Failed(error.to_string()),
        }
    }
    Msg::Failed(format!("nothing was saved: {} has too many files of that name", folder.display()))
}
