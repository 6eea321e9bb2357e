//! A reply that came, and what it refuses: the words for people, the known error in them, and the level where it fails.

use super::{Judged, Seen, brief};
use crate::catalog::{Catalog, KnownError, Level};
use crate::route::evidence::Finding;
use crate::wire::document::Format;
use crate::wire::error::ErrorBody;
use crate::wire::reply::Reply;
use crate::wire::verdict::{self, Ending};
use serde_json::Value;

/// Errors are short; what is longer is somebody's data.
const MOST_TEXT: usize = 16 * 1024;
/// Codes and messages of an error stand in its first lines.
const MOST_LINES: usize = 32;
/// The beginning of a body that names no error in a known place.
const HEAD: usize = 4096;
/// Entries that tell to wait, under whatever status.
const WAIT: [&str; 8] = [
    "rate-limit",
    "rate-limit-words",
    "too-many-requests",
    "resource-exhausted",
    "quota-metric",
    "saturated-zh",
    "cdn-1015",
    "cdn-1015-code",
];

pub struct Answer<'a> {
    pub catalog: &'a Catalog,
    pub reply: &'a Reply,
    pub body: &'a [u8],
    pub status: Option<u16>,
    pub reason: String,
}

impl<'a> Answer<'a> {
    pub fn of(catalog: &'a Catalog, seen: &Seen<'a>, reply: &'a Reply) -> Answer<'a> {
        let mut answer = Answer { catalog, reply, body: seen.body, status: seen.status, reason: String::new() };
        answer.reason = match answer.is_nameless_json() {
            true => brief(&answer.head()),
            false => brief(&verdict::judge(reply, seen.body, seen.status, &Ending::Complete).reason),
        };
        answer
    }

    /// JSON that is neither an answer nor an error in a known form: its beginning is all there is to show.
    fn is_nameless_json(&self) -> bool {
        let is_json = matches!(self.reply.document.format, Format::Json | Format::JsonArray | Format::BrokenJson);
        is_json && self.reply.error.is_none() && !self.reply.gemini_shaped && self.reply.pictures.is_empty()
    }

    fn is_html(&self) -> bool {
        self.reply.document.format == Format::Html
    }

    fn is_bad_status(&self) -> bool {
        self.status.is_some_and(|status| status >= 400)
    }

    /// A website under a good status.
    fn is_web_page(&self) -> bool {
        self.is_html() && !self.is_bad_status()
    }

    /// Whether it says no, in whatever dress; pages and plain texts are no answers of an API.
    pub fn is_refused(&self) -> bool {
        let no_api = matches!(self.reply.document.format, Format::Html | Format::Text);
        self.reply.error.is_some() || self.is_bad_status() || no_api
    }

    fn head(&self) -> String {
        String::from_utf8_lossy(&self.body[..self.body.len().min(HEAD)]).into_owned()
    }

    /// What the table of known errors is asked about; codes and messages each on a line.
    pub fn text(&self) -> String {
        match (&self.reply.error, &self.reply.title) {
            (Some(error), _) => error.haystack().chars().take(MOST_TEXT).collect(),
            // The rest of a page is scripts and styles, which hold any word.
            (None, Some(title)) => title.clone(),
            (None, None) if self.reply.gemini_shaped => self.endings(),
            (None, None) => self.head(),
        }
    }

    /// Why a model stopped.
    fn endings(&self) -> String {
        let block = self.reply.block.iter().flat_map(|block| [&block.reason, &block.message]);
        let finish = self.reply.finish.iter().flat_map(|finish| [&finish.reason, &finish.message]);
        let lines: Vec<&str> = block.chain(finish).filter_map(Value::as_str).collect();
        lines.join("\n").chars().take(MOST_TEXT).collect()
    }

    /// The entry of the table for it.
    pub fn known(&self) -> Option<&'a KnownError> {
        let text = self.text();
        // Entries that must be all of a text find the line of their code.
        let by_line = || text.lines().take(MOST_LINES).find_map(|line| self.catalog.known_error(line));
        let known = self.catalog.known_error(&text).or_else(by_line);
        if self.is_web_page() {
            // A website may have any title; only a challenge of the CDN is told apart.
            let challenge = known.filter(|known| known.level == Level::Network);
            return challenge.or_else(|| self.catalog.known_error_by_id("web-page"));
        }
        known.map(|known| self.blamed(known))
    }

