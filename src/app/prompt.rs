//! The prompt: typing, pasting, and undo by word or pause.

use crate::keymap::{Code, KeyPress};
use crate::text::is_mark;
use jiff::Timestamp;
use std::fmt;
use tui_textarea::{CursorMove, DataCursor, Input, Key, TextArea, WrapMode};

/// More than this is better attached as a file; the widget grows slow with it.
pub const MOST_BYTES: usize = 256 * 1024;
/// A pause of this length ends a step of undo.
const PAUSE_MS: i64 = 1000;
const MOST_STEPS: usize = 500;
const UNDO_BYTES: usize = 8 << 20;
/// Marks in a row on a letter of somebody else's prompt.
const MOST_MARKS: usize = 4;

#[derive(Clone)]
pub struct Prompt {
    pub area: TextArea<'static>,
    past: Vec<Snapshot>,
    future: Vec<Snapshot>,
    last: Option<(Timestamp, Edit)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Snapshot {
    lines: Vec<String>,
    cursor: (usize, usize),
}

/// Kinds of edits; a change of kind begins a new step of undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edit {
    Word,
    Space,
    Erase,
    Other,
}

impl Default for Prompt {
    fn default() -> Self {
        Prompt { area: area(vec![String::new()]), past: vec![], future: vec![], last: None }
    }
}

fn area(lines: Vec<String>) -> TextArea<'static> {
    let mut area = TextArea::new(lines);
    area.set_wrap_mode(WrapMode::WordOrGlyph);
    // The terminal's own cursor stands there, which input methods follow.
    area.set_cursor_style(ratatui::style::Style::new());
    area.set_cursor_line_style(ratatui::style::Style::new());
    area.set_max_histories(0);
    area
}

impl PartialEq for Prompt {
    fn eq(&self, other: &Prompt) -> bool {
        self.snapshot() == other.snapshot() && self.past == other.past && self.future == other.future
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.snapshot().fmt(f)
    }
}

impl Prompt {
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    pub fn is_empty(&self) -> bool {
        self.area.lines().iter().all(|line| line.trim().is_empty())
    }

    /// A key that no action took. Returns whether it meant something here.
    pub fn press(&mut self, key: KeyPress, now: Timestamp) -> Result<bool, String> {
        let KeyPress { code, ctrl, alt, shift } = key;
        if let Some(step) = movement(code, ctrl || alt) {
            self.area.cancel_selection();
            self.last = None;
            self.area.move_cursor(step);
            return Ok(true);
        }
        let edit = match code {
            Code::Char(c) if !ctrl && !alt => {
                if c.is_whitespace() {
                    Edit::Space
                } else {
                    Edit::Word
                }
            }
            Code::Enter => Edit::Other,
            Code::Backspace | Code::Delete => Edit::Erase,
            Code::Char('w') if ctrl => Edit::Erase,
            _ => return Ok(false),
        };
        if edit != Edit::Erase && self.bytes() >= MOST_BYTES {
            return Err(too_long());
        }
        self.remember(edit, now);
        match code {
            Code::Char('w') if ctrl => drop(self.area.delete_word()),
            Code::Backspace if ctrl || alt => drop(self.area.delete_word()),
            Code::Enter => self.area.insert_newline(),
            Code::Char(c) => drop(self.area.insert_str(plain(&c.to_string()))),
            _ => drop(self.area.input_without_shortcuts(Input { key: widget_key(code), ctrl, alt, shift })),
        }
        Ok(true)
    }

    /// Characters typed faster than they are drawn, as one edit.
    pub fn type_text(&mut self, text: &str, now: Timestamp) -> Result<(), String> {
        if self.bytes() + text.len() > MOST_BYTES {
            return Err(too_long());
        }
        self.remember(Edit::Word, now);
        self.area.insert_str(plain(text));
        Ok(())
    }

    pub fn new_line(&mut self, now: Timestamp) {
        self.remember(Edit::Other, now);
        self.area.insert_newline();
    }

    /// Pasted text, its line ends made plain.
    pub fn paste(&mut self, text: &str, now: Timestamp) -> Result<(), String> {
        if self.bytes() + text.len() > MOST_BYTES {
            return Err(too_long());
        }
        self.remember(Edit::Other, now);
        self.area.insert_str(plain(text));
        self.last = None;
        Ok(())
    }

