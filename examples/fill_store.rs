//! Fills a state folder with made-up exchanges, the same ones for the same seed: for trying and timing a long history.
//!
//! ```text
//! cargo run --release --example fill_store -- STATE_DIR COUNT [SEED]
//! ```
//!
//! Files have the names, shapes and modes that the store gives them, but are not synced, since nobody paid for them.
//! Most pictures stand in `meta.json` alone; each fiftieth has a small file.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{Cursor, Write};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::Context;
use fastrand::Rng;
use image::{ImageFormat, Rgb, RgbImage};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use unpeel::catalog::Catalog;
use unpeel::history::{Marks, Phase};
use unpeel::store::{Meta, ModelNames, Store, StoredPicture, StoredVerdict, Timings, picture_name};
use unpeel::wire::b64;
use unpeel::wire::blob::{self, Data};
use unpeel::wire::request::{Call, Request};
use unpeel::wire::verdict::{Charged, Word};

/// 2026-11-22T12:00:00Z in milliseconds. All exchanges lie in the 400 days before it.
const END: i64 = 1_795_348_800_000;
const SPREAD: i64 = 400 * 24 * 3_600_000;
/// Most exchanges of a session, most milliseconds from one to the next, and from the first to the last.
const SESSION: usize = 40;
const PAUSE: i64 = 180_000;
const LASTING: i64 = PAUSE * SESSION as i64;
/// Most exchanges of which each was made from the one before.
const CHAIN: usize = 6;
/// Most words of a prompt.
const WORDS: usize = 60;
const PICTURE_FILE_EVERY: usize = 50;

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Name, environment, base.
const PROFILES: [(&str, &str, &str); 3] = [
    ("production", "production", "https://api.crazyrouter.com/"),
    ("google", "Google", "https://generativelanguage.googleapis.com/"),
    ("local", "local 4000", "http://127.0.0.1:4000/"),
];

/// The last one has no price.
const MODELS: [&str; 7] = [
    "nano-banana-2",
    "gemini-3.1-flash-image",
    "gemini-3.1-flash-lite-image",
    "gemini-3-pro-image",
    "gemini-2.5-flash-image",
    "gemini-nano-banana-2.1",
    "house-image-trial",
];

const ASPECTS: [Option<&str>; 5] = [None, Some("1:1"), Some("16:9"), Some("9:16"), Some("3:2")];
const SIZES: [Option<&str>; 4] = [None, Some("1K"), Some("2K"), Some("4K")];

const SUBJECTS: [&str; 12] = [
    "a lighthouse",
    "a red fox",
    "an old tram",
    "two children with kites",
    "a glass teapot",
    "a heron",
    "a paper city",
    "a brass telescope",
    "ein alter Leuchtturm",
    "a market stall",
    "a sleeping dragon",
    "a cello player",
];

const PLACES: [&str; 10] = [
    "on a cliff at dusk",
    "in a birch forest",
    "beside a frozen lake",
    "under a railway bridge",
    "on a kitchen table",
    "in the rain at night",
    "above the clouds at sunrise",
    "in a flooded library",
    "am Rand der Stadt",
    "in front of a white wall",
];

const DETAILS: [&str; 24] = [
    "oil on canvas",
    "soft morning light",
    "wide angle, low horizon",
    "muted greens and greys",
    "seen from far above",
    "long exposure, 35 mm film grain",
    "no text anywhere",
    "thick fog between the trees",
    "a single lamp as the only light",
    "woodcut with two colours",
    "very shallow depth of field",
    "reflections on wet stone",
    "no people",
    "warmer, as in late September",
    "the sky takes two thirds of the picture",
    "fine ink lines over a loose wash",
    "in the manner of a botanical plate",
    "with birds in the distance",
    "much less contrast",
    "雪の夜",
    "au crépuscule, lumière rasante",
    "keep the composition and change the season to winter",
    "a small boat that gives the scale",
    "matte, no gloss and no bloom",
];

const TAGS: [&str; 6] = ["cover", "client-a", "draft", "keep", "print", "test"];
const NOTES: [&str; 4] = ["", "", "the sky is right in this one", "hands are wrong; try again with a seed"];

/// How an exchange may end.
struct Ending {
    /// Of a hundred.
    often: u32,
    word: Word,
    charged: Charged,
    status: Option<u16>,
    reason: &'static str,
}

