//! The routes pane: one row a route, with what real calls proved and when.

use super::paint::{Canvas, Piece};
use crate::app::State;
use crate::layout::{Area, Pane};
use crate::route::{self, Route, Standing};
use crate::text::{self, Safe};
use crate::theme::Styles;

pub fn draw(state: &State, canvas: &mut Canvas, area: Area) {
    canvas.pane(
        area,
        Pane::Routes.title(),
        &Safe::from("proven by real calls"),
        &[],
        state.choice.focus == Pane::Routes,
    );
    let inside = area.inside();
    let lines: Vec<Vec<Piece>> = state.routes.rows().iter().map(|route| line(route, state, canvas.styles)).collect();
    canvas.lines(inside, &lines);
}

fn line(route: &Route, state: &State, styles: &Styles) -> Vec<Piece> {
    let style = match route.standing {
        Standing::Unknown => styles.dim,
        Standing::Proven => styles.good,
        Standing::Degraded => styles.warn,
        Standing::Failing => styles.bad,
    };
    let age = route.decided_by.as_ref().map_or_else(String::new, |by| route::age(by.at, state.now));
    let mut facts = vec![route.id.model.clone()];
    if route.id.kind != crate::wire::request::Call::Generate.as_str() {
        facts.push("stream".to_owned());
    }
    if let Some(last) = &route.last {
        facts.extend(last.status.map(|status| status.to_string()));
        facts.push(last.word.as_str().to_owned());
        facts.extend(last.first_byte_ms.map(|ms| text::seconds(ms / 1000.0)));
        facts.push(format!("n={}", route.count));
        facts.extend(last.request_id.clone());
    }
    vec![
        (text::pad(&Safe::from(route.standing.word()), 8), style),
        (text::pad(&Safe::of(&age), 7), styles.dim),
        (text::pad(&Safe::of(&route.id.profile), 11), styles.strong),
        (Safe::of(&facts.join(" · ")), styles.text),
    ]
}
