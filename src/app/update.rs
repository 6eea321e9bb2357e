//! What each message changes. Panes own their changes; this file only routes.

use super::log::Whereabouts;
use super::message::{Effect, Msg};
use super::overlay::{self, Overlay, Question};
use super::params::{Field, Params};
use super::routes;
use super::send::is_twin;
use super::state::{Shown, State};
use crate::call::{Answer, Ask};
use crate::keymap::{Action, Code, KeyPress};
use crate::layout::Pane;
use crate::theme;
use crate::wire::verdict::Word;
use jiff::Timestamp;
use std::sync::Arc;

/// Takes a message and says what is to be done about it.
pub fn update(state: &mut State, now: Timestamp, msg: Msg) -> Vec<Effect> {
    state.now = now;
    match msg {
        Msg::Pressed(key) => pressed(state, key),
        Msg::Typed(text) => {
            state.guard.typed(now);
            state.notice = None;
            let result = state.prompt.type_text(&text, now);
            told(state, result)
        }
        Msg::Pasted(text) => {
            pasted(state, &text);
            vec![]
        }
        Msg::Resized(width, height) => {
            state.size = (width, height);
            vec![]
        }
        Msg::Ticked => vec![],
        Msg::Moved { entry, progress } => {
            state.log.moved(entry, progress);
            vec![]
        }
        Msg::Answered { entry, answer } => {
            answered(state, entry, &answer);
            vec![]
        }
        Msg::Refused { entry, why } => {
            state.log.remove(entry);
            state.complain(why);
            show_selected(state)
        }
        Msg::Loaded { entry, reading } => {
            if state.log.selected == Some(entry) {
                state.shown = Some(Shown::new(entry, reading));
            }
            vec![]
        }
        Msg::Edited(text) => {
            let replaced = state.prompt.replace(text.trim_end_matches('\n'), now);
            told(state, replaced)
        }
        Msg::Saved(path) => {
            state.say(format!("saved {}", path.display()));
            vec![]
        }
        Msg::Witnessed(evidence) => {
            evidence.into_iter().for_each(|seen| state.routes.observe(seen));
            vec![]
        }
        Msg::Listed(models) => {
            if let Some(Overlay::Models { list, .. }) = &mut state.overlay {
                *list = Some(models);
            }
            vec![]
        }
        Msg::Failed(why) => {
            if matches!(state.overlay, Some(Overlay::Models { list: None, .. })) {
                state.overlay = None;
            }
            state.complain(why);
            vec![]
        }
        Msg::Done(what) => {
            state.say(what);
            vec![]
        }
    }
}

fn told(state: &mut State, result: Result<(), String>) -> Vec<Effect> {
    if let Err(why) = result {
        state.complain(why);
    }
    vec![]
}

fn answered(state: &mut State, number: u64, answer: &Answer) {
    if state.log.answered(number, answer).is_none() {
        return;
    }
    if let Some(entry) = state.log.get(number) {
        let evidence = routes::evidence(entry, &answer.outcome, state.now);
        state.routes.observe(evidence);
    }
    if state.log.selected == Some(number) {
        state.shown = Some(Shown::new(number, Arc::clone(&answer.reading)));
    }
    match answer.outcome.notes.first() {
        Some(note) => state.say(note.clone()),
        None => state.notice = None,
    }
}

fn pasted(state: &mut State, text: &str) {
    let result = match &mut state.overlay {
        Some(Overlay::Params { field }) => {
            state.params.paste(Field::ALL[*field], text);
            Ok(())
        }
        Some(_) => Ok(()),
        None => {
            state.focus(Pane::Prompt);
            state.prompt.paste(text, state.now)
        }
    };
    told(state, result);
}

fn pressed(state: &mut State, key: KeyPress) -> Vec<Effect> {
    let burst = state.guard.typed(state.now);
    let in_prompt = state.choice.focus == Pane::Prompt;
    let action = state.setup.keymap.action(key, in_prompt && state.overlay.is_none());
    if action != Some(Action::Cancel) {
        state.log.forget_cancel();
    }
    if state.overlay.is_some() {
        if action == Some(Action::Quit) {
            state.overlay = None;
            return quit(state);
        }
        return overlay::press(state, key, action);
    }
    if let Some(effects) = search_key(state, key) {
        return effects;
    }
    if let Some(action) = action {
        return act(state, action);
    }
    if in_prompt { prompt_key(state, key, burst) } else { vec![] }
}

