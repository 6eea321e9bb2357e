//! The log of calls: this session's, and behind them the exchanges of all others; which one is selected, which are shown.

use super::message::Effect;
use super::params::Params;
use super::state::{Shown, State};
use super::update::distance;
use crate::call::{Answer, Ask, Outcome, Progress, Reading, Recalled, Stage};
use crate::history::{Filter, Marks, Phase, Summary};
use crate::keymap::Action;
use crate::layout::Pane;
use crate::wire::verdict::{Charged, Word};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

/// How this run's calls are called among the sessions.
pub const THIS_SESSION: &str = "this session";

#[derive(Debug, Clone, PartialEq)]
pub enum Life {
    InFlight { stage: Stage, up: u64, down: u64, id: Option<String>, cancelling: bool },
    Over(Box<Over>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Over {
    pub outcome: Outcome,
    /// The reply itself, kept only where the store has no copy to read again.
    pub kept: Option<Arc<Reading>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub number: u64,
    pub ask: Ask,
    pub begun: Timestamp,
    pub life: Life,
    pub marks: Marks,
}

impl Entry {
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.life {
            Life::Over(over) => Some(&over.outcome),
            Life::InFlight { .. } => None,
        }
    }

    pub fn is_in_flight(&self) -> bool {
        matches!(self.life, Life::InFlight { .. })
    }

    /// The only copy of its reply is in memory. A saved reply that was opened is a file already, and has no evidence.
    pub fn is_unstored(&self) -> bool {
        matches!(&self.life, Life::Over(over) if over.kept.is_some() && over.outcome.evidence.is_some())
    }

    /// Id in the store, as soon as it has one.
    pub fn id(&self) -> Option<&str> {
        match &self.life {
            Life::Over(over) => over.outcome.id.as_deref(),
            Life::InFlight { id, .. } => id.as_deref().filter(|id| !id.is_empty()),
        }
    }

    /// As the store would put it in a line.
    pub fn summary(&self) -> Summary {
        let summary = Summary {
            id: self.id().unwrap_or_default().to_owned(),
            time: self.begun,
            session: THIS_SESSION.to_owned(),
            profile: self.ask.profile.name.clone(),
            kind: self.ask.call.as_str().to_owned(),
            asked: self.ask.model.clone(),
            model: self.ask.model.clone(),
            prompt: self.ask.request.prompt.clone(),
            phase: Phase::Waiting,
            parent: self.ask.parent.clone(),
            marks: self.marks.clone(),
            ..Summary::default()
        };
        let Some(outcome) = self.outcome() else { return summary };
        Summary {
            model: outcome.model_sent.clone(),
            phase: Phase::Done,
            word: outcome.verdict.word.as_str().to_owned(),
            reason: outcome.verdict.reason.clone(),
            charged: outcome.verdict.charged.as_str().to_owned(),
            status: outcome.status,
            pixels: outcome.pixels,
            ms: outcome.times.done,
            down: outcome.down,
            tokens: outcome.tokens,
            cost_usd: outcome.cost_usd,
            request_id: outcome.request_id.clone(),
            ..summary
        }
    }
}

/// An exchange of another session or instance; read from its folder once it is selected.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    pub number: u64,
    pub summary: Summary,
}

/// One row of the log.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    Call(&'a Entry),
    Past(&'a Past),
}

impl Row<'_> {
    pub fn number(self) -> u64 {
        match self {
            Row::Call(entry) => entry.number,
            Row::Past(past) => past.number,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Call(usize),
    Past(usize),
}

/// Which rows are shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Search {
    pub text: String,
    pub typing: bool,
    /// Why the text is no query.
    pub fault: Option<String>,
    filter: Filter,
}

