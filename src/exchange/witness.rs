//! What a call tells of its route: one piece of evidence, noted in the store.

use super::{Means, Prepared};
use crate::call::{Ask, Outcome, Reading};
use crate::catalog::Catalog;
use crate::config::base;
use crate::route::{Evidence, Finding, Kind, Phases, RouteId, Seen, judge};
use crate::wire::request::Call;
use crate::wire::verdict::Ending;
use jiff::Timestamp;

impl From<Call> for Kind {
    fn from(call: Call) -> Kind {
        match call {
            Call::Generate => Kind::Generate,
            Call::Stream => Kind::Stream,
            Call::Images => Kind::Images,
        }
    }
}

/// Makes the evidence of a call that is over, and notes it.
pub fn witness(outcome: &Outcome, reading: &Reading, prepared: &Prepared, means: &Means) -> Evidence {
    let evidence = evidence(outcome, reading, prepared, means);
    note(&evidence, means);
    evidence
}

/// Appends a piece of evidence to the store. A later one with the same id takes its place.
pub fn note(evidence: &Evidence, means: &Means) {
    if let Some(store) = &means.store
        && let Err(error) = store.append_evidence(&evidence.to_json())
    {
        tracing::warn!(%error, "evidence was not written");
    }
}

fn evidence(outcome: &Outcome, reading: &Reading, prepared: &Prepared, means: &Means) -> Evidence {
    let (ask, catalog) = (&prepared.ask, &*means.catalog);
    let (reply, body) = (&reading.reply, reading.body.bytes());
    let kind = Kind::from(ask.call);
    let came = !outcome.verdict.before_any_byte && outcome.status.is_some();
    let judged = match kind {
        // The route's own errors are known there; what ended without a reply is judged as any call.
        Kind::Images if came => {
            judge::images_route(catalog, &Seen { status: outcome.status, body, ending: &Ending::Complete })
        }
        _ => judge::call(catalog, &outcome.verdict, outcome.status, reply, body),
    };
    let route = RouteId { profile: ask.profile.name.clone(), kind, model: prepared.model_sent.clone() };
    let now = Timestamp::now();
    let id = outcome.id.clone().unwrap_or_else(|| crate::store::new_id(now));
    let picture = reply.final_picture();
    let times = outcome.times;
    Evidence {
        environment: ask.profile.environment.clone(),
        origin: base::origin(&ask.profile.base),
        status: outcome.status,
        class: judged.class,
        finding: judged.finding,
        level: judged.level,
        reason: judged.reason,
        known: judged.known,
        phases: Phases {
            connect: times.connect,
            sent: times.sent,
            first_byte: times.first_byte,
            done: times.done,
            ..Phases::default()
        },
        shape: picture.map(|picture| picture.from.as_str().to_owned()),
        pixels: outcome.pixels,
        pixels_asked: pixels_asked(prepared, catalog),
        model_asked: Some(outcome.model_asked.clone()),
        model_reported: outcome.model_reported.clone(),
        request_id: outcome.request_id.clone().or(judged.request_id),
        exchange: outcome.id.clone(),
        expected_usd: expected(outcome, judged.finding),
        ..Evidence::new(id, route, now, prepared.source)
    }
}

/// What a picture should measure, where the request says so. Without a ratio it is square, unless it follows a reference.
pub fn pixels_asked(prepared: &Prepared, catalog: &Catalog) -> Option<(u32, u32)> {
    let Ask { call, request, references, .. } = &prepared.ask;
    let (aspect, size) = (request.aspect_ratio.as_deref(), request.image_size.as_deref());
    let says = aspect.is_some() || size.is_some() && references.is_empty();
    (says && Kind::from(*call).is_native()).then(|| catalog.pixels(aspect, size)).flatten()
}

/// A call that brought nothing is expected to cost nothing.
fn expected(outcome: &Outcome, finding: Finding) -> Option<f64> {
    match finding {
        Finding::Failed => Some(0.0),
        _ => outcome.cost_usd,
    }
}
