//! Fitting text into columns: clipping with an ellipsis, padding, wrapping at words.

use super::Safe;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

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
    for grapheme in text.as_str().graphemes(true) {
        if used + grapheme.width() + 1 > columns {
            break;
        }
        used += grapheme.width();
        out.push_str(grapheme);
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
    for (at, grapheme) in text.as_str().grapheme_indices(true) {
        if used >= columns {
            kept = at;
            break;
        }
        used += grapheme.width();
    }
    Safe(text.as_str()[if columns == 0 { 0 } else { kept }..].to_owned())
}

/// The longest beginning that fits into `columns`, at least one character, and the rest.
pub fn split(text: &Safe, columns: usize) -> (Safe, Safe) {
    let mut used = 0;
    let mut graphemes = text.as_str().grapheme_indices(true);
    let beyond = graphemes.find(|(at, grapheme)| {
        used += grapheme.width();
        used > columns && *at > 0
    });
    let at = beyond.map_or(text.as_str().len(), |(at, _)| at);
    let (head, rest) = text.as_str().split_at(at);
    (Safe(head.to_owned()), Safe(rest.to_owned()))
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
            for grapheme in word.graphemes(true) {
                if used + grapheme.width() > columns {
                    rows.push(String::new());
                    used = 0;
                }
                used += grapheme.width();
                push(&mut rows, grapheme);
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
}
