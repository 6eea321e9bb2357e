//! What a reply says of its route: judged by the body first, and by the status only where the body says nothing.

mod advice;
mod answer;
mod call;
mod dry;
mod images;
mod list;
mod site;
#[cfg(test)]
mod tests;

pub use advice::advice;
pub use call::call;
pub use dry::dry_run;
pub use images::images_route;
pub use list::{Page, model_list};
pub use site::site;

use super::evidence::Finding;
use crate::catalog::Level;
use crate::wire::verdict::Ending;

/// A reason is for one line of a table or a few of a card; a body can be 25 MB.
const MOST_CHARS: usize = 400;

/// What came back of a request.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// `None` when no reply began.
    pub status: Option<u16>,
    pub body: &'a [u8],
    pub ending: &'a Ending,
}

/// What it says of the route.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The verdict word of a call, or what a probe got, in a few words; `limited` for both.
    pub class: String,
    pub finding: Finding,
    /// Where it failed, or whose matter it is; `None` where nothing is wrong or nothing is said.
    pub level: Option<Level>,
    /// In the server's words where it has any; at most 400 characters, not yet safe to draw.
    pub reason: String,
    /// Id of the entry in the table of known errors.
    pub known: Option<String>,
    /// The one inside an error message; a header says it better.
    pub request_id: Option<String>,
    /// Entries of a list.
    pub count: Option<usize>,
}

impl Judged {
    fn new(class: &str, finding: Finding, level: Option<Level>, reason: &str) -> Judged {
        let (class, reason) = (class.to_owned(), brief(reason));
        Judged { class, finding, level, reason, known: None, request_id: None, count: None }
    }
}

/// At most [`MOST_CHARS`] characters, without white space at the ends.
fn brief(text: &str) -> String {
    crate::wire::brief::brief(text.trim(), MOST_CHARS)
}
