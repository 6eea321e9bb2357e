//! What is taken out of the app: pictures and bodies as files, text and curl commands as copies.

use super::message::Effect;
use super::routes;
use super::state::{Shown, State};
use crate::call::{Reading, Saved};
use crate::layout::Pane;
use crate::wire::verdict::Verdict;
use std::sync::Arc;

pub fn save(state: &mut State) -> Vec<Effect> {
    let entry = state.log.current();
    let (Some(shown), Some(entry), Some(outcome)) = (&state.shown, entry, entry.and_then(|entry| entry.outcome()))
    else {
        state.say("there is no reply to save");
        return vec![];
    };
    let has_bytes = shown.reading.reply.pictures.get(shown.picture).is_some_and(|p| p.data.is_some());
    vec![Effect::Save {
        reading: Arc::clone(&shown.reading),
        // The raw pane shows the body, so that is what is saved from there.
        picture: (has_bytes && state.choice.focus != Pane::Raw).then_some(shown.picture),
        ask: Box::new(entry.ask.clone()),
        outcome: Box::new(outcome.clone()),
    }]
}

pub fn copy(state: &mut State) -> Vec<Effect> {
    if state.choice.focus == Pane::Routes {
        return vec![routes::copy(state)];
    }
    let (text, what) = match (state.choice.focus, &state.shown, state.log.current()) {
        (Pane::Parts, Some(shown), _) => {
            let reply = &shown.reading.reply;
            let text = reply.parts.get(shown.part).and_then(|part| reply.part_text(shown.reading.body.bytes(), part));
            match text {
                Some(text) => (text, "the part's text"),
                None => {
                    state.say("only text parts are copied; s saves a picture");
                    return vec![];
                }
            }
        }
        (Pane::Raw, Some(shown), _) => (shown.raw.value(), "the value"),
        (Pane::Request, _, Some(entry)) if !entry.ask.is_unknown() => {
            (entry.ask.request.to_json(&[]).map(|body| body.to_string()).unwrap_or_default(), "the request's body")
        }
        (Pane::Log, _, Some(entry)) => (entry.ask.request.prompt.clone(), "the prompt"),
        (_, _, Some(entry)) => match entry.outcome() {
            Some(outcome) => (outcome.verdict.line(), "the verdict"),
            None => (entry.ask.request.prompt.clone(), "the prompt"),
        },
        _ => {
            state.say("there is nothing to copy");
            return vec![];
        }
    };
    vec![Effect::Copy { text, what }]
}

/// Fetches the hosted picture that is selected, else the first whose bytes are not there.
pub fn fetch(state: &mut State) -> Vec<Effect> {
    let (Some(shown), Some(entry)) = (&state.shown, state.log.current()) else {
        state.say("there is no reply with a hosted picture");
        return vec![];
    };
    let pictures = &shown.reading.reply.pictures;
    let hosted =
        |at: &usize| pictures.get(*at).is_some_and(|picture| picture.data.is_none() && picture.url().is_some());
    let chosen = Some(shown.picture).filter(hosted);
    let Some(number) = chosen.or_else(|| (0..pictures.len()).find(hosted)) else {
        state.say("this reply has no hosted picture that is not here yet");
        return vec![];
    };
    let effect = Effect::Fetch {
        entry: shown.entry,
        reading: Arc::clone(&shown.reading),
        number,
        ask: Box::new(entry.ask.clone()),
        id: entry.outcome().and_then(|outcome| outcome.id.clone()),
    };
    state.say("fetching the hosted picture…");
    vec![effect]
}

/// A hosted picture came.
pub fn fetched(
    state: &mut State,
    entry: u64,
    reading: &Arc<Reading>,
    number: usize,
    verdict: &Verdict,
    saved: Option<&Saved>,
) {
    state.log.fetched(entry, reading, verdict, saved);
    if state.log.selected == Some(entry) {
        state.shown = Some(Shown { picture: number, ..Shown::new(entry, Arc::clone(reading)) });
    }
}

/// Writes what support needs of the selected exchange.
pub fn export(state: &mut State) -> Vec<Effect> {
    match state.log.current().and_then(|entry| entry.outcome()).and_then(|outcome| outcome.id.clone()) {
        Some(id) => vec![Effect::Export(id)],
        None => {
            state.say("no stored exchange is selected, or it is not over");
            vec![]
        }
    }
}

pub fn copy_curl(state: &mut State) -> Vec<Effect> {
    let Some(entry) = state.log.current() else {
        state.say("no call is selected");
        return vec![];
    };
    if entry.ask.is_unknown() {
        state.say("a saved reply does not hold its request");
        return vec![];
    }
    let folder = entry.outcome().and_then(|o| o.folder.clone());
    vec![Effect::CopyCurl { ask: Box::new(entry.ask.clone()), folder }]
}
