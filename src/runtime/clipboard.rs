//! Copying by OSC 52, which reaches the clipboard of the terminal the user sits at.

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;

/// Terminals drop longer sequences without a word; the smallest common limit is 100,000 characters of base64.
const MOST: usize = 74_000;

/// The sequence for a text, or why it is not sent.
pub fn sequence(text: &str) -> Result<Vec<u8>, String> {
    if text.len() > MOST {
        return Err(format!(
            "{} bytes are too many for a terminal's clipboard ({MOST} at most); s saves instead",
            text.len()
        ));
    }
    let mut out = String::new();
    let written = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut out);
    written.map(|()| out.into_bytes()).map_err(|_| "the text cannot be encoded for the clipboard".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_much_is_refused_with_a_reason() {
        assert!(sequence(&"x".repeat(MOST + 1)).expect_err("too long").contains("74000"));
        assert!(sequence("fox").expect("short").starts_with(b"\x1b]52;c;"));
    }
}
