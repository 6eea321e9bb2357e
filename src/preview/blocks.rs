//! A picture as half-block cells, and its place in a ratatui buffer.

use image::DynamicImage;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;

use super::{PreviewError, capture, print, sgr};

/// One cell: two pixels, one above the other, as the two colours of a half-block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockCell {
    pub fg: Color,
    pub bg: Color,
    pub symbol: char,
}

impl BlockCell {
    /// Nothing drawn.
    pub const BLANK: Self = Self { fg: Color::Reset, bg: Color::Reset, symbol: ' ' };
}

/// A picture of `width` × `height` cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocks {
    pub width: u16,
    pub height: u16,
    /// Row by row from the top, `width` cells each.
    cells: Vec<BlockCell>,
}

/// Encodes a picture already scaled to one pixel per half cell: `w` × `2h` pixels become `w` × `h` cells.
///
/// Blocks the thread for a few milliseconds, and while another picture is encoded.
///
/// # Errors
/// [`PreviewError::NotCaptured`] before [`take_stdout`](super::take_stdout); otherwise what viuer or the
/// scratch file reports.
pub fn encode_blocks(picture: &DynamicImage, truecolor: bool) -> Result<Blocks, PreviewError> {
    let bytes = capture::printed(|| print::half_blocks(picture, truecolor))?;
    sgr::rows(&bytes).and_then(Blocks::from_rows).ok_or(PreviewError::Unreadable)
}

impl Blocks {
    /// Puts the picture at `area`'s top left, clipped to `area` and to the buffer; cells beside it stay as they are.
    pub fn draw(&self, area: Rect, buf: &mut Buffer) {
        let rows = self.cells.chunks(usize::from(self.width).max(1));
        for (row, y) in rows.zip(area.top()..area.bottom()) {
            for (block, x) in row.iter().zip(area.left()..area.right()) {
                let Some(cell) = buf.cell_mut((x, y)) else {
                    continue;
                };
                cell.reset();
                cell.set_char(block.symbol).set_fg(block.fg).set_bg(block.bg);
            }
        }
    }

    /// `None` when the rows are not of one length.
    fn from_rows(rows: Vec<Vec<BlockCell>>) -> Option<Self> {
        let width = rows.first()?.len();
        if rows.iter().any(|row| row.len() != width) {
            return None;
        }
        Some(Self { width: width.try_into().ok()?, height: rows.len().try_into().ok()?, cells: rows.concat() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(symbol: char) -> BlockCell {
        BlockCell { fg: Color::Rgb(1, 2, 3), bg: Color::Indexed(4), symbol }
    }

    #[test]
    fn drawn_at_the_top_left_and_clipped() {
        let blocks = Blocks::from_rows(vec![vec![cell('▄'); 3], vec![cell('▀'); 3]]).expect("even rows");
        assert_eq!((blocks.width, blocks.height), (3, 2));

        let mut whole = Buffer::with_lines(["abcde"; 3]);
        blocks.draw(Rect::new(1, 1, 4, 9), &mut whole);
        let rows: Vec<String> = (0..3).map(|y| (0..5).map(|x| whole[(x, y)].symbol()).collect()).collect();
        assert_eq!(rows, ["abcde", "a▄▄▄e", "a▀▀▀e"]);
        assert_eq!((whole[(1, 1)].fg, whole[(1, 1)].bg), (Color::Rgb(1, 2, 3), Color::Indexed(4)));

        let mut clipped = Buffer::with_lines(["abc", "abc"]);
        blocks.draw(Rect::new(0, 0, 2, 1), &mut clipped);
        assert_eq!(clipped[(1, 0)].symbol(), "▄");
        assert_eq!((clipped[(2, 0)].symbol(), clipped[(0, 1)].symbol()), ("c", "a"));

        blocks.draw(Rect::new(60_000, 60_000, 9, 9), &mut clipped);
        Blocks::default().draw(Rect::new(0, 0, 3, 2), &mut clipped);
    }

    #[test]
    fn ragged_rows_are_refused() {
        assert_eq!(Blocks::from_rows(vec![vec![cell('▄'); 2], vec![cell('▄'); 1]]), None);
        assert_eq!(Blocks::from_rows(Vec::new()), None);
    }

    #[test]
    fn without_a_taken_stdout_nothing_is_printed() {
        let picture = DynamicImage::new_rgb8(2, 2);
        assert!(matches!(encode_blocks(&picture, true), Err(PreviewError::NotCaptured)));
    }
}
