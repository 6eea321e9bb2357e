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
    let width = usize::from(area.width);
    let banner = text::clip(&Safe::head(&left, 300), width / 2);
    let notice = state.notice.as_ref().map(|notice| (Safe::head(&notice.text, 300), notice.bad));
    let look = |bad| if bad { styles.bad } else { styles.info };
    let wanted = notice.as_ref().map_or(0, |(text, _)| text.width() + 2);
    // A notice is worth more than where calls go, and that more than the hints.
    let pieces: Vec<Piece> = match notice {
        Some((text, bad)) if banner.width() + wanted > width => vec![(text, look(bad))],
        Some((text, bad)) => vec![(banner, styles.status), ("  ".into(), styles.status), (text, look(bad))],
        None => vec![(banner, styles.status)],
    };
    let used = canvas.line(area.x, area.y, area.width, &pieces);
    let right = hints(state);
    let room = width.saturating_sub(usize::from(used) + 2);
    if room >= right.width() || wanted == 0 {
        let right = text::clip(&right, room);
        canvas.line(area.width - right.width() as u16, area.y, right.width() as u16, &[(right, styles.status)]);
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
