//! Changes of an input: blind ones, and ones that know what texts, JSON, base64 and files are made of.

use crate::tokens::{BRACKETS, BROKEN, JSON, LETTERS, NUMBERS};
use fastrand::Rng;
use std::ops::Range;

/// What changes are made with.
pub struct Material<'a> {
    pub other: &'a [u8],
    /// The target's own.
    pub words: &'a [&'a str],
}

/// Makes one to eight changes; the result has at most `limit` bytes.
pub fn mutate(rng: &mut Rng, input: &mut Vec<u8>, with: &Material, limit: usize) {
    let most = [1, 2, 4, 8][rng.usize(..4)];
    for _ in 0..rng.usize(1..=most) {
        change(rng, input, with, limit);
        input.truncate(limit);
    }
}

fn change(rng: &mut Rng, input: &mut Vec<u8>, with: &Material, limit: usize) {
    match rng.u8(..21) {
        0 => set_byte(rng, input, |rng, byte| byte ^ (1_u8 << rng.u32(..8))),
        1 => set_byte(rng, input, |rng, _| rng.u8(..)),
        2 => set_byte(rng, input, |rng, byte| byte.wrapping_add(rng.u8(1..=4)).wrapping_sub(2)),
        3 => {
            let gone = block(rng, input);
            replace(input, gone, b"");
        }
        4 => copy(rng, input, limit),
        5 => lend(rng, input, with.other),
        6 => splice(rng, input, with.other),
        7 | 8 => text(rng, input, with.words),
        9 => text(rng, input, LETTERS),
        10 => text(rng, input, JSON),
        11 => {
            let piece = rng.choice(BROKEN).copied().unwrap_or_default();
            put(rng, input, piece);
        }
        12 => number(rng, input),
        13 => binary(rng, input),
        14 => alphabet(rng, input),
        15 => wrap(rng, input, limit),
        16 => member(rng, input),
        17 => line(rng, input),
        18 => repeat(rng, input, limit),
        19 => escape(rng, input),
        _ => input.truncate(rng.usize(..=input.len())),
    }
}

/// A place in the input, its end included.
fn place(rng: &mut Rng, input: &[u8]) -> usize {
    rng.usize(..=input.len())
}

/// A stretch of the input: mostly a short one, sometimes empty.
fn block(rng: &mut Rng, input: &[u8]) -> Range<usize> {
    let longest = [4, 16, 64, 1024, input.len()][rng.usize(..5)];
    let start = place(rng, input);
    start..(start + rng.usize(..=longest)).min(input.len())
}

fn replace(input: &mut Vec<u8>, gone: Range<usize>, with: &[u8]) {
    let rest = input.split_off(gone.end);
    input.truncate(gone.start);
    input.extend_from_slice(with);
    input.extend(rest);
}

/// Puts a piece in, or over what is there.
fn put(rng: &mut Rng, input: &mut Vec<u8>, piece: &[u8]) {
    let start = place(rng, input);
    let end = if rng.bool() { start } else { (start + piece.len()).min(input.len()) };
    replace(input, start..end, piece);
}

fn text(rng: &mut Rng, input: &mut Vec<u8>, words: &[&str]) {
    let word = rng.choice(words).copied().unwrap_or_default();
    put(rng, input, word.as_bytes());
}

fn set_byte(rng: &mut Rng, input: &mut [u8], new: impl Fn(&mut Rng, u8) -> u8) {
    if let Some(at) = rng.choice(0..input.len()) {
        input[at] = new(rng, input[at]);
    }
}

/// Copies a stretch to another place.
fn copy(rng: &mut Rng, input: &mut Vec<u8>, limit: usize) {
    let piece = input[block(rng, input)].to_vec();
    if input.len() + piece.len() <= limit {
        put(rng, input, &piece);
    }
}

/// Takes a stretch of another input.
fn lend(rng: &mut Rng, input: &mut Vec<u8>, other: &[u8]) {
    let piece = &other[block(rng, other)];
    put(rng, input, piece);
}

/// The head of one input and the tail of another.
fn splice(rng: &mut Rng, input: &mut Vec<u8>, other: &[u8]) {
    input.truncate(rng.usize(..=input.len()));
    input.extend_from_slice(&other[place(rng, other)..]);
}

