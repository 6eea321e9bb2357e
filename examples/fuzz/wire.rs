//! Replies: read, judged, reported and drawn as the program does it, whole and cut off.

use crate::seeds;
use crate::target::{Target, chance, rough, signature};
use fastrand::Rng;
use serde_json::Value;
use std::collections::BTreeSet;
use unpeel::wire::blob::Data;
use unpeel::wire::document::{Payload, Source};
use unpeel::wire::index::{FaultKind, Index};
use unpeel::wire::part::Content;
use unpeel::wire::reply::{self, Reply};
use unpeel::wire::report;
use unpeel::wire::rows::{self, NodeId, Row};
use unpeel::wire::verdict::{self, Ending};

pub const TARGET: Target = Target { name: "wire", seeds, adapt: seeds::whole, words: WORDS, run };

/// So many rows and pictures of one body are looked at closely.
const CLOSELY: usize = 500;

const WORDS: &[&str] = &[
    "\"candidates\":[",
    "{\"content\":{\"parts\":[",
    "{\"text\":\"",
    "\"thought\":true",
    "\"thoughtSignature\":\"QUJD\"",
    "{\"inlineData\":{\"mimeType\":\"image/gif\",\"data\":\"R0lGODlhAQABAAAAACw=\"}}",
    "\"inline_data\":{\"mime_type\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}",
    "\"inlineData\":{\"data\":\"QUJD\"}",
    "\"fileData\":{\"mimeType\":\"image/png\",\"fileUri\":\"https://x.test/a\"}",
    "\"functionCall\":{\"name\":\"f\"}",
    "\"executableCode\":{\"code\":\"x\"}",
    "\"codeExecutionResult\":{\"output\":\"x\"}",
    "\"data\":[{\"b64_json\":\"R0lGODlhAQABAAAAACw=\"}]",
    "\"b64_json\":\"QUJD\"",
    "\"url\":\"https://x.test/a.png?sig=1\"",
    "\"finishReason\":\"STOP\"",
    "\"finishReason\":\"IMAGE_SAFETY\"",
    "\"finishReason\":\"MAX_TOKENS\"",
    "\"finishReason\":\"NO_IMAGE\"",
    "\"finish_reason\":7",
    "\"finishMessage\":\"You will not be charged.\"",
    "\"promptFeedback\":{\"blockReason\":\"SAFETY\"}",
    "\"usageMetadata\":{\"candidatesTokenCount\":",
    "\"thoughtsTokenCount\":",
    "\"modelVersion\":\"m\"",
    "\"responseId\":\"r\"",
    "\"response\":{\"candidates\":",
    "\"index\":",
    "\"index\":0.0",
    "\"error\":",
    "\"error\":\"gone\"",
    "\"success\":false",
    "\"code\":429",
    "\"status\":\"RESOURCE_EXHAUSTED\"",
    "\"type\":\"upstream_error\"",
    "\"message\":\"",
    "{\\\"error\\\":{\\\"message\\\":\\\"",
    "\"details\":[{\"@type\":\"x\",\"retryDelay\":\"3s\"}]",
    "\"violations\":[{\"quotaId\":",
    "(request id: 1)",
    "Please retry in 9.5s",
    "![a](https://x.test/a.png)",
    "https://x.test/a.webp",
    "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
    "data:image/png;base64,iVBORw0K%2BGgo%3D",
    "\ndata: ",
    "\n\n",
    "data: [DONE]",
    "<!doctype html><title>",
    "</title>",
    "\u{feff}",
    "NaN",
];

/// Reasons that change the verdict.
const REASONS: &[&str] = &["STOP", "MAX_TOKENS", "SAFETY", "IMAGE_SAFETY", "NO_IMAGE", "IMAGE_OTHER", ""];