fn prompt_key(state: &mut State, key: KeyPress, burst: bool) -> Vec<Effect> {
    let is_enter = key.code == Code::Enter && !key.ctrl && !key.alt && !key.shift;
    if is_enter && state.setup.send_on_enter && !burst {
        return send(state);
    }
    state.notice = None;
    let result = state.prompt.press(key, state.now).map(drop);
    told(state, result)
}

/// Keys while a search text is typed.
fn search_key(state: &mut State, key: KeyPress) -> Option<Vec<Effect>> {
    let height = state.rows_of(Pane::Raw);
    let sheet = state.shown.as_mut().filter(|_| state.choice.focus == Pane::Raw).map(|shown| &mut shown.raw)?;
    if !sheet.typing {
        return None;
    }
    match key.code {
        Code::Esc => sheet.typing = false,
        Code::Enter => {
            sheet.typing = false;
            find(state, false, height);
        }
        Code::Backspace => drop(sheet.search.pop()),
        Code::Char(c) if !key.ctrl && !key.alt => sheet.search.push(c),
        _ => return None,
    }
    Some(vec![])
}

fn find(state: &mut State, backwards: bool, height: usize) {
    let Some(shown) = &mut state.shown else { return };
    if !shown.raw.find(backwards, height) {
        let text = shown.raw.search.clone();
        state.complain(format!("{text:?} is not in this reply"));
    }
}

fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Send => return send(state),
        Action::Resend => return resend(state),
        Action::Cancel => return cancel(state),
        Action::Quit => return quit(state),
        Action::Editor => return vec![Effect::Edit(state.prompt.text())],
        Action::Models => {
            state.overlay = Some(Overlay::Models { list: None, filter: String::new(), selected: 0 });
            return vec![Effect::ListModels { profile: state.params.profile.clone() }];
        }
        Action::Theme => {
            state.theme = theme::after(&state.theme).to_owned();
            state.say(format!("theme {}", state.theme));
            return vec![Effect::Restyle(state.theme.clone())];
        }
        Action::NextPane => step_pane(state, Pane::next),
        Action::PreviousPane => step_pane(state, Pane::previous),
        Action::Preview => state.focus(Pane::Preview),
        Action::Parts => state.focus(Pane::Parts),
        Action::Raw => state.focus(Pane::Raw),
        Action::Request => state.focus(Pane::Request),
        Action::Log => state.focus(Pane::Log),
        Action::Routes => state.focus(Pane::Routes),
        Action::Zoom => state.choice.zoomed = !state.choice.zoomed,
        Action::Help => state.overlay = Some(Overlay::Help { scroll: 0 }),
        Action::Parameters => state.overlay = Some(Overlay::Params { field: 1 }),
        Action::Why => why(state),
        Action::Close => close(state),
        Action::Clear => {
            let cleared = state.prompt.replace("", state.now);
            state.focus(Pane::Prompt);
            return told(state, cleared);
        }
        Action::NewLine => state.prompt.new_line(state.now),
        Action::Undo => undone(state, super::prompt::Prompt::undo, "nothing to undo"),
        Action::Redo => undone(state, super::prompt::Prompt::redo, "nothing to redo"),
        _ => return in_pane(state, action),
    }
    vec![]
}

fn undone(state: &mut State, step: fn(&mut super::prompt::Prompt) -> bool, otherwise: &str) {
    if !step(&mut state.prompt) {
        state.say(otherwise);
    }
}

fn step_pane(state: &mut State, step: fn(Pane) -> Pane) {
    let pane = step(state.choice.focus);
    state.focus(pane);
}

fn why(state: &mut State) {
    match state.log.current().and_then(|entry| entry.outcome()) {
        Some(_) => state.overlay = Some(Overlay::Why { scroll: 0 }),
        None => state.say("no call is over yet"),
    }
}

