//! Where a picture lies on the screen.

/// The exact cells of a picture, counted from the top left of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spot {
    pub x: u16,
    pub y: u16,
    pub cols: u16,
    pub rows: u16,
}

impl Spot {
    /// The first column to the right of it.
    pub fn right(self) -> u32 {
        u32::from(self.x) + u32::from(self.cols)
    }

    /// The first row below it.
    pub fn bottom(self) -> u32 {
        u32::from(self.y) + u32::from(self.rows)
    }

    /// `bytes` with the cursor at the top left; it stands where it stood afterwards, as ratatui believes it does.
    pub fn at(self, bytes: &[u8]) -> Vec<u8> {
        let (row, column) = (u32::from(self.y) + 1, u32::from(self.x) + 1);
        [format!("\x1b7\x1b[{row};{column}H").as_bytes(), bytes, b"\x1b8"].concat()
    }
}
