//! Characters that must not reach a terminal as they are, and how each is shown instead.

/// More combining marks than this on one character are counted, not drawn.
const MARKS: usize = 4;

/// True for controls (C0, DEL, C1), bidi controls, characters that are drawn as nothing, and the one that a terminal
/// replaces by a part of a picture.
pub fn is_hazard(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' | '\u{10eeee}')
}

/// True for what takes no room of its own: accents and other marks that are drawn on the character before them.
pub fn is_mark(c: char) -> bool {
    !is_hazard(c) && unicode_width::UnicodeWidthChar::width(c) == Some(0)
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}')
}

/// What was shown since the last character that takes room.
#[derive(Default)]
struct Letter {
    /// That character is there, and may be seen.
    visible: bool,
    selected: bool,
    marks: usize,
    left_out: usize,
}

/// Appends `foreign` to `out` with every hazard made visible.
pub fn show(foreign: &str, out: &mut String) {
    let mut letter = Letter::default();
    for c in foreign.chars() {
        if is_selector(c) && letter.takes_selector() {
            continue;
        }
        if is_mark(c) {
            letter.mark(c, out);
            continue;
        }
        letter.end(out);
        letter.visible = !is_hazard(c) && !c.is_whitespace();
        match c {
            '\t' => out.push_str("    "),
            '\n' => out.push('⏎'),
            '\u{7f}' => out.push('␡'),
            c if c < ' ' => out.extend(char::from_u32(0x2400 + c as u32)),
            c if is_hazard(c) => out.push_str(&format!("⟨U+{:04X}⟩", c as u32)),
            c => out.push(c),
        }
    }
    letter.end(out);
}

impl Letter {
    /// One selector on a character that is seen goes unsaid: it only chooses between two looks of it, and terminals
    /// disagree on the width of the result. Between marks it is counted, so that they cannot begin anew. Any other one
    /// hides something, and is shown.
    fn takes_selector(&mut self) -> bool {
        if self.visible && !self.selected {
            self.selected = true;
        } else if self.marks > 0 {
            self.left_out += 1;
        } else {
            return false;
        }
        true
    }

    fn mark(&mut self, c: char, out: &mut String) {
        self.marks += 1;
        if self.marks > MARKS {
            self.left_out += 1;
        } else {
            out.push(c);
        }
    }

    /// Says how many marks and selectors were left out; the next character begins anew.
    fn end(&mut self, out: &mut String) {
        if self.left_out > 0 {
            out.push_str(&format!("⟨+{}⟩", self.left_out));
        }
        *self = Letter::default();
    }
}

/// Escapes hazards in finished JSON text, where they can only stand inside strings.
pub fn json_safe(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        // A pretty printer's own line ends are no hazard.
        if !is_hazard(c) || c == '\n' {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(foreign: &str) -> String {
        let mut out = String::new();
        show(foreign, &mut out);
        out
    }

    #[test]
    fn nothing_that_is_drawn_as_nothing_comes_through() {
        let invisible = [
            0xad..=0xad,
            0x34f..=0x34f,
            0x61c..=0x61c,
            0x115f..=0x1160,
            0x17b4..=0x17b5,
            0x180b..=0x180f,
            0x200b..=0x200f,
            0x202a..=0x202e,
            0x2060..=0x206f,
            0x3164..=0x3164,
            0xfe00..=0xfe0f,
            0xfeff..=0xfeff,
            0xffa0..=0xffa0,
            0xfff0..=0xfffb,
            0x13430..=0x1343f,
            0x1bca0..=0x1bca3,
            0x1d173..=0x1d17a,
            0xe0000..=0xe0fff,
            0x10eeee..=0x10eeee_u32,
        ];
        for code in invisible.into_iter().flatten() {
            let c = char::from_u32(code).unwrap();
            assert!(is_hazard(c), "U+{code:04X}");
            assert_eq!(shown(&format!(" {c}")), format!(" ⟨U+{code:04X}⟩"));
        }
    }

    #[test]
    fn a_selector_is_unsaid_only_where_it_selects() {
        for (foreign, said) in [
            ("❤\u{fe0f} 1\u{fe0f}\u{20e3} 〆\u{fe00}", "❤ 1\u{20e3} 〆"),
            ("\u{fe0f}", "⟨U+FE0F⟩"),
            ("a \u{fe0e}b", "a ⟨U+FE0E⟩b"),
            ("a\u{fe00}\u{fe01}\u{fe0f}", "a⟨U+FE01⟩⟨U+FE0F⟩"),
            ("\u{200b}\u{fe0f}", "⟨U+200B⟩⟨U+FE0F⟩"),
            ("e\u{301}\u{fe0f}\u{fe0f}\u{301}x", "e\u{301}\u{301}⟨+1⟩x"),
        ] {
            assert_eq!(shown(foreign), said);
            assert_eq!(shown(said), said, "made safe twice");
        }
    }
}
