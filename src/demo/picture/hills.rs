//! Four ranges of hills, the nearer the darker, with mist in the valleys between them.

use super::View;
use super::noise::Field;
use super::palette::Colour;

/// Height above the horizon from (foot) to (foot + peak), in hundredths of the unit, from far to near.
const RANGES: [(i64, i64); 4] = [(2, 34), (0, 25), (-1, 16), (-2, 8)];
/// Wavelengths in hundredths of a range's size, with weights that sum to 256.
const OCTAVES: [(usize, i32); 5] = [(45, 132), (17, 70), (6, 32), (2, 15), (1, 7)];
const MIST: i32 = 110;

struct Range {
    /// The ridge's row for each column, in sixteenths of a pixel.
    ridge: Vec<i32>,
    /// How much lighter a column is for facing the sun.
    facing: Vec<i32>,
    colour: Colour,
    /// Pixels below the ridge at which the mist is thickest.
    depth: i32,
    mist: i32,
    /// The first row that this range touches.
    top: usize,
}

pub struct Hills {
    ranges: Vec<Range>,
    haze: Colour,
}

impl Hills {
    pub fn new(view: &View) -> Hills {
        let ranges = (0..RANGES.len()).map(|place| range(view, place)).collect();
        Hills { ranges, haze: view.palette.haze }
    }

    /// Paints the hills of one row over the sky.
    pub fn paint_row(&self, y: usize, row: &mut [u8]) {
        for range in self.ranges.iter().filter(|range| y >= range.top) {
            for ((pixel, ridge), facing) in row.chunks_exact_mut(3).zip(&range.ridge).zip(&range.facing) {
                let below = y as i32 * 16 + 16 - ridge;
                if below > 0 {
                    let mist = (below / 16 * 200 / range.depth).min(range.mist);
                    let ground = range.colour.towards(self.haze, mist).lighter(facing * (MIST - mist) / MIST);
                    // A pixel that the ridge runs through is part sky.
                    Colour::read(pixel).towards(ground, below.min(16) * 16).write(pixel);
                }
            }
        }
    }
}

fn range(view: &View, place: usize) -> Range {
    let (foot, peak) = RANGES[place];
    let ridge = ridge(view, place, foot, peak);
    let nearest = place + 1 == RANGES.len();
    let distant = view.palette.haze.towards(view.palette.far, 150);
    let near_share = if nearest { 256 } else { place as i32 * 230 / (RANGES.len() as i32 - 1) };
    Range {
        facing: facing(view, &ridge),
        colour: distant.towards(view.palette.near, near_share),
        depth: (view.unit as i64 * peak / 100).max(1) as i32,
        mist: if nearest { MIST / 3 } else { MIST },
        top: ridge.iter().min().map_or(0, |highest| (highest / 16).max(0) as usize),
        ridge,
    }
}

fn ridge(view: &View, place: usize, foot: i64, peak: i64) -> Vec<i32> {
    let size = view.unit * (RANGES.len() - place) / RANGES.len();
    let mut line = vec![0; view.width];
    for (octave, (wave, weight)) in OCTAVES.iter().enumerate() {
        let salt = 301 + (place * OCTAVES.len() + octave) as u64;
        Field::new(view.seed ^ salt, size * wave / 100, 1).add_row(0, *weight, &mut line);
    }
    let unit = view.unit as i64;
    let height = |noise: i32| (unit * foot * 65_536 / 100 + i64::from(noise) * unit * peak / 100) >> 12;
    line.into_iter().map(|noise| (view.horizon as i64 * 16 - height(noise)) as i32).collect()
}

fn facing(view: &View, ridge: &[i32]) -> Vec<i32> {
    let reach = view.unit / 60 + 1;
    let last = ridge.len().saturating_sub(1);
    let slope = |x: usize| (ridge[(x + reach).min(last)] - ridge[x.saturating_sub(reach)]) / reach as i32;
    let lit = |x: usize| if x < view.sun.0 { slope(x) } else { -slope(x) };
    (0..ridge.len()).map(|x| lit(x).clamp(-14, 14)).collect()
}
