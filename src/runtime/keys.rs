//! Terminal events as key presses, and fast typing gathered into one message.

use crate::app::State;
use crate::keymap::{Code, KeyPress};
use crate::layout::Pane;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use jiff::Timestamp;

/// What was pressed; `None` for releases and for keys that have no name here.
pub fn press(key: KeyEvent) -> Option<KeyPress> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let mut shift = key.modifiers.contains(KeyModifiers::SHIFT);
    let code = match key.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::F(number) => Code::F(number),
        KeyCode::Enter => Code::Enter,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => {
            shift = true;
            Code::Tab
        }
        KeyCode::Esc => Code::Esc,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    let held = |modifier| key.modifiers.contains(modifier);
    Some(KeyPress { code, ctrl: held(KeyModifiers::CONTROL), alt: held(KeyModifiers::ALT), shift }.normal())
}

/// Characters that came faster than they can be drawn: the widget takes them as one text.
#[derive(Default)]
pub struct Typed {
    text: String,
    /// When the last of them was read.
    at: Timestamp,
}

impl Typed {
    /// Keeps the event when it only types into the prompt, else gives it back.
    pub fn gather(&mut self, event: Event, at: Timestamp, state: &State) -> Option<Event> {
        let types = state.choice.focus == Pane::Prompt && state.overlay.is_none();
        if let Event::Key(key) = &event
            && types
            && let Some(press) = press(*key)
            && press.types_text()
            && state.setup.keymap.action(press, true).is_none()
            && let Code::Char(c) = press.code
        {
            self.text.push(c);
            self.at = at;
            return None;
        }
        Some(event)
    }

    pub fn take(&mut self) -> Option<(String, Timestamp)> {
        (!self.text.is_empty()).then(|| (std::mem::take(&mut self.text), self.at))
    }
}
