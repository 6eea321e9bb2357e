//! Reads viuer's half-blocks back: colours, blocks and line ends, and nothing else.

use std::mem;
use std::str::Chars;

use ratatui::style::Color;

use super::BlockCell;

/// The rows of cells that `bytes` would draw; `None` for anything viuer does not write in this configuration.
pub fn rows(bytes: &[u8]) -> Option<Vec<Vec<BlockCell>>> {
    let mut chars = str::from_utf8(bytes).ok()?.chars();
    let mut pen = BlockCell::BLANK;
    let mut row = Vec::new();
    let mut rows = Vec::new();
    while let Some(symbol) = chars.next() {
        match symbol {
            '\x1b' => escape(&mut chars, &mut pen, &mut row)?,
            '▄' | '▀' | ' ' => row.push(BlockCell { symbol, ..pen }),
            '\r' => {}
            '\n' => rows.push(mem::take(&mut row)),
            _ => return None,
        }
    }
    // viuer ends every row, so an open one means that bytes are missing.
    row.is_empty().then_some(rows)
}

/// One control sequence after its ESC: colours (`m`), or a move to the right (`C`), which leaves cells blank.
fn escape(chars: &mut Chars<'_>, pen: &mut BlockCell, row: &mut Vec<BlockCell>) -> Option<()> {
    let sequence = chars.as_str().strip_prefix('[')?;
    let end = sequence.find(|c: char| c.is_ascii_alphabetic())?;
    let (parameters, rest) = sequence.split_at(end);
    *chars = rest.chars();
    match chars.next()? {
        'm' => colours(parameters, pen),
        'C' => {
            let skipped: u16 = parameters.parse().ok()?;
            row.resize(row.len() + usize::from(skipped), BlockCell::BLANK);
            Some(())
        }
        _ => None,
    }
}

fn colours(parameters: &str, pen: &mut BlockCell) -> Option<()> {
    let mut numbers = parameters.split(';');
    while let Some(number) = numbers.next() {
        match number {
            "0" => *pen = BlockCell::BLANK,
            "38" => pen.fg = colour(&mut numbers)?,
            "48" => pen.bg = colour(&mut numbers)?,
            _ => return None,
        }
    }
    Some(())
}

/// What follows 38 or 48: `2;r;g;b` or `5;index`.
fn colour<'a>(numbers: &mut impl Iterator<Item = &'a str>) -> Option<Color> {
    let kind = numbers.next()?;
    let mut byte = || numbers.next()?.parse().ok();
    match kind {
        "2" => Some(Color::Rgb(byte()?, byte()?, byte()?)),
        "5" => Some(Color::Indexed(byte()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(fg: Color, bg: Color, symbol: char) -> BlockCell {
        BlockCell { fg, bg, symbol }
    }

    #[test]
    fn truecolor_rows() {
        let bytes = "\x1b[0m\x1b[38;2;0;128;255m\x1b[48;2;7;8;9m▄\x1b[0m\x1b[38;2;1;2;3m\x1b[48;2;4;5;6m▄\x1b[0m\r\n\
                     \x1b[0m\x1b[38;2;9;9;9m▀\x1b[1C\x1b[0m\n";
        let expected = vec![
            vec![
                cell(Color::Rgb(0, 128, 255), Color::Rgb(7, 8, 9), '▄'),
                cell(Color::Rgb(1, 2, 3), Color::Rgb(4, 5, 6), '▄'),
            ],
            vec![cell(Color::Rgb(9, 9, 9), Color::Reset, '▀'), BlockCell::BLANK],
        ];
        assert_eq!(rows(bytes.as_bytes()), Some(expected));
    }

    #[test]
    fn indexed_rows() {
        let bytes = "\x1b[0m\x1b[38;5;16m\x1b[48;5;231m▄\x1b[0m \x1b[0m\n";
        let expected = vec![vec![cell(Color::Indexed(16), Color::Indexed(231), '▄'), BlockCell::BLANK]];
        assert_eq!(rows(bytes.as_bytes()), Some(expected));
    }

    #[test]
    fn anything_else_is_refused() {
        for bytes in [
            "▄",                   // a row without its end
            "\x1b[38;2;1;2m▄\n",   // a colour without its blue
            "\x1b[38;5;256m▄\n",   // no such index
            "\x1b[1;1H▄\n",        // a place on the screen
            "\x1b]0;title\x07▄\n", // another kind of sequence
            "\x1b[38;5",           // cut
            "warning: a stray line\n",
        ] {
            assert_eq!(rows(bytes.as_bytes()), None, "{bytes:?}");
        }
        assert_eq!(rows(b"\xff\n"), None);
    }
}
