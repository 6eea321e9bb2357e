//! Base64 data in a reply: what was declared, what the bytes are.

use super::{b64, caption, sniff};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// How many bytes of the data are kept for the hex view.
pub const HEAD: usize = 256;

#[derive(Debug, Clone, PartialEq)]
pub struct Blob {
    /// As declared by the server, whatever it sent there.
    pub mime: Value,
    /// `None` when the text is not base64.
    pub data: Option<Data>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    pub bytes: usize,
    /// Lower-case hex.
    pub sha256: String,
    pub sniffed: Option<&'static str>,
    /// Pixels.
    pub size: Option<(u32, u32)>,
    /// The first [`HEAD`] bytes.
    pub head: Vec<u8>,
    /// A C2PA box is in the bytes. Its presence is all that is said: nothing is verified.
    pub signed: bool,
}

impl Blob {
    pub fn decode(mime: Value, base64: Option<&[u8]>) -> Blob {
        Blob { mime, data: base64.and_then(b64::decode).map(|bytes| Data::of(&bytes)) }
    }

    /// The declared type, where it is a string.
    pub fn declared(&self) -> Option<&str> {
        self.mime.as_str()
    }

    /// The declared type when the bytes say otherwise.
    pub fn mismatch(&self) -> Option<(&str, &'static str)> {
        let sniffed = self.data.as_ref()?.sniffed?;
        let declared = self.declared()?;
        let same = declared.eq_ignore_ascii_case(sniffed)
            || (declared.eq_ignore_ascii_case("image/jpg") && sniffed == "image/jpeg");
        (!same).then_some((declared, sniffed))
    }
}

impl Data {
    pub fn of(bytes: &[u8]) -> Data {
        Data {
            bytes: bytes.len(),
            sha256: hex(&Sha256::digest(bytes)),
            sniffed: sniff::mime(bytes),
            size: sniff::size(bytes),
            head: bytes[..bytes.len().min(HEAD)].to_vec(),
            signed: caption::is_signed(bytes),
        }
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
