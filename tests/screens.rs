//! What is drawn: every pane in its place at every size, and never a character that a terminal would act on.

use super::stage::{self, PICTURE, REFUSED, answer, at, draw, key, press, prompted, rows};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use std::collections::BTreeSet;
use unpeel::app::{Msg, State, update};
use unpeel::config::DEFAULT_MODEL;
use unpeel::keymap::ACTIONS;
use unpeel::layout::{Area, Layout, Pane};
use unpeel::route::{Evidence, Finding, Kind, RouteId, Source};

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (40, 12)];
const PANE_KEYS: [(Pane, &str); 6] = [
    (Pane::Log, "ctrl-l"),
    (Pane::Routes, "ctrl-o"),
    (Pane::Preview, "f2"),
    (Pane::Parts, "f3"),
    (Pane::Raw, "f4"),
    (Pane::Request, "f6"),
];

fn shown(state: &State) -> Vec<(Pane, Area)> {
    match state.layout() {
        Layout::Panes { shown, .. } => shown,
        Layout::TooSmall => vec![],
    }
}

/// Frames stand where the layout says, with their titles, unbroken on the right.
fn assert_frames(state: &State) {
    let buffer = draw(state);
    let symbol = |x: u16, y: u16| buffer[(x, y)].symbol();
    for (pane, area) in shown(state) {
        let title = format!("╭─ {} ", pane.title());
        let top: String = (area.x..area.x + area.width).map(|x| symbol(x, area.y)).collect();
        assert!(top.starts_with(&title), "{pane:?} at {:?}: {top}", state.size);
        let right = area.x + area.width - 1;
        for y in area.y..area.bottom() {
            let wanted = if y == area.y {
                "╮"
            } else if y == area.bottom() - 1 {
                "╯"
            } else {
                "│"
            };
            assert_eq!(symbol(right, y), wanted, "{pane:?} at {:?}, row {y}\n{}", state.size, rows(state).join("\n"));
        }
    }
}

fn with_answer(size: (u16, u16), body: &str) -> State {
    let mut state = prompted(size);
    press(&mut state, &["ctrl-s"]);
    let now = state.now;
    update(&mut state, now, Msg::Answered { entry: 1, answer: answer(body, 200, None) });
    state
}

#[test]
fn every_pane_stands_where_it_should() {
    for size in SIZES {
        let mut state = with_answer(size, PICTURE);
        for (pane, name) in PANE_KEYS {
            press(&mut state, &[name]);
            assert!(shown(&state).iter().any(|(there, _)| *there == pane), "{pane:?} at {size:?}");
            assert!(shown(&state).iter().any(|(there, _)| *there == Pane::Prompt));
            assert_frames(&state);
            press(&mut state, &["f8"]);
            assert_eq!(shown(&state).iter().map(|(there, _)| *there).collect::<Vec<_>>(), [pane]);
            assert_frames(&state);
            press(&mut state, &["f8"]);
        }
    }
    assert_eq!(shown(&with_answer(SIZES[0], PICTURE)).len(), 6, "a large screen shows everything at once");
    let tabs = rows(&with_answer(SIZES[1], PICTURE));
    for (pane, _) in PANE_KEYS {
        assert!(tabs.iter().any(|row| row.contains(&format!(" {} ", pane.title()))), "{pane:?} has no tab");
    }
}

#[test]
fn below_the_smallest_size_there_is_one_sentence() {
    for size in [(20, 5), (39, 40), (200, 11)] {
        let text = rows(&with_answer(size, PICTURE)).join(" ");
        let words: Vec<&str> = text.split_whitespace().collect();
        let sentence = format!("unpeel needs 40×12 cells, this terminal has {}×{}", size.0, size.1);
        assert_eq!(words.join(" "), sentence);
    }
}

#[test]
fn the_help_names_every_key_of_every_action() {
    for size in SIZES {
        let mut state = prompted(size);
        press(&mut state, &["f1"]);
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for _ in 0..80 {
            seen.extend(rows(&state));
            press(&mut state, &["down"]);
        }
        for (action, name, _, _, help) in ACTIONS {
            let keys = state.setup.keymap.keys_of(*action);
            let head: String = help.chars().take(15).collect();
            let found = seen.iter().any(|row| row.contains(&format!("{keys:<18} {head}")));
            assert!(found && !keys.is_empty(), "{name} ({keys}) at {size:?}");
        }
    }
}

#[test]
fn a_refusal_is_explained_on_one_screen() {
    for keys in [&["ctrl-l", "w"][..], &["f2", "f8"]] {
        let mut state = with_answer((80, 24), REFUSED);
        press(&mut state, keys);
        let text = rows(&state).join("\n");
        for words in [
            "blocked",
            "finishReason   IMAGE_SAFETY",
            "finishMessage  Unable to show the generated image.",
            "charged        unlikely",
            "try            Reword the prompt",
        ] {
            assert!(text.contains(words), "{words:?} is missing after {keys:?} in\n{text}");
        }
    }
}

