//! The request pane: what was sent for the selected call, or what the next send would send.

use super::paint::{Canvas, Piece};
use crate::app::State;
use crate::call::Ask;
use crate::config::Auth;
use crate::layout::{Area, Pane};
use crate::text::{self, Safe};
use crate::theme::Styles;

pub fn draw(state: &State, canvas: &mut Canvas, area: Area) {
    let focused = state.choice.focus == Pane::Request;
    let (note, ask) = match state.log.current() {
        Some(entry) if entry.ask.is_unknown() => {
            ("", Err("not known: a saved reply does not hold its request".to_owned()))
        }
        Some(entry) => ("as sent", Ok(entry.ask.clone())),
        None => ("as it would be sent", state.params.ask(state.prompt.text(), &state.setup)),
    };
    canvas.pane(area, Pane::Request.title(), &Safe::from(note), &[], focused);
    let inside = area.inside();
    let lines = match ask {
        Ok(ask) => lines(&ask, state, canvas.styles, usize::from(inside.width)),
        Err(why) => vec![vec![(Safe::of(&why), canvas.styles.bad)]],
    };
    let most = lines.len().saturating_sub(1);
    canvas.lines(inside, &lines[state.log.request_scroll.min(most)..]);
}

fn lines(ask: &Ask, state: &State, styles: &Styles, width: usize) -> Vec<Vec<Piece>> {
    let url = ask.url(&state.setup.catalog).map_or_else(|error| error.to_string(), |url| url.to_string());
    let auth = match ask.profile.auth {
        Auth::Header => "x-goog-api-key: ⟨key⟩",
        Auth::Bearer => "authorization: Bearer ⟨key⟩",
        Auth::Query => "the key as ?key= in the URL",
    };
    let url = text::wrap(&Safe::of(&format!("POST {url}")), width);
    let mut lines: Vec<Vec<Piece>> = url.into_iter().map(|row| vec![(row, styles.strong)]).collect();
    lines.push(vec![(Safe::from(auth), styles.dim)]);
    let json =
        ask.request.to_json(&[]).ok().and_then(|body| serde_json::to_string_pretty(&body).ok()).unwrap_or_default();
    // Long prompts stand whole in the prompt; here their beginning will do.
    lines.extend(json.lines().map(|line| vec![(Safe::head(line, 2000), styles.string)]));
    let reference = |path: &std::path::PathBuf| Safe::of(&format!("with {} as inlineData", path.display()));
    lines.extend(ask.references.iter().map(|path| vec![(text::clip(&reference(path), 400), styles.info)]));
    lines
}
