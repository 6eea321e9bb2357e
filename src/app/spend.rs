//! Caps on what calls cost: a send that would go beyond one asks first.

use super::log::{Entry, THIS_SESSION};
use super::state::State;
use crate::call::Ask;
use crate::catalog::Catalog;
use crate::history::Summary;
use crate::wire::verdict::Charged;
use jiff::Timestamp;

/// US dollars; 0 is no cap.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Caps {
    pub session: f64,
    pub day: f64,
}

/// Why a call asks first: what is spent, what it would add, and the cap.
pub fn over_cap(state: &State, ask: &Ask) -> Option<String> {
    let Caps { session, day } = state.setup.caps;
    if session <= 0.0 && day <= 0.0 {
        return None;
    }
    let more = price(ask, &state.setup.catalog);
    let this = this_session(state);
    let today = this + earlier_today(state);
    let over = |spent: f64, cap: f64| cap > 0.0 && spent + more.unwrap_or(0.0) > cap + 1e-9;
    let (spent, cap, span) = match (over(this, session), over(today, day)) {
        (true, _) => (this, session, "this session"),
        (_, true) => (today, day, "today"),
        _ => return None,
    };
    let more = more.map_or_else(|| "has no known price".to_owned(), |usd| format!("adds about ${usd:.3}"));
    let key = if span == "today" { "spend.day_usd" } else { "spend.session_usd" };
    Some(format!(
        "Calls of {span} cost about ${spent:.3}, this one {more}, and {key} is ${cap:.2}. Send it all the same?"
    ))
}

/// By the price table.
pub fn price(ask: &Ask, catalog: &Catalog) -> Option<f64> {
    Some(catalog.price(ask.model_on_wire(catalog), ask.request.image_size.as_deref())?.usd)
}

/// What a stored exchange cost; by the list while nobody knows whether it will be billed.
pub fn cost(summary: &Summary, catalog: &Catalog) -> Option<f64> {
    let unknown = summary.charged != Charged::Unlikely.as_str();
    summary.cost_usd.or_else(|| catalog.price(&summary.model, None).filter(|_| unknown).map(|price| price.usd))
}

/// What was paid, and what calls in flight will cost as far as the table knows. A saved reply that was opened is no call.
fn this_session(state: &State) -> f64 {
    let catalog = &state.setup.catalog;
    let cost = |entry: &Entry| match entry.outcome() {
        Some(outcome) if outcome.evidence.is_none() => None,
        Some(_) => cost(&entry.summary(), catalog),
        None => price(&entry.ask, catalog),
    };
    let trashed = state.log.trashed.iter().filter(|summary| summary.session == THIS_SESSION);
    let trashed = trashed.filter_map(|summary| self::cost(summary, catalog));
    state.log.entries.iter().filter_map(cost).chain(trashed).sum()
}

/// Exchanges of other sessions since midnight.
fn earlier_today(state: &State) -> f64 {
    let midnight = midnight_before(state.now, state.setup.utc_offset);
    let past = state.log.past().rev().map(|past| &past.summary).take_while(|summary| summary.time >= midnight);
    let trashed =
        state.log.trashed.iter().filter(|summary| summary.session != THIS_SESSION && summary.time >= midnight);
    past.chain(trashed).filter_map(|summary| cost(summary, &state.setup.catalog)).sum()
}

/// The last midnight at an offset from UTC in seconds.
pub fn midnight_before(now: Timestamp, utc_offset: i32) -> Timestamp {
    const DAY: i64 = 86_400;
    let local = now.as_second() + i64::from(utc_offset);
    Timestamp::from_second(local - local.rem_euclid(DAY) - i64::from(utc_offset)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_the_zones_midnight() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let now = at("2026-11-22T00:30:00Z");
        assert_eq!(midnight_before(now, 0), at("2026-11-22T00:00:00Z"));
        assert_eq!(midnight_before(now, 3600), at("2026-11-21T23:00:00Z"));
        assert_eq!(midnight_before(now, -3600), at("2026-11-21T01:00:00Z"));
    }
}
