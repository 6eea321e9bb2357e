//! The history as plain data: one summary an exchange, the user's marks on it, and what can be asked of many of them.
//!
//! Where the summaries come from is the store's affair; nothing here touches a disk.

mod diff;
mod filter;
mod phase;
mod totals;
mod tree;

pub use diff::{Change, Piece, fields, lines, words};
pub use filter::{Filter, FilterError, quote};
pub use phase::Phase;
pub use totals::{By, Total, sum, totals};
pub use tree::{Branch, tree};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the user thinks of an exchange; `marks.json` beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Marks {
    pub star: bool,
    /// 0 is none, 5 the best.
    pub rating: u8,
    pub tags: Vec<String>,
    pub note: String,
    /// When it was moved to the trash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trashed: Option<Timestamp>,
}

/// A change of one mark. What others changed meanwhile stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkChange {
    Star(bool),
    ToggleStar,
    /// 0 to 5.
    Rating(u8),
    /// Higher or lower by so much.
    Rate(i8),
    Tags(Vec<String>),
    AddTag(String),
    RemoveTag(String),
    Note(String),
}

impl Marks {
    pub fn change(&mut self, change: &MarkChange) {
        match change {
            MarkChange::Star(star) => self.star = *star,
            MarkChange::ToggleStar => self.star = !self.star,
            MarkChange::Rating(rating) => self.rating = (*rating).min(5),
            MarkChange::Rate(by) => self.rating = self.rating.saturating_add_signed(*by).min(5),
            MarkChange::Tags(tags) => {
                self.tags.clear();
                tags.iter().for_each(|tag| self.add_tag(tag));
            }
            MarkChange::AddTag(tag) => self.add_tag(tag),
            MarkChange::RemoveTag(tag) => self.tags.retain(|known| known != bare_tag(tag)),
            MarkChange::Note(note) => note.trim().clone_into(&mut self.note),
        }
    }

    /// Each tag once.
    fn add_tag(&mut self, tag: &str) {
        let tag = bare_tag(tag);
        if !tag.is_empty() && !self.tags.iter().any(|known| known == tag) {
            self.tags.push(tag.to_owned());
        }
    }
}

fn bare_tag(tag: &str) -> &str {
    tag.trim().trim_start_matches('#')
}

/// What two exchanges have apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Ids.
    pub before: String,
    pub after: String,
    pub prompt: Vec<Piece>,
    /// Profile, kind of call, model and parameters.
    pub changes: Vec<Change>,
    /// Rows of the raw replies, long data as its size, type and hash.
    pub raw: Vec<Piece>,
}

impl Comparison {
    /// An upper bound of the lines that show it.
    pub fn rows(&self) -> usize {
        let breaks = |piece: &Piece| piece.text().lines().count();
        self.prompt.iter().map(breaks).sum::<usize>() + self.changes.len() + self.raw.len() + 8
    }
}

/// One exchange in a line of the log or the list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    pub id: String,
    pub time: Timestamp,
    /// Which run of the program made it.
    pub session: String,
    pub profile: String,
    /// `generateContent` or `streamGenerateContent`.
    pub kind: String,
    /// The model as the user wrote it, and as it stood in the URL.
    pub asked: String,
    pub model: String,
    /// Whole.
    pub prompt: String,
    pub phase: Phase,
    /// The verdict; empty words while there is none.
    pub word: String,
    pub reason: String,
    pub charged: String,
    pub status: Option<u16>,
    /// Pixels of the final picture.
    pub pixels: Option<(u32, u32)>,
    /// Milliseconds to the last byte.
    pub ms: Option<f64>,
    /// Bytes of the reply.
    pub down: u64,
    pub tokens: Option<u64>,
    pub cost_usd: Option<f64>,
    pub request_id: Option<String>,
    pub parent: Option<String>,
    pub marks: Marks,
}

impl Summary {
    /// Profile, kind of call and model: what the log filters and sums by.
    pub fn route(&self) -> String {
        format!("{} {} {}", self.profile, self.kind, self.model)
    }

    /// Whether a picture came.
    pub fn has_picture(&self) -> bool {
        self.pixels.is_some()
    }
}
