//! The parts pane and the pictures: which part and which picture is selected.

use super::message::Effect;
use super::state::{Shown, State};
use super::update::distance;
use crate::keymap::Action;
use crate::layout::Pane;

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
        }
    }

    /// The next or previous picture that has bytes.
    pub fn select_picture(&mut self, forward: bool) {
        let pictures = &self.reading.reply.pictures;
        let with_bytes: Vec<usize> = (0..pictures.len()).filter(|&n| pictures[n].data.is_some()).collect();
        let Some(at) = with_bytes.iter().position(|&n| n == self.picture) else { return };
        let step = if forward { 1 } else { with_bytes.len() - 1 };
        self.picture = with_bytes[(at + step) % with_bytes.len()];
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
    let Some(shown) = &mut state.shown else { return vec![] };
    match action {
        Action::Left | Action::Up => shown.select_picture(false),
        Action::Right | Action::Down => shown.select_picture(true),
        Action::Open => state.choice.zoomed = !state.choice.zoomed,
        _ => {}
    }
    vec![]
}
