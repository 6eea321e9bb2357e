//! Characters that must not reach a terminal as they are, and how each is shown instead.

/// More combining marks than this on one character are counted, not drawn.
const MARKS: usize = 4;

/// True for controls (C0, DEL, C1), bidi controls, and characters that are drawn as nothing.
pub fn is_hazard(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Appends `foreign` to `out` with every hazard made visible.
pub fn show(foreign: &str, out: &mut String) {
    let mut marks = 0;
    for c in foreign.chars() {
        if matches!(c, '\u{fe00}'..='\u{fe0f}') {
            // They only choose between two looks of one character, terminals disagree on the width of the result, and
            // between marks they must not begin the count anew.
            continue;
        }
        let is_mark = !is_hazard(c) && unicode_width::UnicodeWidthChar::width(c) == Some(0);
        marks = if is_mark { marks + 1 } else { flush(marks, out) };
        match c {
            _ if is_mark && marks > MARKS => {}
            '\t' => out.push_str("    "),
            '\n' => out.push('⏎'),
            '\u{7f}' => out.push('␡'),
            c if c < ' ' => out.extend(char::from_u32(0x2400 + c as u32)),
            c if is_hazard(c) => out.push_str(&format!("⟨U+{:04X}⟩", c as u32)),
            c => out.push(c),
        }
    }
    flush(marks, out);
}

/// Says how many marks were left out; the count starts again.
fn flush(marks: usize, out: &mut String) -> usize {
    if marks > MARKS {
        out.push_str(&format!("⟨+{}⟩", marks - MARKS));
    }
    0
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
