//! All exchanges in short, from the index as far as it holds.

use super::Store;
use super::error::StoreError;
use super::index::{Index, Line, Look};
use super::listing::{self, Listing};
use super::stored::read_listed;
use crate::history::Summary;

/// All exchanges in short.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Newest first.
    pub summaries: Vec<Summary>,
    /// What was skipped because it is torn or foreign.
    pub notes: Vec<String>,
}

impl Store {
    /// All exchanges, newest first: from the index as far as it holds, else from their folders. What was read anew is
    /// added to the index when it can be written. A store that is not there is empty.
    pub fn history(&self) -> History {
        let exchanges = self.exchanges();
        let Listing { ids, mut notes } = match listing::list(&exchanges) {
            Ok(listing) => listing,
            Err(cause) => {
                let note = StoreError::io("list", &exchanges)(cause).to_string();
                return History { summaries: Vec::new(), notes: vec![note] };
            }
        };
        let mut index = Index::read(self.root(), &ids);
        let mut lines = Vec::with_capacity(ids.len());
        let mut fresh = Vec::new();
        for (id, known) in ids.iter().zip(std::mem::take(&mut index.known)) {
            let folder = exchanges.join(id);
            let look = Look::at(&folder);
            if let Some(line) = known.filter(|line| line.holds(look)) {
                lines.push(line);
            } else if let Some(stored) = read_listed(&folder, &mut notes) {
                fresh.push(lines.len());
                lines.push(Line::new(look, stored.summary()));
            }
        }
        // Without the cache the next look is slower, that is all.
        let _ = index.write(self.root(), &lines, &fresh);
        notes.sort();
        History { summaries: lines.into_iter().map(|line| line.summary).collect(), notes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Marks, Phase};
    use crate::store::Meta;
    use crate::store::index::SLACK;
    use jiff::Timestamp;
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::path::{Path, PathBuf};
    use std::time::{Duration, UNIX_EPOCH};

    const INDEX: &str = "index.jsonl";
    const META: &str = "meta.json";

    fn lines(store: &Store) -> usize {
        fs::read_to_string(store.root.join(INDEX)).unwrap_or_default().lines().count()
    }

    /// As if it had been written long ago, when its time could not be mistaken for that of a later change.
    fn age(file: &Path) {
        let opened = OpenOptions::new().write(true).open(file).unwrap();
        opened.set_modified(UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
    }

    /// A settled exchange of long ago.
    fn settled(store: &Store, prompt: &str) -> (String, PathBuf) {
        let meta = Meta { prompt: prompt.to_owned(), phase: Phase::Done, ..Meta::default() };
        let mut record = store.begin(Timestamp::UNIX_EPOCH, &meta, b"{}").unwrap();
        record.settle(&meta).unwrap();
        age(&record.folder().join(META));
        (record.id().to_owned(), record.folder().to_path_buf())
    }

    fn prompts(store: &Store) -> Vec<String> {
        let history = store.history();
        assert_eq!(history.notes, Vec::<String>::new());
        let mut prompts: Vec<String> = history.summaries.into_iter().map(|summary| summary.prompt).collect();
        prompts.sort();
        prompts
    }

    /// Replaced by other words of the same length.
    fn rewrite(folder: &Path, from: &str, to: &str) {
        let meta = fs::read_to_string(folder.join(META)).unwrap();
        fs::write(folder.join(META), meta.replace(from, to)).unwrap();
    }

    #[test]
    fn what_did_not_change_comes_from_the_index() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let (_, folder) = settled(&store, "red");
        settled(&store, "fox");
        assert_eq!(prompts(&store), ["fox", "red"]);
        assert_eq!(lines(&store), 2);
        rewrite(&folder, "red", "tan");
        age(&folder.join(META));
        assert_eq!(prompts(&store), ["fox", "red"], "the same stamp: not read again");
        fs::remove_file(state.path().join(INDEX)).unwrap();
        assert_eq!(prompts(&store), ["fox", "tan"], "a cache may be deleted");
        assert_eq!(lines(&store), 2);
    }

    #[test]
    fn what_changed_is_read_again() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let (id, folder) = settled(&store, "red");
        prompts(&store);
        rewrite(&folder, "red", "tan");
        assert_eq!(prompts(&store), ["tan"]);
        assert_eq!(lines(&store), 1, "what is so new may change again within its time stamp");
        store.mark(&id, &Marks { star: true, ..Marks::default() }).unwrap();
        age(&folder.join(META));
        age(&folder.join("marks.json"));
        assert!(store.history().summaries[0].marks.star);
        assert_eq!(lines(&store), 2, "the later line wins");
        store.mark(&id, &Marks::default()).unwrap();
        assert!(!store.history().summaries[0].marks.star);
    }

    #[test]
    fn useless_lines_cost_nothing_but_themselves() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let (id, folder) = settled(&store, "red");
        let path = state.path().join(INDEX);
        let gone = r#"{"v":1,"meta":null,"marks":null,"summary":{"id":"20261122T170512.123Z-k3x7qa"}}"#;
        let stamp = format!("[1000000000000000000,{}]", fs::metadata(folder.join(META)).unwrap().len());
        let later = format!(r#"{{"v":2,"meta":{stamp},"marks":null,"summary":{{"id":"{id}","prompt":"later"}}}}"#);
        fs::write(&path, format!("{gone}\nno JSON\n\n{later}\n{{\"v\":1,\"meta\":[1,")).unwrap();
        assert_eq!(prompts(&store), ["red"]);
        assert_eq!(lines(&store), 6, "the torn line was ended first");
        settled(&store, "fox");
        assert_eq!(prompts(&store), ["fox", "red"]);
        let junk = "\n".repeat(SLACK);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(junk.as_bytes()).unwrap();
        assert_eq!(prompts(&store), ["fox", "red"]);
        assert_eq!(lines(&store), 2, "written anew");
        assert_eq!(prompts(&store), ["fox", "red"]);
    }

    #[test]
    fn what_is_under_way_is_not_kept_and_a_missing_store_is_empty() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(Store::at(&state.path().join("none")).history(), History::default());
        let store = Store::open(state.path()).unwrap();
        let record = store.begin(Timestamp::UNIX_EPOCH, &Meta::default(), b"{}").unwrap();
        age(&record.folder().join(META));
        assert_eq!(store.history().summaries[0].phase, Phase::Begun);
        assert_eq!(lines(&store), 0);
        drop(record);
        assert_eq!(store.history().summaries[0].phase, Phase::Interrupted);
        assert_eq!(lines(&store), 1);
    }
}
