//! What empties the trash, by age or by size, and clears away what crashed programs left half-made.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::trash::Trashed;
use super::{Store, disk, index, listing, lock, names};

/// Nobody takes so long to make a folder.
const LEFT: SignedDuration = SignedDuration::from_hours(1);

/// What may go from the trash. The default keeps everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// What has been there for so long, or longer.
    pub older_than: Option<Duration>,
    /// The oldest, until what stays is no larger than this.
    pub max_bytes: Option<u64>,
    /// Everything.
    pub all: bool,
}

/// What a sweep did, or would do when it is dry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Swept {
    /// Gone for good, thrown away last first.
    pub removed: Vec<Trashed>,
    /// Still in the trash.
    pub kept: Vec<Trashed>,
    /// Half-made files and folders of crashed programs that are gone too.
    pub leftovers: Vec<PathBuf>,
    /// What could not be removed, and why.
    pub notes: Vec<String>,
}

impl Store {
    /// Empties the trash as the rule says, and removes half-made leftovers that are older than an hour. When `dry`,
    /// nothing is changed. Links are removed, never followed.
    pub fn sweep(&self, rule: &Sweep, now: Timestamp, dry: bool) -> Swept {
        let mut kept = self.trashed();
        let going = kept.split_off(staying(&kept, rule, now));
        let mut swept = Swept { kept, ..Swept::default() };
        for trashed in going {
            let gone = if dry { Ok(()) } else { remove_trashed(&self.trash_folder(), &trashed.id) };
            match gone {
                Ok(()) => swept.removed.push(trashed),
                Err(cause) => {
                    swept.notes.push(format!("could not remove {} from the trash: {cause}", trashed.id));
                    swept.kept.push(trashed);
                }
            }
        }
        for path in self.leftovers(now) {
            let gone = if dry { Ok(()) } else { remove(&path) };
            match gone {
                Ok(()) => swept.leftovers.push(path),
                Err(cause) => swept.notes.push(format!("could not remove {}: {cause}", path.display())),
            }
        }
        swept
    }

    fn leftovers(&self, now: Timestamp) -> Vec<PathBuf> {
        let mut found = left(&self.root, index::is_half_made, now);
        found.extend(left(&self.exchanges(), |name| is_of_an_id(name, ".new") || name.starts_with(".probe-"), now));
        found.extend(left(&self.trash_folder(), |name| is_of_an_id(name, ".gone"), now));
        // What a kill left of a file that was being replaced.
        let ids = listing::ids(&self.exchanges()).unwrap_or_default();
        let folders =
            ids.iter().map(|id| self.exchanges().join(id)).filter(|folder| lock::is_held(folder) != Some(true));
        found
            .extend(folders.flat_map(|folder: PathBuf| {
                left(&folder, |name| name.starts_with('.') && name.ends_with(".new"), now)
            }));
        found.sort();
        found
    }
}

/// How many of the newest stay: with each that goes, all older ones go too.
fn staying(newest_first: &[Trashed], rule: &Sweep, now: Timestamp) -> usize {
    if rule.all {
        return 0;
    }
    let limit = rule.older_than.map(|age| SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX));
    let mut room = rule.max_bytes.unwrap_or(u64::MAX);
    let stays = |trashed: &&Trashed| {
        let young = limit.is_none_or(|limit| now.duration_since(trashed.since) < limit);
        let rest = room.checked_sub(trashed.bytes).filter(|_| young);
        room = rest.unwrap_or(0);
        rest.is_some()
    };
    newest_first.iter().take_while(stays).count()
}

/// Hidden first: nobody may restore what is half gone.
fn remove_trashed(trash: &Path, id: &str) -> io::Result<()> {
    let going = trash.join(format!(".{id}.gone"));
    disk::rename_new(&trash.join(id), &going)?;
    fs::remove_dir_all(going)
}

fn remove(path: &Path) -> io::Result<()> {
    if disk::is_folder(path) { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

fn left(place: &Path, is_ours: fn(&str) -> bool, now: Timestamp) -> Vec<PathBuf> {
    let entries = fs::read_dir(place).into_iter().flatten().filter_map(Result::ok);
    entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_ours))
        .map(|entry| entry.path())
        .filter(|path| is_old(path, now) && lock::is_held(path) != Some(true))
        .collect()
}

fn is_old(path: &Path, now: Timestamp) -> bool {
    let modified = fs::symlink_metadata(path).and_then(|found| found.modified());
    modified
        .ok()
        .and_then(|modified| Timestamp::try_from(modified).ok())
        .is_some_and(|modified| now.duration_since(modified) > LEFT)
}

/// Exactly a name of ours: the state folder may be a folder that others use too.
fn is_of_an_id(name: &str, ending: &str) -> bool {
    name.strip_prefix('.').and_then(|name| name.strip_suffix(ending)).is_some_and(names::is_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Summary;

    #[test]
    fn the_oldest_go_first() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let day = |days: i64, bytes| Trashed {
            id: String::new(),
            since: now - SignedDuration::from_hours(24 * days),
            bytes,
            summary: Summary::default(),
        };
        let trash = [day(-1, 10), day(1, 10), day(2, 50), day(5, 10)];
        let rule = |days: Option<u64>, max_bytes, all| Sweep {
            older_than: days.map(|days| Duration::from_secs(days * 86_400)),
            max_bytes,
            all,
        };
        for (rule, stay) in [
            (rule(None, None, false), 4),
            (rule(None, None, true), 0),
            (rule(Some(3), None, false), 3),
            (rule(Some(2), None, false), 2),
            (rule(Some(0), None, false), 1),
            (rule(Some(u64::MAX / 86_400), None, false), 4),
            (rule(None, Some(80), false), 4),
            (rule(None, Some(79), false), 3),
            (rule(None, Some(69), false), 2),
            (rule(None, Some(0), false), 0),
            (rule(Some(2), Some(10), false), 1),
        ] {
            assert_eq!(staying(&trash, &rule, now), stay, "{rule:?}");
        }
    }

    #[test]
    fn only_names_of_ours_are_leftovers() {
        let id = "20261122T170512.123Z-k3x7qa";
        assert!(is_of_an_id(&format!(".{id}.new"), ".new"));
        for foreign in [id.to_owned(), format!("{id}.new"), format!(".{id}.gone"), ".vimrc.new".to_owned()] {
            assert!(!is_of_an_id(&foreign, ".new"), "{foreign}");
        }
    }
}
