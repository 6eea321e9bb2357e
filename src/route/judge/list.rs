//! One page of a model list, in Gemini's form (`models[].name`) or OpenAI's (`data[].id`).

use super::answer::{Answer, unanswered};
use super::{Judged, Seen};
use crate::catalog::{Catalog, Level};
use crate::route::evidence::Finding;
use crate::wire::json::Json;
use crate::wire::reply::{self, Reply};
use crate::wire::request::bare_model;

/// What a page holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Without `models/`; otherwise as sent, in the server's order.
    pub ids: Vec<String>,
    /// Token of the next page.
    pub next: Option<String>,
}

/// Judges one page of `GET /v1beta/models` or `GET /v1/models`.
pub fn model_list(catalog: &Catalog, seen: &Seen) -> (Judged, Page) {
    let reply = reply::read(seen.body);
    if let Some(judged) = unanswered(catalog, seen, &reply) {
        return (judged, Page::default());
    }
    let answer = Answer::of(catalog, seen, &reply);
    if answer.is_refused() {
        return (refused(&answer), Page::default());
    }
    let Some(page) = page(&reply, seen.body) else { return (answer.unclear("no list"), Page::default()) };
    let count = page.ids.len();
    let judged = match count {
        0 => Judged::new("empty list", Finding::Silent, None, "the list has no models"),
        1 => Judged::new("list came", Finding::Accepted, None, "1 model"),
        _ => Judged::new("list came", Finding::Accepted, None, &format!("{count} models")),
    };
    (Judged { count: Some(count), ..judged }, page)
}

/// A list asks for no model: "model not found" comes from a handler that took the list's address for another, as new-api's
/// does for a key that does not come as Bearer. However good its status, that is no list.
fn refused(answer: &Answer) -> Judged {
    let judged = answer.refusal_of_optional();
    match judged.level {
        Some(Level::Model) => Judged { class: "no list".to_owned(), level: Some(Level::Route), known: None, ..judged },
        _ => judged,
    }
}

fn page(reply: &Reply, body: &[u8]) -> Option<Page> {
    let payload = reply.document.payloads.first()?;
    let root = Json::root(payload.text(body), &payload.index)?;
    let entries: Vec<Json> = match root.get(&["models", "data"]) {
        Some(list) if list.is_array() => list.items().collect(),
        Some(list) if list.is_null() => vec![],
        Some(_) => return None,
        // Google leaves an empty list out.
        None if root.is_object() && root.items().next().is_none() => vec![],
        None if root.is_array() => root.items().collect(),
        None => return None,
    };
    // OpenAI-like lists have a `name` for people beside the id; Gemini's have no `id`.
    let names: [&str; 2] = if root.member("models").is_some() { ["name", "id"] } else { ["id", "name"] };
    let ids = entries.into_iter().filter_map(|entry| id(entry, &names)).collect();
    let next = root.get(&["nextPageToken", "next_page_token"]).and_then(Json::as_str);
    Some(Page { ids, next: next.filter(|token| !token.is_empty()).map(Into::into) })
}

fn id(entry: Json, names: &[&str]) -> Option<String> {
    let id = entry.get(names).unwrap_or(entry).as_str()?;
    Some(bare_model(id.trim())).filter(|id| !id.is_empty()).map(str::to_owned)
}
