//! One dated observation of a route, and how it stands in a line of the evidence file.

use crate::catalog::Level;
use crate::wire::verdict::Word;
use jiff::Timestamp;
use serde_json::{Value, json};

/// What is asked of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `POST /v1beta/models/{model}:generateContent`.
    Generate,
    /// `POST /v1beta/models/{model}:streamGenerateContent?alt=sse`.
    Stream,
    /// `POST /v1/images/generations`, legacy for these models.
    Images,
    /// The model lists.
    Models,
    /// Name, connection, TLS and `GET /api/status`.
    Site,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::Generate, Kind::Stream, Kind::Images, Kind::Models, Kind::Site];

    /// The word in files and tables; for calls the name on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Generate => "generateContent",
            Kind::Stream => "streamGenerateContent",
            Kind::Images => "images/generations",
            Kind::Models => "models",
            Kind::Site => "status",
        }
    }

    pub fn parse(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it is a native call, which can prove a route.
    pub fn is_native(self) -> bool {
        matches!(self, Kind::Generate | Kind::Stream)
    }
}

/// Which route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteId {
    pub profile: String,
    pub kind: Kind,
    /// As sent; empty where the kind has no model.
    pub model: String,
}

impl RouteId {
    /// `production/generateContent/nano-banana-2`.
    pub fn name(&self) -> String {
        let model = if self.model.is_empty() { String::new() } else { format!("/{}", self.model) };
        format!("{}/{}{model}", self.profile, self.kind.word())
    }
}

/// How an observation was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A call of the user's.
    Call,
    FreeProbe,
    PaidProbe,
    /// Somebody else's words.
    Documentation,
}

impl Source {
    const ALL: [Source; 4] = [Source::Call, Source::FreeProbe, Source::PaidProbe, Source::Documentation];

    /// The word in files.
    pub fn word(self) -> &'static str {
        match self {
            Source::Call => "call",
            Source::FreeProbe => "free_probe",
            Source::PaidProbe => "paid_probe",
            Source::Documentation => "documentation",
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Source::Call => "own call",
            Source::FreeProbe => "free probe",
            Source::PaidProbe => "paid probe",
            Source::Documentation => "documentation",
        }
    }
}

/// What an observation says of its route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// A picture came, with its header and its end.
    Picture,
    /// It answered as a working one does, short of a picture: a dry run was accepted, a list or the site's state came.
    Accepted,
    /// A picture came under a wrong shape, as a link, or in part.
    Odd,
    /// It failed, and not by the user's fault; the level says where.
    Failed,
    /// Nothing: a refused prompt, 429, a cancelled call, a path that is not offered.
    Silent,
    /// Somebody else says that it works, or that it does not.
    ClaimedWorking,
    ClaimedBroken,
}

impl Finding {
    const ALL: [Finding; 7] = [
        Finding::Picture,
        Finding::Accepted,
        Finding::Odd,
        Finding::Failed,
        Finding::Silent,
        Finding::ClaimedWorking,
        Finding::ClaimedBroken,
    ];

    /// The word in files.
    pub fn word(self) -> &'static str {
        match self {
            Finding::Picture => "picture",
            Finding::Accepted => "accepted",
            Finding::Odd => "odd",
            Finding::Failed => "failed",
            Finding::Silent => "silent",
            Finding::ClaimedWorking => "claimed_working",
            Finding::ClaimedBroken => "claimed_broken",
        }
    }
}

/// Milliseconds since the observation began; `None` for what was not reached or not told apart.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Phases {
    /// The name was resolved.
    pub dns: Option<f64>,
    /// The connection stood, TLS included where `tls` is none.
    pub connect: Option<f64>,
    /// TLS was agreed on.
    pub tls: Option<f64>,
    /// The request's last byte had left.
    pub sent: Option<f64>,
    pub first_byte: Option<f64>,
    pub done: Option<f64>,
}

