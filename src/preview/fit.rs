//! How many cells a picture takes.

/// The proportions of a cell where its pixels are unknown: twice as high as wide.
pub const CELL: (u16, u16) = (1, 2);

/// The pixels of a cell where they are unknown and pixels have to be made: about what a small type has.
pub const CELL_PIXELS: (u16, u16) = (8, 16);

/// The largest size in cells (columns, rows) that keeps a picture's proportions inside an area.
///
/// `picture` is in pixels, `area` in cells, `cell` is the size of one cell in pixels; terminals that do not know it
/// report zeros, which count as [`CELL`]. Small pictures grow to the area. The result is at least 1 × 1, except for
/// an empty picture or area: (0, 0).
pub fn fit(picture: (u32, u32), area: (u16, u16), cell: (u16, u16)) -> (u16, u16) {
    if picture.0 == 0 || picture.1 == 0 || area.0 == 0 || area.1 == 0 {
        return (0, 0);
    }
    let cell = cell_or(cell, CELL);
    let (width, height) = (u64::from(picture.0), u64::from(picture.1));
    let (cell_width, cell_height) = (u64::from(cell.0), u64::from(cell.1));
    let across = u64::from(area.0) * cell_width;
    let down = u64::from(area.1) * cell_height;
    // Products of a side and an area stay below 2^64 for all arguments, rounding included.
    if width * down >= height * across {
        let rows = rounded(height * across, width * cell_height);
        (area.0, within(rows, area.1))
    } else {
        let columns = rounded(width * down, height * cell_width);
        (within(columns, area.0), area.1)
    }
}

/// The size of a cell, or `otherwise` where the terminal does not know it and says zero.
pub fn cell_or(cell: (u16, u16), otherwise: (u16, u16)) -> (u16, u16) {
    if cell.0 == 0 || cell.1 == 0 { otherwise } else { cell }
}

fn rounded(dividend: u64, divisor: u64) -> u64 {
    (dividend + divisor / 2) / divisor
}

fn within(cells: u64, most: u16) -> u16 {
    u16::try_from(cells).unwrap_or(most).clamp(1, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_are_kept_inside_the_area() {
        const MOST: (u16, u16) = (u16::MAX, u16::MAX);
        for (picture, area, cell, expected) in [
            ((1024, 1024), (60, 30), CELL, (60, 30)),
            ((1024, 1024), (80, 24), CELL, (48, 24)),
            ((1600, 900), (80, 24), CELL, (80, 23)),
            ((900, 1600), (80, 24), CELL, (27, 24)),
            ((1024, 1024), (60, 30), (10, 20), (60, 30)),
            ((1024, 1024), (60, 30), (10, 25), (60, 24)),
            ((1024, 1024), (60, 30), (0, 0), (60, 30)),
            ((4000, 1), (80, 24), CELL, (80, 1)),
            ((1, 4000), (80, 24), CELL, (1, 24)),
            ((1, 1), (1, 1), CELL, (1, 1)),
            ((1, 1), (80, 24), CELL, (48, 24)),
            ((0, 5), (80, 24), CELL, (0, 0)),
            ((5, 5), (80, 0), CELL, (0, 0)),
            ((u32::MAX, u32::MAX), MOST, MOST, MOST),
            ((u32::MAX, 1), MOST, CELL, (u16::MAX, 1)),
            ((1, u32::MAX), MOST, CELL, (1, u16::MAX)),
        ] {
            assert_eq!(fit(picture, area, cell), expected, "{picture:?} in {area:?} of {cell:?}");
        }
    }
}
