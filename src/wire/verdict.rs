//! The one line that says what happened: a word, the reason in the server's words, and whether it was probably charged.

use super::brief::{self, brief};
pub use super::charged::Charged;
use super::charged::charged;
use super::document::Format;
use super::error::ErrorBody;
use super::link::redacted;
use super::reply::{Finish, Reply};
use serde::Serialize;

/// The verdict word; stable, scripts depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    Image,
    ImageLink,
    Text,
    Blocked,
    NoImage,
    Empty,
    MaxTokens,
    WrongShape,
    GatewayError,
    UpstreamError,
    NotJson,
    Network,
    Cut,
    Timeout,
    Cancelled,
    Interrupted,
}

impl Word {
    pub const ALL: [Word; 16] = [
        Word::Image,
        Word::ImageLink,
        Word::Text,
        Word::Blocked,
        Word::NoImage,
        Word::Empty,
        Word::MaxTokens,
        Word::WrongShape,
        Word::GatewayError,
        Word::UpstreamError,
        Word::NotJson,
        Word::Network,
        Word::Cut,
        Word::Timeout,
        Word::Cancelled,
        Word::Interrupted,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Word::Image => "image",
            Word::ImageLink => "image_link",
            Word::Text => "text",
            Word::Blocked => "blocked",
            Word::NoImage => "no_image",
            Word::Empty => "empty",
            Word::MaxTokens => "max_tokens",
            Word::WrongShape => "wrong_shape",
            Word::GatewayError => "gateway_error",
            Word::UpstreamError => "upstream_error",
            Word::NotJson => "not_json",
            Word::Network => "network",
            Word::Cut => "cut",
            Word::Timeout => "timeout",
            Word::Cancelled => "cancelled",
            Word::Interrupted => "interrupted",
        }
    }

    pub fn parse(text: &str) -> Option<Word> {
        Word::ALL.into_iter().find(|word| word.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub word: Word,
    pub reason: String,
    pub charged: Charged,
    /// Nothing had left when it ended: tells the two kinds of `network` apart.
    pub before_any_byte: bool,
}

impl Verdict {
    pub fn exit_code(&self) -> u8 {
        match self.word {
            Word::Image => 0,
            Word::ImageLink
            | Word::Text
            | Word::Blocked
            | Word::NoImage
            | Word::Empty
            | Word::MaxTokens
            | Word::WrongShape => 1,
            Word::GatewayError | Word::UpstreamError | Word::NotJson => 3,
            Word::Network if self.before_any_byte => 3,
            Word::Network | Word::Cut | Word::Timeout | Word::Cancelled | Word::Interrupted => 4,
        }
    }

    /// `word: reason`.
    pub fn line(&self) -> String {
        format!("{}: {}", self.word.as_str(), self.reason)
    }
}

/// How the transfer ended, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The whole body arrived, or it was read from a file.
    Complete,
    /// The connection ended inside the body.
    Cut(String),
    /// A limit of time passed.
    TimedOut(String),
    /// `sent` tells whether any byte of the request had left.
    Cancelled {
        sent: bool,
    },
    Interrupted,
    /// No byte of the request had left.
    NotSent(String),
    /// The request, or some of it, had left and no reply came.
    NoReply(String),
}

/// Judges a reply. `status` is `None` for a saved body, whose status nobody knows.
pub fn judge(reply: &Reply, body: &[u8], status: Option<u16>, ending: &Ending) -> Verdict {
    let refused = status.is_some_and(|s| s >= 400) || reply.error.is_some();
    let (word, reason) = match ending {
        Ending::NotSent(why) => (Word::Network, why.clone()),
        Ending::NoReply(why) => (Word::Network, format!("{why}; the request had left, it may be billed")),
        Ending::TimedOut(why) => (Word::Timeout, why.clone()),
        Ending::Cancelled { sent: false } => (Word::Cancelled, "cancelled before anything was sent".to_owned()),
        Ending::Cancelled { sent: true } => {
            (Word::Cancelled, "cancelled here after the request had left; it may be billed".to_owned())
        }
        Ending::Interrupted => (Word::Interrupted, "sent, answer unknown, may be billed".to_owned()),
        Ending::Cut(why) if !refused => (Word::Cut, why.clone()),
        Ending::Cut(_) | Ending::Complete => of_body(reply, body, status),
    };
    let charged = charged(reply, word, status, ending);
    Verdict {
        word,
        reason: brief(&reason, brief::SENTENCE),
        charged,
        before_any_byte: matches!(ending, Ending::NotSent(_)),
    }
}

