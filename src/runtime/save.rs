//! Copies into the working folder: what the user saves, and what would be lost when the app ends.

use crate::app::log::Whereabouts;
use crate::app::{Msg, State};
use crate::call::{Ask, Outcome, Reading};
use crate::exchange;

/// Writes the picture, or the body when there is none, into the working folder.
pub fn save(reading: &Reading, picture: Option<usize>, ask: &Ask, outcome: &Outcome, captions: bool) -> Msg {
    let folder = match std::env::current_dir() {
        Ok(folder) => folder,
        Err(error) => return Msg::Failed(format!("nothing was saved: the working folder is gone ({error})")),
    };
    match exchange::copy_into(&folder, reading, picture, ask, outcome, captions) {
        Ok(copied) => Msg::Saved { path: copied.path, note: copied.note },
        Err(error) => Msg::Failed(error.to_string()),
    }
}

/// Writes replies that are nowhere else into the working folder, or into the temporary one.
pub fn rescue(state: &State) {
    for entry in state.log.unstored() {
        let (Whereabouts::Here(reading), Some(outcome)) = (state.log.whereabouts(entry.number), entry.outcome()) else {
            continue;
        };
        match exchange::keep_somewhere(&reading, reading.final_number(), &entry.ask, outcome) {
            Some(path) => {
                tracing::warn!(path = %path.display(), "the store did not take a reply; its only copy is here")
            }
            None => tracing::error!("the store did not take a reply, and it could be written nowhere"),
        }
    }
}