impl Search {
    pub fn is_on(&self) -> bool {
        self.typing || !self.text.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Log {
    /// This session's, in the order in which they began.
    pub entries: Vec<Entry>,
    /// All others, oldest first.
    past: Vec<Past>,
    /// What is shown, newest first.
    rows: Vec<At>,
    /// Number of the selected row.
    pub selected: Option<u64>,
    /// The selected exchange of the past, read back.
    recalled: Option<Box<Entry>>,
    pub search: Search,
    /// What exchanges that were thrown away in this session had cost.
    pub trashed_usd: f64,
    /// Id of the exchange that the next one is compared with.
    pub base: Option<String>,
    /// Rows that the request pane is scrolled down.
    pub request_scroll: usize,
    next: u64,
}

/// Where the reply of a selected row is to be had.
#[derive(Debug, Clone, PartialEq)]
pub enum Whereabouts {
    Here(Arc<Reading>),
    Stored(PathBuf),
    Past(String),
    Nowhere,
}

impl Log {
    /// Begins an entry and selects it.
    pub fn begin(&mut self, ask: Ask, now: Timestamp) -> u64 {
        let number = self.number();
        let life = Life::InFlight { stage: Stage::Connecting, up: 0, down: 0, id: None, cancelling: false };
        self.entries.push(Entry { number, ask, begun: now, life, marks: Marks::default() });
        self.select(Some(number));
        self.arrange();
        number
    }

    /// Puts an offline reply in, as `open` does.
    pub fn put(&mut self, ask: Ask, now: Timestamp, outcome: Outcome, reading: Arc<Reading>) -> u64 {
        let number = self.begin(ask, now);
        self.end(number, outcome, Some(reading));
        number
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Takes a call's progress. What comes after its end is dropped here and nowhere else.
    pub fn moved(&mut self, number: u64, progress: Progress) {
        let Some(Life::InFlight { stage, up, down, id, .. }) = self.get_mut(number).map(|entry| &mut entry.life) else {
            return;
        };
        match progress {
            Progress::Recorded { id: recorded } => {
                *id = Some(recorded.clone());
                // The store's news of it may have been faster.
                self.forget_past(&[recorded]);
            }
            Progress::Moved { stage: s, up: u, down: d } => (*stage, *up, *down) = (s, u, d),
        }
    }

    /// Ends a call; `None` when it had ended already.
    pub fn answered(&mut self, number: u64, answer: &Answer) -> Option<()> {
        self.get_mut(number).filter(|entry| entry.is_in_flight())?;
        let kept = answer.outcome.folder.is_none().then(|| Arc::clone(&answer.reading));
        self.end(number, answer.outcome.clone(), kept);
        Some(())
    }

    fn end(&mut self, number: u64, outcome: Outcome, kept: Option<Arc<Reading>>) {
        if let Some(entry) = self.get_mut(number) {
            entry.life = Life::Over(Box::new(Over { outcome, kept }));
        }
        self.arrange();
    }

    /// The store took what it could not take at the end of the call.
    pub fn mended(&mut self, number: u64, folder: PathBuf, saved: Vec<crate::call::Saved>) {
        if let Some(Life::Over(over)) = self.get_mut(number).map(|entry| &mut entry.life) {
            over.outcome.folder = Some(folder);
            over.outcome.saved = saved;
            over.kept = None;
        }
    }

    /// Takes out an entry whose call was never begun.
    pub fn remove(&mut self, number: u64) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.number == number)?;
        let removed = self.entries.remove(at);
        if self.selected == Some(number) {
            self.selected = self.entries.last().map(|entry| entry.number);
        }
        self.arrange();
        Some(removed)
    }

    /// Everything that the store holds, newest first.
    pub fn remember(&mut self, summaries: Vec<Summary>) {
        let mut numbers: HashMap<String, u64> =
            self.past.drain(..).map(|past| (past.summary.id, past.number)).collect();
        for summary in summaries.into_iter().rev() {
            if let Some(summary) = self.take_own(summary) {
                let number = numbers.remove(&summary.id).unwrap_or_else(|| self.number());
                self.past.push(Past { number, summary });
            }
        }
        // The store goes by ids, whose letters say nothing within a millisecond.
        self.past.sort_by(|a, b| order(&a.summary).cmp(&order(&b.summary)));
        self.arrange();
    }

    /// What changed in the store since.
    pub fn news(&mut self, changed: Vec<Summary>, gone: &[String]) {
        self.forget_past(gone);
        for summary in changed {
            let Some(summary) = self.take_own(summary) else { continue };
            if let Some(known) = self.past.iter_mut().rev().find(|past| past.summary.id == summary.id) {
                known.summary = summary;
                continue;
            }
            let number = self.number();
            let at = self.past.partition_point(|past| order(&past.summary) < order(&summary));
            self.past.insert(at, Past { number, summary });
        }
        self.arrange();
    }

    /// Marks of this session's own exchanges are taken over; the summaries of others are given back.
    fn take_own(&mut self, summary: Summary) -> Option<Summary> {
        match self.entries.iter_mut().find(|entry| entry.id() == Some(&summary.id)) {
            Some(own) => {
                own.marks = summary.marks;
                None
            }
            None => Some(summary),
        }
    }

    fn forget_past(&mut self, ids: &[String]) {
        if ids.is_empty() {
            return;
        }
        let gone: HashSet<&String> = ids.iter().collect();
        let before = self.past.len();
        self.past.retain(|past| !gone.contains(&past.summary.id));
        if self.past.len() != before {
            self.arrange();
        }
    }

    /// An exchange went to the trash.
    pub fn trashed(&mut self, id: &str) {
        // Before the rows go stale.
        let at = self.position();
        let own =
            self.entries.iter().filter(|entry| entry.id() == Some(id)).filter_map(|entry| entry.outcome()?.cost_usd);
        let past = self.past.iter().filter(|past| past.summary.id == id).filter_map(|past| past.summary.cost_usd);
        self.trashed_usd += own.chain(past).sum::<f64>();
        self.entries.retain(|entry| entry.id() != Some(id));
        self.past.retain(|past| past.summary.id != id);
        self.arrange();
        let next = self.rows.get(at.min(self.rows.len().saturating_sub(1))).map(|at| self.row(*at).number());
        self.select(next);
    }

    pub fn marked(&mut self, id: &str, marks: &Marks) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id() == Some(id)) {
            entry.marks = marks.clone();
        }
        if let Some(past) = self.past.iter_mut().find(|past| past.summary.id == id) {
            past.summary.marks = marks.clone();
        }
        self.arrange();
    }

    /// Id and marks of the selected row, once it has an id.
    pub fn marks(&self) -> Option<(&str, &Marks)> {
        match self.selected_row()? {
            Row::Call(entry) => Some((entry.id()?, &entry.marks)),
            Row::Past(past) => Some((&past.summary.id, &past.summary.marks)),
        }
    }

    /// The id that a row's exchange has in the store.
    pub fn id_of(&self, number: u64) -> Option<&str> {
        let own = self.entries.iter().find(|entry| entry.number == number).and_then(Entry::id);
        own.or_else(|| Some(self.past.iter().find(|past| past.number == number)?.summary.id.as_str()))
    }

    /// This session's in the form of the others, in the order of `entries`.
    pub fn own_summaries(&self) -> Vec<Summary> {
        self.entries.iter().map(Entry::summary).collect()
    }

    /// Every exchange, newest first; `own` as [`Log::own_summaries`] gives it.
    pub fn all<'a>(&'a self, own: &'a [Summary]) -> Vec<&'a Summary> {
        let mut all: Vec<&Summary> = own.iter().chain(self.past.iter().map(|past| &past.summary)).collect();
        all.sort_by_key(|summary| Reverse(summary.time));
        all
    }

    /// The exchanges that the search shows, newest first.
    pub fn all_shown<'a>(&'a self, own: &'a [Summary]) -> Vec<&'a Summary> {
        let summary = |at: &At| match at {
            At::Call(n) => &own[*n],
            At::Past(n) => &self.past[*n].summary,
        };
        self.rows.iter().map(summary).collect()
    }

    /// What is known of exchanges without making copies of them; this session's are not in it.
    pub fn past(&self) -> impl DoubleEndedIterator<Item = &Past> {
        self.past.iter()
    }

    /// Selects the exchange with this id; false when it is not shown.
    pub fn select_id(&mut self, id: &str) -> bool {
        let found = self.rows().find(|row| match row {
            Row::Call(entry) => entry.id() == Some(id),
            Row::Past(past) => past.summary.id == id,
        });
        let number = found.map(Row::number);
        if number.is_some() {
            self.select(number);
        }
        number.is_some()
    }

    fn select(&mut self, number: Option<u64>) {
        self.selected = number;
        self.recalled = None;
        self.request_scroll = 0;
    }

    /// Takes the selected exchange of the past as it was read; dropped when another one was selected since.
    pub fn recall(&mut self, number: u64, recalled: Recalled) -> Option<Arc<Reading>> {
        let past = self.past.iter().find(|past| past.number == number && self.selected == Some(number))?;
        let reading = Arc::clone(&recalled.reading);
        let Outcome { id, up, down, .. } = recalled.outcome.clone();
        let life = match recalled.live {
            Some(stage) => Life::InFlight { stage, up, down, id, cancelling: false },
            None => Life::Over(Box::new(Over { outcome: recalled.outcome, kept: None })),
        };
        self.recalled = Some(Box::new(Entry {
            number,
            ask: recalled.ask,
            begun: past.summary.time,
            life,
            marks: past.summary.marks.clone(),
        }));
        recalled.live.is_none().then_some(reading)
    }

    /// Whether the selected exchange is one of these, made elsewhere: then it has to be read again.
    pub fn is_stale(&mut self, changed: &[Summary]) -> bool {
        let Some(Row::Past(past)) = self.selected_row() else { return false };
        let stale = changed.iter().any(|summary| summary.id == past.summary.id);
        if stale {
            self.recalled = None;
        }
        stale
    }

    /// A call of this instance's own that is in flight.
    pub fn own_in_flight(&self) -> Option<u64> {
        let number = self.selected?;
        self.in_flight().find(|entry| entry.number == number).map(|entry| entry.number)
    }

    /// Calls whose reply is in memory only.
    pub fn unstored(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_unstored())
    }

    /// False when a search hides the selected row: keys must not act on what is not seen.
    pub fn shows_selected(&self) -> bool {
        self.found_position().is_some()
    }

    pub fn get(&self, number: u64) -> Option<&Entry> {
        let recalled = self.recalled.as_deref().filter(|entry| entry.number == number);
        recalled.or_else(|| self.entries.iter().find(|entry| entry.number == number))
    }

    fn get_mut(&mut self, number: u64) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.number == number)
    }

    pub fn current(&self) -> Option<&Entry> {
        self.get(self.selected?)
    }

    pub fn in_flight(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_in_flight())
    }

    /// How many exchanges there are, shown or not.
    pub fn len(&self) -> usize {
        self.entries.len() + self.past.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many are shown.
    pub fn shown(&self) -> usize {
        self.rows.len()
    }

    /// What is shown, newest first.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|at| self.row(*at))
    }

    fn row(&self, at: At) -> Row<'_> {
        match at {
            At::Call(n) => Row::Call(&self.entries[n]),
            At::Past(n) => Row::Past(&self.past[n]),
        }
    }

    fn selected_row(&self) -> Option<Row<'_>> {
        let number = self.selected?;
        let own = self.entries.iter().find(|entry| entry.number == number).map(Row::Call);
        own.or_else(|| self.past.iter().find(|past| past.number == number).map(Row::Past))
    }

    /// Position of the selection among what is shown.
    pub fn position(&self) -> usize {
        self.found_position().unwrap_or(0)
    }

    fn found_position(&self) -> Option<usize> {
        let number = self.selected?;
        self.rows().position(|row| row.number() == number)
    }

    /// Moves the selection down by `by` rows (up when negative) and returns whether it changed.
    pub fn select_by(&mut self, by: isize) -> bool {
        let last = self.rows.len().saturating_sub(1) as isize;
        // Without a selection the first key selects the first row.
        let at = match self.found_position() {
            Some(at) => (at as isize).saturating_add(by).clamp(0, last) as usize,
            None => 0,
        };
        let chosen = self.rows.get(at).map(|at| self.row(*at).number());
        let changed = chosen != self.selected;
        if changed {
            self.select(chosen);
        }
        changed
    }

    /// Shows only what a query matches; a text that is no query is kept with its fault, and changes nothing.
    pub fn search_for(&mut self, text: &str) {
        self.search.text = text.to_owned();
        match Filter::parse(text) {
            Ok(filter) => {
                self.search.filter = filter;
                self.search.fault = None;
                self.arrange();
            }
            Err(fault) => self.search.fault = Some(fault.to_string()),
        }
    }

    /// Puts the rows in order: both lists go backwards in time.
    fn arrange(&mut self) {
        let filter = &self.search.filter;
        let all = filter.is_all();
        let shown = |(n, entry): (usize, &Entry)| (all || filter.matches(&entry.summary())).then_some((n, entry.begun));
        let mut calls: Vec<(usize, Timestamp)> = self.entries.iter().enumerate().rev().filter_map(shown).collect();
        calls.reverse();
        self.rows.clear();
        for (n, past) in self.past.iter().enumerate().rev() {
            while let Some((call, _)) = calls.pop_if(|(_, begun)| *begun >= past.summary.time) {
                self.rows.push(At::Call(call));
            }
            if all || filter.matches(&past.summary) {
                self.rows.push(At::Past(n));
            }
        }
        self.rows.extend(calls.into_iter().rev().map(|(call, _)| At::Call(call)));
    }

    /// First press asks, second within a short time cancels: returns whether to cancel now.
    pub fn ask_cancel(&mut self, number: u64) -> bool {
        match self.get_mut(number).map(|entry| &mut entry.life) {
            Some(Life::InFlight { cancelling, .. }) => std::mem::replace(cancelling, true),
            _ => false,
        }
    }

    /// Another key than cancel takes the question back.
    pub fn forget_cancel(&mut self) {
        for entry in &mut self.entries {
            if let Life::InFlight { cancelling, .. } = &mut entry.life {
                *cancelling = false;
            }
        }
    }

    pub fn whereabouts(&self, number: u64) -> Whereabouts {
        let Some(entry) = self.entries.iter().find(|entry| entry.number == number) else {
            return self.id_of(number).map_or(Whereabouts::Nowhere, |id| Whereabouts::Past(id.to_owned()));
        };
        match &entry.life {
            Life::Over(over) => match (&over.kept, &over.outcome.folder) {
                (Some(reading), _) => Whereabouts::Here(Arc::clone(reading)),
                (None, Some(folder)) => Whereabouts::Stored(folder.clone()),
                (None, None) => Whereabouts::Nowhere,
            },
            Life::InFlight { .. } => Whereabouts::Nowhere,
        }
    }

    /// Sum of what the price table gives for the calls of this session (`None` when it has none), and how many others may
    /// have been charged.
    pub fn cost(&self) -> (Option<f64>, usize) {
        let over = self.entries.iter().filter_map(Entry::outcome);
        let known = over.clone().filter_map(|o| o.cost_usd).reduce(|sum, usd| sum + usd);
        (known, over.filter(|o| o.cost_usd.is_none() && o.verdict.charged != Charged::Unlikely).count())
    }
}

