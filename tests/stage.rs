//! The app's parts in this process: a state to play with, answers made of bodies, and the screen as text.

use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use unpeel::app::spend::Caps;
use unpeel::app::{Effect, Msg, Setup, State, update};
use unpeel::call::{Answer, Outcome, Reading, Times};
use unpeel::catalog::Catalog;
use unpeel::config::{Auth, DEFAULT_MODEL, Mode, Profile};
use unpeel::keymap::{KeyPress, Keymap};
use unpeel::route::Rules;
use unpeel::route::claims::Claims;
use unpeel::theme::{self, Depth};
use unpeel::view::view;
use unpeel::wire::verdict::{self, Ending};

pub const PICTURE: &str = r#"{"candidates":[{"content":{"parts":[{"text":"Here."},{"inlineData":{"mimeType":"image/gif","data":"R0lGODlhAQABAAAAACw="}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":1120,"totalTokenCount":1125}}"#;
pub const REFUSED: &str = r#"{"candidates":[{"content":{},"finishReason":"IMAGE_SAFETY","finishMessage":"Unable to show the generated image. It may go against our safety policies. You will not be charged for this request. Try rephrasing the prompt."}],"usageMetadata":{"promptTokenCount":5,"totalTokenCount":5},"modelVersion":"gemini-3.1-flash-image-preview"}"#;

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).expect("in range")
}

pub fn key(text: &str) -> KeyPress {
    KeyPress::parse(text).expect("a key")
}

pub fn profile(base: &str) -> Profile {
    Profile {
        name: "demo".to_owned(),
        base: base.to_owned(),
        auth: Auth::Header,
        api_key_env: None,
        api_key_command: None,
        api_key_file: None,
        model: DEFAULT_MODEL.to_owned(),
        mode: Mode::Unary,
        environment: "demo".to_owned(),
        plain_http: false,
        access_token_env: None,
        access_user: None,
    }
}

/// A state as the app starts with it, at second 0.
pub fn state(size: (u16, u16), profile: Profile, send_on_enter: bool) -> State {
    let setup = Setup {
        keymap: Keymap::build(&BTreeMap::new()).expect("the defaults are fine"),
        catalog: Arc::new(Catalog::builtin()),
        profiles: vec![profile],
        send_on_enter,
        banner: None,
        keyed: BTreeSet::from(["demo".to_owned()]),
        rules: Rules::default(),
        claims: Arc::new(Claims::builtin()),
        caps: Caps::default(),
        utc_offset: 0,
    };
    let mut state = State::new(setup, at(0), size, "demo", "ember");
    unpeel::app::routes::expect_all(&mut state);
    state
}

/// A state with a prompt in it.
pub fn prompted(size: (u16, u16)) -> State {
    let mut state = state(size, profile("http://127.0.0.1:9"), false);
    update(&mut state, at(1), Msg::Pasted("a red fox".to_owned()));
    state
}

/// Presses keys, two seconds apart so that none is a repetition, and gives what they ask for.
pub fn press(state: &mut State, keys: &[&str]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for text in keys {
        let now = at(state.now.as_millisecond() + 2000);
        effects.extend(update(state, now, Msg::Pressed(key(text))));
    }
    effects
}

/// What a complete reply of that status becomes.
pub fn answer(body: &str, status: u16, folder: Option<PathBuf>) -> Box<Answer> {
    let reading = Reading::of(body.as_bytes().to_vec());
    let verdict = verdict::judge(&reading.reply, reading.body.bytes(), Some(status), &Ending::Complete);
    let outcome = Outcome {
        id: None,
        folder,
        verdict,
        status: Some(status),
        headers: vec![],
        times: Times { done: Some(1200.0), ..Times::default() },
        up: 90,
        down: body.len() as u64,
        model_asked: DEFAULT_MODEL.to_owned(),
        model_sent: DEFAULT_MODEL.to_owned(),
        model_reported: None,
        request_id: Some("r-1".to_owned()),
        tokens: reading.reply.tokens("totalTokenCount"),
        pixels: reading.reply.final_picture().and_then(|picture| picture.data.as_ref()?.size),
        cost_usd: None,
        booked_usd: None,
        saved: vec![],
        notes: vec![],
        evidence: None,
    };
    Box::new(Answer { outcome, reading: Arc::new(reading) })
}

/// Draws the state without colours.
pub fn draw(state: &State) -> Buffer {
    let styles = theme::styles(&state.theme, Depth::None).expect("a theme");
    let (width, height) = state.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("memory");
    terminal
        .draw(|frame| {
            view(state, &styles, frame);
        })
        .expect("memory");
    terminal.backend().buffer().clone()
}

/// The rows of the screen; a wide character stands once.
pub fn rows(state: &State) -> Vec<String> {
    let buffer = draw(state);
    let row = |y: u16| {
        let (mut text, mut x) = (String::new(), 0);
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            text.push_str(symbol);
            x += unpeel::text::width(symbol).max(1) as u16;
        }
        text
    };
    (0..buffer.area.height).map(row).collect()
}
