//! Packed bodies: stored as they came, unpacked for reading only.

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::{self, ErrorKind, Read};

/// What a packed body may unpack to, all layers together.
const MOST_UNPACKED: u64 = crate::wire::MOST_BODY as u64;

/// So many packings may lie around each other.
const MOST_LAYERS: usize = 3;

/// How gzip begins, whatever a header says.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A body, and what became of its packings.
#[derive(Debug)]
pub struct Opened {
    /// Plain, or as far as it could be unpacked.
    pub body: Vec<u8>,
    /// Packings that were taken off.
    pub layers: usize,
    /// It is still packed, in a way that cannot be read here: nothing can be looked for in it.
    pub is_sealed: bool,
}

/// The plain body, as [`open`] finds it. What cannot be unpacked is given back.
pub fn unpack(body: Vec<u8>, headers: &[(String, String)], notes: &mut Vec<String>) -> Vec<u8> {
    open(body, headers, notes).body
}

/// Takes off the packings that `content-encoding` names, and gzip that nobody named; remarks go to `notes`.
pub fn open(body: Vec<u8>, headers: &[(String, String)], notes: &mut Vec<String>) -> Opened {
    open_within(body, headers, notes, MOST_UNPACKED)
}

fn open_within(body: Vec<u8>, headers: &[(String, String)], notes: &mut Vec<String>, most: u64) -> Opened {
    let (received, noted) = (body.len(), notes.len());
    let (mut codings, mut room) = (codings(headers), most);
    let mut opened = Opened { body, layers: 0, is_sealed: false };
    while let Some(coding) = outermost(&opened.body, &mut codings) {
        let peeled = match opened.layers < MOST_LAYERS && room > 0 {
            true => peel(&coding, &opened.body, room),
            false => Err("the body is packed more often, or into more, than is unpacked here".to_owned()),
        };
        let (plain, fault) = match peeled {
            Ok(peeled) => peeled,
            Err(why) => {
                notes.push(format!("{why}; it is stored as it came"));
                opened.is_sealed = true;
                break;
            }
        };
        room -= plain.len() as u64;
        opened = Opened { body: plain, layers: opened.layers + 1, is_sealed: false };
        match fault {
            Some(why) => notes.push(format!("the packed body breaks off ({why}); what could be unpacked was read")),
            None if room == 0 => notes.push(format!("the body unpacks to more than {most} B; the rest was not read")),
            None => {}
        }
    }
    if opened.layers > 0 && notes.len() == noted {
        let unpacked = opened.body.len();
        notes.push(format!("the body came packed, {received} B as received and {unpacked} B unpacked"));
    }
    opened
}

/// What the headers name, in the order in which it was applied: several values count as one list.
fn codings(headers: &[(String, String)]) -> Vec<String> {
    let values = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let named = values.flat_map(|(_, value)| value.split(',')).map(|one| one.trim().to_ascii_lowercase());
    named.filter(|coding| !["", "identity"].contains(&coding.as_str())).collect()
}

/// What the body is still packed with, if it is. Text is not: whoever unpacked it on the way has left the header alone.
fn outermost(body: &[u8], codings: &mut Vec<String>) -> Option<String> {
    let named = codings.pop();
    if body.starts_with(&GZIP) {
        return Some("gzip".to_owned());
    }
    named.filter(|_| !is_text(body))
}

/// Without the controls that packed bytes are full of; it may break off inside a character.
fn is_text(body: &[u8]) -> bool {
    let controls = body.iter().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r'));
    !controls && std::str::from_utf8(body).err().is_none_or(|error| error.error_len().is_none())
}

/// What could be unpacked, and why it ended early.
type Peeled = (Vec<u8>, Option<io::Error>);

/// One packing less. `Err` says why nothing came out.
fn peel(coding: &str, body: &[u8], room: u64) -> Result<Peeled, String> {
    let (plain, fault) = match coding {
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(body), room),
        "deflate" => inflate(body, room),
        other => return Err(format!("the body is packed with {other}, which cannot be read here")),
    };
    match fault {
        Some(why) if plain.is_empty() => Err(format!("the packed body cannot be unpacked ({why})")),
        fault => Ok((plain, fault)),
    }
}

/// `deflate` means zlib, and many servers leave zlib's frame away.
fn inflate(body: &[u8], room: u64) -> Peeled {
    let framed = read(ZlibDecoder::new(body), room);
    if framed.1.is_none() || !framed.0.is_empty() {
        return framed;
    }
    let mut decoder = DeflateDecoder::new(body);
    let (plain, fault) = read(&mut decoder, room);
    // Without a frame any bytes may begin like one: only what is right to its last byte is taken for it.
    let is_right = fault.as_ref().is_none_or(|why| why.kind() == ErrorKind::UnexpectedEof);
    let is_all = decoder.total_in() == body.len() as u64 || plain.len() as u64 == room;
    if is_right && is_all { (plain, fault) } else { framed }
}

