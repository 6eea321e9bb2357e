//! Foreign text made safe for a terminal, and fitted to a width. Nothing here knows where a text came from.
//!
//! [`Safe`] is the only text that the drawing primitives and the printers take. It can be made from a literal of the
//! program or through [`Safe::of`], which shows every control, bidi and invisible character instead of passing it on.

mod fit;
mod hazard;

pub use fit::{clip, clip_left, pad, split, width, wrap};
pub use hazard::{is_hazard, is_mark, json_safe};

use std::fmt::{self, Write as _};

/// One line of text that holds nothing a terminal acts on.
#[derive(Clone, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Safe(String);

impl Safe {
    /// Makes one line of any text: hazards become visible, line ends become `⏎`.
    pub fn of(foreign: &str) -> Safe {
        let mut out = String::with_capacity(foreign.len());
        hazard::show(foreign, &mut out);
        Safe(out)
    }

    /// Makes a line per line of the text.
    pub fn lines(foreign: &str) -> Vec<Safe> {
        foreign.split('\n').map(|line| Safe::of(line.strip_suffix('\r').unwrap_or(line))).collect()
    }

    /// Keeps only the first `chars` characters of a text that may be huge, and says that it went on.
    pub fn head(foreign: &str, chars: usize) -> Safe {
        match foreign.char_indices().nth(chars) {
            Some((end, _)) => Safe(format!("{}…", Safe::of(&foreign[..end]).0)),
            None => Safe::of(foreign),
        }
    }

    /// [`Safe::head`] of what can be written, of which no more than that is written: nothing huge is copied first.
    pub fn head_of(foreign: impl fmt::Display, chars: usize) -> Safe {
        Safe::head(&beginning(foreign, chars), chars)
    }

    /// [`Safe::head`] of bytes; what is no UTF-8 in them becomes U+FFFD.
    pub fn head_of_bytes(foreign: &[u8], chars: usize) -> Safe {
        Safe::head(&String::from_utf8_lossy(&foreign[..foreign.len().min(most_bytes(chars))]), chars)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Columns on the screen.
    pub fn width(&self) -> usize {
        width(&self.0)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_string(self) -> String {
        self.0
    }

    /// Joins safe pieces; the result is safe.
    pub fn join<'a>(pieces: impl IntoIterator<Item = &'a Safe>, between: &'static str) -> Safe {
        Safe(pieces.into_iter().map(Safe::as_str).collect::<Vec<_>>().join(between))
    }
}

/// More than `chars` characters of what can be written, or all of it; of the rest nothing is written. Not safe yet.
pub fn beginning(foreign: impl fmt::Display, chars: usize) -> String {
    let mut beginning = Beginning { text: String::new(), room: most_bytes(chars) };
    // Refused is what lies behind the beginning.
    let _full = write!(beginning, "{foreign}");
    beginning.text
}

/// Bytes that hold one character more than `chars`, even if a further one is cut in two.
fn most_bytes(chars: usize) -> usize {
    chars.saturating_add(1).saturating_mul(4)
}

/// Takes what is written up to `room` bytes, and refuses the rest.
struct Beginning {
    text: String,
    room: usize,
}

impl fmt::Write for Beginning {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let taken = more.floor_char_boundary(self.room - self.text.len());
        self.text.push_str(&more[..taken]);
        if taken < more.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

impl From<&'static str> for Safe {
    /// A literal of the program itself.
    fn from(own: &'static str) -> Safe {
        Safe(own.to_owned())
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// `1 call`, `2 calls`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A number of bytes for people: `999 B`, `1.4 MB` (powers of ten).
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// Running time in milliseconds as minutes and seconds: `0:12`, `2:05`. A clock that stepped back gives `0:00`.
pub fn clock(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A duration for people: `0.4 s`, `12.3 s`, `2:05`.
pub fn seconds(s: f64) -> String {
    if s < 100.0 {
        return format!("{:.1} s", s.max(0.0));
    }
    format!("{}:{:02}", s as u64 / 60, s as u64 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hazards_become_visible() {
        for (foreign, shown) in [
            ("a\x1b[2Jb", "a␛[2Jb"),
            ("\x07\x7f", "␇␡"),
            ("\u{9b}31m", "⟨U+009B⟩31m"),
            ("\u{202e}abc", "⟨U+202E⟩abc"),
            ("a\u{200b}b", "a⟨U+200B⟩b"),
            ("one\ntwo\r", "one⏎two␍"),
            ("a\tb", "a    b"),
            ("e\u{301}", "e\u{301}"),
            ("красная лиса 红狐 🦊", "красная лиса 红狐 🦊"),
        ] {
            assert_eq!(Safe::of(foreign).as_str(), shown);
        }
    }

    #[test]
    fn a_flood_of_combining_marks_is_counted_instead() {
        let flood = format!("a{}", "\u{301}\u{fe0f}".repeat(100));
        let shown = Safe::of(&flood);
        assert!(shown.as_str().chars().count() < 20, "{shown}");
        assert!(shown.as_str().contains("⟨+"), "{shown}");
    }

    #[test]
    fn a_beginning_is_a_beginning_however_it_comes() {
        for text in ["", "fox", "foxes", "a\u{1b}[2J", "狐狐狐狐狐", "é🦊é🦊é🦊"] {
            for chars in 0..7 {
                let head = Safe::head(text, chars);
                assert_eq!(Safe::head_of(text, chars), head, "{text} {chars}");
                assert_eq!(Safe::head_of_bytes(text.as_bytes(), chars), head, "{text} {chars}");
            }
        }
        assert_eq!(Safe::head_of_bytes(b"a\xffb", 9).as_str(), "a\u{fffd}b");
    }

    #[test]
    fn what_is_behind_the_beginning_is_not_even_written() {
        let written = std::cell::Cell::new(0);
        let endless = fmt::from_fn(|f: &mut fmt::Formatter<'_>| -> fmt::Result {
            loop {
                written.set(written.get() + 1);
                f.write_str("fox ")?;
            }
        });
        assert_eq!(Safe::head_of(endless, 6).as_str(), "fox fo…");
        assert!(written.get() < 10);
        let huge = serde_json::json!({"reason": ["x".repeat(1 << 20), "y"]});
        assert_eq!(Safe::head_of(&huge, 14).as_str(), "{\"reason\":[\"xx…");
    }

    #[test]
    fn json_stays_json_and_harmless() {
        let text = serde_json::to_string("a\x1b\u{9b}\u{202e}\u{200d}\u{e0041}é").expect("a string");
        let safe = json_safe(&text);
        assert_eq!(safe, r#""a\u001b\u009b\u202e\u200d\udb40\udc41é""#);
        let back: String = serde_json::from_str(&safe).expect("still JSON");
        assert_eq!(back, "a\x1b\u{9b}\u{202e}\u{200d}\u{e0041}é");
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!((bytes(999), bytes(1_400_000)), ("999 B".into(), "1.4 MB".into()));
        assert_eq!((seconds(0.44), seconds(125.0)), ("0.4 s".into(), "2:05".into()));
    }
}
