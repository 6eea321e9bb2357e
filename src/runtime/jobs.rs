//! Work that takes time: calls, reading stored replies, saving, asking for models. Everything reports by messages.

use super::history;
use super::mend::Mender;
use super::save::save;
use crate::app::send::{REPEAT_MS, Wish};
use crate::app::{Effect, Msg, State};
use crate::call::{Ask, Reading};
use crate::client;
use crate::config::{Auth, Profile, base};
use crate::exchange::{self, Means, Refused, Settled};
use crate::route::Evidence;
use crate::store::{self, Store, StoreError};
use crate::wire::request::bare_model;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// After a cancel a call still has to be recorded; this is ample.
const SETTLE: Duration = Duration::from_secs(5);
/// No list of models is longer.
const MOST_MODELS: usize = 16 << 20;

pub type Tell = mpsc::UnboundedSender<Msg>;

pub struct Jobs {
    means: Means,
    tell: Tell,
    calls: JoinSet<()>,
    cancels: HashMap<u64, oneshot::Sender<()>>,
    mender: Mender,
    /// The row whose reply was asked for last: what is asked for no more is not read.
    wanted: Arc<AtomicU64>,
}

impl Jobs {
    pub fn new(means: Means, tell: Tell) -> Jobs {
        Jobs {
            means,
            tell,
            calls: JoinSet::new(),
            cancels: HashMap::new(),
            mender: Mender::default(),
            wanted: Arc::default(),
        }
    }

    /// Starts what an effect asks for.
    pub fn start(&mut self, effect: Effect, state: &State) {
        match effect {
            Effect::Send { entry, ask, recorded } => self.send(entry, *ask, recorded),
            Effect::Cancel { entry } => self.cancel(entry),
            Effect::Remind { at, wish } => self.remind(at, wish),
            Effect::Find { entry, mut sheet, backwards, height } => self.blocking(move || {
                let found = sheet.find(backwards, height);
                Msg::Found { entry, sheet, found }
            }),
            Effect::Load { entry, folder } => self.load(entry, folder),
            Effect::Recall { entry, id } => self.recall(entry, id, state),
            Effect::Mark { id, change } => self.in_store(move |store| {
                let marks = store.remark(&id, &[change])?;
                Ok(Msg::Marked { id, marks })
            }),
            Effect::Trash(id) => self.in_store(move |store| {
                store.trash(&id, Timestamp::now())?;
                Ok(Msg::Trashed(id))
            }),
            Effect::Compare { before, after } => self.in_store(move |store| {
                let comparison = exchange::compare(&store.load(&before)?, &store.load(&after)?);
                Ok(Msg::Compared(Box::new(comparison)))
            }),
            Effect::Save { reading, picture, ask, outcome } => {
                let captions = self.means.captions;
                self.blocking(move || save(&reading, picture, &ask, &outcome, captions));
            }
            Effect::ListModels { profile } => self.list_models(state.setup.profiles.iter().find(|p| p.name == profile)),
            // The loop does these itself: they need the terminal.
            Effect::Edit(_)
            | Effect::Copy { .. }
            | Effect::CopyCurl { .. }
            | Effect::Restyle(_)
            | Effect::Draw(_)
            | Effect::Quit => {}
        }
    }

    fn send(&mut self, entry: u64, ask: Ask, recorded: bool) {
        let (stop, stopped) = oneshot::channel();
        self.cancels.insert(entry, stop);
        self.cancels.retain(|_, stop| !stop.is_closed());
        let (mut means, tell, mender) = (self.means.clone(), self.tell.clone(), self.mender.clone());
        if !recorded {
            means.store = None;
        }
        self.calls.spawn(async move {
            let watched = tell.clone();
            // A panic in here must not leave the entry in flight for ever.
            let ended = tokio::spawn(call(entry, ask, means, stopped, tell, mender)).await;
            if ended.is_err() {
                say(
                    &watched,
                    Msg::Refused {
                        entry,
                        why: "this call ended in a bug of unpeel; what was sent and received is in the store"
                            .to_owned(),
                        unstored: false,
                    },
                );
            }
        });
    }

    /// Variables that no child process may see.
    pub fn key_names(&self) -> &[String] {
        &self.means.key_names
    }

    fn cancel(&mut self, entry: u64) {
        if let Some(stop) = self.cancels.remove(&entry) {
            // Gone when the call has just ended: then there is nothing to cancel.
            let _over = stop.send(());
        }
    }

