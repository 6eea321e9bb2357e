//! What bytes would do to a terminal: all in them that is neither text nor one of the program's own sequences.

use regex::Regex;
use std::sync::LazyLock;
use unpeel::demo::payload;

/// What the program may write besides text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// Ends of lines.
    Lines,
    /// Places, colours, modes and the first questions of the app.
    Frames,
    /// A picture of half-blocks among lines.
    Picture,
}

/// One look of those that a colour sequence may set. Blinking and hidden are none of ours.
const LOOK: &str = "(?:[0-4]|7|2[2-4]|27|3[0-7]|39|4[0-7]|49|59|9[0-7]|10[0-7]\
    |[34]8;5;[0-9]{1,3}|[34]8;2;[0-9]{1,3};[0-9]{1,3};[0-9]{1,3})";

static OURS: LazyLock<Regex> = LazyLock::new(|| {
    let place = "[0-9]{1,4};[0-9]{1,4}H";
    let looks = format!("(?:{LOOK};)*{LOOK}m");
    let modes = r"\?(?:25|1049|2004|2026)[hl]";
    let questions = ">0q|16t|c";
    Regex::new(&format!(r"^\x1b\[(?:{place}|{looks}|{modes}|{questions})$")).expect("a pattern")
});

/// Any sequence after ESC, also one that never ends.
static SEQUENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X].*?(?:\x07|\x1b\\)|.|$)").expect("a pattern"));

/// Controls, what turns the direction of writing around, what ends lines unseen, and what is drawn as nothing.
fn acts(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// What of it is foreign and would act.
pub fn active(bytes: &[u8], own: Own) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return vec!["bytes that are no UTF-8".to_owned()] };
    let is_ours = |sequence: &str| own != Own::Lines && OURS.is_match(sequence);
    let sequences = SEQUENCE.find_iter(text).map(|found| found.as_str());
    let mut found: Vec<String> =
        sequences.filter(|sequence| !is_ours(sequence)).map(|sequence| format!("{sequence:?}")).collect();
    let rest = SEQUENCE.replace_all(text, " ");
    // A picture's own line ends come as CR LF already, and the terminal adds another CR.
    let rest = if own == Own::Picture { rest.replace("\r\r\n", "") } else { rest.into_owned() };
    let rest = if own == Own::Frames { rest } else { rest.replace("\r\n", "").replace('\n', "") };
    found.extend(rest.chars().filter(|c| acts(*c)).map(|c| format!("U+{:04X}", u32::from(c))));
    found.sort();
    found.dedup();
    found
}

/// Fails the test when anything foreign would act.
pub fn assert_tame(what: &str, bytes: &[u8], own: Own) {
    let found = active(bytes, own);
    assert!(found.is_empty(), "{what}: {found:?}");
}

/// Whether more accents stand on one letter than any language has.
pub fn is_flooded(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).contains(&"\u{301}".repeat(5))
}

#[test]
fn each_hostile_piece_is_seen() {
    for own in [Own::Lines, Own::Frames, Own::Picture] {
        assert!(active(payload().as_bytes(), own).len() > 10, "{own:?}");
        for piece in [
            "\x1b]52;c;aGFja2Vk\x07",
            "\x1b]0;owned\x1b\\",
            "\x1b]2;never ended",
            "\x1b[2J",
            "\x1b[8m",
            "\x1b[1;8m",
            "\x1b[38;5;1;8m",
            "\x1b[6n",
            "\x1b[?1000h",
            "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\",
            "\x1b_Ga=d\x1b\\",
            "\x1bc",
            "\x1b",
            "\x1b[",
            "\u{9b}2J",
            "\u{9d}0;owned\u{9c}",
            "\u{90}",
            "over\rwritten",
            "\u{8}",
            "\u{7}",
            "\u{7f}",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{200d}",
            "\u{feff}",
            "\u{2028}",
            "\u{e0041}",
        ] {
            assert!(!active(format!("a{piece}b").as_bytes(), own).is_empty(), "{own:?} {piece:?}");
            assert!(!active(piece.as_bytes(), own).is_empty(), "{own:?} {piece:?}");
        }
        assert!(!active(b"a\x9b2Jb", own).is_empty());
    }
    assert!(is_flooded(payload().as_bytes()));
}

#[test]
fn what_is_our_own_passes() {
    let frame = "\x1b[?2026h\x1b[>0q\x1b[16t\x1b[c\x1b[1;1H\x1b[38;5;173;49m╭─\x1b[1m Log \x1b[22m\x1b[39;49m␛]52;c;⟨U+009B⟩\
        \x1b[38;2;1;2;3m\x1b[59m\x1b[0m\x1b[?25l\x1b[?2026l";
    assert_eq!(active(frame.as_bytes(), Own::Frames), Vec::<String>::new());
    assert!(!active(frame.as_bytes(), Own::Lines).is_empty());
    for lines in ["one\r\ntwo é́\r\n", "one\ntwo\n"] {
        assert_eq!(active(lines.as_bytes(), Own::Lines), Vec::<String>::new());
        assert!(!active(lines.as_bytes(), Own::Frames).is_empty(), "the app places its text by itself");
    }
    assert_eq!(active("\x1b[0m\x1b[48;5;231m▄\x1b[0m\r\n".as_bytes(), Own::Picture), Vec::<String>::new());
}
