//! `index.jsonl`: a cache that spares reading thousands of folders. It may be deleted at any time.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::disk;
use super::marks::MARKS;
use super::record::META;
use crate::history::Summary;

const INDEX: &str = "index.jsonl";
/// Rises with every change of [`Summary`], so that lines without a new field are not believed.
const VERSION: u32 = 1;
/// So many useless lines are not worth writing the file anew.
pub const SLACK: usize = 1000;
/// With more, reading it is no help.
const MOST: u64 = 1 << 30;
const BUFFER_BYTES: usize = 64 << 10;

/// What the file says about the exchanges that are there.
pub struct Index {
    /// In the order of their ids; taken out by the caller.
    pub known: Vec<Option<Line>>,
    /// All lines, also those that are of no use.
    lines: usize,
    /// A crash tore the last line.
    torn: bool,
}

/// One line: what was read, and from which state of the two files.
#[derive(Serialize, Deserialize)]
pub struct Line {
    v: u32,
    meta: Option<Stamp>,
    marks: Option<Stamp>,
    /// What the list shows.
    pub summary: Summary,
}

/// How an exchange's files look without reading them.
#[derive(Clone, Copy)]
pub struct Look {
    meta: Option<Stamp>,
    marks: Option<Stamp>,
}

/// Nanoseconds of the last change, and bytes.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp(i64, u64);

impl Index {
    /// `ids`: newest first.
    pub fn read(root: &Path, ids: &[String]) -> Index {
        let mut index = Index { known: ids.iter().map(|_| None).collect(), lines: 0, torn: false };
        let Ok(file) = disk::open_plain(&root.join(INDEX)) else {
            return index;
        };
        if file.metadata().is_ok_and(|found| found.len() > MOST) {
            // No index of ours: it is written anew.
            index.lines = usize::MAX / 2;
            return index;
        }
        let mut reader = BufReader::with_capacity(BUFFER_BYTES, file);
        let mut text = Vec::new();
        while reader.read_until(b'\n', &mut text).is_ok_and(|bytes| bytes > 0) {
            index.lines += 1;
            index.torn = !text.ends_with(b"\n");
            index.take(&text, ids);
            text.clear();
        }
        index
    }

    /// Later lines win. Lines that are torn, of another version or about an exchange that is gone are skipped.
    fn take(&mut self, text: &[u8], ids: &[String]) {
        let Ok(line) = serde_json::from_slice::<Line>(text) else {
            return;
        };
        let place = ids.binary_search_by(|id| line.summary.id.cmp(id));
        if let (VERSION, Ok(at)) = (line.v, place) {
            self.known[at] = Some(line);
        }
    }

    /// Adds the lines at `fresh`, or writes all anew when most of the file is of no use.
    pub fn write(&self, root: &Path, lines: &[Line], fresh: &[usize]) -> io::Result<()> {
        if self.lines + fresh.len() > 2 * lines.len() + SLACK {
            return disk::replace(root, INDEX, &text(lines)).map(drop);
        }
        let mut text = text(fresh.iter().map(|at| &lines[*at]));
        if text.is_empty() {
            return Ok(());
        }
        if self.torn {
            text.insert(0, b'\n');
        }
        // One write, so that processes which append at the same moment do not mix their lines.
        disk::append_file(&root.join(INDEX))?.write_all(&text)
    }
}

impl Line {
    /// `look` must be from before the reading: then it may be older than what was read, never newer.
    pub fn new(look: Look, summary: Summary) -> Line {
        Line { v: VERSION, meta: look.meta, marks: look.marks, summary }
    }

    /// Whether the files still look as they did.
    pub fn holds(&self, look: Look) -> bool {
        look.meta.is_some() && self.meta == look.meta && self.marks == look.marks
    }

    /// Whether any change from now on is sure to show in the stamps, and none is expected.
    fn is_lasting(&self) -> bool {
        self.summary.phase.is_final() && self.meta.is_some_and(Stamp::is_old) && self.marks.is_none_or(Stamp::is_old)
    }
}

impl Look {
    /// At the exchange in `folder`.
    pub fn at(folder: &Path) -> Look {
        Look { meta: Stamp::of(&folder.join(META)), marks: Stamp::of(&folder.join(MARKS)) }
    }
}

impl Stamp {
    /// `None` for what is absent or no plain file.
    fn of(path: &Path) -> Option<Stamp> {
        let found = fs::symlink_metadata(path).ok().filter(|found| found.is_file())?;
        let nanoseconds = found.mtime().saturating_mul(1_000_000_000).saturating_add(found.mtime_nsec());
        Some(Stamp(nanoseconds, found.size()))
    }

    fn is_old(self) -> bool {
        u64::try_from(self.0).is_ok_and(|since| disk::is_old(UNIX_EPOCH + Duration::from_nanos(since)))
    }
}

/// Whether a file of this name is what a crash left of a new index.
pub fn is_half_made(name: &str) -> bool {
    name.strip_prefix('.').and_then(|name| name.strip_prefix(INDEX)).is_some_and(|name| name.ends_with(".new"))
}

/// The lines that are worth keeping, as they stand in the file.
fn text<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Vec<u8> {
    let mut text = Vec::new();
    for json in lines.into_iter().filter(|line| line.is_lasting()).filter_map(|line| serde_json::to_vec(line).ok()) {
        text.extend(json);
        text.push(b'\n');
    }
    text
}
