//! What a large picture costs: from the file to half-blocks, and to the bytes of the sharp protocols.
//!
//! viuer's own 3 to 7 ms for half-blocks are left out: it needs standard output, which prints these tables.

use divan::Bencher;
use divan::counter::BytesCount;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use std::hint::black_box;
use std::sync::LazyLock;
use unpeel::preview::{ITERM_BUDGET, KITTY_BUDGET, Limits, Master, SLOW_BUDGET, decode, master};

/// The side of the picture in pixels, as the largest models draw it.
const SIDE: u32 = 4096;
/// A pane of columns and rows, and its cells in pixels.
const PANE: (u16, u16) = (60, 30);
const CELL: (u16, u16) = (9, 18);

static FILE: LazyLock<Vec<u8>> = LazyLock::new(file);
static MASTER: LazyLock<Master> = LazyLock::new(|| master(&FILE, &Limits::default()).expect("a picture"));

fn main() {
    divan::main();
}

/// The decoder alone.
#[divan::bench(sample_count = 10)]
fn decoded(bencher: Bencher) {
    bencher.counter(BytesCount::new(FILE.len())).bench(|| decode(black_box(&FILE), &Limits::default()));
}

/// From the last byte of the file to the pixels of the half-blocks.
#[divan::bench(sample_count = 10)]
fn half_cells(bencher: Bencher) {
    bencher.counter(BytesCount::new(FILE.len())).bench(|| {
        let master = master(black_box(&FILE), &Limits::default()).expect("a picture");
        master.half_cells(PANE).expect("a size")
    });
}

/// A PNG for kitty, within the budget of a local or fast line and of a slow one.
#[divan::bench(args = [KITTY_BUDGET, SLOW_BUDGET])]
fn kitty(bencher: Bencher, budget: usize) {
    let master = LazyLock::force(&MASTER);
    bencher.bench(|| black_box(master).kitty(PANE, CELL, budget));
}

/// A JPEG for iTerm2.
#[divan::bench]
fn iterm(bencher: Bencher) {
    let master = LazyLock::force(&MASTER);
    bencher.bench(|| black_box(master).iterm(PANE, CELL, ITERM_BUDGET));
}

/// Sixels for the pane.
#[divan::bench]
fn sixel(bencher: Bencher) {
    let master = LazyLock::force(&MASTER);
    bencher.bench(|| black_box(master).sixel(PANE, CELL, 2_000_000));
}

/// About 30 MB of PNG: a gradient under as much grain as photographs have.
fn file() -> Vec<u8> {
    let mut dice = fastrand::Rng::with_seed(1);
    let pixels = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let grain = dice.u32(..) & 0x000f_0f0f;
        let at = |shift: u32, base: u32| (base + ((grain >> shift) & 0x0f)) as u8;
        image::Rgb([at(0, x * 240 / SIDE), at(8, y * 240 / SIDE), at(16, (x + y) * 120 / SIDE)])
    });
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Paeth)
        .write_image(pixels.as_raw(), SIDE, SIDE, ExtendedColorType::Rgb8)
        .expect("a PNG in memory");
    png
}
