//! The pictures of a reply, wherever they were put, and the rule that picks the result.
//!
//! The rule: the first candidate that has the bytes of a picture which is no thought (or, where none has, a link); in it the last `inlineData` picture, else the
//! last data: URI, else the last OpenAI-images entry, else the last hosted link. Where there are only thought pictures, the
//! last one. All others stay in the list.

use super::b64;
use super::blob::{Blob, Data};
use super::embedded::{self, Embedded, Uri};
use super::part::{Content, Part};
use super::reply::{Reply, candidate_key};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// More pictures than this in one reply are an attack, not an answer.
const MOST: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum From {
    HostedUrl,
    OpenaiImage,
    DataUri,
    InlineData,
}

impl From {
    pub fn as_str(self) -> &'static str {
        match self {
            From::HostedUrl => "hostedUrl",
            From::OpenaiImage => "openaiImage",
            From::DataUri => "dataUri",
            From::InlineData => "inlineData",
        }
    }
}

/// Where the bytes can be decoded from again.
#[derive(Debug, Clone, PartialEq)]
enum Locus {
    /// `data` or `b64_json` of a part.
    Field,
    /// Base64 inside the joined text of these parts.
    Text { parts: Arc<[usize]>, uri: Uri },
    /// Not here: behind a link.
    Link(String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub from: From,
    /// Number of the part it begins in.
    pub part: usize,
    pub thought: bool,
    pub candidate: Value,
    /// As declared.
    pub mime: Option<String>,
    /// `None` for a link.
    pub data: Option<Data>,
    pub is_final: bool,
    locus: Locus,
}

impl Picture {
    pub fn url(&self) -> Option<&str> {
        match &self.locus {
            Locus::Link(url) => Some(url),
            Locus::Field | Locus::Text { .. } => None,
        }
    }

    /// The bytes, decoded again from the body. `None` for a link.
    pub fn bytes(&self, reply: &Reply, body: &[u8]) -> Option<Vec<u8>> {
        match &self.locus {
            Locus::Link(_) => None,
            Locus::Field => {
                let json = reply.part_json(body, reply.parts.get(self.part)?)?;
                let data = match self.from {
                    From::OpenaiImage => json.member("b64_json"),
                    _ => json.get(&["inlineData", "inline_data"]).and_then(|inline| inline.member("data")),
                };
                b64::decode(data?.as_str()?.as_bytes())
            }
            Locus::Text { parts, uri } => decode_uri(&joined(reply, body, parts).0, uri),
        }
    }
}

/// Finds all pictures of the parts and marks the final one.
pub fn collect(reply: &Reply, body: &[u8]) -> Vec<Picture> {
    let mut found = Vec::new();
    for (number, part) in reply.parts.iter().enumerate() {
        found.extend(part.contents.iter().filter_map(|content| from_content(content, part, number)));
        found.extend(links(reply, body, part, number));
        if found.len() >= MOST {
            break;
        }
    }
    for run in text_runs(reply) {
        from_text(reply, body, run.into(), &mut found);
    }
    found.truncate(MOST);
    found.sort_by_key(|picture| picture.part);
    mark_final(&mut found);
    found
}

/// Pictures in the joined text of some parts.
fn from_text(reply: &Reply, body: &[u8], run: Arc<[usize]>, found: &mut Vec<Picture>) {
    let (text, ends) = joined(reply, body, &run);
    let cut_at_end = run.last().is_some_and(|&last| !reply.parts[last].whole);
    for uri in embedded::joined_uris(&text, &ends) {
        let cut = cut_at_end && uri.data.end == text.len();
        if found.len() >= MOST || cut {
            return;
        }
        if let Some(bytes) = decode_uri(&text, &uri) {
            let part = run[ends.partition_point(|end| *end <= uri.start).min(run.len() - 1)];
            let mime = Some(text[uri.mime.clone()].to_owned());
            let locus = Locus::Text { parts: Arc::clone(&run), uri };
            found.push(picture(From::DataUri, &reply.parts[part], part, mime, Some(Data::of(&bytes)), locus));
        }
    }
}

fn picture(from: From, part: &Part, number: usize, mime: Option<String>, data: Option<Data>, locus: Locus) -> Picture {
    Picture {
        from,
        part: number,
        thought: part.thought,
        candidate: part.candidate.clone(),
        mime,
        data,
        is_final: false,
        locus,
    }
}

fn from_content(content: &Content, part: &Part, number: usize) -> Option<Picture> {
    match content {
        Content::InlineData(Some(blob)) => {
            Some(picture(From::InlineData, part, number, declared(blob), picture_data(blob), Locus::Field))
        }
        Content::OpenAiImage(blob) => Some(picture(
            From::OpenaiImage,
            part,
            number,
            declared(blob),
            blob.data.clone().filter(|d| d.bytes > 0),
            Locus::Field,
        )),
        Content::OpenAiUrl(Value::String(url)) => {
            return Some(picture(From::OpenaiImage, part, number, None, None, Locus::Link(url.clone())));
        }
        Content::FileData(Some((mime, Value::String(uri))))
            if mime.as_str().is_some_and(|m| m.starts_with("image/")) && uri.starts_with("http") =>
        {
            return Some(picture(
                From::HostedUrl,
                part,
                number,
                mime.as_str().map(str::to_owned),
                None,
                Locus::Link(uri.clone()),
            ));
        }
        _ => None,
    }
    .filter(|picture| picture.data.is_some())
}

fn declared(blob: &Blob) -> Option<String> {
    blob.declared().map(str::to_owned)
}

/// Data that is a picture by its bytes, or is declared one (a new format must not be lost); sound and the like are not.
fn picture_data(blob: &Blob) -> Option<Data> {
    let said = blob.declared().is_some_and(|mime| mime.to_ascii_lowercase().starts_with("image/"));
    blob.data.clone().filter(|data| data.bytes > 0 && (data.sniffed.is_some() || said))
}

/// Hosted pictures in a text: Markdown pictures, links with a picture's file ending, and a text that is one link alone.
fn links<'a>(reply: &'a Reply, body: &'a [u8], part: &'a Part, number: usize) -> impl Iterator<Item = Picture> + 'a {
    let embedded = part.text().map_or(&[][..], |text| &text.embedded);
    embedded.iter().filter_map(move |found| {
        let url = match found {
            Embedded::MarkdownUrl { url, .. } if url.starts_with("http") => url,
            Embedded::BareUrl { url } if embedded::looks_like_picture(url) => url,
            Embedded::BareUrl { url }
                if embedded.len() == 1 && reply.part_text(body, part).is_some_and(|text| text.trim() == url) =>
            {
                url
            }
            _ => return None,
        };
        Some(picture(From::HostedUrl, part, number, None, None, Locus::Link(url.clone())))
    })
}

