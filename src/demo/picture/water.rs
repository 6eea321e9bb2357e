//! The lake: the land upside down, shaken by ripples that grow towards the viewer.

use super::View;
use super::noise::Field;
use super::palette::Colour;

/// Paints the rows below the horizon from the rows above it.
pub fn paint(view: &View, land: &[u8], lake: &mut [u8]) {
    let stride = view.width * 3;
    let rows = view.height - view.horizon;
    let deep = view.palette.near.towards(view.palette.zenith, 120);
    let swell = Field::new(view.seed ^ 401, view.unit / 9, 5);
    let chop = Field::new(view.seed ^ 402, view.unit / 40, 3);
    let last = view.horizon as i32 - 1;
    let mut line = vec![0; view.width];
    for (down, row) in lake.chunks_exact_mut(stride).enumerate() {
        line.fill(0);
        // The square root is what makes ripples far away look narrower.
        let wave = (down * 65_536 / view.unit).isqrt();
        swell.add_row(wave, 170, &mut line);
        chop.add_row(wave, 86, &mut line);
        let mirrored = last - (down as i64 * i64::from(last) * 9 / 10 / rows as i64) as i32;
        let reach = 2 + down as i32 / 4;
        let tint = 70 + (down * 90 / rows) as i32;
        for (x, (pixel, noise)) in row.chunks_exact_mut(3).zip(&line).enumerate() {
            let ripple = (noise >> 8) - 128;
            let source = (mirrored + ripple * reach / 128).clamp(0, last) as usize;
            let seen = Colour::read(&land[source * stride + x * 3..]);
            seen.towards(deep, tint).lighter(ripple / 6).write(pixel);
        }
    }
}
