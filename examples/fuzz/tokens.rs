//! Pieces that readers of foreign text stumble over, for every target.

/// At the edges of types, and beyond.
pub const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "0.1",
    "1e308",
    "1E400",
    "NaN",
];

/// Controls, bidi marks, joiners, combining marks, wide and joined letters, letters whose case is odd, line ends.
pub const LETTERS: &[&str] = &[
    "\0",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{85}",
    "\u{9b}31m",
    "\u{a0}",
    "\u{ad}",
    "\u{130}",
    "\u{df}",
    "\u{3a3}",
    "\u{301}",
    "\u{301}\u{301}\u{301}\u{301}",
    "\u{644}\u{627}",
    "\u{915}\u{94d}\u{937}",
    "\u{1100}\u{1161}\u{11a8}",
    "\u{200b}",
    "\u{200d}",
    "\u{202e}",
    "\u{2028}",
    "\u{2066}",
    "\u{20e3}",
    "\u{7ea2}",
    "\u{fe0f}",
    "\u{feff}",
    "\u{1f1e9}\u{1f1ea}",
    "\u{1f468}\u{200d}\u{1f469}",
    "\u{1f44d}\u{1f3fd}",
    "\u{e0041}",
];

/// No UTF-8, or no longer.
pub const BROKEN: &[&[u8]] = &[b"\xff", b"\x80", b"\xc3", b"\xe2\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"];

/// What JSON is made of, whole and broken.
pub const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\\"",
    "\\u0000",
    "\\u001b",
    "\\ud83e",
    "\\ud83e\\udd8a",
    "\\u00",
    "\\x",
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "\"\"",
    "\"a\":1,",
    "{\"a\":[",
    "\u{feff}",
];

/// What opens, and what closes it.
pub const BRACKETS: &[(&str, &str)] =
    &[("[", "]"), ("{\"a\":", "}"), ("{\"error\":{\"message\":", "}}"), ("\"", "\""), ("(", ")")];