fn of_body(reply: &Reply, body: &[u8], status: Option<u16>) -> (Word, String) {
    let has_data = reply.pictures.iter().any(|p| p.data.is_some());
    if let Some(error) = reply.error.as_ref().filter(|_| !has_data) {
        return (error_word(error, status), error.words());
    }
    if let Some(found) = not_json(reply, body, status) {
        return found;
    }
    if let Some(why) = cut(reply) {
        return (Word::Cut, why);
    }
    if let Some(status) = status.filter(|s| *s >= 400) {
        return (Word::GatewayError, format!("HTTP {status} with a body that names no error"));
    }
    of_content(reply, body)
}

fn error_word(error: &ErrorBody, status: Option<u16>) -> Word {
    let under_200 = status.is_some_and(|s| s < 400) && error.shape != super::error::Shape::Google;
    if error.is_upstream() && !under_200 { Word::UpstreamError } else { Word::GatewayError }
}

fn not_json(reply: &Reply, body: &[u8], status: Option<u16>) -> Option<(Word, String)> {
    let refused = status.filter(|s| *s >= 400);
    let status_of = |word: &str| refused.map_or_else(|| word.to_owned(), |s| format!("HTTP {s}, {word}"));
    let word = if refused.is_some() { Word::GatewayError } else { Word::NotJson };
    match reply.document.format {
        Format::Empty => {
            Some((if refused.is_some() { Word::GatewayError } else { Word::Empty }, status_of("an empty body")))
        }
        Format::Html => {
            Some((word, status_of(&format!("an HTML page: {}", reply.title.as_deref().unwrap_or("without a title")))))
        }
        Format::Text => {
            Some((word, status_of(&format!("plain text: {}", first_words(&String::from_utf8_lossy(body))))))
        }
        Format::BrokenJson if reply.document.cut => None,
        // What was read of a reply without end is enough where a picture is in it.
        Format::BrokenJson
            if reply.final_picture().is_some() && reply.document.payloads.iter().any(|p| p.index.is_full()) =>
        {
            None
        }
        Format::BrokenJson if reply.document.payloads.iter().any(|p| p.index.trailing.is_some() || lax_only(p)) => None,
        Format::BrokenJson => Some((word, status_of(reply.notes.first().map_or("not valid JSON", String::as_str)))),
        Format::Json | Format::JsonArray | Format::Sse => None,
    }
}

/// Control characters inside strings: every value was read, so the content decides.
fn lax_only(payload: &super::document::Payload) -> bool {
    payload.index.fault.is_some_and(|f| f.kind == super::index::FaultKind::Lax)
}

fn cut(reply: &Reply) -> Option<String> {
    if reply.document.cut {
        return Some(match reply.document.format {
            Format::Sse => "the stream ends inside an event".to_owned(),
            _ => "the JSON ends too early".to_owned(),
        });
    }
    let unfinished = reply.document.format == Format::Sse && reply.finish.is_empty() && reply.block.is_none();
    (unfinished && reply.gemini_shaped).then(|| "the stream ends without a finishReason".to_owned())
}

fn of_content(reply: &Reply, body: &[u8]) -> (Word, String) {
    if let Some(picture) = reply.final_picture().filter(|p| p.data.is_some()) {
        let word = if picture.from == super::picture::From::OpenaiImage { Word::WrongShape } else { Word::Image };
        let shape = if word == Word::WrongShape { "an OpenAI-images body on the native route, with " } else { "" };
        return (word, format!("{shape}{}", describe(reply)));
    }
    if let Some(block) = &reply.block {
        return (Word::Blocked, with_message("blockReason", &block.reason, &block.message));
    }
    if let Some(openai) = reply.pictures.iter().find(|p| p.from == super::picture::From::OpenaiImage) {
        return (
            Word::WrongShape,
            format!("an OpenAI-images body with a link: {}", redacted(openai.url().unwrap_or_default())),
        );
    }
    if !reply.gemini_shaped && reply.document.payloads.iter().any(|p| p.index.nodes.len() > 1) {
        return (Word::WrongShape, "JSON without candidates, promptFeedback or error".to_owned());
    }
    let text = reply.text(body);
    let said = first_words(&text);
    match decisive(reply) {
        Some(finish) if is_max_tokens(finish) => {
            (Word::MaxTokens, with_message("finishReason", &finish.reason, &finish.message))
        }
        Some(finish) if is_safety(finish) => {
            (Word::Blocked, with_message("finishReason", &finish.reason, &finish.message))
        }
        _ if reply.pictures.iter().any(|p| p.url().is_some()) => {
            let url = reply.final_picture().and_then(|p| p.url()).unwrap_or_default();
            (Word::ImageLink, format!("only a hosted link: {}", redacted(url)))
        }
        Some(finish) if !is_plain_stop(finish) => {
            let words = with_message("finishReason", &finish.reason, &finish.message);
            (Word::NoImage, if said.is_empty() { words } else { format!("{words} · {said}") })
        }
        _ if !said.is_empty() => (Word::Text, said),
        _ if reply.parts.iter().any(has_something) => (Word::NoImage, format!("only {} and no picture", kinds(reply))),
        _ => (Word::Empty, empty_reason(reply)),
    }
}