static ENDINGS: [Ending; 10] = [
    ending(80, Word::Image, Charged::Likely, Some(200), ""),
    ending(4, Word::Blocked, Charged::Unlikely, Some(200), "blockReason PROHIBITED_CONTENT"),
    ending(3, Word::NoImage, Charged::Unknown, Some(200), "finishReason NO_IMAGE"),
    ending(3, Word::Text, Charged::Likely, Some(200), "I can describe this scene, but I cannot draw it."),
    ending(1, Word::MaxTokens, Charged::Likely, Some(200), "finishReason MAX_TOKENS"),
    ending(3, Word::UpstreamError, Charged::Unlikely, Some(503), "The model is overloaded. Please try again later."),
    ending(2, Word::GatewayError, Charged::Unlikely, Some(429), "the quota of this group is used up"),
    ending(1, Word::Network, Charged::Unlikely, None, "the connection was refused"),
    ending(2, Word::Timeout, Charged::Unknown, None, "not a byte for 600 s"),
    ending(1, Word::Cancelled, Charged::Unknown, None, "cancelled here after the request had left; it may be billed"),
];

const fn ending(often: u32, word: Word, charged: Charged, status: Option<u16>, reason: &'static str) -> Ending {
    Ending { often, word, charged, status, reason }
}

impl Ending {
    fn phase(&self) -> Phase {
        match self.word {
            Word::Cancelled => Phase::Cancelled,
            Word::Network | Word::Timeout => Phase::Failed,
            _ => Phase::Done,
        }
    }
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [state, count, rest @ ..] = &arguments[..] else {
        anyhow::bail!("give the state folder and a number of exchanges: fill_store STATE_DIR COUNT [SEED]");
    };
    let count = count.parse::<usize>().with_context(|| format!("{count:?} is no number of exchanges"))?;
    let seed = rest.first().map_or("0", String::as_str);
    let seed = seed.parse::<u64>().with_context(|| format!("{seed:?} is no seed; give a whole number"))?;

    let state = Path::new(state);
    // Makes the folders as they should be.
    Store::open(state)?;
    let mut author = Author { dice: Rng::with_seed(seed), catalog: Catalog::builtin(), pictures: 0 };
    let mut left = count;
    while left > 0 {
        let session = author.session(left)?;
        left -= session.len();
        session.iter().try_for_each(|exchange| write(exchange, &state.join("exchanges")))?;
    }
    println!("{count} exchanges more in {}", state.display());
    Ok(())
}

/// An exchange with all that its folder holds.
struct Exchange {
    meta: Meta,
    request: Vec<u8>,
    body: Option<String>,
    marks: Marks,
    /// The file of its picture.
    png: Option<Vec<u8>>,
}

/// What the exchanges of a session have in common.
struct Session {
    id: String,
    profile: (&'static str, &'static str, &'static str),
    model: &'static str,
    call: Call,
}

/// Makes everything up.
struct Author {
    dice: Rng,
    catalog: Catalog,
    pictures: usize,
}

impl Author {
    /// At least one exchange and at most `most`, oldest first, in chains that were each worked on for a while.
    fn session(&mut self, most: usize) -> anyhow::Result<Vec<Exchange>> {
        let mut time = self.dice.i64(END - SPREAD..END - LASTING);
        let (id, _) = self.id(time)?;
        let call = if self.dice.u8(..6) == 0 { Call::Stream } else { Call::Generate };
        let session = Session { id, profile: self.pick(&PROFILES), model: self.pick(&MODELS), call };
        let length = self.dice.usize(1..=SESSION);
        let mut made: Vec<Exchange> = Vec::new();
        let mut chain = 0;
        let mut request = Request::default();
        for _ in 0..length.min(most) {
            time += self.dice.i64(PAUSE / 10..=PAUSE);
            let former = made.last().filter(|_| chain > 0).map(|former| former.meta.id.clone());
            if former.is_some() {
                self.vary(&mut request);
            } else {
                chain = self.dice.usize(1..=CHAIN);
                request = self.request();
            }
            chain -= 1;
            made.push(self.exchange(&session, time, &request, former)?);
        }
        Ok(made)
    }

