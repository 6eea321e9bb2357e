//! What the log's keys do with stored exchanges: search, marks, trash, the tree of an iteration, comparisons, totals.

use super::message::Effect;
use super::overlay::{Overlay, Question};
use super::state::State;
use crate::history::{By, Comparison, MarkChange, Marks, Summary, Total, sum, totals, tree};
use crate::keymap::{Action, Code, KeyPress};
use std::collections::HashMap;

/// What is typed into the small box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    Tags,
    Note,
}

/// More of a prompt does not fit into a line.
const PROMPT: usize = 2000;

/// One line of the tree of an iteration.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    pub id: String,
    /// The lines that lead to it.
    pub guides: String,
    /// The verdict, or how far it is.
    pub word: String,
    pub prompt: String,
    /// Its parent's prompt.
    pub before: Option<String>,
}

/// A key in the log that is no movement.
pub fn press(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Search => state.log.search.typing = true,
        Action::Star => return mark(state, MarkChange::ToggleStar),
        Action::Better => return mark(state, MarkChange::Rate(1)),
        Action::Worse => return mark(state, MarkChange::Rate(-1)),
        Action::Tags => write(state, Writing::Tags),
        Action::Note => write(state, Writing::Note),
        Action::Delete => ask_trash(state),
        Action::Tree => show_tree(state),
        Action::Compare => return compare(state),
        Action::Totals => show_totals(state, By::Day),
        _ => {}
    }
    vec![]
}

/// A key while the search is being typed; `None` when it is not for it.
pub fn press_while_searching(state: &mut State, key: KeyPress) -> Option<Vec<Effect>> {
    if !state.log.search.typing || state.choice.focus != crate::layout::Pane::Log {
        return None;
    }
    let mut text = state.log.search.text.clone();
    match key.code {
        Code::Enter => state.log.search.typing = false,
        Code::Esc => {
            state.log.search.typing = false;
            state.log.search_for("");
            return Some(vec![]);
        }
        Code::Backspace => drop(text.pop()),
        Code::Char('u') if key.ctrl => text.clear(),
        Code::Char(c) if !key.ctrl && !key.alt => text.push(c),
        Code::Up | Code::Down => {
            state.log.select_by(if key.code == Code::Up { -1 } else { 1 });
            return Some(super::log::show_selected(state));
        }
        _ => return None,
    }
    if text != state.log.search.text {
        state.log.search_for(&text);
    }
    Some(vec![])
}

fn selected(state: &mut State) -> Option<(String, Marks)> {
    let seen = state.log.shows_selected();
    let found = state.log.marks().filter(|_| seen).map(|(id, marks)| (id.to_owned(), marks.clone()));
    if found.is_none() {
        state.say("no stored exchange is selected");
    }
    found
}

fn mark(state: &mut State, change: MarkChange) -> Vec<Effect> {
    let Some((id, _)) = selected(state) else { return vec![] };
    vec![Effect::Mark { id, change }]
}

fn write(state: &mut State, what: Writing) {
    if let Some((id, marks)) = selected(state) {
        let text = match what {
            Writing::Tags => marks.tags.join(" "),
            Writing::Note => marks.note,
        };
        state.overlay = Some(Overlay::Write { what, id, text });
    }
}

/// A key in the box for tags or a note.
pub fn press_in_box(state: &mut State, what: Writing, id: String, mut text: String, key: KeyPress) -> Vec<Effect> {
    match key.code {
        Code::Enter => return vec![Effect::Mark { id, change: written(what, &text) }],
        Code::Backspace => drop(text.pop()),
        Code::Char('u') if key.ctrl => text.clear(),
        Code::Char(c) if !key.ctrl && !key.alt => text.push(c),
        _ => {}
    }
    state.overlay = Some(Overlay::Write { what, id, text });
    vec![]
}

fn written(what: Writing, text: &str) -> MarkChange {
    match what {
        Writing::Tags => MarkChange::Tags(text.split([' ', ',']).map(str::to_owned).collect()),
        Writing::Note => MarkChange::Note(text.to_owned()),
    }
}

fn ask_trash(state: &mut State) {
    let in_flight = state.log.current().is_some_and(|entry| entry.is_in_flight());
    if in_flight {
        state.say("a call in flight cannot be deleted; cancel it first");
    } else if let Some((id, _)) = selected(state) {
        state.overlay = Some(Overlay::Confirm(Question::Trash(id)));
    }
}