fn empty_reason(reply: &Reply) -> String {
    match reply.finish.first() {
        Some(finish) => format!("{} with nothing in it", with_message("finishReason", &finish.reason, &finish.message)),
        None => "no candidates and no reason".to_owned(),
    }
}

fn describe(reply: &Reply) -> String {
    let Some((picture, data)) = reply.final_picture().and_then(|p| Some((p, p.data.as_ref()?))) else {
        return String::new();
    };
    let kind = data.sniffed.or(picture.mime.as_deref()).unwrap_or("unknown type");
    let size = data.size.map_or_else(String::new, |(w, h)| format!(" {w}×{h}"));
    let thought = if picture.thought { ", a thought picture alone" } else { "" };
    let others = reply.pictures.len() - 1;
    let more = if others > 0 { format!(", {others} more in the reply") } else { String::new() };
    format!("{kind}{size}, {} bytes{thought}{more}", data.bytes)
}

/// The finish that explains a missing picture: the first that is no plain stop.
fn decisive(reply: &Reply) -> Option<&Finish> {
    reply.finish.iter().find(|f| !is_plain_stop(f)).or(reply.finish.first())
}

fn is_plain_stop(finish: &Finish) -> bool {
    matches!(finish.reason.as_str(), Some("STOP" | "FINISH_REASON_UNSPECIFIED" | ""))
}

fn is_max_tokens(finish: &Finish) -> bool {
    finish.reason == "MAX_TOKENS"
}

/// Reasons by which a filter refused the output. Unknown ones are not guessed at.
fn is_safety(finish: &Finish) -> bool {
    matches!(
        finish.reason.as_str(),
        Some(
            "SAFETY"
                | "RECITATION"
                | "BLOCKLIST"
                | "PROHIBITED_CONTENT"
                | "SPII"
                | "IMAGE_SAFETY"
                | "IMAGE_PROHIBITED_CONTENT"
                | "IMAGE_RECITATION"
                | "MODEL_ARMOR"
                | "JAILBREAK"
        )
    )
}

fn has_something(part: &super::part::Part) -> bool {
    use super::part::Content;
    !matches!(part.contents[..], [Content::Empty]) && part.text().is_none_or(|text| text.chars > 0)
}

fn kinds(reply: &Reply) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for part in reply.parts.iter().filter(|p| has_something(p)) {
        let kind = if part.thought { format!("thought {}", part.kind()) } else { part.kind().to_owned() };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.join(", ")
}

fn with_message(label: &str, reason: &serde_json::Value, message: &serde_json::Value) -> String {
    let reason = reason.as_str().map_or_else(|| reason.to_string(), str::to_owned);
    match message.as_str().filter(|m| !m.is_empty()) {
        Some(message) => format!("{label} {reason}: {message}"),
        None => format!("{label} {reason}"),
    }
}

