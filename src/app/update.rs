//! What each message changes. Panes own their changes; this file only routes.

use super::message::{Effect, Msg};
use super::overlay::{self, Overlay, Question};
use super::params::Field;
use super::send::Wish;
use super::state::{Shown, State};
use super::{history, log, parts, routes, send, sheet, take};
use crate::call::Answer;
use crate::keymap::{Action, Code, KeyPress};
use crate::layout::Pane;
use crate::theme;
use jiff::Timestamp;
use std::sync::Arc;

/// Takes a message and says what is to be done about it.
pub fn update(state: &mut State, now: Timestamp, msg: Msg) -> Vec<Effect> {
    state.now = now;
    let effects = received(state, now, msg);
    routes::refresh(state);
    effects
}

fn received(state: &mut State, now: Timestamp, msg: Msg) -> Vec<Effect> {
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
        Msg::Refused { entry, why, unstored } => {
            let ask = state.log.remove(entry).map(|entry| Box::new(entry.ask));
            // Whole, in a box: the status line would cut it, and there is no second place to read it.
            state.overlay = Some(match ask.filter(|_| unstored) {
                Some(ask) => Overlay::Confirm(Question::Unstored(ask, why)),
                None => Overlay::Message(why),
            });
            log::show_selected(state)
        }
        Msg::Loaded { entry, reading } => {
            if state.log.selected == Some(entry) {
                state.shown = Some(Shown::new(entry, reading));
            }
            vec![]
        }
        Msg::Remembered(summaries) => {
            state.log.remember(summaries);
            vec![]
        }
        Msg::News { changed, gone } => {
            let stale = state.log.forget_stale(&changed);
            state.log.news(changed, &gone);
            if stale {
                state.shown = None;
                return log::show_selected(state);
            }
            vec![]
        }
        Msg::Recalled { entry, recalled } => {
            if let Some(reading) = state.log.recall(entry, *recalled) {
                state.shown = Some(Shown::new(entry, reading));
            }
            vec![]
        }
        Msg::Mended { entry, folder, saved } => {
            state.log.mended(entry, folder, saved);
            state.say("the store has room again: the reply and its pictures are stored now");
            vec![]
        }
        Msg::Marked { id, marks } => {
            state.log.marked(&id, &marks);
            vec![]
        }
        Msg::Trashed(id) => {
            state.log.trashed(&id);
            state.say(format!("in the trash; `unpeel history restore {id}` brings it back"));
            log::show_selected(state)
        }
        Msg::Compared(comparison) => {
            history::compared(state, *comparison);
            vec![]
        }
        Msg::Edited(text) => {
            let replaced = state.prompt.replace(text.trim_end_matches('\n'), now);
            told(state, replaced)
        }
        Msg::Saved { path, note } => {
            // It is in the working folder; the whole path would not fit into the line.
            let name =
                path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
            let note = note.map_or_else(String::new, |note| format!("; {note}"));
            state.say(format!("saved {name}{note}"));
            vec![]
        }
        Msg::Fetched { entry, reading, number, verdict, saved, note } => {
            take::fetched(state, entry, &reading, number, &verdict, saved.as_ref());
            match note {
                Some(note) => state.complain(note),
                None => state.say(verdict.reason),
            }
            vec![]
        }
        Msg::Exported(files) => {
            let names: Vec<_> = files.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy())).collect();
            state.say(format!("wrote {}; keys and signatures are left out", names.join(", ")));
            vec![]
        }
        Msg::Found { entry, sheet, found } => {
            sheet::found(state, entry, &sheet, found);
            vec![]
        }
        Msg::Reminded { at, wish } => send::reminded(state, at, wish),
        Msg::Drawing(drawing) => {
            state.drawing = drawing;
            vec![]
        }
        Msg::Witnessed(evidence) => {
            state.routes.learn(evidence);
            vec![]
        }
        Msg::Probed { profile, evidence, notes } => {
            routes::probed(state, &profile, evidence, &notes);
            vec![]
        }
        Msg::ProbeDue => routes::due(state),
        Msg::Listed { models, evidence } => {
            state.routes.observe(*evidence);
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
    }
}

pub fn told(state: &mut State, result: Result<(), String>) -> Vec<Effect> {
    if let Err(why) = result {
        state.complain(why);
    }
    vec![]
}

