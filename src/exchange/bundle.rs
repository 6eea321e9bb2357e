//! One exchange packed for whoever is to help: request, reply, record, HAR, a command and versions, without secrets.

use super::curl;
use super::har::{self, Disclosed, REPLY, SEALED};
use super::redact::Redactor;
use crate::config::{Auth, Profile};
use crate::store::{self, Meta, StoreError, Stored, Timings};
use crate::text::{self, Safe};
use crate::wire::request::Call;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::env::consts::{ARCH, OS};
use std::io;
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};

/// The folder that the archive unpacks to.
const FOLDER: &str = "bundle";

const ENTRY_MODE: u32 = 0o600;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The exchange cannot be read, or the file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive could not be put together.
    #[error("the bundle could not be packed ({0}); nothing was written")]
    Pack(io::Error),
    /// The last look found what the redaction had left.
    #[error(
        "a key, or its beginning, is still in what {} should hold; nothing was written, and none of it should be sent",
        .path.display()
    )]
    Unclean {
        /// The file that was not written.
        path: PathBuf,
    },
}

/// Packs an exchange into a tar archive, in memory.
///
/// `facts` are names and values of the terminal; `profile` is the one it was made with, as far as it is still known.
///
/// # Errors
/// [`ExportError::Store`] when the exchange cannot be read, [`ExportError::Pack`].
pub fn bundle(
    stored: &Stored,
    facts: &[(String, String)],
    profile: Option<&Profile>,
    redactor: &mut Redactor,
) -> Result<Vec<u8>, ExportError> {
    let disclosed = Disclosed::of(stored, redactor)?;
    pack(stored, facts, profile, &disclosed, redactor).map_err(ExportError::Pack)
}

/// Writes a HAR or a bundle to a new file, after a last look for keys.
///
/// # Errors
/// [`ExportError::Unclean`], and as [`store::save_as`]: nothing is overwritten, nothing half-written is left.
pub fn write_export(path: &Path, bytes: &[u8], redactor: &Redactor) -> Result<(), ExportError> {
    if !redactor.is_clean(bytes) {
        return Err(ExportError::Unclean { path: path.to_path_buf() });
    }
    store::save_as(path, bytes, None)?;
    Ok(())
}

fn pack(
    stored: &Stored,
    facts: &[(String, String)],
    profile: Option<&Profile>,
    disclosed: &Disclosed,
    redactor: &mut Redactor,
) -> io::Result<Vec<u8>> {
    let mut archive = Archive { tar: Builder::new(Vec::new()), time: stored.meta.time };
    archive.add("README.txt", readme(stored, disclosed, redactor).as_bytes())?;
    archive.add(store::REQUEST, &disclosed.request)?;
    if let Some(reply) = &disclosed.reply {
        archive.add(REPLY, reply)?;
    }
    archive.add("meta.json", &record(&stored.meta, disclosed, redactor)?)?;
    archive.add("exchange.har", &pretty(&har::log(stored, profile, disclosed))?)?;
    archive.add("curl.sh", script(stored, profile, disclosed).as_bytes())?;
    archive.add("versions.json", &versions(facts, redactor)?)?;
    archive.tar.into_inner()
}

struct Archive {
    tar: Builder<Vec<u8>>,
    /// When the call was made: the same exchange packs to the same bytes.
    time: Timestamp,
}

impl Archive {
    fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(ENTRY_MODE);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(u64::try_from(self.time.as_second()).unwrap_or(0));
        header.set_size(bytes.len() as u64);
        self.tar.append_data(&mut header, Path::new(FOLDER).join(name), bytes)
    }
}

/// `meta.json`, with the headers that may be shown.
fn record(meta: &Meta, disclosed: &Disclosed, redactor: &mut Redactor) -> io::Result<Vec<u8>> {
    let mut record = serde_json::to_value(Meta { headers: disclosed.headers.clone(), ..meta.clone() })?;
    redactor.json(&mut record);
    pretty(&record)
}

