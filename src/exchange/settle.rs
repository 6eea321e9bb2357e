//! The end of a call: the body read and judged, pictures saved, the record settled, the route's evidence written.

use super::unpack::unpack;
use super::{Means, Prepared, Running};
use crate::call::{Answer, Outcome, Reading, Saved};
use crate::route::{Evidence, RouteId};
use crate::secret::Mask;
use crate::store::{Meta, Phase, Record, StoredPicture, StoredVerdict, Timings, picture_name};
use crate::wire::blob::Data;
use crate::wire::verdict::{self, Ending, Verdict, Word};
use jiff::Timestamp;
use std::sync::Arc;

/// A reply with more pictures than this is not decoded into files without end.
const MOST_SAVED: usize = 64;

pub fn settle(mut running: Running, prepared: &Prepared, means: &Means, ending: Ending) -> Answer {
    let rest = running.mask.finish();
    running.keep(&rest);
    if running.mask.found() > running.masked_in_headers {
        running.meta.masked.push("body".to_owned());
    }
    heal(&mut running);
    let body = std::mem::take(&mut running.body);
    let packed = body.len();
    let mut plain = unpack(body, &running.headers, &mut running.notes);
    if plain.len() != packed {
        mask_unpacked(&mut plain, &mut running, prepared);
    }
    if !running.meta.masked.is_empty() {
        running.notes.push("the server echoed the key; it was masked before it was stored".to_owned());
    }
    let reading = Reading::of(plain);
    let verdict = verdict::judge(&reading.reply, reading.body.bytes(), running.status, &ending);
    remark(&reading, prepared, means, &mut running.notes);
    let mut saved = Vec::new();
    let stored = match running.record.take() {
        Some(mut record) => {
            let pictures = save_pictures(&record, &reading, prepared, &mut saved, &mut running.notes);
            let meta = final_meta(&running, &reading, &verdict, pictures, means, prepared);
            if let Err(error) = record.settle(&meta) {
                running.notes.push(format!("the record is not settled: {error}"));
            }
            Some((record.id().to_owned(), record.folder().to_owned()))
        }
        None => None,
    };
    let request_id = request_id(&running.headers, &reading);
    let (id, folder) = stored.unzip();
    // Without a whole copy on disk the one in memory is the only one, and nobody may rely on the folder.
    let folder = folder.filter(|_| !running.torn);
    let outcome = Outcome {
        id,
        folder,
        verdict,
        status: running.status,
        headers: running.headers,
        times: running.times,
        up: running.up,
        down: running.down,
        model_asked: prepared.ask.model.clone(),
        model_sent: prepared.model_sent.clone(),
        model_reported: reported(&reading),
        request_id,
        tokens: reading.reply.tokens("totalTokenCount"),
        pixels: reading.reply.final_picture().and_then(|p| p.data.as_ref()?.size),
        cost_usd: cost(&reading, prepared, means),
        saved,
        notes: running.notes,
        evidence: None,
    };
    let evidence = evidence(&outcome, prepared);
    witness(&evidence, means);
    let outcome = Outcome { evidence: Some(evidence), ..outcome };
    Answer { outcome, reading: Arc::new(reading) }
}

/// Writes the stored body anew when some of it could not be appended: the disk may have room again.
fn heal(running: &mut Running) {
    let Some(record) = running.record.as_mut().filter(|_| running.torn) else { return };
    match record.replace_body(&running.body) {
        Ok(()) => running.torn = false,
        Err(error) => running.notes.push(format!("the stored copy of the reply is not whole: {error}")),
    }
}

/// An echo of the key inside a packed body is found only once that is unpacked; then the plain body is stored instead.
fn mask_unpacked(plain: &mut Vec<u8>, running: &mut Running, prepared: &Prepared) {
    let mut mask = Mask::new(prepared.post.key.as_ref());
    let mut safe = mask.push(plain);
    safe.extend(mask.finish());
    if mask.found() == 0 {
        return;
    }
    *plain = safe;
    running.meta.masked.push("body, stored unpacked".to_owned());
    if let Some(Err(error)) = running.record.as_mut().map(|record| record.replace_body(plain)) {
        running.torn = true;
        running.notes.push(format!("the masked body could not be stored: {error}"));
    }
}

/// What the reply did not do as it was asked, or was odd in.
fn remark(reading: &Reading, prepared: &Prepared, means: &Means, notes: &mut Vec<String>) {
    let reply = &reading.reply;
    notes.extend(reply.notes.iter().cloned());
    if let Some(reported) = reported(reading)
        && bare(&reported) != prepared.model_sent
        && means.catalog.resolve(&reported) != prepared.model_sent
    {
        notes.push(format!("the reply names model {reported}, asked was {}", prepared.model_sent));
    }
    let Some(data) = reply.final_picture().and_then(|p| p.data.as_ref()) else { return };
    let request = &prepared.ask.request;
    let (aspect, size) = (request.aspect_ratio.as_deref(), request.image_size.as_deref());
    if (aspect.is_some() || size.is_some())
        && let (Some(asked), Some(got)) = (means.catalog.pixels(aspect, size), data.size)
        && asked != got
    {
        notes.push(format!(
            "asked for {}×{}, got {}×{}; the gateway or the model did not follow",
            asked.0, asked.1, got.0, got.1
        ));
    }
    for part in &reply.parts {
        if let Some((declared, sniffed)) = part.blob().and_then(|blob| blob.mismatch()) {
            notes.push(format!("declared {declared}, the bytes are {sniffed}"));
        }
    }
    if reply.final_picture().is_some_and(|p| p.thought) {
        notes.push("only a thought picture came, a draft of the model; no final one".to_owned());
    }
    if data.sniffed.is_none() {
        notes.push("the picture's bytes are of no known type; they are saved as they are".to_owned());
    }
    if reply.error.is_some() {
        notes.push("an error came after the picture".to_owned());
    }
}

