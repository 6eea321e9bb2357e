//! The log over all sessions: order, search, marks, iterations and caps, as messages in and effects out.

use super::stage::{answer, at, key, press, prompted, rows};
use std::sync::Arc;
use unpeel::app::overlay::{Overlay, Question};
use unpeel::app::spend::Caps;
use unpeel::app::{Effect, Msg, Setup, State, update};
use unpeel::call::{Progress, Recalled, Stage};
use unpeel::history::{MarkChange, Marks, Phase, Summary};
use unpeel::layout::Pane;
use unpeel::route::{Evidence, Kind, RouteId, Source};

const REPLY: &str = r#"{"candidates":[{"content":{"parts":[{"text":"no"}]},"finishReason":"STOP"}]}"#;

/// An exchange of another session, made so many seconds after the epoch.
fn past(second: i64, prompt: &str) -> Summary {
    Summary {
        id: format!("id-{second}"),
        time: at(second * 1000),
        profile: "demo".to_owned(),
        kind: "generateContent".to_owned(),
        prompt: prompt.to_owned(),
        phase: Phase::Done,
        word: "image".to_owned(),
        charged: "likely".to_owned(),
        cost_usd: Some(0.05),
        ..Summary::default()
    }
}

fn tell(state: &mut State, msg: Msg) -> Vec<Effect> {
    let now = state.now;
    update(state, now, msg)
}

/// A prompt typed, three exchanges in the store, the log in front.
fn with_history() -> State {
    let mut state = prompted((80, 24));
    state.now = at(100_000);
    let all = vec![past(30, "a blue fox"), past(20, "a red fox"), past(10, "a lighthouse")];
    tell(&mut state, Msg::Remembered(all));
    state.focus(Pane::Log);
    state
}

/// The prompts of the log's rows, from the top.
fn prompts(state: &State) -> Vec<String> {
    let known = ["a blue fox", "a red fox", "a lighthouse", "a green fox"];
    let found = rows(state).into_iter().filter_map(|row| known.into_iter().find(|prompt| row.contains(prompt)));
    // The prompt pane has one too.
    found.skip(1).map(str::to_owned).collect()
}

fn id_of_effect(effects: &[Effect]) -> Option<&str> {
    match effects {
        [Effect::Recall { id, .. }] => Some(id),
        _ => None,
    }
}

#[test]
fn all_sessions_stand_in_one_list_by_time() {
    let mut state = with_history();
    assert_eq!(prompts(&state), ["a blue fox", "a red fox", "a lighthouse"]);
    // One made between them, elsewhere, and one that went.
    tell(&mut state, Msg::News { changed: vec![past(25, "a green fox")], gone: vec!["id-10".to_owned()] });
    assert_eq!(prompts(&state), ["a blue fox", "a green fox", "a red fox"]);
    assert_eq!(state.log.len(), 3);
    // The first key selects the newest, and its exchange is read back.
    assert_eq!(id_of_effect(&press(&mut state, &["down"])), Some("id-30"));
    assert_eq!(id_of_effect(&press(&mut state, &["down"])), Some("id-25"));
    assert_eq!(id_of_effect(&press(&mut state, &["end"])), Some("id-20"));
}

#[test]
fn an_own_call_stands_once_although_the_store_tells_of_it_too() {
    let mut state = with_history();
    state.focus(Pane::Prompt);
    let effects = press(&mut state, &["ctrl-s"]);
    let [Effect::Send { entry, .. }] = effects[..] else { panic!("{effects:?}") };
    let own = Summary { id: "own".to_owned(), time: state.now, ..past(0, "a red fox") };
    tell(&mut state, Msg::News { changed: vec![own.clone()], gone: vec![] });
    tell(&mut state, Msg::Moved { entry, progress: Progress::Recorded { id: "own".to_owned() } });
    assert_eq!(state.log.len(), 4);
    let starred = Summary { marks: Marks { star: true, ..Marks::default() }, ..own };
    tell(&mut state, Msg::News { changed: vec![starred], gone: vec![] });
    assert_eq!(state.log.len(), 4);
    assert!(state.log.entries[0].marks.star, "marks of another instance are taken over");
}

