//! `unpeel history export`: exchanges copied out whole, a folder each or all in one tar file; paths on stdout.

use super::super::{Shared, output, setup};
use super::ExportArgs;
use crate::config::Profile;
use crate::exchange::Files;
use crate::store::{self, Store, Stored};
use crate::text::Safe;
use anyhow::{Context, bail};
use std::path::PathBuf;

pub fn export(shared: &Shared, args: &ExportArgs) -> anyhow::Result<u8> {
    if args.ids.is_empty() && args.query.is_none() {
        bail!("nothing is named to export; give ids, or --query and what to look for");
    }
    let chosen = chosen(&super::reading()?, shared, args)?;
    if chosen.is_empty() {
        output::tell(&Safe::from("unpeel: no stored exchange matches the query; nothing was exported"));
        return Ok(1);
    }
    let mut made = Vec::new();
    if args.har.is_some() || args.bundle.is_some() {
        for_support(shared, args, &chosen, &mut made)?;
    }
    let Some(out) = &args.out else {
        print(&made, args.json)?;
        return Ok(0);
    };
    let out = std::path::absolute(out).with_context(|| format!("{} is no path", out.display()))?;
    let ended = if out.extension().is_some_and(|end| end.eq_ignore_ascii_case("tar")) {
        store::export_tar(&chosen, &out).map(|path| made.push(path))
    } else {
        chosen.iter().try_for_each(|stored| store::export_folder(stored, &out).map(|path| made.push(path)))
    };
    // What was made before a failure is there, and is named.
    print(&made, args.json)?;
    ended?;
    Ok(0)
}

/// What is for other people's eyes is of one exchange, and redacted.
fn for_support(shared: &Shared, args: &ExportArgs, chosen: &[Stored], made: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let [stored] = chosen else { bail!("--har and --bundle are of one exchange, and {} are named", chosen.len()) };
    let loaded = setup::config(shared)?;
    let profiles: Vec<Profile> = loaded.settings.profiles.values().cloned().collect();
    let hidden = setup::key_names(&loaded);
    let facts = [("TERM".to_owned(), std::env::var("TERM").unwrap_or_default())];
    let files = Files { har: args.har.clone(), bundle: args.bundle.clone() };
    let lack = files.write(stored, &profiles, &hidden, &facts)?;
    super::tell(lack.as_slice());
    for path in [files.har, files.bundle].into_iter().flatten() {
        made.push(std::path::absolute(path)?);
    }
    Ok(())
}

/// The named ones, then those that the query matches, each once.
fn chosen(store: &Store, shared: &Shared, args: &ExportArgs) -> anyhow::Result<Vec<Stored>> {
    let mut chosen: Vec<Stored> = Vec::new();
    for id in &args.ids {
        let stored = store.load(id)?;
        if chosen.iter().all(|other| other.id != stored.id) {
            chosen.push(stored);
        }
    }
    let Some(query) = &args.query else { return Ok(chosen) };
    let filter = super::filter(query, shared)?;
    let history = store.history();
    super::tell(&history.notes);
    let named: Vec<String> = chosen.iter().map(|stored| stored.id.clone()).collect();
    for summary in history.summaries.iter().filter(|summary| filter.matches(summary)) {
        if !named.contains(&summary.id) {
            chosen.push(store.load(&summary.id)?);
        }
    }
    Ok(chosen)
}

fn print(made: &[PathBuf], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(&made.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>());
    }
    output::lines(made.iter().map(|path| output::path(path)))
}
