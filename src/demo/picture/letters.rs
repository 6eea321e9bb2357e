//! The caption under a picture, in letters of five by seven dots.

use super::Picture;
use super::palette::Colour;

const WIDTH: usize = 5;
const HEIGHT: usize = 7;
/// From the left edge of one letter to the next, in dots.
const ADVANCE: usize = WIDTH + 1;
const LINES: usize = 2;
const TITLE: &str = "DEMO";
const BAND: Colour = Colour::new(12, 14, 18);
const TITLE_COLOUR: Colour = Colour::new(255, 214, 92);

/// Seven rows of five dots each, the leftmost dot in bit 4.
const LETTERS: [(u8, [u8; HEIGHT]); 44] = [
    (b'A', [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    (b'B', [0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110]),
    (b'C', [0b01111, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b01111]),
    (b'D', [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110]),
    (b'E', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111]),
    (b'F', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000]),
    (b'G', [0b01111, 0b10000, 0b10000, 0b10011, 0b10001, 0b10001, 0b01111]),
    (b'H', [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    (b'I', [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110]),
    (b'J', [0b00111, 0b00010, 0b00010, 0b00010, 0b00010, 0b10010, 0b01100]),
    (b'K', [0b10001, 0b10010, 0b10100, 0b11000, 0b10100, 0b10010, 0b10001]),
    (b'L', [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111]),
    (b'M', [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001]),
    (b'N', [0b10001, 0b11001, 0b11001, 0b10101, 0b10011, 0b10011, 0b10001]),
    (b'O', [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110]),
    (b'P', [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000]),
    (b'Q', [0b01110, 0b10001, 0b10001, 0b10001, 0b10101, 0b10010, 0b01101]),
    (b'R', [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001]),
    (b'S', [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110]),
    (b'T', [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100]),
    (b'U', [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110]),
    (b'V', [0b10001, 0b10001, 0b10001, 0b10001, 0b01010, 0b01010, 0b00100]),
    (b'W', [0b10001, 0b10001, 0b10001, 0b10101, 0b10101, 0b11011, 0b10001]),
    (b'X', [0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b01010, 0b10001]),
    (b'Y', [0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100]),
    (b'Z', [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b11111]),
    (b'0', [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110]),
    (b'1', [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110]),
    (b'2', [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111]),
    (b'3', [0b11110, 0b00001, 0b00001, 0b00110, 0b00001, 0b00001, 0b11110]),
    (b'4', [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010]),
    (b'5', [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110]),
    (b'6', [0b01110, 0b10000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110]),
    (b'7', [0b11111, 0b00001, 0b00010, 0b00010, 0b00100, 0b00100, 0b00100]),
    (b'8', [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110]),
    (b'9', [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00001, 0b01110]),
    (b'.', [0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100]),
    (b',', [0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b00100, 0b01000]),
    (b'-', [0b00000, 0b00000, 0b00000, 0b01110, 0b00000, 0b00000, 0b00000]),
    (b'!', [0b00100, 0b00100, 0b00100, 0b00100, 0b00000, 0b00100, 0b00100]),
    (b'?', [0b01110, 0b10001, 0b00010, 0b00100, 0b00000, 0b00100, 0b00100]),
    (b':', [0b00000, 0b01100, 0b01100, 0b00000, 0b01100, 0b01100, 0b00000]),
    (b'\'', [0b00100, 0b00100, 0b00000, 0b00000, 0b00000, 0b00000, 0b00000]),
    (b'/', [0b00001, 0b00010, 0b00010, 0b00100, 0b01000, 0b01000, 0b10000]),
];

/// Darkens a band at the foot of the picture, and writes "demo" and the first words of `text` on it.
///
/// "demo" is large enough to be read when the picture is shrunk to the cells of a terminal.
pub fn caption(picture: &mut Picture, text: &str) {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let dot = (width.min(height) / 64).max(1);
    let band = (HEIGHT + 4) * dot;
    let top = height.saturating_sub(band);
    darken(picture, top);
    let base = top + 2 * dot;
    write(picture, TITLE, (2 * dot, base), dot, TITLE_COLOUR);

    let small = (dot / 3).max(1);
    let left = (3 + TITLE.len() * ADVANCE) * dot;
    let room = width.saturating_sub(left + dot) / (ADVANCE * small);
    for (number, line) in wrap(text, room).iter().enumerate() {
        write(picture, line, (left, base + number * (HEIGHT + 3) * small), small, Colour::WHITE);
    }
}

fn darken(picture: &mut Picture, top: usize) {
    let from = top * picture.width as usize * 3;
    for pixel in picture.rgb[from..].chunks_exact_mut(3) {
        Colour::read(pixel).towards(BAND, 190).write(pixel);
    }
}

/// The first words that fit on the lines of the caption.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let ascii: String = text.chars().map(|c| if c.is_ascii_graphic() { c.to_ascii_uppercase() } else { ' ' }).collect();
    let mut lines = vec![String::new()];
    for word in ascii.split_whitespace() {
        let last = lines.len() - 1;
        let used = lines[last].len();
        if used + usize::from(used > 0) + word.len() <= room {
            lines[last].push_str(if used > 0 { " " } else { "" });
            lines[last].push_str(word);
        } else if lines.len() < LINES && word.len() <= room {
            lines.push(word.to_owned());
        } else {
            break;
        }
    }
    lines
}

/// Writes one line with its upper left corner at `at`; letters that the font lacks stay blank.
fn write(picture: &mut Picture, text: &str, at: (usize, usize), dot: usize, colour: Colour) {
    for (place, letter) in text.bytes().enumerate() {
        let Some((_, rows)) = LETTERS.iter().find(|(known, _)| *known == letter) else { continue };
        for (down, bits) in rows.iter().enumerate() {
            for across in (0..WIDTH).filter(|across| (bits >> (WIDTH - 1 - across)) & 1 == 1) {
                square(picture, (at.0 + (place * ADVANCE + across) * dot, at.1 + down * dot), dot, colour);
            }
        }
    }
}

fn square(picture: &mut Picture, at: (usize, usize), side: usize, colour: Colour) {
    let (width, height) = (picture.width as usize, picture.height as usize);
    for y in at.1..(at.1 + side).min(height) {
        for x in at.0..(at.0 + side).min(width) {
            colour.write(&mut picture.rgb[(y * width + x) * 3..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_wrap_at_words_and_stop_when_full() {
        assert_eq!(wrap("a red fox, très joli", 9), ["A RED", "FOX, TR S"]);
        assert_eq!(wrap("", 9), [""]);
        assert_eq!(wrap("unbreakable", 4), [""]);
        assert_eq!(wrap("unbreakable", 0), [""]);
    }
}
