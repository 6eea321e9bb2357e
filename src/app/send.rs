//! Sending, sending again and cancelling: one call per deliberate act, whatever a held key or a paste delivers.

use super::log::Log;
use super::message::Effect;
use super::overlay::{Overlay, Question};
use super::state::State;
use crate::call::Ask;
use crate::keymap::Action;
use jiff::Timestamp;

/// A send key within this time of the last press is the same act.
const SAME_ACT_MS: i64 = 500;
/// Enter this soon after another key is part of a paste that came without its brackets.
const PASTE_MS: i64 = 40;

/// When keys were last pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SendGuard {
    send_at: Option<Timestamp>,
    key_at: Option<Timestamp>,
}

impl SendGuard {
    /// Notes a press of the send key and says whether it is a new act. A dropped press counts too, so a held key stays one act.
    pub fn admit(&mut self, now: Timestamp) -> bool {
        let last = self.send_at.replace(now);
        last.is_none_or(|last| (now.as_millisecond() - last.as_millisecond()).abs() >= SAME_ACT_MS)
    }

    /// Notes any key, and says whether it came as fast as only a paste does.
    pub fn typed(&mut self, now: Timestamp) -> bool {
        let last = self.key_at.replace(now);
        last.is_some_and(|last| (now.as_millisecond() - last.as_millisecond()).abs() < PASTE_MS)
    }
}

/// True when the same request is in flight already.
fn is_twin(log: &Log, ask: &Ask) -> bool {
    let same = |other: &Ask| {
        (&other.profile.name, &other.model, other.call, &other.request, &other.references)
            == (&ask.profile.name, &ask.model, ask.call, &ask.request, &ask.references)
    };
    log.in_flight().any(|entry| same(&entry.ask))
}

/// Sends the prompt, once per deliberate act.
pub fn send(state: &mut State) -> Vec<Effect> {
    if !state.guard.admit(state.now) {
        return vec![];
    }
    if state.prompt.is_empty() && state.params.images.trim().is_empty() {
        state.complain("the prompt is empty; write one first");
        return vec![];
    }
    let setup = state.setup.clone();
    match state.params.ask(state.prompt.text(), &setup) {
        Ok(ask) => start_or_ask(state, ask),
        Err(why) => {
            state.complain(why);
            vec![]
        }
    }
}

pub fn resend(state: &mut State) -> Vec<Effect> {
    if !state.guard.admit(state.now) {
        return vec![];
    }
    let Some(entry) = state.log.current() else {
        state.say("no call is selected");
        return vec![];
    };
    let parent = entry.outcome().and_then(|outcome| outcome.id.clone()).or_else(|| entry.ask.parent.clone());
    let ask = Ask { parent, ..entry.ask.clone() };
    start_or_ask(state, ask)
}

fn start_or_ask(state: &mut State, ask: Ask) -> Vec<Effect> {
    if is_twin(&state.log, &ask) {
        state.overlay = Some(Overlay::Confirm(Question::SendTwin(Box::new(ask))));
        return vec![];
    }
    start(state, ask)
}

/// Begins a call.
pub fn start(state: &mut State, ask: Ask) -> Vec<Effect> {
    let entry = state.log.begin(ask.clone(), state.now);
    state.shown = None;
    state.notice = None;
    vec![Effect::Send { entry, ask: Box::new(ask) }]
}

pub fn cancel(state: &mut State) -> Vec<Effect> {
    let Some(number) = state.log.current().filter(|entry| entry.is_in_flight()).map(|entry| entry.number) else {
        state.say("the selected call is not in flight");
        return vec![];
    };
    if state.log.ask_cancel(number) {
        state.say("cancelling; it may be billed all the same");
        return vec![Effect::Cancel { entry: number }];
    }
    let key = state.setup.keymap.hint(Action::Cancel);
    state.say(format!("{key} again cancels this call; it may be billed all the same"));
    vec![]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("in range")
    }

    #[test]
    fn a_held_key_is_one_act_and_a_second_press_another() {
        let mut guard = SendGuard::default();
        let held = (0..2000).step_by(33).filter(|ms| guard.admit(at(*ms))).count();
        assert_eq!(held, 1);
        assert!(!guard.admit(at(2200)));
        assert!(guard.admit(at(2700)));
    }

    #[test]
    fn enter_inside_a_burst_is_a_paste() {
        let mut guard = SendGuard::default();
        assert!(!guard.typed(at(0)));
        assert!(guard.typed(at(1)));
        assert!(!guard.typed(at(120)));
    }
}
