//! A stored exchange as it was: what was asked, what became of it, and the reply read again.

use super::reread::reread;
use crate::call::{Ask, Outcome, Reading, Recalled, Saved, Stage, Times};
use crate::config::{Auth, Mode, Profile};
use crate::store::{self, Phase, Stored};
use crate::wire::blob::Data;
use crate::wire::picture::Picture;
use crate::wire::request::{Call, Request};
use crate::wire::verdict::{self, Charged, Ending, Verdict, Word};
use std::path::PathBuf;
use std::sync::Arc;

/// Reads it. `profiles` are those that are configured now; of one that is gone only the name and the address are known,
/// so nothing can be sent to it.
///
/// # Errors
/// A sentence: the body cannot be read.
pub fn recall(stored: &Stored, profiles: &[Profile]) -> Result<Recalled, String> {
    let mut notes = stored.meta.notes.clone();
    let reading = Arc::new(reread(stored, &mut notes)?);
    let verdict = judge(stored, &reading);
    let outcome = outcome(stored, &reading, verdict, notes);
    Ok(Recalled { ask: ask(stored, profiles), outcome, reading, live: stage(stored) })
}

/// The verdict of a stored exchange: as it was recorded, else as the body and the phase tell. How the transfer ended only
/// the record knows: a body cannot tell that it was cancelled.
pub fn judge(stored: &Stored, reading: &Reading) -> Verdict {
    let meta = &stored.meta;
    let recorded = meta.verdict.as_ref().and_then(|recorded| Some((recorded, Word::parse(&recorded.word)?)));
    if let Some((recorded, word)) = recorded {
        let charged = Charged::parse(&recorded.charged).unwrap_or(Charged::Unknown);
        let before_any_byte = word == Word::Network && charged == Charged::Unlikely;
        return Verdict { word, reason: recorded.reason.clone(), charged, before_any_byte };
    }
    let open = stored.live || meta.phase == Phase::Interrupted;
    let ending = if open { Ending::Interrupted } else { Ending::Complete };
    let judged = verdict::judge(&reading.reply, reading.body.bytes(), meta.status, &ending);
    if stored.live && judged.word == Word::Interrupted {
        let reason = "still in flight in another process, answer unknown, may be billed".to_owned();
        return Verdict { reason, ..judged };
    }
    match stored.reached {
        Phase::Begun | Phase::Connecting if judged.word == Word::Interrupted => {
            let summary = stored.summary();
            Verdict { reason: summary.reason, charged: Charged::Unlikely, ..judged }
        }
        _ => judged,
    }
}

fn outcome(stored: &Stored, reading: &Reading, verdict: Verdict, notes: Vec<String>) -> Outcome {
    let meta = &stored.meta;
    let times = &meta.timings_ms;
    // The record's own path is only compared with those that are there: a foreign one may lead anywhere.
    let there = stored.pictures();
    let saved = meta.pictures.iter().filter_map(|picture| {
        let path = there.iter().find(|path| **path == stored.folder.join(&picture.file))?;
        let is_it = |data: &Data| data.sha256 == picture.sha256;
        let pictures = &reading.reply.pictures;
        let same = |p: &Picture| p.data.as_ref().is_some_and(is_it);
        // Of several with the same bytes the final one is meant: it is always among those that are written.
        let number = pictures.iter().position(|p| p.is_final && same(p)).or_else(|| pictures.iter().position(same))?;
        Some(Saved { path: path.clone(), picture: number })
    });
    Outcome {
        id: Some(stored.id.clone()),
        folder: Some(stored.folder.clone()),
        verdict,
        status: meta.status,
        headers: meta.headers.clone(),
        times: Times { connect: times.connect, sent: times.sent, first_byte: times.first_byte, done: times.done },
        up: meta.up_bytes,
        down: reading.body.bytes().len() as u64,
        model_asked: meta.model.asked.clone(),
        model_sent: meta.model.sent.clone(),
        model_reported: reading.reply.model_version.as_ref().and_then(|v| v.as_str()).map(str::to_owned),
        request_id: meta.request_id.clone(),
        tokens: reading.reply.tokens("totalTokenCount"),
        pixels: reading.reply.final_picture().and_then(|p| p.data.as_ref()?.size),
        cost_usd: meta.cost_usd,
        booked_usd: meta.booked_usd,
        saved: saved.collect(),
        notes,
        evidence: None,
    }
}

/// How far its writer is, while there is one.
fn stage(stored: &Stored) -> Option<Stage> {
    if !stored.live || stored.reached.is_final() {
        return None;
    }
    Some(match stored.reached {
        Phase::Begun | Phase::Connecting => Stage::Connecting,
        Phase::Receiving => Stage::Receiving,
        _ => Stage::Waiting,
    })
}

/// A profile that is not configured any more: it has no key.
fn former(stored: &Stored) -> Profile {
    Profile {
        name: stored.meta.profile.clone(),
        base: stored.meta.base.clone(),
        auth: Auth::Header,
        api_key_env: None,
        api_key_command: None,
        api_key_file: None,
        model: stored.meta.model.asked.clone(),
        mode: Mode::Unary,
        environment: stored.meta.environment.clone(),
        plain_http: false,
        access_token_env: None,
        access_user: None,
    }
}

fn ask(stored: &Stored, profiles: &[Profile]) -> Ask {
    let meta = &stored.meta;
    let request: Request = serde_json::from_value(meta.parameters.clone()).unwrap_or_default();
    let known = profiles.iter().find(|profile| profile.name == meta.profile);
    let profile = known.cloned().unwrap_or_else(|| former(stored));
    Ask {
        profile,
        call: Call::of(&meta.kind),
        model: meta.model.asked.clone(),
        request,
        references: references(stored),
        parent: Some(stored.id.clone()),
        // Sent again, it is the stored bytes: reference pictures are in them and nowhere else.
        replay: Some(stored.folder.clone()),
    }
}

/// Pictures that went along are still in the request, which then stands for them.
fn references(stored: &Stored) -> Vec<PathBuf> {
    if stored.meta.references == 0 {
        return vec![];
    }
    vec![stored.folder.join(store::REQUEST)]
}
