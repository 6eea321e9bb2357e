//! Sending, sending again and cancelling: one call per deliberate act, whatever a held key or a paste delivers.

use super::log::Log;
use super::message::Effect;
use super::overlay::{Overlay, Question};
use super::state::State;
use crate::call::Ask;
use crate::keymap::Action;
use crate::route::Source;
use jiff::Timestamp;

/// A send key within this time of the last press is the same act.
const SAME_ACT_MS: i64 = 500;
/// Up to here a press may be the first repetition of a key that is held: keyboards wait for up to 0.7 s before it.
const MAY_REPEAT_MS: i64 = 1200;
/// The next repetition comes sooner than this.
pub const REPEAT_MS: u64 = 120;
/// Enter this soon after another key is part of a paste that came without its brackets.
const PASTE_MS: i64 = 40;

/// When keys were last pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SendGuard {
    send_at: Option<Timestamp>,
    key_at: Option<Timestamp>,
    /// A press that is an act of its own unless a repetition follows.
    waiting: Option<Timestamp>,
}

/// What a press of the send key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    NewAct,
    /// The same act as the last press.
    Same,
    /// Known a moment later.
    Unsure,
}

impl SendGuard {
    /// Notes a press of the send key. A dropped press counts too, so a held key stays one act.
    pub fn press(&mut self, now: Timestamp) -> Press {
        let last = self.send_at.replace(now);
        self.waiting = None;
        match last.map(|last| (now.as_millisecond() - last.as_millisecond()).abs()) {
            Some(..SAME_ACT_MS) => Press::Same,
            Some(SAME_ACT_MS..MAY_REPEAT_MS) => {
                self.waiting = Some(now);
                Press::Unsure
            }
            _ => Press::NewAct,
        }
    }

    /// After [`REPEAT_MS`]: whether the press of that moment was an act of its own.
    pub fn settled(&mut self, at: Timestamp) -> bool {
        self.waiting.take_if(|waiting| *waiting == at).is_some()
    }

    /// Whether a send key was pressed so shortly before that this is still the same act.
    pub fn just_pressed(&self, now: Timestamp) -> bool {
        self.send_at.is_some_and(|last| (now.as_millisecond() - last.as_millisecond()).abs() < SAME_ACT_MS)
    }

    /// Notes any key, and says whether it came as fast as only a paste does.
    pub fn typed(&mut self, now: Timestamp) -> bool {
        let last = self.key_at.replace(now);
        last.is_some_and(|last| (now.as_millisecond() - last.as_millisecond()).abs() < PASTE_MS)
    }
}

/// What a send key was pressed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Prompt,
    /// The selected call once more.
    Again,
}

/// A press of a send key: once per deliberate act.
pub fn press(state: &mut State, wish: Wish) -> Vec<Effect> {
    match state.guard.press(state.now) {
        Press::Same => vec![],
        Press::Unsure => vec![Effect::Remind { at: state.now, wish }],
        Press::NewAct => fulfil(state, wish),
    }
}

/// The moment after an unsure press.
pub fn reminded(state: &mut State, at: Timestamp, wish: Wish) -> Vec<Effect> {
    if state.guard.settled(at) { fulfil(state, wish) } else { vec![] }
}

