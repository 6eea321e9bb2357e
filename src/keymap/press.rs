//! A key press as plain data, and how people write one: `ctrl-s`, `shift-tab`, `f5`, `G`.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    Char(char),
    F(u8),
    Enter,
    Tab,
    Esc,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// A key with its modifiers. A capital letter is the letter alone, without shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPress {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    #[error("{text:?} is no key; write for example ctrl-s, alt-x, shift-tab, f5, enter, pageup, space or a letter")]
    NotAKey { text: String },
    #[error(
        "[keys] {action}: {text:?} is no key; write for example ctrl-s, alt-x, shift-tab, f5, enter, pageup, space or a letter"
    )]
    NotAKeyOf { action: String, text: String },
    #[error("[keys] {key} is given to both {first} and {second}; give one of them another key")]
    Conflict { key: KeyPress, first: String, second: String },
    #[error("[keys] {action}: {key} types text in the prompt; use it with ctrl or alt, or a function key")]
    TypesText { action: String, key: KeyPress },
    #[error("[keys] there is no action {name:?}; the actions are {known}")]
    UnknownAction { name: String, known: String },
}

impl KeyError {
    /// Adds which action the key was meant for.
    pub fn of_action(self, name: &str) -> KeyError {
        match self {
            KeyError::NotAKey { text } => KeyError::NotAKeyOf { action: name.to_owned(), text },
            other => other,
        }
    }
}

const NAMED: [(&str, &str, Code); 15] = [
    ("enter", "Enter", Code::Enter),
    ("tab", "Tab", Code::Tab),
    ("esc", "Esc", Code::Esc),
    ("backspace", "Backspace", Code::Backspace),
    ("delete", "Delete", Code::Delete),
    ("insert", "Insert", Code::Insert),
    ("up", "Up", Code::Up),
    ("down", "Down", Code::Down),
    ("left", "Left", Code::Left),
    ("right", "Right", Code::Right),
    ("home", "Home", Code::Home),
    ("end", "End", Code::End),
    ("pageup", "PageUp", Code::PageUp),
    ("pagedown", "PageDown", Code::PageDown),
    ("space", "Space", Code::Char(' ')),
];

impl KeyPress {
    pub fn plain(code: Code) -> KeyPress {
        KeyPress { code, ctrl: false, alt: false, shift: false }
    }

    /// Reads a key as people write it.
    pub fn parse(text: &str) -> Result<KeyPress, KeyError> {
        let mut press = KeyPress::plain(Code::Esc);
        let mut rest = text;
        while let Some((modifier, after)) = rest.split_once(['-', '+']).filter(|(_, after)| !after.is_empty()) {
            match modifier.to_ascii_lowercase().as_str() {
                "ctrl" => press.ctrl = true,
                "alt" => press.alt = true,
                "shift" => press.shift = true,
                _ => return Err(KeyError::NotAKey { text: text.to_owned() }),
            }
            rest = after;
        }
        press.code = code(rest).ok_or_else(|| KeyError::NotAKey { text: text.to_owned() })?;
        Ok(press.normal())
    }

    /// Terminals send Ctrl with letters in lower case only, and a shifted letter as its capital.
    pub fn normal(mut self) -> KeyPress {
        if let Code::Char(c) = self.code {
            if self.ctrl {
                self.code = Code::Char(c.to_ascii_lowercase());
            } else if self.shift {
                self.code = Code::Char(c.to_ascii_uppercase());
            }
            self.shift = false;
        }
        self
    }

    /// True when the key, unbound, would put a character into the prompt.
    pub fn types_text(self) -> bool {
        matches!(self.code, Code::Char(_)) && !self.ctrl && !self.alt
    }
}

fn code(text: &str) -> Option<Code> {
    let lower = text.to_ascii_lowercase();
    if let Some((.., code)) = NAMED.iter().find(|(name, ..)| *name == lower) {
        return Some(*code);
    }
    let number = lower.strip_prefix('f').and_then(|n| n.parse().ok()).filter(|n| (1..=24).contains(n));
    if let Some(number) = number {
        return Some(Code::F(number));
    }
    let mut chars = text.chars();
    chars.next().filter(|c| chars.next().is_none() && !c.is_control()).map(Code::Char)
}

impl fmt::Display for KeyPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.code {
            Code::F(number) => write!(f, "F{number}"),
            Code::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            code => match (NAMED.iter().find(|(.., known)| *known == code), code) {
                (Some((_, name, _)), _) => f.write_str(name),
                (None, Code::Char(c)) => write!(f, "{c}"),
                (None, _) => Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_and_write_the_same() {
        for (text, shown) in [
            ("ctrl-s", "Ctrl+S"),
            ("Ctrl+S", "Ctrl+S"),
            ("shift-tab", "Shift+Tab"),
            ("f10", "F10"),
            ("G", "G"),
            ("shift-g", "G"),
            ("space", "Space"),
            ("alt-enter", "Alt+Enter"),
            ("/", "/"),
            ("-", "-"),
            ("ctrl--", "Ctrl+-"),
        ] {
            let press = KeyPress::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(press.to_string(), shown, "{text}");
            assert_eq!(KeyPress::parse(&press.to_string()), Ok(press), "{text}");
        }
        for bad in ["", "ctrl-", "f0", "f99", "hyper-x", "ab"] {
            assert!(KeyPress::parse(bad).is_err(), "{bad}");
        }
    }
}