fn show_tree(state: &mut State) {
    let Some((id, _)) = selected(state) else { return };
    let own = state.log.own_summaries();
    let all = state.log.all(&own);
    let branches = tree(&all, &id);
    let at = branches.iter().position(|branch| all[branch.at].id == id).unwrap_or(0);
    // A parent that is there stands in the same tree.
    let of = |branch: &crate::history::Branch| (all[branch.at].id.as_str(), all[branch.at].prompt.as_str());
    let prompts: HashMap<&str, &str> = branches.iter().map(of).collect();
    let leaf = |branch: crate::history::Branch| {
        let summary = all[branch.at];
        let head = |prompt: &str| prompt.chars().take(PROMPT).collect::<String>();
        Leaf {
            id: summary.id.clone(),
            guides: branch.lines,
            word: word(summary).to_owned(),
            prompt: head(&summary.prompt),
            before: summary.parent.as_deref().and_then(|parent| prompts.get(parent)).map(|prompt| head(prompt)),
        }
    };
    let leaves = branches.into_iter().map(leaf).collect();
    state.overlay = Some(Overlay::Tree { leaves, selected: at });
}

/// The verdict's word, or how far an exchange without one is.
pub fn word(summary: &Summary) -> &str {
    if summary.word.is_empty() { summary.phase.word() } else { &summary.word }
}

/// Selects an exchange, out of a search that hides it if need be; false when the log does not have it.
pub fn go_to(state: &mut State, id: &str) -> bool {
    state.log.select_id(id) || {
        state.log.search_for("");
        state.log.select_id(id)
    }
}

/// A key in the tree.
pub fn press_in_tree(state: &mut State, leaves: Vec<Leaf>, mut selected: usize, key: KeyPress) -> Vec<Effect> {
    let last = leaves.len().saturating_sub(1);
    match key.code {
        Code::Enter => {
            if let Some(leaf) = leaves.get(selected) {
                go_to(state, &leaf.id);
                return super::log::show_selected(state);
            }
        }
        Code::Up | Code::Char('k') => selected = selected.saturating_sub(1),
        Code::Down | Code::Char('j') => selected = (selected + 1).min(last),
        Code::PageUp => selected = selected.saturating_sub(10),
        Code::PageDown => selected = (selected + 10).min(last),
        Code::Home | Code::Char('g') => selected = 0,
        Code::End | Code::Char('G') => selected = last,
        _ => {}
    }
    state.overlay = Some(Overlay::Tree { leaves, selected });
    vec![]
}

/// The first press marks an exchange, the second on another one compares them.
fn compare(state: &mut State) -> Vec<Effect> {
    let Some((id, _)) = selected(state) else { return vec![] };
    let key = state.setup.keymap.hint(Action::Compare);
    match state.log.base.take() {
        Some(base) if base == id => {
            state.say("not compared any more");
            vec![]
        }
        Some(base) => vec![Effect::Compare { before: base, after: id }],
        None => {
            state.say(format!("{key} on another exchange compares it with this one"));
            state.log.base = Some(id);
            vec![]
        }
    }
}

pub fn compared(state: &mut State, comparison: Comparison) {
    state.overlay = Some(Overlay::Compare { comparison: Box::new(comparison), scroll: 0 });
}

/// In the order in which they are gone through.
const SUMS: [By; 3] = [By::Day, By::Session, By::Route];

/// The sums over all exchanges that the search shows.
pub fn show_totals(state: &mut State, by: By) {
    let own = state.log.own_summaries();
    let all = state.log.all_shown(&own);
    let mut rows = vec![sum(all.iter().copied())];
    rows.extend(totals(all.iter().copied(), by, state.setup.utc_offset));
    state.overlay = Some(Overlay::Totals { by, rows, scroll: 0 });
}

/// A key in the totals: sideways goes through days, sessions and routes.
pub fn press_in_totals(state: &mut State, by: By, rows: Vec<Total>, scroll: usize, key: KeyPress) {
    let step = match key.code {
        Code::Right | Code::Tab | Code::Char('l' | '$') => 1,
        Code::Left | Code::Char('h') => SUMS.len() - 1,
        _ => 0,
    };
    if step > 0 {
        let at = SUMS.iter().position(|sum| *sum == by).unwrap_or(0);
        return show_totals(state, SUMS[(at + step) % SUMS.len()]);
    }
    let scroll = super::overlay::scrolled(scroll, key).min(rows.len().saturating_sub(1));
    state.overlay = Some(Overlay::Totals { by, rows, scroll });
}
