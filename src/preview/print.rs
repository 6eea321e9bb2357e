//! The one place that calls viuer, and a picture straight into the scrollback.

use std::io::{self, Write};

use image::DynamicImage;

use super::choice::Way;
use super::encode::{ITERM_BUDGET, KITTY_BUDGET};
use super::fit::cell_or;
use super::{Limits, PreviewError, fit, kitty_transmit, master, sixel_room};

/// The most rows per column in the scrollback: room for the narrowest picture that models draw, 1:8.
const TALLEST: u16 = 4;

/// A cell for sixels where the terminal does not tell: smaller than most, so that a picture is rather too small than over
/// the text below it.
const SMALL_CELL: (u16, u16) = (6, 12);
/// Into the scrollback a picture goes once, so it may be large.
const PRINT_BUDGET: usize = 4_000_000;

/// Prints a picture file on standard output in the given way and moves on to the next line.
///
/// `width` in columns, at most the terminal's; without it the picture takes what fits on one screen above a prompt, as
/// every picture does that does not consist of cells. `cell` is the size of a cell in pixels, zeros where it is not
/// known. Placeholders make half-blocks as well: a multiplexer's scrollback keeps cells only. With
/// [`Way::Off`] nothing is printed.
///
/// For plain commands, while no other thread uses standard input or output; once
/// [`take_stdout`](super::take_stdout) was called this would end in the scratch file.
///
/// # Errors
/// See [`master()`]; and when standard output cannot be written.
pub fn print(
    bytes: &[u8],
    width: Option<u16>,
    way: Way,
    cell: (u16, u16),
    truecolor: bool,
) -> Result<(), PreviewError> {
    if matches!(way, Way::Off) {
        return Ok(());
    }
    let (columns, rows) = viuer::terminal_size();
    let columns = width.unwrap_or(columns).min(columns).max(1);
    let screen = (columns, rows.saturating_sub(1).max(1));
    let master = master(bytes, &Limits::default())?;
    match way {
        Way::Kitty => {
            let cells = fit(master.original, screen, cell);
            let png = master.kitty(cells, cell, KITTY_BUDGET)?;
            let commands = kitty_transmit(fastrand::u32(1..), &png, Some(cells));
            placed(cells.1, || Ok(io::stdout().write_all(&commands.concat())?))
        }
        Way::Iterm => {
            let cells = fit(master.original, screen, cell);
            let command = master.iterm(cells, cell, ITERM_BUDGET)?;
            placed(cells.1, || Ok(io::stdout().write_all(&command)?))
        }
        Way::Sixel => {
            let cell = cell_or(cell, SMALL_CELL);
            let cells = fit(master.original, sixel_room(screen, cell), cell);
            let command = master.sixel(cells, cell, PRINT_BUDGET)?;
            placed(cells.1, || Ok(io::stdout().write_all(&command)?))
        }
        Way::KittyPlaceholders | Way::Blocks | Way::Off => {
            let area = if width.is_some() { (columns, columns.saturating_mul(TALLEST)) } else { screen };
            let cells = fit(master.original, area, cell);
            half_blocks(&master.half_cells(cells)?, truecolor)
        }
    }
}

/// Draws over `rows` new rows and ends on the one below, wherever the drawing leaves the cursor. The rows are there
/// before: nothing scrolls while a picture is drawn.
fn placed(rows: u16, draw: impl FnOnce() -> Result<(), PreviewError>) -> Result<(), PreviewError> {
    let mut stdout = io::stdout();
    write!(stdout, "{}\x1b[{rows}A\x1b7", "\n".repeat(rows.into()))?;
    let drawn = draw();
    write!(stdout, "\x1b8\x1b[{rows}B")?;
    stdout.flush()?;
    drawn
}

/// viuer's half-blocks of a picture at one pixel per half cell, on standard output wherever that leads.
pub fn half_blocks(picture: &DynamicImage, truecolor: bool) -> Result<(), PreviewError> {
    let size = (picture.width(), picture.height().div_ceil(2));
    viuer::print(picture, &viuer::Config { truecolor, ..config(size) })?;
    Ok(())
}

/// Half-blocks in so many cells, where the cursor is: the bytes then hold no place on the screen.
fn config((width, height): (u32, u32)) -> viuer::Config {
    viuer::Config {
        width: Some(width),
        height: Some(height),
        truecolor: false,
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
    }
}
