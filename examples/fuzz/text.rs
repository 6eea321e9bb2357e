//! Foreign text made safe and fitted: nothing a terminal acts on comes through, and no width is exceeded.

use crate::seeds;
use crate::target::{Target, chance, rough, signature};
use unicode_segmentation::UnicodeSegmentation;
use unpeel::text::{self, Safe};

pub const TARGET: Target = Target { name: "text", seeds, adapt: seeds::whole, words: WORDS, run };

const WORDS: &[&str] = &[
    "word ",
    "  ",
    "\u{301}",
    "\u{fe0f}",
    "\u{301}\u{301}\u{301}\u{301}\u{fe0f}",
    "\u{1f98a}",
    "\u{7ea2}\u{72d0}",
    "\u{644}\u{627}",
    "\u{1f3fd}",
    "\u{1f1e9}",
    "\u{1a17}",
    "\u{0e33}",
    "\u{3000}",
    "\u{2024}",
];

fn seeds() -> Vec<Vec<u8>> {
    seeds::of([
        "",
        "a red fox in snow",
        "a\u{1b}[2Jb\u{7}\u{7f}\u{9b}31m",
        "\u{202e}abc\u{2066}\u{200b}\u{feff}",
        "one\r\ntwo\rthree\n\n\tfour",
        "\u{7ea2}\u{72d0}\u{5728}\u{96ea}\u{4e2d}",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
        "e\u{301}\u{301}\u{301}\u{301}\u{fe0f}\u{301}",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{1f3f3}\u{fe0f} \u{1f1e9}\u{1f1ea} \u{1f44d}\u{1f3fd}",
        "\u{645}\u{631}\u{62d}\u{628}\u{627} \u{644}\u{627} \u{915}\u{94d}\u{937} \u{1100}\u{1161}\u{11a8}",
        "{\"a\":\"\\u001b\u{9b}\"}",
    ])
}

fn run(input: &[u8]) -> Vec<u64> {
    let foreign = String::from_utf8_lossy(input);
    let mut chance = chance(input);
    let columns = [0, 1, 2, 3, chance.usize(..12), chance.usize(..200)][chance.usize(..6)];
    let safe = Safe::of(&foreign);
    is_harmless(&safe);
    assert!(Safe::of(safe.as_str()) == safe, "made safe twice is another text");
    let lines = Safe::lines(&foreign);
    lines.iter().for_each(is_harmless);
    assert!(lines.len() == foreign.matches('\n').count() + 1, "not a line per line");
    is_harmless(&Safe::head(&foreign, columns));
    let rows = fits(&safe, columns);
    json_stays(&foreign);
    let any = |test: fn(char) -> bool| foreign.chars().any(test);
    let lengths = (rough(foreign.len()), rough(columns), rough(lines.len()), rough(rows));
    let same = (safe.width() <= columns, safe.as_str() == foreign, sum(&safe) == safe.width());
    let letters = [
        any(|c| c < ' '),
        any(|c| ('\u{7f}'..'\u{a0}').contains(&c)),
        any(|c| ('\u{200b}'..'\u{2070}').contains(&c)),
        any(|c| ('\u{fe00}'..='\u{fe0f}').contains(&c)),
        any(|c| c >= '\u{1100}'),
        any(|c| c >= '\u{10000}'),
        any(|c| c == char::REPLACEMENT_CHARACTER),
        safe.as_str().contains("\u{27e8}+"),
    ];
    vec![signature((lengths, same)), signature((same, letters))]
}

fn is_harmless(text: &Safe) {
    let bad = text.as_str().chars().find(|c| text::is_hazard(*c));
    assert!(bad.is_none(), "{bad:?} came through");
}

/// What the letters would take, each on its own.
fn sum(text: &Safe) -> usize {
    text.as_str().graphemes(true).map(text::width).sum()
}

/// Every way of fitting keeps to the columns, or to one letter where that is wider. The number of rows when wrapped.
fn fits(safe: &Safe, columns: usize) -> usize {
    let whole = safe.as_str();
    let clipped = text::clip(safe, columns);
    assert!(clipped.width() <= columns, "clipped to {} of {columns} columns", clipped.width());
    let padded = text::pad(safe, columns);
    assert!(padded.width() == columns, "padded to {} of {columns} columns", padded.width());
    assert!(whole.ends_with(text::clip_left(safe, columns).as_str()), "scrolled to another text");

    let (head, rest) = text::split(safe, columns);
    let first = whole.graphemes(true).next().map_or(0, text::width);
    assert!(head.width() <= columns.max(first), "split after {} of {columns} columns", head.width());
    assert!(whole.strip_prefix(head.as_str()) == Some(rest.as_str()), "split into other texts");
    assert!(!head.is_empty() || whole.is_empty(), "split before the first letter");

    let widest = whole.graphemes(true).map(text::width).max().unwrap_or(0).max(2);
    let rows = text::wrap(safe, columns);
    let most = rows.iter().map(Safe::width).max().unwrap_or(0);
    assert!(most <= columns.max(widest), "wrapped into {most} of {columns} columns");
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    assert!(
        rows.iter().map(|row| letters(row.as_str())).collect::<String>() == letters(whole),
        "wrapped into other words"
    );
    [&clipped, &padded, &head, &rest].into_iter().chain(&rows).for_each(is_harmless);
    rows.len()
}

/// JSON made safe means the same, and any other text made safe is harmless too.
fn json_stays(foreign: &str) {
    let json = serde_json::to_string(foreign).unwrap_or_default();
    for text in [json.as_str(), foreign] {
        let bad = text::json_safe(text).chars().find(|c| *c != '\n' && text::is_hazard(*c));
        assert!(bad.is_none(), "{bad:?} came through in JSON");
    }
    let back = serde_json::from_str::<String>(&text::json_safe(&json));
    assert!(back.is_ok_and(|back| back == foreign), "JSON made safe means another text");
}
