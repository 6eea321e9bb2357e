//! A note inside a picture file: JSON beside the pixels; every byte that was there stays as it is.
//!
//! PNG keeps it in an `iTXt` chunk with the keyword `unpeel`, right before the pixels. JPEG keeps it in a comment that
//! starts with `unpeel `, behind the application segments. Files are read as they are, damaged and lying ones too.

use super::sniff;
use serde_json::Value;
use std::ops::Range;

/// Most bytes of a note in a PNG. Readers bound the text that they take, and so does this one.
const LONGEST: usize = 1 << 20;
/// The keyword of the chunk, with the zero that ends it.
const PNG_MARK: &[u8] = b"unpeel\0";
const JPEG_MARK: &[u8] = b"unpeel ";

/// Why a picture was left without its note.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// Any change would break what the signature says.
    #[error("the picture is signed by C2PA, and such a file would no longer verify; keep the note in a file beside it")]
    Signed,
    /// The type of the bytes, when it is known.
    #[error(
        "{} has no place for a note here, only PNG and JPEG have; keep it in a file beside it",
        .0.unwrap_or("an unknown type of file")
    )]
    Kind(Option<&'static str>),
    /// A segment of a JPEG has a length of 16 bits; the bound of a PNG is this module's.
    #[error("the note is too long: a JPEG holds 65533 bytes of it, a PNG 1 MiB; keep it in a file beside the picture")]
    TooLong,
    /// What is odd about the file.
    #[error("the note is not written into the picture, since {0}; keep it in a file beside it")]
    Broken(&'static str),
}

/// A copy of the picture with the note in it; a former note is replaced.
///
/// A JPEG is read up to its pixels only: one that breaks off later takes a note all the same.
///
/// # Errors
/// [`NotWritten`]; nothing of the file is repaired on the way.
pub fn write(picture: &[u8], note: &Value) -> Result<Vec<u8>, NotWritten> {
    if is_signed(picture) {
        return Err(NotWritten::Signed);
    }
    let piece = match sniff::mime(picture) {
        Some("image/png") => png_note(&note.to_string()),
        Some("image/jpeg") => jpeg_note(&note.to_string()),
        other => return Err(NotWritten::Kind(other)),
    };
    insert(picture, &piece.ok_or(NotWritten::TooLong)?)
}

/// The note that [`write()`] left in a picture.
pub fn read(picture: &[u8]) -> Option<Value> {
    pieces(picture)?.find_map(|piece| match piece.role {
        Role::Note(text) if text.len() <= LONGEST => serde_json::from_slice(text).ok(),
        _ => None,
    })
}

/// Whether a C2PA manifest is in the file (PNG, JPEG, WebP). Its presence is all that is said: nothing is verified.
pub fn is_signed(picture: &[u8]) -> bool {
    pieces(picture).is_some_and(|mut pieces| pieces.any(|piece| matches!(piece.role, Role::Seal)))
}

/// What a piece of a file means for a note.
enum Role<'a> {
    /// Stands before the note.
    Front,
    /// Stands behind the note.
    Behind,
    /// The last piece that is looked at.
    End,
    /// A note of ours: its text, which may be anything.
    Note(&'a [u8]),
    /// A C2PA manifest.
    Seal,
    /// Says where in the file further pictures begin.
    Places,
}

struct Piece<'a> {
    role: Role<'a>,
    at: Range<usize>,
}

/// Reads one piece off the front of some bytes: its role and its length, which is not zero.
type Cut = fn(&[u8]) -> Option<(Role<'_>, usize)>;

/// The pieces behind the file's first bytes, up to the end or to one that is not whole. `None` for other types.
fn pieces(picture: &[u8]) -> Option<impl Iterator<Item = Piece<'_>>> {
    let (mut at, cut): (usize, Cut) = match sniff::mime(picture)? {
        "image/png" => (8, png_chunk),
        "image/jpeg" => (2, jpeg_segment),
        "image/webp" => (12, riff_chunk),
        _ => return None,
    };
    let mut ended = false;
    Some(std::iter::from_fn(move || {
        let (role, length) = cut(picture.get(at..).filter(|_| !ended)?)?;
        ended = matches!(role, Role::End);
        at += length;
        Some(Piece { role, at: at - length..at })
    }))
}

