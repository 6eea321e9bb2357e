//! An exchange while it is being written: every step is on disk before the next one is taken.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::Store;
use super::claim::{Claim, claim};
use super::error::StoreError;
use super::lock::Lock;
use super::meta::{FORMAT, Meta, StoredPicture, StoredVerdict};
use super::{disk, names};
use crate::wire::sniff;

/// The file in an exchange's folder that holds the request's body as it was sent.
pub const REQUEST: &str = "request.json";
pub(super) const META: &str = "meta.json";
pub(super) const BODY: &str = "body";
pub(super) const PARTS: &str = "parts";

const PICTURE_NAME_BYTES: usize = 80;
/// A bound that no honest exchange reaches, so that a search for a free name ends.
const NAMESAKES: u32 = 10_000;

/// The one writer of one exchange's folder, which it keeps locked. Dropped without [`Record::settle`], the exchange reads
/// as interrupted from then on.
#[derive(Debug)]
pub struct Record {
    id: String,
    folder: PathBuf,
    time: Timestamp,
    pid: u32,
    body: Body,
    _lock: Lock,
}

#[derive(Debug)]
enum Body {
    Absent,
    Open(File),
    /// A write stopped half-way. What is there is exact, but nothing fits behind it any more.
    Torn(File),
}

impl Record {
    pub(super) fn begin(exchanges: &Path, now: Timestamp, meta: &Meta, request: &[u8]) -> Result<Record, StoreError> {
        let pid = std::process::id();
        let Claim { id, folder, lock } = claim(exchanges, now, |making, id| {
            let path = making.join(REQUEST);
            disk::write_new(&path, request).map_err(StoreError::io("write", &path))?;
            write_meta(making, &Meta { format: FORMAT, id: id.to_owned(), time: now, pid, ..meta.clone() })
        })?;
        Ok(Record { id, folder, time: now, pid, body: Body::Absent, _lock: lock })
    }

    /// The exchange's id, which is its folder's name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The exchange's folder, absolute.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Replaces `meta.json` in one step. `format`, `id`, `time` and `pid` stay those of this record.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the former `meta.json` is untouched then.
    pub fn update(&mut self, meta: &Meta) -> Result<(), StoreError> {
        let stamped = Meta { format: FORMAT, id: self.id.clone(), time: self.time, pid: self.pid, ..meta.clone() };
        write_meta(&self.folder, &stamped)
    }

    /// Appends bytes to `body` as they arrived; the first call creates it, also for an empty chunk.
    ///
    /// # Errors
    /// [`StoreError::Io`] when not all of the chunk could be written, and from then on [`StoreError::TornBody`]:
    /// what is in the file stays an exact beginning. [`Record::replace_body`] heals it.
    pub fn append(&mut self, chunk: &[u8]) -> Result<(), StoreError> {
        let path = self.folder.join(BODY);
        let mut file = match std::mem::replace(&mut self.body, Body::Absent) {
            Body::Open(file) => file,
            Body::Absent => disk::create_file(&path).map_err(StoreError::io("create", &path))?,
            Body::Torn(file) => {
                self.body = Body::Torn(file);
                return Err(StoreError::TornBody { path });
            }
        };
        let written = file.write_all(chunk);
        self.body = match written {
            Ok(()) => Body::Open(file),
            Err(_) => Body::Torn(file),
        };
        written.map_err(StoreError::io("write", &path))
    }

    /// Replaces the whole body in one step; later chunks go behind it. For a key that was echoed across a border of
    /// chunks, and for a body that was torn.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the former body is untouched then.
    pub fn replace_body(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.folder.join(BODY);
        let file = disk::replace(&self.folder, BODY, bytes).map_err(StoreError::io("replace", &path))?;
        self.body = Body::Open(file);
        Ok(())
    }

    /// Writes a picture into `parts/` and returns its absolute path. The name is made from the hint, which may be any
    /// text, the ending from the bytes. A taken name gets `-2`, `-3`, …; what is there is never touched.
    ///
    /// # Errors
    /// [`StoreError::Io`]; no half picture is left.
    pub fn picture(&self, name_hint: &str, bytes: &[u8]) -> Result<PathBuf, StoreError> {
        write_picture(&self.folder, name_hint, bytes)
    }

    /// Writes the body through to the disk, then the final `meta.json`; may be called again when there is more to say.
    ///
    /// # Errors
    /// [`StoreError::Io`] for the first step that failed; `meta.json` is written all the same when it can be.
    pub fn settle(&mut self, meta: &Meta) -> Result<(), StoreError> {
        let bytes = self.sync();
        let meta = self.update(meta);
        bytes.and(meta)
    }