fn seeds() -> Vec<Vec<u8>> {
    let picture = r#"{"inlineData":{"mimeType":"image/png","data":"R0lGODlhAQABAAAAACw="}}"#;
    let wrapped = r#"{"text":"one ![a](data:image/gif;base64,R0lGODlhAQABAAAAACw=)"}"#;
    let thought = r#"{"text":"tw\u00f6 \ud83e\udd8a","thought":true,"thoughtSignature":"QUJD"}"#;
    let usage = r#"{"promptTokenCount":6,"candidatesTokenCount":1290,"thoughtsTokenCount":9}"#;
    let content = format!(r#"{{"parts":[{wrapped},{thought},{picture}],"role":"model"}}"#);
    let candidate = format!(r#"{{"content":{content},"finishReason":"STOP","index":0}}"#);
    let unary =
        format!(r#"{{"candidates":[{candidate}],"usageMetadata":{usage},"modelVersion":"m","responseId":"r"}}"#);
    let stream = format!(": hi\r\ndata: {unary}\r\n\r\nevent: x\ndata: {{\"candidates\":[]}}\n\ndata: [DONE]\n\n");
    let own = [
        unary.replace("inlineData", "inline_data").replace("mimeType", "mime_type"),
        format!("[{unary},{unary}]"),
        format!(r#"{{"response":{unary}}}"#),
        stream,
        unary,
    ];
    let google = r#"{"code":429,"message":"slow","status":"X","details":[{"@type":"x","retryDelay":"3s"}]}"#;
    let inner = r#"{\"error\":{\"code\":400,\"message\":\"contents is required\"}} (request id: 1)"#;
    let parts = r#"{"functionCall":{"name":"f","args":{"x":[1.5e3,-0,null]}}},{"x":1},{},7"#;
    let cut = r#"{"text":"data:image/gif;base64,R0lGOD"},{"text":"lhAQABAAAAACw="}"#;
    let made = [
        format!(r#"{{"error":{google}}}"#),
        format!(r#"{{"error":{{"message":"failed: {inner}","type":"upstream_error","param":""}}}}"#),
        format!(r#"{{"candidates":[{{"content":{{"parts":[{parts}]}}}}]}}"#),
        format!(r#"{{"candidates":[{{"content":{{"parts":[{cut}]}}}}]}}"#),
    ];
    let others = [
        r#"{"created":1,"data":[{"b64_json":"R0lGODlhAQABAAAAACw="},{"url":"https://x.test/a.png"}]}"#,
        r#"{"data":[{"b64_json":"R0lGODlhAQABAAAAACw=","inlineData":{"data":"QUJD"}}]}"#,
        r#"[{"data":[{"url":"https://x.test/a","text":"1"}]},{"candidates":[{"content":{"parts":[{"text":"2"}]}}]}]"#,
        r#"{"usageMetadata":{"candidatesTokenCount":18446744073709551615,"thoughtsTokenCount":1}}"#,
        r#"{"error":"gone","message":"away"}"#,
        r#"{"success":false,"message":"no"}"#,
        r#"{"promptFeedback":{"blockReason":"SAFETY","blockReasonMessage":"no"}}"#,
        r#"{"candidates":[{"finishReason":"IMAGE_SAFETY","finishMessage":"You will not be charged."}]}"#,
        "<!DOCTYPE html><html><title>Sign in</title></html>",
        "{\"a\":\"x\ny\"} {}",
        "gone",
        "",
    ];
    seeds::of(own).into_iter().chain(seeds::of(made)).chain(seeds::of(others)).collect()
}

fn run(body: &[u8]) -> Vec<u64> {
    let mut chance = chance(body);
    let reply = reply::read(body);
    assert!(reply == reply::read(body), "reading twice gives two replies");
    look(&reply, body, &mut chance);
    let start = &body[..chance.usize(..=body.len())];
    look(&reply::read(start), start, &mut chance);
    seen(&reply, body)
}

/// Does with a reply all that views and commands do.
fn look(reply: &Reply, body: &[u8], chance: &mut Rng) {
    reply.document.payloads.iter().for_each(|payload| spans_nest(payload, body));
    let verdict = verdict::judge(reply, body, status(chance), &ending(chance));
    assert!(verdict.line().starts_with(verdict.word.as_str()), "the line does not begin with its word");
    let report = Value::Object(report::report(reply, &verdict)).to_string();
    let fault = Index::of(report.as_bytes()).fault;
    assert!(fault.is_none_or(|fault| fault.kind == FaultKind::TooDeep), "the report is no JSON: {fault:?}");
    rows_are_drawn(reply, body, chance);
    pictures_come_again(reply, body, chance);
    for part in reply.parts.iter().take(CLOSELY) {
        reply.part_head(body, part, chance.usize(..50));
    }
    let (head, text) = (reply.text_head(body, usize::MAX), reply.text(body));
    assert!(text.starts_with(&head), "the head of the text is another text");
}

fn status(chance: &mut Rng) -> Option<u16> {
    [None, Some(200), Some(204), Some(400), Some(429), Some(499), Some(500), Some(524), Some(999)][chance.usize(..9)]
}

fn ending(chance: &mut Rng) -> Ending {
    let why = || "closed".to_owned();
    match chance.u8(..12) {
        0 => Ending::Cut(why()),
        1 => Ending::TimedOut(why()),
        2 => Ending::Cancelled { sent: chance.bool() },
        3 => Ending::Interrupted,
        4 => Ending::NotSent(why()),
        5 => Ending::NoReply(why()),
        _ => Ending::Complete,
    }
}

/// Every value lies inside its container and behind the value before it, and all inside the body.
fn spans_nest(payload: &Payload, body: &[u8]) {
    if let Source::Body(range) = &payload.source {
        assert!(range.start <= range.end && range.end <= body.len(), "{range:?} of {}", body.len());
    }
    let (index, text) = (&payload.index, payload.text(body));
    for (number, node) in index.nodes.iter().enumerate() {
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        assert!(start <= end && end <= text.len(), "{node:?}");
        assert!(number < node.next as usize && node.next as usize <= index.nodes.len(), "{node:?}");
        let mut free = start;
        for child in index.children(number).map(|child| &index.nodes[child]) {
            let first = if child.key.is_empty() { child.span.start } else { child.key.start };
            assert!(child.depth == node.depth + 1 && free <= first as usize, "{child:?} in {node:?}");
            free = child.span.end as usize;
            assert!(free <= end, "{child:?} in {node:?}");
        }
    }
}

fn rows_are_drawn(reply: &Reply, body: &[u8], chance: &mut Rng) {
    let document = &reply.document;
    let elided = rows::elisions(reply, body);
    let open = rows::rows(document, body, &BTreeSet::new());
    let folded: BTreeSet<NodeId> = open.iter().filter_map(Row::container).filter(|_| chance.bool()).collect();
    let closed = rows::rows(document, body, &folded);
    assert!(closed.len() <= open.len(), "folding adds rows");
    for row in open.iter().take(CLOSELY).chain(closed.iter().take(CLOSELY)) {
        rows::label(row, document, body, &elided);
    }
    let hit = rows::find("a", &open, chance.usize(..=open.len()), chance.bool(), document, body, &elided);
    assert!(hit.is_none_or(|row| row < open.len()), "found in a row that is not there");
}

fn pictures_come_again(reply: &Reply, body: &[u8], chance: &mut Rng) {
    let pictures = &reply.pictures;
    assert!(
        pictures.iter().filter(|picture| picture.is_final).count() == usize::from(!pictures.is_empty()),
        "not one final"
    );
    // Each may decode a long text anew.
    for picture in pictures.iter().skip(chance.usize(..=pictures.len() / 8)).take(20) {
        assert!(picture.part < reply.parts.len(), "a picture of no part");
        assert!(picture.data.is_some() != picture.url().is_some(), "a picture has either bytes or a link");
        let again = picture.bytes(reply, body).as_deref().map(Data::of);
        assert!(again == picture.data, "other bytes on the second look: {again:?}");
    }
}

/// The reply in rough features.
fn seen(reply: &Reply, body: &[u8]) -> Vec<u64> {
    let verdict = verdict::judge(reply, body, None, &Ending::Complete);
    let document = &reply.document;
    let parts = &reply.parts;
    let kinds: BTreeSet<&str> = parts.iter().flat_map(|part| part.contents.iter().map(Content::name)).collect();
    let any = |test: fn(&unpeel::wire::part::Part) -> bool| parts.iter().any(test);
    let result = reply.final_picture();
    let sniffed =
        result.and_then(|picture| picture.data.as_ref()).map(|data| (data.sniffed, data.size.is_some(), data.signed));
    let reason =
        reply.finish.first().map(|finish| finish.reason.as_str().map(|r| REASONS.iter().position(|known| *known == r)));
    let errors = reply.error.as_ref().map(|error| {
        let nested = error.nested.as_ref().map(|inner| inner.shape as u8);
        (
            error.shape as u8,
            nested,
            error.retry_after_s().is_some(),
            error.any_request_id().is_some(),
            error.numeric_code().is_some(),
        )
    });
    let fault = document.payloads.iter().find_map(|payload| payload.index.fault).map(|fault| fault.kind as u8);
    let (format, word) = (document.format as u8, verdict.word);
    let payloads = (rough(document.payloads.len()), document.notes.len().min(3));
    let flags = [any(|p| p.thought), any(|p| p.place.recovered), any(|p| !p.whole), any(|p| !p.is_object)];
    let from = result.map(|picture| (picture.from as u8, picture.thought));
    let facts = [reply.block.is_some(), reply.usage.is_some(), reply.title.is_some(), reply.gemini_shaped];
    vec![
        signature(("document", format, document.cut, payloads, fault, word)),
        signature(("parts", kinds, rough(parts.len()))),
        signature(("flags", flags, format, word)),
        signature(("pictures", rough(reply.pictures.len()), from, sniffed, word)),
        signature(("finish", rough(reply.candidates), reason, word, verdict.charged as u8)),
        signature(("facts", facts, format, word)),
        signature(("error", errors, word)),
    ]
}