fn answered(state: &mut State, number: u64, answer: &Answer) {
    if state.log.answered(number, answer).is_none() {
        return;
    }
    answer.outcome.evidence.iter().for_each(|seen| state.routes.observe(seen.clone()));
    if state.log.selected == Some(number) {
        state.shown = Some(Shown::new(number, Arc::clone(&answer.reading)));
    }
    if answer.outcome.folder.is_none() {
        let key = state.setup.keymap.hint(Action::Save);
        let why = answer.outcome.notes.last().cloned().unwrap_or_default();
        state.complain(format!("not stored, the only copy is in memory; {key} saves it ({why})"));
        return;
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
        Some(Overlay::Write { text: typed, .. }) => {
            typed.push_str(&super::params::one_line(text));
            Ok(())
        }
        Some(_) => Ok(()),
        None if state.log.search.typing && state.choice.focus == Pane::Log => {
            let text = format!("{}{}", state.log.search.text, super::params::one_line(text));
            state.log.search_for(&text);
            Ok(())
        }
        None => {
            state.focus(Pane::Prompt);
            let left_out = super::prompt::left_out(text);
            if left_out > 0 {
                state.say(format!("{} left out of the paste", crate::text::count(left_out, "control character")));
            }
            state.prompt.paste(text, state.now)
        }
    };
    told(state, result);
}

fn pressed(state: &mut State, key: KeyPress) -> Vec<Effect> {
    let burst = state.guard.typed(state.now);
    state.notice = None;
    if burst && matches!(state.overlay, Some(Overlay::Confirm(_))) {
        // A question about money is not answered by what a paste happens to hold.
        return vec![];
    }
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
    if let Some(effects) = history::press_while_searching(state, key) {
        return effects;
    }
    if let Some(effects) = sheet::press_while_searching(state, key) {
        return effects;
    }
    if burst && in_prompt && key == KeyPress::plain(Code::Tab) {
        // A paste without brackets: the text after the tab must not be taken for keys of another pane.
        let typed = state.prompt.type_text("\t", state.now);
        return told(state, typed);
    }
    if let Some(action) = action {
        return act(state, action);
    }
    if in_prompt { prompt_key(state, key, burst) } else { vec![] }
}

fn prompt_key(state: &mut State, key: KeyPress, burst: bool) -> Vec<Effect> {
    let is_enter = key.code == Code::Enter && !key.ctrl && !key.alt && !key.shift;
    // A repetition of the Enter that sent is dropped; one in the middle of a paste is a line end.
    if is_enter && state.setup.send_on_enter && (!burst || state.guard.just_pressed(state.now)) {
        return send::press(state, Wish::Prompt);
    }
    let result = state.prompt.press(key, state.now).map(drop);
    if state.prompt.is_empty() {
        // An emptied prompt begins something new.
        state.origin = None;
    }
    told(state, result)
}

fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Send => return send::press(state, Wish::Prompt),
        Action::Resend => return send::press(state, Wish::Again),
        Action::Cancel => return send::cancel(state),
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
        Action::Fetch => return take::fetch(state),
        Action::Zoom => state.choice.zoomed = !state.choice.zoomed,
        Action::Help => state.overlay = Some(Overlay::Help { scroll: 0 }),
        Action::Parameters => state.overlay = Some(Overlay::Params { field: 1 }),
        Action::Why => why(state),
        Action::Close => close(state),
        Action::Clear => {
            let cleared = state.prompt.replace("", state.now);
            state.origin = None;
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

fn quit(state: &mut State) -> Vec<Effect> {
    if state.log.in_flight().next().is_none() && state.log.unstored().next().is_none() {
        return vec![Effect::Quit];
    }
    state.overlay = Some(Overlay::Confirm(Question::Quit));
    vec![]
}

fn in_pane(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Save => return take::save(state),
        Action::Copy => return take::copy(state),
        Action::CopyCurl => return take::copy_curl(state),
        Action::Export => return take::export(state),
        _ => {}
    }
    match state.choice.focus {
        Pane::Log => log::press(state, action),
        Pane::Parts => parts::press(state, action),
        Pane::Raw | Pane::Request => sheet::press(state, action),
        Pane::Preview => parts::press_in_preview(state, action),
        Pane::Routes => routes::press(state, action),
        Pane::Prompt => vec![],
    }
}

/// How far a movement goes, in rows.
pub fn distance(action: Action, page: usize) -> Option<isize> {
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
