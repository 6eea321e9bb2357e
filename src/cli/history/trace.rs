//! `unpeel history trace`: from a picture, also a renamed one, back to the exchange that it came from.

use super::super::output;
use super::{TraceArgs, list, show, utc};
use crate::store::{self, Store, Stored, StoredPicture};
use crate::text::Safe;
use crate::wire::blob::Data;
use crate::wire::caption;
use anyhow::{Context, bail};
use serde_json::{Map, Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A sidecar of ours is far smaller; a larger file beside a picture is something else.
const LARGEST_SIDECAR: u64 = 4 << 20;

/// No reply is that long.
const LARGEST_PICTURE: u64 = 512 << 20;

/// An exchange that a picture leads to.
struct Found {
    stored: Stored,
    /// Which of its pictures; `None` when a note names the exchange alone.
    picture: Option<StoredPicture>,
    /// `sha256`, `sidecar` or `caption`.
    by: &'static str,
}

pub fn trace(args: &TraceArgs) -> anyhow::Result<u8> {
    let bytes = read(&args.file)?;
    let store = super::reading()?;
    let sha256 = Data::of(&bytes).sha256;
    let mut found = by_sha256(&store, &sha256, "sha256");
    if found.is_empty() {
        found = sidecar(&args.file).map(|note| by_note(&store, &note, "sidecar")).unwrap_or_default();
    }
    if found.is_empty() {
        found = caption::read(&bytes).map(|note| by_note(&store, &note, "caption")).unwrap_or_default();
    }
    if args.json {
        output::json(&found.iter().map(object).collect::<Vec<_>>())?;
    } else {
        output::lines(found.iter().flat_map(sheet))?;
    }
    if found.is_empty() {
        let said = format!("unpeel: no stored exchange holds the picture {} (sha256 {sha256})", args.file.display());
        output::tell(&Safe::of(&said));
        return Ok(1);
    }
    Ok(0)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path.to_str() == Some("-") {
        std::io::stdin().lock().take(LARGEST_PICTURE + 1).read_to_end(&mut bytes).context("stdin cannot be read")?;
    } else {
        let about = std::fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
        // A pipe would be waited for, and a device has no end.
        if !about.is_file() {
            bail!("{} is no plain file; give a picture, or - for stdin", path.display());
        }
        let file = std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let read = file.take(LARGEST_PICTURE + 1).read_to_end(&mut bytes);
        read.with_context(|| format!("{} cannot be read", path.display()))?;
    }
    if bytes.len() as u64 > LARGEST_PICTURE {
        bail!("{} is longer than {LARGEST_PICTURE} bytes: no reply held such a picture", path.display());
    }
    Ok(bytes)
}

fn by_sha256(store: &Store, sha256: &str, by: &'static str) -> Vec<Found> {
    let found = store.find_picture(sha256);
    found.into_iter().map(|(stored, picture)| Found { stored, picture: Some(picture), by }).collect()
}

/// What was written beside the picture when it was saved.
fn sidecar(path: &Path) -> Option<Value> {
    let beside = store::sidecar_path(path);
    let about = std::fs::metadata(&beside).ok()?;
    // A pipe of that name would be waited for.
    if !about.is_file() || about.len() > LARGEST_SIDECAR {
        return None;
    }
    serde_json::from_slice(&std::fs::read(&beside).ok()?).ok()
}

/// The exchange that a note names by the hash of its picture, or by its whole id.
fn by_note(store: &Store, note: &Value, by: &'static str) -> Vec<Found> {
    let field = |name: &str| note.get(name).and_then(Value::as_str);
    let found = field("sha256").map(|sha256| by_sha256(store, sha256, by)).unwrap_or_default();
    if !found.is_empty() {
        return found;
    }
    let named = field("exchange").and_then(|id| store.load(id).ok().filter(|stored| stored.id == id));
    named.map(|stored| Found { stored, picture: None, by }).into_iter().collect()
}

impl Found {
    /// The stored file; the record's own path is only compared with those that are there.
    fn path(&self) -> Option<PathBuf> {
        let there = show::pictures(&self.stored);
        match &self.picture {
            Some(picture) => there.into_iter().find(|path| *path == self.stored.folder.join(&picture.file)),
            None => there.into_iter().next(),
        }
    }
}

fn object(found: &Found) -> Map<String, Value> {
    let mut out = list::object(&found.stored.summary());
    let path = found.path().map(|path| path.to_string_lossy().into_owned());
    for (key, value) in [("picture", json!(found.picture)), ("path", json!(path)), ("by", json!(found.by))] {
        out.insert(key.to_owned(), value);
    }
    out
}

fn sheet(found: &Found) -> Vec<Safe> {
    let summary = found.stored.summary();
    let which = match &found.picture {
        Some(picture) => format!("{}{}", picture.file, if picture.final_ { ", final" } else { "" }),
        None => "not told apart: the file is not as it was stored".to_owned(),
    };
    let path = found.path().map_or_else(|| "gone from the store".to_owned(), |path| path.display().to_string());
    let head = [
        ("id", summary.id.clone()),
        ("time", format!("{} UTC", utc(summary.time))),
        ("model", summary.model.clone()),
        ("picture", which),
        ("path", path),
        ("found by", found.by.to_owned()),
    ];
    let rows: Vec<Vec<Safe>> = head.into_iter().map(|(name, value)| vec![Safe::from(name), Safe::of(&value)]).collect();
    let mut lines = output::table(&rows);
    let prompt = Safe::lines(&summary.prompt).into_iter().enumerate();
    let name = |at: usize| if at == 0 { Safe::from("prompt  ") } else { Safe::from("        ") };
    lines.extend(prompt.map(|(at, line)| Safe::join([&name(at), &line], "  ")));
    lines
}