/// Exchanges stand in this order, backwards.
fn order(summary: &Summary) -> (Timestamp, &str) {
    (summary.time, &summary.id)
}

/// A key in the log.
pub fn press(state: &mut State, action: Action) -> Vec<Effect> {
    if let Some(by) = distance(action, state.rows_of(Pane::Log)) {
        state.log.select_by(by);
        return show_selected(state);
    }
    match action {
        Action::Open => take_over(state),
        _ => super::history::press(state, action),
    }
}

/// Prompt and parameters of the selected call, to be changed and sent as a new one that names it as its parent.
fn take_over(state: &mut State) -> Vec<Effect> {
    if !state.log.shows_selected() {
        return vec![];
    }
    let Some(entry) = state.log.current() else {
        if state.log.selected.is_some() {
            state.say("that exchange is still being read");
        }
        return vec![];
    };
    let (params, prompt, number) = (Params::of(&entry.ask), entry.ask.request.prompt.clone(), entry.number);
    state.params = params;
    let now = state.now;
    let replaced = state.prompt.replace(&prompt, now);
    state.origin = Some(number);
    state.focus(Pane::Prompt);
    state.say("prompt and parameters of that call; the next send is a new one");
    super::update::told(state, replaced)
}

/// Brings the reply of the selected row on the screen.
pub fn show_selected(state: &mut State) -> Vec<Effect> {
    let Some(number) = state.log.selected else {
        state.shown = None;
        return vec![];
    };
    if state.shown.as_ref().is_some_and(|shown| shown.entry == number) {
        return vec![];
    }
    state.shown = None;
    match state.log.whereabouts(number) {
        Whereabouts::Here(reading) => {
            state.shown = Some(Shown::new(number, reading));
            vec![]
        }
        Whereabouts::Stored(folder) => vec![Effect::Load { entry: number, folder }],
        Whereabouts::Past(id) => vec![Effect::Recall { entry: number, id }],
        Whereabouts::Nowhere => vec![],
    }
}

/// True when the verdict of the selected call calls for the card instead of a picture.
pub fn needs_card(state: &State) -> bool {
    let word = state.log.current().and_then(|entry| entry.outcome()).map(|outcome| outcome.verdict.word);
    word.is_some_and(|word| word != Word::Image) && !shows_picture(state)
}

fn shows_picture(state: &State) -> bool {
    state
        .shown
        .as_ref()
        .is_some_and(|shown| shown.reading.reply.pictures.get(shown.picture).is_some_and(|p| p.data.is_some()))
}
