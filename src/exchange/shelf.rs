//! The store's part of a call's end, which can be tried again: a disk that was full may have room later.

use crate::call::{Reading, Saved};
use crate::store::{Meta, Record, StoredPicture, picture_name};
use crate::wire::picture::Picture;
use std::path::Path;
use std::sync::Arc;

/// A reply with more pictures than this is not decoded into files without end.
const MOST_SAVED: usize = 64;

/// What has to be on disk when a call is over.
pub struct Shelf {
    pub record: Record,
    /// The final words; its pictures are filled in here.
    pub meta: Meta,
    /// The body as it is to be stored, while the stored copy is not whole.
    pub torn: Option<Vec<u8>>,
    pub reading: Arc<Reading>,
    pub saved: Vec<Saved>,
    /// Numbers of the pictures that are to be files, and how many of them are done.
    wanted: Vec<usize>,
    next: usize,
}

impl Shelf {
    pub fn new(record: Record, meta: Meta, torn: Option<Vec<u8>>, reading: Arc<Reading>) -> Shelf {
        let wanted = wanted(&reading.reply.pictures);
        Shelf { record, meta, torn, reading, saved: Vec::new(), wanted, next: 0 }
    }

    /// Writes what is not written yet. `Err` says what the store did not take; the rest is tried all the same, and the
    /// record says what it misses.
    pub fn write(&mut self) -> Result<(), Vec<String>> {
        let tried = [self.write_body(), self.write_pictures()];
        let mut missing: Vec<String> = tried.into_iter().filter_map(Result::err).collect();
        let mut meta = self.meta.clone();
        meta.notes.extend(missing.iter().cloned());
        if let Err(error) = self.record.settle(&meta) {
            missing.push(format!("the record is not settled: {error}"));
        }
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }

    fn write_body(&mut self) -> Result<(), String> {
        let Some(body) = &self.torn else { return Ok(()) };
        self.record
            .replace_body(body)
            .map_err(|error| format!("the stored copy of the reply is not whole: {error}"))?;
        self.torn = None;
        Ok(())
    }

    /// Identical bytes are written once; every occurrence points to that file.
    fn write_pictures(&mut self) -> Result<(), String> {
        let reading = Arc::clone(&self.reading);
        let pictures = &reading.reply.pictures;
        while let Some(&number) = self.wanted.get(self.next) {
            if let Some(data) = &pictures[number].data {
                let same = |saved: &&Saved| {
                    pictures[saved.picture].data.as_ref().is_some_and(|other| other.sha256 == data.sha256)
                };
                let twin = self.saved.iter().find(same).map(|saved| saved.path.clone());
                if let Some(path) = twin.map_or_else(|| self.write_picture(number), |path| Ok(Some(path)))? {
                    self.meta.pictures.extend(stored(&pictures[number], &path, self.record.folder()));
                    self.saved.push(Saved { path, picture: number });
                }
            }
            self.next += 1;
        }
        self.note_left_out(pictures.iter().filter(|picture| picture.data.is_some()).count());
        Ok(())
    }

    fn note_left_out(&mut self, all: usize) {
        let (saved, left_out) = (self.wanted.len(), all.saturating_sub(self.wanted.len()));
        let note = format!(
            "the reply has {all} pictures, {saved} are saved, the final one among them; the other {left_out} are in the \
             stored body"
        );
        if left_out > 0 && !self.meta.notes.contains(&note) {
            self.meta.notes.push(note);
        }
    }

    fn write_picture(&self, number: usize) -> Result<Option<std::path::PathBuf>, String> {
        let name = picture_name(number + 1, &self.meta.model.sent, &self.meta.prompt);
        let Some(bytes) = self.reading.picture(number) else { return Ok(None) };
        self.record.picture(&name, &bytes).map(Some).map_err(|error| format!("a picture is not saved: {error}"))
    }
}

/// The first pictures that have bytes; where that leaves out the final one, it takes the last place.
fn wanted(pictures: &[Picture]) -> Vec<usize> {
    let has_bytes = |number: &usize| pictures[*number].data.is_some();
    let mut wanted: Vec<usize> = (0..pictures.len()).filter(has_bytes).take(MOST_SAVED).collect();
    let last = (0..pictures.len()).filter(has_bytes).find(|number| pictures[*number].is_final);
    if let (Some(last), Some(place)) = (last, wanted.last_mut()) {
        // They are in order: what is taken up already does not stand behind the last.
        *place = last.max(*place);
    }
    wanted
}

fn stored(picture: &Picture, path: &Path, folder: &Path) -> Option<StoredPicture> {
    let data = picture.data.as_ref()?;
    Some(StoredPicture {
        file: path.strip_prefix(folder).unwrap_or(path).display().to_string(),
        from: picture.from.as_str().to_owned(),
        mime: data.sniffed.map(str::to_owned).or_else(|| picture.mime.clone()).unwrap_or_default(),
        bytes: data.bytes as u64,
        sha256: data.sha256.clone(),
        size: data.size,
        final_: picture.is_final,
        number: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::wire::b64;
    use jiff::Timestamp;

    /// A reply of so many pictures, all of them different; the last one is the final one.
    fn reading(pictures: usize) -> Arc<Reading> {
        let part = |number: usize| {
            let data = b64::encode(format!("\u{89}PNG picture {number}").as_bytes());
            format!(r#"{{"inlineData":{{"mimeType":"image/png","data":"{data}"}}}}"#)
        };
        let parts: Vec<String> = (0..pictures).map(part).collect();
        let body = format!(r#"{{"candidates":[{{"content":{{"parts":[{}]}}}}]}}"#, parts.join(","));
        Arc::new(Reading::of(body.into_bytes()))
    }

    #[test]
    fn the_final_picture_is_saved_however_many_there_are() {
        for (pictures, saved, left_out) in [(1, 1, 0), (MOST_SAVED, MOST_SAVED, 0), (MOST_SAVED + 6, MOST_SAVED, 6)] {
            let state = tempfile::tempdir().unwrap();
            let store = Store::open(state.path()).unwrap();
            let record = store.begin(Timestamp::UNIX_EPOCH, &Meta::default(), b"{}").unwrap();
            let mut shelf = Shelf::new(record, Meta::default(), None, reading(pictures));
            assert_eq!((shelf.write(), shelf.write()), (Ok(()), Ok(())));
            assert_eq!((shelf.saved.len(), shelf.meta.pictures.len()), (saved, saved));
            let last = shelf.saved.last().unwrap();
            assert_eq!(Some(last.picture), shelf.reading.final_number());
            assert_eq!(std::fs::read(&last.path).ok(), shelf.reading.picture(pictures - 1));
            assert!(shelf.meta.pictures.last().unwrap().final_);
            let said: Vec<bool> = shelf.meta.notes.iter().map(|note| note.contains("the other 6 are in")).collect();
            assert_eq!(said, vec![true; usize::from(left_out > 0)]);
        }
    }
}
