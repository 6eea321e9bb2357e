//! A native call with empty contents: refused for just that, it proves key, route and channel, and costs nothing.

use super::answer::{Answer, request_id, unanswered};
use super::{Judged, Seen};
use crate::catalog::Catalog;
use crate::route::evidence::Finding;
use crate::wire::reply;

/// How servers say that `contents` has nothing in it; the wording varies by build and by language.
const MISSING: [&str; 7] = ["required", "not specified", "empty", "missing", "must not be null", "不能为空", "必填"];

/// Judges the reply to `{"contents":[]}`. A gateway may give the expected refusal as 400 or as 500.
pub fn dry_run(catalog: &Catalog, seen: &Seen) -> Judged {
    let reply = reply::read(seen.body);
    if let Some(judged) = unanswered(catalog, seen, &reply) {
        return judged;
    }
    let answer = Answer::of(catalog, seen, &reply);
    if refuses_empty_contents(&answer.text()) {
        let reason = format!("key, route and channel are fine, the upstream is unproven: {}", answer.reason);
        let accepted = Judged::new("dry run accepted", Finding::Accepted, None, &reason);
        return Judged { request_id: request_id(&reply), ..accepted };
    }
    if reply.error.is_none() && (reply.gemini_shaped || !reply.pictures.is_empty()) {
        return answered(&answer);
    }
    if answer.is_refused() { answer.refusal() } else { answer.unclear("unclear") }
}

fn refuses_empty_contents(text: &str) -> bool {
    let lowered = text.to_lowercase();
    lowered.lines().any(|line| line.contains("contents") && MISSING.iter().any(|word| line.contains(word)))
}

/// Nobody asked for anything, and the model was run all the same.
fn answered(answer: &Answer) -> Judged {
    let (class, what) = match answer.reply.pictures.is_empty() {
        true => ("dry run answered", "an answer"),
        false => ("dry run drew", "a picture"),
    };
    let reason = format!("the empty request got {what}, which may have been billed: {}", answer.reason);
    Judged::new(class, Finding::Accepted, None, &reason)
}
