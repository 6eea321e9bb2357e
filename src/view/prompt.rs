//! The prompt pane: the editor, and the parameters of the next call on its frame.

use super::paint::Canvas;
use crate::app::State;
use crate::keymap::Action;
use crate::layout::{Area, Pane};
use crate::text::Safe;
use crate::wire::brief::{self, brief};
use tui_textarea::ScreenCursor;

/// Draws it and says where the terminal's cursor belongs.
pub fn draw(state: &State, canvas: &mut Canvas, area: Area) -> Option<(u16, u16)> {
    let focused = state.choice.focus == Pane::Prompt && state.overlay.is_none();
    let params = &state.params;
    let values = [&params.model, &params.aspect, &params.size, &params.thinking];
    let mut words: Vec<String> = values.into_iter().filter(|v| !v.is_empty()).map(|v| brief(v, brief::NAME)).collect();
    words.extend((params.modalities != ["IMAGE"]).then(|| brief(&params.modalities.join("+"), brief::NAME)));
    words.extend((!params.seed.is_empty()).then(|| format!("seed {}", brief(&params.seed, brief::NAME))));
    words.extend((!params.images.is_empty()).then(|| "references".to_owned()));
    words.extend((params.call == crate::wire::request::Call::Stream).then(|| "stream".to_owned()));
    let key = state.setup.keymap.hint(Action::Parameters);
    let footer = [
        (" ".into(), canvas.styles.dim),
        (Safe::of(&words.join(" · ")), canvas.styles.info),
        (Safe::of(&format!("  {key} ")), canvas.styles.dim),
    ];
    canvas.pane(area, Pane::Prompt.title(), &Safe::head(&params.profile, brief::NAME), &footer, focused);
    let inside = area.inside();
    if state.prompt.area.is_empty() {
        let send = state.setup.keymap.hint(Action::Send);
        let hint = Safe::of(&format!("describe a picture, {send} sends it"));
        canvas.line(inside.x, inside.y, inside.width, &[(hint, canvas.styles.dim)]);
    } else {
        canvas.editor(inside, &state.prompt.area);
    }
    focused.then(|| cursor(state, inside))
}

fn cursor(state: &State, inside: Area) -> (u16, u16) {
    let ScreenCursor { row, col, .. } = state.prompt.area.screen_cursor();
    let (top, left) = if state.prompt.area.is_empty() { (0, 0) } else { state.prompt.area.scroll_offset() };
    let x = (col as u16).saturating_sub(left).min(inside.width.saturating_sub(1));
    let y = (row as u16).saturating_sub(top).min(inside.height.saturating_sub(1));
    (inside.x + x, inside.y + y)
}
