//! The last line (where calls go, the newest notice, keys), and the tabs of small screens.

use super::paint::{Canvas, Piece};
use crate::app::State;
use crate::keymap::Action;
use crate::layout::{Area, Pane};
use crate::text::{self, Safe};

pub fn draw(state: &State, canvas: &mut Canvas, area: Area) {
    let styles = canvas.styles;
    let left = state.setup.banner.clone().unwrap_or_else(|| {
        let base = state.profile().map(|p| p.base.clone()).unwrap_or_default();
        format!("{} {base}", state.params.profile)
    });
    let keys = hints(state);
    let right = text::clip(&keys, usize::from(area.width) / 2);
    let room = usize::from(area.width).saturating_sub(right.width() + 1);
    let mut pieces: Vec<Piece> = vec![(text::clip(&Safe::of(&left), 34), styles.status), ("  ".into(), styles.status)];
    if let Some(notice) = &state.notice {
        pieces.push((Safe::head(&notice.text, 300), if notice.bad { styles.bad } else { styles.info }));
    }
    let wanted: usize = pieces.iter().map(|(text, _)| text.width()).sum();
    // A notice is worth more than the hints.
    let room = if state.notice.is_some() && wanted > room { usize::from(area.width) } else { room };
    canvas.line(area.x, area.y, room as u16, &pieces);
    if room < usize::from(area.width) {
        let at = area.width - right.width() as u16;
        canvas.line(at, area.y, right.width() as u16, &[(right, styles.status)]);
    }
}

fn hints(state: &State) -> Safe {
    let keys = &state.setup.keymap;
    let flying = state.log.in_flight().count();
    let mut words = Vec::new();
    words.extend((flying > 0).then(|| format!("{flying} in flight · {} cancel", keys.hint(Action::Cancel))));
    words.push(format!("{} send", keys.hint(Action::Send)));
    words.push(format!("{} help", keys.hint(Action::Help)));
    words.push(format!("{} quit", keys.hint(Action::Quit)));
    Safe::of(&words.join(" · "))
}

/// Names and keys of the panes that share the place below the prompt.
pub fn tabs(state: &State, canvas: &mut Canvas, area: Area) {
    let panes = [
        (Pane::Preview, Action::Preview),
        (Pane::Parts, Action::Parts),
        (Pane::Raw, Action::Raw),
        (Pane::Request, Action::Request),
        (Pane::Log, Action::Log),
        (Pane::Routes, Action::Routes),
    ];
    let mut pieces: Vec<Piece> = Vec::new();
    for (pane, action) in panes {
        let style = if state.choice.tab == pane { canvas.styles.title_focus } else { canvas.styles.dim };
        pieces.push((Safe::of(&format!(" {} ", short(&state.setup.keymap.hint(action)))), canvas.styles.dim));
        pieces.push((Safe::from(pane.title()), style));
        pieces.push((" ".into(), canvas.styles.dim));
    }
    canvas.line(area.x, area.y, area.width, &pieces);
}

/// `^L` for `Ctrl+L`: the tabs have to fit into 80 columns.
fn short(key: &str) -> String {
    key.strip_prefix("Ctrl+").map_or_else(|| key.to_owned(), |letter| format!("^{letter}"))
}
