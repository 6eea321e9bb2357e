//! The end of a call: the body read and judged, pictures saved, the record settled, the route's evidence written.

use super::shelf::Shelf;
use super::unpack::open;
use super::witness::{pixels_asked, witness};
use super::{Means, Prepared, Running};
use crate::call::{Answer, Outcome, Reading};
use crate::catalog::near;
use crate::client;
use crate::secret::{Key, Mask};
use crate::store::{Meta, Phase, StoredVerdict, Timings};
use crate::wire::blob::Data;
use crate::wire::brief::{self, brief};
use crate::wire::verdict::{self, Ending, Verdict, Word};
use std::sync::Arc;

/// Bytes that are masked at a time.
const PIECE: usize = 1 << 20;

/// The end of a call, and what the store has not taken of it.
pub struct Settled {
    pub answer: Answer,
    /// To be tried again.
    pub unsettled: Option<Box<Shelf>>,
}

pub fn settle(mut running: Running, prepared: &Prepared, means: &Means, ending: Ending) -> Settled {
    running.take_last();
    if running.mask.found() > running.masked_in_headers {
        running.meta.masked.push("body".to_owned());
    }
    let body = std::mem::take(&mut running.body);
    // Needed once more only when the stored copy is not whole.
    let mut torn = running.torn.then(|| body.clone());
    let (plain, echoed) = readable(body, &running.headers, prepared.post.key.as_ref(), &mut running.notes);
    if echoed {
        running.meta.masked.push("body, stored unpacked".to_owned());
        torn = Some(plain.clone());
    }
    if !running.meta.masked.is_empty() {
        running.notes.push("the server echoed the key; it was masked before it was stored".to_owned());
    }
    let reading = Arc::new(Reading::of(plain));
    let verdict = verdict::judge(&reading.reply, reading.body.bytes(), running.status, &ending);
    remark(&reading, prepared, means, &mut running.notes);
    let meta = final_meta(&running, &reading, &verdict, means, prepared);
    let mut shelf = running.record.take().map(|record| Shelf::new(record, meta, torn, Arc::clone(&reading)));
    let failed = shelf.as_mut().map_or_else(Vec::new, |shelf| {
        let failed = shelf.write().err().unwrap_or_default();
        running.notes.clone_from(&shelf.meta.notes);
        failed
    });
    let unsettled = !failed.is_empty();
    if unsettled {
        running
            .notes
            .extend(running.refused.take().into_iter().filter(|_| shelf.as_ref().is_some_and(|s| s.torn.is_some())));
        running.notes.extend(failed);
    }
    let answer = answer(running, prepared, means, reading, verdict, shelf.as_ref());
    Settled { answer, unsettled: shelf.filter(|_| unsettled).map(Box::new) }
}

fn answer(
    running: Running,
    prepared: &Prepared,
    means: &Means,
    reading: Arc<Reading>,
    verdict: Verdict,
    shelf: Option<&Shelf>,
) -> Answer {
    let outcome = Outcome {
        id: shelf.map(|shelf| shelf.record.id().to_owned()),
        // Without a whole copy on disk the one in memory is the only one, and nobody may rely on the folder.
        folder: shelf.filter(|shelf| shelf.torn.is_none()).map(|shelf| shelf.record.folder().to_owned()),
        verdict,
        status: running.status,
        times: running.times,
        up: running.up,
        down: running.down,
        model_asked: prepared.ask.model.clone(),
        model_sent: prepared.model_sent.clone(),
        model_reported: reported(&reading),
        request_id: request_id(&running.headers, &reading),
        headers: running.headers,
        tokens: reading.reply.tokens("totalTokenCount"),
        pixels: reading.reply.final_picture().and_then(|p| p.data.as_ref()?.size),
        cost_usd: cost(&reading, prepared, means),
        booked_usd: None,
        saved: shelf.map(|shelf| shelf.saved.clone()).unwrap_or_default(),
        notes: running.notes,
        evidence: None,
    };
    let evidence = witness(&outcome, &reading, prepared, means);
    Answer { outcome: Outcome { evidence: Some(evidence), ..outcome }, reading }
}

