//! The routes pane's part of the state: which routes to expect, and what calls prove.

use super::log::Entry;
use super::state::State;
use crate::call::Outcome;
use crate::config::Mode;
use crate::route::{Evidence, RouteId};
use crate::wire::request::Call;

/// Rows for every profile's default route, so that the table shows what is not known yet.
pub fn expect_all(state: &mut State) {
    let setup = state.setup.clone();
    for profile in &setup.profiles {
        let call = if profile.mode == Mode::Stream { Call::Stream } else { Call::Generate };
        state.routes.expect(RouteId {
            profile: profile.name.clone(),
            kind: call.as_str().to_owned(),
            model: setup.catalog.resolve(&profile.model).to_owned(),
        });
    }
}

/// The observation that a finished call is.
pub fn evidence(entry: &Entry, outcome: &Outcome, now: jiff::Timestamp) -> Evidence {
    Evidence {
        route: RouteId {
            profile: entry.ask.profile.name.clone(),
            kind: entry.ask.call.as_str().to_owned(),
            model: outcome.model_sent.clone(),
        },
        at: now,
        word: outcome.verdict.word,
        reason: outcome.verdict.reason.clone(),
        status: outcome.status,
        request_id: outcome.request_id.clone(),
        first_byte_ms: outcome.times.first_byte,
        exchange: outcome.id.clone(),
    }
}
