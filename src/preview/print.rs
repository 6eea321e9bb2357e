//! The one place that calls viuer, and a picture straight into the scrollback.

use image::DynamicImage;

use super::{CELL, Limits, PreviewError, fit, master};

/// The most rows per column in the scrollback: room for the narrowest picture that models draw, 1:8.
const TALLEST: u16 = 4;

/// Prints a picture file as half-blocks on standard output and moves on to the next line.
///
/// `width` in columns, at most the terminal's; without it the picture takes what fits on one screen above a prompt.
/// For plain commands: once [`take_stdout`](super::take_stdout) was called this would end in the scratch file.
///
/// # Errors
/// See [`master()`]; and when standard output cannot be written.
pub fn print_blocks(bytes: &[u8], width: Option<u16>, truecolor: bool) -> Result<(), PreviewError> {
    let (columns, rows) = viuer::terminal_size();
    let area = match width {
        Some(width) => {
            let width = width.min(columns).max(1);
            (width, width.saturating_mul(TALLEST))
        }
        None => (columns.max(1), rows.saturating_sub(1).max(1)),
    };
    let master = master(bytes, &Limits::default())?;
    let cells = fit(master.original, area, CELL);
    half_blocks(&master.half_cells(cells)?, truecolor)
}

/// viuer's half-blocks of a picture at one pixel per half cell, on standard output wherever that leads.
pub fn half_blocks(picture: &DynamicImage, truecolor: bool) -> Result<(), PreviewError> {
    let config = viuer::Config {
        width: Some(picture.width()),
        height: Some(picture.height().div_ceil(2)),
        truecolor,
        // Where the cursor is: the bytes then hold no place on the screen.
        absolute_offset: false,
        x: 0,
        y: 0,
        restore_cursor: false,
        transparent: false,
        premultiplied_alpha: false,
        // Never anything that makes viuer ask the terminal.
        use_kitty: false,
        use_iterm: false,
        use_sixel: false,
    };
    viuer::print(picture, &config)?;
    Ok(())
}
