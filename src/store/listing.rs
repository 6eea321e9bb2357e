//! What a folder of exchanges holds, by its names alone.

use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::error::StoreError;
use super::{disk, names};

/// The names in a folder of exchanges. Hidden ones are in the making and stand in neither list.
#[derive(Default)]
pub struct Listing {
    /// Newest first.
    pub ids: Vec<String>,
    /// What else stands there, as sentences.
    pub notes: Vec<String>,
}

/// Lists a folder of exchanges.
pub fn list(folder: &Path) -> io::Result<Listing> {
    let mut listing = scan(folder)?;
    // Ids sort by time.
    listing.ids.sort_unstable_by(|a, b| b.cmp(a));
    Ok(listing)
}

/// The ids in a folder, in no order.
pub fn ids(folder: &Path) -> io::Result<Vec<String>> {
    Ok(scan(folder)?.ids)
}

/// The one id in a folder that is, begins with or ends with `id`. Matches among the names that exist, so that what was
/// typed is never used as a path.
///
/// # Errors
/// [`StoreError::Unknown`], [`StoreError::Ambiguous`], or why the folder cannot be listed.
pub fn resolve(folder: &Path, id: &str) -> Result<String, StoreError> {
    if names::is_id(id) && disk::is_folder(&folder.join(id)) {
        return Ok(id.to_owned());
    }
    let mut matching = ids(folder).map_err(StoreError::io("list", folder))?;
    matching.retain(|name| name.starts_with(id) || name.ends_with(id));
    let newest = matching.iter().max().filter(|_| !id.is_empty());
    match newest {
        None => Err(StoreError::Unknown { id: id.to_owned() }),
        Some(only) if matching.len() == 1 => Ok(only.clone()),
        Some(newest) => Err(StoreError::Ambiguous { id: id.to_owned(), count: matching.len(), newest: newest.clone() }),
    }
}

/// A folder that is not there holds nothing: it is made with the first exchange.
fn scan(folder: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let entries = match fs::read_dir(folder) {
        Err(absent) if absent.kind() == ErrorKind::NotFound => return Ok(listing),
        entries => entries?,
    };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        match name.to_str() {
            Some(hidden) if hidden.starts_with('.') => {}
            Some(id) if names::is_id(id) && is_folder(&entry) => listing.ids.push(id.to_owned()),
            // Debug form: a foreign name may hold escapes, and these notes are shown.
            _ => listing.notes.push(format!("skipped: {name:?} in {folder:?} is not a folder of an exchange")),
        }
    }
    Ok(listing)
}

/// Without following a link, which would lead out of the store.
fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_dir())
}
