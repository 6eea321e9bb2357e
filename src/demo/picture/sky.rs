//! The sky: a gradient, a sun with its glow, and three layers of cloud.

use super::View;
use super::noise::Field;
use super::palette::{Colour, Palette};

const GLOW_STEPS: usize = 1024;
/// Cloud noise below this is clear sky.
const CLOUD_FLOOR: i32 = 118;
const CLOUD_DENSEST: i32 = 170;

pub struct Sky {
    palette: Palette,
    horizon: i32,
    sun_y: i64,
    /// Squared distance of each column from the sun.
    across: Vec<i64>,
    /// The share of sunlight in 256 by squared distance, in `GLOW_STEPS` steps.
    glow: Vec<i32>,
    glow_reach: i64,
    disc: i64,
    clouds: [(Field, i32); 3],
}

impl Sky {
    pub fn new(view: &View) -> Sky {
        let unit = view.unit;
        let area = (unit * unit) as i64;
        let (sun_x, sun_y) = (view.sun.0 as i64, view.sun.1 as i64);
        let cloud = |salt: u64, wide: usize, flat: usize| Field::new(view.seed ^ salt, unit / wide, unit / flat);
        Sky {
            palette: view.palette,
            horizon: view.horizon as i32,
            sun_y,
            across: (0..view.width as i64).map(|x| (x - sun_x) * (x - sun_x)).collect(),
            glow: (0..=GLOW_STEPS).map(glow).collect(),
            glow_reach: (area * 3 / 4).max(1),
            disc: (area / 300).max(1),
            clouds: [(cloud(201, 2, 12), 130), (cloud(202, 5, 30), 82), (cloud(203, 13, 80), 44)],
        }
    }

    /// Paints one row; `line` is scratch of the picture's width.
    pub fn paint_row(&self, y: usize, line: &mut [i32], row: &mut [u8]) {
        line.fill(0);
        for (field, weight) in &self.clouds {
            field.add_row(y, *weight, line);
        }
        let height = y as i32 * 256 / self.horizon;
        let air = self.palette.zenith.towards(self.palette.haze, height);
        // Clouds thin out towards the horizon, where the haze takes over.
        let thickness = ((256 - height) * 256 / 56).min(256);
        let down = (y as i64 - self.sun_y) * (y as i64 - self.sun_y);
        for ((pixel, noise), across) in row.chunks_exact_mut(3).zip(line.iter()).zip(&self.across) {
            let distance = across + down;
            let lit = air.towards(self.palette.sun, self.glow_at(distance));
            let density = (((noise >> 8) - CLOUD_FLOOR) * 4).clamp(0, CLOUD_DENSEST);
            let cover = (density * thickness) >> 8;
            self.sun_over(lit.towards(self.palette.cloud, cover), distance).write(pixel);
        }
    }

    fn glow_at(&self, distance: i64) -> i32 {
        let step = (distance * GLOW_STEPS as i64 / self.glow_reach).min(GLOW_STEPS as i64);
        self.glow[step as usize]
    }

    /// The disc itself, with a soft rim.
    fn sun_over(&self, behind: Colour, distance: i64) -> Colour {
        if distance >= self.disc {
            return behind;
        }
        let cover = ((self.disc - distance) * 256 * 12 / self.disc).min(256) as i32;
        behind.towards(self.palette.sun.towards(Colour::WHITE, 192), cover)
    }
}

/// A wide halo and a narrow one, both polynomials of the squared distance.
fn glow(step: usize) -> i32 {
    let near = (GLOW_STEPS - step) as i64;
    let square = |value: i64| value * value / GLOW_STEPS as i64;
    let wide = square(square(near));
    let narrow = square(square(wide));
    ((wide * 100 + narrow * 110) / GLOW_STEPS as i64) as i32
}
