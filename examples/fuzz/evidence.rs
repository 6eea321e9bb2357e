//! Lines of the evidence file: whatever stands in one is left out or read, and what was read is written as it is.

use crate::seeds;
use crate::target::{Target, rough, signature};
use jiff::Timestamp;
use serde_json::Value;
use unpeel::route::evidence::{Evidence, Finding, Kind, Phases, RouteId, Source};

pub const TARGET: Target = Target { name: "evidence", seeds, adapt: seeds::nothing, words: WORDS, run };

const WORDS: &[&str] = &[
    "\"id\":\"",
    "\"profile\":\"",
    "\"kind\":\"",
    "generateContent",
    "streamGenerateContent",
    "images/generations",
    "\"models\"",
    "\"status\"",
    "\"time\":\"",
    "2026-11-22T23:05:00Z",
    "-009999-01-01T00:00:00Z",
    "2026-11-22T23:59:60+01:00",
    "\"source\":\"",
    "free_probe",
    "documentation",
    "\"finding\":\"",
    "picture",
    "claimed_broken",
    "\"level\":\"upstream\"",
    "\"status\":200",
    "\"phasesMs\":{",
    "\"firstByte\":",
    "\"firstByteMs\":2.5",
    "\"dns\":1e308",
    "\"pixels\":[1,2]",
    "\"pixelsAsked\":[4294967296,0]",
    "\"observedUsd\":",
    "\"count\":",
    "\"listsModel\":true",
    "\"word\":\"gateway_error\"",
    "null",
    "\"exchange\":\"e\"",
    "\"reason\":\"",
    "}\n{",
];

fn seeds() -> Vec<Vec<u8>> {
    let old = concat!(
        r#"{"profile":"p","kind":"generateContent","model":"m","time":"2026-11-01T00:00:00Z","word":"gateway_error","#,
        r#""reason":"x","status":500,"requestId":null,"firstByteMs":2.5,"exchange":"e"}"#
    );
    let route = |kind| RouteId { profile: "production".to_owned(), kind, model: "nano-banana-2".to_owned() };
    let sources = [Source::Call, Source::FreeProbe, Source::PaidProbe, Source::Documentation];
    let findings = [Finding::Picture, Finding::Accepted, Finding::Odd, Finding::Failed];
    let lines = Kind::ALL.into_iter().flat_map(|kind| sources.into_iter().zip(findings).map(move |made| (kind, made)));
    let line = |(kind, (source, finding)): (Kind, (Source, Finding))| {
        let evidence = Evidence {
            finding,
            status: Some(200),
            class: "image".to_owned(),
            phases: Phases { dns: Some(0.1), first_byte: Some(1.5), done: Some(9.0), ..Phases::default() },
            pixels: Some((1024, 1024)),
            observed_usd: Some(0.134),
            count: Some(12),
            ..Evidence::new("e1".to_owned(), route(kind), Timestamp::UNIX_EPOCH, source)
        };
        evidence.to_json().to_string()
    };
    let lines: Vec<String> = lines.map(line).collect();
    seeds::of([old, "{}", "", "[1]"]).into_iter().chain(seeds::of([lines.join("\n")])).chain(seeds::of(lines)).collect()
}

fn run(input: &[u8]) -> Vec<u64> {
    let lines: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    let values: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let read: Vec<Evidence> = values.iter().filter_map(Evidence::from_json).collect();
    for evidence in &read {
        let written = evidence.to_json();
        assert!(Evidence::from_json(&written).as_ref() == Some(evidence), "written and read, it is another: {written}");
        // Through text, where a number may lose its last digit.
        let again = serde_json::from_str(&written.to_string()).ok().as_ref().and_then(Evidence::from_json);
        assert!(
            again.is_some_and(|again| again.at == evidence.at && again.route == evidence.route),
            "the line is lost: {written}"
        );
    }
    let counts = signature((rough(lines.len()), rough(values.len()), rough(read.len())));
    read.iter().flat_map(seen).chain([counts]).collect()
}

/// Its words, and which of the fields are there.
fn seen(evidence: &Evidence) -> Vec<u64> {
    let Phases { dns, connect, tls, sent, first_byte, done } = evidence.phases;
    let fields = [
        [dns, connect, tls, sent, done].iter().any(Option::is_some),
        first_byte.is_some(),
        evidence.status.is_some(),
        evidence.pixels.is_some(),
        evidence.pixels_asked.is_some(),
        evidence.expected_usd.is_some() || evidence.observed_usd.is_some(),
        evidence.count.is_some() || evidence.lists_model.is_some(),
        evidence.known.is_some() || evidence.shape.is_some(),
        evidence.route.model.is_empty(),
        evidence.id.is_empty(),
    ];
    let (kind, finding) = (evidence.route.kind.word(), evidence.finding.word());
    let level = evidence.level.map(unpeel::catalog::Level::word);
    let words = [signature((kind, evidence.source.word(), finding)), signature((finding, level))];
    words.into_iter().chain(fields.into_iter().enumerate().map(|field| signature((field, finding)))).collect()
}