/// Text parts of one candidate that follow each other: a data: URI may be cut between them.
fn text_runs(reply: &Reply) -> Vec<Vec<usize>> {
    let mut runs: Vec<Vec<usize>> = Vec::new();
    let mut open: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, part) in reply.parts.iter().enumerate() {
        let run = open.entry(candidate_key(&part.candidate)).or_default();
        let same_voice = run.last().is_none_or(|&last| reply.parts[last].thought == part.thought);
        match (part.text(), matches!(part.contents[..], [Content::Empty])) {
            (Some(_), _) if same_voice => run.push(number),
            (Some(_), _) => runs.push(std::mem::replace(run, vec![number])),
            (None, true) => {}
            (None, false) => runs.push(std::mem::take(run)),
        }
    }
    runs.extend(open.into_values());
    runs.retain(|run| !run.is_empty());
    runs.sort_unstable();
    runs
}

/// The text of some parts, and where each ends in it.
fn joined(reply: &Reply, body: &[u8], run: &[usize]) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut ends = Vec::with_capacity(run.len());
    for &number in run {
        text.push_str(&reply.part_text(body, &reply.parts[number]).unwrap_or_default());
        ends.push(text.len());
    }
    (text, ends)
}

fn decode_uri(text: &str, uri: &Uri) -> Option<Vec<u8>> {
    let data = embedded::percent_decode(&text.as_bytes()[uri.data.clone()]);
    b64::decode(&data).filter(|bytes| !bytes.is_empty())
}

fn mark_final(found: &mut [Picture]) {
    let first_candidate =
        found.iter().find(|p| !p.thought && p.data.is_some()).or_else(|| found.iter().find(|p| !p.thought));
    let candidate = first_candidate.map(|p| p.candidate.clone());
    let of_candidate = |p: &&mut Picture| !p.thought && Some(&p.candidate) == candidate.as_ref();
    // max_by_key gives the last of equals, which is the later one of a kind.
    let chosen = match found.iter_mut().filter(of_candidate).max_by_key(|p| p.from) {
        Some(picture) => Some(picture),
        None => found.iter_mut().max_by_key(|p| p.from),
    };
    if let Some(picture) = chosen {
        picture.is_final = true;
    }
}
