//! Tier 1: the model lists, all their pages; Gemini's form first, OpenAI's with a Bearer key where that is not offered.

use super::target::Target;
use crate::client::{self, Got};
use crate::config::Auth;
use crate::exchange::Means;
use crate::route::{Evidence, Finding, Judged, Kind, Seen, judge};
use crate::wire::request::bare_model;

/// More pages than any server has models for; a server that goes on for ever is not followed.
const MOST_PAGES: usize = 64;

/// Asks for the lists; also gives the ids.
pub async fn ask(target: &Target, means: &Means) -> (Evidence, Vec<String>) {
    let (got, mut judged, mut ids) = gemini(target, means).await;
    let mut answer = got;
    if judged.finding != Finding::Accepted && !target.base.is_google() && answer.status.is_some() {
        let other = target.get_as("/v1/models", Auth::Bearer, target.key.as_ref(), &[]).await;
        let (found, page) = judge::model_list(&means.catalog, &seen(&other));
        if found.finding == Finding::Accepted {
            (answer, judged, ids) = (other, found, page.ids);
        }
    }
    if judged.finding == Finding::Accepted {
        // Of all pages; each was judged by itself.
        judged.count = Some(ids.len());
        judged.reason = crate::text::count(ids.len(), "model");
    }
    let evidence = target.evidence(Kind::Models, "", judged, answer.status, answer.phases);
    let lists_model = (!ids.is_empty()).then(|| lists(&ids, &target.profile.model, means));
    let request_id = evidence.request_id.clone().or_else(|| client::request_id(&answer.headers));
    (Evidence { lists_model, request_id, ..evidence }, ids)
}

/// The ids of all models that a profile's server lists, in its order, each once.
///
/// # Errors
/// A sentence: there is no key, or no list came.
pub async fn models(profile: &crate::config::Profile, means: &Means) -> Result<(Vec<String>, Evidence), String> {
    let mut target = Target::new(profile, means)?;
    target.unlock(means).await?;
    let (evidence, ids) = ask(&target, means).await;
    crate::exchange::note(&evidence, means);
    if ids.is_empty() { Err(evidence.reason) } else { Ok((ids, evidence)) }
}

async fn gemini(target: &Target, means: &Means) -> (Got, Judged, Vec<String>) {
    let mut ids: Vec<String> = Vec::new();
    let mut path = "/v1beta/models?pageSize=1000".to_owned();
    let mut tokens = Vec::new();
    let mut listed: Option<(Got, Judged)> = None;
    loop {
        let got = target.get(&path).await;
        let (judged, page) = judge::model_list(&means.catalog, &seen(&got));
        ids.extend(page.ids);
        let next = page.next.filter(|token| tokens.len() < MOST_PAGES && !tokens.contains(token));
        match next {
            Some(token) if judged.finding == Finding::Accepted => {
                path = format!("/v1beta/models?pageSize=1000&pageToken={}", escaped(&token));
                tokens.push(token);
                listed = Some((got, judged));
            }
            _ => {
                let mut known = std::collections::HashSet::new();
                ids.retain(|id| known.insert(id.clone()));
                // A list is one for its first pages, whatever the last one was.
                let (got, judged) = listed.filter(|_| judged.finding != Finding::Accepted).unwrap_or((got, judged));
                return (got, judged, ids);
            }
        }
    }
}

fn seen(got: &Got) -> Seen<'_> {
    Seen { status: got.status, body: &got.body, ending: &got.ending }
}

/// Whether the list has a model under any of its names.
fn lists(ids: &[String], model: &str, means: &Means) -> bool {
    let wanted = means.catalog.resolve(model);
    ids.iter().any(|id| bare_model(id) == bare_model(model) || means.catalog.resolve(id) == wanted)
}

fn escaped(token: &str) -> String {
    url::form_urlencoded::byte_serialize(token.as_bytes()).collect()
}
