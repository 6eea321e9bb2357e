//! The log of calls: what is in flight, what became of the others, which one is selected.

use super::message::Effect;
use super::params::Params;
use super::state::{Shown, State};
use super::update::distance;
use crate::call::{Answer, Ask, Outcome, Progress, Reading, Stage};
use crate::keymap::Action;
use crate::layout::Pane;
use crate::wire::verdict::{Charged, Word};
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;

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
}

/// Entries in the order in which they began; the newest is shown first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Log {
    pub entries: Vec<Entry>,
    /// Number of the selected entry.
    pub selected: Option<u64>,
    /// Rows that the request pane is scrolled down.
    pub request_scroll: usize,
    next: u64,
}

/// Where the reply of a selected entry is to be had.
#[derive(Debug, Clone, PartialEq)]
pub enum Whereabouts {
    Here(Arc<Reading>),
    Stored(PathBuf),
    Nowhere,
}

impl Log {
    /// Begins an entry and selects it.
    pub fn begin(&mut self, ask: Ask, now: Timestamp) -> u64 {
        self.next += 1;
        let life = Life::InFlight { stage: Stage::Connecting, up: 0, down: 0, id: None, cancelling: false };
        self.entries.push(Entry { number: self.next, ask, begun: now, life });
        self.selected = Some(self.next);
        self.next
    }

    /// Puts an offline reply in, as `open` does.
    pub fn put(&mut self, ask: Ask, now: Timestamp, outcome: Outcome, reading: Arc<Reading>) -> u64 {
        let number = self.begin(ask, now);
        self.end(number, outcome, Some(reading));
        number
    }

    /// Takes a call's progress. What comes after its end is dropped here and nowhere else.
    pub fn moved(&mut self, number: u64, progress: Progress) {
        let Some(Life::InFlight { stage, up, down, id, .. }) = self.get_mut(number).map(|entry| &mut entry.life) else {
            return;
        };
        match progress {
            Progress::Recorded { id: recorded } => *id = Some(recorded),
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
    }

    /// Takes out an entry whose call was never begun.
    pub fn remove(&mut self, number: u64) {
        self.entries.retain(|entry| entry.number != number);
        if self.selected == Some(number) {
            self.selected = self.entries.last().map(|entry| entry.number);
        }
    }

    pub fn get(&self, number: u64) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.number == number)
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

    /// Entries as they are shown: newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev()
    }

    /// Position of the selection in that order.
    pub fn position(&self) -> usize {
        self.newest_first().position(|entry| Some(entry.number) == self.selected).unwrap_or(0)
    }

    /// Moves the selection down by `by` rows (up when negative) and returns whether it changed.
    pub fn select_by(&mut self, by: isize) -> bool {
        let last = self.entries.len().saturating_sub(1) as isize;
        let at = (self.position() as isize).saturating_add(by).clamp(0, last) as usize;
        let before = self.selected;
        let chosen = self.newest_first().nth(at).map(|entry| entry.number);
        self.selected = chosen;
        before != self.selected
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
        match self.get(number).map(|entry| &entry.life) {
            Some(Life::Over(over)) => match (&over.kept, &over.outcome.folder) {
                (Some(reading), _) => Whereabouts::Here(Arc::clone(reading)),
                (None, Some(folder)) => Whereabouts::Stored(folder.clone()),
                (None, None) => Whereabouts::Nowhere,
            },
            _ => Whereabouts::Nowhere,
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
    if action == Action::Open
        && let Some(entry) = state.log.current()
    {
        let (params, prompt) = (Params::of(&entry.ask), entry.ask.request.prompt.clone());
        state.params = params;
        let now = state.now;
        let replaced = state.prompt.replace(&prompt, now);
        state.focus(Pane::Prompt);
        state.say("prompt and parameters of that call; the next send is a new one");
        return super::update::told(state, replaced);
    }
    vec![]
}

/// Brings the reply of the selected entry on the screen.
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
