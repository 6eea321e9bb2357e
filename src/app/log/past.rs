//! The exchanges of all sessions in the log: what the store tells of them, and what is read back of one.

use super::{At, Entry, Life, Log, Over, Past, Row};
use crate::call::{Reading, Recalled};
use crate::history::{Marks, Summary};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl Log {
    /// Everything that the store holds, newest first.
    pub fn remember(&mut self, summaries: Vec<Summary>) {
        let mut numbers: HashMap<String, u64> =
            self.past.drain(..).map(|past| (past.summary.id, past.number)).collect();
        let own: HashSet<String> = self.entries.iter().filter_map(Entry::id).map(str::to_owned).collect();
        for summary in summaries.into_iter().rev() {
            let other = if own.contains(&summary.id) { self.take_own(summary) } else { Some(summary) };
            if let Some(summary) = other {
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

    pub(super) fn forget_past(&mut self, ids: &[String]) {
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
        let own = self.entries.iter().find(|entry| entry.id() == Some(id)).map(Entry::summary);
        let past = self.past.iter().find(|past| past.summary.id == id).map(|past| past.summary.clone());
        self.trashed.extend(own.or(past));
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

    /// Takes the selected exchange of the past as it was read; dropped when another one was selected since.
    pub fn recall(&mut self, number: u64, recalled: Recalled) -> Option<Arc<Reading>> {
        let past = self.past.iter().find(|past| past.number == number && self.selected == Some(number))?;
        let reading = Arc::clone(&recalled.reading);
        let outcome = recalled.outcome;
        let life = match recalled.live {
            Some(stage) => {
                Life::InFlight { stage, up: outcome.up, down: outcome.down, id: outcome.id, cancelling: false }
            }
            None => Life::Over(Box::new(Over { outcome, kept: None })),
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

    /// Forgets what was read of the selected exchange when it is one of these; true when it has to be read again.
    pub fn forget_stale(&mut self, changed: &[Summary]) -> bool {
        let Some(Row::Past(past)) = self.selected_row() else { return false };
        let stale = changed.iter().any(|summary| summary.id == past.summary.id);
        if stale {
            self.recalled = None;
        }
        stale
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
}

/// Exchanges stand in this order, backwards.
fn order(summary: &Summary) -> (Timestamp, &str) {
    (summary.time, &summary.id)
}
