//! Messages in, exact effects and state out: what sends, what cancels, what is dropped, what is loaded.

use super::stage::{self, PICTURE, REFUSED, answer, at, key, press, prompted};
use std::path::PathBuf;
use unpeel::app::overlay::{Overlay, Question};
use unpeel::app::{Effect, Msg, State, update};
use unpeel::call::{Progress, Stage};
use unpeel::layout::Pane;
use unpeel::theme;

const SIZE: (u16, u16) = (80, 24);

/// Numbers of the calls that effects begin.
fn sends(effects: &[Effect]) -> Vec<u64> {
    let number = |effect: &Effect| match effect {
        Effect::Send { entry, .. } => Some(*entry),
        _ => None,
    };
    effects.iter().filter_map(number).collect()
}

/// A state with one call in flight.
fn in_flight() -> State {
    let mut state = prompted(SIZE);
    assert_eq!(sends(&press(&mut state, &["ctrl-s"])), [1]);
    state
}

fn answered(state: &mut State, entry: u64, body: &str, folder: Option<&str>) {
    let msg = Msg::Answered { entry, answer: answer(body, 200, folder.map(PathBuf::from)) };
    let now = state.now;
    assert_eq!(update(state, now, msg), []);
}

#[test]
fn a_held_send_key_sends_once() {
    for name in ["ctrl-s", "f5"] {
        let mut state = prompted(SIZE);
        let held = (2000..5000).step_by(33).flat_map(|ms| update(&mut state, at(ms), Msg::Pressed(key(name))));
        assert_eq!(sends(&held.collect::<Vec<_>>()), [1], "{name}");
    }
}

#[test]
fn the_same_request_again_asks_first_and_another_does_not() {
    let mut state = in_flight();
    assert_eq!(press(&mut state, &["ctrl-s"]), []);
    assert!(matches!(state.overlay, Some(Overlay::Confirm(Question::SendTwin(..)))), "{:?}", state.overlay);
    // The send key itself is no answer, however often it is pressed.
    assert_eq!(press(&mut state, &["ctrl-s", "ctrl-s", "f5"]), []);
    assert_eq!(sends(&press(&mut state, &["y"])), [2]);
    assert_eq!(state.overlay, None);
    assert_eq!(press(&mut state, &["ctrl-s", "n"]), []);
    assert_eq!(sends(&press(&mut state, &["!", "ctrl-s"])), [3]);
    answered(&mut state, 1, PICTURE, None);
    answered(&mut state, 2, PICTURE, None);
    answered(&mut state, 3, PICTURE, None);
    assert_eq!(sends(&press(&mut state, &["ctrl-s", "ctrl-r"])), [4], "the fourth has its twin in flight");
}

#[test]
fn two_presses_half_a_second_apart_are_two_acts() {
    let mut state = in_flight();
    let began = state.now.as_millisecond();
    for (after, asks) in [(499, false), (998, false), (1498, true)] {
        // A press that may be the first repetition of a held key is an act once nothing follows it.
        for effect in update(&mut state, at(began + after), Msg::Pressed(key("ctrl-s"))) {
            let Effect::Remind { at: pressed, wish } = effect else { panic!("{effect:?} at {after}") };
            assert_eq!(update(&mut state, at(began + after + 120), Msg::Reminded { at: pressed, wish }), []);
        }
        assert_eq!(state.overlay.is_some(), asks, "{after}");
    }
}

#[test]
fn thirty_lines_pasted_without_brackets_send_nothing() {
    let mut state = stage::state(SIZE, stage::profile("http://127.0.0.1:9"), true);
    let mut now = 1000;
    for line in 0..30 {
        let keys = [Msg::Pressed(key("x")), Msg::Typed(format!(" line {line}")), Msg::Pressed(key("enter"))];
        for msg in keys {
            now += 1;
            assert_eq!(update(&mut state, at(now), msg), []);
        }
    }
    assert_eq!(state.prompt.area.lines().len(), 31);
    assert_eq!(sends(&update(&mut state, at(now + 1000), Msg::Pressed(key("enter")))), [1]);
}

#[test]
fn an_empty_prompt_sends_nothing_and_says_so() {
    let mut state = stage::state(SIZE, stage::profile("http://127.0.0.1:9"), true);
    assert_eq!(press(&mut state, &["enter", "ctrl-s", "space", "f5"]), []);
    assert!(state.notice.is_some_and(|notice| notice.bad) && state.log.entries.is_empty());
}

#[test]
fn cancelling_takes_two_presses_in_a_row() {
    let mut state = in_flight();
    assert_eq!(press(&mut state, &["ctrl-x"]), []);
    assert_eq!(press(&mut state, &["ctrl-x"]), [Effect::Cancel { entry: 1 }]);
    let mut state = in_flight();
    assert_eq!(press(&mut state, &["ctrl-x", "x", "ctrl-x"]), []);
    answered(&mut state, 1, PICTURE, None);
    assert_eq!(press(&mut state, &["ctrl-x", "ctrl-x"]), []);
}