fn read(reader: impl Read, room: u64) -> Peeled {
    let mut plain = Vec::new();
    let fault = reader.take(room).read_to_end(&mut plain).err();
    (plain, fault)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use flate2::write::{DeflateEncoder, ZlibEncoder};
    use flate2::{Compression, GzBuilder};
    use std::io::Write;

    const JSON: &[u8] = br#"{"a":1,"b":"a fox, a fox, a fox"}"#;

    pub fn gzip(plain: &[u8]) -> Vec<u8> {
        commented(plain, "")
    }

    /// With a comment, which makes it as long as is wanted.
    pub fn commented(plain: &[u8], comment: &str) -> Vec<u8> {
        let builder = if comment.is_empty() { GzBuilder::new() } else { GzBuilder::new().comment(comment) };
        let mut packer = builder.write(Vec::new(), Compression::fast());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn zlib(plain: &[u8]) -> Vec<u8> {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn raw(plain: &[u8]) -> Vec<u8> {
        let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    /// A header for every value.
    pub fn encoded(values: &[&str]) -> Vec<(String, String)> {
        values.iter().map(|value| ("content-encoding".to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn common_packings_are_taken_off() {
        for (body, values, layers) in [
            (gzip(JSON), &["gzip"][..], 1),
            (gzip(JSON), &["X-GZip"], 1),
            (gzip(JSON), &[], 1),
            (gzip(JSON), &[""], 1),
            (gzip(JSON), &["identity"], 1),
            (gzip(JSON), &["deflate"], 1),
            (zlib(JSON), &["deflate"], 1),
            (raw(JSON), &["deflate"], 1),
            (gzip(&gzip(JSON)), &["gzip, gzip"], 2),
            (gzip(&gzip(JSON)), &["gzip", "gzip"], 2),
            (gzip(&gzip(JSON)), &["gzip"], 2),
            (gzip(&raw(JSON)), &["identity, deflate", "gzip"], 2),
            (raw(&gzip(&zlib(JSON))), &["deflate,gzip", "deflate"], 3),
            (gzip(JSON), &["gzip", "gzip"], 1),
            (gzip(JSON), &["br, gzip"], 1),
            (JSON.to_vec(), &["gzip, deflate, br"], 0),
            (JSON.to_vec(), &[], 0),
            (vec![], &["gzip"], 0),
        ] {
            let plain: &[u8] = if body.is_empty() { &[] } else { JSON };
            let mut notes = Vec::new();
            let opened = open(body, &encoded(values), &mut notes);
            assert_eq!((&opened.body[..], opened.layers, opened.is_sealed), (plain, layers, false), "{values:?}");
            let said = notes.iter().filter(|note| note.contains("came packed")).count();
            assert_eq!((said, notes.len()), (layers.min(1), layers.min(1)), "{values:?}: {notes:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_given_back_and_said_to_be_sealed() {
        const BROTLI: &[u8] = b"\x0b\x02\x80{}\x03";
        let cut = gzip(JSON)[..9].to_vec();
        let with_more = [&raw(JSON)[..], b"\x01 more"].concat();
        for (body, values, inside, why) in [
            (BROTLI.to_vec(), &["br"][..], BROTLI.to_vec(), "packed with br"),
            (BROTLI.to_vec(), &["gzip"], BROTLI.to_vec(), "cannot be unpacked"),
            (gzip(BROTLI), &["br", "gzip"], BROTLI.to_vec(), "packed with br"),
            (cut.clone(), &[], cut, "cannot be unpacked"),
            (vec![0xff; 9], &["deflate"], vec![0xff; 9], "cannot be unpacked"),
            (with_more.clone(), &["deflate"], with_more, "cannot be unpacked"),
            (gzip(&gzip(&gzip(&gzip(JSON)))), &["gzip, gzip, gzip, gzip"], gzip(JSON), "more often"),
        ] {
            let mut notes = Vec::new();
            let opened = open(body, &encoded(values), &mut notes);
            assert!(opened.is_sealed && opened.body == inside, "{values:?}: {opened:?}");
            assert!(notes.len() == 1 && notes[0].contains(why), "{notes:?}");
        }
    }

    #[test]
    fn what_breaks_off_is_read_as_far_as_it_goes() {
        for (body, values) in [
            (zlib(JSON)[..zlib(JSON).len() - 3].to_vec(), &["deflate"][..]),
            (gzip(JSON)[..gzip(JSON).len() - 6].to_vec(), &[]),
        ] {
            let mut notes = Vec::new();
            assert_eq!(unpack(body, &encoded(values), &mut notes), JSON);
            assert!(notes.len() == 1 && notes[0].contains("breaks off"), "{notes:?}");
        }
    }

    #[test]
    fn the_bound_is_on_all_layers_together() {
        let inner = gzip(&[b' '; 5000]);
        let within = |body: &[u8], most: usize| {
            let mut notes = Vec::new();
            let opened = open_within(body.to_vec(), &encoded(&["gzip, gzip"]), &mut notes, most as u64);
            (opened, notes)
        };
        let outer = gzip(&inner);
        let (opened, notes) = within(&outer, inner.len() + 5001);
        assert_eq!((opened.body.len(), opened.layers, notes.len()), (5000, 2, 1), "{notes:?}");
        let (opened, notes) = within(&outer, inner.len() + 1000);
        assert_eq!((opened.body.len(), opened.layers, opened.is_sealed), (1000, 2, false), "{notes:?}");
        assert!(notes[0].contains("unpacks to more than"), "{notes:?}");
        let (opened, notes) = within(&outer, 20);
        assert!(opened.is_sealed && opened.body == inner[..20], "{notes:?}");
        let (opened, _) = within(&gzip(&[b' '; 5000]), 1000);
        assert_eq!((opened.body.len(), opened.is_sealed), (1000, false));
    }
}
