//! The routes pane: one row a route, with its verdict, how old that is, and as many facts as fit.

use super::paint::{Canvas, Piece};
use crate::app::State;
use crate::app::routes::rows;
use crate::keymap::Action;
use crate::layout::{Area, Pane};
use crate::route::{Age, Costs, Kind, Money, Row, Standing};
use crate::text::{self, Safe};
use crate::theme::Styles;
use crate::wire::brief::{self, brief};
use ratatui::style::Style;

/// From this width on a row has columns for latency, money and ids.
const WIDE: u16 = 96;
/// Characters of one line.
const LINE: usize = 1000;

pub fn draw(state: &State, canvas: &mut Canvas, area: Area) {
    let focused = state.choice.focus == Pane::Routes;
    let note = match state.routes_pane.probing.iter().next() {
        Some(profile) => Safe::of(&format!("probing {profile}…")),
        None => Safe::from("proven by real calls"),
    };
    let footer = if focused && area.width > 50 { footer(state, canvas.styles) } else { vec![] };
    canvas.pane(area, Pane::Routes.title(), &note, &footer, focused);
    let inside = area.inside();
    let rows = rows(state);
    let selected = state.routes_pane.selected.min(rows.len().saturating_sub(1));
    let height = usize::from(inside.height);
    let first = (selected + 1).saturating_sub(height);
    let columns = Columns::of(rows, state);
    for (at, row) in rows.iter().enumerate().skip(first).take(height) {
        let y = inside.y + (at - first) as u16;
        let mark = if focused && at == selected { "▸" } else { " " };
        let mut pieces = vec![(Safe::from(mark), canvas.styles.border_focus)];
        pieces.extend(line(row, state, canvas.styles, &columns, inside.width));
        canvas.line(inside.x, y, inside.width, &pieces);
    }
}

fn footer(state: &State, styles: &Styles) -> Vec<Piece> {
    let key = |action| state.setup.keymap.hint(action);
    let words = format!(
        " {} probe · {} all, free · {} paid · {} Markdown ",
        key(Action::Probe),
        key(Action::ProbeAll),
        key(Action::PaidProbe),
        key(Action::Copy)
    );
    vec![(Safe::of(&words), styles.dim)]
}

/// The colour of a verdict; one that is stale has lost it.
pub fn style(row: &Row, styles: &Styles) -> Style {
    match row.judgement.standing {
        Standing::Unknown => styles.dim,
        Standing::Claimed => styles.info,
        _ if row.judgement.stale => styles.dim,
        Standing::Configured => styles.info,
        Standing::Proven => styles.good,
        Standing::Degraded => styles.warn,
        Standing::Failing => styles.bad,
    }
}

/// `proven`, `failing:key`, `claimed`.
pub fn verdict(row: &Row) -> String {
    let judgement = &row.judgement;
    match judgement.level.filter(|_| judgement.standing == Standing::Failing) {
        Some(level) => format!("failing:{}", level.word()),
        None => judgement.standing.word().to_owned(),
    }
}

/// How old the verdict is.
pub fn age(row: &Row, state: &State) -> String {
    let Some(by) = &row.judgement.decided_by else { return String::new() };
    let age = Age::of(by.at, state.now).short();
    // A claim is as old as its document; nobody takes it for fresh.
    if row.judgement.stale && row.judgement.standing != Standing::Claimed { format!("stale {age}") } else { age }
}

/// What kind of call it is, where it is not the usual one.
fn kind(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Generate => None,
        Kind::Stream => Some("stream"),
        Kind::Images => Some("images route"),
        Kind::Models => Some("model list"),
        Kind::Site => Some("server"),
    }
}

/// The first columns are as wide as their widest cell: a narrow pane has no room to give away.
struct Columns {
    verdict: usize,
    age: usize,
    profile: usize,
}

impl Columns {
    fn of(rows: &[Row], state: &State) -> Columns {
        let widest =
            |cell: &dyn Fn(&Row) -> String| rows.iter().map(|row| Safe::of(&cell(row)).width()).max().unwrap_or(0);
        Columns {
            verdict: widest(&verdict) + 1,
            age: widest(&|row| age(row, state)) + 1,
            profile: widest(&|row| row.id.profile.clone()).min(14) + 1,
        }
    }
}

fn line(row: &Row, state: &State, styles: &Styles, columns: &Columns, width: u16) -> Vec<Piece> {
    let profile = text::clip(&Safe::of(&row.id.profile), columns.profile - 1);
    let mut pieces = vec![
        (text::pad(&Safe::of(&verdict(row)), columns.verdict), style(row, styles)),
        (text::pad(&Safe::of(&age(row, state)), columns.age), styles.dim),
        (text::pad(&profile, columns.profile), styles.strong),
    ];
    let last = row.shown();
    let mut facts: Vec<String> = kind(row.id.kind).map(str::to_owned).into_iter().collect();
    if width < WIDE {
        facts.extend(last.and_then(|seen| seen.status).map(|status| status.to_string()));
        facts.extend(last.map(|seen| seen.class.clone()));
        facts.extend((!row.id.model.is_empty()).then(|| row.id.model.clone()));
    } else {
        facts.extend(model(row));
        facts.extend(last.and_then(|seen| seen.status).map(|status| status.to_string()));
        facts.extend(last.map(|seen| seen.class.clone()));
        facts.extend(latency(row));
        facts.extend(last.and_then(|seen| seen.shape.clone()));
        facts.extend(money(row, state));
        facts.extend(last.and_then(|seen| seen.request_id.clone()));
    }
    pieces.push((Safe::head(&facts.join(" · "), LINE), styles.text));
    pieces
}

/// Asked → sent → reported, as far as they differ.
pub fn model(row: &Row) -> Option<String> {
    let sent = &row.id.model;
    if sent.is_empty() {
        return row.evidence.last().and_then(|seen| seen.count).map(|count| format!("{count} models"));
    }
    let of_call = row.evidence.iter().rev().find(|seen| seen.model_asked.is_some());
    let asked = of_call.and_then(|seen| seen.model_asked.clone()).filter(|asked| asked != sent);
    let reported = row.evidence.iter().rev().find_map(|seen| seen.model_reported.clone()).filter(|name| name != sent);
    let names = asked.into_iter().chain([sent.clone()]).chain(reported);
    let names: Vec<String> = names.map(|name| brief(&name, brief::NAME)).collect();
    Some(names.join(" → "))
}

/// Until the first byte; how many observations that rests on is always said.
fn latency(row: &Row) -> Option<String> {
    let seconds = |ms: f64| text::seconds(ms / 1000.0);
    let n = row.first_byte.n;
    match (row.first_byte.p50, row.first_byte.p95) {
        (Some(half), Some(most)) => Some(format!("p50 {} p95 {} (n={n})", seconds(half), seconds(most))),
        _ => {
            let one = row.evidence.iter().rev().find_map(|seen| seen.phases.first_byte)?;
            Some(format!("{} (n={n})", seconds(one)))
        }
    }
}

fn money(row: &Row, state: &State) -> Option<String> {
    let seen = row.evidence.iter().rev().find(|seen| seen.expected_usd.is_some() || seen.observed_usd.is_some())?;
    let costs = Costs::of(seen);
    let usd = |usd: Option<f64>| usd.map_or_else(|| "–".to_owned(), |usd| format!("${usd:.3}"));
    let word = match costs.money(state.routes.rules().drift) {
        Money::Unknown => String::new(),
        money => format!(" {}", money.word()),
    };
    Some(format!("{}/{}{word}", usd(costs.expected), usd(costs.observed)))
}