#[test]
fn search_shows_what_it_finds_and_escape_all() {
    let mut state = with_history();
    press(&mut state, &["/"]);
    for letter in ["f", "o", "x", "space", "-", "r", "e", "d"] {
        press(&mut state, &[letter]);
    }
    assert_eq!(state.log.search.text, "fox -red");
    assert_eq!(prompts(&state), ["a blue fox"]);
    assert!(rows(&state).iter().any(|row| row.contains("/fox -red  1 of 3")));
    press(&mut state, &["enter"]);
    assert_eq!(id_of_effect(&press(&mut state, &["down"])), Some("id-30"), "keys move again");
    press(&mut state, &["/", "ctrl-u"]);
    for letter in "rating:x".chars() {
        tell(&mut state, Msg::Pressed(key(&letter.to_string())));
    }
    assert!(state.log.search.fault.is_some(), "no query, and it says so");
    press(&mut state, &["esc"]);
    assert_eq!(prompts(&state).len(), 3);
    assert_eq!(state.choice.focus, Pane::Log, "escape leaves the search only");
}

#[test]
fn marks_are_written_and_come_back() {
    let mut state = with_history();
    press(&mut state, &["down"]);
    let marked = press(&mut state, &["*"]);
    let star = Marks { star: true, ..Marks::default() };
    assert_eq!(marked, [Effect::Mark { id: "id-30".to_owned(), change: MarkChange::ToggleStar }]);
    tell(&mut state, Msg::Marked { id: "id-30".to_owned(), marks: star });
    assert!(rows(&state).iter().any(|row| row.contains('★')));
    press(&mut state, &["t"]);
    for letter in ["k", "e", "e", "p"] {
        press(&mut state, &[letter]);
    }
    let tags = MarkChange::Tags(vec!["keep".to_owned()]);
    assert_eq!(press(&mut state, &["enter"]), [Effect::Mark { id: "id-30".to_owned(), change: tags }]);
    let rates = press(&mut state, &["+", "+"]);
    assert_eq!(rates.len(), 2, "every press counts: the store adds them up");
    // What a search hides is not touched.
    press(&mut state, &["/", "z", "z", "enter"]);
    assert_eq!(press(&mut state, &["*", "d", "ctrl-r"]), []);
    assert!(state.overlay.is_none());
}

#[test]
fn the_trash_asks_and_the_next_row_is_selected() {
    let mut state = with_history();
    press(&mut state, &["down"]);
    press(&mut state, &["d"]);
    assert!(matches!(state.overlay, Some(Overlay::Confirm(Question::Trash(_)))));
    assert_eq!(press(&mut state, &["enter"]), [], "a held key answers nothing");
    assert_eq!(press(&mut state, &["y"]), [Effect::Trash("id-30".to_owned())]);
    let next = tell(&mut state, Msg::Trashed("id-30".to_owned()));
    assert_eq!(id_of_effect(&next), Some("id-20"));
    assert_eq!(state.log.len(), 2);
}

