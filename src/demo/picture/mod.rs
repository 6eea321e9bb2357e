//! The pictures that the demo answers with: a landscape over water, drawn from a number, captioned "demo".
//!
//! All of it is integer arithmetic a row at a time, so a picture is the same on every machine and takes milliseconds.

mod encode;
mod hills;
mod letters;
mod noise;
mod palette;
mod sky;
mod water;

pub use encode::{Format, encode};
pub use noise::{mix, mix_bytes};

use hills::Hills;
use palette::Palette;
use sky::Sky;

/// What to draw; equal subjects give equal pixels.
#[derive(Debug, Clone)]
pub struct Subject {
    pub width: u32,
    pub height: u32,
    pub seed: u64,
    /// Stands beside the word "demo"; only its ASCII is drawn.
    pub caption: String,
}

/// RGB pixels, three bytes each, rows from the top.
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

/// Where things are in a picture, in pixels.
struct View {
    width: usize,
    height: usize,
    /// The shorter side: what sizes are fractions of, so that a panorama has no giant sun.
    unit: usize,
    /// The first row of water.
    horizon: usize,
    /// Column and row of the middle of the sun.
    sun: (usize, usize),
    seed: u64,
    palette: Palette,
}

impl View {
    fn of(subject: &Subject) -> View {
        let (width, height) = (subject.width as usize, subject.height as usize);
        let unit = width.min(height);
        let horizon = (height * 62 / 100).max(1);
        let pick = |salt: u64, from: usize, to: usize| from + (mix(subject.seed ^ salt) % (to - from) as u64) as usize;
        let sun_x = width * pick(101, 20, 80) / 100;
        // In a tall picture the sun stays near the hills instead of far above them.
        let sun_y = (horizon * pick(102, 45, 85) / 100).max(horizon.saturating_sub(unit / 2));
        View {
            width,
            height,
            unit,
            horizon,
            sun: (sun_x, sun_y),
            seed: subject.seed,
            palette: palette::of(subject.seed),
        }
    }
}

/// Draws a subject.
pub fn draw(subject: &Subject) -> Picture {
    let view = View::of(subject);
    let stride = view.width * 3;
    let mut rgb = vec![0; stride * view.height];
    let (land, lake) = rgb.split_at_mut(stride * view.horizon);
    paint_land(&view, land);
    water::paint(&view, land, lake);
    grain(&view, &mut rgb);
    let mut picture = Picture { width: subject.width, height: subject.height, rgb };
    letters::caption(&mut picture, &subject.caption);
    picture
}

fn paint_land(view: &View, land: &mut [u8]) {
    let sky = Sky::new(view);
    let hills = Hills::new(view);
    let mut line = vec![0; view.width];
    for (y, row) in land.chunks_exact_mut(view.width * 3).enumerate() {
        sky.paint_row(y, &mut line, row);
        hills.paint_row(y, row);
    }
}

/// Film grain: it hides the steps of the gradients and gives the file the size of a photograph's.
fn grain(view: &View, rgb: &mut [u8]) {
    for (y, row) in rgb.chunks_exact_mut(view.width * 3).enumerate() {
        let mut state = mix(view.seed ^ ((y as u64) << 20)) as u32 | 1;
        for pixel in row.chunks_exact_mut(3) {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let bits = |from: u32, mask: u32| ((state >> from) & mask) as i16;
            let light = bits(0, 7) + bits(3, 7) - 7;
            if let [red, green, blue] = pixel {
                *red = shift(*red, light + bits(8, 3) - 1);
                *green = shift(*green, light);
                *blue = shift(*blue, light + bits(12, 3) - 1);
            }
        }
    }
}

fn shift(channel: u8, by: i16) -> u8 {
    (i16::from(channel) + by).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(seed: u64, width: u32, height: u32) -> Subject {
        Subject { width, height, seed, caption: "a red fox".to_owned() }
    }

    #[test]
    fn equal_subjects_give_equal_pictures_and_others_do_not() {
        let one = draw(&subject(mix_bytes(0, b"a red fox"), 448, 600));
        assert_eq!(one.rgb.len(), 448 * 600 * 3);
        assert!(one.rgb == draw(&subject(mix_bytes(0, b"a red fox"), 448, 600)).rgb);
        assert!(one.rgb != draw(&subject(mix_bytes(0, b"a blue fox"), 448, 600)).rgb);
        assert!(one.rgb != draw(&subject(mix_bytes(1, b"a red fox"), 448, 600)).rgb);
    }

    #[test]
    fn extreme_shapes_can_be_drawn() {
        for (width, height) in [(792, 168), (168, 792), (1536, 192), (192, 1536)] {
            assert_eq!(draw(&subject(7, width, height)).rgb.len(), (width * height * 3) as usize);
        }
    }

    #[test]
    fn every_format_is_what_it_says() {
        let picture = draw(&subject(7, 256, 192));
        for format in [Format::Png, Format::Jpeg, Format::Webp] {
            let bytes = encode(&picture, format).unwrap();
            assert_eq!(crate::wire::sniff::mime(&bytes), Some(format.mime()));
            assert_eq!(crate::wire::sniff::size(&bytes), Some((256, 192)));
        }
    }
}
