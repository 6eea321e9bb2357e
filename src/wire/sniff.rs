//! What kind of picture some bytes are, and how large, read from their header alone.

/// The type by the first bytes, whatever was declared.
pub fn mime(bytes: &[u8]) -> Option<&'static str> {
    let at = |from: usize, to: usize| bytes.get(from..to);
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', ..] if at(8, 12) == Some(b"WEBP") => Some("image/webp"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        _ if matches!(at(4, 12), Some(b"ftypheic" | b"ftypheix" | b"ftypmif1")) => Some("image/heic"),
        _ => None,
    }
}

/// Width and height in pixels of PNG, JPEG, WebP and GIF; `None` for others and for a header that is cut.
pub fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    match mime(bytes)? {
        "image/png" => Some((be32(bytes, 16)?, be32(bytes, 20)?)),
        "image/jpeg" => jpeg_size(bytes),
        "image/webp" => webp_size(bytes),
        "image/gif" => Some((le16(bytes, 6)?, le16(bytes, 8)?)),
        _ => None,
    }
}

/// True when a picture of a known type has its last byte, as far as its format tells: from its first and last bytes and
/// its length.
pub fn is_whole(head: &[u8], tail: &[u8], length: usize) -> bool {
    let riff_size = || head.get(4..8).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
    match mime(head) {
        Some("image/png") => tail.ends_with(b"IEND\xaeB`\x82"),
        Some("image/jpeg") => tail.ends_with(b"\xff\xd9"),
        Some("image/gif") => tail.ends_with(b";"),
        Some("image/webp") => riff_size().is_some_and(|size| size as usize + 8 <= length),
        _ => false,
    }
}

/// The usual file ending for a sniffed type; `bin` for anything else.
pub fn extension(mime: Option<&str>) -> &'static str {
    match mime {
        Some("image/png") => "png",
        Some("image/jpeg") => "jpg",
        Some("image/webp") => "webp",
        Some("image/gif") => "gif",
        Some("image/heic") => "heic",
        _ => "bin",
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 2)?.try_into().ok().map(|two| u32::from(u16::from_be_bytes(two)))
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 2)?.try_into().ok().map(|two| u32::from(u16::from_le_bytes(two)))
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 3).map(|three| u32::from_le_bytes([three[0], three[1], three[2], 0]))
}

/// Walks the segments up to the first start-of-frame.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    while at + 9 < bytes.len() {
        if bytes[at] != 0xff || bytes[at + 1] == 0xff {
            at += 1;
            continue;
        }
        match bytes[at + 1] {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((be16(bytes, at + 7)?, be16(bytes, at + 5)?));
            }
            0x01 | 0xd0..=0xd9 => at += 2,
            _ => at += 2 + be16(bytes, at + 2)? as usize,
        }
    }
    None
}

fn webp_size(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((le24(bytes, 24)? + 1, le24(bytes, 27)? + 1)),
        b"VP8L" => {
            let bits = u32::from_le_bytes(bytes.get(21..25)?.try_into().ok()?);
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8 " => Some((le16(bytes, 26)? & 0x3fff, le16(bytes, 28)? & 0x3fff)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_type_and_size() {
        let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &96u32.to_be_bytes(), &64u32.to_be_bytes()].concat();
        assert_eq!((mime(&png), size(&png)), (Some("image/png"), Some((96, 64))));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x11\x08\x02\x58\x03\x20\x03pad";
        assert_eq!((mime(jpeg), size(jpeg)), (Some("image/jpeg"), Some((800, 600))));
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x1f\x03\0\x57\x02\0";
        assert_eq!((mime(webp), size(webp)), (Some("image/webp"), Some((800, 600))));
        let gif = b"GIF89a\x20\x03\x58\x02";
        assert_eq!((mime(gif), size(gif)), (Some("image/gif"), Some((800, 600))));
    }

    #[test]
    fn a_cut_header_has_no_size() {
        assert_eq!(size(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"), None);
        assert_eq!(size(b"\xff\xd8\xff\xe0\xff\xff"), None);
        assert_eq!(mime(b"<html>"), None);
        assert_eq!(mime(b""), None);
    }
}
