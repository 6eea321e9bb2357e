//! One colour of a palette, and what becomes of it on a terminal with fewer colours.

use ratatui::style::Color;
use serde::{Deserialize, Deserializer, de};

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    True,
    /// The 256-colour cube.
    Indexed,
    Sixteen,
    /// NO_COLOR.
    None,
}

impl Depth {
    /// From the environment's `NO_COLOR`, `COLORTERM` and `TERM` (<https://no-color.org>).
    pub fn detect(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> Depth {
        let term = term.unwrap_or_default();
        if no_color.is_some_and(|value| !value.is_empty()) {
            return Depth::None;
        }
        match colorterm {
            Some("truecolor" | "24bit") => Depth::True,
            _ if term.contains("direct") || ["xterm-kitty", "xterm-ghostty", "alacritty", "foot"].contains(&term) => {
                Depth::True
            }
            _ if term.contains("256color") => Depth::Indexed,
            _ if term.is_empty() || term == "dumb" || term == "vt100" || term == "vt220" => Depth::None,
            _ => Depth::Sixteen,
        }
    }
}

/// `"#rrggbb"`, one of the sixteen names, or `"default"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(Color);

const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

const SIXTEEN: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// The usual values of the sixteen, for finding the nearest.
const SIXTEEN_RGB: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 49, 49),
    (13, 188, 121),
    (229, 229, 16),
    (36, 114, 200),
    (188, 63, 188),
    (17, 168, 205),
    (204, 204, 204),
    (102, 102, 102),
    (241, 76, 76),
    (35, 209, 139),
    (245, 245, 67),
    (59, 142, 234),
    (214, 112, 214),
    (41, 184, 219),
    (255, 255, 255),
];

impl Colour {
    fn parse(text: &str) -> Option<Colour> {
        if text == "default" {
            return Some(Colour(Color::Reset));
        }
        if let Some(at) = NAMES.iter().position(|name| *name == text) {
            return Some(Colour(SIXTEEN[at]));
        }
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6)?;
        let value = u32::from_str_radix(hex, 16).ok()?;
        let [_, r, g, b] = value.to_be_bytes();
        Some(Colour(Color::Rgb(r, g, b)))
    }

    /// The nearest colour that the terminal has.
    pub fn at(self, depth: Depth) -> Color {
        match (self.0, depth) {
            (_, Depth::None) => Color::Reset,
            (Color::Rgb(r, g, b), Depth::Indexed) => Color::Indexed(cube(r, g, b)),
            (Color::Rgb(r, g, b), Depth::Sixteen) => nearest_of_sixteen((r, g, b)),
            (colour, _) => colour,
        }
    }
}

/// Nearest of the 6×6×6 cube and the grey ramp.
fn cube(r: u8, g: u8, b: u8) -> u8 {
    let level = |v: u8| {
        if v < 48 {
            0
        } else if v < 115 {
            1
        } else {
            (v - 35) / 40
        }
    };
    let value = |level: u8| if level == 0 { 0 } else { 55 + level * 40 };
    let (lr, lg, lb) = (level(r), level(g), level(b));
    let grey = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
    let step = (grey.saturating_sub(3) / 10).min(23) as u8;
    let ramp = 8 + step * 10;
    let by_cube = distance((r, g, b), (value(lr), value(lg), value(lb)));
    if distance((r, g, b), (ramp, ramp, ramp)) < by_cube { 232 + step } else { 16 + 36 * lr + 6 * lg + lb }
}

fn nearest_of_sixteen(rgb: (u8, u8, u8)) -> Color {
    let best = (0..16).min_by_key(|&at| distance(rgb, SIXTEEN_RGB[at])).unwrap_or(7);
    SIXTEEN[best]
}

fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    square(a.0, b.0) + square(a.1, b.1) + square(a.2, b.2)
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let help = || {
            de::Error::custom(format!(
                "{text:?} is no colour; write \"#rrggbb\", \"default\" or one of {}",
                NAMES.join(", ")
            ))
        };
        Colour::parse(&text).ok_or_else(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_parsed_and_lowered() {
        assert_eq!(Colour::parse("#ff0000").map(|c| c.at(Depth::Indexed)), Some(Color::Indexed(196)));
        assert_eq!(Colour::parse("#808080").map(|c| c.at(Depth::Indexed)), Some(Color::Indexed(244)));
        assert_eq!(Colour::parse("#f14c4c").map(|c| c.at(Depth::Sixteen)), Some(Color::LightRed));
        assert_eq!(Colour::parse("bright-black").map(|c| c.at(Depth::True)), Some(Color::DarkGray));
        for bad in ["#1", "#gggggg", "reddish", ""] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_environment_tells_the_depth() {
        for (no_color, colorterm, term, depth) in [
            (Some("1"), Some("truecolor"), Some("xterm-256color"), Depth::None),
            (Some(""), Some("truecolor"), Some("xterm"), Depth::True),
            (None, None, Some("tmux-256color"), Depth::Indexed),
            (None, None, Some("xterm"), Depth::Sixteen),
            (None, None, Some("xterm-kitty"), Depth::True),
            (None, None, None, Depth::None),
        ] {
            assert_eq!(Depth::detect(no_color, colorterm, term), depth, "{no_color:?} {colorterm:?} {term:?}");
        }
    }
}
