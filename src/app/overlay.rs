//! Boxes over the panes: help, parameters, why there is no picture, models, questions.

use super::history::{self, Leaf, Writing};
use super::message::Effect;
use super::params::Field;
use super::routes;
use super::send::{Wish, press as press_send, start, start_exposed, start_or_ask_cap, start_probe, start_unrecorded};
use super::state::State;
use crate::call::Ask;
use crate::history::{By, Comparison, Total};
use crate::keymap::{Action, Code, KeyPress};
use crate::route::RouteId;

/// No box has more lines to go through; beyond it, keys back would seem dead.
const MOST_SCROLL: usize = crate::keymap::ACTIONS.len();

#[derive(Debug, Clone, PartialEq)]
pub enum Overlay {
    Help {
        scroll: usize,
    },
    /// The card on a call that brought no picture.
    Why {
        scroll: usize,
    },
    Params {
        field: usize,
    },
    /// `None` while the list is on its way.
    Models {
        list: Option<Vec<String>>,
        filter: String,
        selected: usize,
    },
    Confirm(Question),
    /// All that is known of a route.
    Route {
        id: RouteId,
        scroll: usize,
    },
    /// Tags or a note on a stored exchange.
    Write {
        what: Writing,
        id: String,
        text: String,
    },
    /// The iteration that the selected exchange belongs to.
    Tree {
        leaves: Vec<Leaf>,
        selected: usize,
    },
    Compare {
        comparison: Box<Comparison>,
        scroll: usize,
    },
    /// Calls, tokens and cost.
    Totals {
        by: By,
        rows: Vec<Total>,
        scroll: usize,
    },
    /// A sentence that has to be read whole.
    Message(String),
}

/// A question that `y` says yes to (Enter too, where it cannot have asked it).
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// The same request is in flight.
    SendTwin(Box<Ask>, Wish),
    /// The call would go beyond a cap, in these words.
    OverCap(Box<Ask>, Wish, String),
    /// The call would carry the key over plain http.
    PlainHttp(Box<Ask>, Wish),
    /// A probe that costs something, in these words.
    PaidProbe(Box<Ask>, String),
    /// The store did not take the request, for this reason.
    Unstored(Box<Ask>, String),
    /// Move the exchange to the trash.
    Trash(String),
    /// Calls are in flight.
    Quit,
}

impl Overlay {
    /// Models of the list that match the filter.
    pub fn matching(list: &[String], filter: &str) -> Vec<String> {
        let filter = filter.to_lowercase();
        list.iter().filter(|model| model.to_lowercase().contains(&filter)).cloned().collect()
    }
}

/// A key while a box is open. Only its own keys mean something there.
pub fn press(state: &mut State, key: KeyPress, action: Option<Action>) -> Vec<Effect> {
    let Some(overlay) = state.overlay.take() else { return vec![] };
    if action == Some(Action::Close) {
        return vec![];
    }
    match overlay {
        Overlay::Message(_) => vec![],
        Overlay::Confirm(question) => confirm(state, question, key),
        Overlay::Help { scroll } => {
            state.overlay = (action != Some(Action::Help)).then(|| Overlay::Help { scroll: scrolled(scroll, key) });
            vec![]
        }
        Overlay::Why { scroll } => {
            state.overlay = (action != Some(Action::Why)).then(|| Overlay::Why { scroll: scrolled(scroll, key) });
            vec![]
        }
        Overlay::Params { field } => params(state, field, key, action),
        Overlay::Models { list, filter, selected } => models(state, list, filter, selected, key),
        Overlay::Route { id, scroll } => routes::press_in_card(state, id, scroll, key, action),
        Overlay::Write { what, id, text } => history::press_in_box(state, what, id, text, key),
        Overlay::Tree { leaves, selected } => history::press_in_tree(state, leaves, selected, key),
        Overlay::Totals { by, rows, scroll } => {
            history::press_in_totals(state, by, rows, scroll, key);
            vec![]
        }
        Overlay::Compare { comparison, scroll } => {
            let most = comparison.rows();
            state.overlay = Some(Overlay::Compare { comparison, scroll: scrolled_to(scroll, key, most) });
            vec![]
        }
    }
}

