//! Queries over the history: any text is read or refused, and a quoted one means itself.

use crate::seeds;
use crate::target::{Target, rough, signature};
use unpeel::history::{Filter, Marks, Phase, Summary, quote};

pub const TARGET: Target = Target { name: "history", seeds, adapt: seeds::nothing, words: WORDS, run };

/// Nobody writes a longer query.
const LONGEST: usize = 16 * 1024;

const WORDS: &[&str] = &[
    "verdict:",
    "model:",
    "profile:",
    "route:",
    "tag:",
    "id:",
    "parent:",
    "session:",
    "is:star",
    "is:live",
    "is:picture",
    "is:",
    "rating:3",
    "rating:",
    "since:2026-11-01",
    "until:2026-11-30",
    "until:",
    "-",
    "\"",
    "\\\"",
    "\\\\",
    ",",
    ":",
    " ",
    "fox",
    "404",
];

/// Names of the terms in the debug form of a filter.
const TERMS: &[&str] = &[
    "Anywhere(",
    "Verdict(",
    "Model(",
    "Profile(",
    "Route(",
    "Tag(",
    "Id(",
    "Parent(",
    "Session(",
    "Star",
    "Live",
    "Picture",
    "Rating(",
    "Since(",
    "Until(",
];

fn seeds() -> Vec<Vec<u8>> {
    seeds::of([
        "",
        "fox",
        "\"red fox\" -verdict:blocked,no_image model:\"a b\"",
        "profile:production tag:\"night shift\",\"a \\\" b\\\\\" is:star -is:live rating:3",
        "since:2026-11-01 until:2026-11-30 404 -500",
        "is:moon",
        "rating:9",
        "since:yesterday",
        "unknown:word tag: \"open",
        "\u{3a3}\u{130}\u{df} \u{212a}",
    ])
}

fn run(input: &[u8]) -> Vec<u64> {
    let text = String::from_utf8_lossy(&input[..input.len().min(LONGEST)]);
    means_itself(&text);
    let filter = match Filter::parse(&text) {
        Ok(filter) => filter,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return vec![signature(std::mem::discriminant(&error))];
        }
    };
    assert!(Filter::parse(&text).as_ref() == Ok(&filter), "read twice, and not the same");
    let matches: Vec<bool> = summaries().iter().map(|summary| filter.matches(summary)).collect();
    assert!(!filter.is_all() || matches.iter().all(|matches| *matches), "asks for nothing, and leaves something out");
    let shown = format!("{filter:?}");
    let turned = (shown.contains("negated: true"), shown.contains("folds: true"));
    let terms = TERMS.iter().map(|name| signature((name, rough(shown.matches(name).count()), &matches)));
    terms.chain([signature((&matches, turned))]).collect()
}

/// A quoted text finds what has it, and negated does not.
fn means_itself(text: &str) {
    let quoted = quote(text);
    let has = |query: &str, summary: &Summary| Filter::parse(query).map(|filter| filter.matches(summary));
    let prompt = Summary { prompt: text.to_owned(), ..Summary::default() };
    assert!(has(&quoted, &prompt) == Ok(true), "a quoted text does not find itself");
    assert!(text.is_empty() || has(&format!("-{quoted}"), &prompt) == Ok(false), "a negated text finds itself");
    let tagged = Summary { marks: Marks { tags: vec![text.to_owned()], ..Marks::default() }, ..Summary::default() };
    assert!(has(&format!("tag:{quoted}"), &tagged) == Ok(true), "a quoted tag does not find itself");
}

fn summaries() -> [Summary; 3] {
    let fox = Summary {
        id: "20261122T170512.123Z-k3x7qa".to_owned(),
        prompt: "A red fox, \u{dc}ber den D\u{e4}chern".to_owned(),
        phase: Phase::Done,
        word: "no_image".to_owned(),
        status: Some(404),
        marks: Marks { star: true, rating: 3, tags: vec!["night shift".to_owned()], ..Marks::default() },
        ..Summary::default()
    };
    let picture =
        Summary { pixels: Some((1024, 1024)), model: "gemini-3.1-flash-image".to_owned(), ..Summary::default() };
    [fox, picture, Summary::default()]
}
