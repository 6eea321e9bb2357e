//! What changed in the store since it was last looked at, whichever program changed it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use super::stored::read_folder;
use super::{Store, disk, listing};
use crate::history::Summary;

/// Knows which exchanges there were and which of them were under way. Marks that others set on a settled exchange are
/// not watched.
#[derive(Clone, Debug)]
pub struct Watch {
    exchanges: PathBuf,
    known: HashSet<String>,
    /// Those that may still change, as they were seen last.
    open: HashMap<String, Summary>,
    /// When the folder had changed last; `None` while it may have changed again at the same time.
    listed: Option<SystemTime>,
}

/// What a [`Watch`] found. Never empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct News {
    /// New exchanges, and known ones that moved on; newest first.
    pub changed: Vec<Summary>,
    /// Ids that are no longer there; newest first.
    pub gone: Vec<String>,
}

impl Store {
    /// Watches from what the caller knows already; with an empty slice everything is news.
    pub fn watch(&self, known: &[Summary]) -> Watch {
        let open = known.iter().filter(|summary| !summary.phase.is_final());
        Watch {
            exchanges: self.exchanges(),
            known: known.iter().map(|summary| summary.id.clone()).collect(),
            open: open.map(|summary| (summary.id.clone(), summary.clone())).collect(),
            listed: None,
        }
    }
}

impl Watch {
    /// What changed since the last call; `None` when nothing did, which costs a look at the folder's time and at each
    /// exchange that is under way.
    pub fn news(&mut self) -> Option<News> {
        let mut news = News::default();
        self.look_at_open(&mut news);
        self.look_at_names(&mut news);
        news.changed.sort_unstable_by(|a, b| b.id.cmp(&a.id));
        news.gone.sort_unstable_by(|a, b| b.cmp(a));
        (news != News::default()).then_some(news)
    }

    fn look_at_open(&mut self, news: &mut News) {
        let exchanges = &self.exchanges;
        self.open.retain(|id, last| {
            // What went away is found by its name.
            let Ok(stored) = read_folder(&exchanges.join(id)) else {
                return true;
            };
            let summary = stored.summary();
            if summary != *last {
                last.clone_from(&summary);
                news.changed.push(summary);
            }
            !last.phase.is_final()
        });
    }

    fn look_at_names(&mut self, news: &mut News) {
        let Ok(modified) = fs::metadata(&self.exchanges).and_then(|found| found.modified()) else {
            return;
        };
        if self.listed == Some(modified) {
            return;
        }
        // Before the listing: what changes during it must be seen the next time.
        let listed = disk::is_old(modified).then_some(modified);
        let Ok(ids) = listing::ids(&self.exchanges) else {
            return;
        };
        self.listed = listed;
        let present: HashSet<String> = ids.into_iter().collect();
        news.gone.extend(self.known.difference(&present).cloned());
        for id in &news.gone {
            self.known.remove(id);
            self.open.remove(id);
        }
        let new: Vec<String> = present.into_iter().filter(|id| !self.known.contains(id)).collect();
        for id in new {
            self.meet(id, news);
        }
    }

    /// A folder that cannot be read stays unknown: it may be on its way from elsewhere.
    fn meet(&mut self, id: String, news: &mut News) {
        let Ok(stored) = read_folder(&self.exchanges.join(&id)) else {
            return;
        };
        let summary = stored.summary();
        if !summary.phase.is_final() {
            self.open.insert(id.clone(), summary.clone());
        }
        self.known.insert(id);
        news.changed.push(summary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Phase;
    use crate::store::{Meta, Record};
    use jiff::Timestamp;
    use std::time::Duration;

    fn begin(store: &Store) -> Record {
        store.begin(Timestamp::UNIX_EPOCH, &Meta::default(), b"{}").unwrap()
    }

    /// The phases that changed, and how many are gone.
    fn told(watch: &mut Watch) -> Option<(Vec<Phase>, usize)> {
        let news = watch.news()?;
        Some((news.changed.iter().map(|summary| summary.phase).collect(), news.gone.len()))
    }

    #[test]
    fn each_step_of_others_is_told_once() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let before = begin(&store);
        let mut watch = store.watch(&store.history().summaries);
        assert_eq!(told(&mut watch), None);

        let mut record = begin(&store);
        assert_eq!(told(&mut watch), Some((vec![Phase::Begun], 0)));
        assert_eq!(told(&mut watch), None);
        record.update(&Meta { phase: Phase::Sent, ..Meta::default() }).unwrap();
        assert_eq!(told(&mut watch), Some((vec![Phase::Sent], 0)));
        record.settle(&Meta { phase: Phase::Done, ..Meta::default() }).unwrap();
        assert_eq!(told(&mut watch), Some((vec![Phase::Done], 0)));
        drop(before);
        assert_eq!(told(&mut watch), Some((vec![Phase::Interrupted], 0)));
        assert_eq!(told(&mut watch), None);

        store.trash(record.id(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(watch.news().unwrap().gone, [record.id()]);
        store.restore(record.id()).unwrap();
        assert_eq!(told(&mut watch), Some((vec![Phase::Done], 0)));
        assert_eq!(told(&mut watch), None);
    }

    /// Whether it has changed is told by its time alone.
    fn pretend(store: &Store, seconds: u64) {
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        fs::File::open(store.exchanges()).unwrap().set_modified(changed).unwrap();
    }

    #[test]
    fn an_unchanged_folder_is_not_listed_again() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let record = begin(&store);
        pretend(&store, 1);
        let mut watch = store.watch(&[]);
        assert_eq!(told(&mut watch), Some((vec![Phase::Begun], 0)));
        let unseen = begin(&store);
        pretend(&store, 1);
        assert_eq!(told(&mut watch), None);
        drop(record);
        assert_eq!(told(&mut watch), Some((vec![Phase::Interrupted], 0)), "what is under way is looked at");
        pretend(&store, 2);
        assert_eq!(watch.news().unwrap().changed[0].id, unseen.id());
    }

    #[test]
    fn what_cannot_be_read_yet_is_met_later() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let folder = begin(&store).folder().to_path_buf();
        let (meta, away) = (folder.join("meta.json"), state.path().join("away"));
        fs::rename(&meta, &away).unwrap();
        pretend(&store, 1);
        let mut watch = store.watch(&[]);
        assert_eq!(told(&mut watch), None);
        fs::rename(&away, &meta).unwrap();
        pretend(&store, 2);
        assert_eq!(told(&mut watch), Some((vec![Phase::Interrupted], 0)));
    }
}