fn insert(picture: &[u8], note: &[u8]) -> Result<Vec<u8>, NotWritten> {
    let mut out = Vec::with_capacity(picture.len() + note.len());
    // All before this is in `out`, but for former notes.
    let mut copied = 0;
    let (mut placed, mut ended) = (false, false);
    for piece in pieces(picture).into_iter().flatten() {
        match piece.role {
            Role::Places => return Err(NotWritten::Broken("it holds further pictures, whose places would shift")),
            Role::Note(_) => {
                out.extend_from_slice(&picture[copied..piece.at.start]);
                copied = piece.at.end;
            }
            Role::Behind if !placed => {
                out.extend_from_slice(&picture[copied..piece.at.start]);
                out.extend_from_slice(note);
                copied = piece.at.start;
                placed = true;
            }
            Role::End => ended = true,
            Role::Front | Role::Behind | Role::Seal => {}
        }
    }
    if !ended {
        return Err(NotWritten::Broken("the file ends too early, or a length in it is wrong"));
    }
    if !placed {
        return Err(NotWritten::Broken("the file holds no pixels"));
    }
    out.extend_from_slice(&picture[copied..]);
    Ok(out)
}

/// Length, kind, data, checksum.
fn png_chunk(bytes: &[u8]) -> Option<(Role<'_>, usize)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (data, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    let (_checksum, rest) = rest.split_first_chunk::<4>()?;
    let role = match kind {
        b"IDAT" => Role::Behind,
        b"IEND" => Role::End,
        b"iTXt" => data.strip_prefix(PNG_MARK).map_or(Role::Front, |rest| Role::Note(plain_text(rest))),
        b"caBX" => Role::Seal,
        _ => Role::Front,
    };
    Some((role, bytes.len() - rest.len()))
}

/// The text of an `iTXt` chunk, from what follows its keyword: whether and how it is packed, language, translated
/// keyword, text. Empty when it is packed.
fn plain_text(data: &[u8]) -> &[u8] {
    match data {
        [0, _, rest @ ..] => rest.splitn(3, |byte| *byte == 0).nth(2).unwrap_or_default(),
        _ => &[],
    }
}

fn png_note(json: &str) -> Option<Vec<u8>> {
    if json.len() > LONGEST {
        return None;
    }
    // Not packed, no language, no translated keyword.
    let data = [&b"iTXt"[..], PNG_MARK, &[0; 4], json.as_bytes()].concat();
    let length = u32::try_from(data.len() - 4).ok()?;
    let mut checksum = flate2::Crc::new();
    checksum.update(&data);
    Some([&length.to_be_bytes()[..], &data[..], &checksum.sum().to_be_bytes()[..]].concat())
}

/// Filling, marker, length, data.
fn jpeg_segment(bytes: &[u8]) -> Option<(Role<'_>, usize)> {
    let fill = bytes.iter().take_while(|byte| **byte == 0xff).count();
    let (&marker, rest) = bytes[fill..].split_first()?;
    // Markers without a length belong behind the header.
    if fill == 0 || matches!(marker, 0x00 | 0x01 | 0xd0..=0xd9) {
        return None;
    }
    let length = usize::from(u16::from_be_bytes(*rest.first_chunk::<2>()?));
    let data = rest.get(2..length)?;
    let role = match marker {
        0xeb if is_c2pa(data) => Role::Seal,
        0xe2 if data.starts_with(b"MPF\0") => Role::Places,
        0xe0..=0xef => Role::Front,
        0xfe => data.strip_prefix(JPEG_MARK).map_or(Role::Front, Role::Note),
        0xda => Role::End,
        _ => Role::Behind,
    };
    Some((role, fill + 1 + length))
}

/// A JUMBF box with a C2PA description: 8 bytes that number it, 4 of length, then its type.
fn is_c2pa(data: &[u8]) -> bool {
    data.starts_with(b"JP")
        && data.get(12..).is_some_and(|kind| kind.starts_with(b"jumb"))
        && memchr::memmem::find(data, b"c2pa").is_some()
}

fn jpeg_note(json: &str) -> Option<Vec<u8>> {
    let text = [JPEG_MARK, ascii(json).as_bytes()].concat();
    // The length counts itself.
    let length = u16::try_from(text.len() + 2).ok()?;
    Some([&b"\xff\xfe"[..], &length.to_be_bytes()[..], &text[..]].concat())
}

/// JSON with `\u` escapes for all beyond ASCII, since the comment of a JPEG has no known encoding.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter.is_ascii() {
            out.push(letter);
        } else {
            letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out += &format!("\\u{unit:04x}"));
        }
    }
    out
}

