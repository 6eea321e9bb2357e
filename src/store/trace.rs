//! From a picture, under whatever name it is now, back to the exchange that made it.

use memchr::memmem::Finder;

use super::meta::StoredPicture;
use super::record::META;
use super::stored::{Stored, read_folder};
use super::{Store, disk, listing};

impl Store {
    /// Every stored picture with this SHA-256 (hex), with its exchange: first those of the history, then those in the
    /// trash, each newest first.
    pub fn find_picture(&self, sha256: &str) -> Vec<(Stored, StoredPicture)> {
        let wanted = sha256.to_ascii_lowercase();
        let mut found = Vec::new();
        if wanted.is_empty() {
            return found;
        }
        let finder = Finder::new(&wanted);
        for place in [self.exchanges(), self.trash_folder()] {
            for id in listing::list(&place).unwrap_or_default().ids {
                let folder = place.join(id);
                // To search the bytes costs far less than to make sense of them, and nearly all exchanges are others.
                let is_named = disk::read(&folder.join(META)).is_ok_and(|json| finder.find(&json).is_some());
                if is_named && let Ok(stored) = read_folder(&folder) {
                    let pictures = stored.meta.pictures.iter().filter(|picture| picture.sha256 == wanted);
                    found.extend(pictures.map(|picture| (stored.clone(), picture.clone())));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Phase;
    use crate::store::Meta;
    use jiff::Timestamp;

    #[test]
    fn a_picture_leads_to_its_exchanges_also_in_the_trash() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let begin = |sha256: &str, prompt: &str| {
            let picture = StoredPicture { sha256: sha256.to_owned(), ..StoredPicture::default() };
            let meta =
                Meta { phase: Phase::Done, prompt: prompt.to_owned(), pictures: vec![picture], ..Meta::default() };
            store.begin(Timestamp::UNIX_EPOCH, &meta, b"{}").unwrap().id().to_owned()
        };
        let (thrown, kept) = (begin("0ab1", ""), begin("0ab1", ""));
        begin("ffff", "a prompt that names 0ab1");
        begin("", "");
        store.trash(&thrown, Timestamp::UNIX_EPOCH).unwrap();
        let found: Vec<String> = store.find_picture("0AB1").into_iter().map(|(stored, _)| stored.id).collect();
        assert_eq!(found, [kept, thrown]);
        assert!(store.find_picture("").is_empty());
    }
}
