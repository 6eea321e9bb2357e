//! What the log's keys do with stored exchanges: search, marks, trash, the tree of an iteration, comparisons, totals.

use super::message::Effect;
use super::overlay::{Overlay, Question};
use super::state::State;
use crate::history::{By, Comparison, Marks, Piece, Summary, Total, sum, totals, tree, words};
use crate::keymap::{Action, Code, KeyPress};

/// What is typed into the small box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    Tags,
    Note,
}

/// One line of the tree of an iteration.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    pub id: String,
    /// The lines that lead to it.
    pub guides: String,
    /// The verdict, or how far it is.
    pub word: String,
    /// Its prompt against its parent's.
    pub prompt: Vec<Piece>,
}

/// A key in the log that is no movement.
pub fn press(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Search => state.log.search.typing = true,
        Action::Star => return mark(state, |marks| marks.star = !marks.star),
        Action::Better => return mark(state, |marks| marks.rating = (marks.rating + 1).min(5)),
        Action::Worse => return mark(state, |marks| marks.rating = marks.rating.saturating_sub(1)),
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
    let found = state.log.marks().map(|(id, marks)| (id.to_owned(), marks.clone()));
    if found.is_none() {
        state.say("no stored exchange is selected");
    }
    found
}

fn mark(state: &mut State, change: impl FnOnce(&mut Marks)) -> Vec<Effect> {
    let Some((id, mut marks)) = selected(state) else { return vec![] };
    change(&mut marks);
    vec![Effect::Mark { id, marks }]
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
        Code::Enter => return written(state, what, id, &text),
        Code::Backspace => drop(text.pop()),
        Code::Char('u') if key.ctrl => text.clear(),
        Code::Char(c) if !key.ctrl && !key.alt => text.push(c),
        _ => {}
    }
    state.overlay = Some(Overlay::Write { what, id, text });
    vec![]
}

fn written(state: &State, what: Writing, id: String, text: &str) -> Vec<Effect> {
    let known = state.log.marks().filter(|(selected, _)| *selected == id).map(|(_, marks)| marks.clone());
    let mut marks = known.unwrap_or_default();
    match what {
        Writing::Tags => {
            marks.tags = text.split([' ', ',']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
            marks.tags.dedup();
        }
        Writing::Note => marks.note = text.trim().to_owned(),
    }
    vec![Effect::Mark { id, marks }]
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
    let all = state.log.summaries();
    let branches = tree(&all, &id);
    let at = branches.iter().position(|branch| all[branch.at].id == id).unwrap_or(0);
    let prompt_of = |id: &str| all.iter().find(|summary| summary.id == id).map(|summary| summary.prompt.as_str());
    let leaf = |branch: crate::history::Branch| {
        let summary = &all[branch.at];
        let parent = summary.parent.as_deref().and_then(prompt_of);
        Leaf {
            id: summary.id.clone(),
            guides: branch.lines,
            word: word(summary).to_owned(),
            prompt: match parent {
                Some(parent) if parent == summary.prompt => vec![Piece::Same("the same prompt".to_owned())],
                Some(parent) => changed(words(parent, &summary.prompt)),
                None => vec![Piece::Same(summary.prompt.clone())],
            },
        }
    };
    state.overlay = Some(Overlay::Tree { leaves: branches.into_iter().map(leaf).collect(), selected: at });
}

/// The verdict's word, or how far an exchange without one is.
pub fn word(summary: &Summary) -> &str {
    if summary.word.is_empty() { summary.phase.word() } else { &summary.word }
}

/// Long stretches that two prompts share are left out.
fn changed(pieces: Vec<Piece>) -> Vec<Piece> {
    const SHARED: usize = 24;
    let short = |piece: Piece| match piece {
        Piece::Same(text) if text.chars().count() > SHARED => {
            let tail: Vec<char> = text.chars().rev().take(SHARED / 2).collect();
            Piece::Same(format!("…{}", tail.into_iter().rev().collect::<String>()))
        }
        other => other,
    };
    pieces.into_iter().map(short).collect()
}

/// A key in the tree.
pub fn press_in_tree(state: &mut State, leaves: Vec<Leaf>, mut selected: usize, key: KeyPress) -> Vec<Effect> {
    let last = leaves.len().saturating_sub(1);
    match key.code {
        Code::Enter => {
            if let Some(leaf) = leaves.get(selected) {
                if !state.log.select_id(&leaf.id) {
                    state.log.search_for("");
                    state.log.select_id(&leaf.id);
                }
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
    let all = state.log.shown_summaries();
    let mut rows = vec![sum(&all)];
    rows.extend(totals(&all, by, state.setup.utc_offset));
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
