//! Where a word begins and ends in a reply, for keys so short that they stand inside other words by chance.

/// As many bytes as it takes to know an escape that stands before a word.
pub const LOOK_BACK: usize = 6;

/// Whether a word may begin after these bytes. In escaped text a letter may be the end of an escape.
pub fn may_begin(bytes: &[u8]) -> bool {
    let hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    match bytes {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', a, b] if hex(&[*a, *b]) => true,
        [.., b'\\', b'u', a, b, c, d] if hex(&[*a, *b, *c, *d]) => true,
        [.., last] => !is_of_word(*last),
        [] => true,
    }
}

/// Whether a byte is part of a word. `+` and `/` are: in the base64 of a picture a short text stands by chance, but hardly
/// with anything else on both sides.
pub fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-+/".contains(&byte)
}
