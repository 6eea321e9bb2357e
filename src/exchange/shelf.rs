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
    next: usize,
}

impl Shelf {
    pub fn new(record: Record, meta: Meta, torn: Option<Vec<u8>>, reading: Arc<Reading>) -> Shelf {
        Shelf { record, meta, torn, reading, saved: Vec::new(), next: 0 }
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
        while let Some(picture) = pictures.get(self.next).filter(|_| self.saved.len() < MOST_SAVED) {
            if let Some(data) = &picture.data {
                let same = |saved: &&Saved| {
                    pictures[saved.picture].data.as_ref().is_some_and(|other| other.sha256 == data.sha256)
                };
                let twin = self.saved.iter().find(same).map(|saved| saved.path.clone());
                if let Some(path) = twin.map_or_else(|| self.write_picture(self.next), |path| Ok(Some(path)))? {
                    self.meta.pictures.extend(stored(picture, &path, self.record.folder()));
                    self.saved.push(Saved { path, picture: self.next });
                }
            }
            self.next += 1;
        }
        if pictures[self.next..].iter().any(|picture| picture.data.is_some()) {
            let note = format!(
                "the reply has {} pictures, {MOST_SAVED} are saved; the others are in the stored body",
                pictures.len()
            );
            if !self.meta.notes.contains(&note) {
                self.meta.notes.push(note);
            }
        }
        Ok(())
    }

    fn write_picture(&self, number: usize) -> Result<Option<std::path::PathBuf>, String> {
        let name = picture_name(number + 1, &self.meta.model.sent, &self.meta.prompt);
        let Some(bytes) = self.reading.picture(number) else { return Ok(None) };
        self.record.picture(&name, &bytes).map(Some).map_err(|error| format!("a picture is not saved: {error}"))
    }
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