fn fulfil(state: &mut State, wish: Wish) -> Vec<Effect> {
    match wish {
        Wish::Prompt => send(state),
        Wish::Again => resend(state),
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

fn send(state: &mut State) -> Vec<Effect> {
    if state.prompt.is_empty() && state.params.images.trim().is_empty() {
        state.complain("the prompt is empty; write one first");
        return vec![];
    }
    let setup = state.setup.clone();
    match state.params.ask(state.prompt.text(), &setup) {
        Ok(ask) => {
            let parent = state.origin.and_then(|number| state.log.id_of(number)).map(str::to_owned);
            start_or_ask(state, Ask { parent, ..ask }, Wish::Prompt)
        }
        Err(why) => {
            state.complain(why);
            vec![]
        }
    }
}

fn resend(state: &mut State) -> Vec<Effect> {
    if !state.log.shows_selected() {
        state.say("no call is selected, or the search hides it");
        return vec![];
    }
    let Some(entry) = state.log.current() else {
        state.say("that exchange is still being read");
        return vec![];
    };
    // Its own bytes, once it has them: those it was made from may be gone.
    let own = entry.outcome().and_then(|outcome| outcome.folder.clone());
    let replay = entry.ask.replay.clone().map(|former| own.unwrap_or(former));
    let parent = entry.id().map(str::to_owned).or_else(|| entry.ask.parent.clone());
    let ask = Ask { parent, replay, ..entry.ask.clone() };
    if entry.is_in_flight() && state.log.own_in_flight().is_none() {
        // In flight in another instance.
        state.overlay = Some(Overlay::Confirm(Question::SendTwin(Box::new(ask), Wish::Again)));
        return vec![];
    }
    start_or_ask(state, ask, Wish::Again)
}

fn start_or_ask_twin(state: &mut State, ask: Ask, wish: Wish) -> Vec<Effect> {
    if is_twin(&state.log, &ask) {
        state.overlay = Some(Overlay::Confirm(Question::SendTwin(Box::new(ask), wish)));
        return vec![];
    }
    start_or_ask_cap(state, ask, wish)
}

/// Asks before a key crosses the network unprotected.
fn start_or_ask(state: &mut State, ask: Ask, wish: Wish) -> Vec<Effect> {
    if ask.profile.exposes_key() {
        state.overlay = Some(Overlay::Confirm(Question::PlainHttp(Box::new(ask), wish)));
        return vec![];
    }
    start_or_ask_twin(state, ask, wish)
}

/// The key may go out unprotected, this once.
pub fn start_exposed(state: &mut State, mut ask: Ask, wish: Wish) -> Vec<Effect> {
    ask.profile.plain_http = true;
    start_or_ask_twin(state, ask, wish)
}

pub fn start_or_ask_cap(state: &mut State, ask: Ask, wish: Wish) -> Vec<Effect> {
    if let Some(why) = super::spend::over_cap(state, &ask) {
        state.overlay = Some(Overlay::Confirm(Question::OverCap(Box::new(ask), wish, why)));
        return vec![];
    }
    start(state, ask, wish)
}

/// Begins a call.
pub fn start(state: &mut State, ask: Ask, wish: Wish) -> Vec<Effect> {
    let entry = state.log.begin(ask.clone(), state.now);
    if wish == Wish::Prompt {
        // What is changed from here on is the next step of the same iteration.
        state.origin = Some(entry);
    }
    state.shown = None;
    state.notice = None;
    vec![Effect::Send { entry, ask: Box::new(ask), recorded: true, source: Source::Call }]
}

/// Begins a paid probe: a call like any other, that says what it was made for.
pub fn start_probe(state: &mut State, ask: Ask) -> Vec<Effect> {
    let mut effects = start(state, ask, Wish::Again);
    for effect in &mut effects {
        if let Effect::Send { source, .. } = effect {
            *source = Source::PaidProbe;
        }
    }
    effects
}

/// Begins a call that the store cannot take: its reply will be in memory only.
pub fn start_unrecorded(state: &mut State, ask: Ask) -> Vec<Effect> {
    let mut effects = start(state, ask, Wish::Again);
    for effect in &mut effects {
        if let Effect::Send { recorded, .. } = effect {
            *recorded = false;
        }
    }
    effects
}

pub fn cancel(state: &mut State) -> Vec<Effect> {
    let Some(number) = state.log.own_in_flight() else {
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
    fn a_held_key_is_one_act_whatever_the_keyboards_delay() {
        for delay in [250, 500, 600, 660, 1000] {
            let mut guard = SendGuard::default();
            let mut acts = 0;
            let mut unsure = None;
            for ms in std::iter::once(0).chain((delay..delay + 2000).step_by(33)) {
                match guard.press(at(ms)) {
                    Press::NewAct => acts += 1,
                    Press::Unsure => unsure = Some(at(ms)),
                    Press::Same => {}
                }
            }
            assert_eq!(acts, 1, "{delay}");
            assert!(!unsure.is_some_and(|at| guard.settled(at)), "{delay}");
        }
    }

    #[test]
    fn a_second_press_is_another_act() {
        let mut guard = SendGuard::default();
        assert_eq!(guard.press(at(0)), Press::NewAct);
        assert_eq!(guard.press(at(400)), Press::Same);
        assert_eq!(guard.press(at(950)), Press::Unsure);
        assert!(guard.settled(at(950)) && !guard.settled(at(950)));
        assert_eq!(guard.press(at(2500)), Press::NewAct);
    }

    #[test]
    fn enter_inside_a_burst_is_a_paste() {
        let mut guard = SendGuard::default();
        assert!(!guard.typed(at(0)));
        assert!(guard.typed(at(1)));
        assert!(!guard.typed(at(120)));
    }
}