/// Leaves one thing at a time: the zoom, then the pane.
fn close(state: &mut State) {
    if state.choice.zoomed {
        state.choice.zoomed = false;
    } else {
        state.choice.focus = Pane::Prompt;
    }
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

fn resend(state: &mut State) -> Vec<Effect> {
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

fn cancel(state: &mut State) -> Vec<Effect> {
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

fn quit(state: &mut State) -> Vec<Effect> {
    if state.log.in_flight().next().is_none() {
        return vec![Effect::Quit];
    }
    state.overlay = Some(Overlay::Confirm(Question::Quit));
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

fn in_pane(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Save => return save(state),
        Action::Copy => return copy(state),
        Action::CopyCurl => return copy_curl(state),
        _ => {}
    }
    match state.choice.focus {
        Pane::Log => log_key(state, action),
        Pane::Parts => parts_key(state, action),
        Pane::Raw | Pane::Request => sheet_key(state, action),
        Pane::Preview => preview_key(state, action),
        Pane::Routes | Pane::Prompt => vec![],
    }
}

/// How far a movement goes, in rows.
fn distance(action: Action, page: usize) -> Option<isize> {
    let page = page as isize;
    Some(match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -page,
        Action::PageDown => page,
        Action::Top => isize::MIN / 2,
        Action::Bottom => isize::MAX / 2,
        _ => return None,
    })
}

fn log_key(state: &mut State, action: Action) -> Vec<Effect> {
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
        return told(state, replaced);
    }
    vec![]
}

fn parts_key(state: &mut State, action: Action) -> Vec<Effect> {
    let page = state.rows_of(Pane::Parts);
    let zoomed = state.choice.zoomed;
    let Some(shown) = &mut state.shown else { return vec![] };
    match (action, distance(action, page)) {
        (Action::Open, _) => state.choice.zoomed = !zoomed,
        (Action::PageUp | Action::PageDown, Some(by)) => shown.scroll_detail(by / 2),
        (_, Some(by)) => shown.select_part(by),
        (Action::Left, _) => shown.select_picture(false),
        (Action::Right, _) => shown.select_picture(true),
        _ => {}
    }
    vec![]
}

fn sheet_key(state: &mut State, action: Action) -> Vec<Effect> {
    let pane = state.choice.focus;
    let area = state.layout().area(pane).map(|area| area.inside()).unwrap_or_default();
    let size = (usize::from(area.width), usize::from(area.height).max(1));
    if pane == Pane::Request {
        let by = distance(action, size.1).unwrap_or(0);
        state.log.request_scroll = state.log.request_scroll.saturating_add_signed(by);
        return vec![];
    }
    let Some(shown) = &mut state.shown else { return vec![] };
    let sheet = &mut shown.raw;
    match (action, distance(action, size.1)) {
        (Action::Top, _) => sheet.top(),
        (Action::Bottom, _) => sheet.bottom(size),
        (_, Some(by)) => sheet.move_by(by, size),
        (Action::Fold | Action::Open, _) => sheet.fold(size.1),
        (Action::Exact, _) => sheet.toggle_exact(),
        (Action::Left, _) => sheet.scroll_sideways(-8),
        (Action::Right, _) => sheet.scroll_sideways(8),
        (Action::Search, _) => (sheet.typing, sheet.search) = (true, String::new()),
        (Action::NextMatch, _) => find(state, false, size.1),
        (Action::PreviousMatch, _) => find(state, true, size.1),
        _ => {}
    }
    vec![]
}

fn preview_key(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(shown) = &mut state.shown else { return vec![] };
    match action {
        Action::Left | Action::Up => shown.select_picture(false),
        Action::Right | Action::Down => shown.select_picture(true),
        Action::Open => state.choice.zoomed = !state.choice.zoomed,
        _ => {}
    }
    vec![]
}

fn save(state: &mut State) -> Vec<Effect> {
    let (Some(shown), Some(entry)) = (&state.shown, state.log.current()) else {
        state.say("there is no reply to save");
        return vec![];
    };
    let has_bytes = shown.reading.reply.pictures.get(shown.picture).is_some_and(|p| p.data.is_some());
    vec![Effect::Save {
        reading: Arc::clone(&shown.reading),
        picture: has_bytes.then_some(shown.picture),
        prompt: entry.ask.request.prompt.clone(),
        model: entry.ask.model.clone(),
        exchange: entry.outcome().and_then(|o| o.id.clone()),
    }]
}

fn copy(state: &mut State) -> Vec<Effect> {
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
        (Pane::Raw, Some(shown), _) => {
            (String::from_utf8_lossy(shown.reading.body.bytes()).into_owned(), "the raw reply")
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

fn copy_curl(state: &mut State) -> Vec<Effect> {
    let Some(entry) = state.log.current() else {
        state.say("no call is selected");
        return vec![];
    };
    let folder = entry.outcome().and_then(|o| o.folder.clone());
    vec![Effect::CopyCurl { ask: Box::new(entry.ask.clone()), folder }]
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
