//! What differs between two prompts, two texts, or two sets of parameters.

use serde::Serialize;
use serde_json::Value;
use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::collections::{BTreeSet, HashSet};
use unicode_segmentation::UnicodeSegmentation;

/// A stretch of text, and on which side it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Piece {
    /// On both sides.
    Same(String),
    /// Before only.
    Removed(String),
    /// After only.
    Added(String),
}

impl Piece {
    /// The stretch itself.
    pub fn text(&self) -> &str {
        let (Piece::Same(text) | Piece::Removed(text) | Piece::Added(text)) = self;
        text
    }
}

/// A value that is another one now, or stands on one side only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Such as `imageConfig.aspectRatio` or `stopSequences[0]`; empty for the whole.
    pub path: String,
    /// As compact JSON.
    pub before: Option<String>,
    /// As compact JSON.
    pub after: Option<String>,
}

/// Two texts word by word. What is not `Added` makes `before`, what is not `Removed` makes `after`, to the last space;
/// two neighbours are never of one kind, and what was removed stands before what was put in its place.
pub fn words(before: &str, after: &str) -> Vec<Piece> {
    let old: Vec<&str> = before.split_word_bounds().collect();
    let new: Vec<&str> = after.split_word_bounds().collect();
    let mut pieces = pieces(&old, &new, &without_lone_spaces(&anchors(&old, &new), &old, &new));
    pieces.dedup_by(|next, last| match (last, next) {
        (Piece::Same(text), Piece::Same(more))
        | (Piece::Removed(text), Piece::Removed(more))
        | (Piece::Added(text), Piece::Added(more)) => {
            text.push_str(more);
            true
        }
        _ => false,
    });
    pieces
}

/// Two texts line by line: one piece a line, and in each place the removed lines first.
pub fn lines(before: &[String], after: &[String]) -> Vec<Piece> {
    let old: Vec<&str> = before.iter().map(String::as_str).collect();
    let new: Vec<&str> = after.iter().map(String::as_str).collect();
    pieces(&old, &new, &anchors(&old, &new))
}

/// Where the two sides agree: a place in the old one and the place in the new one, both rising.
fn anchors(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let (old_places, old) = shared(old, new);
    let (new_places, new) = shared(new, &old);
    let steps = capture_diff_slices(Algorithm::Myers, &old, &new);
    let equal = steps.iter().filter(|step| step.tag() == DiffTag::Equal);
    let pairs = equal.flat_map(|step| step.old_range().zip(step.new_range()));
    pairs.map(|(old, new)| (old_places[old], new_places[new])).collect()
}

/// What stands on the other side too, after its places: the rest cannot agree, and would only slow the search down.
fn shared<'a>(side: &[&'a str], other: &[&str]) -> (Vec<usize>, Vec<&'a str>) {
    let known: HashSet<&str> = other.iter().copied().collect();
    side.iter().copied().enumerate().filter(|(_, one)| known.contains(one)).unzip()
}

/// A lone space between two rewordings is no common ground: without it they read as one.
fn without_lone_spaces(anchors: &[(usize, usize)], old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let mut kept = Vec::new();
    let mut from = (0, 0);
    for (number, &(i, j)) in anchors.iter().enumerate() {
        let to = anchors.get(number + 1).copied().unwrap_or((old.len(), new.len()));
        let reworded = from.0 < i && from.1 < j && i + 1 < to.0 && j + 1 < to.1;
        if !(reworded && old[i].trim().is_empty()) {
            kept.push((i, j));
        }
        from = (i + 1, j + 1);
    }
    kept
}

fn pieces(old: &[&str], new: &[&str], anchors: &[(usize, usize)]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut from = (0, 0);
    for (i, j) in anchors.iter().copied().chain([(old.len(), new.len())]) {
        pieces.extend(old[from.0..i].iter().map(|&one| Piece::Removed(one.to_owned())));
        pieces.extend(new[from.1..j].iter().map(|&one| Piece::Added(one.to_owned())));
        pieces.extend(old.get(i).map(|&one| Piece::Same(one.to_owned())));
        from = (i + 1, j + 1);
    }
    pieces
}

/// The values that differ, those deepest inside, with keys in the order of the alphabet.
pub fn fields(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(String::new(), Some(before), Some(after), &mut changes);
    changes
}

fn compare(path: String, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    if before == after {
        return;
    }
    let steps = steps(before, after);
    for step in &steps {
        compare(step.below(&path), step.of(before), step.of(after), changes);
    }
    if steps.is_empty() {
        let json = |value: Option<&Value>| value.map(Value::to_string);
        changes.push(Change { path, before: json(before), after: json(after) });
    }
}

/// The ways down that either side has; none when one of them is no container, or of another kind.
fn steps<'a>(before: Option<&'a Value>, after: Option<&'a Value>) -> Vec<Step<'a>> {
    let sides = || before.into_iter().chain(after);
    if sides().all(Value::is_object) {
        let keys = sides().filter_map(Value::as_object).flat_map(|object| object.keys());
        let keys: BTreeSet<&str> = keys.map(String::as_str).collect();
        return keys.into_iter().map(Step::Key).collect();
    }
    if sides().all(Value::is_array) {
        let longest = sides().filter_map(Value::as_array).map(Vec::len).max();
        return (0..longest.unwrap_or(0)).map(Step::At).collect();
    }
    vec![]
}

enum Step<'a> {
    Key(&'a str),
    At(usize),
}

