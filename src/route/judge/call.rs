//! A call of the user's, or a paid probe: what its verdict says of the route, and not of the prompt.

use super::answer::{Answer, known_on_the_line, request_id};
use super::{Judged, brief};
use crate::catalog::{Catalog, Level};
use crate::route::evidence::Finding;
use crate::wire::reply::Reply;
use crate::wire::verdict::{Verdict, Word};

/// Judges a call by its verdict; a refused prompt, 429 and a cancelled call say nothing of the route.
pub fn call(catalog: &Catalog, verdict: &Verdict, status: Option<u16>, reply: &Reply, body: &[u8]) -> Judged {
    let answer = Answer { catalog, reply, body, status, reason: brief(&verdict.reason) };
    let word = verdict.word;
    let plain = |finding, level| Judged::new(word.as_str(), finding, level, &answer.reason);
    let on_the_line = || known_on_the_line(catalog, &answer.reason);
    let judged = match word {
        Word::Image if is_whole(reply) => plain(Finding::Picture, None),
        Word::Image | Word::ImageLink => plain(Finding::Odd, Some(Level::Reply)),
        Word::WrongShape | Word::Cut if !reply.pictures.is_empty() => plain(Finding::Odd, Some(Level::Reply)),
        Word::WrongShape => plain(Finding::Failed, Some(Level::Reply)),
        Word::Cut => plain(Finding::Failed, Some(Level::Network)),
        Word::Text | Word::Blocked | Word::NoImage | Word::Empty | Word::MaxTokens => without_picture(&answer, word),
        Word::GatewayError | Word::UpstreamError | Word::NotJson => refused(&answer, word),
        Word::Network => Judged { known: on_the_line(), ..plain(Finding::Failed, Some(Level::Network)) },
        Word::Timeout => plain(Finding::Failed, Some(Level::Upstream)),
        Word::Cancelled | Word::Interrupted => plain(Finding::Silent, None),
    };
    Judged { request_id: request_id(reply), ..judged }
}

/// A picture that the header proves to be one.
fn is_whole(reply: &Reply) -> bool {
    let data = reply.final_picture().and_then(|picture| picture.data.as_ref());
    data.is_some_and(|data| data.sniffed.is_some() && data.size.is_some())
}

/// The model's own answer, which the table of finish reasons explains.
fn without_picture(answer: &Answer, word: Word) -> Judged {
    let known = answer.known();
    let asked = matches!(word, Word::Blocked | Word::MaxTokens);
    let level = known.map_or(if asked { Level::Prompt } else { Level::Reply }, |known| known.level);
    let known = known.map(|known| known.id.clone());
    Judged { known, ..Judged::new(word.as_str(), Finding::Silent, Some(level), &answer.reason) }
}

fn refused(answer: &Answer, word: Word) -> Judged {
    let judged = answer.refusal();
    let class = if judged.class == "limited" { judged.class.clone() } else { word.as_str().to_owned() };
    Judged { class, ..judged }
}
