//! What was seen of the routes: one JSON object a line, only ever appended, shared by all processes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::StoreError;
use super::{Store, disk};

/// How many observations are read back: older ones no longer tell anything about a route.
const LINES: usize = 2_000;
/// Of them, free probes: those that run by themselves must not push out what calls have shown.
const FREE_PROBES: usize = 500;
/// Reading starts this far from the end at most, however long the file has grown.
const TAIL_BYTES: u64 = 8 << 20;

impl Store {
    /// Appends one observation as a line of its own and writes it through to the disk.
    ///
    /// # Errors
    /// [`StoreError::Io`]; a line that was written in part is skipped by readers.
    pub fn append_evidence(&self, line: &Value) -> Result<(), StoreError> {
        let path = self.evidence_path();
        append(&path, line).map_err(StoreError::io("append to", &path))
    }

    /// The last 2,000 observations, 500 free probes among them at most, oldest first. Torn lines are skipped; without a
    /// file there are none.
    pub fn evidence(&self) -> Vec<Value> {
        let tail = disk::open_plain(&self.evidence_path()).and_then(read_tail);
        let mut probes = FREE_PROBES;
        let mut lines: Vec<Value> = tail
            .unwrap_or_default()
            .rsplit(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .filter(Value::is_object)
            .filter(|line| line["source"] != "free_probe" || take_one(&mut probes))
            .take(LINES)
            .collect();
        lines.reverse();
        lines
    }

    /// Changes whenever something was noted: how long the file is.
    pub fn evidence_stamp(&self) -> u64 {
        std::fs::symlink_metadata(self.evidence_path()).map_or(0, |file| file.len())
    }

    fn evidence_path(&self) -> PathBuf {
        self.root.join("evidence.jsonl")
    }
}

/// Counts down; false when nothing was left.
fn take_one(left: &mut usize) -> bool {
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

/// One write for the whole line, so that processes which append at the same moment do not mix their lines.
fn append(path: &Path, line: &Value) -> io::Result<()> {
    let mut file = disk::append_file(path)?;
    let mut text = Vec::new();
    if !ends_with_newline(&mut file)? {
        // A crash tore the last line: this one must not be glued to it and be lost as well.
        text.push(b'\n');
    }
    serde_json::to_writer(&mut text, line)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_data()
}

/// Also true for an empty file.
fn ends_with_newline(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn read_tail(mut file: File) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs::{self, OpenOptions};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_torn_line_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert!(store.evidence().is_empty());
        store.append_evidence(&json!({"n": 1})).unwrap();
        let path = store.evidence_path();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"n\": 2, \"route").unwrap();
        store.append_evidence(&json!({"n": 3})).unwrap();
        assert_eq!(store.evidence(), [json!({"n": 1}), json!({"n": 3})]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn only_the_latest_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let lines: String = (0..LINES + 5).map(|n| format!("{{\"n\":{n}}}\n")).collect();
        fs::write(store.evidence_path(), lines).unwrap();
        let read = store.evidence();
        assert_eq!(read.len(), LINES);
        assert_eq!(read.first(), Some(&json!({"n": 5})));
        assert_eq!(read.last(), Some(&json!({"n": LINES + 4})));
        let probes = "{\"source\":\"free_probe\"}\n".repeat(LINES);
        fs::write(store.evidence_path(), format!("{{\"n\":1}}\n{probes}")).unwrap();
        let read = store.evidence();
        assert_eq!((read.len(), read.first()), (FREE_PROBES + 1, Some(&json!({"n": 1}))));
    }
}
