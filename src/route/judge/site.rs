//! `GET /api/status` of a new-api gateway: that the site is up, and how many of its units make a dollar.

use super::answer::{Answer, unanswered};
use super::{Judged, Seen};
use crate::catalog::{Catalog, Level};
use crate::route::evidence::Finding;
use crate::wire::json::Json;
use crate::wire::reply::{self, Reply};

/// Judges the site's state; with it `quota_per_unit`, the gateway's units in one US dollar, above zero.
pub fn site(catalog: &Catalog, seen: &Seen) -> (Judged, Option<f64>) {
    let reply = reply::read(seen.body);
    if let Some(judged) = unanswered(catalog, seen, &reply) {
        return (judged, None);
    }
    let answer = Answer::of(catalog, seen, &reply);
    if answer.is_refused() {
        return (refused(&answer), None);
    }
    let Some(state) = state(&reply, seen.body) else { return (answer.unclear("unclear"), None) };
    let said = ["system_name", "version"].iter().filter_map(|name| state.member(name)?.as_str()).collect::<Vec<_>>();
    let reason = if said.is_empty() { "the site's state came".to_owned() } else { said.join(" ") };
    let units = state.member("quota_per_unit").and_then(|units| units.to_value().as_f64());
    let units = units.filter(|units| units.is_finite() && *units > 0.0);
    (Judged::new("site answers", Finding::Accepted, None, &reason), units)
}

/// No key is sent along, so that one is wanted says nothing of the key.
fn refused(answer: &Answer) -> Judged {
    let judged = answer.refusal_of_optional();
    match judged.level {
        Some(Level::Key) => {
            Judged { class: "not open".to_owned(), finding: Finding::Silent, level: None, known: None, ..judged }
        }
        _ => judged,
    }
}

/// The object with the facts: `data` of the envelope, or all of it.
fn state<'a>(reply: &'a Reply, body: &'a [u8]) -> Option<Json<'a>> {
    let payload = reply.document.payloads.first()?;
    let root = Json::root(payload.text(body), &payload.index).filter(|root| root.is_object())?;
    Some(root.member("data").filter(|data| data.is_object()).unwrap_or(root))
}
