//! The reply of a stored exchange, read again, with the hosted pictures that were fetched for it.

use super::unpack::unpack;
use crate::call::Reading;
use crate::store::Stored;

/// Reads it; remarks go to `notes`.
///
/// # Errors
/// A sentence: the body cannot be read.
pub fn reread(stored: &Stored, notes: &mut Vec<String>) -> Result<Reading, String> {
    let body =
        stored.body().map_err(|error| format!("the body in {} cannot be read: {error}", stored.folder.display()))?;
    let mut reading = Reading::of(unpack(body, &stored.meta.headers, notes));
    // Only files that are there: the record's own path may lead anywhere.
    let there = stored.pictures();
    for picture in &stored.meta.pictures {
        let is_hosted = |number: &usize| {
            reading.reply.pictures.get(*number).is_some_and(|one| one.data.is_none() && one.url().is_some())
        };
        let number = picture.number.filter(is_hosted);
        let path = there.iter().find(|path| **path == stored.folder.join(&picture.file));
        if let (Some(number), Some(bytes)) = (number, path.and_then(|path| stored.picture_bytes(path))) {
            reading = reading.with_fetched(number, bytes);
        }
    }
    Ok(reading)
}
