//! The questions to the terminal: what was asked, what is known, and whether an answer may still come.

use crate::preview::{self, Found, Reply, Surroundings};
use std::time::{Duration, Instant};

/// A terminal whose answer takes longer is asked no further.
const LATEST: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The first question is out.
    First,
    /// The second one is.
    Further,
    /// What can be known is known.
    Over,
}

pub struct Asking {
    around: Surroundings,
    pub found: Found,
    stage: Stage,
    /// When the last question went out.
    at: Instant,
    /// Milliseconds that the first answer took.
    pub round_trip: Option<u64>,
    /// A question that is to go out.
    next: Option<Vec<u8>>,
}

impl Asking {
    pub fn new(around: Surroundings) -> Asking {
        let found = Found::default();
        Asking { around, found, stage: Stage::First, at: Instant::now(), round_trip: None, next: None }
    }

    pub fn around(&self) -> &Surroundings {
        &self.around
    }

    /// The first question; nothing is asked where pictures are not drawn, or nobody could answer.
    pub fn first(&mut self, wanted: bool) -> Vec<u8> {
        self.at = Instant::now();
        let question = if wanted { preview::query(&self.around) } else { vec![] };
        if question.is_empty() {
            self.stage = Stage::Over;
        }
        question
    }

    /// A question that is to go out, once.
    pub fn next(&mut self) -> Option<Vec<u8>> {
        self.next.take()
    }

    /// Takes an answer; true when it was the last one.
    pub fn heard(&mut self, reply: &Reply) -> bool {
        self.found.take(reply);
        match self.stage {
            Stage::First if self.found.answered => {
                let took = self.at.elapsed();
                self.round_trip = Some(took.as_millis() as u64);
                // Who answers late draws pictures even later, and may answer when the shell is back.
                self.next = preview::further(&self.around, &self.found).filter(|_| took < LATEST);
                self.at = Instant::now();
                self.stage = if self.next.is_some() { Stage::Further } else { Stage::Over };
                self.stage == Stage::Over
            }
            Stage::Further if self.found.complete => {
                self.stage = Stage::Over;
                true
            }
            _ => false,
        }
    }

    /// Whether an answer may still come soon.
    pub fn waits(&self) -> bool {
        self.stage != Stage::Over && self.next.is_none() && self.at.elapsed() < LATEST
    }

    /// The terminal said that it keeps colours of 24 bit.
    pub fn has_truecolor(&self) -> bool {
        self.found.truecolor == Some(true) && self.found.multiplexer(&self.around).is_none()
    }
}
