//! Base64: what is encoded comes back, clean text is read as the crate reads it, and no other text breaks it.

use crate::seeds;
use crate::target::{Target, chance, rough, signature};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use unpeel::wire::b64;

pub const TARGET: Target = Target { name: "b64", seeds, adapt: seeds::whole, words: WORDS, run };

const WORDS: &[&str] =
    &["=", "==", "====", "+", "/", "-", "_", "\r\n", " ", "\u{a0}", "\u{1c}", "AA", "QUJD", "iVBORw0KGgo"];

fn seeds() -> Vec<Vec<u8>> {
    seeds::of([
        "",
        "A",
        "QQ",
        "QQ==",
        "QUI=",
        "QUJD",
        "QUJD\r\nREVG",
        "-_+/",
        "_w==",
        "AA=A",
        "AB==",
        "Q U J D",
        "\u{e9}",
    ])
}

fn run(input: &[u8]) -> Vec<u64> {
    comes_back(input);
    let read = b64::decode(input);
    for (name, strict) in [("standard", STANDARD.decode(input)), ("URL-safe", URL_SAFE.decode(input))] {
        if let Ok(bytes) = &strict {
            assert!(read.as_ref() == Some(bytes), "the {name} engine reads it otherwise");
        }
    }
    let Ok(text) = std::str::from_utf8(input) else {
        assert!(read.is_none(), "no text, and read as base64");
        return vec![signature("no text")];
    };
    let squeezed: String = text.chars().filter(|c| !b64::is_space(*c)).collect();
    assert!(b64::decode(squeezed.as_bytes()) == read, "white space matters");
    let digits = squeezed.trim_end_matches('=');
    if let Some(bytes) = &read {
        assert!(
            digits.len() % 4 != 1 && bytes.len() == digits.len() / 4 * 3 + digits.len() % 4 * 3 / 4,
            "a wrong length"
        );
    }
    let has = |letters: &[char]| text.contains(letters);
    let padding = squeezed.len() - digits.len();
    let letters = (has(&['+', '/']), has(&['-', '_']), digits.contains('='), text.is_ascii());
    let length = (read.is_some(), digits.len() % 4, rough(padding), rough(digits.len()));
    vec![signature((length, letters, squeezed.len() < text.len()))]
}

/// Bytes in every spelling that servers send.
fn comes_back(bytes: &[u8]) {
    let own = b64::encode(bytes);
    assert!(own == STANDARD.encode(bytes), "encoded otherwise than by the standard engine");
    let mut chance = chance(bytes);
    let width = chance.usize(1..=100);
    let lines: Vec<&str> = (0..own.len()).step_by(width).map(|at| &own[at..(at + width).min(own.len())]).collect();
    let half = chance.usize(..=own.len());
    let mixed = format!("{}{}", &own[..half], own[half..].replace('+', "-").replace('/', "_"));
    for text in [
        lines.join("\r\n"),
        mixed,
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
        own,
    ] {
        assert!(b64::decode(text.as_bytes()).as_deref() == Some(bytes), "what was encoded does not come back");
    }
}
