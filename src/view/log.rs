//! The log pane: two lines a call (three where it is narrow), newest first; phase or verdict, facts, prompt, marks.

use super::paint::{Canvas, Piece};
use crate::app::State;
use crate::app::history;
use crate::app::log::{Entry, Life, Row};
use crate::app::spend::midnight_before;
use crate::history::{Marks, Summary};
use crate::keymap::Action;
use crate::layout::{Area, Pane};
use crate::text::{self, Safe};
use crate::theme::Styles;
use crate::wire::brief::{self, brief};
use crate::wire::verdict::Word;
use jiff::Timestamp;
use ratatui::style::Style;

/// From this width on a call's facts and its prompt fit into one line.
const WIDE: u16 = 70;
/// Characters of the user's own words on a call.
const WORDS: usize = 60;

/// Draws it; the cursor belongs to the search text while that is typed.
pub fn draw(state: &State, canvas: &mut Canvas, area: Area) -> Option<(u16, u16)> {
    let focused = state.choice.focus == Pane::Log;
    canvas.pane(area, Pane::Log.title(), &note(state), &[], focused);
    let inside = area.inside();
    let searching = state.log.search.is_on();
    let cursor = if searching { search(state, canvas, inside) } else { None };
    let top = u16::from(searching);
    let inside = Area { y: inside.y + top, height: inside.height.saturating_sub(top), ..inside };
    let lines = if inside.width < WIDE { 3 } else { 2 };
    let fitting = (usize::from(inside.height) / lines).max(1);
    let position = state.log.position();
    let first = (position + 1).saturating_sub(fitting);
    for (row, call) in state.log.rows().skip(first).take(fitting).enumerate() {
        let chosen = Some(call.number()) == state.log.selected;
        let y = inside.y + (row * lines) as u16;
        if chosen && focused {
            canvas.fill(Area::new(inside.x, y, inside.width, lines as u16), canvas.styles.selection);
        }
        for (line, mut pieces) in lines_of(call, state, canvas.styles, lines).into_iter().enumerate() {
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
    cursor.filter(|_| focused && state.log.search.typing)
}

/// What this session cost, and how many exchanges there are in all.
fn note(state: &State) -> Safe {
    let mut words = Vec::new();
    if !state.log.entries.is_empty() {
        let (cost, unpriced) = state.log.cost();
        let unknown = if unpriced > 0 { format!(" + {unpriced} without a price") } else { String::new() };
        let cost = cost.map_or_else(|| "—".to_owned(), |usd| format!("${usd:.3}"));
        words.push(text::count(state.log.entries.len(), "call"));
        words.push(format!("{cost}{unknown}"));
    }
    if state.log.len() > state.log.entries.len() {
        words.push(format!("{} in all", state.log.len()));
    }
    Safe::of(&words.join(" · "))
}

/// The line of the search: its text, or why that is none, and how much it finds.
fn search(state: &State, canvas: &mut Canvas, inside: Area) -> Option<(u16, u16)> {
    let search = &state.log.search;
    let found = match &search.fault {
        Some(fault) => (Safe::head_of(format_args!("  {fault}"), 400), canvas.styles.bad),
        None => (Safe::of(&format!("  {} of {}", state.log.shown(), state.log.len())), canvas.styles.dim),
    };
    let typed = [("/".into(), canvas.styles.info), (Safe::of(&search.text), canvas.styles.strong)];
    let used = canvas.line(inside.x, inside.y, inside.width, &typed);
    canvas.line(inside.x + used, inside.y, inside.width - used, &[found]);
    if !search.typing {
        let key = state.setup.keymap.hint(Action::Search);
        let hint = Safe::of(&format!("{key} Esc shows all"));
        let wide = hint.width() as u16;
        if inside.width > used + wide + 24 {
            canvas.line(inside.x + inside.width - wide, inside.y, wide, &[(hint, canvas.styles.dim)]);
        }
    }
    Some((inside.x + used.min(inside.width.saturating_sub(1)), inside.y))
}

fn lines_of(row: Row, state: &State, styles: &Styles, lines: usize) -> Vec<Vec<Piece>> {
    let (mut head, mut facts, prompt, marks) = match row {
        Row::Call(entry) => {
            (headline(entry, state, styles), facts(entry, styles), &entry.ask.request.prompt, &entry.marks)
        }
        Row::Past(past) => {
            let summary = &past.summary;
            (past_headline(summary, state, styles), past_facts(summary, styles), &summary.prompt, &summary.marks)
        }
    };
    // Behind the word, where there is always room for it.
    if let Some(stars) = stars(marks, styles) {
        head.insert(3, stars);
    }
    facts.extend(words_on(marks, styles));
    let prompt = (Safe::head(prompt, 200), styles.text);
    match lines {
        2 => {
            facts.extend([("  ".into(), styles.dim), prompt]);
            vec![head, facts]
        }
        _ => vec![head, facts, vec![(" ".into(), styles.dim), prompt]],
    }
}

fn headline(entry: &Entry, state: &State, styles: &Styles) -> Vec<Piece> {
    let mut pieces = began(entry.begun, state, styles);
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
            let ms = outcome.times.done;
            pieces.extend(results(outcome.pixels, ms, outcome.down, outcome.status, styles));
            if entry.is_unstored() {
                pieces.push((Safe::from(" · not stored"), styles.bad));
            }
        }
    }
    pieces
}

