//! The help box, from the live key map.

use super::paint::Piece;
use crate::app::State;
use crate::keymap::{ACTIONS, Scope};
use crate::text::{self, Safe};
use crate::theme::Styles;

/// Every action with its keys, in groups.
pub fn lines(state: &State, styles: &Styles) -> Vec<Vec<Piece>> {
    let mut lines = Vec::new();
    for (scope, title) in
        [(Scope::Global, "everywhere"), (Scope::Prompt, "in the prompt"), (Scope::Pane, "in the other panes")]
    {
        lines.push(vec![(Safe::from(title), styles.strong)]);
        for (action, _, _, _, help) in ACTIONS.iter().filter(|(_, _, s, ..)| *s == scope) {
            let keys = Safe::of(&state.setup.keymap.keys_of(*action));
            lines.push(vec![
                (text::pad(&keys, 18), styles.info),
                (" ".into(), styles.text),
                (Safe::from(*help), styles.text),
            ]);
        }
        lines.push(vec![]);
    }
    let enter = if state.setup.send_on_enter {
        "Enter sends, Ctrl+J makes a new line"
    } else {
        "Enter makes a new line; send_on_enter = true swaps"
    };
    lines.push(vec![(Safe::from(enter), styles.dim)]);
    lines
}
