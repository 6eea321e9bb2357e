//! `unpeel history list`: the exchanges that a query matches, newest first, as a table or as a JSON array.

use super::super::{Shared, output};
use super::{ListArgs, term, utc};
use crate::history::{Marks, Summary};
use crate::store::Trashed;
use crate::text::{self, Safe};
use serde_json::{Map, Value, json};

/// Columns of a prompt in the table.
const PROMPT: usize = 60;
/// Columns of a model's name in the table.
const MODEL: usize = 32;

pub fn list(shared: &Shared, args: &ListArgs) -> anyhow::Result<u8> {
    let filter = super::filter(&query(args), shared)?;
    let store = super::reading()?;
    let most = args.limit.unwrap_or(usize::MAX);
    if args.trash {
        let trash = store.trashed();
        let found: Vec<&Trashed> = trash.iter().filter(|thrown| filter.matches(&thrown.summary)).take(most).collect();
        print(args.json, found.iter().map(|thrown| &thrown.summary), found.iter().map(|thrown| in_trash(thrown)))?;
    } else {
        let history = store.history();
        super::tell(&history.notes);
        let found: Vec<&Summary> = history.summaries.iter().filter(|s| filter.matches(s)).take(most).collect();
        print(args.json, found.iter().copied(), found.iter().map(|summary| object(summary)))?;
    }
    Ok(0)
}

fn print<'a>(
    as_json: bool,
    rows: impl Iterator<Item = &'a Summary>,
    objects: impl Iterator<Item = Map<String, Value>>,
) -> anyhow::Result<()> {
    if as_json {
        output::json(&objects.collect::<Vec<_>>())
    } else {
        output::lines(output::table(&rows.map(row).collect::<Vec<_>>()))
    }
}

/// The flags and the words of the command line as one query; words last, since one may leave a quote open.
fn query(args: &ListArgs) -> String {
    // Several verdicts stand with commas between them, as in a query.
    let words = args.verdict.iter().map(|words| format!("verdict:{words}"));
    let flags = [
        ("model", &args.model),
        ("route", &args.route),
        ("tag", &args.tag),
        ("since", &args.since),
        ("until", &args.until),
    ];
    let flags = flags.into_iter().filter_map(|(name, value)| Some(term(name, value.as_deref()?)));
    let star = args.star.then(|| "is:star".to_owned());
    words.chain(flags).chain(star).chain(args.query.iter().cloned()).collect::<Vec<_>>().join(" ")
}

fn row(summary: &Summary) -> Vec<Safe> {
    // A long prompt is cut before it is looked at in detail: only its beginning is shown.
    let prompt = text::clip(&Safe::head(&summary.prompt, 2 * PROMPT), PROMPT);
    vec![
        Safe::of(&summary.id),
        Safe::of(&utc(summary.time)),
        Safe::of(word(summary)),
        text::clip(&Safe::of(&summary.model), MODEL),
        Safe::of(&super::usd(summary.cost_usd)),
        Safe::of(&stars(&summary.marks)),
        prompt,
    ]
}

/// The verdict word; how far it is while there is none.
pub fn word(summary: &Summary) -> &str {
    if summary.word.is_empty() { summary.phase.word() } else { &summary.word }
}

fn stars(marks: &Marks) -> String {
    let star = if marks.star { "★" } else { "" };
    if marks.rating > 0 { format!("{star}{}/5", marks.rating) } else { star.to_owned() }
}

/// One exchange of the array. Its keys are a contract; `show` and `trace` add to them.
pub fn object(summary: &Summary) -> Map<String, Value> {
    let s = summary;
    let word = (!s.word.is_empty()).then_some(&s.word);
    let marks = &s.marks;
    let fields = [
        ("id", json!(s.id)),
        ("time", json!(s.time.to_string())),
        ("prompt", json!(s.prompt)),
        ("profile", json!(s.profile)),
        ("model", json!(s.model)),
        ("verdict", json!({"word": word, "reason": s.reason, "charged": s.charged})),
        ("phase", json!(s.phase.word())),
        ("asked", json!(s.asked)),
        ("kind", json!(s.kind)),
        ("session", json!(s.session)),
        ("status", json!(s.status)),
        ("pixels", json!(s.pixels)),
        ("ms", json!(s.ms)),
        ("down", json!(s.down)),
        ("tokens", json!(s.tokens)),
        ("costUsd", json!(s.cost_usd)),
        ("requestId", json!(s.request_id)),
        ("parent", json!(s.parent)),
        ("marks", json!({"star": marks.star, "rating": marks.rating, "tags": marks.tags, "note": marks.note})),
    ];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn in_trash(thrown: &Trashed) -> Map<String, Value> {
    let mut object = object(&thrown.summary);
    object.insert("trashed".to_owned(), json!(thrown.since.to_string()));
    object.insert("bytes".to_owned(), json!(thrown.bytes));
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Phase;

    #[test]
    fn an_exchange_in_flight_has_no_word_yet() {
        let summary = Summary { id: "x".into(), phase: Phase::Receiving, ..Summary::default() };
        let object = object(&summary);
        assert_eq!(object["verdict"], json!({"word": null, "reason": "", "charged": ""}));
        assert_eq!((object["phase"].as_str(), word(&summary)), (Some("receiving"), "receiving"));
        assert_eq!(object["marks"], json!({"star": false, "rating": 0, "tags": [], "note": ""}));
        assert_eq!(object["time"], "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_row_is_one_safe_line() {
        let marks = Marks { star: true, rating: 4, ..Marks::default() };
        let prompt = format!("a\u{1b}[2J fox\nand {}", "more ".repeat(100));
        let summary = Summary { word: "image".into(), cost_usd: Some(0.0672), prompt, marks, ..Summary::default() };
        let row = row(&summary);
        let cells: Vec<&str> = row.iter().map(Safe::as_str).collect();
        assert_eq!(cells[1..6], ["1970-01-01 00:00:00", "image", "", "$0.067", "★4/5"]);
        assert!(cells[6].starts_with("a␛[2J fox⏎and more") && row[6].width() <= PROMPT, "{}", cells[6]);
    }
}
