//! Deterministic noise from integers alone: a hash, and smooth value noise one row at a time.

/// Spreads 64 bits so that neighbouring inputs have unrelated outputs.
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Hashes bytes on top of a seed.
pub fn mix_bytes(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(mix(seed), |hash, byte| mix(hash ^ u64::from(*byte)))
}

/// Random values on a lattice, joined by smooth curves.
pub struct Field {
    seed: u64,
    cell_height: usize,
    /// The curve across one cell: a share of 256 for each of its columns.
    ease: Vec<i32>,
}

impl Field {
    /// A field whose hills are about `cell_width` × `cell_height` pixels.
    pub fn new(seed: u64, cell_width: usize, cell_height: usize) -> Field {
        let width = cell_width.max(1);
        Field { seed: mix(seed), cell_height: cell_height.max(1), ease: (0..width).map(|x| ease(x, width)).collect() }
    }

    /// Adds row `y` to `line`. A weight of 256 spans 0..=65,280; weights of one line should sum to 256 at most.
    pub fn add_row(&self, y: usize, weight: i32, line: &mut [i32]) {
        let down = ease(y % self.cell_height, self.cell_height);
        let knot = |column: usize| self.knot(column, y / self.cell_height, down);
        let mut left = knot(0);
        for (column, cell) in line.chunks_mut(self.ease.len()).enumerate() {
            let right = knot(column + 1);
            let (start, rise) = (left << 8, right - left);
            for (slot, share) in cell.iter_mut().zip(&self.ease) {
                *slot += ((start + rise * share) * weight) >> 8;
            }
            left = right;
        }
    }

    /// The value 0..=255 between two lattice rows.
    fn knot(&self, column: usize, row: usize, down: i32) -> i32 {
        let above = self.lattice(column, row);
        let below = self.lattice(column, row + 1);
        ((above << 8) + (below - above) * down) >> 8
    }

    fn lattice(&self, column: usize, row: usize) -> i32 {
        let place = mix(((column as u64) << 32) | row as u64);
        (mix(self.seed ^ place) >> 56) as i32
    }
}

/// The share of 256 that a smooth step has reached at `at` of `length`.
fn ease(at: usize, length: usize) -> i32 {
    let t = (at * 256 / length) as i32;
    (t * t * (768 - 2 * t)) >> 16
}