fn past_headline(summary: &Summary, state: &State, styles: &Styles) -> Vec<Piece> {
    let mut pieces = began(summary.time, state, styles);
    match Word::parse(&summary.word) {
        Some(word) => pieces.push((Safe::from(word.as_str()), word_style(word, styles))),
        // In flight in another instance, or a later program's word.
        None => pieces.push((Safe::head(history::word(summary), WORDS), styles.info)),
    }
    pieces.extend(results(summary.pixels, summary.ms, summary.down, summary.status, styles));
    if summary.word.is_empty() {
        pieces.push((Safe::from(" · in another instance"), styles.dim));
    }
    pieces
}

fn results(pixels: Option<(u32, u32)>, ms: Option<f64>, down: u64, status: Option<u16>, styles: &Styles) -> Vec<Piece> {
    let mut facts = Vec::new();
    facts.extend(pixels.map(|(w, h)| format!("{w}×{h}")));
    facts.extend(ms.map(|ms| text::seconds(ms / 1000.0)));
    facts.extend((down > 0).then(|| text::bytes(down)));
    facts.extend(status.filter(|s| *s != 200).map(|s| format!("HTTP {s}")));
    facts.into_iter().map(|fact| (Safe::of(&format!(" · {fact}")), styles.text)).collect()
}

fn facts(entry: &Entry, styles: &Styles) -> Vec<Piece> {
    let outcome = entry.outcome();
    money_and_model(outcome.map(|o| (o.cost_usd, o.tokens)), &entry.ask.model, styles)
}

fn past_facts(summary: &Summary, styles: &Styles) -> Vec<Piece> {
    let over = (!summary.word.is_empty()).then_some((summary.cost_usd, summary.tokens));
    money_and_model(over, &summary.asked, styles)
}

fn money_and_model(over: Option<(Option<f64>, Option<u64>)>, model: &str, styles: &Styles) -> Vec<Piece> {
    let mut facts = Vec::new();
    if let Some((cost, tokens)) = over {
        facts.push(cost.map_or_else(|| "—".to_owned(), |usd| format!("${usd:.3}")));
        facts.push(tokens.map_or_else(|| "— tok".to_owned(), |tokens| format!("{tokens} tok")));
    }
    facts.push(brief(model, brief::NAME));
    vec![(" ".into(), styles.dim), (Safe::of(&facts.join(" · ")), styles.dim)]
}

fn stars(marks: &Marks, styles: &Styles) -> Option<Piece> {
    let star = if marks.star { " ★" } else { "" };
    let rating = if marks.rating > 0 { format!(" {}/5", marks.rating) } else { String::new() };
    (marks.star || marks.rating > 0).then(|| (Safe::of(&format!("{star}{rating}")), styles.warn))
}

/// Tags and the note.
fn words_on(marks: &Marks, styles: &Styles) -> Option<Piece> {
    let note = (!marks.note.is_empty()).then(|| format!("“{}”", brief(&marks.note, WORDS)));
    let tags = marks.tags.iter().take(WORDS).map(|tag| format!("#{}", brief(tag, WORDS)));
    let words: Vec<String> = tags.chain(note).collect();
    (!words.is_empty()).then(|| (Safe::head(&format!("  {}", words.join(" ")), WORDS), styles.warn))
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

/// The time of day; for other days the date, and for other years that one with its year.
fn began(at: Timestamp, state: &State, styles: &Styles) -> Vec<Piece> {
    let offset = state.setup.utc_offset;
    let local = |at: Timestamp| Timestamp::from_second(at.as_second() + i64::from(offset)).unwrap_or(at);
    let year = |at: Timestamp| local(at).strftime("%Y").to_string();
    let midnight = midnight_before(state.now, offset);
    let today = at >= midnight && at.as_second() < midnight.as_second() + 86_400;
    let when = if today {
        time_of_day(at, offset)
    } else if year(at) == year(state.now) {
        local(at).strftime("%b %d %H:%M").to_string()
    } else {
        local(at).strftime("%Y-%m-%d").to_string()
    };
    vec![(Safe::of(&when), styles.dim), (" ".into(), styles.dim)]
}

/// `17:05:12` at an offset from UTC in seconds.
pub fn time_of_day(at: Timestamp, offset: i32) -> String {
    let seconds = (at.as_second() + i64::from(offset)).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
