//! The card on a call that brought no picture: what the server said, whether it was charged, what to try.

use super::log::word_style;
use super::paint::Piece;
use crate::app::State;
use crate::app::log::Entry;
use crate::call::Outcome;
use crate::text::{self, Safe};
use crate::theme::Styles;
use crate::wire::reply::Reply;
use crate::wire::verdict::Word;
use serde_json::Value;

/// Labels stand in a column of this width.
const LABEL: usize = 15;
/// Of one text, on the whole card.
const MOST_LINES: usize = 20;

/// The card's lines for a width; `whole` leaves nothing out, for a box that scrolls.
pub fn lines(entry: &Entry, state: &State, styles: &Styles, width: usize, whole: bool) -> Vec<Vec<Piece>> {
    let Some(outcome) = entry.outcome() else { return vec![] };
    let mut card = Card { lines: vec![], styles, width, whole };
    card.lines.push(vec![(Safe::from(outcome.verdict.word.as_str()), word_style(outcome.verdict.word, styles))]);
    let shown = state.shown.as_ref().filter(|shown| shown.entry == entry.number);
    let reply = shown.map(|shown| &shown.reading.reply);
    // The reason repeats what the reply says in its own fields, where it says something.
    if !reply.is_some_and(|reply| reply.block.is_some() || reply.error.is_some() || !reply.finish.is_empty()) {
        card.paragraph(&outcome.verdict.reason, 4);
    }
    if let Some(shown) = shown {
        said(&mut card, &shown.reading.reply, shown.reading.body.bytes());
    }
    facts(&mut card, outcome);
    advice(&mut card, outcome, reply, state);
    for note in &outcome.notes {
        card.fact("note", Some(note.clone()), 2);
    }
    card.lines
}

struct Card<'a> {
    lines: Vec<Vec<Piece>>,
    styles: &'a Styles,
    width: usize,
    whole: bool,
}

impl Card<'_> {
    fn paragraph(&mut self, text: &str, most: usize) {
        let rows = self.rows(text, self.width, most);
        self.lines.extend(rows.into_iter().map(|row| vec![(row, self.styles.text)]));
    }

    /// A labelled text, over as many as `most` lines.
    fn fact(&mut self, label: &'static str, value: Option<String>, most: usize) {
        let Some(value) = value.filter(|value| !value.is_empty()) else { return };
        for (row, line) in self.rows(&value, self.width.saturating_sub(LABEL), most).into_iter().enumerate() {
            let name = if row == 0 { Safe::from(label) } else { Safe::default() };
            self.lines.push(vec![(text::pad(&name, LABEL), self.styles.dim), (line, self.styles.text)]);
        }
    }

    /// Wrapped to `width`; what goes beyond `most` lines is marked as left out.
    fn rows(&self, value: &str, width: usize, most: usize) -> Vec<Safe> {
        let most = if self.whole { MOST_LINES } else { most };
        let mut rows = text::wrap(&Safe::head(value, 4000), width);
        if rows.len() > most {
            rows.truncate(most);
            if let Some(last) = rows.last_mut() {
                *last = text::clip(&Safe::of(&format!("{last} …")), width);
            }
        }
        rows
    }
}

/// What the reply itself says.
fn said(card: &mut Card, reply: &Reply, body: &[u8]) {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for finish in &reply.finish {
        card.fact("finishReason", Some(word(&finish.reason)), 1);
        card.fact("finishMessage", finish.message.as_str().map(str::to_owned), 3);
    }
    if let Some(block) = &reply.block {
        card.fact("blockReason", Some(word(&block.reason)), 1);
        card.fact("blockMessage", block.message.as_str().map(str::to_owned), 3);
    }
    if let Some(error) = &reply.error {
        card.fact("error", Some(error.words()), 4);
        card.fact("retry after", error.retry_after_s().map(|s| format!("{s} s")), 1);
        let fields = error
            .innermost()
            .field_violations
            .iter()
            .flatten()
            .map(|(field, why)| format!("{} {}", word(field), word(why)));
        card.fact("fields", Some(fields.collect::<Vec<_>>().join("; ")), 2);
    }
    card.fact("text reply", Some(reply.text_head(body, 2000)), 3);
    let count = |name| reply.tokens(name).map(|n| n.to_string());
    let usage = [
        ("prompt", "promptTokenCount"),
        ("output", "candidatesTokenCount"),
        ("thoughts", "thoughtsTokenCount"),
        ("total", "totalTokenCount"),
    ];
    let usage: Vec<String> =
        usage.into_iter().filter_map(|(label, name)| Some(format!("{label} {}", count(name)?))).collect();
    card.fact("tokens", Some(usage.join(" · ")), 1);
}

fn facts(card: &mut Card, outcome: &Outcome) {
    let status = outcome.status.map(|status| format!("HTTP {status}"));
    let id = outcome.request_id.as_ref().map(|id| format!("request id {id}"));
    card.fact("reply", Some([status, id].into_iter().flatten().collect::<Vec<_>>().join(" · ")), 2);
    card.fact("charged", Some(outcome.verdict.charged.as_str().to_owned()), 1);
}

/// From the dated table of known errors, by the longest text that matches.
fn advice(card: &mut Card, outcome: &Outcome, reply: Option<&Reply>, state: &State) {
    let mut text = outcome.verdict.reason.clone();
    if let Some(error) = reply.and_then(|reply| reply.error.as_ref()) {
        text.push('\n');
        text.push_str(&error.haystack());
    }
    if let Some(known) = state.setup.catalog.known_error(&text) {
        card.fact("means", Some(known.meaning.clone()), 3);
        card.fact("try", Some(known.advice.clone()), 3);
    } else {
        card.fact("try", Some(general_advice(outcome).to_owned()), 3);
    }
}

/// What to try when the table knows no better.
fn general_advice(outcome: &Outcome) -> &'static str {
    match (outcome.verdict.word, outcome.status) {
        (Word::Text | Word::NoImage | Word::Empty, _) => {
            "ask for an image outright in the prompt, keep the modalities at IMAGE, or try another model"
        }
        (Word::ImageLink, _) => {
            "open the link yourself, soon: such links expire; a model that answers with inlineData needs none"
        }
        (Word::Blocked, _) => "change the prompt or the reference pictures; the same request is refused again",
        (Word::MaxTokens, _) => "raise maxOutputTokens or lower the thinking level",
        (Word::WrongShape, _) => {
            "the gateway answers in another API's form; ask the model on its native route, or tell the gateway's operator"
        }
        (Word::GatewayError | Word::UpstreamError, Some(401 | 403)) => {
            "check the key and what it may do: `unpeel doctor` says where it comes from"
        }
        (Word::GatewayError | Word::UpstreamError, Some(429)) => "wait, then send again",
        (Word::GatewayError | Word::UpstreamError, _) => {
            "send again later, or another model or profile; the request id helps the gateway's support"
        }
        (Word::NotJson, _) => "check the base URL: a page came where the API should be",
        (Word::Network, _) => "check the address, the network and the proxy",
        (Word::Cut, _) => "the stored body keeps what came; stream mode survives some proxies that cut long replies",
        (Word::Timeout, _) => "look into the gateway's log before you send again: it may still finish and bill",
        (Word::Cancelled | Word::Interrupted, _) => {
            "look into the gateway's log before you send again: it may be billed"
        }
        (Word::Image, _) => "",
    }
}
