//! The history for the log and the evidence for the routes: the newest at once, all soon after, then what other instances do.

use super::jobs::Tell;
use crate::app::Msg;
use crate::route::Evidence;
use crate::store::Store;
use std::time::Duration;

/// More than fits on a screen.
const FIRST: usize = 100;
/// Between two looks at the store. A look is one stat when nothing happened.
const PAUSE: Duration = Duration::from_secs(2);

/// Follows the store on a thread of its own until the app is gone.
pub fn follow(store: Store, tell: Tell) {
    let started = std::thread::Builder::new().name("history".to_owned()).spawn(move || run(&store, &tell));
    if let Err(error) = started {
        tracing::warn!(%error, "the history is not followed");
    }
}

/// What is noted about routes, oldest first.
fn witnessed(store: &Store) -> Msg {
    Msg::Witnessed(store.evidence().iter().filter_map(Evidence::from_json).collect())
}

/// Ends when nobody listens any more.
fn run(store: &Store, tell: &Tell) -> Option<()> {
    let mut stamp = store.evidence_stamp();
    tell.send(witnessed(store)).ok()?;
    tell.send(Msg::News { changed: store.latest(FIRST), gone: vec![] }).ok()?;
    let history = store.history();
    let mut watch = store.watch(&history.summaries);
    let torn = history.notes.len();
    tell.send(Msg::Remembered(history.summaries)).ok()?;
    if torn > 0 {
        let many = crate::text::count(torn, "thing");
        let note = format!("{many} in the store cannot be read; `unpeel history list` says which");
        tell.send(Msg::Failed(note)).ok()?;
    }
    loop {
        std::thread::sleep(PAUSE);
        let now = store.evidence_stamp();
        if now != stamp {
            stamp = now;
            tell.send(witnessed(store)).ok()?;
        }
        if let Some(news) = watch.news() {
            tell.send(Msg::News { changed: news.changed, gone: news.gone }).ok()?;
        }
    }
}
