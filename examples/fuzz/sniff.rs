//! Picture files: type and size from any bytes, and notes that go in, come back and leave the rest as it was.

use crate::seeds;
use crate::target::{Target, chance, rough, signature};
use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::{Value, json};
use std::io::Cursor;
use unpeel::wire::caption::{self, NotWritten};
use unpeel::wire::{blob, sniff};

pub const TARGET: Target = Target { name: "sniff", seeds, adapt: seeds::pictures, words: WORDS, run };

const WORDS: &[&str] = &[
    "\0\0\0\rIHDR",
    "\0\0\0\0IDAT",
    "IEND",
    "\0\0\0\0IEND\0\0\0\0",
    "\0\0\0\u{8}iTXt",
    "unpeel\0",
    "unpeel\0\0\0\0\0{}",
    "unpeel {}",
    "\0\0\0\u{4}caBXabcd\0\0\0\0",
    "c2pa",
    "jumb",
    "JP",
    "MPF\0",
    "RIFF",
    "WEBP",
    "VP8 ",
    "VP8L",
    "VP8X",
    "C2PA\u{4}\0\0\0abcd",
    "GIF87a",
    "GIF89a",
    "ftypheic",
    "ftypmif1",
    "\0\u{4}ab",
    "\0\u{2}",
    "{\"a\":1}",
    ";",
];

/// No text can hold these: markers of a JPEG, and pieces that mean something for a note.
const PIECES: &[&[u8]] = &[
    b"\xff\xfe\0\x0bunpeel {}",
    b"\xff\xe2\0\x08MPF\0ab",
    b"\xff\xeb\0\x1aJP\0\x01\0\0\0\x01\0\0\0\x10jumbjumdc2pa",
    b"\xff\xda\0\x04ab",
    b"\xff\xc2\0\x11\x08\x02\x58\x03\x20\x03padpadpad",
    b"\xff\xff\xff\xdb\0\x04ab",
];

fn seeds() -> Vec<Vec<u8>> {
    let rgb = RgbImage::from_fn(16, 12, |x, y| Rgb([(x * 16) as u8, (y * 16) as u8, 99]));
    let rgba = RgbaImage::from_fn(16, 12, |x, y| Rgba([(x * 16) as u8, (y * 16) as u8, 99, 255]));
    let encoded = |format: ImageFormat| {
        let mut out = Cursor::new(Vec::new());
        let done = match format {
            ImageFormat::Jpeg => rgb.write_to(&mut out, format),
            _ => rgba.write_to(&mut out, format),
        };
        done.ok().map(|()| out.into_inner())
    };
    let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];
    let plain: Vec<Vec<u8>> = formats.into_iter().filter_map(encoded).collect();
    let noted: Vec<Vec<u8>> =
        plain.iter().filter_map(|file| caption::write(file, &json!({"prompt": "a fox"})).ok()).collect();
    // Behind the first two bytes of a JPEG, where its segments begin.
    let pieced = PIECES.iter().flat_map(|piece| plain.iter().map(move |file| with(file, piece)));
    let heads = seeds::of([
        &b"\0\0\0\x18ftypheic"[..],
        b"GIF87a\x20\x03\x58\x02;",
        b"\xff\xd8\xff\xe0\xff\xff",
        b"RIFF\x04\0\0\0WEBP",
    ]);
    pieced.chain(heads).collect::<Vec<_>>().into_iter().chain(noted).chain(plain).collect()
}

fn with(file: &[u8], piece: &[u8]) -> Vec<u8> {
    let (front, rest) = file.split_at(file.len().min(2));
    [front, piece, rest].concat()
}

fn run(file: &[u8]) -> Vec<u64> {
    let (mime, size) = (sniff::mime(file), sniff::size(file));
    assert!(mime.is_some() || size.is_none(), "a size without a type");
    assert!((sniff::extension(mime) == "bin") == mime.is_none(), "a known type without a file ending");
    let (head, tail) = (&file[..file.len().min(32)], &file[file.len().saturating_sub(32)..]);
    let whole = sniff::is_whole(head, tail, file.len());
    assert!(mime.is_some() || !whole, "an unknown file is whole");
    let about = blob::Data::of(file);
    assert!((about.sniffed, about.size, about.bytes) == (mime, size, file.len()), "told otherwise");

    let note = note(file);
    let written = caption::write(file, &note);
    match &written {
        Ok(out) => takes_note(file, out, &note),
        Err(NotWritten::Signed) => assert!(about.signed, "refused as signed, and is not"),
        Err(_) => assert!(!about.signed, "a signed file is refused for another reason"),
    }
    let outcome = match &written {
        Ok(_) => "written",
        Err(NotWritten::Signed) => "signed",
        Err(NotWritten::Kind(_)) => "kind",
        Err(NotWritten::TooLong) => "long",
        Err(NotWritten::Broken(why)) => *why,
    };
    let flat = size.map(|(width, height)| (width == 0 || height == 0, width.max(height) > 65_535));
    let read = caption::read(file).is_some();
    vec![signature((mime, flat, whole, about.signed, outcome, read, rough(file.len() / 64)))]
}

/// A note with letters of the file in it, now and then a long one.
fn note(file: &[u8]) -> Value {
    let text: String = String::from_utf8_lossy(file).chars().take(40).collect();
    let times = if chance(file).u8(..) == 0 { 2_000 } else { 1 };
    json!({"prompt": text.repeat(times), "seed": file.len()})
}

/// The note is in it, once, and all else is as it was.
fn takes_note(before: &[u8], after: &[u8], note: &Value) {
    assert!(caption::read(after).as_ref() == Some(note), "the note does not come back");
    assert!(caption::write(after, note).is_ok_and(|again| again == after), "the same note changes the file again");
    assert!(!caption::is_signed(after), "a note looks like a signature");
    assert!(sniff::mime(after) == sniff::mime(before), "another type with the note");
    // A PNG has its size at a fixed place, which is where its header belongs.
    let in_place = sniff::mime(before) != Some("image/png") || before.get(8..16) == Some(b"\0\0\0\rIHDR");
    assert!(!in_place || sniff::size(after) == sniff::size(before), "another size with the note");
    if memchr::memmem::find(before, b"unpeel").is_none() {
        let same = before.iter().zip(after).take_while(|(one, other)| one == other).count();
        assert!(after.len() > before.len() && after.ends_with(&before[same..]), "more than the note is new");
    }
}
