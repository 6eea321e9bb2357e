//! Work that takes time: calls, reading stored replies, saving, asking for models. Everything reports by messages.

use super::history;
use super::mend::Mender;
use super::save::save;
use crate::app::routes::pause_of;
use crate::app::send::{REPEAT_MS, Wish};
use crate::app::{Effect, Msg, State};
use crate::call::{Ask, ProbePlan, Reading};
use crate::config::{Profile, base};
use crate::exchange::{self, FetchedPicture, Files, Means, Prepared, Refused, Settled, Wanted};
use crate::probe::{self, Round};
use crate::route::Source;
use crate::store::{self, Store, StoreError, Stored};
use jiff::Timestamp;
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

pub type Tell = mpsc::UnboundedSender<Msg>;

pub struct Jobs {
    means: Means,
    tell: Tell,
    calls: JoinSet<()>,
    cancels: HashMap<u64, oneshot::Sender<()>>,
    mender: Mender,
    traffic: Arc<Traffic>,
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
            traffic: Arc::default(),
            wanted: Arc::default(),
        }
    }

    /// Starts what an effect asks for.
    pub fn start(&mut self, effect: Effect, state: &State) {
        match effect {
            Effect::Send { entry, ask, recorded, source } => self.send(entry, *ask, recorded, source),
            Effect::Probe(plans) => self.probe(plans),
            Effect::Fetch { entry, reading, number, ask, id } => {
                let (model, prompt) = (ask.model_on_wire(&self.means.catalog).to_owned(), ask.request.prompt.clone());
                self.fetch(entry, Wanted { reading, number, profile: ask.profile, id, model, prompt });
            }
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
            Effect::Export(id) => self.export(id, state),
            // The loop does these itself: they need the terminal.
            Effect::Edit(_)
            | Effect::Copy { .. }
            | Effect::CopyCurl { .. }
            | Effect::Restyle(_)
            | Effect::Draw(_)
            | Effect::Quit => {}
        }
    }

    fn send(&mut self, entry: u64, ask: Ask, recorded: bool, source: Source) {
        let (stop, stopped) = oneshot::channel();
        self.cancels.insert(entry, stop);
        self.cancels.retain(|_, stop| !stop.is_closed());
        let (mut means, tell, mender) = (self.means.clone(), self.tell.clone(), self.mender.clone());
        let traffic = Arc::clone(&self.traffic);
        if !recorded {
            means.store = None;
        }
        self.calls.spawn(async move {
            let watched = tell.clone();
            // A panic in here must not leave the entry in flight for ever.
            let job = call(entry, ask, source, means, stopped, tell, mender, traffic);
            let ended = tokio::spawn(job).await;
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

    /// One profile after the other; a server that several share is given its time between them.
    fn probe(&self, plans: Vec<ProbePlan>) {
        let (means, tell) = (self.means.clone(), self.tell.clone());
        tokio::spawn(async move {
            let mut asked: Vec<String> = Vec::new();
            for plan in plans {
                let profile = plan.profile.name.clone();
                let origin = base::origin(&plan.profile.base);
                if asked.contains(&origin) {
                    tokio::time::sleep(Duration::from_secs(pause_of(&origin).unsigned_abs())).await;
                }
                asked.push(origin);
                let means = means.clone();
                // A panic in there must not leave the profile being probed for ever.
                let round = tokio::spawn(async move { probe::run(&plan, &means).await }).await;
                let round = round.unwrap_or_else(|_| Err(format!("{profile}: the probe ended in a bug of unpeel")));
                let Round { evidence, notes } =
                    round.unwrap_or_else(|why| Round { notes: vec![why], ..Round::default() });
                say(&tell, Msg::Probed { profile, evidence, notes });
            }
        });
    }

    /// Free probes that run by themselves, where that is switched on. The first round comes after one pause.
    pub fn probe_every(&self, pause: Duration) {
        let tell = self.tell.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                say(&tell, Msg::ProbeDue);
            }
        });
    }

    fn fetch(&self, entry: u64, wanted: Wanted) {
        let (means, tell) = (self.means.clone(), self.tell.clone());
        tokio::spawn(async move {
            let number = wanted.number;
            let msg = match exchange::fetch(wanted, &means).await {
                Ok(FetchedPicture { reading, verdict, saved, note }) => {
                    Msg::Fetched { entry, reading, number, verdict, saved, note }
                }
                Err(why) => Msg::Failed(format!("not fetched: {why}")),
            };
            say(&tell, msg);
        });
    }

    fn export(&self, id: String, state: &State) {
        let (setup, hidden) = (Arc::clone(&state.setup), self.means.key_names.clone());
        let facts = vec![
            ("TERM".to_owned(), std::env::var("TERM").unwrap_or_default()),
            ("size".to_owned(), format!("{}×{}", state.size.0, state.size.1)),
            ("pictures".to_owned(), state.drawing.note.clone()),
        ];
        self.in_store(move |store| {
            let stored = store.load(&id)?;
            Ok(export(&stored, &setup.profiles, &hidden, &facts).unwrap_or_else(Msg::Failed))
        });
    }

    fn list_models(&self, profile: Option<&Profile>) {
        let Some(profile) = profile.cloned() else { return };
        let (means, tell) = (self.means.clone(), self.tell.clone());
        tokio::spawn(async move {
            let msg = match probe::models(&profile, &means).await {
                Ok((models, evidence)) => Msg::Listed { models, evidence: Box::new(evidence) },
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

/// Into the working folder, as everything that is saved by a key. A key that could not be looked for is a complaint,
/// though the files are there.
fn export(stored: &Stored, profiles: &[Profile], hidden: &[String], facts: &[(String, String)]) -> Result<Msg, String> {
    let folder = std::env::current_dir().map_err(|error| format!("the working folder is gone ({error})"))?;
    let files = Files::in_folder(&folder, stored);
    let lack = files.write(stored, profiles, hidden, facts).map_err(|error| error.to_string())?;
    let written: Vec<PathBuf> = [files.har, files.bundle].into_iter().flatten().collect();
    let Some(lack) = lack else { return Ok(Msg::Exported(written)) };
    let names: Vec<_> = written.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy())).collect();
    Ok(Msg::Failed(format!("wrote {}, but {lack}", names.join(", "))))
}

pub fn say(tell: &Tell, msg: Msg) {
    // The loop is gone only when the app ends.
    let _ended = tell.send(msg);
}

/// Calls of this instance: what a key has used tells the cost of one only while there is no other.
#[derive(Default)]
struct Traffic {
    begun: AtomicU64,
    running: AtomicU64,
}

/// A call among them; counted off however it ends.
struct Running<'a> {
    traffic: &'a Traffic,
    /// Which of all it is, from 1, and how many were running when it began.
    number: u64,
    others: u64,
}

impl Traffic {
    fn enter(&self) -> Running<'_> {
        let others = self.running.fetch_add(1, Ordering::Relaxed);
        Running { traffic: self, number: self.begun.fetch_add(1, Ordering::Relaxed) + 1, others }
    }
}

impl Running<'_> {
    /// Whether no other was there all the time.
    fn is_alone(&self) -> bool {
        self.others == 0 && self.traffic.begun.load(Ordering::Relaxed) == self.number
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.traffic.running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[expect(clippy::too_many_arguments, reason = "a task owns all that it works with")]
async fn call(
    entry: u64,
    ask: Ask,
    source: Source,
    means: Means,
    stopped: oneshot::Receiver<()>,
    tell: Tell,
    mender: Mender,
    traffic: Arc<Traffic>,
) {
    let prepared = tokio::task::block_in_place(|| exchange::prepare(ask, &means, &|name| std::env::var(name).ok()));
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(why) => return say(&tell, refused(entry, &why)),
    };
    let prepared = Prepared { source, ..prepared };
    let mut on = |progress| say(&tell, Msg::Moved { entry, progress });
    let running = traffic.enter();
    let settled = match source == Source::PaidProbe || means.reconcile {
        true => probe::run_priced(prepared, &means, stopped, &mut on, || running.is_alone()).await,
        false => exchange::run(prepared, &means, stopped, &mut on).await,
    };
    drop(running);
    match settled {
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
    exchange::reread(&stored, &mut Vec::new())
}
