//! The card on a call that brought no picture: what the server said, whether it was charged, what to try.

use super::links;
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
use std::fmt::{self, Display};

/// Labels stand in a column of this width.
const LABEL: usize = 15;
/// Of one text, on the whole card.
const MOST_LINES: usize = 20;
/// Characters of one text.
const LONGEST: usize = 4000;
/// Of which the table of known errors is asked.
const SEARCHED: usize = 16_000;
/// Finish reasons, notes and wrong fields that are told, and characters of each field.
const MOST_FINISHES: usize = 4;
const MOST_NOTES: usize = 50;
const MOST_FIELDS: usize = 16;
const FIELD: usize = 400;

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
    for note in outcome.notes.iter().take(MOST_NOTES) {
        card.foreign("note", note, 2);
    }
    card.more("note", outcome.notes.len(), MOST_NOTES);
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
        let text = Safe::head(&links::redacted_in(&text::beginning(text, LONGEST)), LONGEST);
        let rows = self.rows(&text, self.width, most);
        self.lines.extend(rows.into_iter().map(|row| vec![(row, self.styles.text)]));
    }

    /// A labelled text, over as many as `most` lines; an empty one has none. It may be huge: its beginning is taken before
    /// anything is done with it, since a card is drawn again for every key.
    fn fact(&mut self, label: &'static str, value: impl Display, most: usize) {
        let value = Safe::head_of(value, LONGEST);
        if value.is_empty() {
            return;
        }
        for (row, line) in self.rows(&value, self.width.saturating_sub(LABEL), most).into_iter().enumerate() {
            let name = if row == 0 { Safe::from(label) } else { Safe::default() };
            self.lines.push(vec![(text::pad(&name, LABEL), self.styles.dim), (line, self.styles.text)]);
        }
    }

    /// What a server said, its links as they may be shown.
    fn foreign(&mut self, label: &'static str, value: impl Display, most: usize) {
        self.fact(label, links::redacted_in(&text::beginning(value, LONGEST)), most);
    }

    /// How many there are of which only the first `most` are told.
    fn more(&mut self, label: &'static str, all: usize, most: usize) {
        if all > most {
            self.fact(label, format_args!("{} more", all - most), 1);
        }
    }

    /// Wrapped to `width`; what goes beyond `most` lines is marked as left out.
    fn rows(&self, value: &Safe, width: usize, most: usize) -> Vec<Safe> {
        let most = if self.whole { MOST_LINES } else { most };
        let mut rows = text::wrap(value, width);
        if rows.len() > most {
            rows.truncate(most);
            if let Some(last) = rows.last_mut() {
                *last = text::clip(&Safe::of(&format!("{last} …")), width);
            }
        }
        rows
    }
}

/// A string as it is, anything else as JSON; at most its beginning is written.
fn word(value: &Value) -> impl Display {
    fmt::from_fn(move |f: &mut fmt::Formatter<'_>| match value {
        Value::String(text) => f.write_str(text),
        other => write!(f, "{other}"),
    })
}

/// A string, or nothing.
fn sentence(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What the reply itself says.
fn said(card: &mut Card, reply: &Reply, body: &[u8]) {
    for finish in reply.finish.iter().take(MOST_FINISHES) {
        card.foreign("finishReason", word(&finish.reason), 1);
        card.foreign("finishMessage", sentence(&finish.message), 3);
    }
    card.more("finishReason", reply.finish.len(), MOST_FINISHES);
    if let Some(block) = &reply.block {
        card.foreign("blockReason", word(&block.reason), 1);
        card.foreign("blockMessage", sentence(&block.message), 3);
    }
    if let Some(error) = &reply.error {
        card.foreign("error", error.words(), 4);
        if let Some(seconds) = error.retry_after_s() {
            card.fact("retry after", format_args!("{seconds} s"), 1);
        }
        let fields = error.innermost().field_violations.as_deref().unwrap_or_default();
        let told = fields.iter().take(MOST_FIELDS);
        let told: Vec<String> =
            told.map(|(field, why)| text::beginning(format_args!("{} {}", word(field), word(why)), FIELD)).collect();
        card.foreign("fields", told.join("; "), 2);
        card.more("fields", fields.len(), MOST_FIELDS);
    }
    card.foreign("text reply", reply.text_head(body, 2000), 3);
    let count = |name| reply.tokens(name).map(|n| n.to_string());
    let usage = [
        ("prompt", "promptTokenCount"),
        ("output", "candidatesTokenCount"),
        ("thoughts", "thoughtsTokenCount"),
        ("total", "totalTokenCount"),
    ];
    let usage: Vec<String> =
        usage.into_iter().filter_map(|(label, name)| Some(format!("{label} {}", count(name)?))).collect();
    card.fact("tokens", usage.join(" · "), 1);
}

fn facts(card: &mut Card, outcome: &Outcome) {
    let status = outcome.status.map(|status| format!("HTTP {status}"));
    let id = outcome.request_id.as_ref().map(|id| text::beginning(format_args!("request id {id}"), LONGEST));
    card.fact("reply", [status, id].into_iter().flatten().collect::<Vec<_>>().join(" · "), 2);
    card.fact("charged", outcome.verdict.charged.as_str(), 1);
}

/// From the dated table of known errors, by the longest text that matches.
fn advice(card: &mut Card, outcome: &Outcome, reply: Option<&Reply>, state: &State) {
    let mut text = text::beginning(&outcome.verdict.reason, LONGEST);
    if let Some(error) = reply.and_then(|reply| reply.error.as_ref()) {
        text.push('\n');
        text.push_str(&text::beginning(error.haystack(), SEARCHED));
    }
    if let Some(known) = state.setup.catalog.known_error(&text) {
        card.fact("means", &known.meaning, 3);
        card.fact("try", &known.advice, 3);
    } else {
        card.fact("try", general_advice(outcome), 3);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{self, Depth};
    use crate::wire::reply;
    use serde_json::json;

    fn told(body: &Value) -> Vec<String> {
        let body = body.to_string().into_bytes();
        let styles = theme::styles("ansi", Depth::True).unwrap();
        let mut card = Card { lines: vec![], styles: &styles, width: 70, whole: true };
        said(&mut card, &reply::read(&body), &body);
        let line = |pieces: &Vec<Piece>| pieces.iter().map(|(text, _)| text.as_str()).collect::<String>();
        card.lines.iter().map(|pieces| line(pieces).trim_end().to_owned()).collect()
    }

    #[test]
    fn of_many_finishes_a_few_are_told_and_the_rest_counted() {
        let candidates: Vec<Value> = (0..9).map(|number| json!({"finishReason": format!("R{number}")})).collect();
        let told = told(&json!({"candidates": candidates}));
        assert_eq!(told[..2], ["finishReason   R0", "finishReason   R1"]);
        assert_eq!(told[MOST_FINISHES..], ["finishReason   5 more"]);
    }

    #[test]
    fn a_huge_field_is_cut_and_a_signed_link_is_not_shown() {
        let text = "here: ![fox](https://h/fox.png?X-Amz-Signature=s1&X-Amz-Credential=s2)";
        let told = told(&json!({"candidates": [
            {"finishReason": ["x".repeat(1 << 20)], "content": {"parts": [{"text": text}]}},
        ]}));
        assert!(told.len() <= 2 * MOST_LINES, "{}", told.len());
        let all = told.concat();
        assert!(all.contains("X-Amz-Signature=…") && !all.contains("s1&") && !all.contains("=s2"), "{all}");
    }
}