/// The first 200 characters, white space folded. Only a beginning is looked at: a text may be as long as a body.
fn first_words(text: &str) -> String {
    let head = text.char_indices().nth(4000).map_or(text, |(end, _)| &text[..end]);
    let folded = head.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &folded[..end]),
        None => folded,
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::read;
    use super::*;

    fn verdict(body: &str, status: Option<u16>) -> Verdict {
        judge(&read(body.as_bytes()), body.as_bytes(), status, &Ending::Complete)
    }

    #[test]
    fn bodies_and_their_words() {
        let candidate = |inner: &str| format!(r#"{{"candidates":[{{{inner}}}]}}"#);
        let picture = r#"{"inlineData":{"mimeType":"image/gif","data":"R0lGODlhAQABAAAAACw="}}"#;
        let table = [
            (candidate(&format!(r#""content":{{"parts":[{picture}]}},"finishReason":"STOP""#)), Some(200), Word::Image),
            (candidate(r#""content":{"parts":[{"text":"I cannot."}]},"finishReason":"STOP""#), Some(200), Word::Text),
            (
                candidate(r#""content":{"parts":[{"text":"![a](https://x.test/a)"}]},"finishReason":"STOP""#),
                Some(200),
                Word::ImageLink,
            ),
            (candidate(r#""finishReason":"STOP""#), Some(200), Word::Empty),
            (candidate(r#""finishReason":"NO_IMAGE""#), Some(200), Word::NoImage),
            (
                candidate(r#""finishReason":"IMAGE_MOON_PHASE","content":{"parts":[{"text":"hm"}]}"#),
                Some(200),
                Word::NoImage,
            ),
            (candidate(r#""finishReason":"IMAGE_SAFETY""#), Some(200), Word::Blocked),
            (
                candidate(r#""finishReason":"MAX_TOKENS","content":{"parts":[{"text":"hm"}]}"#),
                Some(200),
                Word::MaxTokens,
            ),
            (
                candidate(r#""content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"STOP""#),
                Some(200),
                Word::NoImage,
            ),
            (r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#.to_owned(), Some(200), Word::Blocked),
            (r#"{"data":[{"url":"https://x.test/a.png"}]}"#.to_owned(), Some(200), Word::WrongShape),
            (r#"{"object":"list"}"#.to_owned(), Some(200), Word::WrongShape),
            ("{}".to_owned(), Some(200), Word::Empty),
            (String::new(), Some(200), Word::Empty),
            (String::new(), Some(429), Word::GatewayError),
            ("<html><title>Sign in</title>".to_owned(), Some(200), Word::NotJson),
            ("<html><title>524: A timeout</title>".to_owned(), Some(524), Word::GatewayError),
            ("gone".to_owned(), Some(200), Word::NotJson),
            (r#"{"a" 1}"#.to_owned(), Some(200), Word::NotJson),
            (r#"{"candidates":[{"cont"#.to_owned(), Some(200), Word::Cut),
            ("data: {\"candidates\":[{\"content\":{\"parts\":[]}}]}\n\n".to_owned(), Some(200), Word::Cut),
            (
                r#"{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}"#.to_owned(),
                Some(400),
                Word::UpstreamError,
            ),
            (
                r#"{"error":{"code":"get_channel_failed","message":"m","type":"new_api_error"}}"#.to_owned(),
                Some(500),
                Word::GatewayError,
            ),
            (
                r#"{"error":{"code":400,"message":"m","type":"upstream_error"}}"#.to_owned(),
                Some(400),
                Word::UpstreamError,
            ),
            (
                r#"{"error":{"code":400,"message":"m","type":"upstream_error"}}"#.to_owned(),
                Some(200),
                Word::GatewayError,
            ),
        ];
        for (body, status, word) in table {
            assert_eq!(verdict(&body, status).word, word, "{body}");
        }
    }

    #[test]
    fn the_charge_is_told_by_rule() {
        let prompt =
            verdict(r#"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9}}"#, Some(200));
        assert_eq!(prompt.charged, Charged::Unlikely);
        let kind = verdict(
            r#"{"candidates":[{"finishReason":"IMAGE_OTHER","finishMessage":"You will not be charged."}]}"#,
            Some(200),
        );
        assert_eq!(kind.charged, Charged::Unlikely);
        assert_eq!(kind.reason, "finishReason IMAGE_OTHER: You will not be charged.");
        assert_eq!(verdict(r#"{"candidates":[{"finishReason":"NO_IMAGE"}]}"#, Some(200)).charged, Charged::Unknown);
        assert_eq!(verdict("", Some(429)).charged, Charged::Unlikely);
        assert_eq!(verdict("", Some(524)).charged, Charged::Unknown);
    }

    #[test]
    fn the_ending_decides_over_the_body() {
        let body = r#"{"candidates":[]}"#;
        let judged = |ending| judge(&read(body.as_bytes()), body.as_bytes(), Some(200), &ending);
        let table = [
            (Ending::NotSent("refused".into()), Word::Network, 3),
            (Ending::NoReply("closed".into()), Word::Network, 4),
            (Ending::Cut("closed".into()), Word::Cut, 4),
            (Ending::TimedOut("idle".into()), Word::Timeout, 4),
            (Ending::Cancelled { sent: true }, Word::Cancelled, 4),
            (Ending::Interrupted, Word::Interrupted, 4),
        ];
        for (ending, word, exit) in table {
            let verdict = judged(ending.clone());
            assert_eq!((verdict.word, verdict.exit_code()), (word, exit), "{ending:?}");
        }
    }
}
