//! `POST /v1/images/generations`, which these models do not work on: which of the documented errors it is, or none.

use super::answer::{Answer, unanswered};
use super::{Judged, Seen};
use crate::catalog::{Catalog, Level};
use crate::route::evidence::Finding;
use crate::wire::reply;

/// Entries of the table that are about this route, and what each is called in a word or two.
const LEGACY: [(&str, &str); 6] = [
    ("images-route-output-options", "output options"),
    ("images-route-only-imagen", "only imagen"),
    ("get-channel-failed", "no channel"),
    ("images-route-not-supported", "not supported"),
    ("convert-request-failed", "not converted"),
    ("invalid-url", "not offered"),
];

/// Judges the reply to a model and a prompt.
pub fn images_route(catalog: &Catalog, seen: &Seen) -> Judged {
    let reply = reply::read(seen.body);
    if let Some(judged) = unanswered(catalog, seen, &reply) {
        return judged;
    }
    let answer = Answer::of(catalog, seen, &reply);
    if reply.error.is_none() && !reply.pictures.is_empty() {
        let count = reply.pictures.len();
        let reason = format!(
            "the route answers again, with {count} in its list of pictures; the native route stays the recommended one"
        );
        return Judged::new("images body", Finding::Odd, Some(Level::Reply), &reason);
    }
    if answer.is_refused() { refused(answer.refusal()) } else { answer.unclear("unclear") }
}

fn refused(judged: Judged) -> Judged {
    let known = LEGACY.iter().find(|(id, _)| judged.known.as_deref() == Some(*id));
    match known {
        Some((_, class)) if judged.class != "limited" => {
            Judged { class: (*class).to_owned(), finding: Finding::Failed, level: Some(Level::Route), ..judged }
        }
        _ => judged,
    }
}