/// One dated observation.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Unique; of a call the id of its exchange. A later line with the same id takes the place of an earlier one.
    pub id: String,
    pub route: RouteId,
    /// The profile's environment at that time, such as `production`.
    pub environment: String,
    /// Scheme, host and port that were asked, without a slash at the end; empty when nobody noted it.
    pub origin: String,
    pub at: Timestamp,
    pub source: Source,
    pub status: Option<u16>,
    /// The verdict word of a call, or what a probe got, in a few words.
    pub class: String,
    pub finding: Finding,
    /// Where it failed.
    pub level: Option<Level>,
    /// In the server's words.
    pub reason: String,
    /// Id of the entry in the table of known errors.
    pub known: Option<String>,
    pub phases: Phases,
    /// Where the picture was: `inlineData`, `dataUri`, `hostedUrl`, `openaiImage`.
    pub shape: Option<String>,
    pub pixels: Option<(u32, u32)>,
    /// What was asked for, where the tables know its pixels.
    pub pixels_asked: Option<(u32, u32)>,
    pub model_asked: Option<String>,
    pub model_reported: Option<String>,
    pub request_id: Option<String>,
    /// Id of the exchange in the store.
    pub exchange: Option<String>,
    /// By the dated price table.
    pub expected_usd: Option<f64>,
    /// What the gateway booked.
    pub observed_usd: Option<f64>,
    /// Entries of a list.
    pub count: Option<usize>,
    /// Of a list: whether the profile's model is in it, under any of its names.
    pub lists_model: Option<bool>,
}

impl Evidence {
    /// An observation with nothing in it yet.
    pub fn new(id: String, route: RouteId, at: Timestamp, source: Source) -> Evidence {
        Evidence {
            id,
            route,
            environment: String::new(),
            origin: String::new(),
            at,
            source,
            status: None,
            class: String::new(),
            finding: Finding::Silent,
            level: None,
            reason: String::new(),
            known: None,
            phases: Phases::default(),
            shape: None,
            pixels: None,
            pixels_asked: None,
            model_asked: None,
            model_reported: None,
            request_id: None,
            exchange: None,
            expected_usd: None,
            observed_usd: None,
            count: None,
            lists_model: None,
        }
    }

    /// Whether the model that the server reports is another than was sent, under all names that the tables know.
    pub fn reports_another_model(&self, catalog: &crate::catalog::Catalog) -> bool {
        let same = |name: &str| catalog.resolve(crate::wire::request::bare_model(name)).to_owned();
        self.model_reported.as_deref().is_some_and(|reported| same(reported) != same(&self.route.model))
    }

    /// One line of the evidence file.
    pub fn to_json(&self) -> Value {
        let phases = &self.phases;
        let mut line = json!({
            "id": self.id, "profile": self.route.profile, "kind": self.route.kind.word(), "model": self.route.model,
            "environment": self.environment, "origin": self.origin, "time": self.at.to_string(),
            "source": self.source.word(), "status": self.status, "class": self.class, "finding": self.finding.word(),
            "level": self.level.map(Level::word), "reason": self.reason, "known": self.known,
            "phasesMs": {
                "dns": phases.dns, "connect": phases.connect, "tls": phases.tls, "sent": phases.sent,
                "firstByte": phases.first_byte, "done": phases.done,
            },
            "shape": self.shape, "pixels": self.pixels, "pixelsAsked": self.pixels_asked,
            "modelAsked": self.model_asked, "modelReported": self.model_reported, "requestId": self.request_id,
            "exchange": self.exchange, "expectedUsd": self.expected_usd, "observedUsd": self.observed_usd,
            "count": self.count, "listsModel": self.lists_model,
        });
        strip_nulls(&mut line);
        line
    }

    /// Reads a line back; `None` for one of another kind or from a later version. The first version of the program wrote
    /// `word` and `firstByteMs` in place of `class`, `finding` and `phasesMs`.
    pub fn from_json(line: &Value) -> Option<Evidence> {
        let text = |key: &str| line.get(key).and_then(Value::as_str).map(str::to_owned);
        let usd = |key: &str| line.get(key).and_then(Value::as_f64).filter(|usd| usd.is_finite());
        let route = RouteId {
            profile: text("profile")?,
            kind: Kind::parse(&text("kind")?)?,
            model: text("model").unwrap_or_default(),
        };
        let status = line.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
        let class = text("class").or_else(|| text("word"))?;
        let finding = match text("finding") {
            Some(word) => Finding::ALL.into_iter().find(|finding| finding.word() == word)?,
            None => finding_of(Word::parse(&class)?, status),
        };
        let time = text("time")?;
        let source = text("source").unwrap_or_else(|| Source::Call.word().to_owned());
        let source = Source::ALL.into_iter().find(|known| known.word() == source)?;
        let id = text("id").or_else(|| text("exchange")).unwrap_or_else(|| format!("{time}-{}", route.name()));
        let early = line.get("firstByteMs").and_then(Value::as_f64);
        let ms = |key: &str| line.pointer(&format!("/phasesMs/{key}")).and_then(Value::as_f64);
        Some(Evidence {
            environment: text("environment").unwrap_or_default(),
            origin: text("origin").unwrap_or_default(),
            status,
            class,
            finding,
            level: text("level").and_then(|word| Level::parse(&word)),
            reason: text("reason").unwrap_or_default(),
            known: text("known"),
            phases: Phases {
                dns: ms("dns"),
                connect: ms("connect"),
                tls: ms("tls"),
                sent: ms("sent"),
                first_byte: ms("firstByte").or(early),
                done: ms("done"),
            },
            shape: text("shape"),
            pixels: pair(line.get("pixels")),
            pixels_asked: pair(line.get("pixelsAsked")),
            model_asked: text("modelAsked"),
            model_reported: text("modelReported"),
            request_id: text("requestId"),
            exchange: text("exchange"),
            expected_usd: usd("expectedUsd"),
            observed_usd: usd("observedUsd"),
            count: line.get("count").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok()),
            lists_model: line.get("listsModel").and_then(Value::as_bool),
            ..Evidence::new(id, route, time.parse().ok()?, source)
        })
    }
}