#[test]
fn what_comes_after_the_end_is_dropped() {
    let mut state = in_flight();
    answered(&mut state, 1, PICTURE, None);
    let before = state.clone();
    let moved = |entry| Msg::Moved { entry, progress: Progress::Moved { stage: Stage::Receiving, up: 1, down: 2 } };
    let late = [
        moved(1),
        Msg::Moved { entry: 1, progress: Progress::Recorded { id: "late".to_owned() } },
        Msg::Answered { entry: 1, answer: answer(REFUSED, 200, None) },
        moved(99),
        Msg::Answered { entry: 99, answer: answer(REFUSED, 200, None) },
        Msg::Loaded { entry: 99, reading: answer(REFUSED, 200, None).reading },
    ];
    for msg in late {
        let shown = format!("{msg:?}");
        let now = state.now;
        assert_eq!(update(&mut state, now, msg), []);
        assert!(state == before, "{shown} changed the state");
    }
}

#[test]
fn quitting_asks_only_while_calls_are_in_flight() {
    let mut state = prompted(SIZE);
    assert_eq!(press(&mut state, &["ctrl-q"]), [Effect::Quit]);
    let mut state = in_flight();
    assert_eq!(press(&mut state, &["ctrl-q"]), []);
    assert_eq!(state.overlay, Some(Overlay::Confirm(Question::Quit)));
    assert_eq!(press(&mut state, &["x", "n"]), []);
    assert_eq!((press(&mut state, &["ctrl-q"]), press(&mut state, &["enter"])), (vec![], vec![Effect::Quit]));
    answered(&mut state, 1, PICTURE, None);
    assert_eq!(press(&mut state, &["f1", "ctrl-q"]), [Effect::Quit], "also over a box");
}

#[test]
fn escape_closes_and_leaves_but_never_cancels() {
    let mut state = in_flight();
    let places = ["ctrl-l", "f2", "f3", "f4", "f6", "ctrl-o", "f8", "f1", "f10", "ctrl-q", "ctrl-x"];
    for place in places {
        let asked = press(&mut state, &[place, "esc", "esc", "esc"]);
        assert_eq!(asked, [], "{place}");
        assert!(state.overlay.is_none() && !state.choice.zoomed && state.choice.focus == Pane::Prompt, "{place}");
    }
    assert_eq!(state.log.in_flight().count(), 1);
}

#[test]
fn the_theme_key_goes_through_all_of_them() {
    let mut state = prompted(SIZE);
    for name in theme::names().skip(1).chain(["ember"]) {
        assert_eq!(press(&mut state, &["f9"]), [Effect::Restyle(name.to_owned())]);
        assert_eq!(state.theme, name);
    }
}

#[test]
fn selecting_in_the_log_loads_what_is_stored_and_shows_what_is_kept() {
    let mut state = prompted(SIZE);
    for (entry, folder) in [(1, Some("/state/one")), (2, None), (3, Some("/state/three"))] {
        assert_eq!(sends(&press(&mut state, &["ctrl-s"])), [entry]);
        answered(&mut state, entry, PICTURE, folder);
    }
    let load = |entry, folder: &str| Effect::Load { entry, folder: folder.into() };
    assert_eq!(press(&mut state, &["ctrl-l", "down"]), [], "the second was not stored, so it was kept");
    assert_eq!(state.shown.as_ref().map(|shown| shown.entry), Some(2));
    assert_eq!(press(&mut state, &["down"]), [load(1, "/state/one")]);
    assert_eq!(state.shown, None);
    assert_eq!(press(&mut state, &["home"]), [load(3, "/state/three")]);
    // The first one's reply comes late, when it is no longer selected.
    for (entry, shown) in [(1, None), (3, Some(3))] {
        let now = state.now;
        update(&mut state, now, Msg::Loaded { entry, reading: answer(PICTURE, 200, None).reading });
        assert_eq!(state.shown.as_ref().map(|shown| shown.entry), shown);
    }
}

#[test]
fn a_refused_call_leaves_no_entry_and_a_sentence() {
    let mut state = in_flight();
    let now = state.now;
    update(&mut state, now, Msg::Refused { entry: 1, why: "no key".to_owned(), unstored: false });
    assert!(state.log.entries.is_empty() && state.log.selected.is_none());
    assert_eq!(state.overlay, Some(Overlay::Message("no key".to_owned())));
}

#[test]
fn a_search_in_a_large_reply_is_a_job() {
    let mut state = in_flight();
    let filler = "x ".repeat(600_000);
    let body = format!(r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{filler}"}},{{"text":"needle"}}]}}}}]}}"#);
    answered(&mut state, 1, &body, None);
    press(&mut state, &["f4", "/", "N", "e", "e", "d", "l", "e"]);
    let effects = press(&mut state, &["enter"]);
    let [Effect::Find { entry, sheet, backwards: false, height }] = &effects[..] else { panic!("{effects:?}") };
    let mut sheet = sheet.clone();
    let found = sheet.find(false, *height);
    let now = state.now;
    update(&mut state, now, Msg::Found { entry: *entry, sheet: sheet.clone(), found });
    let cursor = |state: &State| state.shown.as_ref().map(|shown| shown.raw.cursor);
    assert!(found && cursor(&state) == Some(sheet.cursor) && sheet.cursor > 0);
    // An answer for another search text is worthless.
    press(&mut state, &["/", "x", "enter", "home"]);
    update(&mut state, now, Msg::Found { entry: *entry, sheet, found });
    assert_eq!(cursor(&state), Some(0));
}
