//! The log pane: two lines a call (three where it is narrow), newest first; phase with seconds and bytes, verdict word, model, size, tokens, cost.

use super::paint::{Canvas, Piece};
use crate::app::State;
use crate::app::log::{Entry, Life};
use crate::layout::{Area, Pane};
use crate::text::{self, Safe};
use crate::theme::Styles;
use crate::wire::verdict::Word;
use jiff::Timestamp;
use ratatui::style::Style;

/// From this width on a call's facts and its prompt fit into one line.
const WIDE: u16 = 70;

pub fn draw(state: &State, canvas: &mut Canvas, area: Area) {
    let focused = state.choice.focus == Pane::Log;
    let (cost, unpriced) = state.log.cost();
    let unknown = if unpriced > 0 { format!(" + {unpriced} without a price") } else { String::new() };
    let cost = cost.map_or_else(|| "—".to_owned(), |usd| format!("${usd:.3}"));
    let note = if state.log.entries.is_empty() {
        String::new()
    } else {
        format!("{} · {cost}{unknown}", text::count(state.log.entries.len(), "call"))
    };
    canvas.pane(area, Pane::Log.title(), &Safe::of(&note), &[], focused);
    let inside = area.inside();
    let lines = if inside.width < WIDE { 3 } else { 2 };
    let fitting = (usize::from(inside.height) / lines).max(1);
    let position = state.log.position();
    let first = (position + 1).saturating_sub(fitting);
    for (row, entry) in state.log.newest_first().skip(first).take(fitting).enumerate() {
        let chosen = Some(entry.number) == state.log.selected;
        let y = inside.y + (row * lines) as u16;
        if chosen && focused {
            canvas.fill(Area::new(inside.x, y, inside.width, lines as u16), canvas.styles.selection);
        }
        for (line, mut pieces) in call(entry, state, canvas.styles, lines).into_iter().enumerate() {
            if chosen && focused {
                pieces.iter_mut().for_each(|(_, style)| *style = canvas.styles.selection);
            }
            let mark = (Safe::from(if chosen && line == 0 { "▎" } else { " " }), canvas.styles.border_focus);
            pieces.insert(0, mark);
            if line < usize::from(inside.bottom().saturating_sub(y)) {
                canvas.line(inside.x, y + line as u16, inside.width, &pieces);
            }
        }
    }
}

fn headline(entry: &Entry, state: &State, styles: &Styles) -> Vec<Piece> {
    let mut pieces =
        vec![(Safe::of(&time_of_day(entry.begun, state.setup.utc_offset)), styles.dim), (" ".into(), styles.dim)];
    match &entry.life {
        Life::InFlight { stage, up, down, cancelling, .. } => {
            let running = text::clock(state.now.as_millisecond() - entry.begun.as_millisecond());
            let moved = if *down > 0 { text::bytes(*down) } else { format!("{} up", text::bytes(*up)) };
            let word = if *cancelling { "cancel?" } else { stage.word() };
            pieces.push((Safe::from(word), styles.info));
            pieces.push((Safe::of(&format!(" {running} · {moved}")), styles.dim));
        }
        Life::Over(over) => {
            let outcome = &over.outcome;
            pieces.push((Safe::from(outcome.verdict.word.as_str()), word_style(outcome.verdict.word, styles)));
            let mut facts = Vec::new();
            facts.extend(outcome.pixels.map(|(w, h)| format!("{w}×{h}")));
            facts.extend(outcome.times.done.map(|ms| text::seconds(ms / 1000.0)));
            facts.extend((outcome.down > 0).then(|| text::bytes(outcome.down)));
            facts.extend(outcome.status.filter(|s| *s != 200).map(|s| format!("HTTP {s}")));
            pieces.extend(facts.into_iter().map(|fact| (Safe::of(&format!(" · {fact}")), styles.text)));
        }
    }
    pieces
}

/// The lines of one call.
fn call(entry: &Entry, state: &State, styles: &Styles, lines: usize) -> Vec<Vec<Piece>> {
    let prompt = (Safe::head(&entry.ask.request.prompt, 200), styles.text);
    let mut facts = facts(entry, styles);
    match lines {
        2 => {
            facts.extend([("  ".into(), styles.dim), prompt]);
            vec![headline(entry, state, styles), facts]
        }
        _ => vec![headline(entry, state, styles), facts, vec![(" ".into(), styles.dim), prompt]],
    }
}

fn facts(entry: &Entry, styles: &Styles) -> Vec<Piece> {
    let mut facts = Vec::new();
    if let Some(outcome) = entry.outcome() {
        facts.push(outcome.cost_usd.map_or_else(|| "—".to_owned(), |usd| format!("${usd:.3}")));
        facts.push(outcome.tokens.map_or_else(|| "— tok".to_owned(), |tokens| format!("{tokens} tok")));
    }
    facts.push(entry.ask.model.clone());
    vec![(" ".into(), styles.dim), (Safe::of(&facts.join(" · ")), styles.dim)]
}

/// How a verdict word looks.
pub fn word_style(word: Word, styles: &Styles) -> Style {
    match word {
        Word::Image => styles.good,
        Word::ImageLink
        | Word::Text
        | Word::Blocked
        | Word::NoImage
        | Word::Empty
        | Word::MaxTokens
        | Word::WrongShape
        | Word::Cancelled
        | Word::Interrupted => styles.warn,
        Word::GatewayError | Word::UpstreamError | Word::NotJson | Word::Network | Word::Cut | Word::Timeout => {
            styles.bad
        }
    }
}

/// `17:05:12` at an offset from UTC in seconds.
pub fn time_of_day(at: Timestamp, offset: i32) -> String {
    let seconds = (at.as_second() + i64::from(offset)).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