    /// Replaces the whole text, as one step of undo.
    pub fn replace(&mut self, text: &str, now: Timestamp) -> Result<(), String> {
        if text.len() > MOST_BYTES {
            return Err(too_long());
        }
        self.remember(Edit::Other, now);
        self.area = area(plain(text).split('\n').map(str::to_owned).collect());
        self.area.move_cursor(CursorMove::Bottom);
        self.area.move_cursor(CursorMove::End);
        self.last = None;
        Ok(())
    }

    /// [`Prompt::replace`] by a prompt that somebody else may have written: invisible characters stay only where they mean
    /// something, and marks only as many as are drawn.
    pub fn take_over(&mut self, foreign: &str, now: Timestamp) -> Result<(), String> {
        self.replace(&meaningful(foreign), now)
    }

    /// Returns whether there was something to undo.
    pub fn undo(&mut self) -> bool {
        let Some(before) = self.past.pop() else { return false };
        self.future.push(self.snapshot());
        self.restore(before);
        true
    }

    pub fn redo(&mut self) -> bool {
        let Some(after) = self.future.pop() else { return false };
        self.past.push(self.snapshot());
        self.restore(after);
        true
    }

    fn remember(&mut self, edit: Edit, now: Timestamp) {
        let goes_on = self.last.is_some_and(|(at, kind)| {
            // A space ends a word but belongs to it.
            let same = kind == edit || (kind, edit) == (Edit::Word, Edit::Space);
            same && now.as_millisecond() - at.as_millisecond() < PAUSE_MS
        });
        if !goes_on {
            self.past.push(self.snapshot());
            self.past.drain(..self.past.len().saturating_sub(self.most_steps()));
        }
        self.future.clear();
        self.last = Some((now, edit));
    }

    /// Every step is a copy of the text: long prompts get fewer.
    fn most_steps(&self) -> usize {
        (UNDO_BYTES / self.bytes().max(1)).clamp(10, MOST_STEPS)
    }

    fn snapshot(&self) -> Snapshot {
        let DataCursor(row, column) = self.area.cursor();
        Snapshot { lines: self.area.lines().to_vec(), cursor: (row, column) }
    }

    fn restore(&mut self, snapshot: Snapshot) {
        self.area = area(snapshot.lines);
        self.area.move_cursor(CursorMove::Jump(snapshot.cursor.0 as u16, snapshot.cursor.1 as u16));
        self.last = None;
    }

    fn bytes(&self) -> usize {
        self.area.lines().iter().map(|line| line.len() + 1).sum()
    }
}

/// How many characters a paste loses because a terminal would act on them.
pub fn left_out(text: &str) -> usize {
    text.chars().filter(|c| *c != '\r' && !keep(*c)).count()
}

/// Joiners and variation selectors stay: emoji need them.
fn keep(c: char) -> bool {
    matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}') || !crate::text::is_hazard(c)
}

/// Without joiners, selectors and floods of marks that no writing system has a use for. Typed text keeps them: the user
/// knows what they are there for.
fn meaningful(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len());
    let mut marks = 0;
    for c in foreign.chars() {
        let before = out.chars().next_back().unwrap_or(' ');
        let mark = is_mark(c);
        let keeps = match c {
            '\u{200c}' | '\u{200d}' => is_emoji(before) || is_selector(before) || is_joining(before),
            c if is_selector(c) => is_emoji(before) || matches!(before, '0'..='9' | '#' | '*'),
            _ => !mark || marks < MOST_MARKS,
        };
        if !keeps {
            continue;
        }
        // A joiner between two marks must not begin the count anew.
        if !matches!(c, '\u{200c}' | '\u{200d}') {
            marks = if mark { marks + 1 } else { 0 };
        }
        out.push(c);
    }
    out
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}')
}

/// What an emoji may be made of; a few symbols too many do no harm.
fn is_emoji(c: char) -> bool {
    matches!(c, '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '\u{2190}'..='\u{2bff}' | '〰' | '〽' | '㊗' | '㊙'
        | '\u{1f000}'..='\u{1faff}')
}

