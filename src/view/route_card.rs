//! All that is known of a route: why it stands where it does, its conditions, latency, money, and the evidence, newest first.

use super::paint::Piece;
use super::routes::{model, style, verdict};
use crate::app::State;
use crate::app::routes::exchange;
use crate::keymap::Action;
use crate::route::conditions::{Check, Condition};
use crate::route::latency::Percentiles;
use crate::route::{Age, Costs, Evidence, Money, RouteId, Row, Standing, age};
use crate::text::{self, Safe};
use crate::theme::Styles;

/// Labels stand in a column of this width.
const LABEL: usize = 15;
/// Lines of one text.
const MOST_LINES: usize = 4;
/// Pieces of evidence in the timeline.
const MOST_SEEN: usize = 200;

pub fn lines(state: &State, id: &RouteId, styles: &Styles, width: usize) -> Vec<Vec<Piece>> {
    let rows = crate::app::routes::rows(state);
    let Some(row) = rows.iter().find(|row| row.id == *id) else {
        return vec![vec![(Safe::from("nothing is known of this route any more"), styles.dim)]];
    };
    let mut card = Card { lines: vec![], state, styles, width };
    card.head(row);
    card.conditions(row);
    card.figures(row);
    card.timeline(row);
    card.retest();
    card.lines
}

struct Card<'a> {
    lines: Vec<Vec<Piece>>,
    state: &'a State,
    styles: &'a Styles,
    width: usize,
}