#[test]
fn a_past_call_is_edited_and_sent_as_its_child() {
    let mut state = with_history();
    press(&mut state, &["down"]);
    let entry = state.log.selected.expect("a row");
    let answered = answer(REPLY, 200, None);
    let ask = state.params.ask("a blue fox".to_owned(), &state.setup.clone()).expect("complete");
    let mut outcome = answered.outcome.clone();
    outcome.id = Some("id-30".to_owned());
    let recalled = Recalled { ask, outcome, reading: Arc::clone(&answered.reading), live: None };
    tell(&mut state, Msg::Recalled { entry, recalled: Box::new(recalled) });
    assert!(state.shown.is_some());
    press(&mut state, &["enter", "!"]);
    assert_eq!((state.prompt.text().as_str(), state.choice.focus), ("a blue fox!", Pane::Prompt));
    let sent = press(&mut state, &["ctrl-s"]);
    let [Effect::Send { entry, ask, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(ask.parent.as_deref(), Some("id-30"));
    // The next change belongs to the call that was just made.
    tell(&mut state, Msg::Moved { entry: *entry, progress: Progress::Recorded { id: "own".to_owned() } });
    let sent = press(&mut state, &["?", "ctrl-s"]);
    let [Effect::Send { ask, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(ask.parent.as_deref(), Some("own"));
    // An emptied prompt begins something new.
    press(&mut state, &["ctrl-n"]);
    update(&mut state, at(1_000_000), Msg::Typed("a green fox".to_owned()));
    let sent = press(&mut state, &["ctrl-s"]);
    let [Effect::Send { ask, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(ask.parent, None);
}

#[test]
fn what_was_read_too_late_is_dropped() {
    let mut state = with_history();
    press(&mut state, &["down"]);
    let first = state.log.selected.expect("a row");
    press(&mut state, &["down"]);
    let answered = answer(REPLY, 200, None);
    let ask = state.params.ask("x".to_owned(), &state.setup.clone()).expect("complete");
    let recalled =
        Recalled { ask, outcome: answered.outcome.clone(), reading: Arc::clone(&answered.reading), live: None };
    tell(&mut state, Msg::Recalled { entry: first, recalled: Box::new(recalled) });
    assert!(state.shown.is_none() && state.log.current().is_none());
}

#[test]
fn the_tree_shows_the_iteration_and_selects_in_it() {
    let mut state = with_history();
    let child = Summary { parent: Some("id-20".to_owned()), ..past(30, "a blue fox") };
    tell(&mut state, Msg::News { changed: vec![child], gone: vec![] });
    press(&mut state, &["down", "i"]);
    let Some(Overlay::Tree { leaves, selected: 1 }) = &state.overlay else { panic!("{:?}", state.overlay) };
    assert_eq!(leaves.iter().map(|leaf| leaf.id.as_str()).collect::<Vec<_>>(), ["id-20", "id-30"]);
    assert_eq!(leaves[1].before.as_deref(), Some("a red fox"));
    assert!(rows(&state).iter().any(|row| row.contains("[-red-]{+blue+}")), "{:#?}", rows(&state));
    assert_eq!(id_of_effect(&press(&mut state, &["up", "enter"])), Some("id-20"));
}

#[test]
fn two_presses_compare_two_exchanges() {
    let mut state = with_history();
    press(&mut state, &["down", "="]);
    let compared = press(&mut state, &["down", "="]);
    let wanted = [Effect::Recall { entry: state.log.selected.expect("a row"), id: "id-20".to_owned() }];
    assert_eq!(compared[..1], wanted);
    assert_eq!(compared[1..], [Effect::Compare { before: "id-30".to_owned(), after: "id-20".to_owned() }]);
    assert_eq!(press(&mut state, &["=", "="]), [], "twice the same is taken back");
}

#[test]
fn totals_go_by_day_session_and_route() {
    let mut state = with_history();
    press(&mut state, &["$"]);
    let shown = rows(&state).join("\n");
    assert!(shown.contains("Totals by day") && shown.contains("1970-01-01") && shown.contains("$0.150"), "{shown}");
    press(&mut state, &["right", "right"]);
    assert!(rows(&state).join("\n").contains("demo generateContent"));
}

#[test]
fn a_cap_asks_before_the_call_that_would_pass_it() {
    let mut state = with_history();
    let setup = (*state.setup).clone();
    // 0.15 were spent earlier today, and the table's price for one picture is 0.067.
    for (caps, asks) in [
        (Caps::default(), false),
        (Caps { session: 0.10, day: 0.0 }, false),
        (Caps { session: 0.05, day: 0.0 }, true),
        (Caps { session: 0.0, day: 0.20 }, true),
        (Caps { session: 0.0, day: 0.30 }, false),
    ] {
        let mut state = state.clone();
        state.setup = Arc::new(Setup { caps, ..setup.clone() });
        state.focus(Pane::Prompt);
        let sent = press(&mut state, &["ctrl-s"]);
        assert_eq!(sent.is_empty(), asks, "{caps:?}");
        if asks {
            assert!(
                matches!(&state.overlay, Some(Overlay::Confirm(Question::OverCap(_, _, why))) if why.contains("spend."))
            );
            assert!(matches!(press(&mut state, &["y"])[..], [Effect::Send { .. }]));
        }
    }
    state.focus(Pane::Prompt);
}

#[test]
fn a_call_of_another_instance_is_no_verdict_until_it_is_over() {
    let mut state = with_history();
    let live = Summary { phase: Phase::Sent, word: String::new(), ..past(30, "a blue fox") };
    tell(&mut state, Msg::News { changed: vec![live], gone: vec![] });
    press(&mut state, &["down"]);
    let entry = state.log.selected.expect("a row");
    let answered = answer("", 200, None);
    let ask = state.params.ask("a blue fox".to_owned(), &state.setup.clone()).expect("complete");
    let recalled = Recalled {
        ask,
        outcome: answered.outcome.clone(),
        reading: Arc::clone(&answered.reading),
        live: Some(Stage::Waiting),
    };
    tell(&mut state, Msg::Recalled { entry, recalled: Box::new(recalled) });
    assert!(state.shown.is_none() && state.log.current().is_some_and(|entry| entry.is_in_flight()));
    assert_eq!(press(&mut state, &["ctrl-r"]), [], "the same request is in flight: it asks");
    assert!(matches!(state.overlay, Some(Overlay::Confirm(Question::SendTwin(..)))));
    press(&mut state, &["esc", "ctrl-x", "ctrl-x"]);
    assert!(state.overlay.is_none(), "it is not ours to cancel");
    // Its end is read at once.
    let read = tell(&mut state, Msg::News { changed: vec![past(30, "a blue fox")], gone: vec![] });
    assert_eq!(id_of_effect(&read), Some("id-30"));
}

#[test]
fn exchanges_of_one_millisecond_stand_once() {
    let mut state = prompted((80, 24));
    let twin = |id: &str| Summary { id: id.to_owned(), ..past(10, id) };
    // The store goes by ids, time by nanoseconds.
    tell(&mut state, Msg::Remembered(vec![twin("b"), twin("c"), twin("a")]));
    for id in ["a", "b", "c"] {
        tell(&mut state, Msg::News { changed: vec![twin(id)], gone: vec![] });
    }
    assert_eq!(state.log.len(), 3);
}

#[test]
fn what_only_memory_has_is_not_quit_without_a_question() {
    let mut state = prompted((80, 24));
    let sent = press(&mut state, &["ctrl-s"]);
    let [Effect::Send { entry, ask, .. }] = &sent[..] else { panic!("{sent:?}") };
    let (entry, ask) = (*entry, ask.clone());
    let why = "the request could not be stored, so it was not sent: the disk is full".to_owned();
    tell(&mut state, Msg::Refused { entry, why, unstored: true });
    assert!(rows(&state).join(" ").contains("without a record"), "{:#?}", rows(&state));
    let unrecorded = press(&mut state, &["y"]);
    let [Effect::Send { entry, recorded: false, ask: again, .. }] = &unrecorded[..] else { panic!("{unrecorded:?}") };
    assert_eq!(again, &ask);
    let entry = *entry;
    let mut answered = answer(REPLY, 200, None);
    let route = RouteId { profile: "demo".to_owned(), kind: Kind::Generate, model: "m".to_owned() };
    let evidence = Evidence::new("e".to_owned(), route, at(0), Source::Call);
    answered.outcome.evidence = Some(evidence);
    tell(&mut state, Msg::Answered { entry, answer: answered });
    assert!(state.notice.as_ref().is_some_and(|notice| notice.text.contains("only copy is in memory")));
    state.focus(Pane::Log);
    assert!(rows(&state).iter().any(|row| row.contains("not stored")));
    assert_eq!(press(&mut state, &["ctrl-q"]), [], "it asks");
    assert_eq!(press(&mut state, &["y"]), [Effect::Quit]);
}

#[test]
fn throwing_an_old_exchange_away_spends_nothing_today() {
    let mut state = with_history();
    let old = Summary { id: "old".to_owned(), time: at(-86_400_000), ..past(0, "a lighthouse") };
    tell(&mut state, Msg::News { changed: vec![old], gone: vec![] });
    tell(&mut state, Msg::Trashed("old".to_owned()));
    tell(&mut state, Msg::Trashed("id-30".to_owned()));
    // 0.15 were spent today, of which 0.05 lie in the trash now; the next picture costs 0.067.
    for (caps, asks) in [
        (Caps { session: 0.07, day: 0.0 }, false),
        (Caps { session: 0.0, day: 0.22 }, false),
        (Caps { session: 0.0, day: 0.20 }, true),
    ] {
        let mut state = state.clone();
        state.setup = Arc::new(Setup { caps, ..(*state.setup).clone() });
        state.focus(Pane::Prompt);
        assert_eq!(press(&mut state, &["ctrl-s"]).is_empty(), asks, "{caps:?}");
    }
}