/// Letters and marks of scripts that join: Arabic, Syriac, Mongolian and the like, and those of India and around.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{86f}' | '\u{8a0}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1780}'..='\u{18af}'
        | '\u{a840}'..='\u{a87f}' | '\u{a8e0}'..='\u{a8ff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Line ends made plain, and what a terminal would act on taken out.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| keep(*c)).collect()
}

fn too_long() -> String {
    format!("the prompt takes {} kB at most; attach longer text another way", MOST_BYTES / 1024)
}

fn movement(code: Code, by_word: bool) -> Option<CursorMove> {
    Some(match code {
        Code::Left if by_word => CursorMove::WordBack,
        Code::Right if by_word => CursorMove::WordForward,
        Code::Left => CursorMove::Back,
        Code::Right => CursorMove::Forward,
        Code::Up => CursorMove::Up,
        Code::Down => CursorMove::Down,
        Code::Home if by_word => CursorMove::Top,
        Code::End if by_word => CursorMove::Bottom,
        Code::Home => CursorMove::Head,
        Code::End => CursorMove::End,
        Code::PageUp => CursorMove::ParagraphBack,
        Code::PageDown => CursorMove::ParagraphForward,
        _ => return None,
    })
}

fn widget_key(code: Code) -> Key {
    match code {
        Code::Backspace => Key::Backspace,
        Code::Delete => Key::Delete,
        _ => Key::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("in range")
    }

    fn type_text(prompt: &mut Prompt, text: &str, start: i64) {
        for (n, c) in text.chars().enumerate() {
            prompt.press(KeyPress::plain(Code::Char(c)), at(start + n as i64 * 50)).expect("short");
        }
    }

    #[test]
    fn undo_goes_by_word_and_by_pause() {
        let mut prompt = Prompt::default();
        type_text(&mut prompt, "a red fox", 0);
        type_text(&mut prompt, "es", 5000);
        for left in ["a red fox", "a red ", "a ", ""] {
            assert!(prompt.undo());
            assert_eq!(prompt.text(), left);
        }
        assert!(!prompt.undo());
        for back in ["a ", "a red ", "a red fox", "a red foxes"] {
            assert!(prompt.redo());
            assert_eq!(prompt.text(), back);
        }
    }

    #[test]
    fn pasted_line_ends_are_plain_and_one_step() {
        let mut prompt = Prompt::default();
        prompt.paste("one\rtwo\r\nthree\n红狐", at(0)).expect("short");
        assert_eq!(prompt.area.lines(), ["one", "two", "three", "红狐"]);
        assert!(prompt.undo() && prompt.is_empty());
        prompt.paste("a\u{1b}[2J\u{202e}b", at(9)).expect("short");
        assert_eq!(prompt.text(), "a[2Jb");
    }

    #[test]
    fn of_a_foreign_prompt_only_what_means_something_is_kept() {
        let flood = format!("a{}b", "\u{301}".repeat(99));
        for (foreign, kept) in [
            ("a\u{200d}b\u{200c}\u{fe0f} \u{200d}", "ab "),
            (
                "👩\u{200d}🚀 ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}\u{20e3}",
                "👩\u{200d}🚀 ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}\u{20e3}",
            ),
            ("🚀\u{200d}\u{200d}\u{200c}\u{fe0f}\u{fe0e}", "🚀\u{200d}"),
            ("می\u{200c}خواهم क्\u{200d}ष", "می\u{200c}خواهم क्\u{200d}ष"),
            (flood.as_str(), "a\u{301}\u{301}\u{301}\u{301}b"),
            ("e\u{301} 红狐\none", "e\u{301} 红狐\none"),
        ] {
            let mut prompt = Prompt::default();
            prompt.take_over(foreign, at(0)).expect("short");
            assert_eq!(prompt.text(), kept);
        }
        let mut typed = Prompt::default();
        typed.paste(&flood, at(0)).expect("short");
        assert_eq!(typed.text(), flood);
    }

    #[test]
    fn the_limit_is_a_sentence_and_loses_nothing() {
        let mut prompt = Prompt::default();
        prompt.paste("kept", at(0)).expect("short");
        let error = prompt.paste(&"x".repeat(MOST_BYTES), at(1)).expect_err("too long");
        assert!(error.contains("256 kB"), "{error}");
        assert_eq!(prompt.text(), "kept");
    }
}
