//! A gzip stream of some megabytes that unpacks to 10 GB of zeros.

use super::bulk::Bulk;
use bytes::Bytes;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::{self, Write};
use std::sync::LazyLock;

/// Zeros that are really packed.
const BLOCK: usize = 10_000_000;
/// So many of these blocks are in the stream.
const BLOCKS: u64 = 1000;

/// No name, no time, the best compression, an unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
/// An empty block that is the last one.
const LAST: [u8; 2] = [3, 0];

/// One block, packed. It ends at a byte and refers to nothing before it, so that it may stand in a stream many times.
static PACKED: LazyLock<Bytes> = LazyLock::new(|| pack().unwrap_or_default().into());

/// The stream.
pub fn gzip() -> Bulk {
    zeros(BLOCKS)
}

fn zeros(blocks: u64) -> Bulk {
    let size = BLOCK as u64 * blocks;
    let end = [&LAST[..], &checksum(blocks).to_le_bytes(), &(size as u32).to_le_bytes()].concat();
    Bulk::default().with(HEAD.to_vec(), 1).with(PACKED.clone(), blocks).with(end, 1)
}

fn pack() -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; BLOCK])?;
    encoder.flush()?;
    Ok(encoder.get_ref().clone())
}

/// Of all the zeros, without going through them.
fn checksum(blocks: u64) -> u32 {
    let (mut one, mut all) = (Crc::new(), Crc::new());
    one.update(&vec![0; BLOCK]);
    (0..blocks).for_each(|_| all.combine(&one));
    all.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn it_is_small_and_says_the_truth() {
        assert!(gzip().length() < 12_000_000, "{}", gzip().length());
        let (mut bulk, mut stream) = (zeros(2), Vec::new());
        while let Some(bytes) = bulk.next_bytes(usize::MAX) {
            stream.extend_from_slice(&bytes);
        }
        let mut plain = Vec::new();
        // The decoder compares checksum and length.
        GzDecoder::new(&stream[..]).read_to_end(&mut plain).unwrap();
        assert!(plain.len() == 2 * BLOCK && plain.iter().all(|byte| *byte == 0));
    }
}