fn versions(facts: &[(String, String)], redactor: &mut Redactor) -> io::Result<Vec<u8>> {
    let safe = |(name, value): &(String, String)| json!({"name": redactor.text(name), "value": redactor.text(value)});
    let facts: Vec<Value> = facts.iter().map(safe).collect();
    pretty(&json!({"unpeel": env!("CARGO_PKG_VERSION"), "os": OS, "arch": ARCH, "terminal": facts}))
}

/// The call again, from the folder that it lies in.
fn script(stored: &Stored, profile: Option<&Profile>, disclosed: &Disclosed) -> String {
    let auth = curl::auth(Call::of(&stored.meta.kind), profile.map_or(Auth::Header, |profile| profile.auth));
    let variable = profile.and_then(|profile| profile.api_key_env.as_deref());
    let data = format!("--data-binary '@{}'", store::REQUEST);
    let command = curl::command(&disclosed.url, auth, variable, &data);
    format!("{SCRIPT}{command}\n")
}

/// Whoever gets it should know what it does; the body lies beside it.
const SCRIPT: &str = "#!/bin/sh
# Makes the call again, which may be billed again.
cd -- \"$(dirname -- \"$0\")\" || exit 1
";

fn readme(stored: &Stored, disclosed: &Disclosed, redactor: &mut Redactor) -> String {
    let meta = &stored.meta;
    let model = &meta.model;
    let reported = model.reported.as_deref().unwrap_or("(none)");
    let rows = [
        ("verdict", disclosed.verdict.clone()),
        ("charged", disclosed.charged.to_owned()),
        ("model", format!("asked {} → sent {} → reported {reported}", model.asked, model.sent)),
        ("request id", disclosed.request_id.clone().unwrap_or_else(|| "(none)".to_owned())),
        ("exchange", stored.id.clone()),
        ("time", format!("{}, {}", meta.time, times(&meta.timings_ms))),
        ("call", format!("POST {}", disclosed.url)),
        ("status", meta.status.map_or_else(|| "(none)".to_owned(), |status| status.to_string())),
        ("profile", format!("{} ({})", meta.profile, meta.environment)),
        ("up", format!("{} of {} B", meta.up_bytes, disclosed.sent)),
        ("down", format!("{} B", disclosed.received)),
    ];
    let mut lines =
        vec![format!("One call, packed by unpeel {} for whoever is to help with it.\n", env!("CARGO_PKG_VERSION"))];
    // Safe to print: a reply's words stand in here.
    lines.extend(rows.iter().map(|(name, value)| format!("{name:<11}{}", Safe::of(&redactor.text(value)))));
    lines.push(FILES.to_owned());
    let lack = disclosed.lack.as_deref().map(Safe::of);
    lines.extend(lack.map(|lack| format!("Look through it before you send it on: {lack}.\n")));
    lines.extend(disclosed.reply.is_none().then(|| format!("The file {REPLY} is {SEALED}.\n")));
    lines.push("Replaced in this exchange:".to_owned());
    lines.extend(list(&disclosed.changed));
    lines.push("\nNotes:".to_owned());
    lines.extend(list(&disclosed.notes));
    lines.join("\n") + "\n"
}

const FILES: &str = "
Files:
  request.json   the body as it was sent, with the reference pictures
  reply          the body as it was received, unpacked if it came packed, with the pictures
  meta.json      the record: what was asked, headers, times, usage, verdict
  exchange.har   the same as HAR 1.2, for a browser's network panel or a proxy
  curl.sh        makes the call again; it needs the key in a variable, and may be billed
  versions.json  program, system and terminal

What is not in here:
  Keys that the program knows are * of the same length, in every spelling. In texts and bodies below 1 MB, what looks
  like a key or a token, the values of headers that carry one, cookies, and the query values of signed links are
  [redacted]. In longer bodies only known keys and the query values of links are replaced, by * of the same length, so
  that offsets stay. A body that is not named below is as it was. A reply that is packed in a way that cannot be read
  here is left out. The prompt and the pictures are in here.
";

fn list(items: &[String]) -> Vec<String> {
    if items.is_empty() {
        return vec!["  none".to_owned()];
    }
    items.iter().map(|item| format!("  - {}", Safe::of(item))).collect()
}