    fn exchange(
        &mut self,
        session: &Session,
        time: i64,
        request: &Request,
        parent: Option<String>,
    ) -> anyhow::Result<Exchange> {
        let ending = self.ending();
        let (picture, png) = match ending.word {
            Word::Image => self.picture(session.model, request).map(|(picture, png)| (Some(picture), png))?,
            _ => (None, None),
        };
        let usage = self.usage(ending, &request.prompt);
        let reported = ending.status.filter(|status| *status == 200).map(|_| self.catalog.resolve(session.model));
        let reply = ending.status.map(|_| reply(ending, reported, usage.as_ref(), png.as_deref()));
        let body = reply.map(|reply| match session.call {
            Call::Generate | Call::Images => format!("{reply}\n"),
            Call::Stream => format!("data: {reply}\r\n\r\n"),
        });
        let sent = request.body(&[])?;
        let reported = reported.map(str::to_owned);
        let price = self.catalog.price(session.model, request.image_size.as_deref());
        let (id, time) = self.id(time)?;
        let (profile, environment, base) = session.profile;
        let request_id = ending.status.map(|_| self.dice.u64(10_u64.pow(17)..10_u64.pow(18)).to_string());
        let meta = Meta {
            format: 1,
            id,
            time,
            session: session.id.clone(),
            profile: profile.to_owned(),
            environment: environment.to_owned(),
            base: base.to_owned(),
            kind: session.call.as_str().to_owned(),
            model: ModelNames { asked: session.model.to_owned(), sent: session.model.to_owned(), reported },
            prompt: request.prompt.clone(),
            parameters: serde_json::to_value(request)?,
            phase: ending.phase(),
            status: ending.status,
            headers: request_id.iter().map(|id| ("x-request-id".to_owned(), id.clone())).collect(),
            request_id,
            timings_ms: self.timings(ending),
            up_bytes: if ending.word == Word::Network { 0 } else { sent.len() as u64 },
            down_bytes: body.as_ref().map_or(0, |body| body.len() as u64),
            verdict: Some(verdict(ending, picture.as_ref())),
            usage,
            cost_usd: price.filter(|_| picture.is_some()).map(|price| price.usd),
            pictures: picture.into_iter().collect(),
            parent,
            pid: self.dice.u32(1_000..60_000),
            ..Meta::default()
        };
        Ok(Exchange { meta, request: sent, body, marks: self.marks(), png })
    }

    /// An id as the store gives them, and its time.
    fn id(&mut self, milliseconds: i64) -> anyhow::Result<(String, Timestamp)> {
        let time = Timestamp::from_millisecond(milliseconds)?;
        let letters: String = (0..6).map(|_| char::from(self.pick(LETTERS))).collect();
        Ok((format!("{}-{letters}", time.strftime("%Y%m%dT%H%M%S.%3fZ")), time))
    }

    fn ending(&mut self) -> &'static Ending {
        let mut roll = self.dice.u32(..ENDINGS.iter().map(|ending| ending.often).sum::<u32>());
        let hit = ENDINGS.iter().find(|ending| {
            let hit = roll < ending.often;
            roll = roll.saturating_sub(ending.often);
            hit
        });
        hit.unwrap_or(&ENDINGS[0])
    }

    fn request(&mut self) -> Request {
        Request {
            prompt: self.prompt(),
            aspect_ratio: self.pick(&ASPECTS).map(str::to_owned),
            image_size: self.pick(&SIZES).map(str::to_owned),
            seed: self.dice.bool().then(|| self.dice.i64(0..1_000_000)),
            ..Request::default()
        }
    }

    fn prompt(&mut self) -> String {
        let wanted = self.dice.usize(5..=WORDS);
        let mut prompt = format!("{} {}", self.pick(&SUBJECTS), self.pick(&PLACES));
        while prompt.split_whitespace().count() < wanted {
            prompt = format!("{prompt}, {}", self.pick(&DETAILS));
        }
        first_words(&prompt, wanted)
    }

    /// What somebody does who looks at the picture and tries again.
    fn vary(&mut self, request: &mut Request) {
        let detail = self.pick(&DETAILS);
        let mut phrases: Vec<&str> = request.prompt.split(", ").collect();
        if phrases.len() > 1 && self.dice.bool() {
            let at = self.dice.usize(1..phrases.len());
            phrases[at] = detail;
        } else {
            phrases.push(detail);
        }
        request.prompt = first_words(&phrases.join(", "), WORDS);
        if self.dice.u8(..4) == 0 {
            request.image_size = self.pick(&SIZES).map(str::to_owned);
        }
    }

    /// What is kept about a picture, and the file of some.
    fn picture(&mut self, model: &str, request: &Request) -> anyhow::Result<(StoredPicture, Option<Vec<u8>>)> {
        self.pictures += 1;
        let png = if self.pictures.is_multiple_of(PICTURE_FILE_EVERY) { Some(self.png()?) } else { None };
        let (bytes, sha256, size) = match png.as_deref().map(Data::of) {
            Some(data) => (data.bytes as u64, data.sha256, data.size),
            None => {
                let mut hash = [0; 32];
                self.dice.fill(&mut hash);
                let size = self.catalog.pixels(request.aspect_ratio.as_deref(), request.image_size.as_deref());
                (self.dice.u64(400_000..2_500_000), blob::hex(&hash), size)
            }
        };
        let picture = StoredPicture {
            file: format!("parts/{}.png", picture_name(1, model, &request.prompt)),
            from: "inlineData".to_owned(),
            mime: "image/png".to_owned(),
            bytes,
            sha256,
            size,
            final_: true,
            number: None,
        };
        Ok((picture, png))
    }

