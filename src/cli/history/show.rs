//! `unpeel history show`: one exchange with all that is known of it, for people or as one JSON object.

use super::super::output;
use super::{ShowArgs, list, mark, utc};
use crate::history::Summary;
use crate::store::{Meta, Stored, StoredPicture, Timings};
use crate::text::{self, Safe};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

pub fn show(args: &ShowArgs) -> anyhow::Result<u8> {
    let store = super::reading()?;
    let stored = store.load(&args.id)?;
    let all = store.history().summaries;
    let made_from_it = |other: &&Summary| other.parent.as_deref() == Some(&stored.id);
    let children: Vec<&str> = all.iter().filter(made_from_it).map(|child| child.id.as_str()).collect();
    if args.json {
        output::json(&object(&stored, &children)?)?;
    } else {
        output::lines(sheet(&stored, &children))?;
    }
    Ok(0)
}

/// Paths of an exchange's pictures, the final one's first.
pub fn pictures(stored: &Stored) -> Vec<PathBuf> {
    let mut paths = stored.pictures();
    paths.sort_by_key(|path| !recorded(stored, path).is_some_and(|picture| picture.final_));
    paths
}

/// What the record says of a file in `parts/`. Its own paths are only compared, never opened: a record may be foreign.
fn recorded<'a>(stored: &'a Stored, path: &Path) -> Option<&'a StoredPicture> {
    let file = path.strip_prefix(&stored.folder).ok()?;
    let same = stored.meta.pictures.iter().filter(|picture| Path::new(&picture.file) == file);
    // One file may stand for several pictures with the same bytes.
    same.max_by_key(|picture| picture.final_)
}

fn object(stored: &Stored, children: &[&str]) -> anyhow::Result<Map<String, Value>> {
    let mut out = list::object(&stored.summary());
    let request: Option<Value> = stored.request().ok().and_then(|body| serde_json::from_slice(&body).ok());
    let saved: Vec<_> = pictures(stored).iter().map(|path| path.to_string_lossy().into_owned()).collect();
    for (key, value) in [
        ("live", json!(stored.live)),
        ("folder", json!(stored.folder.to_string_lossy())),
        ("children", json!(children)),
        ("pictures", json!(saved)),
        ("saved", json!(saved)),
        ("meta", serde_json::to_value(&stored.meta)?),
        ("request", json!(request)),
    ] {
        out.insert(key.to_owned(), value);
    }
    Ok(out)
}

fn sheet(stored: &Stored, children: &[&str]) -> Vec<Safe> {
    let summary = stored.summary();
    let mut lines = output::table(&facts(stored, &summary, children));
    let notes = &stored.meta.notes;
    lines.extend(notes.iter().map(|note| Safe::of(&format!("note: {note}"))));
    let pictures = pictures(stored);
    if !pictures.is_empty() {
        lines.push(Safe::default());
        let row = |path: &PathBuf| picture(path, recorded(stored, path));
        lines.extend(output::table(&pictures.iter().map(row).collect::<Vec<_>>()));
    }
    lines.push(Safe::default());
    lines.extend(Safe::lines(&summary.prompt));
    lines
}

fn facts(stored: &Stored, summary: &Summary, children: &[&str]) -> Vec<Vec<Safe>> {
    let meta = &stored.meta;
    let mut rows = Vec::new();
    let mut fact = |name: &'static str, value: String| {
        if !value.is_empty() {
            rows.push(vec![Safe::from(name), Safe::of(&value)]);
        }
    };
    fact("id", summary.id.clone());
    fact("time", format!("{} UTC", utc(summary.time)));
    fact("verdict", verdict(summary));
    fact("phase", format!("{}{}", summary.phase.word(), if stored.live { ", in flight" } else { "" }));
    fact("status", meta.status.map_or_else(String::new, |status| status.to_string()));
    fact("profile", said([&meta.profile, &meta.environment, &meta.base].map(String::clone), " · "));
    fact("kind", meta.kind.clone());
    fact("model", models(meta));
    fact("times", times(&meta.timings_ms));
    fact("bytes", format!("{} up, {} down", text::bytes(meta.up_bytes), text::bytes(summary.down)));
    fact("cost", super::usd(summary.cost_usd));
    fact("tokens", summary.tokens.map_or_else(String::new, |tokens| tokens.to_string()));
    fact("request id", summary.request_id.clone().unwrap_or_default());
    fact("session", summary.session.clone());
    fact("parent", summary.parent.clone().unwrap_or_default());
    fact("children", children.join(" "));
    fact("marks", mark::line(&summary.marks));
    fact("masked", meta.masked.join(", "));
    fact("folder", stored.folder.to_string_lossy().into_owned());
    rows
}

fn verdict(summary: &Summary) -> String {
    if summary.word.is_empty() {
        return String::new();
    }
    format!("{}: {} · charged: {}", summary.word, summary.reason, summary.charged)
}

/// What is there of some facts.
fn said(facts: impl IntoIterator<Item = String>, between: &str) -> String {
    facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(between)
}

/// The names that one model had on its way.
fn models(meta: &Meta) -> String {
    let names = [("asked", Some(&meta.model.asked)), ("sent", Some(&meta.model.sent))];
    let names = names.into_iter().chain([("reported", meta.model.reported.as_ref())]);
    let named = names.filter_map(|(how, name)| Some((how, name.filter(|name| !name.is_empty())?)));
    said(named.map(|(how, name)| format!("{name} ({how})")), " → ")
}

fn times(times: &Timings) -> String {
    let steps =
        [("connected", times.connect), ("sent", times.sent), ("first byte", times.first_byte), ("done", times.done)];
    said(steps.into_iter().filter_map(|(step, ms)| Some(format!("{step} {:.0} ms", ms?))), " · ")
}

fn picture(path: &Path, recorded: Option<&StoredPicture>) -> Vec<Safe> {
    let Some(picture) = recorded else { return vec![output::path(path), Safe::from("not in the record")] };
    vec![
        output::path(path),
        Safe::of(&picture.size.map_or_else(|| "–".to_owned(), |(w, h)| format!("{w}×{h}"))),
        Safe::of(&format!("{} B", picture.bytes)),
        Safe::of(&format!("sha256 {}", picture.sha256)),
        Safe::from(if picture.final_ { "final" } else { "" }),
    ]
}
