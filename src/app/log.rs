//! The log of calls: this session's, and behind them the exchanges of all others; which one is selected, which are shown.

mod entry;
mod past;

pub use entry::{Entry, Life, Over, Past, Row, THIS_SESSION};

use super::message::Effect;
use super::params::Params;
use super::state::{Shown, State};
use super::update::distance;
use crate::call::{Answer, Ask, Outcome, Progress, Reading, Stage};
use crate::history::{Filter, Marks, Summary};
use crate::keymap::Action;
use crate::layout::Pane;
use crate::wire::verdict::{Charged, Verdict, Word};
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;

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
    /// What was thrown away in this session: it was paid for all the same.
    pub trashed: Vec<Summary>,
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

    /// A hosted picture of its reply was fetched: that is its verdict now.
    pub fn fetched(
        &mut self,
        number: u64,
        reading: &Arc<Reading>,
        verdict: &Verdict,
        saved: Option<&crate::call::Saved>,
    ) {
        let recalled = self.recalled.as_deref_mut().filter(|entry| entry.number == number);
        let own = self.entries.iter_mut().find(|entry| entry.number == number);
        if let Some(Life::Over(over)) = own.or(recalled).map(|entry| &mut entry.life) {
            over.outcome.verdict = verdict.clone();
            over.outcome.saved.extend(saved.cloned());
            if over.kept.is_some() || saved.is_none() {
                over.kept = Some(Arc::clone(reading));
            }
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

    fn select(&mut self, number: Option<u64>) {
        self.selected = number;
        self.recalled = None;
        self.request_scroll = 0;
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
    let replaced = state.prompt.take_over(&prompt, now);
    state.origin = Some(number);
    state.focus(Pane::Prompt);
    // Line ends may differ; what is left out is told.
    let left_out =
        replaced.is_ok() && state.prompt.text().chars().count() < prompt.replace("\r\n", "\n").chars().count();
    state.say(match left_out {
        true => "prompt and parameters of that call, without characters that nobody sees; the next send is a new one",
        false => "prompt and parameters of that call; the next send is a new one",
    });
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
