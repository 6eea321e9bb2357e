//! Records that the store could not take whole, because a disk was full or read-only: tried again until it can.

use super::jobs::{Tell, say};
use crate::app::Msg;
use crate::exchange::Shelf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Between two tries.
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Clone, Default)]
pub struct Mender {
    waiting: Arc<Mutex<Vec<(u64, Shelf)>>>,
}

impl Mender {
    /// Keeps a record until the store takes it, and starts trying when it is the first.
    pub fn keep(&self, entry: u64, shelf: Shelf, tell: &Tell) {
        let count = self.with(|waiting| {
            waiting.push((entry, shelf));
            waiting.len()
        });
        if count > 1 {
            return;
        }
        let (mender, tell) = (self.clone(), tell.clone());
        tokio::spawn(async move {
            let mut left = count;
            while left > 0 {
                tokio::time::sleep(PAUSE).await;
                left = tokio::task::block_in_place(|| mender.try_all(&tell));
            }
        });
    }

    /// Tries all of them once; returns how many are left.
    pub fn try_all(&self, tell: &Tell) -> usize {
        self.with(|waiting| {
            waiting.retain_mut(|(entry, shelf)| {
                let settled = shelf.write().is_ok();
                if settled {
                    let (folder, saved) = (shelf.record.folder().to_owned(), shelf.saved.clone());
                    say(tell, Msg::Mended { entry: *entry, folder, saved });
                }
                !settled
            });
            waiting.len()
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<(u64, Shelf)>) -> T) -> T {
        work(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