    fn remind(&self, at: Timestamp, wish: Wish) {
        let tell = self.tell.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(REPEAT_MS)).await;
            say(&tell, Msg::Reminded { at, wish });
        });
    }

    fn blocking(&self, work: impl FnOnce() -> Msg + Send + 'static) {
        let tell = self.tell.clone();
        tokio::task::spawn_blocking(move || say(&tell, work()));
    }

    /// Work on the store; what it refuses becomes a sentence.
    fn in_store(&self, work: impl FnOnce(&Store) -> Result<Msg, StoreError> + Send + 'static) {
        match self.means.store.clone() {
            Some(store) => self.blocking(move || work(&store).unwrap_or_else(|error| Msg::Failed(error.to_string()))),
            None => say(&self.tell, Msg::Failed("there is no store to do that in".to_owned())),
        }
    }

    fn load(&self, entry: u64, folder: PathBuf) {
        let tell = self.tell.clone();
        self.read_wanted(entry, move || match read_again(&folder) {
            Ok(reading) => say(&tell, Msg::Loaded { entry, reading: Arc::new(reading) }),
            Err(why) => say(&tell, Msg::Failed(why)),
        });
    }

    fn recall(&self, entry: u64, id: String, state: &State) {
        let Some(store) = self.means.store.clone() else { return };
        let (tell, setup) = (self.tell.clone(), Arc::clone(&state.setup));
        self.read_wanted(entry, move || {
            let read = store.load(&id).map_err(|error| error.to_string());
            match read.and_then(|stored| exchange::recall(&stored, &setup.profiles)) {
                Ok(recalled) => say(&tell, Msg::Recalled { entry, recalled: Box::new(recalled) }),
                Err(why) => say(&tell, Msg::Failed(why)),
            }
        });
    }

    /// Reads what a selected row shows. Whoever walks through the log asks for many: only the last one is read.
    fn read_wanted(&self, entry: u64, read: impl FnOnce() + Send + 'static) {
        self.wanted.store(entry, Ordering::Relaxed);
        let wanted = Arc::clone(&self.wanted);
        tokio::task::spawn_blocking(move || {
            if wanted.load(Ordering::Relaxed) == entry {
                read();
            }
        });
    }

    /// The log of all sessions, for as long as the app runs.
    pub fn follow_history(&self) {
        if let Some(store) = self.means.store.clone() {
            history::follow(store, self.tell.clone());
        }
    }

    /// What earlier sessions proved.
    pub fn read_evidence(&self) {
        if let Some(store) = self.means.store.clone() {
            self.blocking(move || Msg::Witnessed(store.evidence().iter().filter_map(Evidence::from_json).collect()));
        }
    }

    fn list_models(&self, profile: Option<&Profile>) {
        let Some(profile) = profile.cloned() else { return };
        let (means, tell) = (self.means.clone(), self.tell.clone());
        tokio::spawn(async move {
            let msg = match models(&profile, &means).await {
                Ok(models) => Msg::Listed(models),
                Err(why) => Msg::Failed(format!("no model list from {}: {why}", profile.name)),
            };
            say(&tell, msg);
        });
    }

    /// Lets calls in flight finish for as long as `bound`, then cancels the rest; all of them are recorded.
    ///
    /// `shorten` gives a shorter bound while it waits.
    pub async fn finish(&mut self, bound: Duration, mut shorten: impl AsyncFnMut() -> Duration) {
        let calls = &mut self.calls;
        let mut end = Instant::now() + bound;
        loop {
            tokio::select! {
                ended = calls.join_next() => if ended.is_none() { break },
                () = tokio::time::sleep_until(end) => break,
                shorter = shorten() => end = end.min(Instant::now() + shorter),
            }
        }
        for (_, stop) in self.cancels.drain() {
            let _over = stop.send(());
        }
        let _stuck = tokio::time::timeout(SETTLE, async { while calls.join_next().await.is_some() {} }).await;
        tokio::task::block_in_place(|| self.mender.try_all(&self.tell));
    }
}

pub fn say(tell: &Tell, msg: Msg) {
    // The loop is gone only when the app ends.
    let _ended = tell.send(msg);
}

async fn call(entry: u64, ask: Ask, means: Means, stopped: oneshot::Receiver<()>, tell: Tell, mender: Mender) {
    let prepared = tokio::task::block_in_place(|| exchange::prepare(ask, &means, &|name| std::env::var(name).ok()));
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(why) => return say(&tell, refused(entry, &why)),
    };
    let mut on = |progress| say(&tell, Msg::Moved { entry, progress });
    match exchange::run(prepared, &means, stopped, &mut on).await {
        Ok(Settled { answer, unsettled }) => {
            say(&tell, Msg::Answered { entry, answer: Box::new(answer) });
            if let Some(shelf) = unsettled {
                mender.keep(entry, *shelf, &tell);
            }
        }
        Err(why) => say(&tell, refused(entry, &why)),
    }
}

fn refused(entry: u64, why: &Refused) -> Msg {
    Msg::Refused { entry, why: why.to_string(), unstored: matches!(why, Refused::NotStored(_)) }
}

fn read_again(folder: &Path) -> Result<Reading, String> {
    let stored = store::read_folder(folder).map_err(|e| e.to_string())?;
    let body = stored.body().map_err(|e| format!("the body in {} cannot be read: {e}", folder.display()))?;
    Ok(Reading::of(exchange::unpack(body, &stored.meta.headers, &mut Vec::new())))
}

async fn models(profile: &Profile, means: &Means) -> Result<Vec<String>, String> {
    let key = tokio::task::block_in_place(|| {
        client::resolve_key(profile, &|name| std::env::var(name).ok(), &means.key_names)
    })
    .map_err(|e| e.to_string())?;
    let base = base::endpoint(&profile.base).map_err(|e| e.to_string())?;
    let url = base.join("/v1beta/models?pageSize=1000");
    let auth = if profile.auth == Auth::Bearer { Auth::Bearer } else { Auth::Header };
    let (status, body) = client::get(url, auth, Some(&key), &means.limits, MOST_MODELS).await?;
    let list: Value = serde_json::from_slice(&body).map_err(|_| format!("HTTP {status}, not JSON"))?;
    let names = model_names(&list);
    if names.is_empty() {
        let words = list.as_object().and_then(crate::wire::error::ErrorBody::find).map(|error| error.words());
        return Err(words.unwrap_or_else(|| format!("HTTP {status}, no models in it")));
    }
    Ok(names)
}

/// Google's form (`models[].name`, with `models/` before) and OpenAI's (`data[].id`).
fn model_names(list: &Value) -> Vec<String> {
    let names = |list_key: &str, name_key: &str| -> Option<Vec<String>> {
        let entries = list.get(list_key)?.as_array()?;
        Some(entries.iter().filter_map(|entry| Some(bare_model(entry.get(name_key)?.as_str()?).to_owned())).collect())
    };
    names("models", "name").or_else(|| names("data", "id")).unwrap_or_default()
}
