//! Packed bodies: stored as they came, unpacked for reading only.

use std::io::Read;

/// What a packed body may unpack to.
const MOST_UNPACKED: u64 = crate::wire::MOST_BODY as u64;

/// The plain body, by its `content-encoding`, or by gzip's magic without one. What cannot be unpacked is given back.
pub fn unpack(body: Vec<u8>, headers: &[(String, String)], notes: &mut Vec<String>) -> Vec<u8> {
    let coding =
        headers.iter().find(|(name, _)| name == "content-encoding").map(|(_, value)| value.trim().to_ascii_lowercase());
    let gzip = body.starts_with(&[0x1f, 0x8b]);
    let unpacked = match coding.as_deref() {
        Some("gzip" | "x-gzip") | None if gzip => inflate(flate2::read::MultiGzDecoder::new(&body[..])),
        Some("deflate") => inflate(flate2::read::ZlibDecoder::new(&body[..])),
        Some(other) if !["identity", "gzip", "x-gzip", ""].contains(&other) => {
            notes.push(format!("the body is packed with {other}, which cannot be read here; it is stored as it came"));
            return body;
        }
        _ => return body,
    };
    let (plain, fault) = unpacked;
    match fault {
        Some(why) if plain.is_empty() => {
            notes.push(format!("the packed body cannot be unpacked ({why}); it is stored as it came"));
            return body;
        }
        Some(why) => notes.push(format!("the packed body breaks off ({why}); what could be unpacked was read")),
        None if plain.len() as u64 == MOST_UNPACKED => {
            notes.push(format!("the body unpacks to more than {MOST_UNPACKED} B; the rest was not read"))
        }
        None => {
            notes.push(format!("the body came packed, {} B as received and {} B unpacked", body.len(), plain.len()))
        }
    }
    plain
}

/// What could be unpacked, and why it ended early.
fn inflate(reader: impl Read) -> (Vec<u8>, Option<std::io::Error>) {
    let mut plain = Vec::new();
    let fault = reader.take(MOST_UNPACKED).read_to_end(&mut plain).err();
    (plain, fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn gzip_is_seen_with_and_without_its_header() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"{\"a\":1}").expect("memory");
        let packed = packer.finish().expect("memory");
        for headers in [vec![], vec![("content-encoding".to_owned(), "gzip".to_owned())]] {
            let mut notes = Vec::new();
            assert_eq!(unpack(packed.clone(), &headers, &mut notes), b"{\"a\":1}");
            assert_eq!(notes.len(), 1);
        }
        let mut notes = Vec::new();
        assert_eq!(unpack(packed[..9].to_vec(), &[], &mut notes), &packed[..9]);
        assert!(notes[0].contains("cannot be unpacked"), "{notes:?}");
        let mut notes = Vec::new();
        assert_eq!(unpack(packed[..packed.len() - 6].to_vec(), &[], &mut notes), b"{\"a\":1}");
        assert!(notes[0].contains("breaks off"), "{notes:?}");
        assert_eq!(unpack(b"{}".to_vec(), &[], &mut notes), b"{}");
    }
}