pub fn scrolled(scroll: usize, key: KeyPress) -> usize {
    scrolled_to(scroll, key, MOST_SCROLL)
}

fn scrolled_to(scroll: usize, key: KeyPress, most: usize) -> usize {
    match key.code {
        Code::Down | Code::Char('j') => scroll + 1,
        Code::Up | Code::Char('k') => scroll.saturating_sub(1),
        Code::PageDown | Code::Char(' ') => scroll + 10,
        Code::PageUp => scroll.saturating_sub(10),
        Code::Home | Code::Char('g') => 0,
        Code::End | Code::Char('G') => most,
        _ => scroll,
    }
    .min(most)
}

fn confirm(state: &mut State, question: Question, key: KeyPress) -> Vec<Effect> {
    // Enter is no answer about sending: where Enter sends, a held one would say yes to its own question.
    let enter = key.code == Code::Enter && question == Question::Quit;
    let yes = !key.ctrl && !key.alt && (enter || matches!(key.code, Code::Char('y' | 'Y')));
    let no = matches!(key.code, Code::Char('n' | 'N')) && !key.ctrl;
    match (yes, question) {
        (true, Question::SendTwin(ask, wish)) => start_or_ask_cap(state, *ask, wish),
        (true, Question::OverCap(ask, wish, _)) => start(state, *ask, wish),
        (true, Question::PlainHttp(ask, wish)) => start_exposed(state, *ask, wish),
        (true, Question::PaidProbe(ask, _)) => start_probe(state, *ask),
        (true, Question::Unstored(ask, _)) => start_unrecorded(state, *ask),
        (true, Question::Trash(id)) => vec![Effect::Trash(id)],
        (true, Question::Quit) => vec![Effect::Quit],
        (false, _) if no => vec![],
        // Any other key leaves the question where it is: a held send key must not answer it.
        (false, question) => {
            state.overlay = Some(Overlay::Confirm(question));
            vec![]
        }
    }
}

fn params(state: &mut State, at: usize, key: KeyPress, action: Option<Action>) -> Vec<Effect> {
    let count = Field::ALL.len();
    let field = Field::ALL[at.min(count - 1)];
    let setup = state.setup.clone();
    let mut next = at;
    match (key.code, action) {
        (_, Some(Action::Parameters)) | (Code::Enter, _) => return vec![],
        (_, Some(Action::Send)) => return press_send(state, Wish::Prompt),
        (Code::Up, _) => next = (at + count - 1) % count,
        (Code::Tab, _) if key.shift => next = (at + count - 1) % count,
        (Code::Down | Code::Tab, _) => next = (at + 1) % count,
        (Code::Left, _) => state.params.step(field, false, &setup),
        (Code::Right, _) => state.params.step(field, true, &setup),
        (Code::Char(' '), _) if field.is_choice() => state.params.step(field, true, &setup),
        _ => state.params.type_key(field, key),
    }
    state.overlay = Some(Overlay::Params { field: next });
    vec![]
}

fn models(
    state: &mut State,
    list: Option<Vec<String>>,
    mut filter: String,
    mut selected: usize,
    key: KeyPress,
) -> Vec<Effect> {
    let matching = Overlay::matching(list.as_deref().unwrap_or_default(), &filter);
    match key.code {
        Code::Enter => {
            if let Some(model) = matching.get(selected) {
                state.params.model.clone_from(model);
                state.say(format!("model {model}"));
            }
            return vec![];
        }
        Code::Up => selected = selected.saturating_sub(1),
        Code::Down => selected = (selected + 1).min(matching.len().saturating_sub(1)),
        Code::PageUp => selected = selected.saturating_sub(10),
        Code::PageDown => selected = (selected + 10).min(matching.len().saturating_sub(1)),
        Code::Backspace => {
            filter.pop();
            selected = 0;
        }
        Code::Char(c) if !key.ctrl && !key.alt => {
            filter.push(c);
            selected = 0;
        }
        _ => {}
    }
    state.overlay = Some(Overlay::Models { list, filter, selected });
    vec![]
}
