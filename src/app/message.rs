//! What happened ([`Msg`]) and what is to be done about it ([`Effect`]); both are plain data.

use super::send::Wish;
use super::sheet::Sheet;
use super::state::Drawing;
use crate::call::{Answer, Ask, Outcome, ProbePlan, Progress, Reading, Recalled, Saved};
use crate::config::Protocol;
use crate::history::{Comparison, MarkChange, Marks, Summary};
use crate::keymap::KeyPress;
use crate::route::{Evidence, Source};
use crate::wire::verdict::Verdict;
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
        /// The store did not take the request: it could be sent without a record.
        unstored: bool,
    },
    /// A stored reply was read again.
    Loaded {
        entry: u64,
        reading: Arc<Reading>,
    },
    /// All that the store holds, newest first.
    Remembered(Vec<Summary>),
    /// What other instances did to the store since.
    News {
        changed: Vec<Summary>,
        gone: Vec<String>,
    },
    /// A stored exchange was read back.
    Recalled {
        entry: u64,
        recalled: Box<Recalled>,
    },
    /// The store took what it could not take at a call's end.
    Mended {
        entry: u64,
        folder: PathBuf,
        saved: Vec<Saved>,
    },
    Marked {
        id: String,
        marks: Marks,
    },
    /// An exchange was moved to the trash.
    Trashed(String),
    Compared(Box<Comparison>),
    /// The editor came back.
    Edited(String),
    /// A copy was written; the note says what it could not carry.
    Saved {
        path: PathBuf,
        note: Option<String>,
    },
    /// A hosted picture was fetched.
    Fetched {
        entry: u64,
        reading: Arc<Reading>,
        number: usize,
        verdict: Verdict,
        saved: Option<Saved>,
        note: Option<String>,
    },
    /// Files for support were written.
    Exported(Vec<PathBuf>),
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
    /// How pictures are drawn has changed, or what was sent for them.
    Drawing(Drawing),
    /// All that is noted about routes, by this instance and all others, in the order in which it was noted.
    Witnessed(Vec<Evidence>),
    /// The free probes of a profile are over.
    Probed {
        profile: String,
        evidence: Vec<Evidence>,
        notes: Vec<String>,
    },
    /// Free probes run by themselves now, as configured.
    ProbeDue,
    /// The route's model list came.
    Listed {
        models: Vec<String>,
        evidence: Box<Evidence>,
    },
    /// A sentence for the status line: something could not be done.
    Failed(String),
}

/// Something is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// With `recorded`, only if the store takes the request first.
    Send {
        entry: u64,
        ask: Box<Ask>,
        recorded: bool,
        /// What it is made for. Of a paid probe it is looked up what the gateway booked.
        source: Source,
    },
    /// Ask servers what is free.
    Probe(Vec<ProbePlan>),
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
    /// Read an exchange of another session back.
    Recall {
        entry: u64,
        id: String,
    },
    /// Change one of the user's marks on an exchange.
    Mark {
        id: String,
        change: MarkChange,
    },
    /// Move an exchange to the trash.
    Trash(String),
    /// Compare two stored exchanges.
    Compare {
        before: String,
        after: String,
    },
    /// Open the prompt in the user's editor.
    Edit(String),
    /// Write a picture of a reply, or the body when there is none, into the working folder.
    Save {
        reading: Arc<Reading>,
        picture: Option<usize>,
        ask: Box<Ask>,
        outcome: Box<Outcome>,
    },
    /// Fetch a hosted picture of a reply.
    Fetch {
        entry: u64,
        reading: Arc<Reading>,
        number: usize,
        ask: Box<Ask>,
        id: Option<String>,
    },
    /// Write what support needs of an exchange into the working folder.
    Export(String),
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
    /// Draw pictures in another way.
    Draw(Protocol),
    /// The theme changed.
    Restyle(String),
    Quit,
}