fn times(times: &Timings) -> String {
    let reached =
        [("connected", times.connect), ("sent", times.sent), ("first byte", times.first_byte), ("done", times.done)];
    let said = reached.into_iter().filter_map(|(name, time)| Some(format!("{name} after {:.0} ms", time?)));
    let said: Vec<String> = said.collect();
    if said.is_empty() { "no step was reached".to_owned() } else { said.join(", ") }
}

/// Escaped so that it may be printed, too.
fn pretty(value: &Value) -> io::Result<Vec<u8>> {
    let json = serde_json::to_string_pretty(value)?;
    Ok((text::json_safe(&json) + "\n").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::har::tests::{KEY, assert_safe, leaky, leaky_body, packed, redactor};
    use super::*;
    use std::collections::BTreeMap;
    use std::io::Read;

    fn unpacked(archive: &[u8]) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for entry in tar::Archive::new(archive).entries().unwrap() {
            let mut entry = entry.unwrap();
            assert_eq!(entry.header().mode().unwrap(), 0o600);
            let name = entry.path().unwrap().to_str().unwrap().to_owned();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            files.insert(name, text);
        }
        files
    }

    #[test]
    fn a_bundle_opens_and_holds_no_secret() {
        let state = tempfile::tempdir().unwrap();
        let stored = leaky(state.path(), leaky_body().as_bytes());
        let facts = [("TERM".to_owned(), "xterm".to_owned()), ("title".to_owned(), KEY.to_owned())];
        let mut redactor = redactor();
        let archive = bundle(&stored, &facts, None, &mut redactor).unwrap();
        assert!(redactor.is_clean(&archive));

        let files = unpacked(&archive);
        let names = ["README.txt", "curl.sh", "exchange.har", "meta.json", "reply", "request.json", "versions.json"];
        assert_eq!(files.keys().cloned().collect::<Vec<_>>(), names.map(|name| format!("bundle/{name}")));
        files.values().for_each(|text| assert_safe(text));
        for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".json") || name.ends_with(".har")) {
            assert!(serde_json::from_str::<Value>(text).is_ok(), "{name}: {text}");
        }
        let readme = &files["bundle/README.txt"];
        for part in [
            "gateway_error: bad key ***",
            "asked m → sent m-1 → reported m-2",
            "rid-7",
            "first byte after 500 ms",
            "- request.json\n  - reply\n  - header set-cookie\n  - header x-echo\n  - header location\n",
        ] {
            assert!(readme.contains(part), "{part} is not in {readme}");
        }
        assert!(!readme.contains('\u{1b}'));
        assert!(files["bundle/curl.sh"].contains("--data-binary '@request.json'"));
    }

    #[test]
    fn what_was_not_looked_for_or_into_is_said() {
        let state = tempfile::tempdir().unwrap();
        let stored = packed(state.path(), b"\x0b\x02\x80", &["br"]);
        let lack = "the key of p was not looked for";
        let mut redactor = redactor().lacking(Some(lack.to_owned()));
        let files = unpacked(&bundle(&stored, &[], None, &mut redactor).unwrap());
        assert!(!files.contains_key("bundle/reply"));
        let readme = &files["bundle/README.txt"];
        assert!(readme.contains(lack) && readme.contains("The file reply is left out: "), "{readme}");
        assert!(files["bundle/exchange.har"].contains(lack));
    }

    #[test]
    fn what_is_not_clean_or_not_free_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle.tar");
        let refused = write_export(&path, format!("x{KEY}").as_bytes(), &redactor()).unwrap_err();
        assert!(refused.to_string().contains("nothing was written") && !path.exists(), "{refused}");
        write_export(&path, b"clean", &redactor()).unwrap();
        let refused = write_export(&path, b"other", &redactor()).unwrap_err();
        assert!(matches!(refused, ExportError::Store(StoreError::Exists { .. })), "{refused}");
        assert_eq!(std::fs::read(&path).unwrap(), b"clean");
    }
}