/// The body to be read, without echoes of the key; true when it was packed and there was one, which is found only now.
/// Then the plain body is stored instead.
fn readable(
    body: Vec<u8>,
    headers: &[(String, String)],
    key: Option<&Key>,
    notes: &mut Vec<String>,
) -> (Vec<u8>, bool) {
    let opened = open(body, headers, notes);
    // What came plain was masked as it arrived.
    let safe = if opened.layers > 0 { masked(&opened.body, key) } else { None };
    match safe {
        Some(safe) => (safe, true),
        None => (opened.body, false),
    }
}

/// The body masked, if there is anything to mask in it.
fn masked(plain: &[u8], key: Option<&Key>) -> Option<Vec<u8>> {
    let mut mask = Mask::new(key);
    // Looked for first, piece by piece: a body that holds no echo is not copied.
    plain.chunks(PIECE).for_each(|piece| drop(mask.push(piece)));
    mask.finish();
    if mask.found() == 0 {
        return None;
    }
    let mut mask = Mask::new(key);
    let mut safe: Vec<u8> = plain.chunks(PIECE).flat_map(|piece| mask.push(piece)).collect();
    safe.extend(mask.finish());
    Some(safe)
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
    if let (Some(asked), Some(got)) = (pixels_asked(prepared, &means.catalog), data.size)
        && !near(asked, got)
    {
        notes.push(format!(
            "asked for {}×{}, got {}×{}; the gateway or the model did not follow",
            asked.0, asked.1, got.0, got.1
        ));
    }
    for part in &reply.parts {
        if let Some((declared, sniffed)) = part.blob().and_then(|blob| blob.mismatch()) {
            notes.push(format!("declared {}, the bytes are {sniffed}", brief(declared, brief::NAME)));
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
    Some(brief(reading.reply.model_version.as_ref()?.as_str()?, brief::NAME))
}

fn final_meta(running: &Running, reading: &Reading, verdict: &Verdict, means: &Means, prepared: &Prepared) -> Meta {
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
    meta.notes = running.notes.clone();
    meta
}

/// The header first: relayed upstream errors do not carry the id in their message.
fn request_id(headers: &[(String, String)], reading: &Reading) -> Option<String> {
    client::request_id(headers).or_else(|| reading.reply.error.as_ref()?.any_request_id().map(str::to_owned))
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

#[cfg(test)]
mod tests {
    use super::super::unpack::tests::{commented, encoded, gzip};
    use super::*;

    const KEY: &str = "sk-test-0123456789abcdef";

    #[test]
    fn an_echo_in_a_packed_body_is_masked_however_long_that_is() {
        let plain = format!(r#"{{"error":{{"message":"bad {KEY}{}"}}}}"#, ".".repeat(400));
        // A comment ends with a byte of its own.
        let filler = "c".repeat(plain.len() - gzip(plain.as_bytes()).len() - 1);
        let as_long = commented(plain.as_bytes(), &filler);
        assert_eq!(as_long.len(), plain.len());
        let key = Key::new(KEY).expect("a key");
        let safe = plain.replace(KEY, &"*".repeat(KEY.len()));
        for body in [as_long, gzip(plain.as_bytes()), gzip(&gzip(plain.as_bytes()))] {
            let read = readable(body.clone(), &encoded(&["gzip"]), Some(&key), &mut Vec::new());
            assert_eq!(read, (safe.clone().into_bytes(), true));
            let read = readable(body, &[], None, &mut Vec::new());
            assert_eq!(read, (plain.clone().into_bytes(), false));
        }
        let at_its_end = gzip(KEY.as_bytes());
        assert_eq!(readable(at_its_end, &[], Some(&key), &mut Vec::new()), (vec![b'*'; KEY.len()], true));
    }
}
