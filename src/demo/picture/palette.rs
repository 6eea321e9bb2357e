//! The colours of a scene, and how two of them blend.

use super::noise::mix;

/// Red, green and blue of 0..=255; sums may leave that range until they are written.
///
/// Its functions run several times a pixel and are called from other modules, hence the `inline`.
#[derive(Debug, Clone, Copy)]
pub struct Colour {
    red: i32,
    green: i32,
    blue: i32,
}

impl Colour {
    pub const WHITE: Colour = Colour::new(255, 255, 255);

    #[inline]
    pub const fn new(red: i32, green: i32, blue: i32) -> Colour {
        Colour { red, green, blue }
    }

    /// This colour with `share` of 256 of the other one.
    #[inline]
    pub fn towards(self, other: Colour, share: i32) -> Colour {
        let blend = |from: i32, to: i32| from + (((to - from) * share) >> 8);
        Colour::new(blend(self.red, other.red), blend(self.green, other.green), blend(self.blue, other.blue))
    }

    /// Each channel raised by as much.
    #[inline]
    pub fn lighter(self, by: i32) -> Colour {
        Colour::new(self.red + by, self.green + by, self.blue + by)
    }

    /// Reads the first pixel of some RGB bytes.
    #[inline]
    pub fn read(pixel: &[u8]) -> Colour {
        match pixel {
            [red, green, blue, ..] => Colour::new(i32::from(*red), i32::from(*green), i32::from(*blue)),
            _ => Colour::WHITE,
        }
    }

    /// Writes the first pixel of some RGB bytes.
    #[inline]
    pub fn write(self, pixel: &mut [u8]) {
        if let [red, green, blue, ..] = pixel {
            *red = self.red.clamp(0, 255) as u8;
            *green = self.green.clamp(0, 255) as u8;
            *blue = self.blue.clamp(0, 255) as u8;
        }
    }
}

/// What an hour and a place look like.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    pub zenith: Colour,
    pub haze: Colour,
    pub sun: Colour,
    pub cloud: Colour,
    pub far: Colour,
    pub near: Colour,
}

type Rgb = (i32, i32, i32);

/// Dawn, noon, dusk, night, mist and desert: zenith, haze, sun, cloud, far hills, near hills.
const PALETTES: [[Rgb; 6]; 6] = [
    [(58, 74, 128), (250, 196, 158), (255, 226, 170), (255, 214, 196), (146, 130, 160), (38, 40, 66)],
    [(38, 104, 186), (198, 226, 240), (255, 250, 225), (250, 252, 255), (126, 158, 176), (34, 66, 58)],
    [(44, 30, 84), (252, 132, 84), (255, 208, 120), (226, 112, 120), (122, 72, 112), (26, 20, 44)],
    [(8, 14, 40), (58, 84, 128), (236, 238, 224), (74, 92, 130), (46, 62, 98), (10, 14, 28)],
    [(142, 168, 176), (232, 232, 214), (255, 246, 214), (246, 244, 236), (158, 178, 174), (48, 72, 70)],
    [(64, 130, 160), (255, 220, 160), (255, 244, 200), (255, 232, 200), (206, 140, 96), (92, 44, 34)],
];

/// The palette of a seed, each channel a little off so that no two prompts share their colours.
pub fn of(seed: u64) -> Palette {
    let rows = PALETTES[(mix(seed) % PALETTES.len() as u64) as usize];
    let drift = |place: u64| (mix(seed ^ (place + 1)) % 25) as i32 - 12;
    let (red, green, blue) = (drift(0), drift(1), drift(2));
    let [zenith, haze, sun, cloud, far, near] = rows.map(|(r, g, b)| Colour::new(r + red, g + green, b + blue));
    Palette { zenith, haze, sun, cloud, far, near }
}
