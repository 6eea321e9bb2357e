//! Completion of ids in shells: the newest ones, each with its time and the beginning of its prompt.

use super::utc;
use crate::history::Summary;
use crate::text::{self, Safe};
use clap_complete::engine::CompletionCandidate;
use std::ffi::OsStr;

/// More than this nobody reads in a shell.
const MOST: usize = 200;
/// Columns of a prompt beside its id.
const PROMPT: usize = 48;

/// Ids of stored exchanges that begin with what was typed, newest first. Without a store there are none.
pub fn ids(current: &OsStr) -> Vec<CompletionCandidate> {
    let Ok(store) = super::reading() else { return Vec::new() };
    // Before anything is typed the newest folders are enough; the whole history need not be read.
    let all = if current.is_empty() { store.latest(MOST) } else { store.history().summaries };
    matching(all.iter(), current)
}

/// The same for what is in the trash.
pub fn trashed(current: &OsStr) -> Vec<CompletionCandidate> {
    let Ok(store) = super::reading() else { return Vec::new() };
    matching(store.trashed().iter().map(|thrown| &thrown.summary), current)
}

fn matching<'a>(all: impl Iterator<Item = &'a Summary>, current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = current.to_str() else { return Vec::new() };
    all.filter(|summary| summary.id.starts_with(typed)).take(MOST).map(candidate).collect()
}

fn candidate(summary: &Summary) -> CompletionCandidate {
    let prompt = text::clip(&Safe::head(&summary.prompt, 2 * PROMPT), PROMPT);
    CompletionCandidate::new(&summary.id).help(Some(format!("{} {prompt}", utc(summary.time)).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_so_is_offered_with_safe_help() {
        let all: Vec<Summary> = ["20261122T170512.123Z-k3x7qa", "20261121T170512.123Z-k3x7qb"]
            .map(|id| Summary { id: id.to_owned(), prompt: "a\u{1b}[2J fox\n".to_owned(), ..Summary::default() })
            .to_vec();
        let found = matching(all.iter(), OsStr::new("20261122"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].get_value(), OsStr::new("20261122T170512.123Z-k3x7qa"));
        let help = found[0].get_help().map(ToString::to_string);
        assert_eq!(help.as_deref(), Some("1970-01-01 00:00:00 a␛[2J fox⏎"));
        assert_eq!(matching(all.iter(), OsStr::new("")).len(), 2);
    }
}
