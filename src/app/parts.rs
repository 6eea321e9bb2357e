//! The parts pane and the pictures: which part and which picture is selected.

use super::message::Effect;
use super::state::{Look, Shown, State};
use super::update::distance;
use crate::config::Protocol;
use crate::keymap::Action;
use crate::layout::Pane;
use std::sync::Arc;

impl Shown {
    pub fn select_part(&mut self, by: isize) {
        let last = self.reading.reply.parts.len().saturating_sub(1) as isize;
        let part = (self.part as isize).saturating_add(by).clamp(0, last) as usize;
        if part != self.part {
            self.part = part;
            self.part_scroll = 0;
            self.show_picture_of(part);
        }
    }

    /// A part with a picture brings it into the preview.
    fn show_picture_of(&mut self, part: usize) {
        if let Some(number) = self.reading.reply.pictures.iter().position(|p| p.part == part && p.data.is_some()) {
            self.picture = number;
            self.look = Look::Fit;
        }
    }

    /// The next or previous picture that has bytes.
    pub fn select_picture(&mut self, forward: bool) {
        let pictures = &self.reading.reply.pictures;
        let with_bytes: Vec<usize> = (0..pictures.len()).filter(|&n| pictures[n].data.is_some()).collect();
        let Some(at) = with_bytes.iter().position(|&n| n == self.picture) else { return };
        let step = if forward { 1 } else { with_bytes.len() - 1 };
        self.picture = with_bytes[(at + step) % with_bytes.len()];
        self.look = Look::Fit;
        self.part = pictures[self.picture].part;
        self.part_scroll = 0;
    }

    pub fn scroll_detail(&mut self, by: isize) {
        self.part_scroll = self.part_scroll.saturating_add_signed(by);
    }
}

/// A key in the parts pane.
pub fn press(state: &mut State, action: Action) -> Vec<Effect> {
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

/// A key in the preview.
pub fn press_in_preview(state: &mut State, action: Action) -> Vec<Effect> {
    let by = match action {
        Action::PageUp => -1,
        Action::PageDown => 1,
        _ => 0,
    };
    if by != 0 {
        state.log.select_by(by);
        return super::log::show_selected(state);
    }
    let window = window(state);
    let Some(shown) = &mut state.shown else { return vec![] };
    match (action, shown.look) {
        (Action::Actual, Look::Fit) => shown.look = Look::middle(shown.pixels(), window),
        (Action::Actual, Look::Actual { .. }) => shown.look = Look::Fit,
        (Action::Compare, _) => return beside(state),
        (Action::Protocol, _) => return next_protocol(state),
        (_, Look::Actual { .. }) if shown.pan(action, window) => {}
        _ => return whole(state, action),
    }
    vec![]
}

/// What was asked for is kept for the session only; `unpeel doctor` says what suits this terminal.
fn next_protocol(state: &mut State) -> Vec<Effect> {
    let offered = &state.drawing.offered;
    let at = offered.iter().position(|protocol| *protocol == state.protocol).map_or(0, |at| at + 1);
    state.protocol = offered.get(at).or(offered.first()).copied().unwrap_or(Protocol::Auto);
    state.say(format!("pictures: {}", state.protocol.word()));
    vec![Effect::Draw(state.protocol)]
}

/// Pixels that the preview has room for.
fn window(state: &State) -> (u32, u32) {
    let inside = state.layout().area(Pane::Preview).map(|area| area.inside()).unwrap_or_default();
    let (width, height) = state.drawing.cell;
    (u32::from(inside.width) * u32::from(width), u32::from(inside.height) * u32::from(height))
}

/// The first press holds a picture, the second on another one shows both.
fn beside(state: &mut State) -> Vec<Effect> {
    let Some(shown) = &state.shown else { return vec![] };
    let this = (shown.entry, Arc::clone(&shown.reading), shown.picture);
    if state.beside.take().is_none() {
        let key = state.setup.keymap.hint(Action::Compare);
        state.say(format!("held: other pictures are shown beside this one; {key} lets it go"));
        state.beside = Some(this);
    }
    vec![]
}

impl Look {
    /// The window in the middle of the picture.
    fn middle(picture: (u32, u32), window: (u32, u32)) -> Look {
        Look::Actual { x: picture.0.saturating_sub(window.0) / 2, y: picture.1.saturating_sub(window.1) / 2 }
    }
}

impl Shown {
    /// Pixels of the picture.
    fn pixels(&self) -> (u32, u32) {
        let data = self.reading.reply.pictures.get(self.picture).and_then(|picture| picture.data.as_ref());
        data.and_then(|data| data.size).unwrap_or_default()
    }

    /// Moves the window by a quarter of itself; false when the key is no movement.
    fn pan(&mut self, action: Action, window: (u32, u32)) -> bool {
        let Look::Actual { x, y } = self.look else { return false };
        let step = (i64::from(window.0 / 4).max(1), i64::from(window.1 / 4).max(1));
        let (right, down) = match action {
            Action::Left => (-step.0, 0),
            Action::Right => (step.0, 0),
            Action::Up => (0, -step.1),
            Action::Down => (0, step.1),
            Action::Top => (i64::MIN / 2, i64::MIN / 2),
            Action::Bottom => (i64::MAX / 2, i64::MAX / 2),
            _ => return false,
        };
        let picture = self.pixels();
        let moved = |at: u32, by: i64, picture: u32, window: u32| {
            let most = i64::from(picture.saturating_sub(window));
            u32::try_from((i64::from(at) + by).clamp(0, most)).unwrap_or(at)
        };
        self.look = Look::Actual { x: moved(x, right, picture.0, window.0), y: moved(y, down, picture.1, window.1) };
        true
    }
}

/// A key while whole pictures are looked at.
fn whole(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(shown) = &mut state.shown else { return vec![] };
    match action {
        Action::Left | Action::Up => shown.select_picture(false),
        Action::Right | Action::Down => shown.select_picture(true),
        Action::Open => state.choice.zoomed = !state.choice.zoomed,
        _ => {}
    }
    vec![]
}
