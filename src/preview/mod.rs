//! Pictures as terminal cells: decoded and shrunk here, encoded by viuer, placed as ordinary ratatui cells.
//!
//! viuer alone cannot live inside a program that reads keys and redraws: it prints to standard output, at the
//! cursor, and scrolls. So it only encodes; everything around it stands here:
//!
//! | what is needed | who does it | why |
//! | --- | --- | --- |
//! | a colour and a half-block for every cell, 24 bit or 256 colours | viuer | that is what it is for |
//! | where its bytes go | [`take_stdout`] | viuer knows one sink, standard output: it becomes a scratch file |
//! | asking the terminal what it can do | nobody | viuer would read keys without a time-out; it is never asked to |
//! | decoding within limits | [`decode()`] | viuer takes pixels; foreign headers may claim petabytes |
//! | scaling | [`shrink`] | viuer scales 4096² in 500 ms, this in 8 ms; given the exact size, viuer only copies |
//! | transparency | [`on_chequerboard`] | viuer's squares are one pixel wide: noise at the size of a cell |
//! | the size in cells | [`fit()`] | viuer takes every cell for 1:2 and knows no pane |
//! | position, clipping, popups over it, erasing | [`Blocks`] | viuer writes at the cursor and never erases |
//!
//! A graphics protocol (kitty, iTerm2, sixel) would be one more encoding of the same [`Master`], laid over the
//! cells that [`Blocks`] drew; half-blocks stay below it for every moment in which it cannot be shown.

mod blocks;
mod capture;
mod decode;
mod error;
mod fit;
mod master;
mod print;
mod scale;
mod sgr;

pub use blocks::{BlockCell, Blocks, encode_blocks};
pub use capture::take_stdout;
pub use decode::{Limits, decode};
pub use error::PreviewError;
pub use fit::{CELL, fit};
pub use master::{MASTER_SIDE, Master, master};
pub use print::print_blocks;
pub use scale::{on_chequerboard, shrink};