/// Kind, length, data, filled up to an even length.
fn riff_chunk(bytes: &[u8]) -> Option<(Role<'_>, usize)> {
    let (kind, rest) = bytes.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (data, _) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let role = if kind == b"C2PA" { Role::Seal } else { Role::Front };
    Some((role, 8 + data.len() + data.len() % 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgb, RgbImage};
    use serde_json::json;
    use std::io::Cursor;

    const KINDS: [ImageFormat; 2] = [ImageFormat::Png, ImageFormat::Jpeg];

    fn picture(kind: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        let pixels = RgbImage::from_fn(16, 12, |x, y| Rgb([(x * 16) as u8, (y * 16) as u8, 99]));
        pixels.write_to(&mut out, kind).unwrap();
        out.into_inner()
    }

    /// A segment in front of all others of a JPEG.
    fn with_segment(marker: u8, data: &[u8]) -> Vec<u8> {
        let jpeg = picture(ImageFormat::Jpeg);
        let length = u16::try_from(data.len() + 2).unwrap();
        [&jpeg[..2], &[0xff, marker], &length.to_be_bytes()[..], data, &jpeg[2..]].concat()
    }

    /// One of each type. Checksums are not looked at.
    fn signed() -> [Vec<u8>; 3] {
        let png = picture(ImageFormat::Png);
        let manifest = b"\0\0\0\x40jumb\0\0\0\x26jumdc2pa";
        let boxed = [&b"JP\0\x01\0\0\0\x01"[..], &manifest[..]].concat();
        [
            [&png[..33], &b"\0\0\0\x14caBX"[..], &manifest[..], &[0; 4], &png[33..]].concat(),
            with_segment(0xeb, &boxed),
            [&b"RIFF\x2a\0\0\0WEBPVP8 \x01\0\0\0.\0C2PA\x14\0\0\0"[..], &manifest[..]].concat(),
        ]
    }

    #[test]
    fn a_note_comes_back_and_all_else_stays() {
        let note = json!({"prompt": "ein Fuchs 🦊\n\"dusk\"", "seed": 7, "model": null, "tags": ["a", {"b": [1.5]}]});
        for kind in KINDS {
            let bare = picture(kind);
            let noted = write(&bare, &note).unwrap();
            assert_eq!((read(&bare), read(&noted)), (None, Some(note.clone())), "{kind:?}");
            let same = bare.iter().zip(&noted).take_while(|(before, after)| before == after).count();
            assert!(noted.ends_with(&bare[same..]), "{kind:?}: one piece more and nothing else");
            let pixels = |bytes: &[u8]| image::load_from_memory_with_format(bytes, kind).unwrap().to_rgb8();
            assert_eq!(pixels(&bare), pixels(&noted));
            assert_eq!(write(&write(&bare, &json!("former")).unwrap(), &note).unwrap(), noted, "{kind:?}: replaced");
        }
    }

    #[test]
    fn a_signed_picture_is_left_alone() {
        for picture in signed() {
            assert!(is_signed(&picture));
            assert_eq!(write(&picture, &json!(1)), Err(NotWritten::Signed));
        }
        let talk = json!("jumb c2pa caBX C2PA");
        assert!(KINDS.iter().all(|kind| !is_signed(&write(&picture(*kind), &talk).unwrap())));
        assert!(!is_signed(&with_segment(0xeb, b"JP\0\x01\0\0\0\x01\0\0\0\x10jumbother")));
    }

    #[test]
    fn what_has_no_place_is_refused() {
        assert_eq!(write(b"GIF89a\x01\0\x01\0", &json!(1)), Err(NotWritten::Kind(Some("image/gif"))));
        assert_eq!(write(b"<html>", &json!(1)), Err(NotWritten::Kind(None)));
        let several = write(&with_segment(0xe2, b"MPF\0II*\0"), &json!(1));
        assert!(matches!(several, Err(NotWritten::Broken(_))), "{several:?}");
        // Two quotes, and in a JPEG the mark.
        for (kind, most) in KINDS.into_iter().zip([LONGEST - 2, 65_533 - 7 - 2]) {
            let of = |length| write(&picture(kind), &json!("x".repeat(length)));
            assert!(of(most).is_ok_and(|noted| read(&noted).is_some()), "{kind:?}");
            assert_eq!(of(most + 1), Err(NotWritten::TooLong), "{kind:?}");
        }
    }

    #[test]
    fn any_bytes_are_read_and_what_was_written_is_found() {
        let note = json!({"n": 1});
        let check = |bytes: &[u8]| {
            let _ = (read(bytes), is_signed(bytes));
            if let Ok(noted) = write(bytes, &note) {
                assert_eq!(read(&noted), Some(note.clone()));
            }
        };
        let noted = KINDS.map(|kind| write(&picture(kind), &json!("former")).unwrap());
        for whole in noted.into_iter().chain(signed()) {
            for at in 0..whole.len() {
                check(&whole[..at]);
                for lie in [0, 1, 0x7f, 0xfe, 0xff] {
                    let mut bent = whole.clone();
                    bent[at] = lie;
                    check(&bent);
                }
            }
        }
        let png = picture(ImageFormat::Png);
        assert!((0..png.len()).all(|end| write(&png[..end], &note).is_err()));
    }
}
