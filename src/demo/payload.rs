//! What a reply must never do to a terminal, in one text that hostile scenes put wherever a reply has text.

use std::sync::LazyLock;

/// Writes to the clipboard and to the title, clears the screen, hides what follows, and reaches through tmux.
const SEQUENCES: &str = concat!(
    "\u{1b}]52;c;aGFja2Vk\u{7}",
    "\u{1b}]0;owned\u{7}",
    "\u{1b}[2J",
    "\u{1b}[8m",
    "\u{1b}Ptmux;\u{1b}\u{1b}]52;c;eA==\u{7}\u{1b}\\",
    "\u{1b}_Ga=d\u{1b}\\",
);
/// The same in single code points, which some terminals obey too; the last one swallows what follows it.
const SINGLES: &str = "\u{9b}2J\u{9d}0;owned\u{9c}\u{90}";
/// Goes back over what stands there, turns the direction around, is not seen, or ends a line.
const TRICKS: &str = "\r\u{8}\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{2028}\u{e0041}";
/// So many accents on one letter.
const MARKS: usize = 200;

static PAYLOAD: LazyLock<String> =
    LazyLock::new(|| format!("{SEQUENCES}{SINGLES}{TRICKS}e{}\u{7f}", "\u{301}".repeat(MARKS)));

/// The text, without NUL.
pub fn payload() -> &'static str {
    &PAYLOAD
}

/// Puts the payload in place of `{payload}` in scenes. Its escapes mean the same in a string of TOML and in one of JSON, so
/// that a scene may hold the characters themselves, or JSON that holds them.
pub fn fill(scenes: &str) -> String {
    scenes.replace("{payload}", &payload().chars().map(escaped).collect::<String>())
}

fn escaped(c: char) -> String {
    if c.is_ascii_control() || c == '"' || c == '\\' { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_and_json_read_the_same() {
        let table: toml::Table = toml::from_str(&fill(r#"own = "{payload}""#)).unwrap();
        assert_eq!(table["own"].as_str(), Some(payload()));
        let table: toml::Table = toml::from_str(&fill(r#"json = '["{payload}"]'"#)).unwrap();
        let json: Vec<String> = serde_json::from_str(table["json"].as_str().unwrap()).unwrap();
        assert_eq!(json, [payload()]);
        assert!(!payload().contains('\0'));
    }
}
