//! Base64 as servers send it: both alphabets, padded or not, wrapped in lines or not.

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, Simd};
use std::sync::LazyLock;

static STANDARD_LAX: LazyLock<Simd> = LazyLock::new(|| Simd::standard(lax()));
static URL_SAFE_LAX: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(lax()));

fn lax() -> GeneralPurposeConfig {
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
}

/// Decodes; `None` when it is not base64 at all. Padding is optional, white space is skipped, and the two alphabets may mix.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let trimmed = strip_padding(text);
    if let Ok(bytes) = STANDARD_LAX.decode(trimmed) {
        return Some(bytes);
    }
    if let Ok(bytes) = URL_SAFE_LAX.decode(trimmed) {
        return Some(bytes);
    }
    // White space inside, or both alphabets in one text: only then is a cleaned copy worth its memory.
    let lossy = String::from_utf8_lossy(text);
    let clean: Vec<u8> = lossy.chars().filter(|c| !is_space(*c)).map(to_standard).collect();
    STANDARD_LAX.decode(strip_padding(&clean)).ok()
}

/// Encodes with the standard alphabet, padded.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// White space in the widest sense; the separators U+001C to U+001F count.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn strip_padding(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&b| b != b'=').map_or(0, |last| last + 1);
    &text[..end]
}

fn to_standard(c: char) -> u8 {
    match c {
        '-' => b'+',
        '_' => b'/',
        c if c.is_ascii() => c as u8,
        // Not in any alphabet: makes the decoder refuse.
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_padding_and_lines() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let standard = encode(&bytes);
        let url_safe = standard.replace('+', "-").replace('/', "_");
        let wrapped: String =
            standard.as_bytes().chunks(76).map(|l| format!("{}\r\n", String::from_utf8_lossy(l))).collect();
        let half = standard.len() / 2;
        let mixed = format!("{}{}", &standard[..half], &url_safe[half..]);
        for text in [&standard, &url_safe, &wrapped, &mixed, &standard.trim_end_matches('=').to_owned()] {
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(&bytes[..]));
        }
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        for text in ["A", "AAAAA", "AA=A", "AA,A", "ééé"] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decode(b""), Some(vec![]));
        assert_eq!(decode(b"===="), Some(vec![]));
    }
}