    fn png(&mut self) -> anyhow::Result<Vec<u8>> {
        let colour = Rgb([self.dice.u8(..), self.dice.u8(..), self.dice.u8(..)]);
        let mut png = Cursor::new(Vec::new());
        RgbImage::from_pixel(48, 32, colour).write_to(&mut png, ImageFormat::Png)?;
        Ok(png.into_inner())
    }

    fn usage(&mut self, ending: &Ending, prompt: &str) -> Option<Value> {
        let output = match ending.word {
            Word::Image => self.dice.u64(1_120..1_700),
            Word::Text | Word::MaxTokens => self.dice.u64(20..400),
            Word::Blocked | Word::NoImage => 0,
            _ => return None,
        };
        let input = prompt.len() as u64 / 4;
        Some(json!({
            "promptTokenCount": input,
            "candidatesTokenCount": output,
            "totalTokenCount": input + output,
        }))
    }

    fn timings(&mut self, ending: &Ending) -> Timings {
        let mut clock = 0_u32;
        let mut after = |range: Range<u32>| {
            clock += self.dice.u32(range);
            f64::from(clock)
        };
        let connected = ending.word != Word::Network;
        Timings {
            connect: connected.then(|| after(20..150)),
            sent: connected.then(|| after(1..9)),
            first_byte: ending.status.map(|_| after(2_000..25_000)),
            done: Some(after(5..1_500)),
        }
    }

    /// Few exchanges are marked.
    fn marks(&mut self) -> Marks {
        if self.dice.u8(..100) >= 12 {
            return Marks::default();
        }
        Marks {
            star: self.dice.bool(),
            rating: self.dice.u8(..=5),
            tags: TAGS.iter().filter(|_| self.dice.u8(..4) == 0).map(|tag| (*tag).to_owned()).collect(),
            note: self.pick(&NOTES).to_owned(),
            ..Marks::default()
        }
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.dice.usize(..list.len())]
    }
}

fn first_words(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().take(most).collect();
    words.join(" ").trim_end_matches(',').to_owned()
}

fn verdict(ending: &Ending, picture: Option<&StoredPicture>) -> StoredVerdict {
    let described = picture.map(|picture| {
        let size = picture.size.map_or_else(String::new, |(width, height)| format!(" {width}×{height}"));
        format!("{}{size}, {} bytes", picture.mime, picture.bytes)
    });
    StoredVerdict {
        word: ending.word.as_str().to_owned(),
        reason: described.unwrap_or_else(|| ending.reason.to_owned()),
        charged: ending.charged.as_str().to_owned(),
    }
}

/// A small body of the shape that belongs to the ending; a picture without a file has a stub of its data there.
fn reply(ending: &Ending, model: Option<&str>, usage: Option<&Value>, png: Option<&[u8]>) -> Value {
    let finished = |reason: &str, parts: Value| {
        json!({
            "candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": reason, "index": 0}],
            "usageMetadata": usage,
            "modelVersion": model,
        })
    };
    match ending.word {
        Word::Image => {
            let data = b64::encode(png.unwrap_or(b"\x89PNG\r\n\x1a\n"));
            finished("STOP", json!([{"inlineData": {"mimeType": "image/png", "data": data}}]))
        }
        Word::Text => finished("STOP", json!([{"text": ending.reason}])),
        Word::MaxTokens => finished("MAX_TOKENS", json!([])),
        Word::NoImage => finished("NO_IMAGE", json!([])),
        Word::Blocked => json!({
            "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
            "usageMetadata": usage,
            "modelVersion": model,
        }),
        Word::UpstreamError => {
            json!({"error": {"code": ending.status, "message": ending.reason, "status": "UNAVAILABLE"}})
        }
        _ => json!({"error": {"code": "quota_exceeded", "message": ending.reason, "type": "gateway_error"}}),
    }
}

fn write(exchange: &Exchange, exchanges: &Path) -> anyhow::Result<()> {
    let folder = exchanges.join(&exchange.meta.id);
    make_folder(&folder)?;
    make_file(&folder.join("request.json"), &exchange.request)?;
    make_file(&folder.join("meta.json"), &pretty_json(&exchange.meta)?)?;
    if let Some(body) = &exchange.body {
        make_file(&folder.join("body"), body.as_bytes())?;
    }
    if exchange.marks != Marks::default() {
        make_file(&folder.join("marks.json"), &pretty_json(&exchange.marks)?)?;
    }
    if let (Some(png), Some(picture)) = (&exchange.png, exchange.meta.pictures.first()) {
        make_folder(&folder.join("parts"))?;
        make_file(&folder.join(&picture.file), png)?;
    }
    Ok(())
}

fn pretty_json(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(value)?;
    json.push(b'\n');
    Ok(json)
}

fn make_folder(path: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().mode(0o700).create(path);
    made.with_context(|| format!("{} is not made; another seed gives other names", path.display()))
}

fn make_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes)).with_context(|| format!("{} is not written", path.display()))
}