/// A number at the edge of some type in place of one that is there.
fn number(rng: &mut Rng, input: &mut Vec<u8>) {
    let new = NUMBERS[rng.usize(..NUMBERS.len())].as_bytes();
    let from = place(rng, input);
    match input[from..].iter().position(u8::is_ascii_digit) {
        Some(ahead) => {
            let start = from + ahead;
            let digits = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            replace(input, start..start + digits, new);
        }
        None => put(rng, input, new),
    }
}

/// The same in the binary lengths of files.
fn binary(rng: &mut Rng, input: &mut Vec<u8>) {
    let length = input.len() as u32;
    let values =
        [0, 1, 2, 4, 255, 65_535, 0x7fff_ffff, 0x8000_0000, u32::MAX, u32::MAX - 8, length, length.wrapping_sub(8)];
    let value = values[rng.usize(..values.len())];
    let bytes = if rng.bool() { value.to_be_bytes() } else { value.to_le_bytes() };
    let start = place(rng, input);
    let end = (start + bytes.len()).min(input.len());
    replace(input, start..end, &bytes);
}

/// The other alphabet of base64, lost padding, and the escapes of an address.
fn alphabet(rng: &mut Rng, input: &mut Vec<u8>) {
    let range = block(rng, input);
    let escaped = rng.bool();
    let piece: Vec<u8> = input[range.clone()]
        .iter()
        .flat_map(|byte| -> &[u8] {
            match byte {
                b'+' if escaped => b"%2B",
                b'/' if escaped => b"%2f",
                b'=' if escaped => b"%3D",
                b'+' => b"-",
                b'-' => b"+",
                b'/' => b"_",
                b'_' => b"/",
                b'=' => b"",
                other => std::slice::from_ref(other),
            }
        })
        .copied()
        .collect();
    replace(input, range, &piece);
}

/// Brackets round a stretch: once, or so often that they nest deep.
fn wrap(rng: &mut Rng, input: &mut Vec<u8>, limit: usize) {
    let (open, close) = BRACKETS[rng.usize(..BRACKETS.len())];
    let times = [1, 1, 2, 20, 200, 2_000][rng.usize(..6)];
    let range = structure(rng, input)..structure(rng, input);
    let range = range.start.min(range.end)..range.start.max(range.end);
    if input.len() + times * (open.len() + close.len()) <= limit {
        let piece = [open.repeat(times).as_bytes(), &input[range.clone()], close.repeat(times).as_bytes()].concat();
        replace(input, range, &piece);
    }
}

/// A stretch between two marks of JSON, put after a third.
fn member(rng: &mut Rng, input: &mut Vec<u8>) {
    let (one, other, target) = (structure(rng, input), structure(rng, input), structure(rng, input));
    let piece = input[one.min(other)..one.max(other)].to_vec();
    replace(input, target..target, &piece);
}

/// Behind a byte that structures JSON, or wherever.
fn structure(rng: &mut Rng, input: &[u8]) -> usize {
    let from = place(rng, input);
    let ahead = input[from..].iter().position(|byte| b"{}[],:\"".contains(byte));
    ahead.map_or(from, |ahead| from + ahead + usize::from(rng.bool()))
}

/// A line once more, right behind itself or elsewhere.
fn line(rng: &mut Rng, input: &mut Vec<u8>) {
    let at = place(rng, input);
    let start = input[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let end = input[at..].iter().position(|byte| *byte == b'\n').map_or(input.len(), |ahead| at + ahead + 1);
    let piece = input[start..end].to_vec();
    let target = if rng.bool() { end } else { place(rng, input) };
    replace(input, target..target, &piece);
}

/// A short stretch many times.
fn repeat(rng: &mut Rng, input: &mut Vec<u8>, limit: usize) {
    let start = place(rng, input);
    let piece = input[start..(start + rng.usize(1..=32)).min(input.len())].to_vec();
    let times = [3, 10, 100, 1_000, 10_000][rng.usize(..5)];
    if input.len() + piece.len() * times <= limit {
        replace(input, start..start, &piece.repeat(times));
    }
}

/// A byte as an escape of JSON.
fn escape(rng: &mut Rng, input: &mut Vec<u8>) {
    if let Some(at) = rng.choice(0..input.len()) {
        let escaped = format!("\\u{:04x}", input[at]);
        replace(input, at..at + 1, escaped.as_bytes());
    }
}
