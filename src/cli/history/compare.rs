//! `unpeel history diff` and `tree`: what changed between two exchanges, and what grew out of what.

use super::super::output;
use super::{DiffArgs, TreeArgs, list, usd, utc};
use crate::exchange;
use crate::history::{self, Branch, Change, Comparison, Piece, Summary};
use crate::store::Stored;
use crate::text::{self, Safe};
use serde_json::{Value, json};

/// Columns of the changed words beside a branch.
const CHANGED: usize = 80;
/// Characters kept of an unchanged stretch on each side of a change.
const AROUND: usize = 16;

pub fn diff(args: &DiffArgs) -> anyhow::Result<u8> {
    let store = super::reading()?;
    let (before, after) = (store.load(&args.before)?, store.load(&args.after)?);
    let comparison = exchange::compare(&before, &after);
    if args.json {
        output::json(&object(&comparison, args.raw))?;
    } else {
        let heads = [head("before", &before), head("after ", &after)];
        output::lines(heads.into_iter().chain(sheet(&comparison, args.raw)))?;
    }
    Ok(0)
}

fn head(which: &str, stored: &Stored) -> Safe {
    let summary = stored.summary();
    Safe::of(&format!("{which}  {}  {}  {}", summary.id, utc(summary.time), list::word(&summary)))
}

fn sheet(comparison: &Comparison, raw: bool) -> Vec<Safe> {
    let mut lines = vec![Safe::default()];
    lines.extend(Safe::lines(&wdiff(&comparison.prompt)));
    lines.push(Safe::default());
    lines.extend(comparison.changes.iter().map(change));
    if comparison.changes.is_empty() {
        lines.push(Safe::from("no parameter differs"));
    }
    if raw {
        lines.push(Safe::default());
        lines.extend(comparison.raw.iter().map(line));
        if comparison.raw.is_empty() {
            lines.push(Safe::from("no line of the raw replies differs"));
        }
    }
    lines
}

/// `[-removed-]{+added+}` in the text that both have.
fn wdiff(pieces: &[Piece]) -> String {
    let marked = pieces.iter().map(|piece| match piece {
        Piece::Same(text) => text.clone(),
        Piece::Removed(text) => format!("[-{text}-]"),
        Piece::Added(text) => format!("{{+{text}+}}"),
    });
    marked.collect()
}

fn change(change: &Change) -> Safe {
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
    Safe::of(&format!("{}: {} → {}", change.path, side(&change.before), side(&change.after)))
}

fn line(piece: &Piece) -> Safe {
    let (sign, text) = match piece {
        Piece::Same(text) => (' ', text),
        Piece::Removed(text) => ('-', text),
        Piece::Added(text) => ('+', text),
    };
    Safe::of(&format!("{sign} {text}"))
}

fn object(comparison: &Comparison, raw: bool) -> Value {
    let mut out = json!({
        "before": comparison.before,
        "after": comparison.after,
        "prompt": comparison.prompt.iter().map(operation).collect::<Vec<_>>(),
        "changes": comparison.changes.iter().map(changed_value).collect::<Vec<_>>(),
    });
    if raw {
        out["raw"] = comparison.raw.iter().map(operation).collect();
    }
    out
}

fn operation(piece: &Piece) -> Value {
    match piece {
        Piece::Same(text) => json!({"op": "same", "text": text}),
        Piece::Removed(text) => json!({"op": "removed", "text": text}),
        Piece::Added(text) => json!({"op": "added", "text": text}),
    }
}

/// The two values go out as the JSON that they are, not as text of it.
fn changed_value(change: &Change) -> Value {
    let side = |value: &Option<String>| value.as_ref().and_then(|json| serde_json::from_str::<Value>(json).ok());
    json!({"path": change.path, "before": side(&change.before), "after": side(&change.after)})
}

pub fn tree(args: &TreeArgs) -> anyhow::Result<u8> {
    let store = super::reading()?;
    let id = store.load(&args.id)?.id;
    let kept = store.history();
    super::tell(&kept.notes);
    let branches = history::tree(&kept.summaries.iter().collect::<Vec<_>>(), &id);
    output::lines(branches.iter().map(|branch| twig(&kept.summaries, branch, &id)))?;
    Ok(0)
}

/// One line of the tree; an arrow stands behind the exchange that was asked for.
fn twig(all: &[Summary], branch: &Branch, asked: &str) -> Safe {
    let summary = &all[branch.at];
    let parent = all.iter().find(|other| Some(&other.id) == summary.parent.as_ref());
    let text = match parent {
        Some(parent) => changed(&history::words(&parent.prompt, &summary.prompt)),
        None => summary.prompt.clone(),
    };
    let arrow = if summary.id == asked { " ←" } else { "" };
    let facts = format!("{} {} {}{arrow}", summary.id, list::word(summary), usd(summary.cost_usd));
    let text = text::clip(&Safe::head(&text, 2 * CHANGED), CHANGED);
    Safe::join([&Safe::of(&branch.lines), &Safe::of(&facts), &Safe::from("  "), &text], "")
}

/// The changed words with a little around them, so that a change at the end of a long prompt is seen.
fn changed(pieces: &[Piece]) -> String {
    if pieces.iter().all(|piece| matches!(piece, Piece::Same(_))) {
        return "same prompt".to_owned();
    }
    let last = pieces.len() - 1;
    let short = |(at, piece): (usize, &Piece)| match piece {
        Piece::Same(text) => Piece::Same(shorten(text, at > 0, at < last)),
        other => other.clone(),
    };
    wdiff(&pieces.iter().enumerate().map(short).collect::<Vec<_>>())
}

/// Keeps the beginning of an unchanged stretch when a change stands before it, and its end when one follows.
fn shorten(text: &str, after_change: bool, before_change: bool) -> String {
    let count = text.chars().count();
    let head = if after_change { AROUND } else { 0 };
    let tail = if before_change { AROUND } else { 0 };
    if count <= head + tail + 1 {
        return text.to_owned();
    }
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(text: &str) -> Piece {
        Piece::Same(text.to_owned())
    }

    #[test]
    fn words_are_marked_as_wdiff_marks_them() {
        let pieces = [same("a "), Piece::Removed("red".into()), Piece::Added("blue".into()), same(" fox")];
        assert_eq!(wdiff(&pieces), "a [-red-]{+blue+} fox");
        let long = "snow and ".repeat(40);
        let end = [same(&long), Piece::Added("at dusk".into())];
        assert_eq!(changed(&end), "…ow and snow and {+at dusk+}");
        assert_eq!(changed(&[same("a fox")]), "same prompt");
    }

    #[test]
    fn values_go_out_as_json() {
        let change = Change { path: "seed".into(), before: None, after: Some("{\"a\":[1]}".into()) };
        assert_eq!(changed_value(&change), json!({"path": "seed", "before": null, "after": {"a": [1]}}));
        assert_eq!(super::change(&change).as_str(), "seed: not set → {\"a\":[1]}");
        let raw = vec![same("{"), Piece::Added("  \u{1b}".into())];
        let comparison = Comparison { raw, ..Comparison::default() };
        assert_eq!(object(&comparison, true)["raw"][1], json!({"op": "added", "text": "  \u{1b}"}));
        assert_eq!(object(&comparison, false).get("raw"), None);
        assert_eq!(sheet(&comparison, true).last().map(Safe::as_str), Some("+   ␛"));
    }
}
