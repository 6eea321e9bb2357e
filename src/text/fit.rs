//! Fitting text into columns: clipping with an ellipsis, padding, wrapping at words.

use super::Safe;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A grapheme that is wider is no letter of a living script, but a chain without end.
const WIDEST: usize = 8;
/// Characters that stand on one column of a [`Safe`] text, and more.
const ON_A_COLUMN: usize = 8;

/// Columns of a text.
pub fn width(text: &str) -> usize {
    text.width()
}

/// At most `columns` wide, with `…` where something was left out.
pub fn clip(text: &Safe, columns: usize) -> Safe {
    if text.width() <= columns {
        return text.clone();
    }
    let mut out = String::new();
    let mut used = 0;
    for (_, letter) in letters(text.as_str(), columns) {
        if used + letter.width() + 1 > columns {
            break;
        }
        used += letter.width();
        out.push_str(letter);
    }
    if columns > 0 {
        out.push('…');
    }
    Safe(out)
}

/// Drops `columns` from the left, for sideways scrolling.
pub fn clip_left(text: &Safe, columns: usize) -> Safe {
    let mut used = 0;
    let mut kept = text.as_str().len();
    for (at, letter) in letters(text.as_str(), WIDEST) {
        if used >= columns {
            kept = at;
            break;
        }
        used += letter.width();
    }
    Safe(text.as_str()[if columns == 0 { 0 } else { kept }..].to_owned())
}

/// The longest beginning that fits into `columns`, at least one character, and the rest.
pub fn split(text: &Safe, columns: usize) -> (Safe, Safe) {
    let whole = text.as_str();
    // A text is split again and again: none of it is looked at that cannot be in the row.
    let near = columns.saturating_add(2).saturating_mul(ON_A_COLUMN);
    let near = whole.char_indices().nth(near).map_or(whole.len(), |(at, _)| at);
    let mut used = 0;
    let beyond = letters(&whole[..near], columns).find(|(at, letter)| {
        used += letter.width();
        used > columns && *at > 0
    });
    let (head, rest) = whole.split_at(beyond.map_or(near, |(at, _)| at));
    (Safe(head.to_owned()), Safe(rest.to_owned()))
}

/// Graphemes with their places; one that is wider than the columns, or than any letter, falls apart into its characters,
/// since nothing behind it could be shown.
fn letters(text: &str, columns: usize) -> impl Iterator<Item = (usize, &str)> {
    text.grapheme_indices(true).flat_map(move |(start, grapheme)| {
        let whole = grapheme.width() <= columns.min(WIDEST);
        let places = grapheme.char_indices().filter(move |(at, _)| !whole || *at == 0);
        places.map(move |(at, c)| (start + at, if whole { grapheme } else { &grapheme[at..at + c.len_utf8()] }))
    })
}

/// Clipped and filled with spaces to exactly `columns`.
pub fn pad(text: &Safe, columns: usize) -> Safe {
    let clipped = clip(text, columns);
    let fill = columns.saturating_sub(clipped.width());
    Safe(format!("{clipped}{}", " ".repeat(fill)))
}

/// Breaks at spaces where it can, inside words where it must.
pub fn wrap(text: &Safe, columns: usize) -> Vec<Safe> {
    let columns = columns.max(2);
    let mut rows = vec![String::new()];
    let mut used = 0;
    for word in text.as_str().split_word_bounds() {
        let wide = word.width();
        let blank = word.chars().all(char::is_whitespace);
        if used + wide <= columns {
            used += wide;
            push(&mut rows, word);
        } else if blank {
            used = columns;
        } else if wide <= columns {
            rows.push(word.to_owned());
            used = wide;
        } else {
            for (_, letter) in letters(word, columns) {
                if used + letter.width() > columns {
                    rows.push(String::new());
                    used = 0;
                }
                used += letter.width();
                push(&mut rows, letter);
            }
        }
    }
    rows.into_iter().map(|row| Safe(row.trim_end().to_owned())).collect()
}

fn push(rows: &mut [String], text: &str) {
    if let Some(row) = rows.last_mut() {
        row.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_keeps_to_the_columns() {
        for columns in 0..8 {
            for text in ["plain words", "红狐红狐红狐", "🦊🦊🦊🦊🦊"] {
                let safe = Safe::of(text);
                assert!(clip(&safe, columns).width() <= columns, "{text} {columns}");
                assert_eq!(pad(&safe, columns).width(), columns, "{text} {columns}");
            }
        }
        assert_eq!(clip_left(&Safe::of("abcdef"), 2).as_str(), "cdef");
        assert_eq!(clip_left(&Safe::of("abc"), 9).as_str(), "");
    }

    #[test]
    fn wrapping_breaks_at_words() {
        let rows =
            |text: &str, columns| wrap(&Safe::of(text), columns).iter().map(|r| r.to_string()).collect::<Vec<_>>();
        assert_eq!(rows("a red fox in snow", 9), ["a red fox", "in snow"]);
        assert_eq!(rows("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(rows("红狐在雪中", 4), ["红狐", "在雪", "中"]);
        assert_eq!(rows("", 4), [""]);
    }

    #[test]
    fn a_letter_wider_than_the_row_hides_nothing_behind_it() {
        let skins = format!("👍{}END", "\u{1f3fd}".repeat(25_000));
        for text in [format!("{}END", "\u{1100}".repeat(40_000)), skins] {
            let safe = Safe::of(&text);
            for columns in [2, 7, 80] {
                let rows = wrap(&safe, columns);
                assert!(rows.iter().all(|row| row.width() <= columns), "{columns}");
                let all: String = rows.iter().map(Safe::as_str).collect();
                assert!(all == text, "{columns}: nothing is lost");
                assert!(clip(&safe, columns).width() <= columns);
            }
            let (head, rest) = split(&safe, 80);
            assert!(head.width() <= 80 && head.width() > 70 && rest.as_str().ends_with("END"));
            assert!(clip(&safe, 80).width() > 70, "as much as fits is shown");
            assert!(clip_left(&safe, 20).as_str().len() > 40_000, "so much and no more is scrolled away");
        }
    }

    #[test]
    fn a_letter_stays_whole_where_it_can() {
        let rows = |columns| wrap(&Safe::of("👍🏽👍🏽👍🏽"), columns).iter().map(Safe::to_string).collect::<Vec<_>>();
        assert_eq!(rows(4), ["👍🏽👍🏽", "👍🏽"]);
        assert_eq!(rows(3), ["👍🏽", "👍🏽", "👍🏽"]);
    }
}