    /// A gateway that relays "invalid key" was refused with its own key.
    fn blamed(&self, known: &'a KnownError) -> &'a KnownError {
        let relayed = self.reply.error.as_ref().is_some_and(|error| error.kind == "upstream_error");
        let own_key = known.level == Level::Key && relayed;
        let entry = own_key.then(|| self.catalog.known_error_by_id("channel-invalid-key")).flatten();
        entry.unwrap_or(known)
    }

    /// The HTTP code that the error names, else the status: a gateway may relay one under another.
    fn code(&self) -> Option<u16> {
        let named = self.reply.error.as_ref().and_then(ErrorBody::numeric_code);
        named.filter(|code| (400..600).contains(code)).or(self.status)
    }

    /// 429 in any form, unless the words say that waiting does not help.
    fn is_limited(&self, known: Option<&KnownError>) -> bool {
        let too_many = self.status == Some(429) || self.code() == Some(429);
        match known {
            Some(known) if WAIT.contains(&known.id.as_str()) => true,
            Some(known) => too_many && !matches!(known.level, Level::Account | Level::Key),
            None => too_many,
        }
    }

    /// Where it fails, by the status alone.
    fn level(&self) -> Level {
        let upstream = self.reply.error.as_ref().is_some_and(ErrorBody::is_upstream);
        match self.code() {
            Some(400 | 413 | 415 | 422) => Level::Prompt,
            Some(403) if self.is_html() => Level::Network,
            Some(401 | 403) => Level::Key,
            Some(402 | 429) => Level::Account,
            Some(404) if upstream => Level::Model,
            Some(400..500) => Level::Route,
            Some(500..) => Level::Upstream,
            _ if self.reply.error.is_some() => Level::Upstream,
            _ => Level::Route,
        }
    }

    /// The judgement on a refusal.
    pub fn refusal(&self) -> Judged {
        let known = self.known();
        let level = known.map_or_else(|| self.level(), |known| known.level);
        let limited = self.is_limited(known);
        let silent = limited || matches!(level, Level::Prompt | Level::Reply);
        let finding = if silent { Finding::Silent } else { Finding::Failed };
        let class = match limited {
            true => "limited",
            false if self.is_web_page() => "web page",
            false if self.is_html() && self.status >= Some(500) => "CDN page",
            false => class_of(level),
        };
        Judged {
            known: known.map(|known| known.id.clone()),
            request_id: request_id(self.reply),
            ..Judged::new(class, finding, Some(level), &self.reason)
        }
    }

    /// The judgement on a refusal of a path that a server need not have: that it is missing says nothing.
    pub fn refusal_of_optional(&self) -> Judged {
        let judged = self.refusal();
        let missing = matches!(self.code(), Some(404 | 405)) || judged.known.as_deref() == Some("invalid-url");
        match judged.level {
            Some(Level::Key | Level::Account) => judged,
            _ if missing => Judged { class: "not offered".to_owned(), finding: Finding::Silent, level: None, ..judged },
            _ => judged,
        }
    }

    /// A good status with nothing in it that could be judged.
    pub fn unclear(&self, class: &str) -> Judged {
        Judged::new(class, Finding::Silent, None, &self.reason)
    }
}

/// The judgement on a request that ended without a whole reply; `None` where the body can be judged.
pub fn unanswered(catalog: &Catalog, seen: &Seen, reply: &Reply) -> Option<Judged> {
    let refused = reply.error.is_some() || seen.status.is_some_and(|status| status >= 400);
    let (class, finding, level, why) = match seen.ending {
        Ending::Complete => return None,
        Ending::Cut(_) if refused => return None,
        Ending::Cut(why) => ("cut", Finding::Failed, Some(Level::Network), why.as_str()),
        Ending::NotSent(why) | Ending::NoReply(why) => ("network", Finding::Failed, Some(Level::Network), why.as_str()),
        Ending::TimedOut(why) => ("timeout", Finding::Failed, Some(Level::Upstream), why.as_str()),
        Ending::Cancelled { .. } => ("cancelled", Finding::Silent, None, "cancelled before the answer came"),
        Ending::Interrupted => ("interrupted", Finding::Silent, None, "interrupted before the answer came"),
    };
    let known = known_on_the_line(catalog, why);
    Some(Judged { known, ..Judged::new(class, finding, level, why) })
}

/// The entry for an error of the line itself.
pub fn known_on_the_line(catalog: &Catalog, why: &str) -> Option<String> {
    catalog.known_error(why).filter(|known| known.level == Level::Network).map(|known| known.id.clone())
}

/// The request id inside an error message.
pub fn request_id(reply: &Reply) -> Option<String> {
    reply.error.as_ref().and_then(ErrorBody::any_request_id).map(str::to_owned)
}

fn class_of(level: Level) -> &'static str {
    match level {
        Level::Network => "network",
        Level::Key => "key refused",
        Level::Account => "account refused",
        Level::Model => "not mapped for this key",
        Level::Route => "route failed",
        Level::Upstream => "upstream failed",
        Level::Prompt => "request refused",
        Level::Reply => "no picture",
    }
}
