//! Pictures in a terminal: decoded and shrunk here, encoded by viuer where it can, placed as cells and over them.
//!
//! viuer alone cannot live inside a program that reads keys and redraws: it prints to standard output, at the
//! cursor, and scrolls. So it only encodes; everything around it stands here:
//!
//! | what is needed | who does it | why |
//! | --- | --- | --- |
//! | a colour and a half-block for every cell, 24 bit or 256 colours | viuer | that is what it is for |
//! | sixels | [`Master::sixel`], by viuer's encoder icy_sixel | viuer takes every cell for 6 × 12 pixels, clips at 1000, and would ask the terminal |
//! | kitty's pictures | [`Master::kitty`] | viuer sends raw RGBA, 89 MB for 4096², without id or quiet, and never ends a picture of one chunk |
//! | iTerm2's pictures | [`Master::iterm`] | viuer sends the whole picture as PNG, 45 MB for 4096², and a line end |
//! | where viuer's bytes go | [`take_stdout`] | viuer knows one sink, standard output: it becomes a scratch file |
//! | asking the terminal what it can do | [`probe`] | viuer would read keys without a time-out; it is never asked to |
//! | which way to draw | [`choice`] | environments lie, above all over SSH and in multiplexers |
//! | decoding within limits | [`decode()`] | viuer takes pixels; foreign headers may claim petabytes |
//! | scaling | [`shrink`], [`resample`] | viuer scales 4096² in 500 ms, this in 8 ms; given the exact size, viuer only copies |
//! | transparency | [`on_chequerboard`] | viuer's squares are one pixel wide: noise at the size of a cell |
//! | the size in cells | [`fit()`](fn@fit) | viuer takes every cell for 1:2 and knows no pane |
//! | position, clipping, popups over it, erasing of cells | [`Blocks`] | viuer writes at the cursor and never erases |
//! | the same for graphics, in pieces that leave room for keys | [`Layer`] | the terminal has them, no buffer does |
//!
//! Half-blocks always lie in the screen's cells. Graphics are laid over them while nothing covers the pane, and go when
//! something does.

pub mod ask;
mod beside;
mod blocks;
mod capture;
pub mod choice;
mod decode;
mod encode;
mod error;
mod fit;
mod full;
mod layer;
mod master;
mod print;
pub mod probe;
mod scale;
mod sgr;
mod sixel;

pub use ask::{Asked, ask, cell_pixels};
pub use beside::beside;
pub use blocks::{BlockCell, Blocks, encode_blocks};
pub use capture::take_stdout;
pub use choice::{Choice, Way, choose, offered};
pub use decode::{Limits, decode};
pub use encode::{ITERM_BUDGET, KITTY_BUDGET, SLOW_BUDGET, kitty_transmit};
pub use error::PreviewError;
pub use fit::{CELL, CELL_PIXELS, fit};
pub use full::Full;
pub use layer::{Blob, Layer, PLACEHOLDER_CELLS, Picture, Step, placeholder_cell};
pub use master::{MASTER_SIDE, Master, master};
pub use print::print;
pub use probe::{Found, Reply, Sieve, Surroundings, further, query};
pub use scale::{on_chequerboard, resample, shrink, shrink_last};
pub use sixel::{SIXEL_BUDGET, sixel_room};