/// What the word of a call says of its route, where nothing more is known: not whether a picture was in a torn reply.
fn finding_of(word: Word, status: Option<u16>) -> Finding {
    match word {
        Word::Image => Finding::Picture,
        Word::ImageLink => Finding::Odd,
        Word::GatewayError | Word::UpstreamError if status == Some(429) => Finding::Silent,
        Word::GatewayError
        | Word::UpstreamError
        | Word::NotJson
        | Word::WrongShape
        | Word::Cut
        | Word::Network
        | Word::Timeout => Finding::Failed,
        Word::Text
        | Word::Blocked
        | Word::NoImage
        | Word::Empty
        | Word::MaxTokens
        | Word::Cancelled
        | Word::Interrupted => Finding::Silent,
    }
}

/// Whether two addresses are the same place. This machine's own ports change with every start of a local gateway.
pub fn same_origin(one: &str, other: &str) -> bool {
    let loopback = |origin: &str| url::Url::parse(origin).is_ok_and(|url| crate::wire::host::is_loopback(&url));
    one == other || (loopback(one) && loopback(other))
}

fn pair(value: Option<&Value>) -> Option<(u32, u32)> {
    let number = |at: usize| value?.get(at)?.as_u64().and_then(|number| u32::try_from(number).ok());
    Some((number(0)?, number(1)?))
}

/// Most fields of most lines are not there.
fn strip_nulls(value: &mut Value) {
    if let Value::Object(map) = value {
        map.retain(|_, value| !value.is_null());
        map.values_mut().for_each(strip_nulls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> RouteId {
        RouteId { profile: "p".into(), kind: Kind::Generate, model: "m".into() }
    }

    #[test]
    fn evidence_survives_the_file() {
        let at = Timestamp::from_second(7).expect("in range");
        let full = Evidence {
            environment: "production".into(),
            origin: "https://h".into(),
            status: Some(200),
            class: "image".into(),
            finding: Finding::Picture,
            level: Some(Level::Upstream),
            reason: "a | b".into(),
            phases: Phases { first_byte: Some(1.5), ..Phases::default() },
            pixels: Some((3, 4)),
            observed_usd: Some(0.1),
            count: Some(1200),
            lists_model: Some(true),
            ..Evidence::new("e1".into(), id(), at, Source::PaidProbe)
        };
        assert_eq!(Evidence::from_json(&full.to_json()), Some(full));
        assert_eq!(Evidence::from_json(&json!({"class": "image"})), None);
    }

    #[test]
    fn lines_of_the_first_version_are_read() {
        let line = json!({"profile": "p", "kind": "generateContent", "model": "m", "time": "2026-11-01T00:00:00Z",
            "word": "gateway_error", "reason": "x", "status": 500, "requestId": null, "firstByteMs": 2.5, "exchange": "e"});
        let read = Evidence::from_json(&line).expect("readable");
        assert_eq!((read.id.as_str(), read.finding, read.phases.first_byte), ("e", Finding::Failed, Some(2.5)));
    }

    #[test]
    fn a_local_gateway_may_change_its_port_and_nobody_else() {
        assert!(same_origin("http://127.0.0.1:4000", "http://localhost:51234"));
        assert!(!same_origin("https://a.example", "https://b.example"));
        assert!(!same_origin("https://a.example", "http://127.0.0.1:1"));
    }
}