#[test]
fn wide_characters_keep_their_columns() {
    let body = PICTURE.replace("Here.", "红狐在雪中 🦊 красная лиса");
    for size in SIZES {
        let mut state = stage::state(size, stage::profile("http://127.0.0.1:9"), false);
        update(&mut state, at(1), Msg::Pasted("红狐在雪中 🦊 ".repeat(30)));
        assert!(rows(&state).iter().any(|row| row.contains("红狐在雪中 🦊")));
        press(&mut state, &["ctrl-s"]);
        let now = state.now;
        update(&mut state, now, Msg::Answered { entry: 1, answer: answer(&body, 200, None) });
        for (_, name) in PANE_KEYS {
            press(&mut state, &[name]);
            assert_frames(&state);
        }
    }
}

/// Characters that change where or how a terminal draws.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn harmful(buffer: &Buffer) -> Option<String> {
    buffer.content().iter().map(|cell| cell.symbol()).find(|symbol| symbol.chars().any(acts)).map(|s| format!("{s:?}"))
}

/// Replies with everything that a hostile server would put into one.
fn bodies() -> Vec<String> {
    let nasty = r#"{"candidates":[{"content":{"parts":[{"text":"\u001b[2J\u202e\u0007 a\r\nb\t红狐"},{"\u009b":1}]},"finishReason":"\u001b]0;x\u0007","finishMessage":"\u2066\u0000"}],"modelVersion":"\u001b[31m"}"#;
    let raw = "\u{1b}]52;c;eHg=\u{7}\u{202e}{}\u{9b}2J\r\n\u{2067}";
    let error = r#"{"error":{"code":"\u001b[1m","message":"no \u202equota","type":"new_api_error"}}"#;
    let stream = format!("data: {PICTURE}\n\ndata: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"\u{1b}c");
    [PICTURE, REFUSED, nasty, raw, error, "", stream.as_str()].map(str::to_owned).to_vec()
}

/// An observation of a route whose every text is foreign.
fn observed(texts: Vec<String>) -> Evidence {
    let text = |at: usize| texts.get(at).cloned().unwrap_or_default();
    let route = RouteId { profile: "demo".to_owned(), kind: Kind::Generate, model: DEFAULT_MODEL.to_owned() };
    Evidence {
        class: text(0),
        reason: text(1),
        finding: Finding::Failed,
        model_asked: Some(text(2)),
        model_reported: Some(text(3)),
        request_id: Some(text(4)),
        shape: Some(text(5)),
        ..Evidence::new(text(6), route, at(0), Source::FreeProbe)
    }
}

fn listed(models: Vec<String>) -> Msg {
    Msg::Listed { evidence: Box::new(observed(models.clone())), models }
}

fn probed(texts: Vec<String>) -> Msg {
    Msg::Probed { profile: "demo".to_owned(), evidence: vec![observed(texts)], notes: vec![] }
}

fn text() -> impl Strategy<Value = String> {
    let nasty = [
        '\u{1b}', '\r', '\n', '\t', '\0', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200d}', '\u{301}', '狐', '🦊', 'x', ' ',
    ];
    let character = prop_oneof![any::<char>(), proptest::sample::select(nasty.to_vec())];
    proptest::collection::vec(character, 0..60).prop_map(String::from_iter)
}

fn keys() -> impl Strategy<Value = String> {
    let from_table = ACTIONS.iter().flat_map(|(_, _, _, keys, _)| keys.iter().copied());
    let more = ["enter", "backspace", "delete", "ctrl-w", "x", "y", "é", "ctrl-left", "ctrl-end", "alt-b", "insert"];
    proptest::sample::select(from_table.chain(more).map(str::to_owned).collect::<Vec<_>>())
}

fn message() -> impl Strategy<Value = Msg> {
    let body = || proptest::sample::select(bodies());
    prop_oneof![
        8 => keys().prop_map(|name| Msg::Pressed(key(&name))),
        2 => Just(Msg::Pressed(key("ctrl-s"))),
        2 => text().prop_map(Msg::Pasted),
        1 => text().prop_map(|text| Msg::Typed(text.replace(char::is_control, ""))),
        1 => text().prop_map(Msg::Edited),
        1 => text().prop_map(Msg::Failed),
        1 => proptest::collection::vec(text(), 0..30).prop_map(listed),
        1 => proptest::collection::vec(text(), 0..8).prop_map(probed),
        2 => (1..200_u16, 1..80_u16).prop_map(|(width, height)| Msg::Resized(width, height)),
        3 => (1..4_u64, body()).prop_map(|(entry, body)| Msg::Answered { entry, answer: answer(&body, 200, None) }),
        1 => (1..4_u64, body()).prop_map(|(entry, body)| Msg::Loaded { entry, reading: answer(&body, 200, None).reading }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_session_panics_or_draws_what_a_terminal_acts_on(
        size in (1..=200_u16, 1..=80_u16),
        messages in proptest::collection::vec((0..900_i64, message()), 0..60),
    ) {
        let mut state = stage::state(size, stage::profile("http://127.0.0.1:9"), size.0 % 2 == 0);
        for (wait, msg) in messages {
            let now = at(state.now.as_millisecond() + wait);
            update(&mut state, now, msg);
            prop_assert_eq!(harmful(&draw(&state)), None);
        }
    }
}
