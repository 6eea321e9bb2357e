//! Whether a call was probably charged, by what its reply says and how it ended.

use super::error::ErrorBody;
use super::reply::Reply;
use super::verdict::{Ending, Word};
use serde::Serialize;

/// Whether the call was probably paid for.
///
/// `likely`: a picture, a link or text came, or output tokens were counted. `unlikely`: nothing was sent, the reply
/// says so, a 4xx status, or the prompt was refused before any output. `unknown`: everything else, above all whatever ended
/// after the request had left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Charged {
    Likely,
    Unlikely,
    Unknown,
}

impl Charged {
    pub fn parse(text: &str) -> Option<Charged> {
        [Charged::Likely, Charged::Unlikely, Charged::Unknown].into_iter().find(|charged| charged.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Charged::Likely => "likely",
            Charged::Unlikely => "unlikely",
            Charged::Unknown => "unknown",
        }
    }
}

/// Judges it for a reply whose verdict has this word.
pub fn charged(reply: &Reply, word: Word, status: Option<u16>, ending: &Ending) -> Charged {
    if matches!(ending, Ending::NotSent(_) | Ending::Cancelled { sent: false }) || says_not_charged(reply) {
        return Charged::Unlikely;
    }
    let tokens = |name| reply.tokens(name).unwrap_or(0);
    let output = tokens("candidatesTokenCount").saturating_add(tokens("thoughtsTokenCount"));
    let status = status.or_else(|| reply.error.as_ref().and_then(ErrorBody::numeric_code));
    match word {
        Word::Image | Word::ImageLink | Word::Text | Word::MaxTokens => Charged::Likely,
        Word::WrongShape if reply.pictures.is_empty() => Charged::Unknown,
        Word::WrongShape => Charged::Likely,
        Word::Timeout | Word::Cancelled | Word::Interrupted | Word::Network => Charged::Unknown,
        _ if output > 0 || reply.pictures.iter().any(|p| p.data.is_some()) => Charged::Likely,
        Word::Blocked if reply.block.is_some() => Charged::Unlikely,
        Word::GatewayError | Word::UpstreamError if status.is_some_and(|s| (400..500).contains(&s) && s != 499) => {
            Charged::Unlikely
        }
        _ => Charged::Unknown,
    }
}

fn says_not_charged(reply: &Reply) -> bool {
    reply.finish.iter().filter_map(|f| f.message.as_str()).any(|m| m.to_ascii_lowercase().contains("not be charged"))
}
