//! What happened ([`Msg`]) and what is to be done about it ([`Effect`]); both are plain data.

use super::send::Wish;
use super::sheet::Sheet;
use crate::call::{Answer, Ask, Progress, Reading};
use crate::keymap::KeyPress;
use crate::route::Evidence;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    Pressed(KeyPress),
    /// Plain characters for the prompt that came in one go.
    Typed(String),
    /// A bracketed paste; line ends as the terminal sent them.
    Pasted(String),
    Resized(u16, u16),
    /// A second went by while something runs.
    Ticked,
    /// A call moved. Comes late when the call is over; then it is dropped.
    Moved {
        entry: u64,
        progress: Progress,
    },
    Answered {
        entry: u64,
        answer: Box<Answer>,
    },
    /// A call was not begun; nothing was sent.
    Refused {
        entry: u64,
        why: String,
    },
    /// A stored reply was read again.
    Loaded {
        entry: u64,
        reading: Arc<Reading>,
    },
    /// The editor came back.
    Edited(String),
    Saved(PathBuf),
    /// A search in a large reply is over; the sheet is where it ended.
    Found {
        entry: u64,
        sheet: Box<Sheet>,
        found: bool,
    },
    /// The moment after a press of a send key that may have been a repetition.
    Reminded {
        at: Timestamp,
        wish: Wish,
    },
    /// What calls of earlier sessions proved.
    Witnessed(Vec<Evidence>),
    /// The route's model list came.
    Listed(Vec<String>),
    /// A sentence for the status line: something could not be done.
    Failed(String),
}

/// Something is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Send {
        entry: u64,
        ask: Box<Ask>,
    },
    Cancel {
        entry: u64,
    },
    /// Give a [`Msg::Reminded`] a moment later.
    Remind {
        at: Timestamp,
        wish: Wish,
    },
    /// Search in a large reply.
    Find {
        entry: u64,
        sheet: Box<Sheet>,
        backwards: bool,
        height: usize,
    },
    /// Read a stored reply again.
    Load {
        entry: u64,
        folder: PathBuf,
    },
    /// Open the prompt in the user's editor.
    Edit(String),
    /// Write a picture of a reply, or the body when there is none, into the working folder.
    Save {
        reading: Arc<Reading>,
        picture: Option<usize>,
        prompt: String,
        model: String,
        exchange: Option<String>,
    },
    /// Put text on the clipboard of the terminal.
    Copy {
        text: String,
        what: &'static str,
    },
    /// Copy a call as curl, with its body in a file.
    CopyCurl {
        ask: Box<Ask>,
        folder: Option<PathBuf>,
    },
    ListModels {
        profile: String,
    },
    /// The theme changed.
    Restyle(String),
    Quit,
}