fn bare(model: &str) -> &str {
    crate::wire::request::bare_model(model)
}

fn reported(reading: &Reading) -> Option<String> {
    Some(reading.reply.model_version.as_ref()?.as_str()?.to_owned())
}

/// Identical bytes are written once; every occurrence points to that file.
fn save_pictures(
    record: &Record,
    reading: &Reading,
    prepared: &Prepared,
    saved: &mut Vec<Saved>,
    notes: &mut Vec<String>,
) -> Vec<StoredPicture> {
    let mut stored = Vec::new();
    let pictures = &reading.reply.pictures;
    for (number, picture) in pictures.iter().enumerate() {
        let Some(data) = &picture.data else { continue };
        if saved.len() >= MOST_SAVED {
            notes.push(format!(
                "the reply has {} pictures, {MOST_SAVED} are saved; the others are in the stored body",
                pictures.len()
            ));
            break;
        }
        let twin = saved.iter().find(|s| pictures[s.picture].data.as_ref().is_some_and(|d| d.sha256 == data.sha256));
        let path = match twin {
            Some(twin) => twin.path.clone(),
            None => {
                let name = picture_name(number + 1, &prepared.model_sent, &prepared.ask.request.prompt);
                let written = reading.picture(number).map(|bytes| record.picture(&name, &bytes));
                match written {
                    Some(Ok(path)) => path,
                    Some(Err(error)) => {
                        notes.push(format!("a picture is not saved: {error}"));
                        continue;
                    }
                    None => continue,
                }
            }
        };
        let file = path.strip_prefix(record.folder()).unwrap_or(&path).display().to_string();
        saved.push(Saved { path, picture: number });
        stored.push(StoredPicture {
            file,
            from: picture.from.as_str().to_owned(),
            mime: data.sniffed.map(str::to_owned).or_else(|| picture.mime.clone()).unwrap_or_default(),
            bytes: data.bytes as u64,
            sha256: data.sha256.clone(),
            size: data.size,
            final_: picture.is_final,
        });
    }
    stored
}

fn final_meta(
    running: &Running,
    reading: &Reading,
    verdict: &Verdict,
    pictures: Vec<StoredPicture>,
    means: &Means,
    prepared: &Prepared,
) -> Meta {
    let phase = match verdict.word {
        Word::Cancelled => Phase::Cancelled,
        Word::Network | Word::Timeout => Phase::Failed,
        _ => Phase::Done,
    };
    let times = running.times;
    let mut meta = running.meta.clone();
    meta.phase = phase;
    meta.request_id = request_id(&running.headers, reading);
    meta.model.reported = reported(reading);
    meta.timings_ms =
        Timings { connect: times.connect, sent: times.sent, first_byte: times.first_byte, done: times.done };
    meta.up_bytes = running.up;
    meta.down_bytes = running.down;
    meta.verdict = Some(StoredVerdict {
        word: verdict.word.as_str().to_owned(),
        reason: verdict.reason.clone(),
        charged: verdict.charged.as_str().to_owned(),
    });
    meta.usage = reading.reply.usage.clone();
    meta.cost_usd = cost(reading, prepared, means);
    meta.pictures = pictures;
    meta.notes = running.notes.clone();
    meta
}

/// The header first: relayed upstream errors do not carry the id in their message.
fn request_id(headers: &[(String, String)], reading: &Reading) -> Option<String> {
    let header = ["x-oneapi-request-id", "x-request-id", "x-goog-request-id", "request-id"]
        .iter()
        .find_map(|wanted| headers.iter().find(|(name, _)| name == wanted))
        .map(|(_, value)| value.clone());
    header.or_else(|| reading.reply.error.as_ref()?.any_request_id().map(str::to_owned))
}

/// By the price table: a price for each picture that is no thought, at the size it has.
fn cost(reading: &Reading, prepared: &Prepared, means: &Means) -> Option<f64> {
    let asked = prepared.ask.request.image_size.as_deref();
    let pictures = reading.reply.pictures.iter().filter(|p| !p.thought).filter_map(|p| p.data.as_ref());
    let price = |data: &Data| {
        means.catalog.price(&prepared.model_sent, asked.or_else(|| size_class(data.size?))).map(|p| p.usd)
    };
    pictures.map(price).reduce(|sum, price| Some(sum? + price?))?
}

/// The imageSize that a picture of so many pixels has; the sizes lie a factor of four apart.
fn size_class((width, height): (u32, u32)) -> Option<&'static str> {
    match u64::from(width) * u64::from(height) {
        0 => None,
        1..500_000 => Some("512"),
        500_000..2_000_000 => Some("1K"),
        2_000_000..8_000_000 => Some("2K"),
        _ => Some("4K"),
    }
}

fn witness(evidence: &Evidence, means: &Means) {
    if let Some(store) = &means.store
        && let Err(error) = store.append_evidence(&evidence.to_json())
    {
        tracing::warn!(%error, "evidence was not written");
    }
}

fn evidence(outcome: &Outcome, prepared: &Prepared) -> Evidence {
    Evidence {
        route: RouteId {
            profile: prepared.ask.profile.name.clone(),
            kind: prepared.ask.call.as_str().to_owned(),
            model: prepared.model_sent.clone(),
        },
        at: Timestamp::now(),
        word: outcome.verdict.word,
        reason: outcome.verdict.reason.clone(),
        status: outcome.status,
        request_id: outcome.request_id.clone(),
        first_byte_ms: outcome.times.first_byte,
        exchange: outcome.id.clone(),
    }
}
