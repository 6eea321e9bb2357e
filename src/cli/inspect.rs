//! `unpeel inspect`: what a saved reply holds, as a table or as one JSON object.

use super::{InspectArgs, output, saved};
use crate::call::Reading;
use crate::text::{self, Safe};
use crate::wire::link::redacted;
use crate::wire::part::Part;
use crate::wire::picture::Picture;
use crate::wire::reply::Reply;
use crate::wire::report;
use crate::wire::verdict::Verdict;

pub fn inspect(args: &InspectArgs) -> anyhow::Result<u8> {
    let reply = saved::load(&args.file)?;
    let reading = Reading::of(reply.body);
    let verdict = reply.origin.judge(&reading);
    if args.json {
        output::json(&report::report(&reading.reply, &verdict))?;
    } else {
        output::lines(sheet(&reading, &verdict, &reply.notes))?;
    }
    Ok(0)
}

fn sheet(reading: &Reading, verdict: &Verdict, notes: &[String]) -> Vec<Safe> {
    let reply = &reading.reply;
    let mut lines = vec![
        Safe::of(&verdict.line()),
        Safe::of(&format!(
            "{} · {} · {} · charged: {}",
            serde_json::to_value(reply.document.format).unwrap_or_default().as_str().unwrap_or_default(),
            text::bytes(reading.body.bytes().len() as u64),
            text::count(reply.candidates, "candidate"),
            verdict.charged.as_str()
        )),
    ];
    lines.extend(facts(reply));
    if !reply.parts.is_empty() {
        lines.push(Safe::default());
        lines.extend(output::table(&parts(reply)));
    }
    if !reply.pictures.is_empty() {
        lines.push(Safe::default());
        lines.extend(output::table(&pictures(reply)));
    }
    lines.extend(reply.notes.iter().chain(notes).map(|note| Safe::of(&format!("note: {note}"))));
    lines
}

fn facts(reply: &Reply) -> Vec<Safe> {
    let mut facts = Vec::new();
    let mut fact =
        |name: &str, value: Option<String>| facts.extend(value.map(|value| Safe::of(&format!("{name}: {value}"))));
    fact("model", reply.model_version.as_ref().map(plain));
    fact("response id", reply.response_id.as_ref().map(plain));
    for finish in &reply.finish {
        let message = finish.message.as_str().map_or_else(String::new, |m| format!(" — {m}"));
        fact(&format!("finish [{}]", finish.candidate), Some(format!("{}{message}", plain(&finish.reason))));
    }
    fact("blocked", reply.block.as_ref().map(|b| plain(&b.reason)));
    fact("usage", reply.usage.as_ref().map(ToString::to_string));
    fact("error", reply.error.as_ref().map(|e| e.words()));
    facts
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn row(cells: &[&str]) -> Vec<Safe> {
    cells.iter().map(|cell| Safe::of(cell)).collect()
}

fn parts(reply: &Reply) -> Vec<Vec<Safe>> {
    let head = row(&["part", "chunk", "cand", "kind", "thought", "signature", "holds"]);
    let line = |(number, part): (usize, &Part)| {
        row(&[
            &number.to_string(),
            &part.place.chunk.to_string(),
            &plain(&part.candidate),
            part.kind(),
            if part.thought { "yes" } else { "" },
            &if part.signature_chars > 0 { format!("{} ch", part.signature_chars) } else { String::new() },
            &holds(part),
        ])
    };
    std::iter::once(head).chain(reply.parts.iter().enumerate().map(line)).collect()
}

/// What a part carries, in a few words.
fn holds(part: &Part) -> String {
    let mut words = Vec::new();
    if let Some(text) = part.text() {
        words.push(format!("{} characters", text.chars));
        if !text.embedded.is_empty() {
            words.push(format!("{} wrapped", text.embedded.len()));
        }
    }
    if let Some(blob) = part.blob() {
        let declared = blob.declared().unwrap_or("no type");
        match &blob.data {
            Some(data) => {
                words.push(format!("{declared}, {}, sha256 {}", text::bytes(data.bytes as u64), &data.sha256[..12]))
            }
            None => words.push(format!("{declared}, not base64")),
        }
    }
    if !part.extra_keys.is_empty() {
        words.push(format!("also {}", part.extra_keys.join(", ")));
    }
    if !part.whole {
        words.push("cut".to_owned());
    }
    words.join(" · ")
}

fn pictures(reply: &Reply) -> Vec<Vec<Safe>> {
    let head = row(&["picture", "part", "from", "declared", "is", "size", "bytes", "sha256", ""]);
    let line = |(number, picture): (usize, &Picture)| {
        let data = picture.data.as_ref();
        row(&[
            &number.to_string(),
            &picture.part.to_string(),
            picture.from.as_str(),
            picture.mime.as_deref().unwrap_or("–"),
            data.and_then(|d| d.sniffed).unwrap_or("–"),
            &data.and_then(|d| d.size).map_or_else(|| "–".to_owned(), |(w, h)| format!("{w}×{h}")),
            &data.map_or_else(|| "–".to_owned(), |d| d.bytes.to_string()),
            &data.map_or_else(|| picture.url().map_or_else(|| "–".to_owned(), redacted), |d| d.sha256[..12].to_owned()),
            match (picture.is_final, picture.thought) {
                (true, true) => "final, thought",
                (true, false) => "final",
                (false, true) => "thought",
                (false, false) => "",
            },
        ])
    };
    std::iter::once(head).chain(reply.pictures.iter().enumerate().map(line)).collect()
}