    fn sync(&self) -> Result<(), StoreError> {
        if let Body::Open(file) | Body::Torn(file) = &self.body {
            let path = self.folder.join(BODY);
            file.sync_all().map_err(StoreError::io("write", &path))?;
        }
        let parts = self.folder.join(PARTS);
        if parts.is_dir() {
            disk::sync_folder(&parts).map_err(StoreError::io("write", &parts))?;
        }
        Ok(())
    }
}

fn write_picture(folder: &Path, name_hint: &str, bytes: &[u8]) -> Result<PathBuf, StoreError> {
    let parts = parts_of(folder)?;
    let stem = names::safe_name(name_hint, PICTURE_NAME_BYTES);
    let ending = sniff::extension(sniff::mime(bytes));
    for number in 1..NAMESAKES {
        let path = parts.join(match number {
            1 => format!("{stem}.{ending}"),
            _ => format!("{stem}-{number}.{ending}"),
        });
        match disk::write_new(&path, bytes) {
            Ok(_) => return Ok(path),
            Err(taken) if taken.kind() == ErrorKind::AlreadyExists => {}
            Err(cause) => return Err(StoreError::io("write", &path)(cause)),
        }
    }
    Err(StoreError::Exists { path: parts.join(format!("{stem}.{ending}")) })
}

/// The folder for pictures; a link in its place is refused, since it would lead out of the exchange.
fn parts_of(folder: &Path) -> Result<PathBuf, StoreError> {
    let parts = folder.join(PARTS);
    match disk::create_folder(&parts) {
        Err(taken) if taken.kind() == ErrorKind::AlreadyExists && disk::is_folder(&parts) => Ok(parts),
        Err(cause) => Err(StoreError::io("create", &parts)(cause)),
        Ok(()) => Ok(parts),
    }
}

impl Store {
    /// Puts a hosted picture that was fetched into an exchange that is settled, with the verdict that it gives.
    ///
    /// # Errors
    /// As [`Store::load`], and [`StoreError::Io`]; `meta.json` is untouched then.
    pub fn add_picture(
        &self,
        id: &str,
        name_hint: &str,
        bytes: &[u8],
        picture: StoredPicture,
        verdict: StoredVerdict,
    ) -> Result<PathBuf, StoreError> {
        let stored = self.load(id)?;
        let path = write_picture(&stored.folder, name_hint, bytes)?;
        let file = path.strip_prefix(&stored.folder).unwrap_or(&path).display().to_string();
        let mut meta = stored.meta;
        meta.pictures.push(StoredPicture { file, ..picture });
        meta.verdict = Some(verdict);
        write_meta(&stored.folder, &meta)?;
        Ok(path)
    }

    /// Notes what a gateway booked for an exchange that is settled, and a remark on it.
    ///
    /// # Errors
    /// As [`Store::load`], and [`StoreError::Io`]; the record is untouched then.
    pub fn note_booked(&self, id: &str, usd: f64, remark: Option<String>) -> Result<(), StoreError> {
        let stored = self.load(id)?;
        let mut meta = stored.meta;
        meta.booked_usd = Some(usd);
        meta.notes.extend(remark.filter(|remark| !meta.notes.contains(remark)).into_iter().collect::<Vec<_>>());
        write_meta(&stored.folder, &meta)
    }
}

fn write_meta(folder: &Path, meta: &Meta) -> Result<(), StoreError> {
    let path = folder.join(META);
    serde_json::to_vec_pretty(meta)
        .map_err(io::Error::from)
        .and_then(|mut json| {
            json.push(b'\n');
            disk::replace(folder, META, &json)
        })
        .map(drop)
        .map_err(StoreError::io("write", &path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn nothing_is_appended_behind_a_hole() {
        let exchanges = tempfile::tempdir().unwrap();
        let mut record = Record::begin(exchanges.path(), Timestamp::UNIX_EPOCH, &Meta::default(), b"{}").unwrap();
        let body = record.folder.join(BODY);
        record.append(b"one").unwrap();
        // A file that is not open for writing stands for a full disk.
        record.body = Body::Open(File::open(&body).unwrap());
        let full = record.append(b" two").unwrap_err();
        assert!(matches!(full, StoreError::Io { .. }), "{full}");
        let torn = record.append(b" three").unwrap_err();
        assert!(matches!(torn, StoreError::TornBody { .. }), "{torn}");
        assert_eq!(fs::read(&body).unwrap(), b"one");
        record.replace_body(b"one two").unwrap();
        record.append(b" three").unwrap();
        assert_eq!(fs::read(&body).unwrap(), b"one two three");
    }
}