impl Step<'_> {
    fn of<'v>(&self, value: Option<&'v Value>) -> Option<&'v Value> {
        match self {
            Step::Key(key) => value?.get(key),
            Step::At(at) => value?.get(at),
        }
    }

    fn below(&self, path: &str) -> String {
        let dot = if path.is_empty() { "" } else { "." };
        match self {
            Step::At(at) => format!("{path}[{at}]"),
            Step::Key(key) if is_plain(key) => format!("{path}{dot}{key}"),
            Step::Key(key) => format!("{path}{dot}{key:?}"),
        }
    }
}

/// Whether a key cannot be taken for a piece of the path.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn marked(pieces: &[Piece]) -> String {
        let one = |piece: &Piece| match piece {
            Piece::Same(text) => text.clone(),
            Piece::Removed(text) => format!("[-{text}-]"),
            Piece::Added(text) => format!("{{+{text}+}}"),
        };
        pieces.iter().map(one).collect()
    }

    fn side(pieces: &[Piece], before: bool) -> String {
        let other = |piece: &&Piece| !matches!((piece, before), (Piece::Removed(_), false) | (Piece::Added(_), true));
        pieces.iter().filter(other).map(Piece::text).collect()
    }

    #[test]
    fn words_are_marked_and_nothing_is_lost() {
        for (before, after, expected) in [
            ("", "", ""),
            ("", "a fox", "{+a fox+}"),
            ("a fox", "", "[-a fox-]"),
            ("a red fox", "a red fox", "a red fox"),
            ("a red fox at dusk", "a blue fox at dawn", "a [-red-]{+blue+} fox at [-dusk-]{+dawn+}"),
            ("oil on canvas", "oil on canvas, dusk", "oil on canvas{+, dusk+}"),
            ("one two three", "four five six", "[-one two three-]{+four five six+}"),
            ("a b\n c ", "a  b\n c", "a[- -]{+  +}b\n c[- -]"),
            ("赤い狐", "青い狐", "[-赤-]{+青+}い狐"),
            ("Fox", "fox", "[-Fox-]{+fox+}"),
        ] {
            let pieces = words(before, after);
            assert_eq!(side(&pieces, true), before);
            assert_eq!(side(&pieces, false), after);
            assert_eq!(marked(&pieces), expected);
        }
    }

    #[test]
    fn any_two_texts_can_be_had_back() {
        let texts = ["x a x b  x", "a x  b", " ", "b a b a", "👩‍🚀 a\r\nb", "a,b;a,b", "b  a\n\na b"];
        for (before, after) in texts.iter().flat_map(|before| texts.iter().map(move |after| (*before, *after))) {
            let pieces = words(before, after);
            assert_eq!((side(&pieces, true), side(&pieces, false)), (before.to_owned(), after.to_owned()));
            let kinds: Vec<_> = pieces.iter().map(std::mem::discriminant).collect();
            assert!(kinds.windows(2).all(|pair| pair[0] != pair[1]), "{pieces:?}");
        }
    }

    #[test]
    fn each_line_is_a_piece() {
        let text = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<String>>();
        let pieces = lines(&text(&["{", "a: 1", "b: 2", "}"]), &text(&["{", "a: 3", "b: 4", "c", "}"]));
        assert_eq!(marked(&pieces), "{[-a: 1-][-b: 2-]{+a: 3+}{+b: 4+}{+c+}}");
        assert_eq!(pieces.len(), 7);
        assert!(lines(&[], &[]).is_empty());
    }

    #[test]
    fn wholly_different_texts_are_told_apart_at_once() {
        let text = |name: &str| (0..20_000).map(|number| format!("{name} {number}")).collect::<Vec<String>>();
        let pieces = lines(&text("old"), &text("new"));
        assert_eq!(pieces.len(), 40_000);
        assert_eq!(pieces[20_000], Piece::Added("new 0".into()));
    }

    #[test]
    fn fields_that_differ_have_a_path() {
        let row = |path: &str, before: Option<&str>, after: Option<&str>| Change {
            path: path.into(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        let before = json!({
            "a.b": 1,
            "imageConfig": {"aspectRatio": "1:1"},
            "same": [1, {"x": null}],
            "seed": 7,
            "stop": ["x"],
        });
        let after = json!({
            "a.b": 2,
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
            "new": {"deep": {"on": true}, "none": {}},
            "same": [1, {"x": null}],
            "stop": ["x", ["y"]],
        });
        let expected = [
            row("\"a.b\"", Some("1"), Some("2")),
            row("imageConfig.aspectRatio", Some("\"1:1\""), Some("\"16:9\"")),
            row("imageConfig.imageSize", None, Some("\"2K\"")),
            row("new.deep.on", None, Some("true")),
            row("new.none", None, Some("{}")),
            row("seed", Some("7"), None),
            row("stop[1][0]", None, Some("\"y\"")),
        ];
        assert_eq!(fields(&before, &after), expected);
        assert!(fields(&after, &after).is_empty());
        assert_eq!(
            fields(&json!({"a": [1, 2]}), &json!({"a": {"b": 1}})),
            [row("a", Some("[1,2]"), Some("{\"b\":1}"))]
        );
        assert_eq!(fields(&json!(1), &json!(null)), [row("", Some("1"), Some("null"))]);
        assert_eq!(fields(&json!({}), &json!([])), [row("", Some("{}"), Some("[]"))]);
    }
}
