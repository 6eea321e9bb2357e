//! What a row of the log stands for: a call of this session, or an exchange of another one.

use crate::call::{Ask, Outcome, Reading, Stage};
use crate::history::{Marks, Phase, Summary};
use jiff::Timestamp;
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
