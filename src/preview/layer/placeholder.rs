//! kitty's placeholder cells: text to every program on the way, part of a picture to the terminal.
//!
//! A cell holds U+10EEEE and two combining marks that number its row and column; its foreground colour is the
//! picture's id, most significant byte red.

/// The marks that count from 0, as runs (first, last): those of Unicode 6.0 that stand above their letter and take no part
/// in normalization. The protocol fixes their order.
const MARKS: [(char, char); 86] = [
    ('\u{305}', '\u{305}'),
    ('\u{30D}', '\u{30E}'),
    ('\u{310}', '\u{310}'),
    ('\u{312}', '\u{312}'),
    ('\u{33D}', '\u{33F}'),
    ('\u{346}', '\u{346}'),
    ('\u{34A}', '\u{34C}'),
    ('\u{350}', '\u{352}'),
    ('\u{357}', '\u{357}'),
    ('\u{35B}', '\u{35B}'),
    ('\u{363}', '\u{36F}'),
    ('\u{483}', '\u{487}'),
    ('\u{592}', '\u{595}'),
    ('\u{597}', '\u{599}'),
    ('\u{59C}', '\u{5A1}'),
    ('\u{5A8}', '\u{5A9}'),
    ('\u{5AB}', '\u{5AC}'),
    ('\u{5AF}', '\u{5AF}'),
    ('\u{5C4}', '\u{5C4}'),
    ('\u{610}', '\u{617}'),
    ('\u{657}', '\u{65B}'),
    ('\u{65D}', '\u{65E}'),
    ('\u{6D6}', '\u{6DC}'),
    ('\u{6DF}', '\u{6E2}'),
    ('\u{6E4}', '\u{6E4}'),
    ('\u{6E7}', '\u{6E8}'),
    ('\u{6EB}', '\u{6EC}'),
    ('\u{730}', '\u{730}'),
    ('\u{732}', '\u{733}'),
    ('\u{735}', '\u{736}'),
    ('\u{73A}', '\u{73A}'),
    ('\u{73D}', '\u{73D}'),
    ('\u{73F}', '\u{741}'),
    ('\u{743}', '\u{743}'),
    ('\u{745}', '\u{745}'),
    ('\u{747}', '\u{747}'),
    ('\u{749}', '\u{74A}'),
    ('\u{7EB}', '\u{7F1}'),
    ('\u{7F3}', '\u{7F3}'),
    ('\u{816}', '\u{819}'),
    ('\u{81B}', '\u{823}'),
    ('\u{825}', '\u{827}'),
    ('\u{829}', '\u{82D}'),
    ('\u{951}', '\u{951}'),
    ('\u{953}', '\u{954}'),
    ('\u{F82}', '\u{F83}'),
    ('\u{F86}', '\u{F87}'),
    ('\u{135D}', '\u{135F}'),
    ('\u{17DD}', '\u{17DD}'),
    ('\u{193A}', '\u{193A}'),
    ('\u{1A17}', '\u{1A17}'),
    ('\u{1A75}', '\u{1A7C}'),
    ('\u{1B6B}', '\u{1B6B}'),
    ('\u{1B6D}', '\u{1B73}'),
    ('\u{1CD0}', '\u{1CD2}'),
    ('\u{1CDA}', '\u{1CDB}'),
    ('\u{1CE0}', '\u{1CE0}'),
    ('\u{1DC0}', '\u{1DC1}'),
    ('\u{1DC3}', '\u{1DC9}'),
    ('\u{1DCB}', '\u{1DCC}'),
    ('\u{1DD1}', '\u{1DE6}'),
    ('\u{1DFE}', '\u{1DFE}'),
    ('\u{20D0}', '\u{20D1}'),
    ('\u{20D4}', '\u{20D7}'),
    ('\u{20DB}', '\u{20DC}'),
    ('\u{20E1}', '\u{20E1}'),
    ('\u{20E7}', '\u{20E7}'),
    ('\u{20E9}', '\u{20E9}'),
    ('\u{20F0}', '\u{20F0}'),
    ('\u{2CEF}', '\u{2CF1}'),
    ('\u{2DE0}', '\u{2DFF}'),
    ('\u{A66F}', '\u{A66F}'),
    ('\u{A67C}', '\u{A67D}'),
    ('\u{A6F0}', '\u{A6F1}'),
    ('\u{A8E0}', '\u{A8F1}'),
    ('\u{AAB0}', '\u{AAB0}'),
    ('\u{AAB2}', '\u{AAB3}'),
    ('\u{AAB7}', '\u{AAB8}'),
    ('\u{AABE}', '\u{AABF}'),
    ('\u{AAC1}', '\u{AAC1}'),
    ('\u{FE20}', '\u{FE26}'),
    ('\u{10A0F}', '\u{10A0F}'),
    ('\u{10A38}', '\u{10A38}'),
    ('\u{1D185}', '\u{1D189}'),
    ('\u{1D1AA}', '\u{1D1AD}'),
    ('\u{1D242}', '\u{1D244}'),
];

/// Rows, and columns, that can be numbered.
pub const PLACEHOLDER_CELLS: u16 = 297;

/// What the cell at `row` and `col` of a picture holds, one column wide; a space past [`PLACEHOLDER_CELLS`].
pub fn placeholder_cell(row: u16, col: u16) -> String {
    match (mark(row), mark(col)) {
        (Some(row), Some(col)) => String::from_iter(['\u{10EEEE}', row, col]),
        _ => " ".to_owned(),
    }
}

fn mark(number: u16) -> Option<char> {
    MARKS.iter().flat_map(|(first, last)| *first..=*last).nth(usize::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_numbered_by_marks() {
        assert_eq!(placeholder_cell(0, 0), "\u{10EEEE}\u{305}\u{305}");
        assert_eq!(placeholder_cell(1, 2), "\u{10EEEE}\u{30D}\u{30E}");
        for (number, expected) in [(17, '\u{363}'), (99, '\u{74A}'), (101, '\u{7EC}'), (296, '\u{1D244}')] {
            assert_eq!(mark(number), Some(expected), "{number}");
        }
        assert_eq!((mark(PLACEHOLDER_CELLS), placeholder_cell(0, PLACEHOLDER_CELLS).as_str()), (None, " "));
    }
}