impl Card<'_> {
    fn title(&mut self, text: &'static str) {
        self.lines.extend([vec![], vec![(Safe::from(text), self.styles.strong)]]);
    }

    fn fact(&mut self, label: &'static str, value: &str) {
        if value.is_empty() {
            return;
        }
        let mut rows = text::wrap(&Safe::head(value, 2000), self.width.saturating_sub(LABEL));
        rows.truncate(MOST_LINES);
        for (row, line) in rows.into_iter().enumerate() {
            let name = if row == 0 { Safe::from(label) } else { Safe::default() };
            self.lines.push(vec![(text::pad(&name, LABEL), self.styles.dim), (line, self.styles.text)]);
        }
    }

    fn head(&mut self, row: &Row) {
        let judgement = &row.judgement;
        let mut head = vec![(Safe::of(&verdict(row)), style(row, self.styles))];
        if let Some(by) = &judgement.decided_by {
            let age = Age::of(by.at, self.state.now).short();
            let stale = if judgement.stale && judgement.standing != Standing::Claimed { ", stale" } else { "" };
            let words = format!("  {age}{stale}  {}", age::moment(by.at, self.state.setup.utc_offset));
            head.push((Safe::of(&words), self.styles.dim));
        }
        self.lines.push(head);
        self.fact("route", &format!("{} · {}", row.id.name(), row.environment));
        self.fact("because", &judgement.reason);
        self.fact("try", &judgement.advice);
        self.fact("model", &model(row).unwrap_or_default());
        if let Some(id) = exchange(row) {
            let key = self.state.setup.keymap.hint(Action::Open);
            self.fact("call", &format!("{id} · {key} shows its request and reply"));
        }
    }

    fn conditions(&mut self, row: &Row) {
        if row.conditions.is_empty() {
            return;
        }
        self.title("Conditions");
        let lines: Vec<Vec<Piece>> = row.conditions.iter().map(|condition| self.condition(condition)).collect();
        self.lines.extend(lines);
    }

    /// The state is said by a word too, not by colour alone.
    fn condition(&self, condition: &Condition) -> Vec<Piece> {
        let (word, style) = match condition.check {
            Check::Passed => ("passed", self.styles.good),
            Check::Failed => ("FAILED", self.styles.bad),
            Check::Unknown => ("unknown", self.styles.dim),
        };
        let when = condition.at.map(|at| Age::of(at, self.state.now).short()).unwrap_or_default();
        vec![
            (text::pad(&Safe::from(word), 9), style),
            (text::pad(&Safe::from(condition.name), 20), self.styles.text),
            (text::pad(&Safe::of(&when), 8), self.styles.dim),
            (Safe::head(&condition.detail, 400), self.styles.dim),
        ]
    }

    fn figures(&mut self, row: &Row) {
        let mut lines = vec![("first byte", percentiles(&row.first_byte)), ("whole reply", percentiles(&row.latency))];
        lines.retain(|(_, words)| !words.is_empty());
        let costs = row.evidence.iter().rev().find(|seen| seen.expected_usd.is_some() || seen.observed_usd.is_some());
        if lines.is_empty() && costs.is_none() {
            return;
        }
        self.title("Latency and money");
        for (label, words) in lines {
            self.fact(label, &words);
        }
        if let Some(seen) = costs {
            let costs = Costs::of(seen);
            let word = match costs.money(self.state.routes.rules().drift) {
                Money::Unknown => "unknown",
                money => money.word(),
            };
            self.fact("cost", &format!("{word}: {}", costs.sentence()));
        }
        let id = row.shown().and_then(|seen| seen.request_id.clone()).unwrap_or_default();
        self.fact("request id", &id);
    }

    fn timeline(&mut self, row: &Row) {
        self.title("Evidence, newest first");
        if row.evidence.is_empty() {
            self.lines.push(vec![(Safe::from("none yet"), self.styles.dim)]);
        }
        let seen: Vec<Vec<Vec<Piece>>> =
            row.evidence.iter().rev().take(MOST_SEEN).map(|seen| self.observation(seen)).collect();
        self.lines.extend(seen.into_iter().flatten());
    }

    fn observation(&self, seen: &Evidence) -> Vec<Vec<Piece>> {
        let status = seen.status.map(|status| format!("HTTP {status}"));
        let level = seen.level.map(|level| format!("at {}", level.word()));
        let ms = |label: &str, ms: Option<f64>| ms.map(|ms| format!("{label} {ms:.0} ms"));
        let phases = &seen.phases;
        let facts = [
            Some(seen.source.name().to_owned()),
            status,
            Some(seen.class.clone()),
            level,
            ms("dns", phases.dns),
            ms("connect", phases.connect),
            ms("tls", phases.tls),
            ms("first byte", phases.first_byte),
            ms("done", phases.done),
            seen.shape.clone(),
            Some(seen.id.clone()),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().filter(|fact| !fact.is_empty()).collect();
        let when = text::pad(&Safe::of(&Age::of(seen.at, self.state.now).short()), 8);
        let mut lines = vec![vec![(when, self.styles.dim), (Safe::head(&facts.join(" · "), 1000), self.styles.text)]];
        if !seen.reason.is_empty() {
            let indent = (Safe::from("        "), self.styles.dim);
            lines.push(vec![indent, (Safe::head(&seen.reason, 400), self.styles.dim)]);
        }
        lines
    }

    fn retest(&mut self) {
        self.title("Retest");
        let key = |action| self.state.setup.keymap.hint(action);
        let words = format!(
            "{} free probes · {} one real picture, asks with its price · every call you make counts as well",
            key(Action::Probe),
            key(Action::PaidProbe)
        );
        self.lines.push(vec![(Safe::of(&words), self.styles.info)]);
    }
}

/// `p50 9.8 s · p90 12.0 s · p95 14.1 s, n=7`; one value is no percentile.
fn percentiles(of: &Percentiles) -> String {
    let seconds = |name: &str, ms: Option<f64>| ms.map(|ms| format!("{name} {}", text::seconds(ms / 1000.0)));
    let parts: Vec<String> =
        [seconds("p50", of.p50), seconds("p90", of.p90), seconds("p95", of.p95)].into_iter().flatten().collect();
    match of.n {
        0 => String::new(),
        n if parts.is_empty() => format!("n={n}, too few for percentiles"),
        n => format!("{}, n={n}", parts.join(" · ")),
    }
}
